"""Loading passages that another device or a hand has timed: docs/passages-file.md, line by line."""

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import LoadError
from centesimo.store import Store
from centesimo.store.load_passages import load_passages
from tests.events import FIRST_AT_NS, changed, event, write

S = 1_000_000_000
HEADER = "timing_point,start_number,instant,source\n"
UNSURE = "timing_point,time_of_day,source,uncertainty_s\n"
OF_DAY = "timing_point,leg,time_of_day,source\n"
DST_EVENT = event(changed("event.toml", "2027-05-23", "2027-10-31"))  # Rome's clocks go back that night, 03:00 to 02:00
LEG_2 = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n'
START_2 = '[[race.start]]\nleg = "L2"\nfirst = 09:00:00\ninterval_s = 60\n\n'
TWO_LEGS = event(
    changed(
        "event.toml",
        "[[race]]",
        f"{LEG_2}[[race]]",
        changed("event.toml", "[[timing_point]]", f"{START_2}[[timing_point]]"),
    )
)
# 09:00:00 of the leg in Rome is FIRST_AT_NS; C1 is a timing point, 12 a start number.


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


def loaded(store, folder, text, of=None):
    path = folder / "sheet.csv"
    path.write_bytes(text.encode())
    return load_passages(store, of or event(), path, 7)


