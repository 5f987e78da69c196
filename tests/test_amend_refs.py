"""How a local time, a passage and an amendment are named: across midnight, the change of clocks, and wrongly."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from centesimo.amend.references import find_decision, find_passage, instant_ns
from centesimo.model.errors import DecisionError
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.words.instants import clock_at, dated_at
from tests.decisions import EVENT, decided

S_NS = 1_000_000_000
# In Rome clocks skip 02:00-03:00 on 28 March 2027, and show it twice on 31 October: in summer time from 00:00 UTC, in
# winter time from 01:00 UTC.
AUTUMN, SPRING, MAY = date(2027, 10, 31), date(2027, 3, 28), date(2027, 5, 23)
TWICE_S = (AUTUMN.toordinal() - date(1970, 1, 1).toordinal()) * 86_400  # 00:00 UTC: 02:00 in summer time


def on(*days: date) -> Event:
    """Return the event with a leg on each of these days, all of which drive the same controls."""
    legs = tuple(replace(EVENT.legs[0], id=f"L{number}", date=day) for number, day in enumerate(days, 1))
    return replace(EVENT, legs=legs, controls=tuple(replace(one, leg=leg.id) for leg in legs for one in EVENT.controls))


# name: (day of the leg, written, what is said)
REFUSED = {
    "an hour that is skipped": (
        SPRING,
        "02:30:00",
        "that the clocks show once, got 02:30:00 on 2027-03-28 in Europe/Rome, which the clocks skip as summer time "
        "begins",
    ),
    "an hour that is there twice": (
        AUTUMN,
        "02:30:00",
        "got 02:30:00 on 2027-10-31 in Europe/Rome, which the clocks show twice as summer time ends: "
        "write 2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00",
    ),
    "which of two nights": (
        MAY,
        "00:10:05",
        "with its date, as 00:10:05 is long before the first start: 2027-05-23T00:10:05 or 2027-05-24T00:10:05",
    ),
    "more than two days": (MAY, "48:00:00", "as local time HH:MM:SS.cc, up to 47:59:59.99 in the night after, or as"),
    "71 minutes": (MAY, "25:71", "as local time HH:MM:SS.cc, up to 47:59:59.99 in the night after, or as"),
    "one digit": (MAY, "9:10:00", "as local time HH:MM:SS.cc"),
    "nothing": (MAY, "", "or as 2027-05-23T10:05:58.60, got nothing"),
    "an offset that is none": (MAY, "2027-05-23T10:00:00+99:00", "as local time HH:MM:SS.cc"),
    "before all calendars": (MAY, "0001-01-01T00:00:00+02:00", "near the event's days"),
    "after all calendars": (MAY, "9999-12-31T24:00:00", "that the clocks show once"),
    "a day that is none": (MAY, "2027-02-30T10:00:00", "on a day of the calendar, got 2027-02-30"),
    "an offset without a date": (MAY, "10:00:00+02:00", "as local time HH:MM:SS.cc"),
    "of another month": (MAY, "2027-07-01T10:00:00", "near the event's days, 2027-05-23 to 2027-05-23, got 2027-07"),
}


@pytest.mark.parametrize(("day", "written", "says"), REFUSED.values(), ids=REFUSED)
def test_a_time_that_never_was_or_was_twice_is_refused(day: date, written: str, says: str) -> None:
    with pytest.raises(DecisionError) as refused:
        instant_ns(on(day), written, what="--received")
    assert f"expected --received {says}" in str(refused.value) or says in str(refused.value)
    assert str(refused.value).startswith("expected --received ")


def test_on_several_days_a_time_needs_its_date() -> None:
    with pytest.raises(DecisionError) as refused:
        instant_ns(on(MAY, AUTUMN), "10:00", what="FROM")
    assert str(refused.value) == (
        "expected FROM with its date, as the event has several days: 2027-05-23T10:00 or 2027-10-31T10:00, got 10:00"
    )


# name: (written, the instant in UTC)
INSTANTS = {
    "the first of two": ("2027-10-31T02:30:00+02:00", "2027-10-31 00:30:00"),
    "the second of two": ("2027-10-31T02:30:00+01:00", "2027-10-31 01:30:00"),
    "UTC": ("2027-10-31T01:30:00.50Z", "2027-10-31 01:30:00.500000"),
    "the night after": ("24:10:05", "2027-10-31 23:10:05"),  # winter time
    "the night after a date": ("2027-10-30T25:30", "2027-10-30 23:30:00"),  # summer time
}


@pytest.mark.parametrize(("written", "expected"), INSTANTS.values(), ids=INSTANTS)
def test_a_local_time_is_one_instant(written: str, expected: str) -> None:
    at_us = instant_ns(on(AUTUMN), written) // 1000
    assert str(datetime(1970, 1, 1) + timedelta(microseconds=at_us)) == expected


def at(name: str, seconds: int) -> Passage:
    """Return a passage at A1 so many s after 00:00 UTC of 31 October, 02:00 of the local time that comes twice."""
    return Passage(name, "A1", (TWICE_S + seconds) * S_NS, 1000, True, (), (), "watch")


FIRST, SECOND, NIGHT = at("first", 1800), at("second", 5400), at("night", 86_100)  # 02:30, 02:30 again, 00:55

# written: (which one is found; "": none, what is said)
NAMED = {
    "A1@2027-10-31T02:30:00+02:00": ("first", ""),
    "A1@2027-10-31T02:30+01:00": ("second", ""),
    "A1@24:55": ("night", ""),
    "A1@00:55:00": ("night", ""),
    "A1@2027-10-31 24:55:00,00": ("night", ""),
    "A1@2027-10-31T24:55:00": ("night", ""),
    "A1@02:30": ("", "got 2: first at 2027-10-31T02:30:00.000000+02:00, second at 2027-10-31T02:30:00.000000+01:00"),
    "A1@2027-10-31T02:30Z": (
        "",
        "expected local time as HH:MM:SS.cc after A1@, as far as it is known, or A1@2027-10-31T",
    ),
    "A1@02:30+01:00": ("", "expected local time as HH:MM:SS.cc after A1@"),
    "A1@48:30": ("", "expected local time as HH:MM:SS.cc after A1@"),
    "A1@": ("", "got nothing"),
    "A1@2027-02-30T24:10:05": ("", "expected A1@ on a day of the calendar, got 2027-02-30"),
    "A1@9999-12-31T24:10:05": ("", "expected A1@ on a day of the calendar, got 9999-12-31"),
    "A1@23:55:00": ("", "expected a passage at A1@23:55:00, got none; the nearest: "),
}


@pytest.mark.parametrize(("written", "found", "says"), [(key, *its) for key, its in NAMED.items()], ids=NAMED)
def test_a_passage_is_named_by_its_local_time(written: str, found: str, says: str) -> None:
    if found:
        assert find_passage(on(AUTUMN), [FIRST, SECOND, NIGHT], written).id == found
        return
    with pytest.raises(DecisionError) as refused:
        find_passage(on(AUTUMN), [FIRST, SECOND, NIGHT], written)
    assert says in str(refused.value)


def test_an_hour_that_is_there_twice_is_shown_with_its_offset() -> None:
    event = on(AUTUMN)
    assert clock_at(event, FIRST.at_ns) == "02:30:00.00+02:00"
    assert clock_at(on(AUTUMN, MAY), SECOND.at_ns) == "2027-10-31 02:30:00.00+01:00"
    assert dated_at(event, SECOND.at_ns) == "2027-10-31 02:30+01:00"
    assert dated_at(event, NIGHT.at_ns) == "2027-11-01 00:55"
    assert (clock_at(event, None), dated_at(event, None)) == ("", "")


def test_an_amendment_is_named_by_the_begin_of_its_id() -> None:
    one = decided("cancel", control="PC1")
    assert find_decision([one], one.id[:6]) is one
    for written, says in (("x", "whose id begins with x, got none"), ("", "by the begin of its id, got none")):
        with pytest.raises(DecisionError, match=f"expected one amendment {says}; centesimo amend list has their ids"):
            find_decision([one], written)
