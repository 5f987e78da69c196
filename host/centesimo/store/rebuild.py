"""A new store's records from the raw archive of another one alone: every visit is read again, byte for byte."""

from centesimo.store.board_records import BoardRecords
from centesimo.store.raw_archive import read_again


def rebuild(old: BoardRecords, new: BoardRecords) -> int:
    """Read the archive of `old` again into `new`, archive and records, and return how many records that made.

    StoreError if a part is damaged, altered or missing: `centesimo verify` says which ones are.
    """
    made = 0
    for parts in old.visits():
        for part, _, raws in read_again(parts):
            made += new.add_records(part.board, part.port, raws, part.ended_at_ns, part.host_version, part).new
    return made
