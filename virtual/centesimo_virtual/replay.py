"""A real receiver's log, cut into the seconds that it names and given true instants.

The log's own UTC is the truth where its status is A; what comes before the first fix is spaced a second apart before
it. Every byte is sent as it was logged, also what is damaged; lines that begin with # are notes of the log's keeper.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import pynmea2  # type: ignore[import-untyped]

from centesimo_virtual.scenario import NS, ScenarioError


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a receiver said for one instant of its own time; `fix`: with status A, so that a pulse marks the instant."""

    at_ns: int  # true time
    fix: bool
    messages: tuple[bytes, ...]


@dataclass(slots=True)
class _Second:
    """The sentences of one time of day as they stand in the log."""

    clock: time | None
    day: date | None
    fix: bool
    messages: list[bytes]

    def named_ns(self) -> int | None:
        if self.clock is None or self.day is None:
            return None
        at = datetime.combine(self.day, self.clock, UTC)
        return int(at.replace(microsecond=0).timestamp()) * NS + at.microsecond * 1000


@lru_cache(maxsize=8)
def epochs(path: Path) -> tuple[Epoch, ...]:
    """Return a log's seconds in order of their true instants; ScenarioError if it never has a fix with a date."""
    spoken = list(_spoken(path))
    first = next((n for n, second in enumerate(spoken) if second.fix and second.named_ns() is not None), None)
    if first is None:
        raise ScenarioError(f"{path}: expected a log with a fix (RMC of status A), got none")
    base_ns = spoken[first].named_ns() or 0
    seconds = []
    before_ns = base_ns - (first + 1) * NS
    for number, second in enumerate(spoken):
        named_ns = second.named_ns()
        trusted = number >= first and named_ns is not None and named_ns > before_ns
        at_ns = named_ns if trusted and named_ns is not None else before_ns + NS
        seconds.append(Epoch(at_ns, second.fix and at_ns == named_ns, tuple(second.messages)))
        before_ns = at_ns
    return tuple(seconds)


def log_span(path: Path) -> tuple[int, int]:
    """Return the true instants (ns) of a log's first and last second: a scenario for it starts and ends around them."""
    seconds = epochs(path)
    return seconds[0].at_ns, seconds[-1].at_ns


def _spoken(path: Path) -> Iterator[_Second]:
    current = _Second(None, None, False, [])
    for line in path.read_bytes().splitlines(keepends=True):
        if line.startswith(b"#"):
            continue
        sentence = _parsed(line)
        clock = getattr(sentence, "timestamp", None)
        if isinstance(clock, time) and clock.replace(tzinfo=None) != current.clock:
            if current.messages:
                yield current
            # The date of the second before holds until this one's own RMC or ZDA.
            current = _Second(clock.replace(tzinfo=None), current.day, False, [])
        current.messages.append(line)
        if sentence is not None and sentence.sentence_type == "RMC":
            current.fix = sentence.status == "A"
            if isinstance(sentence.datestamp, date):
                current.day = sentence.datestamp
    if current.messages:
        yield current


def _parsed(line: bytes) -> pynmea2.TalkerSentence | None:
    try:
        sentence = pynmea2.parse(line.decode("ascii").strip(), check=True)
    except (pynmea2.ParseError, UnicodeDecodeError):
        return None
    return sentence if isinstance(sentence, pynmea2.TalkerSentence) else None
