"""A new event from a sheet of controls in driving order: a folder that check takes, and its due times by hand."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.check import read_event
from centesimo.commands.main import centesimo
from tests.sheets import Rows, xlsx

SHEET: Rows = [
    ["Trofeo di Primavera: percorso"],
    ["Prova", "Luogo", "Minuti", "Tempo imposto", "Km", "Media"],
    ["CO1", "Piazza", 20, "", "", ""],
    ["PC1", "Ponte", "25", "30,00", "", ""],
    ["PC2", "Mulino", "", "0:12.50", "", ""],
    ["CT1", "Bar", "", "", "", ""],
    ["PM1", "Bivio", 40, "", "", 50],
    ["PM1", "Chiesa", "", "", "3,25", ""],
    ["PM1", "Lago", "", "", 7, ""],
    ["CO2", "Arrivo", 60, "", "", ""],
]
OPTIONS = [
    "--name",
    "Trofeo",
    "--leg",
    "L1=2027-04-10",
    "--first",
    "9:00",
    "--interval-s",
    "60",
    "--timezone",
    "Europe/Rome",
]


def make(tmp_path: Path, sheets: dict[str, Rows], *options: str) -> Result:
    """Make the folder `event` of a workbook."""
    (tmp_path / "percorso.xlsx").write_bytes(xlsx(sheets))
    words = ["new", str(tmp_path / "event"), str(tmp_path / "percorso.xlsx"), *OPTIONS, *options]
    return CliRunner().invoke(centesimo, words)


def test_a_sheet_becomes_an_event_that_check_takes(tmp_path: Path) -> None:
    done = make(tmp_path, {"L1": SHEET})
    assert done.exit_code == 0, done.output + str(done.exception)
    made = read_event(tmp_path / "event")
    assert [control.id for control in made.controls] == ["CO1", "PC1", "PC2", "CT1", "PM1.1", "PM1.2", "CO2"]
    first, second = made.controls[1:3]
    assert (first.ideal_cs, second.ideal_cs, second.opens) == (
        3000,
        1250,
        first.closes,
    )  # chained: one tube between them
    # 3.25 km and 7 km at 50 km/h: 234 s and 504 s.
    assert [control.ideal_cs for control in made.controls[4:6]] == [23_400, 50_400]
    assert CliRunner().invoke(centesimo, ["check", str(tmp_path / "event")]).exit_code == 0


def test_the_due_times_are_those_of_the_road_book(tmp_path: Path) -> None:
    assert make(tmp_path, {"L1": SHEET}).exit_code == 0
    rows = "".join(f"{number},classic,Crew {number},Fiat,1934,\n" for number in (1, 2, 3))
    (tmp_path / "event" / "entries.csv").write_text(f"start_number,race,crew,car,year,team\n{rows}", encoding="utf-8")
    shown = CliRunner().invoke(centesimo, ["course", "--json", "--event", str(tmp_path / "event")])
    due = [(row["control"], row["first"], row["last"], row["ideal_s"]) for row in json.loads(shown.output)]
    assert due == [
        ("CO1", "09:20:00", "09:22:00", ""),
        ("PC1", "09:25:00", "09:27:00", "30.00"),
        ("PC2", "09:25:30", "09:27:30", "12.50"),
        ("CT1", "", "", ""),
        ("PM1.1", "09:40:00", "09:42:00", "234.00"),
        ("PM1.2", "09:40:00", "09:42:00", "504.00"),
        ("CO2", "10:00:00", "10:02:00", ""),
    ]
    assert "free minute" in CliRunner().invoke(centesimo, ["course", "--event", str(tmp_path / "event")]).output


def test_two_legs_and_two_races(tmp_path: Path) -> None:
    second = [["Control", "Time", "Ideal time"], ["CO3", "9:30", ""], ["PC9", "9:45", "1:30.5"]]
    more = ["--leg", "L2=2027-04-11", "--race", "classic=Classic cars", "--race", "tribute=Tribute"]
    done = make(tmp_path, {"L1": SHEET, "L2": second}, *more)
    assert done.exit_code == 0, done.output + str(done.exception)
    made = read_event(tmp_path / "event")
    assert [(race.id, len(race.starts)) for race in made.races] == [("classic", 2), ("tribute", 2)]
    # 09:30 of the first crew, which starts at 09:00, is 30 minutes after the start.
    assert [(control.leg, control.after_ns) for control in made.controls[-2:]] == [
        ("L2", 1800 * 10**9),
        ("L2", 2700 * 10**9),
    ]
    assert made.controls[-1].ideal_cs == 9050


# name: (rows, what is said)
REFUSED = {
    "a kind that is none": (
        [["Prova", "Minuti"], ["X1", 20]],
        'expected the kind of a control (CO, CT, PC, PM), got "X1"',
    ),
    "no ideal time": ([["Prova", "Minuti"], ["PC1", 20]], "PC1: expected an ideal time, as 30,5 or 1:30.50"),
    "no time after the start": (
        [["Prova", "Luogo"], ["CO1", "Piazza"]],
        "CO1: expected the minutes after the start, or the time",
    ),
    "no average": ([["Prova", "Minuti"], ["PM1", 20]], "PM1: expected the average in km/h"),
}


@pytest.mark.parametrize(("rows", "message"), REFUSED.values(), ids=REFUSED)
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, rows: Rows, message: str) -> None:
    done = make(tmp_path, {"L1": rows})
    assert done.exit_code == 1
    assert message in str(done.exception)
    assert not (tmp_path / "event").exists()


def test_an_event_is_not_written_over(tmp_path: Path) -> None:
    assert make(tmp_path, {"L1": SHEET}).exit_code == 0
    assert "expected a folder without an event" in str(make(tmp_path, {"L1": SHEET}).exception)
