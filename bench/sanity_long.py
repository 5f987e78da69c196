"""bench/sanity.py over many days, 300 clean ones and 20 with each fault: by name, as it takes minutes."""

from bench import sanity

CLEAN_DAYS, OFF_DAYS = 300, 20


def run() -> list[tuple[str, float, str]]:
    """Return (what, value, unit)."""
    return sanity.run(CLEAN_DAYS, OFF_DAYS)


if __name__ == "__main__":
    from bench.__main__ import main

    main(["sanity_long"])
