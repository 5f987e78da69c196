"""Logs of other makers' devices: docs/device-logs.md. Each value was read by hand off the line beside it."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.logs import BY_HAND, FORMATS, TAKEN_BACK, TIMED, TYPED, Skipped, Stamp, find_format, standing
from centesimo.model.errors import EventError, LoadError
from centesimo.model.facts import Passage
from centesimo.store import Store
from centesimo.store.load_log import load_log
from centesimo.timing.witnesses import BOARD, witnessed
from tests.doors_fuzz import LOGS, spoilt
from tests.events import FIRST_AT_NS, changed, event, write
from tests.sheet_day import ROWS
from tests.test_files_taken_back import BY, TOTALS, Folder

S = 1_000_000_000
T_15_43 = (15 * 3600 + 43 * 60) * S
# The sample output of program Backup as the manual of ALGE's Timy prints it, chapter RS232 Interface.
TIMY_MANUAL = """\
 0001 c0  15:43:49,8863 00
 0002 c0  15:43:50,1647 00
 0005 c1  15:43:51,6464 00
 0006 c0  15:43:51,9669 00
 0007 c1  15:43:52,2467 00
 0008 c0  15:43:52,4579 00
 0009 c1  15:43:52,6941 00
 0015 c0M 15:43:55,6200 00
 0016 c1M 15:43:55,8800 00
 0019 c0M 15:43:57,020 00
m0007 c0  15:43:59,9927 00
m 0008 c1 15:44:00,2849 00
m 0009 c0 15:44:00,5499 00
m 0010 c1 15:44:00,8182 00
m 0011 c0 15:44:01,0366 00
C 0011 c0 15:44:01,0366 00
n 0014 c0 15:44:01,0366 00
 0020 c0  15:44:15,0077 00
 0022 c0  15:44:15,5165 00
 0023 c1  15:44:15,7847 00
