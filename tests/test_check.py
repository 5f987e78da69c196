"""The event folder as a whole: what is read, what is refused, and what `centesimo check` shows of it."""

import json
import os
import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from centesimo.check import check_folder, digest_of, event_from_files, read_event
from centesimo.commands.main import centesimo
from centesimo.model.errors import EventError
from centesimo.model.event import Control, Entry, Leg, Start, TimingPoint
from tests.events import FILES, FIRST_AT_NS, changed, write

ROOT = Path(__file__).parent.parent
T, E, R = "event.toml", "entries.csv", "rules.toml"
MINUTE_NS = 60_000_000_000


def without(folder, name):
    """Take a file out of a folder."""
    (folder / name).unlink()
    return folder


def as_folder(folder, name):
    """Put a folder in a file's place."""
    (without(folder, name) / name).mkdir()
    return folder


def latin(folder, name):
    """Write a file as Latin-1, with an accent in line 4."""
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"Crew 3", b"\xc9quipe 3"))
    return folder


LATENESS = "max_lateness_min = 30\n"
EMPTY = [f"{T}:1: expected event in {T}, a table [event], got none"]
EMPTY += [f"{T}:1: expected {key} in {T}, at least one [[{key}]], got none" for key in ("leg", "race", "timing_point")]
EMPTY += [f"{T}:1: expected control in {T}, at least one [[control]], got none"]
# (what is wrong, what is done to the good folder, the problems after "FOLDER/")
REFUSED = [
    ("no event.toml", lambda folder: without(folder, T), [f"{T}: expected a file, got none"]),
    ("no entries.csv", lambda folder: without(folder, E), [f"{E}: expected a file, got none"]),
    ("a folder for a file", lambda folder: as_folder(folder, E), [f"{E}: expected a file that can be read, got: "]),
    ("not UTF-8", lambda folder: latin(folder, E), [f"{E}:4: expected text in UTF-8, got the byte 0xc9; save"]),
    ("empty event.toml", lambda folder: write(folder, {T: ""}), EMPTY),
    ("rule book", lambda folder: write(folder, changed(R, "30", "-1")), [f"{R}:5: expected max_lateness_min"]),
    ("no rule", lambda folder: write(folder, changed(R, LATENESS, "")), [f"{R}:4: expected max_lateness_min"]),
    ("rule book no TOML", lambda folder: write(folder, changed(R, " = 30", "")), [f"{R}:5: expected TOML, got"]),
]


