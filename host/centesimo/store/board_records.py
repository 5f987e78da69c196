"""The part of the store that boards have written: records, conflicts, receipts, raw archive, reports of the fleet.

Board and sequence identify a record. A second record with the same key and other bytes is kept beside it as a conflict:
never lost, always reported. Which of the two is used does not depend on which came first, as two laptops may have got
them in different orders: model/rivals.py ranks them.
"""

import json
import struct
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import StoreError
from centesimo.model.rivals import Rivals, Version, Visited, digest_of, ranked
from centesimo.store.arrivals import note_records
from centesimo.store.database import Database
from centesimo.store.devices import trusted_keys
from centesimo.store.doors import READ_AGAIN, find_problem
from centesimo.store.number_runs import runs
from centesimo.store.raw_archive import Part, read_again
from centesimo.store.record_runs import note_runs
from centesimo.store.record_runs import sequence_of as sequence_of
from centesimo.store.row_digests import insert, keep_digests
from centesimo.store.schema import archive, conflicts, devices, preparations, receipts, records, verifications
from centesimo_protocol import record
from centesimo_protocol.shim import RecordError

COUNTED = (conflicts, archive, verifications, devices)  # what the ranking of rivals hangs on


class Added(NamedTuple):
    """How many records add_records added, how many the store had already, and which sequences differ from it."""

    new: int
    repeated: int
    conflicts: tuple[int, ...]


class Receipt(NamedTuple):
    """When and through which port a block of a board's records came; first .. last are sequences."""

    id: int
    received_at_ns: int
    port: str
    board: str
    host_version: str
    first: int
    last: int


class Row(NamedTuple):
    """A stored record with its columns, unchecked; `is_conflict`: it came with other bytes than one stored before."""

    sequence: int
    boot: int | None  # None of a conflict: that table does not repeat them
    kind: int | None
    raw: bytes
    is_conflict: bool


