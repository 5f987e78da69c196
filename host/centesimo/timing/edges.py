"""Raw journal records become edges with UTC and uncertainty; whatever is odd about a board becomes a finding.

One Timebase per board and boot is made of that boot's Anchor, Correction and LeapSecond records. A boot without time
loses no edge: its edges have no instant, and a finding says so. Records are taken as checked: the store refuses others.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from centesimo.model.about_boards import (
    BoardLost,
    CounterBeyond,
    EdgesLost,
    FirmwareFault,
    HostDiffers,
    InputRang,
    LeapSecond,
    MadeOnRequest,
    MarkedDoubtful,
    NeverTimed,
    RecordsMissing,
    SecondInDoubt,
    SecondsDisagree,
    SecondUnconfirmed,
    UnknownRecords,
)
from centesimo.model.errors import StoreError
from centesimo.model.facts import Edge
from centesimo.model.findings import Finding, FindingKind
from centesimo.timing.instants import Instants, instants
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, logged

# Every record as if it were an Edge; all 32 bytes are in it, or a copy of some rows would lose the rest.
_AS_EDGE = np.dtype(
    [
        *(("sequence", "<u4"), ("boot", "<u2"), ("kind", "u1"), ("counter_us", "<u8"), ("input", "u1")),
        *(("count", "<u4"), ("state", "u1"), ("origin", "u1"), ("uncertainty_us", "<u4"), ("rest", "<u2")),
        ("check", "<u4"),
    ]
)
_STAMPED = ("sequence", "counter_us", "input", "count", "state", "origin")
_ORDER = [name for name in _AS_EDGE.names or () if name != "rest"]
Rows = NDArray[np.void]  # of _AS_EDGE
_LAYOUTS = {
    kind: (cls, struct.Struct(record.HEAD + body))
    for kind, cls, body in record.KINDS
    if kind
    in (
        record.ANCHOR,
        record.CORRECTION,
        record.DOUBT,
        record.LEAP_SECOND,
        record.LOSS,
        record.MARK,
        record.RINGING,
        record.FAULT,
        record.VOUCH,
    )
}

# Labels are whole seconds of 32 bits, so a board knows the years 1970 to 2106; a counter may not lead out of them.
FIRST_NS, END_NS = 0, 2**32 * 1_000_000_000

_OF_TIME = (record.Anchor, record.Correction, record.LeapSecond, record.Doubt)
_edge = partial(tuple.__new__, Edge)  # from a tuple of its values
HIGHEST_US = 2**62  # what is counted so far lies near no anchor


def edges(records_by_board: Mapping[str, Iterable[bytes]]) -> tuple[list[Edge], list[Finding]]:
    """Return the edges of all boards, in order of board, boot and counter, and findings about the boards.

    `records_by_board` gives raw records of 32 bytes, in any order, by the board's 16 hex digits. Finding kinds:
    "no time", "anchors disagree", "unconfirmed second", "second in doubt", "leap second", "lost edges", "loss",
    "simulated", "marked doubtful", "unknown record", "records missing", "ringing",
    "firmware fault". StoreError if the bytes are not whole records.
    """
    edges: list[Edge] = []
    findings: list[Finding] = []
    for board in sorted(records_by_board):
        raw = b"".join(records_by_board[board])
        if len(raw) % record.SIZE:
            raise StoreError(f"expected whole records of {record.SIZE} bytes of board {board}, got {len(raw)} bytes")
        rows = _in_order(np.frombuffer(raw, _AS_EDGE))
        findings += _missing_records(board, rows)
        side_records = _side_records(rows)
        findings += _unknown(board, rows) + _losses(board, side_records)
        findings += _ringing(board, side_records) + _faults(board, side_records)
        for boot, edge_rows in _by_boot(rows):
            boot_edges, boot_findings = _of_boot(board, boot, edge_rows, side_records)
            edges += boot_edges
            findings += boot_findings
    return edges, findings


def _in_order(rows: Rows) -> Rows:
    """Return rows in order of sequence, then of all else."""
    sequences = rows["sequence"]
    is_rising = bool((sequences[1:] > sequences[:-1]).all())
    return rows if is_rising else np.sort(rows, order=_ORDER)


class _Stamped(NamedTuple):
    """The edges of one boot in order of their counters, a column for each value."""

    sequences: list[int]
    counters: list[int]
    inputs: list[int]
    counts: list[int]
    states: list[int]
    origins: list[int]


def _by_boot(rows: Rows) -> list[tuple[int, _Stamped]]:
    """Return the edges of each boot; of one counter value those of bursts come last."""
    edge_rows = rows[rows["kind"] == record.EDGE]
    of_bursts = _of_bursts(rows)
    stamped_by_boot = {}
    for boot in sorted({*np.unique(edge_rows["boot"]).tolist(), *of_bursts}):
        of_boot = edge_rows[edge_rows["boot"] == boot]
        of_boot = of_boot[np.argsort(of_boot["counter_us"], kind="stable")]
        stamped = _Stamped(*(of_boot[name].tolist() for name in _STAMPED))
        if boot in of_bursts:
            values = sorted([*zip(*stamped, strict=True), *of_bursts[boot]], key=itemgetter(1))
            stamped = _Stamped(*map(list, zip(*values, strict=True)))
        stamped_by_boot[boot] = stamped
    return sorted(stamped_by_boot.items())


def _of_bursts(rows: Rows) -> dict[int, list[tuple[int, ...]]]:
    """Return the values of each edge that is in a Burst, as _Stamped has them, by boot.

    A burst that lies may lead its edges out of what a record can hold.
    """
    of_boot: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for burst in rows[rows["kind"] == record.BURST]:
        for edge in record.edges_of(record.unpack(burst.tobytes())):
            of_boot[edge.boot].append((edge.sequence, edge.counter_us, *edge[3:7]))
    return of_boot


def _side_records(rows: Rows) -> list[tuple[int, ...]]:
    """Return the records of _LAYOUTS among the rows, in order of sequence."""
    side_rows = rows[np.isin(rows["kind"], list(_LAYOUTS))]
    raw, kinds = side_rows.tobytes(), side_rows["kind"].tolist()
    return sorted([_side_record(raw, place * record.SIZE, kind) for place, kind in enumerate(kinds)])


def _side_record(raw: bytes, at: int, kind: int) -> tuple[int, ...]:
    """Return the record that begins at byte `at`, as record.unpack does, unchecked: the store has checked it."""
    cls, layout = _LAYOUTS[kind]
    sequence, boot, _, *values = layout.unpack_from(raw, at)
    made: tuple[int, ...] = cls(sequence, boot, *values)
    return made


def _of_boot(
    board: str, boot: int, stamped: _Stamped, side_records: list[tuple[int, ...]]
) -> tuple[list[Edge], list[Finding]]:
    """Return one boot's edges and findings; `side_records` are the board's."""
    sequences, counters, inputs, counts, states, origins = stamped
    rang = [value for value in side_records if isinstance(value, record.Ringing) and value.boot == boot]
    findings = _lost(board, boot, stamped, rang) + _simulated(board, boot, origins)
    marks, marked = _marks(board, boot, zip(inputs, counts, sequences, strict=True), side_records)
    findings += marked
    timebase, doubts = _timebase(board, boot, len(sequences), side_records)
    findings += doubts
    ats: Iterable[int | None] = repeat(None)
    widths: Iterable[int | None] = repeat(None)
    hows: Iterable[str] = repeat("no anchor in this boot")
    trusts: Iterable[bool] = repeat(False)
    if timebase is not None:
        ats, widths, hows, trusts = _instants(timebase, counters)
        if ats and not FIRST_NS <= min(ats) <= max(ats) < END_NS:
            impossible = [at for at, at_ns in enumerate(ats) if not FIRST_NS <= at_ns < END_NS]
            ats, widths, hows = _without(impossible, ats, widths, hows)
            findings.append(_impossible(board, boot, [sequences[at] for at in impossible]))
    is_simulated = record.SIMULATED in origins
    simulated = [origin == record.SIMULATED for origin in origins] if is_simulated else repeat(False)
    doubtful = [mark in marks for mark in zip(inputs, counts, strict=True)] if marks else repeat(False)
    last_columns = (hows, states, simulated, doubtful)
    return list(
        map(_edge, zip(repeat(board), sequences, repeat(boot), inputs, counters, ats, widths, trusts, *last_columns))
    ), findings


def _instants(timebase: Timebase, counters: list[int]) -> Instants:
    """Return what the timebase says of counter values in rising order."""
    if counters and counters[-1] >= HIGHEST_US:
        return Instants(*timebase.columns(counters))
    return instants(timebase, np.array(counters, np.int64))


def _timebase(
    board: str, boot: int, count: int, side_records: list[tuple[int, ...]]
) -> tuple[Timebase | None, list[Finding]]:
    """Return the timebase of a boot with `count` edges, or None when it never knew the time."""
    of_boot = [value for value in side_records if value[1] == boot]
    of_time = [value for value in of_boot if isinstance(value, _OF_TIME)]
    anchors = sum(isinstance(value, record.Anchor) for value in of_time)
    if not anchors:
        return None, [Finding(FindingKind.NO_TIME, board, None, NeverTimed(board, boot, count))]
    timebase = Timebase(logged(of_time))
    findings = [_leap(board, boot, utc_s) for utc_s in timebase.leaps]
    findings += [_doubt(board, value) for value in of_time if isinstance(value, record.Doubt)]
    findings += _differing(board, [value for value in of_boot if isinstance(value, record.Vouch)])
    if timebase.disagreeing:
        disagree = SecondsDisagree(board, boot, len(timebase.disagreeing), anchors)
        findings.append(Finding(FindingKind.ANCHORS_DISAGREE, board, None, disagree))
    if not timebase.confirmed:
        unconfirmed = SecondUnconfirmed(board, boot, count)
        findings.append(Finding(FindingKind.UNCONFIRMED_SECOND, board, None, unconfirmed))
    return timebase, findings


def _without(
    impossible: Sequence[int], ats: Sequence[int], widths: Sequence[int], hows: Sequence[str]
) -> tuple[list[int | None], list[int | None], list[str]]:
    """Return the columns of a boot's edges, without those (by their places) that no clock can have shown."""
    columns: tuple[list[int | None], list[int | None], list[str]] = list(ats), list(widths), list(hows)
    for at in impossible:
        columns[0][at], columns[1][at], columns[2][at] = None, None, "no board counts so far"
    return columns


