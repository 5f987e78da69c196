"""What the board believes about the time: cold starts, lost and lying receivers, holdover, and what it writes down.

The whole board runs on the desk. Truth: true second n after the start is START_S + n, whatever the receiver says.
"""

import struct

import pytest

from centesimo_board import gps
from centesimo_board.main import Board
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, logged
from tests import desk
from tests.desk import START_S, Desk, gga, rmc, zda

S = 1_000_000
NAMES = record.STATE_NAMES


def table(ppb=0, **more):
    return Desk(Board(desk.devices(ppb=ppb, **more)))


def records(board, *kinds):
    """Return the board's records, of the kinds (classes) given."""
    raw, first = b"", 1
    while chunk := board.journal.read(first, 1000):
        raw += chunk
        first = record.unpack(chunk[-32:]).sequence + 1
    found = [record.unpack(raw[at : at + 32]) for at in range(0, len(raw), 32)]
    return [value for value in found if not kinds or isinstance(value, kinds)]


def states(board):
    """Return the states as they followed each other, with their reasons."""
    return [(NAMES[value.state], record.STATE_REASONS[value.reason]) for value in records(board, record.State)]


def timebase(board):
    found = records(board, record.Anchor, record.Correction, record.LeapSecond, record.Doubt)
    return Timebase(logged(found))


def assert_true(run, *true_us):
    """Assert that what was logged puts these true instants where they were, within the stated uncertainty."""
    found = timebase(run.board)
    assert not found.disagreeing
    for at_us in true_us:
        stamp = found.at(run.devices.capture.counter(at_us))
        assert abs(stamp.utc_ns - START_S * 1_000_000_000 - at_us * 1000) <= stamp.uncertainty_ns


def timels(leap_s, source, change=0, ahead_s=0):
    event = struct.pack("<BbBbi", source, leap_s, 2, change, ahead_s)
    return gps.message(b"\x01\x26", bytes(8) + event + bytes(7) + b"\x03")


def next_pulse(utc_s, flags=3):
    """TIM-TP: what the next pulse will be called; UTC began to count its weeks in 1980."""
    week, second = divmod(utc_s - 315_964_800, 604_800)
    return gps.message(b"\x0d\x01", struct.pack("<IIiHBB", second * 1000, 0, 0, week, flags, 0))


def knowing(utc_s, leap_s=18, change=0, ahead_s=0):
    """What a u-blox says that knows its leap seconds from the satellites, and what it will call its next pulse."""
    return rmc(utc_s) + timels(leap_s, 2, change, ahead_s) + next_pulse(utc_s + 1)


PROMPT = desk.checksummed("PMTK001,255,3")  # an MTK that speaks a fixed time behind its pulse
SYNCS = {gps.command(gps.MTK_SYNC): PROMPT}


def test_a_cold_start():
    run = table(ppb=20_000)
    run.until(500)
    run.run(5, sentences=lambda _: desk.checksummed("GNRMC,,V,,,,,,,,,,N") + gga(0, 0, 0), pulse=False)
    run.edge(1, 3_250_000)  # a car before the first fix; read after the next turn
    run.run(5, pulse=False, status="V")
    run.run(20)
    assert states(run.board) == [
        ("no fix", "sentences heard"),
        ("acquiring", "fix found"),
        ("locked", "labels and pulses agree"),
    ]
    [edge] = records(run.board, record.Edge)
    assert (edge.state, edge.uncertainty_us) == (record.NO_FIX, record.NOT_KNOWN_US)
    assert_true(run, 3_250_000)


def test_it_locks_with_the_eleventh_label():
    run = table()
    run.run(10)
    assert run.board.clock.state == record.ACQUIRING
    run.run(1)
    assert run.board.clock.state == record.LOCKED
    # The oldest pulse kept and the last one, so that there is a rate from the start.
    assert [value.utc_s - START_S for value in records(run.board, record.Anchor)] == [1, 11]


