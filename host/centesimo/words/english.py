"""The sentences of findings in English: a template for each value, and the phrases that stand in them.

Another language is another module of these names. {names} are those of the value's fields, or what the functions of the
about_... modules beside this one put together from them.
"""

from collections.abc import Mapping

from centesimo.model import about_passages
from centesimo.model.about_passages import LineDoubt, Unusable

MORE = " and {count} more"

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
UNUSABLE: Mapping[Unusable, str] = {
    Unusable.NO_CREW: "no such crew",
    Unusable.NO_LEG: "it cannot be told of which leg",
}

FINDINGS: Mapping[type, str] = {
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
    about_passages.CrossedTwice: (
        "start number {start_number} has {passages} passages at {timing_point}: the first counts"
    ),
}
