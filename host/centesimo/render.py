"""A ranking as people read it: terminal, CSV, JSON and a page that needs nothing but itself; values in, text out.

The same ranking and publication give the same bytes. The page holds no script and loads nothing; it is read on a phone
and in print.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.box import SIMPLE_HEAD
from rich.table import Table

from centesimo.facts import CANCELLED, DISCARDED, EXCLUDED, MISSED, OPEN, Finding, Line, Ranking, Score
from centesimo.score import MINUTES

MINUS = "\u2212"
NOTHING = "\u2013"

WIDTH_WITHOUT_CARS, WIDTH_OF_CAR, WIDTH_OF_CONTROL = 42, 24, 5  # columns of a terminal

# What a ranking shows where there is no penalty.
WORDS = {OPEN: "open", CANCELLED: "canc.", MISSED: "missed", EXCLUDED: "excl."}


class Publication(NamedTuple):
    """What a posted ranking says of itself; `approved_by` is empty while it is provisional."""

    version: int  # 1, 2, ... for one race and leg
    status: str  # publish.PROVISIONAL, publish.OFFICIAL
    posted_at_ns: int
    approved_by: str


def name(ranking: Ranking) -> str:
    """Return the name of a ranking's files: race and leg, or race alone for the ranking over all legs."""
    whole = f"{ranking.race.id}-leg-{ranking.leg.id}" if ranking.leg else ranking.race.id
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in plain)


