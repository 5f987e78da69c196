"""The pages in docs/rulebooks are true: what each shipped book gives, how its totals are made, what it quotes."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from centesimo.model.facts import SCORED, Score
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, read_rulebook, rules, shipped
from tests.scoring import crew, event, time_control, trial

ROOT = Path(__file__).parent.parent
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "rulebooks").glob("*.md"))}
LEGS = {"only": rules.ONLY_LEG, "inner": rules.INNER_LEG, "last": rules.LAST_LEG}
ROWS = [
    (name, *row)
    for name, body in PAGES.items()
    for row in re.findall(r"^\| (\w+_\w+) \| (\S+) \| (\w+) \| (\S+) \|$", body, re.MULTILINE)
]
TOTALS = [
    (name, *row)
    for name, body in PAGES.items()
    for row in re.findall(r"^\| (\d{4}) \| (\S*) ?\| (\S+) \| (\S+) \| (\S+) \|$", body, re.MULTILINE)
]


def book(name: str) -> RuleBook:
    """Return the rule book that the page of this name writes out."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGES[name], re.DOTALL | re.MULTILINE)
    return read_rulebook(text, "book.toml")


def test_every_shipped_book_has_its_examples() -> None:
    assert sorted(PAGES) == shipped()
    assert {row[0] for row in ROWS} == {row[0] for row in TOTALS} == set(PAGES)
    index = (ROOT / "docs" / "rulebooks.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\(rulebooks/(\S+)\.md\)", index)) == shipped()


@pytest.mark.parametrize("name", shipped())
def test_a_page_quotes_the_articles_of_its_book(name: str) -> None:
    text = (ROOT / "host" / "centesimo" / "rulebooks" / f"{name}.toml").read_text(encoding="utf-8")
    assert [one for one in re.findall(r'article = "(.+)"', text) if f"| {one} |" not in PAGES[name]] == []


@pytest.mark.parametrize(("name", "table", "deviation", "leg", "gives"), ROWS, ids=[" ".join(row[:4]) for row in ROWS])
def test_what_a_book_gives(name: str, table: str, deviation: str, leg: str, gives: str) -> None:
    rules_of = book(name)
    rule = rules_of.rule_for(table.replace("_", " "))
    found = rule.apply(int(deviation), LEGS[leg])
    sign = -1 if rules_of.highest_wins and not rule.gains else 1
    assert ("excluded" if found.excluded else sign * found.amount) == (gives if gives == "excluded" else Decimal(gives))


@pytest.mark.parametrize(("name", "year", "factor", "trials", "cards", "total"), TOTALS)
def test_how_a_total_is_made(name: str, year: str, factor: str, trials: str, cards: str, total: str) -> None:
    road = event(
        (trial("PC1", "A1", "A2", 1000), time_control("CO1", "C1", 600)), (crew(1, int(year), factor or None),)
    )
    given = [
        Score("R", control, 1, SCORED, "", None, None, 0, Decimal(penalty), "", "", (), ())
        for control, penalty in (("PC1", trials), ("CO1", cards))
    ]
    (found,) = rankings(road, {"R": book(name)}, given)
    assert f"{found.lines[0].total:f}" == total
