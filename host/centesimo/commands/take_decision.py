"""How a verb of amend takes its decision: it is checked, its effect shown, the question asked, the decision stored."""

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.table import Table

from centesimo.amend import made, values_of
from centesimo.amend.apply import accept
from centesimo.amend.passage_names import passage_names
from centesimo.amend.references import find_passage, instant_ns
from centesimo.commands.console import console, print_json, say
from centesimo.commands.event_folder import file_names, open_store
from centesimo.compute import Computation, Facts, Outcome, rulebooks
from centesimo.decide.command_text import FILL_IN
from centesimo.decide.effect import Effect
from centesimo.decide.preview import Foreseen, foresee
from centesimo.decide.validate import unsettled
from centesimo.gather import facts_of
from centesimo.model.decisions import Decision, Void
from centesimo.model.errors import DecidedMeanwhileError, DecisionError, SecretError
from centesimo.model.event import Event
from centesimo.model.facts import CANCELLED
from centesimo.reading.numbers import find_number, plain
from centesimo.reading.toml_tables import as_toml
from centesimo.store import Store
from centesimo.store.signing import Device, this_device
from centesimo.words.boards import find_board
from centesimo.words.decisions import describe
from centesimo.words.findings import sentence
from centesimo.words.instants import shown_passage

SHOWN = 20  # lines of a table; the rest is counted
RECEIVED_WITHIN_DAYS = 366  # of the last leg
BELOW_0 = re.compile(r"-[0-9][0-9.,]*")


# In which order a program reads what a decision says.
PRINTED = (
    *("kind", "control", "race", "start_number", "amount", "article", "why", "who", "at_ns", "id"),
    *("passage", "other_passage", "other_number", "timing_point", "passed_at_ns", "uncertainty_ns", "source"),
    *("file", "board", "sequence", "digest", "from_ns", "to_ns", "shift_ns", "average", "withdrawn"),
    *("received_at_ns", "reason", "outcome"),
)


class Verb(click.Command):
    """A verb that reads -1.5 as a number rather than an option, and names all that is missing at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words that were typed; UsageError with everything that is needed and missing."""
        if any(BELOW_0.fullmatch(word) for word in args):
            ctx.ignore_unknown_options = True  # -1.5 is none; any other one is told as an argument too many
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            missing = [needed for needed in self.get_params(ctx) if needed.required and needed.name not in ctx.params]
            names = [
                needed.human_readable_name if isinstance(needed, click.Argument) else needed.opts[0]
                for needed in missing
            ]
            raise click.UsageError(f"Missing {', '.join(names)}; nothing was stored.", ctx) from error


def start_number(written: str) -> int:
    """Return the start number that was typed; BadParameter when it is none."""
    if not re.fullmatch("[0-9]{1,9}", written):
        raise click.BadParameter(f"expected a start number, as 34, got {as_toml(written)}; nothing was stored")
    return int(written)


class Situation(NamedTuple):
    """What an official decides about: the facts, and what follows from them."""

    facts: Facts
    outcome: Outcome
    files: Sequence[tuple[str, str]] = ()  # SHA-256 and name of each loaded file, in the order of loading

    @property
    def event(self) -> Event:
        """The event."""
        return self.facts.event

    def passage(self, written: str) -> str:
        """Return the id of the passage that is meant; AmendmentError when it does not count any more."""
        standing = self.outcome.applied.standing
        void_by_id = {decision.action.passage: decision for decision in standing if isinstance(decision.action, Void)}
        recorded = self.outcome.recorded
        gone = [recorded[identity] for identity in void_by_id if identity in recorded]
        gone += self.outcome.beside  # what only a second source has may be given to a crew: then it counts
        meant = find_passage(self.event, self.outcome.passages, written, gone)
        if by := void_by_id.get(meant.id):
            raise DecisionError(
                f"passage {shown_passage(self.event, meant)} does not count by amendment {by.id}: withdraw that first"
            )
        return meant.id

    def board(self, written: str) -> str:
        """Return the board that is meant by its name or id; what is written, where none is: that is refused then."""
        return find_board(self.facts.event, written) or written

    def loaded_file(self, written: str) -> str:
        """Return the 8 hex digits of a loaded file that is meant by its name or digest; DecisionError if none is."""
        named = [digest for digest, name in self.files if written in (name, digest) or digest.startswith(written)]
        if len({digest[:8] for digest in named}) == 1:
            return named[0][:8]
        loaded = ", ".join(f"{name} ({digest[:8]})" for digest, name in self.files) or "none was"
        got = "several" if named else written
        raise DecisionError(f"expected a file that was loaded, by its name or digest ({loaded}), got {got}")

    def number_by_id(self) -> dict[str, int]:
        """Return the start number of the crew that each attributed passage is given to, by passage id."""
        return {attribution.passage.id: attribution.start_number for attribution in self.outcome.attributions}

    def instant(self, written: str, what: str, point: str | None = None) -> int:
        """Return the instant of a local time, near the event's days; `what` is the argument's name."""
        return instant_ns(self.event, written, point, what=what)

    def received(self, written: str, control: str | None) -> int:
        """Return when a request came: it may be long after the event; without a date on the day of its control."""
        points = (each.closes for each in self.event.controls if control in (each.id, each.id.partition(".")[0]))
        return instant_ns(self.event, written, next(points, None), RECEIVED_WITHIN_DAYS, "--received")

    def fixed(self, start_number: int, written: str) -> tuple[Decimal, str]:
        """Return amount and article of a fixed penalty: a number has no article, a name has the rule book's."""
        race = next((entry.race for entry in self.event.entries if entry.start_number == start_number), None)
        if race is None:
            return number(written, "POINTS"), ""
        book = rulebooks(self.event)[race].fixed
        if named := book.find(written):
            return named
        names = "".join(f" or {name!r}" for name, _, _ in book.named)
        return number(written, "POINTS", also=names), ""


