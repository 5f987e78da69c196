"""Rankings as a workbook: read back by another library than the one that writes them."""

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.event import LANGUAGES
from centesimo.publish.workbook import workbook
from tests.postings import content, line, open_score, score
from tests.sheet_day import make


def run(folder: Path, *words: str) -> list[list[object]]:
    """Write the rankings of a folder and return the cells of the first sheet."""
    done = CliRunner().invoke(
        centesimo, ["ranking", "--event", str(folder), "--xlsx", str(folder / "all.xlsx"), *words]
    )
    assert done.exit_code == 0, done.output + str(done.exception)
    book = openpyxl.load_workbook(folder / "all.xlsx")
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_the_day_with_its_taken_times_and_signs(tmp_path: Path) -> None:
    rows = run(make(tmp_path), "--race", "classic", "--language", "it")
    assert rows[0][:9] == ["Pos.", "N.", "Equipaggio", "Vettura", "Anno", "Scuderia", "CO1 Effettivo", "CO1 +/-", "CO1"]
    crew_2 = dict(zip(rows[0], rows[2], strict=True))
    assert crew_2["CO1 Effettivo"] == "09:12:10"
    assert (crew_2["CO1 +/-"], crew_2["CO1"]) == (1, 100)
    assert crew_2["PC1 Effettivo"] == timedelta(seconds=29.98)
    assert (crew_2["PC1 +/-"], crew_2["PC1"]) == (-0.02, 2)
    assert (crew_2["PC2 +/-"], crew_2["PC2"]) == (0.07, 7)
    assert (crew_2["Totale"], crew_2["Distacco"]) == (149.33, 145.31)
    assert dict(zip(rows[0], rows[3], strict=True))["PC1"] == "in sospeso"


def test_a_sheet_for_each_ranking_and_the_same_bytes(tmp_path: Path) -> None:
    run(make(tmp_path))
    first = (tmp_path / "all.xlsx").read_bytes()
    run(tmp_path)
    assert (tmp_path / "all.xlsx").read_bytes() == first
    assert openpyxl.load_workbook(tmp_path / "all.xlsx").sheetnames == ["classic-leg-L1", "modern-leg-L1"]


def test_a_name_like_a_formula_is_a_text() -> None:
    posted = content([line(1, 7, "3", "0", [score("PC1", "3"), open_score("PC2")], crew="=1+1")])
    long = {"id": "c" * 40, "name": "Long"}
    made = workbook([posted, {**posted, "race": long}, {**posted, "race": long}], "de")  # type: ignore[typeddict-item]
    book = openpyxl.load_workbook(io.BytesIO(made))
    cell = book.worksheets[0].cell(2, 3)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert book.sheetnames == ["classic-leg-L1", "c" * 31, f"{'c' * 29}-2"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_in_each_language(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([content([line(1, 7, "3", "0", [])], ())], language)))
    heads = {"it": "Equipaggio", "en": "Crew", "de": "Team", "fr": "Équipage"}
    assert book.worksheets[0].cell(1, 3).value == heads[language]
