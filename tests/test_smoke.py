"""What centesimo must do where nothing but its wheel is installed: tools/package_check.sh runs this there.

The command is run as people run it, and the board is the virtual one, so a module, a rule book, a template or a step of
the store's schema that the wheel lacks shows here.
"""

import json
import subprocess
import sys
from pathlib import Path

from centesimo.commands.main import VERBS
from centesimo.rulebook.layers import shipped
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import FIRST_AT_NS, write

COMMAND = Path(sys.executable).with_name("centesimo")
BOARD = "00000000000000a1"  # of A1 and A2 in tests.events, which open and close PC1 with an ideal time of 30 s
RULE_BOOKS = [
    "aci-regularity-2021",
    "aci-regularity-2021-no-coefficient",
    "club",
    "mille-miglia-2017",
    "monte-carlo",
    "uk-regularity",
    "us-tsd",
]
MINUTE_NS, MS = 60_000_000_000, 1_000_000

# Crew, when it is at A1 after the first start (due 15 min after its own), taken time, penalty at 1 for each 1/100 s.
CREWS = (
    (1, 15 * MINUTE_NS + 505 * MS, 30_000 * MS, 30_00, "0"),
    (2, 16 * MINUTE_NS + 205 * MS, 30_030 * MS, 30_03, "3"),
    (3, 17 * MINUTE_NS + 805 * MS, 29_950 * MS, 29_95, "5"),
)


def run(*words):
    """Run the installed command and return what it prints."""
    return subprocess.run([COMMAND, *map(str, words)], check=True, capture_output=True, text=True).stdout


def crossings():
    for _, opened_ns, taken_ns, _, _ in CREWS:
        yield Crossing(FIRST_AT_NS + opened_ns, 1)
        yield Crossing(FIRST_AT_NS + opened_ns + taken_ns, 2)


def test_the_command_names_its_verbs():
    text = run("--help")
    assert [verb for verb in VERBS if f"\n  {verb} " not in text] == []


def test_the_shipped_rule_books_are_there():
    assert shipped() == RULE_BOOKS


def test_a_virtual_board_is_collected_scored_and_published(tmp_path):
    event = write(tmp_path / "event")
    scenario = Scenario(FIRST_AT_NS + 14 * MINUTE_NS, 300, BOARD, crossings=tuple(crossings()))
    with VirtualBoard(scenario) as board:
        board.wait_until_ready(60)
        assert "are in the store" in run("collect", "--event", event, board.port)
    scores = json.loads(run("score", "--event", event, "--json"))["scores"]
    assert [
        (score["start_number"], score["taken_cs"], score["penalty"])
        for score in scores
        if score["control"] == "PC1" and score["status"] == "scored"
    ] == [(number, taken_cs, penalty) for number, _, _, taken_cs, penalty in CREWS]
    run("publish", "--event", event)
    run("picture", "--event", event)
    assert "Lancia Aprilia" in (event / "results" / "classic-leg-L1.html").read_text(encoding="utf-8")
    assert (event / "results" / "pictures" / "index.html").exists()
