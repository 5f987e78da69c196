"""Frames: found whole or byte by byte, in noise, after damage; a reader holds what it says and loses no neighbour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo_protocol import frame
from centesimo_protocol.shim import FrameError
from tests import protocol_cases as cases

NAMES = [row[0] for row in cases.FRAMES]
CHUNKS = st.lists(
    st.binary(max_size=40) | st.sampled_from([frame.SYNC, cases.A, cases.B, cases.LONG[:60]]), max_size=40
)


@pytest.mark.parametrize("row", cases.FRAMES, ids=NAMES)
@pytest.mark.parametrize("size", [1, 2, 7, 4096])
def test_frames_in_bytes_as_they_come(row, size):
    _, raw, frames, noise, damaged, later, late_noise, late_damaged = row
    found, reader = cases.read(raw, size)
    assert (found, reader.noise, reader.damaged) == (frames, noise, damaged)
    assert (reader.abandon(), reader.noise, reader.damaged) == (later, late_noise, late_damaged)


@pytest.mark.parametrize("row", cases.FRAMES, ids=NAMES)
def test_bytes_behind_change_nothing(row):
    _, raw, frames, _, _, later, late_noise, late_damaged = row
    found, reader = cases.read(raw, 4096)
    found += reader.abandon() + reader.receive(cases.A + b"xyz")
    assert (found, reader.noise, reader.damaged) == (frames + later + [cases.IS_A], late_noise + 3, late_damaged)


@pytest.mark.parametrize("raw", [cases.A, frame.encode(0), cases.LONG], ids=["short", "empty", "long"])
def test_a_changed_bit_never_makes_another_frame_and_spares_the_neighbours(raw):
    for changed in cases.flipped(raw):
        assert cases.survivors(changed) == [cases.IS_A, cases.IS_B]


def test_a_lost_byte_never_makes_another_frame_and_spares_the_neighbours():
    for at in range(len(cases.LONG)):
        assert cases.survivors(cases.LONG[:at] + cases.LONG[at + 1 :]) == [cases.IS_A, cases.IS_B]


@pytest.mark.parametrize(
    ("kind", "payload", "message"),
    [
        (256, b"", "expected a message kind from 0 to 255, got 256"),
        (-1, b"", "expected a message kind from 0 to 255, got -1"),
        (1, bytes(1025), "expected a payload of at most 1024 bytes, got 1025"),
    ],
)
def test_what_no_frame_carries_is_refused(kind, payload, message):
    with pytest.raises(FrameError) as refused:
        frame.encode(kind, payload)
    assert str(refused.value) == message


def test_what_a_person_types_is_kept_to_the_last_64_bytes():
    reader = frame.FrameReader()
    reader.receive(b"x" * 100)
    reader.receive(cases.A + b"status\r\n")
    assert reader.stray == b"x" * 56 + b"status\r\n"
    assert reader.noise == 108


@given(st.integers(0, 255), st.binary(max_size=1024), st.binary(max_size=20))
def test_any_frame_comes_back(kind, payload, behind):
    reader = frame.FrameReader()
    assert (reader.receive(frame.encode(kind, payload) + behind))[:1] == [(kind, payload)]


@given(CHUNKS)
def test_any_bytes_give_frames_within_the_stated_bound(chunks):
    reader, found = frame.FrameReader(), []
    for chunk in chunks:
        found += reader.receive(chunk)
        assert len(reader._held) < frame.MAX_FRAME
        assert len(reader.stray) <= frame.STRAY_KEPT
    found += reader.abandon()
    assert reader._held == b""
    assert sum(len(frame.encode(*each)) for each in found) + reader.noise == sum(map(len, chunks))


@given(CHUNKS)
def test_how_bytes_are_cut_changes_nothing(chunks):
    raw = b"".join(chunks)
    (whole, once), (single, bytewise) = cases.read(raw, len(raw) + 1), cases.read(raw, 1)
    assert (whole, once.noise, once.damaged, once.stray) == (single, bytewise.noise, bytewise.damaged, bytewise.stray)
