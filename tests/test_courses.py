"""Any course of a receiver through a day: what is stated as confirmed is true, within what is stated.

Each seed is one course: for a while the receiver is there (right, or off by whole seconds as one that starts cold and
says so), then lost for seconds or hours. Once it has learnt the leap seconds from the satellites, it may start cold
again. The whole board runs on the desk; true second n after the start is START_S + n.
"""

from random import Random

import pytest

from centesimo_protocol import record
from tests.desk import START_S, rmc
from tests.test_clock import S, records, table, timebase, timels

SEEDS = 120
HOURS = (1, 4, 8, 10.5, 11, 12, 14, 24)
ARE_LEAP_S = 18
COLD_S = 15  # what a receiver believes whose firmware is older than three leap seconds


def drive(run, random):
    """Let the course of a seed pass; return true instants (us) of it, while the receiver was there and while not."""
    seen = []
    for _ in range(random.randint(3, 8)):
        is_there = random.random() < 0.55
        seconds = random.randint(5, 60)
        if is_there:
            off_s = random.choice([0, 0, 0, 0, 3, -1, 1, 2, 4])
            is_sure = off_s == 0 and random.random() < 0.5
            leap = timels(ARE_LEAP_S, 2) if is_sure else timels(COLD_S, 0)
            run.run(seconds, sentences=lambda label, off_s=off_s, leap=leap: rmc(label + off_s) + leap)
        else:
            run.run(seconds, pulse=False, sentences=lambda label: b"")
        seen.append(run.second * S - random.randrange(seconds * S))
        if not is_there:
            run.second += int(random.choice(HOURS) * 3600) * random.randint(0, 1) + random.randrange(900)
    return seen


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_what_is_confirmed_is_true(first):
    for seed in range(first, first + 20):
        random = Random(seed)
        run = table(ppb=random.randint(-40_000, 40_000))
        seen = drive(run, random)
        if not records(run.board, record.Anchor):
            continue
        found = timebase(run.board)
        for at_us in seen:
            stamp = found.at(run.devices.capture.counter(at_us))
            off_ns = stamp.utc_ns - START_S * 1_000_000_000 - at_us * 1000
            assert not stamp.confirmed or abs(off_ns) <= stamp.uncertainty_ns, f"seed {seed}, {at_us} us: {stamp}"
