"""Worlds: how fields really come to the tubes. Each is a few lines on one generator; docs/worlds.md says what it is.

A day is a function of its world's name, its seed and what people wrote down: the road and the tubes are the same
whatever was written down. Nothing here knows how passages are attributed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from centesimo.compute import Facts
from centesimo.model.event import AS_THEY_COME, IN_TURN, SENT_OFF, Event
from centesimo.model.facts import MarshalList, Passage, Sighting
from simulate import coming
from simulate.course import Random, course, usual_size
from simulate.fields import Field, Regroup, Way, World
from simulate.people import NOTHING, SOME, Evidence, Seen, cards, marshal_list, sightings
from simulate.road import NOBODY, Faults
from simulate.tubes import Ills, stamped

OFF: Way = (coming.sent_off, SENT_OFF)
MINUTE: Way = (coming.own_minute, IN_TURN)
QUEUE: Way = (coming.queue, AS_THEY_COME)
RELEASED: Way = (coming.released, IN_TURN)
SCATTERED: Way = (coming.scattered, AS_THEY_COME)
REGROUPS: tuple[Regroup, ...] = (
    (coming.by_arrival, AS_THEY_COME),
    (coming.by_ranking, AS_THEY_COME),
    (coming.in_blocks, AS_THEY_COME),
    (coming.backwards, AS_THEY_COME),
    (coming.exchanged, ""),
    (coming.one_last, ""),
)

# Usual somewhere. Nobody tells of single crews exchanged; of a regroup the event says `as they come` from there on.
WORLDS: dict[str, World] = {
    "sent off": World(),
    "own minute": World(ways=(MINUTE,)),
    "queue": World(ways=(QUEUE,)),
    "released": World(ways=(RELEASED,)),
    "no marshal": World(ways=(SCATTERED,)),
    "field late": World(field_late=1),
    "interval late": World(field_late=1, whole_intervals=True),
    "by arrival": World(regroups=((coming.by_arrival, AS_THEY_COME),)),
    "by ranking": World(regroups=((coming.by_ranking, AS_THEY_COME),)),
    "in blocks": World(regroups=((coming.in_blocks, AS_THEY_COME),)),
    "reversed": World(regroups=((coming.backwards, AS_THEY_COME),)),
    "exchanged": World(regroups=((coming.exchanged, ""),)),
    "one last": World(regroups=((coming.one_last, ""),)),
    "walking pace": World(opening_kmh=(2, 6)),
    "1 car an hour": World(cars_per_h=1, steps_per_h=5),
    "5 cars an hour": World(cars_per_h=5, steps_per_h=5),
    "20 cars an hour": World(cars_per_h=20, steps_per_h=5),
    "60 cars an hour": World(cars_per_h=60, steps_per_h=5),
    "second race": World(second="ahead"),
    "two fields": World(second="among", field_late=0.5),
    "untimed race": World(untimed=1),
    "let pass": World(overtaken=0.05),
    "convoys": World(ways=(OFF, MINUTE), convoys=0.3),
    "detour": World(detour=0.7),
    "tubes moved": World(moved=0.8),
    "level crossing": World(barrier=0.8),
    "behind a lorry": World(lorries=1.5),
    "real day": World(
        ways=(OFF, OFF, MINUTE, QUEUE, RELEASED, SCATTERED),
        regroups=((coming.as_due, ""),) * 6 + REGROUPS,
        field_late=0.4,
        cars_per_h=8,
        steps_per_h=5,
        second="ahead",
        untimed=0.2,
        convoys=0.05,
        overtaken=0.01,
        detour=0.1,
        moved=0.1,
        barrier=0.1,
        lorries=0.2,
    ),
}
# Each meant to break whatever attributes: little tells who is who, or what tells is wrong.
UNUSUAL: dict[str, World] = {
    "queue by ranking": World(ways=(QUEUE,), regroups=((coming.by_ranking, AS_THEY_COME),)),
    "shadow race": World(untimed=1, untimed_among=True),
    "main road": World(ways=(QUEUE,), cars_per_h=200, steps_per_h=20),
    "all at once": World(
        ways=(QUEUE, SCATTERED, RELEASED),
        regroups=REGROUPS,
        field_late=1,
        opening_kmh=(2, 10),
        cars_per_h=60,
        steps_per_h=10,
        second="among",
        untimed=1,
        convoys=0.3,
        overtaken=0.05,
        detour=0.3,
        moved=0.5,
        barrier=0.5,
        lorries=1,
        faults=Faults(0.15, 0.3, 0.1, 0.1, 0.05, 0.01, 0.05, 0.03, 0.02),
    ),
    "tubes half dead": World(ills=Ills(missed=0.15, axle=0.1, deaf=0.5, flutter=0.3, steps_per_h=10)),
}


@dataclass
class WorldDay:
    """An event, what was recorded of it, what people wrote down, and the truth."""

    event: Event
    passages: list[Passage]  # of tubes, by timing point and instant
    truth: dict[str, int | None]  # start number by passage id, of cards too; None: nobody's
    beside: dict[str, int]  # by id of a passage that nobody's car began: the crew whose car is in it too
    passed_ns: dict[tuple[int, str], int]  # when a crew passed a timing point, whether its tube stamped it or not
    words: dict[str, str]  # `order` by the id of the control that opens a chain
    lists: list[MarshalList] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    cards: list[Passage] = field(default_factory=list)

    def facts(self) -> Facts:
        """Return what the program is given: no truth, and no records, as the passages are already read."""
        loaded = (*self.passages, *self.cards)
        return Facts(self.event, tuple(self.lists), {}, loaded, sightings=tuple(self.sightings))


def day(name: str, evidence: Evidence = NOTHING, seed: int = 0, word: str = "") -> WorldDay:
    """Return a day of a world; `word`: what the event says of the order at every chain, in place of what is so."""
    world = (WORLDS | UNUSUAL)[name]
    random = np.random.default_rng([seed, *name.encode()])
    its_course = course(random, usual_size(random, world.second))
    driven = Field(random, world, its_course)
    for place in range(len(its_course.chains)):
        driven.drive(place)
    ills = world.ills._replace(steps_per_h=max(world.steps_per_h, world.ills.steps_per_h))
    passages, whose = stamped(random, its_course.event.timing_points, driven.made, ills)
    words = {chain.opening: word or usual for chain, usual in zip(its_course.chains, driven.words, strict=True)}
    event, truth = _with_words(its_course.event, words), whose.crew_by_passage
    made = WorldDay(event, passages, truth, whose.beside, driven.passed_ns(), words)
    _write(made, driven, evidence, [seed, *name.encode()])
    return made


def days(name: str, evidence: Evidence, passages: int, seed: int = 0, word: str = "") -> Iterator[WorldDay]:
    """Yield days of a world, of consecutive seeds, until they have that many passages of crews."""
    count = 0
    while count < passages:
        made = day(name, evidence, seed, word)
        count += sum(number is not None for number in made.truth.values()) - len(made.cards)
        seed += 1
        yield made


def _with_words(event: Event, words: dict[str, str]) -> Event:
    """Return an event that says its order words."""
    controls = (
        replace(control, order=words[control.id]) if control.id in words else control for control in event.controls
    )
    return replace(event, controls=tuple(controls))


def _write(made: WorldDay, driven: Field, evidence: Evidence, seed: list[int]) -> None:
    """Let people write down what drove; each kind has a stream of chance of its own."""
    its_course = driven.course
    seen = _seen(driven)
    random = np.random.default_rng([*seed, *b"copied"])
    for point, seen_there in seen.items():
        if random.random() < evidence.copied:
            seen[point] = seen_there.as_due(its_course.numbers)
    opening = {chain.points[0] for chain in its_course.chains}
    everywhere = seen.keys() if evidence.first is None else seen.keys() - opening
    for rate, kind, points in ((evidence.first, "first", opening), (evidence.lists, "lists", everywhere)):
        random = np.random.default_rng([*seed, *kind.encode()])
        if rate is not None:
            made.lists += [_list(random, seen, point, rate) for point in sorted(points)]
    for rate, kind, share in ((evidence.keyed, "keyed", 1.0), (evidence.some, "some", SOME)):
        random = np.random.default_rng([*seed, *kind.encode()])
        for person, point in enumerate(sorted(seen), 1):
            if rate is not None and random.random() < share:
                made.sightings += sightings(random, seen[point], person, rate)
    random = np.random.default_rng([*seed, *b"cards"])
    if evidence.cards is not None:
        for place, chain in enumerate(its_course.chains):
            sheet, whose = cards(
                random, made.event, chain.table, driven.tables_s[:, place], its_course.numbers, evidence.cards
            )
            made.cards += sheet
            made.truth |= whose


def _list(random: Random, seen: dict[str, Seen], point: str, rate: float) -> MarshalList:
    """Return the list of a tube; a line too many comes from the list of any other one."""
    elsewhere = seen[str(random.choice([tube for tube in seen if tube != point]))]
    return marshal_list(random, seen[point], elsewhere, rate)


def _seen(driven: Field) -> dict[str, Seen]:
    """Return what people see drive over each tube: crews' own passages, and vehicles that are nobody's."""
    at_points, at_s, numbers, own, _ = driven.made.whole()
    seen = {}
    for place, point in enumerate(driven.course.event.timing_points):
        rows = np.flatnonzero((at_points == place) & (own | (numbers == NOBODY)))
        if point.board is not None:
            seen[point.id] = Seen(point.id, at_s[rows], numbers[rows])
    return seen
