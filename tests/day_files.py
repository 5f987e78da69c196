"""Golden days as files that a person can read: an event, its passages with whose they are, the lists.

The generator (days.py) writes them from what it knows, never from what the solver says: python tests/day_files.py
writes them all again. A passage stands as "instant, crew, flags, axle gap": the instant in UTC, crew 0 for nobody's.
What is expected follows from the truth alone: every passage of a crew is its own. It may stay a question ("or open")
from where two cars came within 3 s of each other, where a car lost seconds on a chain or crossed a tube twice, where
one came late on its own when another was due or would be, where one gave up behind its first tube, and where an axle
is missing, or its line on a list; at a time control's tube, where crews come anywhere in their minute, within 15 s of
another and next to one that was not seen.
"""

import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import Listed, MarshalList, Passage
from simulate.days import FIRST_NS, NONE, S_NS, Day, Plan, day

FOLDER = Path(__file__).parent / "golden"
TOGETHER_NS = 3 * S_NS
STOPPED_NS = 5 * S_NS
CROSSED_NS = 18 * S_NS
CLOSE_NS = 15 * S_NS
DAYS: dict[str, tuple[str, Plan]] = {
    "plain": ("Nothing goes wrong.", Plan(31, crews=8, chains=(3, 2))),
    "ghosts": (
        "Pulses of nobody, and pulses missing.",
        Plan(32, 12, 0, (3, 2), faults=NONE._replace(ghost=0.1, missing=0.05)),
    ),
    "late": (
        "Crews are late on their own, some more with each chain.",
        Plan(33, 14, 0, (3, 3), faults=NONE._replace(late=0.1)),
    ),
    "delay": ("The field is held up.", Plan(34, 12, 0, (3, 2), 30, faults=NONE._replace(delay=1.0))),
    "absent": (
        "Crews do not start, or give up.",
        Plan(42, 14, 0, (3, 3), faults=NONE._replace(absent=0.08, retired=0.05)),
    ),
    "together": (
        "Cars come together, and a list tells them apart or not.",
        Plan(36, 12, 0, (3, 2), faults=NONE._replace(twin=0.2), listed=("T1b",)),
    ),
    "again": ("Cars drive a chain again.", Plan(37, 10, 0, (3,), faults=NONE._replace(again=0.2))),
    "stopped": (
        "Cars stop on a chain; lists find them again.",
        Plan(38, 12, 0, (4,), faults=NONE._replace(lost=0.2), listed=("T1c", "T1d")),
    ),
    "slips": (
        "Lists with misread, doubled, exchanged and missing lines.",
        Plan(39, 16, 0, (3, 2), faults=NONE._replace(list_=0.15), listed=("T1a", "T1c", "T2a")),
    ),
    "two-races": ("Two races on the same tubes.", Plan(40, 8, 6, (3, 2))),
    "deaf": (
        "Tubes stamp nothing while some crews pass.",
        Plan(43, 14, 0, (4, 3), faults=NONE._replace(deaf=0.4)),
    ),
    "escort": (
        "Motorcycles and organisers' cars drive the chains, before the first crew and between crews.",
        Plan(44, 12, 0, (3, 3), faults=NONE._replace(escort=0.08)),
    ),
    "crossed": (
        "Cars stop at a tube, reverse over it and cross it again.",
        Plan(47, 10, 0, (3, 2), faults=NONE._replace(crossed=0.1)),
    ),
    "control": (
        "Time controls at tubes of their own, deaf for some crews.",
        Plan(53, 10, 0, (2, 2), faults=NONE._replace(deaf=0.3), tubed=True),
    ),
    "reversed": (
        "A regroup sends them back in reverse order; two lists.",
        Plan(41, 10, 0, (2, 3), listed=("T2a", "T2c"), reversed_chain=1),
    ),
}


class Golden(NamedTuple):
    """One day as its file tells it."""

    event: Event
    passages: list[Passage]
    lists: list[MarshalList]
    crew_by_id: dict[str, int]  # 0: nobody's
    or_open: set[str]  # passages that may stay a question


