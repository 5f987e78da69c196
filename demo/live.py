"""A day that you can watch: `python -m demo.live`, or `make live`. Four virtual boards live it now, in true time.

The demo's road with its two races, moved to this minute and drawn together: a crew every 15 or 20 seconds, the first
one at the time control a minute and a half from now, the last one home some twelve minutes later. `centesimo serve`
follows the boards and the pages change as cars cross the tubes. Beside the first tube of each chain and at the time
control somebody keys the number of each car: crews so close together are nobody's by their times alone. A list would
not do while it grows: as long as it is one line short, any line may be the one that is missing, and places come and go.
Ctrl-C ends all.
"""

import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from centesimo.store import Store
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Receiver, Scenario, swinging_crystal
from demo.day import CS, HISTORIC, INPUT_BY_POINT, MINUTE, NS, POINTS_BY_BOARD, TRIALS, TRIBUTE

WORK = Path("build/live")
EVENT = WORK / "event"
SOURCE = Path(__file__).with_name("event")
ZONE = ZoneInfo("Europe/Rome")
INTERVAL_S = {"tribute": 15, "historic": 20}
CONTROL_MIN, CHAIN_A_MIN, CHAIN_B_MIN = 1, 2, 4  # after each crew's start
LEAD_NS = 30 * NS  # from now until the first crew starts, at least
BEFORE_S = 240  # so long ago the boards were switched on; that part runs at once
AFTER_S = 3600  # how long they live on
READY_S = 120.0
KEYED_AT = ("C1", "A1", "B1")  # where somebody keys numbers
KEYED_NS = 1_500_000_000  # so long after each car
ADDRESS = re.compile(r"http://\S+")

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Switch the boards on, serve, and wait for Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the boards and the server end with it
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(SOURCE, EVENT, ignore=shutil.ignore_patterns("lists"))
    now_ns = time.time_ns()
    first_ns = -(-(now_ns + LEAD_NS) // MINUTE) * MINUTE
    starts = start_times(first_ns)
    text = (EVENT / "event.toml").read_text(encoding="utf-8")
    (EVENT / "event.toml").write_text(moved(text, first_ns, starts), encoding="utf-8")
    crossings = instants(starts)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        console.print("Four virtual boards: the real firmware, switched on four minutes ago")
        boards = [
            stack.enter_context(VirtualBoard(scenario, port_link=WORK / f"board{place}", in_step=True))
            for place, scenario in enumerate(scenarios(crossings, now_ns), 1)
        ]
        for board in boards:
            board.wait_until_ready(READY_S)
        start = datetime.fromtimestamp(first_ns // NS, ZONE)
        console.print(f"The first crew starts at {start:%H:%M:%S} and is at the time control a minute later.")
        threading.Thread(target=_key, args=(crossings,), daemon=True).start()
        return _serve([board.port for board in boards])
    return 0


def _serve(ports: Sequence[str]) -> int:
    """Run the real command, open the page, and show what it says until it ends."""
    command = [str(Path(sys.executable).with_name("centesimo")), "serve", str(EVENT)]
    command += [word for port in ports for word in ("--collect", port)]
    console.print(f"\n$ {' '.join(command)}", style="bold")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                console.print(line.rstrip())
                if address := ADDRESS.search(line):
                    webbrowser.open(address[0])
        except KeyboardInterrupt:
            process.terminate()
        return process.wait()


def _key(at_ns: dict[tuple[int, str], int]) -> None:
    """Key who passed, car by car, as marshals would."""
    with closing(Store.of_event(EVENT)) as store:
        for keyed_ns, number, point in keyed(at_ns):
            time.sleep(max(0.0, (keyed_ns - time.time_ns()) / NS))
            store.key(point, number, keyed_ns, "marshal", f"phone at {point}", source="keyed")


def keyed(at_ns: dict[tuple[int, str], int]) -> list[tuple[int, int, str]]:
    """Return when people key which number at which timing point, in the order of time."""
    return sorted((passed_ns + KEYED_NS, *key) for key, passed_ns in at_ns.items() if key[1] in KEYED_AT)


def start_times(first_ns: int) -> dict[int, int]:
    """Return when each crew starts, by start number: the tribute first, the historic cars behind it."""
    tribute = {number: first_ns + place * INTERVAL_S["tribute"] * NS for place, number in enumerate(TRIBUTE)}
    behind_ns = first_ns + 3 * MINUTE
    return tribute | {number: behind_ns + place * INTERVAL_S["historic"] * NS for place, number in enumerate(HISTORIC)}


def moved(text: str, first_ns: int, starts: dict[int, int]) -> str:
    """Return event.toml with the day, the starts and the due times of now."""
    day = datetime.fromtimestamp(first_ns // NS, ZONE)
    for race, before, number in (("tribute", "08:30:00", next(iter(TRIBUTE))), ("historic", "08:36:00", 101)):
        first = datetime.fromtimestamp(starts[number] // NS, ZONE)
        interval_s = 30 if race == "tribute" else 60
        old = f"first = {before}\ninterval_s = {interval_s}"
        assert old in text
        text = text.replace(old, f"first = {first:%H:%M:%S}\ninterval_s = {INTERVAL_S[race]}")
    text = text.replace("date = 2027-05-15", f"date = {day:%Y-%m-%d}")
    for before_min, after_min in ((10, CONTROL_MIN), (14, CHAIN_A_MIN), (25, CHAIN_B_MIN)):
        text = text.replace(f"after_min = {before_min}\n", f"after_min = {after_min}\n")
    return text


def instants(starts: dict[int, int], seed: int = 1927) -> dict[tuple[int, str], int]:
    """Return when each crew crosses each tube, by start number and timing point."""
    rng = random.Random(seed)
    at_ns: dict[tuple[int, str], int] = {}
    for number, start_ns in starts.items():
        at_ns[number, "C1"] = start_ns + CONTROL_MIN * MINUTE + rng.randrange(2 * NS, 12 * NS)
        at_ns[number, "A1"] = start_ns + CHAIN_A_MIN * MINUTE + rng.randrange(-2 * NS, 2 * NS)
        at_ns[number, "B1"] = start_ns + CHAIN_B_MIN * MINUTE + rng.randrange(-2 * NS, 2 * NS)
        skill_cs = rng.choice((2, 6, 15))
        for _, opens, closes, ideal_cs in TRIALS:
            at_ns[number, closes] = at_ns[number, opens] + ideal_cs * CS + round(rng.gauss(0, skill_cs * CS))
    return at_ns


def scenarios(at_ns: dict[tuple[int, str], int], now_ns: int) -> list[Scenario]:
    """Return what the four boards live: on since BEFORE_S, with a fix, in true time from now on."""
    rng = random.Random(1)
    return [
        Scenario(
            start_utc_ns=now_ns - BEFORE_S * NS,
            duration_s=BEFORE_S + AFTER_S,
            true_time_from_s=BEFORE_S,
            board_id=board,
            crystal=swinging_crystal(ppm=4.0, swing_ppm=0.5, period_s=2400, duration_s=BEFORE_S + AFTER_S),
            receiver=Receiver(silent_s=2, fix_s=20, ubx=True, leap_known_s=40),
            crossings=tuple(
                Crossing(passed_ns, INPUT_BY_POINT[point], rng.uniform(28, 55), rng.uniform(2.3, 2.9), bounces=2)
                for (_, point), passed_ns in at_ns.items()
                if point in points
            ),
            seed=place,
        )
        for place, (board, points) in enumerate(POINTS_BY_BOARD.items())
    ]


if __name__ == "__main__":
    sys.exit(main())