def content(ranking: Ranking, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return all that is published of a ranking and its findings, as values that JSON can hold; numbers as text."""
    return {
        "event": ranking.event,
        "race": {"id": ranking.race.id, "name": ranking.race.name},
        "leg": {"id": ranking.leg.id, "name": ranking.leg.name} if ranking.leg else None,
        "up_to": ranking.controls[-1].id if ranking.controls else None,
        "rulebook": {"name": ranking.rulebook, "digest": ranking.rulebook_digest},
        "wins": "highest" if ranking.highest_wins else "lowest",
        "controls": [{"id": control.id, "kind": control.kind} for control in ranking.controls],
        "lines": [_line_content(line) for line in ranking.lines],
        "findings": [finding._asdict() for finding in findings],
    }


def as_json(published: dict[str, Any], publication: Publication) -> str:
    """Return content and publication as JSON text, ending in a newline."""
    whole = {"publication": {**publication._asdict(), "posted_at": _utc(publication.posted_at_ns)}, **published}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def as_csv(ranking: Ranking) -> str:
    """Return the table as CSV (comma, UTF-8, CRLF as RFC 4180), one column a control."""
    text = io.StringIO()
    writer = csv.writer(text)
    controls = [control.id for control in ranking.controls]
    writer.writerow(
        [
            "position",
            "start_number",
            "crew",
            "car",
            "year",
            "team",
            *controls,
            "net",
            "coefficient",
            "total",
            "gap",
            "status",
        ]
    )
    for line in ranking.lines:
        entry = line.entry
        writer.writerow(
            [line.position or "", entry.start_number, entry.crew, entry.car, entry.year, entry.team]
            + [_plain(score.penalty) or WORDS.get(score.status, "") for score in line.scores]
            + [_plain(line.net), _plain(line.coefficient), _plain(line.total), _plain(line.gap), line.status]
        )
    return text.getvalue()


def as_table(ranking: Ranking, width: int) -> Table:
    """Return the table for a terminal of so many columns; where there is little room, the cars are left out."""
    wide = width >= WIDTH_WITHOUT_CARS + WIDTH_OF_CAR + WIDTH_OF_CONTROL * len(ranking.controls)
    leg = f", {ranking.leg.name}" if ranking.leg else ""
    table = Table(
        title=f"{ranking.event}: {ranking.race.name}{leg}", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for title in ("", "No."):
        table.add_column(title, justify="right", no_wrap=True, min_width=3)
    table.add_column("Crew", no_wrap=True, min_width=8)
    if wide:
        table.add_column("Car", no_wrap=True, overflow="ellipsis", min_width=WIDTH_OF_CAR)
    for control in ranking.controls:
        table.add_column(control.id, justify="right", no_wrap=True, min_width=WIDTH_OF_CONTROL - 1)
    for title in ("Total", "Gap", ""):
        table.add_column(title, justify="right", no_wrap=True, min_width=6)
    for line in ranking.lines:
        table.add_row(
            str(line.position or NOTHING),
            str(line.entry.start_number),
            line.entry.crew,
            *([f"{line.entry.car}, {line.entry.year}"] if wide else []),
            *(cell(score) for score in line.scores),
            f"[bold]{shown(line.total)}[/bold]",
            shown(line.gap),
            line.status,
        )
    return table


def page(
    ranking: Ranking, findings: Sequence[Finding], publication: Publication, timezone: ZoneInfo, content_digest: str
) -> str:
    """Return the page of one ranking: HTML with its style inside, nothing loaded, no script."""
    posted = datetime.fromtimestamp(publication.posted_at_ns // 1_000_000_000, timezone)
    return _template("ranking.html").render(
        ranking=ranking,
        publication=publication,
        posted=posted.strftime("%-d %B %Y, %H:%M"),
        timezone=timezone.key,
        findings=findings,
        content_digest=content_digest,
        doubts=[(score, doubt) for line in ranking.lines for score in line.scores for doubt in score.doubts],
        has_team=any(line.entry.team for line in ranking.lines),
        has_coefficient=any(line.coefficient != 1 for line in ranking.lines),
    )


def index(event: str, rankings: Iterable[tuple[Ranking, Publication]], timezone: ZoneInfo) -> str:
    """Return the page that leads to every ranking of an event."""
    rows = [
        (
            ranking,
            publication,
            datetime.fromtimestamp(publication.posted_at_ns // 1_000_000_000, timezone).strftime("%-d %B %Y, %H:%M"),
        )
        for ranking, publication in rankings
    ]
    return _template("index.html").render(event=event, rows=rows, timezone=timezone.key)


def cell(score: Score) -> str:
    """Return what a ranking shows for one control: the penalty, or a word for none."""
    if score.status == DISCARDED:
        return f"({shown(score.penalty)})"
    return WORDS.get(score.status, "") if score.penalty is None else shown(score.penalty)


def shown(value: Decimal | None) -> str:
    """Return a number as people read it: a true minus sign, a dash for none."""
    return NOTHING if value is None else _plain(value).replace("-", MINUS)


def deviation(score: Score) -> str:
    """Return a deviation with its sign and unit: "+0.12 s", "-2 min", or a dash."""
    if score.deviation is None:
        return NOTHING
    if score.unit == MINUTES:
        return f"{score.deviation:+} min".replace("-", MINUS)
    return f"{Decimal(score.deviation).scaleb(-2):+.2f} s".replace("-", MINUS)


def about(score: Score) -> str:
    """Return one line on a score: its control, its deviation and how the penalty follows, its doubts."""
    return "; ".join((f"{score.control}: {deviation(score)}", score.reason, *score.doubts))


def as_findings(findings: Sequence[Finding]) -> Table:
    """Return findings as a table for a terminal."""
    table = Table(title="Findings", title_justify="left")
    for title in ("kind", "where", "No.", "what"):
        table.add_column(title, justify="right" if title == "No." else "left", overflow="fold")
    for finding in findings:
        table.add_row(finding.kind, finding.where, str(finding.start_number or ""), finding.text)
    return table


def _line_content(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "position": line.position,
        "start_number": entry.start_number,
        "crew": entry.crew,
        "car": entry.car,
        "year": entry.year,
        "team": entry.team,
        "net": _plain(line.net),
        "coefficient": _plain(line.coefficient),
        "total": _plain(line.total),
        "gap": _plain(line.gap),
        "ahead": _plain(line.ahead),
        "status": line.status,
        "scores": [score_content(score) for score in line.scores],
    }


def score_content(score: Score) -> dict[str, Any]:
    """Return a score as values that JSON can hold."""
    return {
        "control": score.control,
        "status": score.status,
        "set_cs": score.set_cs,
        "taken_cs": score.taken_cs,
        "deviation": score.deviation,
        "unit": score.unit,
        "penalty": _plain(score.penalty),
        "reason": score.reason,
        "passages": [passage.id for passage in score.passages],
        "doubts": list(score.doubts),
    }


def _plain(value: Decimal | None) -> str:
    """Return a number as data: digits without an exponent, nothing for none."""
    return "" if value is None else f"{value:f}"


def _utc(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")


def _template(file: str) -> Any:
    environment = Environment(
        loader=PackageLoader("centesimo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(cell=cell, shown=shown)
    environment.globals.update(about=about, name=name, zip=zip)
    return environment.get_template(file)
