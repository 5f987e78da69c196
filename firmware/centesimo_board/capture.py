"""Stamps edges in hardware: PIO sees them, DMA copies the microsecond counter into a ring, software reads the rings.

Each input has a state machine that waits for its edge (the pulse rises, a tube's contact falls to ground) and then
pushes one word, the address of the counter. A DMA channel, paced by that FIFO, writes the word to a second channel's
read address, and this starts it: it copies the counter into the ring. Nothing that the processor does can move or lose
a stamp; the delay, about 0.1 us, is the same for the pulse and the tubes and so cancels.

Which edge is next, of all inputs, is found in machine code: some us an edge, so that a ringing wire leaves the time to
write. An input that `drained` has is not given edge by edge: drain() says at once what came on it.

Limits: 1024 edges an input between two reads, and 0.1 us between two edges of an input (what is lost beyond that is
counted); one read every 35 minutes at least (read every minute), and 2**26 - 1 edges an input and boot, more than a
thousand times what the journal holds.
"""

# ruff: noqa: F821  (the words of the PIO and Thumb assemblers)

import sys
from array import array

import machine
import micropython
import rp2
import uctypes

from centesimo_board.board import PULSE_PIN, TUBE_PINS
from centesimo_protocol.shim import const

INPUTS = (PULSE_PIN,) + TUBE_PINS

# Addresses of the counter's upper and lower word. All other numbers below are the same on both chips.
_COUNTER = {"RP2040": (0x40054024, 0x40054028), "RP2350": (0x400B0024, 0x400B0028)}
_HIGH, _LOW = _COUNTER[sys.implementation._machine.split()[-1]]
_FDEBUG = (0x50200008, 0x50300008)  # of each PIO; its lowest four bits: a word was dropped, the FIFO was full
_RXF0 = (0x50200020, 0x50300020)  # the FIFO of its first state machine
_RX_DREQ = (4, 12)  # of a PIO's first state machine
_ALWAYS = const(0x3F)  # pace of a transfer that waits for nothing
_DMA = 0x50000000
_DMA_CHANNEL = const(0x40)
_WRITE = const(0x04)  # of a DMA channel: where the next word goes
_COUNT = const(0x08)  # of a DMA channel: transfers left
_READ_AND_START = const(0x3C)  # of a DMA channel: writing its read address starts it
_WORD = const(2)  # 4 bytes, as a DMA channel's size

_RING_BITS = const(12)
_RING_BYTES = const(4096)
_RING_STAMPS = const(1024)
_MARGIN = const(64)  # stamps that may be written anew while a full ring is drained
_EDGES_MAX = const(0x03FFFFFF)  # 2**26 - 1; the RP2350 keeps the upper bits of a count for modes
_MASK = 0xFFFFFFFF
_READ_MAX = const(64)  # stamps from one read, so that a burst does not fill the heap
_WAKE_MS = const(10)
_NONE = const(-1)  # no age
_NOTHING = ()  # no edges, without making a list for it


@rp2.asm_pio()
def _falling():
    """Push the word that was put first, the address of the counter, at every falling edge."""
    pull(block)
    mov(y, osr)
    wrap_target()
    wait(1, pin, 0)
    wait(0, pin, 0)
    mov(isr, y)
    push(noblock)
    wrap()


@rp2.asm_pio()
def _rising():
    """Do the same, in the same time, at every rising edge."""
    pull(block)
    mov(y, osr)
    wrap_target()
    wait(0, pin, 0)
    wait(1, pin, 0)
    mov(isr, y)
    push(noblock)
    wrap()


@micropython.asm_thumb
def _sleep():
    wfi()


@micropython.viper
def _left_in_all(rings: ptr32) -> int:  # type: ignore[name-defined]  # a name of viper alone
    """Return a number that changes with every edge of any input; takes a few us and no memory."""
    total = 0
    for number in range(5):
        # Five times _EDGES_MAX is still a small int.
        total += ptr32(rings[6 * number + 3])[0]  # type: ignore[name-defined]
    return total


@micropython.viper
def _survey(rings: ptr32, lost: ptr32, drained: int) -> int:  # type: ignore[name-defined]
    """Note for each input which stamps are there to be read, and add up what was lost; return how many were.

    An edge within 0.1 us of the one before, while that one is being copied, starts no copy. Where the next stamp will
    go tells how many there are: if fewer were believed missing, the wrong slots would be read from then on. Stamps
    whose slots were written anew by now are taken, and lost. Of a drained input (bit 0 is input 1) none are there now.
    """
    all_lost = 0
    for number in range(5):
        at = 6 * number
        if number > 0 and (drained >> (number - 1)) & 1:
            rings[at + 2] = rings[at + 1]
        else:
            before = 0x03FFFFFF - ptr32(rings[at + 3])[0]  # type: ignore[name-defined]
            place = (ptr32(rings[at + 4])[0] - rings[at]) >> 2  # type: ignore[name-defined]
            edges = 0x03FFFFFF - ptr32(rings[at + 3])[0]  # type: ignore[name-defined]
            behind = (edges - rings[at + 5] - place) & 1023
            rings[at + 2] = edges - rings[at + 5] - behind
            gone = 0
            if edges == before:  # else their stamps may be on the way
                rings[at + 5] = rings[at + 5] + behind
                gone = behind
            over = edges - rings[at + 5] - rings[at + 1] - 1024
            if over > 0:
                rings[at + 1] = rings[at + 1] + over
                gone += over
            lost[number] = lost[number] + gone
            all_lost += gone
    return all_lost


