"""The worlds are what they claim, each against its own description over many days; people err as often as is said.

Bounds are those of the description, widened by three deviations of what a sample of this size shows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest

from simulate.people import NOTHING, evidence
from simulate.worlds import UNUSUAL, WORLDS, Day, day, days

PASSAGES = 6000
EVERY = [*WORLDS, *UNUSUAL]


@cache
def sample(world: str, words: str = "none") -> tuple[Day, ...]:
    return tuple(days(world, evidence(words), PASSAGES))


def openings(one: Day) -> list[list[tuple[int, float]]]:
    """Return of each chain (start number, how late it opened against its own due second in s), in order of time."""
    entries = {entry.start_number: entry for entry in one.event.entries}
    starts = {race.id: race.starts[0] for race in one.event.races}
    found = []
    for control in one.event.controls:
        if control.opens and control.after_ns is not None:
            passed = sorted((at, number) for (number, point), at in one.passed_ns.items() if point == control.opens)
            chain = []
            for at_ns, number in passed:
                start = starts[entries[number].race]
                due_ns = start.first_at_ns + entries[number].place * start.interval_ns + control.after_ns
                chain.append((number, (at_ns - due_ns) / 1e9))
            found.append(chain)
    return found


def lateness(its: Sequence[Day]) -> np.ndarray:
    return np.array([late_s for one in its for chain in openings(one) for _, late_s in chain])


def gaps(its: Sequence[Day]) -> np.ndarray:
    """Return how long cars open chains behind the car ahead, in s."""
    found = []
    for one in its:
        for control in one.event.controls:
            if control.after_ns is not None and control.opens:
                at_ns = sorted(at for (_, point), at in one.passed_ns.items() if point == control.opens)
                found += list(np.diff(at_ns) / 1e9)
    return np.array(found)


# World: what is counted over a sample, and the bounds that its description gives.
CLAIMS: list[tuple[str, str, Callable[[Sequence[Day]], float], float, float]] = [
    ("sent off", "within 3 s of the due second", lambda its: np.mean(np.abs(lateness(its)) < 3), 0.90, 0.97),
    (
        "own minute",
        "within the due minute",
        lambda its: np.mean((lateness(its) > -1) & (lateness(its) < 61)),
        0.90,
        0.98,
    ),
    ("own minute", "later than 10 s in it", lambda its: np.mean(lateness(its) > 10), 0.45, 0.85),
    ("queue", "5 to 20 s behind the car ahead", lambda its: np.mean((gaps(its) > 4.9) & (gaps(its) < 20.1)), 0.5, 0.95),
]


@pytest.mark.parametrize(("world", "what", "counted", "least", "most"), CLAIMS, ids=[f"{c[0]}: {c[1]}" for c in CLAIMS])
def test_a_world_is_what_it_claims(world, what, counted, least, most):
    assert least <= counted(sample(world)) <= most


@pytest.mark.parametrize("world", EVERY)
def test_the_truth_names_crews_that_drove_there(world):
    for one in sample(world)[:3]:
        numbers = {entry.start_number for entry in one.event.entries}
        assert {passage.id for passage in one.passages} == one.truth.keys()
        by_key = Counter()
        for passage in one.passages:
            number = one.truth[passage.id]
            if number is not None:
                assert number in numbers
                by_key[number, passage.timing_point] += 1
                assert abs(passage.at_ns - one.passed_ns[number, passage.timing_point]) < 10e9
        assert by_key.keys() <= one.passed_ns.keys()
        assert set(by_key.values()) == {1}


@pytest.mark.parametrize("world", EVERY)
def test_a_day_is_a_function_of_its_seed(world):
    words = evidence("keyed-3+lists-3+cards")
    assert day(world, words, 5) == day(world, words, 5)
    assert day(world, words, 5).passages == day(world, NOTHING, 5).passages != day(world, NOTHING, 6).passages


def test_what_people_write_errs_as_often_as_is_said():
    for words, least, most in (("keyed-0", 0, 0), ("keyed-1", 0.005, 0.012), ("keyed-3", 0.02, 0.035)):
        right = total = 0
        for one in sample("sent off", words):
            replaced = {its.replaces for its in one.sightings}
            keyed = Counter((its.start_number, its.timing_point) for its in one.sightings if its.id not in replaced)
            total += len(one.passed_ns)
            right += sum(keyed[key] == 1 for key in one.passed_ns)
        assert least <= 1 - right / total <= most, words


def test_corrections_name_sightings_of_the_same_device():
    corrections = 0
    for one in sample("sent off", "keyed-3"):
        by_id = {its.id: its for its in one.sightings}
        assert len(by_id) == len(one.sightings)
        for its in one.sightings:
            if its.replaces is not None:
                corrections += 1
                assert by_id[its.replaces].device == its.device
                assert by_id[its.replaces].counter < its.counter
    assert corrections > 10


@pytest.mark.parametrize(
    ("words", "wrong"), [("lists", "lists"), ("keys-1", "keys-1"), ("lists-1+", ""), ("first-x", "first-x")]
)
def test_unknown_evidence_is_refused(words, wrong):
    with pytest.raises(ValueError, match=f"got '{wrong}'"):
        evidence(words)
