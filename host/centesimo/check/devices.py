"""[[device]] of event.toml: a device of another maker, and which timing point each of its channels stamps."""

from collections.abc import Collection

from centesimo.check.event_toml import identified
from centesimo.logs import FORMATS
from centesimo.model.event import Device
from centesimo.reading.numbers import uncertainty_ns
from centesimo.reading.toml_tables import Table

CLOCKS = ("local", "UTC")


def read_devices(tables: list[Table], points: Collection[str]) -> tuple[Device, ...]:
    """Return the devices, none in most events."""
    devices = []
    for table, device in identified(tables):
        form = table.choice("format", list(FORMATS))
        channels = table.find_table("channels")
        named = () if channels is None else _channels(channels, points)
        clock = table.choice("clock", CLOCKS, "local")
        numbers = table.flag("numbers")
        within_s = table.decimal("uncertainty_s", "0", "60", "s") if table.has("uncertainty_s") else None
        table.allow("uncertainty_s")
        within_ns = None if within_s is None else uncertainty_ns(within_s)
        devices.append(Device(device, form, named, clock == "UTC", numbers, within_ns))
        table.close()
    return tuple(devices)


def _channels(table: Table, points: Collection[str]) -> tuple[tuple[str, str], ...]:
    named = tuple((name, table.reference(name, points, "a timing point")) for name in table.names())
    if not named:
        table.wrong("", 'expected a channel and its timing point, as c0 = "A1", got none')
    return named
