"""What a chain that people saw tells of the ones after it, in the memory that all chains share."""

import numpy as np

from centesimo.match.memory import Memory
from centesimo.match.naming import Belief
from centesimo.match.parameters import AT_CONTROL_S, AWAY, GONE, MAY_HAVE, SURE_ENOUGH, THERE, Floats, Ints
from centesimo.match.tracks import Tracks


def remember(
    known: Memory,
    numbers: list[int],
    races: list[str],
    race: Ints,
    due_s: Floats,
    tracks: Tracks,
    belief: Belief,
    at_control: bool,
) -> None:
    """Keep what a chain told."""
    if not len(tracks):
        return
    at_s = tracks.opens_at_s
    there = np.minimum(np.bincount(belief.crews, belief.chances, len(numbers)), 1.0)
    worked = there.sum() > 0.5 * sum(1 - known.absent.get(number, 0.0) for number in numbers)
    race_of = race[belief.crews]
    late_s = at_s[belief.tracks] - due_s[belief.crews]
    own_s = late_s - np.nan_to_num(belief.field_s[belief.tracks, race_of])
    sure = belief.chances > SURE_ENOUGH
    for place, name in enumerate(races):
        lates_s = late_s[sure & (race_of == place)]
        if len(lates_s):
            median_s = float(np.round(np.median(lates_s)))
            is_on_time = at_control and 0 <= median_s < AT_CONTROL_S  # within the minute, all are
            known.field_s[name] = 0.0 if is_on_time else median_s
    away_s = max(AWAY * belief.kernel.usual_s, 10.0)
    known.late.clear()
    known.before_s.clear()
    for row in np.flatnonzero((belief.chances > MAY_HAVE) & (np.abs(own_s) > away_s)).tolist():
        chance = float(belief.chances[row])
        told = 1.0 if chance > SURE_ENOUGH else round(chance, 2)
        if told == 1.0:
            known.before_s[numbers[belief.crews[row]]] = float(round(own_s[row]))
        known.late.setdefault(numbers[belief.crews[row]], []).append((float(round(own_s[row])), told))
    if worked:
        absent = np.round(there * THERE + (1 - there) * GONE, 3).tolist()
        known.absent.update(zip(numbers, absent, strict=True))
    known.wide_s = AT_CONTROL_S if at_control else 0.0
    known.forget_doubts()