def _impossible(board: str, boot: int, sequences: Sequence[int]) -> Finding:
    return Finding(FindingKind.NO_TIME, board, None, CounterBeyond(board, boot, min(sequences), len(sequences) - 1))


def _doubt(board: str, doubt: record.Doubt) -> Finding:
    about = SecondInDoubt(board, doubt.boot, doubt.utc_s, doubt.reason, doubt.shift_s)
    return Finding(FindingKind.SECOND_IN_DOUBT, board, None, about)


def _differing(board: str, vouches: Sequence[record.Vouch]) -> list[Finding]:
    """Return a finding for each way in which a boot's second differs from what hosts said of it."""
    by_answer: dict[tuple[int, int], list[record.Vouch]] = defaultdict(list)
    for value in vouches:
        outcome, basis = divmod(value.basis_outcome, 16)
        if outcome in (record.OTHER_SECOND, record.UNCLEAR):
            by_answer[outcome, basis].append(value)
    return [
        Finding(
            FindingKind.SECOND_IN_DOUBT,
            board,
            None,
            HostDiffers(board, its[0].boot, its[0].utc_s, its[0].bound_ms, basis, outcome, len(its)),
        )
        for (outcome, basis), its in by_answer.items()
    ]


def _leap(board: str, boot: int, utc_s: int) -> Finding:
    return Finding(FindingKind.LEAP_SECOND, board, None, LeapSecond(board, boot, utc_s))


