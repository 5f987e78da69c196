"""A computer vouches for the second over the emulated chip's USB, and an SH1106 shows it."""

import pytest

from centesimo_protocol import record
from tests import chip_vouch
from tests.chip_road import image


@pytest.fixture(scope="module")
def vouched() -> chip_vouch.Vouch:
    return chip_vouch.play(image())


def test_it_is_not_sure_by_itself(vouched):
    assert vouched.unsure is not None
    assert (vouched.unsure.state, vouched.unsure.confirmed) == (record.LOCKED, 0)


def test_who_knows_the_time_makes_it_sure_in_ten_labels(vouched):
    assert vouched.outcome == record.AGREES
    assert vouched.bound_us < 100_000
    assert 9 <= vouched.sure_s <= 12


def test_all_of_the_boot_is_sure_then_and_right(vouched):
    assert len(vouched.stamps) == 2 * 4 * chip_vouch.CARS
    assert all(stamp.confirmed for _, stamp in vouched.stamps)
    assert [error_ns for error_ns, stamp in vouched.stamps if abs(error_ns) > stamp.uncertainty_ns] == []


def test_another_second_is_a_doubt(vouched):
    assert vouched.other_outcome == record.OTHER_SECOND
    assert vouched.doubted.confirmed == 0
    assert [type(value).__name__ for value in vouched.records] == ["Vouch", "Doubt", "Vouch"]
    [doubt] = [value for value in vouched.records if isinstance(value, record.Doubt)]
    assert (record.DOUBT_REASONS[doubt.reason], doubt.shift_s) == ("a host says otherwise", 1)


def test_an_sh1106_shows_it_once_it_is_told_what_it_is(vouched):
    assert "?" in "".join(vouched.shifted_rows)  # two points too far left: no letter is in its cell
    assert vouched.unsure_rows[2:6] == ["locked", "+-2 us     9 sat", "seconds not sure", ""]
    assert vouched.sure_rows[2:6] == ["locked", "+-2 us     9 sat", "seconds sure", ""]
