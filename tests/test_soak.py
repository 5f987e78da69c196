"""A short run of what `make soak` does for long: fault schedules, and kills of a collecting host."""

import gc
from contextlib import closing

import pytest

from tests import doors_fuzz
from tests.doors_fuzz import Door, doors, tried
from tests.faults import Laptops, Schedule
from tests.http_door import GOOD, HttpDoor
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


def test_no_input_is_charged_for_what_others_left_behind(monkeypatch):
    """A run stopped once at 255 bytes that took 3.9 s there and 0.06 s alone: the collector had come."""
    monkeypatch.setattr(doors_fuzz, "CPU_S", 0.05)
    gc.disable()
    try:
        left = [[] for _ in range(600_000)]
        for one in left:
            one.append(one)
        del left, one
        tried("the collector", Door(b"good", lambda raw: gc.collect(), 1), 1)
    finally:
        gc.enable()


# name, what is measured before and after: s of processor time, MB.
TOO_MUCH = [("time", "_taken_s", (3.5,), "3.5 s for"), ("memory", "_peak_mb", (100.0, 350.0), "250 MB for")]


@pytest.mark.parametrize(("measure", "values", "says"), [row[1:] for row in TOO_MUCH], ids=[row[0] for row in TOO_MUCH])
def test_what_takes_more_than_its_size_is_worth_ends_the_run(monkeypatch, measure, values, says):
    measured = iter(values)
    monkeypatch.setattr(doors_fuzz, measure, lambda *_: next(measured))
    with pytest.raises(AssertionError, match=says):
        tried("any", Door(b"good", len, 1), 1)


def test_the_door_of_serve_answers_each_request_and_logs_nothing(caplog):
    door = HttpDoor()
    assert door.take(GOOD) == [200, 404, 200, 405, 404]  # news are not told behind another answer that is not out yet
    assert door.take(GOOD[GOOD.index(b"GET /api/events") :]) == [200]
    assert door.take(b"\0\x1b[2J no HTTP\r\n\r\n") == [400]
    assert door.take(b"GET /crono/\x1b[2J\xe2\x80\xae HTTP/1.1\r\n\r\n") == [400]
    assert caplog.messages == []  # what is logged by a server that nobody gave a log goes to its terminal
