"""Journal records: the facts a board writes down, 32 bytes each, the same on flash, on the wire and in the store.

Every record begins with the same 15 bytes, ends with the same 4, and has 13 bytes of its own between them.
Little-endian, no padding:

    offset  size  field
    0       4     sequence     1 .. 2**32 - 2, counts on over boots, never used twice
    4       2     boot         1 .. 65535, counts the starts of the board
    6       1     kind         see below; a reader keeps a kind it does not know as Unknown
    7       8     counter_us   the board's 64-bit microsecond counter; begins near 0 at every boot
    15      13    body         by kind, below; unused bytes are 0
    28      4     check        CRC-32 (as zlib) of bytes 0 .. 27

    kind 1  Boot          reset_cause u8, major u8, minor u8, patch u8, format u8, board_id 8 bytes
    kind 2  Anchor        utc_s u32, confirmed u8, delay_ms u16, satellites u8, leap_s i8 (-128 not known),
                          temperature_cc i16 (1/100 degree C, -32768 not measured), residual_us i16
    kind 3  Edge          input u8 (1 .. 4), count u32 (edges of this input in this boot, from 1), state u8,
                          origin u8 (0 tube, 1 simulated on request), uncertainty_us u32 (2**32 - 1 not known)
    kind 4  State         state u8, was u8, reason u8, satellites u8, utc_s u32 (0 not known), uncertainty_us u32
    kind 5  Correction    shift_s i32, utc_s u32 (the label after it), reason u8
    kind 6  Health        battery_mv u16 (0 not measured), temperature_cc i16, satellites u8, state u8,
                          torn u16, kept u32
    kind 7  Loss          source u8 (0 pulse, 1 .. 4 inputs, 16 receiver, 17 journal, 18 link), reason u8, count u32
    kind 8  Acknowledged  up_to u32, host_id 8 bytes
    kind 9  Setting       key u8, value 12 bytes (docs/wire-format.md lists the keys)
    kind 10 LeapSecond    utc_s u32
    kind 11 SelfTest      cause u8 (0 start, 1 on request), ram u8 (1 right), journal u8 (1 right), pulse_s u8 (since
                          the last pulse, 255 none), inputs u8 (bit 0 is input 1: contact closed), free_bytes u32
    kind 12 Mark          input u8, count u32 (of the Edge that it marks as doubtful)
    kind 13 Seal          count u16, tag 11 bytes: seals the count numbers before its own (chain.py)
    kind 14 Erased        up_to u32, host_id 8 bytes
    kind 15 Doubt         reason u8, utc_s u32 (the label at counter_us, by the count), shift_s i32 (what was heard is
                          so much more; 0 nothing was)
    kind 16 Burst         input_state u8 (input + 16 x state), count u32 (of the first), four gaps u16: up to 5 edges of
                          an input; the first at counter_us, each later one a gap in us behind it (65535: no more)
    kind 17 Ringing       input u8, count u32 (of the first), edges u16, length_us u32, shortest_us u16: edges of a
                          ringing input that have no record of their own; the first at counter_us
    kind 18 Fault         error u8 (FAULT_NAMES), line u16, module 10 bytes (text, zeros at its end)
    kind 19 Position      latitude_e7 i32, longitude_e7 i32 (1e-7 degree, north and east positive), altitude_m i16,
                          satellites u8, hdop_tenths u8, quality u8 (as GGA says)
    kind 20 Vouch         utc_s u32 (began at counter_us, says a host), bound_ms u16 (at most so far off), basis_outcome
                          u8 (basis + 16 x outcome), host_id 6 bytes (the last ones)

An Anchor says that the counter stood at counter_us when the UTC second utc_s began (Unix time, no leap seconds).
A Correction says that labels logged before it in this boot were wrong, except those that were confirmed and what was
logged before them: right = label + shift_s. Its counter_us is the pulse at which that was noticed. A Doubt says that
from counter_us on no whole second is confirmed, unless by an Anchor logged after it. A LeapSecond says that a second
was inserted before the UTC second utc_s: labels logged before it in this boot count on over it, those logged after it
are of the second behind it.
Nothing is ever rewritten; docs/time.md says how the facts become UTC.
"""

import struct
from binascii import crc32
from collections import namedtuple

from centesimo_protocol.shim import RecordError as RecordError
from centesimo_protocol.shim import const, fields, is_whole, struct_error

SIZE = const(32)
BODY_SIZE = const(13)
ERASED = b"\xff" * 32  # what an empty slot of flash reads as

