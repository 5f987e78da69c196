"""No name is markup or obeyed by a terminal: hidden characters are refused on their way in, else written out."""

import io
import json
from contextlib import closing

import pytest
from click.testing import CliRunner
from rich.table import Table

from centesimo.amend import made
from centesimo.commands.console import TextConsole
from centesimo.commands.main import centesimo
from centesimo.reading.hidden_characters import has_hidden, visible
from centesimo.store import Store
from tests.events import FILES, changed, write
from tests.sheet_day import make

# text, as it is shown; the same text where nothing is hidden.
TEXTS = [
    ("Crew 1", "Crew 1"),
    ("Škoda – 大", "Škoda – 大"),
    ("a\x1b[31mb", r"a\u001b[31mb"),
    ("bell\x07 nul\x00", r"bell\u0007 nul\u0000"),
    ("two\nlines\tand\rmore", r"two\u000alines\u0009and\u000dmore"),
    ("\x7f\x85\x9b", r"\u007f\u0085\u009b"),
    ("\u202etxt.exe\u2066\u2028", r"\u202etxt.exe\u2066\u2028"),
    ("\udcff", r"\udcff"),
]
MARKED = ["[/x] Hist", "[bold]Hist[/bold]", "[link=file:x]H", ":smile: Hist"]
VERBS = [["check"], ["ranking"], ["score"], ["questions"], ["whatif", "--cancel", "PC2"], ["explain", "1", "PC1"]]
SCRIPTED = ["--who", "A", "--why", "B", "--yes"]
# What an official types with an escape in it, behind `centesimo amend`.
TYPED = [
    ["confirm", "1", "PC1", "--who", "A\x1b[2J", "--why", "B", "--yes"],
    ["confirm", "1", "PC1", "--who", "A", "--why", "B\nC", "--yes"],
    ["insert", "A1", "09:17:00", "--source", "watch\u202e", *SCRIPTED],
    ["penalty", "1", "PC1", "5", "--article", "5\x07", *SCRIPTED],
]
# The same, refused for its numbers and times; and how the error goes on behind "expected ".
REFUSED = [
    (["penalty", "1", "PC1", "1_0", "--article", "5"], "POINTS as a number from 0 to 10000000, got 1_0"),
    (["insert", "A1", "9999-12-31T23:59:59", "--source", "w"], "TIME near the event's days, 2027-05-23 to"),
    (
        ["insert", "A1", "0001-01-01T00:00:00", "--source", "w"],
        "TIME that the clocks show once, got 00:00:00 on 0001-01-01",
    ),
    (["unreliable", "00000000000000a1", "09:00", "9000-01-01T00:00"], "TO near the event's days, 2027-05-23 to"),
    (["shift", "00000000000000a1", "1000-01-01T00:00", "09:00", "1"], "FROM near the event's days, 2027-05-23 to"),
]


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return make(tmp_path_factory.mktemp("visible"))


def run(folder, *words):
    return CliRunner().invoke(centesimo, [*words, *(() if words[0] == "check" else ("--event",)), str(folder)])


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_what_is_hidden_is_written_out(text, shown):
    assert visible(text) == shown
    assert has_hidden(text) == (text != shown)


@pytest.mark.parametrize("name", MARKED)
@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_a_name_is_no_markup(tmp_path, name, words):
    files = changed("event.toml", '"Classic"', f'"{name}"', changed("event.toml", "Small Event", name))
    folder = make(tmp_path, changed("entries.csv", "Crew 1", name, files))
    found = run(folder, *words)
    assert (found.exit_code, found.exception) == (0, None)
    assert name in found.output or words[0] in ("score", "questions")


def test_a_table_shows_texts_as_they_are():
    said = io.StringIO()
    table = Table("[b]heading")
    table.add_row("[/x]\x1b]0;title\x07")
    TextConsole(file=said, width=60).print("[/y] :smile:", table)
    assert all(one in said.getvalue() for one in ("[/y] :smile:", "[b]heading", r"[/x]\u001b]0;title\u0007"))


@pytest.mark.parametrize("words", TYPED, ids=range(len(TYPED)))
def test_an_official_types_no_hidden_characters(day, words):
    found = run(day, "amend", *words)
    assert found.exit_code == 2
    assert "without control characters" in found.output
    assert not has_hidden(found.output.replace("\n", ""))


@pytest.mark.parametrize(("words", "why"), REFUSED, ids=range(len(REFUSED)))
def test_what_an_official_types_is_refused(day, words, why):
    found = run(day, "amend", *words, *SCRIPTED)
    assert f"expected {why}" in str(found.exception)
    with closing(Store.of_event(day)) as store:
        assert store.decisions() == []


def test_what_is_stored_already_is_shown_visibly(tmp_path):
    folder = make(tmp_path)
    with closing(Store.of_event(folder)) as store:
        store.add_decision(made("exclude", "A\x1b[2J", "B\u202e\x9b", 7, start_number=1), ())
    for words in (["amend", "list"], ["amend", "list", "--json"], ["ranking"], ["explain", "1", "PC1"], ["register"]):
        found = run(folder, *words)
        assert (found.exit_code, found.exception) == (0, None)
        assert not has_hidden(found.output.replace("\n", ""))
    (one,) = json.loads(run(folder, "amend", "list", "--json").output)
    assert (one["who"], one["why"]) == ("A\x1b[2J", "B\u202e\x9b")


def test_a_file_of_the_folder_has_no_hidden_name(tmp_path):
    found = run(write(tmp_path, {**FILES, "b\x1b.toml": FILES["rules.toml"]}), "check")
    assert r"b\u001b.toml: expected the name of a file without" in str(found.exception)
