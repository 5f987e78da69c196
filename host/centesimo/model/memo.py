"""Results of steps, kept with what they were made of: what did not change is not computed again.

A result is used again only when all its inputs are equal to those it was made of, so it is what the step would give
now. Inputs must not be changed afterwards; equal parts that are the same objects compare at once.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Result = TypeVar("Result")


class Memo:
    """The results of the last computation, by a key that names the step and the part."""

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._now: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self.made: list[Hashable] = []  # keys that were computed since the last turn, for who wants to know

    def turn(self) -> None:
        """Begin a computation: what the one before it did not use is forgotten."""
        self._last, self._now = self._now, {}
        self.made = []

    def __call__(self, key: Hashable, step: Callable[..., Result], *inputs: Any) -> Result:
        """Return step(*inputs), from the last computation if the inputs under this key were equal."""
        kept = self._last.get(key)
        if kept is None or kept[0] != inputs:
            kept = (inputs, step(*inputs))
            self.made.append(key)
        self._now[key] = kept
        result: Result = kept[1]
        return result
