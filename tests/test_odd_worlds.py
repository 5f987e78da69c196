"""The odd worlds are what they claim: each against its own sentence, on a few days."""

from itertools import pairwise

import pytest

from simulate.odd_worlds import ODD, day
from simulate.people import NOTHING, evidence

S_NS = 10**9


def of(name, kind="none", seed=1):
    return day(name, evidence(kind), seed)


@pytest.mark.parametrize("name", ODD)
def test_a_day_is_a_function_of_its_seed_and_the_road_of_nothing_that_is_written(name):
    made, again, written = of(name), of(name), of(name, "keyed-1+lists-1")
    assert made.facts() == again.facts()
    assert made.passages == written.passages
    assert {(line.timing_point, line.place) for every in written.lists for line in every.lines}
    assert written.sightings
    crews = {entry.start_number for entry in made.event.entries}
    assert {number for number in made.truth.values() if number is not None} <= crews
    assert of(name, seed=2).passages != made.passages


def test_a_crew_has_one_passage_of_its_own_at_a_point():
    for name in ODD:
        made = of(name)
        own = [(made.truth[passage.id], passage.timing_point) for passage in made.passages if made.truth[passage.id]]
        assert len(own) == len(set(own)), name


def test_pairs_start_side_by_side():
    """Crews of one due minute open within 4 s of each other, next pairs two intervals on."""
    made = of("two columns")
    start = made.event.races[0].starts[0]
    for entry in made.event.entries:
        at_ns = made.passed_ns.get((entry.start_number, "T1"))
        if at_ns is not None:
            pair_ns = start.first_at_ns + (entry.place - entry.place % 2) * start.interval_ns + 1500 * S_NS
            assert 0.5 * S_NS <= at_ns - pair_ns <= 4 * S_NS


def test_a_digit_that_is_stuck_is_never_keyed():
    made = of("stuck digit", "keyed-0")
    keyed = {digit for sighting in made.sightings for digit in str(sighting.start_number)}
    driven = {digit for number, _ in made.passed_ns for digit in str(number)}
    assert len(driven - keyed) == 1


def test_five_are_keyed_in_a_row():
    """Without mistakes gaps of seconds stand within a block, and of minutes between blocks of five."""
    made = of("keyed from memory", "keyed-0")
    at_t1 = [sighting.at_ns for sighting in made.sightings if sighting.timing_point == "T1"]
    numbered = [
        sighting for sighting in made.sightings if sighting.timing_point == "T1" and sighting.start_number is not None
    ]
    gaps_s = [(after - before) / S_NS for before, after in pairwise(at_t1)]
    assert len(numbered) == len(at_t1)
    assert all((gap > 20) == (place % 5 == 0) for place, gap in enumerate(gaps_s, 1))


def test_lists_that_are_copied_are_all_the_same_and_begin_late_where_they_do():
    first, *others = [[line.start_number for line in every.lines] for every in of("list copied", "lists-3").lists]
    assert others
    assert all(other == first for other in others)
    made = of("list from the 12th", "lists-0")
    at_t1 = sorted((at_ns, number) for (number, point), at_ns in made.passed_ns.items() if point == "T1")
    assert [line.start_number for line in made.lists[0].lines] == [number for _, number in at_t1[12:]]


def test_another_race_bears_the_same_numbers():
    made = of("same numbers", "keyed-0")
    twice = [sighting.start_number for sighting in made.sightings if sighting.timing_point == "T1"]
    assert len(twice) > len(set(twice))


def test_the_loop_is_nobodys():
    made = of("loop", "keyed-0")
    seen = [sighting.start_number for sighting in made.sightings if sighting.timing_point == "T1"]
    assert len(seen) == 2 * len(set(seen))
    assert made.truth.keys() == {passage.id for passage in made.passages}


def test_nothing_is_written_where_nothing_is_asked_for():
    made = day("hairpin", NOTHING, 3)
    assert (made.lists, made.sightings) == ([], [])