def text_of(title: str, plan: Plan, made: Day) -> str:
    """Return a day as the text of its file."""
    may_be_open = uncertain(plan, made)
    lines = [f"# {title} Written by tests/day_files.py, seed {plan.seed}.", f'title = "{title}"', ""]
    for race in made.event.races:
        start, numbers = race.starts[0], [one.start_number for one in made.event.entries if one.race == race.id]
        lines += [
            f"[race.{race.id}]",
            f'first = "{_clock(start.first_at_ns)}"',
            f"interval_s = {start.interval_ns // S_NS}",
        ]
        lines += [f"crews = {numbers}", ""]
    for control in made.event.controls:
        after = [] if control.after_ns is None else [f"after_s = {control.after_ns // S_NS}"]
        if control.opens is None:
            lines += ["[[control]]", f'id = "{control.id}"', f'at = "{control.closes}"', *after]
            continue
        lines += ["[[trial]]", f'id = "{control.id}"', f'from = "{control.opens}"', f'to = "{control.closes}"']
        lines += [f"ideal_cs = {control.ideal_cs}", *after]
    lines += [
        "",
        "[lists]",
        *(f"{one.timing_point} = {[line.start_number for line in one.lines]}" for one in made.lists),
    ]
    lines += ["", "[passages]"]
    for point in made.event.timing_points:
        lines += [f"{point.id} = ["]
        for one in made.passages:
            if one.timing_point == point.id:
                number = 0 if one.id in made.again else made.truth[one.id] or 0
                words = [_clock(one.at_ns or 0), f"{number:>3}", "or open" if one.id in may_be_open else ""]
                words += [*one.flags, f"axles {one.axle_ns // 10**6} ms" if one.axle_ns else ""]
                lines += [f'  "{", ".join(word for word in words if word)}",']
        lines += ["]"]
    return "\n".join(lines) + "\n"


def uncertain(plan: Plan, made: Day) -> set[str]:
    """Return the ids of passages that may stay a question, by the truth alone: what the file's first words say."""
    listed = {one.timing_point: {line.start_number for line in one.lines} for one in made.lists}
    doubtful: set[int] = set()
    found = {one.id for one in made.passages if "single edge" in one.flags}
    found |= {
        one.id for one in made.passages if made.truth[one.id] not in listed.get(one.timing_point, made.truth.values())
    }
    for chain in range(len(plan.chains)):
        its = [
            one for one in made.passages if one.timing_point.startswith(f"T{chain + 1}") and one.id not in made.again
        ]
        doubtful |= _together(made, its) | _stopped(made, its) | _in_a_slot(plan, made, its) | _crossed(made, its)
        doubtful |= _written_otherwise(made, its)
        count = Counter(made.truth[one.id] for one in its)
        found |= _at_control(made, f"C{chain + 1}")
        found |= {one.id for one in its if made.truth[one.id] in doubtful or count[made.truth[one.id]] == 1}
    return found


def _written_otherwise(made: Day, passages: list[Passage]) -> set[int]:
    """Return the crews that a list has before another one that passed before them."""
    found: set[int] = set()
    for marshal in made.lists:
        here = [made.truth[one.id] for one in passages if one.timing_point == marshal.timing_point]
        lines = [line.start_number for line in marshal.lines if line.start_number in here]
        for ahead, behind in combinations(dict.fromkeys(lines), 2):
            if here.index(ahead) > here.index(behind):
                found |= {ahead, behind}
    return found


def _together(made: Day, passages: list[Passage]) -> set[int]:
    """Return the crews that came to a point within 3 s of another one."""
    found: set[int] = set()
    for one, other in pairwise(sorted(passages, key=lambda one: (one.timing_point, one.at_ns or 0))):
        near = one.timing_point == other.timing_point and (other.at_ns or 0) - (one.at_ns or 0) < TOGETHER_NS
        found |= {number for number in (made.truth[one.id], made.truth[other.id]) if near and number}
    return found


def _stopped(made: Day, passages: list[Passage]) -> set[int]:
    """Return the crews that lost more than 5 s from one point to the next."""
    offset_by_point = _offsets(made.event)
    before: dict[int | None, int] = {}
    found = set()
    for one in sorted(passages, key=lambda one: one.timing_point):
        number, at_ns = made.truth[one.id], (one.at_ns or 0) - offset_by_point[one.timing_point]
        if number and at_ns - before.setdefault(number, at_ns) > STOPPED_NS:
            found.add(number)
        before[number] = at_ns
    return found


def _at_control(made: Day, point: str) -> set[str]:
    """Return the ids at a time control's tube that its minute does not tell: near another, or beside a missing one."""
    its = [one for one in made.passages if one.timing_point == point]
    order = [one.start_number for one in made.event.entries if one.race == "main"]
    places = [order.index(number) if (number := made.truth[one.id]) else -9 for one in its]
    found: set[str] = set()
    for (one, place), (other, behind) in pairwise(zip(its, places, strict=True)):
        if other.at_ns - one.at_ns < CLOSE_NS or behind != place + 1:
            found |= {one.id, other.id}
    if its and places[0] != 0:
        found.add(its[0].id)
    if its and places[-1] != len(order) - 1:
        found.add(its[-1].id)
    return found


