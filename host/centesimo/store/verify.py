"""Verify a store: every board's chain from its first record to its last, against itself and against what came.

Each check is a small pure function of one BoardChain, in the table CHECKS; a new check is one more row. The stored
records are compared with the raw archive: each must have come with these bytes, and all that came must be stored.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice, product
from typing import NamedTuple

import sqlalchemy as sa

from centesimo.amend.choices import settled
from centesimo.model.decisions import Decision
from centesimo.model.errors import StoreError
from centesimo.model.rivals import Rivals, Visited
from centesimo.store import Store
from centesimo.store import chain as sealing
from centesimo.store.board_records import Row, ranked_rivals, sequence_of, used, verified
from centesimo.store.doors import unusable_rows
from centesimo.store.intake import TELL_NOTHING
from centesimo.store.number_runs import Run, count, joined, runs, without
from centesimo.store.raw_archive import read_again
from centesimo.store.record_runs import changed_runs, covered
from centesimo.store.row_digests import changed
from centesimo.store.schema import conflicts, lists, loaded_files, receipts, records
from centesimo.words.english import GROUNDS
from centesimo_protocol import record
from centesimo_protocol.shim import RecordError

BOARD = re.compile("[0-9a-f]{16}")
TRIED = 64  # ways to put the versions of a block's records together


class Problem(NamedTuple):
    """Something that is wrong with what is stored; first .. last are sequences, None where it is about none."""

    kind: str  # of KINDS
    board: str  # 16 hex digits, "" when it is about no board
    first: int | None
    last: int | None
    text: str  # one sentence, for a person


KINDS = {
    "store": "the file itself: what SQLite finds wrong in how it is built",
    "gap": "numbers that the board gave and of which there is no record here",
    "conflict": "two records under one number",
    "guard": "a trigger or table of the store that is not as it was made: rows can be changed",
    "run": "records that were changed, taken out or put in after they came",
    "altered": "a record that does not check, or whose columns say something else",
    "receipt": "a record whose receipt is not there, of another board, or of other records",
    "not as received": "a record that the raw archive has otherwise",
    "not received": "a record that is in no part of the raw archive",
    "not stored": "a record that came and is not in the store",
    "chain": "a block of records that is not as the board sealed it",
    "secret": "a block that is sealed with a secret which this computer does not have",
    "boots": "a boot that is lower than the one before it",
    "counter": "a counter that runs backwards within a boot",
    "another board": "a start that another board has written",
    "archive": "a part of the raw archive that is damaged, altered or missing",
    "file": "a file or list whose text is not that of its digest",
    "row": "a receipt, file, passage, list, event version, report, decision, sighting or version: not as stored",
    "attested": "the store does not hold what a line of centesimo attest says that it held",
    "publication": "a version whose content is not that which was posted",
}


class Proof(NamedTuple):
    """A record of several versions that a secret proves, in the block of records `first` .. `last`."""

    first: int
    last: int
    raw: bytes


class BoardChain(NamedTuple):
    """What is to be verified of one board: its rows in order of sequence, and what the raw archive has of it."""

    board: str
    rows: Sequence[Row]
    values: Sequence["record.Record"]  # of the rows that are used and check, in order of sequence
    received: dict[int, set[bytes]]  # every record in the raw archive by sequence
    absent: Sequence[Run]  # numbers that the board itself has no record for: torn by a power cut
    blocks: Sequence[sealing.Block] = ()  # as they were sealed
    has_secrets: bool = False  # whether this computer has any
    rivals: Sequence[Rivals] = ()
    proofs: Sequence[Proof] = ()  # of the rivals, by this computer's secrets
    decided: frozenset[int] = frozenset()  # numbers of which an official decided which version counts
    left_out: frozenset[int] = frozenset()  # numbers that only a journal has which an official did not choose


class Checked(NamedTuple):
    """One board's row of a verification; numbers of records but for first, last and acknowledged: sequences."""

    board: str
    first: int
    last: int
    records: int
    boots: int
    torn: int  # numbers for which the board has no record
    received: int  # records that the raw archive bears out
    acknowledged: int  # highest sequence that a host has acknowledged, as the board itself wrote; 0: none
    waiting: int  # records after that one, without those that tell nothing
    problems: tuple[Problem, ...]
    sealed: int = 0  # records under a seal that fits
    proven: int = 0  # of those: under one that only the board, or who has its secret, can have computed
    proofs: tuple[Proof, ...] = ()  # of several versions of a record, the one that the board wrote


