"""Stamps edges in hardware: PIO sees them, DMA copies the microsecond counter into a ring, software reads the rings.

Each input has a state machine that waits for its edge (the pulse rises, a tube's contact falls to ground) and then
pushes one word, the address of the counter. A DMA channel, paced by that FIFO, writes the word to a second channel's
read address, and this starts it: it copies the counter into the ring. Nothing that the processor does can move or lose
a stamp; the delay, about 0.1 us, is the same for the pulse and the tubes and so cancels.

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
_COUNT = const(0x08)  # of a DMA channel: transfers left
_READ_AND_START = const(0x3C)  # of a DMA channel: writing its read address starts it
_WORD = const(2)  # 4 bytes, as a DMA channel's size

_RING_BITS = const(12)
_RING_BYTES = const(4096)
_RING_STAMPS = const(1024)
_EDGES_MAX = const(0x03FFFFFF)  # 2**26 - 1; the RP2350 keeps the upper bits of a count for modes
_MASK = 0xFFFFFFFF
_HALF = 0x80000000
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
def _left_in_all(counts: ptr32) -> int:  # type: ignore[name-defined]  # a name of viper alone
    """Return a number that changes with every edge of any input; takes a few us and no memory."""
    total = 0
    for number in range(5):
        # Five times _EDGES_MAX is still a small int.
        total += ptr32(counts[number])[0]  # type: ignore[name-defined]
    return total


_tick = bytearray(1)  # 1 once the timer has come since the last wait()


def wait():
    """Sleep until the timer that a Capture starts has come, every 10 ms; at once if it has since the last call.

    Every interrupt ends the sleep itself, a byte of the receiver as a packet of USB: this loop lets MicroPython do what
    these ask for, and sleeps on, so that a turn of the main loop is not spent on each byte.
    """
    while not _tick[0]:
        _sleep()
    _tick[0] = 0


class _Ring:
    """The edges of one input.

    taken          how many stamps were read or written over since the start
    count_address  of the register that goes down by one at every edge
    """

    def __init__(self, number, pin, space):
        self.pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self.taken = 0
        self._come = 0  # stamps that came since the start, as far as note_come() has seen
        self._missing = 0  # edges that left no stamp, likewise
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
        self.count_address = _DMA + _DMA_CHANNEL * self._trigger.channel + _COUNT
        self._stamper = stamper
        self._number = number
        self.catch(_falling if number else _rising)

    def catch(self, program):
        """Stamp the edges that a program waits for; what the machine has pushed before stays."""
        self._edges = rp2.StateMachine(self._number, program, in_base=self.pin)
        self._edges.active(1)
        self._edges.put(_LOW)

    def note_come(self):
        """Note which stamps are there to be read; return how many edges have left none since that was last known.

        An edge within 0.1 us of the one before, while that one is being copied, starts no copy. Where the next stamp
        will go tells how many there are: if fewer were believed missing, the wrong slots would be read from then on.
        """
        before = self._seen()
        place = (self._stamper.write - self._space) // 4
        edges = self._seen()
        behind = (edges - self._missing - place) % _RING_STAMPS
        self._come = edges - self._missing - behind
        if edges != before:
            return 0  # their stamps may be on the way
        self._missing += behind
        return behind

    def age_us(self, low):
        """Return how long before `low` the oldest edge was that is not taken, or _NONE; takes none."""
        if self.taken >= self._come:
            return _NONE
        age = (low - machine.mem32[self._space + 4 * (self.taken % _RING_STAMPS)]) & _MASK
        # An edge from after `low` is the next read's: it could stand before one that another input is about to get.
        return age if age < _HALF else _NONE

    def drop_overrun(self):
        """Take the stamps whose slots were written anew by now, and return how many these were."""
        over = self._seen() - self._missing - self.taken - _RING_STAMPS
        if over <= 0:
            return 0
        self.taken += over
        return over

    def _seen(self):
        return _EDGES_MAX - self._trigger.count


class Capture:
    """All inputs: 0 is the receiver's pulse, 1 to 4 are the tubes. Make one; it runs until the chip stops.

    lost  stamps lost, by input: those written over in the ring before they were read, edges that left none, and one for
          each time that a FIFO was found to have dropped some, for it does not say how many
    """

    def __init__(self):
        self.lost = [0] * len(INPUTS)
        # A DMA ring lies at a multiple of its size.
        self._space = bytearray((len(INPUTS) + 1) * _RING_BYTES)
        start = -uctypes.addressof(self._space) % _RING_BYTES
        space = memoryview(self._space)
        self._rings = [_Ring(number, pin, space[start + number * _RING_BYTES :]) for number, pin in enumerate(INPUTS)]
        self._counts = array("I", [ring.count_address for ring in self._rings])
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
        left = _left_in_all(self._counts)
        if left == self._left:
            return _NOTHING  # type: ignore[return-value]  # an empty tuple that is never made anew
        self._count_dropped()
        for number, ring in enumerate(self._rings):
            self.lost[number] += ring.note_come()
        edges = self._merged()
        # `left` is older than the counter that _merged goes up to, so it holds no edge that is still to be read.
        self._left = left if len(edges) < _READ_MAX else _NONE
        return edges

    def let_pulse_fall(self, falls):
        """Stamp the falling edges of the pulse, or its rising ones again."""
        self._rings[0].catch(_falling if falls else _rising)

    def closed(self, number) -> bool:
        """Say whether the contact of an input (0 .. 4) is closed now; for input 0, whether the pulse is low."""
        return not self._rings[number].pin.value()

    def _merged(self):
        now_us = self.now_us()
        low = now_us & _MASK
        ages = [self._age_us(number, low) for number in range(len(INPUTS))]
        edges = []
        while len(edges) < _READ_MAX:
            oldest = max(ages)
            if oldest == _NONE:
                break
            number = ages.index(oldest)
            edges.append((number, now_us - oldest))
            self._rings[number].taken += 1
            ages[number] = self._age_us(number, low)
        return edges

    def _age_us(self, number, low):
        """Return _Ring.age_us of an input, from a slot that was not written anew while it was read."""
        ring = self._rings[number]
        while True:
            age = ring.age_us(low)
            over = ring.drop_overrun()
            if not over:
                return age
            self.lost[number] += over

    def _count_dropped(self):
        for pio, flags in enumerate(_FDEBUG):
            dropped = machine.mem32[flags] & 0xF
            if dropped:
                machine.mem32[flags] = dropped  # writing ones clears
                for number in range(4 * pio, min(4 * pio + 4, len(INPUTS))):
                    self.lost[number] += dropped >> (number % 4) & 1


def _awake(_):
    _tick[0] = 1
