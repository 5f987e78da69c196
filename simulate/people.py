"""What people write down of a day: lists, sightings, cards; and how they err.

Lists and sightings are of cars that drove, also where the tube stamped nothing. A rate is the share of cars of which
something wrong is written. Sightings are by the person's own clock, which nobody has set for the day.
"""

from typing import NamedTuple

import numpy as np

from centesimo.model.event import Event
from centesimo.model.facts import Listed, MarshalList, Passage, Sighting
from centesimo.sightings import made
from simulate.course import FIRST_NS, MINUTE_S, S_NS, Floats, Ints, Random


class Evidence(NamedTuple):
    """What is written down; rates are shares, None: nothing of the kind."""

    first: float | None = None  # a list at the first tube of each chain
    lists: float | None = None  # a list at every tube
    keyed: float | None = None  # sightings at every tube
    some: float | None = None  # sightings at one tube in three
    copied: float = 0.0  # share of tubes at which the start order is written down, not what was seen
    cards: float | None = None  # cards at the time controls


NOTHING = Evidence()
CARDS_WRONG = 0.01
SOME = 1 / 3
TYPING_S = 0.4
CORRECTED = 0.3  # of what is keyed wrong
RATES = "first", "lists", "keyed", "some", "copied"


def evidence(words: str) -> Evidence:
    """Return the evidence of words such as "none", "first-0", "lists-3+cards", "keyed-1+copied-20": kinds and percents.

    ValueError names what is none of them.
    """
    written = NOTHING
    for part in words.split("+"):
        kind, _, percent = part.partition("-")
        if part == "none":
            continue
        if part == "cards":
            written = written._replace(cards=CARDS_WRONG)
        elif kind in RATES and percent.isdecimal():
            written = written._replace(**{kind: int(percent) / 100})
        else:
            raise ValueError(f"expected none, cards, or {', '.join(RATES)} with -PERCENT, got {part!r}")
    return written


class Seen(NamedTuple):
    """What drives over one tube, in order: crews by their start numbers, and cars that are nobody's (0)."""

    point: str
    at_s: Floats
    numbers: Ints

    def as_due(self, order: Ints) -> "Seen":
        """Return the same as whoever takes the crews to come in their start order writes them down."""
        numbers = self.numbers.copy()
        numbers[numbers > 0] = [number for number in order.tolist() if number in set(numbers.tolist())]
        return self._replace(numbers=numbers)


ALIKE = {"0": "68", "1": "74", "2": "7", "3": "85", "4": "19", "5": "63", "6": "058", "7": "12", "8": "306", "9": "4"}


def misread(random: Random, number: int) -> int:
    """Return a number as it is misread or mistyped: another digit, two exchanged, one lost or twice."""
    digits = list(str(number))
    place = int(random.integers(len(digits)))
    kind = random.random()
    if kind < 0.45:
        digits[place] = str(random.choice(list(ALIKE[digits[place]])))
    elif kind < 0.65:
        digits[place] = str(random.integers(10))
    elif kind < 0.85 and len(digits) > 1:
        beside = place - 1 if place else 1
        digits[place], digits[beside] = digits[beside], digits[place]
    elif kind < 0.95 and len(digits) > 1:
        del digits[place]
    else:
        digits.insert(place, digits[place])
    return int("".join(digits)) or 1


def marshal_list(random: Random, seen: Seen, elsewhere: Seen, rate: float) -> MarshalList:
    """Return the list of one tube; lines are misread, unreadable, missing, exchanged, doubled, another tube's."""
    numbers = [number for number in seen.numbers.tolist() if number]
    written: list[int | None] = []
    for number in numbers:
        slip = random.random() / rate if rate else 1.0
        if slip < 0.35:
            written.append(misread(random, number))
        elif slip < 0.45:
            written.append(None)  # "?"
        elif slip < 0.65:
            continue
        else:
            written.append(number)
        if slip < 0.45 or slip >= 1:
            continue
        if slip < 0.80 and len(written) > 1:
            written[-1], written[-2] = written[-2], written[-1]
        elif slip < 0.90:
            written.append(number)
        elif elsewhere.numbers.any():
            written.append(int(random.choice(elsewhere.numbers[elsewhere.numbers > 0])))
    lines = (
        Listed(seen.point, place, number, f"lists/{seen.point}.csv:{place + 1}")
        for place, number in enumerate(written, 1)
        if number is not None
    )
    return MarshalList(seen.point, tuple(lines))


class Keyed(NamedTuple):
    """One entry of a keypad before it has its place among the others."""

    at_s: float  # true time
    number: int | None
    corrects: int = -1  # place of the entry that it corrects, among those made before it
    shown_s: float | None = None  # where a correction keeps the instant of what it corrects


