"""What attribution could not settle, in sentences that an official understands."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from math import floor
from zoneinfo import ZoneInfo

from centesimo.model.facts import Passage
from centesimo.model.findings import Candidate, Finding, FindingKind

NAMED = 12  # candidates, and points of one car, that are written out; more are counted
TOLD = 0.01  # a chance that is told


def clock(at_ns: int, timezone: ZoneInfo) -> str:
    """Return an instant as local time of day, cut to 1/100 s: "10:05:58.60"."""
    seconds, rest_ns = divmod(at_ns, 1_000_000_000)
    local = datetime.fromtimestamp(seconds, UTC).astimezone(timezone)
    return f"{local:%H:%M:%S}.{rest_ns // 10_000_000:02d}"


def _date_and_clock(at_ns: int, timezone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_ns // 1_000_000_000, timezone):%Y-%m-%d} {clock(at_ns, timezone)}"


def places(passages: Iterable[Passage], timezone: ZoneInfo) -> str:
    """Return where and when passages were: "T1 at 10:05:58.60, T2 at 10:06:40.02"."""
    return ", ".join(
        f"{one.timing_point} at {clock(one.at_ns, timezone)}" if one.at_ns is not None else one.timing_point
        for one in passages
    )


def ghost(passages: Sequence[Passage], candidates: tuple[Candidate, ...], timezone: ZoneInfo) -> Finding:
    """Return the finding about a track of nobody; `candidates` are the crews that it is not quite sure not to be of."""
    marks = list(dict.fromkeys(flag for one in passages for flag in one.flags))
    why = f" ({', '.join(marks)})" if marks else ""
    crews = f", unless it is that of {_listed(_ranked(_likeliest(candidates)))}" if candidates else ""
    text = f"{places(passages, timezone)}: fits no crew{why}{crews}."
    return Finding(
        FindingKind.GHOST, passages[0].timing_point, None, text, tuple(one.id for one in passages), candidates
    )


def outside(passages: Sequence[Passage], timezone: ZoneInfo) -> Finding:
    """Return the finding about what passed a point hours before or after the crews, in order of time."""
    first, last = (_date_and_clock(one.at_ns or 0, timezone) for one in (passages[0], passages[-1]))
    point = passages[0].timing_point
    when = f"{len(passages)} passages from {first} to {last}" if len(passages) > 1 else f"a passage on {first}"
    text = f"{point}: {when}, hours away from when crews are due: taken for nobody's."
    return Finding(FindingKind.GHOST, point, None, text, tuple(one.id for one in passages))


def doubtful(tracks: Sequence[Sequence[Passage]], candidates: tuple[Candidate, ...], timezone: ZoneInfo) -> Finding:
    """Return the question about tracks that the same crews may have made.

    Of one track it says how likely each crew is, passage by passage where that differs: a car may be another's from
    some point on.
    """
    passages = [one for track in tracks for one in track]
    said = _of_one(tracks[0], candidates, timezone) if len(tracks) == 1 else _of_several(tracks, candidates, timezone)
    ids = tuple(one.id for one in passages)
    return Finding(FindingKind.DOUBTFUL, passages[0].timing_point, None, said, ids, candidates)


def _of_one(track: Sequence[Passage], candidates: Sequence[Candidate], timezone: ZoneInfo) -> str:
    """Return the question about one car: "A1 at 10:05:58.60: whose is it? Candidates: crew 12 (62%), nobody (30%)."."""
    whose = {one.id: _whose([its for its in candidates if its.passage == one.id]) for one in track}
    parts = [(text, [one.timing_point for one in its]) for text, its in groupby(track, key=lambda one: whose[one.id])]
    (first, _), *others = parts[:NAMED]
    later = "".join(f"; at {', '.join(points)}: {text}" for text, points in others)
    return f"{places(track[:1], timezone)}: whose is it? Candidates: {first}{later}."


def _of_several(tracks: Sequence[Sequence[Passage]], candidates: Sequence[Candidate], timezone: ZoneInfo) -> str:
    """Return the question about several cars, with all that one of them may be."""
    where = places([track[0] for track in tracks[:3]], timezone)
    if len(tracks) > 3:
        where += f" and {len(tracks) - 3} more to {places([tracks[-1][0]], timezone)}"
    numbers = {one.start_number for one in candidates}
    crews = sorted(number for number in numbers if number is not None)
    names = [name(number) for number in crews]
    if len(crews) > NAMED:
        names = [f"{len(crews)} crews from {crews[0]} to {crews[-1]}"]
    return f"{where}: whose is it? Candidates: {_listed([*names, *(['nobody'] if None in numbers else [])])}."


def _whose(candidates: Sequence[Candidate]) -> str:
    """Return who the candidates of one passage are, and what is left for others: together not over 100 %."""
    rest = 1 - sum(one.chance for one in candidates)
    others = [f"another ({_percent(rest)})"] if candidates and rest >= TOLD else []
    return _listed([*_ranked(candidates), *others])


def _ranked(candidates: Sequence[Candidate]) -> list[str]:
    """Return candidates with their chances, cut to whole percent, the likeliest first."""
    ranked = sorted(candidates, key=lambda one: (-one.chance, one.start_number or 0))
    return [f"{name(one.start_number)} ({_percent(one.chance)})" for one in ranked]


def _likeliest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return of each crew what is likeliest: it may have made several passages of one track."""
    its = {one.start_number: one for one in sorted(candidates, key=lambda one: one.chance)}
    return list(its.values())