@pytest.mark.parametrize(("spoil", "problems"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_folders_that_are_refused(tmp_path, spoil, problems):
    with pytest.raises(EventError) as refused:
        read_event(spoil(write(tmp_path)))
    assert len(refused.value.problems) == len(problems)
    for found, expected in zip(refused.value.problems, problems, strict=True):
        assert found.startswith(f"{tmp_path.as_posix()}/{expected}")


@pytest.mark.parametrize(("name", "got"), [("nothing", "nothing"), (T, "a file")])
def test_what_is_no_folder(tmp_path, name, got):
    write(tmp_path)
    with pytest.raises(EventError, match=rf"/{name}: expected an event folder .*, got {got}$"):
        read_event(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    (write(tmp_path) / E).chmod(0)
    with pytest.raises(EventError, match=f"{E}: expected a file that can be read, got: Permission denied"):
        read_event(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
@pytest.mark.parametrize("name", [".", "lists"])
def test_a_folder_that_may_not_be_read(tmp_path, name):
    (write(tmp_path) / "lists").mkdir()
    (tmp_path / name).chmod(0o300)
    try:
        with pytest.raises(EventError, match=r": expected a folder that can be read, got: Permission denied"):
            check_folder(tmp_path)
    finally:
        (tmp_path / name).chmod(0o700)


def test_what_is_read():
    read = event_from_files(FILES)
    assert (read.name, read.timezone.key) == ("Small Event", "Europe/Rome")
    assert read.legs == (Leg("L1", "Leg 1", date(2027, 5, 23)),)
    assert [race.id for race in read.races] == ["classic", "modern"]
    assert read.races[0].starts == (Start("L1", FIRST_AT_NS, MINUTE_NS),)
    assert read.races[1].starts == (Start("L1", FIRST_AT_NS + 10 * MINUTE_NS, MINUTE_NS // 2),)
    assert read.timing_points[1] == TimingPoint("A2", "Mill", "00000000000000a1", 2, 25, 1500, 300)
    assert read.timing_points[3] == TimingPoint("C1", "Square", None, None, 25, 1500, 300)
    both = ("classic", "modern")
    assert read.controls == (
        Control("CO1", "time control", "L1", None, "C1", None, 10 * MINUTE_NS, both),
        Control("PC1", "timed trial", "L1", "A1", "A2", 3000, 15 * MINUTE_NS, both),
        Control("PC2", "timed trial", "L1", "A2", "A3", 1225, None, both),
    )
    assert read.entries[4] == Entry(12, "modern", "Crew 12", "Ferrari 296 GTB", 2023, "", None, 1)


def test_a_folder_and_the_texts_of_the_store_give_the_same_event(tmp_path):
    read = read_event(write(tmp_path))
    assert read == event_from_files(read.files)
    assert read.files == FILES
    assert read.digest == digest_of(FILES)
    assert digest_of(dict(reversed(FILES.items()))) == read.digest
    assert digest_of({**FILES, E: FILES[E] + " "}) != read.digest


def test_ends_of_line_and_byte_order_marks_are_kept_for_the_store(tmp_path):
    files = {**FILES, E: "\ufeff" + FILES[E].replace("\n", "\r\n")}
    assert read_event(write(tmp_path, files)).files == files


def test_other_files_are_no_part_of_the_event(tmp_path):
    others = {"notes.txt": "x", "centesimo.sqlite": "x", "._rules.toml": "\0", "lists/A1.csv": "start_number\n1\n"}
    write(tmp_path, {**FILES, **others})
    assert read_event(tmp_path).digest == digest_of(FILES)


@given(st.dictionaries(st.sampled_from([T, E, R]), st.text(max_size=200)))
def test_no_text_gives_anything_but_an_event_error(files):
    with pytest.raises(EventError):
        event_from_files(files)


@given(st.sampled_from([T, E]), st.data())
def test_a_file_spoilt_anywhere_gives_an_event_or_an_event_error(name, data):
    at = data.draw(st.integers(0, len(FILES[name])))
    text = FILES[name][:at] + data.draw(st.text(max_size=3)) + FILES[name][at + data.draw(st.integers(0, 12)) :]
    with suppress(EventError):
        event_from_files({**FILES, name: text})


# The command


def run(*arguments):
    """Run `centesimo check`."""
    return CliRunner().invoke(centesimo, ["check", *arguments])


def test_check_shows_what_is_in_the_demo():
    shown = run(str(ROOT / "demo/event"))
    assert shown.exit_code == 0, shown.exception
    assert re.search(r"Historic +24 +L1 2027-05-15 +08:36:00 +60 s +6 +historic.toml", shown.output)
    assert "No mistakes: 2 races, 1 leg, 6 controls, 8 timing points, 4 boards, 32 crews, " in shown.output
    same = "lists/A1.csv and lists/B1.csv are line by line the same: right where nobody overtook in between, wrong if"
    assert same in shown.output


def test_check_as_json():
    summary = json.loads(run("--json", str(ROOT / "demo/event")).output)
    assert [(race["race"], race["crews"]) for race in summary["races"]] == [("tribute", 8), ("historic", 24)]
    assert "A1" in summary["lists"]
    assert summary["same_lists"] == [["A1", "B1"]]  # the field came to both in the same order


def test_check_tells_all_mistakes_of_all_files_and_their_number(tmp_path):
    files = changed(T, "interval_s = 60", "interval_s = 0", changed(T, "ideal_s = 30", "ideal = 30"))
    spoilt = {E: FILES[E].replace("1934", "34").replace("\n11,", "\n3,"), "lists/A1.csv": "start_number\n2\n99\n"}
    refused = run(str(write(tmp_path, {**files, **spoilt})))
    where = tmp_path.as_posix()
    assert str(refused.exception).splitlines() == [
        f"{where}/{T}:18: expected interval_s as a whole number from 1 to 3600 s, got 0",
        f"{where}/{T}:66: expected ideal_s, got ideal",
        f'{where}/{E}:2: expected year as a year of 4 digits from 1880 to 2100, got "34"',
        f"{where}/{E}:5: expected a start number of its own, got 3 as in line 4",
        f"{where}/lists/A1.csv:3: expected the start number of an entry, got 99; write ? for one that cannot be read",
        f"5 mistakes in {where}",
    ]


def test_check_in_the_folder_names_files_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, changed(T, "interval_s = 60", "interval_s = 0")))
    assert str(run().exception).startswith(f"{T}:18: ")


def test_check_folder_gives_event_and_lists(tmp_path):
    read, lists = check_folder(write(tmp_path, {**FILES, "lists/A2.csv": "start_number\n2\n1\n"}))
    assert read == event_from_files(FILES)
    assert [line.start_number for line in lists[0].lines] == [2, 1]


@pytest.mark.parametrize("how", ["as an argument", "by --event", "by the environment"])
def test_the_folder_may_be_named_as_with_every_other_verb(tmp_path, monkeypatch, how):
    write(tmp_path)
    monkeypatch.delenv("CENTESIMO_EVENT", raising=False)
    if how == "by the environment":
        monkeypatch.setenv("CENTESIMO_EVENT", str(tmp_path))
    words = {"as an argument": [str(tmp_path)], "by --event": ["--event", str(tmp_path)]}.get(how, [])
    done = run(*words)
    assert (done.exit_code, "No mistakes: 2 races" in done.output) == (0, True)