# name, text of the file, (timing point, start number, seconds after FIRST_AT_NS, uncertainty_ns, source) of each.
GOOD = [
    ("an instant", HEADER + "C1,12,2027-05-23T09:10:00.25+02:00,hand\n", [("C1", 12, 600.25, None, "hand")]),
    ("in UTC", HEADER + "C1,12,2027-05-23T07:10:00Z,ALGE backup\n", [("C1", 12, 600, None, "ALGE backup")]),
    ("no start number", HEADER + "A1,,2027-05-23 09:00:01+02:00,hand\n", [("A1", None, 1, None, "hand")]),
    ("a time of day", OF_DAY + "A1,L1,09:00:12.34,hand\n", [("A1", None, 12.34, None, "hand")]),
    (
        "an hour without its zero",
        "timing_point;time_of_day;source\nA1;9:26:00,25;hand\n",
        [("A1", None, 1560.25, None, "hand")],
    ),
    ("an instant without it", HEADER + "A1,,2027-05-23T9:26:00.25+02:00,hand\n", [("A1", None, 1560.25, None, "hand")]),
    ("the only leg", "timing_point,time_of_day,source\nA1,09:00:12,hand\n", [("A1", None, 12, None, "hand")]),
    # 24:30 of the leg's date is 15 h 30 min after 09:00.
    ("an hour before the first start", OF_DAY + "A1,L1,08:00:00,hand\n", [("A1", None, -3600, None, "hand")]),
    ("after midnight", OF_DAY + "A1,L1,24:30:00,hand\n", [("A1", None, 55_800, None, "hand")]),
    ("never surer than stated", UNSURE + "A1,09:00:01,hand,0.0000000001\n", [("A1", None, 1, 1, "hand")]),
    (
        "a spreadsheet's",
        "\ufefftiming_point;time_of_day;source;uncertainty_s\r\nA1;09:00:12,34;hand;0,2\r\n\r\nA1;09:00:13;hand;\r\n",
        [("A1", None, 12.34, 200_000_000, "hand"), ("A1", None, 13, None, "hand")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_loads(store, tmp_path, text, expected):
    assert loaded(store, tmp_path, text)[2:4] == (len(expected), 0)
    found = store.passages()
    assert [(p.timing_point, p.start_number, p.at_ns, p.uncertainty_ns, p.source) for p in found] == [
        (point, number, FIRST_AT_NS + round(after_s * 100) * S // 100, uncertainty_ns, source)
        for point, number, after_s, uncertainty_ns, source in expected
    ]


def test_every_digit_counts(store, tmp_path):
    loaded(store, tmp_path, HEADER + "C1,12,2027-05-23T07:00:00.123456789Z,hand\n")
    (passage,) = store.passages()
    assert passage.at_ns == FIRST_AT_NS + 123_456_789
    assert passage.id.startswith("load:")
    assert passage.id.endswith(":2")


# name, text, what each line of the error says behind "sheet.csv".
BAD = [
    ("an unknown point", HEADER + "C9,12,2027-05-23T09:10:00Z,hand\n", [":2: expected timing_point as a timing point"]),
    ("an unknown number", HEADER + "C1,99,2027-05-23T09:10:00Z,hand\n", [":2: expected the start number of an entry"]),
    ("no source", HEADER + "C1,12,2027-05-23T09:10:00Z,\n", [":2: expected source, got an empty cell"]),
    ("no offset", HEADER + "C1,12,2027-05-23T09:10:00,hand\n", [":2: expected instant with its offset from UTC"]),
    ("no such day", HEADER + "C1,12,2027-05-32T09:10:00Z,hand\n", [":2: expected instant with its offset from UTC"]),
    ("another year", HEADER + "C1,12,2026-05-23T09:10:00Z,hand\n", [":2: expected instant near the event's days"]),
    ("no time", HEADER + "C1,12,,hand\n", [":2: expected an instant or a time_of_day, got neither"]),
    ("first of all instants", HEADER + "C1,12,0001-01-01T00:00:00+14:00,hand\n", [":2: expected instant near the"]),
    ("last of all instants", HEADER + "C1,12,9999-12-31T23:59:59-12:00,hand\n", [":2: expected instant near the"]),
    ("a digit apart", UNSURE + "C1,09:10:00,hand,1_0\n", [":2: expected uncertainty_s as a number from 0 to 60"]),
    ("an exponent", UNSURE + "C1,09:10:00,hand,1e1\n", [":2: expected uncertainty_s as a number from 0 to 60"]),
    ("a bell in the source", HEADER + "C1,12,2027-05-23T09:10:00Z,ha\x07nd\n", [":2: expected a cell without control"]),
    ("half a time of day", OF_DAY + "A1,L1,9:00,hand\n", [":2: expected time_of_day as HH:MM:SS.cc"]),
    ("nothing at all", "", [":1: expected a header with timing_point, source, got an empty file"]),
    (
        "tabs",
        HEADER.replace(",", "\t"),
        [":1: expected a header with timing_point, source, got columns separated by tabs"],
    ),
    (
        "a row with other signs",
        HEADER.replace(",", ";") + "C1,12,2027-05-23T09:10:00Z,hand\n",
        [":2: expected 4 cells as in line 1, got 1: line 1 is separated by semicolons"],
    ),
    (
        "a letter in a number",
        HEADER + "C1,34a,2027-05-23T09:10:00Z,h\n",
        [":2: expected start_number as a whole number"],
    ),
    # The leg begins at 09:00.
    (
        "of the night, without its 24 hours",
        OF_DAY + "A1,L1,00:10:00.5,hand\n",
        [":2: expected time_of_day from 08:00 on, an hour before the leg's first start, got 00:10:00.5"],
    ),
    ("more than an hour before", OF_DAY + "A1,L1,07:59:59.99,hand\n", [":2: expected time_of_day from 08:00 on"]),
    ("too late a time of day", OF_DAY + "A1,L1,48:00:00,hand\n", [":2: expected time_of_day as HH:MM:SS.cc"]),
    ("an unknown leg", OF_DAY + "A1,L7,09:00:00,hand\n", [':2: expected leg as a leg ("L1"), got "L7"']),
    ("the same twice", HEADER + "A1,,2027-05-23T09:10:00Z,h\n" * 2, [":3: expected every passage once, got the same"]),
    ("nothing in it", HEADER, [": expected at least one passage under the header, got none"]),
    ("an unknown column", HEADER[:-1] + ",crew\n", [":1: expected one of the columns timing_point, source"]),
    (
        "no source column",
        "timing_point,instant\nA1,2027-05-23T09:10:00Z\n",
        [":1: expected the column source, got none"],
    ),
    (
        "three mistakes",
        HEADER + "C9,12,2027-05-23T09:10:00Z,hand\nA1,,2027-05-23T09:10:00Z,hand\nC1,0,noon,hand\n",
        [":2: expected timing_point", ":4: expected start_number", ":4: expected instant"],
    ),
]


@pytest.mark.parametrize(("text", "says"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_refuses_every_mistake_at_once_and_loads_nothing(store, tmp_path, text, says):
    with pytest.raises(LoadError) as refused:
        loaded(store, tmp_path, text)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(says)
    for line, start in zip(lines, says, strict=True):
        assert line.startswith(f"{tmp_path.as_posix()}/sheet.csv{start}")
    assert store.passages() == []


SPRING_EVENT = event(changed("event.toml", "2027-05-23", "2027-03-27"))  # 02:00 to 03:00 in the night after
AUTUMN_EVENT = event(changed("event.toml", "2027-05-23", "2027-10-30"))  # 03:00 to 02:00 in the night after
ONCE = ":2: expected a time that the clocks show once, got 02:30:00 on"
AS_INSTANT = ": give it as an instant with its offset"

# name, event, time of day, seconds after 00:00:00 UTC of the leg's date, or what is said. Rome is 1 h ahead in winter,
# 2 h in summer.
CLOCKS = [
    ("before they go forward", SPRING_EVENT, "25:59:59", 25 * 3600 - 1, ""),
    ("skipped", SPRING_EVENT, "26:30:00", 0, f"{ONCE} 2027-03-28 in Europe/Rome, which the clocks skip as summer time"),
    ("after they went forward", SPRING_EVENT, "27:00:00", 25 * 3600, ""),
    ("before they go back", AUTUMN_EVENT, "25:59:59", 24 * 3600 - 1, ""),
    ("shown twice", AUTUMN_EVENT, "26:30:00", 0, f"{ONCE} 2027-10-31 in Europe/Rome, which the clocks show twice as"),
    ("after they went back", AUTUMN_EVENT, "27:00:00", 26 * 3600, ""),
    ("that morning", DST_EVENT, "02:30:00", 0, f"{ONCE} 2027-10-31 in Europe/Rome, which the clocks show twice as"),
]


@pytest.mark.parametrize(
    ("of", "written", "after_s", "says"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS]
)
def test_the_night_in_which_the_clocks_change(store, tmp_path, of, written, after_s, says):
    text = f"{OF_DAY}A1,L1,{written},hand\n"
    if says:
        with pytest.raises(LoadError, match=re.escape(says)) as refused:
            loaded(store, tmp_path, text, of)
        assert str(refused.value).endswith(AS_INSTANT)
        assert store.passages() == []
    else:
        loaded(store, tmp_path, text, of)
        midnight_s = (of.legs[0].date.toordinal() - date(1970, 1, 1).toordinal()) * 86_400
        assert [passage.at_ns for passage in store.passages()] == [(midnight_s + after_s) * S]


def test_with_several_legs_a_time_of_day_needs_its_leg(store, tmp_path):
    loaded(store, tmp_path, OF_DAY + "A1,L2,09:00:00,hand\n", TWO_LEGS)
    assert [passage.at_ns for passage in store.passages()] == [FIRST_AT_NS + 86_400 * S]
    again = '[[control]]\nid = "CO9"\nkind = "time control"\nleg = "L2"\nat = "A1"\nafter_min = 20\n'
    both = event({**TWO_LEGS.files, "event.toml": TWO_LEGS.files["event.toml"] + again})
    with pytest.raises(LoadError, match="expected leg, got an empty cell"):
        loaded(store, tmp_path, OF_DAY + "A1,,09:00:00,hand\n", both)


def test_a_point_of_one_leg_needs_none(store, tmp_path):
    loaded(store, tmp_path, OF_DAY + "A1,,09:00:00,hand\n", TWO_LEGS)
    assert [passage.at_ns for passage in store.passages()] == [FIRST_AT_NS]


def test_a_file_that_is_not_there_is_refused(store, tmp_path):
    with pytest.raises(LoadError, match=r"nothing\.csv: expected a file, got none"):
        load_passages(store, event(), tmp_path / "nothing.csv", 7)


def test_loading_again_adds_nothing_and_a_longer_file_only_what_is_new(store, tmp_path):
    one = HEADER + "C1,12,2027-05-23T09:10:00Z,hand\n"
    two = HEADER + "A1,12,2027-05-23T09:09:00Z,hand\nC1,12,2027-05-23T09:10:00Z,hand\n"
    assert [loaded(store, tmp_path, text)[2:4] for text in (one, one, two)] == [(1, 0), (0, 1), (1, 1)]
    assert [passage.timing_point for passage in store.passages()] == ["A1", "C1"]


def test_the_example_of_the_manual_loads(store, tmp_path):
    manual = (Path(__file__).parents[1] / "docs" / "passages-file.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", manual, re.DOTALL)
    assert loaded(store, tmp_path, example).added == 2


# name, what is in the file that is loaded into an event without a store.
REFUSED = [("a wrong sheet", HEADER + "C9,12,2027-05-23T09:10:00Z,hand\n"), ("a cut bundle", "centesimo bundle 1\n")]


@pytest.mark.parametrize("text", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_makes_no_store(tmp_path, text):
    folder, sheet = write(tmp_path / "event"), tmp_path / "sheet"
    sheet.write_text(text)
    before = sorted(path.name for path in folder.iterdir())
    assert CliRunner().invoke(centesimo, ["load", str(sheet), "--event", str(folder)]).exit_code == 1
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_command_says_what_is_new(tmp_path):
    folder, sheet = write(tmp_path / "event"), tmp_path / "sheet.csv"
    sheet.write_text(HEADER + "C1,12,2027-05-23T09:10:00Z,hand\n")
    said = [CliRunner().invoke(centesimo, ["load", str(sheet), "--event", str(folder)]).stdout for _ in range(2)]
    assert said == [f"{sheet}: 1 new passage\n", f"{sheet}: 0 new passages, 1 known from before add nothing\n"]
