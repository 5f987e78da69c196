"""What is found in a receiver's bytes: whole sentences and frames, never anything else."""

import struct
from datetime import UTC, datetime, timedelta

import pynmea2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo_board import civil, gps
from centesimo_board.position import Place
from centesimo_board.receiver import MAX_SENTENCE, MAX_UBX, Gga, Receiver, Rmc, Timels, Version, Zda, named, parse
from tests.desk import checksummed

RMC = checksummed("GPRMC,100005.00,A,4530.0,N,01012.0,E,0.0,0.0,160526,,,A")
TEN = 1778925600  # 2026-05-16 10:00:00 UTC, by `date -u -d 2026-05-16T10:00 +%s`
NAV = b"\x01\x26"


def timels(leap_s=18, source=2, valid=1, told_by=0, change=0, ahead_s=0):
    event = struct.pack("<BbBbi", source, leap_s, told_by, change, ahead_s)
    return gps.message(NAV, bytes(8) + event + bytes(7) + bytes((valid,)))


# body of a sentence: what it says
BODIES = {
    "RMC with a fix": ("GPRMC,100005.00,A,,,,,,,160526,,,A", Rmc(True, TEN + 5, True, False)),
    "RMC of another talker": ("GLRMC,100005,A,,,,,,,160526,,", Rmc(True, TEN + 5, True, False)),
    "RMC without a fix": ("GPRMC,100005.00,V,,,,,,,160526,,,N", Rmc(False, TEN + 5, True, False)),
    "RMC between the seconds": ("GPRMC,100005.200,A,,,,,,,160526,,,A", Rmc(True, TEN + 5, False, False)),
    "RMC by dead reckoning": ("GPRMC,100005.00,A,,,,,,,160526,,,E", Rmc(False, TEN + 5, True, False)),
    "RMC of a simulator": ("GPRMC,100005.00,A,,,,,,,160526,,,S", Rmc(False, TEN + 5, True, False)),
    "RMC with a compass deviation to the east": (
        "GPRMC,100005.00,A,,,,,,,160526,1.0,E,A,V",
        Rmc(True, TEN + 5, True, False),
    ),
    "RMC without time": ("GPRMC,,V,,,,,,,160526,,,N", Rmc(False, None, False, False)),
    "RMC without date": ("GPRMC,100005.00,A,,,,,,,,,,A", Rmc(True, None, False, False)),
    "RMC with a short date": ("GPRMC,100005.00,A,,,,,,,1605,,,A", Rmc(True, None, False, False)),
    "RMC of a week rollover": ("GPRMC,100005.00,A,,,,,,,2208-1,,,A", Rmc(True, None, False, False)),
    "RMC of 1980": ("GPRMC,000000.00,A,,,,,,,060180,,,A", Rmc(True, 315964800, True, False)),  # the GPS epoch
    "RMC of the year 2068": ("GPRMC,000000.00,A,,,,,,,010168,,,A", Rmc(True, 3092601600, True, False)),
    "RMC in a leap second": ("GPRMC,235960.00,A,,,,,,,311216,,,A", Rmc(True, None, True, True)),
    "RMC at 24 hours": ("GPRMC,240000.00,A,,,,,,,160526,,,A", Rmc(True, None, True, False)),
    "RMC on 31 February": ("GPRMC,100005.00,A,,,,,,,310226,,,A", Rmc(True, None, True, False)),
    "RMC with letters in its time": ("GPRMC,1000x5.00,A,,,,,,,160526,,,A", Rmc(True, None, False, False)),
    "RMC with a sign in its time": ("GPRMC,-10005.00,A,,,,,,,160526,,,A", Rmc(True, None, False, False)),
    "RMC cut short": ("GPRMC,100005.00,A,,,,,", None),
    "ZDA": ("GPZDA,100005.00,16,05,2026,00,00", Zda(TEN + 5, True)),
    "ZDA without a date": ("GPZDA,100005.00,,,,00,00", Zda(None, False)),
    "GGA with a fix": ("GPGGA,100005.00,,,,,1,09,0.9,,M,,M,,", Gga(1, 9, None)),
    "GGA without": ("GPGGA,,,,,,0,,,,M,,M,,", Gga(0, 0, None)),
    "GGA with more than anyone sees": ("GPGGA,,,,,,1,999,,,M,,M,,", Gga(1, 255, None)),
    "GSV": ("GPGSV,1,1,01,01,40,083,46", None),
    "proprietary": ("PUBX,00,100005.00", None),
    "a longer address": ("GPXRMC,100005.00,A,,,,,,,160526,,,A", None),
}


