"""The shipped firmware on the emulated chip: how exact its stamps are, how soon on flash, how much it sleeps.

Plays tests/chip_day.py once, about two minutes of one processor; needs the toolchain of docs/firmware-build.md.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE = ROOT / "build" / "centesimo-rp2040.uf2"
SHARES = ((0, "min"), (50, "50 %"), (99, "99 %"), (100, "max"))


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of a day on the chip; CalledProcessError when the firmware cannot be built."""
    subprocess.run([ROOT / "tools" / "build_firmware.sh", IMAGE], check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, str(ROOT / "tests"))
    from chip_day import play

    day = play(IMAGE)
    rows = [("cold start to locked", day.locked_s, "s"), ("processor asleep, receiver speaking", day.idle * 100, "%")]
    groups = (
        ("acquiring", day.early),
        ("locked, collected and stalled", day.loaded),
        ("burst in a 400 ms stall", day.crowded),
    )
    for name, found in groups:
        rows += spread(f"stamp error, {name}", [abs(error_ns) / 1000 for error_ns, _ in found], "us")
    return rows + spread("edge to flash, with stalls up to 400 ms", day.to_flash_ms, "ms")


def spread(what: str, values: list[float], unit: str) -> list[tuple[str, float, str]]:
    """Return one row for each of SHARES of the values, by nearest rank."""
    ordered = sorted(values)
    places = [(name, min(len(ordered) * share // 100, len(ordered) - 1)) for share, name in SHARES]
    return [(f"{what}: {name}", ordered[place], unit) for name, place in places]
