"""Marshals' lists: the order they give, and every mistake at its line: it stops nothing, and the rest counts."""

import pytest
from click.testing import CliRunner

from centesimo.check import check_folder
from centesimo.check.lists import list_texts
from centesimo.commands.main import centesimo
from centesimo.compute import Facts, compute
from centesimo.model.errors import EventError
from centesimo.model.facts import Listed, MarshalList
from centesimo.model.findings import FindingKind
from centesimo.words.findings import sentence
from tests.events import changed, event, write

A1 = "lists/A1.csv"
NAMED = 'a list named after a timing point ("A1", "A2", "A3", "C1"), got A9'
NUMBER = "the start number of an entry"
ONE = "expected one start number, as 34, or ? for one that cannot be read"
HEADER = "expected a header with start_number"
NOT_READ = "expected a list as lists/A1.csv, got a file that is not read: save it so, or take it away"

POINT = """\
[[timing_point]]
id = "{id}"
place = "Bridge"
{more}

"""

# (what is special, the text, (place, start number, line) of each car)
ACCEPTED = [
    ("in order of passing", "start_number\n2\n1\n11\n", [(1, 2, 2), (2, 1, 3), (3, 11, 4)]),
    ("nothing yet", "start_number\n", []),
    ("an unread car keeps its place", "start_number\n2\n\n1\n", [(1, 2, 2), (3, 1, 4)]),
    ("a question mark too", "start_number\n?\n1\n?\n?\n", [(2, 1, 3)]),
    ("empty lines at the end", "start_number\n1\n\n\n", [(1, 1, 2)]),
    ("blanks, Windows, byte order mark", "\ufeffstart_number \r\n 2 \r\n1\r\n", [(1, 2, 2), (2, 1, 3)]),
]

