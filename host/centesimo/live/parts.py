"""Parts of pages: pieces of HTML that are named by their digest, so that a reader fetches only those that changed."""

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Template
from markupsafe import Markup

from centesimo.live.race import LiveRace
from centesimo.live.tables import Row, Table
from centesimo.live.texts import next_text, passed_text, row_text, team_text
from centesimo.model.memo import Memo
from centesimo.publish.template import template
from centesimo.words.live import Words

ROWS = 20  # of a block: about what a phone shows


class Part(NamedTuple):
    """A piece of a page; `digest` names its HTML."""

    name: str
    html: Markup
    digest: str


def part(name: str, html: str) -> Part:
    """Return a part of this HTML."""
    return Part(name, Markup(html), digest_of(html.encode()))


def digest_of(raw: bytes) -> str:
    """Return by what a piece is named: 12 hex digits of its BLAKE2b; of a million pieces two are alike by 1 in 560."""
    return blake2b(raw, digest_size=8).hexdigest()


@cache
def macros() -> Any:
    """Return the macros of the templates of parts."""
    return template("live/parts.html").module


def block_parts(table: Table, zone: ZoneInfo, words: Words, memo: Memo) -> list[Part]:
    """Return a table's rows in blocks of ROWS; a row that `memo` has is not rendered again."""
    if table.by:
        rows = [str(macros().team(team_text(line, table, words), words)) for line in table.teams]
    else:
        rows = [
            memo((table.key, words.language, row.line.entry.start_number), _row, row, table.highest_wins, zone, words)
            for row in table.rows
        ]
    blocks = [rows[at : at + ROWS] for at in range(0, len(rows), ROWS)] or [[]]
    return [part(f"b{number}", "".join(block)) for number, block in enumerate(blocks)]


def _row(row: Row, highest_wins: bool, zone: ZoneInfo, words: Words) -> str:
    return str(macros().row(row_text(row, highest_wins, zone, words), words))


def side_parts(race: LiveRace, zone: ZoneInfo, words: Words) -> list[Part]:
    """Return who passed last and who comes next."""
    passed = [passed_text(passed, zone, words) for passed in race.latest]
    coming = [next_text(point, zone) for point in race.coming]
    return [part("passed", macros().passed(passed, words)), part("coming", macros().coming(coming, words))]


def rendered(name: str, **values: Any) -> str:
    """Return a template of the live pages with these values."""
    made: Template = template(f"live/{name}.html")
    return made.render(**values)


def digest_of_parts(parts: Iterable[Part]) -> str:
    """Return by what a page is known: the digests of its parts in their order."""
    return digest_of(" ".join(f"{part.name}:{part.digest}" for part in parts).encode())


def manifest(revision: str, hour: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Return what the script of a page reads: the revision, its hour, and each part with its digest."""
    return {"revision": revision, "hour": hour, "parts": [[part.name, part.digest] for part in parts]}
