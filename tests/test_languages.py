"""Every sentence in every language: no word is missing, each keeps its values; numbers and dates as it writes them."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

import centesimo
from centesimo import compute
from centesimo.model import about_points
from centesimo.model.event import AVERAGE_TRIAL, LANGUAGES, TIMED_TRIAL
from centesimo.model.said import Figure, joined, said
from centesimo.picture import crew
from centesimo.publish.page import LEGEND
from centesimo.publish.render import WORDS
from centesimo.rank import NO_TIMES, OUT
from centesimo.rulebook import AVERAGES, ROUNDINGS, rules
from centesimo.score import doubts, instants, unattributed
from centesimo.timing.passages import FLAGS
from centesimo.words import basis, decisions, english, rivals
from centesimo.words.languages import OTHERS, TABLES, catalogue, say, word
from centesimo.words.paper import day_in, number_in
from centesimo_protocol import record

HOST = Path(centesimo.__file__).parent
# Tables whose texts go to `said` by name, with what of them is no template.
MODULES: tuple[ModuleType, ...] = (basis, decisions, english, rivals)
TEXTS_OF_VALUES = (
    *(compute.DONE.values()),
    *doubts._NO_TIME.values(),
    *instants.UNIT_WORDS.values(),
    "minute",  # the unit of a time control
    *record.DOUBT_REASONS,
    *FLAGS,
    *(rules.ONLY_LEG, rules.INNER_LEG, rules.LAST_LEG),
    *AVERAGES,
    *ROUNDINGS,
    *OUT,
    NO_TIMES,
    *crew.KINDS.values(),
    *(crew.AVERAGED_TEXT, crew.SHIFTED_TEXT, crew.AVERAGE, crew.ABOUT),
    *WORDS.values(),
    *LEGEND.values(),
    *(TIMED_TRIAL, AVERAGE_TRIAL),
    *(unattributed.WHETHER, unattributed.WHICH_OF, unattributed.WHOSE_IS, unattributed.WHOSE_ARE),
)
NO_TEMPLATES = {about_points.BOARD, about_points.IDEAL_TIME, about_points.TIMING_POINT}  # kinds of causes


def strings(value: object) -> Iterator[str]:
    """Yield the texts in a value of a module of words."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from strings(each)


def of_modules() -> Iterator[str]:
    for module in MODULES:
        for name, value in vars(module).items():
            if name.isupper() and name not in ("FURTHER", "LANGUAGES"):
                yield from strings(value)
    yield from (text for _, _, text in decisions.FURTHER)


def of_sources() -> Iterator[str]:
    """Yield the templates that stand in calls of `said`, and those that a local name of such a module holds."""
    for path in HOST.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "model.said import" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "said":
                yield from _texts(node.args[0])
            elif isinstance(node, ast.Assign) and "words/" not in path.as_posix():
                yield from (text for text in _texts(node.value) if re.search("{[a-z_]+}", text))


def _texts(tree: ast.expr) -> Iterator[str]:
    """Yield the texts of an expression that are not within another call or f-string."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    elif isinstance(tree, ast.IfExp):
        yield from (text for part in (tree.body, tree.orelse) for text in _texts(part))
    elif isinstance(tree, ast.Tuple):
        yield from (text for part in tree.elts for text in _texts(part))


def of_pages() -> Iterator[str]:
    """Yield the texts that the templates of posted pages ask for."""
    for path in (HOST / "templates").glob("*.html"):
        yield from re.findall(r'\bt\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))


ALL = sorted({*of_modules(), *of_sources(), *of_pages(), *TEXTS_OF_VALUES} - NO_TEMPLATES)


def test_the_templates_are_found() -> None:
    assert len(ALL) > 300
    assert {english.MORE, "no passage at {point}", "Open questions", "passed before {point}, out of order"} <= {*ALL}


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_is_missing(language: str) -> None:
    words = catalogue(language)
    assert [template for template in ALL if not words.get(template)] == []


def places(template: str) -> Counter[tuple[str, str]]:
    return Counter((name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_each_sentence_keeps_its_values(language: str) -> None:
    wrong = [text for text, other in catalogue(language).items() if places(text).keys() != places(other).keys()]
    assert wrong == []


def test_a_template_says_the_same_in_every_table() -> None:
    texts: dict[str, tuple[str, str, str]] = {}
    for table in TABLES:
        for template, others in table.items():
            assert texts.setdefault(template, others) == others, template


SAID = [
    (
        said(
            "{how} = {cost}, capped at {cap}", how=said("{size}/100 s late", size=412), cost=Figure("412.5"), cap="300"
        ),
        "412/100 s late = 412.5, capped at 300",
        {
            "it": "412/100 s di ritardo = 412,5, con un massimo di 300",
            "de": "412/100 s zu spät = 412,5, höchstens 300",
            "fr": "412/100 s de retard = 412,5, plafonné à 300",
        },
    ),
    (
        joined(said(" and "), ("A1", "B1")),
        "A1 and B1",
        {"it": "A1 e B1", "de": "A1 und B1", "fr": "A1 et B1"},
    ),
    (
        said("no passage at {point}", point="A1 and B1"),  # a name stays as it is
        "no passage at A1 and B1",
        {
            "it": "nessun passaggio a A1 and B1",
            "de": "keine Durchfahrt bei A1 and B1",
            "fr": "pas de passage à A1 and B1",
        },
    ),
    (
        said(english.LATE, size_s=0.05),
        "0.050 s late",
        {"it": "0,050 s in ritardo", "de": "0,050 s zu spät", "fr": "0,050 s en retard"},
    ),
    (
        said("no time") + said(english.MORE, count=3),
        "no time and 3 more",
        {"it": "senza ora e altri 3", "de": "ohne Zeit und 3 weitere", "fr": "sans heure et 3 autres"},
    ),
]


@pytest.mark.parametrize(("text", "in_english", "others"), SAID, ids=[text for _, text, _ in SAID])
def test_a_sentence_is_made_anew_from_its_values(text: str, in_english: str, others: dict[str, str]) -> None:
    assert text == in_english == say("en", text)
    assert {language: say(language, text) for language in OTHERS} == others


def test_what_was_made_of_nothing_is_said_as_it_is() -> None:
    assert [say(language, "Mario said so") for language in LANGUAGES] == ["Mario said so"] * 4
    assert say("de", "a posted reason", {"a posted reason": "ein ausgehängter Grund"}) == "ein ausgehängter Grund"
    assert word("de", "no such word") == "no such word"


# The reference for dates and decimal signs is the CLDR, as Babel brings it.
def test_dates_and_decimal_signs_are_those_of_the_language() -> None:
    from datetime import date

    dates = pytest.importorskip("babel.dates", reason="Babel is not installed here")
    numbers = pytest.importorskip("babel.numbers")
    patterns = {"it": "d MMMM y", "en": "d MMMM y", "de": "d. MMMM y", "fr": "d MMMM y"}
    for language in LANGUAGES:
        for month in range(1, 13):
            day = date(2027, month, 3)
            assert day_in(language, day) == dates.format_date(day, patterns[language], locale=language)
        sign = numbers.get_decimal_symbol(language)
        assert number_in(language, Decimal("12.50")) == f"12{sign}50"
        assert say(language, Figure("12.50")) == f"12{sign}50"
