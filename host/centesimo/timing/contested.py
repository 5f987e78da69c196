"""Which passages hang on records of which a board has several versions, and what is said of them.

Nothing is computed twice: what a version could change is taken as wide as it may reach. An edge reaches the passages of
its input within NEAR_US, a record that tells the time or marks an edge reaches every passage of its boot. All other
kinds (a board's health, its seals) change no instant.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from centesimo.model.about_boards import SeveralBoards, SeveralVersions
from centesimo.model.facts import Passage
from centesimo.model.findings import Finding, FindingKind
from centesimo.model.rivals import HEAD, Ground, Rivals
from centesimo_protocol import record

CONTESTED = "contested"  # a flag of a passage: passages.FLAGS
NEAR_US = 10_000_000  # far longer than a passage
OF_WHOLE_BOOT = (record.ANCHOR, record.CORRECTION, record.LEAP_SECOND, record.DOUBT, record.MARK)
OF_INPUT = (record.EDGE, record.BURST)
NAMED = 6  # records that are named; more are counted


class Contest(NamedTuple):
    """Records under one number of which nobody has decided which counts, and the passages that hang on them."""

    rivals: Rivals
    passages: tuple[str, ...]  # ids


def contests(rivals: Sequence[Rivals], passages: Iterable[Passage]) -> tuple[Contest, ...]:
    """Return each number with the passages that any of its versions could change."""
    stamped = [passage for passage in passages if passage.edges] if rivals else []
    return tuple(
        Contest(every, tuple(passage.id for passage in stamped if reaches(every, passage))) for every in rivals
    )


def reaches(rivals: Rivals, passage: Passage) -> bool:
    """Say whether one of several versions of a record could change a passage."""
    if not passage.edges or passage.edges[0].board != rivals.board:
        return False
    return any(_reaches(version.raw, passage) for version in rivals.versions)


def _reaches(raw: bytes, passage: Passage) -> bool:
    _, boot, kind, counter_us = HEAD.unpack_from(raw)
    front = passage.edges[0]
    if boot != front.boot:
        return False
    if kind in OF_WHOLE_BOOT:
        return True
    if kind not in OF_INPUT or raw[record.HEAD_SIZE] != front.input:
        return False
    begin_us, end_us = front.counter_us - NEAR_US, passage.edges[-1].counter_us + NEAR_US
    return bool(begin_us <= counter_us <= end_us)


def with_flags(passages: Sequence[Passage], rivals: Sequence[Rivals]) -> list[Passage]:
    """Return passages; those that hang on a record of which nothing tells which version is right have the flag."""
    is_open = [every for every in rivals if every.ground == Ground.NOTHING]
    return [
        passage._replace(flags=(*passage.flags, CONTESTED))
        if any(reaches(every, passage) for every in is_open)
        else passage
        for passage in passages
    ]


def findings(every: Sequence[Contest], passages_by_id: Mapping[str, Passage]) -> list[Finding]:
    """Return a finding for each timing point, or board, with records that have several versions.

    At a point there is one for what is open and one for what something tells. One more for each id under which more
    than one board was collected.
    """
    groups: dict[tuple[str, str, Ground], list[tuple[Rivals, tuple[str, ...]]]] = {}
    for contest in every:
        by_point: dict[str, list[str]] = {} if contest.passages else {contest.rivals.board: []}
        for identity in contest.passages:
            by_point.setdefault(passages_by_id[identity].timing_point, []).append(identity)
        for where, ids in by_point.items():
            key = where, contest.rivals.board, contest.rivals.ground
            groups.setdefault(key, []).append((contest.rivals, tuple(ids)))
    return [*_several_boards(every), *(_finding(*key, rows) for key, rows in groups.items())]


def _several_boards(every: Sequence[Contest]) -> list[Finding]:
    """Return a finding for each id with numbers of which more than one version was read off a board.

    A board gives a number once, and goes on behind it when it is erased.
    """
    numbers: dict[str, list[int]] = {}
    for contest in every:
        if sum(version.is_archived for version in contest.rivals.versions) > 1:
            numbers.setdefault(contest.rivals.board, []).append(contest.rivals.sequence)
    return [
        Finding(FindingKind.SEVERAL_BOARDS, board, None, SeveralBoards(board, len(its), min(its)))
        for board, its in numbers.items()
    ]


def _finding(where: str, board: str, ground: Ground, rows: Sequence[tuple[Rivals, tuple[str, ...]]]) -> Finding:
    sequences = [rivals.sequence for rivals, _ in rows]
    ids = tuple(dict.fromkeys(identity for _, its in rows for identity in its))
    more = max(0, len(sequences) - NAMED)
    about = SeveralVersions(board, ground, tuple(sequences[:NAMED]), more, len(ids))
    return Finding(FindingKind.RIVAL, where, None, about, ids)
