"""Which devices a store trusts: what they sign counts as it comes."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from centesimo.store.schema import devices


class Trust(NamedTuple):
    """What a store says of a device: the newest row of a key counts."""

    key: str  # the public one, 64 hex digits
    name: str
    who: str  # said so
    decided_at_ns: int
    is_trusted: bool


def trusted_keys(connection: Connection) -> dict[str, str]:
    """Return the name of each device that this store trusts, by its key."""
    return {key: row.name for key, row in devices_of(connection).items() if row.is_trusted}


def devices_of(connection: Connection) -> dict[str, Trust]:
    """Return what is said of each device, by its key."""
    rows = connection.execute(sa.select(*(devices.c[name] for name in Trust._fields)).order_by(devices.c.id))
    return {row.key: Trust(*row)._replace(is_trusted=bool(row.is_trusted)) for row in rows}
