"""Go or no-go: what a fleet of boards said, judged against the event; and after the day, what became of each board.

Pure functions: no port, no store, no clock. Every reason for a no-go is a sentence that says what to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

from centesimo.collect.boards import seen
from centesimo.collect.interview import Answers
from centesimo.event import Event, TimingPoint
from protocol import record, session
from protocol.timebase import Timebase, TimebaseError, logged

UNCERTAIN_US = 1_000  # of an edge now: a tenth of a hundredth
APART_NS = 1_000_000  # clocks further apart than this, beyond what the asking is off, are no-go
OFF_LAPTOP_NS = 2_000_000_000
FULL = session.ALARM_NAMES[1]
PULSE_S = 2  # since the last pulse of the receiver
NAME, INPUTS = 1, 5  # keys of settings: docs/wire-format.md
NAME_BYTES = 12
ALL_INPUTS = 15


class Prepared(NamedTuple):
    """One board's row; `reasons` is empty exactly when it is a go, `notes` are for a person to know.

    ahead_ns  its clock less this computer's; None when it does not know the time. The truth is within +- error_ns.
    """

    board: str
    port: str | None  # None: not plugged in
    name: str
    points: tuple[str, ...]  # timing points as "id:input"
    firmware: str
    state: str
    ahead_ns: int | None
    error_ns: int | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def wanted(event: Event, board: str) -> dict[int, bytes]:
    """Return the settings that a board should have in an event, 12 bytes by key: its name and its inputs."""
    points = _points(event).get(board, [])
    name = " ".join(dict.fromkeys(point.id for point in points)).encode()[:NAME_BYTES].decode(errors="ignore")
    mask = 0
    for point in points:
        mask |= 1 << (point.input or 1) - 1
    return {NAME: name.encode().ljust(NAME_BYTES, b"\0"), INPUTS: mask.to_bytes(8, "little") + bytes(4)}


def prepare(event: Event, answers_by_port: Mapping[str, Answers]) -> list[Prepared]:
    """Return a row for every board of the event and every other one that answered, in the order of the event."""
    port_by_board = {answers.welcome.board_id.hex(): port for port, answers in answers_by_port.items()}
    points = _points(event)
    others = sorted(set(port_by_board) - set(points))
    newest = max((_firmware(answers) for answers in answers_by_port.values()), default=(0, 0, 0))
    clocks = {board: _ahead(answers_by_port[port]) for board, port in port_by_board.items()}
    rows = []
    for board in [*points, *others]:
        if board not in port_by_board:
            row = Prepared(board, None, "", _named(points[board]), "", "", None, None, ("not plugged in",))
        else:
            row = _row(board, port_by_board[board], answers_by_port[port_by_board[board]], points.get(board, []))
            row = row._replace(reasons=(*row.reasons, *_old(row, newest), *_apart(board, clocks)))
        rows.append(row)
    return rows


def _points(event: Event) -> dict[str, list[TimingPoint]]:
    """Return the timing points of each board, in the order of the event."""
    found: dict[str, list[TimingPoint]] = {}
    for point in event.timing_points:
        if point.board:
            found.setdefault(point.board, []).append(point)
    return found


def _named(points: Iterable[TimingPoint]) -> tuple[str, ...]:
    return tuple(f"{point.id}:{point.input}" for point in points)


def _firmware(answers: Answers) -> tuple[int, int, int]:
    welcome = answers.welcome
    return welcome.major, welcome.minor, welcome.patch


def _row(board: str, port: str, answers: Answers, points: Sequence[TimingPoint]) -> Prepared:
    """Judge a board by itself."""
    one = seen(port, answers.welcome, answers.status, answers.told_ns)
    ahead = _ahead(answers)
    reasons = [] if points else ["no timing point of this event is on it: take it away, or put it into event.toml"]
    reasons += [*_receiver(answers), *_inputs(answers, points), *_journal(answers), *_test(answers)]
    reasons += [f"alarm: {alarm}" for alarm in one.alarms]
    notes = []
    if ahead and abs(ahead[0]) > OFF_LAPTOP_NS:
        notes.append(f"its clock is {ahead[0] / 1e9:+.1f} s from this computer's, which may be the wrong one")
    if not answers.is_tested and FULL not in one.alarms:
        notes.append("it knows no self-test: its firmware is older than that")
    ahead_ns, error_ns = ahead or (None, None)
    name = answers.settings.get(NAME, answers.welcome.name).rstrip(b"\0").decode(errors="replace")
    about = (board, port, name, _named(points), one.firmware or "", one.state or "")
    return Prepared(*about, ahead_ns, error_ns, tuple(reasons), tuple(notes))


def _receiver(answers: Answers) -> list[str]:
    status = answers.status
    if status.state != record.LOCKED:
        return [f"expected its receiver locked, got {record.STATE_NAMES[min(status.state, 5)]}: wait, or give it sky"]
    if not status.confirmed:
        return ["its whole second is not confirmed: wait up to 20 minutes for the leap seconds"]
    if status.uncertainty_us > UNCERTAIN_US:
        return [f"expected an uncertainty of at most {UNCERTAIN_US} us, got {status.uncertainty_us} us: wait"]
    return []


def _inputs(answers: Answers, points: Sequence[TimingPoint]) -> list[str]:
    raw = answers.settings.get(INPUTS)
    mask = ALL_INPUTS if raw is None else int.from_bytes(raw[:8], "little")
    off = [point for point in points if point.input and not mask >> point.input - 1 & 1]
    return [f"input {point.input} of {point.id} is switched off: prepare with --write" for point in off]


def _journal(answers: Answers) -> list[str]:
    """Nothing of an earlier day may wait to be collected."""
    status = answers.status
    first = answers.newest[0].sequence if answers.newest else status.last + 1
    edges = sum(isinstance(value, record.Edge) and value.sequence > status.acknowledged for value in answers.newest)
    before = max(0, first - 1 - max(status.acknowledged, status.first - 1))
    if before or edges:
        return [f"{before + edges} records of it are not collected yet: collect it into the store that they belong to"]
    return []


def _test(answers: Answers) -> list[str]:
    tests = [value for value in answers.newest if isinstance(value, record.SelfTest)]
    if not answers.is_tested or not tests:
        return []
    found = tests[-1]
    closed = ", ".join(str(number) for number in (1, 2, 3, 4) if found.inputs >> number - 1 & 1)
    checks = (
        (not found.ram, "its memory fails the self-test: use another board"),
        (not found.journal, "its journal fails the self-test: use another board"),
        (found.pulse_s > PULSE_S, "no pulse comes from its receiver: look at the wiring"),
        (bool(closed), f"the contact of input {closed} is closed: look at the tube"),
    )
    return [text for wrong, text in checks if wrong]


def _ahead(answers: Answers) -> tuple[int, int] | None:
    """Return by how many ns the board's clock is ahead of this computer's, and how far that may be off."""
    told = [value for value in answers.newest if value.boot == answers.status.boot]
    try:
        stamp = Timebase(logged(told)).at(answers.status.counter_us)
    except TimebaseError:
        return None
    middle_ns = (answers.asked_ns + answers.told_ns) // 2
    return stamp.utc_ns - middle_ns, (answers.told_ns - answers.asked_ns + 1) // 2 + stamp.uncertainty_ns


def _old(row: Prepared, newest: tuple[int, int, int]) -> list[str]:
    named = ".".join(map(str, newest))
    return [] if row.firmware == named else [f"its firmware is {row.firmware}, another board's {named}: update it"]


def _apart(board: str, clocks: Mapping[str, tuple[int, int] | None]) -> list[str]:
    """A board whose clock is apart from most of the others' may not go; with two, neither may."""
    mine = clocks[board]
    others = [clock for name, clock in clocks.items() if clock and name != board]
    if mine is None or not others:
        return []
    middle = median_low([ahead_ns for ahead_ns, _ in others])
    error_ns = mine[1] + max(error_ns for _, error_ns in others)
    apart_ns = mine[0] - middle
    if abs(apart_ns) <= APART_NS + error_ns:
        return []
    return [f"its clock is {apart_ns / 1e6:+.1f} ms from the other boards': wait, or use another board"]


