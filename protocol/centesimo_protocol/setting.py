"""The settings of a board: what an official may set, and to what; the board keeps them, a host shows and changes them.

A value is text in UTF-8 padded with zeros, or a signed 64-bit integer, little-endian, or an id of 8 bytes, and four
zeros: 12 bytes. docs/wire-format.md lists the keys.
"""

import struct
from binascii import unhexlify

from centesimo_protocol.shim import ProtocolError, const

VALUE_SIZE = const(12)

NAME = const(1)
GPS_BAUD = const(2)
ANCHOR_EVERY_S = const(3)
HEALTH_EVERY_S = const(4)
INPUTS = const(5)
LEAP_S = const(6)
SECRET = const(7)  # of a Setting record only: the secret was set, the value is its fingerprint
LEAP_UNTIL_S = const(8)
PULSE_FALLS = const(9)
BOARD_ID = const(10)
BATTERY_LOW_MV = const(11)
BATTERY_STOP_MV = const(12)
ALARM_SOUNDS = const(13)
DISPLAY = const(14)

TEXT = const(0)
RANGE = const(1)
ONE_OF = const(2)
ID = const(3)

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython knows no union of classes
    Value = str | int
    Row = tuple[int, str, Value, int, tuple[int, ...]]

BAUDS = (4800, 9600, 19200, 38400, 57600, 115200)

# (key, name, default, check, values): what an official may set, and to what.
KEYS: "tuple[Row, ...]" = (
    (NAME, "name", "", TEXT, ()),
    (GPS_BAUD, "gps_baud", 9600, ONE_OF, BAUDS),
    (ANCHOR_EVERY_S, "anchor_every_s", 64, RANGE, (1, 3600)),
    (HEALTH_EVERY_S, "health_every_s", 600, RANGE, (10, 86400)),
    (INPUTS, "inputs", 15, RANGE, (0, 15)),  # bit 0 is input 1; an input switched off is not recorded
    (LEAP_S, "leap_s", -128, RANGE, (-128, 127)),  # GPS minus UTC when it was last confirmed, -128 not known
    (LEAP_UNTIL_S, "leap_until_s", 0, RANGE, (0, 0xFFFFFFFF)),  # that month's end: none is inserted before
    (PULSE_FALLS, "pulse_falls", 0, RANGE, (0, 1)),  # 1: the receiver's pulse marks the second as it falls
    (BOARD_ID, "board_id", "", ID, ()),  # in the place of the chip's own number; empty: that one
    (BATTERY_LOW_MV, "battery_low_mv", 3400, RANGE, (0, 9900)),  # an alarm below it; 0 never
    (BATTERY_STOP_MV, "battery_stop_mv", 2800, RANGE, (0, 9900)),  # nothing is written below it; 0 always
    (ALARM_SOUNDS, "alarm_sounds", 1, RANGE, (0, 1)),  # 0: the tone is for passages alone
    (DISPLAY, "display", 0, RANGE, (0, 1)),  # 0: an SSD1306, 1: an SH1106
)


class SettingError(ProtocolError):
    """A value that a setting cannot have, or a key that is none."""


def pack(key: int, value: "Value") -> bytes:
    """Return the 12 bytes of a setting's value; SettingError if the setting cannot have it."""
    _, name, _, check, values = find(key)
    if check == TEXT:
        raw = str(value).encode()
        if len(raw) > VALUE_SIZE:
            raise SettingError("expected %s of at most %d bytes, got %d" % (name, VALUE_SIZE, len(raw)))
        raw += b"\x00" * (VALUE_SIZE - len(raw))
    elif check == ID:
        raw = _id_bytes(name, value) + b"\x00\x00\x00\x00"
    else:
        _check_number(name, check, values, value)
        raw = struct.pack("<q", value) + b"\x00\x00\x00\x00"
    unpack(key, raw)
    return raw


def unpack(key: int, raw: bytes) -> "Value":
    """Return the value in 12 bytes, checked; SettingError says what was expected and what came."""
    _, name, _, check, values = find(key)
    if len(raw) != VALUE_SIZE:
        raise SettingError("expected %s in %d bytes, got %d" % (name, VALUE_SIZE, len(raw)))
    if check == TEXT:
        return _text(name, raw)
    if raw[8:] != b"\x00\x00\x00\x00":
        raise SettingError("expected %s to end in four zeros" % name)
    if check == ID:
        return raw[:8].hex() if any(raw[:8]) else ""
    value: int = struct.unpack("<q", raw[:8])[0]
    _check_number(name, check, values, value)
    return value


def _check_number(name: str, check: int, values: "tuple[int, ...]", value: "Value") -> None:
    assert isinstance(value, int)
    if check == ONE_OF and value not in values:
        raise SettingError("expected %s to be one of %s, got %d" % (name, ", ".join([str(v) for v in values]), value))
    if check == RANGE and not values[0] <= value <= values[1]:
        raise SettingError("expected %s from %d to %d, got %d" % (name, values[0], values[1], value))


def _id_bytes(name: str, text: "Value") -> bytes:
    """Return the 8 bytes of an id in 16 hex digits, zeros where there is none."""
    try:
        raw = unhexlify(str(text)) if text else b"\x00" * 8
    except ValueError:
        raw = b""
    if len(raw) != 8:
        raise SettingError("expected %s of 16 hex digits, got %r" % (name, text))
    return raw


def _text(name: str, raw: bytes) -> str:
    body = raw.rstrip(b"\x00")
    try:
        text = body.decode()
    except UnicodeError:
        text = "\x00"
    for character in text:
        if ord(character) < 32 or ord(character) == 127:
            raise SettingError("expected %s as printable text in UTF-8" % name)
    return text


def find(key: int) -> "Row":
    """Return the row of KEYS of a setting; SettingError where there is none of this number."""
    for row in KEYS:
        if row[0] == key:
            return row
    raise SettingError("expected a setting from 1 to %d, got %d" % (KEYS[-1][0], key))
