"""The register of time checks on paper: one row a request, the clerk's signature below."""

from collections.abc import Sequence

from centesimo.model.event import Event
from centesimo.paper.sheet import LANDSCAPE, Column, Sheet, page_words
from centesimo.publish.register import COLUMNS, WORDS, Check, cells
from centesimo.words.paper import words_in

SHARED = ("crew", "reason", "outcome", "measure", "note")  # columns of words, which share what is left


def time_checks(event: Event, rows: Sequence[Check], revision: str, language: str) -> Sheet:
    """Return the register; a register without a row says so below its head."""
    headings, words = WORDS[language], words_in(language)
    columns = tuple(Column(headings[column], width="1fr" if column in SHARED else "auto") for column in COLUMNS)
    return Sheet(
        language,
        event.name,
        headings["title"],
        "",
        "",
        columns,
        tuple(tuple(cells(event, row, language).values()) for row in rows),
        page_words(words["page"]),
        notes=() if rows else (headings["none"],),
        signatures=(words["timekeeper"], words["clerk"]),
        revision=f"{words['revision']} {revision[:10]}",
        paper=LANDSCAPE,
    )
