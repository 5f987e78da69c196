"""A question as a value."""

from typing import Any, NamedTuple


class Question(NamedTuple):
    """One question to an official, with its suggested answers and what depends on it."""

    text: str  # one sentence, for an official
    where: str  # timing point, or control from which on
    start_numbers: tuple[int, ...]
    open_scores: int  # that the answer settles
    placed: int  # crews that get a place by it, as nothing else of theirs is open
    command: str  # the suggested answer
    otherwise: str = ""  # what settles some of it when the suggested answer cannot be given; "": nothing does
    further: tuple[str, ...] = ()  # the rest of the suggested answer, where it takes several decisions
    hanging: int = 0  # scores, open or not, that are only as right as the point that it is about

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**self._asdict(), "start_numbers": list(self.start_numbers), "further": list(self.further)}