def verify(
    store: Store, secrets_of: Callable[[str], Sequence[bytes]] = lambda board: ()
) -> tuple[list[Checked], list[Problem]]:
    """Return a row for every board, in order of their ids, and the problems that belong to no board.

    `secrets_of` gives the secrets that this computer may have set on a board (16 hex digits). Where SQLite finds the
    file itself damaged, only that is returned, as nothing read from it can be trusted. The store is seen as it is at
    one moment, however long that takes.
    """
    with store.snapshot() as still:
        return _verify(still, secrets_of)


def _verify(store: Store, secrets_of: Callable[[str], Sequence[bytes]]) -> tuple[list[Checked], list[Problem]]:
    if damage := store.damage():
        return [], [Problem("store", "", None, None, line) for line in damage]
    problems = [Problem("guard", "", None, None, f"{name} is not as it was made") for name in store.lacking()]
    problems += _files(store)
    received, absent = _archive(store, problems)
    boards = {*store.boards(), *received}
    strays = {board for board in boards if not BOARD.fullmatch(str(board))}
    problems += [Problem("altered", "", None, None, f"{board!r} has records and is no board's id") for board in strays]
    checked = []
    decided = store.decisions(), store.visited()
    for board in sorted(boards - strays):
        secrets = secrets_of(board)
        with store.reading() as connection:
            devices = verified(connection, board)
        chain = board_chain(board, store.rows(board), received[board], absent[board], secrets, devices, decided)
        checked.append(_checked(chain))
    return checked, [*problems, *_receipts(store), *_rows(store), *_runs(store)]


def board_chain(
    board: str,
    rows: Sequence[Row],
    received: dict[int, set[bytes]],
    absent: Sequence[Run],
    secrets: Sequence[bytes] = (),
    devices_by_digest: Mapping[str, tuple[str, ...]] | None = None,
    decided: tuple[Sequence[Decision], Sequence[Visited]] = ((), ()),
) -> BoardChain:
    """Return a board's chain; where two records have one sequence, `values` has the one that counts.

    `decided` are the decisions of officials, and which records came together.
    """
    raws_by_sequence: dict[int, set[bytes]] = defaultdict(set)
    for row in rows:
        raws_by_sequence[sequence_of(row.raw)].add(row.raw)
    rivals = ranked_rivals(board, raws_by_sequence, received, devices_by_digest or {})
    all_raws = used([row.raw for row in rows if not row.is_conflict], rivals)
    choices = settled({board: all_raws}, rivals, *decided)
    raws = choices.records[board]
    left_out = frozenset(map(sequence_of, all_raws)) - frozenset(map(sequence_of, raws))
    values = [record.unpack(raw) for raw in raws if sealing.checks(raw)]
    blocks = sealing.verify_chain(raws, secrets)
    proofs = tuple(_proofs(raws, rivals, secrets)) if rivals and secrets else ()
    of_numbers = frozenset(sequence for _, sequence in choices.by_key)
    return BoardChain(
        board, rows, values, received, absent, blocks, bool(secrets), rivals, proofs, of_numbers, left_out
    )


def _proofs(raws: Sequence[bytes], rivals: Sequence[Rivals], secrets: Sequence[bytes]) -> Iterator[Proof]:
    """Yield each of several versions that stands in a block which a secret proves.

    The versions of one block are tried together, up to TRIED ways: first all as they are ranked.
    """
    place = {sequence_of(raw): at for at, raw in enumerate(raws)}
    proven: dict[int, Proof] = {}
    for group in _by_block(raws, rivals):
        for ways in islice(product(*(every.versions for every in group)), TRIED):
            tried = list(raws)
            for version in ways:
                tried[place[sequence_of(version.raw)]] = version.raw
            for block in sealing.verify_chain(tried, secrets):
                for version in ways if block.state == sealing.PROVEN else ():
                    sequence = sequence_of(version.raw)
                    if block.first <= sequence <= block.last:
                        proven.setdefault(sequence, Proof(block.first, block.last, version.raw))
            if all(every.sequence in proven for every in group):
                break
    yield from proven.values()


def _by_block(raws: Sequence[bytes], rivals: Sequence[Rivals]) -> list[list[Rivals]]:
    """Return rivals in groups of those that one seal is over, as the seals that are used say."""
    seals = [sequence_of(raw) for raw in raws if raw[6] == record.SEAL]
    groups: dict[int, list[Rivals]] = defaultdict(list)
    for every in rivals:
        groups[bisect_left(seals, every.sequence)].append(every)
    return list(groups.values())


