"""Officials' decisions as values: every kind with what it needs, how it reads, and how it is written down.

An amendment is a fact like a record: insert-only, known by a digest of all it says. What amendments do to passages is
in apply.py, what contradicts in checks.py, what they do to scores in scores.py.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from centesimo.model.errors import StoreError
from centesimo.model.facts import Decision, Passage
from centesimo.rulebook.rules import plain

ID_DIGITS = 12  # of an amendment's digest: enough for all events of a federation, short enough to be typed

# The values of an amendment that people gave: all but its identity, and who, when, why, which every one has.
VALUES = tuple(name for name in Decision._fields if name not in ("id", "kind", "who", "why", "at_ns"))
DECIMALS = ("amount",)
OF_REGISTER = ("received_at_ns", "reason", "outcome")

PASSAGES, BOARDS, SCORES, NOTHING, AMENDMENTS = "passages", "boards", "scores", "nothing", "amendments"


class Kind(NamedTuple):
    """One kind of amendment: what it changes, the values that it needs and may have, and how it reads."""

    changes: str  # PASSAGES, BOARDS, SCORES, NOTHING (it is only said), AMENDMENTS
    needs: tuple[str, ...]
    may: tuple[str, ...]
    text: str  # of the values, by name


KINDS: dict[str, Kind] = {
    "attribute": Kind(PASSAGES, ("passage", "start_number"), (), "passage {passage} is crew {start_number}'s"),
    "swap": Kind(
        PASSAGES,
        ("passage", "start_number", "other_passage", "other_number"),
        (),
        "passage {passage} is crew {start_number}'s and {other_passage} is crew {other_number}'s",
    ),
    "void": Kind(PASSAGES, ("passage",), ("start_number",), "passage {passage} does not count"),
    "insert": Kind(
        PASSAGES,
        ("timing_point", "passed_at_ns", "source"),
        ("start_number", "uncertainty_ns"),
        "a passage at {timing_point} by {source}",
    ),
    "unreliable": Kind(BOARDS, ("board", "from_ns", "to_ns"), (), "the times of board {board} do not count"),
    "shift": Kind(
        BOARDS,
        ("board", "from_ns", "to_ns", "shift_ns"),
        (),
        "the times of board {board} are put {shift}",
    ),
    "average": Kind(
        SCORES, ("control", "start_number"), ("average",), "crew {start_number} gets the average at {control}"
    ),
    "cancel": Kind(SCORES, ("control",), ("race", "start_number"), "{control} is cancelled"),
    "miss": Kind(
        SCORES, ("control", "start_number"), ("race", "amount", "article"), "crew {start_number} missed {control}"
    ),
    "penalty": Kind(
        SCORES,
        ("control", "start_number", "amount", "article"),
        ("race",),
        "crew {start_number} gets a fixed penalty of {amount} at {control}",
    ),
    "exclude": Kind(SCORES, ("start_number",), ("control", "race", "article"), "crew {start_number} is excluded"),
    "retire": Kind(SCORES, ("start_number",), ("control",), "crew {start_number} has retired"),
    "reinstate": Kind(SCORES, ("start_number",), ("control", "amount"), "crew {start_number} is reinstated"),
    "confirm": Kind(NOTHING, ("control", "start_number"), (), "the time of crew {start_number} at {control} stands"),
    "withdraw": Kind(AMENDMENTS, ("withdrawn",), (), "amendment {withdrawn} does not stand any more"),
}


# What a kind says beside its text where a value is given: kinds, the value, how it reads.
MORE = (
    (("cancel",), "race", " for race {race}"),
    (("cancel",), "start_number", " for crew {start_number}"),
    (("average",), "average", ", that of its {average}"),
    (("exclude", "retire", "reinstate"), "control", " from {control} on"),
    (("void",), "start_number", "; it was crew {start_number}'s"),
    (("insert",), "start_number", ", crew {start_number}"),
    (("miss", "reinstate"), "amount", ", which costs {amount}"),
    (("miss", "penalty", "exclude"), "article", " ({article})"),
)


def made(kind: str, who: str, why: str, at_ns: int, **values: Any) -> Decision:
    """Return an amendment of these values (None and "" are left out), with its identity.

    ValueError when the kind is unknown, a value is missing or is not the kind's, or nobody or no reason is named.
    """
    given = {name: value for name, value in values.items() if value is not None and value != ""}
    row = KINDS.get(kind)
    if row is None:
        raise ValueError(f"expected a kind of amendment ({', '.join(KINDS)}), got {kind!r}")
    wrong = set(given) - {*row.needs, *row.may, *OF_REGISTER}
    if missing := [name for name in row.needs if name not in given]:
        raise ValueError(f"expected {', '.join(missing)} of an amendment {kind!r}, got none")
    if wrong:
        raise ValueError(f"expected nothing else of an amendment {kind!r}, got {', '.join(sorted(wrong))}")
    if not who.strip() or not why.strip():
        raise ValueError("expected who decided and why, got an empty text")
    plain = Decision(kind, None, None, None, None, given.pop("article", ""), why.strip(), who.strip(), at_ns)._replace(
        **given
    )
    return plain._replace(id=identity(plain))


def identity(decision: Decision) -> str:
    """Return what an amendment is known by: the head of the SHA-256 of all that it says."""
    said = [decision.kind, decision.who, decision.at_ns, decision.why, as_text(decision)]
    return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:ID_DIGITS]


def as_text(decision: Decision) -> str:
    """Return an amendment's values as JSON, sorted by name; numbers with decimals are texts."""
    given = {name: getattr(decision, name) for name in VALUES}
    said = {name: str(value) if name in DECIMALS else value for name, value in given.items() if value not in (None, "")}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def from_text(kind: str, who: str, why: str, at_ns: int, text: str) -> Decision:
    """Return the amendment that was written down; StoreError when this program cannot read it."""
    values: Mapping[str, Any] = json.loads(text)
    read = {name: Decimal(value) if name in DECIMALS else value for name, value in values.items()}
    try:
        return made(kind, who, why, at_ns, **read)
    except ValueError as error:
        raise StoreError(f"an amendment of {who} cannot be read, it needs a newer centesimo: {error}") from error


