"""The picture of the best crews: how late they were at every trial, so that a trial that is off stands out."""

from collections.abc import Collection, Sequence

from centesimo.picture.arrivals import DOUBT, GIVEN
from centesimo.picture.chart import Dot, dots
from centesimo.picture.crew import A_CHART, trials_frame
from centesimo.picture.scale import reach_s, signed_cs
from centesimo.sanity.best_crews import Spread

QUARTER = "due"  # a small mark


def spread_text(spread: Spread) -> str:
    """Return in words how late the best crews were at a trial."""
    half = f"half of them from {signed_cs(spread.low_s)} to {signed_cs(spread.high_s)}"
    return f"{spread.control}: the best {spread.crews} crews, {half}, the middle one {signed_cs(spread.middle_s)}"


def best_charts(spreads: Sequence[Spread], doubtful: Collection[str], about: str) -> list[str]:
    """Return the trials as charts: a mark for the middle of the best crews, a line over the half in the middle.

    A trial of which a finding says that it may be off (`doubtful`: ids of controls) is marked as a doubt.
    """
    reach = reach_s(value for spread in spreads for value in (spread.low_s, spread.middle_s, spread.high_s))
    parts = [spreads[place : place + A_CHART] for place in range(0, len(spreads), A_CHART)]
    return [_chart(part, doubtful, reach, about) for part in parts]


def _chart(spreads: Sequence[Spread], doubtful: Collection[str], reach: float, about: str) -> str:
    marks: dict[str, list[Dot]] = {QUARTER: []}
    for place, spread in enumerate(spreads):
        low, middle, high = (max(-reach, min(reach, value)) for value in (spread.low_s, spread.middle_s, spread.high_s))
        marks[QUARTER] += [Dot(place, value, spread_text(spread), link=spread.control) for value in (low, high)]
        is_doubtful = spread.control in doubtful
        label = "?" if is_doubtful else ""
        marks.setdefault(DOUBT if is_doubtful else GIVEN, []).append(Dot(place, middle, spread_text(spread), label))
    return dots(trials_frame([spread.control for spread in spreads], reach, about), marks)
