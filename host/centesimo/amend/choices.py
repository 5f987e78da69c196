"""Which of several records of one number counts, where an official has decided it: taken before all else is computed.

The first decision about a number that stands counts; what contradicts it is refused as any decision is (checks.py).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import in_order
from centesimo.amend.checks import withdrawals
from centesimo.model.decisions import Choose, Decision
from centesimo.model.rivals import Rivals

Key = tuple[str, int]  # board and sequence


class Settled(NamedTuple):
    """The records as they count, and what nobody has decided."""

    records: Mapping[str, Sequence[bytes]]  # by board, in order of sequence
    undecided: tuple[Rivals, ...]
    by_key: Mapping[Key, Decision]  # which decision chose


def settled(records: Mapping[str, Sequence[bytes]], rivals: Sequence[Rivals], decisions: Sequence[Decision]) -> Settled:
    """Return the records with each chosen version in the place of the one that was used."""
    if not rivals:
        return Settled(records, (), {})
    by_key = chosen(rivals, decisions)
    raw_by_key = {every.key: _raw_of(every, by_key[every.key]) for every in rivals if every.key in by_key}
    counted = dict(records)
    for board in {board for board, _ in raw_by_key}:
        counted[board] = [raw_by_key.get((board, int.from_bytes(raw[:4], "little")), raw) for raw in records[board]]
    return Settled(counted, tuple(every for every in rivals if every.key not in by_key), by_key)


def chosen(rivals: Sequence[Rivals], decisions: Sequence[Decision]) -> dict[Key, Decision]:
    """Return the decision that chose, by the number that it is about."""
    ordered = sorted(decisions, key=in_order)
    gone, _ = withdrawals(ordered)
    digests_by_key = {every.key: {version.digest for version in every.versions} for every in rivals}
    by_key: dict[Key, Decision] = {}
    for decision in ordered:
        action = decision.action
        if isinstance(action, Choose) and decision.id not in gone:
            key = action.board, action.sequence
            if action.digest in digests_by_key.get(key, ()):
                by_key.setdefault(key, decision)
    return by_key


def _raw_of(rivals: Rivals, decision: Decision) -> bytes:
    return next(version.raw for version in rivals.versions if version.digest == decision.action.digest)  # type: ignore[attr-defined]
