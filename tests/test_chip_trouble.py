"""The emulated chip where everything is wrong: it runs, says what is wrong, and keeps stamping; no loss is silent."""

from itertools import pairwise

import pytest

from centesimo_protocol import record, session
from tests import chip_trouble
from tests.chip import CYCLE_NS, MS, SECOND
from tests.chip_road import image


@pytest.fixture(scope="module")
def trouble() -> chip_trouble.Trouble:
    return chip_trouble.play(image())


def alarms(status):
    return [name for place, name in enumerate(session.ALARM_NAMES) if status.alarms >> place & 1]


SPOILT = ["settings damaged", "journal of another format"]

# (when, sync state, alarms)
STATUSES = [
    ("noisy", record.NO_RECEIVER, SPOILT),
    ("stuck", record.NO_FIX, ["input stuck", *SPOILT]),
    ("freed", record.NO_FIX, SPOILT),
    ("mended", record.NO_FIX, SPOILT[1:]),  # a setting was changed
    ("last", record.NO_FIX, ["edges lost", *SPOILT[1:]]),
]


@pytest.mark.parametrize(("when", "state", "expected"), STATUSES, ids=[row[0] for row in STATUSES])
def test_the_status_says_what_is_wrong(trouble, when, state, expected):
    status = getattr(trouble, when)
    assert (status.state, sorted(set(alarms(status)) - {"input ringing"})) == (state, sorted(expected))


def test_a_person_at_a_terminal_reads_what_is_wrong(trouble):
    assert "; no fix (no fix); " in trouble.line
    assert trouble.line.endswith("alarms: " + ", ".join(SPOILT))


def test_every_edge_is_stamped_all_the_while(trouble):
    for tube, instants in {**trouble.crossed, 4: [chip_trouble.CLOSED_NS[0]]}.items():
        stamps = counters(trouble, tube)[: len(instants)]
        # The counter is cut to whole microseconds, and 0.1 us go by on the way through PIO and DMA.
        assert [-1 <= stamp_us - at_ns / 1000 < 0.2 for stamp_us, at_ns in zip(stamps, instants, strict=True)] == [
            True
        ] * len(instants)


def test_half_sentences_are_counted(trouble):
    assert losses(trouble)[16] >= len(chip_trouble.HALVES_NS)


def test_every_stamp_that_is_lost_is_counted(trouble):
    # A ring keeps the last 1024 of 1300. A FIFO keeps 4 of 10, and the chip does not say how many it dropped, only that
    # it did. Where the copy of the first is held up, nine start none.
    assert {tube: count for tube, count in losses(trouble).items() if tube < 16} == {1: 276, 2: 1, 3: 9}
    assert trouble.last.lost == 276 + 1 + 9


# (tube, stamps of its crowd that must be there: None is as many of the last ones as were recorded)
CROWDS = [(1, None), (2, chip_trouble.FIFO), (3, 1), (4, chip_trouble.HELD_EDGES)]


@pytest.mark.parametrize(("tube", "count"), CROWDS)
def test_what_a_crowd_leaves_is_there_and_the_next_edge_is_right(trouble, tube, count):
    *crowd, late = counters(trouble, tube)[len(trouble.crossed.get(tube, [0])) :]
    assert late == chip_trouble.LATE_NS // 1000
    if count is None:
        assert 0 < len(crowd) < chip_trouble.RING
        assert crowd == [at_ns // 1000 for at_ns in trouble.crowded[tube][-len(crowd) :]]
    else:
        assert len(crowd) == count


def test_the_display_shows_it(trouble):
    assert trouble.noisy_rows[:6] == ["--:--:--", "--:--:--", "no receiver", "+-?        0 sat", "no sentences", ""]
    assert trouble.noisy_rows[6].startswith("input ")
    assert trouble.stuck_rows[1:5] == ["1       8", "2       8", "3       8", "4       1 stuck"]


# (begin of two seconds, which eighths of a second the lamp is lit in)
LAMPS = [("an alarm: it flickers", 2, "1010101010101010"), ("no fix: two flashes", 4, "1010000000000000")]


@pytest.mark.parametrize(("begin_s", "expected"), [row[1:] for row in LAMPS], ids=[row[0] for row in LAMPS])
def test_the_lamp_shows_it(trouble, begin_s, expected):
    middles_ns = [begin_s * SECOND + place * 125 * MS + 100 * MS for place in range(16)]
    levels = [[level for at_ns, level in trouble.lamp if at_ns <= middle_ns][-1] for middle_ns in middles_ns]
    assert "".join(str(int(level)) for level in levels) == expected


def test_a_passage_makes_a_tone(trouble):
    begin_ns = chip_trouble.CLOSED_NS[0]
    rises = [at_ns for at_ns, level in trouble.tone if level and begin_ns < at_ns < begin_ns + SECOND // 4]
    # 2700 Hz, for 60 ms and what a turn of the loop adds; the chip's cycle is 2 ns short of a period.
    periods = {round((later - at_ns) / CYCLE_NS) for at_ns, later in pairwise(rises)}
    assert all(abs(period * CYCLE_NS - SECOND / 2700) < 100 for period in periods)
    assert 60 * MS <= rises[-1] - rises[0] + 2 * SECOND // 2700 < 120 * MS


def test_an_alarm_sounds_until_it_is_silenced(trouble):
    assert trouble.silenced.alarms == 1 << session.SETTINGS | 1 << session.FOREIGN
    before, after = (
        [tone for tone in tones(trouble) if begin_ns <= tone[0] < end_ns]
        for begin_ns, end_ns in ((0, trouble.silenced_ns), (trouble.silenced_ns + 100 * MS, chip_trouble.CLOSED_NS[0]))
    )
    assert len(before) > 0
    assert after == []
    # At 6 s tube 4 has been closed for five, the last passage is 1.5 s ago before 7: one long tone. The short one that
    # belongs to it is due at 7.6, when edges come.
    stuck = [ms for at_ns, ms in tones(trouble) if 6 * SECOND < at_ns < 7.5 * SECOND]
    assert [round(ms / 125) for ms in stuck if ms > 120] == [4], stuck


def tones(trouble):
    """Return (instant, ms) of each tone: its cycles are 0.4 ms apart."""
    found = []
    for at_ns, level in trouble.tone:
        if level and found and at_ns - found[-1][0] - found[-1][1] * MS < 2 * MS:
            found[-1] = (found[-1][0], (at_ns - found[-1][0]) / MS)
        elif level:
            found.append((at_ns, 0))
    return found


def counters(trouble, tube):
    edges = [edge for one in trouble.records for edge in record.edges_of(one) if edge.input == tube]
    return [edge.counter_us for edge in sorted(edges, key=lambda edge: edge.count)]


def losses(trouble):
    found: dict[int, int] = {}
    for one in trouble.records:
        if isinstance(one, record.Loss):
            found[one.source] = found.get(one.source, 0) + one.count
    return found