def test_anchors_follow_the_setting_and_are_denser_at_first():
    run = table()
    run.run(250)
    # Locked at 11; until 32 s later every 16 s, then every 64 s.
    assert [value.utc_s - START_S for value in records(run.board, record.Anchor)] == [1, 11, 27, 43, 107, 171, 235]


def test_the_pulses_around_an_edge_are_logged():
    run = table()
    run.run(60)
    run.edge(3, 60_700_000)
    run.run(5)
    anchors = [value.utc_s - START_S for value in records(run.board, record.Anchor)]
    assert anchors[-2:] == [60, 61]
    [edge] = records(run.board, record.Edge)
    assert (edge.input, edge.count, edge.state, edge.origin) == (3, 1, record.LOCKED, record.TUBE)
    assert edge.uncertainty_us <= 3


# What a receiver says in seconds 31 .. 60 instead of the truth: what follows. The board has locked in second 11.
UNLOCKS = [("acquiring", "label disagrees"), ("locked", "labels and pulses agree")]
LAPSES = {
    "one sentence lost": (lambda n, s: b"" if n == 31 else rmc(s), []),
    "one sentence damaged": (lambda n, s: rmc(s)[:-4] + b"00\r\n" if n == 31 else rmc(s), []),
    "four sentences lost": (lambda n, s: b"" if 31 <= n <= 34 else rmc(s), []),
    "six sentences lost": (
        lambda n, s: b"" if 31 <= n <= 36 else rmc(s),
        [("holdover", "no sentences"), ("locked", "labels and pulses agree")],
    ),
    "one wrong label": (lambda n, s: rmc(s + 3) if n == 31 else rmc(s), []),
    "two wrong labels apart": (lambda n, s: rmc(s + 3) if n in (31, 33) else rmc(s), []),
    "two wrong labels running": (lambda n, s: rmc(s + 3) if n in (31, 32) else rmc(s), UNLOCKS),
    "the date of 1980 twice": (lambda n, s: rmc(315964800 + n) if n in (31, 32) else rmc(s), UNLOCKS),
    "a week rollover, twice": (lambda n, s: rmc(s - 1024 * 604800) if n in (31, 32) else rmc(s), UNLOCKS),
    "a sentence between the seconds": (lambda n, s: rmc(s, fraction="20") if 31 <= n <= 34 else rmc(s), []),
    "no fix for a second": (
        lambda n, s: rmc(s, "V") if n == 31 else rmc(s),
        [("holdover", "fix lost"), ("locked", "labels and pulses agree")],
    ),
    "half a sentence and noise": (lambda n, s: rmc(s)[:20] + b"\xff\x00$" if n == 31 else rmc(s), []),
}


@pytest.mark.parametrize("case", LAPSES)
def test_a_lapse_of_a_locked_receiver(case):
    says, follows = LAPSES[case]
    run = table(ppb=-30_000)
    run.run(30)
    before = len(states(run.board))
    run.run(30, sentences=lambda label_s: says(label_s - START_S, label_s))
    assert states(run.board)[before:] == follows
    assert records(run.board, record.Correction) == []
    assert run.board.clock.state == record.LOCKED
    assert_true(run, 500_000, 20_000_000, 31_400_000, 59_900_000)


def test_a_sentence_half_a_second_late_is_no_disagreement():
    run = table()
    run.run(30)
    run.run(1, delay_ms=620)
    run.run(1, delay_ms=950)  # outside (20, 900) ms: it verifies nothing
    run.run(5)
    assert states(run.board)[-1] == ("locked", "labels and pulses agree")


def test_a_sentence_half_a_second_late_delays_the_lock():
    run = table()
    run.run(10)
    run.run(1, delay_ms=620)  # it begins a row of its own, which the next one breaks: eleven from there
    run.run(10)
    assert run.board.clock.state == record.ACQUIRING
    run.run(1)
    assert run.board.clock.state == record.LOCKED


