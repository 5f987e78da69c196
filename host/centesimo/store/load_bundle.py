"""Load a bundle: check every line of it, then add what is new, all in one transaction; bundle.py says what it holds."""

import binascii
import json
import re
import tomllib
from base64 import b64decode
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.model.errors import LoadError, StoreError
from centesimo.store.board_records import (
    insert_conflicts,
    insert_parts,
    insert_rows,
    known_conflicts,
    sequence_of,
)
from centesimo.store.bundle import ARCHIVE, END, MAGIC, VERSION
from centesimo.store.database import Database
from centesimo.store.decided import accept_trusted, signed_line
from centesimo.store.doors import find_problem
from centesimo.store.raw_archive import Part
from centesimo.store.row_digests import BUNDLED, insert
from centesimo.store.schema import acceptances, decisions, receipts, records
from centesimo.store.signing import is_signed
from centesimo.words.boards import board_text
from centesimo_protocol import record
from centesimo_protocol.shim import RecordError

READ = ("1", str(VERSION))  # versions: signatures and verifications came with the second
TAIL = len(END) + 64 + 1  # bytes of the last line
KINDS = {name: (table, columns) for name, table, columns in (*BUNDLED, ARCHIVE)}
HEX_COLUMNS = {"digest": 64, "board": 16, "visit": 32, "host": 16, "key": 64, "signature": 128, "decision": 12}
LOAD_ALL_THE_SAME = "nothing was loaded; --other-event loads it all the same"
NOT_STORED = re.compile("[\0\ud800-\udfff]")  # what no file can hold
_WHOLE_MAX = 2**63 - 1
LATEST_NS = (
    86_400_000_000_000  # after this computer's clock: a decision may not be from later, all others would lie under
)

Values = tuple[object, ...]


class Content(NamedTuple):
    """What a bundle holds, checked."""

    rows: dict[str, list[Values]]  # by the name of their kind, without the archive's
    parts: list[Part]
    records: dict[str, list[bytes]]  # by board


class Merged(NamedTuple):
    """How much of a bundle was new to the store; `known` counts the rows and records that it had already."""

    name: str
    digest: str
    records: int
    conflicts: int  # records that differ from those stored, or from one another
    parts: int
    documents: int  # receipts, files, passages, event versions, lists, decisions, sightings
    known: int
    decisions: int = 0  # that count from now on, as a device that is trusted here has signed them
    proposals: int = 0  # that are new and do not count before somebody accepts them


def is_bundle(raw: bytes) -> bool:
    """Say whether a file is a bundle, even a damaged one: its first bytes or its last line are those of a bundle."""
    begun = raw[: len(MAGIC)]
    return (begun != b"" and MAGIC.encode().startswith(begun)) or raw[-TAIL:].startswith(END.encode())


def read_bundle(name: str, raw: bytes) -> Content:
    """Return what a bundle holds; LoadError when it is damaged, cut off, newer or none at all."""
    body, tail = raw[:-TAIL], raw[-TAIL:]
    first = raw.split(b"\n", 1)[0]
    version = first[len(MAGIC) :].decode("ascii", "replace")
    if not (tail.startswith(END.encode()) and tail.endswith(b"\n")):
        raise LoadError(f"{name}: the bundle is cut off: expected its SHA-256 in the last line; copy it again")
    if tail != f"{END}{sha256(body).hexdigest()}\n".encode():
        raise LoadError(f"{name}: the bundle is damaged: its SHA-256 is not that of its last line; copy it again")
    if version not in READ:
        raise LoadError(
            f"{name}: expected a bundle of version {VERSION}, got {version[:20]!r}: it is from a newer centesimo, "
            "update this program"
        )
    content = Content(defaultdict(list), [], defaultdict(list))
    for number, line in enumerate(body.split(b"\n")[1:-1], 2):
        try:
            _read_line(content, line)
        except (ValueError, RecordError, StoreError, RecursionError) as error:
            why = "expected a line that is not nested" if isinstance(error, RecursionError) else str(error)
            raise LoadError(f"{name}:{number}: {why}; nothing was loaded") from error
    return content


def names_of(versions: Iterable[Mapping[str, str]]) -> set[str]:
    """Return the names of an event in versions of its folder (text by file name), where they can be read."""
    names = set()
    for files in versions:
        try:
            event = tomllib.loads(files.get("event.toml", "")).get("event")
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("name"), str):
            names.add(event["name"])
    return names


