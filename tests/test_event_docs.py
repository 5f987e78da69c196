"""docs/event.md cannot drift: its example is an event, its refusals are what is printed, its keys are all there are."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.check import check_folder, event_from_files, event_toml
from centesimo.check.entries import FURTHER, NEEDED, PLACE_IN, START
from centesimo.commands.main import centesimo, main
from centesimo.model.errors import EventError
from tests.events import changed, write

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/event.md").read_text(encoding="utf-8")
EXAMPLE = dict(re.findall(r"^\*\*(\S+)\*\*\n```\w+\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE))
SHOWN = re.findall(r"^```console\n\$ centesimo check\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
MISTAKES = re.findall(r"^\| `([^`]*)` \| `([^`]*)` \|$", TEXT, re.MULTILINE)

# (section, file, the line of events.py's event after which a key or column is put that there is not)
SECTIONS = [
    ("[event]", "event.toml", 'name = "Small Event"'),
    ("[[leg]]", "event.toml", 'name = "Leg 1"'),
    ("[[race]]", "event.toml", 'name = "Classic"'),
    ("[[race.start]]", "event.toml", "interval_s = 60"),
    ("[[timing_point]]", "event.toml", 'place = "Bridge"'),
    ("[[control]]", "event.toml", 'at = "C1"'),
    ("[[control]]", "event.toml", "ideal_s = 30"),
]


def documented(section):
    """Return the keys of a section's table with their defaults."""
    body = re.split(r"^##", TEXT.split(f"# {section}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    return dict(re.findall(r"^\| `(\w+)` \|.* \| ([^|]*) \| [^|]* \|$", body, re.MULTILINE))


def test_the_example_is_an_event(tmp_path):
    event, lists = check_folder(write(tmp_path, EXAMPLE))
    assert [control.ideal_cs for control in event.controls] == [None, 3000, 1250]
    assert [line.start_number for line in lists[0].lines] == [1, 3, 2]


def test_what_is_shown(tmp_path):
    printed = CliRunner().invoke(centesimo, ["check", str(write(tmp_path, EXAMPLE))]).output
    assert [line.rstrip() for line in printed.splitlines()] == SHOWN[0].splitlines()


def test_the_refusals(tmp_path, monkeypatch, capsys):
    files = EXAMPLE
    for right, written in MISTAKES:
        (name,) = [name for name in files if right in files[name]]
        files = changed(name, right, written, files)
    monkeypatch.chdir(write(tmp_path, files))
    monkeypatch.setattr("sys.argv", ["centesimo", "check"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    assert capsys.readouterr().err == SHOWN[1]


@pytest.mark.parametrize(("section", "name", "after"), SECTIONS, ids=[f"{case[0]} {case[2]}" for case in SECTIONS])
def test_every_key_is_documented(section, name, after):
    with pytest.raises(EventError) as refused:
        event_from_files(changed(name, after, f"{after}\nzzz = 1"))
    known = re.search(r"expected one of (.*) in ", str(refused.value))[1].split(", ")
    assert set(known) <= set(documented(section))
    if section != "[[control]]":
        assert list(documented(section)) == known


def test_every_column_is_documented():
    assert list(documented("entries.csv")) == [*NEEDED, *FURTHER, f"{PLACE_IN}L1", START]


def test_every_default_is_documented():
    defaults = documented("[[timing_point]]")
    assert defaults["bounce_ms"] == f"`{event_toml.BOUNCE_MS}`"
    assert defaults["axle_ms"] == f"`{event_toml.AXLE_MS}`"
    assert defaults["sigma_ms"] == f"`{event_toml.SIGMA_MS}`"
