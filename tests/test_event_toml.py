"""event.toml: every mistake is told once, at its line; lines as in events.py."""

from datetime import UTC, datetime

import pytest

from centesimo.check import event_from_files
from centesimo.model.errors import EventError
from centesimo.model.event import TimingPoint
from tests.events import FILES, FIRST_AT_NS, changed

FILE = "event.toml"
SECONDS = "as a whole number from 1 to 3600 s"
ARRAY = 'races as an array of texts, as ["a", "b"]'
IDEAL = "ideal_s as a number from 0.01 to 86400 s"
START, HUNDREDTHS = "09:00:00", "expected first in whole hundredths"
TEXT = "expected a text without control characters and marks of direction"
ZONE = "timezone as a name of the IANA database"
PERCENT = "threshold_percent as a number from 50 to 100 %"
DAY = "date as a date without quotes, as 2026-05-14"
SECOND_START = 'interval_s = 60\n[[race.start]]\nleg = "L1"\nfirst = 09:05:00\ninterval_s = 60'
A2 = "00000000000000a2"
ONCE = "every timing point once in a leg"
SECOND_A1 = '[[timing_point]]\nid = "a1"\nplace = "Hill"\n[[control]]'
RACES = "after_min = 10\nraces = "
LEG_2 = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-24\n\n[[race]]'
PC2 = 'opens = "A2"\ncloses = "A3"\nideal_s = 12.25'
FROM_A1 = 'opens = "A1"\ncloses = "A3"\nideal_s = 12.25\nafter_min = 16'

