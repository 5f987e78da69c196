"""Go or no-go: the answers of a fleet of boards, judged against the event before the day.

Pure functions: no port, no store, no clock. Every reason for a no-go is a sentence that says what to do.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from statistics import median_low
from types import MappingProxyType
from typing import Any, NamedTuple

from centesimo.boards.whereabouts import judged_place
from centesimo.collect.interview import Answers
from centesimo.collect.status import TWIN, ahead, alarms_of, notes_of, position_of, state_of, twins_by_port
from centesimo.model.event import Event, TimingPoint
from centesimo.words.boards import NAME_BYTES, board_name
from centesimo_protocol import record
from centesimo_protocol.chain import NO_FINGERPRINT

UNCERTAIN_US = 1_000  # of an edge now: a tenth of a hundredth
APART_NS = 1_000_000  # clocks further apart than this, beyond what the asking is off, are no-go
OFF_LAPTOP_NS = 500_000_000  # further off is another second
PULSE_S = 2  # since the last pulse of the receiver
NEWEST = 240  # records of a board that are looked at
PROOF_NS = 6 * 3600 * 1_000_000_000  # a step on a tube counts so long, if its board was not started anew
NAME, INPUTS = 1, 5  # keys of settings: docs/wire-format.md
ALL_INPUTS = 15
SILENT = "prepare again; or its firmware is older than that, update it"
NOT_CONFIRMED = (
    "its whole second is not confirmed: wait for the leap seconds (20 minutes of fix, sometimes an hour),"
    " or let NTP keep this computer's clock and prepare again"
)
UNCOLLECTED = "{} records of it are not collected yet: collect it into the store that they belong to"


class Prepared(NamedTuple):
    """One board's row of the report before the day: a go when `reasons` is empty, else a no-go.

    ahead_ns     the board's clock less this computer's, right within +- error_ns; None when it does not know the time
    notes        what a person should know that is no reason for a no-go
    fingerprint  of the board's secret, 24 hex digits; "" when it has none
    tubes        by timing point the sequence of the record that proves a step on its tube; None: not proven, which is
                 there only after a walk
    boot         how often the board has started; None when it is not plugged in
    waiting      how many edges of an earlier day nobody has collected yet, as far as its newest records tell
    later        the first leg that needs it, where that is not the next one: then nothing of it is a no-go; else ""
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
    fingerprint: str = ""
    tubes: Mapping[str, int | None] = {}
    boot: int | None = None
    waiting: int = 0
    later: str = ""


def wanted(event: Event, board: str) -> dict[int, bytes]:
    """Return the settings that a board should have in an event: 12 bytes by key, for its name and its inputs."""
    points = points_by_board(event).get(board, [])
    mask = 0
    for point in points:
        mask |= 1 << (point.input or 1) - 1
    return {NAME: board_name(points).encode().ljust(NAME_BYTES, b"\0"), INPUTS: mask.to_bytes(8, "little") + bytes(4)}


def prepare(
    event: Event,
    answers_by_port: Mapping[str, Answers],
    fingerprints_of: Callable[[str], Sequence[bytes]],
    is_fleet: bool = True,
    own_error_ns: int | None = None,
    note_by_port: Mapping[str, str] = MappingProxyType({}),
) -> list[Prepared]:
    """Return a row for each board of the event, in its order, then for each other board that answered.

    fingerprints_of  gives the fingerprints of the secrets that this computer may have set on a board, the newest last
    is_fleet         whether all boards were asked: then one that did not answer is a no-go, else it has no row
    own_error_ns     by how much this computer's clock may be off UTC at most, None where nobody keeps it
    note_by_port     what came of vouching for the second of a board, as text
    """
    port_by_board = {answers.welcome.board_id.hex(): port for port, answers in answers_by_port.items()}
    twins = twins_by_port(answers_by_port)
    points = points_by_board(event)
    not_of_event = sorted(set(port_by_board) - set(points))
    newest = max((_firmware(answers) for answers in answers_by_port.values()), default=(0, 0, 0))
    clocks = {board: ahead(answers_by_port[port]) for board, port in port_by_board.items()}
    rows = []
    for board in [*(board for board in points if is_fleet or board in port_by_board), *not_of_event]:
        if board not in port_by_board:
            about = board, None, board_name(points[board]), named(points[board])
            row = Prepared(*about, "", "", None, None, ("not plugged in",))
        else:
            answers = answers_by_port[port_by_board[board]]
            row = _row(board, port_by_board[board], answers, points.get(board, []), own_error_ns)
            unsealed = _secret(answers, fingerprints_of(board))
            twin = [TWIN.format(twins[row.port])] if row.port in twins else []
            wrong, elsewhere = judged_place(position_of(answers.status), points.get(board, ()), event.timing_points)
            note = note_by_port.get(port_by_board[board], "")
            reasons = (*twin, wrong, *row.reasons, *unsealed, *_old(row, newest), *_apart(board, clocks))
            row = row._replace(
                reasons=tuple(filter(None, reasons)), notes=tuple(filter(None, (elsewhere, note, *row.notes)))
            )
        rows.append(row)
    return rows


