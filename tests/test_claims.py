"""Belated crews and tracks weigh each other: small chains whose every joint explanation is written out.

Weights, with a spread of 1 s about the field's lateness of 0 (model.py): a crew on time has the density 0.99 * 0.3675 =
0.363825 beside 0.01 * 0.2 / 60 = 0.0000333 of its own accord, together 0.363858 a second; one 100 s late has
0.004 * (exp(-100/120)/120 + exp(-100/600)/600) = 2.0130e-5 beside 3e-8, together 2.016e-5; one 400 s late has
0.004 * (exp(-400/120)/120 + exp(-400/600)/600) = 4.611e-6. Nobody's track has 3e-4 + 5e-6 = 3.05e-4. A crew that is
gone comes with 0.03, one that is expected with 0.97.
"""

import pytest

from centesimo.match.claims import Claims
from centesimo.match.crews import Reading
from centesimo.match.model import ABSENT, GONE, NOBODY, Column, Crew, Manner
from centesimo.match.ways import Step, backward

NEAR = 0.02  # of the chances: sum-product is not exact where crews and tracks form a ring

# name: ((due, absent) of each crew, instants of the tracks, chance of each crew and of nobody, by track)
POSTERIORS: dict[str, tuple[list[tuple[float, float]], list[float], list[dict[int, float]]]] = {
    # here 0.03 * 0.363858 = 0.0109157, not 0.97 * 3.05e-4 = 0.00029585
    "a crew that is gone comes after all": ([(0, GONE)], [0.0], [{0: 0.9736, NOBODY: 0.0264}]),
    # first 0.0109157 * 3.05e-4 = 3.3293e-6, second 0.03 * 2.016e-5 * 3.05e-4 = 1.845e-10, none 0.97 * 3.05e-4 ** 2 =
    # 9.023e-8: the crew can be one of the two only
    "a crew that is gone, one track on time, one late": (
        [(0, GONE)],
        [0.0, 100.0],
        [{0: 0.9736, NOBODY: 0.0264}, {0: 0.0001, NOBODY: 0.9999}],
    ),
    # each 0.03 * 0.97 * 0.363858 = 0.0105883, none 0.97 ** 2 * 3.05e-4 = 0.00028697
    "two crews that are gone, one track": (
        [(0, GONE), (0, GONE)],
        [0.0],
        [{0: 0.4933, 1: 0.4933, NOBODY: 0.0134}],
    ),
    # 1 and 2: 2 * (0.03 * 0.363858) ** 2 = 2.38305e-4; one of them on one of the tracks: 4 * 0.0105883 * 3.05e-4 =
    # 1.29177e-5; none 0.97 ** 2 * 3.05e-4 ** 2 = 8.75e-8. So a crew has a track in (1.191525e-4 + 3.2294e-6) / 2.513e-4
    "two crews that are gone, two tracks of which each may be either's": (
        [(0, GONE), (0, GONE)],
        [0.0, 0.0],
        [{0: 0.4870, 1: 0.4870, NOBODY: 0.0260}] * 2,
    ),
    # Crew 1 is on time; crew 0 is absent (0.03) and the second track nobody's (3.05e-4), together 9.15e-6, or it is
    # 400 s late: 0.97 * 4.611e-6 = 4.473e-6.
    "a belated crew, one of two tracks": (
        [(0, ABSENT), (60, ABSENT)],
        [60.0, 400.0],
        [{1: 1.0}, {0: 0.3283, NOBODY: 0.6717}],
    ),
}


@pytest.mark.parametrize(("crews", "ats_s", "chances"), POSTERIORS.values(), ids=POSTERIORS)
def test_chances_of_all_joint_explanations(
    crews: list[tuple[float, float]], ats_s: list[float], chances: list[dict[int, float]]
) -> None:
    reading = Reading(
        [Crew(number, due_s, 0, absent, None) for number, (due_s, absent) in enumerate(crews, 1)],
        Manner(1.0),
        [[0.0]],
    )
    found = reading.solve([Column(number, at_s, 1.0, 0.0) for number, at_s in enumerate(ats_s)])
    for its, expected in zip(found, chances, strict=True):
        assert sum(its.values()) == pytest.approx(1)
        assert {who: its.get(who, 0.0) for who in expected} == pytest.approx(expected, abs=NEAR)


def test_what_a_crew_that_nobody_claims_is_worth() -> None:
    """To a state its absence; to a track, one beside its absence."""
    claims = Claims.first([0.03, 0.97], expected={0})
    assert (claims.unseen(0), claims.unseen(1)) == (0.03, 0.97)
    assert dict(claims.on(0)) == {1: pytest.approx(1 / 0.97)}


def test_a_crew_that_one_track_claims_is_no_other_tracks() -> None:
    """Track 0 has it with 9 to 1: 9 * 0.97 for it. Track 1 finds it taken: 1 / (0.97 + 8.73), and track 0 does not."""
    claims = Claims.first([0.97], expected=()).after([{}, {}], [{0: 0.9}, {}])
    assert claims.unseen(0) == pytest.approx(0.97 + 9 * 0.97)
    assert dict(claims.on(0)) == {0: pytest.approx(1 / 0.97)}
    assert dict(claims.on(1)) == {0: pytest.approx(1 / (0.97 + 9 * 0.97))}


def test_a_crew_that_was_seen_when_due_is_hardly_worth_a_claim() -> None:
    """Seen with 99 to 1, absent with 0.03: 99 * 0.03 for its having been seen."""
    claims = Claims.first([0.03], expected={0}).after([{0: 0.99}], [{}])
    assert dict(claims.on(1)) == {0: pytest.approx(1 / (0.03 + 99 * 0.03))}


def test_ways_are_weighed_forwards_and_backwards() -> None:
    """From one state to two with 3 to 1, from which the second track has 1 to 2: 3 * 1 to 1 * 2."""
    start, one, other, end = ((place, (), (0.0,)) for place in range(4))
    first, second = Step({start: 1.0}), Step({one: 3.0, other: 1.0})
    first.arcs = [(start, one, 0, 3.0), (start, other, 1, 1.0)]
    second.arcs = [(one, end, 1, 1.0), (other, end, 0, 2.0)]
    assert second.forward() == {end: 5.0}
    due, belated = backward([first, second], {end: 1.0})
    assert due == [pytest.approx({0: 0.6, 1: 0.4}), pytest.approx({1: 0.6, 0: 0.4})]
    assert belated == [{}, {}]


def test_what_belated_crews_have_together_is_told_apart() -> None:
    """A track is crew 0's with 1, or that of a belated one: of crew 1 with 2, of crew 2 with 1."""
    state = (0, (), (0.0,))
    step = Step({state: 1.0})
    late, weight = step.late({1: 2.0, 2: 1.0})
    step.arcs = [(state, state, 0, 1.0), (state, state, late, weight)]
    due, belated = backward([step], {state: 1.0})
    assert (due, belated) == ([pytest.approx({0: 0.25})], [pytest.approx({1: 0.5, 2: 0.25})])
