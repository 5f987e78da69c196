"""Style, script and icon of the live pages, named by their digests so that a browser keeps each; and openapi.json."""

from importlib.resources import files
from typing import NamedTuple

from centesimo.live.parts import digest_of


class Asset(NamedTuple):
    """One of them: what pages call it, and its text."""

    name: str
    text: str


def _asset(file: str) -> Asset:
    text = (files("centesimo") / "templates" / "live" / file).read_text(encoding="utf-8")
    stem, _, kind = file.partition(".")
    return Asset(f"{stem}.{digest_of(text.encode())}.{kind}", text)


CSS, SCRIPT, ICON, OPENAPI = map(_asset, ("live.css", "live.js", "icon.svg", "openapi.json"))