BOOT = const(1)
ANCHOR = const(2)
EDGE = const(3)
STATE = const(4)
CORRECTION = const(5)
HEALTH = const(6)
LOSS = const(7)
ACKNOWLEDGED = const(8)
SETTING = const(9)
LEAP_SECOND = const(10)
SELF_TEST = const(11)
MARK = const(12)
SEAL = const(13)
ERASED_UP_TO = const(14)
DOUBT = const(15)
BURST = const(16)
RINGING = const(17)
FAULT = const(18)
POSITION = const(19)
VOUCH = const(20)

# Sync states, in the order in which a board gets better and then worse; docs/time.md explains each.
NO_RECEIVER = const(0)
NO_FIX = const(1)
ACQUIRING = const(2)
LOCKED = const(3)
HOLDOVER = const(4)
FREE_RUNNING = const(5)
STATE_NAMES = ("no receiver", "no fix", "acquiring", "locked", "holdover", "free running")

# Why a board changed its state, or said something of it anew; the position is the number in State.reason.
STATE_REASONS = (
    "start",
    "sentences heard",
    "fix found",
    "labels and pulses agree",
    "no sentences",
    "fix lost",
    "pulse missing",
    "label disagrees",
    "uncertainty too large",
    "seconds confirmed",
    "seconds corrected",
    "leap second",
    "pulses begin anew",
)
# Correction.reason, Doubt.reason and Loss.reason likewise.
CORRECTION_REASONS = ("the receiver's second has jumped",)
DOUBT_REASONS = (
    "the receiver's second has jumped",
    "a second was inserted",
    "a month began unheard",
    "the pulse has moved",
    "a host says otherwise",
)
LOSS_REASONS = (
    "capture overrun",
    "journal full",
    "slots torn",
    "sentences damaged",
    "settings damaged",
    "another format",
    "supply too low",
)
# Fault.error: what the firmware has caught, by the name of its class.
FAULT_NAMES = (
    "other",
    "MemoryError",
    "OSError",
    "ValueError",
    "TypeError",
    "IndexError",
    "KeyError",
    "AttributeError",
    "ZeroDivisionError",
    "OverflowError",
    "RuntimeError",
    "ProtocolError",
)

# How a host knows the time that it vouches for: what keeps its clock, or a board beside this one that is confirmed, or
# whose receiver is another maker's. The position is the number.
BASES = ("not known", "kernel", "confirmed board", "another model")
KERNEL = const(1)
CONFIRMED_BOARD = const(2)
OTHER_MODEL = const(3)
# What the board made of it.
OUTCOMES = ("no time", "agrees", "another second", "unclear", "too unsure")
NO_TIME = const(0)
AGREES = const(1)
OTHER_SECOND = const(2)
UNCLEAR = const(3)
TOO_UNSURE = const(4)

# Origins of an edge.
TUBE = const(0)
SIMULATED = const(1)

NOT_MEASURED = const(-32768)  # temperature_cc
NOT_KNOWN_US = 0xFFFFFFFF  # uncertainty_us
NO_PULSE_S = const(255)  # pulse_s
NO_GAP = const(0xFFFF)  # a gap of a Burst
BURST_EDGES = const(5)

HEAD = "<IHBQ"
HEAD_SIZE = const(15)
CHECK_AT = const(28)

Boot = namedtuple("Boot", "sequence boot counter_us reset_cause major minor patch format board_id")
Anchor = namedtuple(
    "Anchor", "sequence boot counter_us utc_s confirmed delay_ms satellites leap_s temperature_cc residual_us"
)
Edge = namedtuple("Edge", "sequence boot counter_us input count state origin uncertainty_us")
State = namedtuple("State", "sequence boot counter_us state was reason satellites utc_s uncertainty_us")
Correction = namedtuple("Correction", "sequence boot counter_us shift_s utc_s reason")
Health = namedtuple("Health", "sequence boot counter_us battery_mv temperature_cc satellites state torn kept")
Loss = namedtuple("Loss", "sequence boot counter_us source reason count")
Acknowledged = namedtuple("Acknowledged", "sequence boot counter_us up_to host_id")
Setting = namedtuple("Setting", "sequence boot counter_us key value")
LeapSecond = namedtuple("LeapSecond", "sequence boot counter_us utc_s")
SelfTest = namedtuple("SelfTest", "sequence boot counter_us cause ram journal pulse_s inputs free_bytes")
Mark = namedtuple("Mark", "sequence boot counter_us input count")
Seal = namedtuple("Seal", "sequence boot counter_us count tag")
Erased = namedtuple("Erased", "sequence boot counter_us up_to host_id")
Doubt = namedtuple("Doubt", "sequence boot counter_us reason utc_s shift_s")
Burst = namedtuple("Burst", "sequence boot counter_us input_state count gap_1_us gap_2_us gap_3_us gap_4_us")
Ringing = namedtuple("Ringing", "sequence boot counter_us input count edges length_us shortest_us")
Fault = namedtuple("Fault", "sequence boot counter_us error line module")
Position = namedtuple(
    "Position", "sequence boot counter_us latitude_e7 longitude_e7 altitude_m satellites hdop_tenths quality"
)
Vouch = namedtuple("Vouch", "sequence boot counter_us utc_s bound_ms basis_outcome host_id")
Unknown = namedtuple("Unknown", "sequence boot counter_us kind body")