def put_off(event: Event, rows: Sequence[Prepared], now_ns: int) -> list[Prepared]:
    """Return the rows, those of boards that only a leg after the next one needs with their reasons as notes.

    The next leg is the first one that is not over at now_ns: its last crew is not due yet at its last control.
    """
    dates = [leg.date for leg in event.legs if _over_at_ns(event, leg.id) > now_ns]
    soon = {leg.id for leg in event.legs if not dates or leg.date == dates[0]}
    points = points_by_board(event)
    done = []
    for row in rows:
        needed = {leg for point in points.get(row.board, ()) for leg in _legs_of(event, point)}
        first = next((leg.id for leg in event.legs if leg.id in needed and dates and leg.date > dates[0]), "")
        if first and not needed & soon:
            notes = (f"needed from leg {first} on", *row.reasons, *row.notes)
            row = row._replace(reasons=(), notes=notes, later=first)
        done.append(row)
    return done


def _legs_of(event: Event, point: TimingPoint) -> set[str]:
    """Return the legs that a timing point, or the one that it backs up, is used in; all where no control says."""
    name = point.backup_of or point.id
    used = {control.leg for control in event.controls if name in (control.opens, control.closes)}
    return used or set(point.legs) or {leg.id for leg in event.legs}


def _over_at_ns(event: Event, leg: str) -> int:
    """Return when the last crew of a leg is due at its last control, ns since 1970."""
    after_ns = max((control.after_ns or 0 for control in event.controls if control.leg == leg), default=0)
    starts = [start for race in event.races for start in race.starts if start.leg in (leg, "")]
    last_ns = max((start.first_at_ns + len(event.entries) * start.interval_ns for start in starts), default=0)
    return last_ns + after_ns


def points_by_board(event: Event) -> dict[str, list[TimingPoint]]:
    """Return the timing points of each board, in the order of the event."""
    points: dict[str, list[TimingPoint]] = {}
    for point in event.timing_points:
        if point.board:
            points.setdefault(point.board, []).append(point)
    return points


def named(points: Iterable[TimingPoint]) -> tuple[str, ...]:
    """Return timing points as "id:input"."""
    return tuple(f"{point.id}:{point.input}" for point in points)


def _firmware(answers: Answers) -> tuple[int, int, int]:
    welcome = answers.welcome
    return welcome.major, welcome.minor, welcome.patch


def _row(board: str, port: str, answers: Answers, points: Sequence[TimingPoint], own_error_ns: int | None) -> Prepared:
    """Judge a board by itself."""
    clock, waiting = ahead(answers), _waiting(answers)
    reasons = [] if points else ["no timing point of this event is on it: take it away, or put it into event.toml"]
    reasons += [*_receiver(answers), *_inputs(answers, points), *_uncollected(waiting), *_test(answers)]
    reasons += [f"alarm: {alarm}" for alarm in alarms_of(answers.status)]
    reasons += [f"it refuses: {text}" for text in answers.refused]
    off, notes = _off_computer(clock, own_error_ns)
    reasons += off
    notes = [*notes, *(f"since its start: {note}" for note in notes_of(answers.status))]
    ahead_ns, error_ns = clock or (None, None)
    welcome = answers.welcome
    name = answers.settings.get(NAME, welcome.name).rstrip(b"\0").decode(errors="replace")
    usual = board_name(points)
    if name and usual and name != usual:
        notes.append(f"it is called {name}: prepare with --write calls it {usual}")
    firmware = ".".join(map(str, _firmware(answers)))
    about = (board, port, name or usual, named(points), firmware, state_of(answers.status))
    secret = "" if answers.fingerprint in (None, NO_FINGERPRINT) else answers.fingerprint.hex()
    return Prepared(*about, ahead_ns, error_ns, tuple(reasons), tuple(notes), secret, {}, answers.status.boot, waiting)


