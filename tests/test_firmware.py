"""Another firmware on a board: which files are taken, and the way onto a virtual board with a folder as the drive."""

import struct

import pytest
from click.testing import CliRunner

from centesimo.boards.firmware import after, read_image
from centesimo.commands.main import centesimo
from centesimo.model.errors import LinkError, LoadError
from centesimo_protocol import session
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import write

BOARD = "00000000000000a1"
START_NS = 1_811_055_600_000_000_000
RP2040, RP2350, ESP32 = 0xE48BFF56, 0xE48BFF59, 0x1C5F21B0
PROGRAM = b"...centesimo_board/board.py".ljust(512, b"\0")


def uf2(program=PROGRAM, family=RP2040, address=0x10000000, magic=0x0A324655):
    """A UF2 by Microsoft's description: blocks of 512 bytes with 256 of the program each."""
    parts = [program[at : at + 256] for at in range(0, len(program), 256)]
    blocks = []
    for number, part in enumerate(parts):
        place = (magic, 0x9E5D5157, 0x2000, address + 256 * number, 256, number, len(parts), family)
        blocks.append(struct.pack("<8I", *place) + part.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


@pytest.mark.parametrize(("family", "chip"), [(RP2040, "RP2040"), (RP2350, "RP2350")])
def test_a_firmware_of_ours_is_taken(tmp_path, family, chip):
    (tmp_path / "new.uf2").write_bytes(uf2(family=family))
    assert read_image(tmp_path / "new.uf2") == (uf2(family=family), chip)


REFUSED = {
    "nothing": (b"", "whole blocks of 512 bytes, got 0 bytes"),
    "cut within a block": (uf2()[:-1], "whole blocks of 512 bytes, got 1023 bytes"),
    "cut between blocks": (uf2()[:512], "expected 2 blocks, got 1"),
    "no UF2": (uf2(magic=1), "something else in block 0"),
    "another chip": (uf2(family=ESP32), "for one of RP2040, RP2350, got 0x1c5f21b0"),
    "a stock MicroPython": (uf2(b"MicroPython v1.25".ljust(512, b"\0")), "a stock MicroPython, formats the journal"),
    "writes to the journal": (uf2(address=0x100A0000 - 256), "where the journal is"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_file_is_refused(tmp_path, name):
    raw, says = REFUSED[name]
    (tmp_path / "new.uf2").write_bytes(raw)
    with pytest.raises(LoadError, match=says):
        read_image(tmp_path / "new.uf2")


@pytest.fixture(scope="module")
def virtual():
    with VirtualBoard(Scenario(START_NS, 60, BOARD, crossings=(Crossing(START_NS + 40_000_000_000, 1),))) as board:
        board.wait_until_ready(60)
        yield board


def run(tmp_path, port, drive, wait_s="5"):
    (tmp_path / "new.uf2").write_bytes(uf2())
    arguments = ["--event", str(write(tmp_path / "event")), "--drive", str(drive), "--wait", wait_s]
    return CliRunner().invoke(centesimo, ["firmware", port, str(tmp_path / "new.uf2"), *arguments])


def test_it_is_collected_and_copied_and_looked_at(tmp_path, virtual):
    drive = tmp_path / "RPI-RP2"
    drive.mkdir()
    (drive / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n")
    ran = run(tmp_path, virtual.port, drive)
    assert ran.exception is None, ran.exception
    assert "Hold the button BOOTSEL" in ran.stderr
    assert "firmware 0.1.0 before, 0.1.0 now; its journal is kept" in ran.stdout
    assert (drive / "new.uf2").read_bytes() == uf2()


@pytest.mark.parametrize("info", [None, "Board-ID: RP2350\r\n"])
def test_nothing_is_copied_to_what_is_no_drive_of_the_chip(tmp_path, virtual, info):
    drive = tmp_path / "folder"
    drive.mkdir()
    if info:
        (drive / "INFO_UF2.TXT").write_text(info)
    ran = run(tmp_path, virtual.port, drive, wait_s="0")
    assert isinstance(ran.exception, LinkError)
    expected = f"{drive}: expected the drive RPI-RP2 of an RP2040, with its INFO_UF2.TXT, found none within 0 s"
    assert expected in str(ran.exception)
    assert not (drive / "new.uf2").exists()


BEFORE = session.Welcome(2, bytes.fromhex(BOARD), b"", 0, 1, 0, 4, 1, 90, 90, 0, b"")
CHANGED = {
    "another board": ({"board_id": bytes(8)}, "expected board 00000000000000a1, 0000000000000000 answers now"),
    "a journal that was formatted": ({"last": 2, "acknowledged": 0}, "up to record 90, it goes up to 2 now"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_board_that_is_not_as_it_was_is_said(name):
    changes, says = CHANGED[name]
    with pytest.raises(LinkError, match=says):
        after("port", BEFORE, 0, lambda _: BEFORE._replace(**changes))


def test_the_version_after_is_said():
    assert after("port", BEFORE, 0, lambda _: BEFORE._replace(minor=2, last=93)) == "0.2.0"