# (what is wrong, what stands there, what is put in its place, line: how the one problem begins)
MISTAKES = [
    ("no TOML", 'name = "Small Event"', "name", "2: expected TOML, got name: a key and its value have = between them"),
    ("no time zone", "Europe/Rome", "Europe/Roma", f'3: expected {ZONE} ("Europe/Rome"'),
    ("zone outside", "Europe/Rome", "../Rome", f"3: expected {ZONE}"),
    (
        "threshold of a tossed coin",
        '"Europe/Rome"',
        '"Europe/Rome"\nthreshold_percent = 45',
        "4: expected threshold_percent",
    ),
    (
        "threshold above all",
        '"Europe/Rome"',
        '"Europe/Rome"\nthreshold_percent = 100.5',
        f"4: expected {PERCENT}, got 100.5",
    ),
    ("empty name", '"Small Event"', '" "', '2: expected name as a text, got ""'),
    ("no [event]", "[event]\n", "[evnt]\n", "1: expected event, got evnt"),
    # keys
    ("misspelt key", "interval_s = 60", "intervall_s = 60", "18: expected interval_s, got intervall_s"),
    ("no unit", "ideal_s = 30", "ideal = 30", "66: expected ideal_s, got ideal"),
    ("no unit of minutes", "after_min = 10", "after = 10", "58: expected after_min, got after"),
    ("other unit", "interval_s = 60", "interval_min = 1", "18: expected interval_s, got interval_min"),
    ("unknown key", 'place = "Mill"', 'place = "Mill"\ncolour = 1', "39: expected one of id, place, board, input,"),
    ("key of a trial", 'at = "C1"', 'at = "C1"\nideal_s = 3', "58: expected one of id, kind, leg, at, after_min,"),
    ("missing", 'place = "Mill"\n', "", "36: expected place in [[timing_point]] A2, a text in quotes, got none"),
    # types and ranges
    ("text for a number", "interval_s = 60", 'interval_s = "60"', f'18: expected interval_s {SECONDS}, got "60"'),
    ("true for a number", "interval_s = 60", "interval_s = true", f"18: expected interval_s {SECONDS}, got true"),
    ("interval 0", "interval_s = 60", "interval_s = 0", f"18: expected interval_s {SECONDS}, got 0"),
    ("number for a text", 'name = "Leg 1"', "name = 1", "7: expected name as a text in quotes, got 1"),
    ("date with a time", "2027-05-23", "2027-05-23 09:00:00", f"8: expected {DAY}, got 2027-05-23 09:00:00"),
    ("date in quotes", "2027-05-23", '"2027-05-23"', f'8: expected {DAY}, got "2027-05-23"'),
    ("no date", "date = 2027-05-23\n", "", "5: expected date in [[leg]] L1, a date without quotes,"),
    ("year 27", "2027-05-23", "0027-05-23", "8: expected date from 2000 to 2099, got 0027-05-23"),
    ("the first date of all", "2027-05-23", "0001-01-01", "8: expected date from 2000 to 2099, got 0001-01-01"),
    ("the last date of all", "2027-05-23", "9999-12-31", "8: expected date from 2000 to 2099, got 9999-12-31"),
    ("start in thousandths", "09:00:00", "09:00:00.125", "17: expected first in whole hundredths, got 09:00:00.125"),
    ("start finer than 1 us", "09:00:00", f"{START}.120000001", f"17: {HUNDREDTHS}, got {START}.120000001"),
    ("an escape in a name", '"Classic"', r'"\u001b[31mClassic"', rf'12: {TEXT}, got "\u001b[31mClassic"'),
    ("two lines in a name", '"Classic"', r'"Classic\nModern"', rf'12: {TEXT}, got "Classic\nModern"'),
    ("direction of writing turned", '"Mill"', '"M\u202eill"', rf'38: {TEXT}, got "M\u202eill"'),
    ("a heap of hex digits", "interval_s = 60", f"interval_s = 0x{'f' * 5000}", f"18: expected interval_s {SECONDS}"),
    ("input 5", "input = 1", "input = 5", "34: expected input as a whole number from 1 to 4, got 5"),
    ("board of 15", "00000000000000a2", "0000000000000a2", "45: expected board as 16 hex digits"),
    ("input without board", 'board = ""', "input = 1", "51: expected no input in [[timing_point]] C1"),
    ("bounce over axle", "input = 1", "input = 1\naxle_ms = 20", "35: expected axle_ms from bounce_ms (25) on, got 20"),
    ("negative ideal time", "ideal_s = 30", "ideal_s = -30", f"66: expected {IDEAL}, got -30"),
    ("no ideal time", "ideal_s = 30", "ideal_s = 0", f"66: expected {IDEAL}, got 0"),
    ("ideal time nan", "ideal_s = 30", "ideal_s = nan", f"66: expected {IDEAL}, got NaN"),
    ("ideal time without end", "ideal_s = 30", "ideal_s = 1e9999999999999999999", f"66: expected {IDEAL}, got NaN"),
    ("a heap of digits", "ideal_s = 30", "ideal_s = " + "9" * 5000, "66: expected TOML, got a number of far too"),
    ("thousandths", "12.25", "12.255", "75: expected ideal_s in whole hundredths, got 12.255"),
    ("a third of a minute", "after_min = 10", "after_min = 10.33", "58: expected after_min in whole seconds, got"),
    ("kind", '"time control"', '"check"', '55: expected kind as "timed trial" or "average trial" or "time control"'),
    ("id with a blank", '"PC1"', '"PC 1"', '61: expected id as up to 20 letters, digits, - and _, got "PC 1"'),
    ("one table for many", "[[leg]]", "[leg]", "5: expected leg as at least one [[leg]], got a table of 3"),
    # duplicates
    ("control twice", '"PC2"', '"PC1"', '70: expected an id of its own, got "PC1" as in line 61'),
    ("point twice but for case", "[[control]]", SECOND_A1, '54: expected an id of its own, got "a1" as in line 31'),
    ("one input for two", "input = 2", "input = 1", "40: expected an input of its own, or for other legs, or with"),
    ("a second start", "interval_s = 60", SECOND_START, "20: expected one [[race.start]] a leg, got a second one"),
    # references
    ("unknown point", 'closes = "A3"', 'closes = "A33"', '74: expected closes as a timing point ("A3"'),
    ("unknown leg", 'leg = "L1"\nat', 'leg = "L2"\nat', '56: expected leg as a leg ("L1"), got "L2"'),
    ("leg without a start", "[[race]]", LEG_2, "11: expected a [[race.start]] for leg L2, got none"),
    ("unknown race", "after_min = 10", RACES + '["clasic"]', '59: expected a race ("classic"), got "clasic"'),
    ("race twice", "after_min = 10", RACES + '["modern", "modern"]', '59: expected every race once, got "modern"'),
    ("no race", "after_min = 10", RACES + "[]", f"59: expected {ARRAY}, got an array of 0"),
    ("races no array", "after_min = 10", RACES + "1", f"59: expected {ARRAY}, got 1"),
    ("unknown rule book", "rules.toml", "rule.toml", '13: expected rulebook as a rule book ("rules.toml")'),
    # the order of the controls
    ("trial on one point", 'closes = "A3"', 'closes = "A2"', "74: expected PC2 to close at another timing point"),
    ("chain crosses itself", 'closes = "A3"', 'closes = "A1"', f"74: expected {ONCE}, got A1 again"),
    ("overlapping chains", PC2, FROM_A1, f"73: expected {ONCE}, got A1 again, where PC1 was"),
    ("no time for a chain", "after_min = 15\n", "", "60: expected after_min in [[control]] PC1, minutes from"),
    ("a time within a chain", "12.25", "12.25\nafter_min = 16", "76: expected no after_min in [[control]] PC2, as"),
    (
        "due too early",
        "after_min = 15",
        "after_min = 9.5",
        "67: expected after_min not before 10, when CO1 is over; got",
    ),
]