c 0023 c1 15:44:15,7847 00
i 0023 c1 15:44:15,7847 00
"""
# form, line, what it says
LINES = [
    ("timy", " 0001 c0  15:43:49,8863 00", Stamp("c0", 1, T_15_43 + 49_886_300_000)),
    ("timy", " 0015 c0M 15:43:55,6200 00    ", Stamp("c0M", 15, T_15_43 + 55_620_000_000, None, BY_HAND)),
    ("timy", " 0001 C4  12:34:56.7890        ", Stamp("c4", 1, (12 * 3600 + 34 * 60 + 56) * S + 789_000_000)),
    ("timy", "?0000 c1  00:00:00.0001 00", Stamp("c1", None, 100_000)),
    ("timy", "?NNNN C1  00:00:01.0000", Stamp("c1", None, S)),
    ("timy", "m0007 c0  15:43:59,9927 00", Stamp("c0", None, T_15_43 + 59_992_700_000)),
    ("timy", "c0023 c1  15:43:00,5000 00", Stamp("c1", 23, T_15_43 + 500_000_000, None, TAKEN_BACK)),
    ("timy", "d0023 c1  15:43:00,5000 00", Stamp("c1", 23, T_15_43 + 500_000_000, None, TAKEN_BACK)),
    ("timy", "i0023 c1  15:43:00,5000 00", Stamp("c1", 23, T_15_43 + 500_000_000, None, TYPED)),
    ("timy", "n0014 c0  15:43:00,5000 00", Stamp("c0", 14, T_15_43 + 500_000_000, None, TIMED, True)),
    ("timy", " 0003 RT  00:00:05.2200 01", Skipped("a run time")),
    ("timy", " 0003 TT  00:00:05.2200 01", Skipped("a total time")),
    ("timy", "12:34:56.7", Skipped("the running time")),
    ("timy", "n0005", Skipped("who is expected next")),
    ("timy", " 0001 c9  15:43:49,8863 00", None),
    ("timy", " 0001 c0  24:00:00,0000 00", None),
    ("timy", " 0001 c0  15:60:49,8863 00", None),
    ("timy", " 0001 c0  15:43:", None),
    ("timy", "M0007 c0  15:43:59,9927 00", None),
    # the example of the protocol, NNNN blank and SSSS 4: day 8830 after 2000-01-01
    # is 64 days into 2024 (24 years have 8766), 5 March
    (
        "tag-heuer",
        "TN         4 M1  8:35:09.75300  8830",
        Stamp("M1", None, 30_909_753_000_000, date(2024, 3, 5), BY_HAND),
    ),
    ("tag-heuer", "TN   12    4  1  8:35:09.75300  8830", Stamp("1", 12, 30_909_753_000_000, date(2024, 3, 5))),
    ("tag-heuer", "T    12    4  2 08:35:09.753000", Stamp("2", 12, 30_909_753_000_000)),
    ("tag-heuer", "T     3    3  1       9.123456", Stamp("1", 3, 9_123_456_000)),
    (
        "tag-heuer",
        "TC   12    4  1  8:35:09.75300  8830",
        Stamp("1", 12, 30_909_753_000_000, date(2024, 3, 5), TAKEN_BACK),
    ),
    ("tag-heuer", "T*   14    4  1  8:35:09.75300", Stamp("1", 14, 30_909_753_000_000, None, TIMED, True)),
    ("tag-heuer", "T-   14    4  1  8:35:09.75300", Stamp("1", None, 30_909_753_000_000, None, TIMED, True)),
    ("tag-heuer", "T+   14    5  1  8:35:09.75300", Stamp("1", 14, 30_909_753_000_000, None, TYPED)),
    ("tag-heuer", "VE 1    0 366.551 km/h", Skipped("a speed")),
    ("tag-heuer", "TX   12    4  1  8:35:09.75300", None),
    ("tag-heuer", "TN   12    4  1  8:75:09.75300", None),
    # the example of the knowledge base: no date, a code in place of a bib, loop 1
    (
        "race-result",
        "7750;ZCMBG52;;10:50:00.477;0;72;127;;1;1;1;;16731;2,",
        Stamp("1", None, 39_000_477_000_000),
    ),
    ("race-result", "1;34;2027-05-23;10:50:00.477;7;3;31", Stamp("0", 34, 39_000_477_000_000, date(2027, 5, 23))),
    ("race-result", "2;34;0000-00-01;00:50:00.477;7;3;31", Stamp("0", 34, 3_000_477_000_000)),
    ("race-result", "3;99999;2027-05-23;10:50:00.477;7;3;31", Skipped("a marker")),
    ("race-result", "3;34;2027-02-30;10:50:00.477;7;3;31", None),
    ("race-result", "3;34;2027-05-23;10:50;7;3;31", None),
]
DEVICE = """
[[device]]
id = "timy-1"
format = "timy"
channels = {{ c0 = "A1", c1 = "A2" }}
{}
"""


def event_files(more="", device=DEVICE):
    files = changed("event.toml", "", "")
    files["event.toml"] += device.format(more)
    return files


def with_device(more="", device=DEVICE):
    return event(event_files(more, device))


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


def loaded(store, folder, text, of=None, day=None):
    of = of or with_device()
    return load_log(store, of, of.devices[0], folder / "timy.log", text.encode(), 7, day)


def summary(store):
    return [
        (p.timing_point, p.start_number, (p.at_ns - FIRST_AT_NS) / S, p.uncertainty_ns, p.source)
        for p in store.passages()
    ]


@pytest.mark.parametrize(("form", "line", "says"), LINES)
def test_each_line_says_what_its_maker_documents(form, line, says):
    assert FORMATS[form].read(line) == says


def test_the_log_of_the_manual_stands_as_its_device_left_it():
    left = standing(TIMY_MANUAL, "timy")
    # 7 timed, 3 by key, 4 of memory (the fifth was cleared), that one again under 14, 2 timed, one typed in
    assert [(line, stamp.start_number, stamp.kind) for line, stamp in left.stamps] == [
        *((line, number, TIMED) for line, number in zip(range(1, 8), (1, 2, 5, 6, 7, 8, 9), strict=True)),
        *((line, number, BY_HAND) for line, number in zip(range(8, 11), (15, 16, 19), strict=True)),
        *((line, None, TIMED) for line in range(11, 15)),
        (17, 14, TIMED),
        (18, 20, TIMED),
        (19, 22, TIMED),
        (22, 23, TYPED),
    ]
    assert (left.taken_back, left.unread, left.orphans) == (2, (), ())
    assert find_format(TIMY_MANUAL) == "timy"
    assert find_format(TIMY_MANUAL.replace("\n", "\r")) == "timy"


def test_a_log_becomes_passages_of_its_channels_points(tmp_path, store):
    log = (
        " 0001 c0  09:00:12,3456 00\r 0002 c1M 09:00:30,50 00\r 0003 c1  09:00:31,5000 00\rc0003 c1  09:00:31,5000 00\r"
    )
    got = loaded(store, tmp_path, log, with_device("uncertainty_s = 0.001"))
    assert (got.added, got.known, got.cleared) == (2, 0, 1)
    assert summary(store) == [
        ("A1", None, 12.3456, 1_000_000, "timy-1"),
        ("A2", None, 30.5, None, "timy-1, by a key"),
    ]
    assert loaded(store, tmp_path, log).added == 0


def test_numbers_count_only_where_the_event_says_so(tmp_path, store):
    loaded(store, tmp_path, " 0012 c0  09:00:12,3456 00\n", with_device("numbers = true"))
    assert summary(store) == [("A1", 12, 12.3456, None, "timy-1")]
    with pytest.raises(LoadError, match=r"timy.log:1: expected the start number of an entry, .*got 77"):
        loaded(store, tmp_path, " 0077 c0  09:00:12,3456 00\n", with_device("numbers = true"))


def test_a_clock_without_a_date_goes_on_past_midnight(tmp_path, store):
    loaded(store, tmp_path, " 0001 c0  23:59:59,5000 00\n 0002 c0  00:00:01,2500 00\n 0003 c0  00:00:00,7500 00\n")
    # midnight is 15 h after 09:00; the third line is one that the device sent late, half a second before the second
    assert [row[2] for row in summary(store)] == [53_999.5, 54_000.75, 54_001.25]


def test_a_clock_in_utc_and_a_date_that_is_told(tmp_path, store):
    loaded(store, tmp_path, " 0001 c0  07:00:12,5000 00\n", with_device('clock = "UTC"'))
    loaded(store, tmp_path, " 0001 c0  09:00:00,5000 00\n", day=date(2027, 5, 24))
    assert [row[2] for row in summary(store)] == [12.5, 86_400.5]


def test_a_date_far_from_the_event_is_said_and_may_be_told(tmp_path, store):
    tag = with_device(device='\n[[device]]\nid = "cp"\nformat = "tag-heuer"\nchannels = {{ 1 = "A1" }}\n{}')
    line = "TN   12    4  1  9:00:09.75300  8830\n"
    with pytest.raises(LoadError, match=r"timy.log:1: expected a date near .*, got 2024-03-05: --date says"):
        loaded(store, tmp_path, line, tag)
    loaded(store, tmp_path, line, tag, date(2027, 5, 23))
    assert summary(store) == [("A1", None, 9.753, None, "cp")]


# name, log, what is said of it
BAD = [
    ("no line of it", " 0001 c0  09:00:12,3456 00\n0002 c0 9:00\n", ':2: expected a line of ALGE Timy or TdC, as "'),
    (
        "a channel that is not named",
        " 0001 c5  09:00:12,3456 00\n",
        ':1: expected a channel of [[device]] timy-1 (c0, c1), got "c5"',
    ),
    ("cleared, and never given", "c0001 c0  09:00:12,3456 00\n", ":1: expected a time given before"),
    (
        "twice",
        " 0001 c0  09:00:12,3456 00\n 0002 c0  09:00:12,3456 00\n",
        ":2: expected every time once, got the same as in line 1",
    ),
    ("nothing", "\n", ": expected at least one time of ALGE Timy or TdC, got none"),
]


@pytest.mark.parametrize(("name", "log", "said"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_line_refuses_the_log_and_is_named(name, log, said, tmp_path, store):
    with pytest.raises(LoadError, match=re.escape(f"timy.log{said}")):
        loaded(store, tmp_path, log)
    assert not store.passages()
    assert not store.files()


TOML_MISTAKES = [
    ('format = "timy"', 'format = "omega"', "expected format"),
    ('c1 = "A2"', 'c1 = "B9"', "expected c1 as a timing point"),
    ('{{ c0 = "A1", c1 = "A2" }}', "{{}}", "expected a channel and its timing point"),
    ('format = "timy"', 'format = "timy"\nclock = "CET"', "expected clock"),
    ('format = "timy"', 'format = "timy"\nbaud = 9600', "baud"),
]


@pytest.mark.parametrize(("old", "new", "said"), TOML_MISTAKES)
def test_a_mistake_in_the_table_is_said(old, new, said):
    with pytest.raises(EventError) as refused:
        with_device(device=DEVICE.replace(old, new))
    assert said in str(refused.value)


def run(*words):
    return CliRunner().invoke(centesimo, [str(word) for word in words])


def test_the_command_tells_a_log_and_its_device_by_its_lines(tmp_path):
    write(tmp_path, event_files())
    log = tmp_path / "bridge.txt"
    log.write_bytes(b" 0001 c0  09:00:12,3456 00\r 0003 RT  00:00:05.2200 01\r")
    done = run("load", log, "--event", tmp_path)
    assert done.exit_code == 0, done.output
    assert "bridge.txt: ALGE Timy or TdC, as [[device]] timy-1 of event.toml" in done.output
    assert "left out: a run time (1 line)" in done.output
    assert "1 new passage\n" in done.output
    again = json.loads(run("load", log, "--event", tmp_path, "--json").output)
    assert (again["added"], again["known"], again["device"]) == (0, 1, "timy-1")
    unknown = run("load", log, "--event", tmp_path, "--device", "timy-9")
    assert f"{log}: expected --device as a [[device]] of event.toml (timy-1), got" in str(unknown.exception)


def test_a_log_without_its_device_in_the_event_names_what_to_write(tmp_path):
    write(tmp_path)
    log = tmp_path / "bridge.txt"
    log.write_text(TIMY_MANUAL)
    refused = run("load", log, "--event", tmp_path)
    wanted = 'expected a [[device]] with format = "timy" and its channels in event.toml, got none'
    assert str(refused.exception) == f"{log}: these are lines of ALGE Timy or TdC: {wanted}"


@pytest.mark.parametrize("name", LOGS)
def test_what_is_spoilt_is_refused_by_name_or_read(name):
    good, take = LOGS[name]
    assert take(good) > 0
    read = sum(take(spoilt(good, seed)) > 0 for seed in range(500))
    assert read > 50  # a spoilt log is not always refused: the test sees both


def test_a_clock_that_is_an_hour_off_is_found_beside_the_board(tmp_path, store):
    """Twelve cars, no two gaps between them alike; the device's clock shows an hour and 0.04 s more."""
    after_s = [60 * car + 3 * car * car for car in range(12)]  # the last at 09:17:03
    log = "".join(f" 0001 c0  10:{s // 60:02}:{s % 60:02},0400 00\n" for s in after_s)
    loaded(store, tmp_path, log)
    board = [Passage(f"b:{s}", "A1", FIRST_AT_NS + s * S, 1000, True, (), (), BOARD) for s in after_s]
    (clock,) = witnessed([*board, *store.passages()]).clocks
    assert (clock.source, clock.late_ns, clock.cars) == ("timy-1", 3_600_040_000_000, 12)


