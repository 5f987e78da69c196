"""Journal records that parse and mean nothing: every field at its ends or anywhere between, checksums right.

A board that lies, a bad disk or a forger makes such records; what any of them leaves of a computation is a finding.
"""

import struct
from binascii import crc32

from centesimo_protocol import record


def wild(random, sequence, calm=0.3):
    """Return one packed record of any kind, also of kinds nobody knows; `calm` is the share of usual values."""
    kind = random.randint(1, len(record.KINDS) + 2)
    layout = {number: body for number, _, body in record.KINDS}.get(kind, "13B")
    boot, counter_us = random.choice((1, 1, 2, 65535)), _whole(random, "Q", calm)
    values = [_value(random, code, calm) for code in _codes(layout)]
    body = struct.pack("<" + layout, *values).ljust(record.BODY_SIZE, b"\0")
    raw = struct.pack(record.HEAD, sequence, boot, kind, counter_us) + body
    return raw + struct.pack("<I", crc32(raw))


def _codes(layout):
    """Return the struct codes of a layout, one a value: "B8sH" is B, 8s, H."""
    digits, codes = "", []
    for letter in layout:
        if letter.isdigit():
            digits += letter
        elif letter in "sx":
            codes += [digits + letter] if letter == "s" else []
            digits = ""
        else:
            codes += [letter] * int(digits or 1)
            digits = ""
    return codes


def _value(random, code, calm):
    if code.endswith("s"):
        return random.randbytes(int(code[:-1] or 1))
    return _whole(random, code, calm)


def _whole(random, code, calm):
    """Return a whole number of a struct code: usual, at an end, or anywhere."""
    bits = 8 * struct.calcsize("<" + code)
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if code.islower() else (0, 2**bits - 1)
    if random.random() < calm:
        return min(random.choice((1, 2, 3, 4, 100, 1_811_055_600, 5_000_000)), highest)
    return random.choice((lowest, highest, random.randint(lowest, highest), random.randint(0, min(highest, 2**33))))
