"""What the main loop catches: by name, with the place in our own source where it came up."""

import io
import sys

from centesimo_protocol import record
from centesimo_protocol.shim import ProtocolError

# All that MicroPython raises by itself, and our own; what is not here ends the loop, and the board starts anew.
CAUGHT = (
    MemoryError,
    OSError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    RuntimeError,
    ProtocolError,
)
MODULE_BYTES = 10

if sys.implementation.name == "micropython":

    def _trace(error):
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
else:

    def _trace(error):
        rows, at = [], error.__traceback__
        while at:
            rows.append('File "%s", line %d' % (at.tb_frame.f_code.co_filename, at.tb_lineno))
            at = at.tb_next
        return "\n".join(rows)


def fault(error, now_us) -> tuple:
    """Return the entry of the Fault that says which error came up where; MemoryError where even that has no room."""
    kind = 0
    for place, cls in enumerate(CAUGHT):
        if isinstance(error, cls):
            kind = place + 1
            if type(error) is cls:
                break
    module, line = place_of(_trace(error))
    raw = module.encode()[:MODULE_BYTES]
    return (record.Fault, now_us, kind, line, raw + b"\x00" * (MODULE_BYTES - len(raw)))


def place_of(trace) -> tuple:
    """Return (module, line) of the last place in a traceback as text; ("", 0) where it names none."""
    module, line = "", 0
    for row in trace.split("\n"):
        words = row.strip().split('"')
        if len(words) == 3 and words[0] == "File ":
            digits = words[2].replace(",", " ").split()
            if len(digits) > 1 and digits[0] == "line" and digits[1].isdigit():
                module, line = words[1].split("/")[-1].split(".")[0], min(int(digits[1]), 0xFFFF)
    return module, line
