"""docs/wire-format.md says what the code does: every offset, size, type, field, number and name."""

import re
import struct
from pathlib import Path

import pytest

from centesimo_protocol import frame, record, session, setting

TEXT = (Path(__file__).parent.parent / "docs" / "wire-format.md").read_text()
TYPES = {"B": "u8", "b": "i8", "H": "u16", "h": "i16", "I": "u32", "i": "i32", "Q": "u64", "s": "bytes"}
HEAD = 15


def rows_under(heading):
    """Return the cells of the table's rows under a heading, its title row left out; none if there is no table."""
    after = TEXT.split(f"# {heading}\n", 1)[1]
    section = re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def rows_of(layout, names, offset):
    """Return (offset, size, type, field) of a struct layout as the document writes it."""
    found = []
    for (digits, code), name in zip(
        re.findall(r"(\d*)([BbHhIiQs*])", layout.replace("x", "").replace("|", "")), names, strict=False
    ):
        size = "rest" if code == "*" else str(struct.calcsize(f"<{digits}{code}"))
        found.append([str(offset), size, TYPES.get(code, "bytes"), name])
        offset += 0 if code == "*" else int(size)
    return found


@pytest.mark.parametrize("row", record.KINDS, ids=[row[1].__name__ for row in record.KINDS])
def test_records(row):
    kind, cls, layout = row
    fields = rows_of(re.sub(r"\dx$", "", layout), cls._fields[3:], HEAD)
    assert [cells[:4] for cells in rows_under(f"Kind {kind} {cls.__name__}")] == fields
    assert len(fields) == len(cls._fields) - 3


MESSAGES = session.HOST_MESSAGES + session.BOARD_MESSAGES


@pytest.mark.parametrize("row", MESSAGES, ids=[row[1].__name__ for row in MESSAGES])
def test_messages(row):
    kind, cls, layout = row
    assert [cells[:4] for cells in rows_under(f"0x{kind:02x} {cls.__name__}")] == rows_of(layout, cls._fields, 0)
    assert len(rows_of(layout, cls._fields, 0)) == len(cls._fields)


def test_nothing_is_described_that_is_not_there():
    assert len(re.findall(r"^### Kind ", TEXT, re.MULTILINE)) == len(record.KINDS)
    assert len(re.findall(r"^### 0x", TEXT, re.MULTILINE)) == len(MESSAGES)


def test_the_head_and_the_check_of_a_record():
    names = ("sequence", "boot", "kind", "counter_us", "body", "check")
    assert [row[:4] for row in rows_under("Records")] == rows_of(record.HEAD[1:] + "13sI", names, 0)


def test_a_frame():
    rows = {row[3]: row for row in rows_under("Frames")}
    assert rows["sync"][4] == frame.SYNC.hex(" ")
    assert rows["length"][4].endswith(f"0 .. {frame.MAX_PAYLOAD}")
    assert rows["payload"][0] == str(frame.HEAD_SIZE)
    assert rows["check"][:2] == [f"{frame.HEAD_SIZE} + length", str(frame.CHECK_SIZE)]
    assert f"at most {frame.MAX_FRAME - 1} bytes" in TEXT
    assert f"Versions of the protocol: {session.VERSION}, and {session.LOWEST} is still spoken" in TEXT
    assert f"0 .. {session.RECORDS_MAX} of {record.SIZE} bytes each" in TEXT
    assert f"0 .. {session.TEXT_MAX} bytes of UTF-8" in TEXT


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Sync states", record.STATE_NAMES),
        ("Reasons of a State", record.STATE_REASONS),
        ("Reasons of a Correction", record.CORRECTION_REASONS),
        ("Reasons of a Doubt", record.DOUBT_REASONS),
        ("Reasons of a Loss", record.LOSS_REASONS),
        ("Errors of a Fault", record.FAULT_NAMES),
        ("Bases of a Vouch", record.BASES),
        ("Outcomes of a Vouch", record.OUTCOMES),
        ("Makers of receivers", session.MAKER_NAMES),
        ("Reasons of a refusal", session.REASON_NAMES),
        ("Alarms", session.ALARM_NAMES),
    ],
)
def test_numbers_and_their_names(heading, names):
    assert rows_under(heading) == [[str(number), name] for number, name in enumerate(names) if name]


def test_settings():
    found = []
    for key, name, default, check, values in setting.KEYS:
        kind = {setting.TEXT: "text", setting.ID: "id"}.get(check, "number")
        start = (
            f"up to {setting.VALUE_SIZE} bytes"
            if check == setting.TEXT
            else ", ".join(map(str, values or ["16 hex digits"]))
        )
        if check == setting.RANGE:
            start = f"{values[0]} .. {values[1]}"
        found.append(([str(key), name, kind, str(default) or "empty"], start))
    rows = rows_under("Settings")
    assert [row[:4] for row in rows] == [row for row, _ in found]
    for row, (_, start) in zip(rows, found, strict=True):
        assert row[4].startswith(start)
