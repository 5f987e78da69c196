"""The day of bench/live.py: bench/day.py's, up to this minute; one more board is live, and two trials lead over it."""

from datetime import UTC, datetime
from pathlib import Path

from bench.day import CHAIN_EVERY_MIN, make_day
from centesimo_virtual.scenario import Crossing, Receiver, Scenario, swinging_crystal

CREWS, CHAINS = 400, 50  # 100,000 passages
LIVE_BOARD = "00000000000000ff"
DUE_MIN = CREWS + CHAINS * CHAIN_EVERY_MIN + 10  # after its start a crew is due at the live board: all else is over
BEFORE_S, LEAD_S, LASTS_S = 240, 30, 4000
NS = 10**9
POINTS = {"Z1": 0, "Z2": 30, "Z3": 75, "Z4": 105}  # when a crew is there, in s after it is due at the first


def make(folder: Path, now_s: int) -> int:
    """Write the event and its store; return when the first crew is due at the live board, in s UTC."""
    due_s = -(-(now_s + LEAD_S) // 60) * 60
    first_s = due_s - DUE_MIN * 60
    make_day(folder, CREWS, CHAINS, first_s=first_s)
    first = datetime.fromtimestamp(first_s, UTC)
    path = folder / "event.toml"
    text = path.read_text().replace("date = 2027-05-15", f"date = {first:%Y-%m-%d}")
    path.write_text(text.replace("first = 06:00:00", f"first = {first:%H:%M:%S}") + _live_toml())
    return due_s


def _live_toml() -> str:
    points = (
        f'[[timing_point]]\nid = "{point}"\nplace = "live"\nboard = "{LIVE_BOARD}"\ninput = {number}\n'
        for number, point in enumerate(POINTS, 1)
    )
    trials = (
        f'[[control]]\nid = "PC{opens}"\nkind = "timed trial"\nleg = "L1"\nopens = "{opens}"\ncloses = "{closes}"\n'
        f"ideal_s = 30\nafter_min = {after_min}\n"
        for opens, closes, after_min in (("Z1", "Z2", DUE_MIN), ("Z3", "Z4", DUE_MIN + 1))
    )
    return "\n".join(["", *points, *trials])


def crossings(due_s: int, until_s: int) -> list[Crossing]:
    """Return the cars over the live board's tubes, one every 15 s."""
    cars = (
        (due_s + crew * 60 + after_s, number)
        for crew in range(CREWS)
        for number, after_s in enumerate(POINTS.values(), 1)
    )
    return [Crossing(at_s * NS, number, 40.0, 2.5) for at_s, number in sorted(cars) if at_s < until_s]


def scenario(now_s: int, cars: list[Crossing]) -> Scenario:
    """Return what the live board lives: on since some minutes, with a fix, in true time from now on."""
    return Scenario(
        start_utc_ns=(now_s - BEFORE_S) * NS,
        duration_s=BEFORE_S + LASTS_S,
        true_time_from_s=BEFORE_S,
        board_id=LIVE_BOARD,
        crystal=swinging_crystal(ppm=4.0, swing_ppm=0.5, period_s=2400, duration_s=BEFORE_S + LASTS_S),
        receiver=Receiver(silent_s=2, fix_s=20, ubx=True, leap_known_s=40),
        crossings=tuple(cars),
        seed=1,
    )
