"""Why a passage cannot be used, and why a person may want to look at one that is.

A passage that is missing, has no time or is of doubtful crew leaves its control open. An instant whose uncertainty
reaches the next unit that counts, or a second that was not confirmed, is scored and carries a doubt.
"""

from collections.abc import Sequence

from centesimo.model.facts import Attribution, Passage
from centesimo.model.said import joined, said
from centesimo.reading.numbers import shown_duration
from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION
from centesimo.score.instants import NS_PER_CS, UNIT_WORDS, truncated
from centesimo.words.basis import basis_words

MARKED = "marked doubtful"  # a flag of a passage: passages.FLAGS
# Flags of a passage whose time never counts, and why.
_NO_TIME = {
    "simulated": "the passage at {point} was made on request, not by a wheel",
    "unreliable": "the time of the passage at {point} is not reliable, an official says",
    "contested": "a record that the passage at {point} hangs on came in several versions",
}


def why_open(point: str, crossed: Sequence[Attribution] | None, sure: float, may_be: str = "") -> str:
    """Return why the crew's passage at a timing point cannot be used, "" when it can.

    `may_be` is the sentence about a passage there that may be the crew's (unattributed.py); "": there is none.
    """
    if not crossed:
        return may_be or said("no passage at {point}", point=point)
    passage = crossed[0].passage
    if passage.at_ns is None:
        return said("the time of the passage at {point} is not known", point=point)
    if passage.flags:
        for flag, why in _NO_TIME.items():
            if flag in passage.flags:
                return said(why, point=point)
    if crossed[0].confidence < sure:
        sure_by = joined(", ", (f"{crossed[0].confidence:.0%}", basis_words(crossed[0].basis)))
        return said("whose passage it is at {point} is doubtful ({how_sure})", point=point, how_sure=sure_by)
    return ""


def doubts_of(passage: Passage, reached: str) -> tuple[str, ...]:
    """Return why a person may want to look at a passage; `reached` names the unit that its uncertainty reaches."""
    point = passage.timing_point
    doubts = []
    if passage.uncertainty_ns is None:
        doubts.append(said("{point}: the source ({source}) states no uncertainty", point=point, source=passage.source))
    elif reached:
        size = shown_duration(passage.uncertainty_ns)
        doubts.append(
            said(
                "{point}: the uncertainty of {size} reaches the next {unit}", point=point, size=size, unit=said(reached)
            )
        )
    if not passage.confirmed:
        doubts.append(said("{point}: the whole second is not confirmed", point=point))
    if MARKED in passage.flags:
        doubts.append(said("{point}: a marshal marked the passage as doubtful, at the board", point=point))
    return tuple(doubts)


def reaches(at_ns: int, uncertainty_ns: int, from_ns: int, unit_ns: int) -> bool:
    """Say whether an instant lies so near the edge of its unit (counted from from_ns) that it may be in the next."""
    apart_ns = (at_ns - from_ns) % unit_ns
    return apart_ns < uncertainty_ns or apart_ns + uncertainty_ns >= unit_ns


def instant_doubts(passage: Passage, instants: str, unit_cs: int = 1) -> tuple[str, ...]:
    """Return the doubts of a passage that opens or closes a trial, by how the rule book takes its instants."""
    if instants == TRUNCATE_DEVIATION:
        return doubts_of(passage, "")
    unit_ns = unit_cs * NS_PER_CS
    from_ns = unit_ns // 2 if instants == ROUND_HALF_UP else 0
    reached = reaches(passage.at_ns or 0, passage.uncertainty_ns or 0, from_ns, unit_ns)
    if reached or not passage.confirmed or passage.uncertainty_ns is None or MARKED in passage.flags:
        return doubts_of(passage, UNIT_WORDS[unit_cs] if reached else "")
    return ()


def deviation_doubts(opened: Passage, closed: Passage, ideal_cs: int, unit_cs: int = 1) -> tuple[str, ...]:
    """Return whether the uncertainties of both passages together reach another unit of the deviation."""
    deviation_ns = (closed.at_ns or 0) - (opened.at_ns or 0) - ideal_cs * NS_PER_CS
    both_ns = (opened.uncertainty_ns or 0) + (closed.uncertainty_ns or 0)
    if truncated(deviation_ns - both_ns, unit_cs) == truncated(deviation_ns + both_ns, unit_cs):
        return ()
    template = "the uncertainty of {size} reaches the next {unit} of the deviation"
    return (said(template, size=shown_duration(both_ns), unit=said(UNIT_WORDS[unit_cs])),)