# (what is special, what stands there, what is put in its place, how the value is reached, the value)
ACCEPTED = [
    ("board in capitals", "00000000000000a2", "00000000000000A2", lambda e: e.timing_points[2].board, A2),
    ("no board at all", 'board = ""\n', "", lambda e: e.timing_points[3].board, None),
    ("a half-minute", "after_min = 10", "after_min = 10.5", lambda e: e.controls[0].after_ns, 630_000_000_000),
    ("one race only", "after_min = 10", RACES + '["modern"]', lambda e: e.controls[0].races, ("modern",)),
    ("a quarter", "09:00:00", "09:00:00.25", lambda e: e.races[0].starts[0].first_at_ns, FIRST_AT_NS + 250_000_000),
    ("key in quotes", "ideal_s = 30", '"ideal_s" = 30', lambda e: e.controls[1].ideal_cs, 3000),
    ("Windows ends of line", FILES[FILE], FILES[FILE].replace("\n", "\r\n"), lambda e: e.name, "Small Event"),
    ("byte order mark", FILES[FILE], "\ufeff" + FILES[FILE], lambda e: e.name, "Small Event"),
]

# The clocks of Rome go from 2 to 3 on 2027-03-28 and from 3 to 2 on 2027-10-31.
CLOCKS = [
    ("winter", "2027-03-27", "09:00:00", "2027-03-27T08:00:00+00:00"),
    ("summer", "2027-03-29", "09:00:00", "2027-03-29T07:00:00+00:00"),
    ("just before", "2027-03-28", "01:59:59", "2027-03-28T00:59:59+00:00"),
    ("skipped", "2027-03-28", "02:30:00", "which the clocks skip"),
    ("just after", "2027-03-28", "03:00:00", "2027-03-28T01:00:00+00:00"),
    ("before the hour that comes twice", "2027-10-31", "01:59:59", "2027-10-30T23:59:59+00:00"),
    ("twice", "2027-10-31", "02:00:00", "which the clocks show twice"),
    ("after it", "2027-10-31", "03:00:00", "2027-10-31T02:00:00+00:00"),
]


