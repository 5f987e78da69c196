"""Several sources at one timing point: which passages count, which are witnesses, and what their clocks show."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.model.facts import Passage
from centesimo.timing.witnesses import BOARD, HOUR_NS, MS_NS, S_NS, witnessed

START_NS = 1_810_360_800 * S_NS


def passages(source, file, seconds, numbers=None):
    """Return one source's passages at A, `seconds` after the start; a board has no file."""
    return [
        Passage(
            f"load:{file}:{line}" if file else f"0a0a:{line}", "A", START_NS + round(at_s * S_NS), None, True, (), (),
            source, numbers[line - 1] if numbers else None,
        )
        for line, at_s in enumerate(seconds, 1)
    ]  # fmt: skip


def field(cars, seed=1, scatter_s=1.0):
    """Return the instants of cars that come about every minute."""
    random = Random(seed)
    return [60 * place + random.gauss(0, scatter_s) for place in range(cars)]


def late(seconds, late_s, scatter_s=0.0, ppm=0.0, seed=2):
    random = Random(seed)
    return [at_s * (1 + ppm / 1e6) + late_s + random.gauss(0, scatter_s) for at_s in seconds]


CARS = field(30)
# name, how the second source's instants come to be, how late its clock is (s), within (s), cars on both, of it spare
CLOCKS = [
    ("the same clock", CARS, 0.0, 0.001, 30, 0),
    ("a hundredth later", late(CARS, 0.01), 0.01, 0.001, 30, 0),
    ("a hand, four tenths early", late(CARS, -0.4, 0.1), -0.4, 0.1, 30, 0),
    ("a hand on a clock two minutes off", late(CARS, 120.3, 0.1), 120.3, 0.1, 30, 0),
    ("another zone of time", late(CARS, 7200.0, 0.01), 7200.0, 0.01, 30, 0),
    ("an hour early", late(CARS, -3600.25, 0.01), -3600.25, 0.01, 30, 0),
    ("a drift of 30 ppm", late(CARS, 0.2, 0.005, ppm=30), 0.2 + 30e-6 * 870, 0.01, 30, 0),
    ("every third car", late(CARS[::3], 0.02, 0.005), 0.02, 0.005, 10, 0),
    ("two more cars", sorted([*late(CARS, 0.02), 30.5, 931.0]), 0.02, 0.005, 30, 2),
    ("the afternoon only", late(CARS[20:], 0.02), 0.02, 0.001, 10, 0),
]


@pytest.mark.parametrize(("name", "seconds", "late_s", "within_s", "cars", "spare"), CLOCKS, ids=[c[0] for c in CLOCKS])
def test_a_second_source_is_paired_in_time(name, seconds, late_s, within_s, cars, spare):
    board = passages(BOARD, "", CARS)
    result = witnessed([*board, *passages("backup", "f0", seconds)])
    assert list(result.counted) == board
    (clock,) = result.clocks
    assert clock.late_ns == pytest.approx(late_s * S_NS, abs=within_s * S_NS)
    assert (clock.cars, clock.alone, len(result.spare), clock.is_told) == (cars, spare, spare, True)
    # Every pair is the same car: their difference is the clock's, not that of cars a minute apart.
    for identity, (witness,) in result.witnesses_by_id.items():
        main = next(passage for passage in board if passage.id == identity)
        assert abs((witness.at_ns or 0) - (main.at_ns or 0) - late_s * S_NS) < 0.6 * S_NS


def test_the_drift_is_told():
    drifting = passages("backup", "f0", late(CARS, 0.0, 0.002, ppm=40))
    (clock,) = witnessed([*passages(BOARD, "", CARS), *drifting]).clocks
    assert clock.drift_ppb == pytest.approx(40_000, abs=2_000)
    (clock,) = witnessed([*passages(BOARD, "", CARS), *passages("backup", "f0", late(CARS, 0.0, 0.02))]).clocks
    assert clock.drift_ppb == 0


def test_a_source_that_was_there_at_another_time_is_the_rest_of_the_main_one():
    morning, afternoon = passages("hand", "f0", CARS[:15]), passages("hand", "f1", CARS[15:])
    result = witnessed([*afternoon, *morning])
    assert list(result.counted) == [*morning, *afternoon]
    assert not result.clocks
    assert not result.spare


def test_one_row_for_a_car_that_the_board_missed_counts():
    board, missed = passages(BOARD, "", CARS[:10] + CARS[11:]), passages("hand", "f0", [CARS[10]])
    assert missed[0] in witnessed([*board, *missed]).counted


