"""The settings of a board, as a person reads and writes them: NAME=VALUE, in words where a number stands for them.

Which there are and what each may be, the protocol's setting.py says; a board refuses in its own words what it cannot
take, and so does the same check here, before anything is sent.
"""

from collections.abc import Mapping
from typing import NamedTuple

from centesimo.model.errors import LinkError
from centesimo_protocol.setting import (
    ALARM_SOUNDS,
    BOARD_ID,
    DISPLAY,
    ID,
    KEYS,
    PULSE_FALLS,
    TEXT,
    SettingError,
    pack,
    unpack,
)

# What a person may write for a number, and reads for it.
WORDS = {
    PULSE_FALLS: ("no", "yes"),
    ALARM_SOUNDS: ("no", "yes"),
    DISPLAY: ("SSD1306", "SH1106"),
}
CHIPS_OWN = "chip"  # for board_id: the chip's own number
MEANINGS = {
    "name": "the board's name, up to 12 letters",
    "gps_baud": "the receiver's speed",
    "anchor_every_s": "how often a GPS second is logged",
    "health_every_s": "how often battery and temperature are logged",
    "inputs": "inputs that are switched on: 1 for input 1, 2, 4, 8, added up",
    "leap_s": "GPS minus UTC when last confirmed, -128 not known; the board keeps it",
    "leap_until_s": "no second is inserted before then; the board keeps it",
    "pulse_falls": "the receiver's pulse marks the second as it falls",
    "board_id": "an id in the place of the chip's, 16 hex digits, or chip; only when erased",
    "battery_low_mv": "below it an alarm, 0 never",
    "battery_stop_mv": "below it nothing is written, 0 always",
    "alarm_sounds": "an alarm makes a tone",
    "display": "which kind is wired",
}


class Shown(NamedTuple):
    """One setting of a board as a person reads it; `value` None: the board's firmware does not know it."""

    name: str
    value: str | None
    default: str
    meaning: str


def shown_settings(raw_by_key: Mapping[int, bytes]) -> list[Shown]:
    """Return every setting, in the order of their keys, with what a board has for it (12 bytes by key)."""
    rows = []
    for key, name, default, _, _ in KEYS:
        raw = raw_by_key.get(key)
        value = None if raw is None else _text(key, _value(key, raw))
        rows.append(Shown(name, value, _text(key, default), MEANINGS[name]))
    return rows


def wanted_settings(written: tuple[str, ...]) -> dict[int, bytes]:
    """Return 12 bytes by key of settings that are written NAME=VALUE; LinkError says which cannot be, and why."""
    raw_by_key = {}
    for text in written:
        name, equals, value = text.partition("=")
        row = next((row for row in KEYS if row[1] == name), None)
        if row is None or not equals:
            names = ", ".join(row[1] for row in KEYS)
            raise LinkError(f"expected NAME=VALUE, with one of {names}, got {text}")
        try:
            raw_by_key[row[0]] = pack(row[0], _parsed(row[0], row[3], name, value))
        except SettingError as error:
            raise LinkError(str(error)) from error
    return raw_by_key


def _parsed(key: int, check: int, name: str, value: str) -> str | int:
    if check == TEXT:
        return value
    if check == ID:
        return "" if value == CHIPS_OWN else value
    words = WORDS.get(key, ())
    for number, word in enumerate(words):
        if value.lower() == word.lower():
            return number
    try:
        return int(value)
    except ValueError:
        raise LinkError(f"expected {name} as {' or '.join(words) or 'a whole number'}, got {value}") from None


def _value(key: int, raw: bytes) -> str | int:
    try:
        value: str | int = unpack(key, raw)
    except SettingError:  # of another firmware
        return raw.hex()
    return value


def _text(key: int, value: str | int) -> str:
    words = WORDS.get(key, ())
    if isinstance(value, int) and 0 <= value < len(words):
        return words[value]
    return str(value) or (CHIPS_OWN if key == BOARD_ID else "")
