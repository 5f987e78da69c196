"""The four gates: which dates, pulses and labels are believed, and when the whole second is."""

import pytest

from centesimo_board import doubts
from centesimo_board.labels import LabelGate, date_doubt
from centesimo_board.level import LevelGate
from centesimo_board.pulses import PulseGate
from centesimo_board.trust import NO_LEAP, TrustGate

BUILT_S = 1767225600  # 2026-01-01
LAST_S = 2386540800 - 1  # 1024 weeks later is 2045-08-16 00:00:00, by `date -u -d "2026-01-01 +7168 days" +%s`
S = 1_000_000

DATES = {
    "the firmware's own day": (BUILT_S, doubts.NONE),
    "a second before it": (BUILT_S - 1, doubts.DATE_EARLY),
    "1980": (315964800, doubts.DATE_EARLY),
    "1024 weeks ago": (BUILT_S + 86400 - 1024 * 604800, doubts.DATE_EARLY),
    "1024 weeks later, less a second": (LAST_S, doubts.NONE),
    "a second more": (LAST_S + 1, doubts.DATE_LATE),
    "2026-03-01, 1024 weeks too late": (1772323200 + 7168 * 86400, doubts.DATE_LATE),
    "no date": (None, doubts.NO_DATE),
}


@pytest.mark.parametrize("case", DATES)
def test_date_window(case):
    utc_s, doubt = DATES[case]
    assert date_doubt(utc_s, BUILT_S) == doubt


# counters of pulses: which of them count (the first only begins), steady at the end, rejected
PULSES = {
    "one": ([0], "-", False, 0),
    "two": ([0, S], "-+", False, 0),
    "four": ([0, S, 2 * S, 3 * S], "-+++", True, 0),
    "a crystal 50 ppm off": ([0, S + 50, 2 * S + 100, 3 * S + 150], "-+++", True, 0),
    # The gate before any rate is measured: 1 s +- 50 ppm +- 5 us.
    "55 us late": ([0, S + 55], "-+", False, 0),
    "56 us late": ([0, S + 56], "--", False, 0),
    "55 us early": ([0, S - 55], "-+", False, 0),
    "56 us early": ([0, S - 56], "--", False, 0),
    # After pulses 40 us apart from the nominal the next is predicted there: 55 us more is inside, 56 is not.
    "a rate is learnt": ([0, S + 40, 2 * S + 80, 3 * S + 120, 4 * S + 160 + 55], "-++++", True, 0),
    "and held against": ([0, S + 40, 2 * S + 80, 3 * S + 120, 4 * S + 160 + 56], "-+++-", True, 1),
    # 17 pulses give the rate over 16 s: from then on 5 us, and 1.68 that a crystal may make of the next second.
    "6 us late, the rate known": ([*range(0, 17 * S, S), 17 * S + 6], "-" + 17 * "+", True, 0),
    "7 us late, the rate known": ([*range(0, 17 * S, S), 17 * S + 7], "-" + 16 * "+" + "-", True, 1),
    "7 us early, the rate known": ([*range(0, 17 * S, S), 17 * S - 7], "-" + 16 * "+" + "-", True, 1),
    "55 us late, a pulse before": ([*range(0, 16 * S, S), 16 * S + 55], "-" + 16 * "+", True, 0),
    # A minute later: 1.5 + 0.174 x 60 + 0.01 x 60^2 / 2 = 29.9 us
    "34 us late after a minute": ([*range(0, 17 * S, S), 76 * S + 34], "-" + 17 * "+", False, 0),
    "35 us late after a minute": ([*range(0, 17 * S, S), 76 * S + 35], "-" + 16 * "+" + "-", True, 1),
    "one missing": ([0, S, 3 * S, 4 * S], "-+++", True, 0),
    "a ghost before it is steady": ([0, S, 1_300_000, 2 * S, 3 * S, 4 * S, 5 * S], "-+-++++", True, 0),
    "a ghost at first, then pulses": ([0, 300_000, 1_300_000, 2_300_000, 3_300_000], "--+++", True, 0),
    "a ghost behind each pulse": ([n * S + away for n in range(4) for away in (0, 400_000)], "--+-+-+-", True, 1),
    "the pulses move before they are steady": ([0, S, 2_400_000, 3_400_000, 4_400_000, 5_400_000], "-+-+++", True, 0),
    "a ghost when it is steady": ([0, S, 2 * S, 3 * S, 3_300_000, 4 * S], "-+++-+", True, 1),
    "three missing": ([0, S, 2 * S, 3 * S, 7 * S], "-++++", False, 0),
    "three missing, then three": ([0, S, 2 * S, 3 * S, 7 * S, 8 * S, 9 * S], "-++++++", True, 0),
    "an hour missing": ([0, S, 2 * S, 3 * S, 3603 * S], "-++++", False, 0),
    "more than an hour missing": ([0, S, 2 * S, 3 * S, 3604 * S], "-+++-", False, 1),
    "each rings, from the start": ([0, 2, S, S + 2, 2 * S, 2 * S + 2, 3 * S, 3 * S + 2], "--+-+-+-", True, 1),
    "twice the same": ([0, S, S], "-+-", False, 0),
    "noise": ([0, 13, 170, 90_000, 512_345], "-----", False, 0),
}