def load_bundle(
    store: Database,
    name: str,
    raw: bytes,
    event_names: Collection[str] = (),
    event_boards: Mapping[str, str] = MappingProxyType({}),
    now_ns: int | None = None,
    own_key: str = "",
) -> Merged:
    """Add what is new of a bundle, all of it or nothing; LoadError or StoreError says why not.

    `event_names` are the names of the store's event, `event_boards` the boards (16 hex digits) at its timing points and
    their names ("" none). A bundle that names other events only is refused; of one that names no event the boards must
    agree. Where neither is given any bundle is taken. `now_ns` is this computer's clock, after which no decision may be
    (None: not judged), `own_key` its key as a device: decisions that it has signed count.
    """
    content = read_bundle(name, raw)
    if now_ns is not None:
        _expect_past(name, content, now_ns)
    _expect_event(name, content, set(event_names), event_boards)
    with store.writing() as connection:
        _expect_signed(name, connection, content)
        open_before = _open_ids(connection)
        documents = sum(_add_rows(connection, kind, rows) for kind, rows in content.rows.items())
        parts = insert_parts(connection, content.parts)
        new = rivals = 0
        for board, raws in content.records.items():
            added = _add_records(connection, name, board, raws)
            new, rivals = new + added[0], rivals + added[1]
        counted = accept_trusted(connection, now_ns or 0, own_key)
        proposals = len(_open_ids(connection) - open_before)
    rows = sum(map(len, content.rows.values())) + len(content.parts) + sum(map(len, content.records.values()))
    present = rows - documents - parts - new - rivals
    digest = sha256(raw).hexdigest()
    return Merged(name, digest, new, rivals, parts, documents, present, counted, proposals)


def _open_ids(connection: Connection) -> set[str]:
    """Return the ids of the decisions that do not count."""
    accepted = sa.select(acceptances.c.decision)
    return set(connection.execute(sa.select(decisions.c.id).where(decisions.c.id.not_in(accepted))).scalars())


def _expect_signed(name: str, connection: Connection, content: Content) -> None:
    """Raise LoadError when a signature does not fit its decision, of the bundle or of the store."""
    row_by_id: dict[object, Values] = {row[0]: row for row in content.rows.get("amendment", ())}
    stored = sa.select(*(decisions.c[column] for column in KINDS["amendment"][1]))
    for identity, key, signature in content.rows.get("signature", ()):
        row = row_by_id.get(identity) or connection.execute(stored.where(decisions.c.id == identity)).first()
        if row is None or not is_signed(str(key), str(signature), signed_line(row)):
            raise LoadError(
                f"{name}: expected a signature of amendment {identity} by device {str(key)[:12]}, got one that does"
                " not fit; nothing was loaded"
            )


def _expect_past(name: str, content: Content, now_ns: int) -> None:
    """Raise LoadError when a decision is from a day to come: it would lie over all that are taken from now on."""
    for identity, _, _, _, decided_at_ns, _ in content.rows.get("amendment", ()):
        if int(str(decided_at_ns)) > now_ns + LATEST_NS:
            raise LoadError(
                f"{name}: expected amendments up to a day after this computer's clock, got {identity} of"
                f" {decided_at_ns} ns since 1970: set the clock, or ask who sent it; nothing was loaded"
            )


def _expect_event(name: str, content: Content, own_names: set[str], own_boards: Mapping[str, str]) -> None:
    """Raise LoadError when a bundle is of another event, as its versions say, or its boards where it has none."""
    names, boards = names_of(_versions(name, content)), set(content.records)
    if names and own_names and not names & own_names:
        ours, theirs = (", ".join(map(repr, sorted(group))) for group in (own_names, names))
        raise LoadError(f"{name}: expected a bundle of {ours}, got one of {theirs}: {LOAD_ALL_THE_SAME}")
    if not names and boards and own_boards and not boards & set(own_boards):
        ours = ", ".join(board_text(board, own_boards[board]) for board in sorted(own_boards))
        theirs = ", ".join(sorted(boards))
        raise LoadError(
            f"{name}: expected records of boards at this event's timing points ({ours}), got a bundle that names no"
            f" event, of {theirs}: {LOAD_ALL_THE_SAME}"
        )


def _versions(name: str, content: Content) -> list[dict[str, str]]:
    """Return the versions of the event folder in a bundle, text by file name."""
    versions = []
    for _, _, text in content.rows.get("event", ()):
        try:
            files = json.loads(str(text))
        except (ValueError, RecursionError) as error:
            raise LoadError(f"{name}: expected a version of an event as JSON: {error}") from error
        if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
            raise LoadError(f"{name}: expected a version of an event as text by file name, got {str(text)[:20]!r}")
        versions.append(files)
    return versions


