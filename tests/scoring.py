"""A road for scoring tests: named timing points, crews and passages at seconds after 09:00 local time."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from centesimo.model.basis import DUE
from centesimo.model.decisions import KINDS, Action
from centesimo.model.event import TIME_CONTROL, TIMED_TRIAL, Control, Entry, Event, Leg, Race, Start, TimingPoint
from centesimo.model.facts import Attribution, Passage, Score
from centesimo.rulebook import RuleBook, read_rulebook
from centesimo.score import score

NINE_AT_NS = 1_811_055_600_000_000_000  # 2027-05-23T07:00:00Z, 09:00 in Rome: 20,961 days and 7 h
DAY_NS = 86_400_000_000_000
LEGS = (Leg("L1", "Leg 1", date(2027, 5, 23)), Leg("L2", "Leg 2", date(2027, 5, 24)))
POINTS = ("A1", "A2", "A3", "C1")

HEAD = """\
title = "Test rules"
extends = "aci-regularity-2021"
"""
LATENESS = """\
[time_control]
max_lateness_min = 30
"""


def at_ns(seconds: str | int | Decimal, leg: int = 0) -> int:
    """Return the instant so many seconds after 09:00 of the leg's day, exactly."""
    return NINE_AT_NS + leg * DAY_NS + int(Decimal(seconds) * 1_000_000_000)


def trial(name: str, opens: str, closes: str, ideal_cs: int, leg: str = "L1") -> Control:
    """Return a timed trial of race R."""
    return Control(name, TIMED_TRIAL, leg, opens, closes, ideal_cs, None, ("R",))


def time_control(name: str, at: str, after_s: int, leg: str = "L1") -> Control:
    """Return a time control of race R, due so many seconds after the start."""
    return Control(name, TIME_CONTROL, leg, None, at, None, after_s * 1_000_000_000, ("R",))


def crew(number: int, year: int = 1950, coefficient: str | None = None) -> Entry:
    """Return a crew of race R; its place in the start order is its number less 1."""
    factor = None if coefficient is None else Decimal(coefficient)
    return Entry(number, "R", f"Crew {number}", "Car", year, "", factor, number - 1)


def event(controls: tuple[Control, ...], crews: tuple[Entry, ...] = (crew(1),), interval_s: int = 60) -> Event:
    """Return an event of one race R; it starts each leg that a control is in at 09:00."""
    driven = [leg for leg in LEGS if leg.id in {control.leg for control in controls}]
    starts = tuple(Start(leg.id, at_ns(0, LEGS.index(leg)), interval_s * 1_000_000_000) for leg in driven)
    points = tuple(TimingPoint(point, "", None, None, 30, 400) for point in POINTS)
    races = (Race("R", "Race", "book.toml", starts),)
    return Event("Test", ZoneInfo("Europe/Rome"), tuple(driven), races, points, controls, crews)


def passing(
    point: str,
    seconds: str | int | Decimal,
    number: int = 1,
    uncertainty_ns: int | None = 1000,
    confirmed: bool = True,
    confidence: float = 1.0,
    leg: int = 0,
) -> Attribution:
    """Return a crew's passage at a timing point, so many seconds after 09:00 of the leg's day."""
    instant = at_ns(seconds, leg)
    name = f"board:{point}-{number}-{instant}"
    passage = Passage(name, point, instant, uncertainty_ns, confirmed, (), (), "board")
    return Attribution(passage, number, confidence, DUE)


def book(more: str = "") -> RuleBook:
    """Return the ACI rules with 30 minutes of maximum lateness, with `more` over them."""
    return read_rulebook(HEAD + more + LATENESS, "book.toml")


def scored(controls: tuple[Control, ...], passages: list[Attribution], rules: RuleBook | None = None) -> list[Score]:
    """Return what the controls gave Crew 1."""
    return score(event(controls), {"R": rules or book()}, passages)[0]


def action_of(kind: str, **values: Any) -> Action:
    """Return the action of a kind, of those of the values that it has."""
    row = KINDS[kind]
    return row.action(**{name: value for name, value in values.items() if name in (*row.needs, *row.may)})