@pytest.mark.parametrize("case", PULSES)
def test_pulse_gate(case):
    counters, counting, steady, rejected = PULSES[case]
    gate = PulseGate()
    assert "".join("+" if gate.judge(counter_us) else "-" for counter_us in counters) == counting
    assert (gate.steady, gate.rejected) == (steady, rejected)


def test_seconds_are_counted_over_gaps():
    gate = PulseGate()
    for second in (0, 1, 2, 3, 5, 9):
        gate.judge(second * S)
    assert (gate.seconds, gate.at_us, gate.begun) == (9, 9 * S, 1)


def test_a_rejected_pulse_shifts_nothing():
    gate = PulseGate()
    for second in range(20):
        gate.judge(second * S)
        if second >= 3:
            gate.judge(second * S + 400_000)
    assert (gate.seconds, gate.begun, gate.rejected) == (19, 1, 17)  # a ghost after each of pulses 3 .. 19


# Two trains of edges, each steady: (ms behind the second, ms that the line is high behind it, 0 as before) of both, in
# whatever order they begin; which one is taken after eight seconds with a look at the line every 10 ms, None neither.
TRAINS = {
    "a pulse, and its end": ((0, 100), (100, 0), 0),
    "a long pulse, and its end": ((0, 400), (400, 0), 0),
    "the end was seen first": ((400, 100), (500, 0), 0),
    "a pulse, and a strike behind it": ((0, 100), (650, 0), 0),
    "a strike within the pulse": ((0, 200), (50, 0), 0),
    "two pulses": ((0, 100), (500, 100), None),
    "a pulse too short to be seen, and a strike": ((0, 1), (400, 0), None),
}


@pytest.mark.parametrize("case", TRAINS)
@pytest.mark.parametrize("is_late", [False, True], ids=["", "the second begins"])
def test_of_two_trains_the_one_that_rises_counts(case, is_late):
    (at_ms, high_ms), (stray_ms, stray_high_ms), taken = TRAINS[case]
    gate = PulseGate()
    for turn_ms in range(5, 8_000, 10):
        second, phase_ms = divmod(turn_ms, 1000)
        for edge_ms in (at_ms, stray_ms):
            if phase_ms - 10 < edge_ms <= phase_ms and (second or not is_late or edge_ms == stray_ms):
                gate.judge(second * S + edge_ms * 1000)
                gate.settle()
        is_high = at_ms <= phase_ms < at_ms + high_ms or stray_ms <= phase_ms < stray_ms + stray_high_ms
        gate.look(is_high, turn_ms * 1000)
    assert gate.is_contested == (taken is None)
    if taken is not None:
        assert (gate.at_us % S, gate.steady) == ((at_ms, stray_ms)[taken] * 1000, True)


