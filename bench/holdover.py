"""How far off a board's time is: locked, acquiring, and in an hour of holdover, on the virtual board against the truth.

The crystal drifts in the lost hour as fast and as far as docs/time.md allows. "at once" counts only the records written
before the passage, as a host that follows live has them; "afterwards" counts all of them.
"""

from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.proof import Held, fetch, held, held_at_crossing
from centesimo_virtual.scenario import NS, Crossing, Crystal, Outage, Receiver, Scenario

START_NS = 1_777_000_000 * NS  # 2026-04-24 03:06:40 UTC
FIX_S = 300  # 5 min until the first fix: cars before it are timed backwards
LOST_S, FOUND_S = 1500, 5100  # the hour without a fix
END_S = 5700
EVERY_S = 1.7000137  # so that cars come at all parts of a microsecond
DRIFT_PPM, DRIFT_S = 9.0, 1000
READY_S = 600.0


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit): min, 50 %, 99 % and max of |error|, and its largest share of what is stated."""
    scenario = scenario_of_a_lost_hour()
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(READY_S)
        records = fetch(board)
    afterwards, at_once = held(scenario, records), held_at_crossing(scenario, records)
    figures = _figures("acquiring, afterwards", _between(afterwards, 0, FIX_S))
    figures += _figures("locked, at once", _between(at_once, FIX_S + 60, LOST_S))
    figures += _figures("locked, afterwards", _between(afterwards, FIX_S + 60, LOST_S))
    figures += _figures("holdover of 1 h, at once", _between(at_once, LOST_S, FOUND_S))
    figures += _figures("holdover of 1 h, afterwards", _between(afterwards, LOST_S, FOUND_S))
    return figures


def scenario_of_a_lost_hour() -> Scenario:
    """Return 95 minutes with a car every EVERY_S, a cold start, and an hour without a fix and with a drift."""
    cars = int((END_S - 10) / EVERY_S)
    drift = ((0.0, 12.0), (float(LOST_S), 12.0), (float(LOST_S + DRIFT_S), 12.0 + DRIFT_PPM))
    return Scenario(
        START_NS,
        END_S,
        crystal=Crystal(drift),
        receiver=Receiver(silent_s=2, fix_s=FIX_S, outages=(Outage(LOST_S, FOUND_S),)),
        crossings=tuple(Crossing(START_NS + round((3 + n * EVERY_S) * NS), 1 + n % 4, bounces=0) for n in range(cars)),
    )


def _between(stamps: list[Held], from_s: float, to_s: float) -> list[Held]:
    return [stamp for stamp in stamps if from_s <= (stamp.true_at_ns - START_NS) / NS < to_s]


def _figures(what: str, stamps: list[Held]) -> list[tuple[str, float, str]]:
    errors = sorted(abs(stamp.error_ns) / 1000 for stamp in stamps)
    places = (("min", 0), ("50 %", len(errors) // 2), ("99 %", len(errors) * 99 // 100), ("max", len(errors) - 1))
    figures = [(f"{what}: |error|, {name}", errors[place], "us") for name, place in places]
    used = max(100 * abs(stamp.error_ns) / stamp.uncertainty_ns for stamp in stamps)
    return [*figures, (f"{what}: most of the stated uncertainty used, of {len(stamps)}", used, "%")]


if __name__ == "__main__":
    from bench.__main__ import main

    main(["holdover"])
