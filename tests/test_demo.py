"""The demo's truth: what marshals wrote is what truly happened, and what crews must be given is worked out by hand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from centesimo.check import event_from_files
from centesimo.model.timetable import Timetable
from demo import live
from demo.day import EARLIEST, NS, Expected, day, expected, keyed, passing_order

LISTS = Path(__file__).parent.parent / "demo/event/lists"
KEYED = LISTS.parent.parent / "keyed.csv"
AT_0830_NS = 1_810_362_600_000_000_000  # 2027-05-15T06:30:00Z = 20,953 days and 6.5 h: 20953 x 86400 + 23400

# When a crew truly crosses a tube, in ns after 08:30:00 on the official clock.
TRUTH = {
    (101, "C1"): 977_490_988_379,  # 08:46:17.4
    (106, "C1"): 1_235_308_235_223,  # 08:50:35.3
    (116, "C1"): 1_995_621_419_675,  # 09:03:15.6
    (101, "A1"): 1_198_792_964_541,
    (101, "A2"): 1_226_755_266_072,
    (108, "B1"): 2_282_390_746_946,
    (108, "B2"): 2_326_590_746_946,
    (117, "A3"): 2_203_736_961_480,
    (117, "A4"): 2_219_222_329_919,
}
# What follows by hand. Historic car 101 starts at 08:36 and is due 10 min later, each further one a minute later. A
# trial costs 1 a hundredth, at most 300; a minute late or early at a control 100. Instants are cut to their hundredth.
GIVEN = {
    (101, "CO1"): Expected(0, 0),  # due 08:46
    (106, "CO1"): Expected(-1, 100),  # due 08:51
    (116, "CO1"): Expected(2, 200),  # due 09:01
    (101, "PC1"): Expected(2796, 4),  # 1226.75 - 1198.79 = 27.96, set 28.00
    (108, "PC4"): Expected(4420, 300),  # 2326.59 - 2282.39 = 44.20, set 40.00: 420
    (117, "PC1"): Expected(None, None),  # its wheels miss A2
    (117, "PC2"): Expected(None, None),
    (117, "PC3"): Expected(1549, 1),  # 2219.22 - 2203.73 = 15.49, set 15.50
}


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.csv")), ids=lambda path: path.stem)
def test_a_marshal_wrote_who_passed(path: Path) -> None:
    assert path.read_text().split() == ["start_number", *map(str, passing_order(day(), path.stem))]


def test_people_keyed_who_passed() -> None:
    assert KEYED.read_text() == keyed(day())


# What follows by hand: 110 crosses A2 at 1821.28 s after 08:30, keyed 0.6 to 2.4 s later by a clock 22.4 s ahead, so
# between 09:00:44.28 and 09:00:46.08; 101 crosses B1 at 1858.97 s, keyed by a clock 3.1 s behind: 09:00:56.4 to 58.3.
def test_what_was_keyed_by_hand() -> None:
    rows = [line.split(",") for line in KEYED.read_text().splitlines()]
    at = {(row[0], row[1]): row[2] for row in rows[1:]}
    assert "09:00:44" <= at["A2", "110"] <= "09:00:46"
    assert "09:00:56" <= at["B1", "101"] <= "09:00:58"
    assert len([row for row in rows if row[0] == "A2"]) == 33  # 32 crews, one of them twice
    assert len([row for row in rows if row[0] == "B1"]) == 31  # one was not seen


def test_every_list_is_there() -> None:
    assert [path.stem for path in sorted(LISTS.iterdir())] == ["A1", "B1", "C1"]


def test_the_truth_is_that_of_which_the_penalties_were_worked_out() -> None:
    truth = day()
    assert EARLIEST == AT_0830_NS
    assert {key: truth.at_ns[key] - EARLIEST for key in TRUTH} == TRUTH


def test_what_crews_must_be_given() -> None:
    found = expected(day())
    assert {key: found[key] for key in GIVEN} == GIVEN


# A second past 12:34 UTC, 14:34 in Rome: the first crew starts at the next whole minute that is half a minute away.
def test_the_day_to_watch_is_an_event_of_now() -> None:
    now_ns = int(datetime(2027, 6, 1, 12, 34, 1, tzinfo=UTC).timestamp()) * NS
    first_ns = now_ns + 59 * NS
    starts = live.start_times(first_ns)
    texts = {path.name: path.read_text(encoding="utf-8") for path in live.SOURCE.glob("*.*")}
    event = event_from_files({**texts, "event.toml": live.moved(texts["event.toml"], first_ns, starts)})
    assert [race.starts[0].first_at_ns for race in event.races] == [first_ns, first_ns + 180 * NS]
    table = Timetable(event)
    assert {entry.start_number: table.start_ns(entry, "L1") for entry in event.entries} == starts
    crossings = live.instants(starts)
    assert crossings.keys() == {(number, point) for number in starts for point in live.INPUT_BY_POINT}
    assert min(crossings.values()) > first_ns
    assert [scenario.board_id for scenario in live.scenarios(crossings, now_ns)] == list(live.POINTS_BY_BOARD)
