"""All numbers of attribution, with unit and source. None touches a time or a penalty: they only decide what is asked.

"usual": what a timekeeper would call usual, on the careful side; measured on the day wherever the day tells, so many
cases of the day outweigh it. "careful": chosen so that a wrong word or a wrong number asks rather than guesses.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Assignment: what is left out of exact sums.
CLEAR = 1e-4  # a pair is taken at once if all else together is so much less likely
FAINT = 1e-9  # odds below which a pair is none
FAR = 14.0  # nats over the best assignment from which a pair cannot matter
FRONTIER = 128  # states of the sweep

# Links: a car from point to point.
LINK_S = 120.0  # s off the ideal time up to which passages may be one car's
ROUNDS = 12  # of fitting shares
TABLE_S, STEPS = 0.02, 40  # s, and steps a nat: how finely a density is told
FAR_OFF_S = 240.0  # s: mean distance of a deviation that may lie anywhere
BAD_MOMENT = 0.15  # of a crew's deviations: as the field's, not as its own; careful
KINDS_SHARE = 0.02  # a way to drive that a smaller share of the field has is none
PLAIN = 4.0  # a pair is plain if anything else is this many times as far away
GHOST_HZ = 3e-4  # single passages of nobody a second; usual
USUAL_GHOSTS = 2.0  # how many of the day's that counts for
MISS = 0.01  # a car's pulse is missing; usual
MISSED_AGAIN = 0.3  # a car missed at a point is missed at the next; usual
SINGLE, AXLES = 0.02, 2.0  # how much less likely a car makes a single edge than nobody does, and likelier two axles
SINGLE_EDGE, STEPS_SINGLE = 0.01, 0.5  # of cars, and of what is nobody's: share that makes a single edge; usual
MIXED = 10.0  # so many times likelier a second axle comes later: the edge between is the rear axle of the car ahead
REAR_S = 8.0  # s: a rear axle is not further behind
ALONG, WANDER_S = 0.3, 60.0  # of cars of nobody's, so many keep the ideal times; the rest lie anywhere within so many s
HOLES = 0.9999  # a link less sure than this is weighed again with what people saw
PIECES = 1.0, 0.15, 0.05  # how often, beside single passages, cars of nobody's begin there and are seen 1, 2, 3 times
STRAY = 0.002  # of crews: seen where no track leads, as they were missed before or lost time; usual
FILL_S = 20.0  # s: pieces of one car, some points here and some there, lie no further apart
SURE_FIRST = HOLES, 0.2  # pieces are put together, the sure ones first
LATE_START = 0.3  # a car that is seen first behind the first point goes on; usual
STALL, STALL_S = 0.01, 3600.0  # of crews: stall on the way, and for at most so long (s); usual
JOIN = 4.0  # log: so strongly people must name a passage to part it from another
RIVAL = 1e-6  # a less likely link is none

# Paths: which passage at each point is a car's, once it is known who comes.
WAYS_REACH = 14.0  # nats: a way less likely than the best by this is dropped
MOST_WAYS = 400  # ways of a few cars that are followed together
NEAREST_S, NEAREST = 15.0, 6  # s from where a car is expected, and how many passages there are looked at
STOPPED_S, STOPPED_BESIDE_S = 15.0, 5.0  # s: a car stopped that loses so much; so near another one goes on with it
EXCHANGED_WHERE_STOPPED = 0.05  # two such cars go on the other way round; careful
UNSHARED = 1e-3  # a crew begins with a passage of a track that is another's; careful
UNLIKELY = 1e-5, 1e-3, 1e-2  # a passage less likely a car's, were it alone, is not looked at: as few, or many, meet
MOST_CARS = 7  # that meet are few
PAST = 0.001  # a crew drives past a tube; usual
ANY_TIME = 0.02  # crews come at any time, whatever the event says of their order; careful
QUICKEST, FLIES = 0.7, 1e-12  # no crew gains so large a part of the ideal time; the density a second of one that does
LEAVES = 0.01  # a crew leaves the chain between two points; usual
STRANGER_GOES = 0.3  # a stranger that was seen is seen at the next point too; usual
AROUND_S = 5.0  # s from where it is expected: a stranger's passages

# Crews: who comes.
ABSENT = 0.04  # a crew does not come, nothing known; usual
THERE = 0.01  # a crew that the chain before saw does not come; usual
GONE = 0.97  # a crew that it did not see does not come; usual
OUT = 1 - 1e-6  # nor one of which an official says so
ASIDE = 0.02  # a crew comes, but not with the field; usual
AS_BEFORE = 0.7  # of those who did so on the chain before: again as late
LATE_S = 600.0  # s: how late a field, or a crew on its own, is in the mean
LITTLE_S = 120.0  # s: half of the crews on their own are only so late in the mean
OWN_EARLY = 0.01  # of crews on their own: come before they are due; usual
OWN_LATE = (0.45, LITTLE_S), (0.4, LATE_S), (0.1, 3600.0)  # of crews on their own, so many so late (s) in the mean
ON_TIME, ON_TIME_S = 0.9, 4.0  # the first crews are near their due time, and how many times as wide as their steps
AHEAD_S, BEHIND_S = 1200.0, 5400.0  # s: a crew this early or late is looked for only where people name it
AS_LATE = 0.97  # a field is on time, or as late as on the chain before, where that is known; usual
HEADWAY_S = 3.0  # s: crews hardly come nearer to each other
ESCORTS = (
    3.0,
    1.0,
)  # log: so much likelier nobody's cars come before the first crew, in no order and in due order; usual
GAPS_S = np.geomspace(0.7, 4000, 22)  # s: bins of how far crews come behind the one ahead
GAPS_WORTH = 20.0  # gaps that what is usual counts for
HEADWAY_TAIL = 8.0  # one in ten comes so many times as far behind the car ahead as usual
BELIEF = 0.4  # of the weight of all that tells, where only lists say in what order crews came; calibrated on worlds
MOST_STATES = 48, 250  # followed side by side; where lists tell
REACH = 18.0, 60.0  # nats: a state less likely than the best by this is dropped; where lists tell

# Lists and sightings: what people write.
WRONG_LINE, LINES_WORTH = 0.015, 60.0  # a line has a wrong number; usual, and how many lines that counts for
UNLISTED = 0.01  # a crew has no line; usual
LEFT_OUT = 0.015  # a line's crew made no track; usual
EXCHANGED = 0.3  # the line that was left out stands next
DEAF, DEAF_LINES = 1e-6, 20.0  # a tube sleeps from a car on, and for so many cars; usual
READINGS = 2  # times that tracks are put together and read, where lists tell
ASTRAY = 0.02  # a passage is not that of the crew which its track is taken for; careful
BESIDE_LINE = 0.04  # a line belongs one place before or behind; careful
NAMED_LEAST = 0.01  # a crew that a list has for a passage with a smaller chance is none of its names
UNTOLD = 0.01  # a passage that is nobody's moves the lines behind it by one; usual
FARTHEST = 3  # lines that were left out at once; a line further on is out of its place
KEYED = 0.95  # a car of a crew is keyed; usual
KEYING, KEYING_SHARES, KEYING_WORTH = 0.3, (0.3, 0.5, 0.15), 20.0  # s, and shares of 1, 4 and 16 times that; usual
MET_S = 3.0  # s: a sighting meets a passage
SEEN_S = 15.0  # s: further away a sighting is not about a passage
PAUSE_S = 240.0  # s without a sighting: nobody keys
MISREAD = 0.01  # a number is keyed wrong; usual
ALIKE = 10.0  # so many numbers a wrong one may be: the wrong digit of two, or two exchanged; usual
MOST_KEYED = 5  # at more points a crew is left out not by chance, but as its number cannot be read; careful
KEYED_ONCE = 0.5  # a number that was keyed once, of which no track is sure, is that crew's; careful
KEYED_LATE, KEYED_LATE_S = 0.01, 60.0  # a car is keyed anywhere within so many s behind it; usual
EXCHANGED_KEYS = 0.01  # two cars are keyed in another order than that in which they passed; careful
TOGETHER, TOGETHER_S = 0.5, 5.0  # of cars with one so close behind (s), so many are keyed behind that one; careful
KEYED_WORTH = 20.0  # cars that KEYED counts for, beside those of the day
UNSTAMPED = 0.05  # a car that is keyed has no passage of its own; usual
OUT_OF_ORDER = 0.03  # two cars are keyed in another order than that in which they passed; careful
LEAST = 1e-4  # chance that a passage which a sighting fits is another car's all the same; careful
CLOCK_S = 2.0  # s: steps in which a clock's offset is looked for
OFFSET_LIMIT_S = 50_000.0  # s: 14 hours
OFFSET_SHARES = 0.7, 0.25, 0.05  # a clock is off by seconds, by minutes, by whole hours; usual

# Regimes: how crews come to a chain, by the event's word.
KERNEL, KERNEL_WORTH = 0.3, 20.0  # s: the narrowest width of how lateness changes; the shares count as so many crews
MINUTE_S = 60.0  # s: the minute in which a crew is due
IN_MINUTE = {"in turn": 0.8, "at control": 0.9}  # of crews: come in it; usual
MINUTE_WORTH = 20.0  # crews that IN_MINUTE counts for, beside those of the day
KERNEL_SHARES = {  # of that and of 4, 16, 64, 256, 1024 times it
    "sent off": (0.15, 0.45, 0.28, 0.08, 0.02, 0.01),
    "in turn": (0.02, 0.08, 0.2, 0.45, 0.2, 0.02),
    "at control": (0.02, 0.08, 0.2, 0.45, 0.2, 0.02),
    "as they come": (0.15, 0.45, 0.28, 0.08, 0.02, 0.01),
}
HABIT = {"sent off": 0.98, "in turn": 0.95, "at control": 0.95, "as they come": 0.3}  # keep to due times at all
HARDLY = 0.01  # a crew is out of its field with a smaller chance
UNTAKEN = 0.05  # a track less free than this is no crew's on its own, where lists tell; careful
HABIT_WORTH = 3.0  # steps from crew to crew that this counts for where they come as they come
EXCHANGE = {"sent off": -10.5, "in turn": -8.0, "at control": -6.0, "as they come": 0.0}  # log: two exchanged
DISORDER = {"sent off": 2e-4, "in turn": 2e-3, "as they come": 1.0}  # the due order says nothing, all the same; careful

# Strangers and what crews are seen of.
NOBODYS = -3.0  # log: so unlikely a crew's by its looks, a track is not looked for on lists at first
MISS_WORTH = 20.0  # cars that MISS counts for, beside those of the day
STRANGER_HZ, OFF_COURSE_HZ, STRANGER_WORTH = 1e-4, 3e-4, 0.3  # cars of nobody's a second: on all points, on some
UNEXPECTED_HZ = 1e-6  # a crew comes when nothing says it would, a second

# What is said.
POSSIBLE = 0.01  # a candidate is named
DIGITS = 6  # of a chance: a change at one passage shall not reach all that follows by its last digits
MAY_HAVE = 0.01  # a crew that may have been late on the chain before with a smaller chance was not
SURE_ENOUGH = 0.99  # of a crew so sure, lateness is known at the next chain
AWAY = 3.0  # usual steps from the field's lateness: a crew on its own
SAME_NS = 1_000_000_000  # ns: so near, they are of one car
DEVIATION_SHARES = (0.5, 0.35, 0.06, 0.03, 0.02, 0.02)  # of a quarter of the point's sigma and 4, 16, .. times it
DEVIATION_WORTH = 20.0
UNKNOWN_LATE = 0.02  # a field that is late, which only times tell, is later by a place than they say; careful
ODD_CARS = 0.05  # of the crews: so many missing, or cars too many, make that doubt whole
KNOWN_LATE = 3.0  # usual widths within which a field is as late as was told
KNOWN_LATER = 0.9  # so sure a crew was late on the chain before, its lateness tells it
MISSING = 0.9  # a crew that was likelier not to come is not missing
UNKNOWN_OWN = 0.05  # a car on its own, of which only times tell, is another late crew; careful
EARLY_FIELD = 1e-3  # so much less likely a field is ahead of its due times than behind; usual
JUMP = 3e-4  # the whole field is later, or earlier, from a crew on; usual
CLOSES, CLOSES_PLACES, CLOSES_S = 5e-3, 2, 3.0  # or so, by up to so many whole intervals, within so many s; usual
JUMPED, LATE = -2, -3  # how a crew came, in place of the one that is to come in exchange
LEVELS = 10_000  # of how late a field is, that are told apart
ONWARD, BEFORE, ONWARD_LINES = 40, 4, 12  # crews, and lines before and behind, that may come next
FOLLOW, NEAR = 0.3, 1.5  # how fast the field's lateness follows crews that are within so many usual widths of it
LIKELY = 0.3  # a track is looked at as a crew's, point by point
EARLY_LISTED = {"sent off": 3e-3, "in turn": 0.0, "as they come": 0.0}  # of crews: come in an earlier place; usual
UNORDERED_ASIDE = 1e-4  # a crew comes that is not next on any list, where they come in no order; careful
CAME = 4.0  # log odds that a crew which people wrote down, or keyed, came; careful
MOST_CAME = 2.0  # lists that count for it: it may have given up behind them
BESIDE = 3.0  # lines: so near to those of the field around it stands the line of a crew on its own
ELSEWHERE = -2.0  # log: at most so much does a list weigh against a car that its tube did not stamp; careful
AGAIN = -4.0  # log chance that a track is the rest of the crew that came last
LATE_SHARE = 0.5  # of crews that were passed over: they come late, the rest not at all; usual
EARLY_ASIDE, EARLY_S = 1e-3, 600.0  # of crews: come on their own within so many s before they are due; usual
LOOKS_A_CREW = 5.0  # log: so much likelier a crew's than nobody's by its looks, a track of nobody's misleads; careful
LOOKS = 1  # times that a chain is read again with what was measured on it
CALM_SHARE, CALM_PARTS = 0.9, 4.0  # so many crews come, each within that part of the interval of its due time: plain
AT_CONTROL_S = 60.0  # s: a time control tells the minute
KNOWN_S = 3.0  # s: at best, lateness on the chain before is known so exactly