class BoardRecords(Database):
    """The part of a store that boards have written."""

    _rivals: tuple[Rivals, ...] = ()  # as they were when there were so many conflicts and parts of the archive
    _visited: tuple[Visited, ...] = ()
    _rivals_at: tuple[int, ...] | None = None

    def add_records(
        self,
        board: str,
        port: str,
        raws: Sequence[bytes],
        now_ns: int,
        host_version: str | None = None,
        part: Part | None = None,
    ) -> Added:
        """Add a board's records (32 bytes each, any order, any number of times), with the part of tape they are from.

        All in one transaction. StoreError if a record does not check.
        """
        checked = self._checked(board, raws)
        with self.writing() as connection:
            if part is not None:
                insert_parts(connection, [part])
            if not checked:
                return Added(0, 0, ())
            return insert_records(connection, (now_ns, port, board, host_version or this_version()), checked)

    def _checked(self, board: str, raws: Sequence[bytes]) -> list[tuple[int, bytes]]:
        try:
            return [(record.unpack(raw).sequence, bytes(raw)) for raw in raws]
        except RecordError as error:
            raise StoreError(f"{self.name}: a record of board {board} is refused: {error}") from error

    def last_sequence(self, board: str) -> int:
        """Return the highest sequence stored of a board (16 hex digits); 0 if there is none."""
        with self.reading() as connection:
            query = sa.select(sa.func.max(records.c.sequence)).where(records.c.board == board)
            return connection.execute(query).scalar() or 0

    def held(self, board: str) -> list[tuple[int, int]]:
        """Return the runs of consecutive sequences that are stored of a board, each as (first, last), in order."""
        place = sa.func.row_number().over(order_by=records.c.sequence)
        numbered = sa.select(records.c.sequence, (records.c.sequence - place).label("island"))
        islands = numbered.where(records.c.board == board).subquery()
        ends = sa.select(sa.func.min(islands.c.sequence), sa.func.max(islands.c.sequence))
        with self.reading() as connection:
            rows = connection.execute(ends.group_by(islands.c.island).order_by(islands.c.island))
            return [(first, last) for first, last in rows]

    def boards(self) -> list[str]:
        """Return the boards (16 hex digits) of which there are records, in order."""
        with self.reading() as connection:
            return list(connection.execute(sa.select(records.c.board).distinct().order_by(records.c.board)).scalars())

    def records(self) -> dict[str, list[bytes]]:
        """Return the stored records that are used, each as its 32 bytes, by board, in order of sequence."""
        return {board: self.records_of(board) for board in self.boards()}

    def records_of(self, board: str) -> list[bytes]:
        """Return a board's records that are used, as their 32 bytes, in order of sequence."""
        query = sa.select(records.c.raw).where(records.c.board == board).order_by(records.c.sequence)
        with self.reading() as connection:
            # The driver's own cursor: SQLAlchemy's rows would take three times as long.
            cursor = connection.execute(query).cursor
            raws = [bytes(raw) for (raw,) in cursor.fetchall()] if cursor else []
            contested = _contested(connection, board)
        return used(raws, _rivals_of(board, *contested)[0]) if contested[0] else raws

    def rivals(self) -> tuple[Rivals, ...]:
        """Return every number of a board that several records have, with all of them, in order."""
        query = sa.select(conflicts.c.board).distinct().order_by(conflicts.c.board)
        with self.reading() as connection:
            boards = connection.execute(query).scalars().all()
            if not boards:
                return ()
            counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in COUNTED]
            state = tuple(connection.execute(sa.select(*counts)).one())  # nothing is ever removed
            if self._rivals_at == state:
                return self._rivals
            contested = {board: _contested(connection, board) for board in boards}
        every = [_rivals_of(board, *its) for board, its in contested.items()]
        self._rivals = tuple(chain.from_iterable(rivals for rivals, _ in every))
        self._visited = tuple(chain.from_iterable(visited for _, visited in every))
        self._rivals_at = state
        return self._rivals

    def visited(self) -> tuple[Visited, ...]:
        """Return what each visit read that brought one of the rivals, in an order that hangs on nothing else."""
        return self._visited if self.rivals() else ()

    def records_after(self, board: str, sequence: int) -> list[bytes]:
        """Return a board's records above a sequence as they came first, as their 32 bytes, in order of sequence."""
        query = sa.select(records.c.raw).where((records.c.board == board) & (records.c.sequence > sequence))
        with self.reading() as connection:
            return [bytes(raw) for raw in connection.execute(query.order_by(records.c.sequence)).scalars()]

    def conflicts(self) -> list[tuple[str, int, bytes]]:
        """Return (board, sequence, raw) of every record that is not used, as another has its sequence; in order."""
        return [(*every.key, version.raw) for every in self.rivals() for version in every.versions[1:]]

    def rows(self, board: str) -> list[Row]:
        """Return every record of a board with its columns, conflicts too, in order of sequence, unchecked."""
        first = sa.select(records.c.sequence, records.c.boot, records.c.kind, records.c.raw)
        rival_columns = sa.select(conflicts.c.sequence, conflicts.c.raw)
        with self.reading() as connection:
            rows = [
                Row(sequence, boot, kind, bytes(raw), False)
                for sequence, boot, kind, raw in connection.execute(first.where(records.c.board == board))
            ]
            rivals = connection.execute(rival_columns.where(conflicts.c.board == board))
            rows += [Row(sequence, None, None, bytes(raw), True) for sequence, raw in rivals]
        return sorted(rows, key=lambda row: (row.sequence, row.is_conflict, row.raw))

    def receipts(self) -> list[Receipt]:
        """Return every receipt in the order in which they came."""
        with self.reading() as connection:
            return [Receipt(*row) for row in connection.execute(sa.select(receipts).order_by(receipts.c.id))]

    def add_preparation(self, phase: str, report: Sequence[Mapping[str, object]], now_ns: int) -> None:
        """Add what was found of a fleet, a JSON object a board; `phase` is "before" or "after" the day."""
        row = {"prepared_at_ns": now_ns, "phase": phase, "report": json.dumps(report, ensure_ascii=False)}
        with self.writing() as connection:
            insert(connection, preparations, [row])

    def preparations(self) -> list[tuple[int, str, list[dict[str, object]]]]:
        """Return (prepared_at_ns, phase, report) of every one that can be, oldest first."""
        columns = (preparations.c.prepared_at_ns, preparations.c.phase, preparations.c.report)
        with self.reading() as connection:
            rows = connection.execute(sa.select(*columns).order_by(*columns)).all()
        return [
            (row[0], row[1], json.loads(row[2])) for row in rows if not find_problem("preparation", row, READ_AGAIN)
        ]

    def visits(self) -> Iterator[list[Part]]:
        """Yield the archive's parts visit by visit, in order of their first instant; parts in order of their number."""
        begun = sa.func.min(archive.c.begun_at_ns)
        query = sa.select(archive.c.visit).group_by(archive.c.visit).order_by(begun, archive.c.visit)
        with self.reading() as connection:
            names = list(connection.execute(query).scalars())
        for name in names:
            with self.reading() as connection:
                parts = _parts_of(connection, name)
            yield parts


