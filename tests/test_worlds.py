"""The worlds are what they claim, each against its own description over many days; people err as often as is said.

Bounds follow from the descriptions (2 % of crews are an hour late, 2 % a chain minutes late, a crew in trouble is late)
and leave room for what a sample of this size scatters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from centesimo.model.event import TIMED_TRIAL
from centesimo.model.facts import Edge, Passage
from centesimo.sightings import standing
from simulate.course import FIRST_NS
from simulate.people import NOTHING, Evidence, evidence, misread
from simulate.road import NOBODY, Crossings
from simulate.tubes import NO_ILLS, Truth, _tell, stamped
from simulate.worlds import UNUSUAL, WORLDS, WorldDay, day, days

PASSAGES = 5000  # of crews, in each sample
S_NS = 10**9
EVERY = [*WORLDS, *UNUSUAL]

Days = Sequence[WorldDay]


def test_a_crew_stays_beside_what_nobody_began_though_it_passes_other_tubes_of_the_board():
    """A car 13 ms before crew 7 is one passage with it at T1; its own passage at T2 of the same board follows."""
    at_ns = [0, 13 * 10**6, 20 * S_NS]
    edges = [Edge("b", row, 1, 1, at // 1000, at, 1000, True, "", 3, False) for row, at in enumerate(at_ns)]
    read = [
        Passage("b:0", "T1", at_ns[0], 1000, True, tuple(edges[:2]), (), "board"),
        Passage("b:2", "T2", at_ns[2], 1000, True, tuple(edges[2:]), (), "board"),
    ]
    truth = Truth({}, {})
    _tell(truth, read, np.array([0, 1, 2]), np.array([NOBODY, 7, 7]))
    assert truth.crew_by_passage == {"b:0": None, "b:2": 7}
    assert truth.beside == {"b:0": 7}


@cache
def sample(world: str, words: str = "none") -> tuple[WorldDay, ...]:
    return tuple(days(world, evidence(words), PASSAGES))


class Opening(NamedTuple):
    """A field at the first tube of a chain, in order of time; rows of three arrays."""

    at_s: np.ndarray
    late_s: np.ndarray  # against the crew's own due second, in the start order
    due_s: np.ndarray
    races: list[str]
    present: float  # share of the entries


def openings(made: WorldDay) -> Iterator[Opening]:
    entries = {entry.start_number: entry for entry in made.event.entries}
    starts = {race.id: race.starts[0] for race in made.event.races}
    for control in made.event.controls:
        if control.opens is None or control.after_ns is None:
            continue
        passed = sorted((at, number) for (number, point), at in made.passed_ns.items() if point == control.opens)
        if not passed:
            continue
        crews = [entries[number] for _, number in passed]
        start_ns = [starts[crew.race].first_at_ns + crew.place * starts[crew.race].interval_ns for crew in crews]
        due_s = (np.array(start_ns) + control.after_ns) / S_NS
        at_s = np.array([at for at, _ in passed]) / S_NS
        yield Opening(at_s, at_s - due_s, due_s, [crew.race for crew in crews], len(passed) / len(entries))


def late_s(its: Days) -> np.ndarray:
    return np.concatenate([opening.late_s for made in its for opening in openings(made)])


def gaps_s(its: Days) -> np.ndarray:
    """Return how long cars open chains behind the car ahead."""
    return np.concatenate([np.diff(opening.at_s) for made in its for opening in openings(made)])


def share(condition: np.ndarray) -> float:
    return float(np.mean(condition))


def off_s(its: Days) -> Iterator[np.ndarray]:
    """Yield the deviations of all crews at each trial."""
    for made in its:
        for control in made.event.controls:
            if control.kind == TIMED_TRIAL:
                opened = {number: at for (number, point), at in made.passed_ns.items() if point == control.opens}
                yield np.array(
                    [
                        (at - opened[number]) / S_NS - control.ideal_cs / 100
                        for (number, point), at in made.passed_ns.items()
                        if point == control.closes and number in opened
                    ]
                )


def all_off_s(its: Days) -> np.ndarray:
    return np.concatenate(list(off_s(its)))


def orders_kept(its: Days) -> float:
    """Return Kendall's tau of due and passing order at last chains, on average: 1 the same, 0 any, -1 reversed."""
    found = []
    for made in its:
        *_, last = openings(made)
        if len(last.due_s) > 5:
            ahead = np.sign(last.due_s[:, None] - last.due_s[None, :])
            pairs = np.triu_indices(len(last.due_s), 1)
            found.append(-ahead[pairs].mean())
    return float(np.mean(found))


