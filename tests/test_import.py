"""Spreadsheets become the event's plain files: ten as organisers send them; refusals name the button that mends."""

import random
from datetime import datetime, time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.commands.main import centesimo
from centesimo.model.errors import TimingError
from centesimo.sheets.headings import COLUMN_BY_WORD, find_column, plain
from centesimo.sheets.to_entries import WANTED, changed_crews, to_entries
from centesimo.sheets.understood import understood
from centesimo.sheets.workbook import read_grids
from tests.events import FILES, write
from tests.sheets import ods, xlsx
from tests.test_driven_legs import two_days

ITALIAN = [
    ["Trofeo di Primavera 2027", "", "", "", "", "", "", ""],
    ["Elenco iscritti", "", "", "", "", "", "", ""],
    [],
    ["N° Gara", "Gara", "Cognome", "Nome", "Navigatore", "Marca", "Modello", "Anno", "Scuderia", "Coeff.", "Albergo"],
    [1, "Classic", "Ròssi", "Anna", "Verdi Carla", "Fiat", "508 S", 1934, "Team East", "1,34", "Hotel Lago"],
    ["2", "Classic", "Neri", "Ugo", "", "Lancia", "Aprilia", "1937", "", "1,37", ""],
    [],
    ["Totale iscritti", 2],
]
# name: (file, bytes, options, name of the file that is written, its text)
SHEETS = {
    "an Italian workbook with titles and a total": (
        "iscritti.xlsx",
        xlsx({"Foglio1": ITALIAN}),
        [],
        "entries.csv",
        "start_number,race,crew,car,year,team,coefficient,Albergo\n"
        "1,classic,Ròssi Anna / Verdi Carla,Fiat 508 S,1934,Team East,1.34,Hotel Lago\n"
        "2,classic,Neri Ugo,Lancia Aprilia,1937,,1.37,\n",
    ),
    "a German one, a sheet for each race": (
        "Nennliste.xlsx",
        xlsx(
            {
                "Classic": [
                    ["Startnr.", "Fahrer", "Beifahrer", "Fahrzeug", "Baujahr", "Mannschaft", "Damen"],
                    [3, "Müller", "Maier", "Porsche 356", 1956, "Süd", "ja"],
                ],
                "Modern": [["Startnr.", "Fahrer", "Beifahrer", "Fahrzeug", "Baujahr"], [11, "Huber", "", "VW", 2020]],
            }
        ),
        [],
        "entries.csv",
        "start_number,race,crew,car,year,team,ladies\n"
        "3,classic,Müller / Maier,Porsche 356,1956,Süd,yes\n11,modern,Huber,VW,2020,,\n",
    ),
    "a French CSV of an old Excel": (
        "engages.csv",
        "Numéro de course;Équipage;Voiture;Année;Écurie;Classe\n7;Léa & Zoé;Citroën Traction;1939;Élan;A\n".encode(
            "cp1252"
        ),
        ["--race", "classic"],
        "entries.csv",
        "start_number,race,crew,car,year,team,class\n7,classic,Léa & Zoé,Citroën Traction,1939,Élan,A\n",
    ),
    "an English ODS with numbers as text": (
        "entries.ods",
        ods(
            "Entries",
            [["Car No.", "Driver", "Co-Driver", "Car", "Year", "Team"], ["012", "Ann", "Bob", "MG TC", 1947, "Z"]],
        ),
        ["--race", "classic"],
        "entries.csv",
        "start_number,race,crew,car,year,team\n12,classic,Ann / Bob,MG TC,1947,Z\n",
    ),
    "a text by tabs in UTF-16": (
        "export.txt",
        "Pettorale\tConduttore\tVettura\tAnno\n5\tSara\tAlfa 1750\t1931\n".encode("utf-16"),
        ["--race", "classic"],
        "entries.csv",
        "start_number,race,crew,car,year,team\n5,classic,Sara,Alfa 1750,1931,\n",
    ),
    "times as Excel keeps them": (
        "rilevamenti.xlsx",
        xlsx(
            {"A1": [["Numero", "Ora di passaggio"], [1, time(9, 15, 0, 250_000)], [2, datetime(2027, 5, 23, 9, 16, 5)]]}
        ),
        ["--source", "Cronometro 2", "--uncertainty-s", "0,01"],
        "sheets/rilevamenti.csv",
        "timing_point,start_number,time_of_day,source,uncertainty_s\n"
        "A1,1,09:15:00.25,Cronometro 2,0.01\nA1,2,09:16:05,Cronometro 2,0.01\n",
    ),
    "times as text, with points and commas": (
        "zeiten.csv",
        b"Messpunkt;Startnummer;Uhrzeit\nA2;1;9:15:30,25\na2;2;9.16.35,02\nA2;;9h17'40\n",
        [],
        "sheets/zeiten.csv",
        "timing_point,start_number,time_of_day,source\nA2,1,09:15:30.25,zeiten\nA2,2,09:16:35.02,zeiten\nA2,,09:17:40,zeiten\n",
    ),
    "numbers alone are a marshal's list": (
        "A3.xlsx",
        xlsx({"A3": [["Pressostato A3"], ["Numero"], [1], [3], ["?"], [2]]}),
        [],
        "lists/A3.csv",
        "start_number\n1\n3\n?\n2\n",
    ),
    "a heading that is taught": (
        "sonderbar.csv",
        b"Dorsal,Crew,Car,Year,Remarks\n4,Zed,Riley,1935,vegan\n",
        ["--column", "Dorsal=start_number", "--column", "Remarks=", "--race", "classic"],
        "entries.csv",
        "start_number,race,crew,car,year,team\n4,classic,Zed,Riley,1935,\n",
    ),
    "a first line for Excel": (
        "sep.csv",
        b"sep=;\r\nNo;Crew;Car;Year;Team\r\n9;Ida;Bugatti T37;1927;East\r\n",
        ["--race", "classic"],
        "entries.csv",
        "start_number,race,crew,car,year,team\n9,classic,Ida,Bugatti T37,1927,East\n",
    ),
}


