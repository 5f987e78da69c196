"""The order of a posted version: a file of the event folder that a [[regroup]] takes, and that stays as it is.

Of classic (sheet_day) version 1 has crews 1 and 2 on places 1 and 2 and crew 3 open; version 2 has 1, 2, 3.
"""

import json

import pytest

from centesimo.check import read_event
from centesimo.model.timetable import Timetable
from tests.events import write
from tests.sheet_day import MISSING, load_rows, make
from tests.test_command import call

NAME = "orders/classic-leg-L1-1.csv"
MINUTE_NS = 60 * 10**9


@pytest.fixture
def posted(tmp_path):
    """Return the folder of a day of which two versions are posted."""
    day = make(tmp_path / "day")
    assert call("publish", "--event", str(day)) == 0
    load_rows(day, MISSING)
    assert call("publish", "--event", str(day)) == 0
    return day


# words, the file, its lines behind the heading
ORDERS = [
    ("1 --race classic", NAME, ["1", "2"]),
    ("2 --race classic --leg L1", "orders/classic-leg-L1-2.csv", ["1", "2", "3"]),
    ("1 --race classic --reversed", "orders/classic-leg-L1-1-reversed.csv", ["2", "1"]),
]


@pytest.mark.parametrize(("words", "name", "numbers"), ORDERS, ids=[row[0] for row in ORDERS])
def test_the_order_of_a_version_is_a_file_of_the_folder(posted, capsys, words, name, numbers):
    capsys.readouterr()
    assert call("order", *words.split(), "--event", str(posted)) == 0
    assert (posted / name).read_text() == "\n".join(["start_number", *numbers, ""])
    assert f'order = "{name}"' in capsys.readouterr().out


def test_a_regroup_takes_it(posted):
    """Behind CO1 (due 10 minutes after 09:00) crew 2 goes first, then 1; 3, which had no place, follows."""
    call("order", "1", "--race", "classic", "--reversed", "--event", str(posted))
    toml = posted / "event.toml"
    regroup = '\n[[regroup]]\nat = "CO1"\nraces = ["classic"]\norder = "orders/classic-leg-L1-1-reversed.csv"\n'
    toml.write_text(toml.read_text() + regroup)
    event = read_event(posted)
    control = next(control for control in event.controls if control.id == "PC1")
    start_ns = event.races[0].starts[0].first_at_ns
    dues = [(Timetable(event).due_ns(entry, control) - start_ns) // MINUTE_NS for entry in event.entries[:3]]
    assert dues == [16, 15, 17]


def test_the_same_again_is_the_same_and_another_order_is_kept(posted, capsys):
    call("order", "1", "--race", "classic", "--event", str(posted))
    assert call("order", "1", "--race", "classic", "--event", str(posted)) == 0
    (posted / NAME).write_text("start_number\n2\n1\n")
    capsys.readouterr()
    assert call("order", "1", "--race", "classic", "--event", str(posted)) == 1
    assert "expected no file, or this very order, got another one" in capsys.readouterr().err
    assert (posted / NAME).read_text() == "start_number\n2\n1\n"


# words, what is said
REFUSED = [
    ("3 --race classic", "expected a version of classic-leg-L1 from 1 to 2, got 3"),
    ("1", "expected one ranking, got classic-leg-L1, modern-leg-L1: choose by --race"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refuses(posted, capsys, words, says):
    capsys.readouterr()
    assert call("order", *words.split(), "--event", str(posted)) == 1
    assert says in capsys.readouterr().err
    assert not (posted / "orders").exists()


def test_a_version_without_places_has_no_order(tmp_path, capsys):
    """Nobody of a day without passages has a place."""
    assert call("publish", "--event", str(write(tmp_path / "bare")), "--leg", "L1") == 0
    listed = json.loads((tmp_path / "bare/results/classic-leg-L1.json").read_text())["lines"]
    assert all(line["position"] is None for line in listed)
    capsys.readouterr()
    assert call("order", "1", "--race", "classic", "--event", str(tmp_path / "bare")) == 1
    assert "expected crews with a place in version 1 of Classic, Leg 1, got none" in capsys.readouterr().err
