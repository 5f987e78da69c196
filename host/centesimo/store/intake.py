"""From a board's messages to the records that the store keeps.

Collecting and rebuilding from the archive both go through here, so that a store is exactly what its archive says.
Every record of every whole frame is taken, also one that was not asked for or comes again: the store adds it only once.
"""

from collections.abc import Iterable

from centesimo.model.errors import LinkError
from centesimo.store.number_runs import Run, merged
from centesimo.words.boards import board_text
from centesimo_protocol import record, session

TELL_NOTHING = (record.ACKNOWLEDGED, record.SEAL)  # kinds that only say what became of others


class Intake:
    """The records of one board as they come.

    board   16 hex digits, "" before its first answer
    fresh   records (32 bytes each) that came and were not stored yet; the owner empties it when it stores them
    absent  runs of sequences that the board skipped inside one frame: it has no record for them
    """

    def __init__(self) -> None:
        self.board = ""
        self.fresh: list[bytes] = []
        self._skipped: list[Run] = []

    @property
    def absent(self) -> list[Run]:
        """Return the numbers that the board has no record for, as far as it was heard."""
        return merged(sorted(self._skipped))

    def take(self, messages: Iterable[object]) -> None:
        """Take the messages of a HostSession; LinkError at the first of another board, what came before it is kept."""
        for message in messages:
            if isinstance(message, session.Welcome):
                self._meet(message)
            elif isinstance(message, session.Records):
                self._keep(message.records)

    def _meet(self, welcome: session.Welcome) -> None:
        board = welcome.board_id.hex()
        if self.board not in ("", board):
            name = welcome.name.rstrip(b"\0").decode("utf-8", "replace")
            raise LinkError(f"now board {board_text(board, name)} answers: collect again, one board to a port")
        self.board = board

    def _keep(self, raws: bytes) -> None:
        """Keep the records of one frame, in which sequences rise: what they skip inside it is absent on the board."""
        before = 0
        for at in range(0, len(raws), record.SIZE):
            raw = raws[at : at + record.SIZE]
            value = record.unpack(raw)
            if isinstance(value, record.Boot) and value.board_id.hex() != self.board:
                raise LinkError(f"record {value.sequence} was written by board {value.board_id.hex()}")
            if before and value.sequence > before + 1:
                self._skipped.append((before + 1, value.sequence - 1))
            before = value.sequence
            self.fresh.append(raw)
