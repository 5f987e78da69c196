"""Raw journal records become edges with UTC and uncertainty; whatever is odd about a board becomes a finding.

One Timebase per board and boot is made of that boot's Anchor, Correction and LeapSecond records. A boot without time
loses no edge: its edges have no instant, and a finding says so. Records are taken as checked: the store refuses others.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise, repeat
from operator import itemgetter

from centesimo.model.about_boards import (
    BoardLost,
    CounterBeyond,
    EdgesLost,
    FirmwareFault,
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
from centesimo_protocol import record
from centesimo_protocol.timebase import Timebase, logged

# Every record as if it were an Edge: sequence boot kind counter_us, input count state origin uncertainty_us, check.
_AS_EDGE = struct.Struct("<IHBQBIBBI2xI")
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
    )
}

# Labels are whole seconds of 32 bits, so a board knows the years 1970 to 2106; a counter may not lead out of them.
FIRST_NS, END_NS = 0, 2**32 * 1_000_000_000

_OF_TIME = (record.Anchor, record.Correction, record.LeapSecond, record.Doubt)
_edge = partial(tuple.__new__, Edge)  # from a tuple of its values

Row = tuple[int, int, int, int, int, int, int, int, int, int]  # a record's values as of _AS_EDGE
_SEQUENCE, _BOOT, _KIND, _COUNTER_US, _INPUT, _COUNT = range(6)  # the first values of a Row


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
        rows = sorted(_AS_EDGE.iter_unpack(raw))
        findings += _missing_records(board, rows)
        side_records = _side_records(raw)
        findings += _unknown(board, rows) + _losses(board, side_records)
        findings += _ringing(board, side_records) + _faults(board, side_records)
        for boot, edge_rows in _by_boot(rows + _burst_rows(raw)):
            boot_edges, boot_findings = _of_boot(board, boot, edge_rows, side_records)
            edges += boot_edges
            findings += boot_findings
    return edges, findings


def _by_boot(rows: list[Row]) -> list[tuple[int, list[Row]]]:
    """Return the edge rows of each boot in order of their counters."""
    rows_by_boot: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row[_KIND] == record.EDGE:
            rows_by_boot[row[_BOOT]].append(row)
    return [(boot, sorted(edge_rows, key=itemgetter(_COUNTER_US))) for boot, edge_rows in sorted(rows_by_boot.items())]


def _burst_rows(raw: bytes) -> list[Row]:
    """Return a row for each edge that is in a Burst, as if it had a record of its own."""
    rows: list[Row] = []
    for at in range(0, len(raw), record.SIZE):
        if raw[at + 6] == record.BURST:
            for edge in record.edges_of(record.unpack(raw[at : at + record.SIZE])):
                rows.append((*edge[:2], record.EDGE, *edge[2:], 0))
    return rows


def _side_records(raw: bytes) -> list[tuple[int, ...]]:
    """Return the records of _LAYOUTS among raw ones, in order of sequence."""
    starts = range(0, len(raw), record.SIZE)
    return sorted([_side_record(raw, at) for at in starts if raw[at + 6] in _LAYOUTS])


def _side_record(raw: bytes, at: int) -> tuple[int, ...]:
    """Return the record that begins at byte `at`, as record.unpack does, unchecked: the store has checked it."""
    cls, layout = _LAYOUTS[raw[at + 6]]
    sequence, boot, _, *values = layout.unpack_from(raw, at)
    made: tuple[int, ...] = cls(sequence, boot, *values)
    return made


def _of_boot(
    board: str, boot: int, rows: list[Row], side_records: list[tuple[int, ...]]
) -> tuple[list[Edge], list[Finding]]:
    """Return one boot's edges and findings; `rows` are its Edge records by counter, `side_records` the board's."""
    sequences, _, _, counters, inputs, counts, states, origins, _, _ = zip(*rows, strict=True)
    rang = [value for value in side_records if isinstance(value, record.Ringing) and value.boot == boot]
    counted = [*zip(inputs, counts, counts, sequences, strict=True)]
    counted += [(value.input, value.count, value.count + value.edges - 1, value.sequence) for value in rang]
    findings = _lost(board, boot, counted) + _simulated(board, boot, origins)
    marks, marked = _marks(board, boot, rows, side_records)
    findings += marked
    timebase, doubts = _timebase(board, boot, len(rows), side_records)
    findings += doubts
    ats: Iterable[int | None] = repeat(None)
    widths: Iterable[int | None] = repeat(None)
    hows: Iterable[str] = repeat("no anchor in this boot")
    trusts: Iterable[bool] = repeat(False)
    if timebase is not None:
        ats, widths, hows, trusts = timebase.columns(counters)
        if impossible := [at for at, at_ns in enumerate(ats) if not FIRST_NS <= at_ns < END_NS]:
            ats, widths, hows = _without(impossible, ats, widths, hows)
            findings.append(_impossible(board, boot, [sequences[at] for at in impossible]))
    simulated = [origin == record.SIMULATED for origin in origins]
    doubtful = [mark in marks for mark in zip(inputs, counts, strict=True)] if marks else repeat(False)
    last_columns = (hows, states, simulated, doubtful)
    return list(
        map(_edge, zip(repeat(board), sequences, repeat(boot), inputs, counters, ats, widths, trusts, *last_columns))
    ), findings


def _timebase(
    board: str, boot: int, count: int, side_records: list[tuple[int, ...]]
) -> tuple[Timebase | None, list[Finding]]:
    """Return the timebase of a boot with `count` edges, or None when it never knew the time."""
    of_time = [value for value in side_records if isinstance(value, _OF_TIME) and value.boot == boot]
    anchors = sum(isinstance(value, record.Anchor) for value in of_time)
    if not anchors:
        return None, [Finding(FindingKind.NO_TIME, board, None, NeverTimed(board, boot, count))]
    timebase = Timebase(logged(of_time))
    findings = [_leap(board, boot, utc_s) for utc_s in timebase.leaps]
    findings += [_doubt(board, value) for value in of_time if isinstance(value, record.Doubt)]
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


def _leap(board: str, boot: int, utc_s: int) -> Finding:
    return Finding(FindingKind.LEAP_SECOND, board, None, LeapSecond(board, boot, utc_s))


def _missing_records(board: str, rows: list[Row]) -> list[Finding]:
    """Find sequence numbers that are not there; what was erased before the first one kept is not missed."""
    return [
        Finding(FindingKind.RECORDS_MISSING, board, None, RecordsMissing(board, before + 1, after - 1))
        for before, after in pairwise([row[_SEQUENCE] for row in rows])
        if after - before > 1
    ]


def _unknown(board: str, rows: list[Row]) -> list[Finding]:
    kinds = [kind for kind in sorted({row[_KIND] for row in rows}) if kind > len(record.KINDS)]
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


def _lost(board: str, boot: int, counted: Iterable[tuple[int, int, int, int]]) -> list[Finding]:
    """Find edges that the board counted on an input but of which no record tells.

    `counted` has (input, number of the first edge, of the last, sequence) of every record that does.
    """
    findings = []
    before: dict[int, int] = defaultdict(int)
    for input_, count, last, sequence in sorted(counted):
        missing = count - before[input_] - 1
        if missing > 0:
            about = EdgesLost(board, boot, input_, missing, sequence)
            findings.append(Finding(FindingKind.LOST_EDGES, board, None, about))
        before[input_] = max(before[input_], last)
    return findings


def _marks(
    board: str, boot: int, rows: list[Row], side_records: list[tuple[int, ...]]
) -> tuple[set[tuple[int, int]], list[Finding]]:
    """Return (input, count) of the edges that a marshal marked as doubtful, and a finding for each."""
    marks = {
        (mark.input, mark.count): mark for mark in side_records if isinstance(mark, record.Mark) and mark.boot == boot
    }
    counted = ((row[_INPUT], row[_COUNT], row[_SEQUENCE]) for row in rows if marks)
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
