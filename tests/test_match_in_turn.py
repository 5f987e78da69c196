"""Crews that go in turn, each anywhere in its due minute; a first crew some seconds off; cars alone on the road."""

import random

import numpy as np
import pytest

from centesimo.check import event_from_files
from centesimo.match import match, places
from tests.test_match_orders import CREWS, ENTRIES, TOML, driven, event, passage, written

IN_TURN = TOML.replace("after_min = 10", 'after_min = 10\norder = "in turn"')


def in_turn(late_s=0.0, without=()):
    """Return passages of crews that open the chain anywhere in their due minute, or so much later."""
    chance = random.Random(5)
    opens_s = {who: 60 * place + chance.uniform(1, 59) + late_s for place, who in enumerate(CREWS)}
    return [
        passage(who, point, at_s + 20 * point + chance.gauss(0, 0.05))
        for who, at_s in opens_s.items()
        if who not in without
        for point in range(4)
    ]


def wrong(made):
    return [one for one in made if one.passage.id.split(":")[0] != str(one.start_number)]


@pytest.fixture
def turns():
    return event_from_files({"event.toml": IN_TURN, "entries.csv": ENTRIES})


def test_each_in_its_minute_is_told_by_it(turns):
    made, _ = match(turns, in_turn())
    assert wrong(made) == []
    assert len(made) == 4 * len(CREWS)


LATE = 90.0, (1, 12, 20)  # s, and the crews missing: by times alone it looks on time, two crews on


@pytest.mark.xfail(reason="three cars are told to be the crews two places on, at 0.991 to 0.995", strict=True)
def test_a_late_field_in_turn_is_not_told_by_times(turns):
    made, _ = match(turns, in_turn(*LATE))
    assert wrong(made) == []


def test_lists_settle_a_late_field_in_turn(turns):
    passages = in_turn(*LATE)
    came = [who for who in CREWS if who not in LATE[1]]
    made, _ = match(turns, passages, written(came))
    assert wrong(made) == []
    assert len(made) == 4 * len(came)


def test_a_first_crew_some_seconds_off_shifts_nobody():
    """Crew 1 is 4.3 s late, the others not; three cars of nobody's come near the first ones; a list has a line more."""
    late = [passage(1, point, 4.3 + 20 * point) for point in range(4)]
    ahead = [
        passage(f"n{number}", point, at_s + 20 * point)
        for number, at_s in enumerate((-320.0, -160.0, 111.8))
        for point in range(4)
    ]
    lists = written(CREWS)
    lists[3] = written([*CREWS[:8], 30, *CREWS[8:-1]])[3]
    made, _ = match(event(), [*driven(CREWS)[4:], *late, *ahead], lists)
    assert wrong(made) == []
    assert len(made) >= 4 * (len(CREWS) - 3)  # those beside the cars of nobody's may be asked about


def test_a_car_alone_on_the_road_is_weighed_as_by_its_path(turns, monkeypatch):
    """The one term at each point says what the sum over all paths says."""
    quick, _ = match(turns, in_turn())
    monkeypatch.setattr(places, "CLEAR", -1.0)
    slow, _ = match(turns, in_turn())
    assert [(one.passage.id, one.start_number) for one in quick] == [(one.passage.id, one.start_number) for one in slow]
    off = np.abs([one.confidence - other.confidence for one, other in zip(quick, slow, strict=True)])
    assert off.max() < 1e-3
