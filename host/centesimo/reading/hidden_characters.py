"""Characters that nobody sees but a terminal obeys: refused in what is read, written out in what is shown.

Control characters (also line ends and tabs inside a name), line separators, marks that turn the direction of writing,
and halves of characters that no file can hold.
"""

import re
from collections.abc import Iterator

HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
WITHOUT = "without control characters and marks of direction"  # completes "expected a text ..."


def has_hidden(text: str) -> bool:
    """Say whether a text has a character that must not be in a name."""
    return HIDDEN.search(text) is not None


def visible(text: str) -> str:
    r"""Return one line of text with every hidden character written out, as \u001b."""
    return HIDDEN.sub(lambda character: f"\\u{ord(character[0]):04x}", text)


def visible_lines(text: str) -> str:
    """Return text of several lines, each made visible."""
    return "\n".join(map(visible, text.split("\n")))


def hidden_texts(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each text of a TOML document, keys too, that has a hidden character, with the path to it."""
    if isinstance(value, str) and has_hidden(value):
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            if has_hidden(key):
                yield (*path, key), key
            yield from hidden_texts(inner, (*path, key))
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from hidden_texts(inner, (*path, place))
