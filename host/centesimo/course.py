"""What a race drives in a leg, control after control: whether that can be driven, and where chains begin.

Controls stand in the order in which they are driven. A timed trial that opens where the control before it closes is
chained to it; any other one opens a chain and needs `after_min`, from which its first passages are expected. No timing
point comes twice in a leg: two passages of one crew at one point could not be told apart.
"""

from collections.abc import Sequence

from centesimo.event import TIMED_TRIAL, Control
from centesimo.tables import Table

Placed = tuple[Control, Table]  # a control and where it was read
MINUTE_NS = 60_000_000_000
HUNDREDTH_NS = 10_000_000


def check_courses(legs: Sequence[str], races: Sequence[str], controls: Sequence[Placed]) -> None:
    """Note every mistake in the order of the controls, at the control's own line."""
    opening: set[int] = set()  # lines of the controls that open a chain, at least for one race
    for leg in legs:
        for race in races:
            driven = [(control, table) for control, table in controls if control.leg == leg and race in control.races]
            opening |= _check_course(driven)
    for control, table in controls:
        if control.kind != TIMED_TRIAL or not control.opens or not control.races:
            continue
        if table.line() in opening and control.after_ns is None:
            why = f"minutes from a crew's start to {control.opens}, as {control.id} opens a chain"
            table.wrong("", f"expected after_min in {table.title}, {why}; got none")
        if table.line() not in opening and control.after_ns is not None:
            why = f"as it opens where the control before it closes, at {control.opens}"
            table.wrong("after_min", f"expected no after_min in {table.title}, {why}; got one")


def _check_course(driven: Sequence[Placed]) -> set[int]:
    """Check what one race drives in one leg; return the lines of the trials that open a chain."""
    opening: set[int] = set()
    passed: dict[str, Control] = {}  # timing point -> the control that was first there
    before: Control | None = None
    until_ns = 0  # when the control before is over, after the start of the crew
    for control, table in driven:
        chained = before is not None and control.opens == before.closes
        if control.opens and not chained:
            opening.add(table.line())
            _pass(control, table, "opens", control.opens, passed)
        if before is None or control.opens or control.closes != before.closes:
            _pass(control, table, "closes" if control.opens else "at", control.closes, passed)
        if control.after_ns is not None:
            if before is not None and control.after_ns < until_ns:
                why = f"when {before.id} is over"
                got = f"got {_minutes(control.after_ns)}"
                table.wrong("after_min", f"expected after_min not before {_minutes(until_ns)}, {why}; {got}")
            until_ns = max(until_ns, control.after_ns)
        until_ns += (control.ideal_cs or 0) * HUNDREDTH_NS
        before = control
    return opening


def _pass(control: Control, table: Table, key: str, point: str, passed: dict[str, Control]) -> None:
    """Note a timing point that was passed before."""
    first = passed.setdefault(point, control)
    turns = key == "closes" and point == control.opens
    if not point or (first is control and not turns):
        return
    if turns:
        why = f"expected {control.id} to close at another timing point than it opens, got {point} twice"
    elif key == "opens" and first.closes == point:
        why = (
            f"expected {control.id} right after {first.id}, which closes where it opens, at {point}; got others between"
        )
    else:
        why = f"expected every timing point once in a leg, got {point} again, where {first.id} was before"
    table.wrong(key, why)


def _minutes(after_ns: int) -> str:
    return f"{after_ns / MINUTE_NS:g}"