def test_a_train_that_is_settled_is_not_left_for_another():
    gate = PulseGate()
    for second in range(20):
        gate.judge(second * S)
        gate.is_settled = second > 3
        if second > 3:
            gate.judge(second * S + 400_000)
            gate.look(True, second * S + 450_000)
            gate.look(False, second * S + 900_000)
    assert (gate.begun, gate.seconds, gate.is_contested) == (1, 19, False)


def test_ten_rejected_in_a_row_begin_anew():
    gate = PulseGate()
    for second in range(5):
        gate.judge(second * S)
    for second in range(5, 15):
        assert not gate.judge(second * S + 400_000)
    assert (gate.begun, gate.seconds, gate.at_us) == (2, 0, 14 * S + 400_000)


def test_the_oldest_pulse_kept_is_16_seconds_old():
    gate = PulseGate()
    for second in range(100):
        gate.judge(second * S + second)
        assert gate.oldest() == (max(0, second - 16) * (S + 1), max(0, second - 16))


def labels(*steps):
    """Feed (label, delay_ms, pulse number) to a LabelGate; return (offset found or None, doubt)."""
    gate = LabelGate()
    found = None
    for utc_s, delay_ms, seconds in steps:
        found = gate.consider(utc_s, delay_ms, seconds)
    return found, gate.doubt


def row(count, delay_ms=120, begin=0, offset=1000):
    return [(begin + second + offset, delay_ms, begin + second) for second in range(count)]


# Ten seconds in a row are eleven labels. Steps: the offset found with the last of them, and the doubt.
LABELS = {
    "ten labels are nine seconds": (row(10), None, doubts.COUNTING),
    "eleven": (row(11), 1000, doubts.COUNTING),
    "eleven, the fifth lost": (row(4) + row(7, begin=5), None, doubts.COUNTING),
    "the fifth lost, then eleven": (row(4) + row(11, begin=5), 1000, doubts.COUNTING),
    "a second sentence each second": ([step for step in row(11) for _ in (0, 1)][:21], 1000, doubts.COUNTING),
    "20 ms after the pulse": (row(11, delay_ms=20), None, doubts.DELAY),
    "21 ms": (row(11, delay_ms=21), 1000, doubts.COUNTING),
    "899 ms": (row(11, delay_ms=899), 1000, doubts.COUNTING),
    "900 ms": (row(11, delay_ms=900), None, doubts.DELAY),
    "one 500 ms late": (row(10) + row(1, delay_ms=620, begin=10), None, doubts.UNSTABLE),
    "one 300 ms late": (row(10) + row(1, delay_ms=420, begin=10), 1000, doubts.COUNTING),
    "one 301 ms late": (row(10) + row(1, delay_ms=421, begin=10), None, doubts.UNSTABLE),
    "drifting away": ([(1000 + n, 100 + 40 * n, n) for n in range(11)], None, doubts.COUNTING),  # anew at n = 8: 320 ms
    "time stands still": ([(1000, 120, n) for n in range(11)], None, doubts.STEPS),
    "time goes by two": ([(1000 + 2 * n, 120, n) for n in range(11)], None, doubts.STEPS),
    "time goes backwards": ([*row(10), (1008, 120, 10)], None, doubts.STEPS),
    "a jump by three": ([*row(10), (1013, 120, 10)], None, doubts.STEPS),
    "two times in one second": ([*row(10), (1008, 130, 9)], None, doubts.STEPS),
}


@pytest.mark.parametrize("case", LABELS)
def test_label_gate(case):
    steps, offset, doubt = LABELS[case]
    assert labels(*steps) == (offset, doubt)


M20, M60 = 1200, 3600
UNTIL_S = 1000


