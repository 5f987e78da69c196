"""Kills: a host that collects over a pty is killed (kill -9) at a random moment, also inside a commit, again and again.

The host is a fork of this process that runs the real collect; the board's end stays here, without a thread. After each
kill the store is opened as the next program would: it must hold whole blocks of right records, and all that was
acknowledged.
"""

import os
import random
import select
import signal
import time
import tty
from contextlib import closing

import centesimo.collect as collecting
from centesimo.store import Store
from centesimo.store.board_records import sequence_of
from centesimo.store.verify import verify
from tests.plain_board import PlainBoard, edges

BOARD = "0b" * 8
RECORDS = 2000
BLOCK = 240  # in one commit: the smaller, the more kills come inside one
LONGEST_S = 0.4


class Killing:
    """One board and one store; `torn` counts kills that left a journal of SQLite's behind: they were in a commit."""

    def __init__(self, seed, folder):
        self.torn = 0
        self._chance = random.Random(seed)
        self._folder = folder
        self._rounds = 0
        self._begin()

    def _begin(self):
        """A new board and a new store."""
        self._rounds += 1
        self._path = self._folder / f"{self._rounds}.sqlite"
        Store.open(self._path).close()
        self._board = PlainBoard(edges(RECORDS))

    def kill(self):
        """Collect, kill within LONGEST_S, and look at the store; AssertionError says what does not hold."""
        self._board.restart()
        board_end, host_end = os.openpty()
        tty.setraw(host_end)
        child = os.fork()
        if child == 0:
            self._be_host(os.ttyname(host_end))
        ended = self._serve(board_end, child, time.monotonic() + self._chance.uniform(0.02, LONGEST_S))
        os.close(board_end)
        os.close(host_end)
        self.torn += self._path.with_name(self._path.name + "-journal").exists()
        self._check()
        if ended or self._board.acknowledged == RECORDS:
            self._path.unlink()
            self._begin()

    def _be_host(self, port):
        """The child: collect until killed, and never come back."""
        code = 1
        collecting.BLOCK_RECORDS = BLOCK
        try:
            with closing(Store.open(self._path)) as store:
                code = 0 if collecting.collect(store, [port], time.time_ns)[0].error is None else 1
        finally:
            os._exit(code)

    def _serve(self, board_end, child, until_s):
        """Be the board until the time has come, then kill the host; say whether it had ended well before."""
        while (left_s := until_s - time.monotonic()) > 0:
            if select.select([board_end], [], [], left_s)[0]:
                answer = self._board.receive(os.read(board_end, 4096))
                while answer:
                    answer = answer[os.write(board_end, answer) :]
            if self._board.acknowledged == RECORDS:
                break
        os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def _check(self):
        with closing(Store.open(self._path)) as store:
            stored = {sequence_of(raw): raw for raw in store.records_of(BOARD)}
            assert stored.items() <= self._board.raw_by_sequence.items(), "a record is stored that the board never sent"
            assert self._board.acknowledged in (0, len(stored)), "something is acknowledged that is not stored"
            assert store.conflicts() == []
            boards, beside = verify(store)
        problems = [problem for one in boards for problem in one.problems if problem.kind != "gap"]
        assert problems + beside == []
