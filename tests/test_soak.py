"""A short run of what `make soak` does for long: fault schedules, and kills of a collecting host."""

from contextlib import closing

import pytest

from tests.doors_fuzz import doors, tried
from tests.faults import Laptops, Schedule
from tests.kills import Killing
from tests.receiver_weeks import Week

SEEDS = range(20)
KILLS = 10


@pytest.fixture(scope="module")
def laptops(tmp_path_factory):
    with closing(Laptops(tmp_path_factory.mktemp("laptops"))) as opened:
        yield opened


@pytest.mark.parametrize("seed", SEEDS)
def test_a_schedule_of_faults_loses_nothing_and_stores_nothing_twice(laptops, seed):
    Schedule(seed, laptops).run()


def test_a_killed_host_leaves_whole_blocks_and_all_that_it_acknowledged(tmp_path):
    killing = Killing(1, tmp_path)
    for _ in range(KILLS):
        killing.kill()


def test_a_random_receiver_is_lived_with():
    week = Week(1000012)
    week._quiet(90)
    week._end_board()
    assert week.judged > 0
    assert week.wrong == week.outside == 0


@pytest.mark.parametrize("name", doors())
def test_a_door_takes_or_refuses_what_lies(name):
    door = doors()[name]
    for seed in range(20 if door.inputs > 10**6 else 3):
        tried(name, door, seed)