def trust(steps, kept_s=NO_LEAP, utc_s=0):
    """Feed a TrustGate: ("fix", second), ("none", second), ("leap", second, count, source, valid), ("named", second,
    offset), ("prompt",), ("vouch",), ("session",), ("jump",); return whether it knows leap seconds, pulse, both."""
    gate = TrustGate(kept_s, UNTIL_S)
    for what, *values in steps:
        if what == "fix":
            gate.fix(values[0] * S)
        elif what == "none":
            gate.no_fix()
        elif what == "session":
            gate.restart()
        elif what == "jump":
            gate.jumped()
        elif what == "prompt":
            gate.is_prompt = True
        elif what == "vouch":
            gate.is_vouched = True
        elif what == "named":
            gate.named(values[1], values[0] * S)
        else:
            gate.leap(*values[1:], values[0] * S)
    return gate.knows_leap(utc_s), gate.knows_pulse(7), gate.trusts(utc_s, 7)


def fixes(begin, end):
    return [("fix", second) for second in range(begin, end + 1)]


def begun(*steps):
    """A session that was heard to begin, without a fix."""
    return [("none", -1), *steps]


def counts(count, source, valid=True, times=2):
    """NAV-TIMELS every five seconds."""
    return [("leap", 5 * place, count, source, valid) for place in range(times)]


def names(times, offset=7):
    return [("named", 5 * place, offset) for place in range(times)]


NOTHING, LEAP, PULSE, ALL = (False, False, False), (True, False, False), (False, True, False), (True, True, True)
VOUCHED = (False, False, True)
# steps, the count kept from last time, the label: what is known
TRUST = {
    "nothing known": ([], NO_LEAP, 0, NOTHING),
    "a fix": (fixes(0, 5), NO_LEAP, 0, NOTHING),
    "a fix for 19:59": (begun(*fixes(0, M20 - 1)), NO_LEAP, 0, NOTHING),
    "a fix for 20:00": (begun(*fixes(0, M20)), NO_LEAP, 0, LEAP),
    "a second without in between": (begun(*fixes(0, 600), ("none", 601), *fixes(602, M20 + 1)), NO_LEAP, 0, NOTHING),
    "and 20 min after it": (begun(*fixes(0, 600), ("none", 601), *fixes(602, M20 + 602)), NO_LEAP, 0, LEAP),
    "two seconds of silence": (begun(*fixes(0, 600), *fixes(602, M20)), NO_LEAP, 0, LEAP),
    "three seconds of silence": (begun(*fixes(0, 600), *fixes(603, M20)), NO_LEAP, 0, NOTHING),
    "another session in between": (begun(*fixes(0, 720), ("session",), *fixes(721, M20 + 720)), NO_LEAP, 0, NOTHING),
    "nobody heard it begin": (fixes(0, M60 - 1), NO_LEAP, 0, NOTHING),
    "for an hour": (fixes(0, M60), NO_LEAP, 0, LEAP),
    "nor does a fix that is lost begin it": ([*fixes(0, 9), ("none", 10), *fixes(11, M60)], NO_LEAP, 0, NOTHING),
    "its second has jumped": (begun(("jump",), ("none", -1), *fixes(0, M60 - 1)), NO_LEAP, 0, NOTHING),
    "and not for an hour": (begun(("jump",), *fixes(0, M60)), NO_LEAP, 0, LEAP),
    "and another session began": (begun(("jump",), ("session",), ("none", -1), *fixes(0, M20)), NO_LEAP, 0, NOTHING),
    "the count of the satellites": (counts(18, 2), NO_LEAP, 0, LEAP),
    "said once": (counts(18, 2, times=1), NO_LEAP, 0, NOTHING),
    "and then another": ([*counts(18, 2, times=1), ("leap", 5, 19, 2, True)], NO_LEAP, 0, NOTHING),
    "of Galileo": (counts(18, 5), NO_LEAP, 0, LEAP),
    "of the firmware": (counts(18, 0), NO_LEAP, 0, NOTHING),
    "as configured by someone": (counts(18, 7), NO_LEAP, 0, NOTHING),
    "source not known": (counts(18, 255), NO_LEAP, 0, NOTHING),
    "of the satellites, not valid": (counts(18, 2, False), NO_LEAP, 0, NOTHING),
    "of the satellites, in a session before": ([*counts(18, 2), ("session",)], NO_LEAP, 0, NOTHING),
    "of the satellites, not said for 12 s": ([*counts(18, 2), ("fix", 17)], NO_LEAP, 0, LEAP),
    "nor for 13 s": ([*counts(18, 2), ("fix", 18)], NO_LEAP, 0, NOTHING),
    "of the firmware, as last time": (counts(18, 0), 18, UNTIL_S - 1, LEAP),
    "as last time, but the month is over": (counts(18, 0), 18, UNTIL_S, NOTHING),
    "of the firmware, not as last time": (counts(15, 0), 18, 0, NOTHING),
    "no longer valid": ([*counts(18, 2), ("leap", 10, 18, 2, False)], 18, 0, NOTHING),
    "the pulse named three times": (names(3), NO_LEAP, 0, PULSE),
    "twice": (names(2), NO_LEAP, 0, NOTHING),
    "and then otherwise": ([*names(3), ("named", 15, 8)], NO_LEAP, 0, NOTHING),
    "and then no more": ([*names(3), ("fix", 23)], NO_LEAP, 0, NOTHING),
    "always otherwise": (names(9, 8), NO_LEAP, 0, NOTHING),
    "its maker says that it is prompt": ([("prompt",)], NO_LEAP, 0, PULSE),
    "leap seconds and pulse": ([*counts(18, 2, times=3), *names(3)], NO_LEAP, 0, ALL),
    "prompt, but it names the pulse otherwise": ([("prompt",), *names(1, 8)], NO_LEAP, 0, NOTHING),
    "20 min, and prompt": (begun(("prompt",), *fixes(0, M20)), NO_LEAP, 0, ALL),
    "somebody who knows": ([("vouch",)], NO_LEAP, 0, VOUCHED),
    "but of another session": ([("vouch",), ("session",)], NO_LEAP, 0, NOTHING),
}


