"""Marshals' lists: the order they give, and every mistake at its line."""

import pytest
from events import event, write

from centesimo.check.lists import list_texts, lists_from_texts, read_lists
from centesimo.errors import LoadError
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
    ("no header", A1, "2\n1\n", [f'{A1}:1: expected a header with start_number, got "2"']),
    ("empty file", A1, "", [f"{A1}:1: expected the column start_number, got none"]),
    ("two in a line", A1, "start_number\n1,2\n", [f"{A1}:2: expected 1 cell as in line 1, got 2; write"]),
    ("no such point", "lists/A9.csv", "start_number\n1\n", [f"lists/A9.csv: expected {NAMED}"]),
    ("all at once", A1, "start_number\n98\n99\n", [f"{A1}:2: expected {NUMBER}", f"{A1}:3: expected {NUMBER}"]),
]


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_the_order_of_passing(text, lines):
    listed = tuple(Listed("A1", place, number, f"{A1}:{line}") for place, number, line in lines)
    assert lists_from_texts({A1: text}, event()) == (MarshalList("A1", listed),)


@pytest.mark.parametrize(("name", "text", "problems"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES])
def test_mistakes(name, text, problems):
    with pytest.raises(LoadError) as refused:
        lists_from_texts({name: text}, event())
    found = str(refused.value).splitlines()
    assert len(found) == len(problems)
    assert [line[: len(problem)] for line, problem in zip(found, problems, strict=True)] == problems


def test_a_folder_and_the_texts_of_the_store_give_the_same_lists(tmp_path):
    write(tmp_path, {"lists/A2.csv": "start_number\n2\n", A1: "start_number\n1\n", "lists/notes.txt": "x"})
    lists = read_lists(tmp_path, event())
    assert [found.timing_point for found in lists] == ["A1", "A2"]
    assert lists_from_texts(list_texts(tmp_path), event()) == lists


def test_a_folder_without_lists(tmp_path):
    assert read_lists(tmp_path, event()) == ()


def test_mistakes_of_a_folder_name_its_path(tmp_path):
    write(tmp_path, {A1: "start_number\n99\n"})
    with pytest.raises(LoadError, match=f"^{tmp_path.as_posix()}/{A1}:2: "):
        read_lists(tmp_path, event())
