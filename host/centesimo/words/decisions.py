"""The words for officials' decisions: what each says, in one line."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from centesimo.model.decisions import (
    Action,
    Attribute,
    Average,
    Cancel,
    Choose,
    ChooseJournal,
    Confirm,
    Decision,
    Exclude,
    Insert,
    Miss,
    Penalty,
    Period,
    Reinstate,
    Retire,
    Shift,
    ShiftFile,
    Swap,
    TakeBack,
    Unreliable,
    Void,
    Withdraw,
)
from centesimo.model.event import Event
from centesimo.model.said import joined, said
from centesimo.reading.numbers import plain
from centesimo.words.boards import shown_board
from centesimo.words.instants import OF_SECOND, clock_at, dated_at

TEMPLATES: Mapping[type[Action], str] = {
    Attribute: "passage {passage} is crew {start_number}'s",
    Swap: "passage {passage} is crew {start_number}'s and {other_passage} is crew {other_number}'s",
    Void: "passage {passage} does not count",
    Insert: "a passage at {timing_point}{when} by {source}",
    Unreliable: "the times of board {board} do not count",
    Shift: "the times of board {board} are put {shift}",
    Choose: "of the versions of record {sequence} of board {board} {digest} counts",
    ChooseJournal: "of the journals under the id of board {board} that with record {sequence} as {digest} counts",
    TakeBack: "what the file {file} brought{there} does not count",
    ShiftFile: "what the file {file} brought{there} is put {shift}",
    Average: "crew {start_number} gets the average at {control}",
    Cancel: "{control} is cancelled",
    Miss: "crew {start_number} missed {control}",
    Penalty: "crew {start_number} gets a fixed penalty of {amount} at {control}",
    Exclude: "crew {start_number} is excluded",
    Retire: "crew {start_number} {how}",
    Reinstate: "crew {start_number} is reinstated",
    Confirm: "the time of crew {start_number} at {control} stands",
    Withdraw: "amendment {withdrawn} does not stand any more",
}
# What is said behind it where a value is given: the kinds, the value, how it reads.
FURTHER: tuple[tuple[tuple[type[Action], ...], str, str], ...] = (
    ((Cancel,), "race", " for race {race}"),
    ((Cancel,), "start_number", " for crew {start_number}"),
    ((Average,), "average", ", that of its {average}"),
    ((Exclude, Retire, Reinstate), "control", " from {control} on"),
    ((Void,), "start_number", "; it was crew {start_number}'s"),
    ((Insert,), "start_number", ", crew {start_number}"),
    ((Miss, Reinstate), "amount", ", which costs {amount}"),
    ((Miss, Penalty, Exclude), "article", " ({article})"),
)
HAS_RETIRED, DID_NOT_START = "has retired", "did not start"
AMENDMENT = "amendment {id}"
WITH_GIVEN = "{why} ({given})"
THERE = " at {timing_point}"
WHEN = " at {clock}"
SPAN = " from {begin} to {end}"
LATER, EARLIER = "{seconds} s later", "{seconds} s earlier"


def describe(decision: Decision, names: Mapping[str, str] | None = None, event: Event | None = None) -> str:
    """Return what a decision says, in one line without who and why.

    Passages and files are called by their `names` by id, or else by their ids. With the `event` the local times are
    said too.
    """
    action = decision.action
    values: dict[str, Any] = {field.name: getattr(action, field.name) for field in fields(action)}  # type: ignore[arg-type]
    if decision.amount is not None:
        values["amount"] = plain(decision.amount)
    further = [text for kinds, value, text in FURTHER if isinstance(action, kinds) and values[value]]
    for name in ("passage", "other_passage", "file"):
        if name in values:
            values[name] = (names or {}).get(values[name], values[name])
    values["when"] = ""
    if isinstance(action, Retire):
        values["how"] = said(DID_NOT_START if action.control is None else HAS_RETIRED)
    if isinstance(action, Insert) and event is not None:
        values["when"] = said(WHEN, clock=clock_at(event, action.passed_at_ns))
    values["there"] = said(THERE, timing_point=values["timing_point"]) if values.get("timing_point") else ""
    if isinstance(action, (Shift, ShiftFile)):
        values["shift"] = shift_words(action.shift_ns)
    if "board" in values and event is not None:
        values["board"] = shown_board(event, values["board"])
    text = joined("", [said(template, **values) for template in (TEMPLATES[type(action)], *further)])
    if isinstance(action, Period) and event is not None:
        begin, end = (dated_at(event, at_ns, OF_SECOND) for at_ns in (action.from_ns, action.to_ns))
        text += said(SPAN, begin=begin, end=end)
    return joined(": ", (decision.kind, text))


def shift_words(shift_ns: int) -> str:
    """Return by how much times are put later: "0.05 s later"."""
    return said(EARLIER if shift_ns < 0 else LATER, seconds=plain(Decimal(abs(shift_ns)).scaleb(-9)))


def signed(decision: Decision) -> str:
    """Return why, by which article and under which number, as a score's reason says it."""
    given = [*filter(None, (decision.article, said(AMENDMENT, id=decision.id) if decision.id else ""))]
    return said(WITH_GIVEN, why=decision.why, given=joined(", ", given)) if given else decision.why
