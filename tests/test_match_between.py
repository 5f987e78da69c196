"""A ghost where a pulse was missed: by both links it is told from a car that left its ideal time."""

from collections.abc import Callable

import pytest

from centesimo.match import match
from centesimo.match.between import weigh_between
from centesimo.match.links import Pair, Rates, Track
from centesimo.model.facts import Passage
from tests.test_match import ALL, FIRST_NS, S_NS, but, drive, event, passage, wrong

HELD_UP = {  # crew 3 loses 11 s between T2 and T3
    key: (one._replace(at_ns=one.at_ns + 11 * S_NS) if who == 3 and one.timing_point in ("T3", "T4") else one, who)
    for key, (one, who) in drive(ALL).items()
}

# Crew 3 is due at T1 at 120 s, at T2 at 160 s. name: (passages with their truth, where crew 3 is attributed)
CASES: dict[str, tuple[dict, set[str]]] = {
    "a ghost 9 s late": (
        but(drive(ALL), without=(("T2", 3),), more=(passage("T2", 169.0, single=True),)),
        {"T1", "T3", "T4"},
    ),
    "a ghost 9 s early that looks like a car": (
        but(drive(ALL), without=(("T2", 3),), more=(passage("T2", 151.0),)),
        {"T1", "T3", "T4"},
    ),
    "a ghost at the first, where the crew will be late by": (
        but(HELD_UP, more=(passage("T1", 131.0, single=True),)),
        {"T1", "T2"},  # exactly where the ghost would be by then: a car of nobody's, and crew 3 is missed
    ),
    "held up, no ghost": (HELD_UP, {"T1", "T2", "T3", "T4"}),
}


@pytest.mark.parametrize(("made", "where"), CASES.values(), ids=CASES)
def test_a_ghost_is_not_the_crews(made: dict, where: set[str]) -> None:
    attributions, _ = match(event(), [one for one, _ in made.values()])
    assert wrong(attributions, made) == []
    its = {one.passage.timing_point for one in attributions if one.start_number == 3}
    assert its == where
    assert {one.start_number for one in attributions} >= {*ALL} - {3}


def density(at: dict[float, float]) -> Callable[[float], float]:
    """Return a spread of which only these deviations matter."""
    return lambda deviation_s: at[round(deviation_s, 3)]


def one_track(ats_s: list[float], *, single: bool = False, unclear: bool = True) -> Track:
    """Return the track of a car with its instants at three points, less the ideal times."""
    made = []
    for node in range(len(ats_s)):
        flags = ("single edge",) if single and node == 1 else ()
        made.append(Passage(f"T{node}", f"T{node}", FIRST_NS, 1500, True, (), flags, "board"))
    track = Track(0, ats_s[0], made[0], None)
    for node in (1, 2):
        pair: Pair = (0, 1.0, 1.0, None)
        track.add(node, ats_s[node], made[node], pair, None)
    track.came = {1: {track: 0.9}} if unclear else {}
    return track


RATES = Rates(ghost_hz=3e-4, miss=0.01)  # a ghost and a missing pulse: 3e-6 a second
AWAY = density({9.0: 1e-3, -9.0: 1e-3, 0.0: 4.0})  # what becomes of a car that is 9 s late at one point
NEAR = density({0.3: 0.5, -0.3: 0.5, 0.0: 4.0})

# name: (track, density, nodes of the track, how sure the middle one is)
WEIGHED = {
    # 1e-3 * 1e-3 = 1e-6 of a car against 3e-6 * 4 = 1.2e-5 of a ghost: 7.7 % a car
    "9 s away": (one_track([0.0, 9.0, 0.0]), AWAY, [0, 2], None),
    # 0.5 * 0.5 = 0.25 against 1.2e-5
    "0.3 s away": (one_track([0.0, 0.3, 0.0]), NEAR, [0, 1, 2], 0.25 / (0.25 + 1.2e-5)),
    # a car makes a single edge 0.02 times as often: 0.005
    "0.3 s away, a single edge": (
        one_track([0.0, 0.3, 0.0], single=True),
        NEAR,
        [0, 1, 2],
        0.005 / (0.005 + 1.2e-5),
    ),
    "all links clear": (one_track([0.0, 9.0, 0.0], unclear=False), AWAY, [0, 1, 2], 1.0),
}


@pytest.mark.parametrize(("track", "spread", "nodes", "sure"), WEIGHED.values(), ids=WEIGHED)
def test_both_links_are_weighed(track: Track, spread: Callable, nodes: list[int], sure: float | None) -> None:
    tracks = [track]
    weigh_between(tracks, [spread] * 3, RATES)
    assert [*track.members] == nodes
    assert sorted(node for one in tracks for node in one.members) == [0, 1, 2]
    if sure is None:
        assert track.came == {}
    else:
        assert track.sure[1] == pytest.approx(sure)


def test_another_car_that_may_have_come_behind_a_ghost_still_may() -> None:
    """The ghost is 9 s away: straight on, the car is 4 / 1e-3 = 4000 times likelier at the third point."""
    track, other = one_track([0.0, 9.0, 0.0]), one_track([0.4, 0.4, 0.4], unclear=False)
    track.came[2] = {track: 0.6, other: 0.3}  # 2400, 0.3 and 0.1 that it is nobody's
    weigh_between([track, other], [AWAY] * 3, RATES)
    assert track.came == {2: {track: pytest.approx(2400 / 2400.4), other: pytest.approx(0.3 / 2400.4)}}
