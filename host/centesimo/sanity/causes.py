"""What could make the crews of a whole field late or early alike: an ideal time, a timing point, a board.

A wrong ideal time shows at its own trial only. A tube, or the input that it is on, that stamps late makes the trial
that it closes longer and the one that it opens shorter by as much; a board does so with all its points, and a trial
between two of them does not change. Causes that would show alike cannot be told apart by times: they are one Pattern.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from centesimo.model.about_points import BOARD, IDEAL_TIME, TIMING_POINT, Cause, Pattern, Signs
from centesimo.model.event import Control, Event


def patterns(event: Event, controls: Sequence[Control]) -> list[Pattern]:
    """Return the patterns that these controls can show: those of single trials first, in driving order."""
    causes_by_signs: dict[Signs, list[Cause]] = defaultdict(list)
    for control in controls:
        _add(causes_by_signs, {control.id: 1}, IDEAL_TIME, control.id)
    used = {point for control in controls for point in (control.opens, control.closes)}
    points_by_board: dict[str, list[str]] = defaultdict(list)
    for point in event.timing_points:
        if point.id in used:
            _add(causes_by_signs, _effect(controls, {point.id}), TIMING_POINT, point.id)
            points_by_board[point.board or ""].append(point.id)
    for board, points in points_by_board.items():
        if board and len(points) > 1:
            _add(causes_by_signs, _effect(controls, set(points)), BOARD, board)
    return [Pattern(signs, tuple(causes)) for signs, causes in causes_by_signs.items()]


def touched(event: Event, names: Collection[str]) -> set[str]:
    """Return the ids of the controls that have one of these names, or use a timing point or board that has."""
    points = {point.id for point in event.timing_points if point.id in names or point.board in names}
    return {control.id for control in event.controls if control.id in names or points & {control.opens, control.closes}}


def _effect(controls: Sequence[Control], points: set[str]) -> dict[str, int]:
    """Return how the deviation of each control changes when these points stamp late by 1."""
    effect = {control.id: (control.closes in points) - (control.opens in points) for control in controls}
    return {control: sign for control, sign in effect.items() if sign}


def _add(causes_by_signs: dict[Signs, list[Cause]], effect: Mapping[str, int], kind: str, name: str) -> None:
    if effect:
        first = next(iter(effect.values()))
        signs = tuple((control, sign * first) for control, sign in effect.items())
        causes_by_signs[signs].append(Cause(kind, name, first))
