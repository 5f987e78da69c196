"""Random receivers, a week's misfortunes each, and how many seconds the board then confirms that are wrong.

    python -m tests.receiver_weeks --weeks 1000 --seed 1 [--only SEED] [--whole]

Clock and Gps of the firmware run alone, in accelerated time, against receiver_model.py; a passage every 7 to 13 s is
judged at the end by what was logged, as a host would. The first hour and a half are undisturbed: how long lock and
confirmation take is taken there. Then a week has some twenty misfortunes (brown-outs, swaps, tunnels, jumps, freezes,
missing and doubled pulses, lost bytes, restarts of the board); between two of them quiet time is cut to 1 to 30
minutes, for a locked board that hears the same each second does nothing new. --whole cuts nothing.
"""

import argparse
import random
import time
from collections import Counter, deque
from functools import lru_cache
from statistics import median

from centesimo_board import receiver
from centesimo_board.clock import Clock
from centesimo_board.gps import Gps
from centesimo_board.main import Board
from centesimo_board.position import Positions
from centesimo_board.trust import NO_LEAP
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, TimebaseError, logged
from tests.receiver_model import FIXED, KINDS, SILENT, Model, S

BUILT_S = 1767225600
START_S = 1778925600
WEEK_S = 604800
MISFORTUNES = (
    "brown_out", "swap", "tunnel", "jump", "freeze", "pulse_faults", "lost_bytes", "restart", "delay", "laptop",
)  # fmt: skip
HALF_NS = 500_000_000
FIRST_S = 5400  # undisturbed: an hour and a half
VOUCH_EVERY_S = 60  # collect --live
TELL = 20  # weeks

receiver.checked = lru_cache(1 << 14)(receiver.checked)  # most sentences are the same each second


class Line:
    """The receiver's port as the firmware sees it."""

    def __init__(self):
        self.given = b""
        self.told = []
        self.baud = 9600

    def read(self):
        taken, self.given = self.given, b""
        return taken

    def write(self, raw):
        self.told.append(bytes(raw))

    def set_baud(self, baud):
        self.baud = baud


class Keeper:
    """What of a board knows the time; `_heard` is the board's own."""

    _heard = Board._heard

    def __init__(self, line, now_us):
        self.begun_us = now_us
        self.entries = []
        self.gps = Gps(line, 9600)
        self.clock = Clock(self.entries.append, BUILT_S, NO_LEAP, 0, lambda: 2000)
        self.positions = Positions(self.entries.append)
        self._session = 1
        self.passages = []  # (counter_us, true ns, whether the board said confirmed then and what it said, ns)
        self.locked_s = self.confirmed_s = None

    def step(self, now_us):
        messages = self.gps.step(now_us - self.begun_us)
        if messages:
            begins = self.gps.receiver.begins
            for place, message in enumerate(messages):
                self._heard(message, now_us - self.begun_us, begins[place])