def _missing_records(board: str, rows: Rows) -> list[Finding]:
    """Find sequence numbers that are not there; what was erased before the first one kept is not missed."""
    sequences = rows["sequence"].astype(np.int64)
    gaps = [sequences[place : place + 2].tolist() for place in np.flatnonzero(np.diff(sequences) > 1).tolist()]
    return [
        Finding(FindingKind.RECORDS_MISSING, board, None, RecordsMissing(board, before + 1, after - 1))
        for before, after in gaps
    ]


def _unknown(board: str, rows: Rows) -> list[Finding]:
    kinds = [kind for kind in np.unique(rows["kind"]).tolist() if kind > len(record.KINDS)]
    if not kinds:
        return []
    return [Finding(FindingKind.UNKNOWN_RECORD, board, None, UnknownRecords(board, tuple(kinds)))]


def _losses(board: str, side_records: list[tuple[int, ...]]) -> list[Finding]:
    findings = []
    for loss in side_records:
        if not isinstance(loss, record.Loss):
            continue
        kind = FindingKind.LOST_EDGES if 1 <= loss.source <= 4 else FindingKind.LOSS
        about = BoardLost(board, loss.boot, loss.sequence, loss.source, loss.reason, loss.count)
        findings.append(Finding(kind, board, None, about))
    return findings


