"""Settings: what is refused, what is kept, and what holds after damage and power cuts."""

import random
import struct

import pytest

from centesimo_board import settings
from centesimo_board.settings import Settings
from centesimo_protocol import setting
from centesimo_protocol.setting import (
    ANCHOR_EVERY_S,
    BATTERY_LOW_MV,
    BOARD_ID,
    GPS_BAUD,
    INPUTS,
    LEAP_S,
    NAME,
    SettingError,
)
from tests.flash import Flash, apply, half

SIZE = 3 * 4096


def number(value):
    return struct.pack("<q", value) + bytes(4)


# key, 12 bytes (or fewer): the value, or what the refusal says
VALUES = {
    "a name": (NAME, b"Passo Giovo\0", "Passo Giovo"),
    "a name of twelve bytes": (NAME, "Forlì nord ".encode(), "Forlì nord "),
    "no name": (NAME, bytes(12), ""),
    "a name with a control character": (NAME, b"tube\x07".ljust(12, b"\0"), "expected name as printable text"),
    "a name with a zero inside": (NAME, b"tu\0be".ljust(12, b"\0"), "expected name as printable text"),
    "a name that is no UTF-8": (NAME, b"\xff".ljust(12, b"\0"), "expected name as printable text"),
    "too short": (NAME, b"tube", "expected name in 12 bytes, got 4"),
    "a speed": (GPS_BAUD, number(115200), 115200),
    "a speed that nobody speaks": (GPS_BAUD, number(9601), "expected gps_baud to be one of 4800, 9600"),
    "anchors every minute": (ANCHOR_EVERY_S, number(60), 60),
    "anchors never": (ANCHOR_EVERY_S, number(0), "expected anchor_every_s from 1 to 3600, got 0"),
    "less than nothing": (ANCHOR_EVERY_S, number(-1), "expected anchor_every_s from 1 to 3600, got -1"),
    "one input": (INPUTS, number(1), 1),
    "a fifth input": (INPUTS, number(16), "expected inputs from 0 to 15, got 16"),
    "a number with a tail": (INPUTS, number(1)[:-1] + b"\1", "expected inputs to end in four zeros"),
    "leap seconds": (LEAP_S, number(18), 18),
    "an id of its own": (BOARD_ID, bytes.fromhex("0123456789abcdef") + bytes(4), "0123456789abcdef"),
    "the chip's id": (BOARD_ID, bytes(12), ""),
    "an id that is too long": (BOARD_ID, bytes(11) + b"\1", "expected board_id to end in four zeros"),
    "a low battery": (BATTERY_LOW_MV, number(3300), 3300),
    "no setting": (99, number(1), "expected a setting from 1 to 14, got 99"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value_is_taken_or_refused_with_a_reason(case):
    key, raw, expected = VALUES[case]
    flash = Flash(SIZE)
    found = Settings(flash)
    if isinstance(expected, str) and expected.startswith("expected"):
        with pytest.raises(SettingError, match=expected):
            found.change(key, raw)
        assert flash.operations == []
        return
    found.change(key, raw)
    assert found.value(key) == expected
    assert Settings(flash).value(key) == expected
    assert setting.pack(key, expected) == raw


def test_the_defaults_hold_on_a_new_board():
    found = Settings(Flash(SIZE))
    assert [found.value(key) for key, *_ in setting.KEYS] == ["", 9600, 64, 600, 15, -128, 0, 0, "", 3400, 2800, 1, 0]
    assert [key for key, _ in found.items()] == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14]
    assert not found.damaged


def test_a_name_that_is_too_long_is_refused_before_it_is_packed():
    with pytest.raises(SettingError, match="at most 12 bytes, got 13"):
        setting.pack(NAME, "Colle di Nava")


def test_nothing_is_written_when_nothing_changes():
    flash = Flash(SIZE)
    found = Settings(flash)
    found.change(INPUTS, number(3))
    before = len(flash.operations)
    found.change(INPUTS, number(3))
    assert len(flash.operations) == before


def changed(flash):
    """Change a setting twice, so that both copies are there: 30 in the older, 60 in the newer."""
    found = Settings(flash)
    found.change(ANCHOR_EVERY_S, number(30))
    found.change(ANCHOR_EVERY_S, number(60))
    return found


# which of the sectors (1 holds 60, 0 holds 30: the first change goes to sector 0) is damaged: value, alarm
DAMAGES = {
    "none": ((), 60, False),
    "the newer copy": ((1,), 30, False),
    "the older copy": ((0,), 60, False),
    "both": ((0, 1), 64, True),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damage(case):
    sectors, value, damaged = DAMAGES[case]
    flash = Flash(SIZE)
    changed(flash)
    for sector in sectors:
        flash.image[(1 + sector) * 4096 + 14] ^= 1
    found = Settings(flash)
    assert (found.value(ANCHOR_EVERY_S), found.damaged) == (value, damaged)
    found.change(ANCHOR_EVERY_S, number(10))
    assert not found.damaged
    assert Settings(flash).value(ANCHOR_EVERY_S) == 10


def test_settings_of_a_later_firmware_are_kept():
    flash = Flash(SIZE)
    flash.program(4096, settings.image(7, {200: b"twelve bytes", INPUTS: number(3)}))
    found = Settings(flash)
    found.change(INPUTS, number(1))
    again = Settings(flash)
    assert (200, b"twelve bytes") in again.items()
    assert again.value(INPUTS) == 1


def test_a_kept_value_that_cannot_be_is_the_default():
    flash = Flash(SIZE)
    flash.program(4096, settings.image(7, {INPUTS: number(99)}))
    assert Settings(flash).value(INPUTS) == 15


def test_a_table_is_full_at_18():
    flash = Flash(SIZE)
    flash.program(4096, settings.image(7, {200 + place: bytes(12) for place in range(18)}))
    with pytest.raises(SettingError, match="at most 18 settings"):
        Settings(flash).change(INPUTS, number(1))


def test_power_may_fail_in_every_change():
    flash = Flash(SIZE)
    found = Settings(flash)
    values = list(range(1, 41))
    places = []
    for value in values:
        found.change(ANCHOR_EVERY_S, number(value))
        places.append(len(flash.operations))
    chance = random.Random(8)
    image = bytearray(b"\xff" * SIZE)
    for place, operation in enumerate(flash.operations):
        done = sum(1 for after in places if after <= place)
        allowed = [64, *values][done : done + 2]
        cut = bytearray(image)
        half(cut, operation, chance)
        for state in (image, cut):
            after = Settings(Flash(SIZE, state))
            assert after.value(ANCHOR_EVERY_S) in allowed
            assert not after.damaged or done == 0
            after.change(ANCHOR_EVERY_S, number(3000))
            assert after.value(ANCHOR_EVERY_S) == 3000
        apply(image, operation)
