"""Published content as people and programs read it: terminal, CSV, JSON; values in, text out. The page is in page.py.

The same content gives the same bytes. Every text of an entry is taken as text: nothing in a crew's name is a style of
the terminal or a formula of a spreadsheet.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from centesimo.model.event import Event
from centesimo.model.facts import CANCELLED, DISCARDED, EXCLUDED, MISSED, NOT_STARTED, OPEN, RETIRED
from centesimo.model.findings import Finding
from centesimo.model.said import Figure, joined, said
from centesimo.publish.published import Content, LineContent, ScoreContent, TeamContent, team_line
from centesimo.rank.selections import TeamRanking
from centesimo.reading.hidden_characters import visible
from centesimo.reading.localtime import NS_PER_S
from centesimo.score import CS_PER_MINUTE, HUNDREDTHS, MINUTES
from centesimo.words.boards import shown_board
from centesimo.words.findings import sentence

MINUS = "\u2212"
NOTHING = "\u2013"

# Columns of a terminal with the two behind: edge, position (3), start number (4) and the begin of a crew (10); a car.
WIDTH_OF_CREW, WIDTH_OF_CAR = 1 + 5 + 6 + 12, 24

FAIL = "fail"

# What a ranking shows where there is no penalty.
WORDS = {OPEN: "open", CANCELLED: "canc.", MISSED: "missed", EXCLUDED: "excl.", RETIRED: "ret.", NOT_STARTED: "DNS"}

# Where a spreadsheet would take what follows for a formula: at the beginning, and behind what it may part cells at.
_FORMULA = re.compile(r"(^|[;,\t\r\n])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


class Imprint(NamedTuple):
    """What a posted ranking says of itself; `approved_by` is empty while it is provisional."""

    version: int  # 1, 2, ... for one race and leg
    status: str  # publish.PROVISIONAL, publish.OFFICIAL
    posted_at_ns: int
    approved_by: str


def name(race: str, leg: str | None) -> str:
    """Return the name of a ranking's files, by the ids of race and leg; leg None is all legs together."""
    whole = f"{race}-leg-{leg}" if leg else f"{race}-overall"
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in plain)


def title(content: Content) -> str:
    """Return what a ranking is called: its race and leg."""
    return f"{content['race']['name']}, {content['leg']['name'] if content['leg'] else 'all legs'}"


def as_json(content: Content, imprint: Imprint, changes: dict[str, Any] | None) -> str:
    """Return content, publication and what changed since the version before as JSON text; one line a crew."""
    posted = {**imprint._asdict(), "posted_at": _utc(imprint.posted_at_ns)}
    parts: dict[str, Sequence[Any]] = {"further": content.get("further", ()), "lines": content["lines"]}
    head = {key: value for key, value in content.items() if key not in (*parts, "approved_by", "not_seen")}
    whole = json.dumps({"publication": posted, **head, "changes": changes}, indent=1, ensure_ascii=False)
    tables = ",\n".join(_rows(key, rows) for key, rows in parts.items() if key in content)
    return "".join((whole.removesuffix("\n}"), ",\n", tables, "\n}\n"))


def _rows(key: str, rows: Sequence[Any]) -> str:
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f' "{key}": [\n  {lines}\n ]'


def as_csv(content: Content) -> str:
    """Return the table as CSV (comma, CRLF as RFC 4180), one column a control.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers never do.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    controls = [control["id"] for control in content["controls"]]
    head = ("position", "start_number", "crew", "car", "year", "team")
    part = ["multiplied"] if has_part(content) else []
    fails = ["fails"] if has_fails(content) else []
    writer.writerow([*head, *controls, "net", *part, "coefficient", *fails, "total", "gap", "ahead", "status"])
    for line in content["lines"]:
        crew, car, team = (as_text(line["crew"]), as_text(line["car"]), as_text(line["team"]))
        writer.writerow(
            [line["position"] or "", line["start_number"], crew, car, line["year"], team]
            + [_data(score) for score in line["scores"]]
            + [line["net"], *(multiplied(line) for _ in part), line["coefficient"]]
            + [line.get("fails", 0) for _ in fails]
            + [line["total"], line["gap"], line["ahead"], line["status"]]
        )
    return text.getvalue()


def as_excel_csv(content: Content) -> str:
    """Return the table as an Italian, German or French Excel opens it by a double click, with times and signs.

    A byte order mark, semicolons, decimal commas; three columns a control: what was taken, the deviation with its sign
    in its unit (s, min), and what it gave.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    controls = [control["id"] for control in content["controls"]]
    own = [heading for control in controls for heading in (f"{control} taken", f"{control} +/-", control)]
    head = ["position", "start_number", "crew", "car", "year", "team", *own, "net", "coefficient"]
    writer.writerow([*head, "fails", "total", "gap", "ahead", "status"])
    for line in content["lines"]:
        texts = (as_text(line["crew"]), as_text(line["car"]), line["year"], as_text(line["team"]))
        cells = [cell for score in line["scores"] for cell in (taken(score), _signed(score), _data(score))]
        numbers = (line["net"], line["coefficient"], line.get("fails", 0), line["total"], line["gap"], line["ahead"])
        row = [line["position"] or "", line["start_number"], *texts, *map(_comma, (*cells, *map(str, numbers)))]
        writer.writerow([*row, line["status"]])
    return f"\ufeff{text.getvalue()}"