def _off_computer(clock: tuple[int, int] | None, own_error_ns: int | None) -> tuple[list[str], list[str]]:
    """Return the reasons and the notes of a board's whole second, held against this computer's clock.

    Receivers of one model are wrong by the same second, and agree: only another clock sees that.
    """
    if clock is None:
        return [], []
    ahead_ns, error_ns = clock
    is_off = abs(ahead_ns) > OFF_LAPTOP_NS
    off = f"its clock is {ahead_ns / 1e9:+.1f} s from this computer's"
    if own_error_ns is None:
        unkept = "this computer's clock is kept by nobody (NTP), so no whole second was compared"
        return [], [f"{off}, which may be the wrong one" if is_off else unkept]
    sure_ns = error_ns + own_error_ns
    if sure_ns >= OFF_LAPTOP_NS:
        return [], [
            f"this computer's clock is known to +-{own_error_ns / 1e6:.0f} ms only: no whole second was compared"
        ]
    if not is_off:
        return [], []
    return [f"{off}, which is known to +-{own_error_ns / 1e6:.0f} ms: use another receiver, or wait"], []


def _receiver(answers: Answers) -> list[str]:
    status = answers.status
    if status.state != record.LOCKED:
        return [f"expected its receiver locked, got {record.STATE_NAMES[min(status.state, 5)]}: wait, or give it sky"]
    if not status.confirmed:
        return [NOT_CONFIRMED]
    if status.uncertainty_us > UNCERTAIN_US:
        return [f"expected an uncertainty of at most {UNCERTAIN_US} us, got {status.uncertainty_us} us: wait"]
    return []


def _inputs(answers: Answers, points: Sequence[TimingPoint]) -> list[str]:
    raw = answers.settings.get(INPUTS)
    mask = ALL_INPUTS if raw is None else int.from_bytes(raw[:8], "little")
    off = [point for point in points if point.input and not mask >> point.input - 1 & 1]
    return [f"input {point.input} of {point.id} is switched off: prepare with --write" for point in off]


def _waiting(answers: Answers) -> int:
    """Return how many edges of an earlier day wait to be collected, as far as the newest records tell."""
    status = answers.status
    first = answers.newest[0].sequence if answers.newest else status.last + 1
    edges = sum(len(record.edges_of(value)) for value in answers.newest if value.sequence > status.acknowledged)
    before = max(0, first - 1 - max(status.acknowledged, status.first - 1))
    waiting: int = before + edges
    return waiting


def _uncollected(waiting: int) -> list[str]:
    """Nothing of an earlier day may wait to be collected."""
    return [UNCOLLECTED.format(waiting)] if waiting else []


def _test(answers: Answers) -> list[str]:
    result = answers.made
    if not isinstance(result, record.SelfTest):
        return [] if answers.refused else [f"it did no self-test: {SILENT}"]
    closed = ", ".join(str(number) for number in (1, 2, 3, 4) if result.inputs >> number - 1 & 1)
    checks = (
        (not result.ram, "its memory fails the self-test: use another board"),
        (not result.journal, "its journal fails the self-test: use another board"),
        (result.pulse_s > PULSE_S, "no pulse comes from its receiver: look at the wiring"),
        (bool(closed), f"the contact of input {closed} is closed: look at the tube"),
    )
    return [text for wrong, text in checks if wrong]


def _secret(answers: Answers, own_fingerprints: Sequence[bytes]) -> list[str]:
    """A board must seal with a secret that this computer can prove by."""
    fingerprint = answers.fingerprint
    if fingerprint is None:
        return [f"it did not tell its secret's fingerprint: {SILENT}"]
    if fingerprint in own_fingerprints:
        return []
    if fingerprint == NO_FINGERPRINT:
        return ["it has no secret to seal with: prepare with --write gives it one"]
    return [
        f"it has another computer's secret (fingerprint {fingerprint.hex()}): copy that computer's file of secrets here"
    ]


def _old(row: Prepared, newest: tuple[int, int, int]) -> list[str]:
    best = ".".join(map(str, newest))
    return [] if row.firmware == best else [f"its firmware is {row.firmware}, another board's {best}: update it"]