def run(folder: Path, name: str, raw: bytes, *options: str) -> Result:
    """Import a file into the folder of the small event."""
    (folder / name).write_bytes(raw)
    words = ["import", str(folder / name), "--event", str(folder), *options]
    return CliRunner().invoke(centesimo, words)


@pytest.mark.parametrize(("name", "raw", "options", "target", "text"), SHEETS.values(), ids=SHEETS)
def test_a_sheet_becomes_a_plain_file(
    tmp_path: Path, name: str, raw: bytes, options: list[str], target: str, text: str
) -> None:
    done = run(write(tmp_path), name, raw, *options, "--yes")
    assert done.exit_code == 0, done.output + str(done.exception)
    assert (tmp_path / target).read_text(encoding="utf-8") == text


def test_what_was_understood_is_shown_and_asked(tmp_path: Path) -> None:
    done = run(write(tmp_path), "iscritti.xlsx", xlsx({"Foglio1": ITALIAN}))
    assert done.exit_code == 1
    assert "nothing was written" in str(done.exception)
    assert (tmp_path / "entries.csv").read_text(encoding="utf-8") == FILES["entries.csv"]
    shown = " ".join(done.output.split())
    assert "Foglio1: 2 rows of entries, headings in line 4" in shown
    assert "│ Albergo │ (kept as it is) │ Hotel Lago │" in shown
    assert "left out: above the headings: Trofeo di Primavera 2027" in shown
    assert "left out: line 8: Totale iscritti 2" in shown


def test_the_extra_columns_are_kept_and_said(tmp_path: Path) -> None:
    rows = "1,classic,A,Fiat,1934,,Lago\n11,modern,B,VW,2020,,\n"
    write(tmp_path, {**FILES, "entries.csv": f"start_number,race,crew,car,year,team,Albergo\n{rows}"})
    checked = CliRunner().invoke(centesimo, ["check", str(tmp_path)])
    assert "entries.csv: not used: Albergo" in checked.output


