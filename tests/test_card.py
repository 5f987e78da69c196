"""The marshal's card and the boxes' labels: every state and alarm is on them, in the words of the documents."""

import importlib.util
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from centesimo.check import read_event
from centesimo_protocol import record, session

ROOT = Path(__file__).parent.parent
WORDS = tomllib.loads((ROOT / "tools" / "card" / "words.toml").read_text(encoding="utf-8"))
UNSURE = "locked, seconds not sure"
# docs/panel.md: the lamp's words, by the state's
PANEL_ROWS = dict(
    re.findall(r"^\| (\w[^|]*?) \| (\w[^|]*?) \|$", (ROOT / "docs" / "panel.md").read_text(encoding="utf-8"), re.M)
)


@pytest.fixture(scope="module")
def card():
    for name in ("typst", "segno"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"no {name}: pip install 'centesimo[print]'")
    from tools.card import __main__ as module

    return module


@pytest.mark.parametrize("display", [*record.STATE_NAMES, UNSURE])
def test_the_lamp_is_described_as_in_the_panel_s_page(display):
    state = "locked, but the whole second is not confirmed yet" if display == UNSURE else display
    assert PANEL_ROWS[WORDS["lamp"][display]["en"][0]] == state
    assert len(WORDS["lamp"][display]["it"]) == len(WORDS["lamp"][display]["en"]) == 3


def test_every_state_and_every_alarm_stands_on_it_and_nothing_else():
    assert set(WORDS["lamp"]) == {*record.STATE_NAMES, UNSURE}
    assert set(WORDS["alarm"]) == set(session.ALARM_NAMES)


def test_both_languages_say_as_much():
    assert WORDS["page"]["it"].keys() == WORDS["page"]["en"].keys()
    lengths = [{name: len(rows) for name, rows in WORDS["lists"][language].items()} for language in ("it", "en")]
    assert lengths[0] == lengths[1]
    assert all(row["it"] and row["en"] for row in WORDS["alarm"].values())


# Sixteen slots of 125 ms, counted from docs/panel.md's words by hand.
DRAWN = {
    "no receiver": "1000000000000000",
    "no fix": "1010000000000000",
    "acquiring": "1111000011110000",
    UNSURE: "1111111111111110",
    "locked": "1111111111111111",
    "holdover": "1111111111111010",
    "free running": "1111111100000000",
}


def test_the_lamp_is_drawn_as_it_is_lit(card):
    for side in card.card_sides():
        assert {row["display"]: row["pattern"] for row in side["lamps"]} == DRAWN


def test_the_same_words_are_the_same_bytes(card):
    assert card.pdf("card.typ", sides=card.card_sides()) == card.pdf("card.typ", sides=card.card_sides())
    rows = card.label_rows(read_event(ROOT / "demo" / "event"))
    assert card.pdf("labels.typ", boards=rows) == card.pdf("labels.typ", boards=rows)


def test_it_is_one_sheet_and_its_words_can_be_read(card, tmp_path):
    made = card.pdf("card.typ", sides=card.card_sides())
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 2
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: apt-get install poppler-utils")
    (tmp_path / "card.pdf").write_bytes(made)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "card.pdf", "-"], capture_output=True, text=True, check=True
    )
    sides = text.stdout.split("\f")[:2]
    for side in sides:
        assert [name for name in session.ALARM_NAMES if name not in side] == []


def test_a_label_has_name_inputs_id_and_the_id_as_squares(card):
    rows = card.label_rows(read_event(ROOT / "demo" / "event"))
    assert [(row["name"], row["id"]) for row in rows][:2] == [
        ("A1 A2 Lake", "a000000000000001"),
        ("A3 A4 Lake", "a000000000000002"),
    ]
    assert rows[0]["inputs"] == ["1: A1 Lake road, km 3.2", "2: A2 Lake road, km 3.5"]
    squares = rows[0]["squares"]  # ISO 18004: a finder in three corners, seven squares wide, and none in the fourth
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    corners = [
        [row[columns] for row in squares[rows]]
        for rows in (slice(7), slice(-7, None))
        for columns in (slice(7), slice(-7, None))
    ]
    assert [corner == finder for corner in corners] == [True, True, True, False]