def _ringing(board: str, side_records: list[tuple[int, ...]]) -> list[Finding]:
    """Say which inputs rang so fast that the board has counted edges instead of keeping them."""
    rang: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for value in side_records:
        if isinstance(value, record.Ringing):
            rang[value.boot, value.input].append((value.sequence, value.edges))
    return [
        Finding(FindingKind.RINGING, board, None, _rang(board, boot, input_, records))
        for (boot, input_), records in sorted(rang.items())
    ]


def _rang(board: str, boot: int, input_: int, records: list[tuple[int, int]]) -> InputRang:
    edges = sum(count for _, count in records)
    return InputRang(board, boot, input_, edges, first=records[0][0], last=records[-1][0])


def _faults(board: str, side_records: list[tuple[int, ...]]) -> list[Finding]:
    findings = []
    for value in side_records:
        if isinstance(value, record.Fault):
            module = value.module.rstrip(b"\0").decode("ascii", "replace")
            about = FirmwareFault(board, value.boot, value.sequence, value.error, module, value.line)
            findings.append(Finding(FindingKind.FIRMWARE_FAULT, board, None, about))
    return findings


def _lost(board: str, boot: int, stamped: _Stamped, rang: Sequence[record.Ringing]) -> list[Finding]:
    """Find edges that the board counted on an input but of which no record tells."""
    findings = []
    inputs, counts = np.array(stamped.inputs), np.array(stamped.counts)
    ringing_inputs = {value.input for value in rang}
    for input_ in sorted({*stamped.inputs, *ringing_inputs}):
        of_input = inputs == input_
        if input_ not in ringing_inputs and _counts_on(counts[of_input]):
            continue
        places = np.flatnonzero(of_input).tolist()
        counted = [(stamped.counts[at], stamped.counts[at], stamped.sequences[at]) for at in places]
        counted += [
            (value.count, value.count + value.edges - 1, value.sequence) for value in rang if value.input == input_
        ]
        findings += _gaps(board, boot, input_, sorted(counted))
    return findings


def _counts_on(counts: NDArray[np.int64]) -> bool:
    """Say whether these are 1, 2, 3 .. in any order: nothing was counted that is not here."""
    return bool((np.sort(counts) == np.arange(1, len(counts) + 1)).all())


def _gaps(board: str, boot: int, input_: int, counted: Iterable[tuple[int, int, int]]) -> list[Finding]:
    """Find what lies between records in order, each (number of its first edge, of its last, sequence)."""
    findings, before = [], 0
    for count, last, sequence in counted:
        missing = count - before - 1
        if missing > 0:
            about = EdgesLost(board, boot, input_, missing, sequence)
            findings.append(Finding(FindingKind.LOST_EDGES, board, None, about))
        before = max(before, last)
    return findings


def _marks(
    board: str, boot: int, counted: Iterable[tuple[int, int, int]], side_records: list[tuple[int, ...]]
) -> tuple[set[tuple[int, int]], list[Finding]]:
    """Return (input, count) of the edges that a marshal marked as doubtful, and a finding for each.

    `counted` has input, count and sequence of each edge.
    """
    marks = {
        (mark.input, mark.count): mark for mark in side_records if isinstance(mark, record.Mark) and mark.boot == boot
    }
    if not marks:
        return set(), []
    sequences = {(input_, count): sequence for input_, count, sequence in counted if (input_, count) in marks}
    findings = []
    for (input_, count), mark in marks.items():
        about = MarkedDoubtful(board, boot, input_, count, sequences.get((input_, count)), mark.sequence)
        findings.append(Finding(FindingKind.MARKED_DOUBTFUL, board, None, about))
    return set(marks), findings


def _simulated(board: str, boot: int, origins: Sequence[int]) -> list[Finding]:
    count = origins.count(record.SIMULATED)
    if not count:
        return []
    return [Finding(FindingKind.SIMULATED, board, None, MadeOnRequest(board, boot, count))]