def _checked(chain: BoardChain) -> Checked:
    problems = tuple(problem for check in CHECKS for problem in check(chain))
    sequences = {row.sequence for row in chain.rows}
    acknowledged = max((value.up_to for value in chain.values if isinstance(value, record.Acknowledged)), default=0)
    later = [value for value in chain.values if value.sequence > acknowledged]
    return Checked(
        board=chain.board,
        first=min(sequences, default=0),
        last=max(sequences, default=0),
        records=len(chain.rows),
        boots=len({value.boot for value in chain.values}),
        torn=count(without(chain.absent, runs(sorted(sequences)))),
        received=sum(row.raw in chain.received.get(row.sequence, ()) for row in chain.rows),
        acknowledged=acknowledged,
        waiting=sum(record.kind_of(value) not in TELL_NOTHING for value in later),
        problems=problems,
        sealed=_records(chain, (sealing.PROVEN, sealing.WITHOUT_SECRET)),
        proven=_records(chain, (sealing.PROVEN,)),
        proofs=tuple(chain.proofs),
    )


def _records(chain: BoardChain, states: Sequence[str]) -> int:
    """Return how many records are in blocks of these states."""
    sequences = [value.sequence for value in chain.values]
    spans = [(block.first, block.last) for block in chain.blocks if block.state in states]
    return sum(bisect_right(sequences, last) - bisect_left(sequences, first) for first, last in spans)


