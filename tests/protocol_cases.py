"""The tables of the protocol's tests, and the one script that runs them on MicroPython as on CPython.

    micropython tests/protocol_cases.py       (with places.BOARD_PATHS)

It prints a line for every case that fails and then how many there were. The test files go through the same tables.
"""

import sys
from binascii import unhexlify

from centesimo_protocol import chain, frame, record, session
from centesimo_protocol.line import AFTER, BEFORE, BETWEEN
from centesimo_protocol.shim import ProtocolError
from centesimo_protocol.timebase import Leap, Since, Timebase

SECOND = 1_000_000_000
T0 = 1_720_000_000  # the Unix second that the timebase's cases count from

A = frame.encode(1, b"first")
B = frame.encode(2, b"second")
LONG = frame.encode(3, b"\x00" * 200)
IS_A, IS_B = (1, b"first"), (2, b"second")
GUARD_WRONG = A[:5] + bytes([A[5] ^ 1]) + A[6:]
LENGTH_WRONG = A[:4] + b"\x02" + A[5:]  # 512 bytes more
CHECK_WRONG = A[:-1] + bytes([A[-1] ^ 1])
TOO_LONG = b"\xc5\x5c\x01\x01\x04\xab"  # 1025 bytes; 01 + 01 + 04 + a5 = ab

# name, bytes, frames at once, noise then, damaged then, frames after a silence, noise and damaged after it.
# A has 15 bytes, B 16, LONG 210; of a damaged frame every byte is noise.
FRAMES = (
    ("nothing", b"", [], 0, 0, [], 0, 0),
    ("one", A, [IS_A], 0, 0, [], 0, 0),
    ("two in a row", A + B, [IS_A, IS_B], 0, 0, [], 0, 0),
    ("noise around", b"\r\n$GP" + A + b"??" + B + b"!", [IS_A, IS_B], 8, 0, [], 8, 0),
    ("a half", A[:9], [], 0, 0, [], 9, 0),
    ("half a head", A[:3], [], 0, 0, [], 3, 0),
    ("half a sync", A + b"\xc5", [IS_A], 0, 0, [], 1, 0),
    ("a sync byte too many", b"\xc5" + A, [IS_A], 1, 0, [], 1, 0),
    ("guard wrong", GUARD_WRONG + B, [IS_B], 15, 1, [], 15, 1),
    ("length changed, seen at once", LENGTH_WRONG + B, [IS_B], 15, 1, [], 15, 1),
    ("check wrong", CHECK_WRONG + B, [IS_B], 15, 1, [], 15, 1),
    ("longer than any", TOO_LONG + B, [IS_B], 6, 1, [], 6, 1),
    # The long frame lost its last 100 bytes: it asks for 210, gets 110 + 16 and only then a silence.
    ("cut before another", LONG[:110] + B, [], 0, 0, [IS_B], 110, 0),
    # Now 110 + 7 x 16 bytes came, the 210 are full and do not check.
    ("cut before many", LONG[:110] + B * 7, [IS_B] * 7, 110, 1, [], 110, 1),
    ("a byte lost", LONG[:50] + LONG[51:] + A + B, [IS_A, IS_B], 209, 1, [], 209, 1),
    ("a byte twice", LONG[:50] + LONG[49:] + A, [IS_A], 211, 1, [], 211, 1),
    ("only noise", b"no board here\r\n", [], 15, 0, [], 15, 0),
)

STEADY = ((10_000_000, T0, False), (26_000_000, T0 + 16, False))
# The last pulse came 40 us after it was predicted, so it may be off by 42; 16 s are 16,000,040 us.
STRAYED = ((10_000_000, T0, False, 2), (26_000_040, T0 + 16, True, 40))
# A second is inserted 20 s after T0; two labels went on over it before that was noticed.
LEAP = (
    (10_000_000, T0, True),
    (30_000_000, T0 + 20, True),
    (31_000_000, T0 + 21, True),
    Leap(T0 + 20),
    (42_000_000, T0 + 31, True),
)
FAST = ((60_000_000, T0, False), (76_000_160, T0 + 16, False))  # 10 ppm too fast: 16 s are 16,000,160 us


def half_a_day(ahead_s, confirmed, away_s=43_200):
    """Two anchors 16 s apart, labelled so far ahead, and two more so much later; whether each pair is confirmed."""
    pairs = ((0, ahead_s, confirmed[0]), (away_s, 0, confirmed[1]))
    return [
        (10_000_000 + (at_s + into_s) * 1_000_000, T0 + at_s + into_s + off_s, sure)
        for at_s, off_s, sure in pairs
        for into_s in (0, 16)
    ]


