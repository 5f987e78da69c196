"""The line of every key in a TOML text, so that a mistake can be shown where it stands; tomllib keeps no positions.

tomllib reads the values and refuses what is no TOML. This walks the same text once more, token by token, and only looks
where keys, headers and elements begin; so it may trust the syntax and needs to know nothing about values but their end.
"""

import re
import tomllib

Path = tuple[str | int, ...]  # ("race", 0, "start", 1, "first"): keys, and places in arrays from 0

_TOKEN = re.compile(
    r"""(?P<newline>\n)
    |(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<mark>[\[\]{},=])
    |(?P<word>[^\s\[\]{},=\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


def line_by_path(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every key, table and array element of a TOML text that tomllib accepts."""
    return lines_and_words(text)[0]


def lines_and_words(text: str) -> tuple[dict[Path, int], dict[Path, str]]:
    """Return line_by_path, and by path what a value that is no text is written as: tomllib cuts a time at 1 us."""
    walk = _Walk(text)
    walk.document()
    return walk.lines, walk.words


class _Walk:
    """One pass over the tokens; `lines` and `words` are what was found."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self.words: dict[Path, str] = {}
        self._counts: dict[Path, int] = {}  # tables that each [[header]] has so far
        self._tokens = _tokens(text)
        self._at = 0

    def document(self) -> None:
        table: Path = ()
        while self._at < len(self._tokens):
            kind, raw, line = self._next()
            if raw == "[":
                table = self._header(line)
            elif kind != "newline":
                self._at -= 1
                self._pair(table)

    def _header(self, line: int) -> Path:
        repeated = self._tokens[self._at][1] == "["
        self._at += repeated
        path: Path = ()
        for key in self._key("]"):
            if path in self._counts:
                path += (self._counts[path] - 1,)
            path += (key,)
            self.lines.setdefault(path, line)
        if repeated:
            self._at += 1
            self._counts[path] = self._counts.get(path, 0) + 1
            path += (self._counts[path] - 1,)
            self.lines[path] = line
        elif path in self._counts:
            path += (self._counts[path] - 1,)
        return path

    def _pair(self, table: Path) -> None:
        line = self._tokens[self._at][2]
        path = table
        for key in self._key("="):
            path += (key,)
            self.lines.setdefault(path, line)
        self._value(path)

    def _key(self, end: str) -> list[str]:
        """Read a dotted key and the mark that ends it."""
        raw = ""
        while (token := self._next())[1] != end:
            raw += token[1]
        if '"' not in raw and "'" not in raw:
            return raw.split(".")
        keys, inner = [], tomllib.loads(raw + " = 0")
        while isinstance(inner, dict):
            (key,) = inner
            keys.append(key)
            inner = inner[key]
        return keys

    def _value(self, path: Path) -> None:
        kind, raw, _ = self._next()
        if raw == "[":
            self._array(path)
        elif raw == "{":
            self._inline(path)
        if kind == "word":
            self.words[path] = raw
        while kind == "word" and self._at < len(self._tokens) and self._tokens[self._at][0] == "word":
            self._at += 1  # a date, a blank and a time are one value

    def _array(self, path: Path) -> None:
        place = 0
        while (token := self._next())[1] != "]":
            if token[0] != "newline" and token[1] != ",":
                self._at -= 1
                self.lines[(*path, place)] = token[2]
                self._value((*path, place))
                place += 1

    def _inline(self, path: Path) -> None:
        while (token := self._next())[1] != "}":
            if token[0] != "newline" and token[1] != ",":
                self._at -= 1
                self._pair(path)

    def _next(self) -> tuple[str, str, int]:
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Return (kind, raw, line) of every token but blanks and comments."""
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        kind, raw = match.lastgroup or "", match.group()
        if kind != "blank":
            tokens.append((kind, raw, line))
        line += raw.count("\n")
    return tokens