def sightings(random: Random, seen: Seen, person: int, rate: float) -> list[Sighting]:
    """Return what one person keys at one tube, in order of the device's counter.

    Keys follow a car by about a second, or come before it; of two cars within 4 s both are often keyed behind the
    second. Of what is wrong three in ten are seen and corrected, some seconds later. One person in three marks cars
    that are nobody's.
    """
    offset_s, error_ns = _clock(random)
    entries = _keyed(random, seen, rate)
    device = f"phone-{person}"
    name_by_place: dict[int, str] = {}
    keyed = []
    in_order = sorted(range(len(entries)), key=lambda place: entries[place].at_s)
    for counter, place in enumerate(in_order, 1):
        entry = entries[place]
        at_s = (entry.at_s if entry.shown_s is None else entry.shown_s) + offset_s
        replaces = name_by_place[entry.corrects] if entry.corrects >= 0 else None
        at_ns, source = FIRST_NS + round(at_s) * S_NS, f"sightings/{seen.point}.csv:{counter + 1}"
        who = f"marshal {person}"
        sighting = made(seen.point, entry.number, at_ns, who, device, counter, error_ns, replaces, source)
        name_by_place[place] = sighting.id
        keyed.append(sighting)
    return keyed


def _clock(random: Random) -> tuple[float, int | None]:
    """Return how far a person's clock is ahead, and the error that the person states, if one is stated."""
    kind = random.random()
    if kind < 0.6:
        offset_s = random.normal(0, 1.5)
    elif kind < 0.88:
        offset_s = random.uniform(-30, 30)
    elif kind < 0.98:
        offset_s = random.uniform(30, 300) * random.choice([-1, 1])
    else:
        offset_s = 3600.0 * random.choice([-1, 1]) + random.normal(0, 2)
    states = random.random() < (0.5 if abs(offset_s) < 3 else 0.15)
    return float(offset_s), int(random.integers(2, 6)) * S_NS if states else None


def _keyed(random: Random, seen: Seen, rate: float) -> list[Keyed]:
    """Return the entries of one tube in order of the cars."""
    count = len(seen.numbers)
    meant_s = seen.at_s + np.maximum(random.normal(1.0, 0.9, count), -2.5)
    typing_s = TYPING_S * np.arange(count)  # a number is keyed behind the one before, however near the cars are
    key_s = typing_s + np.maximum.accumulate(meant_s - typing_s)
    apart_s = np.diff(seen.at_s, append=np.inf)
    together = (apart_s < 4) & (random.random(count) < 0.5)
    slow = random.random(count) < rate / 2
    key_s += np.where(slow, random.uniform(10, 50, count), 0)
    marks, slips = random.random() < 1 / 3, random.random(count)
    entries: list[Keyed] = []
    for place, number in enumerate(seen.numbers.tolist()):
        at_s = float(key_s[place])
        if together[place] and place + 1 < count:
            at_s = float(key_s[place + 1]) - 0.3
        if not number:
            if marks and slips[place] < 0.8:
                entries.append(Keyed(at_s, None))
            continue
        slip = slips[place] / rate if rate else 1.0
        _key(random, entries, at_s, number, slip)
    return entries


def _key(random: Random, entries: list[Keyed], at_s: float, number: int, slip: float) -> None:
    """Add the entries of one car: a wrong digit, none, exchanged with the car before or its number, twice, nobody's."""
    wrong: int | None = number
    is_twice = 0.88 <= slip < 0.95
    if 0.40 <= slip < 0.65:
        return
    if slip < 0.40:
        wrong = misread(random, number)
    elif slip < 0.80 and entries and entries[-1].number:
        before = entries[-1]
        entries[-1] = before._replace(number=number)
        wrong = before.number
    elif slip < 0.88 and entries:
        wrong = entries[-1].number
    elif is_twice:
        entries.append(Keyed(at_s - random.uniform(0.5, 3), number))
    elif slip < 1.0:
        wrong = None
    entries.append(Keyed(at_s, wrong))
    if (wrong != number or is_twice) and random.random() < CORRECTED:
        _correct(random, entries, None if is_twice else number)


def _correct(random: Random, entries: list[Keyed], number: int | None) -> None:
    """Add what corrects the last entry, 4 to 40 s later; None: it is taken back.

    The right number stands instead, with the instant of what it corrects or with its own, or it is keyed anew after the
    wrong one was taken back.
    """
    place, before_s = len(entries) - 1, entries[-1].at_s
    later_s, kind = before_s + random.uniform(4, 40), random.random()
    if number is None or kind < 1 / 3:
        entries.append(Keyed(later_s, None, place))
    else:
        entries.append(Keyed(later_s, number, place, before_s if kind < 2 / 3 else None))
    if number is not None and kind < 1 / 3:
        entries.append(Keyed(later_s + random.uniform(1, 3), number))


def cards(
    random: Random, event: Event, table: str, at_s: Floats, numbers: Ints, rate: float
) -> tuple[list[Passage], dict[str, int]]:
    """Return the cards of a time control as a sheet has them, to the minute, and whose each is; some are kept off.

    A wrong one has the number of another crew, or another minute. `at_s` is NaN where a crew did not come.
    """
    valid = {entry.start_number for entry in event.entries}
    sheet, truth = [], {}
    for row in np.flatnonzero(~np.isnan(at_s)).tolist():
        number, minute = int(numbers[row]), at_s[row] // MINUTE_S
        kept_off, slip = random.random() < 0.02, random.random()
        if slip < 0.4 * rate:
            number = misread(random, number)
        elif slip < rate:
            minute += random.choice([-10, -2, -1, 1, 2, 10])
        if not kept_off and number in valid:
            at_ns = FIRST_NS + int(minute * MINUTE_S) * S_NS
            sheet.append(Passage(f"load:{table}:{row + 2}", table, at_ns, None, True, (), (), "card", number))
            truth[sheet[-1].id] = int(numbers[row])
    return sheet, truth