def test_what_was_taught_is_remembered(tmp_path: Path) -> None:
    raw = b"Dorsal,Crew,Car,Year\n4,Zed,Riley,1935\n"
    assert (
        run(write(tmp_path), "a.csv", raw, "--column", "Dorsal=start_number", "--race", "classic", "--yes").exit_code
        == 0
    )
    assert (tmp_path / "columns.csv").read_text(encoding="utf-8") == "heading,column\ndorsal,start_number\n"
    assert run(tmp_path, "b.csv", raw + b"6,Kim,BSA,1934\n", "--race", "classic", "--yes").exit_code == 0


# name: (file, bytes, what is said)
REFUSED = {
    "a page saved as .xls": (
        "a.xls",
        b"<html><table></table></html>",
        "in Excel: File > Save As (File > Salva con nome)",
    ),
    "a PDF": ("a.pdf", b"%PDF-1.7", "got a PDF: ask for the sheet"),
    "a broken workbook": ("a.xlsx", b"PK\x03\x04nothing", "expected a spreadsheet that can be read"),
    "a locked workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0locked", "locked by a password"),
    "nothing": ("a.csv", b"\n", "expected a sheet with something in it"),
    "no headings": ("a.csv", b"lorem,ipsum\n1,2\n", "expected a row with headings as start_number"),
    "a formula's error": (
        "a.csv",
        b"No,Crew,Car,Year\n1,A,#N/A,1934\n",
        "Home > Paste > Values (Home > Incolla > Valori)",
    ),
    "no race": ("a.csv", b"No,Crew,Car,Year\n1,A,Fiat,1934\n", "expected the race (classic or modern) or --race"),
    "a year of two digits": ("a.csv", b"No,Crew,Car,Year\n1,A,Fiat,34\n", "expected the year of the car with 4 digits"),
    "a time without seconds": ("a.csv", b"Point,No,Time\nA1,1,9:15\n", "Format Cells > Number > Custom"),
    "a point that is none": ("a.csv", b"Point,No,Time\nZ9,1,9:15:00\n", "name it with --point"),
}


