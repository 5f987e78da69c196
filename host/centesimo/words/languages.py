"""What is said in another language: a sentence made anew from the values that it keeps (model/said.py).

The catalogues are tables by English template, each with the Italian, the German and the French one; a test holds every
template of the program against them. The words are the field's: of regulations and reports of the sport in that
language, docs/languages.md says which. A template that a catalogue lacks is said in English rather than not at all.
"""

from collections.abc import Mapping
from functools import cache
from string import Formatter

from centesimo.model.said import Figure, Said
from centesimo.words import of_boards, of_pages, of_passages, of_points, of_reasons

OTHERS = ("it", "de", "fr")  # beside English, in the order of the tables
TABLES: tuple[Mapping[str, tuple[str, str, str]], ...] = (
    of_boards.TABLE,
    of_pages.TABLE,
    of_passages.TABLE,
    of_points.TABLE,
    of_reasons.TABLE,
)
NOTHING: Mapping[str, str] = {}
_Part = tuple[str, str | None, str | None, str | None]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the templates of a language of OTHERS by their English ones."""
    place = OTHERS.index(language)
    return {english: texts[place] for table in TABLES for english, texts in table.items()}


def say(language: str, text: str, texts: Mapping[str, str] = NOTHING) -> str:
    """Return a text in a language of LANGUAGES; one that was made of nothing is the same in every language.

    `texts` are sentences whose values are gone, in that language by the English ones: those of a posted version.
    """
    if language == "en":
        return str(text)
    if isinstance(text, Figure):
        return text.replace(".", ",")
    if not isinstance(text, Said):
        return texts.get(text, text)
    if not text.template:
        return say(language, text.between).join(say(language, part, texts) for part in text.parts)
    return "".join(_filled(language, part, text, texts) for part in _parts(language, text.template))


def word(language: str, english: str) -> str:
    """Return a word or template of the catalogues in a language of LANGUAGES, with its places still empty."""
    return english if language == "en" else catalogue(language).get(english, english)


def _filled(language: str, part: _Part, text: Said, texts: Mapping[str, str]) -> str:
    """Return a piece of a template, and the value of the place behind it."""
    literal, name, spec, _ = part
    if name is None:
        return literal
    value = text.values[name]
    if isinstance(value, str) and not spec:
        return f"{literal}{say(language, value, texts)}"
    shown = format(value, spec or "")
    return f"{literal}{shown if isinstance(value, str | int) else shown.replace('.', ',')}"


@cache
def _parts(language: str, template: str) -> tuple[_Part, ...]:
    return tuple(Formatter().parse(catalogue(language).get(template, template)))