def test_a_log_is_shifted_and_taken_back_by_one_decision(tmp_path):
    """The sheet of sheet_day as a Timy's log, its clock an hour late: the same totals once it is put right."""
    channels = {"A1": "c0", "A2": "c1", "A3": "c2", "C1": "c3"}
    device = DEVICE.replace('c1 = "A2"', 'c1 = "A2", c2 = "A3", c3 = "C1"').format(
        "numbers = true\nuncertainty_s = 0.001"
    )
    day = Folder(tmp_path / "event")
    toml = day.folder / "event.toml"
    toml.write_text(toml.read_text() + device)
    lines = []
    for row in ROWS.splitlines():
        point, number, clock = row.split(",")[:3]
        hours, rest = clock.split(":", 1)
        lines.append(f" {int(number or 0):04} {channels[point]}  {int(hours) + 1:02}:{rest} 00\r")
    day.load("mill.txt", "".join(lines))
    assert day.totals() != TOTALS
    shifted = json.loads(day.run("amend", "shift-file", "mill.txt", "-3600", *BY, "--json").output)
    assert day.totals() == TOTALS
    assert day.run("amend", "withdraw", shifted["amendment"]["id"], *BY).exit_code == 0
    taken = day.run("amend", "take-back", "mill.txt", *BY)
    assert taken.exit_code == 0, taken.output
    assert day.totals() == {}


def test_the_manual_shows_a_line_of_each_format():
    manual = (Path(__file__).parents[1] / "docs" / "device-logs.md").read_text(encoding="utf-8")
    for name, each in FORMATS.items():
        assert f"`{name}`" in manual
        assert each.line.strip() in manual
