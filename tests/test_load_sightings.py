"""Loading sightings that were keyed elsewhere: what each column means, what is refused, what is kept and said."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import LoadError
from centesimo.sightings import made
from centesimo.store import Store
from centesimo.store.load_sightings import load_sightings
from tests.events import FIRST_AT_NS, event, write

S = 1_000_000_000
HEADER = "timing_point,start_number,time_of_day,person\n"
FULL = "timing_point,start_number,instant,error_s,person,device,counter,replaces,source\n"
NOW_NS = FIRST_AT_NS + 12 * 3600 * S  # in the evening


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


def loaded(store, folder, text, name="keyed.csv", now_ns=NOW_NS):
    return load_sightings(store, event(), folder / name, now_ns, text.encode())


def seen(number, after_s, point="A1", person="Anna", device="keyed.csv", counter=0, **further):
    return made(point, number, FIRST_AT_NS + round(after_s * S), person, device, counter, **further)


# name, text of the file, the sightings (09:00:00 of the leg in Rome is FIRST_AT_NS).
GOOD = [
    ("a sheet", HEADER + "A1,12,09:10:05,Anna\n", [seen(12, 605)]),
    ("to the minute", HEADER + "C1,12,09:10,Anna\n", [seen(12, 600, "C1")]),
    ("with tenths", HEADER + "A1,12,09:10:05.4,Anna\n", [seen(12, 605.4)]),
    ("nobody's", HEADER + "A1,nobody,09:10:05,Anna\n", [seen(None, 605)]),
    ("not read", HEADER + "A1,?,09:10:05,Anna\nA1,,09:11:05,Anna\nA1,1,09:12:00,Anna\n", [seen(1, 720)]),
    (
        "all columns",
        FULL + "A1,12,2027-05-23T07:10:05.25Z,3.5,Anna,phone 7,4,,by the barrier\n",
        [seen(12, 605.25, device="phone 7", counter=4, error_ns=3_500_000_000, source="by the barrier")],
    ),
    (
        "a correction by counter, and one that takes back",
        FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,5,4,\nA1,,2027-05-23T07:10:06Z,,Anna,p,6,#3,\n",
        [seen(12, 605, device="p", counter=5, replaces="#4"), seen(None, 606, device="p", counter=6, replaces="#3")],
    ),
    (
        "a correction by id",
        FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,5,0123456789abcdef,\n",
        [seen(12, 605, device="p", counter=5, replaces="0123456789abcdef")],
    ),
    ("the source is the person", "timing_point,start_number,time_of_day,source,device\nA1,12,09:10:05,Bruno,p\n",
     [seen(12, 605, person="Bruno", device="p", source="Bruno")]),
    ("a spreadsheet's", HEADER.replace(",", ";") + "A1;12;09:10:05,4;Anna\r\n;;;\r\n", [seen(12, 605.4)]),
    ("the night after", HEADER + "A1,12,24:30:00,Anna\n", [seen(12, 55_800)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_loads(store, tmp_path, text, expected):
    found = loaded(store, tmp_path, text)
    assert (found.added, found.known) == (len(expected), 0)
    assert store.sightings() == expected
    again = loaded(store, tmp_path, text)
    assert (again.added, again.known) == (0, len(expected))


# name, text, what each line of the error says behind "keyed.csv".
BAD = [
    ("no time", HEADER + "A1,12,,Anna\n", [":2: expected an instant or a time_of_day, got neither"]),
    ("a letter in a number", HEADER + "A1,12a,09:10:05,Anna\n", [":2: expected start_number as a whole number from 1"]),
    ("nobody who keyed it", HEADER + "A1,12,09:10:05,\n", [":2: expected person, got an empty cell"]),
    ("no point", HEADER + ",12,09:10:05,Anna\n", [":2: expected timing_point, got an empty cell"]),
    ("an hour that is none", HEADER + "A1,12,25,Anna\n", [":2: expected time_of_day as HH:MM:SS.cc"]),
    ("no offset", FULL + "A1,12,2027-05-23T07:10:05,,Anna,p,1,,\n", [":2: expected instant with its offset"]),
    ("an endless error", FULL + "A1,12,2027-05-23T07:10:05Z,172801,Anna,p,1,,\n", [":2: expected error_s as a number"]),
    ("half an id", FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,1,abc,\n", [":2: expected replaces as the 16 hex"]),
    ("of a later one", FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,3,4,\n", [":2: expected replaces as an"]),
    ("before 1970", FULL + "A1,12,1969-05-23T07:10:05Z,,Anna,p,3,,\n", [":2: expected at_ns as a whole number from 0"]),
    ("nothing in it", HEADER, [": expected at least one sighting under the header, got none"]),
    ("an unknown column", HEADER[:-1] + ",crew\n", [":1: expected one of the columns timing_point, start_number"]),
    ("all at once", HEADER + "A1,x,09:10:05,Anna\nA1,1,?,Anna\n", [":2: expected start_n", ":3: expected time_of"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_cannot_be_read_is_refused_whole(store, tmp_path, text, problems):
    with pytest.raises(LoadError) as refused:
        loaded(store, tmp_path, text)
    found = str(refused.value).splitlines()
    assert len(found) == len(problems)
    for line, problem in zip(found, problems, strict=True):
        assert line.startswith(f"{tmp_path.as_posix()}/keyed.csv{problem}")
    assert store.sightings() == []


AFTER = "is in place of #4, which is not here: kept until the other one comes"
# name, text, what is said of each odd line; all of it is kept.
ODD = [
    ("a point that the event lacks", HEADER + "Z9,12,09:10:05,Anna\n",
     ['2: "Z9" is no timing point of the event: it counts for nothing until it is']),
    ("a number that no entry has", HEADER + "A1,99,09:10:05,Anna\n",
     ["2: no entry has 99: it counts for nothing until one has"]),
    ("put right", FULL + "A1,99,2027-05-23T07:10:05Z,,Anna,p,1,,\nA1,1,2027-05-23T07:10:05Z,,Anna,p,2,1,\n",
     []),
    ("twice", HEADER + "A1,12,09:10:05,Anna\n" * 2, ["3: the same as line 2: it counts once"]),
    ("of tomorrow", FULL + "A1,12,2027-05-24T07:10:05Z,,Anna,p,1,,\n",
     ["2: 2027-05-24 09:10:05 has not been yet by this computer's clock: kept; is one of the two clocks off?"]),
    ("far in the future", FULL + "A1,12,2099-05-24T07:10:05Z,,Anna,p,1,,\n",
     ["2: 2099-05-24 09:10:05 has not been yet by this computer's clock: kept; is one of the two clocks off?"]),
    ("in place of one that is not here", FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,5,4,\n", [f"2: it {AFTER}"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "odd"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_what_is_odd_is_kept_and_said(store, tmp_path, text, odd):
    found = loaded(store, tmp_path, text)
    assert list(found.odd) == [f"{tmp_path.as_posix()}/keyed.csv:{word}" for word in odd]
    assert found.added == len(store.sightings()) == len(set(text.splitlines())) - 1


def test_a_correction_meets_the_one_that_came_before_in_another_file(store, tmp_path):
    loaded(store, tmp_path, FULL + "A1,12,2027-05-23T07:10:05Z,,Anna,p,4,,\n", "first.csv")
    assert loaded(store, tmp_path, FULL + "A1,11,2027-05-23T07:10:05Z,,Anna,p,5,4,\n").odd == ()


def test_of_a_file_that_was_continued_only_new_lines_are_added(store, tmp_path):
    text = HEADER + "A1,1,09:15:01,Anna\n"
    loaded(store, tmp_path, text)
    found = loaded(store, tmp_path, text.replace("\nA1", "\nA1,2,09:16:01,Anna\nA1"))
    assert (found.added, found.known) == (1, 1)


def run(folder, file, *words):
    return CliRunner().invoke(centesimo, ["load", str(file), "--event", str(folder), *words])


ROUGH = "timing_point,start_number,time_of_day,source\nC1,1,09:10:00,hand\nA1,1,09:15:01,hand\n"
FINE = ROUGH.replace("09:15:01", "09:15:01.25")
NO_BOARD = ROUGH.replace("A1,1,09:15:01", "C1,2,09:11:00")
# name, text, words of the command, (passages, sightings) in the store; None: refused.
WHICH = [
    ("to the second where a board stamps", ROUGH, [], None),
    ("as sightings", ROUGH, ["--as", "sightings"], (0, 2)),
    ("as passages", ROUGH, ["--as", "passages"], (2, 0)),
    ("with a part of a second", FINE, [], (2, 0)),
    ("to the second where no board is", NO_BOARD, [], (2, 0)),
    ("with a person it is sightings", HEADER + "A1,12,09:10:05,Anna\n", [], (0, 1)),
    ("sightings told to be passages", HEADER + "A1,12,09:10:05,Anna\n", ["--as", "passages"], None),
]


@pytest.mark.parametrize(("text", "words", "counts"), [row[1:] for row in WHICH], ids=[row[0] for row in WHICH])
def test_which_file_is_which(tmp_path, text, words, counts):
    folder, file = write(tmp_path / "event"), tmp_path / "sheet.csv"
    file.write_text(text)
    ran = run(folder, file, *words)
    if counts is None:
        assert isinstance(ran.exception, LoadError)
        assert not (folder / "centesimo.sqlite").exists()
        return
    assert ran.exit_code == 0
    store = Store.of_event(folder)
    assert (len(store.passages()), len(store.sightings())) == counts
    store.close()


def test_the_refusal_names_the_line_the_board_and_both_ways_out(tmp_path):
    folder, file = write(tmp_path / "event"), tmp_path / "sheet.csv"
    file.write_text(ROUGH)
    said = str(run(folder, file).exception)
    assert said.startswith(f"{file}:3: the times are to the second, and board 00000000000000a1 times A1: expected --as")
    assert "--as passages" in said


def test_the_command_says_what_is_new_and_what_is_odd(tmp_path):
    folder, file = write(tmp_path / "event"), tmp_path / "sheet.csv"
    file.write_text(HEADER + "A1,12,09:10:05,Anna\nA1,99,09:11:05,Anna\nA1,?,09:12:00,Anna\n")
    future = "has not been yet by this computer's clock: kept; is one of the two clocks off?"
    lines = [line for line in run(folder, file).stdout.splitlines() if future not in line]
    assert lines == [
        f"{file}: 2 new sightings, 1 line without a number",
        f"  {file}:3: no entry has 99: it counts for nothing until one has",
    ]
    said = json.loads(run(folder, file, "--json").stdout)
    assert (said["added"], said["known"], said["unread"]) == (0, 2, 1)


def test_the_example_of_the_manual_loads(store, tmp_path):
    manual = (Path(__file__).parents[1] / "docs" / "sightings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", manual, re.DOTALL)
    found = loaded(store, tmp_path, example)
    assert (found.added, found.unread, found.odd) == (4, 1, ())
