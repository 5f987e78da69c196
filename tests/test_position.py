"""Where a board stands: what a GGA names, the mean that is logged, and when it is logged again."""

import math

import pytest

from centesimo_board.main import Board
from centesimo_board.position import MINUTE, Place, Positions, _cosine, find_place, has_moved
from centesimo_protocol import record
from tests import desk
from tests.desk import Desk, checksummed, rmc, time

# A GGA's fields from the latitude to the height, and the Place: 32.5840' are 0.5430667 degree (a sixtieth, cut).
FIELDS = {
    "Brescia": (
        "4532.5840,N,01013.2460,E,1,09,0.92,149.0,M,46.5,M,,",
        Place(455_430_666, 102_207_666, 149, 9),
    ),
    "south and west": ("3351.0000,S,07040.5000,W,1,09,1.2,-12.9,M,,M,,", Place(-338_500_000, -706_750_000, -13, 12)),
    "five decimals, no height": ("4532.58401,N,01013.24600,E,2,12,,,M,,M,,", Place(455_430_668, 102_207_666, 0, 0)),
    "a plain minute": ("4500,N,01000,E,1,4,1,1,M,,M,,", Place(450_000_000, 100_000_000, 1, 10)),
    "the date line": ("0000.0,N,18000.0,W,1,4,1,1,M,,M,,", Place(0, -1_800_000_000, 1, 10)),
    "no place": (",,,,1,09,0.9,,M,,M,,", None),
    "no hemisphere": ("4532.5,,01013.2,E,1,09,0.9,1,M,,M,,", None),
    "60 minutes": ("4560.0,N,01013.2,E,1,09,0.9,1,M,,M,,", None),
    "91 degrees": ("9100.0,N,01013.2,E,1,09,0.9,1,M,,M,,", None),
    "letters": ("45x2.5,N,01013.2,E,1,09,0.9,1,M,,M,,", None),
    "digits of another sort": ("45³2.5,N,01013.2,E,1,09,0.9,1,M,,M,,", None),
    "cut short": ("4532.5,N,01013.2", None),
}


@pytest.mark.parametrize("name", FIELDS)
def test_reads_a_place(name):
    text, expected = FIELDS[name]
    assert find_place([b"GNGGA", b"100005.00", *text.encode("latin1").split(b",")]) == expected


HERE = Place(455_430_000, 102_208_000, 149, 9)
# 1e-7 degree of latitude is 11.1 mm, so 4,500 are 50.1 m; of longitude at 45 degrees 7.87 mm, so 6,400 are 50.4 m.
MOVES = {
    "nowhere": (HERE, False),
    "49 m north": (HERE._replace(latitude_e7=455_434_400), False),
    "51 m north": (HERE._replace(latitude_e7=455_434_600), True),
    "51 m south": (HERE._replace(latitude_e7=455_425_400), True),
    "49 m east": (HERE._replace(longitude_e7=102_214_200), False),
    "51 m east": (HERE._replace(longitude_e7=102_214_600), True),
    "40 and 40 m": (HERE._replace(latitude_e7=455_433_600, longitude_e7=102_213_100), True),
    "51 m north with few satellites": (HERE._replace(latitude_e7=455_434_600, hdop_tenths=50), False),
    "101 m north with few satellites": (HERE._replace(latitude_e7=455_439_100, hdop_tenths=50), True),
    "up the hill": (HERE._replace(altitude_m=999), False),
}


@pytest.mark.parametrize("name", MOVES)
def test_says_whether_it_has_moved(name):
    now, expected = MOVES[name]
    assert has_moved(HERE, now) is expected


def test_the_date_line_is_no_distance():
    assert not has_moved(Place(0, -1_799_999_990, 0, 9), Place(0, 1_799_999_990, 0, 9))
    mean, logged = Positions([].append), []
    mean._log = logged.append
    for place in range(10):
        mean.take(Place(0, -1_800_000_000 + 10 if place % 2 else 1_800_000_000 - 10, 0, 9), 9, 1, place)
    assert logged[0][2:4] == (0, -1_800_000_000)


def gga(place, quality=1):
    """Return what a receiver says with a place (latitude, longitude) in its GGA."""
    return lambda utc_s: (
        rmc(utc_s) + checksummed(f"GNGGA,{time(utc_s)}.00,{place[0]},N,{place[1]},E,{quality},09,0.9,150.0,M,47.0,M,,")
    )


def logged(run):
    raw = run.board.journal.read(run.board.journal.first, 127)
    found = [record.unpack(raw[at : at + 32]) for at in range(0, len(raw), 32)]
    return [value for value in found if isinstance(value, record.Position)]


AT_BRIDGE, BESIDE, AT_MILL = ("4530.0000", "01012.0000"), ("4530.0100", "01012.0100"), ("4530.1000", "01012.0000")


def test_a_board_logs_where_it_stands_once_and_again_where_it_was_carried():
    run = Desk(Board(desk.devices()))
    run.run(9, sentences=gga(AT_BRIDGE))
    assert logged(run) == []
    run.run(1, sentences=gga(AT_BRIDGE))
    (first,) = logged(run)
    assert first[3:] == (455_000_000, 102_000_000, 150, 9, 9, 1)
    run.run(3 * MINUTE, sentences=gga(BESIDE))  # 23 m
    assert logged(run) == [first]
    run.run(2 * MINUTE, sentences=gga(AT_MILL))  # 185 m
    assert [value.latitude_e7 for value in logged(run)] == [455_000_000, 455_016_666]
    assert (run.board.status().latitude_e7, run.board.status().longitude_e7) == (455_016_666, 102_000_000)


@pytest.mark.parametrize("quality", [0, 6, 7, 8])
def test_what_is_no_fix_is_no_place(quality):
    run = Desk(Board(desk.devices()))
    for _ in range(3):  # a fix that is lost begins anew
        run.run(9, sentences=gga(AT_BRIDGE))
        run.run(1, sentences=gga(AT_BRIDGE, quality))
    assert logged(run) == []
    assert run.board.status().latitude_e7 == 0


@pytest.mark.parametrize("degrees", range(91))
def test_the_cosine_is_near_enough(degrees):
    assert abs(_cosine(degrees) - 1000 * math.cos(math.radians(degrees))) <= 5
