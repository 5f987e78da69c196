"""Rule books: what is refused and where, what the shipped ones hold, and whether docs/rulebook.md is true."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from centesimo.model.errors import RuleBookError
from centesimo.rulebook import CONTROL_KEYS, TABLES, TOP_KEYS, find_rulebook, read_rulebook, rules, shipped

DOCS = Path(__file__).parent.parent / "docs" / "rulebook.md"

TOP = """\
title = "Test rules"
wins = "lowest"
[coefficient]
kind = "none"
[total]
decimals = 2
rounding = "half up"
[ties]
order = ["shared place"]
"""  # 9 lines

TRIAL = """\
[timed_trial]
rule = "per unit"
unit_s = 0.01
early_per_unit = 1
late_per_unit = 1
cap = 300
"""  # lines 10 to 15 behind TOP

CONTROL = """\
[time_control]
rule = "per minute"
early_per_minute = 100
late_per_minute = 100
early_cap = "none"
late_cap = 300
max_lateness_min = 30
beyond_only_leg = "exclusion"
beyond_inner_leg = 1000
beyond_last_leg = "exclusion"
"""

NOT_A_NUMBER = "a number, 0 or more"

# name: (what is replaced, by what, the mistakes that follow)
MISTAKES = {
    "unknown key": ("cap = 300", "cap = 300\nceiling = 5", [":16: expected one of ", "got 'ceiling'"]),
    "unknown table": ("[timed_trial]", "[timed_trail]", [":10: expected one of the tables", "got [timed_trail]"]),
    "unit missing": ("unit_s = 0.01\n", "", [":10: expected [timed_trial] unit_s = a number of seconds"]),
    "unit of hex digits without end": (
        "0.01",
        f"0x{'f' * 5000}",
        [":12: expected unit_s = ", "got a number of far too"],
    ),
    "an escape in the title": (
        '"Test rules"',
        r'"Test\u001b rules"',
        [":1: expected a text without control characters"],
    ),
    "rule of hex digits without end": (
        'rule = "per unit"',
        f"rule = 0x{'f' * 5000}",
        [":11: expected rule = ", "got a number of far too"],
    ),
    "extends hex digits without end": (
        'wins = "lowest"',
        f'wins = "lowest"\nextends = 0x{"f" * 5000}',
        [":3: expected extends as one of aci-", "got a number of far too"],
    ),
    "lateness of over a day": (
        "[timed_trial]",
        CONTROL.replace("30", "1441") + "[timed_trial]",
        [":16: expected max_lateness_min = a whole number of minutes up to 1440", "got 1441"],
    ),
    "unit as text": ("unit_s = 0.01", 'unit_s = "1 s"', [":12: expected unit_s = ", "got '1 s'"]),
    "unit below a hundredth": ("unit_s = 0.01", "unit_s = 0.005", [":12: expected unit_s = ", "got 0.005"]),
    "unit of nothing": ("unit_s = 0.01", "unit_s = 0", [":12: expected unit_s = ", "got 0"]),
    "rate negative": ("late_per_unit = 1", "late_per_unit = -1", [f":14: expected late_per_unit = {NOT_A_NUMBER}"]),
    "rate is a yes": ("late_per_unit = 1", "late_per_unit = true", [":14: expected late_per_unit", "got True"]),
    "rate is not finite": ("late_per_unit = 1", "late_per_unit = inf", [":14: expected late_per_unit"]),
    "rate beyond all numbers": ("late_per_unit = 1", "late_per_unit = 1e99999", [":14: expected late_per_unit"]),
    "rate of too many decimals": ("late_per_unit = 1", "late_per_unit = 1e-99999", [":14: expected late_per_unit"]),
    "rate beyond all exponents": (
        "late_per_unit = 1",
        "late_per_unit = 1e9999999999999999999",
        [":14: expected late_per"],
    ),
    "rate of 5000 digits": (
        "late_per_unit = 1",
        "late_per_unit = " + "9" * 5000,
        [":14: expected TOML, got a number of far"],
    ),
    "missed at no price": ("cap = 300", 'cap = 300\nno_passage = "missed"', [":16: expected [timed_trial] missed = "]),
    "average of nothing": ("cap = 300", 'cap = 300\naverage = "trial"', [':16: expected average = "series" or "leg"']),
    "cap below a unit": ("cap = 300", "cap = 0.5", [":15: expected cap: at least 1, what one unit costs, got 0.5"]),
    "cap missing": (
        "cap = 300\n",
        "",
        [':11: expected rule: cap (a number, 0 or more, or "none"), or early_cap and late_cap'],
    ),
    "rule of another control": ('"per unit"', '"per minute"', [":11: expected rule = ", "got 'per minute'"]),
    "dead band half said": ("cap = 300", "cap = 300\ndead_band_s = 1", [":16: expected dead_band_s: beyond_dead"]),
    "wins missing": ('wins = "lowest"\n', "", [':1: expected wins = "lowest" or "highest", got nothing']),
    "ties without an end": ('["shared place"]', '["older car"]', [":9: expected order = "]),
    "word not known": ('"half up"', '"upwards"', [":7: expected rounding = ", "got 'upwards'"]),
    "title empty": ('"Test rules"', '" "', [":1: expected title = a text"]),
    "no TOML": ("cap = 300", "cap = = 300", [":15: expected TOML"]),
    "extends nothing": (
        'wins = "lowest"',
        'wins = "lowest"\nextends = "none such"',
        [":3: expected extends as one of aci-regularity-2021, ", ', us-tsd, got "none such"'],
    ),
    "extends itself": (
        'wins = "lowest"',
        'wins = "lowest"\nextends = "book.toml"',
        [":3: expected extends as another"],
    ),
    "a quote is missing": (
        '"lowest"',
        '"lowest',
        [':2: expected TOML, got wins = "lowest: a text ends in the quote (")'],
    ),
    "a table twice": ("cap = 300", "cap = 300\n[ties]", [":16: expected TOML, got [ties]: each table stands once"]),
    "a key twice": ("cap = 300", "cap = 300\ncap = 301", [":16: expected TOML, got cap = 301: each key stands once"]),
    "a decimal comma": ("cap = 300", "cap = 300,5", [":15: expected TOML, got cap = 300,5: one value a line"]),
    "a word without quotes": ('"none"', "none", [":4: expected TOML, got kind = none: a text stands in quotes"]),
    "a key nearly right": (
        "cap = 300",
        "cap = 300\nerly_per_unit = 1",
        [":16: expected one of early_per_unit, late_per"],
    ),
    "three mistakes": (
        'rule = "per unit"\nunit_s = 0.01\nearly_per_unit = 1',
        'rule = "per unit"\nunit = 0.01\nearly_per_unit = "one"',
        [":10: expected [timed_trial] unit_s", ":12: expected one of", ":13: expected early_per"],
    ),
}

HOLES = {
    "hole": "[[0, 420], [2, 395]]",
    "no zero": "[[1, 420]]",
    "empty": "[]",
    "row of three": "[[0, 420, 1]]",
    "points negative": "[[0, -1]]",
    "no rows": "420",
}


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_where_it_stands(old: str, new: str, expected: list[str]) -> None:
    text = (TOP + TRIAL).replace(old, new, 1)
    assert text != TOP + TRIAL
    with pytest.raises(RuleBookError) as refused:
        read_rulebook(text, "book.toml", {"book.toml": text})
    for part in expected:
        assert part in str(refused.value)
    assert all(re.match(r"book\.toml:\d+: expected .+", problem) for problem in refused.value.problems)


@pytest.mark.parametrize("table", HOLES.values(), ids=HOLES)
def test_a_points_table_has_no_hole(table: str) -> None:
    rule = f'[timed_trial]\nrule = "points table"\nunit_s = 0.01\ntable = {table}\nbeyond = 0\n'
    with pytest.raises(RuleBookError, match=r"^book\.toml:13: expected table = rows"):
        read_rulebook(TOP + rule, "book.toml")


def test_all_mistakes_come_at_once_in_the_order_of_the_lines() -> None:
    text = (TOP + TRIAL).replace("unit_s = 0.01", "unit_s = 0").replace('"lowest"', '"lower"').replace("cap", "cup")
    with pytest.raises(RuleBookError) as refused:
        read_rulebook(text, "book.toml")
    lines = [int(problem.split(":")[1]) for problem in refused.value.problems]
    assert lines == [2, 11, 12, 15]


@pytest.mark.parametrize("name", [name for name in shipped() if name != "mille-miglia-2017"])
def test_a_shipped_book_reads(name: str) -> None:
    book = find_rulebook({}, name)
    assert "timed_trial" in {*book.controls, *book.wanting}
    assert len(book.digest) == 64


def test_aci_2021_holds_the_numbers_of_article_8_20() -> None:
    book = find_rulebook({}, "aci-regularity-2021")
    trial = book.rule_for("timed trial")
    assert trial.settings == rules.PerUnit(1, Decimal(1), Decimal(1), Decimal(300), Decimal(300), "dropped", 0, None)
    assert trial.article == "RDS art. 8.20: timed trial"
    assert book.instants == "truncate instants"
    assert not book.highest_wins
    assert (book.coefficient.kind, book.total.decimals) == ("year", 2)


def test_a_number_that_is_not_known_is_asked_of_the_event() -> None:
    book = find_rulebook({}, "aci-regularity-2021")
    with pytest.raises(RuleBookError, match=r'max_lateness_min .* from the event, got nothing; .* extends = "aci-'):
        book.rule_for("time control")
    ours = 'title = "Ours"\nextends = "aci-regularity-2021"\n'
    with pytest.raises(RuleBookError, match=r"got nothing; give it in ours\.toml, in a table \[time_control\]"):
        find_rulebook({"ours.toml": ours}, "ours.toml").rule_for("time control")
    text = f"{ours}[time_control]\nmax_lateness_min = 30\n"
    rule = find_rulebook({"ours.toml": text}, "ours.toml").rule_for("time control")
    assert rule.settings.max_lateness_min == 30
    assert rule.settings.late_cap == 300


def test_the_mille_miglia_is_refused_until_the_event_gives_its_table() -> None:
    with pytest.raises(RuleBookError, match=r"rounding = .* got nothing"):
        find_rulebook({}, "mille-miglia-2017")
    rounding = 'title = "Ours"\nextends = "mille-miglia-2017"\n[total]\nrounding = "half up"\n'
    book = find_rulebook({"ours.toml": rounding}, "ours.toml")
    with pytest.raises(RuleBookError, match=r"expected table .*; beyond .* from the event, got nothing"):
        book.rule_for("timed trial")
    with pytest.raises(RuleBookError, match=r"expected a table \[average_trial\] for the average trials that"):
        book.rule_for("average trial")
    given = rounding + "[timed_trial]\ntable = [[0, 420], [1, 395]]\nbeyond = 0\n"
    assert find_rulebook({"ours.toml": given}, "ours.toml").rule_for("timed trial").apply(1, "").amount == 395


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_rulebook("\ufeff" + TOP, "book.toml").title == "Test rules"


DEAD_BAND = 'beyond_dead_band ("whole deviation" or "excess") beside a dead band'
# name: (rule, what is replaced, by what, the one mistake that follows)
TOGETHER = {
    "a cap below the early rate": (
        *(TRIAL, "early_per_unit = 1", "early_per_unit = 301"),
        "book.toml:15: expected cap: at least 301, what one unit costs, got 300",
    ),
    "a cap below the late rate": (
        *(TRIAL, "late_per_unit = 1", "late_per_unit = 301"),
        "book.toml:15: expected cap: at least 301, what one unit costs, got 300",
    ),
    "an early cap below a minute": (
        *(CONTROL, 'early_cap = "none"', "early_cap = 99"),
        "book.toml:14: expected early_cap: at least 100, what one unit costs, got 99",
    ),
    "a late cap below a minute": (
        *(CONTROL, "late_cap = 300", "late_cap = 99"),
        "book.toml:15: expected late_cap: at least 100, what one unit costs, got 99",
    ),
    "a dead band, and not what counts beyond it": (
        *(TRIAL, "cap = 300", "cap = 300\ndead_band_s = 1"),
        f"book.toml:16: expected dead_band_s: {DEAD_BAND}, got none",
    ),
    "a dead band, and a word not known for what counts beyond it": (
        *(TRIAL, "cap = 300", 'cap = 300\ndead_band_s = 1\nbeyond_dead_band = "half"'),
        """book.toml:17: expected beyond_dead_band = "whole deviation" or "excess", got 'half'""",
    ),
}


@pytest.mark.parametrize(("rule", "old", "new", "mistake"), TOGETHER.values(), ids=TOGETHER)
def test_keys_that_do_not_go_together(rule: str, old: str, new: str, mistake: str) -> None:
    with pytest.raises(RuleBookError) as refused:
        read_rulebook(TOP + rule.replace(old, new), "book.toml")
    assert refused.value.problems == [mistake]


def test_a_cap_may_be_what_one_unit_costs() -> None:
    rule = read_rulebook(TOP + TRIAL.replace("cap = 300", "cap = 1"), "book.toml").rule_for("timed trial")
    assert rule.apply(2, rules.ONLY_LEG).reason == "2/100 s late x 1 = 2, capped at 1"


def test_a_points_table_may_count_longer_units() -> None:
    rule = '[timed_trial]\nrule = "points table"\nunit_s = 0.1\ntable = [[0, 9], [1, 4]]\nbeyond = 0\n'
    trial = read_rulebook(TOP + rule, "book.toml").rule_for("timed trial")
    assert [trial.apply(deviation_cs, rules.ONLY_LEG).amount for deviation_cs in (9, -10, 19, 20)] == [9, 4, 4, 0]


def test_another_kind_of_rule_begins_anew() -> None:
    rule = '[timed_trial]\nrule = "points table"\nunit_s = 1\ntable = [[0, 9]]\nbeyond = 0\n'
    text = f'extends = "club"\ntitle = "x"\n{rule}'
    assert read_rulebook(text, "book.toml").rule_for("timed trial").apply(0, "").amount == 9


def test_a_book_that_is_neither_in_the_folder_nor_shipped() -> None:
    with pytest.raises(RuleBookError, match=r"^rules\.toml: expected a file of the event folder or one of aci-"):
        find_rulebook({"other.toml": ""}, "rules.toml")


def test_the_digest_tells_another_text_also_of_the_book_below() -> None:
    book = 'title = "x"\nextends = "base.toml"\n'
    digests = {
        read_rulebook(TOP, "book.toml").digest,
        read_rulebook(TOP + "# a word\n", "book.toml").digest,
        read_rulebook(book, "book.toml", {"base.toml": TOP}).digest,
        read_rulebook(book, "book.toml", {"base.toml": TOP + "# a word\n"}).digest,
    }
    assert len(digests) == 4
    assert find_rulebook({"a": TOP}, "a").digest == find_rulebook({"b": TOP}, "b").digest


def worked_examples() -> list[tuple[str, int, str, str]]:
    """Return (rule as TOML, deviation, gives, how) of every table with the head `deviation | gives | how`."""
    found = []
    table = r"\| deviation \| gives \| how \|\n[-:|]+\n((?:\|.+\n)+)"
    for block, rows in re.findall(r"```toml\n((?:[^`].*\n|\n)+)```\n\n" + table, DOCS.read_text(encoding="utf-8")):
        for row in rows.splitlines():
            deviation, gives, how = (cell.strip() for cell in row.strip("|").split("|"))
            found.append((block, int(deviation), gives, how))
    return found


@pytest.mark.parametrize(("rule", "deviation", "gives", "how"), worked_examples())
def test_the_documented_examples_are_true(rule: str, deviation: int, gives: str, how: str) -> None:
    (control,) = read_rulebook(TOP + rule, "docs.toml").controls.values()
    outcome = control.apply(deviation, rules.ONLY_LEG)
    assert ("excluded" if outcome.excluded else str(outcome.amount)) == gives
    assert outcome.reason == how


def test_every_kind_of_rule_has_worked_examples() -> None:
    kinds = {match for block, *_ in worked_examples() for match in re.findall(r'rule = "(.+)"', block)}
    assert kinds == set(rules.KINDS)


def test_every_key_and_every_shipped_book_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    keys = [*TOP_KEYS, *CONTROL_KEYS]
    for more in (*TABLES.values(), *(kind.keys for kind in rules.KINDS.values())):
        keys += more
    missing = [key.name for key in keys if f"`{key.name}`" not in text]
    assert missing == []
    assert [name for name in shipped() if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("leg", "gives", "excluded"),
    [(rules.ONLY_LEG, 0, True), (rules.INNER_LEG, 1000, False), (rules.LAST_LEG, 0, True)],
)
def test_past_the_maximum_lateness_it_depends_on_the_leg(leg: str, gives: int, excluded: bool) -> None:
    outcome = read_rulebook(TOP + CONTROL, "book.toml").rule_for("time control").apply(31, leg)
    assert (outcome.amount, outcome.excluded) == (gives, excluded)
