"""What a race drives in a leg, control after control: whether that can be driven, and where chains begin.

Controls stand in the order in which they are driven. A timed trial that opens where the control before it closes is
chained to it; any other one opens a chain and needs `after_min`, from which its first passages are expected. No timing
point comes twice in a leg: two passages of one crew at one point could not be told apart.
"""

from collections.abc import Sequence

from centesimo.model.event import AVERAGE_TRIAL, Control
from centesimo.reading.toml_tables import Table

Placed = tuple[Control, Table]  # a control and where it was read
MINUTE_NS = 60_000_000_000
HUNDREDTH_NS = 10_000_000


def check_courses(legs: Sequence[str], races: Sequence[str], controls: Sequence[Placed]) -> None:
    """Note each control that cannot be driven where it stands in its leg, at the control's own line."""
    opening: set[int] = set()  # lines of the controls that open a chain, at least for one race
    for leg in legs:
        for race in races:
            driven = [(control, table) for control, table in controls if control.leg == leg and race in control.races]
            opening |= _check_course(driven)
    for control, table in controls:
        if not control.opens or not control.races:
            continue
        if table.line() in opening and control.after_ns is None:
            where = _average(control) if control.kind == AVERAGE_TRIAL else table.title
            why = f"minutes from a crew's start to {control.opens}, as {control.id} opens a chain"
            table.wrong("", f"expected after_min in {where}, {why}; got none")
        if table.line() not in opening and control.after_ns is not None:
            where = _average(control) if control.kind == AVERAGE_TRIAL else table.title
            why = f"as it opens where the control before it closes, at {control.opens}"
            table.wrong("after_min", f"expected no after_min in {where}, {why}; got one")


def _average(control: Control) -> str:
    return f"[[control]] {control.series}"


def follows(control: Control, before: Control | None) -> bool:
    """Say whether a trial goes on where the one before it in the course closed, or is of the same average trial."""
    if before is None or control.opens is None:
        return False
    same = control.kind == AVERAGE_TRIAL == before.kind and control.series == before.series
    return same or control.opens == before.closes


def _check_course(driven: Sequence[Placed]) -> set[int]:
    """Check what one race drives in one leg; return the lines of the trials that open a chain."""
    opening: set[int] = set()
    passed: dict[str, Control] = {}  # timing point -> the control that was first there
    before: Control | None = None
    opened_ns = until_ns = 0  # when the control before begins and is over, after the start of the crew
    for control, table in driven:
        if control.opens and not follows(control, before):
            opening.add(table.line())
            _pass(control, table, "opens", control.opens, passed)
        if before is None or control.opens or control.closes != before.closes:
            _pass(control, table, _closing(control), control.closes, passed)
        if control.after_ns is not None:
            _check_due(control, table, before, until_ns)
            until_ns = max(until_ns, control.after_ns)
        if before is None or control.opens is None or control.opens != before.opens:
            opened_ns = until_ns
        until_ns = opened_ns + (control.ideal_cs or 0) * HUNDREDTH_NS
        before = control
    return opening


def _closing(control: Control) -> str:
    """Return the key by which a control names the point that closes it."""
    if control.kind == AVERAGE_TRIAL:
        return "point"
    return "closes" if control.opens else "at"


def _check_due(control: Control, table: Table, before: Control | None, until_ns: int) -> None:
    """Note a control that is due before the one ahead of it is over."""
    if before is not None and control.after_ns is not None and control.after_ns < until_ns:
        got = f"got {_minutes(control.after_ns)}"
        table.wrong("after_min", f"expected after_min not before {_minutes(until_ns)}, when {before.id} is over; {got}")


def _pass(control: Control, table: Table, key: str, point: str, passed: dict[str, Control]) -> None:
    """Note a timing point that was passed before."""
    first = passed.setdefault(point, control)
    turns = key in ("closes", "point") and point == control.opens
    if not point or (first is control and not turns):
        return
    if turns:
        why = f"expected {control.id} to close at another timing point than it opens, got {point} twice"
    elif key == "opens" and first.closes == point:
        why = (
            f"expected {control.id} right after {first.id}, which closes where it opens, at {point}; got others between"
        )
    else:
        why = (
            f"expected every timing point once in a leg, got {point} again, where {first.id} was before; a tube that "
            "is passed again is another timing point, with from"
        )
    table.wrong(key, why)


def _minutes(after_ns: int) -> str:
    return f"{after_ns / MINUTE_NS:g}"
