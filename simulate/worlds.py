"""Worlds: how fields really come to the tubes. Each is a few lines on one generator; docs/worlds.md says what it is.

A day is a function of its world's name, its seed and what people wrote down: the road and the tubes are the same
whatever was written down. Nothing here knows how passages are attributed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from centesimo.compute import Facts
from centesimo.model.event import Control, Event
from centesimo.model.facts import MarshalList, Passage, Sighting
from simulate import coming
from simulate.course import Random, course, usual_size
from simulate.fields import AS_THEY_COME, IN_TURN, Field, World
from simulate.people import NOTHING, Evidence, Seen, cards, marshal_list, sightings
from simulate.road import NOBODY
from simulate.tubes import Ills, stamped

WORLDS: dict[str, World] = {
    "sent off": World(),
    "own minute": World(((coming.own_minute, IN_TURN),)),
    "queue": World(((coming.queue, AS_THEY_COME),)),
}
UNUSUAL: dict[str, World] = {}


@dataclass
class Day:
    """An event, what was recorded of it, what people wrote down, and the truth."""

    event: Event
    passages: list[Passage]  # of tubes, by timing point and instant
    truth: dict[str, int | None]  # start number by passage id, of cards too; None: nobody's
    passed_ns: dict[tuple[int, str], int]  # when a crew passed a timing point, whether its tube stamped it or not
    words: dict[str, str]  # `order` by the id of the control that opens a chain
    lists: list[MarshalList] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    cards: list[Passage] = field(default_factory=list)

    def facts(self) -> Facts:
        """Return what the program is given: no truth, and no records, as the passages are already read."""
        given: dict[str, Any] = {"sightings": tuple(self.sightings)} if "sightings" in Facts._fields else {}
        return Facts(self.event, tuple(self.lists), {}, (*self.passages, *self.cards), **given)


def day(name: str, evidence: Evidence = NOTHING, seed: int = 0, word: str = "") -> Day:
    """Return a day of a world; `word`: what the event says of the order at every chain, in place of what is so."""
    world = (WORLDS | UNUSUAL)[name]
    random = np.random.default_rng([seed, *name.encode()])
    its_course = course(random, usual_size(random, world.second))
    driven = Field(random, world, its_course)
    for place in range(len(its_course.chains)):
        driven.drive(place)
    passages, truth = stamped(random, its_course.event.timing_points, driven.made, Ills(steps_per_h=world.steps_per_h))
    words = {chain.opening: word or its for chain, its in zip(its_course.chains, driven.words, strict=True)}
    made = Day(_with_words(its_course.event, words), passages, truth, driven.passed_ns(), words)
    _write(made, driven, evidence, [seed, *name.encode()])
    return made


def days(name: str, evidence: Evidence, passages: int, seed: int = 0, word: str = "") -> Iterator[Day]:
    """Yield days of a world, of consecutive seeds, until they have that many passages of crews."""
    count = 0
    while count < passages:
        made = day(name, evidence, seed, word)
        count += sum(number is not None for number in made.truth.values()) - len(made.cards)
        seed += 1
        yield made


def _with_words(event: Event, words: dict[str, str]) -> Event:
    """Return an event that says its order words."""
    if "order" not in Control.__slots__:
        return event
    said: dict[str, Any] = {name: {"order": word} for name, word in words.items()}
    return replace(event, controls=tuple(replace(one, **said.get(one.id, {})) for one in event.controls))


def _write(made: Day, driven: Field, evidence: Evidence, seed: list[int]) -> None:
    """Let people write down what drove; each kind has a stream of chance of its own."""
    its_course = driven.course
    seen = _seen(driven)
    opening = {chain.points[0] for chain in its_course.chains}
    by_rate = ((evidence.first, "first", opening), (evidence.lists, "lists", seen.keys()))
    for rate, kind, points in by_rate:
        random = np.random.default_rng([*seed, *kind.encode()])
        if rate is not None:
            made.lists += [_list(random, seen, point, rate) for point in sorted(points)]
    random = np.random.default_rng([*seed, *b"keyed"])
    if evidence.keyed is not None:
        for person, point in enumerate(sorted(seen), 1):
            made.sightings += sightings(random, seen[point], person, evidence.keyed)
    random = np.random.default_rng([*seed, *b"cards"])
    if evidence.cards is not None:
        for place, chain in enumerate(its_course.chains):
            found, whose = cards(
                random, made.event, chain.table, driven.tables_s[:, place], its_course.numbers, evidence.cards
            )
            made.cards += found
            made.truth |= whose


def _list(random: Random, seen: dict[str, Seen], point: str, rate: float) -> MarshalList:
    """Return the list of a tube; a line too many comes from the list of any other one."""
    elsewhere = seen[str(random.choice([one for one in seen if one != point]))]
    return marshal_list(random, seen[point], elsewhere, rate)


def _seen(driven: Field) -> dict[str, Seen]:
    """Return what people see drive over each tube: crews' own passages, and vehicles that are nobody's."""
    at_points, at_s, numbers, own, _ = driven.made.whole()
    found = {}
    for place, point in enumerate(driven.course.event.timing_points):
        rows = np.flatnonzero((at_points == place) & (own | (numbers == NOBODY)))
        if point.board is not None:
            found[point.id] = Seen(point.id, at_s[rows], numbers[rows])
    return found