def _crossed(made: Day, passages: list[Passage]) -> set[int]:
    """Return the crews behind which nobody's came within 18 s, and nobody's once more: they may have been their own."""
    found: set[int] = set()
    for one, *others in zip(passages, passages[1:], passages[2:], strict=False):
        near = all(its.timing_point == one.timing_point and its.at_ns - one.at_ns < CROSSED_NS for its in others)
        if near and not any(made.truth[its.id] for its in others):
            found.add(made.truth[one.id] or 0)
    return found


def _in_a_slot(plan: Plan, made: Day, passages: list[Passage]) -> set[int]:
    """Return the crews that came, late on their own, when another was due or would be, and those that they let by."""
    order = [one.start_number for one in made.event.entries if one.race == "main"]
    first = {made.truth[one.id]: one.at_ns or 0 for one in reversed(passages) if one.timing_point.endswith("a")}
    came = [number for number in sorted(first, key=lambda number: first[number]) if number in order]
    found: set[int] = set()
    for place, number in enumerate(came):
        let_by = {other for other in came[:place] if order.index(other) > order.index(number)}
        if let_by and plan.reversed_chain is None:
            ahead = came[place - 1]
            slots = (first[number] - first[ahead]) / (plan.interval_s * S_NS)
            if abs(slots - round(slots)) * plan.interval_s * S_NS < 2 * TOGETHER_NS:
                found |= {number, *let_by}
    return found


def _offsets(event: Event) -> dict[str, int]:
    offset_by_point: dict[str, int] = {}
    for control in event.controls:
        opened = offset_by_point.setdefault(control.opens or "", 0)
        offset_by_point[control.closes] = opened + (control.ideal_cs or 0) * 10_000_000
    return offset_by_point


def read(path: Path) -> Golden:
    """Return what a file tells."""
    told = tomllib.loads(path.read_text())
    races, entries, controls = [], [], []
    for race, its in told["race"].items():
        races.append(Race(race, race.title(), "aci", (Start("L1", _at_ns(its["first"]), its["interval_s"] * S_NS),)))
        entries += [
            Entry(number, race, f"Crew {number}", "Car", 1955, "", None, place)
            for place, number in enumerate(its["crews"])
        ]
    names = tuple(told["race"])
    for its in told["trial"]:
        after_ns = its["after_s"] * S_NS if "after_s" in its else None
        controls.append(Control(its["id"], TIMED_TRIAL, "L1", its["from"], its["to"], its["ideal_cs"], after_ns, names))
    for its in told.get("control", ()):
        after_ns = its["after_s"] * S_NS
        controls.append(Control(its["id"], TIME_CONTROL, "L1", None, its["at"], None, after_ns, names))
    points = tuple(TimingPoint(one, "road", f"{place:016x}", 1, 30, 1000) for place, one in enumerate(told["passages"]))
    event = Event(
        told["title"],
        ZoneInfo("Europe/Rome"),
        (Leg("L1", "Leg 1", date(2024, 6, 1)),),
        tuple(races),
        points,
        tuple(controls),
        tuple(entries),
    )
    golden = Golden(event, [], [], {}, set())
    for point, rows in told["passages"].items():
        for row in rows:
            _take(golden, point, row.split(", "))
    for point, numbers in told["lists"].items():
        lines = tuple(
            Listed(point, place, number, f"lists/{point}.csv:{place + 1}") for place, number in enumerate(numbers, 1)
        )
        golden.lists.append(MarshalList(point, lines))
    return golden


def _take(golden: Golden, point: str, words: list[str]) -> None:
    """Take one passage of a file."""
    identity = f"{point} {words[0]}"
    gap_ns = next((int(word.split()[1]) * 10**6 for word in words if word.startswith("axles")), None)
    flags = ("single edge",) if "single edge" in words else ()
    golden.passages.append(Passage(identity, point, _at_ns(words[0]), 1000, True, (), flags, "board", None, gap_ns))
    golden.crew_by_id[identity] = int(words[1])
    if "or open" in words:
        golden.or_open.add(identity)


def _clock(at_ns: int) -> str:
    seconds, rest_ns = divmod(at_ns, S_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}.{rest_ns // 1000:06d}"


def _at_ns(text: str) -> int:
    """Return the instant of a time of day of FIRST_NS's date."""
    hours, minutes, seconds = text.split(":")
    whole, _, part = seconds.partition(".")
    midnight_ns = FIRST_NS - FIRST_NS % (86_400 * S_NS)
    return midnight_ns + (int(hours) * 3600 + int(minutes) * 60 + int(whole)) * S_NS + int((part or "0").ljust(9, "0"))


def main() -> None:
    """Write all files again."""
    for name, (title, plan) in DAYS.items():
        (FOLDER / f"day-{name}.toml").write_text(text_of(title, plan, day(plan)))


if __name__ == "__main__":
    main()
