"""The shipped firmware on the emulated chip: how exact its stamps are, how soon on flash, how much it sleeps.

Plays tests/chip_hour.py once, about two minutes of one processor: acquiring, locked, and an hour of holdover for which
the counter is moved on by ten minutes at a time. Needs the toolchain of docs/firmware-build.md.
"""

import subprocess
from pathlib import Path

from bench import MissingError

ROOT = Path(__file__).resolve().parent.parent
IMAGE = ROOT / "build" / "centesimo-rp2040.uf2"
SHARES = ((0, "min"), (50, "50 %"), (99, "99 %"), (100, "max"))
NO_TOOLCHAIN = 3  # of tools/build_firmware.sh


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of an hour on the chip; MissingError where the firmware cannot be built."""
    image = built()
    from tests.chip_hour import play

    hour = play(image)
    rows = [("cold start to locked", hour.locked_s, "s"), ("processor asleep, receiver speaking", hour.idle * 100, "%")]
    groups = (
        ("acquiring", hour.early),
        ("locked, memory collected", hour.wrapped + hour.collected),
        ("holdover of 1 h in 10 min leaps", hour.held),
    )
    for name, stamps in groups:
        rows += spread(f"|error|, {name}", [abs(error_ns) / 1000 for error_ns, _ in stamps], "us")
        used = max(100 * abs(error_ns) / stamp.uncertainty_ns for error_ns, stamp in stamps)
        rows.append((f"{name}: most of the stated uncertainty used, of {len(stamps)}", used, "%"))
    return rows + spread("edge to flash", hour.to_flash_ms, "ms")


def built() -> Path:
    """Return the firmware, made if need be, and let the chip's scenarios be imported; MissingError says what lacks."""
    done = subprocess.run([ROOT / "tools" / "build_firmware.sh", IMAGE], capture_output=True, text=True)
    if done.returncode == NO_TOOLCHAIN:
        raise MissingError(done.stderr.strip().removeprefix("error: "))
    done.check_returncode()
    return IMAGE


def spread(what: str, values: list[float], unit: str) -> list[tuple[str, float, str]]:
    """Return one row for each of SHARES of the values, by nearest rank."""
    ordered = sorted(values)
    places = [(name, min(len(ordered) * share // 100, len(ordered) - 1)) for share, name in SHARES]
    return [(f"{what}: {name}", ordered[place], unit) for name, place in places]