TYPE_CHECKING = False
if TYPE_CHECKING:  # MicroPython evaluates no annotation and knows no union of classes
    OfTime = Boot | Anchor | Edge | State | Correction | LeapSecond | Doubt | Vouch
    Range = tuple[int | None, int]
    OfInput = Edge | Burst | Ringing | Mark
    OfBoard = Health | Loss | Acknowledged | Setting | SelfTest | Fault | Position
    Record = OfTime | OfInput | OfBoard | Unknown

# (kind, class, format of the body with its padding); the position is the kind less one.
KINDS: tuple[tuple[int, type, str], ...] = (
    (BOOT, Boot, "BBBBB8s"),
    (ANCHOR, Anchor, "IBHBbhh"),
    (EDGE, Edge, "BIBBI2x"),
    (STATE, State, "BBBBII1x"),
    (CORRECTION, Correction, "iIB4x"),
    (HEALTH, Health, "HhBBHI1x"),
    (LOSS, Loss, "BBI7x"),
    (ACKNOWLEDGED, Acknowledged, "I8s1x"),
    (SETTING, Setting, "B12s"),
    (LEAP_SECOND, LeapSecond, "I9x"),
    (SELF_TEST, SelfTest, "BBBBBI4x"),
    (MARK, Mark, "BI8x"),
    (SEAL, Seal, "H11s"),
    (ERASED_UP_TO, Erased, "I8s1x"),
    (DOUBT, Doubt, "BIi4x"),
    (BURST, Burst, "BIHHHH"),
    (RINGING, Ringing, "BIHIH"),
    (FAULT, Fault, "BH10s"),
    (POSITION, Position, "iihBBB"),
    (VOUCH, Vouch, "IHB6s"),
)

_RANGE_BY_CODE: "dict[str, Range]" = {
    "B": (0, 0xFF),
    "b": (-0x80, 0x7F),
    "H": (0, 0xFFFF),
    "h": (-0x8000, 0x7FFF),
    "I": (0, 0xFFFFFFFF),
    "Q": (0, 0xFFFFFFFFFFFFFFFF),
    "i": (-0x80000000, 0x7FFFFFFF),
}


def kind_of(value: "Record") -> int:
    """Return the kind (1 .. 255) of a record given as one of this module's namedtuples; RecordError if it is none."""
    if isinstance(value, Unknown):
        unknown: int = value.kind
        return unknown
    kind = KIND_BY_CLASS.get(type(value))
    if kind is None:
        raise RecordError("expected a journal record, got %s" % type(value).__name__)
    return kind


def pack(value: "Record") -> bytes:
    """Return the 32 bytes of a record; RecordError names the field that does not fit, what it may be and what came."""
    kind = kind_of(value)
    if not isinstance(value, Unknown):
        return pack_values(kind, tuple(value))
    sequence, boot, counter_us = value[:3]
    _check_head(sequence, boot, counter_us)
    _check_range("kind", kind, len(KINDS) + 1, 0xFF)
    check_values("13s", (value.body,), "Unknown", ("body",))
    raw: bytes = struct.pack(HEAD, sequence, boot, kind, counter_us) + value.body
    return raw + struct.pack("<I", crc32(raw))


def pack_values(kind: int, values: "tuple[object, ...]") -> bytes:
    """Return the 32 bytes of a record of a kind (1 .. len(KINDS)) with all its fields; RecordError as in pack().

    What was packed is unpacked and compared, at C speed: struct may wrap a number, cut bytes or fill up with zeros, and
    only then is each field looked at. An Edge is packed every millisecond when a tube rings.
    """
    layout = _LAYOUTS[kind - 1]
    ordered = values[:2] + (kind,) + values[2:]
    try:
        raw = struct.pack(layout, *ordered)
        sequence, boot = raw[:4], raw[4:6]
        is_head = sequence not in (b"\x00" * 4, b"\xff" * 4) and boot != b"\x00\x00"
        is_same = is_head and struct.unpack(layout, raw) == ordered
    except (struct_error, TypeError, ValueError, OverflowError):
        is_same = False
    if not is_same:
        cls = KINDS[kind - 1][1]
        _check_head(*values[:3])
        _check(_RANGES_BY_KIND[kind - 1], values[3:], cls.__name__, fields(cls)[3:])
        raw = struct.pack(layout, *ordered)
    return raw + struct.pack("<I", crc32(raw))


