"""The state of the board on each port, without taking records from it; a port without a board says what is there.

On request a board also tests itself, or makes a passage marked as simulated; it writes a record of either. The board's
clock is computed from its newest anchors and the counter in its status, within half the time that the answer took;
where no anchor is among the newest records, from the whole second in its status, within half a second more.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from centesimo.collect.download import name_of
from centesimo.collect.interview import PATIENCE_MS, Answers, Interview, Step
from centesimo.collect.link import Port, host_id, steady_ms
from centesimo.model.errors import LinkError
from centesimo.reading.localtime import NS_PER_S
from centesimo.store.intake import TELL_NOTHING
from centesimo_protocol import record, session
from centesimo_protocol.timebase import Timebase, TimebaseError, logged

NEWEST = 96  # records of a board that are looked at: its last two or three anchors on a busy day, 0.3 s at 115200 baud

E7 = 10_000_000  # parts of a degree
SAME_US = 1_000_000  # two answers of one board tell its start alike to this
TWIN = "another board, on {}, has the same id: erase one, then centesimo settings PORT board_id=..."

Request = session.AskSelfTest | session.Simulate | session.Silence


class PortReport(NamedTuple):
    """What is on one port; all but `port` and `error` are None when no board answered.

    receiver        who has made its GPS receiver, as that says of itself: "not known" where it says nothing
    uncertainty_us  of an edge now; None also when the board does not know it
    kept, waiting   records in its journal, and those of them that no host has acknowledged, without those that only
                    say what became of others (TELL_NOTHING)
    waiting_edges   how many of those that wait are edges; None also when not all of them were looked at
    battery_mv      None also when it is not measured
    position        where it stands, latitude and longitude in degrees; None also where it does not know that
    ahead_ns        its clock less this computer's, within +- error_ns; None also when it does not know the time
    wrong           what a person should look at
    made            what it found or made on request
    """

    port: str
    error: str | None
    board: str | None = None
    name: str | None = None
    firmware: str | None = None
    state: str | None = None
    receiver: str | None = None
    uncertainty_us: int | None = None
    kept: int | None = None
    waiting: int | None = None
    waiting_edges: int | None = None
    battery_mv: int | None = None
    position: tuple[float, float] | None = None
    ahead_ns: int | None = None
    error_ns: int | None = None
    wrong: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


def boards(ports: Sequence[str], now_ns: Callable[[], int], request: Request | None = None) -> list[PortReport]:
    """Return what is on each port, in their order, within about 2 s; `now_ns` is this computer's clock.

    `request`: what each board is to do beside, a self-test or a simulated passage.
    """
    steps = [] if request is None else [request]
    answers = interviews(dict.fromkeys(ports, steps), now_ns, NEWEST, PATIENCE_MS)
    twins = twins_by_port(answers)
    reports = [port_report(port, answers[port]) for port in ports]
    return [
        report._replace(wrong=(TWIN.format(twins[report.port]), *report.wrong)) if report.port in twins else report
        for report in reports
    ]


def interviews(
    steps_by_port: Mapping[str, Sequence[Step]], now_ns: Callable[[], int], newest: int, within_ms: int | None = None
) -> dict[str, Answers | LinkError]:
    """Interview the boards on ports, all at once; return what each said, or why it did not (port first)."""

    def interview_port(port: str) -> Answers | LinkError:
        return _interview(port, Interview(host_id(), steps_by_port[port], newest, within_ms), now_ns)

    with ThreadPoolExecutor(max_workers=max(1, len(steps_by_port))) as executor:
        return dict(zip(steps_by_port, executor.map(interview_port, steps_by_port), strict=True))


def _interview(name: str, talk: Interview, now_ns: Callable[[], int]) -> Answers | LinkError:
    try:
        with Port(name) as port:
            while talk.answers is None:
                port.write(talk.receive(port.read(), steady_ms(), now_ns()))
    except LinkError as error:
        return LinkError(error.problem, name)
    return talk.answers


def ahead(answers: Answers) -> tuple[int, int] | None:
    """Return (ahead_ns, error_ns) as in PortReport; None when the board does not know the time."""
    status = answers.status
    middle_ns = (answers.asked_ns + answers.told_ns) // 2
    asking_ns = (abs(answers.told_ns - answers.asked_ns) + 1) // 2
    of_boot = [value for value in answers.newest if value.boot == status.boot]
    try:
        stamp = Timebase(logged(of_boot)).at(status.counter_us)
    except TimebaseError:
        if not status.utc_s:
            return None
        return status.utc_s * NS_PER_S + NS_PER_S // 2 - middle_ns, asking_ns + NS_PER_S // 2
    return stamp.utc_ns - middle_ns, asking_ns + stamp.uncertainty_ns


def made_on_request(value: "record.Record | None") -> tuple[str, ...]:
    """Return lines for a person about the record that a board made on request; none for None."""
    if isinstance(value, record.Edge):
        return (f"simulated passage on input {value.input}, record {value.sequence}",)
    if not isinstance(value, record.SelfTest):
        return ()
    closed = [str(number) for number in (1, 2, 3, 4) if value.inputs >> number - 1 & 1]
    never = value.pulse_s == record.NO_PULSE_S
    return (
        f"self-test, record {value.sequence}",
        f"memory {'right' if value.ram else 'WRONG'}, {value.free_bytes:,} bytes free",
        f"journal {'reads back' if value.journal else 'DOES NOT READ BACK'}",
        "no GPS pulse since the start" if never else f"last GPS pulse {value.pulse_s} s ago",
        f"closed now: input {', '.join(closed)}" if closed else "inputs idle",
    )


def silenced_text(alarms: int | None) -> tuple[str, ...]:
    """Return a line for a person about the alarms that a board has silenced on request; none for None."""
    if alarms is None:
        return ()
    names = [name for place, name in enumerate(session.ALARM_NAMES) if alarms >> place & 1]
    return (f"silent until it comes anew: {', '.join(names)}" if names else "no alarm sounds",)


def port_report(port: str, answers: Answers | LinkError) -> PortReport:
    """Return what a board says of itself, in a person's units, or why there is none."""
    if isinstance(answers, LinkError):
        return PortReport(port, answers.problem)
    if answers.refused:
        return PortReport(port, f"it refuses: {answers.refused[0]}")
    welcome, status = answers.welcome, answers.status
    ahead_ns, error_ns = ahead(answers) or (None, None)
    waiting, waiting_edges = _waiting(answers)
    place = position_of(status)
    return PortReport(
        port=port,
        error=None,
        board=welcome.board_id.hex(),
        name=name_of(welcome),
        firmware=f"{welcome.major}.{welcome.minor}.{welcome.patch}",
        state=state_of(status),
        receiver=_receiver(status),
        uncertainty_us=None if status.uncertainty_us == record.NOT_KNOWN_US else status.uncertainty_us,
        kept=max(0, status.last + 1 - status.first),
        waiting=waiting,
        waiting_edges=waiting_edges,
        battery_mv=status.battery_mv or None,
        position=None if place is None else (place[0] / E7, place[1] / E7),
        ahead_ns=ahead_ns,
        error_ns=error_ns,
        wrong=tuple(_wrong(status)),
        made=made_on_request(answers.made) or silenced_text(answers.silenced),
    )