class After(NamedTuple):
    """What became of a board over the day, from its records alone.

    drift_ppm  of its crystal against GPS, over all starts; None when it never knew the time long enough
    lost       what it says that it lost
    edges      of tubes; `uncovered` of them were stamped while its receiver was not locked
    """

    board: str
    points: tuple[str, ...]
    starts: int
    edges: int
    uncovered: int
    lost: int
    drift_ppm: float | None


def after(event: Event, records_by_board: Mapping[str, Sequence[bytes]]) -> list[After]:
    """Return the second half of the report: a row for every board of the event, in its order."""
    return [_after(board, points, records_by_board.get(board, ())) for board, points in _points(event).items()]


def _after(board: str, points: Sequence[TimingPoint], raws: Sequence[bytes]) -> After:
    values = [record.unpack(raw) for raw in raws]
    edges = [value for value in values if isinstance(value, record.Edge) and value.origin == record.TUBE]
    boots = sorted({value.boot for value in values})
    counted_us = passed_us = 0
    for boot in boots:
        try:
            anchors = Timebase(logged([value for value in values if value.boot == boot])).anchors
        except TimebaseError:
            continue
        counted_us += anchors[-1][0] - anchors[0][0]
        passed_us += (anchors[-1][1] - anchors[0][1]) * 1_000_000
    return After(
        board=board,
        points=_named(points),
        starts=len(boots),
        edges=len(edges),
        uncovered=sum(edge.state != record.LOCKED for edge in edges),
        lost=sum(value.count for value in values if isinstance(value, record.Loss)),
        drift_ppm=round((counted_us - passed_us) / passed_us * 1e6, 3) if passed_us else None,
    )
