"""Coefficients by a table, fixed penalties on the total alone, maximum lateness of a leg: by the sport's own sums."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.amend import made
from centesimo.commands.main import centesimo
from centesimo.model.decisions import Decision
from centesimo.model.errors import EventError, RuleBookError
from centesimo.model.facts import Line, Score
from centesimo.rank import rankings
from centesimo.rulebook import RuleBook, read_rulebook
from centesimo.score import score
from tests.events import changed, event
from tests.scoring import HEAD, LATENESS, book, crew, passing, time_control, trial
from tests.scoring import event as road
from tests.sheet_day import make

BY_YEAR = '[coefficient]\nkind = "table"\nby = "year"\ntable = [[1927, 1.8], [1931, 1.6], [1941, 1.255]]\n'
BY_CLASS = '[coefficient]\nkind = "table"\nby = "class"\ntable = [["A", 1.1], ["B", 1.25]]\n'

# name: (table, year, class, category, factor); None: the crew is refused
FACTORS = {
    "the first year": (BY_YEAR, 1927, "", "", "1.8"),
    "the last year of a step": (BY_YEAR, 1930, "", "", "1.8"),
    "the first of the next": (BY_YEAR, 1931, "", "", "1.6"),
    "after the last": (BY_YEAR, 1980, "", "", "1.255"),
    "before the first": (BY_YEAR, 1926, "", "", None),
    "class A": (BY_CLASS, 1926, "A", "B", "1.1"),
    "class B": (BY_CLASS, 1926, "B", "A", "1.25"),
    "another class": (BY_CLASS, 1926, "C", "A", None),
    "no class": (BY_CLASS, 1926, "", "A", None),
    "category": (BY_CLASS.replace('by = "class"', 'by = "category"'), 1926, "B", "A", "1.1"),
}


@pytest.mark.parametrize(("table", "year", "car_class", "category", "factor"), FACTORS.values(), ids=FACTORS)
def test_a_coefficient_by_a_table(table: str, year: int, car_class: str, category: str, factor: str | None) -> None:
    entry = replace(crew(1, year), car_class=car_class, category=category)
    assert book(table).coefficient.find(entry) == (None if factor is None else Decimal(factor))


# name: (the table, what is said of crew 3, a Jaguar of 1951, which stands in line 4)
REFUSED = {
    "year": (
        BY_YEAR.replace("1927", "1935").replace("1931", "1936"),
        "entries.csv:2: expected a year from 1935 on, as rules.toml takes the coefficient from it, got 1934",
    ),
    "class": (
        BY_CLASS,
        "entries.csv:4: expected class as A or B, as rules.toml takes the coefficient from it, got an empty cell",
    ),
    "entry": (
        '[coefficient]\nkind = "entry"\n',
        "entries.csv:4: expected coefficient, as rules.toml takes the coefficient from it, got an empty cell",
    ),
}


@pytest.mark.parametrize(("table", "said"), REFUSED.values(), ids=REFUSED)
def test_a_crew_without_a_factor_is_refused(table: str, said: str) -> None:
    with pytest.raises(EventError) as refused:
        event(changed("rules.toml", "[time_control]", f"{table}[time_control]"))
    assert said in refused.value.problems


# name: (table, what is said of it)
MISTAKES = {
    "a table that goes by nothing": (
        BY_YEAR.replace('by = "year"\n', ""),
        'book.toml:4: expected kind: by = "year" or "class" or "category" beside it, got nothing',
    ),
    "no table": ('[coefficient]\nkind = "table"\nby = "class"\n', "book.toml:4: expected kind: table = [[first year"),
    "a table beside 1.YY": (
        BY_YEAR.replace('"table"', '"year"'),
        'book.toml:5: expected by: no by beside another kind than "table", got one',
    ),
    "names by year": (BY_CLASS.replace('"class"', '"year"'), "book.toml:6: expected table: rows [first year, factor]"),
    "years that fall": (BY_YEAR.replace("1931", "1920"), "book.toml:6: expected table = rows [first year or name, "),
    "a class twice": (BY_CLASS.replace('"B"', '"A"'), "book.toml:6: expected table = rows [first year or name, "),
    "a factor of nothing": (BY_CLASS.replace("1.1", "0"), "book.toml:6: expected table = rows [first year or name, "),
    "years and classes": (BY_CLASS.replace('"B"', "1930"), "book.toml:6: expected table = rows [first year or name, "),
    "a fixed penalty without article": (
        '[fixed_penalties]\namounts = [["stopping", 300]]\n',
        "book.toml:4: expected amounts = rows [name, amount, article]",
    ),
    "a fixed penalty called 300": (
        '[fixed_penalties]\namounts = [["300", 300, "art. 1"]]\n',
        "book.toml:4: expected amounts = rows [name, amount, article], no name twice, none that begins with a digit",
    ),
    "a fixed penalty twice": (
        '[fixed_penalties]\namounts = [["a", 1, "art. 1"], ["a", 2, "art. 2"]]\n',
        "book.toml:4: expected amounts = rows [name, amount, article], no name twice",
    ),
}


@pytest.mark.parametrize(("table", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_table(table: str, said: str) -> None:
    with pytest.raises(RuleBookError) as refused:
        book(table)
    assert refused.value.problems[0].startswith(said)


def test_fixed_penalties_have_names() -> None:
    named = book('[fixed_penalties]\namounts = [["stopping", 300, "art. 14"]]\n').fixed
    assert named.find("stopping") == (300, "art. 14")
    assert named.find("wrong direction") is None


# name: (what is typed, what is said); crew 2 has 109 net penalties, x 1.37 = 149.33, and the 300 on top
NAMED = {
    "by its name": (["stopping in the zone"], "149.33 \u2192 449.33"),
    "by its name, by another article": (["stopping in the zone", "--article", "art. 15"], "(art. 15)"),
    "by a number": (["300", "--article", "art. 14"], "149.33 \u2192 449.33"),
    "by a number without article": (["300"], "expected --article with a penalty that the rule book does not name"),
    "by a name that is none": (["stoping"], "expected POINTS as a number from 0 to 10000000 or 'stopping in the zone'"),
}


@pytest.mark.parametrize(("typed", "said"), NAMED.values(), ids=NAMED)
def test_a_fixed_penalty_is_given_by_its_name(tmp_path: Path, typed: list[str], said: str) -> None:
    more = 'coefficient = "none"\namounts = [["stopping in the zone", 300, "art. 14"]]\n'
    make(tmp_path, changed("rules.toml", "[time_control]", f"[fixed_penalties]\n{more}[time_control]"))
    words = [
        "amend",
        "penalty",
        "2",
        "PC1",
        *typed,
        "--who",
        "Clerk",
        "--why",
        "seen",
        "--yes",
        "--event",
        str(tmp_path),
    ]
    done = CliRunner().invoke(centesimo, words)
    assert said in done.output + str(done.exception or "")


# PC1 10/100 late, PC2 30/100 late; the car is of 1950 (1.50); 100 is given at PC2 for stopping in the zone.
TRIALS = (trial("PC1", "A1", "A2", 1000), trial("PC2", "A2", "A3", 1000))
PASSAGES = [passing("A1", 0), passing("A2", "10.10"), passing("A3", "20.40")]
ALONE, STAYS = 'coefficient = "none"\n', 'discard = "never"\n'
WORST = '[discard]\nworst = 1\nof = "timed_trial"\nper = "leg"\n'

# name: (keys of [fixed_penalties], further tables, at which control, net, total)
FIXED = {
    "as the control": ("", "", "PC2", "140", "210.00"),  # 140 x 1.50
    "on the total alone": (ALONE, "", "PC2", "140", "160.00"),  # 40 x 1.50 + 100
    "discarded with its control": ("", WORST, "PC2", "10", "15.00"),
    "never discarded": (STAYS, WORST, "PC2", "110", "165.00"),  # PC1 10, PC2's 30 out, 100 stay: 110 x 1.50
    "never discarded, on the total alone": (ALONE + STAYS, WORST, "PC2", "110", "115.00"),  # 10 x 1.50 + 100
    "no worse for a fixed penalty": (STAYS, WORST, "PC1", "110", "165.00"),  # PC2 is still the worst
    "the worst by a fixed penalty": ("", WORST, "PC1", "30", "45.00"),  # PC1's 110 is out, PC2's 30 stays
    "where no trial is multiplied": (
        "",
        '[coefficient]\nkind = "year"\non = ["time_control"]\n',
        "PC2",
        "140",
        "140.00",
    ),
}


def penalty(control: str, amount: int = 100) -> Decision:
    return made("penalty", "clerk", "stopped", 1, control=control, start_number=1, amount=Decimal(amount), article="a")


def ranked(rules: RuleBook, decisions: list[Decision]) -> tuple[Line, list[Score]]:
    its = road(TRIALS, (crew(1, 1950),))
    scores, _ = score(its, {"R": rules}, PASSAGES, decisions=decisions)
    (found,) = rankings(its, {"R": rules}, scores)
    return found.lines[0], scores


@pytest.mark.parametrize(("keys", "more", "control", "net", "total"), FIXED.values(), ids=FIXED)
def test_a_fixed_penalty_in_a_total(keys: str, more: str, control: str, net: str, total: str) -> None:
    line, _ = ranked(book(f"[fixed_penalties]\n{keys}{more}"), [penalty(control)])
    assert (line.net, line.total) == (Decimal(net), Decimal(total))
    assert line.net == sum(one.penalty or 0 for one in line.scores)


@pytest.mark.parametrize("late", [1, 3])
def test_an_average_leaves_a_fixed_penalty_beside_it(late: int) -> None:
    """PC1 gives 10, so PC2 gets 10, and 100 for stopping there: given before the average or after it."""
    average = made("average", "clerk", "impeded", 2, control="PC2", start_number=1)
    _, scores = ranked(book(), [average, penalty("PC2")._replace(at_ns=late)])
    assert [one.penalty for one in scores] == [10, 110]


def test_points_lose_a_fixed_penalty_after_the_coefficient() -> None:
    """395 points for 1/100 and 370 for 2: 765 x 1.5 = 1147.5, less 100: 1047.5, rounded half up to 1048."""
    text = (
        'title = "P"\nwins = "highest"\n[timed_trial]\nrule = "points table"\nunit_s = 0.01\nbeyond = 0\n'
        'table = [[0, 420], [1, 395], [2, 370]]\n[coefficient]\nkind = "year"\n[total]\ndecimals = 0\n'
        'rounding = "half up"\n[ties]\norder = ["shared place"]\n[fixed_penalties]\ncoefficient = "none"\n'
    )
    its, rules = road(TRIALS, (crew(1, 1950),)), read_rulebook(text, "book.toml")
    passages = [passing("A1", 0), passing("A2", "10.01"), passing("A3", "20.03")]
    scores, _ = score(its, {"R": rules}, passages, decisions=[penalty("PC2")])
    assert rankings(its, {"R": rules}, scores)[0].lines[0].total == 1048


def test_of_points_the_lowest_are_discarded() -> None:
    """420 and 345 points: the best one counts, 420."""
    text = (
        'title = "P"\nwins = "highest"\n[timed_trial]\nrule = "points table"\nunit_s = 0.01\nbeyond = 0\n'
        'table = [[0, 420], [1, 395], [2, 370], [3, 345]]\n[coefficient]\nkind = "none"\n[total]\ndecimals = 0\n'
        f'rounding = "half up"\n[ties]\norder = ["shared place"]\n{WORST}'
    )
    its, rules = road(TRIALS), read_rulebook(text, "book.toml")
    scores, _ = score(its, {"R": rules}, [passing("A1", 0), passing("A2", "10.03"), passing("A3", "20.03")])
    (line,) = rankings(its, {"R": rules}, scores)[0].lines
    assert (line.total, [f"{one.status} {one.penalty}" for one in line.scores]) == (420, ["discarded 0", "scored 420"])


OF_THE_LEG = LATENESS + 'max_lateness_of = "the leg"\nmax_lateness_article = "art. 9"\n'
CARDS = (time_control("CO1", "A1", 600), time_control("CO2", "A2", 1200), time_control("CO3", "A3", 1800))

# name: (keys, minutes late at CO1, CO2, CO3 by the clock, what CO3 gives); CO1 and CO2 are new time cards
CARRIED = {
    "each within": (LATENESS, (20, 31, 42), "scored"),  # 20, then 11, then 11 late
    "the last one alone too late": (LATENESS, (0, 0, 31), "excluded"),
    "in sum too late": (OF_THE_LEG, (10, 20, 31), "excluded"),  # 10 + 10 carried, 11 late: 31
    "in sum just within": (OF_THE_LEG, (10, 20, 30), "scored"),
    "on time after the lateness": (OF_THE_LEG, (15, 30, 30), "scored"),
    "early after the lateness": (OF_THE_LEG, (15, 30, 25), "scored"),
}


@pytest.mark.parametrize(("keys", "late", "status"), CARRIED.values(), ids=CARRIED)
def test_the_maximum_lateness_of_a_control_or_of_the_leg(keys: str, late: tuple[int, ...], status: str) -> None:
    cards = tuple(replace(card, new_card=card.id != "CO3") for card in CARDS)
    passages = [
        passing(point, (10 * n + by) * 60)
        for n, (point, by) in enumerate(zip(("A1", "A2", "A3"), late, strict=True), 1)
    ]
    rules = read_rulebook(HEAD + keys, "book.toml")
    scores, _ = score(road(cards), {"R": rules}, passages)
    assert scores[2].status == status
    if status == "excluded" and keys is OF_THE_LEG:
        assert scores[2].reason == "11 min late and 20 min before, maximum lateness 30 min, art. 9: excluded (only leg)"


# Totals that no column was made for: the most that a book may say, 120 times, and as many negative ones.
@pytest.mark.parametrize("sign", [1, -1])
def test_very_large_and_negative_totals_are_exact(sign: int) -> None:
    """120 x 1,000,000,000 x 1.99 = 238,800,000,000.00; a hundredth more is seen."""
    trials = tuple(trial(f"PC{n}", "A1", "A2", 1000) for n in range(120))
    rules = book()
    found = [
        Score("R", one.id, number, "scored", "1/100 s", 1000, 1000, 0, sign * Decimal("1e9") + number, "", "", (), ())
        for one in trials
        for number in (1, 2)
    ]
    its = road(trials, (crew(1, 1999), crew(2, 1999)))
    (table,) = rankings(its, {"R": rules}, found)
    # 120 x (+-1,000,000,000 + 1) = +-120,000,000,000 + 120, and + 240 of crew 2; x 1.99: 238.80 and 477.60 more
    assert [line.total for line in table.lines] == [
        sign * Decimal("238800000000.00") + Decimal("238.80"),
        sign * Decimal("238800000000.00") + Decimal("477.60"),
    ]
    assert [line.gap for line in table.lines] == [0, Decimal("238.80")]
