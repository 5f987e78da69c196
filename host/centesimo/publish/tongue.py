"""One language of the posted pages: its words, its numbers, the names of its files, and posted sentences said in it."""

from collections import ChainMap
from collections.abc import Mapping
from typing import NamedTuple

from centesimo.model.said import said
from centesimo.publish.published import Content
from centesimo.publish.render import local
from centesimo.words.languages import say, word
from centesimo.words.paper import posted_on

OWN_NAMES = {"it": "Italiano", "en": "English", "de": "Deutsch", "fr": "Français"}
NOTHING_SAID: Mapping[str, str] = {}


class Tongue(NamedTuple):
    """A language, and which others there are; `texts` are the posted sentences in it, by the English ones."""

    language: str = "en"
    languages: tuple[str, ...] = ("en",)  # the first one's pages have the plain names
    texts: Mapping[str, str] = NOTHING_SAID

    def __call__(self, template: str, **values: object) -> str:
        """Return what a template of the catalogues says of some values."""
        return self.text(said(template, **values))

    def text(self, text: str) -> str:
        """Return a text that was posted or made of values; what nobody said in this language stays as it is."""
        return say(self.language, text, self.texts)

    def number(self, shown: str) -> str:
        """Return a number that is typeset ("-3.50 s", "0:21.05") with the decimal sign of the language."""
        return shown if self.language == "en" else shown.replace(".", ",")

    def short(self, shown: str) -> str:
        """Return what a cell shows: a number, or a word for none."""
        translated = word(self.language, shown)
        return self.number(shown) if translated == shown else translated

    def hour(self, at_ns: int, timezone: str) -> str:
        """Return when something was posted, as the language writes a date."""
        return local(at_ns, timezone) if self.language == "en" else posted_on(at_ns, timezone, self.language)

    def file(self, name: str, language: str = "") -> str:
        """Return the file of a page in this language, or another one."""
        language = language or self.language
        return f"{name}.html" if language == self.languages[0] else f"{name}.{language}.html"

    def others(self, name: str) -> list[tuple[str, str, str]]:
        """Return of the other languages: code, own name, and the file of a page."""
        return [(code, OWN_NAMES[code], self.file(name, code)) for code in self.languages if code != self.language]


ENGLISH = Tongue()


def tongues(languages: tuple[str, ...], *contents: Content | None) -> list[Tongue]:
    """Return the languages of an event, for pages that say what stands in some contents (None: there is none)."""
    texts_by_language = [content.get("texts", {}) for content in contents if content]
    return [
        Tongue(language, languages, dict(ChainMap(*(texts.get(language, {}) for texts in texts_by_language))))
        for language in languages
    ]
