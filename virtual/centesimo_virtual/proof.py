"""A board's journal against the truth: where its records put each crossing, how far off, and how far it may be."""

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from centesimo_protocol import record, session
from centesimo_protocol.timebase import Timebase, logged
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Scenario, truth, utc_ns

if TYPE_CHECKING:
    from centesimo_protocol.record import Record

FETCHED = 480  # records asked for at once
PATIENCE_S = 10.0


class Held(NamedTuple):
    """One crossing that a board has stamped, against the truth; durations in ns.

    error_ns        where the records put it, less where it was
    uncertainty_ns  what the records say how far that may be at most
    state           the board's own sync state then
    """

    true_at_ns: int
    input: int
    error_ns: int
    uncertainty_ns: int
    state: int

    @property
    def inside(self) -> bool:
        """Whether the truth lies inside the stated uncertainty."""
        return abs(self.error_ns) <= self.uncertainty_ns


def fetch(board: VirtualBoard) -> "list[Record]":
    """Return every record of a board, in order, as a host gets them; OSError when it says no more."""
    host = session.HostSession(b"proof001")
    records: list[Record] = []
    address = board.url.removeprefix("socket://").split(":")
    with socket.create_connection((address[0], int(address[1])), PATIENCE_S) as line:
        line.sendall(host.hello())
        while chunk := line.recv(65536):
            for message in host.receive(chunk):
                if isinstance(message, session.Welcome):
                    line.sendall(host.fetch(message.first, FETCHED)[1])
                elif isinstance(message, session.Records):
                    records += [record.unpack(raw) for raw in _slots(message.records)]
                elif isinstance(message, session.End):
                    if host.board is None or message.next > host.board.last:
                        return records
                    line.sendall(host.fetch(message.next, FETCHED)[1])
    raise ConnectionError(f"expected records up to the last, got {len(records)} before the line was closed")


def _slots(raw: bytes) -> list[bytes]:
    return [raw[at : at + record.SIZE] for at in range(0, len(raw), record.SIZE)]


def held(scenario: Scenario, records: "Iterable[Record]") -> list[Held]:
    """Return every crossing that a boot of the scenario has stamped and can name the time of, in order of time."""
    records_by_boot: dict[int, list[Record]] = {}
    for entry in records:
        records_by_boot.setdefault(entry.boot, []).append(entry)
    edges, timebase_by_boot = {}, {}
    for boot, of_boot in records_by_boot.items():
        if any(isinstance(entry, record.Anchor) for entry in of_boot):
            timebase_by_boot[boot] = Timebase(logged(of_boot))
        edges.update(
            {(boot, edge.input, edge.counter_us): edge for entry in of_boot for edge in record.edges_of(entry)}
        )
    stamps = []
    for true in truth(scenario):
        boot = 0 if true.boot is None else true.boot + 1
        edge = edges.get((boot, true.input, true.counter_us))
        if edge is None or boot not in timebase_by_boot:
            continue
        stamp = timebase_by_boot[boot].at(edge.counter_us)
        error_ns = stamp.utc_ns - utc_ns(scenario, true.true_at_ns)
        stamps.append(Held(true.true_at_ns, true.input, error_ns, stamp.uncertainty_ns, edge.state))
    return stamps


def held_at_crossing(scenario: Scenario, records: "Iterable[Record]") -> list[Held]:
    """Return what `held` would have returned for each crossing at that instant, from the records written before it."""
    edges_by_counter = {(true.input, true.counter_us): true for true in truth(scenario) if true.boot == 0}
    of_time: list[Record] = []
    stamps, timebase = [], None
    for entry in records:
        for edge in record.edges_of(entry) if of_time else []:
            true = edges_by_counter.get((edge.input, edge.counter_us))
            timebase = timebase or Timebase(logged(of_time))
            stamp = timebase.at(edge.counter_us)
            if true is not None:
                error_ns = stamp.utc_ns - utc_ns(scenario, true.true_at_ns)
                stamps.append(Held(true.true_at_ns, edge.input, error_ns, stamp.uncertainty_ns, edge.state))
        if isinstance(entry, record.Anchor | record.Correction | record.LeapSecond | record.Doubt):
            of_time.append(entry)
            timebase = None
    return stamps
