"""Every log of a real receiver in ../shared/data/nmea through the whole board: which labels are accepted, or why not.

A pulse is put ahead of each change of the time that the sentences name; the sentences follow it 120 ms later, in one
piece. The rules are those of the README beside the logs.
"""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pynmea2
import pytest

from centesimo_board import version
from centesimo_board.doubts import DOUBTS
from centesimo_board.main import Board
from centesimo_board.receiver import Receiver, Rmc
from centesimo_protocol import record
from tests import desk

LOGS = Path(__file__).parents[2] / "shared" / "data" / "nmea"
TIMED = re.compile(rb"\$..(?:RMC|GGA|ZDA),(\d{6})")
WINDOW_S = 631152000

FRACTION = "sentences not at whole seconds"
FEW = "counting labels"
NO_FIX = "no fix"

# Log: the year from which dates are believed, then the seconds that it was locked, or why it never was. A log of n
# labels in a row locks with the 11th, so for n - 10 seconds; the counts of labels are those of sentences with status A,
# a right checksum and a time that goes up by one second, counted with pynmea2.
OUTCOMES = {
    "april6_2019.log": (2019, "no date"),  # 1999-08-22 (the week rollover), V, then a date of "2208-1"
    "bu353-glonass.log": (2014, NO_FIX),  # 9 labels, then the fix is lost
    "ch-4711.log": (2009, NO_FIX),  # .450 s
    "com-1289.log": (2007, FRACTION),  # .123 s
    "firefly-II.log": (2010, 13),  # 23; its ZDA all have wrong checksums
    "garmin-10x.log": (2010, FEW),  # 3, the fix lost, 6
    "garmin17n.log": (2005, "pulses not steady"),  # 2
    "geos-1m.log": (2010, FEW),  # 3 and 4
    "gp-320fw-2019-03-28.log": (2019, FRACTION),
    "gp-320fw-2019-04-07-coldboot.log": (2019, NO_FIX),
    "haicom-305N.log": (2007, FRACTION),
    "magellan-ec10.log": (2005, NO_FIX),  # a label every other second
    "meinberg-gps164.log": (2023, 57),  # 23, no fix for 20 s, 47 of which three make the pulses steady: 13 + 44
    "motorola-t805.log": (2007, 2),  # 12
    "mt3339.log": (2015, 20),  # 30
    "mtk-3301.log": (2008, FEW),  # 4
    "mtk-3329.log": (2011, FEW),  # 5
    "navika-100-fix.log": (2016, 10),  # 20
    "neo-m8n.log": (2015, 13),  # 23
    "nl551e.log": (2012, 3),  # 13
    "nmea-fuzzy-cases.log": (2020, FEW),  # 13 with .05 to .95 s, one whole
    "quectel-L70.log": (2022, 6),  # 16
    "quectel-eg25-g.log": (2022, FRACTION),
    "quectel-l76k-nmea.log": (2026, 21),  # five a second, 30 of them whole; then half a second without RMC
    "quectel.log": (2020, 20),  # 18, no sentences for 9 s, 16; one says the fix is back, three are steady: 8 + 12
    "rgm3800.log": (2008, FRACTION),
    "telit-he910.log": (2019, FRACTION),
    "ublox-8.log": (2017, 63),  # 72, and a half sentence in the second after them
    "ublox-lea-4h.log": (2006, FEW),
    "ublox-lea-5q.log": (2011, NO_FIX),  # never a fix
    "ublox-neo-m9n-nmea.log": (2020, 51),  # 61
    "ublox-zed-f9p-nmea.log": (2019, 19),  # 29
}

pytestmark = pytest.mark.skipif(not LOGS.is_dir(), reason="the logs in ../shared/data/nmea are not here")


@cache
def seconds(name):
    """Return (seconds since the one before, bytes) of each second in a log."""
    found, now = [], None
    for line in (LOGS / name).read_bytes().split(b"\n"):
        if line.startswith(b"#"):
            continue
        match = TIMED.search(line)
        if match:
            time = int(match[1][:2]) * 3600 + int(match[1][2:4]) * 60 + int(match[1][4:])
            if time != now:
                step = (time - now) % 86400 if now is not None else 1
                found.append([step if step < 60 else 1, b""])
                now = time
        if not found:
            found.append([1, b""])
        found[-1][1] += line + b"\n"
    return found


def replay(name, built_s, monkeypatch):
    """Run a board on a log; return (its Board, what it told after each second: state, UTC, last RMC was valid)."""
    monkeypatch.setattr(version, "BUILT_S", built_s)
    board = Board(desk.devices())
    board.gps.baud = 115_200  # some say more in a second than 9600 baud can carry
    table = desk.Desk(board)
    told = []
    valid = re.compile(rb"\$..RMC,[^,]*,A,")
    for step, chunk in seconds(name):
        table.second += step - 1
        table.run(1, sentences=lambda _, chunk=chunk: chunk)
        utc_s, _ = board.clock.utc(board.devices.capture.now_us())
        last = [line for line in chunk.split(b"\n") if b"RMC," in line][-1:]
        told.append((board.clock.state, utc_s, not last or bool(valid.search(last[0]))))
    return board, told


def year_s(year):
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_log_in_its_own_year(name, monkeypatch):
    year, outcome = OUTCOMES[name]
    board, told = replay(name, year_s(year), monkeypatch)
    locked = [state for state, _, _ in told].count(record.LOCKED)
    assert (locked or DOUBTS[board.clock.doubt]) == outcome
    for state, _, was_valid in told:
        assert was_valid or state != record.LOCKED
    times = [utc_s for _, utc_s, _ in told if utc_s]
    assert times == sorted(times)
    assert all(year_s(year) <= utc_s <= year_s(year) + WINDOW_S for utc_s in times)
    assert all(utc_s < year_s(year + 1) for utc_s in times)


@pytest.mark.parametrize("name", [name for name in OUTCOMES if OUTCOMES[name][0] < 2026])
def test_a_log_from_before_the_firmware_is_never_believed(name, monkeypatch):
    _, told = replay(name, year_s(2026), monkeypatch)
    assert not any(utc_s for _, utc_s, _ in told)


def test_every_log_is_in_the_table():
    assert sorted(OUTCOMES) == sorted(path.name for path in LOGS.glob("*.log"))


@pytest.mark.parametrize("name", OUTCOMES)
def test_no_sentence_is_used_that_pynmea2_refuses(name):
    log = b"".join(chunk for _, chunk in seconds(name))
    used = [(item.valid, item.utc_s) for item in Receiver().receive(log) if isinstance(item, Rmc)]
    expected = []
    for line in log.split(b"\n"):
        text = line[max(0, line.rfind(b"$")) :].decode("latin-1").strip()
        try:
            sentence = pynmea2.parse(text, check=True)
        except pynmea2.ParseError:
            continue
        if getattr(sentence, "sentence_type", "") == "RMC" and len(sentence.data) >= 9:
            expected.append(sentence)
    assert len(used) == len(expected)
    for (valid, utc_s), sentence in zip(used, expected, strict=True):
        assert not valid or sentence.status == "A"
        if utc_s is not None:
            at = datetime.combine(sentence.datestamp, sentence.timestamp.replace(tzinfo=UTC))
            assert int(at.timestamp()) == utc_s
