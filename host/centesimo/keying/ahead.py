"""Who is next at a timing point, for whoever keys: a help to the eye that decides nothing.

Crews come as they came to the tube before, as far as numbers were keyed there, and after those in due order. Where the
field is now is where the middle one of the last crews stands in that order, so one crew that comes late or early moves
nothing.
"""

from collections.abc import Collection, Sequence
from statistics import median_low
from typing import NamedTuple

from centesimo.model.course import Chain, chains, windows
from centesimo.model.event import Event
from centesimo.model.facts import Sighting

LAST = 5  # crews that tell where the field is


class Ahead(NamedTuple):
    """Start numbers that have not been keyed at a timing point, each in the order in which they are expected."""

    coming: tuple[int, ...]
    passed_by: tuple[int, ...]  # the field is past them


class Course:
    """The chains of an event, read once; which of them a timing point belongs to hangs on the hour."""

    def __init__(self, event: Event) -> None:
        self.chains = chains(event)
        self._windows = windows(self.chains)

    def find_chain(self, point: str, now_ns: int) -> Chain | None:
        """Return the chain of a timing point whose crews are due nearest to now; None where no control stands."""
        at_point = self._windows.get(point, ())
        return self.chains[min(at_point, key=lambda window: window.away_ns(now_ns)).chain] if at_point else None

    def points_with(self, points: Collection[str]) -> frozenset[str]:
        """Return these timing points and all that share a chain with one of them."""
        shared = (chain.points for chain in self.chains if set(chain.points) & set(points))
        return frozenset((*points, *(point for along in shared for point in along)))


def ahead(chain: Chain, point: str, standing: Sequence[Sighting], out: Collection[int]) -> Ahead:
    """Return who is next at a point of a chain; `out` are crews that have retired."""
    order = [number for number in _order(chain, point, standing) if number not in out]
    place_by_number = {number: place for place, number in enumerate(order)}
    seen = [sighting.start_number for sighting in standing if sighting.timing_point == point]
    places = [place_by_number[number] for number in seen if number in place_by_number]
    here = median_low(places[-LAST:]) if places else -1
    left = [number for number in order if number not in set(seen)]
    coming = tuple(number for number in left if place_by_number[number] > here)
    return Ahead(coming, tuple(number for number in left if place_by_number[number] < here))


def _order(chain: Chain, point: str, standing: Sequence[Sighting]) -> list[int]:
    """Return the crews of a chain as they came to the nearest point before this one where numbers were keyed."""
    due = [crew.start_number for crew in chain.crews]
    for before in reversed(chain.points[: chain.points.index(point)]):
        numbers = [sighting.start_number for sighting in standing if sighting.timing_point == before]
        came = [number for number in dict.fromkeys(numbers) if number in due]
        if came:
            return [*came, *(number for number in due if number not in came)]
    return due
