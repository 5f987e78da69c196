"""No wrong second: late sentences, receivers that lie, start anew, are swapped or wired the wrong way round.

The whole board on the desk with a turn every 10 ms, bytes as they come. Truth as in test_clock.py.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo_board import gps
from centesimo_board.doubts import DOUBTS
from centesimo_board.main import Board
from centesimo_protocol import record, setting
from tests import desk
from tests.desk import START_S, Desk, gga, rmc
from tests.test_clock import PROMPT, SYNCS, assert_true, knowing, next_pulse, records, states, table, timebase, timels

S = 1_000_000
GSV = desk.checksummed("GPGSV,3,1,11,03,03,111,00,04,15,270,00,06,01,010,00,13,06,292,00")
MONTH_S = 1780272000  # 2026-06-01 00:00:00 UTC


class Live(Desk):
    """A desk on which bytes come one by one, a turn every 10 ms; `baud` is the receiver's."""

    def __init__(self, baud=9600, label_s=START_S, **more):
        super().__init__(Board(desk.devices(**more)), label_s)
        self.board.gps.baud = baud
        self.free_us = 0
        self.waiting = []

    def live(self, seconds, says, begin_ms=120, pulse=True, late_us=0):
        """Let seconds pass; `says(label)` begins `begin_ms` after its pulse, or when the line is free."""
        for _ in range(seconds):
            self.second += 1
            at_us = self.second * S
            chunk = says(self.label_s + self.second)
            begin_us = max(at_us + begin_ms * 1000, self.free_us)
            for place in range(len(chunk)):
                came_us = begin_us + (place + 1) * 10 * S // self.board.gps.baud
                self.waiting.append((came_us, chunk[place : place + 1]))
                self.free_us = came_us
            for turn_us in range(at_us + 3_000, at_us + S, 10_000):
                if pulse and turn_us - 10_000 < at_us + late_us <= turn_us:
                    self.pulse(late_us)
                self.give(turn_us)
                self.until(turn_us)

    def give(self, now_us):
        come = [byte for came_us, byte in self.waiting if came_us <= now_us]
        self.waiting = self.waiting[len(come) :]
        self.devices.gps.given += b"".join(come)

    @property
    def wrong_s(self):
        """What the board tells now, less the truth; None where it tells none."""
        capture = self.devices.capture
        told_s, _ = self.board.clock.utc(capture.now_us())
        return told_s - self.label_s - capture.true_us // S if told_s else None


def late(utc_s):
    """GSV ahead of the date: 620 bytes, 646 ms at 9600 baud."""
    return gga(utc_s) + 7 * GSV + rmc(utc_s)


# The receiver's speed, what it says, its first byte behind the pulse in ms: by how much the board is wrong, None: it
# does not lock. With 7 GSV the date ends 646 ms after the first byte at 9600 baud, 1292 ms at 4800.
LATE = {
    "the date ends before the next pulse": (9600, late, 120, 0),
    "the date ends behind the next pulse": (9600, late, 700, 0),
    "at 4800 baud, on a full line": (4800, lambda s: gga(s) + 4 * GSV + rmc(s), 120, 0),
    "the first byte with the pulse": (9600, late, 2, None),
    "the first byte just ahead of the next pulse": (9600, late, 950, None),
    # What nobody can see: a whole second in the delay, the name of the next pulse.
    "the first byte 1.2 s late": (9600, rmc, 1200, -1),
    "the first byte 2.2 s late": (9600, rmc, 2200, -2),
    "the next pulse is named": (9600, lambda s: rmc(s + 1), 120, 1),
}


@pytest.mark.parametrize("case", LATE)
def test_a_label_is_of_the_pulse_before_its_burst(case):
    baud, says, begin_ms, wrong_s = LATE[case]
    run = Live(baud)
    run.live(20, says, begin_ms)
    assert run.wrong_s == wrong_s
    assert not run.board.clock.confirmed
    if wrong_s is None:
        assert run.board.clock.state == record.ACQUIRING
        assert "(sentence too close to a pulse)" in run.board.line()


