"""The coefficient of the 1000 Miglia by its formula: 1 + period + class + category, + factor + bonus, summed by hand.

The organiser's own example (2016, 2021): 1927 to 1929 0.35, above 1100 cc 0.15, Sport 0.20: 1.70, with factor and bonus
1.80. The other shares are invented.
"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import EventError, RuleBookError
from centesimo.model.event import Entry
from tests.events import changed, event
from tests.scoring import book, crew
from tests.sheet_day import make

FORMULA = """
[coefficient]
kind = "formula"
period = [[1927, 0.35], [1930, 0.30], [1954, 0.05]]
cc = [[1, 0.05], [751, 0.10], [1101, 0.15]]
category = [["Turismo", 0], ["Gran Turismo", 0.10], ["Sport", 0.20]]
factor = 0.05
bonus = 0.05
article = "Determination of coefficients"
"""
# Until some years ago: 1 + (period + (class - category) + bonus), a category being a reduction.
OLDER = (
    '[coefficient]\nkind = "formula"\nperiod = [[1927, 0.5]]\ncategory = [["Sport", 0], ["GT", -0.1]]\nbonus = 0.1\n'
)


def car(year: int, cc: int | None, category: str, factor: bool = False, bonus: bool = False) -> Entry:
    """Return an entry of a car."""
    return replace(crew(1, year), cc=cc, category=category, factor=factor, bonus=bonus)


# name: (rules, car, coefficient)
CARS = {
    "the organiser's example": (FORMULA, car(1927, 1991, "Sport"), "1.70"),
    "with factor and bonus": (FORMULA, car(1927, 1991, "Sport", factor=True, bonus=True), "1.80"),
    "with the bonus alone": (FORMULA, car(1929, 1991, "Sport", bonus=True), "1.75"),
    "the last cc of a class": (FORMULA, car(1930, 750, "Turismo"), "1.35"),
    "the first of the next": (FORMULA, car(1930, 751, "Turismo"), "1.40"),
    "a small one of the last years": (FORMULA, car(1957, 747, "Gran Turismo"), "1.20"),
    "before the first period": (FORMULA, car(1926, 1991, "Sport"), None),
    "no cc": (FORMULA, car(1927, None, "Sport"), None),
    "another category": (FORMULA, car(1927, 1991, "Barchetta"), None),
    "one that is given wins": (FORMULA, replace(car(1926, None, ""), coefficient=Decimal("1.57")), "1.57"),
    "a category that reduces": (OLDER, car(1927, None, "GT", bonus=True), "1.5"),
}


@pytest.mark.parametrize(("rules", "entry", "coefficient"), CARS.values(), ids=CARS)
def test_a_coefficient_by_the_formula(rules: str, entry: Entry, coefficient: str | None) -> None:
    assert book(rules).coefficient.find(entry) == (None if coefficient is None else Decimal(coefficient))


def test_how_it_comes_about() -> None:
    rules = book(FORMULA).coefficient
    assert rules.how(car(1927, 1991, "Sport", bonus=True)) == (
        "1 + 0.35 (year 1927) + 0.15 (1991 cc) + 0.2 (Sport) + 0.05 (bonus)"
    )
    assert rules.how(replace(crew(1), coefficient=Decimal(2))) == "as entries.csv gives it"
    assert book(OLDER).coefficient.how(car(1930, None, "GT")) == "1 + 0.5 (year 1930) - 0.1 (GT)"


COLUMNS = {
    "start_number,race,crew,car,year,team": "start_number,race,crew,car,year,team,cc,category,factor,bonus,coefficient",
    "1,classic,Crew 1,Fiat 508 S,1934,Team East": "1,classic,Crew 1,Fiat 508 S,1934,Team East,995,Sport,yes,,",
    "1937,Team West": "1937,Team West,1352,Turismo,no,yes,",
    "1951,": "1951,,3442,Gran Turismo,,,1.5",
    "2021,Team East": "2021,Team East,,,,,1",
    "2023,": "2023,,,,,,1",
}


def files(columns: dict[str, str]) -> dict[str, str]:
    """Return the small event with the formula and these lines of entries."""
    made = changed("rules.toml", "[time_control]", f"{FORMULA}\n[time_control]")
    for old, new in columns.items():
        made = changed("entries.csv", f"{old}\n", f"{new}\n", made)
    return made


# name: (changed line, what is said)
REFUSED = {
    "no cc": (
        "995,Sport,yes,,",
        ",Sport,yes,,",
        "entries.csv:2: expected cc from 1 on, or a coefficient, as rules.toml",
    ),
    "no category": ("995,Sport", "995,", "entries.csv:2: expected category as Turismo or Gran Turismo or Sport, or a"),
    "a car too old": (
        "1937,Team West",
        "1926,Team West",
        "entries.csv:3: expected a year from 1927 on, or a coefficient",
    ),
    "a litre for cc": ("995,Sport", "0.9,Sport", 'entries.csv:2: expected cc as cm3 from 1 to 30000, got "0.9"'),
    "a word for yes": ("Sport,yes", "Sport,si", 'entries.csv:2: expected factor as yes or no, got "si"'),
}


@pytest.mark.parametrize(("old", "new", "message"), REFUSED.values(), ids=REFUSED)
def test_a_car_that_the_formula_does_not_know(old: str, new: str, message: str) -> None:
    with pytest.raises(EventError) as refused:
        event(changed("entries.csv", old, new, files(COLUMNS)))
    assert message in str(refused.value)


# name: (change of the table, what is said)
MISTAKES = {
    "nothing to add": (
        '[coefficient]\nkind = "formula"\n',
        "expected kind: period, cc or category beside it, got none",
    ),
    "shares beside a year": (
        '[coefficient]\nkind = "year"\nbonus = 0.05\n',
        "expected bonus: no bonus beside another kind",
    ),
    "periods that fall": (
        FORMULA.replace("1930", "1920"),
        "expected period = rows [first year, a share from -1 to 10]",
    ),
    "names for years": (
        FORMULA.replace("[1927,", '["A",').replace("[1930,", '["B",').replace("[1954,", '["C",'),
        "period = rows",
    ),
    "a percent": (FORMULA.replace("factor = 0.05", "factor = 11"), "expected factor = a share from -1 to 10, got 11"),
}


@pytest.mark.parametrize(("table", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_formula(table: str, message: str) -> None:
    with pytest.raises(RuleBookError) as refused:
        book(table)
    assert message in str(refused.value)


def test_explain_shows_it(tmp_path: Path) -> None:
    make(tmp_path, files(COLUMNS))
    # Crew 2 has 109 net penalties (sheet_day); 1.30 + 0.15 + 0 + 0.05 = 1.5: 163.50.
    told = CliRunner().invoke(centesimo, ["explain", "2", "PC1", "--event", str(tmp_path)]).output
    assert "1.5: 1 + 0.3 (year 1937) + 0.15 (1352 cc) + 0 (Turismo) + 0.05 (bonus)" in " ".join(told.split())
    assert "total 163.50" in " ".join(told.split())
