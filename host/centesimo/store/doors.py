"""What may be in a row, kind by kind: read when a bundle is loaded, a store is read, and by verify.

A row is the values of one line of a bundle (docs/bundle.md), after its kind, each of its column's type. `CHECKS` has
the checks of each kind; a new kind is one more row there. Nothing here knows a connection but to read the rows.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.amend import from_row, values_of
from centesimo.amend.values import LAST_AT_NS, short
from centesimo.model.facts import Sighting
from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.sightings import check
from centesimo.store.row_digests import BUNDLED, as_line, digest_of
from centesimo.store.schema import digests
from centesimo.store.signing import is_signed

PHASES = ("before", "after")
HIGHEST_SEQUENCE = 2**32 - 1
MOST_LETTERS = 500  # of a name


Checks = Mapping[str, Callable[..., object]]


def find_problem(kind: str, row: Sequence[Any], checks: Checks | None = None) -> str | None:
    """Return why a row cannot be of its kind; None where it can, or nothing is checked of the kind by `checks`.

    None as `checks` are those of a door, CHECKS.
    """
    check_by_kind = CHECKS if checks is None else checks
    try:
        if kind in check_by_kind:
            check_by_kind[kind](*row)
    except RecursionError:
        return f"expected a {kind} that is not nested"
    except ValueError as error:
        return str(error)
    return None


def unusable_rows(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each row that is as it was stored and cannot be of its kind: an older centesimo took it."""
    for kind, table, columns in BUNDLED:
        checks = READ_AGAIN if kind in READ_AGAIN else CONTENT
        if kind not in checks:
            continue
        query = sa.select(*(table.c[column] for column in columns)).order_by(*table.primary_key)
        kept = set(connection.execute(sa.select(digests.c.digest).where(digests.c.kind == kind)).scalars())
        for row in connection.execute(query):
            problem = find_problem(kind, row, checks)
            if problem and digest_of(kind, row) in kept:
                state = "is set aside" if checks is READ_AGAIN else "cannot be"
                yield f"the {kind} of {columns[0]} {short(row[0])} {state}: {problem}"


def _receipt(received_at_ns: int, port: str, board: str, host_version: str, first: int, last: int) -> None:
    _instant("received_at_ns", received_at_ns)
    _named(port=port, host_version=host_version)
    if not 0 <= first <= last <= HIGHEST_SEQUENCE:
        raise ValueError(f"expected first and last rising, from 0 to {HIGHEST_SEQUENCE}, got {first} and {last}")


def _file(digest: str, loaded_at_ns: int, name: str, text: str) -> None:
    _instant("loaded_at_ns", loaded_at_ns)
    _digest(digest, text)


def _list(name: str, stored_at_ns: int, digest: str, text: str) -> None:
    _instant("stored_at_ns", stored_at_ns)
    _digest(digest, text)


def _passage(
    digest: str,
    line: int,
    timing_point: str,
    start_number: int | None,
    passed_at_ns: int,
    uncertainty_ns: int | None,
    source: str,
) -> None:
    _instant("passed_at_ns", passed_at_ns)
    _instant("uncertainty_ns", uncertainty_ns or 0)
    _named(timing_point=timing_point, source=source)
    for name, value in (("line", line), ("start_number", start_number or 0)):
        if not 0 <= value < 2**31:
            raise ValueError(f"expected {name} from 0 to {2**31 - 1}, got {value}")


def _event(digest: str, stored_at_ns: int, files: str) -> None:
    _instant("stored_at_ns", stored_at_ns)


def _preparation(prepared_at_ns: int, phase: str, report: str) -> None:
    _instant("prepared_at_ns", prepared_at_ns)
    if phase not in PHASES:
        raise ValueError(f"expected phase as {' or '.join(PHASES)}, got {short(phase)}")
    rows = json.loads(report)
    if not isinstance(rows, list) or not all(map(_is_report, rows)):
        raise ValueError(f"expected a report as an object for each board, got {short(report)}")


def _is_report(row: object) -> bool:
    """Say whether what prepare reads of a board's report again can be read."""
    if not isinstance(row, dict) or not isinstance(row.get("board"), str):
        return False
    tubes, points, boot = row.get("tubes", {}), row.get("points", []), row.get("boot")
    return (
        (boot is None or type(boot) is int)
        and isinstance(tubes, dict)
        and all(sequence is None or type(sequence) is int for sequence in tubes.values())
        and isinstance(points, list)
        and all(isinstance(point, str) for point in points)
    )


def _amendment(*row: Any) -> None:
    decision = from_row(*row)
    texts = {"who": decision.who, "why": decision.why} | values_of(decision)
    for name, value in texts.items():
        if isinstance(value, str) and has_hidden(value):
            raise ValueError(f"expected {name} {WITHOUT}, got {short(value)}")


def _sighting(*row: Any) -> None:
    check(Sighting(*row))


def _instant(name: str, at_ns: int) -> None:
    if not 0 <= at_ns <= LAST_AT_NS:
        raise ValueError(f"expected {name} from 0 to {LAST_AT_NS}, got {at_ns}")


def _digest(digest: str, text: str) -> None:
    if sha256(text.encode(errors="replace")).hexdigest() != digest:
        raise ValueError(f"expected the digest of its text, got {short(digest)}")


def _named(**texts: str) -> None:
    for name, text in texts.items():
        if len(text) > MOST_LETTERS:
            raise ValueError(f"expected {name} of at most {MOST_LETTERS} letters, got {len(text)}")
        if has_hidden(text):
            raise ValueError(f"expected {name} {WITHOUT}, got {short(text)}")


def _signature(decision: str, key: str, signature: str) -> None:
    """A signature is held against its decision when all lines are read: load_bundle.py."""


def verification_line(row: Sequence[object]) -> str:
    """Return what a device signs of a verification: its line in a bundle without the signature."""
    return as_line("verification", row)


def _verification(
    board: str, first: int, last: int, sequence: int, digest: str, verified_at_ns: int, key: str, signature: str
) -> None:
    _instant("verified_at_ns", verified_at_ns)
    if not 0 <= first <= sequence <= last <= HIGHEST_SEQUENCE:
        raise ValueError(f"expected a sequence between first and last, got {first}, {sequence}, {last}")
    if not is_signed(key, signature, verification_line((board, first, last, sequence, digest, verified_at_ns, key))):
        raise ValueError(f"expected the signature of the device {short(key)}, got another one")


CHECKS: Checks = {
    "receipt": _receipt,
    "file": _file,
    "passage": _passage,
    "event": _event,
    "list": _list,
    "preparation": _preparation,
    "amendment": _amendment,
    "sighting": _sighting,
    "signature": _signature,
    "verification": _verification,
}
# Of a stored row, which the door of an older centesimo let in: where it fails, it is set aside.
READ_AGAIN: Checks = {"preparation": _preparation, "amendment": from_row}
# What verify holds stored rows against, beside those: the id of all that they say, the digest of their text.
CONTENT: Checks = {"sighting": _sighting, "verification": _verification}
