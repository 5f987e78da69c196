"""The line of every key of a TOML text, and that keys are found exactly where tomllib finds them."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.reading.toml_lines import Path, line_by_path

INLINE = [("a",), ("a", "b"), ("a", "c"), ("a", "c", 0), ("a", "c", 0, "d")]
REPEATED = {
    ("a",): 1,
    ("a", 0): 1,
    ("a", 1): 2,
    ("a", 1, "b"): 3,
    ("a", 1, "c"): 4,
    ("a", 1, "c", 0): 4,
    ("a", 1, "c", 1): 5,
    ("a", 1, "d"): 6,
    ("a", 2): 7,
    ("a", 2, "c"): 8,
    ("a", 2, "c", 0): 8,
}
CASES = [
    ("plain", "a = 1\nb = 2", {("a",): 1, ("b",): 2}),
    ("comments", "# a\n\na = 1 # b = 2\n", {("a",): 3}),
    ("text over lines", 'a = """\nb = 1\n[c]\n\\"""" # """\nd = 1', {("a",): 1, ("d",): 5}),
    ("ends in quotes", "a = '''\n'''''\nb = \"\"\"x\"\"\"\"\"\nc = 1", {("a",): 1, ("b",): 3, ("c",): 4}),
    ("marks in texts", 'a = \'[b\' # ]\nc = "=\\"["\nd = 1', {("a",): 1, ("c",): 2, ("d",): 3}),
    ("date, blank, time", "a = 2027-05-23 09:00:00\nb = 1", {("a",): 1, ("b",): 2}),
    ("dotted", 'a.b = 1\na . "c.d" = 2', {("a",): 1, ("a", "b"): 1, ("a", "c.d"): 2}),
    ("tables", "[a]\nb = 1\n[a.c]\nd = 1", {("a",): 1, ("a", "b"): 2, ("a", "c"): 3, ("a", "c", "d"): 4}),
    ("array", "a = [1,\n 2, # 3\n\n[4]]", {("a",): 1, ("a", 0): 1, ("a", 1): 2, ("a", 2): 4, ("a", 2, 0): 4}),
    ("inline", "a = {b = 1, c = [{d = 2}]}", dict.fromkeys(INLINE, 1)),
    ("repeated", "[[a]]\n[[a]]\nb = 1\n[[a.c]]\n[[a.c]]\n[a.d]\n[[a]]\n[[a.c]]", REPEATED),
]
# Lines that hold every syntax that could confuse the walk; which heaps of them are TOML, tomllib says.
PIECES = ["[a]", "[[b]]", "[[b.c]]", "[b.'x y']", "d = 1", 'e."f.g" = "]"', "h = [", "'#', {i = 1},", "]", 'j = """']
PIECES += ['"""', "# k = 1", "l = 1979-05-27 07:32:00", "m = '''n'''''", "", '"\\"" = {}']


@pytest.mark.parametrize(("text", "lines"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_line_of_every_key(text: str, lines: dict[Path, int]) -> None:
    assert line_by_path(text) == lines
    assert line_by_path(text.replace("\n", "\r\n")) == lines
    assert set(lines) == set(_paths(tomllib.loads(text)))


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_keys_are_found_where_tomllib_finds_them(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(line_by_path(text)) == set(_paths(values))


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Go through the path of every key and element of what tomllib read."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from _paths(one, (*path, key))
