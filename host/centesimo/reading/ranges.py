"""Record numbers as people read them."""

from collections.abc import Iterable


def ranges_text(numbers: Iterable[int]) -> str:
    """Return rising numbers with commas, three and more in a row as "3-7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [[f"{run[0]}-{run[-1]}"] if len(run) > 2 else [str(number) for number in run] for run in runs]
    return ", ".join(part for run_parts in parts for part in run_parts)
