"""Spellings of one name: teams and nations that differ only in Unicode form, spaces or capitals are the same.

A class or a category differs by capitals too, as event.toml writes it. What differs in more may be two: near_doubles
names them for a person to judge.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from centesimo.model.event import Entry

SHORT = 3  # letters of a word, below which another letter is another word: "Team A" and "Team B"


def tidy(written: str) -> str:
    """Return a name in Unicode form C, with one space between words."""
    return " ".join(unicodedata.normalize("NFC", written).split())


def key_of(name: str) -> str:
    """Return what two spellings of one name share, whatever their Unicode form, spaces and capitals."""
    return tidy(unicodedata.normalize("NFKC", name)).casefold()


def spelt_alike(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with each team and nation in one spelling: the one that most crews have, or else the first."""
    entries = [
        replace(
            entry,
            team=tidy(entry.team),
            nation=tidy(entry.nation),
            car_class=tidy(entry.car_class),
            category=tidy(entry.category),
        )
        for entry in entries
    ]
    team_by_key = _usual(entry.team for entry in entries)
    nation_by_key = _usual(entry.nation for entry in entries)
    return [
        replace(entry, team=team_by_key[key_of(entry.team)], nation=nation_by_key[key_of(entry.nation)])
        for entry in entries
    ]


def _usual(names: Iterable[str]) -> dict[str, str]:
    """Return by key the spelling that comes most often; of several the first."""
    spellings: dict[str, Counter[str]] = {}
    for name in names:
        spellings.setdefault(key_of(name), Counter())[name] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in spellings.items()}


def near_doubles(entries: Iterable[Entry]) -> Iterator[tuple[str, str, str]]:
    """Yield (column, name, name) of teams and nations that look like one with a slip of the pen."""
    entries = list(entries)
    for column in ("team", "nation"):
        names = sorted({getattr(entry, column) for entry in entries} - {""})
        yield from ((column, first, second) for first, second in combinations(names, 2) if _is_near(first, second))


def _is_near(first: str, second: str) -> bool:
    """Say whether two names differ in signs or accents alone, or in one letter of one word."""
    words = [[_plain(word) for word in key_of(name).split()] for name in (first, second)]
    if "".join(words[0]) == "".join(words[1]):
        return True
    differing = [pair for pair in zip(*words, strict=False) if pair[0] != pair[1]]
    if len(words[0]) != len(words[1]) or len(differing) != 1:
        return False
    return min(map(len, differing[0])) >= SHORT and _is_slip(*sorted(differing[0], key=len))


def _is_slip(shorter: str, longer: str) -> bool:
    """Say whether two words without digits are one letter apart, or have two letters the other way round."""
    if len(longer) - len(shorter) > 1 or any(letter.isdigit() for letter in shorter + longer):
        return False
    at = next((place for place, letter in enumerate(shorter) if letter != longer[place]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    is_swapped = shorter[at : at + 2] == longer[at : at + 2][::-1] and shorter[at + 2 :] == longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or is_swapped


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", _without_accents(word))


def _without_accents(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