def strangers_an_hour(its: Days) -> float:
    """Return how many passages of nobody's a tube has an hour, from 20 min before the field until 20 min after it."""
    count = hours = 0.0
    for made in its:
        by_point = defaultdict(list)
        for passage in made.passages:
            by_point[passage.timing_point].append(passage)
        for point, passages in by_point.items():
            crews = [at for (_, where), at in made.passed_ns.items() if where == point]
            hours += (max(crews) - min(crews)) / S_NS / 3600 + 2 / 3
            count += sum(made.truth[passage.id] is None for passage in passages)
    return count / hours


def alone(its: Days) -> float:
    """Return which share of crews' passages at first tubes has one axle only."""
    flags = [
        "single edge" in passage.flags
        for made in its
        for passage in made.passages
        if made.truth[passage.id] is not None and passage.timing_point.endswith("a")
    ]
    return float(np.mean(flags))


def mixed(its: Days) -> float:
    """Return how many neighbours at first tubes are of two races."""
    pairs = [ahead != behind for made in its for opening in openings(made) for ahead, behind in pairwise(opening.races)]
    return float(np.mean(pairs))


def present(its: Days) -> float:
    return float(np.mean([opening.present for made in its for opening in openings(made)]))


def moved(its: Days) -> float:
    """Return at how many trials of more than 20 crews the median deviation is 0.25 s or more."""
    return float(np.mean([abs(np.median(off)) >= 0.25 for off in off_s(its) if len(off) > 20]))


def within(values: np.ndarray, least: float, most: float) -> float:
    return share((values >= least) & (values <= most))