def _receiver(status: session.Status) -> str:
    names = session.MAKER_NAMES
    return names[status.maker] if status.maker < len(names) else f"maker {status.maker}"


def _waiting(answers: Answers) -> tuple[int, int | None]:
    """Return how many records wait to be collected, and how many of them are edges, as in PortReport."""
    done = max(answers.status.acknowledged, answers.status.first - 1)
    looked_at = [value for value in answers.newest if value.sequence > done]
    unseen = max(0, (looked_at[0].sequence if looked_at else answers.status.last + 1) - 1 - done)
    telling = sum(record.kind_of(value) not in TELL_NOTHING for value in looked_at)
    edges = sum(len(record.edges_of(value)) for value in looked_at)
    return unseen + telling, None if unseen else edges


def state_of(status: session.Status) -> str:
    """Return the name of a board's sync state."""
    has_name = status.state < len(record.STATE_NAMES)
    return record.STATE_NAMES[status.state] if has_name else f"state {status.state}"


def position_of(status: session.Status) -> tuple[int, int] | None:
    """Return where a board stands, latitude and longitude in 1e-7 degree; None where it does not know."""
    place = (status.latitude_e7, status.longitude_e7)
    return place if any(place) else None


def alarms_of(status: session.Status) -> list[str]:
    """Return the names of the alarms that hold."""
    return [name for place, name in enumerate(session.ALARM_NAMES) if status.alarms >> place & 1]


def notes_of(status: session.Status) -> list[str]:
    """Return what has happened since the board's start and is no alarm any more."""
    bits = status.notes & ~status.alarms
    return [name for place, name in enumerate(session.ALARM_NAMES) if bits >> place & 1]


def twins_by_port(answers_by_port: Mapping[str, Answers | LinkError]) -> dict[str, str]:
    """Return by port the port of another board that has the same id: some flash chips were made with one number.

    A board that is asked on two ports at once is none: both tell the same start of its counter.
    """
    seen: dict[str, list[tuple[str, Answers]]] = {}
    twins: dict[str, str] = {}
    for port, answers in answers_by_port.items():
        if isinstance(answers, LinkError):
            continue
        same_id = seen.setdefault(answers.welcome.board_id.hex(), [])
        for earlier_port, earlier in same_id:
            if _is_another(answers, earlier):
                twins[port], twins[earlier_port] = earlier_port, port
        same_id.append((port, answers))
    return twins


def _is_another(answers: Answers, earlier: Answers) -> bool:
    start_us, earlier_us = (each.status.counter_us - each.told_ns // 1000 for each in (answers, earlier))
    is_same = bool(answers.status.boot == earlier.status.boot and abs(start_us - earlier_us) <= SAME_US)
    return not is_same


def _wrong(status: session.Status) -> list[str]:
    """Return what a person should look at, the time first."""
    doubts = [f"not locked: {state_of(status)}"] if status.state != record.LOCKED else []
    if status.state in (record.LOCKED, record.HOLDOVER) and not status.confirmed:
        doubts.append("second not confirmed")
    return doubts + alarms_of(status)


def clock_text(ahead_ns: int | None, error_ns: int | None) -> str:
    """Return a clock's difference as a person reads it: ms, from 10 s on seconds; "" where it is not known."""
    if ahead_ns is None or error_ns is None:
        return ""
    if abs(ahead_ns) < 10 * NS_PER_S:
        return f"{ahead_ns / 1e6:+.1f} +-{error_ns / 1e6:.1f} ms"
    return f"{ahead_ns / NS_PER_S:+,.1f} +-{error_ns / NS_PER_S:.1f} s"
