"""Record numbers as people read them."""

import pytest

from centesimo.reading.ranges import ranges_text

CASES = {
    "none": ([], ""),
    "one": ([7], "7"),
    "two in a row": ([7, 8], "7, 8"),
    "three in a row": ([7, 8, 9], "7-9"),
    "gaps": ([1, 3, 4, 6, 7, 8, 10], "1, 3, 4, 6-8, 10"),
}


@pytest.mark.parametrize(("numbers", "expected"), CASES.values(), ids=CASES)
def test_in_short(numbers: list[int], expected: str) -> None:
    assert ranges_text(numbers) == expected
