"""A crew that drives another car in the second leg: each leg counts by its own, and what is official stays."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.check import event_from_files
from centesimo.commands.main import centesimo
from centesimo.model.errors import EventError
from tests.events import changed
from tests.sheet_day import make
from tests.test_driven_legs import HEAD, two_days

# Crew 1 has 3 net penalties in the first leg with a Fiat of 1934 (1.34), 2 in the second with a car of 1951 (1.51).
OLD, SPARE = (
    "1,classic,Crew 1,Fiat 508 S,1934,Team East",
    "1,classic,Crew 1,Fiat 508 S,1934,Team East,Jaguar XK 120,1951",
)


def with_spare(files: dict[str, str]) -> dict[str, str]:
    """Return the event with columns of the second leg's car."""
    lines = files["entries.csv"].replace(OLD, SPARE).splitlines()
    rows = [line if SPARE in line else f"{line},," for line in lines[1:]]
    return {**files, "entries.csv": "\n".join((f"{lines[0]},car_L2,year_L2", *rows, ""))}


def run(folder: Path, *words: str) -> Result:
    """Run a verb in the folder."""
    return CliRunner().invoke(centesimo, [*words, "--event", str(folder)])


def load_second_leg(folder: Path) -> None:
    """Load the second leg: crew 1 is 2/100 late, crews 2 and 3 exact."""
    rows = "".join(
        f"B1,{number},09:1{number - 1}:00.00,hand,0,L2\nB2,{number},09:1{number - 1}:30.{late},hand,0,L2\n"
        for number, late in ((1, "02"), (2, "00"), (3, "00"))
    )
    (folder / "day2.csv").write_text(HEAD + rows, encoding="utf-8")
    assert run(folder, "load", str(folder / "day2.csv")).exit_code == 0


def test_each_leg_has_its_car() -> None:
    entry = event_from_files(with_spare(two_days())).entries[0]
    assert (entry.car, entry.year) == ("Fiat 508 S", 1934)
    assert (entry.in_leg("L2").car, entry.in_leg("L2").year) == ("Jaguar XK 120", 1951)
    assert entry.in_leg("L1").year == 1934


def test_the_total_over_all_legs_counts_each_leg_by_its_car(tmp_path: Path) -> None:
    make(tmp_path, with_spare(two_days()))
    load_second_leg(tmp_path)
    told = " ".join(run(tmp_path, "explain", "1", "PC9").output.split())
    assert "Leg 2: 2 of net 2, coefficient 1.51, total 3.02" in told
    # 3 x 1.34 + 2 x 1.51 = 4.02 + 3.02 = 7.04
    assert "all legs: 2 of net 5, coefficient 1.34 in L1, 1.51 in L2, total 7.04" in told
    assert run(tmp_path, "publish").exit_code == 0
    page = (tmp_path / "results" / "classic-overall.html").read_text(encoding="utf-8")
    assert "1.34 / 1.51" in page
    table = (tmp_path / "results" / "classic-leg-L2.csv").read_text(encoding="utf-8")
    assert "1,Crew 1,Jaguar XK 120,1951" in table


def test_a_spare_car_asks_nothing_of_a_leg_that_is_official(tmp_path: Path) -> None:
    make(tmp_path, two_days())
    assert run(tmp_path, "publish", "--leg", "L1", "--official", "--approved-by", "Steward", "--yes").exit_code == 0
    (tmp_path / "entries.csv").write_text(with_spare(two_days())["entries.csv"], encoding="utf-8")
    load_second_leg(tmp_path)
    posted = run(tmp_path, "publish")
    assert posted.exit_code == 0, posted.output
    assert "classic-leg-L1: official, version 1, not changed since" in posted.output


def test_another_year_of_the_entry_itself_is_asked(tmp_path: Path) -> None:
    make(tmp_path, two_days())
    assert run(tmp_path, "publish", "--leg", "L1", "--official", "--approved-by", "Steward", "--yes").exit_code == 0
    files = changed("entries.csv", "Fiat 508 S,1934", "Spare car,1935", two_days())
    (tmp_path / "entries.csv").write_text(files["entries.csv"], encoding="utf-8")
    refused = run(tmp_path, "publish")
    assert refused.exit_code == 1
    assert "crew 1 has year 1935, was 1934" in refused.output


# name: (what is written instead, what is said)
REFUSED = {
    "a year of two digits": (
        "XK 120,1951",
        "XK 120,51",
        "expected year_L2 as a year of 4 digits",
    ),
    "a leg that is none": ("car_L2", "car_L9", "expected car_L2, got"),
}


@pytest.mark.parametrize(("old", "new", "message"), REFUSED.values(), ids=REFUSED)
def test_a_mistake_in_its_columns(old: str, new: str, message: str) -> None:
    with pytest.raises(EventError) as refused:
        event_from_files(changed("entries.csv", old, new, with_spare(two_days())))
    assert message in str(refused.value)
