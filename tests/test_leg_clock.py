"""The clock of a leg in the night when the clocks change: what people read on the wall, the same everywhere."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.reading.localtime import leg_clock
from tests.events import changed, write

ROME = ZoneInfo("Europe/Rome")
S_NS = 1_000_000_000


def utc_ns(day: int, hour: int, minute: int, second: int, month: int = 10) -> int:
    """Return an instant of 2027 in UTC."""
    return int(datetime(2027, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * S_NS


# name: (date of the leg, instant, what the clock shows)
SHOWN = {
    "before the change": (date(2027, 10, 30), utc_ns(30, 20, 0, 0), "22:00:00"),
    "the hour that comes twice, once": (date(2027, 10, 30), utc_ns(31, 0, 30, 0), "26:30:00"),
    "the hour that comes twice, again": (date(2027, 10, 30), utc_ns(31, 1, 30, 0), "26:30:00"),
    "after it": (date(2027, 10, 30), utc_ns(31, 2, 2, 20), "27:02:20"),
    "of the day itself": (date(2027, 10, 31), utc_ns(31, 2, 2, 20), "03:02:20"),
    "in spring, before": (date(2027, 3, 27), utc_ns(28, 0, 59, 59, 3), "25:59:59"),
    "in spring, after": (date(2027, 3, 27), utc_ns(28, 1, 0, 0, 3), "27:00:00"),
    "any other night": (date(2027, 7, 1), utc_ns(2, 1, 0, 0, 7), "27:00:00"),
}


@pytest.mark.parametrize(("day", "at_ns", "shown"), SHOWN.values(), ids=SHOWN)
def test_what_the_clock_of_a_leg_shows(day: date, at_ns: int, shown: str) -> None:
    shown_s = leg_clock(day, ROME).shown_cs(at_ns) // 100
    assert f"{shown_s // 3600:02}:{shown_s // 60 % 60:02}:{shown_s % 60:02}" == shown


# name: (from, to): what is between them is found back from what the clock shows at the end
APART = {
    "over the end of summer time": (utc_ns(30, 23, 50, 0), utc_ns(31, 1, 10, 0)),
    "after it": (utc_ns(31, 2, 0, 0), utc_ns(31, 2, 5, 0)),
    "back over it": (utc_ns(31, 2, 10, 0), utc_ns(31, 0, 50, 0)),
}


@pytest.mark.parametrize(("from_ns", "to_ns"), APART.values(), ids=APART)
def test_how_long_until_a_time_is_shown(from_ns: int, to_ns: int) -> None:
    clock = leg_clock(date(2027, 10, 30), ROME)
    until_ns = clock.until_ns(from_ns, clock.shown_cs(to_ns))
    assert clock.shown_cs(from_ns + until_ns) == clock.shown_cs(to_ns)
    assert abs(until_ns - (to_ns - from_ns)) in (0, 3600 * S_NS)  # an hour that is shown twice cannot be told


def test_a_time_control_of_that_night_is_the_same_everywhere(tmp_path: Path) -> None:
    files = changed("event.toml", "date = 2027-05-23", "date = 2027-10-30")
    for old, new in (("first = 09:00:00", "first = 22:00:00"), ("first = 09:10:00", "first = 22:10:00")):
        files = changed("event.toml", old, new, files)
    files = changed("event.toml", "after_min = 10", "after_min = 360", files)
    files = changed("event.toml", "after_min = 15", "after_min = 365", files)
    sheet = write(tmp_path, files) / "sheet.csv"
    # Crew 1 is due 6 h after 22:00 of summer time, at 02:00 UTC, which is 03:00 of winter time: 27:00.
    sheet.write_text(
        "timing_point,start_number,instant,source,uncertainty_s\nC1,1,2027-10-31T02:02:20Z,hand,0\n", encoding="utf-8"
    )
    run = CliRunner()
    here = ["--event", str(tmp_path)]
    assert run.invoke(centesimo, ["load", str(sheet), *here]).exit_code == 0
    told = run.invoke(centesimo, ["explain", "1", "CO1", *here]).output
    assert "27:00:00.00" in told
    assert "27:02:20.00" in told
    assert "28:0" not in told
    assert "2 min late" in told
    assert "03:02:20.000000" in told
