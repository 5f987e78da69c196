"""Sentences that keep what they were made of, so that another language can make them anew from the same values.

A `Said` is its English text, and is stored, compared and sorted as that; nothing reads it back. words/languages.py says
it in another language: its template is the key of the catalogues. What stands in it that is no `Said` itself (names,
ids, times of day) is the same in every language; a `Figure` gets the language's decimal sign.
"""

from collections.abc import Iterable, Mapping
from typing import Any


class Figure(str):
    """A number in digits with a decimal point, perhaps with its unit: "12.5", "0.5 ms"."""

    __slots__ = ()


class Said(str):
    """A text in English with its template and values; of several texts in a row, with these."""

    __slots__ = ("between", "parts", "template", "values")
    template: str  # the key of the catalogues; "" for several in a row
    values: Mapping[str, Any]
    parts: tuple[str, ...]
    between: str

    def __add__(self, more: str) -> "Said":
        """Return both, one after the other."""
        return joined("", (self, more))


def said(template: str, /, **values: Any) -> Said:
    """Return what a template of the catalogues says of some values."""
    text = Said(template.format(**values))
    text.template, text.values, text.parts, text.between = template, values, (), ""
    return text


def joined(between: str, texts: Iterable[str]) -> Said:
    """Return texts with something between them, as str.join does."""
    parts = tuple(texts)
    text = Said(between.join(parts))
    text.template, text.values, text.parts, text.between = "", {}, parts, between
    return text
