"""What the sentences about passages and their crews are put together from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from centesimo.model import about_passages as about
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.model.findings import Candidate, Finding
from centesimo.model.said import joined, said
from centesimo.words import english
from centesimo.words.instants import date_and_time, time_of_day

NAMED = 12  # candidates, and points of one car, that are written out; more are counted
TOLD = 0.01  # a chance that is told
Parts = dict[str, str | int]


def places(passages: Iterable[Passage], timezone: ZoneInfo) -> str:
    """Return where and when passages were: "T1 at 10:05:58.60, T2 at 10:06:40.02"."""
    return joined(
        ", ",
        [
            said(english.PLACE, timing_point=passage.timing_point, clock=time_of_day(passage.at_ns, timezone))
            if passage.at_ns is not None
            else passage.timing_point
            for passage in passages
        ],
    )


def fits_no_crew(ghost: about.FitsNoCrew, finding: Finding, event: Event) -> Parts:
    """Return where it was, what is odd about it, and whose it may be all the same."""
    flags = list(dict.fromkeys(flag for passage in ghost.passages for flag in passage.flags))
    crews = _listed(_ranked(_likeliest(finding.candidates)))
    return {
        "places": places(ghost.passages, event.timezone),
        "flags": said(english.FLAGS, flags=joined(", ", map(said, flags))) if flags else "",
        "unless": said(english.UNLESS, crews=crews) if finding.candidates else "",
    }


def hours_away(away: about.HoursAway, finding: Finding, event: Event) -> Parts:
    """Return how many passages there are, from when to when, with their dates."""
    first, last = (date_and_time(at_ns, event.timezone) for at_ns in (away.first_ns, away.last_ns))
    template = english.PASSAGES if away.passages > 1 else english.PASSAGE
    return {"when": said(template, passages=away.passages, first=first, last=last)}


def whose(cars: about.Whose, finding: Finding, event: Event) -> Parts:
    """Return where the cars were and who may have driven them.

    Of one car it says how likely each crew is, passage by passage where that differs: it may be another's from some
    point on.
    """
    if len(cars.cars) > 1:
        return _of_several(cars.cars, finding.candidates, event.timezone)
    return _of_one(cars.cars[0], finding.candidates, event.timezone)


def _of_one(car: Sequence[Passage], candidates: Sequence[Candidate], timezone: ZoneInfo) -> Parts:
    """Return the parts for one car: "A1 at 10:05:58.60: whose is it? Candidates: crew 12 (62%), nobody (30%)."."""
    crews = {
        passage.id: _crews([candidate for candidate in candidates if candidate.passage == passage.id])
        for passage in car
    }
    runs = [
        (text, [passage.timing_point for passage in run])
        for text, run in groupby(car, key=lambda passage: crews[passage.id])
    ]
    (first, _), *rest = runs[:NAMED]
    later = joined("", [said(english.FROM_HERE, points=", ".join(points), crews=text) for text, points in rest])
    return {"places": places(car[:1], timezone), "candidates": joined("", (first, later))}


def _of_several(cars: Sequence[Sequence[Passage]], candidates: Sequence[Candidate], timezone: ZoneInfo) -> Parts:
    """Return the parts for several cars, with all crews that one of them may be."""
    where = places([car[0] for car in cars[:3]], timezone)
    if len(cars) > 3:
        where += said(english.TO_LAST, count=len(cars) - 3, last=places([cars[-1][0]], timezone))
    numbers = {candidate.start_number for candidate in candidates}
    crews = sorted(number for number in numbers if number is not None)
    names = [_name(number) for number in crews]
    if len(crews) > NAMED:
        names = [said(english.CREWS, count=len(crews), first=crews[0], last=crews[-1])]
    nobody = [said(english.NOBODY)] if None in numbers else []
    return {"places": where, "candidates": _listed([*names, *nobody])}


def _crews(candidates: Sequence[Candidate]) -> str:
    """Return who the candidates of one passage are, and what is left for others: together not over 100 %."""
    rest = 1 - sum(candidate.chance for candidate in candidates)
    another = [_likely(said(english.ANOTHER), rest)] if candidates and rest >= TOLD else []
    return _listed([*_ranked(candidates), *another])


def _ranked(candidates: Sequence[Candidate]) -> list[str]:
    """Return candidates with their chances, the likeliest first."""
    ranked = sorted(candidates, key=lambda candidate: (-candidate.chance, candidate.start_number or 0))
    return [_likely(_name(candidate.start_number), candidate.chance) for candidate in ranked]


def _likeliest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return of each crew what is likeliest: it may have made several passages of one car."""
    rising = sorted(candidates, key=lambda candidate: candidate.chance)
    return list({candidate.start_number: candidate for candidate in rising}.values())


