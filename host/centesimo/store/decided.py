"""What officials decided, as the store keeps it: decisions, who signed them, which count, which devices are trusted.

A decision that was made here counts. One that came from elsewhere counts when a device has signed it that this store
trusts, or when somebody here accepts it; till then it is a proposal, which changes nothing and is shown. Whom a store
trusts and what it accepted is in no bundle: nobody can bring his own trust with him.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.amend import as_text, from_row, in_order
from centesimo.model.decisions import Decision, Proposal
from centesimo.model.errors import DecidedMeanwhileError
from centesimo.store.devices import Trust, devices_of, trusted_keys
from centesimo.store.doors import verification_line
from centesimo.store.record_runs import sequence_of
from centesimo.store.row_digests import BY_KIND, as_line, insert
from centesimo.store.schema import acceptances, decisions, devices, signatures, verifications
from centesimo.store.sightings import Sighted
from centesimo.store.signing import Device

COLUMNS = tuple(decisions.c[name] for name in ("id", "kind", "who", "why", "decided_at_ns", "values"))


class Decided(Sighted):
    """The part of a store that officials have decided."""

    def add_decision(self, new: Decision, beside: Sequence[Decision], device: Device | None = None) -> bool:
        """Add a decision that was checked against the decisions `beside`; False if it counts already.

        `device` signs it. DecidedMeanwhileError if another decision counts by now: it may contradict, so the check has
        to be made again.
        """
        with self.writing() as connection:
            counted_ids = {decision.id for decision in _counted(connection)}
            if new.id in counted_ids:
                return False
            if counted_ids != {decision.id for decision in beside}:
                why = "another decision was stored meanwhile: do it again, nothing was stored"
                raise DecidedMeanwhileError(f"{self.name}: {why}")
            row = (new.id, new.kind, new.who, new.why, new.at_ns, as_text(new))
            if not connection.execute(sa.select(decisions.c.id).where(decisions.c.id == new.id)).first():
                insert(connection, decisions, [dict(zip(_names(), row, strict=True))])
            _accept(connection, [new.id], new.who, new.at_ns)
            if device is not None:
                _sign(connection, row, device)
        return True

    def decisions(self) -> list[Decision]:
        """Return every decision that counts, also those that were withdrawn, in the order in which they were taken."""
        with self.reading() as connection:
            return sorted(_counted(connection), key=in_order)

    def proposals(self) -> list[Proposal]:
        """Return every decision that does not count here yet, in the order in which they were taken."""
        with self.reading() as connection:
            accepted = _accepted(connection)
            open_ones = [decision for decision in _read(connection)[0] if decision.id not in accepted]
            keys = _keys(connection, [decision.id for decision in open_ones])
        return [Proposal(one, keys.get(one.id, ())) for one in sorted(open_ones, key=in_order)]

    def set_aside(self) -> list[tuple[str, str]]:
        """Return id and reason of each row of a decision that cannot be one: an older centesimo took it."""
        with self.reading() as connection:
            return sorted(_read(connection)[1])

    def accept(self, ids: Collection[str], who: str, now_ns: int) -> None:
        """Let proposals count from now on; those that count already stay as they are."""
        with self.writing() as connection:
            _accept(connection, ids, who, now_ns)

    def trust(self, key: str, name: str, who: str, now_ns: int, is_trusted: bool = True) -> None:
        """Say whether what a device signs counts as it comes; what counts already goes on to count."""
        row = {"key": key, "name": name, "who": who, "decided_at_ns": now_ns, "is_trusted": int(is_trusted)}
        with self.writing() as connection:
            insert(connection, devices, [row])

    def devices(self) -> list[Trust]:
        """Return what is said of each device, in the order of their names."""
        with self.reading() as connection:
            return sorted(devices_of(connection).values(), key=lambda one: (one.name, one.key))

    def signers(self) -> dict[str, int]:
        """Return how many decisions each key has signed."""
        query = sa.select(signatures.c.key, sa.func.count()).group_by(signatures.c.key).order_by(signatures.c.key)
        with self.reading() as connection:
            return {str(key): int(count) for key, count in connection.execute(query)}

    def add_verification(self, device: Device, board: str, block: tuple[int, int], raw: bytes, now_ns: int) -> bool:
        """Add that a device has verified one of several versions of a record in a block (first, last); False if known.

        It counts where the device is trusted.
        """
        row = (board, *block, sequence_of(raw), sha256(raw).hexdigest(), now_ns, device.key)
        with self.writing() as connection:
            same = (verifications.c.digest == row[4]) & (verifications.c.key == device.key)
            if connection.execute(sa.select(verifications.c.id).where(same)).first():
                return False
            columns = BY_KIND["verification"][2]
            values = dict(zip(columns, (*row, device.signature(verification_line(row))), strict=True))
            insert(connection, verifications, [values])
        return True


def accept_trusted(connection: Connection, now_ns: int, own_key: str = "") -> int:
    """Let count what trusted devices have signed and does not count yet; return how many that are.

    `own_key` is this computer's: what it has signed it takes back.
    """
    trusted = {own_key: "this computer"} | trusted_keys(connection)
    accepted, name_by_id = _accepted(connection), {}
    for identity, key in connection.execute(sa.select(signatures.c.decision, signatures.c.key)):
        if key in trusted and identity not in accepted:
            name_by_id[identity] = trusted[key]
    for identity, name in sorted(name_by_id.items()):
        _accept(connection, [identity], f"signed by {name}", now_ns)
    return len(name_by_id)


def signed_line(row: Sequence[object]) -> str:
    """Return what a device signs of a decision: its line in a bundle."""
    return as_line("amendment", row)


def _names() -> tuple[str, ...]:
    return tuple(column.name for column in COLUMNS)


def _counted(connection: Connection) -> list[Decision]:
    accepted = _accepted(connection)
    return [decision for decision in _read(connection)[0] if decision.id in accepted]


def _accepted(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(acceptances.c.decision)).scalars())


def _accept(connection: Connection, ids: Collection[str], who: str, now_ns: int) -> None:
    new = sorted(set(ids) - _accepted(connection))
    insert(connection, acceptances, [{"decision": one, "who": who, "accepted_at_ns": now_ns} for one in new])


def _sign(connection: Connection, row: Sequence[object], device: Device) -> None:
    """Add a device's signature of a decision; a device that signs here is trusted here."""
    signature = device.signature(signed_line(row))
    insert(connection, signatures, [{"decision": row[0], "key": device.key, "signature": signature}])


def _keys(connection: Connection, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    query = sa.select(signatures.c.decision, signatures.c.key).order_by(signatures.c.decision, signatures.c.key)
    for identity, key in connection.execute(query) if ids else ():
        keys[identity] = (*keys.get(identity, ()), key)
    return keys


def _read(connection: Connection) -> tuple[list[Decision], list[tuple[str, str]]]:
    """Return the decisions of a store, and id and reason of each row that cannot be one."""
    usable, unusable = [], []
    for row in connection.execute(sa.select(*COLUMNS)):
        try:
            usable.append(from_row(*row))
        except ValueError as error:
            unusable.append((str(row[0]), str(error)))
    return usable, unusable