def used(raws: Sequence[bytes], rivals: Sequence[Rivals]) -> list[bytes]:
    """Return one record for each sequence, in order: where there are rivals, the first of them."""
    first = {every.sequence: every.versions[0].raw for every in rivals}
    chosen = {sequence_of(raw): raw for raw in raws} | first
    return [chosen[sequence] for sequence in sorted(chosen)]


def ranked_rivals(
    board: str,
    raws_by_sequence: Mapping[int, set[bytes]],
    archived_by_sequence: Mapping[int, set[bytes]],
    devices_by_digest: Mapping[str, tuple[str, ...]],
) -> list[Rivals]:
    """Return the numbers that several records have, with all of them, in order.

    `devices_by_digest` says which devices verified a record, by its SHA-256.
    """

    def version(at: int, raw: bytes) -> Version:
        proven_by = devices_by_digest.get(sha256(raw).hexdigest(), ())
        return Version(raw, raw in archived_by_sequence.get(at, ()), proven_by)

    return [
        ranked(board, at, [version(at, raw) for raw in raws])
        for at, raws in sorted(raws_by_sequence.items())
        if len(raws) > 1
    ]


# All records under each number that several have, the archive of the board, visit by visit, and who verified which.
Contested = tuple[dict[int, set[bytes]], list[list[Part]], dict[str, tuple[str, ...]]]


def _contested(connection: Connection, board: str) -> Contested:
    """Return what the ranking of a board's rivals hangs on; the archive is read only where there are some."""
    raws_by_sequence: dict[int, set[bytes]] = defaultdict(set)
    for sequence, raw in known_conflicts(connection, board):
        raws_by_sequence[sequence].add(raw)
    if not raws_by_sequence:
        return {}, [], {}
    for sequence, raw in _stored(connection, board, min(raws_by_sequence), max(raws_by_sequence)).items():
        if sequence in raws_by_sequence:
            raws_by_sequence[sequence].add(raw)
    return raws_by_sequence, list(visits_of(connection, board)), verified(connection, board)


def verified(connection: Connection, board: str) -> dict[str, tuple[str, ...]]:
    """Return which trusted devices have verified a record by the board's secret, by the record's SHA-256."""
    trusted = trusted_keys(connection)
    query = sa.select(verifications.c.digest, verifications.c.key).where(verifications.c.board == board).distinct()
    devices: dict[str, set[str]] = defaultdict(set)
    for digest, key in connection.execute(query):
        if key in trusted:
            devices[digest].add(key)
    return {digest: tuple(sorted(keys)) for digest, keys in devices.items()}


def _rivals_of(
    board: str,
    raws_by_sequence: Mapping[int, set[bytes]],
    visits: Sequence[list[Part]],
    devices_by_digest: Mapping[str, tuple[str, ...]],
) -> tuple[list[Rivals], list[Visited]]:
    """Return the rivals under each number of a board, and the visits that brought some; no transaction waits for it."""
    archived: dict[int, set[bytes]] = defaultdict(set)
    visited = set()
    for parts in visits:
        came: dict[int, set[bytes]] = defaultdict(set)
        with suppress(StoreError):  # verify says which part is damaged; those before it count
            for _, _, raws in read_again(parts):
                for raw in raws:
                    came[sequence_of(raw)].add(raw)
        for sequence, raws_there in came.items():
            archived[sequence] |= raws_there
        visited.add(visited_by(board, came, raws_by_sequence))
    rivals = ranked_rivals(board, raws_by_sequence, archived, devices_by_digest)
    return rivals, sorted(every for every in visited if every.versions)


def visited_by(board: str, came: Mapping[int, set[bytes]], contested: Collection[int]) -> Visited:
    """Return what one visit read, by sequence, of a board with these numbers that several records have."""
    of_contested = ((sequence, raw) for sequence in contested for raw in came.get(sequence, ()))
    versions = sorted((sequence, digest_of(raw)) for sequence, raw in of_contested)
    return Visited(board, tuple(versions), tuple(runs(sorted(came))))