def doubted(label_s, is_confirmed=False, corrected_s=0):
    """Return two confirmed anchors 16 s apart, a doubt 4 s later, an anchor at 42 s and a correction."""
    last = (42_000_000, label_s, is_confirmed)
    return ((10_000_000, T0, True), (26_000_000, T0 + 16, True), Since(30_000_000), last, corrected_s)


# name, what was logged, counter_us, expected ns after T0, uncertainty in ns, how, confirmed, disagreeing.
# Outside FAST the rate's term is 1500 ns / 16.00016 s = 93.7 -> 94, and 10 x 16.00016 / 2 = 80.0008 -> 81: 175 ppb.
STAMPS = (
    ("on an anchor", FAST, 60_000_000, 0, 1500, BETWEEN, False, ()),
    # 10 x 8.00008^2 / 2 = 320.0064 -> 321
    ("between, half way", FAST, 68_000_080, 8 * SECOND, 1821, BETWEEN, False, ()),
    # 1 us of a counter that is 10 ppm fast is 999.99 ns
    ("between, 1 us before an anchor", FAST, 76_000_159, 16 * SECOND - 1000, 1501, BETWEEN, False, ()),
    # 175 x 10.0001 = 1750.02 -> 1751, 10 x 10.0001^2 / 2 = 500.01 -> 501
    ("after the last, 10 s", FAST, 86_000_260, 26 * SECOND, 3752, AFTER, False, ()),
    # 175 x 3600.036 = 630,006.3 -> 630,007; 10,000 x (2 x 3600.036 - 1000) / 2 = 31,000,360: 31.6 ms
    ("after the last, 1 h", FAST, 3_676_036_160, 3616 * SECOND, 31_631_867, AFTER, False, ()),
    # 175 x 30.0003 = 5250.05 -> 5251, 10 x 30.0003^2 / 2 = 4500.09 -> 4501
    ("before the first, 30 s", FAST, 29_999_700, -30 * SECOND, 11_252, BEFORE, False, ()),
    # 50,000 x 60 = 3,000,000, 10 x 60^2 / 2 = 18,000
    ("one anchor, 1 min after", STEADY[:1], 70_000_000, 60 * SECOND, 3_019_500, AFTER, False, ()),
    # 50,000 x 1, 10 x 1 / 2 = 5
    ("one anchor, 1 s before", STEADY[:1], 9_000_000, -SECOND, 51_505, BEFORE, False, ()),
    # wandering 10 x 3600^2 / 2 = 64.8 ms, within the limit 10,000 x 3600^2 / 7200 = 18 ms: the lesser
    (
        "between, 2 h apart",
        ((0, T0, True), (7_200_000_000, T0 + 7200, True)),
        3_600_000_000,
        3600 * SECOND,
        18_001_500,
        BETWEEN,
        True,
        (),
    ),
    # 12 h: rate 1500 ns / 16 s = 93.75 -> 94, and 80: 174 x 43,200 = 7,516,800; 10,000 x (86,400 - 1000) / 2 = 427 ms
    (
        "wrong by 3 s, half a day without a receiver, then confirmed",
        half_a_day(3, (False, True)),
        10_000_000,
        0,
        434_518_300,
        BEFORE,
        True,
        ((10_000_000, T0 + 3, False, 0), (26_000_000, T0 + 19, False, 0)),
    ),
    ("both sides of half a day confirmed", half_a_day(0, (True, True)), 10_000_000, 0, 1500, BETWEEN, True, ()),
    (
        "neither side of half a day confirmed, the later counts",
        half_a_day(0, (False, False)),
        43_210_000_000,
        43_200 * SECOND,
        1500,
        BETWEEN,
        False,
        ((10_000_000, T0, False, 0), (26_000_000, T0 + 16, False, 0)),
    ),
    (
        "confirmed before half a day, not behind it",
        half_a_day(0, (True, False)),
        26_000_000,
        16 * SECOND,
        1500,
        AFTER,
        True,
        ((43_210_000_000, T0 + 43_200, False, 0), (43_226_000_000, T0 + 43_216, False, 0)),
    ),
    # 174 x 28,784 = 5,008,416; 10,000 x (57,568 - 1000) / 2 = 282.84 ms: surer than 0.3 s
    ("eight hours tell a second", half_a_day(0, (False, True), 28_800), 10_000_000, 0, 1500, BETWEEN, True, ()),
    # 10 x 8 x 8 / 2 = 320 half way between anchors 16 s apart
    ("a doubt, ahead of it", doubted(T0 + 32), 18_000_000, 8 * SECOND, 1820, BETWEEN, True, ()),
    ("a doubt, behind it", doubted(T0 + 32), 34_000_000, 24 * SECOND, 1820, BETWEEN, False, ()),
    ("a doubt, confirmed behind it", doubted(T0 + 32, True), 34_000_000, 24 * SECOND, 1820, BETWEEN, True, ()),
    (
        "a correction moves what is behind a doubt",
        doubted(T0 + 35, corrected_s=-3),
        34_000_000,
        24 * SECOND,
        1820,
        BETWEEN,
        False,
        (),
    ),
    (
        "and nothing that was confirmed",
        doubted(T0 + 35, corrected_s=-3),
        18_000_000,
        8 * SECOND,
        1820,
        BETWEEN,
        True,
        (),
    ),
    # The anchor behind the doubt is of another line, alone: 50,000 x 1, 10 x 1 / 2 = 5
    ("another line behind a doubt", doubted(T0 + 35), 41_000_000, 34 * SECOND, 51_505, BEFORE, False, ()),
    ("and the line ahead of it", doubted(T0 + 35), 18_000_000, 8 * SECOND, 1820, BETWEEN, True, ()),
    # labels were 3 s ahead until the counter stood at 40 s: the second half way is 8 s after T0; 10 x 8 x 8 / 2 = 320
    (
        "correction by whole seconds",
        ((10_000_000, T0 + 3, False), (26_000_000, T0 + 19, False), -3, (42_000_000, T0 + 32, True)),
        18_000_000,
        8 * SECOND,
        1820,
        BETWEEN,
        True,
        (),
    ),
    # -3 and -2 for the first anchor; 10 x 15 x 15 / 2 = 1125
    (
        "corrections add up",
        ((10_000_000, T0 + 5, False), -2, -3, (40_000_000, T0 + 30, False)),
        25_000_000,
        15 * SECOND,
        2625,
        BETWEEN,
        False,
        (),
    ),
    # the anchor's pulse came before the correction was logged, its label after: it is right as it is
    ("label of an earlier pulse, logged after a correction", (7, STEADY[0]), 10_000_000, 0, 1500, AFTER, False, ()),
    (
        "a corrected label was not confirmed",
        ((10_000_000, T0 + 1, True), (26_000_000, T0 + 17, True), -1, (42_000_000, T0 + 32, False)),
        42_000_000,
        32 * SECOND,
        1500,
        AFTER,
        False,
        (),
    ),
    (
        "confirmed by a later anchor",
        (STEADY[0], (26_000_000, T0 + 16, True)),
        10_000_000,
        0,
        1500,
        BETWEEN,
        True,
        (),
    ),
    # without the wrong one 32 s lie between: 10 x 16 x 16 / 2 = 1280
    (
        "one anchor disagrees",
        ((10_000_000, T0, False), (26_000_000, T0 + 17, True), (42_000_000, T0 + 32, False)),
        26_000_000,
        16 * SECOND,
        2780,
        BETWEEN,
        False,
        ((26_000_000, T0 + 17, True, 0),),
    ),
    (
        "two halves disagree, the later counts",
        (STEADY[0], STEADY[1], (42_000_000, T0 + 33, False), (58_000_000, T0 + 49, False)),
        58_000_000,
        49 * SECOND,
        1500,
        AFTER,
        False,
        ((10_000_000, T0, False, 0), (26_000_000, T0 + 16, False, 0)),
    ),
    (
        "a pulse twice",
        (STEADY[0], (10_000_003, T0, False), STEADY[1]),
        26_000_000,
        16 * SECOND,
        1500,
        AFTER,
        False,
        ((10_000_003, T0, False, 0),),
    ),
    ("an anchor given twice", STEADY + STEADY, 18_000_000, 8 * SECOND, 1820, BETWEEN, False, ()),
    ("a pulse as predicted", STRAYED[:1], 10_000_000, 0, 1500, AFTER, False, ()),
    ("a pulse that strayed", STRAYED, 26_000_040, 16 * SECOND, 43_500, AFTER, True, ()),
    # 10 x 8.00002^2 / 2 = 320.002 -> 321, and 1500 + 42,000
    ("half way to a pulse that strayed", STRAYED, 18_000_020, 8 * SECOND, 43_821, BETWEEN, True, ()),
    # rate (1500 + 42,000) / 16.00004 s = 2718.7 -> 2719, and 81: 2800 x 10.000025 = 28,000.07 -> 28,001;
    # 10 x 10.000025^2 / 2 = 500.003 -> 501; with 1500 and 42,000
    ("10 s after a pulse that strayed", STRAYED, 36_000_065, 26 * SECOND, 72_002, AFTER, True, ()),
    # as far away from the other end the rate is as unsure, the anchor is not
    ("10 s before, one strayed", STRAYED, -25, -10 * SECOND, 30_002, BEFORE, True, ()),
    # 10 x 19.5 x 0.5 / 2 = 48.75 -> 49
    ("before a leap second", LEAP, 29_500_000, 19_500_000_000, 1549, BETWEEN, True, ()),
    # 23:59:60 has the number of the second behind it; 10 x 0.5 x 0.5 / 2 = 1.25 -> 2
    ("in the leap second", LEAP, 30_500_000, 20_500_000_000, 1502, BETWEEN, True, ()),
    # 10 x 0.5 x 10.5 / 2 = 26.25 -> 27
    ("the second behind it", LEAP, 31_500_000, 20_500_000_000, 1527, BETWEEN, True, ()),
    ("after a leap second", LEAP, 42_000_000, 31 * SECOND, 1500, AFTER, True, ()),
    ("a leap second told twice", LEAP + LEAP[3:], 42_000_000, 31 * SECOND, 1500, AFTER, True, ()),
    # 10 x 4 x 12 / 2 = 240
    (
        "a counter beyond 2**40",
        ((2**40, T0, False), (2**40 + 16_000_000, T0 + 16, False)),
        2**40 + 4_000_000,
        4 * SECOND,
        1740,
        BETWEEN,
        False,
        (),
    ),
)


