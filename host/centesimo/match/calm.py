"""A field that comes as it is due, crew by crew, needs no lattice: each track has a due second of its own.

It is so plain only where every car that may be a crew's is near to one due time, no two are near to the same, and
nobody has written anything. What else a track may be is weighed beside its crew: nobody's, where that crew is
absent, or a crew that is late on its own, where one is missing.
"""

import numpy as np

from centesimo.match.field import Columns, Crews, Reading, Regime
from centesimo.match.parameters import CALM_PARTS, CALM_SHARE, LITTLE_S


def find_calm(columns: Columns, crews: Crews, regime: Regime) -> Reading | None:
    """Return the chances of all crews for all tracks, or None where it is not so plain."""
    gaps_s = np.diff(crews.due_s)
    if not regime.ordered or len(crews) < 3 or gaps_s.min() <= 0 or len(columns.at_s) < CALM_SHARE * len(crews):
        return None
    if any(len(who) for who, _ in columns.named) or (columns.only >= 0).any() or columns.stamped.shape[1]:
        return None
    near_s = gaps_s.min() / CALM_PARTS
    if max(np.abs(crews.before_s).max(), *(abs(late_s or 0.0) for late_s in crews.late_s)) > near_s:
        return None
    after = np.clip(np.searchsorted(crews.due_s, columns.at_s), 1, len(crews) - 1)
    before_s, behind_s = columns.at_s - crews.due_s[after - 1], crews.due_s[after] - columns.at_s
    slot = np.where(before_s < behind_s, after - 1, after)
    late_s = columns.at_s - crews.due_s[slot]
    near = np.abs(late_s) < near_s
    cars = columns.crew > 0
    if (cars & ~near).any() or len(np.unique(slot[cars])) < cars.sum() or cars.sum() < CALM_SHARE * len(crews):
        return None
    track = np.flatnonzero(cars)
    kernel = regime.kernel.fitted(late_s[track])
    if kernel.usual_s > near_s:
        return None
    own = crews.come[slot[track]] + np.log(kernel(late_s[track])) + columns.crew[track]
    missing = np.ones(len(crews), bool)
    missing[slot[track]] = False
    absent = np.log(np.clip(crews.absent[slot[track]] + crews.aside[slot[track]], 1e-9, 1))
    nobody = np.exp(columns.nobody[track] + absent - own)
    rivals = np.exp(columns.crew[track] + absent - own) * missing.sum() * crews.aside.mean() / LITTLE_S
    rest = 1 + nobody + rivals
    strange, aside = np.ones(len(cars)), np.zeros(len(cars))
    strange[track], aside[track] = nobody / rest, rivals / rest
    return Reading(float(own.sum()), track, slot[track], 1 / rest, strange, aside)
