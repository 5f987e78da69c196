"""A notice to the crews: a text of the clerk of the course under the head of the event, with its signature."""

from pathlib import Path

from centesimo.model.errors import TimingError
from centesimo.model.event import Event
from centesimo.paper.sheet import Sheet, page_words
from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.reading.limits import read_file
from centesimo.words.paper import words_in

LARGEST = 100_000  # bytes: some 30 pages


def notice(event: Event, text: str, language: str) -> Sheet:
    """Return a notice: the first line of the text is what it is about, an empty line parts paragraphs."""
    words = words_in(language)
    about, _, rest = text.strip().partition("\n")
    paragraphs = tuple(" ".join(part.split()) for part in rest.strip().split("\n\n") if part.strip())
    return Sheet(
        language,
        event.name,
        words["notice"],
        about.strip(),
        "",
        (),
        (),
        page_words(words["page"]),
        notes=paragraphs,
        signatures=(words["clerk"],),
        is_tall=True,
    )


def read_notice(path: Path) -> str:
    """Return the text of a notice; TimingError where it is no text, empty or too large."""
    try:
        text = read_file(path, LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise TimingError(
            f"{path}: expected the text of a notice of at most {LARGEST} bytes, cannot read it: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise TimingError(
            f"{path}: expected the text of a notice in UTF-8, got other bytes at {error.start}"
        ) from error
    if has_hidden(text.replace("\n", "").replace("\t", "")):
        raise TimingError(f"{path}: expected the text of a notice {WITHOUT}")
    if not text.strip():
        raise TimingError(f"{path}: expected what the notice is about and its text, got an empty file")
    return text
