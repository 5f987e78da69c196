"""Marshals' lists: the order they give, and every mistake at its line."""

import pytest
from events import write

from centesimo.check import check_folder
from centesimo.check.lists import list_texts
from centesimo.errors import EventError, LoadError
from centesimo.facts import Listed, MarshalList

A1 = "lists/A1.csv"
NAMED = 'a list named after a timing point ("A1", "A2", "A3", "C1"), got A9'
NUMBER = "the start number of an entry"

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
    ("number twice", A1, "start_number\n2\n1\n2\n", [f"{A1}:4: expected every start number once, got 2 as in line 2"]),
    ("no crew", A1, "start_number\n99\n", [f"{A1}:2: expected {NUMBER}, got 99; write ? for one that cannot be read"]),
    ("no number", A1, "start_number\n1a\n", [f"{A1}:2: expected start_number as a whole number from 1 to"]),
    (
        "an escape",
        A1,
        "start_number\n1\x1bc\n",
        [rf"{A1}:2: expected a cell without", rf"{A1}:2: expected start_number"],
    ),
    (
        "name of the file",
        "lists/A1\x1b.csv",
        "start_number\n",
        [r"lists/A1\u001b.csv: expected the name of a file without"],
    ),
    ("no header", A1, "2\n1\n", [f'{A1}:1: expected a header with start_number, got "2"']),
    ("empty file", A1, "", [f"{A1}:1: expected the column start_number, got none"]),
    ("two in a line", A1, "start_number\n1,2\n", [f"{A1}:2: expected 1 cell as in line 1, got 2; write"]),
    ("no such point", "lists/A9.csv", "start_number\n1\n", [f"lists/A9.csv: expected {NAMED}"]),
    ("all at once", A1, "start_number\n98\n99\n", [f"{A1}:2: expected {NUMBER}", f"{A1}:3: expected {NUMBER}"]),
]


def lists_of(folder, texts):
    """Return the lists of an event folder in which these are, by name."""
    return check_folder(write(write(folder), texts))[1]


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_the_order_of_passing(tmp_path, text, lines):
    listed = tuple(Listed("A1", place, number, f"{A1}:{line}") for place, number, line in lines)
    assert lists_of(tmp_path, {A1: text}) == (MarshalList("A1", listed),)


@pytest.mark.parametrize(("name", "text", "problems"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES])
def test_mistakes(tmp_path, name, text, problems):
    with pytest.raises(EventError) as refused:
        lists_of(tmp_path, {name: text})
    found = str(refused.value).splitlines()
    assert len(found) == len(problems)
    for line, problem in zip(found, problems, strict=True):
        assert line.startswith(f"{tmp_path.as_posix()}/{problem}")


def test_lists_in_order_of_their_names(tmp_path):
    texts = {"lists/A2.csv": "start_number\n2\n", A1: "start_number\n1\n"}
    lists = lists_of(tmp_path, {**texts, "lists/notes.txt": "x"})
    assert [found.timing_point for found in lists] == ["A1", "A2"]
    assert list_texts(tmp_path) == texts


def test_a_folder_without_lists(tmp_path):
    assert lists_of(tmp_path, {}) == ()
    assert list_texts(tmp_path) == {}


def test_a_list_that_is_no_text_is_not_kept(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / A1).write_bytes(b"\xff\n")
    with pytest.raises(LoadError, match=f"^{tmp_path.as_posix()}/{A1}"):
        list_texts(tmp_path)
