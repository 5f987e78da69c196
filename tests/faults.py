"""Fault schedules: the real firmware on the desk, a wire that does harm, hosts that are stopped, and what must hold.

One schedule is one seed. Two hosts take turns to collect a board over a wire that loses, changes, doubles, adds, cuts
up and delays bytes; the board goes on writing, is reset, loses its power while it writes, or is exchanged for another;
a host is stopped at any turn, with or without the chance to store what came; its clock jumps. After that both collect
over a good wire. Then nothing may be missing, stored twice or acknowledged that no host had.
"""

import gc
import random
from pathlib import Path

from centesimo.collect.download import COMPLETE, DONE, Download
from centesimo.model.errors import LinkError
from centesimo.store import Store
from centesimo.store.board_records import sequence_of
from centesimo.store.bundle import write_bundle
from centesimo.store.load_bundle import load_bundle
from centesimo.store.raw_archive import Tape, TapedSession
from centesimo.store.verify import verify
from centesimo_board.main import Board
from centesimo_protocol import record
from tests import desk
from tests.flash import half
from tests.test_link_host import Wire

TURN_MS = 50
TURNS = 400  # of one visit, at most
BLOCK = 60
BOARD_ID = bytes(range(8))
BOARD = BOARD_ID.hex()
ANOTHER = b"another."
SECTORS = 10


class Roadside:
    """A board that lives on its flash through resets and power cuts."""

    def __init__(self, chance, board_id=BOARD_ID, flash=None):
        self.chance = chance
        self.flash = flash or desk.Flash(SECTORS * 4096)
        self.board_id = board_id
        self._start()

    def _start(self):
        self.true_us = 0
        self.count = 0
        self.board = Board(desk.devices(self.flash)._replace(board_id=self.board_id))
        self.stream = self.board.devices.stream

    def receive(self, chunk):
        """Take bytes and a turn of the main loop; return what it sends."""
        self.stream.given += chunk
        for _ in range(3):
            self.true_us += TURN_MS * 300
            self.board.devices.capture.true_us = self.true_us
            self.board.step()
        told, self.stream.told = self.stream.told, b""
        return told

    def write(self, count):
        """Let cars pass."""
        for _ in range(count):
            self.true_us += 700
            self.board.devices.capture.true_us = self.true_us
            self.count += 1
            entry = (record.Edge, self.board.devices.capture.now_us(), 1, self.count, 0, 0, record.NOT_KNOWN_US)
            self.board.journal.append(entry)

    def reset(self):
        """Restart, perhaps because power failed while it wrote what nobody was told yet."""
        if self.chance.random() < 0.5:
            before, done = bytearray(self.flash.image), len(self.flash.operations)
            self.write(1)
            torn = self.flash.operations[done:]
            if len(torn) == 1:
                self.flash.image[:] = before
                half(self.flash.image, torn[0], self.chance)
        self._start()

    def kept(self):
        """Return the records that it keeps now."""
        raws, first = [], self.board.journal.first
        while first <= self.board.journal.last:
            raw = self.board.journal.read(first, 24)
            raws += [raw[at : at + record.SIZE] for at in range(0, len(raw), record.SIZE)]
            first = sequence_of(raws[-1]) + 1
        return raws


class Slow:
    """Delivers what is put in later, in pieces of any size."""

    def __init__(self, chance):
        self.chance = chance
        self.held = b""

    def __call__(self, chunk):
        self.held += chunk
        size = self.chance.randrange(6000) if self.chance.random() < 0.7 else 0
        piece, self.held = self.held[:size], self.held[size:]
        return piece


class Laptops:
    """Two stores that are emptied again and again; a folder holds them. Close it."""

    def __init__(self, folder):
        self.stores = [Store.open(Path(folder) / f"{number}.sqlite") for number in (1, 2)]
        self._empty = [Path(store.name).read_bytes() for store in self.stores]
        gc.freeze()  # the firmware collects garbage at every start, and what is here now is none

    def emptied(self):
        """Return the stores, empty."""
        for store, empty in zip(self.stores, self._empty, strict=True):
            store.close()  # it opens itself again when it is used
            Path(store.name).write_bytes(empty)
        return self.stores

    def close(self):
        """Close both."""
        gc.unfreeze()
        for store in self.stores:
            store.close()