def _percent(chance: float) -> str:
    """Return a chance as whole percent, what follows them cut."""
    return f"{floor(round(100 * chance, 6))}%"


def name(start_number: int | None) -> str:
    """Return what a candidate is called: "crew 12", "nobody"."""
    return "nobody" if start_number is None else f"crew {start_number}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED]) or 'any crew, or nobody'}{more}"


def unsettled(points: Sequence[str], passages: Sequence[Passage]) -> Finding:
    """Return the finding about a chain where nothing tells who anybody is, and what would."""
    text = (
        f"{points[0]}: crews come as they come, and nobody wrote down who. "
        f"A list at {points[0]}, or numbers keyed there, would settle most of "
        f"{len(passages)} passages at {len(points)} points."
    )
    return Finding(FindingKind.DOUBTFUL, points[0], None, text, tuple(one.id for one in passages))


def no_passage(start_number: int, missing: Sequence[str], points: Sequence[str]) -> Finding:
    """Return the finding about a crew that was expected at `missing` of a chain's points."""
    if len(missing) == len(points) > 1:
        where = f"at any point from {points[0]} to {points[-1]}"
    else:
        where = f"at {', '.join(missing)}"
    return Finding(FindingKind.NO_PASSAGE, missing[0], start_number, f"Crew {start_number} was not seen {where}.")


def without_time(passages: Iterable[Passage]) -> list[Finding]:
    """Return a finding for each timing point with passages that have no instant."""
    ids_by_point: dict[str, list[str]] = {}
    for passage in passages:
        if passage.at_ns is None:
            ids_by_point.setdefault(passage.timing_point, []).append(passage.id)
    return [
        Finding(
            FindingKind.NO_TIME,
            point,
            None,
            f"{point}: {len(ids)} passages have no instant and are nobody's.",
            tuple(ids),
        )
        for point, ids in ids_by_point.items()
    ]


def unused(passages: Iterable[Passage], used: set[str]) -> list[Finding]:
    """Return a finding for each timing point that has passages but stands in no control."""
    ids_by_point: dict[str, list[str]] = {}
    for passage in passages:
        if passage.timing_point not in used:
            ids_by_point.setdefault(passage.timing_point, []).append(passage.id)
    return [
        Finding(
            FindingKind.NO_CONTROL,
            point,
            None,
            f"{point}: {len(ids)} passages, but no control uses this point.",
            tuple(ids),
        )
        for point, ids in ids_by_point.items()
    ]


def twice(kept: Passage, other: Passage, timezone: ZoneInfo) -> Finding:
    """Return the finding about a loaded passage beside one of a board."""
    text = (
        f"{places([other], timezone)}: crew {kept.start_number} is also timed there by {kept.source} "
        f"({places([kept], timezone)}), which names the crew and counts."
    )
    return Finding(FindingKind.TWICE, other.timing_point, kept.start_number, text, (kept.id, other.id))


def named_twice(start_number: int, passages: Sequence[Passage], timezone: ZoneInfo) -> Finding:
    """Return the question about a crew that was named for several passages of one point."""
    text = f"{places(passages, timezone)}: each is named as crew {start_number}; only one can be."
    alike = tuple(Candidate(one.id, start_number, 1 / len(passages)) for one in passages)
    return Finding(
        FindingKind.DOUBTFUL, passages[0].timing_point, start_number, text, tuple(one.id for one in passages), alike
    )


def not_expected(passage: Passage, timezone: ZoneInfo) -> Finding:
    """Return the finding about a passage that is named for a crew which does not drive there."""
    text = f"{places([passage], timezone)}: start number {passage.start_number} is not expected here ({passage.id})."
    return Finding(FindingKind.UNKNOWN_CREW, passage.timing_point, passage.start_number, text, (passage.id,))