def visits_of(connection: Connection, board: str) -> Iterator[list[Part]]:
    """Yield the archive's parts of a board, visit by visit."""
    query = sa.select(archive.c.visit).where(archive.c.board == board).distinct().order_by(archive.c.visit)
    for name in connection.execute(query).scalars().all():
        yield _parts_of(connection, name)


def _parts_of(connection: Connection, visit: str) -> list[Part]:
    parts = sa.select(archive).where(archive.c.visit == visit).order_by(archive.c.part)
    stored = [Part(*row) for row in connection.execute(parts)]
    return [part._replace(raw=bytes(part.raw)) for part in stored]


def insert_parts(connection: Connection, parts: Sequence[Part]) -> int:
    """Insert parts of tape that are new and return how many; StoreError if one differs from what the store has."""
    new = 0
    for part in parts:
        same = (archive.c.visit == part.visit) & (archive.c.part == part.part)
        stored_digest = connection.execute(sa.select(archive.c.digest).where(same)).scalar()
        if stored_digest is None:
            insert(connection, archive, [part._asdict()])
            new += 1
        elif stored_digest != part.digest:
            raise StoreError(f"part {part.part} of visit {part.visit} is in the store already, with another digest")
    return new


def insert_records(
    connection: Connection, source: tuple[int, str, str, str], checked: Sequence[tuple[int, bytes]]
) -> Added:
    """Insert the (sequence, raw) that are new, and their receipt; `source` is its time, port, board, host version."""
    board = source[2]
    fresh: dict[int, bytes] = {}
    differing = set()
    stored = _stored(connection, board, min(checked)[0], max(checked)[0])
    for sequence, raw in checked:
        if (stored.get(sequence) or fresh.setdefault(sequence, raw)) != raw:
            differing.add((sequence, raw))
    unseen = differing - known_conflicts(connection, board) if differing else set()
    if fresh or unseen:
        sequences = sorted(fresh) or sorted(sequence for sequence, _ in unseen)
        row = dict(zip(Receipt._fields[1:], (*source, sequences[0], sequences[-1]), strict=True))
        receipt = connection.execute(sa.insert(receipts).values(row).returning(receipts.c.id)).scalar_one()
        keep_digests(connection, receipts, [row])
        insert_rows(connection, board, [(raw, receipt) for _, raw in sorted(fresh.items())])
        insert_conflicts(connection, board, [(raw, receipt) for _, raw in sorted(unseen)])
    return Added(len(fresh), len(checked) - len(fresh), tuple(sorted({sequence for sequence, _ in differing})))


def insert_rows(connection: Connection, board: str, new: Sequence[tuple[bytes, int]]) -> None:
    """Insert records, each with the id of its receipt."""
    rows = []
    for raw, receipt in new:
        sequence, boot, kind, _ = struct.unpack(record.HEAD, raw[: record.HEAD_SIZE])
        rows.append({"board": board, "sequence": sequence, "boot": boot, "kind": kind, "raw": raw, "receipt": receipt})
    if rows:
        connection.execute(sa.insert(records), rows)
        note_records(connection, board, [row["sequence"] for row in rows])
        note_runs(connection, board, [raw for raw, _ in new])


def insert_conflicts(connection: Connection, board: str, new: Sequence[tuple[bytes, int]]) -> None:
    """Insert records of a sequence that a stored record has with other bytes, each with the id of its receipt."""
    rows = [{"board": board, "sequence": sequence_of(raw), "raw": raw, "receipt": receipt} for raw, receipt in new]
    if rows:
        insert(connection, conflicts, rows)
        note_records(connection, board, [sequence_of(raw) for raw, _ in new])


def _stored(connection: Connection, board: str, first: int, last: int) -> dict[int, bytes]:
    query = sa.select(records.c.sequence, records.c.raw)
    query = query.where((records.c.board == board) & records.c.sequence.between(first, last))
    return {sequence: bytes(raw) for sequence, raw in connection.execute(query)}


def known_conflicts(connection: Connection, board: str) -> set[tuple[int, bytes]]:
    """Return (sequence, raw) of a board's conflicts."""
    query = sa.select(conflicts.c.sequence, conflicts.c.raw).where(conflicts.c.board == board)
    return {(sequence, bytes(raw)) for sequence, raw in connection.execute(query)}


def this_version() -> str:
    """Return the version of this program, for a receipt."""
    try:
        return version("centesimo")
    except PackageNotFoundError:  # run from its folder, not installed
        return "not installed"
