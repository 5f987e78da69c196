"""What the sentences about what people keyed and wrote are put together from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from centesimo.model import about_people as about
from centesimo.model.event import Event
from centesimo.model.facts import Sighting
from centesimo.model.findings import Finding
from centesimo.model.said import joined, said
from centesimo.words import english
from centesimo.words.instants import OF_SECOND, date_and_time, time_of_day

NAMED = 6  # that are written out; more are counted
DATE_OF_SECOND = len("2027-05-23 10:05:58")
Parts = dict[str, str | int]


def keyed_nowhere(keyed: about.KeyedNowhere, finding: Finding, event: Event) -> Parts:
    """Return who keyed what when."""
    return {"keyed": _keyed(event, keyed.sightings)}


def keyed_nobody(keyed: about.KeyedNobody, finding: Finding, event: Event) -> Parts:
    """Return the sighting."""
    return {"keyed": _of_one(event, keyed.sighting)}


def replaced_missing(missing: about.ReplacedMissing, finding: Finding, event: Event) -> Parts:
    """Return the sighting, what it replaces, and what that means."""
    return {
        "keyed": _of_one(event, missing.sighting),
        "replaces": missing.sighting.replaces or "",
        "meaning": said(english.TAKES_NOTHING_BACK if missing.takes_back else english.COUNTS_ALONE),
    }


def device_twice(twice: about.DeviceTwice, finding: Finding, event: Event) -> Parts:
    """Return what both have counted, and who keyed where."""
    people = sorted({said(english.PERSON_AT, person=person, timing_point=point) for person, point in twice.people})
    return {"counts": _listed([str(counter) for counter in twice.counters]), "who": _listed(people)}


def keyed_away(away: about.KeyedAway, finding: Finding, event: Event) -> Parts:
    """Return who keyed what when."""
    return {"keyed": _keyed(event, away.sightings)}


def keyed_twice(twice: about.KeyedTwice, finding: Finding, event: Event) -> Parts:
    """Return which numbers were keyed more than once, and when."""
    crews = [
        said(
            english.NUMBER_AT,
            start_number=sightings[0].start_number,
            clocks=_listed([_clock(event, sighting) for sighting in sightings]),
        )
        for sightings in twice.repeated
    ]
    return {"crews": _listed(crews, "; ")}


def keyed_clock(clock: about.KeyedClock, finding: Finding, event: Event) -> Parts:
    """Return how far a clock is off, and at which points it shows."""
    return {"off": clock_words(clock.ahead_ns), "where": ", ".join(clock.points)}


def clock_words(ahead_ns: int) -> str:
    """Return how far a clock is off: "1 h 0 min 2 s ahead of", "0.8 s behind"."""
    seconds, tenths = divmod(round(abs(ahead_ns) / 100_000_000), 10)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    template = english.SECONDS if seconds < 60 else english.HOURS if hours else english.MINUTES
    size = said(template, hours=hours, minutes=minutes, whole_s=seconds, tenths=tenths, seconds=seconds % 60)
    return said(english.AHEAD_OF if ahead_ns >= 0 else english.BEHIND, size=size)


def list_of_strangers(strangers: about.ListOfStrangers, finding: Finding, event: Event) -> Parts:
    """Return the list and its strangers."""
    return {
        "list": _lists((strangers.timing_point,)),
        "strangers": _crews(strangers.start_numbers, strangers.crews),
    }


def list_elsewhere(elsewhere: about.ListElsewhere, finding: Finding, event: Event) -> Parts:
    """Return the crews in another place, whose order it is, and of which list it may be a copy."""
    likely, same = elsewhere.likely, elsewhere.same
    return {
        "list": _lists((elsewhere.timing_point,)),
        "moved": _crews(elsewhere.start_numbers, elsewhere.crews),
        "order": said(english.ORDER_OF, timing_point=likely) if likely is not None else "",
        "copy": said(english.COPY_OF, lists=_lists(same)) if same else "",
    }


def lists_against_due(against: about.ListsAgainstDue, finding: Finding, event: Event) -> Parts:
    """Return the lists that are the same."""
    return {"list": _lists((against.timing_point,)), "lists": _lists(against.same)}


def _keyed(event: Event, sightings: Sequence[Sighting]) -> str:
    """Return who keyed what when: "Anna keyed 3 numbers on phone from 2027-05-24 10:05:58 to 10:20:01"."""
    first, last = (
        date_and_time(sighting.at_ns, event.timezone)[:DATE_OF_SECOND] for sighting in (sightings[0], sightings[-1])
    )
    template = english.KEYED_ONE if len(sightings) == 1 else english.KEYED_SEVERAL
    return said(
        template,
        people=_listed(sorted({sighting.person for sighting in sightings})),
        count=len(sightings),
        devices=_listed(sorted({sighting.device for sighting in sightings})),
        first=first,
        last=last,
    )


def _of_one(event: Event, sighting: Sighting) -> str:
    """Return one sighting as it is named: "A1: Anna keyed 341 on phone at 10:05:58"."""
    number = said(english.NOBODYS) if sighting.start_number is None else sighting.start_number
    return said(
        english.KEYED,
        timing_point=sighting.timing_point,
        person=sighting.person,
        number=number,
        device=sighting.device,
        clock=_clock(event, sighting),
    )


def _clock(event: Event, sighting: Sighting) -> str:
    return time_of_day(sighting.at_ns, event.timezone)[:OF_SECOND]


def _crews(start_numbers: Sequence[int], of_crews: int) -> str:
    named = _listed([str(number) for number in start_numbers])
    return said(english.OF_ITS_CREWS, count=len(start_numbers), of_crews=of_crews, start_numbers=named)


def _lists(points: Iterable[str]) -> str:
    return joined(said(english.AND_LIST), [f"lists/{point}.csv" for point in points])


def _listed(texts: Sequence[str], between: str = ", ") -> str:
    more = said(english.MORE, count=len(texts) - NAMED) if len(texts) > NAMED else ""
    return joined(between, texts[:NAMED]) + more


PARTS: Mapping[type, Callable[[Any, Finding, Event], Parts]] = {
    about.KeyedNowhere: keyed_nowhere,
    about.KeyedNobody: keyed_nobody,
    about.ReplacedMissing: replaced_missing,
    about.DeviceTwice: device_twice,
    about.KeyedAway: keyed_away,
    about.KeyedTwice: keyed_twice,
    about.KeyedClock: keyed_clock,
    about.ListOfStrangers: list_of_strangers,
    about.ListElsewhere: list_elsewhere,
    about.ListsAgainstDue: lists_against_due,
}