@pytest.mark.parametrize("shift_s", [0, -1, -2, 1])
def test_a_delay_that_hides_a_second_is_never_confirmed(shift_s):
    """Sentences are all there is; 25 minutes of fix say that the leap seconds are right, and no more."""
    run = table()
    run.run(1, status="V")
    run.run(1500, shift_s=shift_s)
    assert run.board.clock.state == record.LOCKED
    assert run.board.clock.trust.knows_leap(START_S)
    assert not run.board.clock.confirmed


@pytest.mark.parametrize("late_s", [0, 1, 2, 4, 5, 13, 17, 43])
def test_a_line_that_hands_on_all_of_it_late_is_never_confirmed(late_s):
    """A u-blox that is right, behind a radio link or a buffer: what it says of its pulses is as late as its sentences.

    The questions of answers.py are 4.3 s apart and multiples of that: 13, 17 and 43 s are nearly such.
    """
    run, question, due, set_up = table(), gps.message(gps.MON_VER, b""), [], []
    answer = gps.message(gps.MON_VER, b"ROM CORE 3.01".ljust(40, b"\0"))
    port = run.devices.gps
    if not late_s:
        port.answers = {question: answer}

    def says(label_s):
        due.extend([run.second + late_s] * port.told.count(question) if late_s else [])
        port.told = b""
        answers = [answer for when_s in due if when_s <= run.second]
        del due[: len(answers)]
        set_up.extend(answers)
        return b"".join(answers) + (knowing if set_up or not late_s else rmc)(label_s - late_s)

    run.run(400, sentences=says)
    assert run.board.clock.state == record.LOCKED
    assert run.board.clock.confirmed == (late_s == 0)


# Receivers against the assumptions of docs/time.md: what each says, how long it takes to be believed, by how much the
# board is wrong then, and sure.
BELIEVED = {
    "a u-blox that names its pulses two seconds late": (lambda s: knowing(s - 2), 60, -2),
    "a u-blox on GPS time that calls it UTC": (lambda s: knowing(s + 18), 60, 18),
    "an MTK that acknowledges PMTK255 and names the next pulse": (lambda s: rmc(s + 1), 1260, 1),
    "an MTK on GPS time": (lambda s: rmc(s + 18), 1260, 18),
}