def _check_head(sequence: object, boot: object, counter_us: object) -> None:
    _check_range("sequence", sequence, 1, 0xFFFFFFFE)
    _check_range("boot", boot, 1, 0xFFFF)
    _check_range("counter_us", counter_us, 0, 0xFFFFFFFFFFFFFFFF)


def unpack(raw: bytes) -> "Record":
    """Return the record in `raw` (exactly 32 bytes); RecordError if its length, check or head is wrong."""
    if len(raw) != SIZE:
        raise RecordError("expected a record of %d bytes, got %d" % (SIZE, len(raw)))
    raw = bytes(raw)
    (check,) = struct.unpack("<I", raw[CHECK_AT:])
    computed = crc32(raw[:CHECK_AT])
    if check != computed:
        raise RecordError("expected check %08x for this record, got %08x" % (computed, check))
    sequence, boot, kind, counter_us = struct.unpack(HEAD, raw[:HEAD_SIZE])
    if sequence in (0, 0xFFFFFFFF) or boot == 0 or kind == 0:
        raise RecordError("expected sequence, boot and kind from 1, got %d, %d, %d" % (sequence, boot, kind))
    if kind > len(KINDS):
        return Unknown(sequence, boot, counter_us, kind, raw[HEAD_SIZE:CHECK_AT])
    _, cls, body = KINDS[kind - 1]
    value: Record = cls(sequence, boot, counter_us, *struct.unpack("<" + body, raw[HEAD_SIZE:CHECK_AT]))
    return value


def edges_of(value: "Record") -> "list[Edge]":
    """Return the edges in a record, in order: one of an Edge, up to five of a Burst, none of any other."""
    if isinstance(value, Edge):
        return [value]
    if not isinstance(value, Burst):
        return []
    sequence, boot, counter_us, input_state, count = value[:5]
    state, number = divmod(input_state, 16)
    found = [Edge(sequence, boot, counter_us, number, count, state, TUBE, NOT_KNOWN_US)]
    for gap_us in value[5:]:
        if gap_us == NO_GAP:
            break
        counter_us += gap_us
        count += 1
        found.append(Edge(sequence, boot, counter_us, number, count, state, TUBE, NOT_KNOWN_US))
    return found


def check_values(layout: str, values: tuple[object, ...], what: str, names: tuple[str, ...] = ()) -> None:
    """Check values against a struct layout (B b H h I i Q, ns and nx) before packing, which would wrap silently.

    RecordError says which value of `what`, by its name in `names` or else its place from 1, does not fit, and why.
    """
    _check(_ranges(layout), values, what, names)


def _ranges(layout: str) -> "tuple[Range, ...]":
    """Return (lowest, highest) for each number of a layout, (None, size) for bytes."""
    ranges: list[Range] = []
    digits = ""
    for code in layout:
        if code == "s":
            ranges.append((None, int(digits)))
        elif code in _RANGE_BY_CODE:
            ranges.append(_RANGE_BY_CODE[code])
        digits = digits + code if code.isdigit() else ""
    return tuple(ranges)


def _check(ranges: "tuple[Range, ...]", values: tuple[object, ...], what: str, names: tuple[str, ...]) -> None:
    """Do what check_values does, its layout worked out."""
    for place, value in enumerate(values):
        lowest, highest = ranges[place]
        if lowest is None:
            fits = isinstance(value, bytes) and len(value) == highest
        else:
            fits = is_whole(value) and lowest <= value <= highest  # type: ignore[operator]
        if not fits:
            name = "%s.%s" % (what, names[place]) if names else "value %d of %s" % (place + 1, what)
            size = "of %d bytes" % highest if lowest is None else "from %d to %d" % (lowest, highest)
            raise RecordError("expected %s %s, got %r" % (name, size, value))


# By kind, less one, worked out once: MicroPython walks a layout slowly.
_RANGES_BY_KIND = tuple([_ranges(body) for _, _, body in KINDS])
_LAYOUTS = tuple([HEAD + body for _, _, body in KINDS])
KIND_BY_CLASS = {cls: kind for kind, cls, _ in KINDS}


def _check_range(name: str, value: object, lowest: int, highest: int) -> None:
    if not is_whole(value) or not lowest <= value <= highest:  # type: ignore[operator]
        raise RecordError("expected %s from %d to %d, got %r" % (name, lowest, highest, value))