@pytest.mark.parametrize("case", TRUST)
def test_trust_gate(case):
    steps, kept_s, utc_s, expected = TRUST[case]
    assert trust(steps, kept_s, utc_s) == expected


# looks at the pulse's line behind three pulses, (ms behind the edge, high) each time: what is doubted then
LEVELS = {
    "high for 100 ms": ([(10, True), (90, True), (110, False)], doubts.NONE),
    "too short to be seen": ([(10, False)], doubts.NONE),
    "high for 490 ms": ([(480, True), (495, False)], doubts.NONE),
    "inverted, low for 100 ms": ([(10, True), (490, True), (500, True), (900, False)], doubts.INVERTED),
    "inverted, low for 200 ms": ([(110, True), (510, True), (850, False)], doubts.INVERTED),
    "inverted, low for 400 ms": ([(110, True), (610, False)], doubts.UNSTEADY),
    "inverted, low for 400 ms, seen again": ([(110, True), (590, True)], doubts.INVERTED),
    "inverted, too short to be seen": ([(600, True)], doubts.INVERTED),
    "seen at no time that tells": ([(300, True), (800, False), (980, True)], doubts.UNSTEADY),
    "seen twice": ([(10, False)], doubts.UNSTEADY),
}


@pytest.mark.parametrize("case", LEVELS)
def test_level_gate(case):
    looks, doubt = LEVELS[case]
    gate = LevelGate()
    for second in range(2 if case == "seen twice" else 3):
        gate.edge(second * S)
        for away_ms, is_high in looks:
            gate.look(is_high, second * S + away_ms * 1000)
    assert gate.doubt == doubt


def test_an_instant_has_its_place_behind_a_pulse():
    gate = PulseGate()
    for second in range(20):
        gate.judge(second * (S + 20))
    assert gate.place(19 * (S + 20) + 500_011) == (19, 500_000)
    assert gate.place(19 * (S + 20) - 1) == (18, 999_999)
    assert gate.place(21 * (S + 20) + 10) == (21, 9)  # a pulse is missing; cut to whole us