def _comma(number: str) -> str:
    """Return a number with a decimal comma; a time of day and a word as they are."""
    return number.replace(".", ",") if re.fullmatch(r"[-+]?[\d:]*\.\d+", number) else number


def _signed(score: ScoreContent) -> str:
    """Return a deviation in s or min as a number: early is negative."""
    value = score["deviation"]
    if value is None or score["unit"] not in (HUNDREDTHS, MINUTES):
        return ""
    return str(value) if score["unit"] == MINUTES else f"{Decimal(value).scaleb(-2):.2f}"


def _data(score: ScoreContent) -> str:
    return FAIL if score.get("fails") else score["penalty"] or WORDS.get(score["status"], "")


def as_team_csv(by: str, teams: Iterable[TeamContent]) -> str:
    """Return a ranking of teams (`by` "team" or "nation") as CSV like as_csv, the cars that count in one cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["position", by, "start_numbers", "totals", "total", "gap", "ahead", "status"])
    for line in teams:
        cars = " ".join(map(str, line["start_numbers"])), " ".join(line["totals"])
        ends = line["total"], line["gap"], line["ahead"], line["status"]
        writer.writerow([line["position"] or "", as_text(line["name"]), *cars, *ends])
    return text.getvalue()


def as_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe stands before one that it could."""
    return _FORMULA.sub(r"\1'", text)