@pytest.mark.parametrize("case", BELIEVED)
def test_what_no_board_sees_by_itself(case):
    """A limit, not a wish: and a computer that knows the time ends it."""
    says, seconds, wrong_s = BELIEVED[case]
    run = Live()
    run.devices.gps.answers = SYNCS
    run.run(1, sentences=lambda s: PROMPT + rmc(s, "V"))
    run.run(seconds, sentences=says)
    clock, now_us = run.board.clock, run.devices.capture.now_us()
    assert (clock.confirmed, run.wrong_s) == (True, wrong_s)
    true_us = run.devices.capture.true_us
    assert clock.vouch(now_us, START_S + true_us // S, true_us % S, 1_000, record.KERNEL) == record.OTHER_SECOND
    run.run(60, sentences=says)
    assert not clock.confirmed
    assert "seconds not yet confirmed" in run.board.line()


def test_leap_seconds_that_are_fewer_than_they_were_confirm_nothing():
    """The satellites, it says; there have been 18 since 2017."""
    run = table()
    run.run(60, sentences=lambda s: knowing(s + 1, 17))
    assert run.board.clock.state == record.LOCKED
    assert not run.board.clock.confirmed


def test_a_receiver_that_names_its_next_pulse_otherwise_does_not_lock():
    run = table()
    run.run(30, sentences=lambda s: rmc(s - 1) + timels(18, 2) + next_pulse(s + 1))
    assert "(label disagrees)" in run.board.line()


@pytest.mark.parametrize("flags", [0, 1, 2])
def test_a_pulse_that_is_not_named_in_utc_confirms_nothing(flags):
    run = table()
    run.run(60, sentences=lambda s: rmc(s) + timels(18, 2) + next_pulse(s + 1, flags))
    assert not run.board.clock.confirmed


# What a host says 30 s after the start of a board that is right, or a second behind: by how much it is off the truth,
# how well it knows the time, on what basis: what the board makes of it.
VOUCHED = {
    "it agrees": (0, 8_000, 12_000, record.KERNEL, record.AGREES),
    "as well as it knows": (0, 12_000, 12_000, record.KERNEL, record.AGREES),
    "not as well": (0, 12_003, 12_000, record.KERNEL, record.UNCLEAR),
    "it knows it to 0.4 s": (0, 0, 400_000, record.KERNEL, record.AGREES),
    "it knows it to half a second": (0, 0, 500_000, record.KERNEL, record.TOO_UNSURE),
    "another second": (-1, 12_000, 12_000, record.KERNEL, record.OTHER_SECOND),
    "an hour": (-3600, 0, 10_000, record.KERNEL, record.OTHER_SECOND),
    "four tenths": (0, 400_000, 10_000, record.KERNEL, record.UNCLEAR),
    "a board beside it": (0, 1_000, 1_500, record.CONFIRMED_BOARD, record.AGREES),
    "a board beside it, another second": (-1, 1_000, 1_500, record.CONFIRMED_BOARD, record.OTHER_SECOND),
    "another model": (0, 1_000, 1_500, record.OTHER_MODEL, record.AGREES),
}
ONLY_AGREES = ("it agrees", "as well as it knows", "it knows it to 0.4 s", "a board beside it")


@pytest.mark.parametrize("case", VOUCHED)
def test_a_host_that_vouches(case):
    shift_s, off_us, bound_us, basis, outcome = VOUCHED[case]
    run = table()
    run.run(30, shift_s=shift_s)
    now_us = run.devices.capture.counter(30 * S)
    assert run.board.clock.vouch(now_us, START_S + 30, off_us, bound_us, basis) == outcome
    run.run(15, shift_s=shift_s)
    assert run.board.clock.confirmed == (case in ONLY_AGREES)
    assert records(run.board, record.Doubt) == []  # nothing was confirmed that it could end


def test_nobody_vouches_for_a_board_that_does_not_know_the_time():
    run = table()
    run.run(5)
    assert run.board.clock.vouch(run.devices.capture.counter(5 * S), START_S + 5, 0, 1_000, record.KERNEL) == 0
    run.run(30)
    assert not run.board.clock.confirmed


def test_another_model_tells_the_pulse_and_not_the_leap_seconds():
    """Two firmwares may be as old as each other: 20 minutes have to pass."""
    run = table()
    run.run(1, status="V")
    run.run(29)
    now_us = run.devices.capture.counter(30 * S)
    run.board.clock.vouch(now_us, START_S + 30, 0, 1_000, record.OTHER_MODEL)
    run.run(1150)
    assert not run.board.clock.confirmed
    run.run(60)
    assert run.board.clock.confirmed


def test_who_did_not_hear_the_receiver_begin_waits_an_hour():
    """The board has started anew, the receiver has not: it may be in error, and come to its senses later."""
    run = table()
    run.devices.gps.answers = SYNCS
    run.run(1, sentences=lambda s: PROMPT + rmc(s + 1))
    run.run(3000, shift_s=1)
    assert not run.board.clock.confirmed
    run.run(3640)
    assert run.board.clock.confirmed
    assert timebase(run.board).confirmed
    assert_true(run, 5_000_000, 6_600_000_000)


def test_a_host_vouches_for_this_session_of_the_receiver_only():
    run = table()
    run.run(30)
    now_us = run.devices.capture.counter(30 * S)
    assert run.board.clock.vouch(now_us, START_S + 30, 0, 10_000, record.KERNEL) == record.AGREES
    run.run(4, sentences=lambda s: b"", pulse=False)  # swapped, or started anew
    run.run(40, shift_s=1)
    assert not run.board.clock.confirmed
    assert run.board.clock.vouch(now_us, START_S + 30, 0, 10_000, record.KERNEL) == record.NO_TIME  # of before that


def test_what_jumps_after_a_host_has_vouched_is_not_confirmed():
    run = table()
    run.run(30)
    run.board.clock.vouch(run.devices.capture.counter(30 * S), START_S + 30, 0, 10_000, record.KERNEL)
    run.run(3)
    run.run(40, shift_s=1)
    assert not run.board.clock.confirmed


@pytest.mark.parametrize("basis", [record.KERNEL, record.CONFIRMED_BOARD])
def test_a_host_that_knows_better_ends_a_confirmed_second(basis):
    """A receiver wrong by a second in all that it says; what was confirmed stays where it is, with both readings."""
    run = table()
    run.run(30, sentences=lambda s: rmc(s - 1) + timels(18, 2) + next_pulse(s))
    assert run.board.clock.confirmed
    now_us = run.devices.capture.counter(30 * S)
    assert run.board.clock.vouch(now_us, START_S + 30, 0, 50_000, basis) == record.OTHER_SECOND
    run.run(60, sentences=lambda s: rmc(s - 1) + timels(18, 2) + next_pulse(s))
    [doubt] = records(run.board, record.Doubt)
    assert (record.DOUBT_REASONS[doubt.reason], doubt.shift_s) == ("a host says otherwise", 1)
    assert not run.board.clock.confirmed  # the receiver's own word is not enough any more


# What becomes of a u-blox that was confirmed, then cold and 3 s wrong for a while.
def cold(utc_s):
    return rmc(utc_s + 3) + timels(15, 0) + next_pulse(utc_s + 4)


def test_trust_is_of_one_session():
    """Brown-out: silence, no fix, then wrong by 3 s with the count of its own table."""
    run = table()
    run.run(40, sentences=knowing)
    assert run.board.clock.confirmed
    run.run(3, pulse=False, sentences=lambda s: b"")
    run.run(30, pulse=False, sentences=lambda s: rmc(s, "V"))
    run.run(60, sentences=cold)
    run.edge(1, 100 * S)
    run.run(5, sentences=cold)
    assert not run.board.clock.confirmed
    assert records(run.board, record.Correction) == []
    found = timebase(run.board)
    assert found.at(run.devices.capture.counter(20 * S)).confirmed
    stamp = found.at(run.devices.capture.counter(100 * S))
    assert not stamp.confirmed
    assert abs(stamp.utc_ns - (START_S + 100) * 10**9) < 10**6  # by the crystal
    run.run(60, sentences=knowing)  # the page has come
    assert run.board.clock.confirmed
    assert timebase(run.board).confirmed


def test_an_unconfirmed_second_is_not_confirmed_by_what_another_session_was_told():
    run = table()
    run.run(20, sentences=lambda s: rmc(s + 3) + timels(18, 2))
    run.run(4, pulse=False, sentences=lambda s: b"")
    run.run(60, sentences=lambda s: rmc(s + 3) + timels(15, 0) + next_pulse(s + 4))
    assert run.board.clock.state == record.LOCKED
    assert not run.board.clock.confirmed


def test_a_tunnel_costs_nothing():
    run = table()
    run.run(40, sentences=knowing)
    run.run(120, pulse=False, sentences=lambda s: rmc(s, "V"))
    run.run(10, sentences=lambda s: rmc(s))
    assert run.board.clock.confirmed
    assert run.board.clock.state == record.LOCKED
    assert records(run.board, record.Doubt) == []


@pytest.mark.parametrize("shift_s", [1, -1, 60, -60, 7168 * 86400])
def test_a_jump_never_moves_what_was_confirmed(shift_s):
    run = table()
    run.run(40, sentences=knowing)
    run.run(60, sentences=lambda s: rmc(s + shift_s) + timels(18, 2) + next_pulse(s + shift_s + 1))
    run.edge(1, 90 * S)
    run.run(1, sentences=lambda s: b"")
    assert records(run.board, record.Correction) == []
    for true_us, is_confirmed in ((30 * S, True), (90 * S, False)):
        stamp = timebase(run.board).at(run.devices.capture.counter(true_us))
        assert abs(stamp.utc_ns - START_S * 10**9 - true_us * 1000) <= stamp.uncertainty_ns
        assert stamp.confirmed == is_confirmed or shift_s > 10**8  # a date that cannot be is only no label


@pytest.mark.parametrize("high_us", [900_000, 999_999, 600_000])
def test_an_inverted_pulse_is_refused(high_us):
    """The rising edge is the end of a low pulse: 1 to 400 ms late, exact, and behind it the line stays high."""
    run = Live()
    run.devices.capture.high_us = high_us
    run.live(30, knowing, begin_ms=250, late_us=S - high_us)
    assert run.board.clock.state == record.ACQUIRING
    assert "(pulse inverted: swap polarity)" in run.board.line()


def test_a_receiver_with_an_inverted_pulse_takes_the_place_of_a_right_one():
    """It is looked at anew: what was seen of the pulse before does not let it through."""
    run = Live()
    run.live(20, lambda s: rmc(s))
    run.live(4, lambda s: b"", pulse=False)
    run.devices.capture.high_us = 600_000
    run.live(40, lambda s: rmc(s), begin_ms=520, late_us=400_000)
    assert run.board.clock.state != record.LOCKED
    assert "(pulse inverted: swap polarity)" in run.board.line()


# Two trains on the pulse's wire from a cold start: ms behind the second of the stray one, and how long the line is high
# behind the pulse and the stray; what a person reads when it does not lock.
STRAYS = {
    "the end of a pulse rings": (100, 100, 0, ""),
    "the end of a long pulse rings": (400, 400, 0, ""),
    "it rings 1.3 us behind each edge": (0.0013, 100, 0, ""),
    "it rings 7 us behind each edge": (0.007, 100, 0, ""),
    "it rings 60 us behind each edge": (0.06, 100, 0, ""),
    "a strike at 650 ms": (650, 100, 0, ""),
    "a strike within the pulse": (40, 200, 0, ""),
    "two pulses a second": (500, 100, 100, "more than one pulse a second"),
}


@pytest.mark.parametrize("case", STRAYS)
def test_of_two_trains_the_receivers_counts(case):
    stray_ms, high_ms, stray_high_ms, doubt = STRAYS[case]
    run = Live()
    capture = run.devices.capture

    def closed(number):
        phase_us = capture.true_us % S
        return number == 0 and not (phase_us < high_ms * 1000 or 0 <= phase_us - stray_ms * 1000 < stray_high_ms * 1000)

    def read():
        now_us = capture.now_us()
        come = [counter_us for counter_us in edges_us if counter_us <= now_us]
        del edges_us[: len(come)]
        return [(0, counter_us) for counter_us in come]

    capture.closed, capture.read, edges_us = closed, read, []
    lock_s = None
    for second in range(1, 41):
        edges_us += [capture.counter(second * S), capture.counter(second * S + int(stray_ms * 1000))]
        run.live(1, knowing, begin_ms=250, pulse=False)
        if lock_s is None and run.board.clock.state == record.LOCKED:
            lock_s = second
    if doubt:
        assert f"({doubt})" in run.board.line()
        return
    assert lock_s <= 20  # ten of them for the labels
    now_us = capture.counter(capture.true_us)
    seconds, fraction_us = run.board.clock.utc(now_us)
    off_us = (seconds - START_S) * S + fraction_us - capture.true_us
    assert abs(off_us) <= run.board.clock.uncertainty_us(now_us)


def test_a_board_that_is_told_so_takes_the_falling_edge():

    run = Live()
    run.board.change(setting.PULSE_FALLS, setting.pack(setting.PULSE_FALLS, 1))
    assert run.devices.capture.falls
    run.devices.capture.high_us = 900_000  # behind the falling edge the line is low for 100 ms, then high
    run.devices.capture.closed = lambda number: number == 0 and run.devices.capture.true_us % S < 100_000
    run.live(30, knowing, begin_ms=250)
    assert run.board.clock.state == record.LOCKED


def test_a_pulse_that_drifts_without_a_fix():
    """It is no pulse: holdover, and when the fix is back the crystal's count goes on."""
    run = table()
    run.run(40, sentences=knowing)
    for drift_us in range(2, 602, 2):
        run.second += 1
        run.pulse(drift_us)
        run.until(run.second * S + 1_000)
        run.say(run.second * S + 100_000, rmc(START_S + run.second, "V"))
    assert run.board.clock.state >= record.HOLDOVER
    told = run.board.clock.utc(run.devices.capture.counter(run.second * S))
    off_us = (told[0] - START_S - run.second) * S + told[1]
    assert abs(off_us) <= run.board.clock.uncertainty_us(run.devices.capture.counter(run.second * S))
    run.run(30, sentences=knowing)
    assert run.board.clock.state == record.LOCKED
    stamp = timebase(run.board).at(run.devices.capture.counter(run.second * S))
    assert abs(stamp.utc_ns - (START_S + run.second) * 10**9) <= stamp.uncertainty_ns


FRAMES = (gps.CFG_VALSET, gps.MON_VER, b"\x01\x26", b"\x0d\x01", b"\x05\x01")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(FRAMES), st.binary(max_size=48)), min_size=1, max_size=4))
def test_no_frame_is_an_error(frames):
    """Whatever a receiver puts into a frame: the board goes on, and what it tells is right or not confirmed."""
    run = table()
    run.run(25, sentences=knowing)
    said = b"".join(gps.message(kind, payload) for kind, payload in frames)
    run.run(3, sentences=lambda s: rmc(s) + said)
    told_s, _ = run.board.clock.utc(run.devices.capture.now_us())
    assert told_s in (0, START_S + 28) or not run.board.clock.confirmed
    assert records(run.board, record.Fault) == []