def _archive(store: Store, problems: list[Problem]) -> tuple[dict[str, dict[int, set[bytes]]], dict[str, list[Run]]]:
    """Read the raw archive again: every record and every absent number by board; what is wrong is noted."""
    received: dict[str, dict[int, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    absent: dict[str, list[Run]] = defaultdict(list)
    for parts in store.visits():
        board = parts[0].board
        try:
            for _, replay, raws in read_again(parts):
                for raw in raws:
                    received[board][sequence_of(raw)].add(raw)
                absent[board] = joined(absent[board], replay.intake.absent)
        except StoreError as error:
            problems.append(Problem("archive", board, None, None, f"{error}"))
    return received, absent


def _files(store: Store) -> list[Problem]:
    """Hold the texts of loaded files and lists against their digests."""
    problems = []
    with store.reading() as connection:
        for table in (loaded_files, lists):
            for name, digest, text in connection.execute(sa.select(table.c.name, table.c.digest, table.c.text)):
                if sha256(text.encode()).hexdigest() != digest:
                    problems.append(Problem("file", "", None, None, f"the text of {name} is not that of its digest"))
    return problems


def _receipts(store: Store) -> Iterator[Problem]:
    """Hold the receipt that each record names against the record: its board, its range."""
    columns = receipts.c
    fits = (columns.board == records.c.board) & records.c.sequence.between(columns.first, columns.last)
    joined = records.outerjoin(receipts, (columns.id == records.c.receipt) & fits)
    query = sa.select(records.c.board, records.c.sequence).select_from(joined).where(columns.id.is_(None))
    of_board = (columns.id == conflicts.c.receipt) & (columns.board == conflicts.c.board)
    beside = conflicts.outerjoin(receipts, of_board)
    rivals = sa.select(conflicts.c.board, conflicts.c.sequence).select_from(beside).where(columns.id.is_(None))
    by_board: dict[str, set[int]] = defaultdict(set)
    with store.reading() as connection:
        for board, sequence in (*connection.execute(query), *connection.execute(rivals)):
            by_board[board].add(sequence)
    for board, sequences in sorted(by_board.items()):
        for first, last in runs(sorted(sequences)):
            text = f"{named(first, last)} names a receipt that is not there, of another board, or of other records"
            yield Problem("receipt", board, first, last, text)


def _rows(store: Store) -> list[Problem]:
    """Hold every row that is no record and no part of the archive against its digest, and against what may be in it."""
    with store.reading() as connection:
        texts = [*changed(connection), *unusable_rows(connection)]
        return [Problem("row", "", None, None, text) for text in texts]


def _runs(store: Store) -> Iterator[Problem]:
    """Hold the records against the digests of the runs in which they came."""
    with store.reading() as connection:
        for board, first, last in changed_runs(connection):
            text = f"of the records {first} to {last} some were changed or are gone since they came"
            yield Problem("run", board, first, last, text)
        spans = {board: covered(connection, board) for board in store.boards()}
    for board, its in spans.items():
        for first, last in without(store.held(board), its):
            yield Problem("run", board, first, last, f"{named(first, last)} was put in by another program")


def _altered(chain: BoardChain) -> Iterator[Problem]:
    for row in chain.rows:
        try:
            value = record.unpack(row.raw)
        except RecordError as error:
            yield Problem(
                "altered", chain.board, row.sequence, row.sequence, f"record {row.sequence} is damaged: {error}"
            )
            continue
        beside = (row.sequence, row.boot, row.kind)
        inside = (value.sequence, None if row.boot is None else value.boot, row.kind and record.kind_of(value))
        if beside != inside:
            text = f"record {row.sequence} stands beside columns that say {beside}, it says {inside}"
            yield Problem("altered", chain.board, row.sequence, row.sequence, text)


def _conflicts(chain: BoardChain) -> Iterator[Problem]:
    grounds = {every.sequence: every.ground for every in chain.rivals}
    digests = {every.sequence: [version.digest for version in every.versions] for every in chain.rivals}
    for first, last in runs(sorted({row.sequence for row in chain.rows if row.is_conflict} - chain.decided)):
        text = f"{named(first, last)} came twice, with other bytes"
        if first == last and first in grounds:
            text += f": {' and '.join(digests[first])}; {GROUNDS[grounds[first]]}"
        yield Problem("conflict", chain.board, first, last, text)


def _gaps(chain: BoardChain) -> Iterator[Problem]:
    sequences = [row.sequence for row in chain.rows if row.sequence not in chain.left_out]
    if sequences:
        spans = joined(runs(sequences), chain.absent)
        for first, last in without([(sequences[0], sequences[-1])], spans):
            yield Problem("gap", chain.board, first, last, f"{named(first, last)} is missing: collect the board again")


def _against_archive(chain: BoardChain) -> Iterator[Problem]:
    stored: dict[int, set[bytes]] = defaultdict(set)
    for row in chain.rows:
        stored[row.sequence].add(row.raw)
    otherwise = {at for at, raws in stored.items() if at in chain.received and raws - chain.received[at]}
    texts = (
        ("not as received", otherwise - chain.decided, "is not as it came: it was altered after it was received"),
        ("not received", set(stored) - set(chain.received) - chain.decided, "is in no part of the raw archive"),
        (
            "not stored",
            {at for at, raws in chain.received.items() if raws - stored[at]},
            "came and is not in the store",
        ),
    )
    for kind, sequences, text in texts:
        for first, last in runs(sorted(sequences)):
            yield Problem(kind, chain.board, first, last, f"{named(first, last)} {text}")


def _seals(chain: BoardChain) -> Iterator[Problem]:
    for block in chain.blocks:
        where = f"records {block.first} to {block.last}"
        if block.state == sealing.ALTERED:
            text = f"{where} are not as the board sealed them: {block.text}"
            yield Problem("chain", chain.board, block.first, block.last, text)
        elif block.state == sealing.NOT_KNOWN and chain.has_secrets:
            yield Problem("secret", chain.board, block.first, block.last, f"{where} cannot be proven: {block.text}")


def _boots(chain: BoardChain) -> Iterator[Problem]:
    highest = 0
    for value in chain.values:
        if value.boot < highest:
            text = f"record {value.sequence} is of start {value.boot}, one before it of start {highest}"
            yield Problem("boots", chain.board, value.sequence, value.sequence, text)
        highest = max(highest, value.boot)
        if isinstance(value, record.Boot) and value.board_id.hex() != chain.board:
            text = f"record {value.sequence} was written by board {value.board_id.hex()}"
            yield Problem("another board", chain.board, value.sequence, value.sequence, text)


def _counters(chain: BoardChain) -> Iterator[Problem]:
    """A board writes an anchor after the edges that came meanwhile, so only records of one source must rise."""
    before: dict[tuple[int, ...], int] = {}
    for value in chain.values:
        if not isinstance(value, record.Edge | record.Burst | record.Anchor | record.Health | record.Acknowledged):
            continue
        edges = record.edges_of(value)
        source = (value.boot, record.kind_of(value), edges[0].input if edges else 0)
        if value.counter_us < before.get(source, 0):
            text = f"the counter of record {value.sequence} is lower than that of one before it, of the same start"
            yield Problem("counter", chain.board, value.sequence, value.sequence, text)
        before[source] = value.counter_us


CHECKS: tuple[Callable[[BoardChain], Iterable[Problem]], ...] = (
    _altered,
    _conflicts,
    _gaps,
    _against_archive,
    _seals,
    _boots,
    _counters,
)


def named(first: int, last: int) -> str:
    """Return the name of a run of records."""
    return f"record {first}" if first == last else f"each of the records {first} to {last}"
