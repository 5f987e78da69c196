"""Sightings: the numbers that people key as cars pass, what may be in one, and which of them stand.

A sighting is a fact like a record: insert-only, known by a digest of all it says. A correction is another one that
names the sighting which it replaces; with a start number it stands instead, without one it takes it back. What a
sighting is worth at a tube is for match to say; where no tube lies it is the passage itself (cards.py).
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from centesimo.model.facts import Sighting
from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.reading.localtime import NS_PER_S

ID_DIGITS = 16  # of a sighting's digest: an event has up to a million
HIGHEST_NUMBER = 99_999  # as entries have
HIGHEST_COUNTER = 999_999_999
MOST_ERROR_NS = 48 * 3600 * NS_PER_S
LAST_AT_NS = 2**63 - 1  # the year 2262
TEXTS = {"timing_point": 100, "person": 100, "device": 100, "source": 200}  # the most letters of each
REPLACES = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}|#[1-9][0-9]{{0,8}}")
MAY_BE_EMPTY = ("source",)


class Standing(NamedTuple):
    """What corrections leave."""

    sightings: tuple[Sighting, ...]  # that stand, in order of at_ns, then id
    unmet: tuple[Sighting, ...]  # corrections of a sighting that is not there


def made(
    timing_point: str,
    start_number: int | None,
    at_ns: int,
    person: str,
    device: str,
    counter: int,
    error_ns: int | None = None,
    replaces: str | None = None,
    source: str = "",
) -> Sighting:
    """Return the sighting of these values with its id; ValueError says which of them cannot be."""
    plain = Sighting("", timing_point, start_number, at_ns, error_ns, person, device, counter, replaces, source)
    sighting = plain._replace(id=identity(plain))
    check(sighting)
    return sighting


def identity(sighting: Sighting) -> str:
    """Return what a sighting is known by: the head of the SHA-256 of all that it says."""
    return sha256(json.dumps(sighting[1:], ensure_ascii=False).encode()).hexdigest()[:ID_DIGITS]


def check(sighting: Sighting) -> None:
    """Raise ValueError with all that cannot be in a sighting, wherever it came from."""
    if problems := list(_problems(sighting)):
        raise ValueError("; ".join(problems))


def _problems(sighting: Sighting) -> Iterator[str]:
    """Yield what cannot be in a sighting: what was expected, what came."""
    for name, most in TEXTS.items():
        yield from _of_text(name, getattr(sighting, name), most)
    wholes = (
        ("start_number", 1, HIGHEST_NUMBER, True),
        ("at_ns", 0, LAST_AT_NS, False),
        ("error_ns", 0, MOST_ERROR_NS, True),
        ("counter", 0, HIGHEST_COUNTER, False),
    )
    for name, low, high, may_lack in wholes:
        value = getattr(sighting, name)
        if not (may_lack and value is None) and not (type(value) is int and low <= value <= high):
            yield f"expected {name} as a whole number from {low} to {high}, got {_short(value)}"
    replaces = sighting.replaces
    if replaces is not None and not (isinstance(replaces, str) and REPLACES.fullmatch(replaces)):
        wanted = f"the {ID_DIGITS} hex digits of a sighting, or # and its counter on the same device"
        yield f"expected replaces as {wanted}, got {_short(replaces)}"
    elif replaces is not None and replaces.startswith("#") and not 0 < int(replaces[1:]) < sighting.counter:
        yield f"expected replaces as an earlier one than the sighting's own counter {sighting.counter}, got {replaces}"
    if sighting.id != identity(sighting):
        yield f"expected the id of all that it says, {identity(sighting)}, got {_short(sighting.id)}"


def _of_text(name: str, text: object, most: int) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"expected {name} as a text, got {_short(text)}"
    elif not text.strip() and name not in MAY_BE_EMPTY:
        yield f"expected {name}, got an empty text"
    elif len(text) > most:
        yield f"expected {name} of at most {most} letters, got {len(text)}"
    elif has_hidden(text):
        yield f"expected {name} {WITHOUT}, got {_short(text)}"


def _short(value: object) -> str:
    written = repr(value)
    return written if len(written) <= 40 else f"{written[:37]}..."


def standing(sightings: Iterable[Sighting]) -> Standing:
    """Return the sightings that stand, in any order they came; what is replaced stays replaced for ever.

    "#12" names every sighting that the same person keyed as the 12th of the same device.
    """
    by_id = {sighting.id: sighting for sighting in sightings}
    ids_by_count: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for sighting in by_id.values():
        ids_by_count[sighting.person, sighting.device, f"#{sighting.counter}"].append(sighting.id)
    replaced: set[str] = set()
    corrected: dict[str, Sighting] = {}  # by id of a correction: what it corrects
    unmet = []
    for sighting in by_id.values():
        name = sighting.replaces
        if name is None:
            continue
        named = [name] if name in by_id else ids_by_count.get((sighting.person, sighting.device, name), [])
        replaced.update(named)
        if named:
            corrected[sighting.id] = by_id[named[0]]
        else:
            unmet.append(sighting)
    left = [sighting for sighting in by_id.values() if sighting.id not in replaced and not is_taking_back(sighting)]
    counters = {sighting.id: _first(sighting, corrected).counter for sighting in left}
    left.sort(key=lambda sighting: (sighting.at_ns, counters[sighting.id], sighting.id))
    return Standing(tuple(left), tuple(sorted(unmet, key=in_order)))


def _first(sighting: Sighting, corrected: Mapping[str, Sighting]) -> Sighting:
    """Return what a correction, and what that one corrects, goes back to: it stands in the place of that."""
    while sighting.id in corrected and corrected[sighting.id].counter < sighting.counter:
        sighting = corrected[sighting.id]
    return sighting


def is_taking_back(sighting: Sighting) -> bool:
    """Say whether a sighting only takes back the one that it names."""
    return sighting.replaces is not None and sighting.start_number is None


def in_order(sighting: Sighting) -> tuple[int, str]:
    """Return what sightings are sorted by: their instants, each by its own clock."""
    return sighting.at_ns, sighting.id
