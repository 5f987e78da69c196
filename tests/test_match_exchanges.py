"""Two late crews that each may have come where the other did: what one order weighs against the other."""

from collections.abc import Callable

import pytest

from centesimo.match import match
from centesimo.match.exchanges import exchanged
from tests.test_match import ALL, drive, event, wrong

SURE = [{7: 0.99, -1: 0.01}, {9: 0.99, -1: 0.01}]  # track 0 is crew 7's, track 1 crew 9's
PAIR = [((0, 7), (1, 9))]


def weights(as_they_are: float, crosswise: float) -> Callable[[int, int], float]:
    """Return weights of crews at tracks whose products are these."""
    by_pair = {(7, 0): as_they_are, (9, 1): 1.0, (9, 0): crosswise, (7, 1): 1.0}
    return lambda who, place: by_pair[who, place]


# name: (weights as they are, crosswise, chances of track 0)
CASES: dict[str, tuple[float, float, dict[int, float]]] = {
    "either order is as likely": (2.0, 2.0, {7: 0.495, 9: 0.495, -1: 0.01}),
    # 1 / (1 + 3) = 0.25 of 0.99
    "one is three times likelier": (3.0, 1.0, {7: 0.7425, 9: 0.2475, -1: 0.01}),
    "the other cannot be": (3.0, 0.0, {7: 0.99, -1: 0.01}),
}


@pytest.mark.parametrize(("as_they_are", "crosswise", "expected"), CASES.values(), ids=CASES)
def test_two_orders_are_weighed(as_they_are: float, crosswise: float, expected: dict[int, float]) -> None:
    first, second = exchanged(SURE, PAIR, weights(as_they_are, crosswise))
    assert first == pytest.approx(expected)
    assert sum(first.values()) == pytest.approx(1)
    assert sum(second.values()) == pytest.approx(1)


def test_of_three_crews_alike_each_may_be_each() -> None:
    """Odds of 1 for either of two others: a third each of 0.99."""
    sure = [{who: 0.99, -1: 0.01} for who in range(3)]
    pairs = [((0, 0), (1, 1)), ((0, 0), (2, 2)), ((1, 1), (2, 2))]
    found = exchanged(sure, pairs, lambda who, place: 1.0)
    assert found == [pytest.approx({0: 0.33, 1: 0.33, 2: 0.33, -1: 0.01})] * 3


def test_what_is_known_of_an_exchange_is_not_taken_away() -> None:
    unsure = [{7: 0.6, 9: 0.4}, {9: 0.6, 7: 0.4}]
    assert exchanged(unsure, PAIR, weights(3.0, 1.0)) == unsure  # 0.25 * 0.6 = 0.15 is less than 0.4


# Of 8 crews every 60 s, 2 and 3 are late on their own: they come at 400 s and 520 s. Crew 2 is 340 s late and crew 3
# 400 s, or crew 2 is 460 s late and crew 3 280 s. Lateness falls off by exp(-1) in 10 minutes: either is as likely.
def test_of_two_late_crews_neither_is_told() -> None:
    made = drive({**ALL, 2: 340.0, 3: 400.0})
    attributions, findings = match(event(), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []
    assert {one.start_number for one in attributions} == {*ALL} - {2, 3}
    assert "doubtful" in {one.kind for one in findings}


# name: (crews, lateness of who comes): nothing tells how late the field is but the two cars themselves.
TWO: dict[str, tuple[int, dict[int, float]]] = {
    "the second is late": (2, {1: 0.0, 2: 340.0}),
    "the third is late, the second absent": (3, {1: 0.0, 3: 340.0}),
}


@pytest.mark.parametrize(("crews", "late_s"), TWO.values(), ids=TWO)
def test_one_of_two_does_not_tell_how_late_the_other_is(crews: int, late_s: dict[int, float]) -> None:
    made = drive(late_s)
    attributions, _ = match(event(crews), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []
    assert 1 in {one.start_number for one in attributions}
