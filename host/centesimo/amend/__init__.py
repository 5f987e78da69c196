"""Decisions made, read and written: a decision is a fact like a record, insert-only, known by a digest of all it says.

What decisions do to passages is in apply.py, what contradicts in checks.py, what they do to scores in scores.py; the
values themselves are in model/decisions.py.
"""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from centesimo.amend.values import problems, short
from centesimo.model.decisions import KINDS, Decision, Insert, Register, TakeBack, Withdraw
from centesimo.model.facts import Passage

ID_DIGITS = 12  # of a decision's digest: enough for all events of a federation, short enough to be typed
DECIMALS = ("amount",)  # written as texts
OF_REGISTER = Register._fields
MOST_LETTERS = 10_000  # of a decision's values as JSON
MOST_DEPTH = 200  # braces and brackets in them, also inside texts: none are needed but the first


def made(kind: str, who: str, why: str, at_ns: int, **values: Any) -> Decision:
    """Return a decision of these values (None and "" are left out), with its identity.

    ValueError when the kind is unknown, a value is missing, out of its range or not the kind's, or nobody or no reason
    is named.
    """
    given = {name: value for name, value in values.items() if value is not None and value != ""}
    row = KINDS.get(kind)
    if row is None:
        raise ValueError(f"expected a kind of amendment ({', '.join(KINDS)}), got {kind!r}")
    register = Register(**{name: given.pop(name) for name in OF_REGISTER if name in given})
    if missing := [name for name in row.needs if name not in given]:
        raise ValueError(f"expected {', '.join(missing)} of an amendment {kind!r}, got none")
    if wrong := set(given) - {*row.needs, *row.may}:
        raise ValueError(f"expected nothing else of an amendment {kind!r}, got {', '.join(sorted(wrong))}")
    if not who.strip() or not why.strip():
        raise ValueError("expected who decided and why, got an empty text")
    every = {"who": who, "why": why, "at_ns": at_ns, **given, **register._asdict()}
    if wrong_values := list(problems({name: value for name, value in every.items() if value is not None})):
        raise ValueError("; ".join(wrong_values))
    decision = Decision(who.strip(), why.strip(), at_ns, row.action(**given), register)
    return decision._replace(id=identity(decision))


def values_of(decision: Decision) -> dict[str, Any]:
    """Return the values that people gave beside who, when and why, by name; what was not given is left out."""
    row = KINDS[decision.kind]
    values = {name: getattr(decision.action, name) for name in (*row.needs, *row.may)} | decision.register._asdict()
    return {name: value for name, value in values.items() if value is not None and value != ""}


def identity(decision: Decision) -> str:
    """Return what a decision is known by: the head of the SHA-256 of all that it says."""
    parts = [decision.kind, decision.who, decision.at_ns, decision.why, as_text(decision)]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:ID_DIGITS]


def as_text(decision: Decision) -> str:
    """Return a decision's values as JSON, sorted by name; numbers with decimals are texts."""
    written = {name: str(value) if name in DECIMALS else value for name, value in values_of(decision).items()}
    return json.dumps(written, ensure_ascii=False, sort_keys=True)


def from_row(identifier: str, kind: str, who: str, why: str, at_ns: int, text: str) -> Decision:
    """Return the decision that was written down, in a store or a bundle; ValueError when it cannot be as it is."""
    if not (isinstance(text, str) and len(text) <= MOST_LETTERS and text.count("{") + text.count("[") <= MOST_DEPTH):
        raise ValueError(f"expected values of at most {MOST_LETTERS} letters, none of them a list, got {short(text)}")
    values = json.loads(text)
    if not isinstance(values, dict):
        raise ValueError(f"expected values by name, got {short(text)}")
    try:
        read = {name: _decimal(value) if name in DECIMALS else value for name, value in values.items()}
        decision = made(kind, who, why, at_ns, **read)
    except (InvalidOperation, TypeError) as error:
        raise ValueError(f"expected values of an amendment {kind!r}, got {short(text)}") from error
    if (decision.id, decision.who, decision.why) != (identifier, who, why):
        raise ValueError(f"expected the id of all that it says, {decision.id}, got {short(identifier)}")
    return decision


def _decimal(value: object) -> Decimal:
    if not isinstance(value, str):
        raise TypeError(f"expected a number with decimals as a text, got {short(value)}")
    return Decimal(value)


def in_order(decision: Decision) -> tuple[int, str]:
    """Return the key by which decisions lie over each other: the instant at which they were taken."""
    return decision.at_ns, decision.id or as_text(decision)


def taken_back(decisions: Iterable[Decision]) -> frozenset[str]:
    """Return the loaded files that were taken back as a whole and still are, by the first 8 hex digits of each."""
    listed = list(decisions)
    withdrawn = {decision.action.withdrawn for decision in listed if isinstance(decision.action, Withdraw)}
    return frozenset(
        decision.action.file
        for decision in listed
        if isinstance(decision.action, TakeBack) and decision.action.timing_point is None
        if decision.id not in withdrawn
    )


def inserted_passage(decision: Decision) -> Passage:
    """Return the passage that an official put in by hand; its source stays with it for ever.

    TypeError when the decision is of another kind.
    """
    action = decision.action
    if not isinstance(action, Insert):
        raise TypeError(f"expected a decision that inserts a passage, got one of kind {decision.kind}")
    return Passage(
        decision.inserted_id,
        action.timing_point,
        action.passed_at_ns,
        action.uncertainty_ns,
        True,
        (),
        (),
        action.source,
        action.start_number,
    )