class Week:
    """One seed's week. `wrong` are passages that are confirmed and half a second off or more, by what was logged."""

    def __init__(self, seed, whole=False):
        self.rng = random.Random(seed)
        self.seed = seed
        self.whole = whole
        self.now_s = START_S
        self.ppm = self.rng.uniform(-30, 30)
        self.line = Line()
        self.wrong = self.wrong_live = self.judged = self.confirmed = self.outside = 0
        self.waits = []  # (kind, right, seconds to lock or None, to confirm or None) of undisturbed starts
        self.happened = Counter()
        self.pulse_faults = deque()
        self.lost_bytes = 0
        self.model = self._new_model(True)
        self._start_board()

    def run(self):
        """Live the week."""
        end_s = START_S + WEEK_S
        count = self.rng.randint(14, 24)
        if self.model.kind == "plain" and self.rng.random() < 0.5:
            self.vouched_until_s = self.now_s + FIRST_S
        self._quiet(FIRST_S)
        for _ in range(count):
            self._befall(self.rng.choice(MISFORTUNES))
            self._quiet(self.rng.randint(60, 1800) if not self.whole else WEEK_S // count)
            if self.now_s > end_s:
                break
        self._end_board()
        return self

    def _new_model(self, is_cold):
        kind = self.rng.choices(KINDS, (4, 3, 3))[0]
        return Model(self.rng, kind, self.now_s, is_cold)

    def _start_board(self):
        self.keeper = Keeper(self.line, self._counter(self.now_s * S))
        self.started_s = self.now_s
        self.is_clean = True

    def _end_board(self):
        keeper = self.keeper
        entries = [entry[0](1, 1, *entry[1:]) for entry in keeper.entries]
        try:
            timebase = Timebase(logged(entries))
        except TimebaseError:
            return
        stamps = timebase.stamps([counter_us for counter_us, _, _, _ in keeper.passages])
        for (_, true_ns, is_confirmed, told_ns), stamp in zip(keeper.passages, stamps, strict=True):
            self.judged += 1
            self.confirmed += stamp.confirmed
            error_ns = abs(stamp.utc_ns - true_ns)
            if stamp.confirmed and error_ns >= HALF_NS and stamp.uncertainty_ns < HALF_NS:
                self.wrong += 1
            if stamp.confirmed and HALF_NS > error_ns > stamp.uncertainty_ns:
                self.outside += 1
            if is_confirmed and abs(told_ns - true_ns) >= HALF_NS:
                self.wrong_live += 1

    def _note_wait(self):
        keeper = self.keeper
        if self.noted:
            return
        self.noted = True
        kind = self.model.kind
        if kind == "mtk":
            kind += ", syncs" if self.model.takes_sync else ", does not sync"
        elif kind == "plain":
            kind += ", a laptop" if self.vouched_until_s else ", no laptop"
        self.waits.append((kind, self.model.is_right, keeper.locked_s, keeper.confirmed_s))

    noted = False
    vouched_until_s = 0

    def _counter(self, true_us):
        return int((true_us - START_S * S) * (1 + self.ppm / 1e6)) + S

    def _befall(self, what):
        """One misfortune."""
        self.happened[what] += 1
        self._note_wait()
        getattr(self, "_" + what)(self.rng, self.model)

    def _brown_out(self, rng, model):
        model.start(self.now_s, rng.random() < 0.6)

    def _swap(self, rng, model):
        self.model = self._new_model(rng.random() < 0.7)
        self.model.silent_until_s = self.now_s + rng.randint(2, 60)

    def _tunnel(self, rng, model):
        model.lost_until_s = self.now_s + rng.choice((3, 20, 120, 900))
        model.drift_us = rng.choice((0, 0, 1, 2, 5))

    def _jump(self, rng, model):
        """A u-blox has been seen to do no such thing while it names its pulses."""
        if model.kind != "ublox":
            model.jump_s = rng.choice((-60, -3, -1, 1, 1, 2, 3600, 86400 * 7168))
            model.jump_until_s = self.now_s + rng.choice((1, 5, 60, 1500, 3000))

    def _freeze(self, rng, model):
        model.frozen_until_s = self.now_s + rng.choice((2, 10, 60))
        if model.kind == "plain" and rng.random() < 0.3:
            model.behind_s += model.frozen_until_s - self.now_s  # it goes on where it was

    def _pulse_faults(self, rng, model):
        for _ in range(rng.randint(1, 20)):
            fault = rng.choice(("missing", "doubled", "ringing"))
            self.pulse_faults.append((self.now_s + rng.randint(0, 60), fault))

    def _lost_bytes(self, rng, model):
        self.lost_bytes = rng.randint(1, 30)

    def _restart(self, rng, model):
        self._end_board()
        self.line = Line()
        self._start_board()

    def _delay(self, rng, model):
        if model.kind == "plain":
            model.own_ms = max(0, model.own_ms + rng.randint(-400, 400))

    def _laptop(self, rng, model):
        self._vouch()

    def _vouch(self):
        """A laptop that knows the time to 20 ms says so, if the board tells a time."""
        now_us = self.now_s * S + 300_000
        off_us = self.rng.randint(-20_000, 20_000)
        at_us = now_us + off_us
        counter_us = self._counter(now_us) - self.keeper.begun_us
        self.keeper.clock.vouch(counter_us, at_us // S, at_us % S, 50_000, record.KERNEL)

    def _quiet(self, seconds):
        for _ in range(seconds):
            self._second()

    def _second(self):
        """Let one true second pass."""
        self.now_s += 1
        events = self._pulses() + self._speech()
        if self.rng.random() < 0.1:
            events.append((self.now_s * S + 990_000, "passage", None))
        if not self.keeper.gps.is_at_once:  # it asks, at any moment
            events += [(self.now_s * S + self.rng.randint(0, S - 1), "turn", None) for _ in range(2)]
        events.sort(key=lambda event: event[0])
        while events:
            self._take(*events.pop(0))
            while self.line.told:
                self.model.hear(self.line.told.pop(0))
            if self.model.replies and (self.model.answer_ms is not None or self.at_us < self.burst_us):
                events.append(self._answered())
                events.sort(key=lambda event: event[0])
        if self.now_s < self.vouched_until_s and self.now_s % VOUCH_EVERY_S == 0:
            self._vouch()

    carried = ()

    def _pulses(self):
        model, at_us = self.model, self.now_s * S
        state = model.state(self.now_s)
        if state == SILENT or (state != FIXED and not model.pulses_without_fix):
            return []
        if state != FIXED:
            at_us += model.drift_us * max(0, self.now_s - model.fix_from_s) % 500_000
        late_us = model.width_us if model.is_inverted else 0
        faults = [kind for when_s, kind in self.pulse_faults if when_s == self.now_s]
        events = []
        if "missing" not in faults:
            events.append((at_us + late_us, "pulse", None))
        if "doubled" in faults:
            events.append((at_us + self.rng.randint(1_000, 900_000), "pulse", None))
        if "ringing" in faults and "missing" not in faults:
            events.append((at_us + late_us + 2, "pulse", None))
        for phase_us in (self.rng.randint(0, 450_000), self.rng.randint(0, 999_000), 560_000):
            is_high = phase_us < model.width_us
            if model.is_inverted:
                is_high = not is_high
            events.append((at_us + phase_us, "look", is_high))
        return events

    def _speech(self):
        """Return this second's events of speech, and those that are still to come from earlier ones."""
        model, until_us = self.model, (self.now_s + 1) * S
        waiting = list(self.carried)
        state = model.state(self.now_s)
        if state != SILENT:
            chunk = self._burst(model)
            begin_us = self.now_s * S + model.delay_ms * 1000 + self.rng.randint(-8_000, 8_000)
            begin_us = max(begin_us, self.line_free_us)  # the line is busy
            if begin_us < self.now_s * S + 3_000_000 and chunk:
                self.burst_us = begin_us
                waiting.append((begin_us - 4_000, "turn", None))
                byte_us = 10 * S / model.baud
                waiting += self._pieces(chunk, begin_us, byte_us, self.rng.randint(1, len(chunk)))
                self.line_free_us = int(begin_us + len(chunk) * byte_us)
        self.carried = [event for event in waiting if event[0] >= until_us]
        return [event for event in waiting if event[0] < until_us]

    def _pieces(self, chunk, begin_us, byte_us, cut):
        """Return the readings of a burst: few, and one on each side of a pulse, whose turn would end a silence."""
        boundary_us = (int(begin_us) // S + 1) * S
        cuts = {cut, len(chunk)}
        while boundary_us < begin_us + len(chunk) * byte_us:
            cuts |= {int((boundary_us + away_us - begin_us) / byte_us) for away_us in (-5_000, 5_000)}
            boundary_us += S
        ends = sorted(end for end in cuts if 0 < end <= len(chunk))
        return [
            (int(begin_us + end * byte_us) + 1, "bytes", chunk[start:end])
            for start, end in zip([0, *ends], ends, strict=False)
        ]

    line_free_us = burst_us = at_us = 0

    def _burst(self, model):
        if self.now_s < model.frozen_until_s:
            return b""
        chunk = model.burst(self.now_s)
        if self.lost_bytes:
            self.lost_bytes -= 1
            at = self.rng.randrange(len(chunk))
            chunk = chunk[:at] + chunk[at + self.rng.randint(1, 60) :]
        return chunk

    def _answered(self):
        """Return the event of what the receiver answers: by itself, ahead of its burst or behind it, or at its end.

        Who answers with the burst alone, and was asked behind this one's begin, does so with the next (model.burst).
        """
        chunk = b"".join(self.model.replies)
        self.model.replies = []
        byte_us = 10 * S / self.model.baud
        begin_us = self.burst_us if self.model.answer_ms is None else self.at_us + self.model.answer_ms * 1000
        if begin_us + len(chunk) * byte_us > self.burst_us - 100_000:
            begin_us = max(begin_us, self.line_free_us)
            self.line_free_us = int(begin_us + len(chunk) * byte_us)
        return int(begin_us + len(chunk) * byte_us) + 1, "bytes", chunk

    def _take(self, at_us, what, value):
        self.at_us = at_us
        keeper, counter_us = self.keeper, self._counter(at_us)
        own_us = counter_us - keeper.begun_us
        clock = keeper.clock
        if what == "pulse":
            clock.pulse(own_us)
            keeper.step(counter_us)
        elif what == "look":
            clock.look(value, own_us)
        elif what == "passage":
            clock.edge(own_us)
            seconds, fraction_us = clock.utc(own_us)
            told_ns = seconds * 1_000_000_000 + fraction_us * 1000
            keeper.passages.append((own_us, at_us * 1000, clock.confirmed and seconds > 0, told_ns))
            clock.tick(own_us)
        else:
            if what == "bytes" and self.line.baud == self.model.baud:
                self.line.given += value
            elif what == "bytes":
                self.line.given += bytes([0xF8]) * len(value)  # at another speed
            keeper.step(counter_us)
        if clock.state == record.LOCKED and keeper.locked_s is None:
            keeper.locked_s = self.now_s - self.started_s
        if clock.confirmed and keeper.confirmed_s is None:
            keeper.confirmed_s = self.now_s - self.started_s


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.receiver_weeks")
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument("--whole", action="store_true", help="cut no quiet time")
    asked = parser.parse_args()
    seeds = [asked.only] if asked.only is not None else range(asked.seed * 10**6, asked.seed * 10**6 + asked.weeks)
    print(f"seed {asked.seed}: weeks {seeds[0]} to {seeds[-1]}", flush=True)
    weeks, begun_s = [], time.monotonic()
    for seed in seeds:
        week = Week(seed, asked.whole).run()
        weeks.append(week)
        if len(weeks) % TELL == 0:
            print(told(weeks, time.monotonic() - begun_s), flush=True)
        if week.wrong or week.outside:
            print(f"week {seed}: {week.wrong} wrong seconds confirmed, {week.outside} outside their bound", flush=True)
    print(told(weeks, time.monotonic() - begun_s), flush=True)
    return 1 if any(week.wrong for week in weeks) else 0


def told(weeks, took_s):
    """Return what became of weeks, as text."""
    judged, confirmed, wrong, outside, wrong_live = (
        sum(getattr(week, what) for week in weeks) for what in ("judged", "confirmed", "wrong", "outside", "wrong_live")
    )
    lines = [
        f"{len(weeks)} weeks in {took_s:.0f} s: {judged} passages, {confirmed} confirmed, {wrong} of them wrong "
        f"seconds and {outside} outside their bound; {wrong_live} wrong as it was said at once"
    ]
    waits = [wait for week in weeks for wait in week.waits]
    for kind in sorted({wait[0] for wait in waits}):
        for right in (True, False):
            of_kind = [wait for wait in waits if wait[:2] == (kind, right)]
            locked = [wait[2] for wait in of_kind if wait[2] is not None]
            confirmed = [wait[3] for wait in of_kind if wait[3] is not None]
            if of_kind:
                lines.append(
                    f"{kind}, {'right' if right else 'not right'}: {len(of_kind)}, locked {len(locked)} "
                    f"(median {median(locked or [0]):.0f} s), confirmed {len(confirmed)} "
                    f"(median {median(confirmed or [0]):.0f} s, worst {max(confirmed or [0])} s)"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
