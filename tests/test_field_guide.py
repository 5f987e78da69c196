"""docs/field-guide.md cannot drift: each alarm, state and word of the firmware has its row, and sounds as it says."""

import ast
import inspect
import re

import pytest

from centesimo_board import buzzer, panel
from centesimo_board.doubts import DOUBTS
from centesimo_protocol import record, session
from tests.places import ROOT

GUIDE = (ROOT / "docs" / "field-guide.md").read_text(encoding="utf-8")
PANEL = (ROOT / "docs" / "panel.md").read_text(encoding="utf-8")
RECEIVER = (ROOT / "docs" / "receiver.md").read_text(encoding="utf-8")
ALARMS = dict(re.findall(r"^\| `([^`]+)` \| (\d and \d) \|", GUIDE, re.MULTILINE))
STATES = dict(re.findall(r"^\| `([^`]+)` \| ([^|\d]+) \| [^|]+ \|.*\|$", GUIDE, re.MULTILINE))
DOUBT_ROWS = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", RECEIVER.split("## When it does not lock")[1], re.MULTILINE)
FORMAT = re.compile(r"%-?\d*[sd]")
WORD = re.compile(r"[A-Za-z%][A-Za-z %]*[A-Za-z]|[VC]")


def test_every_alarm_has_its_row_and_its_sound():
    sounds = {name: "{} and {}".format(*sound) for name, sound in zip(session.ALARM_NAMES, buzzer.SOUNDS, strict=True)}
    assert sounds == ALARMS


def test_every_alarm_stands_where_its_sound_is_counted():
    """docs/panel.md has them by long tones, in the columns of the short ones."""
    rows = re.findall(r"^\| (\d) \| [a-z ]+ \|(.*)\|$", PANEL, re.MULTILINE)
    counted = {
        cell.strip(" `"): (int(long), short + 1)
        for long, cells in rows
        for short, cell in enumerate(cells.split("|"))
        if cell.strip()
    }
    assert counted == dict(zip(session.ALARM_NAMES, buzzer.SOUNDS, strict=True))


@pytest.mark.parametrize("state", record.STATE_NAMES)
def test_every_state_has_its_row_with_its_lamp(state):
    assert STATES[state]


@pytest.mark.parametrize("doubt", [doubt for doubt in DOUBTS if doubt])
def test_every_reason_why_it_does_not_lock_has_a_row(doubt):
    cells = [part.strip() for cell in DOUBT_ROWS for part in cell.split(",")]
    assert doubt in cells


def shown_words():
    """Return the words that panel.py itself puts on the display: the texts of its pages, without formats."""
    words = set()
    for page in (*panel.PAGES, panel.passed_lines):
        tree = ast.parse(inspect.getsource(page))
        doc = ast.get_docstring(tree.body[0], clean=False)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != doc:
                texts = FORMAT.sub("\n", node.value).replace("%%", "%").split("\n")
                words |= {word for text in texts for word in WORD.findall(text)}
    return sorted(words)


def test_every_word_of_the_display_has_a_row():
    said = re.findall(r"`([^`]+)`", GUIDE.split("## What the display says")[1].split("\n## ")[0])
    told = " / ".join(said)
    assert len(shown_words()) > 15
    assert [word for word in shown_words() if not re.search(rf"(^|\W){re.escape(word)}(\W|$)", told)] == []
