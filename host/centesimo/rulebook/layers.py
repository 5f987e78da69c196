"""The texts of rule books: where they are found, how one completes another that it extends, on which line a key is."""

import hashlib
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from centesimo.reading.hidden_characters import WITHOUT, hidden_texts
from centesimo.reading.limits import MOST_DEPTH, is_deep
from centesimo.reading.toml_errors import toml_error
from centesimo.reading.toml_lines import line_by_path
from centesimo.reading.toml_tables import as_toml, decimal_of


class Given(NamedTuple):
    """A key's value as written, and where."""

    value: Any
    where: str  # path:line


class Table(NamedTuple):
    """A table's keys as written, and where its head stands."""

    where: str
    keys: dict[str, Given]


ABSENT = Table("", {})
EVENT = "event.toml"  # which is no rule book


def shipped() -> list[str]:
    """Return the names of the shipped rule books, in the order of the alphabet."""
    folder = files("centesimo") / "rulebooks"
    return sorted(book.name.removesuffix(".toml") for book in folder.iterdir() if book.name.endswith(".toml"))


def find_text(folder_files: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return a book's path and text, or None."""
    if name in folder_files:
        return name, folder_files[name]
    if name in shipped():
        return name, (files("centesimo") / "rulebooks" / f"{name}.toml").read_text(encoding="utf-8")
    return None


def read_layers(
    text: str, path: str, folder_files: Mapping[str, str], problems: list[str], extending: tuple[str, ...]
) -> tuple[dict[str, Table], str]:
    """Return a book's tables, completed by those of the book that it extends, and the SHA-256 (hex) of both texts.

    `extending` names this book and those that extend it: none of them may be extended again. Mistakes are added to
    `problems`.
    """
    own = _own_tables(text.removeprefix("\ufeff"), path, problems)
    digest = hashlib.sha256(text.encode())
    extends = own.get("", ABSENT).keys.get("extends")
    if extends is None:
        return own, digest.hexdigest()
    base = find_text(folder_files, extends.value) if isinstance(extends.value, str) else None
    if base is None or base[0] in extending:
        problems.append(f"{extends.where}: expected extends as {_books(folder_files, extending, extends.value)}")
        return own, digest.hexdigest()
    under, base_digest = read_layers(base[1], base[0], folder_files, problems, (*extending, base[0]))
    digest.update(bytes.fromhex(base_digest))
    for name, table in own.items():
        below = under.get(name, ABSENT)
        under[name] = Table(table.where, _override(below.keys, table.keys))
    return under, digest.hexdigest()


def _books(folder_files: Mapping[str, str], extending: tuple[str, ...], given: object) -> str:
    """Say which books may be extended, and what was given."""
    if given in extending:
        return f"another rule book than this one and those that extend it, got {as_toml(given)}"
    own = [name for name in folder_files if name.endswith(".toml") and name not in (EVENT, *extending)]
    return f"one of {', '.join([*own, *shipped()])}, got {as_toml(given)}"


def _override(below: dict[str, Given], own: dict[str, Given]) -> dict[str, Given]:
    """Return the keys of a table over those of the book below; with another kind of rule only the own ones."""
    kind = own.get("rule")
    if kind is not None and "rule" in below and below["rule"].value != kind.value:
        return own
    return {**below, **own}


def _own_tables(text: str, path: str, problems: list[str]) -> dict[str, Table]:
    try:
        content = tomllib.loads(text, parse_float=decimal_of)
        if is_deep(content):
            raise ValueError(f"tables and arrays deeper than {MOST_DEPTH} in each other")
    except (ValueError, RecursionError) as error:
        line, why = toml_error(error, text)
        problems.append(f"{path}:{line}: {why}")
        return {}
    lines = line_by_path(text)

    def where(*keys: str) -> str:
        return f"{path}:{lines.get(tuple(key for key in keys if key), 1)}"

    for place, hidden in hidden_texts(content):
        keys = tuple(key for key in place[:2] if isinstance(key, str))
        problems.append(f"{where(*keys)}: expected a text {WITHOUT}, got {as_toml(hidden)}")
    top = {key: value for key, value in content.items() if not isinstance(value, dict)}
    tables = {"": top, **{key: value for key, value in content.items() if isinstance(value, dict)}}
    return {
        name: Table(where(name), {key: Given(value, where(name, key)) for key, value in table.items()})
        for name, table in tables.items()
    }
