"""The day of bench/day.py ten times as long: 1,000,000 passages, cold, beside 100,000; by name, as it takes minutes.

400 chains of five points on 500 boards, driven by 500 crews.
"""

from bench.day import figures

SIZES = ((500, 40), (500, 400))


def run() -> list[tuple[str, float, str]]:
    """Return the figures of both days, and how they grow."""
    return figures(SIZES)


if __name__ == "__main__":
    from bench.__main__ import main

    main(["million"])
