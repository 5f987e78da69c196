"""What would settle that a point is off: a board's times shifted, or another ideal time in event.toml.

Suggestions for an official, the likeliest first, none where no decision fits: a shift is of a whole board, so a tube
that shares its board with others has none, nor has what came little by little.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from centesimo.decide.command_text import WHY, typed
from centesimo.model.event import Control, Event
from centesimo.model.facts import Passage
from centesimo.reading.localtime import NS_PER_S
from centesimo.rulebook.rules import plain
from centesimo.sanity.causes import BOARD, IDEAL_TIME, Cause, Pattern, patterns
from centesimo.sanity.lags import TOGETHER_NS, Lag
from centesimo.sanity.offsets import Offset

WHOLE_CS, TENTH_CS = 100, 10
NEAR_CS = 20  # what is nearer to a whole second is one: a slip is of a digit, or of an interval


def of_lag(event: Event, lag: Lag, every: Sequence[Lag], passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return the ideal time that the cars drove, by whole seconds or else by tenths, and boards' times put back.

    A board comes first where of `every` one the trials beside this one lag too, as that board would make them.
    """
    more_cs = lag.more_ns * 100 / NS_PER_S
    whole_cs, tenths_cs = (round(more_cs / unit) * unit for unit in (WHOLE_CS, TENTH_CS))
    size_cs = whole_cs if abs(more_cs - whole_cs) <= NEAR_CS else tenths_cs
    stamped = [one for one in passages if one.edges and one.at_ns is not None]
    beside: list[str] = []
    alone: list[str] = []
    for pattern in _fitting(event, lag, every):
        sign = dict(pattern.signs)[lag.control.id]
        for cause in pattern.causes:
            if cause.kind != IDEAL_TIME:
                shift = _shift(event, cause, cause.sign * sign * size_cs, stamped)
                (beside if len(pattern.signs) > 1 else alone).extend(shift)
    edit = _edit(lag.control, (lag.control.ideal_cs or 0) + size_cs)
    return (*beside, edit) if beside else (edit, *alone)


def _fitting(event: Event, lag: Lag, every: Sequence[Lag]) -> Iterator[Pattern]:
    """Yield the patterns that have a trial and lag alike at all theirs."""
    more_ns = {one.control.id: one.more_ns for one in every}
    for pattern in patterns(event, [one for one in event.controls if one.opens]):
        controls = {control for control, _ in pattern.signs}
        if lag.control.id in controls and controls <= more_ns.keys():
            sizes = [sign * more_ns[control] for control, sign in pattern.signs]
            if max(sizes) - min(sizes) <= TOGETHER_NS:
                yield pattern


def of_offset(event: Event, offset: Offset, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return what would take an offset away, by each of its causes: the whole of it, to the millisecond."""
    if offset.from_ns is not None and offset.from_ns != offset.until_ns:
        return ()
    stamped = [one for one in passages if one.edges and one.at_ns is not None]
    return tuple(one for cause in offset.pattern.causes for one in _of_cause(event, offset, cause, stamped))


def _of_cause(event: Event, offset: Offset, cause: Cause, stamped: Sequence[Passage]) -> Iterator[str]:
    late_cs = cause.sign * offset.size_cs
    if cause.kind != IDEAL_TIME:
        yield from _shift(event, cause, late_cs, stamped, offset.from_ns or 0)
        return
    control = next(one for one in event.controls if one.id == cause.name)
    if offset.from_ns is None and control.ideal_cs is not None:
        yield _edit(control, control.ideal_cs + round(late_cs))


def _shift(event: Event, cause: Cause, late_cs: float, stamped: Sequence[Passage], from_ns: int = 0) -> Iterator[str]:
    """Yield the shift that puts a board's times back that stamps late; none of one that stamps for other tubes too."""
    boards = {one.id: one.board for one in event.timing_points}
    board = boards.get(cause.name, cause.name)
    is_whole = cause.kind == BOARD or [one for one, its in boards.items() if its == board] == [cause.name]
    ats_ns = [one.at_ns or 0 for one in stamped if one.edges[0].board == board]
    if ats_ns and is_whole:
        first_ns = max(min(ats_ns), from_ns) // NS_PER_S * NS_PER_S
        last_ns = (max(ats_ns) // NS_PER_S + 1) * NS_PER_S
        period = f"{typed(event, first_ns)} {typed(event, last_ns)}"
        yield f"centesimo amend shift {board} {period} {-late_cs / 100:.3f} {WHY}"


def _edit(control: Control, ideal_cs: int) -> str:
    """Return the edit of an ideal time; one that is not written as such is changed where it comes from."""
    more_cs = ideal_cs - (control.ideal_cs or 0)
    if control.how_set or control.ideal_by_class:
        what = "distance or speed" if control.how_set else "ideal_s of each class"
        more = f"{_s(abs(more_cs))} s {'more' if more_cs > 0 else 'less'}"
        return f"edit event.toml: {what} of {control.id}, for {more}"
    return f"edit event.toml: ideal_s = {_s(ideal_cs)} of {control.id}, not {_s(control.ideal_cs or 0)}"


def _s(time_cs: int) -> str:
    return plain(Decimal(time_cs) / 100)
