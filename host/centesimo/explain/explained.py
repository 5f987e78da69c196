"""What an explanation holds, fact by fact, and how people and programs read it; __init__.py finds the facts.

For people each fact is a line, and the edges of a passage are a table: what all of them have in common is said once.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

NOT_KNOWN = "not known"
NAMES = 18  # columns of a terminal for the name of a fact

Value = str | int | float | bool | list[str] | list[int] | None


class Fact(NamedTuple):
    """One thing to say: its value for a program, and how a person reads it."""

    key: str  # of JSON, with the unit
    value: Value
    name: str
    shown: str | None  # None: for programs only


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
        """Return it as lines of text, one fact each; a passage's edges as a table, averaged trials at the end."""
        found = _lines(self.facts)
        for passage in self.passages:
            found += ["", *_lines(passage.facts), *_edge_lines(passage.edges)]
        for operand in self.averaged:
            found += ["", *operand.lines()]
        return found

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold; instants are ns since 1970, penalties texts."""
        content: dict[str, Any] = {fact.key: fact.value for fact in self.facts}
        content["passages"] = [
            {fact.key: fact.value for fact in passage.facts}
            | {"edges": [{fact.key: fact.value for fact in edge} for edge in passage.edges]}
            for passage in self.passages
        ]
        if self.averaged:
            content["averaged"] = [operand.as_json() for operand in self.averaged]
        return content


def fact(key: str, value: Value, shown: str | None = "", name: str = "") -> Fact:
    """Return a fact that is shown as its value where nothing else is said."""
    text = (NOT_KNOWN if value is None else str(value)) if shown == "" else shown
    return Fact(key, value, name or key.replace("_", " "), text)


def _lines(facts: Iterable[Fact]) -> list[str]:
    return [f"{fact.name:<{NAMES}}{fact.shown}" for fact in facts if fact.shown is not None]


def _edge_lines(edges: Sequence[Sequence[Fact]]) -> list[str]:
    """Return edges as a table: numbers to the right, words to the left; words that all share stand above it."""
    if not edges:
        return []
    columns = [column for column in zip(*edges, strict=True) if any(fact.shown for fact in column)]
    common = [column for column in columns if len(edges) > 1 and _is_common(column)]
    own = [column for column in columns if column not in common]
    numbers = [column for column in own if _is_number(column)]
    words = [column for column in own if not _is_number(column)]
    said = ", ".join(str(column[0].shown) for column in common)
    head = f"{'edges':<{NAMES}}{len(edges)}{f', all: {said}' if said else ''}"
    table = [_cells(column, right=True) for column in numbers] + [_cells(column, right=False) for column in words]
    return [head, *(f"  {'  '.join(row)}".rstrip() for row in zip(*table, strict=True))]


def _is_number(column: Sequence[Fact]) -> bool:
    return all(isinstance(fact.value, int) and fact.shown == str(fact.value) for fact in column)


def _is_common(column: Sequence[Fact]) -> bool:
    return not _is_number(column) and len({fact.shown for fact in column}) == 1


def _cells(column: Sequence[Fact], right: bool) -> list[str]:
    """Return a column of the table, its name first, all of one width."""
    texts = [column[0].name, *(fact.shown or "" for fact in column)]
    width = max(map(len, texts))
    return [text.rjust(width) if right else text.ljust(width) for text in texts]