def _likely(crew: str, chance: float) -> str:
    """Return a candidate with its chance in whole percent, what follows them cut."""
    return said(english.LIKELY, crew=crew, percent=floor(round(100 * chance, 6)))


def _name(start_number: int | None) -> str:
    return said(english.NOBODY) if start_number is None else said(english.CREW, start_number=start_number)


def _listed(names: Sequence[str]) -> str:
    more = said(english.MORE, count=len(names) - NAMED) if len(names) > NAMED else ""
    return joined("", (joined(", ", names[:NAMED]) if names else said(english.ANYBODY), more))


def not_seen(crew: about.NotSeen, finding: Finding, event: Event) -> Parts:
    """Return at which points a crew was not seen."""
    return {"where": where_not_seen(crew)}


def where_not_seen(crew: about.NotSeen) -> str:
    """Return at which points a crew was not seen: "at T3, T4", "at any point from T1 to T4"."""
    if len(crew.missing) == len(crew.points) > 1:
        return said(english.AT_NO_POINT, first=crew.points[0], last=crew.points[-1])
    return said(english.AT_POINTS, points=", ".join(crew.missing))


def timed_twice(twice: about.TimedTwice, finding: Finding, event: Event) -> Parts:
    """Return where and when each of two devices has a crew."""
    beside, kept = (places([passage], event.timezone) for passage in (twice.beside, twice.kept))
    return {"places": beside, "source": twice.kept.source, "kept_at": kept}


def named_twice(twice: about.NamedTwice, finding: Finding, event: Event) -> Parts:
    """Return where and when the passages were."""
    return {"places": places(twice.passages, event.timezone)}


def not_expected(stranger: about.NotExpected, finding: Finding, event: Event) -> Parts:
    """Return where and when the passage was, and its id."""
    passage = stranger.passage
    return {
        "places": places([passage], event.timezone),
        "start_number": passage.start_number or 0,
        "id": passage.id,
    }


def without_passage(listed: about.WithoutPassage, finding: Finding, event: Event) -> Parts:
    """Return which lines of a list these are, and their numbers."""
    first, *rest = listed.lines
    return {
        "source": ", ".join([first.source, *(line.source.rpartition(":")[2] for line in rest)]),
        "start_numbers": ", ".join(str(line.start_number) for line in listed.lines),
        "without": said(english.ARE_WITHOUT if rest else english.IS_WITHOUT),
        "timing_point": first.timing_point,
    }


def line_disagrees(disagrees: about.LineDisagrees, finding: Finding, event: Event) -> Parts:
    """Return why a line is not borne out, and whom the times name instead."""
    line, by_times = disagrees.line, disagrees.by_times
    return {
        "source": line.source,
        "start_number": line.start_number,
        "doubt": said(english.LINE_DOUBTS[disagrees.why]),
        "timing_point": line.timing_point,
        "instead": said(english.BY_TIMES, start_number=by_times) if by_times is not None else "",
    }


def listed_twice(listed: about.ListedTwice, finding: Finding, event: Event) -> Parts:
    """Return how often and in which lines a number stands on a list."""
    return {"times": len(listed.sources), "lines": ", ".join(listed.sources)}


def passage_unused(unused: about.PassageUnused, finding: Finding, event: Event) -> Parts:
    """Return why a passage is not used."""
    return {"reason": said(english.WHY_UNUSED[unused.why])}


PARTS: Mapping[type, Callable[[Any, Finding, Event], Parts]] = {
    about.FitsNoCrew: fits_no_crew,
    about.HoursAway: hours_away,
    about.Whose: whose,
    about.NotSeen: not_seen,
    about.TimedTwice: timed_twice,
    about.NamedTwice: named_twice,
    about.NotExpected: not_expected,
    about.WithoutPassage: without_passage,
    about.LineDisagrees: line_disagrees,
    about.ListedTwice: listed_twice,
    about.PassageUnused: passage_unused,
}