@micropython.viper
def _written_anew(rings: ptr32, number: int, before: int) -> int:  # type: ignore[name-defined]
    """Return how many stamps of an input from number `before` on were written anew; take them."""
    at = 6 * number
    over = 0x03FFFFFF - ptr32(rings[at + 3])[0] - rings[at + 5] - before - 1024  # type: ignore[name-defined]
    if over <= 0:
        return 0
    if rings[at + 1] < before + over:
        rings[at + 1] = before + over
    return over


@micropython.viper
def _merge(rings: ptr32, found: ptr32, low: int, most: int) -> int:  # type: ignore[name-defined]
    """Take up to `most` stamps, the oldest first; put input and age before `low` into `found`, return how many.

    An edge from after `low` is the next read's: it could stand before one that another input is about to get.
    """
    count = 0
    while count < most:
        oldest = -1
        which = -1
        for number in range(5):
            at = 6 * number
            if rings[at + 1] < rings[at + 2]:
                age = low - ptr32(rings[at])[rings[at + 1] & 1023]  # type: ignore[name-defined]
                if age > oldest:
                    oldest = age
                    which = number
        if which < 0:
            break
        found[2 * count] = which
        found[2 * count + 1] = oldest
        rings[6 * which + 1] = rings[6 * which + 1] + 1
        count += 1
    return count


@micropython.viper
def _shortest(stamps: ptr32, begin: int, end: int) -> int:  # type: ignore[name-defined]
    """Return the shortest gap between neighbours from stamp `begin` on, before stamp `end`; 65535 at most."""
    shortest = 65535
    at = begin + 1
    while at < end:
        gap = stamps[at & 1023] - stamps[(at - 1) & 1023]
        if gap >= 0 and gap < shortest:
            shortest = gap
        at += 1
    return shortest


_tick = bytearray(1)  # 1 once the timer has come since the last wait()


def wait():
    """Sleep until the timer that a Capture starts has come, every 10 ms; at once if it has since the last call.

    Every interrupt ends the sleep itself, a byte of the receiver as a packet of USB: this loop lets MicroPython do what
    these ask for, and sleeps on, so that a turn of the main loop is not spent on each byte.
    """
    while not _tick[0]:
        _sleep()
    _tick[0] = 0


def _register(channel, offset):
    """Return the address of a register of an rp2.DMA."""
    return _DMA + _DMA_CHANNEL * channel.channel + offset


class _Ring:
    """The edges of one input. Its six words of `rings`, for the functions above, begin at 6 x its number:

    address of its stamps, stamps taken, stamps that came, address of the register that goes down by one at every edge,
    address of the register that says where the next stamp goes, edges that left no stamp
    """

    def __init__(self, number, pin, space, rings):
        self.pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self._rings = rings
        self._number = number
        self._space = uctypes.addressof(space)
        stamper, self._trigger = rp2.DMA(), rp2.DMA()
        stamper.config(
            read=_LOW,
            write=space,
            count=1,
            ctrl=stamper.pack_ctrl(
                size=_WORD,
                inc_read=False,
                ring_size=_RING_BITS,
                ring_sel=True,
                treq_sel=_ALWAYS,
                chain_to=stamper.channel,
            ),
        )
        pio, machine_number = divmod(number, 4)
        self._trigger.config(
            read=_RXF0[pio] + 4 * machine_number,
            write=_DMA + _DMA_CHANNEL * stamper.channel + _READ_AND_START,
            count=_EDGES_MAX,
            ctrl=self._trigger.pack_ctrl(
                size=_WORD,
                inc_read=False,
                inc_write=False,
                treq_sel=_RX_DREQ[pio] + machine_number,
                chain_to=self._trigger.channel,
            ),
            trigger=True,
        )
        self._stamper = stamper
        words = (self._space, 0, 0, _register(self._trigger, _COUNT), _register(stamper, _WRITE), 0)
        for place, word in enumerate(words):
            rings[6 * number + place] = word
        self.catch(_falling if number else _rising)

    def catch(self, program):
        """Stamp the edges that a program waits for; what the machine has pushed before stays."""
        self._edges = rp2.StateMachine(self._number, program, in_base=self.pin)
        self._edges.active(1)
        self._edges.put(_LOW)

    def drain(self):
        """Take all stamps that came; return (count, lower words of the first and the last, shortest gap), None if none.

        What was written over is counted too: then the first is the oldest that is still there.
        """
        at = 6 * self._number
        taken = self._rings[at + 1]
        end = _EDGES_MAX - machine.mem32[self._rings[at + 3]] - self._rings[at + 5]
        if taken >= end:
            return None
        begin = max(taken, end - _RING_STAMPS + _MARGIN)
        self._rings[at + 1] = end
        first, last = self._stamp(begin), self._stamp(end - 1)
        return end - taken, first, last, _shortest(self._space, begin, end)

    def _stamp(self, number):
        return machine.mem32[self._space + 4 * (number % _RING_STAMPS)]