def mode(letter):
    body = "GNRMC,%s.00,A,4530.0,N,01012.0,E,0.0,0.0,160526,,,%s"
    return lambda s: desk.checksummed(body % (desk.time(s), letter)) + gga(s)


# What says of itself that it has no fix, or does not say that it has one.
NO_FIXES = {
    "quality 0": lambda s: rmc(s) + gga(s, quality=0),
    "quality 0, said first": lambda s: gga(s, quality=0) + rmc(s),
    "estimated": lambda s: rmc(s) + gga(s, quality=6),
    "by hand": lambda s: rmc(s) + gga(s, quality=7),
    "simulated": lambda s: gga(s, quality=8) + rmc(s),
    "a mode in a small letter": mode("a"),
    "a mode that nobody knows": mode("X"),
    "no mode where there is one": mode(""),
    "a sentence of Garmin's": lambda s: rmc(s).replace(b"$GNRMC", b"$PGRMC")[:-4] + b"5D\r\n",
}


@pytest.mark.parametrize("case", NO_FIXES)
def test_what_is_no_fix(case):
    run = table()
    run.run(30, sentences=NO_FIXES[case])
    assert run.board.clock.state != record.LOCKED
    assert DOUBTS[run.board.clock.doubt] in ("no fix", "no sentences")


