"""An explanation as facts, and how people (lines) and programs (JSON) read it; __init__.py collects the facts.

For people each fact is a line and the edges of a passage are a table, above which stands what all edges share.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

NOT_KNOWN = "not known"
NAMES = 18  # columns of a terminal for the name of a fact

Value = str | int | float | bool | list[str] | list[int] | None


class Fact(NamedTuple):
    """One fact: its value for a program, and its text for a person."""

    key: str  # of JSON, with the unit
    value: Value
    name: str
    text: str | None  # None: for programs only


class ExplainedPassage(NamedTuple):
    """One passage with all that is known of it, and its edges one by one."""

    facts: tuple[Fact, ...]
    edges: tuple[tuple[Fact, ...], ...]  # each has the same keys in the same order


class Explanation(NamedTuple):
    """All the facts of one score."""

    facts: tuple[Fact, ...]
    passages: tuple[ExplainedPassage, ...]
    averaged: tuple["Explanation", ...] = ()  # of an assigned average: the trials that it was taken of

    def lines(self) -> list[str]:
        """Return one line of text a fact, the edges of each passage as a table; averaged trials come last."""
        lines = _lines(self.facts)
        for passage in self.passages:
            lines += ["", *_lines(passage.facts), *_edge_lines(passage.edges)]
        for operand in self.averaged:
            lines += ["", *operand.lines()]
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the facts as values that JSON can hold; instants are ns since 1970, penalties are texts."""
        content: dict[str, Any] = {fact.key: fact.value for fact in self.facts}
        content["passages"] = [
            {fact.key: fact.value for fact in passage.facts}
            | {"edges": [{fact.key: fact.value for fact in edge} for edge in passage.edges]}
            for passage in self.passages
        ]
        if self.averaged:
            content["averaged"] = [operand.as_json() for operand in self.averaged]
        return content


def fact(key: str, value: Value, text: str | None = "", name: str = "") -> Fact:
    """Return a fact; a text of "" means that people read the value itself, None that they do not see the fact."""
    line = (NOT_KNOWN if value is None else str(value)) if text == "" else text
    return Fact(key, value, name or key.replace("_", " "), line)


def _lines(facts: Iterable[Fact]) -> list[str]:
    return [f"{fact.name:<{NAMES}}{fact.text}" for fact in facts if fact.text is not None]


def _edge_lines(edges: Sequence[Sequence[Fact]]) -> list[str]:
    """Return edges as lines of a table, numbers to the right and words to the left; what all share is in its head."""
    if not edges:
        return []
    columns = [column for column in zip(*edges, strict=True) if any(fact.text for fact in column)]
    common = [column for column in columns if len(edges) > 1 and _is_common(column)]
    own = [column for column in columns if column not in common]
    numbers = [column for column in own if _is_number(column)]
    words = [column for column in own if not _is_number(column)]
    stated = ", ".join(str(column[0].text) for column in common)
    head = f"{'edges':<{NAMES}}{len(edges)}{f', all: {stated}' if stated else ''}"
    table = [_cells(column, right=True) for column in numbers] + [_cells(column, right=False) for column in words]
    return [head, *(f"  {'  '.join(row)}".rstrip() for row in zip(*table, strict=True))]


def _is_number(column: Sequence[Fact]) -> bool:
    return all(isinstance(fact.value, int) and fact.text == str(fact.value) for fact in column)


def _is_common(column: Sequence[Fact]) -> bool:
    return not _is_number(column) and len({fact.text for fact in column}) == 1


def _cells(column: Sequence[Fact], right: bool) -> list[str]:
    """Return a column of the table, its name first, all of one width."""
    texts = [column[0].name, *(fact.text or "" for fact in column)]
    width = max(map(len, texts))
    return [text.rjust(width) if right else text.ljust(width) for text in texts]