# What a receiver says from the start: the doubt that a person reads. None of them ever locks.
DOUBTS = {
    "the date of 1980": (lambda s: rmc(s - START_S + 315964800), "date before this firmware"),
    "1024 weeks ago": (lambda s: rmc(s - 1024 * 604800), "date before this firmware"),
    "21 years ahead": (lambda s: rmc(s + 21 * 31557600), "date too far ahead"),
    "no date": (lambda s: desk.checksummed("GNRMC,100000.00,A,,,,,,,,,,A"), "no date"),
    "always half a second": (lambda s: rmc(s, fraction="50"), "sentences not at whole seconds"),
    "always the same second": (lambda s: rmc(START_S), "label disagrees"),
    "another date in ZDA": (lambda s: rmc(s) + zda(s - 86400), "label disagrees"),
    "a plausible time without a fix": (lambda s: rmc(s, "V"), "no fix"),
    "only other sentences": (lambda s: gga(s), "no fix"),
    "noise": (lambda s: b"\xff\xfe$GP\x00" * 9, "no sentences"),
    "nothing": (lambda s: b"", "no sentences"),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_a_receiver_that_cannot_be_believed(case):
    says, doubt = DOUBTS[case]
    run = table()
    run.run(30, sentences=says)
    run.edge(1, 30_400_000)
    run.run(1, sentences=says)
    assert "time not known" in run.board.line()
    assert f"({doubt})" in run.board.line()
    assert len(records(run.board, record.Edge)) == 1  # it keeps stamping
    assert records(run.board, record.Anchor) == []


# What a receiver says for its first minute, before it says what is true; nothing of that is ever believed.
FIRST_WORDS = {
    "the date of 1980": lambda s: rmc(s - START_S + 315964800) + zda(s - START_S + 315964800),
    "1024 weeks ago": lambda s: rmc(s - 1024 * 604800),
    "a date that only RMC has right": lambda s: rmc(s) + zda(s - 1024 * 604800),
    "half a second late": lambda s: rmc(s, fraction="50"),
}


@pytest.mark.parametrize("case", FIRST_WORDS)
def test_a_receiver_that_comes_to_its_senses(case):
    run = table(ppb=-8_000)
    run.run(60, sentences=FIRST_WORDS[case])
    assert run.board.clock.state == record.ACQUIRING
    run.run(20)
    assert run.board.clock.state == record.LOCKED
    assert records(run.board, record.Correction) == []
    assert_true(run, 30_000_000, 79_000_000)


def test_sentences_without_pulse():
    run = table()
    run.run(30, pulse=False)
    assert run.board.clock.state == record.ACQUIRING
    assert "(no pulse)" in run.board.line()


def test_pulse_without_sentences():
    run = table()
    run.run(30, sentences=lambda _: b"")
    assert run.board.clock.state == record.NO_RECEIVER
    run.run(11)
    assert run.board.clock.state == record.LOCKED


def test_the_leap_seconds_come_after_twelve_minutes():
    """A receiver that does not know the leap seconds of the last years is 3 s ahead until the page comes."""
    run = table(ppb=12_000)
    run.devices.gps.answers = SYNCS
    run.run(1, sentences=lambda s: PROMPT + rmc(s + 3))
    run.run(99, shift_s=3)
    run.edge(1, 100_500_000)
    run.run(620, shift_s=3)
    assert run.board.clock.state == record.LOCKED
    assert not run.board.clock.confirmed
    run.run(20)
    [correction] = records(run.board, record.Correction)
    assert correction.shift_s == -3
    assert states(run.board)[-2:] == [("acquiring", "label disagrees"), ("locked", "seconds corrected")]
    assert_true(run, 100_500_000, 735_000_000)
    run.run(3580)
    assert not run.board.clock.confirmed  # an hour from the jump: who has changed its mind may do so again
    run.run(60)
    assert run.board.clock.confirmed
    assert timebase(run.board).confirmed
    assert_true(run, 100_500_000, 735_000_000, 4_300_000_000)


def test_a_receiver_that_errs_for_half_an_hour_is_not_confirmed_in_it():
    """Its second jumps by two while nothing is confirmed yet, and back after 25 minutes."""
    run = table()
    run.devices.gps.answers = SYNCS
    run.run(1, sentences=lambda s: PROMPT + rmc(s))
    run.run(800)
    run.run(1500, shift_s=2)
    assert not run.board.clock.confirmed
    run.run(60)
    assert [correction.shift_s for correction in records(run.board, record.Correction)] == [2, -2]
    run.run(3600)
    assert timebase(run.board).confirmed
    assert_true(run, 5_000_000, 790_000_000, 2_350_000_000)


def test_the_leap_seconds_of_the_satellites_confirm_at_once_and_are_kept():
    run = table()
    run.run(15)
    run.run(13, sentences=knowing)  # it has named three pulses, then ten labels agree
    assert run.board.clock.confirmed
    assert states(run.board)[-1] == ("locked", "seconds confirmed")
    assert run.board.clock.trust.kept_s == 18
    again = Desk(Board(desk.devices(flash=run.devices.flash)))
    # Now only the receiver's own table, which agrees.
    again.run(25, sentences=lambda s: rmc(s) + timels(18, 0) + next_pulse(s + 1))
    assert again.board.clock.confirmed
    other = Desk(Board(desk.devices(flash=run.devices.flash)))
    other.run(25, sentences=lambda s: rmc(s) + timels(17, 0) + next_pulse(s + 1))
    assert not other.board.clock.confirmed
    june = Desk(Board(desk.devices(flash=run.devices.flash)), label_s=1780272000 - 5)  # it begins 5 s later
    june.run(40, sentences=lambda s: rmc(s) + timels(18, 0) + next_pulse(s + 1))
    assert not june.board.clock.confirmed


def test_a_confirmed_time_is_not_given_up_for_a_receiver_that_starts_cold():
    run = table(ppb=5_000)
    run.run(30, sentences=knowing)
    assert run.board.clock.confirmed
    run.run(20, pulse=False, sentences=lambda s: b"")
    run.edge(2, 50_300_000)
    run.run(60, sentences=lambda s: rmc(s + 3) + timels(15, 0))
    assert run.board.clock.state == record.HOLDOVER
    assert "(label against confirmed time)" in run.board.line()
    assert records(run.board, record.Correction) == []
    run.run(30, sentences=knowing)
    assert run.board.clock.state == record.LOCKED
    assert records(run.board, record.Correction) == []
    assert_true(run, 50_300_000, 100_000_000, 138_000_000)


def test_half_a_day_of_holdover_is_not_ended_by_a_receiver_that_starts_cold():
    run = table()
    run.run(30, sentences=knowing)
    run.run(10, pulse=False, sentences=lambda s: b"")
    run.second += 12 * 3600  # the crystal is now unsure by more than 0.4 s: it cannot tell one second from the next
    run.run(30, sentences=lambda s: rmc(s + 3) + timels(15, 0))
    assert run.board.clock.state == record.FREE_RUNNING
    assert "(label against confirmed time)" in run.board.line()
    run.run(30, sentences=knowing)
    assert run.board.clock.state == record.LOCKED
    assert records(run.board, record.Correction) == []
    assert_true(run, 25_000_000, (12 * 3600 + 95) * S)


def test_what_was_wrong_before_half_a_day_of_holdover_is_not_taken_for_right():
    """Nobody tells by how much it was wrong, so its labels do not count once the seconds are confirmed behind it."""
    run = table()
    run.run(30, shift_s=3)
    run.run(10, pulse=False, sentences=lambda s: b"")
    run.second += 12 * 3600
    run.run(30, sentences=knowing)
    assert run.board.clock.confirmed
    assert records(run.board, record.Correction) == []
    found = timebase(run.board)
    assert {label_s - START_S < 3600 for _, label_s, _, _ in found.disagreeing} == {True}
    assert all(label_s - START_S > 3600 for _, label_s, _, _ in found.anchors)
    for at_us in (20_000_000, (12 * 3600 + 60) * S):
        stamp = found.at(run.devices.capture.counter(at_us))
        assert stamp.confirmed
        assert abs(stamp.utc_ns - START_S * 1_000_000_000 - at_us * 1000) <= stamp.uncertainty_ns


def test_an_unconfirmed_time_is_corrected_after_holdover():
    run = table()
    run.run(30, shift_s=3)
    run.run(30, pulse=False, sentences=lambda s: b"")
    run.run(30)
    assert [value.shift_s for value in records(run.board, record.Correction)] == [-3]
    assert_true(run, 20_000_000, 45_000_000, 89_000_000)


def test_the_pulses_move_by_a_third_of_a_second():
    run = table()
    run.run(30)
    run.second += 1
    for _ in range(40):
        run.second += 1
        run.pulse(late_us=333_000)
        run.until(run.second * S + 333_500)
        run.say(run.second * S + 400_000, rmc(START_S + run.second))
    found = states(run.board)
    assert ("holdover", "pulse missing") in found
    assert found[-1] == ("locked", "labels and pulses agree")
    assert timebase(run.board).disagreeing  # a person sees it


# Drift of the crystal in ppm per hour while the fix is lost for an hour (warming up, cooling down, staying).
@pytest.mark.parametrize("drift_ppm", [9, -9, 0])
def test_an_hour_without_a_fix(drift_ppm):
    run = table()
    run.run(60)
    capture = run.devices.capture
    steady = capture.counter

    def wandering(true_us):
        """The rate goes up evenly, so the counter gains half of it: ppm / 3600 s x t^2 / 2."""
        away_us = max(0, min(true_us - 60 * S, 3600 * S))
        gained = drift_ppm * away_us * away_us // (2 * 3600 * S * 1_000_000)
        return steady(true_us) + gained + drift_ppm * max(0, true_us - 3660 * S) // 1_000_000

    capture.counter = wandering
    checks = 0
    for _ in range(600):
        run.second += 6
        run.say(run.second * S + 100_000, rmc(START_S + run.second, "V"))
        second, fraction_us = run.board.clock.utc(capture.now_us())
        told_us = (second - START_S) * S + fraction_us
        assert abs(told_us - capture.true_us) <= run.board.clock.uncertainty_us(capture.now_us())
        checks += 1
    assert checks == 600
    assert [name for name, _ in states(run.board)[-2:]] == ["holdover", "free running"]
    run.edge(1, 3_660_500_000)
    run.run(60)
    assert run.board.clock.state == record.LOCKED
    assert records(run.board, record.Correction) == []
    assert_true(run, 30_000_000, 1_800_000_000, 3_660_500_000, 3_700_000_000)


def test_holdover_is_free_running_when_it_is_unsure_to_half_a_hundredth():
    run = table()
    run.run(60)
    while run.board.clock.state != record.FREE_RUNNING:
        run.run(1, pulse=False, sentences=lambda s: b"")
        assert run.second < 3600
    bound_us = run.board.clock.uncertainty_us(run.devices.capture.now_us())
    assert 5_000 <= bound_us <= 5_020


YEAR_S = 1798761600  # 2027-01-01 00:00:00 UTC: before it a second is inserted
SIXTY = desk.checksummed("GNRMC,235960.00,A,4530.0,N,01012.0,E,0.0,0.0,311226,,,A")
# Is it announced; what the receiver says of 23:59:60; until which second it then is off: for how many seconds behind
# 00:00:00 the board, and a host that reads its records then, are a second off. Where nothing is known before, labels 61
# and 62 disagree, and with 63 .. 73 the new ones qualify.
LEAPS = {
    "announced, then named": (True, SIXTY, 0, 0),
    "announced, 23:59:59 twice": (True, rmc(YEAR_S - 1), 0, 0),
    "announced, 00:00:00 twice": (True, rmc(YEAR_S), 0, 0),
    "announced, the receiver off": (True, b"", 80, 0),
    "not announced, but named": (False, SIXTY, 0, 0),
    "neither": (False, b"", 0, 12),
    "neither, 23:59:59 twice": (False, rmc(YEAR_S - 1), 0, 11),
    "neither, 00:00:00 twice": (False, rmc(YEAR_S), 0, 12),
    # Pulse 80 has no fix behind it yet and does not count; 81 and 82 disagree, 83 .. 93 qualify.
    "neither, the receiver off": (False, b"", 80, 32),
}


def leaping(is_announced, said):
    """Return what a receiver says by the label that counts on over the leap second; announced to its begin or end."""

    def says(label_s):
        if label_s > YEAR_S:
            return rmc(label_s - 1) + timels(19, 2, 0, YEAR_S - label_s) + next_pulse(label_s)
        if label_s == YEAR_S:
            return said
        return knowing(label_s, 18, int(is_announced), YEAR_S - label_s + label_s % 2)

    return says


@pytest.mark.parametrize("case", LEAPS)
def test_a_leap_second(case):
    is_announced, said, off_until_s, off_s = LEAPS[case]
    says = leaping(is_announced, said)
    run = Desk(Board(desk.devices(ppb=2_000)), label_s=YEAR_S - 60)
    run.run(58, sentences=says)
    run.edge(1, 59_400_000)
    run.edge(2, 60_400_000)
    wrong = []
    while run.second < 120:
        is_on = not 59 <= run.second + 1 < off_until_s
        run.run(1, pulse=is_on, sentences=says if is_on else lambda _: b"")
        told_s = run.label_s + run.second - (run.second > 60)
        known_s = timebase(run.board).at(run.devices.capture.now_us()).utc_ns // 1_000_000_000
        if {told_s} != {known_s, run.board.clock.utc(run.devices.capture.now_us())[0]}:
            wrong.append(run.second)
    assert wrong == list(range(61, 61 + off_s))
    assert records(run.board, record.Correction) == []
    assert [leap.utc_s for leap in records(run.board, record.LeapSecond)] == [YEAR_S]
    assert "leap second" in [reason for _, reason in states(run.board)]
    assert run.board.clock.state == record.LOCKED
    assert run.board.clock.utc(run.devices.capture.counter(59_400_000))[0] == YEAR_S - 1  # as the display shows it
    assert_leapt(run)


def test_a_leap_second_while_the_labels_are_in_doubt():
    """Two wrong labels unlock; the right ones are broken by the leap second and qualify 11 s after it."""
    run = Desk(Board(desk.devices()), label_s=YEAR_S - 60)
    says = leaping(True, SIXTY)
    run.run(56, sentences=says)
    run.run(2, sentences=lambda s: says(s + 5))
    run.run(40, sentences=says)
    assert ("holdover", "label disagrees") in states(run.board)
    assert records(run.board, record.Correction) == []
    assert_leapt(run)


def test_a_leap_second_that_is_no_longer_announced_is_none():
    run = Desk(Board(desk.devices()), label_s=YEAR_S - 60)
    run.run(40, sentences=leaping(True, b""))
    run.run(40, sentences=knowing)
    assert records(run.board, record.LeapSecond, record.Correction) == []
    assert run.board.clock.state == record.LOCKED


# What is announced in the middle of May, and by whom; none of it is believed.
NO_LEAPS = {
    "not at the end of a month": lambda s: knowing(s, 18, 1, START_S + 60 - s),
    "long ago": lambda s: knowing(s, 18, 1, -86400),
    "at the first instant that there is": lambda s: knowing(s, 18, 1, -(2**31)),
    "each time to another month": lambda s: knowing(s, 18, 1, (1780272000, 1782864000)[s % 2] - s),  # June, July
    "by a board whose seconds are not confirmed": lambda s: rmc(s) + timels(18, 0, 1, 1780272000 - s),  # 2026-06-01
}


@pytest.mark.parametrize("case", NO_LEAPS)
def test_what_cannot_be_a_leap_second_is_not_announced(case):
    run = table()
    run.run(80, sentences=NO_LEAPS[case])
    assert run.board.clock.leaps.due_s is None
    assert records(run.board, record.LeapSecond, record.Correction) == []


def assert_leapt(run):
    """Assert that what was logged is right on both sides of a leap second 60 s after the start."""
    found = timebase(run.board)
    assert not found.disagreeing
    for true_s, label_s in ((20, 20), (59, 59), (60, 60), (61, 60), (62, 61), (run.second, run.second - 1)):
        stamp = found.at(run.devices.capture.counter(true_s * S))
        assert abs(stamp.utc_ns - (run.label_s + label_s) * 1_000_000_000) <= stamp.uncertainty_ns
    assert found.confirmed


def test_an_edge_in_the_leap_second_has_its_pulses_logged():
    """They are logged before the leap second is noticed, with labels that go on over it."""
    run = Desk(Board(desk.devices()), label_s=YEAR_S - 60)
    run.run(59, sentences=knowing)
    run.edge(1, 60_400_000)
    run.run(1, sentences=lambda s: b"")
    run.edge(1, 61_400_000)
    run.run(30, shift_s=-1, sentences=lambda s: knowing(s, 19))
    labels = [anchor.utc_s - YEAR_S for anchor in records(run.board, record.Anchor)]
    assert labels[labels.index(0) :][:3] == [0, 1, 2]
    assert_leapt(run)


def test_a_second_less_in_the_middle_of_a_month_is_in_doubt():
    run = table()
    run.run(30, sentences=knowing)
    run.run(30, shift_s=-1, sentences=knowing)
    assert records(run.board, record.LeapSecond, record.Correction) == []
    [doubt] = records(run.board, record.Doubt)
    assert (record.DOUBT_REASONS[doubt.reason], doubt.shift_s) == ("the receiver's second has jumped", -1)
    assert (doubt.counter_us, doubt.utc_s) == (31 * S, START_S + 30)  # the last label that agreed; it began at 1 s


def stray(run, late_us):
    """Let a second pass whose pulse is off by some us, with a car 0.3 s after it."""
    run.second += 1
    run.pulse(late_us)
    run.until(run.second * S + 500)
    run.say(run.second * S + 100_000, rmc(START_S + run.second))
    run.edge(1, run.second * S + 300_000)
    run.until(run.second * S + 400_000)


# The second whose pulse is off, by how many us. It locks in second 11; with pulse 17 the rate is known.
STRAYS = {
    "the first, late": (1, 40),
    "the first, early": (1, -40),
    "the one before it locks": (10, 35),
    "the one with which it locks": (11, 40),
    "one of the next": (14, -45),
    "when the rate is known": (20, 6),
    "and more than the crystal can be off": (20, 40),
    "by a millisecond": (30, 1000),
}


@pytest.mark.parametrize("case", STRAYS)
def test_the_uncertainty_counts_a_pulse_that_was_off(case):
    second, late_us = STRAYS[case]
    run = table(ppb=-14_000)
    run.run(second - 1)
    stray(run, late_us)
    run.run(10)
    stray(run, 0)
    run.run(30)
    assert run.board.clock.state == record.LOCKED
    assert_true(run, 500_000, second * S + 300_000, second * S + 900_000, (second + 11) * S + 300_000, 60 * S)


def test_an_edge_carries_how_far_its_pulse_was_off():
    run = table()
    run.run(13)
    stray(run, 40)
    [edge] = records(run.board, record.Edge)
    # Off by 40, and 2 that a right pulse may be off; 1.5 of counting; the rate over 13 s is known to
    # (42 + 1.5) / 13 = 3.35 us/s, which gives 1.0 in 0.3 s: 44.5, rounded up.
    assert edge.uncertainty_us == 45