@pytest.mark.parametrize("is_calm", [True, False])
def test_a_month_begins_unheard(is_calm):
    """The receiver is off over a month's begin: was a second inserted? Only if it said that none is due."""
    says = knowing if is_calm else lambda s: rmc(s) + timels(18, 2, 1, -1) + next_pulse(s + 1)
    run = Desk(Board(desk.devices()), label_s=MONTH_S - 60)
    if is_calm:
        run.run(40, sentences=says)
    else:
        run.run(1, sentences=lambda s: PROMPT + rmc(s))
        run.run(39)
        run.board.clock.vouch(run.devices.capture.counter(40 * S), MONTH_S - 20, 0, 1_000, record.KERNEL)
        run.run(12)
    assert run.board.clock.confirmed
    while run.second < 70:
        run.run(1, pulse=False, sentences=lambda s: b"")
    assert run.board.clock.confirmed == is_calm
    assert [record.DOUBT_REASONS[doubt.reason] for doubt in records(run.board, record.Doubt)] == (
        [] if is_calm else ["a month began unheard"]
    )
    stamp = timebase(run.board).at(run.devices.capture.counter(58 * S))
    assert stamp.confirmed


def test_a_false_announcement_is_taken_back():
    """The satellites count down to a leap second that does not come: unconfirmed, and right in the end."""
    run = Desk(Board(desk.devices()), label_s=MONTH_S - 60)
    run.run(60, sentences=lambda s: knowing(s, 18, 1, MONTH_S - s))
    run.run(60, sentences=lambda s: knowing(s))
    assert [leap.utc_s for leap in records(run.board, record.LeapSecond)] == [MONTH_S]
    assert [fix.shift_s for fix in records(run.board, record.Correction)] == [1]
    assert run.board.clock.confirmed
    found = timebase(run.board)
    for true_s in (20, 59, 70, 75, 110, 119):
        stamp = found.at(run.devices.capture.counter(true_s * S))
        is_right = abs(stamp.utc_ns - (MONTH_S - 60 + true_s) * 10**9) <= stamp.uncertainty_ns
        assert is_right or not stamp.confirmed


def test_a_delay_that_drifts_over_the_next_pulse_stays_of_its_own():
    run = Live(baud=38400)
    run.live(20, rmc, begin_ms=700)
    for begin_ms in range(700, 1300, 20):
        run.live(1, rmc, begin_ms)
    assert (run.wrong_s, run.board.clock.state) == (0, record.LOCKED)
    assert states(run.board)[-1] == ("locked", "labels and pulses agree")
