"""The emulated chip under load: collected all the while, flash that stalls for 45 and 400 ms, 800 edges 2 us apart.

Plays tests/chip_day.py once, about three minutes of one processor.
"""

from bench.chip import built, spread


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit) of a day on the chip; MissingError where the firmware cannot be built."""
    image = built()
    from tests.chip_day import play

    day = play(image)
    rows = []
    for name, stamps in (("locked, collected and stalled", day.loaded), ("burst in a 400 ms stall", day.crowded)):
        rows += spread(f"|error|, {name}", [abs(error_ns) / 1000 for error_ns, _ in stamps], "us")
    return rows + spread("edge to flash, with stalls up to 400 ms", day.to_flash_ms, "ms")