@pytest.mark.parametrize(("old", "new", "problem"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_every_mistake_is_one_problem_at_its_line(old, new, problem):
    with pytest.raises(EventError) as refused:
        event_from_files(changed(FILE, old, new))
    assert refused.value.problems[0].startswith(f"{FILE}:{problem}")
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(("old", "new", "of", "value"), [case[1:] for case in ACCEPTED], ids=[c[0] for c in ACCEPTED])
def test_what_is_accepted(old, new, of, value):
    assert of(event_from_files(changed(FILE, old, new))) == value


@pytest.mark.parametrize(("day", "hour", "result"), [case[1:] for case in CLOCKS], ids=[case[0] for case in CLOCKS])
def test_local_time(day, hour, result):
    files = changed(FILE, "2027-05-23", day, changed(FILE, "09:00:00", hour))
    if result.startswith("which"):
        why = f"first as a local time that there is once, got {hour} on {day} in Europe/Rome, {result}"
        with pytest.raises(EventError, match=f"^{FILE}:17: expected {why}"):
            event_from_files(files)
    else:
        first_at_ns = event_from_files(files).races[0].starts[0].first_at_ns
        assert datetime.fromtimestamp(first_at_ns // 1_000_000_000, UTC).isoformat() == result


def test_settings_of_a_timing_point():
    read = event_from_files(changed(FILE, "input = 2", "input = 2\nbounce_ms = 5\naxle_ms = 900\nsigma_ms = 50"))
    assert read.timing_points[1] == TimingPoint("A2", "Mill", "00000000000000a1", 2, 5, 900, 50)


def test_a_trial_may_be_chained_for_one_race_and_open_a_chain_for_another():
    files = changed(FILE, "after_min = 15", 'after_min = 15\nraces = ["classic"]')
    with pytest.raises(EventError, match=r"expected after_min in .*PC2, minutes from a crew's start to A2"):
        event_from_files(files)
    read = event_from_files(changed(FILE, "ideal_s = 12.25", "ideal_s = 12.25\nafter_min = 15.5", files))
    assert [control.races for control in read.controls] == [("classic", "modern"), ("classic",), ("classic", "modern")]


def test_a_trial_out_of_its_chain_is_told_where_it_belongs():
    between = '[[control]]\nid = "CO2"\nkind = "time control"\nleg = "L1"\nat = "B1"\nafter_min = 20\n\n'
    point = '[[timing_point]]\nid = "B1"\nplace = "Hill"\n\n'
    files = changed(FILE, '[[control]]\nid = "PC2"', between + point + '[[control]]\nid = "PC2"')
    files = changed(FILE, "ideal_s = 12.25", "ideal_s = 12.25\nafter_min = 25", files)
    with pytest.raises(EventError, match="expected PC2 right after PC1, which closes where it opens, at A2"):
        event_from_files(files)


def test_a_time_control_may_stand_at_the_tube_that_opens_a_chain():
    files = changed(FILE, 'at = "C1"', 'at = "A1"', changed(FILE, "after_min = 15\n", ""))
    assert [control.after_ns for control in event_from_files(files).controls] == [600_000_000_000, None, None]


def test_controls_stand_in_the_order_of_the_legs():
    leg = '[[leg]]\nid = "L0"\nname = "Leg 0"\ndate = 2027-05-22\n\n[[leg]]\nid = "L1"'
    start = '[[race.start]]\nleg = "L0"\nfirst = 09:00:00\ninterval_s = 60\n\n[[timing_point]]\nid = "A1"'
    control = '\n[[control]]\nid = "CO0"\nkind = "time control"\nleg = "L0"\nat = "C1"\nafter_min = 1\n'
    files = changed(FILE, '[[leg]]\nid = "L1"', leg)
    files = changed(FILE, '[[timing_point]]\nid = "A1"', start, files)
    read = event_from_files({**files, FILE: files[FILE] + control})
    assert [control.id for control in read.controls] == ["CO0", "CO1", "PC1", "PC2"]
    assert read.controls[0].races == ("modern",)
    assert [start.leg for start in read.races[1].starts] == ["L0", "L1"]


def test_legs_stand_in_the_order_of_their_dates():
    second = '[[leg]]\nid = "L2"\nname = "Leg 2"\ndate = 2027-05-22\n\n[[race]]'
    with pytest.raises(EventError, match=f"{FILE}:13: expected the legs in the order of their dates"):
        event_from_files(changed(FILE, "[[race]]", second))
