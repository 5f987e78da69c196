"""A new event from a sheet of controls in driving order: a folder that check takes, and its due times by hand."""

import json
from datetime import UTC, date, datetime, time
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


def test_the_languages_of_a_new_event_are_those_that_are_given(tmp_path: Path) -> None:
    done = make(tmp_path, {"L1": SHEET}, "--language", "it", "--language", "de", "--language", "it")
    assert done.exit_code == 0, done.output + str(done.exception)
    made = read_event(tmp_path / "event")
    assert made.languages == ("it", "de")
    assert [leg.name for leg in made.legs] == ["Tappa 1"]


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


STARTS: Rows = [
    ["Gara", "Tappa", "Data", "Prima partenza", "Intervallo"],
    ["Auto classiche", "L1", date(2027, 4, 10), "9:00", 60],
    ["Tributo", "L1", "10/04/2027", "8.30", "0:00:30"],
    ["Tributo", "L2", "11.4.2027", time(8, 30), 60],
]
COURSE: Rows = [
    ["Tappa", "Prova", "Minuti", "Da", "Postazione", "Tempo imposto"],
    ["L1", "PC1", 25, "A1", "A2", "30,00"],
    ["L1", "PC2", "", "", "A3", "12,50"],
    ["L2", "CO1", 10, "", "C1", ""],
]
POINTS: Rows = [
    ["Postazione", "Luogo", "Centralina", "Ingresso"],
    ["A1", "Ponte", "E6614104033B5C2D", 1],
    ["A2", "Mulino", "e6614104033b5c2d", 2],
]


def made_of(tmp_path: Path, sheets: dict[str, Rows]) -> Result:
    """Make the folder `event` of a workbook that tells races, legs and starts itself."""
    (tmp_path / "percorso.xlsx").write_bytes(xlsx(sheets))
    words = ["new", str(tmp_path / "event"), str(tmp_path / "percorso.xlsx"), "--name", 'Il "Trofeo"']
    return CliRunner().invoke(centesimo, [*words, "--timezone", "Europe/Rome"])


def test_a_workbook_tells_starts_and_boards_too(tmp_path: Path) -> None:
    done = made_of(tmp_path, {"Percorso": COURSE, "Partenze": STARTS, "Postazioni": POINTS, "Note": [["chiamare Ugo"]]})
    assert done.exit_code == 0, done.output + str(done.exception)
    assert "3 controls, 4 timing points, 1 board\n" in done.output
    assert "left out: sheet Note" in done.output
    event = read_event(tmp_path / "event")
    assert event.name == 'Il "Trofeo"'
    assert [leg.date for leg in event.legs] == [date(2027, 4, 10), date(2027, 4, 11)]
    # Local times of Rome in April are two hours ahead of UTC.
    starts = [
        (race.id, start.leg, _utc(start.first_at_ns), start.interval_ns // 10**9)
        for race in event.races
        for start in race.starts
    ]
    assert starts == [
        ("auto-classiche", "L1", "2027-04-10 07:00", 60),
        ("tributo", "L1", "2027-04-10 06:30", 30),
        ("tributo", "L2", "2027-04-11 06:30", 60),
    ]
    assert [(point.id, point.place, point.board, point.input, point.legs) for point in event.timing_points] == [
        ("A1", "Ponte", "e6614104033b5c2d", 1, ("L1",)),
        ("A2", "Mulino", "e6614104033b5c2d", 2, ("L1",)),
        ("A3", "A3", None, None, ("L1",)),
        ("C1", "C1", None, None, ("L2",)),
    ]


def _utc(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // 10**9, UTC):%Y-%m-%d %H:%M}"


# name: (sheet, its row, what is said)
BOARD = "e6614104033b5c2d"
WRONG = {
    "a board that Excel took for a number": ("Postazioni", ["A3", "", 6.6e20, 1], "Excel took it for a number"),
    "an input that no board has": ("Postazioni", ["A3", "", BOARD, 5], "A3: expected the input of a board, 1 to 4"),
    "a point of no control": ("Postazioni", ["A9", "", BOARD, 3], 'expected a point of a control, got "A9"'),
    "a date that is none": ("Partenze", ["Tributo", "L3", "31/02/2027", "8:00", 60], 'got "31/02/2027"'),
    "a leg of two dates": ("Partenze", ["Altri", "L2", "12/04/2027", "8:00", 60], "expected one date for leg L2"),
    "an interval beyond an hour": ("Partenze", ["Altri", "L2", "", "8:00", 3601], "the seconds from crew to crew"),
}


@pytest.mark.parametrize(("sheet", "row", "message"), WRONG.values(), ids=WRONG)
def test_what_such_a_workbook_has_wrong_is_named(tmp_path: Path, sheet: str, row: list[object], message: str) -> None:
    sheets = {"Percorso": COURSE, "Partenze": STARTS, "Postazioni": POINTS}
    done = made_of(tmp_path, {**sheets, sheet: [*sheets[sheet], row]})
    assert done.exit_code == 1
    assert message in str(done.exception)
    assert not (tmp_path / "event").exists()
