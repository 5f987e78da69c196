"""A new store's records from the raw archive of another one alone: every visit is read again, byte for byte."""

from collections.abc import Iterator, Sequence

from centesimo.model.errors import StoreError
from centesimo.store.board_records import BoardRecords
from centesimo.store.raw_archive import Part, Replay, digest, events_of


def rebuild(old: BoardRecords, new: BoardRecords) -> int:
    """Read the archive of `old` again into `new`, archive and records, and return how many records that made.

    StoreError if a part is damaged, altered or missing: `centesimo verify` says which ones are.
    """
    made = 0
    for parts in old.visits():
        for part, _, raws in read_again(parts):
            made += new.add_records(part.board, part.port, raws, part.ended_at_ns, part.host_version, part).new
    return made


def read_again(parts: Sequence[Part]) -> Iterator[tuple[Part, Replay, list[bytes]]]:
    """Yield each part of one visit, in order, with the reading so far and the records that were read when it came.

    StoreError at the first part that is damaged, altered or missing.
    """
    replay, before = Replay(), ""
    for number, part in enumerate(parts, 1):
        if part.part != number:
            raise StoreError(f"part {number} of visit {part.visit} is not in the archive")
        events = events_of(part)
        if digest(part, events, before) != part.digest:
            raise StoreError(f"part {number} of visit {part.visit} in the archive was altered: its digest is another")
        before = part.digest
        yield part, replay, replay.read(events)
