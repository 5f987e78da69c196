"""What holds for any passages and lists: nothing is lost, nobody is twice at a point, no attribution is a guess."""

from collections import Counter
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.match import match
from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import Listed, MarshalList, Passage

FIRST_NS = 1_717_221_600 * 10**9  # 2024-06-01 06:00 UTC: the first crew is due
S_NS = 10**9
STRANGER = 77  # no start number of these events


class Case(NamedTuple):
    """What an event has recorded."""

    event: Event
    passages: list[Passage]
    lists: list[MarshalList]
    threshold: float


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw an event of one or two races of 1 to 4 crews in all, over a chain of 1 to 3 points."""
    points = tuple(TimingPoint(f"T{one}", "road", f"{one:016x}", 1, 30, 1000) for one in range(draw(st.integers(1, 3))))
    after_ns = draw(st.sampled_from((0, 600 * S_NS, None)))  # None: the event does not say when it opens
    interval_ns = draw(st.sampled_from((0, S_NS, 60 * S_NS)))
    races = ("R", "A") if draw(st.booleans()) else ("R",)
    entries = [
        Entry(number, draw(st.sampled_from(races)), f"Crew {number}", "Car", 1955, "", None, number - 1)
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    controls = [
        Control(f"PC{one}", TIMED_TRIAL, "L1", f"T{one}", f"T{one + 1}", 4000, None if one else after_ns, races)
        for one in range(len(points) - 1)
    ] or [Control("CO1", TIME_CONTROL, "L1", None, "T0", None, after_ns or 0, races)]
    starts = (Start("L1", FIRST_NS, interval_ns),)
    return Event(
        "Event",
        ZoneInfo("Europe/Rome"),
        (Leg("L1", "Leg 1", date(2024, 6, 1)),),
        tuple(Race(race, race, "aci", starts) for race in races),
        points,
        tuple(controls),
        tuple(entries),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw an event with up to 8 passages, many at the same instant, and lists of any lengths."""
    event = draw(events())
    points = st.sampled_from([one.id for one in event.timing_points])
    numbers = st.sampled_from([*(one.start_number for one in event.entries), STRANGER])
    at_s = st.one_of(st.sampled_from((0.0, 40.0, 60.0, 600.0)), st.floats(-1000, 3000, allow_nan=False))
    passages = []
    for place in range(draw(st.integers(0, 8))):
        number = draw(st.one_of(st.none(), st.none(), st.none(), numbers))
        at_ns = FIRST_NS + int(draw(at_s) * S_NS)
        flags = draw(st.sampled_from(((), (), ("single edge",))))
        axle_ns = draw(st.sampled_from((None, 1, 200_000_000, 250_000_000)))
        source = "board" if number is None else "hand"
        passages.append(Passage(f"p{place}", draw(points), at_ns, 1000, True, (), flags, source, number, axle_ns))
    lists = [_list(point, draw(st.lists(numbers, max_size=6))) for point in sorted(draw(st.sets(points)))]
    return Case(event, passages, lists, draw(st.sampled_from((0.5, 0.99, 1.0))))


def _list(point: str, numbers: list[int]) -> MarshalList:
    lines = (Listed(point, place, number, f"lists/{point}.csv:{place + 1}") for place, number in enumerate(numbers, 1))
    return MarshalList(point, tuple(lines))


@given(cases())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_passage_is_told_and_no_crew_is_twice_at_a_point(case: Case) -> None:
    attributions, findings = match(case.event, case.passages, case.lists, case.threshold)
    found = Counter(one.passage.id for one in attributions)
    assert set(found.values()) <= {1}
    assert set(found) | {one for finding in findings for one in finding.passages} == {one.id for one in case.passages}
    assert set(Counter((one.start_number, one.passage.timing_point) for one in attributions).values()) <= {1}
    assert all(case.threshold <= one.confidence <= 1 for one in attributions)
    assert all(one.confidence + one.rival_chance <= 1 + 2e-6 for one in attributions)  # told with six digits
    named = {one.id: one.start_number for one in case.passages if one.start_number is not None}
    assert all(one.start_number == named.get(one.passage.id, one.start_number) for one in attributions)
