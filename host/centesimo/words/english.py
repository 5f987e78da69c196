"""The sentences of findings in English: a template for each value, and the phrases that stand in them.

Another language is another module of these names. {names} are those of the value's fields, or what the functions of the
about_... modules beside this one put together from them.
"""

from collections.abc import Mapping

from centesimo.model import about_boards, about_decisions, about_passages, about_people, about_points
from centesimo.model.about_passages import LineDoubt, WhyUnused
from centesimo.model.about_points import BOARD, IDEAL_TIME, TIMING_POINT
from centesimo.model.rivals import Ground

MORE = " and {count} more"

# Of boards and their records.
RECORD = "record {record}"
RECORDS = "records {record} to {last}"
REASON = "reason {reason}"
DIFFERS = ", what was heard is {shift_s:+} s from its count"
LOSS_SOURCES = {0: "the GPS pulse", 16: "the receiver", 17: "the journal", 18: "the link", 19: "the settings"}
A_SOURCE = "a source"
EDGES_OF = "edges of input {input}"
EVENTS_OF = "events of {source}"
LOST = "reports that it lost {lost} {what}"
# What a Loss of these reasons says of a board.
LOSSES = {
    4: "found its settings damaged, and set them to those of a new board",
    5: "found {lost} sectors of a journal in another format, which it does not read",
    6: "did not write {lost} records while its supply was too low",
}
ERROR = "error {error}"
SEVERAL_RECORDS = "records {record}"
OTHERWISE = "At {where} passages may be otherwise ({passages})"
NOT_OTHERWISE = "No passage hangs on it"
# What tells which of several versions of a record is used.
GROUNDS: Mapping[Ground, str] = {
    Ground.NOTHING: "nothing tells which is right, and what hangs on it is open until an official chooses",
    Ground.ARCHIVED: "used is the one whose bytes are in the raw archive",
    Ground.PROVEN: "used is the one that is proven by the board's secret",
}
EDGE_NOT_HERE = "edge {number}, which is not here"

# Of decisions from elsewhere.
SIGNED_BY = "signed by {keys}"
NOT_SIGNED = "signed by nobody"

# Of passages and their crews.
PLACE = "{timing_point} at {clock}"
FLAGS = " ({flags})"
UNLESS = ", unless it is that of {crews}"
PASSAGES = "{passages} passages from {first} to {last}"
PASSAGE = "a passage on {first}"
CREW = "crew {start_number}"
NOBODY = "nobody"
ANYBODY = "any crew, or nobody"
ANOTHER = "another"
LIKELY = "{crew} ({percent}%)"
FROM_HERE = "; at {points}: {crews}"
CREWS = "{count} crews from {first} to {last}"
TO_LAST = " and {count} more to {last}"
AT_NO_POINT = "at any point from {first} to {last}"
AT_POINTS = "at {points}"
SEVERAL_NOT_SEEN = "Crews {start_numbers} and {last} were not seen {where}."
IS_WITHOUT = "has no passage that is surely its own"
ARE_WITHOUT = "have no passages that are surely their own"
LINE_DOUBTS: Mapping[LineDoubt, str] = {
    LineDoubt.NO_CREW: "is no start number of the event",
    LineDoubt.ELSEWHERE: "stands in another place than the times say",
    LineDoubt.NOT_SURE: IS_WITHOUT,
}
BY_TIMES = "; the times say {start_number} there"
WHY_UNUSED: Mapping[WhyUnused, str] = {
    WhyUnused.NO_CREW: "no such crew",
    WhyUnused.NO_LEG: "it cannot be told of which leg",
}

# Of decisions.
THE_EVENT = "the event"
ANY_CREW = "any crew"
START_NUMBER = "start number {start_number}"
NOTHING_STAMPED = "board {board} has no passage with a time yet"
STAMPED = "board {board} has no passage then, only from {begin} to {end}"
WAS_SEEN = "was seen at {where}"
MAY_BE = "may be what passed {where}"
STANDS_ON = "stands on {where}"
WAS_KEYED = "was keyed at {where}"
KEYED_BY = "{timing_point} {clock} by {person}"
FROM_CONTROL = " from {control} on"
AND = ", and "

