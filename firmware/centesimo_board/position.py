"""Where the board stands: GGA's positions in, Position entries for the journal out; integers only.

A position scatters by some metres, under trees and between houses by tens. So it is logged as a mean: of the first
FIRST fixes after a start, then again only where the mean of a minute lies further from what was logged than the
receiver can be off: MOVED_M, or MOVED_M for each 2.5 of HDOP. A fix that was lost begins the mean anew.
"""

from collections import namedtuple

from centesimo_protocol import record
from centesimo_protocol.shim import const

FIRST = const(10)  # fixes in the first mean
MINUTE = const(60)  # in the next ones
MOVED_M = const(50)
HDOP_TENTHS = const(25)  # for which that holds
MAX_ALTITUDE_M = const(9000)
TURN_E7 = const(3_600_000_000)
DEGREE_E7 = const(10_000_000)
DEGREE_M = const(111_320)  # of a meridian
COSINES = (1000, 985, 940, 866, 766, 643, 500, 342, 174, 0)  # of every tenth degree, in thousandths

# latitude_e7, longitude_e7, altitude_m, hdop_tenths as in record.Position.
Place = namedtuple("Place", "latitude_e7 longitude_e7 altitude_m hdop_tenths")


class Positions:
    """The position of a board; `log(entry)` takes what is to be written.

    logged  the Place that was logged last in this boot, None before it
    """

    def __init__(self, log):
        self.logged = None
        self._log = log
        self._begin = None  # the first Place of the mean
        self._count = 0
        self._north_e7 = self._east_e7 = self._up_m = 0  # sums of what lies beyond the first

    def lose(self):
        """The fix was lost: what is gathered does not count."""
        self._begin = None

    def take(self, place, satellites, quality, at_us):
        """Take the Place of one fix (None: it named none), and log the mean where that is due."""
        if place is None:
            return
        if self._begin is None:
            self._begin = place
            self._count = self._north_e7 = self._east_e7 = self._up_m = 0
        self._count += 1
        self._north_e7 += place.latitude_e7 - self._begin.latitude_e7
        self._east_e7 += turned_e7(place.longitude_e7 - self._begin.longitude_e7)
        self._up_m += place.altitude_m - self._begin.altitude_m
        if self._count < (FIRST if self.logged is None else MINUTE):
            return
        mean = self._mean(place.hdop_tenths)
        self._begin = None
        if self.logged is None or has_moved(self.logged, mean):
            self.logged = mean
            hdop_tenths = min(mean.hdop_tenths, 255)
            self._log((record.Position, at_us) + mean[:3] + (satellites, hdop_tenths, quality))

    def _mean(self, hdop_tenths):
        begin, count = self._begin, self._count
        east_e7 = turned_e7(begin.longitude_e7 + self._east_e7 // count)
        return Place(
            begin.latitude_e7 + self._north_e7 // count, east_e7, begin.altitude_m + self._up_m // count, hdop_tenths
        )


def has_moved(before, now) -> bool:
    """Say whether two Places lie further apart than a receiver that stands still may say."""
    # A receiver states HDOP for its satellites alone: never less than MOVED_M.
    may_be_m = MOVED_M * max(HDOP_TENTHS, now.hdop_tenths) // HDOP_TENTHS
    north_m = (now.latitude_e7 - before.latitude_e7) * (DEGREE_M // 10) // (DEGREE_E7 // 10)
    east_m = turned_e7(now.longitude_e7 - before.longitude_e7) * (DEGREE_M // 10) // (DEGREE_E7 // 10)
    east_m = east_m * _cosine(abs(now.latitude_e7) // DEGREE_E7) // 1000
    return north_m * north_m + east_m * east_m > may_be_m * may_be_m


def _cosine(degrees) -> int:
    """Return the cosine of 0 .. 90 whole degrees in thousandths, within five of them."""
    tens, ones = degrees // 10, degrees % 10
    return COSINES[tens] + (COSINES[min(tens + 1, 9)] - COSINES[tens]) * ones // 10


def turned_e7(angle_e7) -> int:
    """Return an angle of longitude within half a turn: the date line is no distance."""
    return (angle_e7 + TURN_E7 // 2) % TURN_E7 - TURN_E7 // 2


def find_place(fields):
    """Return the Place that the fields of a GGA name, None where they name none."""
    if len(fields) < 10:
        return None
    latitude_e7, longitude_e7 = _angle_e7(fields[2], 2), _angle_e7(fields[4], 3)
    if latitude_e7 is None or longitude_e7 is None or latitude_e7 > 90 * DEGREE_E7 or longitude_e7 > TURN_E7 // 2:
        return None
    if fields[3] not in (b"N", b"S") or fields[5] not in (b"E", b"W"):
        return None
    if fields[3] == b"S":
        latitude_e7 = -latitude_e7
    longitude_e7 = turned_e7(-longitude_e7 if fields[5] == b"W" else longitude_e7)
    altitude_m = _tenths(fields[9]) // 10
    return Place(latitude_e7, longitude_e7, max(-MAX_ALTITUDE_M, min(altitude_m, MAX_ALTITUDE_M)), _tenths(fields[8]))


def _angle_e7(field, digits):
    """Return a field "ddmm.mmmm" (of so many digits of degrees) in 1e-7 degree, None where it is none."""
    whole, _, fraction = field.partition(b".")
    if len(whole) != digits + 2 or not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    minutes_e7 = int(whole[digits:]) * DEGREE_E7 + int((fraction + b"0000000")[:7])
    if minutes_e7 >= 60 * DEGREE_E7:
        return None
    return int(whole[:digits]) * DEGREE_E7 + minutes_e7 // 60


def _tenths(field) -> int:
    """Return a number with decimals in tenths, 0 where it is none."""
    is_less = field[:1] == b"-"
    whole, _, fraction = (field[1:] if is_less else field).partition(b".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return 0
    tenths = int(whole) * 10 + int((fraction + b"0")[:1])
    return -tenths if is_less else tenths
