"""A receiver that answers at once, and lines that hand its answers on late."""

from itertools import combinations

import pytest

from centesimo_board.answers import MARK_US, RULER, SOON_US, Answers

TURN_US = 100_000
RULERS = 3
LENGTH_MS = RULER[-2] * MARK_US // 1000


def asked(answered_after_us, seconds):
    """Return what is known after some seconds of turns in which each question is answered so much later."""
    answers, due = Answers(), []
    for now_us in range(0, seconds * 1_000_000, TURN_US):
        while due and due[0] <= now_us:
            answers.take(due.pop(0))
        if answers.is_due(now_us):
            due.append(now_us + answered_after_us)
    return answers


def test_no_two_distances_of_the_ruler_are_alike():
    distances = [later - earlier for earlier, later in combinations(RULER[:-1], 2)]
    assert len(set(distances)) == len(distances)


@pytest.mark.parametrize("after_ms", [10, 200, SOON_US // 1000])
def test_two_answers_at_once_are_enough(after_ms):
    assert not asked(after_ms * 1000, 4).are_soon
    assert asked(after_ms * 1000, 6).are_soon


@pytest.mark.parametrize("after_ms", range(600, LENGTH_MS, 300))
def test_late_answers_are_never_taken_for_early_ones(after_ms):
    assert not asked(after_ms * 1000, RULERS * RULER[-1] * MARK_US // 1_000_000).are_soon


def test_a_receiver_that_answers_at_some_moments_only_is_known_in_the_end():
    """It speaks at the begin of each second, and answers then."""
    answers, due = Answers(), None
    for now_us in range(0, 120_000_000, TURN_US):
        if due is not None and now_us % 1_000_000 == 0:
            answers.take(now_us)
            due = None
        if answers.is_due(now_us):
            due = now_us
    assert answers.are_soon