# Of what people keyed and wrote.
KEYED = "{timing_point}: {person} keyed {number} on {device} at {clock}"
NOBODYS = "nobody's"
KEYED_ONE = "{people} keyed 1 number on {devices} at {first}"
KEYED_SEVERAL = "{people} keyed {count} numbers on {devices} from {first} to {last}"
TAKES_NOTHING_BACK = "it takes nothing back"
COUNTS_ALONE = "it counts by itself"
PERSON_AT = "{person} at {timing_point}"
NUMBER_AT = "{start_number} at {clocks}"
SECONDS = "{whole_s}.{tenths} s"
MINUTES = "{minutes} min {seconds} s"
HOURS = "{hours} h {minutes} min {seconds} s"
AHEAD_OF = "{size} ahead of"
BEHIND = "{size} behind"
OF_ITS_CREWS = "{count} of its {of_crews} crews ({start_numbers})"
ORDER_OF = "; its order is that of {timing_point}: is it the list of {timing_point}?"
COPY_OF = "; it is line by line the same as {lists}: was it copied?"
AND_LIST = " and "

# Of timing points, boards and ideal times.
RIVALS = {IDEAL_TIME: "the ideal time of {name}", TIMING_POINT: "{name}", BOARD: "board {name}"}
RIVAL = "{causes} ({percent})"
OR = " or "
OR_ELSE = "; or else {rivals}"
NOT_APART = "; times cannot tell these apart"
TOO_SHORT = "the ideal time of {control} is {size_s:.3f} s too short"
TOO_LONG = "the ideal time of {control} is {size_s:.3f} s too long"
STAMPS = "{name} stamps {off}"
LATE = "{size_s:.3f} s late"
EARLY = "{size_s:.3f} s early"
LATER = "{size_s:.3f} s later"
EARLIER = "{size_s:.3f} s earlier"
FROM_ABOUT = ", from about {begin} on"
MORE_AND_MORE = ", more and more from {begin} to {end}"
OVER_999 = "over 99.9 %"
PERCENT = "{percent:.1f} %"
SECONDS_MORE = "{size_s:.1f} s more"
SECONDS_LESS = "{size_s:.1f} s less"
LATE_WORD = "late"
EARLY_WORD = "early"
BY_WHOM = " ({sources})"
ALL_OFF = (
    "At {points}{by_whom} {cars} of {of_cars} crews are {late} by the same {apart}: by the look of it an offset from "
    "UTC, or a clock set to another zone of time. All that was timed with it may be off."
)
HOURS_OFF = (
    "{points}{by_whom} was timed {apart} {late}: so many hours beside the ideal times do {cars} of {of_cars} cars take "
    "to or from it. By the look of it its clock was set to another hour."
)
HOW_SURE = "(± {error_s:.4f} s, {cars} cars on both, {percent} sure)"
DRIFTING = "at last, at {clock}, drifting all day"
FROM_ON = "from {clock} on"
HOSTS = ("who knows the time", "a computer", "a confirmed board beside it", "a board of another maker beside it")
HOST_SAYS = {2: "is another one", 3: "is off by a part of one"}  # by the place in record.OUTCOMES

