"""A scenario becomes timelines, one a boot, in the board's own counter time, as chip/world.py reads them."""

import heapq
import random
from collections.abc import Iterator
from typing import NamedTuple

from centesimo_virtual.receiver import Happening, happenings
from centesimo_virtual.scenario import (
    AT_ONCE,
    IN_PROGRAM,
    NS,
    Boot,
    Crossing,
    Scenario,
    Stuck,
    after,
    boots,
    check,
    counter_us,
)

TRACK_MS = (3.2, 5.2)  # from the near to the far wheel: 1.1 to 1.8 m of tube
BOUNCE_MS = (0.4, 3.0)  # from one contact of a wheel to the next


class Segment(NamedTuple):
    """One boot's timeline; `end_us` is the counter at its end."""

    boot: Boot
    end_us: int
    lines: Iterator[str]


def timeline(scenario: Scenario) -> list[Segment]:
    """Return the segments of a scenario, one a boot, its lines made when asked for; ScenarioError if it is wrong."""
    check(scenario)
    return [Segment(boot, counter_us(scenario, boot, boot.to_ns), _lines(scenario, boot)) for boot in boots(scenario)]


def contacts(crossing: Crossing, seed: int) -> list[int]:
    """Return the instants (ns) of all edges that one car makes, the first at its true_at_ns."""
    rng = random.Random(f"{seed} {crossing.true_at_ns} {crossing.input}")
    axle_ns = round(crossing.wheelbase_m * 3.6 / crossing.speed_kmh * NS)
    ats_ns = []
    for axle_at_ns in (crossing.true_at_ns, crossing.true_at_ns + axle_ns):
        for wheel_ns in (0, round(rng.uniform(*TRACK_MS) * 1_000_000)):
            at_ns = axle_at_ns + wheel_ns
            ats_ns.append(at_ns)
            for _ in range(rng.randint(0, crossing.bounces)):
                at_ns += round(rng.uniform(*BOUNCE_MS) * 1_000_000)
                ats_ns.append(at_ns)
    return sorted(ats_ns)


def _lines(scenario: Scenario, boot: Boot) -> Iterator[str]:
    merged = heapq.merge(happenings(scenario, boot), _edges(scenario, boot), _power(scenario, boot))
    for at_ns, kind, text in merged:
        if boot.from_ns <= at_ns <= boot.to_ns:
            yield f"{counter_us(scenario, boot, at_ns)} {kind} {text}".rstrip() + "\n"


def _edges(scenario: Scenario, boot: Boot) -> list[Happening]:
    touched = [
        (at_ns, crossing.input) for crossing in scenario.crossings for at_ns in contacts(crossing, scenario.seed)
    ]
    touched += [(ghost.true_at_ns, ghost.input) for ghost in scenario.ghosts]
    happenings: list[Happening] = []
    for at_ns, number in touched:
        if not any(_holds(scenario, stuck, at_ns, number) for stuck in scenario.stuck) and at_ns < boot.until_ns:
            happenings.append((at_ns, "E", str(number)))
    for stuck in scenario.stuck:
        from_ns, to_ns = after(scenario, stuck.from_s), after(scenario, stuck.to_s)
        if from_ns < boot.to_ns and to_ns > boot.from_ns:
            happenings.append((max(from_ns, boot.from_ns), "C", f"{stuck.input} 1"))
            happenings.append((to_ns, "C", f"{stuck.input} 0"))
            happenings.append((from_ns, "E", str(stuck.input)))
    for press in scenario.presses:
        begin_ns, end_ns = after(scenario, press.at_s), after(scenario, press.at_s + press.for_s)
        happenings += [(begin_ns, "B", "1"), (end_ns, "B", "0")]
    return sorted(happenings)


def _holds(scenario: Scenario, stuck: Stuck, at_ns: int, number: int) -> bool:
    """Say whether an input's contact is held closed at an instant, so that no wheel makes an edge there."""
    return stuck.input == number and after(scenario, stuck.from_s) <= at_ns < after(scenario, stuck.to_s)


def _power(scenario: Scenario, boot: Boot) -> list[Happening]:
    happenings: list[Happening] = []
    true_s = scenario.true_time_from_s
    if true_s is not None and after(scenario, true_s) < boot.to_ns:
        happenings.append((max(after(scenario, true_s), boot.from_ns), "Z", ""))
    if boot.cut is None:
        if not happenings:
            happenings.append((boot.to_ns, "Z", ""))
        return happenings
    if boot.cut.within != AT_ONCE:
        within = f"program {boot.cut.written}" if boot.cut.within == IN_PROGRAM else "erase"
        happenings.append((boot.until_ns, "X", within))
    happenings.append((boot.to_ns, "X", ""))
    return sorted(happenings)