# (what is wrong, file, text, the problems)
MISTAKES = [
    (
        "number twice",
        A1,
        "start_number\n2\n1\n2\n",
        [f"{A1}:4: expected every start number once, got 2 as in line 2; "],
    ),
    ("a line doubled", A1, "start_number\n2\n2\n", [f"{A1}:3: expected every start number once, got 2 as in line 2; "]),
    ("no crew", A1, "start_number\n99\n", [f"{A1}:2: expected {NUMBER}, got 99; write ? for one that cannot be read"]),
    ("a letter", A1, "start_number\n34a\n", [f'{A1}:2: {ONE}, got "34a"']),
    ("as a sheet has numbers", A1, "start_number\n12.0\n", [f'{A1}:2: {ONE}, got "12.0"']),
    ("zero", A1, "start_number\n0\n", [f'{A1}:2: {ONE}, got "0"']),
    ("six digits", A1, "start_number\n100000\n", [f'{A1}:2: {ONE}, got "100000"']),
    ("a minus", A1, "start_number\n-1\n", [f'{A1}:2: {ONE}, got "-1"']),
    ("other digits", A1, "start_number\n\u0661\n", [f'{A1}:2: {ONE}, got "\u0661"']),
    ("several in a line", A1, "start_number\n1 2 11\n", [f'{A1}:2: {ONE}, got "1 2 11"']),
    (
        "an escape",
        A1,
        "start_number\n1\x1bc\n",
        [rf"{A1}:2: expected a cell without", rf"{A1}:2: {ONE}"],
    ),
    (
        "name of the file",
        "lists/A1\x1b.csv",
        "start_number\n",
        [r"lists/A1\u001b.csv: expected the name of a file without"],
    ),
    ("no header", A1, "2\n1\n", [f'{A1}:1: expected a header with start_number, got "2"']),
    ("empty file", A1, "", [f"{A1}:1: {HEADER}, got an empty file"]),
    ("a mark and nothing", A1, "\ufeff\r\n", [f"{A1}:1: {HEADER}, got an empty file"]),
    ("an empty line first", A1, "\nstart_number\n1\n", [f"{A1}:1: {HEADER}, got an empty line: remove it"]),
    ("a line for Excel first", A1, "sep=;\nstart_number\n1\n", [f'{A1}:1: {HEADER}, got "sep=;": remove this line']),
    ("tabs", A1, "start_number\ttime\n1\t9:00\n", [f"{A1}:1: {HEADER}, got columns separated by tabs: save it with"]),
    ("bars", A1, "start_number|time\n1|9:00\n", [f"{A1}:1: {HEADER}, got columns separated by bars: save it with"]),
    (
        "column twice",
        A1,
        "start_number,start_number\n1,1\n",
        [f"{A1}:1: expected every column once, got start_number 2"],
    ),
    (
        "nameless column",
        A1,
        "start_number;\n1;\n",
        [f"{A1}:1: expected a name over every column, got none over column 2"],
    ),
    (
        "of several points",
        A1,
        "timing_point,start_number\nA2,1\n",
        [f"{A1}:1: expected one of the columns start_number"],
    ),
    ("two in a line", A1, "start_number\n1,2\n", [f"{A1}:2: expected 1 cell as in line 1, got 2; write"]),
    ("no such point", "lists/A9.csv", "start_number\n1\n", [f"lists/A9.csv: expected {NAMED}"]),
    (
        "a copy",
        "lists/A1 (1).csv",
        "start_number\n1\n",
        ["lists/A1 (1).csv: expected a list named after a timing point"],
    ),
    ("a spreadsheet", "lists/A1.xlsx", "PK", [f"lists/A1.xlsx: {NOT_READ}"]),
    (
        "another spreadsheet",
        "lists/bridge.ods",
        "PK",
        ["lists/bridge.ods: expected a list as lists/bridge.csv, got a file"],
    ),
    ("another ending", "lists/A1.txt", "start_number\n1\n", [f"lists/A1.txt: {NOT_READ}"]),
    ("in capitals", "lists/A1.CSV", "start_number\n1\n", [f"lists/A1.CSV: {NOT_READ}"]),
    ("in a folder of its own", "lists/L1/A1.csv", "start_number\n1\n", [f"lists/L1/A1.csv: {NOT_READ}"]),
    (
        "a spreadsheet by a wrong name",
        A1,
        "PK\x03\x04",
        [f"{A1}: expected text in UTF-8, got a spreadsheet (Excel, Libre"],
    ),
    ("all at once", A1, "start_number\n98\n99\n", [f"{A1}:2: expected {NUMBER}", f"{A1}:3: expected {NUMBER}"]),
]


def lists_of(folder, texts):
    """Return the lists of an event folder in which these are, by name."""
    return check_folder(write(write(folder), texts))[1]


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_the_order_of_passing(tmp_path, text, lines):
    listed = tuple(Listed("A1", place, number, f"{A1}:{line}") for place, number, line in lines)
    assert lists_of(tmp_path, {A1: text}) == (MarshalList("A1", listed),)


def wrong_in(lists):
    """Return what is wrong in lists, as path:line: why."""
    return [f"{unusable.source}: {unusable.why}" for marshal_list in lists for unusable in marshal_list.unusable]


@pytest.mark.parametrize(("name", "text", "problems"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES])
def test_mistakes(tmp_path, name, text, problems):
    found = wrong_in(lists_of(tmp_path, {name: text}))
    assert len(found) == len(problems)
    for line, problem in zip(found, problems, strict=True):
        assert line.startswith(problem)


# name, the text of a list, (place, start number) of the lines that count all the same.
REST = [
    ("a number that no entry has keeps its place", "start_number\n2\n99\n1\n", [(1, 2), (3, 1)]),
    ("no number", "start_number\n2\n34a\n1\n", [(1, 2), (3, 1)]),
    ("of a number that stands twice neither line", "start_number\n2\n1\n11\n2\n", [(2, 1), (3, 11)]),
    ("thrice", "start_number\n2\n2\n11\n2\n", [(3, 11)]),
    ("no header", "2\n1\n", []),
    ("a line with too many cells", "start_number\n2\n1,3\n11\n", [(1, 2), (2, 11)]),
]


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in REST], ids=[case[0] for case in REST])
def test_the_rest_of_a_list_counts(tmp_path, text, lines):
    (found,) = lists_of(tmp_path, {A1: text})
    assert [(line.place, line.start_number) for line in found.lines] == lines
    assert found.unusable