def as_table(content: Content, width: int | None) -> Table:
    """Return the table for a terminal of so many columns (None: as many as it needs).

    Where there is little room the cars are left out, where there is less the controls too, and the caption says so.
    """
    controls = [control["id"] for control in content["controls"]]
    numbers = sum(_width(control, cells) for control, cells in zip(controls, _by_control(content), strict=True))
    cells = ((total(line), line["gap"], line["status"]) for line in content["lines"])
    ends = sum(_width("Total", column) for column in zip(*cells, strict=True))
    narrow = WIDTH_OF_CREW + ends
    has_controls = width is None or width >= narrow + numbers
    has_cars = width is None or width >= narrow + numbers + WIDTH_OF_CAR
    table = Table(title=_text(f"{content['event']}: {title(content)}"), title_justify="left", box=SIMPLE_HEAD)
    table.padding = (0, 1, 0, 0)
    for heading in ("", "No."):
        table.add_column(heading, justify="right", no_wrap=True, min_width=3)
    table.add_column("Crew", no_wrap=True, overflow="ellipsis", min_width=8)
    if has_cars:
        table.add_column("Car", no_wrap=True, overflow="ellipsis", min_width=WIDTH_OF_CAR - 2)
    for heading in (*(controls if has_controls else ()), "Total", "Gap", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in content["lines"]:
        table.add_row(*_cells(line, has_cars, has_controls))
    if not has_controls:
        table.caption = f"No room for {len(controls)} controls: a wider window, --csv or centesimo score shows them."
    return table


def as_team_table(ranking: TeamRanking) -> Table:
    """Return a ranking of teams as a table for a terminal, each with its cars and what they bring."""
    leg = ranking.leg.name if ranking.leg else "all legs"
    table = Table(title=_text(f"{ranking.race.name}, {leg}"), title_justify="left", box=SIMPLE_HEAD)
    for heading in ("", ranking.by.capitalize(), "Cars", "Total", "Gap", ""):
        table.add_column(heading, justify="right" if heading in ("", "Total", "Gap") else "left")
    for line in ranking.lines:
        cars = ", ".join(f"{car.entry.start_number} ({typeset(f'{car.total:f}')})" for car in line.lines)
        position = str(line.position) if line.position else ""
        gap = typeset(f"{line.gap:f}") if line.gap else ""
        table.add_row(position, _text(line.name), cars, total(team_line(line)), gap, line.status)
    return table


def _text(text: str) -> Text:
    """Return a text from outside for a terminal: none of it is markup or controls the terminal."""
    return Text(visible(text))


def _by_control(content: Content) -> list[list[str]]:
    return [[cell(line["scores"][place]) for line in content["lines"]] for place in range(len(content["controls"]))]


def _width(heading: str, cells: Iterable[str]) -> int:
    """Return the columns of a terminal that a column of a table takes, with the two behind it."""
    return max(len(heading), *(len(cell) for cell in cells)) + 2


def _cells(line: LineContent, has_cars: bool, has_controls: bool) -> list[str | Text]:
    return [
        str(line["position"] or NOTHING),
        str(line["start_number"]),
        _text(line["crew"]),
        *([_text(f"{line['car']}, {line['year']}")] if has_cars else []),
        *(cell(score) for score in line["scores"] if has_controls),
        Text(total(line), style="bold"),
        gap(line),
        line["status"],
    ]


def cell(score: ScoreContent) -> str:
    """Return what a ranking shows for one control: the penalty, or a word for none."""
    if score["status"] == DISCARDED:
        return f"({typeset(score['penalty'])})"
    if score.get("fails"):
        return FAIL
    return typeset(score["penalty"]) if score["penalty"] else WORDS.get(score["status"], "")


def css_text(text: str) -> str:
    """Return a text as a string of a style sheet that stands in a page: nothing in it can end either."""
    letters = (letter if letter.isalnum() or letter in " ,.;:()·-" else f"\\{ord(letter):06x}" for letter in text)
    return f'"{"".join(letters)}"'


def typeset(number: str) -> str:
    """Return a number as people read it: a true minus sign, a dash for none."""
    return number.replace("-", MINUS) if number else NOTHING


def total(line: LineContent | TeamContent) -> str:
    """Return a total as people read it, with the fails that come before it: "1 fail + 45"."""
    fails = line.get("fails", 0)
    many = f"{fails} {FAIL}{'s' * (fails != 1)} + " if fails else ""
    return f"{many}{typeset(line['total'])}"


def has_fails(content: Content) -> bool:
    """Say whether a crew has a fail."""
    return any("fails" in line for line in content["lines"])


def coefficient(line: LineContent) -> str:
    """Return a car's coefficient with two decimals at least, as people write it: "1.30", "1.275".

    Of a crew that drove another car in a leg, those of all legs: "1.53 / 1.35".
    """
    factors = map(Decimal, line.get("coefficients", {"": line["coefficient"]}).values())
    return " / ".join(f"{factor:.2f}" if factor == round(factor, 2) else f"{factor:f}" for factor in factors)


def multiplied(line: LineContent) -> str:
    """Return what a crew's coefficient multiplies: all of its net, or the part that its line names."""
    return line.get("multiplied", line["net"])


def has_part(content: Content) -> bool:
    """Say whether a coefficient multiplies only a part of a net: its total is that product and the rest of the net."""
    return any("multiplied" in line and Decimal(line["coefficient"]) != 1 for line in content["lines"])


def gap(line: LineContent) -> str:
    """Return the gap to the leader, nothing for who leads and for who has no place."""
    return _typeset_gap(line["gap"])


def ahead(line: LineContent) -> str:
    """Return the gap to the one ahead, nothing for who leads and for who has no place."""
    return _typeset_gap(line["ahead"])


def _typeset_gap(number: str) -> str:
    return typeset(number) if number and Decimal(number) else ""


def deviation(score: ScoreContent) -> str:
    """Return a deviation with its sign and unit: "+0.12 s", "-2 min"; nothing where there is none."""
    value = score["deviation"]
    if value is None or score["unit"] not in (HUNDREDTHS, MINUTES):
        return ""
    if score["unit"] == MINUTES:
        return Figure(f"{value:+} min".replace("-", MINUS))
    return Figure(f"{Decimal(value).scaleb(-2):+.2f} s".replace("-", MINUS))


def taken(score: ScoreContent) -> str:
    """Return what was timed: a trial's time "0:21.05", the time of day at a control "09:11:01"; nothing for none."""
    if score["taken_cs"] is None:
        return ""
    minutes, rest_cs = divmod(score["taken_cs"], CS_PER_MINUTE)
    if score["unit"] == MINUTES:
        return f"{minutes // 60:02}:{minutes % 60:02}:{rest_cs // 100:02}"
    return Figure(f"{minutes}:{rest_cs // 100:02}.{rest_cs % 100:02}")


def about(score: ScoreContent) -> str:
    """Return one line on a score: what was timed, the deviation, how the penalty follows, its sources and doubts."""
    times = [*filter(None, (taken(score), deviation(score) if score["deviation"] else ""))]
    sources = score.get("sources", {}).items()
    timed_by = [said("{point} timed by {source}", point=point, source=source) for point, source in sources]
    how = joined(said(": "), (joined(", ", times), score["reason"])) if times else score["reason"]
    return joined(said("; "), (how, *timed_by, *score["doubts"]))


def as_findings(findings: Sequence[Finding], event: Event) -> Table:
    """Return findings as a table for a terminal."""
    table = Table(title="Findings", title_justify="left")
    for heading in ("kind", "where", "No.", "what"):
        table.add_column(heading, justify="right" if heading == "No." else "left", overflow="fold")
    for finding in findings:
        number, text = str(finding.start_number or ""), sentence(finding, event)
        table.add_row(finding.kind, _text(shown_board(event, finding.where)), number, _text(text))
    return table


def local(at_ns: int, timezone: str) -> str:
    """Return an instant as date and minute of local time: "5 May 2027, 17:04"."""
    at = datetime.fromtimestamp(at_ns // NS_PER_S, ZoneInfo(timezone))
    return f"{at.day} {at:%B %Y, %H:%M}"


def _utc(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // NS_PER_S, UTC).isoformat().replace("+00:00", "Z")
