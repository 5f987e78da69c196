"""Scores again after a change: always those of a cold computation, and only what the change touches is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.model.event import Allowance, Entry, Event
from centesimo.model.facts import OPEN, Attribution, Score
from centesimo.model.memo import Memo
from centesimo.rulebook import RuleBook
from centesimo.score.crossings import crossings
from centesimo.score.crossings import road as road_of
from centesimo.score.measure import Measures
from centesimo.score.tasks import SURE
from tests.scoring import book, crew, event, passing, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
PC2 = trial("PC2", "A2", "A3", 1000)
CO0 = time_control("CO0", "A3", 300)
CO1 = time_control("CO1", "C1", 600)
TOMORROW = trial("PC9", "A1", "A2", 1000, leg="L2")
CREWS = (crew(1), crew(2))
ROAD = event((PC1, PC2, CO0, CO1, TOMORROW), CREWS)
RACE = ROAD.races[0]
RULES = book()
TIMES = (("A1", "0"), ("A2", "10.05"), ("A3", "20"), ("C1", "660"))
PASSAGES = tuple(passing(point, at, number) for number in (1, 2) for point, at in TIMES)
OWN = frozenset({"PC1 1", "PC2 1", "CO0 1", "CO1 1"})  # of crew 1 in leg 1
ALL = OWN | {"PC1 2", "PC2 2", "CO0 2", "CO1 2", "PC9 1", "PC9 2"}


class Road:
    """One computation after another; a place that nobody passed otherwise has the very crossings of before."""

    def __init__(self) -> None:
        self.measures, self.memo = Measures(), Memo()
        self.crossed: dict[tuple[str, str], Mapping[int, list[Attribution]]] = {}

    def scores(
        self,
        road: Event = ROAD,
        rules: RuleBook = RULES,
        passages: Sequence[Attribution] = PASSAGES,
        sure: float = SURE,
    ) -> dict[str, Score]:
        """Return every score by control and start number."""
        self.memo.turn()
        last, now = self.crossed, crossings(road_of(road), passages, [])
        self.crossed = {place: last[place] if last.get(place) == its else its for place, its in now.items()}
        found = self.measures.measure(road, {"R": rules}, self.crossed, self.memo, sure)
        return {f"{one.control} {one.start_number}": one for its in found.values() for one in its}


def otherwise(place: int, **values: Any) -> tuple[Attribution, ...]:
    """Return PASSAGES with one attribution changed."""
    return (*PASSAGES[:place], PASSAGES[place]._replace(**values), *PASSAGES[place + 1 :])


def driving(**values: Any) -> Event:
    return replace(ROAD, **values)


def with_crews(*entries: Entry) -> Event:
    return driving(entries=entries)


# name: (what is otherwise than in the computation before, what is measured anew)
CHANGES = {
    "nothing": ({}, frozenset()),
    "another passage where a trial opens": ({"passages": (passing("A1", "0.5"), *PASSAGES[1:])}, OWN),
    "another passage where a trial closes": ({"passages": (*PASSAGES[:2], passing("A3", "21"), *PASSAGES[3:])}, OWN),
    "a passage at a time control": ({"passages": (*PASSAGES[:3], passing("C1", "720"), *PASSAGES[4:])}, OWN),
    "one passage less": ({"passages": PASSAGES[1:]}, OWN),
    "nobody passed the last control": ({"passages": (*PASSAGES[:3], *PASSAGES[4:7])}, ALL - {"PC9 1", "PC9 2"}),
    "a doubtful crew": ({"passages": otherwise(0, confidence=0.5)}, frozenset({"PC1 1"})),
    "a passage of the other leg": ({"passages": (*PASSAGES, passing("A1", "5", leg=1))}, frozenset({"PC9 1"})),
    "time given to one crew": (
        {"road": driving(allowances=(Allowance("CO1", ("R",), (2,), 60_000_000_000, "accident"),))},
        frozenset({"CO1 2"}),
    ),
    "another set time": (
        {"road": driving(controls=(PC1, replace(PC2, ideal_cs=1100), CO0, CO1, TOMORROW))},
        frozenset({"PC2 1", "PC2 2"}),
    ),
    "another start": (
        {"road": driving(races=(replace(RACE, starts=(replace(RACE.starts[0], interval_ns=1), RACE.starts[1])),))},
        ALL,
    ),
    "another place in the start order": ({"road": with_crews(crew(1), replace(crew(2), place=7))}, ALL),
    "a crew more": (
        {"road": with_crews(crew(1), crew(2), crew(3))},
        ALL | {"PC1 3", "PC2 3", "CO0 3", "CO1 3", "PC9 3"},
    ),
    "another rule book": ({"rules": book("[timed_trial]\ncap = 3\n")}, ALL),
    "another confidence": ({"sure": 0.5}, ALL),
}


@pytest.mark.parametrize(("change", "anew"), CHANGES.values(), ids=CHANGES)
def test_only_what_a_change_touches_is_measured(change: dict[str, Any], anew: frozenset[str]) -> None:
    goes_on = Road()
    before = goes_on.scores()
    assert len(goes_on.memo.made) == 6  # the timetable, and the points of the trials: three in leg 1, two in leg 2
    after = goes_on.scores(**change)
    assert after == Road().scores(**change)
    assert {place for place, one in after.items() if one is not before.get(place)} == anew
    assert all(one is after[place] for place, one in goes_on.scores(**change).items())
    assert goes_on.memo.made == []
    assert goes_on.scores() == before


def test_a_race_that_begins_to_drive_a_control_has_its_scores() -> None:
    goes_on, without = Road(), driving(controls=(PC1, CO0, CO1, TOMORROW))
    goes_on.scores(road=without)
    assert goes_on.scores() == Road().scores()


def test_scores_come_in_the_order_of_controls_and_start_numbers() -> None:
    found = Road().scores(road=with_crews(crew(2), crew(1)))
    assert list(found) == ["PC1 1", "PC1 2", "PC2 1", "PC2 2", "CO0 1", "CO0 2", "CO1 1", "CO1 2", "PC9 1", "PC9 2"]


def test_a_crew_below_the_confidence_asked_is_open_until_less_is_asked() -> None:
    goes_on, doubtful = Road(), otherwise(0, confidence=0.8)
    assert [goes_on.scores(passages=doubtful, sure=sure)["PC1 1"].status == OPEN for sure in (0.9, 0.8, 0.9)] == [
        True,
        False,
        True,
    ]


PASSING = st.builds(
    passing, st.sampled_from(("A1", "A2", "A3", "C1")), st.integers(0, 30), st.integers(1, 3), leg=st.integers(0, 1)
)


@given(st.lists(st.lists(PASSING, max_size=8), min_size=2, max_size=4))
@settings(max_examples=50)
def test_a_computation_that_goes_on_gives_what_a_cold_one_does(days: list[list[Attribution]]) -> None:
    goes_on = Road()
    for passages in days:
        assert goes_on.scores(passages=passages) == Road().scores(passages=passages)