class DecisionOptions(NamedTuple):
    """The options that every verb of amend has."""

    who: str
    why: str
    yes: bool
    as_json: bool
    received: str | None
    reason: str | None
    outcome: str | None


def number(written: str, what: str, low: int = 0, high: int = 10_000_000, also: str = "") -> Decimal:
    """Return a number that was typed; AmendmentError when it is none or too large. `also`: what else may be typed."""
    typed = find_number(written.replace(",", "."))
    if typed is None or not low <= typed <= high:
        raise DecisionError(f"expected {what} as a number from {low} to {high}{also}, got {written}")
    return typed


def take_decision(
    folder: Path, kind: str, options: DecisionOptions, values: Callable[[Situation], dict[str, Any]]
) -> None:
    """Show what a decision does, ask, and store it; nothing is stored when it is refused or not confirmed."""
    for option, left_open in FILL_IN.items():
        if getattr(options, option).strip() == left_open:
            raise DecisionError(f"expected --{option} in your words, got {left_open}; nothing was stored")
    with open_store(folder) as store:
        weighed = _weighed(folder, store, kind, options, values)
        why_not = _confirmed(weighed, options)
        while not why_not:
            try:
                store.add_decision(weighed.new, weighed.facts.decisions, signing_device(store, options.who))
                break
            except (
                DecidedMeanwhileError
            ):  # somebody else decided: where that changes nothing of this one, it is not asked
                shown, weighed = weighed, _weighed(folder, store, kind, options, values)
                why_not = "" if weighed.shows == shown.shows else _confirmed(weighed, options)
    event, foreseen = weighed.facts.event, weighed.foreseen
    if options.as_json:
        print_json({"amendment": content(weighed.new), "stored": not why_not, **foreseen.as_json(event)})
    if why_not:
        raise DecisionError(why_not)
    if not options.as_json:
        click.echo(f"stored as amendment {weighed.new.id}{'; it changes nothing yet' if foreseen.is_idle else ''}")


class Weighed(NamedTuple):
    """A decision as it was checked: by which facts, what it says, and what it would do."""

    facts: Facts
    new: Decision
    sentence: str
    foreseen: Foreseen

    @property
    def shows(self) -> tuple[object, ...]:
        """Return all that whoever decides is shown of it."""
        return self.sentence, self.foreseen.as_json(self.facts.event)


def _weighed(
    folder: Path, store: Store, kind: str, options: DecisionOptions, values: Callable[[Situation], dict[str, Any]]
) -> Weighed:
    """Return a decision with what it would do by the facts as they are now; DecisionError when it is refused."""
    facts = facts_of(folder, store)
    computation = Computation()
    before = computation.outcome(facts)
    new = _made(kind, options, Situation(facts, before, store.files()), values)
    accept(facts.event, before.recorded, facts.decisions, new, facts.rivals)
    after = computation.outcome(facts._replace(decisions=(*facts.decisions, new)))
    if why := unsettled(facts.event, before, after, new):
        raise DecisionError(f"{why}; nothing was stored")
    named = {**passage_names(facts.event, [new], before.passages, before.recorded), **file_names(store)}
    sentence = describe(new, named, facts.event)
    return Weighed(facts, new, sentence, foresee(facts.event, before, after, new))


