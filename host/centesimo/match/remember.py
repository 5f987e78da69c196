"""What a chain that people saw tells of the ones after it, in the memory that all chains share."""

import numpy as np

from centesimo.match.memory import Memory
from centesimo.match.naming import Belief
from centesimo.match.parameters import AT_CONTROL_S, AWAY, GONE, SURE_ENOUGH, THERE, Floats, Ints
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
    sure = np.flatnonzero(belief.chances > SURE_ENOUGH)
    late_s = at_s[belief.tracks[sure]] - due_s[belief.crews[sure]]
    own_s = late_s - np.nan_to_num(belief.field_s[belief.tracks[sure], race[belief.crews[sure]]])
    own_by_crew = dict(zip(belief.crews[sure].tolist(), own_s.tolist(), strict=True))
    away_s = max(AWAY * belief.kernel.usual_s, 10.0)
    for place, name in enumerate(races):
        lates = late_s[race[belief.crews[sure]] == place]
        if len(lates):
            known.field_s[name] = float(np.round(np.median(lates)))
    known.before_s = {
        numbers[who]: float(round(apart_s)) for who, apart_s in own_by_crew.items() if abs(apart_s) > away_s
    }
    if worked:
        absent = np.round(there * THERE + (1 - there) * GONE, 3).tolist()
        known.absent.update(zip(numbers, absent, strict=True))
    known.wide_s = AT_CONTROL_S if at_control else 0.0
    known.forget_doubts()