@pytest.mark.parametrize("case", BODIES)
def test_sentence(case):
    body, expected = BODIES[case]
    receiver = Receiver()
    assert receiver.receive(checksummed(body)) == ([expected] if expected else [])
    assert (receiver.sentences, receiver.damaged, receiver.noise) == (1, 0, 0)


FIX = Rmc(True, TEN + 5, True, False)
# bytes: what is found in them, how many sentences and frames did not check
STREAMS = {
    "one sentence": (RMC, [FIX], 0),
    "two sentences": (RMC + RMC, [FIX, FIX], 0),
    "a sentence without CR": (RMC.replace(b"\r", b""), [FIX], 0),
    "a checksum in small letters": (RMC[:-4] + RMC[-4:-2].lower() + b"\r\n", [FIX], 0),
    "a wrong checksum": (RMC[:-4] + b"00\r\n" + RMC, [FIX], 1),
    "no checksum": (RMC[:-5] + b"\r\n" + RMC, [FIX], 1),
    "a half sentence, then a whole one": (RMC[:30] + RMC, [FIX], 1),
    "a sentence without its beginning": (RMC[20:] + RMC, [FIX], 0),
    "a byte changed": (RMC.replace(b"4530", b"4531") + RMC, [FIX], 1),
    "noise around": (b"\x00\xff\x80" * 9 + RMC + b"\x55" * 40, [FIX], 0),
    "a sentence that does not end": (b"$" + b"1" * 300 + RMC, [FIX], 1),
    "leap seconds": (timels(), [Timels(18, 2, True, None)], 0),
    "leap seconds not known": (timels(18, 0, 0), [Timels(18, 0, False, None)], 0),
    "a leap second announced": (timels(18, 2, 3, 2, 1, 86400), [Timels(18, 2, True, 86400)], 0),
    "one that is over": (timels(18, 2, 3, 2, 0, -90), [Timels(18, 2, True, None)], 0),
    "one less announced": (timels(18, 2, 3, 2, -1, 86400), [Timels(18, 2, True, None)], 0),
    "announced by nobody": (timels(18, 2, 3, 0, 1, 86400), [Timels(18, 2, True, None)], 0),
    "announced, its hour not valid": (timels(18, 2, 1, 2, 1, 86400), [Timels(18, 2, True, None)], 0),
    "a frame between sentences": (RMC + timels() + RMC, [FIX, Timels(18, 2, True, None), FIX], 0),
    "a frame with a dollar in it": (timels(36) + RMC, [Timels(36, 2, True, None), FIX], 0),
    "a damaged frame": (timels()[:-1] + b"\x00" + RMC, [FIX], 1),
    "a frame too long to be one": (b"\xb5\x62\x01\x26\xff\xff" + RMC, [FIX], 1),
    "a frame that nobody reads": (gps.message(b"\x01\x07", bytes(92)) + RMC, [FIX], 0),
    "a stray dollar ahead of a frame": (b"$GPRM" + timels() + RMC, [Timels(18, 2, True, None), FIX], 1),
    "a stray dollar ahead of a frame, no sentence": (b"$" + timels() + timels(), 2 * [Timels(18, 2, True, None)], 1),
    "an instant that cannot be": (timels(18, 2, 3, 2, 1, -(2**31)), [Timels(18, 2, True, None)], 0),
    "who it is": (gps.message(b"\x0a\x04", b"ROM SPG 5.10".ljust(40, b"\0")), [Version(b"ROM SPG 5.10")], 0),
}


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("case", STREAMS)
def test_stream(case, size):
    stream, expected, damaged = STREAMS[case]
    receiver = Receiver()
    found = []
    for at in range(0, len(stream), size):
        found += receiver.receive(stream[at : at + size])
        assert len(receiver._held) <= MAX_UBX + 8
    assert (found, receiver.damaged) == (expected, damaged)