class Capture:
    """All inputs: 0 is the receiver's pulse, 1 to 4 are the tubes. Make one; it runs until the chip stops.

    lost      stamps lost, by input: those written over in the ring before they were read, edges that left none, and one
              for each time that a FIFO was found to have dropped some, for it does not say how many
    drained   a bit for each input whose edges read() leaves to drain(), bit 0 is input 1; belongs to the owner
    until_us  the counter of the last edge that read() gave when more wait, None when it has given all
    """

    def __init__(self):
        self.lost = array("i", [0] * len(INPUTS))
        self.drained = 0
        self.until_us = None
        # A DMA ring lies at a multiple of its size.
        self._space = bytearray((len(INPUTS) + 1) * _RING_BYTES)
        start = -uctypes.addressof(self._space) % _RING_BYTES
        space = memoryview(self._space)
        self._words = array("i", [0] * (6 * len(INPUTS)))
        self._before = array("i", [0] * len(INPUTS))
        self._found = array("i", [0] * (2 * _READ_MAX))
        self._rings = [
            _Ring(number, pin, space[start + number * _RING_BYTES :], self._words) for number, pin in enumerate(INPUTS)
        ]
        self._left = _NONE  # _left_in_all when all edges were read last; _NONE: some were not
        self._waker = machine.Timer(period=_WAKE_MS, callback=_awake)

    def now_us(self) -> int:
        """Return the 64-bit microsecond counter of this boot."""
        high = machine.mem32[_HIGH]
        low = machine.mem32[_LOW]
        if high != machine.mem32[_HIGH]:  # the lower word wrapped between the two
            high = machine.mem32[_HIGH]
            low = machine.mem32[_LOW]
        return high << 32 | (low & _MASK)  # mem32 gives words from 2**31 on as negative

    def read(self) -> list:
        """Return (input, counter_us) of up to 64 edges that were not read yet, in order of the counter."""
        left = _left_in_all(self._words)
        if left == self._left:
            self.until_us = None
            return _NOTHING  # type: ignore[return-value]  # an empty tuple that is never made anew
        self._count_dropped()
        _survey(self._words, self.lost, self.drained)
        found = self._merged()
        # `left` is older than the counter that _merged goes up to, so it holds no edge that is still to be read.
        self._left = left if len(found) < _READ_MAX and not self.drained else _NONE
        return found

    def drain(self, number):
        """Take all edges of an input (1 .. 4) at once, however many came.

        Return (count, counter_us of the first and of the last, shortest gap in us, 65535 for any longer), None if
        there are none. When more came than a ring holds, the first is the oldest that it still has.
        """
        drained = self._rings[number].drain()
        if drained is None:
            return None
        count, first, last, shortest_us = drained
        now_us = self.now_us()
        low = now_us & _MASK
        return count, now_us - (low - first & _MASK), now_us - (low - last & _MASK), shortest_us

    def let_pulse_fall(self, falls):
        """Stamp the falling edges of the pulse, or its rising ones again."""
        self._rings[0].catch(_falling if falls else _rising)

    def closed(self, number) -> bool:
        """Say whether the contact of an input (0 .. 4) is closed now; for input 0, whether the pulse is low."""
        return not self._rings[number].pin.value()

    def _merged(self):
        now_us = self.now_us()
        words, merged = self._words, self._found
        for number in range(5):
            self._before[number] = words[6 * number + 1]
        count = _merge(words, merged, now_us & _MASK, _READ_MAX)
        found = [(merged[place], now_us - merged[place + 1]) for place in range(0, 2 * count, 2)]
        self.until_us = found[-1][1] if count == _READ_MAX else None
        for number in range(5):
            over = (
                0 if number and self.drained >> number - 1 & 1 else _written_anew(words, number, self._before[number])
            )
            if over:
                self.lost[number] += over
                found = without(found, number, over)
        return found

    def _count_dropped(self):
        for pio, flags in enumerate(_FDEBUG):
            dropped = machine.mem32[flags] & 0xF
            if dropped:
                machine.mem32[flags] = dropped  # writing ones clears
                for number in range(4 * pio, min(4 * pio + 4, len(INPUTS))):
                    self.lost[number] += dropped >> (number % 4) & 1


def without(found, number, count):
    """Return edges without the first `count` of an input."""
    kept = []
    for edge in found:
        if edge[0] == number and count:
            count -= 1
        else:
            kept.append(edge)
    return kept


def _awake(_):
    _tick[0] = 1
