"""Edges to passages: which edges are one car, and what is flagged."""

from dataclasses import replace

import pytest

from centesimo.model.event import TimingPoint
from centesimo.model.facts import Edge
from centesimo.timing.passages import FLAGS, passages, speed_kmh
from centesimo.words.findings import sentence
from tests.decisions import EVENT

BOARD = "00000000000000b1"
POINT = TimingPoint("T1", "the tube at the bridge", BOARD, 1, bounce_ms=30, axle_ms=1000)
T0_NS = 1_717_221_600 * 10**9


def edge(sequence: int, at_ms: float, *, input_: int = 1, boot: int = 1, timed: bool = True, **changes: object) -> Edge:
    """Return an edge `at_ms` after T0."""
    made = Edge(
        BOARD,
        sequence,
        boot,
        input_,
        int(at_ms * 1000) + 5_000_000,
        T0_NS + int(at_ms * 1_000_000) if timed else None,
        1500 if timed else None,
        timed,
        "between anchors",
        3,
        False,
    )
    return made._replace(**changes)


# A wheelbase of 2.5 m is 300 ms at 30 km/h and 90 ms at 100 km/h.
# name: (ms of the edges, ms of the passages, flags of each)
CASES = {
    "two axles": ([0, 300], [0], [()]),
    "near and far wheel": ([0, 4, 300, 304], [0], [()]),
    "bounce counts once, the first edge": ([0, 8, 21, 300, 309], [0], [()]),
    "one axle": ([0], [0], [("single edge",)]),
    "one axle that bounces": ([0, 9, 18], [0], [("single edge",)]),
    "a fast car": ([0, 90], [0], [()]),
    "a slow car": ([0, 950], [0], [()]),
    "a walking pace is two": ([0, 1700], [0, 1700], [("single edge",), ("single edge",)]),
    "two cars 1.5 s apart": ([0, 300, 1500, 1790], [0, 1500], [(), ()]),
    "two cars 0.6 s apart": ([0, 150, 600, 752], [0, 600], [("close behind",), ("close behind",)]),
    "the second car's rear outside the window": (
        [0, 150, 900, 1052],
        [0, 900],
        [("close behind",), ("close behind",)],
    ),
    "a car without rear pulse, another behind": (
        [0, 700, 850],
        [0, 700],
        [("single edge", "close behind"), ("close behind",)],
    ),
    "the second car without rear pulse": (
        [0, 200, 950],
        [0, 950],
        [("close behind",), ("single edge", "close behind")],
    ),
    "bounce that outlasts the setting": ([0, 40, 300, 345], [0], [("many edges",)]),
    "a trailer": ([0, 300, 760], [0], [("many edges",)]),
    "a trailer of two axles": ([0, 300, 760, 840], [0], [("many edges",)]),
    # 20 edges 25 ms apart last 475 ms, 60 of them 1475 ms.
    "a tube that chatters": ([25 * n for n in range(60)], [0], [("single edge", "long")]),
    "nothing": ([], [], []),
}