def test_no_single_changed_bit_is_believed():
    for bit in range(len(RMC) * 8):
        changed = bytearray(RMC)
        changed[bit // 8] ^= 1 << bit % 8
        # A parity of columns cannot see which case a hex digit has, nor what stands after the checksum.
        assert Receiver().receive(bytes(changed)) in ([], [FIX])


@given(
    at=st.datetimes(datetime(1980, 1, 6), datetime(2068, 12, 31, 23, 59, 59)),
    status=st.sampled_from("AV"),
    fraction=st.sampled_from(["", ".0", ".00", ".000", ".5", ".123"]),
    talker=st.sampled_from(["GP", "GN", "GL", "GA", "GB"]),
)
def test_rmc_against_pynmea2(at, status, fraction, talker):
    fields = (f"{at:%H%M%S}{fraction}", status, "4530.0", "N", "01012.0", "E", "0.0", "0.0", f"{at:%d%m%y}", "", "")
    sentence = str(pynmea2.RMC(talker, "RMC", fields))
    oracle = pynmea2.parse(sentence, check=True)
    [found] = Receiver().receive(sentence.encode() + b"\r\n")
    assert found.valid == (oracle.status == "A")
    instant = datetime.combine(oracle.datestamp, oracle.timestamp.replace(microsecond=0, tzinfo=UTC))
    assert found.utc_s == int(instant.timestamp())
    assert found.whole == (oracle.timestamp.microsecond == 0)


@given(
    at=st.datetimes(datetime(1980, 1, 6), datetime(9999, 12, 31)),
    quality=st.integers(0, 8),
    satellites=st.integers(0, 40),
)
def test_zda_and_gga_against_pynmea2(at, quality, satellites):
    time = f"{at:%H%M%S}.00"
    zda = str(pynmea2.ZDA("GP", "ZDA", (time, f"{at:%d}", f"{at:%m}", f"{at.year:04}", "00", "00")))
    place, height = ("4530.0", "N", "01012.0", "E"), ("0.9", "1", "M", "1", "M", "", "")
    gga = str(pynmea2.GGA("GP", "GGA", (time, *place, str(quality), f"{satellites:02}", *height)))
    found = Receiver().receive((zda + "\r\n" + gga + "\r\n").encode())
    oracle = pynmea2.parse(gga, check=True)
    second = int(at.replace(tzinfo=UTC, microsecond=0).timestamp())
    assert found == [
        Zda(second, True),
        Gga(oracle.gps_qual, int(oracle.num_sats), Place(455_000_000, 102_000_000, 1, 9)),
    ]


@given(st.binary(max_size=600), st.integers(1, 50))
def test_noise_is_only_noise(noise, size):
    receiver = Receiver()
    for at in range(0, len(noise), size):
        receiver.receive(noise[at : at + size])
    assert len(receiver._held) <= max(MAX_UBX + 8, MAX_SENTENCE + 1)
    receiver.forget()
    assert receiver.receive(RMC) == [FIX]


@given(st.binary(max_size=100).map(lambda raw: raw.replace(b"\n", b"")))
def test_any_checked_body_is_read_or_left(body):
    for address in (b"GPRMC", b"GPZDA", b"GPGGA", b"GPTXT", b"PMTK705", b"PMTK001"):
        parse([address, *body.split(b",")])
        named([address, *body.split(b",")])


@given(st.integers(0, 4102444800))  # 1970 .. 2100
def test_dates_against_the_calendar(utc_s):
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=utc_s)
    parts = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    assert civil.civil(utc_s) == parts
    assert civil.find_unix_s(*parts) == utc_s