class Host:
    """A laptop with its own store and a clock that jumps."""

    def __init__(self, store, number, chance):
        self.store = store
        self.id = bytes([number]) * 8
        self.chance = chance
        self.now_ns = 1_800_000_000_000_000_000
        self.said = ""  # why its last visit ended

    def clock(self):
        self.now_ns += TURN_MS * 1_000_000
        if self.chance.random() < 0.001:
            self.now_ns += self.chance.randrange(-(10**13), 10**13)
        return self.now_ns

    def visit(self, board, trouble=None, turns=TURNS):
        """Collect once, as collect.py does; say whether it was told to be a success."""
        tape = Tape("port", self.id, "0.1.0", self.clock)
        state = Download(TapedSession(self.id, tape), self.store.held)
        is_killed = False
        try:
            sent = state.receive(b"", 0)
            for turn in range(1, turns):
                if state.state == DONE:
                    return True
                if trouble is not None:
                    trouble()
                sent = state.receive(board.receive(sent), turn * TURN_MS)
                if len(state.fresh) >= BLOCK or state.state == COMPLETE:
                    self._commit(state, tape)
                if state.state == COMPLETE:
                    sent += state.stored(turn * TURN_MS)
            is_killed = self.chance.random() < 0.5
        except LinkError as error:
            self.said = str(error)
        finally:
            if not is_killed:
                self._commit(state, tape)
        return False

    def _commit(self, state, tape):
        if state.board and tape.size:
            now_ns = self.clock()
            part = tape.cut(state.board, now_ns)
            self.store.add_records(state.board, "port", state.fresh, now_ns, "0.1.0", part)
            state.fresh.clear()


class Schedule:
    """One seed's schedule over the laptops, which are emptied for it."""

    def __init__(self, seed, laptops):
        self.chance = random.Random(seed)
        self.hosts = [Host(store, number, self.chance) for number, store in enumerate(laptops.emptied(), 1)]
        self.board = Roadside(self.chance)
        self.board.write(self.chance.randrange(150))
        self.acknowledged = 0

    def run(self):
        """Do all harm, then collect well; AssertionError says what does not hold."""
        for _ in range(self.chance.randrange(1, 4)):
            self._harm(self.chance.choice(self.hosts))
            self.board.write(self.chance.randrange(40))
        for host in self.hosts:
            for _ in range(2):
                assert host.visit(self.board), f"a good wire does not collect: {host.said}"
                self._check_acknowledged(host)
            self._check_store(host)
        self._check_merge()

    def _harm(self, host):
        """One visit in which everything may go wrong."""
        worse = Wire(self.chance.random(), self.chance.choice((0.0001, 0.002, 0.01, 0.05)))
        wires = [self.chance.choice((lambda chunk: chunk, Slow(self.chance))) for _ in range(2)]
        other = Roadside(self.chance, ANOTHER) if self.chance.random() < 0.1 else None
        line = Line(self.board, lambda chunk: wires[0](worse(chunk)), lambda chunk: worse(wires[1](chunk)))

        def trouble():
            what = self.chance.random()
            if what < 0.01:
                self.board.reset()
            elif what < 0.05:
                self.board.write(self.chance.randrange(5))
            elif what < 0.06 and other is not None:
                line.board = other
            self._check_acknowledged(host)

        is_success = host.visit(line, trouble, self.chance.choice((5, 20, 60, TURNS)))
        self._check_acknowledged(host)
        if is_success and line.board is self.board:
            self._check_store(host)

    def _check_acknowledged(self, host):
        """Whatever was newly acknowledged is in the store of the host that did so."""
        acknowledged = self.board.board.journal.acknowledged
        if acknowledged > self.acknowledged:
            self.acknowledged = acknowledged
            told = {raw for raw in self.board.kept() if sequence_of(raw) <= acknowledged}
            stored = set(host.store.records_of(BOARD))
            assert told <= stored, f"{len(told - stored)} records are acknowledged and not stored"

    def _check_store(self, host):
        """All that the board kept when it was greeted is there, nothing twice, nothing else, nothing altered."""
        kept = {sequence_of(raw): raw for raw in self.board.kept()}
        stored = {sequence_of(raw): raw for raw in host.store.records_of(BOARD)}
        assert stored.items() <= kept.items(), "something is stored that the board does not keep"
        missing = [raw[6] for sequence, raw in kept.items() if sequence not in stored and sequence <= max(stored)]
        assert not missing, f"{len(missing)} records are missing after a success"
        boards, beside = verify(host.store)
        assert host.store.conflicts() == [], "conflicts"
        assert [*beside, *(problem for one in boards for problem in one.problems)] == []
        assert {one.board for one in boards} <= {BOARD, ANOTHER.hex()}

    def _check_merge(self):
        """Both stores, merged in either order, are one."""
        stores = [host.store for host in self.hosts]
        bundles = [bundle_of(store) for store in stores]
        for store, other in zip(stores, reversed(bundles), strict=True):
            load_bundle(store, "b", other)
        first, second = (bundle_of(store) for store in stores)
        assert first == second, "the merged stores differ"


class Line:
    """A cable with harm in both directions, whose other end may be put into another board."""

    def __init__(self, board, to_board, to_host):
        self.board = board
        self._to_board, self._to_host = to_board, to_host

    def receive(self, chunk):
        """Pass bytes on to the board and back."""
        return self._to_host(self.board.receive(self._to_board(chunk)))


def bundle_of(store):
    """Return the bundle of a store."""
    with store.reading() as connection:
        return write_bundle(connection)
