"""Journal records: what packs comes back, what does not fit is named, what was changed is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo_protocol import record
from centesimo_protocol.shim import RecordError
from tests import protocol_cases as cases

EDGE = record.Edge(259, 2, 1_000_000, 4, 200, record.LOCKED, record.TUBE, 2)
BOOT = record.Boot(1, 1, 0, 1, 1, 2, 3, 1, bytes(8))
ANCHOR = record.Anchor(1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
UNKNOWN = record.Unknown(1, 1, 0, 200, bytes(13))

# what, record, message
REFUSED = (
    ("sequence 0", EDGE._replace(sequence=0), "expected sequence from 1 to 4294967294, got 0"),
    ("sequence", EDGE._replace(sequence=2**32 - 1), "expected sequence from 1 to 4294967294, got 4294967295"),
    ("boot 0", EDGE._replace(boot=0), "expected boot from 1 to 65535, got 0"),
    ("counter", EDGE._replace(counter_us=-1), "expected counter_us from 0 to 18446744073709551615, got -1"),
    ("input", EDGE._replace(input=300), "expected Edge.input from 0 to 255, got 300"),
    ("below", EDGE._replace(count=-1), "expected Edge.count from 0 to 4294967295, got -1"),
    ("signed", ANCHOR._replace(leap_s=128), "expected Anchor.leap_s from -128 to 127, got 128"),
    ("float", EDGE._replace(uncertainty_us=1.5), "expected Edge.uncertainty_us from 0 to 4294967295, got 1.5"),
    ("none", ANCHOR._replace(utc_s=None), "expected Anchor.utc_s from 0 to 4294967295, got None"),
    ("short", BOOT._replace(board_id=b"1234567"), "expected Boot.board_id of 8 bytes, got b'1234567'"),
    ("text", BOOT._replace(board_id="12345678"), "expected Boot.board_id of 8 bytes, got '12345678'"),
    ("known kind as unknown", UNKNOWN._replace(kind=3), "expected kind from 21 to 255, got 3"),
    ("kind", UNKNOWN._replace(kind=None), "expected kind from 21 to 255, got None"),
    ("body", UNKNOWN._replace(body=bytes(12)), f"expected Unknown.body of 13 bytes, got {bytes(12)}"),
    ("no record", ("sequence", 1), "expected a journal record, got tuple"),
)


@pytest.mark.parametrize(("value", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_does_not_fit_is_named(value, message):
    with pytest.raises(RecordError) as refused:
        record.pack(value)
    assert str(refused.value) == message


def test_a_value_without_names_is_counted():
    with pytest.raises(RecordError, match=r"expected value 2 of a pair from 0 to 255, got 256"):
        record.check_values("BB", (1, 256), "a pair")


def with_head(sequence, boot, kind):
    """Return a record that checks, with any head."""
    body = sequence.to_bytes(4, "little") + boot.to_bytes(2, "little") + bytes([kind]) + bytes(21)
    return body + record.crc32(body).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "expected a record of 32 bytes, got 0"),
        (bytes(33), "expected a record of 32 bytes, got 33"),
        (record.ERASED, "expected check .* for this record, got ffffffff"),
        (bytes(32), "expected check .* for this record, got 00000000"),
        (with_head(0, 1, 1), "expected sequence, boot and kind from 1, got 0, 1, 1"),
        (with_head(2**32 - 1, 1, 1), "expected sequence, boot and kind from 1, got 4294967295, 1, 1"),
        (with_head(1, 0, 1), "expected sequence, boot and kind from 1, got 1, 0, 1"),
        (with_head(1, 1, 0), "expected sequence, boot and kind from 1, got 1, 1, 0"),
    ],
)
def test_bytes_that_are_no_record_are_refused(raw, message):
    with pytest.raises(RecordError, match=message):
        record.unpack(raw)


def test_no_changed_bit_goes_unseen():
    for changed in cases.flipped(record.pack(EDGE)):
        with pytest.raises(RecordError, match="expected check"):
            record.unpack(changed)


def test_every_layout_fills_the_body():
    for kind, cls, layout in record.KINDS:
        assert record.struct.calcsize("<" + layout) == record.BODY_SIZE, cls
        assert record.KINDS[kind - 1][1] is cls


def test_bytes_may_come_as_any_buffer():
    raw = record.pack(EDGE)
    assert record.unpack(bytearray(raw)) == record.unpack(memoryview(raw)) == EDGE


FIVE = [(7, 1000), (8, 1001), (9, 1003), (10, 66_537), (11, 66_541)]
# What, record, (number, counter_us) of the edges in it.
EDGES = (
    ("an edge", EDGE, [(200, 1_000_000)]),
    ("a full burst", record.Burst(1, 1, 1000, 0x31, 7, 1, 2, 65534, 4), FIVE),
    ("a gap of nothing", record.Burst(1, 1, 1000, 0x31, 7, 0, 65535, 65535, 65535), [(7, 1000), (8, 1000)]),
    ("a burst of one", record.Burst(1, 1, 1000, 0x31, 7, 65535, 65535, 65535, 65535), [(7, 1000)]),
    ("what has none", record.Ringing(1, 1, 1000, 1, 7, 300, 70_000, 5), []),
)  # fmt: skip


@pytest.mark.parametrize(("value", "edges"), [row[1:] for row in EDGES], ids=[row[0] for row in EDGES])
def test_the_edges_in_a_record(value, edges):
    found = record.edges_of(value)
    assert [(edge.count, edge.counter_us) for edge in found] == edges
    if isinstance(value, record.Burst):
        assert {edge[:2] + edge[3:4] + edge[5:] for edge in found} == {(1, 1, 1, record.LOCKED, 0, record.NOT_KNOWN_US)}


VALUES = {
    "B": st.integers(0, 255),
    "b": st.integers(-128, 127),
    "H": st.integers(0, 2**16 - 1),
    "h": st.integers(-(2**15), 2**15 - 1),
    "I": st.integers(0, 2**32 - 1),
    "i": st.integers(-(2**31), 2**31 - 1),
}


@st.composite
def records(draw):
    """Any record of any kind."""
    head = draw(st.tuples(st.integers(1, 2**32 - 2), st.integers(1, 2**16 - 1), st.integers(0, 2**64 - 1)))
    if draw(st.integers(0, 9)) == 0:
        kind, body = st.integers(len(record.KINDS) + 1, 255), st.binary(min_size=13, max_size=13)
        return record.Unknown(*head, draw(kind), draw(body))
    _, cls, layout = draw(st.sampled_from(record.KINDS))
    return cls(*head, *(draw(values) for values in layout_values(layout)))


def layout_values(layout):
    """Return the strategies of a layout's values."""
    found, digits = [], ""
    for code in layout:
        if code == "s":
            found.append(st.binary(min_size=int(digits), max_size=int(digits)))
        elif code in VALUES:
            found.append(VALUES[code])
        digits = digits + code if code.isdigit() else ""
    return found


@given(records())
def test_any_record_comes_back(value):
    raw = record.pack(value)
    assert len(raw) == record.SIZE
    assert record.unpack(raw) == value
    assert record.kind_of(value) == raw[6]


@given(
    st.binary(max_size=40)
    | st.binary(min_size=28, max_size=28).map(lambda raw: raw + record.crc32(raw).to_bytes(4, "little"))
)
def test_any_bytes_are_a_record_or_our_own_error(raw):
    try:
        value = record.unpack(raw)
    except RecordError:
        return
    assert record.kind_of(value) == raw[6]


@given(records(), st.data())
def test_any_wrong_value_is_our_own_error(value, data):
    place = data.draw(st.integers(0, len(value) - 1))
    wrong = data.draw(st.sampled_from([None, "", -(2**70), 2**70, 0.5, b"", ()]))
    with pytest.raises(RecordError):
        record.pack(type(value)(*value[:place], wrong, *value[place + 1 :]))