def _read_line(content: Content, line: bytes) -> None:
    """Add a line's facts to `content`; ValueError or RecordError says what is wrong with it."""
    kind, *values = _fields(line)
    if kind == "records":
        if len(values) != 2 or not isinstance(values[1], str):
            raise ValueError("expected records as board and base64")
        board = _hex("board", values[0])
        raws = _bytes(values[1])
        if not raws or len(raws) % record.SIZE:
            raise ValueError(f"expected whole records of {record.SIZE} bytes, got {len(raws)} bytes")
        for at in range(0, len(raws), record.SIZE):
            record.unpack(raws[at : at + record.SIZE])
            content.records[board].append(raws[at : at + record.SIZE])
        return
    if kind not in KINDS:
        raise ValueError(f"expected a line of a known kind, got {str(kind)[:20]!r}")
    table, columns = KINDS[kind]
    if len(values) != len(columns):
        raise ValueError(f"expected {len(columns)} values in a line of kind {kind}, got {len(values)}")
    row = tuple(_value(table.c[column], value) for column, value in zip(columns, values, strict=True))
    if problem := find_problem(kind, row):
        raise ValueError(problem)
    if kind == ARCHIVE[0]:
        content.parts.append(Part(*row))  # type: ignore[arg-type]
    else:
        content.rows[kind].append(row)


def _fields(line: bytes) -> list[object]:
    fields = json.loads(line)
    if not isinstance(fields, list) or not fields or not isinstance(fields[0], str):
        raise ValueError("expected a JSON array that begins with its kind")
    return fields


def _value(column: sa.Column[object], value: object) -> object:
    """Return a value as its column keeps it; ValueError if it cannot be there."""
    if value is None and column.nullable:
        return None
    if isinstance(column.type, sa.LargeBinary) and isinstance(value, str):
        return _bytes(value)
    if isinstance(column.type, sa.Integer):  # BigInteger is one
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _WHOLE_MAX:
            return value
        raise ValueError(f"expected {column.name} as a whole number, got {str(value)[:20]!r}")
    if column.name in HEX_COLUMNS:
        return _hex(column.name, value)
    if not isinstance(value, str) or NOT_STORED.search(value):
        raise ValueError(f"expected {column.name} as text, got {str(value)[:20]!r}")
    return value


def _hex(name: str, value: object) -> str:
    size = HEX_COLUMNS[name]
    if not isinstance(value, str) or len(value) != size or set(value) - set("0123456789abcdef"):
        raise ValueError(f"expected {name} as {size} hex digits, got {str(value)[:20]!r}")
    return value


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"expected base64, got {text[:20]!r}: {error}") from error


def _add_rows(connection: Connection, kind: str, rows: Sequence[Values]) -> int:
    """Insert the rows of a kind that are new, and return how many."""
    table, columns = KINDS[kind]
    stored = {tuple(row) for row in connection.execute(sa.select(*(table.c[column] for column in columns)))}
    new = sorted(set(rows) - stored, key=repr)
    insert(connection, table, [dict(zip(columns, row, strict=True)) for row in new])
    return len(new)


def _add_records(connection: Connection, name: str, board: str, raws: Sequence[bytes]) -> tuple[int, int]:
    """Insert a board's records that are new; return how many, and how many of them are conflicts."""
    query = sa.select(records.c.sequence, records.c.raw).where(records.c.board == board)
    stored = {sequence: bytes(raw) for sequence, raw in connection.execute(query)}
    stored_rivals = known_conflicts(connection, board)
    fresh: dict[int, bytes] = {}
    rivals: set[tuple[int, bytes]] = set()
    for raw in raws:
        sequence = sequence_of(raw)
        if (stored.get(sequence) or fresh.setdefault(sequence, raw)) != raw:
            rivals.add((sequence, raw))
    rivals -= stored_rivals
    receipt_by_sequence = _receipts(connection, board, sorted({*fresh, *(sequence for sequence, _ in rivals)}))
    for sequence in {*fresh, *(sequence for sequence, _ in rivals)} - set(receipt_by_sequence):
        raise LoadError(f"{name}: record {sequence} of board {board} has no receipt: not a bundle of centesimo's")
    insert_rows(connection, board, [(raw, receipt_by_sequence[sequence]) for sequence, raw in sorted(fresh.items())])
    insert_conflicts(connection, board, [(raw, receipt_by_sequence[sequence]) for sequence, raw in sorted(rivals)])
    return len(fresh), len(rivals)


def _receipts(connection: Connection, board: str, sequences: Sequence[int]) -> dict[int, int]:
    """Return for each sequence (rising) the id of the first receipt of the board that covers it."""
    query = sa.select(receipts.c.id, receipts.c.first, receipts.c.last).where(receipts.c.board == board)
    receipt_by_sequence: dict[int, int] = {}
    for receipt, first, last in connection.execute(query.order_by(receipts.c.received_at_ns)):
        for sequence in sequences[bisect_left(sequences, first) : bisect_right(sequences, last)]:
            receipt_by_sequence.setdefault(sequence, receipt)
    return receipt_by_sequence