def test_one_row_beside_a_passage_of_the_board_is_its_witness():
    board, row = passages(BOARD, "", CARS), passages("hand", "f0", [CARS[10] + 0.4], numbers=[111])
    result = witnessed([*board, *row])
    assert list(result.counted) == board
    assert result.witnesses_by_id == {board[10].id: (row[0],)}
    (clock,) = result.clocks
    assert not clock.is_told
    (sighting,) = result.sightings
    assert (sighting.start_number, sighting.timing_point) == (111, "A")
    assert abs(sighting.at_ns - (board[10].at_ns or 0)) <= (sighting.error_ns or 0)


def test_names_of_a_witness_are_sightings_by_the_main_clock():
    numbers = list(range(101, 131))
    board, sheet = passages(BOARD, "", CARS), passages("hand", "f0", late(CARS, 3600.3, 0.1), numbers)
    result = witnessed([*board, *sheet])
    assert [sighting.start_number for sighting in result.sightings] == numbers
    for sighting, passage in zip(result.sightings, board, strict=True):
        assert abs(sighting.at_ns - (passage.at_ns or 0)) <= (sighting.error_ns or 0)


# Which source counts: (its words, file, rows) of each, what the event says, sizes of files -> the words that count.
MAINS = [
    ("a board", [("backup", "f0", 30), (BOARD, "", 20)], "", {}, BOARD),
    ("what the event says", [("backup", "f0", 20), (BOARD, "", 30)], "backup", {}, "backup"),
    ("the one with more rows", [("one", "f0", 20), ("two", "f1", 30)], "", {}, "two"),
    (
        "as many rows: the larger file",
        [("one", "f0", 30), ("two", "f1", 30)],
        "",
        {"load:f0": 30, "load:f1": 120},
        "two",
    ),
]


@pytest.mark.parametrize(("name", "sources", "main", "sizes", "counts"), MAINS, ids=[row[0] for row in MAINS])
def test_which_source_counts(name, sources, main, sizes, counts):
    every = [passage for source, file, rows in sources for passage in passages(source, file, CARS[:rows])]
    result = witnessed(every, main, sizes)
    assert {passage.source for passage in result.witnesses_by_id and result.counted if passage.id in
            result.witnesses_by_id} == {counts}  # fmt: skip
    assert {clock.main for clock in result.clocks} == {counts}


def test_a_spare_passage_that_an_official_gave_to_a_crew_counts():
    board, backup = passages(BOARD, "", CARS[:10] + CARS[11:]), passages("backup", "f0", CARS)
    assert [passage.id for passage in witnessed([*board, *backup]).spare] == [backup[10].id]
    result = witnessed([*board, *backup], named={backup[10].id})
    assert backup[10] in result.counted
    assert not result.spare


def test_three_sources():
    board, one, two = passages(BOARD, "", CARS), passages("one", "f0", late(CARS, 0.1)), passages("two", "f1", CARS)
    result = witnessed([*two, *one, *board])
    assert list(result.counted) == board
    assert all(len(witnesses) == 2 for witnesses in result.witnesses_by_id.values())
    assert [(clock.source, round(clock.late_ns / MS_NS)) for clock in result.clocks] == [("one", 100), ("two", 0)]


def test_passages_without_an_instant_stay():
    nothing = passages(BOARD, "", [0])[0]._replace(at_ns=None, id="0a0a:99")
    result = witnessed([*passages(BOARD, "", CARS), nothing, *passages("backup", "f0", CARS)])
    assert nothing in result.counted


@given(
    late_s=st.floats(-13, 13).map(lambda hours: round(hours) * 3600.0) | st.floats(-1.5, 1.5),
    missed=st.sets(st.integers(0, 29), max_size=8),
    seed=st.integers(0, 1000),
)
def test_every_passage_is_counted_a_witness_or_spare_and_no_instant_changes(late_s, missed, seed):
    cars = field(30, seed)
    board = passages(BOARD, "", [at_s for place, at_s in enumerate(cars) if place not in missed])
    backup = passages("backup", "f0", late(cars, late_s, 0.05, seed=seed))
    result = witnessed([*board, *backup])
    seen = [*result.counted, *result.spare, *(one for group in result.witnesses_by_id.values() for one in group)]
    assert sorted(seen) == sorted([*board, *backup])
    assert list(result.counted) == board
    assert len(result.spare) == len(missed)
    assert abs(result.clocks[0].late_ns - late_s * S_NS) < 0.1 * S_NS
    assert result.clocks[0].scatter_ns < HOUR_NS
