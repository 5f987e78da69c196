"""The style and the script of the live pages, named by their digests, so that a browser keeps each for ever."""

from importlib.resources import files
from typing import NamedTuple

from centesimo.live.parts import digest_of


class Assets(NamedTuple):
    """The names and texts of the two files."""

    css: str
    js: str
    text_by_name: dict[str, str]


def _assets() -> Assets:
    folder = files("centesimo") / "templates" / "live"
    names = {}
    texts = {}
    for kind in ("css", "js"):
        text = (folder / f"live.{kind}").read_text(encoding="utf-8")
        names[kind] = f"live.{digest_of(text.encode())}.{kind}"
        texts[names[kind]] = text
    return Assets(names["css"], names["js"], texts)


ASSETS = _assets()