# World, what is counted over its sample, at least, at most.
CLAIMS = {
    "sent off: in its due second, by a second or so": (lambda its: within(late_s(its), -1.5, 2.5), 0.86, 0.97),
    "sent off: deviations of a tenth or so": (lambda its: np.median(np.abs(all_off_s(its))), 0.03, 0.35),
    "sent off: tails of seconds": (lambda its: share(np.abs(all_off_s(its)) > 3), 0.005, 0.05),
    "sent off: one crew in ten is missing": (present, 0.80, 0.93),
    "own minute: in it": (lambda its: within(late_s(its), -1.5, 61), 0.86, 0.97),
    "own minute: not in the first ten seconds": (lambda its: share(late_s(its) > 10), 0.40, 0.90),
    "queue: 5 to 20 s behind the car ahead": (lambda its: within(gaps_s(its), 4.9, 20.1), 0.50, 0.97),
    "queue: mostly in order": (orders_kept, 0.80, 0.995),
    "queue: minutes from the due second": (lambda its: share(np.abs(late_s(its)) > 60), 0.5, 1.0),
    "released: some go 8 s apart": (lambda its: within(gaps_s(its), 3, 13), 0.10, 0.65),
    "released: the others as they are due": (lambda its: within(late_s(its), -1.5, 2.5), 0.25, 0.85),
    "no marshal: minutes off": (lambda its: within(np.abs(late_s(its)), 10, 600), 0.75, 1.0),
    "field late: 1 to 20 min": (lambda its: within(late_s(its), 58, 1203), 0.90, 1.0),
    "field late: by any second": (lambda its: within(late_s(its) % 60, 5, 55), 0.75, 0.92),
    "interval late: by intervals of 30 or 60 s": (lambda its: within((late_s(its) + 3) % 30, 0, 8), 0.85, 1.0),
    "interval late: not in time": (lambda its: share(late_s(its) > 25), 0.98, 1.0),
    "by arrival: some places off": (orders_kept, 0.70, 0.97),
    "by ranking: any order": (orders_kept, -0.15, 0.15),
    "in blocks: whole blocks": (orders_kept, -0.5, 0.7),
    "reversed: backwards": (orders_kept, -1.0, -0.85),
    "exchanged: a few": (orders_kept, 0.88, 0.99),
    "one last: one or two": (orders_kept, 0.85, 0.99),
    "walking pace: axles seconds apart": (alone, 0.90, 1.0),
    "sent off: axles together": (alone, 0.0, 0.05),
    "1 car an hour: feet and wires": (strangers_an_hour, 5, 9),
    "5 cars an hour: and cars": (strangers_an_hour, 7, 13),
    "20 cars an hour: more cars": (strangers_an_hour, 14, 26),
    "60 cars an hour: a road": (strangers_an_hour, 35, 60),
    "second race: ahead": (mixed, 0.0, 0.06),
    "two fields: among each other": (mixed, 0.15, 0.7),
    "untimed race: dozens of cars": (strangers_an_hour, 8, 60),
    "let pass: one in twenty stops, half of them inside": (lambda its: within(all_off_s(its), 15, 205), 0.005, 0.03),
    "convoys: together": (lambda its: within(gaps_s(its), 2.5, 12.5), 0.10, 0.45),
    "detour: a third is missing": (present, 0.40, 0.75),
    "tubes moved: one trial in two or three": (moved, 0.15, 0.7),
    "sent off: tubes lie right": (moved, 0.0, 0.02),
    "level crossing: some lose minutes": (lambda its: within(all_off_s(its), 30, 700), 0.01, 0.2),
    "behind a lorry: some lose seconds": (lambda its: within(all_off_s(its), 3, 100), 0.02, 0.25),
    "real day: strangers": (strangers_an_hour, 8, 60),
    "real day: minutes from the due second": (lambda its: share(np.abs(late_s(its)) > 60), 0.2, 1.0),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_world_is_what_it_claims(claim):
    counted, least, most = CLAIMS[claim]
    assert least <= counted(sample(claim.partition(":")[0])) <= most


def test_every_usual_world_claims_something():
    assert WORLDS.keys() == {claim.partition(":")[0] for claim in CLAIMS}


@pytest.mark.parametrize("world", EVERY)
def test_the_truth_names_crews_that_passed_there(world):
    for made in sample(world)[:3]:
        numbers = {entry.start_number for entry in made.event.entries}
        assert {passage.id for passage in made.passages} == made.truth.keys()
        passages = [passage for passage in made.passages if made.truth[passage.id] is not None]
        keys = [(made.truth[passage.id], passage.timing_point) for passage in passages]
        assert len(set(keys)) == len(keys)
        assert {number for number, _ in keys} <= numbers
        # Its time is that of its front wheels, of a second axle where the first was missed, or of a step just before.
        off_s = [(passage.at_ns - made.passed_ns[key]) / S_NS for passage, key in zip(passages, keys, strict=True)]
        assert all(-1.5 <= one <= 4 for one in off_s)
        assert share(np.abs(off_s) < 1e-6) > 0.75


@pytest.mark.parametrize("world", EVERY)
def test_a_day_is_a_function_of_its_seed(world):
    words = evidence("keyed-3+lists-3+cards")
    assert day(world, words, 5) == day(world, words, 5)
    assert day(world, words, 5).passages == day(world, NOTHING, 5).passages != day(world, NOTHING, 6).passages


def test_events_say_what_is_so_or_another_word():
    for word, expected in (("", {"as they come"}), ("sent off", {"sent off"})):
        event = day("queue", NOTHING, 1, word).event
        assert {control.order for control in event.controls if control.after_ns and control.opens} == expected
    assert day("queue", NOTHING, 1, "sent off").passages == day("queue", NOTHING, 1).passages


# What crosses one tube: (at in s, number, whether it counts, further axles in s behind the first), and the passages
# that are read from it with whose they are.
CAR = 0.3
TUBES = {
    "a car": ([(0, 7, True, [CAR])], [(0, 7)]),
    "a stranger": ([(0, NOBODY, False, [CAR])], [(0, None)]),
    "rear axle seconds behind": ([(0, 7, True, [3.0])], [(0, 7), (3, None)]),
    "stops on it": ([(0, 7, True, []), (9, 7, False, [])], [(0, 7), (9, None)]),
    "crosses it twice": (
        [(0, 7, True, [CAR]), (5, 7, False, [1.2]), (9, 7, False, [1.2])],
        [(0, 7), (5, None), (9, None)],
    ),
    "a car right behind": ([(0, 7, True, [CAR]), (4, NOBODY, False, [CAR])], [(0, 7), (4, None)]),
    "a car that comes against it, first": ([(0, NOBODY, False, [0.25]), (0.15, 7, True, [CAR])], [(0, None)]),
    "bumper to bumper": ([(0, 7, True, [CAR]), (0.8, 8, True, [CAR])], [(0, 7), (0.8, 8)]),
    "front axle inside another car": ([(0, 7, True, [1.0]), (1.0, 8, True, [0.9])], [(0, 7), (1.9, 8)]),
}


@pytest.mark.parametrize("case", TUBES)
def test_a_passage_is_the_first_vehicles(case):
    crossed, expected = TUBES[case]
    event = day("sent off", NOTHING, 1).event
    place, tube = next((place, point) for place, point in enumerate(event.timing_points) if point.board)
    made = Crossings()
    for at_s, number, counts, axles_s in crossed:
        axles = np.array([axles_s or [np.nan]])
        made.add(np.array([place]), np.array([float(at_s)]), np.array([number]), counts, axles)
    passages, truth = stamped(np.random.default_rng(0), [*event.timing_points[:place], tube], made, NO_ILLS)
    whose = [(round((one.at_ns - FIRST_NS) / S_NS, 3), truth.crew_by_passage[one.id]) for one in passages]
    assert whose == expected
    assert list(truth.beside.values()) == ([7] if "against" in case else [])


def test_tubes_miss_one_passage_in_a_hundred_and_deaf_spells():
    stamped_, passed = 0, 0
    for made in sample("sent off"):
        stamped_ += sum(number is not None for number in made.truth.values())
        passed += len(made.passed_ns)
    assert 0.975 <= stamped_ / passed <= 0.992


# Of what people write, the share of cars that are not written exactly once, right: at least, at most.
SLIPS = {
    "keyed-0": (0, 0),
    "keyed-1": (0.006, 0.011),
    "keyed-3": (0.02, 0.038),
    "lists-0": (0, 0),
    "lists-1": (0.005, 0.015),
}
SLIPS |= {"lists-3": (0.02, 0.04), "lists-10": (0.08, 0.12), "some-3": (0.5, 0.8)}


@pytest.mark.parametrize("words", SLIPS)
def test_people_err_as_often_as_is_said(words):
    right = total = 0
    for made in sample("sent off", words):
        replaced = {one.replaces for one in made.sightings}
        written = [one for one in made.sightings if one.id not in replaced]
        written += [line for one in made.lists for line in one.lines]
        times = Counter((one.start_number, one.timing_point) for one in written)
        total += len(made.passed_ns)
        right += sum(times[key] == 1 for key in made.passed_ns)
    least, most = SLIPS[words]
    assert least <= 1 - right / total <= most


def test_lists_without_errors_are_the_order_of_passing():
    for made in sample("queue", "lists-0")[:3]:
        for one in made.lists:
            passed = sorted((at, number) for (number, point), at in made.passed_ns.items() if point == one.timing_point)
            assert [line.start_number for line in one.lines] == [number for _, number in passed]
            assert [line.place for line in one.lines] == list(range(1, len(passed) + 1))


def test_lists_at_first_tubes_only():
    for made in sample("queue", "first-0")[:5]:
        assert {one.timing_point[-1] for one in made.lists} == {"a"}


def test_who_copies_the_start_order_writes_it():
    for made in sample("reversed", "lists-0+copied-100")[:3]:
        places = {entry.start_number: entry.place for entry in made.event.entries}
        for one in made.lists:
            assert [places[line.start_number] for line in one.lines] == sorted(
                places[line.start_number] for line in one.lines
            )


def test_numbers_without_errors_are_keyed_in_the_order_of_passing():
    for made in sample("convoys", "keyed-0")[:5]:
        for point in {one.timing_point for one in made.sightings}:
            keyed = sorted((one for one in made.sightings if one.timing_point == point), key=lambda one: one.counter)
            passed_ns = [made.passed_ns[one.start_number, point] for one in keyed if one.start_number is not None]
            assert passed_ns == sorted(passed_ns)


def test_corrections_name_sightings_of_the_same_device_before_them():
    corrections = 0
    for made in sample("sent off", "keyed-3"):
        by_id = {one.id: one for one in made.sightings}
        assert len(by_id) == len(made.sightings)
        assert not standing(made.sightings).unmet
        for one in made.sightings:
            if one.replaces is not None:
                corrections += 1
                corrected = by_id[one.replaces]
                assert (corrected.device, corrected.timing_point) == (one.device, one.timing_point)
                assert corrected.counter < one.counter
                assert corrected.at_ns <= one.at_ns
        taken_back = [one for one in made.sightings if one.replaces and one.start_number is None]
        corrections += 10_000 * bool(taken_back)
    assert corrections > 20_000


def test_clocks_of_people_are_off_by_seconds_minutes_or_an_hour():
    offsets_s = []
    for made in sample("sent off", "keyed-0"):
        by_point = defaultdict(list)
        for one in made.sightings:
            if one.start_number is not None:
                by_point[one.timing_point].append(
                    (one.at_ns - made.passed_ns[one.start_number, one.timing_point]) / S_NS
                )
        offsets_s += [float(np.median(off)) for off in by_point.values()]
        assert all(np.median(np.abs(np.array(off) - np.median(off))) < 2 for off in by_point.values())
    size = np.abs(np.array(offsets_s))
    assert 0.4 <= share(size < 5) <= 0.85
    assert 0.02 <= share((size > 31) & (size < 310)) <= 0.2
    assert 0 <= share(size > 3000) <= 0.08


def test_cards_are_to_the_minute_and_one_in_a_hundred_is_wrong():
    cards = [(card, made) for made in sample("sent off", "cards") for card in made.cards]
    assert len(cards) > 500
    assert all(card.at_ns % (60 * S_NS) == 0 for card, _ in cards)
    wrong = share(np.array([made.truth[card.id] != card.start_number for card, made in cards]))
    assert 0 < wrong <= 0.01
    for made in sample("sent off", "cards"):
        due_ns = {control.closes: control.after_ns for control in made.event.controls if control.opens is None}
        entries = {entry.start_number: entry for entry in made.event.entries}
        start = made.event.races[0].starts[0]
        late = [
            (
                card.at_ns
                - start.first_at_ns
                - entries[made.truth[card.id]].place * start.interval_ns
                - due_ns[card.timing_point]
            )
            for card in made.cards
        ]
        assert share(np.array([-60 * S_NS < one <= 60 * S_NS for one in late])) > 0.8


def test_a_misread_number_is_a_number():
    random = np.random.default_rng(1)
    wrong = [misread(random, number) for number in range(1, 500) for _ in range(4)]
    assert min(wrong) >= 1
    assert share(np.array(wrong) != np.repeat(np.arange(1, 500), 4)) > 0.85


EVIDENCE = {
    "none": Evidence(),
    "first-0+cards": Evidence(first=0.0, cards=0.01),
    "keyed-3+lists-10": Evidence(keyed=0.03, lists=0.1),
    "some-1+copied-20": Evidence(some=0.01, copied=0.2),
}


@pytest.mark.parametrize("words", EVIDENCE)
def test_evidence_is_read_from_words(words):
    assert evidence(words) == EVIDENCE[words]


@pytest.mark.parametrize(
    ("words", "wrong"), [("lists", "lists"), ("keys-1", "keys-1"), ("lists-1+", ""), ("first-x", "first-x")]
)
def test_unknown_evidence_is_refused(words, wrong):
    with pytest.raises(ValueError, match=f"got '{wrong}'"):
        evidence(words)
