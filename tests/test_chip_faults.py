"""The real download against the shipped UF2 over the emulated USB, while bytes, ports, hosts and the board fail.

The chip starts with a journal on its flash that the same firmware wrote on the desk: edges on emulated pins are slow.
Each run begins with an empty store and does one kind of harm; then a good cable collects. Nothing may be missing,
stored twice or altered, and nothing acknowledged that was not stored.
"""

import random
from contextlib import closing
from itertools import count

import pytest

from centesimo.model.errors import LinkError
from centesimo.store import Store
from centesimo.store.board_records import sequence_of
from centesimo.store.verify import verify
from centesimo_board.journal import Journal
from centesimo_board.settings import AREA
from centesimo_protocol import frame, session
from tests import desk
from tests.chip import MS, Chip
from tests.chip_road import image
from tests.faults import Host, Roadside, Slow
from tests.test_link_host import Wire

BOARD_ID = b"\xff" * 8  # the emulated chip's
STORAGE_AT = 640 * 1024  # of 2 MiB; the journal and the settings have the rest
RECORDS = 80
TURN_NS = 20 * MS
BOOT_NS = 500 * MS
FIFO = 512


class OnChip:
    """The chip's end of the USB: bytes in, a little emulated time, bytes out; `reset` cuts its power."""

    def __init__(self, uf2):
        self._uf2 = uf2
        blank = Chip(uf2).flash()
        self._start(blank[:STORAGE_AT] + written(len(blank) - STORAGE_AT))

    def _start(self, flash):
        self.chip = Chip(self._uf2, flash)
        self.chip.run_until(BOOT_NS)

    def receive(self, chunk):
        self.chip.send(chunk[:FIFO])
        self.chip.run_until(self.chip.now_ns + TURN_NS)
        return self.chip.take()

    def reset(self):
        self._start(self.chip.flash())

    def kept(self):
        """Return every record that is on its flash."""
        flash = desk.Flash(len(self.chip.flash()) - STORAGE_AT)
        flash.image[:] = self.chip.flash()[STORAGE_AT:]
        journal = Journal(flash, flash.size - AREA)
        return [journal.read(sequence, 1) for sequence in range(journal.first, journal.last + 1)]


def written(size):
    """Return a storage area in which the firmware has kept RECORDS edges."""
    board = Roadside(random.Random(1), BOARD_ID, desk.Flash(size))
    board.write(RECORDS)
    return bytes(board.flash.image)


class Cable:
    """Between host and chip, with a wire each way; it hears what the host acknowledges."""

    def __init__(self, board, store, to_board, to_host):
        self._board, self._store = board, store
        self._to_board, self._to_host = to_board, to_host
        self._ear = session.BoardSession()
        self._answers = frame.FrameReader()

    def receive(self, chunk):
        self._check_acknowledged(chunk)
        answer = self._board.receive(self._to_board(chunk))
        for kind, payload in self._answers.receive(answer):
            if kind == session.WELCOME:  # the ear is in the session that the board has opened
                self._ear.send(session.decode(session.BOARD_MESSAGES, kind, payload))
        return self._to_host(answer)

    def _check_acknowledged(self, chunk):
        """What the host is about to acknowledge is in its store."""
        for message in self._ear.receive(chunk):
            if isinstance(message, session.Acknowledge):
                stored = {sequence_of(raw) for raw in self._store.records_of(BOARD_ID.hex())}
                assert stored >= set(range(1, message.up_to + 1))


def clean(chunk):
    return chunk


class Gone:
    """A port that is gone after some bytes."""

    def __init__(self, left):
        self.left = left

    def __call__(self, chunk):
        if len(chunk) > self.left:
            raise LinkError("the port is gone")
        self.left -= len(chunk)
        return chunk


class Killed(random.Random):
    """Chance of a host that is killed: it stores nothing more when its turns are over."""

    def random(self):
        return 0.0


def wires(seed):
    return Wire(seed, 0.02), Wire(seed + 1, 0.02)


# name, wires to the board and to the host, turns of the host and whether it is killed then, turn of a reset, whether
# the harmed visit itself ends well.
RUNS = [
    ("bytes lost, changed, doubled and added", lambda: (Wire(1, 0.02), Wire(2, 0.02)), 400, False, None, True),
    ("bytes late and in pieces", lambda: (Slow(random.Random(3)), Slow(random.Random(4))), 400, False, None, True),
    ("the port gone in the first frame", lambda: (clean, Gone(17)), 400, False, None, False),
    ("the port gone in the middle", lambda: (clean, Gone(1500)), 400, False, None, False),
    ("the host killed", lambda: (clean, clean), 5, True, None, False),
    ("the board reset", lambda: (clean, clean), 400, False, 3, True),
]


@pytest.fixture(scope="module")
def board():
    return OnChip(image())


@pytest.mark.parametrize(
    ("make", "turns", "killed", "reset_at", "ends"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS]
)
def test_nothing_is_lost_or_stored_twice(board, tmp_path, make, turns, killed, reset_at, ends):
    turn = count(1)

    def trouble():
        if next(turn) == reset_at:
            board.reset()

    with closing(Store.open(tmp_path / "s.sqlite")) as store:
        harmed = Host(store, 1, Killed() if killed else random.Random(1))
        assert harmed.visit(Cable(board, store, *make()), trouble, turns) == ends
        host = Host(store, 1, random.Random(1))
        assert host.visit(Cable(board, store, clean, clean)), host.said
        kept, stored = board.kept(), store.records_of(BOARD_ID.hex())
        # The board goes on writing: what came after the last greeting is not asked for.
        assert stored == kept[: len(stored)]
        assert len(stored) >= RECORDS
        (one,), beside = verify(store)
        assert ([*one.problems, *beside], store.conflicts()) == ([], [])
