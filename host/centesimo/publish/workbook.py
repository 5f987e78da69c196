"""Rankings as a workbook for Excel: a sheet a ranking, of each control the taken time, its sign and the penalty."""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from centesimo.publish.published import Content, LineContent, ScoreContent
from centesimo.publish.render import has_fails, name, taken
from centesimo.score.instants import HUNDREDTHS, MINUTES
from centesimo.words.paper import words_in

LONGEST = 31  # letters of a sheet's name
MADE_AT = datetime(1980, 1, 1)  # stands in each workbook, so that the same rankings are the same bytes
CS_PER_DAY = 8_640_000
DURATION, SIGNED, SIGNED_MIN = "[m]:ss.00", "+0.00;-0.00;0.00", "+0;-0;0"


def workbook(contents: Sequence[Content], language: str) -> bytes:
    """Return an .xlsx of these rankings, headings in a language; Excel writes the decimals as its own language does."""
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"title": contents[0]["event"] if contents else "", "created": MADE_AT})
    formats = _Formats(book)
    names: set[str] = set()
    for content in contents:
        sheet = book.add_worksheet(_sheet_name(content, names))
        sheet.freeze_panes(1, 3)
        for row, cells in enumerate(_rows(content, language)):
            for column, (value, number_format) in enumerate(cells):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, formats.of(number_format, is_head=row == 0))
                elif value is not None:
                    sheet.write_number(row, column, float(value), formats.of(number_format))
    book.close()
    return made.getvalue()


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}

    def of(self, number_format: str, is_head: bool = False) -> Any:
        key = number_format, is_head
        if key not in self._made:
            self._made[key] = self._book.add_format({"num_format": number_format, "bold": is_head})
        return self._made[key]


Cell = tuple[str | Decimal | int | None, str]  # what stands there (None: nothing), and Excel's format of a number
PLAIN = "General"


def _rows(content: Content, language: str) -> list[list[Cell]]:
    words = words_in(language)
    fails = has_fails(content)
    head = [words[word] for word in ("position", "number", "crew", "car", "year", "team")]
    for control in content["controls"]:
        head += [f"{control['id']} {words['taken']}", f"{control['id']} +/-", control["id"]]
    head += [words["net"], words["coefficient"], *([words["fail"]] if fails else []), words["total"], words["gap"], ""]
    return [[(heading, PLAIN) for heading in head], *(_row(line, fails, words) for line in content["lines"])]


def _row(line: LineContent, fails: bool, words: dict[str, str]) -> list[Cell]:
    cells: list[Cell] = [(line["position"], "0"), (line["start_number"], "0"), (line["crew"], PLAIN)]
    cells += [(line["car"], PLAIN), (line["year"], "0"), (line["team"], PLAIN)]
    for score in line["scores"]:
        cells += [_taken(score), _deviation(score), _penalty(score, words)]
    cells += [_number(line["net"]), _number(line["coefficient"])]
    cells += [(line.get("fails", 0), "0")] if fails else []
    return [*cells, _number(line["total"]), _number(line["gap"]), (words.get(line["status"], line["status"]), PLAIN)]


def _taken(score: ScoreContent) -> Cell:
    """Return a taken time as a duration that Excel can reckon with, a time of day as it is written."""
    if score["taken_cs"] is None or score["unit"] != HUNDREDTHS:
        return taken(score), PLAIN
    return Decimal(score["taken_cs"]) / CS_PER_DAY, DURATION


def _deviation(score: ScoreContent) -> Cell:
    """Return a deviation in s, of a time control in min: early is negative."""
    value = score["deviation"]
    if value is None or score["unit"] not in (HUNDREDTHS, MINUTES):
        return None, PLAIN
    return (value, SIGNED_MIN) if score["unit"] == MINUTES else (Decimal(value).scaleb(-2), SIGNED)


def _penalty(score: ScoreContent, words: dict[str, str]) -> Cell:
    if score.get("fails"):
        return words["fail"], PLAIN
    return _number(score["penalty"]) if score["penalty"] else (words.get(score["status"], ""), PLAIN)


def _number(text: str) -> Cell:
    """Return a number with as many decimals as it was published with."""
    if not text:
        return None, PLAIN
    _, _, decimals = text.partition(".")
    return Decimal(text), f"0.{'0' * len(decimals)}" if decimals else "0"


def _sheet_name(content: Content, names: set[str]) -> str:
    """Return a name that Excel takes (31 letters, each once whatever their case) and add it to those that are taken."""
    whole = name(content["race"]["id"], content["leg"]["id"] if content["leg"] else None)
    for number in count(1):
        end = "" if number == 1 else f"-{number}"
        short = f"{whole[: LONGEST - len(end)]}{end}"
        if short.lower() not in names:
            break
    names.add(short.lower())
    return short