def _confirmed(weighed: Weighed, options: DecisionOptions) -> str:
    """Show a decision and ask whether it is meant; return why it is not to be stored, "" when it is."""
    if not options.as_json:
        console().print(weighed.sentence, markup=False)
        _show(weighed.facts.event, weighed.foreseen)
    return _unconfirmed(options)


def signing_device(store: Store, who: str) -> Device | None:
    """Return this computer as one that signs, which its own store trusts; None where it has no key and gets none."""
    try:
        device = this_device()
    except SecretError as error:
        click.echo(f"not signed: {error}", err=True)
        return None
    if all(known.key != device.key for known in store.devices()):
        store.trust(device.key, socket.gethostname(), who, time.time_ns())
    return device


def _unconfirmed(options: DecisionOptions) -> str:
    """Ask whether a decision is meant; return why it is not to be stored, "" when it is."""
    if options.yes:
        return ""
    if not sys.stdin.isatty():
        return "nothing was stored: expected a terminal to confirm this at, or --yes with it"
    is_meant = click.confirm("Store this decision?", err=options.as_json)
    return "" if is_meant else "not confirmed; nothing was stored"


def _made(
    kind: str, options: DecisionOptions, situation: Situation, values: Callable[[Situation], dict[str, Any]]
) -> Decision:
    """Return the amendment; it is decided after all others, also by a clock that was set back."""
    last_ns = max((decision.at_ns for decision in situation.facts.decisions), default=0)
    given = values(situation)
    received_ns = None
    if options.received is not None:
        received_ns = situation.received(options.received, given.get("control"))
    of_register = {"received_at_ns": received_ns, "reason": options.reason, "outcome": options.outcome}
    try:
        return made(kind, options.who, options.why, max(time.time_ns(), last_ns + 1), **given, **of_register)
    except ValueError as error:
        raise DecisionError(str(error)) from error


def content(decision: Decision) -> dict[str, Any]:
    """Return what a decision says as values that JSON can hold; first those in PRINTED, in that order."""
    values = {"kind": decision.kind, "why": decision.why, "who": decision.who, "at_ns": decision.at_ns}
    values |= {"id": decision.id, **values_of(decision)}
    if decision.amount is not None:
        values["amount"] = f"{decision.amount:f}"
    return {name: values[name] for name in dict.fromkeys((*PRINTED, *values)) if name in values}


def _show(event: Event, foreseen: Foreseen) -> None:
    for line in foreseen.met:
        say(line)
    show_effect(foreseen.effect)
    for what, findings in (("more", foreseen.added), ("less", foreseen.settled)):
        for finding in findings[:SHOWN]:
            say(f"A finding {what}: {sentence(finding, event)}")
        _more(len(findings))


def show_effect(effect: Effect) -> None:
    """Show which scores and which places are others."""
    out = console()
    if effect.rescored:
        table = Table(title="Scores that change", title_justify="left")
        for title in ("control", "No.", "before", "after", "how it follows"):
            table.add_column(title, justify="right" if title in ("No.", "before", "after") else "left")
        for score in effect.rescored[:SHOWN]:
            cells = [plain(p) if p is not None else s for p, s in zip(score.penalty, score.status, strict=True)]
            table.add_row(score.control, str(score.start_number), *cells, score.reason)
        out.print(table)
        _more(len(effect.rescored))
    if kept := ", ".join(_kept(effect)):
        out.print(f"Fixed penalties stay: {kept}.")
    if effect.moved:
        out.print(_moves(effect))
        _more(len(effect.moved))
    else:
        out.print("No ranking changes.")


def _moves(effect: Effect) -> Table:
    table = Table(title="Rankings that change", title_justify="left")
    for title in ("race", "leg", "No.", "crew", "place", "total", ""):
        table.add_column(title, justify="right" if title in ("No.", "place", "total") else "left")
    for line in effect.moved[:SHOWN]:
        place = _before_and_after(*(str(position or "\u2013") for position in line.position))
        total = _before_and_after(*(f"{total:f}" for total in line.total))
        table.add_row(
            line.race,
            line.leg or "all",
            str(line.start_number),
            line.crew,
            place,
            total,
            _before_and_after(*line.status),
        )
    return table


def _kept(effect: Effect) -> Iterator[str]:
    """Yield what a cancelled control still costs: "crew 12 100 at PC1"."""
    for rescored in effect.rescored:
        if rescored.status[1] == CANCELLED and rescored.penalty[1] is not None:
            yield f"crew {rescored.start_number} {plain(abs(rescored.penalty[1]))} at {rescored.control}"


def _more(count: int) -> None:
    if count > SHOWN:
        click.echo(f"and {count - SHOWN} more")


def _before_and_after(before: str, after: str) -> str:
    return after if before == after else f"{before or '–'} \u2192 {after or '–'}"
