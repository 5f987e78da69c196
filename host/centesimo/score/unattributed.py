"""Passages that no crew has been given: why a crew that may have made one of them has no passage there yet.

Where such a passage is, nobody has missed the point. One that is likely no car's at all keeps the point open only for
the crews that may have made it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.said import joined, said
from centesimo.reading.localtime import local_text
from centesimo.score.crossings import Road, leg_at

NAMED = 4  # passages, and crews, that are written out; more are counted
CLOCK = slice(len("2027-05-23T"), len("2027-05-23T10:05:58.60"))  # of a local time
WHETHER = "whether the passage at {point} at {clocks} is its own is open"
WHICH_OF = "which of the passages at {point} at {clocks} is its own is open"
WHOSE_IS = "whose the passage at {point} at {clocks} is, is open: crew {names}"
WHOSE_ARE = "whose the passages at {point} at {clocks} are, is open: crew {names}"
ANYBODY = 0  # in the place of a start number: a passage there may be any crew's

# By leg and timing point of passages that are nobody's yet, then by start number: why a crew has none there.
Unattributed = Mapping[tuple[str, str], Mapping[int, str]]
NOTHING: Unattributed = {}


def unattributed(
    road: Road, findings: Iterable[Finding], passages: Mapping[str, Sequence[Passage]], timezone: ZoneInfo
) -> Unattributed:
    """Return which crews may yet be given a passage at which point, by the findings; `passages` are by timing point."""
    asked = [finding for finding in findings if finding.kind == FindingKind.DOUBTFUL or finding.candidates]
    wanted = {identity for finding in asked for identity in finding.passages}
    there: dict[str, Passage] = {}
    if wanted:
        there = {passage.id: passage for at_point in passages.values() for passage in at_point if passage.id in wanted}
    crews_by_id: dict[str, list[int | None]] = defaultdict(list)
    open_at: dict[tuple[str, str], dict[int, list[Passage]]] = defaultdict(lambda: defaultdict(list))
    for finding in asked:
        for candidate in finding.candidates:
            crews_by_id[candidate.passage].append(candidate.start_number)
        anybody = [ANYBODY] if finding.kind == FindingKind.DOUBTFUL else []
        for passage in (there[identity] for identity in finding.passages):
            for number in (*anybody, *filter(None, crews_by_id[passage.id])):
                for leg in _legs(road, passage, number):
                    open_at[leg, passage.timing_point][number].append(passage)
    return {
        place: {
            number: _why(passages, crews_by_id, timezone) if number else "" for number, passages in by_number.items()
        }
        for place, by_number in open_at.items()
    }


def _legs(road: Road, passage: Passage, number: int) -> set[str]:
    """Return the legs in which a passage may be this crew's (ANYBODY: any crew's)."""
    legs = road.legs_by_point.get(passage.timing_point, ())
    races = road.race_by_number.values() if number == ANYBODY else [road.race_by_number[number]]
    return {leg for race in races if (leg := leg_at(race, legs, passage.at_ns))} if len(legs) > 1 else set(legs)


def _why(passages: Sequence[Passage], crews_by_id: Mapping[str, Sequence[int | None]], timezone: ZoneInfo) -> str:
    """Return why a crew has no passage at a point though some there may be its own, with all crews they may be of."""
    clocks = [local_text(passage.at_ns or 0, timezone)[CLOCK] for passage in passages]
    where = {"point": passages[0].timing_point, "clocks": _listed(clocks, " and ")}
    crews = {number for passage in passages for number in crews_by_id[passage.id]}
    several = len(passages) > 1
    if len(crews) == 1:
        return said(WHICH_OF if several else WHETHER, **where)
    numbers = [str(number) for number in sorted(filter(None, crews))]
    names = _listed([*numbers, *([said("nobody")] if None in crews else [])], " or ")
    return said(WHOSE_ARE if several else WHOSE_IS, **where, names=names)


def _listed(names: Sequence[str], word: str) -> str:
    """Return names as in a sentence: "1, 2 or 3"; many are counted."""
    named = [*names[:NAMED], *([said("{count} more", count=len(names) - NAMED)] if len(names) > NAMED else [])]
    return joined(said(word), filter(None, (joined(", ", named[:-1]), named[-1])))
