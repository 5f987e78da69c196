"""Which of several records of one number counts, where an official has decided it: taken before all else is computed.

The first decision about a number, or about a board's journals, that stands counts; what contradicts it is refused as
any decision is (checks.py). A decision about one number lies over one about whole journals.

A journal is known by what visits read together. Visits that read the chosen record, or share a version with one that
did, are of the journal; a visit that has another version of a number that these have is of another journal. What only
such visits brought does not count, also under numbers that nothing else has.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import in_order
from centesimo.amend.checks import withdrawals
from centesimo.model.decisions import Choose, ChooseJournal, Decision, OfVersion
from centesimo.model.rivals import Rivals, Visited

Key = tuple[str, int]  # board and sequence


class Choice(NamedTuple):
    """The version that counts, and the decision that says so."""

    digest: str
    decision: Decision


class Settled(NamedTuple):
    """The records as they count, and what nobody has decided."""

    records: Mapping[str, Sequence[bytes]]  # by board, in order of sequence
    undecided: tuple[Rivals, ...]
    by_key: Mapping[Key, Choice]


class Sides(NamedTuple):
    """The visits that read a board of which a journal was chosen: of that one (or not known), and of others."""

    ours: Sequence[Visited]
    others: Sequence[Visited]


def settled(
    records: Mapping[str, Sequence[bytes]],
    rivals: Sequence[Rivals],
    decisions: Sequence[Decision],
    visited: Sequence[Visited] = (),
) -> Settled:
    """Return the records with each chosen version in the place of the one that was used.

    What only a journal has that was not chosen is left out.
    """
    if not rivals:
        return Settled(records, (), {})
    by_key = chosen(rivals, decisions, visited)
    raw_by_key = {every.key: _raw_of(every, by_key[every.key].digest) for every in rivals if every.key in by_key}
    counted = dict(records)
    for board in {board for board, _ in raw_by_key}:
        counted[board] = [raw_by_key.get((board, _sequence(raw)), raw) for raw in records[board]]
    for board, decision in _of_journals(decisions).items():
        sides = _sides(decision, visited)
        gone = _read_by(sides.others) - _read_by(sides.ours)
        if gone and board in counted:
            counted[board] = [raw for raw in counted[board] if _sequence(raw) not in gone]
    return Settled(counted, tuple(every for every in rivals if every.key not in by_key), by_key)


def chosen(
    rivals: Sequence[Rivals], decisions: Sequence[Decision], visited: Sequence[Visited] = ()
) -> dict[Key, Choice]:
    """Return which version was chosen of each number, of those of which one was."""
    digests_by_key = {every.key: {version.digest for version in every.versions} for every in rivals}
    by_key: dict[Key, Choice] = {}
    for decision, action in _standing(decisions, Choose):
        if action.digest in digests_by_key.get((action.board, action.sequence), ()):
            by_key.setdefault((action.board, action.sequence), Choice(action.digest, decision))
    for board, decision in _of_journals(decisions).items():
        sides = _sides(decision, visited)
        ours, others = ({pair for every in side for pair in every.versions} for side in sides)
        for key in digests_by_key if sides.others else ():
            pairs = {(key[1], digest) for digest in digests_by_key[key]} if key[0] == board else set()
            left = pairs & ours or pairs - others  # what is in no archive at all, where the journal has nothing
            if len(left) == 1:
                by_key.setdefault(key, Choice(left.pop()[1], decision))
    return by_key


def _of_journals(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return the decision on a board's journals, by the board."""
    by_board: dict[str, Decision] = {}
    for decision, action in _standing(decisions, ChooseJournal):
        by_board.setdefault(action.board, decision)
    return by_board


def _standing(decisions: Sequence[Decision], kind: type[OfVersion]) -> Iterator[tuple[Decision, OfVersion]]:
    """Yield the decisions of a kind that nobody has withdrawn, with what they say, in order."""
    ordered = sorted(decisions, key=in_order)
    gone, _ = withdrawals(ordered)
    for decision in ordered:
        if isinstance(decision.action, kind) and decision.id not in gone:
            yield decision, decision.action


def _sides(decision: Decision, visited: Sequence[Visited]) -> Sides:
    """Return which visits contradict the journal that was chosen; none where no visit has its record."""
    action = decision.action
    assert isinstance(action, ChooseJournal)
    of_board = [every for every in visited if every.board == action.board]
    versions: dict[int, set[str]] = {}
    rest, came = of_board, [every for every in of_board if (action.sequence, action.digest) in every.versions]
    while came:  # what shares a version with the journal is of it
        for sequence, digest in (pair for every in came for pair in every.versions):
            versions.setdefault(sequence, set()).add(digest)
        rest = [every for every in rest if every not in came]
        came = [every for every in rest if not _contradicts(every, versions) and _shares(every, versions)]
    others = [every for every in rest if _contradicts(every, versions)]
    return Sides([every for every in of_board if every not in others], others)


def _contradicts(visited: Visited, versions: Mapping[int, set[str]]) -> bool:
    return any(sequence in versions and digest not in versions[sequence] for sequence, digest in visited.versions)


def _shares(visited: Visited, versions: Mapping[int, set[str]]) -> bool:
    return any(digest in versions.get(sequence, ()) for sequence, digest in visited.versions)


def _read_by(visited: Sequence[Visited]) -> set[int]:
    return {number for every in visited for first, last in every.runs for number in range(first, last + 1)}


def _sequence(raw: bytes) -> int:
    return int.from_bytes(raw[:4], "little")


def _raw_of(rivals: Rivals, digest: str) -> bytes:
    return next(version.raw for version in rivals.versions if version.digest == digest)