def in_order(decision: Decision) -> tuple[int, str]:
    """Return the key by which amendments lie over each other: the instant of the decision."""
    return decision.at_ns, decision.id or as_text(decision)


def describe(decision: Decision, names: Mapping[str, str] | None = None) -> str:
    """Return what an amendment says, in one line without who and why; passages by their names, or else by their ids."""
    values = decision._asdict()
    if decision.amount is not None:
        values["amount"] = plain(decision.amount)
    for field in ("passage", "other_passage"):
        values[field] = (names or {}).get(values[field], values[field])
    values["shift"] = _shift(decision.shift_ns or 0)
    more = [text for kinds, value, text in MORE if decision.kind in kinds and values[value]]
    text = "".join([KINDS[decision.kind].text, *more])
    return f"{decision.kind}: {text.format(**values)}"


def _shift(shift_ns: int) -> str:
    size = f"{Decimal(abs(shift_ns)).scaleb(-9):f}".rstrip("0").rstrip(".")
    return f"{size} s {'earlier' if shift_ns < 0 else 'later'}"


def signed(decision: Decision) -> str:
    """Return why, by which article and under which number, as a score's reason says it."""
    said = [decision.article, f"amendment {decision.id}" if decision.id else ""]
    given = ", ".join(filter(None, said))
    return f"{decision.why} ({given})" if given else decision.why


def inserted_passage(decision: Decision) -> Passage:
    """Return the passage that an official put in by hand; its source stays with it for ever."""
    return Passage(
        f"amend:{decision.id}",
        decision.timing_point or "",
        decision.passed_at_ns,
        decision.uncertainty_ns,
        True,
        (),
        (),
        decision.source or "",
        decision.start_number,
    )
