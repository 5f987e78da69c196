"""Suggested answers where a point is off: a command that shifts a board's times, or an edit of an ideal time.

The likeliest comes first. There is none where no decision fits: a shift is of a whole board, so a tube that shares its
board with other tubes cannot be shifted alone, and what came little by little has no one shift.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from shlex import quote

from centesimo.decide.command_text import WHY, typed, typed_board
from centesimo.model.about_points import BOARD, IDEAL_TIME, Cause, HourOff, Lag, Offset, Pattern
from centesimo.model.event import Control, Event
from centesimo.model.facts import Passage
from centesimo.reading.localtime import NS_PER_S
from centesimo.reading.numbers import plain
from centesimo.sanity.causes import patterns
from centesimo.sanity.lags import TOGETHER_NS

WHOLE_CS, TENTH_CS = 100, 10
NEAR_CS = 20  # what is nearer to a whole second is one: a slip is of a digit, or of an interval


def of_hour(event: Event, off: HourOff, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return the commands that put right what a clock timed which is whole hours off: a file's times, or a board's."""
    there = [passage for passage in passages if passage.timing_point in off.timing_points and passage.at_ns is not None]
    by_s = plain(Decimal(-off.late_ns) / NS_PER_S)
    answers = []
    for file in dict.fromkeys(passage.id.split(":")[1] for passage in there if passage.id.startswith("load:")):
        points = [None] if off.is_all else list(off.timing_points)
        at_points = [f"--at {quote(point)} " if point else "" for point in points]
        answers += [f"centesimo amend shift-file {file} {by_s} {at_point}{WHY}" for at_point in at_points]
    stamped = [passage for passage in there if passage.edges]
    for board in dict.fromkeys(passage.edges[0].board for passage in stamped):
        answers += _shift(event, Cause(BOARD, board, 1), off.late_ns * 100 / NS_PER_S, stamped)
    return tuple(answers)


def of_lag(event: Event, lag: Lag, every: Sequence[Lag], passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return the answers to a trial that the field drove in another time: the ideal time driven, and shifts of boards.

    The ideal time is changed by whole seconds, or by tenths where no whole second fits. A board's shift comes first
    where, of `every` lag, those of the neighbouring trials are just what that board would cause.
    """
    more_cs = lag.more_ns * 100 / NS_PER_S
    whole_cs, tenths_cs = (round(more_cs / unit) * unit for unit in (WHOLE_CS, TENTH_CS))
    size_cs = whole_cs if abs(more_cs - whole_cs) <= NEAR_CS else tenths_cs
    stamped = [passage for passage in passages if passage.edges and passage.at_ns is not None]
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
    """Yield the patterns that contain the trial of a lag and whose trials all lag by the same amount."""
    more_ns = {trial_lag.control.id: trial_lag.more_ns for trial_lag in every}
    for pattern in patterns(event, [control for control in event.controls if control.opens]):
        controls = {control for control, _ in pattern.signs}
        if lag.control.id in controls and controls <= more_ns.keys():
            sizes = [sign * more_ns[control] for control, sign in pattern.signs]
            if max(sizes) - min(sizes) <= TOGETHER_NS:
                yield pattern


def of_offset(event: Event, offset: Offset, passages: Iterable[Passage]) -> tuple[str, ...]:
    """Return the answers that would remove an offset, one for each of its causes; shifts are to the millisecond."""
    if offset.from_ns is not None and offset.from_ns != offset.until_ns:
        return ()
    stamped = [passage for passage in passages if passage.edges and passage.at_ns is not None]
    return tuple(answer for cause in offset.pattern.causes for answer in _of_cause(event, offset, cause, stamped))


def _of_cause(event: Event, offset: Offset, cause: Cause, stamped: Sequence[Passage]) -> Iterator[str]:
    late_cs = cause.sign * offset.size_cs
    if cause.kind != IDEAL_TIME:
        yield from _shift(event, cause, late_cs, stamped, offset.from_ns or 0)
        return
    control = next(control for control in event.controls if control.id == cause.name)
    if offset.from_ns is None and control.ideal_cs is not None:
        yield _edit(control, control.ideal_cs + round(late_cs))


def _shift(event: Event, cause: Cause, late_cs: float, stamped: Sequence[Passage], from_ns: int = 0) -> Iterator[str]:
    """Yield the command that shifts a board's times by -late_cs (1/100 s); none where only one of its tubes is off."""
    boards = {point.id: point.board for point in event.timing_points}
    board = boards.get(cause.name) or cause.name
    is_whole = cause.kind == BOARD or [point for point, stamping in boards.items() if stamping == board] == [cause.name]
    ats_ns = [passage.at_ns or 0 for passage in stamped if passage.edges[0].board == board]
    if ats_ns and is_whole:
        first_ns = max(min(ats_ns), from_ns) // NS_PER_S * NS_PER_S
        last_ns = (max(ats_ns) // NS_PER_S + 1) * NS_PER_S
        period = f"{typed(event, first_ns)} {typed(event, last_ns)}"
        yield f"centesimo amend shift {typed_board(event, board)} {period} {-late_cs / 100:.3f} {WHY}"


def _edit(control: Control, ideal_cs: int) -> str:
    """Return what to edit in event.toml for another ideal time: itself, or what it follows from (distance, class)."""
    more_cs = ideal_cs - (control.ideal_cs or 0)
    if control.how_set or control.ideal_by_class:
        what = "distance or speed" if control.how_set else "ideal_s of each class"
        more = f"{_s(abs(more_cs))} s {'more' if more_cs > 0 else 'less'}"
        return f"edit event.toml: {what} of {control.id}, for {more}"
    return f"edit event.toml: ideal_s = {_s(ideal_cs)} of {control.id}, not {_s(control.ideal_cs or 0)}"


def _s(time_cs: int) -> str:
    return plain(Decimal(time_cs) / 100)