@pytest.mark.parametrize(("name", "raw", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_names_what_mends_it(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    done = run(write(tmp_path), name, raw, "--yes")
    assert done.exit_code == 1
    assert message in str(done.exception)


def test_no_heading_means_two_columns() -> None:
    assert all(plain(word) == word for word in COLUMN_BY_WORD)
    assert find_column("N° di Gara", {}) == "start_number"
    assert find_column("Écurie", {}) == "team"
    assert find_column("Dorsal", {"dorsal": "start_number"}) == "start_number"
    assert find_column("Albergo", {}) is None


def test_the_event_is_right_with_what_was_imported(tmp_path: Path) -> None:
    rows = [*ITALIAN, [11, "Modern", "Z", "", "", "VW", "ID", 2021]]
    assert run(write(tmp_path), "i.xlsx", xlsx({"Foglio1": rows}), "--yes").exit_code == 0
    assert CliRunner().invoke(centesimo, ["check", str(tmp_path)]).exit_code == 0


def test_a_spoilt_file_gives_a_sheet_or_our_own_error() -> None:
    """Bytes changed, taken out and put in, by a seed that is fixed: nothing else may come of them."""
    dice, files = random.Random(16), [(row[0], row[1]) for row in SHEETS.values()]
    refused = 0
    for _ in range(400):
        name, raw = dice.choice(files)
        spoilt = bytearray(raw)
        for _ in range(dice.choice((1, 5, 50))):
            at = dice.randrange(len(spoilt))
            spoilt[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
        try:
            for grid in read_grids(Path(name), bytes(spoilt)):
                to_entries(name, [understood(name, grid, {}, WANTED, "start_number")], [], "classic")
        except TimingError:
            refused += 1
    assert 0 < refused <= 400


SEEN = [  # headings in four languages; what each row says is the same
    ["Postazione", "N° Gara", "Ora", "Commissario"],
    ["Timing point", "Car No.", "Time", "Marshal"],
    ["Messpunkt", "Startnr.", "Uhrzeit", "Zeitnehmer"],
    ["Poste", "Dossard", "Heure", "Commissaire"],
]


@pytest.mark.parametrize("headings", SEEN, ids=["Italian", "English", "German", "French"])
def test_a_sheet_of_who_saw_whom_becomes_sightings(headings, tmp_path):
    folder = write(tmp_path / "event", FILES)
    rows = [headings, ["A1", 12, "9.15", "Anna"], ["A1", "?", "9:16:40", "Anna"]]
    for name, raw in (("seen.xlsx", xlsx({"Foglio1": rows})), ("visti.ods", ods("Foglio1", rows))):
        (tmp_path / name).write_bytes(raw)
        words = ["import", str(tmp_path / name), "--event", str(folder), "--yes"]
        done = CliRunner().invoke(centesimo, words)
        assert done.exit_code == 0, (done.output, done.exception)
        target = folder / "sheets" / f"{name.partition('.')[0]}.csv"
        wanted = "timing_point,start_number,time_of_day,leg,person\nA1,12,09:15:00,,Anna\nA1,?,09:16:40,,Anna\n"
        assert target.read_text() == wanted
        loaded = CliRunner().invoke(centesimo, ["load", str(target), "--event", str(folder)])
        assert "1 new sighting, 1 line without a number" in loaded.output


def test_what_is_imported_can_be_loaded_in_one_step(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "orologio.csv").write_bytes("N° Gara;Postazione;Ora\n1;A1;9.15.00,25\n".encode("cp1252"))
    words = ["import", str(tmp_path / "orologio.csv"), "--event", str(tmp_path), "--load", "--yes"]
    done = CliRunner().invoke(centesimo, words)
    assert done.exit_code == 0, done.output + str(done.exception)
    assert "orologio.csv: 1 new passage" in done.output
    assert "centesimo load" not in done.output


def test_a_cell_of_two_lines_is_one_text(tmp_path: Path) -> None:
    raw = b'sep=;\nN;Equipaggio;Auto;Anno\n7;"Anna\nBruno";Fiat;1934\n'
    (grid,) = read_grids(tmp_path / "x.csv", raw)
    assert grid.rows[-1] == ["7", "Anna Bruno", "Fiat", "1934"]


def test_a_point_of_two_legs_needs_its_leg_before_anything_is_written(tmp_path: Path) -> None:
    files = two_days()
    again = '[[control]]\nid = "CO9"\nkind = "time control"\nleg = "L2"\nat = "A1"\nafter_min = 60\n'
    folder = write(tmp_path, {**files, "event.toml": files["event.toml"] + again})
    rows = "".join(f"{number};A1;9.15.{number:02},25\n" for number in range(1, 14))
    (tmp_path / "orologio.csv").write_text(f"N;Postazione;Ora\n{rows}", encoding="utf-8")
    words = ["import", str(tmp_path / "orologio.csv"), "--event", str(folder), "--yes"]
    refused = CliRunner().invoke(centesimo, words)
    assert str(refused.exception).count("expected the leg of A1, which serves in L1, L2: name it with --leg") == 1
    assert "(and so in 12 more lines)" in str(refused.exception)
    assert not (folder / "sheets").exists()
    assert CliRunner().invoke(centesimo, [*words, "--leg", "L1"]).exit_code == 0


def test_another_list_of_entries_says_which_crews_it_changes() -> None:
    before = "start_number,race,crew\n1,classic,Anna\n2,classic,Bruno\n3,classic,Carla\n"
    after = "start_number,race,crew\n1,classic,Anna\n3,classic,Carla / Dino\n36,classic,Elsa\n"
    assert list(changed_crews(before, after)) == ["new: 36", "gone: 2", "changed: 3"]
    assert list(changed_crews(before, before)) == []
