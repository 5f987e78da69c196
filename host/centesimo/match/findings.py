"""What attribution could not settle, as findings; centesimo.words makes their sentences."""

from collections.abc import Iterable, Sequence

from centesimo.model.about_passages import (
    FitsNoCrew,
    HoursAway,
    NamedTwice,
    NobodyWrote,
    NotExpected,
    NotSeen,
    PointUnused,
    TimedTwice,
    Whose,
    WithoutInstant,
)
from centesimo.model.facts import Passage
from centesimo.model.findings import Candidate, Finding, FindingKind


def ghost(passages: Sequence[Passage], candidates: tuple[Candidate, ...]) -> Finding:
    """Return the finding about a track of nobody; `candidates` are the crews that it is not quite sure not to be of."""
    about = FitsNoCrew(tuple(passages))
    return Finding(FindingKind.GHOST, passages[0].timing_point, None, about, _ids(passages), candidates)


def outside(passages: Sequence[Passage]) -> Finding:
    """Return the finding about what passed a point hours before or after the crews, in order of time."""
    point = passages[0].timing_point
    about = HoursAway(point, len(passages), passages[0].at_ns or 0, passages[-1].at_ns or 0)
    return Finding(FindingKind.GHOST, point, None, about, _ids(passages))


def doubtful(tracks: Sequence[Sequence[Passage]], candidates: tuple[Candidate, ...]) -> Finding:
    """Return the question about tracks that the same crews may have made."""
    passages = [passage for track in tracks for passage in track]
    about = Whose(tuple(map(tuple, tracks)))
    return Finding(FindingKind.DOUBTFUL, passages[0].timing_point, None, about, _ids(passages), candidates)


def unsettled(points: Sequence[str], passages: Sequence[Passage]) -> Finding:
    """Return the finding about a chain where nothing tells who anybody is, and what would."""
    about = NobodyWrote(points[0], len(points), len(passages))
    return Finding(FindingKind.DOUBTFUL, points[0], None, about, _ids(passages))


def no_passage(start_number: int, missing: Sequence[str], points: Sequence[str]) -> Finding:
    """Return the finding about a crew that was expected at `missing` of a chain's points."""
    about = NotSeen(start_number, tuple(missing), tuple(points))
    return Finding(FindingKind.NO_PASSAGE, missing[0], start_number, about)


def without_time(passages: Iterable[Passage]) -> list[Finding]:
    """Return a finding for each timing point with passages that have no instant."""
    ids_by_point = _ids_by_point(passage for passage in passages if passage.at_ns is None)
    return [
        Finding(FindingKind.NO_TIME, point, None, WithoutInstant(point, len(ids)), tuple(ids))
        for point, ids in ids_by_point.items()
    ]


def unused(passages: Iterable[Passage], used: set[str]) -> list[Finding]:
    """Return a finding for each timing point that has passages but stands in no control."""
    ids_by_point = _ids_by_point(passage for passage in passages if passage.timing_point not in used)
    return [
        Finding(FindingKind.NO_CONTROL, point, None, PointUnused(point, len(ids)), tuple(ids))
        for point, ids in ids_by_point.items()
    ]


def twice(kept: Passage, beside: Passage) -> Finding:
    """Return the finding about a loaded passage, which is kept, and one of a board beside it."""
    about = TimedTwice(kept.start_number, kept, beside)
    return Finding(FindingKind.TWICE, beside.timing_point, kept.start_number, about, (kept.id, beside.id))


def named_twice(start_number: int, passages: Sequence[Passage]) -> Finding:
    """Return the question about a crew that was named for several passages of one point."""
    about = NamedTwice(start_number, tuple(passages))
    alike = tuple(Candidate(passage.id, start_number, 1 / len(passages)) for passage in passages)
    return Finding(FindingKind.DOUBTFUL, passages[0].timing_point, start_number, about, _ids(passages), alike)


def not_expected(passage: Passage) -> Finding:
    """Return the finding about a passage that is named for a crew which does not drive there."""
    point, about = passage.timing_point, NotExpected(passage)
    return Finding(FindingKind.UNKNOWN_CREW, point, passage.start_number, about, (passage.id,))


def _ids(passages: Iterable[Passage]) -> tuple[str, ...]:
    return tuple(passage.id for passage in passages)


def _ids_by_point(passages: Iterable[Passage]) -> dict[str, list[str]]:
    ids_by_point: dict[str, list[str]] = {}
    for passage in passages:
        ids_by_point.setdefault(passage.timing_point, []).append(passage.id)
    return ids_by_point
