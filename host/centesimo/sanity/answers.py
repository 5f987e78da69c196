"""What would settle that a point is off: a board's times shifted, or another ideal time in event.toml.

Suggestions for an official, the likeliest first, none where no decision fits: a shift is of a whole board, so a tube
that shares its board with others has none, nor has what came little by little.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from centesimo.event import Control, Event
from centesimo.facts import Passage
from centesimo.reading.localtime import NS_PER_S
from centesimo.rulebook.rules import plain
from centesimo.sanity.causes import IDEAL_TIME, Cause
from centesimo.sanity.lags import Lag
from centesimo.sanity.offsets import Offset
from centesimo.suggested import WHY, typed

WHOLE_CS, TENTH_CS = 100, 10
NEAR_CS = 20  # what is nearer to a whole second is one: a slip is of a digit, or of an interval


def of_lag(lag: Lag) -> tuple[str, ...]:
    """Return the ideal time that the cars drove: another one by whole seconds, or else by tenths."""
    more_cs = lag.more_ns * 100 / NS_PER_S
    whole_cs, tenths_cs = (round(more_cs / unit) * unit for unit in (WHOLE_CS, TENTH_CS))
    is_whole = abs(more_cs - whole_cs) <= NEAR_CS
    return (_edit(lag.control, (lag.control.ideal_cs or 0) + (whole_cs if is_whole else tenths_cs)),)


def of_offset(event: Event, offset: Offset, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return what would take an offset away, by each of its causes: the whole of it, to the millisecond."""
    if offset.from_ns is not None and offset.from_ns != offset.until_ns:
        return ()
    stamped = [one for one in passages if one.edges and one.at_ns is not None]
    return tuple(one for cause in offset.pattern.causes for one in _of_cause(event, offset, cause, stamped))


def _of_cause(event: Event, offset: Offset, cause: Cause, stamped: list[Passage]) -> Iterator[str]:
    late_cs = cause.sign * offset.size_cs
    if cause.kind == IDEAL_TIME:
        control = next(one for one in event.controls if one.id == cause.name)
        if offset.from_ns is None and control.ideal_cs is not None:
            yield _edit(control, control.ideal_cs + round(late_cs))
        return
    boards = {one.id: one.board for one in event.timing_points}
    board = boards.get(cause.name, cause.name)
    alone = [one for one, its in boards.items() if its == board] == [cause.name]
    ats_ns = [one.at_ns or 0 for one in stamped if one.edges[0].board == board]
    if ats_ns and (alone or cause.name == board):
        first_ns = max(min(ats_ns), offset.from_ns or 0) // NS_PER_S * NS_PER_S
        last_ns = (max(ats_ns) // NS_PER_S + 1) * NS_PER_S
        period = f"{typed(event, first_ns)} {typed(event, last_ns)}"
        yield f"centesimo amend shift {board} {period} {WHY} -- {-late_cs / 100:.3f}"


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
