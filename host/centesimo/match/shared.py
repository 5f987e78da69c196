"""What a list says of cars on their own, weighed with the due times once more: one slip counts once.

A line too many or too few puts the lines of all cars behind it beside the next car, up to the next slip. Each of these
lines then says the same of its car: it is the crew before, or behind, the one that the due times say. Together they
say so as surely as one of them.
"""

from collections.abc import Sequence
from itertools import groupby
from math import inf

from centesimo.match.crews import TOGETHER_S
from centesimo.match.links import Track
from centesimo.match.lists import Said
from centesimo.match.model import NOBODY, Crew

NEXT = 3  # crews this many places from the one that a run of lines says are due to the same slip

Chances = Sequence[dict[int, float]]


def of_single(heard: Sequence[Said | None], tracks: Sequence[Track]) -> list[Said | None]:
    """Return what was heard for sure of tracks with no other close by.

    One slip of a list says something of several cars close together: weighed for each, it would count many times.
    """
    ats_s = [-inf, *(track.at_s for track in tracks), inf]
    return [
        said if said and said.is_decisive and min(at_s - before_s, after_s - at_s) > TOGETHER_S else None
        for said, before_s, at_s, after_s in zip(heard, ats_s, ats_s[1:], ats_s[2:], strict=False)
    ]


def once(heard: Sequence[Said | None], chances: Chances, crews: Sequence[Crew]) -> list[Said | None]:
    """Return what was heard; where a run of cars is one or more places off by a list, each run counts as one line.

    `chances`: what the due times say of each track.
    """
    rank_by_crew = _ranks(crews)
    told = [place for place, said in enumerate(heard) if said]
    shifts = groupby(told, lambda place: _shift(heard[place], chances[place], rank_by_crew))
    runs = [(shift, list(places)) for shift, places in shifts]
    if not any(shift and len(places) > 1 for shift, places in runs):
        return list(heard)
    found = list(heard)
    for _, places in runs:
        for place in places:
            if said := heard[place]:
                found[place] = _tempered(said, 1 / len(places), crews, rank_by_crew)
    return found


def _ranks(crews: Sequence[Crew]) -> dict[int, int]:
    """Return the place of each crew in its own field, by its index."""
    count_by_field: dict[int, int] = {}
    rank_by_crew = {}
    for who, crew in enumerate(crews):
        rank_by_crew[who] = count_by_field[crew.field] = count_by_field.get(crew.field, -1) + 1
    return rank_by_crew


def _shift(said: Said | None, its: dict[int, float], rank_by_crew: dict[int, int]) -> int | None:
    """Return how many places behind the crew that the due times say that of a list stands."""
    best = max(said.by_number, key=said.by_number.__getitem__) if said else NOBODY
    expected = max(its, key=its.__getitem__)
    return rank_by_crew[best] - rank_by_crew[expected] if best >= 0 and expected >= 0 else None


def _tempered(said: Said, power: float, crews: Sequence[Crew], rank_by_crew: dict[int, int]) -> Said:
    """Return what a list says with less weight against the crews that are due next to the one that it says."""
    best = max(said.by_number, key=said.by_number.__getitem__)
    most = said.by_number[best]
    found = dict(said.by_number)
    for who, value in said.by_number.items():
        is_rival = who >= 0 <= best and crews[who].field == crews[best].field and value > 0
        if is_rival and 0 < abs(rank_by_crew[who] - rank_by_crew[best]) <= NEXT:
            found[who] = most * (value / most) ** power
    return Said(found, said.rest)