def _apart(board: str, clocks: Mapping[str, tuple[int, int] | None]) -> list[str]:
    """A board whose clock is apart from most of the others' may not go; with two, neither may."""
    own_clock = clocks[board]
    other_clocks = [clock for name, clock in clocks.items() if clock and name != board]
    if own_clock is None or not other_clocks:
        return []
    middle = median_low([ahead_ns for ahead_ns, _ in other_clocks])
    error_ns = own_clock[1] + max(error_ns for _, error_ns in other_clocks)
    apart_ns = own_clock[0] - middle
    if abs(apart_ns) <= APART_NS + error_ns:
        return []
    return [f"its clock is {apart_ns / 1e6:+.1f} ms from the other boards': wait, or use another board"]


def to_step_on(
    event: Event, rows: Sequence[Prepared], proofs: Mapping[str, int]
) -> tuple[dict[str, str], list[TimingPoint]]:
    """Return the ports, by board, and the timing points whose tubes can be tried, one point for each tube.

    Points that share an input (in different legs) have one tube: the first of them stands for it. Left out are boards
    that are not there, and those with records of an earlier day, as a walk would collect them into this event's store;
    a board of `proofs` has records of today.
    """
    port_by_board = {}
    for row in rows:
        is_of_today = any(named.rpartition(":")[0] in proofs for named in row.points)
        if row.port and row.points and (is_of_today or not row.waiting):
            port_by_board[row.board] = row.port
    points: dict[tuple[str, int | None], TimingPoint] = {}
    for point in event.timing_points:
        if point.board in port_by_board:
            points.setdefault((point.board, point.input), point)
    return port_by_board, list(points.values())


def tubes_of(event: Event, points: Sequence[TimingPoint], names: Collection[str]) -> list[TimingPoint]:
    """Return those of `points` (as of to_step_on) that share their tube with a timing point of these names."""
    inputs = {(point.board, point.input) for point in event.timing_points if point.id in names}
    return [point for point in points if (point.board, point.input) in inputs]


def proven(
    rows: Sequence[Prepared], reports: Iterable[tuple[int, str, Sequence[Mapping[str, Any]]]], now_ns: int
) -> dict[str, int]:
    """Return by timing point the sequence of the newest step's record that still proves its tube.

    `reports` are those of the store, oldest first. A step counts for PROOF_NS, as long as its board has not started
    again, the timing point is on the same input, and no later step was asked for in vain.
    """
    boots = {(row.board, row.boot) for row in rows if row.boot is not None}
    inputs = {named for row in rows for named in row.points}
    begun_ns: dict[tuple[str, int], int] = {}
    newest: dict[str, int] = {}
    for at_ns, _, report in reports:
        for row in report:
            if (row["board"], row.get("boot")) not in boots:
                continue
            for point, sequence in row.get("tubes", {}).items():
                newest.pop(point, None)
                age_ns = now_ns - begun_ns.setdefault((row["board"], sequence), at_ns)
                is_there = any(named in inputs for named in row.get("points", ()) if named.rpartition(":")[0] == point)
                if sequence and is_there and 0 <= age_ns <= PROOF_NS:
                    newest[point] = sequence
    return newest


def stepped(
    rows: Sequence[Prepared],
    points: Sequence[TimingPoint],
    proofs: Mapping[str, int],
    walked: Mapping[str, int | None] | None,
) -> list[Prepared]:
    """Return the rows with the proof of each tube of `points`, and with a reason for each tube without one.

    points  those whose tubes can be tried, as of to_step_on
    proofs  by timing point the sequence of an earlier step's record that still counts, as of `proven`
    walked  Walk.sequence_by_point; None: nobody was asked for a step, then a tube without a proof is no reason.
            During a walk the boards are collected, so that nothing of them waits any more
    """
    tried = {point.board for point in points}
    done = []
    for row in rows:
        own_points = [point.id for point in points if point.board == row.board]
        tubes = {point: {**proofs, **(walked or {})}.get(point) for point in own_points}
        if walked is None:
            done.append(row._replace(tubes={point: proof for point, proof in tubes.items() if proof is not None}))
            continue
        collected = _uncollected(row.waiting) if tubes and walked else []
        reasons = [reason for reason in row.reasons if reason not in collected]
        missed = [_not_proven(point, point in walked) for point, proof in tubes.items() if proof is None]
        untried = ["its tubes were not tried"] if row.port and row.points and row.board not in tried else []
        done.append(
            row._replace(tubes=tubes, reasons=(*reasons, *missed, *untried), waiting=0 if collected else row.waiting)
        )
    return done


def _not_proven(point: str, was_asked: bool) -> str:
    if was_asked:
        return f"no edge came from the tube of {point}: look at the tube and its plug, then prepare with --tube {point}"
    return f"nobody has stepped on the tube of {point}: prepare with --tube {point}"
