"""The picture of the best crews: where they lie at each trial, so that one that is off stands beside the others."""

from collections.abc import Collection, Sequence

from centesimo.picture.chart import Dot, dots
from centesimo.picture.crew import A_CHART, trials_frame
from centesimo.picture.scale import reach_s, signed_cs
from centesimo.picture.seen import DOUBT, GIVEN
from centesimo.sanity.best import Spread

QUARTER = "due"  # a small mark


def told(one: Spread) -> str:
    """Return a spread in words."""
    half = f"half of them from {signed_cs(one.low_s)} to {signed_cs(one.high_s)}"
    return f"{one.control}: the best {one.crews} crews, {half}, the middle one {signed_cs(one.middle_s)}"


def best_charts(spreads: Sequence[Spread], doubtful: Collection[str], about: str) -> list[str]:
    """Return the trials as charts: a mark for the middle of the best crews, a line over the half in the middle.

    A trial of which a finding says that it may be off (`doubtful`: ids of controls) is marked as a doubt.
    """
    reach = reach_s(value for one in spreads for value in (one.low_s, one.middle_s, one.high_s))
    parts = [spreads[place : place + A_CHART] for place in range(0, len(spreads), A_CHART)]
    return [_chart(part, doubtful, reach, about) for part in parts]


def _chart(spreads: Sequence[Spread], doubtful: Collection[str], reach: float, about: str) -> str:
    marks: dict[str, list[Dot]] = {QUARTER: []}
    for place, one in enumerate(spreads):
        low, middle, high = (max(-reach, min(reach, value)) for value in (one.low_s, one.middle_s, one.high_s))
        marks[QUARTER] += [Dot(place, value, told(one), link=one.control) for value in (low, high)]
        is_doubtful = one.control in doubtful
        label = "?" if is_doubtful else ""
        marks.setdefault(DOUBT if is_doubtful else GIVEN, []).append(Dot(place, middle, told(one), label))
    return dots(trials_frame([one.control for one in spreads], reach, about), marks)