SECRET = bytes(range(24))
EDGE = record.Edge(259, 2, 4294967301, 4, 200, 3, 0, 2)
# name, what is computed, hex. The first is RFC 4231's case 2; the others were computed with openssl dgst -mac HMAC:
# "block", eleven zeros, the edge of vectors.txt and the Seal's 04010000 0200 0d 0900000000000000 0100 behind it;
# "fingerprint"; "replace", the id and 24 bytes 01.
MACS = (
    (
        "mac",
        lambda: chain.Key(b"Jefe").mac(b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    ("tag", lambda: _tag(record.pack(EDGE)), "8bec9e58fb41ed235d2bce"),
    ("fingerprint", lambda: chain.fingerprint(SECRET), "48ef0b6efe07d6a93a6dd2d0"),
    ("no fingerprint", lambda: chain.fingerprint(chain.NO_SECRET), "00" * 12),
    ("proof", lambda: chain.proof(SECRET, unhexlify("0123456789abcdef"), b"\x01" * 24), "ce1a9c92f372f7271afbccca"),
    ("nothing to prove", lambda: chain.proof(chain.NO_SECRET, b"\x01" * 8, b"\x01" * 24), "00" * 12),
)

RECORD_TYPES = tuple([cls for _, cls, _ in record.KINDS] + [record.Unknown])


def vectors(path):
    """Return the vectors of the file at `path` as (name, value, bytes)."""
    found = []
    with open(path) as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, value, digits = line.strip().split(" | ")
                found.append((name, eval(value, {"record": record, "session": session}), _bytes(digits)))
    return found


def _bytes(digits):
    raw = b""
    for part in digits.split():
        digit, _, times = part.partition("*")
        raw += unhexlify(digit.encode()) * int(times or "1")
    return raw


def packed(value):
    """Return the bytes of a vector's value: a record, a message, or (kind, payload) of a bare frame."""
    if type(value) is tuple:
        return frame.encode(*value)
    is_record = isinstance(value, RECORD_TYPES)
    return record.pack(value) if is_record else session.encode(value)


def unpacked(raw):
    """Return the value that a vector's bytes stand for."""
    if raw[:2] != frame.SYNC:
        return record.unpack(raw)
    ((kind, payload),) = frame.FrameReader().receive(raw)
    found = session.decode(session.HOST_MESSAGES + session.BOARD_MESSAGES, kind, payload)
    return (kind, payload) if found is None else found


def _tag(raw):
    block = chain.Key(SECRET).block(chain.FIRST_LINK)
    block.add(raw)
    return block.tag(260, 2, 9, 1)


def read(raw, size):
    """Return the frames that a reader finds in `raw` when it comes in chunks of `size` bytes, and the reader."""
    reader, frames = frame.FrameReader(), []
    for at in range(0, len(raw), size):
        frames += reader.receive(raw[at : at + size])
    return frames, reader


def flipped(raw):
    """Return `raw` as often as it has bits, each time with another one changed."""
    return [raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in range(8)]


def survivors(raw):
    """Return the frames that a reader finds when `raw` stands between A and B, in the end after a silence."""
    reader = frame.FrameReader()
    return reader.receive(A + raw + B) + reader.abandon()


def checks(path):
    """Go through every table; yields (name, expected, got)."""
    yield from _vector_checks(vectors(path))
    yield from _frame_checks()
    yield from _stamp_checks()
    yield from _session_checks()
    yield from [(name, unhexlify(expected), compute()) for name, compute, expected in MACS]
    yield from _refusal_checks()


def _vector_checks(rows):
    for name, value, raw in rows:
        yield name + " to bytes", raw, packed(value)
        yield name + " from bytes", value, unpacked(raw)
        if raw[:2] == frame.SYNC and len(raw) < 100:
            for changed in flipped(raw):
                yield name + " with a bit changed", [IS_A, IS_B], survivors(changed)


def _frame_checks():
    for name, raw, frames, noise, damaged, later, late_noise, late_damaged in FRAMES:
        for size in (1, 7, 4096):
            found, reader = read(raw, size)
            yield name, (frames, noise, damaged), (found, reader.noise, reader.damaged)
            found = reader.abandon()
            yield name + ", silence", (later, late_noise, late_damaged), (found, reader.noise, reader.damaged)


def _stamp_checks():
    for name, logged, counter_us, ns, uncertainty_ns, how, confirmed, disagreeing in STAMPS:
        timebase = Timebase(logged)
        yield name, (T0 * SECOND + ns, uncertainty_ns, how, confirmed), tuple(timebase.at(counter_us))
        yield name + ", disagreeing", list(disagreeing), timebase.disagreeing


NOT_THIS = session.Refused(4, session.NOT_GREETED, b"expected the number of this session, got another one's")


def _session_checks():
    board, host = session.BoardSession(), session.HostSession(b"host0001")
    welcome = session.Welcome(1, b"board001", bytes(12), 0, 1, 0, 1, 1, 1, 0, 0, bytes(11))
    records = session.Records(1, record.pack(record.Edge(1, 1, 0, 1, 1, 3, 0, 2)))
    doubled = session.Records(1, records.records * 2)
    yield "hello", [session.Hello(1, 2, b"host0001")], board.receive(host.hello())
    yield "welcome", [welcome], host.receive(board.send(welcome))
    yield "fetch", [session.Fetch(1, 1, 24)], board.receive(host.fetch(1, 24)[1])
    yield "records", [records], host.receive(board.send(records))
    yield "a record twice", ([], 1), (host.receive(board.send(doubled)), host.skipped)
    refused = session.Refused(2, session.NOT_GREETED, b"expected a greeting first")
    yield "after a restart", [refused], session.BoardSession().receive(host.fetch(1, 24)[1])
    yield "the host knows", ([refused], None), (host.receive(board.send(refused)), host.board)
    board.receive(host.hello())
    host.receive(board.send(session.Welcome(2, *welcome[1:])))
    yield "records of version 2", [records], host.receive(board.send(records))
    yield "without the number", ([], 2), (host.receive(session.encode(records)), host.skipped)
    yield "a request without it", [NOT_THIS], board.receive(session.encode(session.AskStatus()))


def _refusal_checks():
    for wrong in (300, -1, 2**70, 1.5, None, "1", b"1"):
        yield "input " + repr(wrong), record.RecordError, _raised(lambda w=wrong: record.Edge(1, 1, 0, w, 1, 3, 0, 2))
        yield "live " + repr(wrong), session.SessionError, _raised(lambda w=wrong: session.Live(w))


def _raised(make):
    try:
        packed(make())
    except ProtocolError as error:
        return type(error)
    return None


def main(path):
    """Print what fails and how many cases there were; returns the exit code."""
    cases = failed = 0
    for name, expected, got in checks(path):
        cases += 1
        if expected != got:
            failed += 1
            print(f"{name}: expected {expected}, got {got}")
    print(f"{cases} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