FINDINGS: Mapping[type, str] = {
    about_boards.NeverTimed: (
        "Board {board} never knew the time after its start {boot}: {edges} edges have no instant."
    ),
    about_boards.SecondsDisagree: (
        "Board {board}, start {boot}: {disagreeing} of {anchors} GPS seconds do not agree with the others, or are not "
        "confirmed and half a day away from them; they are not used."
    ),
    about_boards.SecondUnconfirmed: (
        "Board {board}, start {boot}: the whole second was not confirmed, or not all the time; of its {edges} edges "
        "those whose second is not confirmed may be wrong by whole seconds."
    ),
    about_boards.CounterBeyond: (
        "Board {board}, start {boot}: the counter of {records} is of no year that a clock shows: no instant."
    ),
    about_boards.SecondInDoubt: (
        "Board {board}, start {boot}: from {utc} UTC on the whole second is in doubt: {doubt}{differs}; what came "
        "before stays as it was."
    ),
    about_boards.HostDiffers: (
        "Board {board}, start {boot}: at {utc} UTC, known to {bound_ms} ms, {who} said that its second {what}."
    ),
    about_boards.LeapSecond: (
        "Board {board}, start {boot}: a leap second was inserted before {utc} UTC; what began before it and ended "
        "after it took one second more than its instants say."
    ),
    about_boards.RecordsMissing: "Records {first} to {last} of board {board} are not here: collect it again.",
    about_boards.UnknownRecords: (
        "Board {board} wrote records of kind {names} that this version does not know: it needs a newer centesimo."
    ),
    about_boards.BoardLost: "Board {board} {loss} (record {record}, start {boot}).",
    about_boards.InputRang: (
        "Board {board}, start {boot}: input {input} rang; {edges} edges were counted and not kept ({records}), a car "
        "among them does not show."
    ),
    about_boards.FirmwareFault: (
        "Board {board}, start {boot}: its firmware caught {name} in {module}, line {line}, and went on (record "
        "{record}): tell who made it."
    ),
    about_boards.EdgesLost: (
        "Board {board}, start {boot}: {edges} edges of input {input} were counted before record {record} but are not "
        "here."
    ),
    about_boards.MarkedDoubtful: (
        "Board {board}, start {boot}: a marshal marked the passage on input {input} ({marked}) as doubtful, in record "
        "{record}."
    ),
    about_boards.MadeOnRequest: ("Board {board}, start {boot}: {edges} edges were made on request, not by a wheel."),
    about_boards.SeveralVersions: "{otherwise}: {which} of board {board} came in several versions; {told}.",
    about_boards.SeveralBoards: (
        "{numbers} numbers of board {board}, from record {first} on, were read off a board with other records than "
        "before: several boards have this id, or its journal began anew. What each wrote is kept and not told apart: "
        "give one of them an id of its own (centesimo settings), and decide which records count."
    ),
    about_boards.InputUnused: (
        "{edges} edges of input {input} of board {board} belong to no timing point of the event."
    ),
    about_decisions.DecisionUnused: "Amendment {id} ({text}) is not used: {why}.",
    about_decisions.RowSetAside: "Amendment {row} is set aside: {why}.",
    about_decisions.Proposed: "Amendment {id} ({text}) by {who} is a proposal, {signed}, and changes nothing.",
    about_decisions.TimeHidden: (
        "The average of crew {start_number} at {control} (amendment {decision}) hides a time that was taken, which "
        "would give {cost}."
    ),
    about_decisions.PointsUnused: (
        "The points of amendment {decision} (reinstate) are not used: the rule book does not exclude crew "
        "{start_number} from {place} on"
    ),
    about_decisions.NoSuchScore: "{kind} of {place} for {crew} is not used: no such score",
    about_decisions.PeriodEmpty: "Amendment {id} ({text}) changes nothing: {why}.",
    about_decisions.RetiredAndSeen: ("Crew {start_number} has retired{from_here} by amendment {id}, but {against}."),
    about_people.KeyedNowhere: (
        "{timing_point} is no timing point of the event: {keyed} there; they count for nothing."
    ),
    about_people.KeyedNobody: "{keyed}: no entry has the number; it counts for nothing.",
    about_people.ReplacedMissing: (
        "{keyed} in place of {replaces}, which is not here: {meaning}; load the bundle or the file that has the other "
        "one."
    ),
    about_people.DeviceTwice: (
        "Two devices are called {device}: both have keyed what they count as {counts} ({who}). All of it counts; give "
        "each a name of its own, for a clock is judged device by device."
    ),
    about_people.KeyedAway: (
        "{timing_point}: {keyed}, hours away from when crews are due there: is the clock of {device} right?"
    ),
    about_people.KeyedTwice: "{timing_point}: {person} keyed on {device} more than once: {crews}.",
    about_people.KeyedClock: (
        "The clock of {device}, on which {person} keys, is {off} the times at {where}, as {told_by} of {numbers} "
        "numbers tell: set it right."
    ),
    about_people.LineUnusable: "{source}: {why}.",
    about_people.ListOfStrangers: (
        "{list}: {strangers} drive no control at {timing_point}: is it another timing point's list?"
    ),
    about_people.ListElsewhere: (
        "{list}: the times at {timing_point} do not bear out the place of {moved}{order}{copy}"
    ),
    about_people.ListsAgainstDue: (
        "{list}: it is line by line the same as {lists}, and {moved} of its {crews} crews stand in another order than "
        "they are due; two that agree are believed against that: was one copied?"
    ),
    about_passages.FitsNoCrew: "{places}: fits no crew{flags}{unless}.",
    about_passages.HoursAway: "{timing_point}: {when}, hours away from when crews are due: taken for nobody's.",
    about_passages.Whose: "{places}: whose is it? Candidates: {candidates}.",
    about_passages.NobodyWrote: (
        "{first}: crews come as they come, and nobody wrote down who. A list at {first}, or numbers keyed there, would "
        "settle most of {passages} passages at {points} points."
    ),
    about_passages.NotSeen: "Crew {start_number} was not seen {where}.",
    about_passages.WithoutInstant: "{timing_point}: {passages} passages have no instant and are nobody's.",
    about_passages.PointUnused: "{timing_point}: {passages} passages, but no control uses this point.",
    about_passages.TimedTwice: (
        "{places}: crew {start_number} is also timed there by {source} ({kept_at}), which names the crew and counts."
    ),
    about_passages.NamedTwice: "{places}: each is named as crew {start_number}; only one can be.",
    about_passages.NotExpected: "{places}: start number {start_number} is not expected here ({id}).",
    about_passages.WithoutPassage: "{source}: {start_numbers} {without} ({timing_point}).",
    about_passages.LineDisagrees: "{source}: {start_number} {doubt} ({timing_point}){instead}.",
    about_passages.ListedTwice: "{start_number} stands {times} times on the list: {lines}.",
    about_passages.PassageUnused: (
        "the passage at {timing_point} given to start number {start_number} is not used: {reason}"
    ),
    about_points.Offset: (
        "The best crews are off alike: {shows}{since}, ± {error_s} s (as {crews} crews tell, {percent} sure). "
        "Cause: {causes} ({likely}){apart}{rest}."
    ),
    about_points.Lag: (
        "{cars} cars take {difference} than the ideal time of {control} from {opens} to {closes}, {at_ideal} about the "
        "ideal time ({percent} that it is no chance): is the ideal time right, and the whole second of both boards?"
    ),
    about_points.HourOff: "{text}",  # ALL_OFF, HOURS_OFF
    about_points.SourceClock: (
        "{source} is {size} {late} beside {main} at {timing_point} ({cars} cars on both): its times are only compared, "
        "less that."
    ),
    about_points.BackupLate: "{backup} is {late} beside {timing_point} {sure}.",
    about_points.BackupChanged: ("{backup} is {before} beside {timing_point} at first and {after} {when} {sure}."),
    about_points.BackupFar: (
        "{backup} does not fit {timing_point} as usual (± {usual_s} s) at {clocks}: one of both was not the front "
        "wheel."
    ),
    about_points.BackupMissed: (
        "{missing} has nothing where {beside} has a passage: {clocks}; {cars} cars are on both."
    ),
    about_passages.CrossedTwice: (
        "start number {start_number} has {passages} passages at {timing_point}: the first counts"
    ),
}
