"""What the host raises when it cannot go on; only the command line catches it and prints it as one line."""


class TimingError(Exception):
    """Something that a person must mend first; the message says what was expected, what came, where, what to do."""


class EventError(TimingError):
    """An event folder that does not fit docs/event.md; `problems` holds every one as `path:line: why`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RuleBookError(EventError):
    """A rule book that does not fit docs/rulebook.md; `problems` holds every one as `path:line: why`."""


class StoreError(TimingError):
    """A store that cannot be opened, read or added to."""


class AlteredError(StoreError):
    """What a store holds is not what was put in; `problem` says which, the message what to do too."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem}; see centesimo verify")
        self.problem = problem


class DecidedMeanwhileError(StoreError):
    """Another decision was stored since the facts were read by which this one was checked."""


class LinkError(TimingError):
    """A port or a board that does not answer as a board does; `problem` says what, the message names the port first."""

    def __init__(self, problem: str, port: str = "") -> None:
        super().__init__(f"{port}: {problem}" if port else problem)
        self.problem, self.port = problem, port


class LoadError(TimingError):
    """A file of passages or a marshal's list that cannot be read; names path:line of every mistake."""


class DecisionError(TimingError):
    """A decision that cannot be taken: it names what is not there, or contradicts one that stands."""


class SecretError(TimingError):
    """A file of secrets that cannot be used, or a board that has a secret which is not in it."""