@pytest.mark.parametrize(("name", "text"), [case[1:3] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_no_command_is_stopped_by_a_list_and_score_says_what_is_wrong(tmp_path, name, text):
    lists = lists_of(tmp_path, {name: text})
    outcome = compute(Facts(event(), lists, {}, ()))
    said = [sentence(one, event()) for one in outcome.findings if one.kind == FindingKind.LIST]
    assert {f"{line}." for line in wrong_in(lists)} <= set(said)
    assert outcome.rankings


def test_check_refuses_what_is_wrong_in_lists_and_ranking_goes_on(tmp_path):
    write(write(tmp_path), {A1: "start_number\n1\n99\n"})
    with pytest.raises(EventError) as refused:
        CliRunner().invoke(centesimo, ["check", str(tmp_path)], catch_exceptions=False)
    assert str(refused.value).splitlines() == [
        f"{tmp_path.as_posix()}/{A1}:3: expected {NUMBER}, got 99; write ? for one that cannot be read",
        f"1 mistake in {tmp_path}",
    ]
    ranked = CliRunner().invoke(centesimo, ["ranking", "--event", str(tmp_path)], catch_exceptions=False)
    assert ranked.exit_code == 0


def test_a_list_where_no_passage_becomes_a_crews_says_nothing(tmp_path):
    backup = POINT.format(id="A9", more='backup_of = "A1"') + POINT.format(id="A8", more="")
    files = changed("event.toml", "[[control]]", f"{backup}[[control]]")
    texts = dict.fromkeys(("lists/A9.csv", "lists/A8.csv", "lists/A1.csv"), "start_number\n1\n")
    lists = check_folder(write(write(tmp_path, files), texts))[1]
    assert [one.timing_point for one in lists] == ["A1", "", ""]
    assert wrong_in(lists) == [
        "lists/A8.csv: expected the list of a timing point with a control, got that of A8, where none is: take it away",
        "lists/A9.csv: expected the list of A1 as lists/A1.csv, got that of its backup A9: save it as lists/A1.csv",
    ]


def test_lists_in_order_of_their_names(tmp_path):
    texts = {"lists/A2.csv": "start_number\n2\n", A1: "start_number\n1\n"}
    beside = {"lists/notes.txt": "x", "lists/A1.xlsx": "PK", "lists/~$A3.xlsx": "x", "lists/.A3.ods": "x"}
    lists = lists_of(tmp_path, {**texts, **beside})
    assert [found.timing_point for found in lists] == ["A1", "A2"]
    assert list_texts(tmp_path) == texts


def test_a_folder_without_lists(tmp_path):
    assert lists_of(tmp_path, {}) == ()
    assert list_texts(tmp_path) == {}


# How a file begins, and what it is called.
NO_TEXTS = [
    (b"PK\x03\x04", "a spreadsheet (Excel, LibreOffice) or another zip file"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of an old Excel"),
    ("start_number\n".encode("utf-16"), "text in UTF-16"),
    (b"%PDF-1.7\n", "a PDF"),
]


@pytest.mark.parametrize(("begin", "what"), NO_TEXTS, ids=[what for _, what in NO_TEXTS])
def test_what_people_take_for_text_is_named(tmp_path, begin, what):
    (write(tmp_path) / A1).parent.mkdir()
    (tmp_path / A1).write_bytes(begin)
    lists = check_folder(tmp_path)[1]
    assert wrong_in(lists) == [f"{A1}: expected text in UTF-8, got {what}: save a sheet as CSV in UTF-8"]


def test_a_list_that_is_no_text_is_not_kept(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / A1).write_bytes(b"\xff\n")
    assert list_texts(tmp_path) == {}