@pytest.mark.parametrize(("ats_ms", "expected_ms", "flags"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("timed", [True, False], ids=["with time", "without time"])
def test_passages(ats_ms: list[int], expected_ms: list[int], flags: list[tuple[str, ...]], timed: bool) -> None:
    edges = [edge(1 + place, at_ms, timed=timed) for place, at_ms in enumerate(ats_ms)]
    found, findings = passages(edges[::-1], [POINT])
    assert [(one.edges[0].counter_us - 5_000_000) // 1000 for one in found] == expected_ms
    assert [one.flags for one in found] == [flag if timed else ("no time", *flag) for flag in flags]
    assert sorted(one for passage in found for one in passage.edges) == edges
    assert [one.id for one in found] == [f"{BOARD}:{one.edges[0].sequence}" for one in found]
    assert findings == []


# The same edges read with other settings of the timing point: nothing is lost, so they may be read again at any time.
STOPPED = [0, 1200, 8000, 8300]  # front wheels; the rear ones when it drives on; the next car
REVERSED = [0, 1200, 2600, 2900]  # front wheels forwards, back, forwards again, then the rear ones
# name: (ms of the edges, bounce_ms, axle_ms, ms of the passages, flags of each)
SETTINGS = {
    "a motorcycle of 1.4 m at 70 km/h": ([0, 72], 30, 1000, [0], [()]),
    "the same, its wheels taken for bounce": ([0, 72], 80, 1000, [0], [("single edge",)]),
    "a motorcycle half a second ahead of a car": ([0, 100, 500, 700], 30, 1000, [0, 500], [("close behind",)] * 2),
    "a bus of 6 m at 20 km/h": ([0, 1080], 30, 1500, [0], [("long",)]),
    "the same, its axles taken for two cars": ([0, 1080], 30, 1000, [0, 1080], [("single edge",)] * 2),
    "three axles, the last two 1.3 m apart at 60 km/h": ([0, 240, 318], 30, 1000, [0], [("many edges",)]),
    "a car that stops between its axles": (STOPPED, 30, 1500, [0, 8000], [("long",), ()]),
    "the same, too short for it": (STOPPED, 30, 1000, [0, 1200, 8000], [("single edge",), ("single edge",), ()]),
    "a car that reverses": (REVERSED, 30, 1000, [0, 1200, 2600], [("single edge",), ("single edge",), ()]),
    "the same, long enough for two": (REVERSED, 30, 1500, [0, 2600], [("long",), ()]),
    "a car that crosses twice": ([0, 300, 60_000, 60_300], 30, 1000, [0, 60_000], [(), ()]),
    "bounce of 40 ms": ([0, 40, 300, 340], 30, 1000, [0], [("many edges",)]),
    "the same, with a bounce that covers it": ([0, 40, 300, 340], 50, 1000, [0], [()]),
}


@pytest.mark.parametrize(("ats_ms", "bounce_ms", "axle_ms", "expected_ms", "flags"), SETTINGS.values(), ids=SETTINGS)
def test_settings_of_a_timing_point(
    ats_ms: list[int], bounce_ms: int, axle_ms: int, expected_ms: list[int], flags: list[tuple[str, ...]]
) -> None:
    edges = [edge(1 + place, at_ms) for place, at_ms in enumerate(ats_ms)]
    found, _ = passages(edges, [replace(POINT, bounce_ms=bounce_ms, axle_ms=axle_ms)])
    assert [((one.at_ns or 0) - T0_NS) // 1_000_000 for one in found] == expected_ms
    assert [one.flags for one in found] == flags
    assert sorted(one for passage in found for one in passage.edges) == edges


TRUST = {
    "unconfirmed second": {"confirmed": False},
    "uncertain": {"uncertainty_ns": 5_000_001},
    "simulated": {"simulated": True},
    "marked doubtful": {"marked": True},
}


@pytest.mark.parametrize(("flag", "changes"), TRUST.items(), ids=TRUST)
def test_trust_is_flagged(flag: str, changes: dict[str, object]) -> None:
    (one,), _ = passages([edge(1, 0, **changes), edge(2, 300)], [POINT])
    assert one.flags == (flag,)
    assert flag in FLAGS


def test_axles_across_a_restart_with_time() -> None:
    """A board that restarts while a car stands on the tube: UTC joins what the counters of two boots cannot."""
    found, _ = passages([edge(1, 0), edge(2, 300, boot=2, counter_us=17)], [POINT])
    assert [len(one.edges) for one in found] == [2]


def test_boots_without_time_are_kept_apart() -> None:
    found, _ = passages([edge(1, 0, timed=False), edge(2, 300, boot=2, timed=False)], [POINT])
    assert [one.flags for one in found] == [("no time", "single edge")] * 2


def test_an_input_of_no_timing_point_is_found() -> None:
    found, findings = passages([edge(1, 0, input_=3), edge(2, 300, input_=3)], [POINT])
    assert found == []
    assert [sentence(one, EVENT) for one in findings] == [
        f"2 edges of input 3 of board {BOARD} belong to no timing point of the event."
    ]


def test_a_point_without_board_has_no_passages() -> None:
    assert passages([], [TimingPoint("T9", "by hand", None, None, 30, 1000)]) == ([], [])


SPEEDS = {"30 km/h": ([0, 4, 300], 30.0), "100 km/h": ([0, 90], 100.0), "one axle": ([0, 10], None)}


@pytest.mark.parametrize(("ats_ms", "expected"), SPEEDS.values(), ids=SPEEDS)
def test_speed(ats_ms: list[int], expected: float | None) -> None:
    (one,), _ = passages([edge(1 + place, at_ms) for place, at_ms in enumerate(ats_ms)], [POINT])
    assert speed_kmh(one) == expected
