"""Where a burst of sentences began, by the bytes as they were read."""

import pytest

from centesimo_board.bursts import Bursts

BYTE_NS = 1_041_666  # 9600 baud
MS = 1000


class Port:
    """Feeds Bursts with sentences of 60 bytes (62.5 ms) that begin at given ms, read every 10 ms."""

    def __init__(self, said, stall=None):
        self.bursts = Bursts()
        self.begins = []
        came = sorted((begin_ms * MS + (place + 1) * BYTE_NS // 1000, number)
                      for number, (begin_ms, _) in enumerate(said) for place in range(60))  # fmt: skip
        since_us, taken = 0, 0
        for now_us in range(10 * MS, 6_000 * MS, 10 * MS):
            if stall and stall[0] * MS < now_us < stall[1] * MS:
                continue
            count = sum(at_us <= now_us for at_us, _ in came[taken:])
            if count:
                self.bursts.chunk(count, since_us, now_us, BYTE_NS)
                taken += count
                whole = taken // 60
                for number in range(len(self.begins), whole):
                    self.begins.append(self.bursts.sentence(60 * number, 60 * number + 59, said[number][1]))
                self.bursts.hold(60 * whole)
            else:
                self.bursts.listen(now_us)
            since_us = now_us


def second(at_ms, *named):
    """Sentences without a gap from an instant on."""
    return [(at_ms + 63 * place, name) for place, name in enumerate(named)]


# What begins when and names which ms of the day: the (earliest, latest) ms that the last one's burst began by, whether
# a silence was ahead of it, and whether the burst is mixed. Reads are 10 ms apart.
CASES = {
    "one burst, after silence": (second(1120, 1000, None, 1000), (1110, 1120), True, False),
    "the date at its end": (second(1700, 1000, None, None, None, None, 1000), (1690, 1700), True, False),
    "the second burst": (second(1120, 1000, 1000) + second(2120, 2000, 2000), (2110, 2120), True, False),
    "without a time go ahead": (second(1120, 1000) + second(2120, None, None, 2000), (2110, 2120), True, False),
    # 16 sentences fill a second: the begin is behind the last that named 1000.
    "a full line": (second(1120, *[1000] * 16, 2000), (2120, 2130), False, False),
    "a full line, the time only at its end": (second(1120, 1000, *[None] * 14, 2000), (1180, 2070), False, False),
    "a pause behind what goes ahead, half as long": (
        second(1120, 1000, 1000) + second(1800, None) + second(2120, 2000), (1790, 1800), True, False,
    ),
    "a pause as long as the other": (
        second(1120, 1000, 1000) + second(1600, None) + second(2020, 2000), (1590, 2020), True, False,
    ),
    "two instants in one burst": (second(1120, 1000) + second(2120, 2000, 1000), (2180, 2190), False, True),
    "one ahead in each burst": (second(1120, 1000, 2000) + second(2120, 2000, 3000), (2180, 2190), False, True),
    "the same instant again, as in a leap second": (second(1120, 1000) + second(2120, 1000), (2110, 2120), True, False),
    "and again": (second(1120, 1000) + second(2120, 1000) + second(3120, 1000), (3110, 3120), True, True),
    "midnight": (second(1120, 86_399_000) + second(2120, 0), (2110, 2120), True, False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bursts(case):
    said, between_ms, is_spaced, is_mixed = CASES[case]
    begin = Port(said).begins[-1]
    assert (begin.is_spaced, begin.is_mixed) == (is_spaced, is_mixed)
    earliest_ms, latest_ms = between_ms
    assert earliest_ms * MS - 10 * MS <= begin.first_us <= earliest_ms * MS + 10 * MS
    assert latest_ms * MS - 10 * MS <= begin.last_us <= latest_ms * MS + 10 * MS
    assert begin.first_us <= begin.last_us


def test_a_processor_that_was_away_does_not_know_when_it_began():
    begin = Port(second(1120, 1000) + second(2120, 2000), stall=(1950, 2400)).begins[-1]
    assert begin.first_us <= 1_950_000
    assert begin.last_us >= 2_120_000 - 1


def test_the_first_burst_is_not_known_when_nothing_was_heard_ahead_of_it():
    bursts = Bursts()
    bursts.chunk(60, 0, 70_000, BYTE_NS)
    assert bursts.sentence(0, 59, 1000) is None
