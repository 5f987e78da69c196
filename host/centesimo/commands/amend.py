"""centesimo amend: what an official decides, one verb a kind; its effect is shown before it is stored."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from centesimo.amend.passage_names import passage_names
from centesimo.amend.references import find_decision
from centesimo.amend.scores import AVERAGES
from centesimo.commands.console import json_option, print_json, print_rows, say
from centesimo.commands.event_folder import event_option, file_names, open_store, read_store
from centesimo.commands.proposals import find_proposal, show_proposals
from centesimo.commands.take_decision import DecisionOptions, Situation, Verb, content, number, take_decision
from centesimo.commands.take_decision import start_number as a_start_number
from centesimo.compute import Outcome, compute
from centesimo.crosscheck.decisions import held
from centesimo.gather import facts_of
from centesimo.model.decisions import Decision, Period, Withdraw
from centesimo.model.errors import DecisionError
from centesimo.publish.register import OUTCOMES, REASONS
from centesimo.reading.hidden_characters import WITHOUT, has_hidden
from centesimo.reading.localtime import NS_PER_S
from centesimo.reading.numbers import uncertainty_ns
from centesimo.reading.toml_tables import as_toml
from centesimo.words.about_decisions import signed_by
from centesimo.words.decisions import describe
from centesimo.words.instants import dated_at

WHOLE = ("id", "when")  # columns that are never broken: an id is typed to withdraw


@click.group()
def amend() -> None:
    """Decide: each kind of decision is a verb; it is stored with who, when and why, and can be withdrawn.

    A PASSAGE is named by its id, or by timing point and local time: A1@10:05:58.60. TIME is local time, with its date
    (2027-05-23T10:05:58) where the event has several legs or midnight is near.
    """


def verb(name: str, *parameters: Callable[..., Any]) -> Callable[[Callable[..., dict[str, Any]]], click.Command]:
    """Make a kind of amendment of a function that gives its values from the situation and what was typed."""

    def command(values: Callable[..., dict[str, Any]]) -> click.Command:
        def run(folder: Path, options: DecisionOptions, **typed: Any) -> None:
            take_decision(folder, name, options, lambda situation: values(situation, **typed))

        run.__doc__ = values.__doc__
        wrapped: Callable[..., Any] = _decision_options(run)
        for parameter in reversed(parameters):
            wrapped = parameter(wrapped)
        return amend.command(name, cls=Verb)(wrapped)

    return command


def _decision_options(run: Callable[..., None]) -> Callable[..., Any]:
    """Give a verb the options that every decision has."""

    def with_options(folder: Path, **typed: Any) -> None:
        for name, text in typed.items():
            if isinstance(text, str) and has_hidden(text):
                raise click.UsageError(f"expected {name} {WITHOUT}, got {as_toml(text)}")
        given = {field: typed.pop(field) for field in DecisionOptions._fields}
        run(folder, DecisionOptions(**given), **typed)

    with_options.__doc__ = run.__doc__
    options = (
        event_option,
        click.option("--who", required=True, help="Who decides."),
        click.option("--why", required=True, help="Why, as it will be shown."),
        click.option("--yes", is_flag=True, help="Do not ask; for scripts."),
        json_option,
        click.option("--received", help="For the register: when the request came, local time."),
        click.option("--reason", type=click.Choice(REASONS), help="For the register: why it was made."),
        click.option("--outcome", type=click.Choice(OUTCOMES), help="For the register: what the check gave."),
    )
    command: Callable[..., Any] = with_options
    for option in reversed(options):
        command = option(command)
    return command


PASSAGE = click.argument("passage")
NUMBER = click.argument("start_number", type=a_start_number)
CONTROL = click.argument("control")
CONTROL_IF = click.argument("control", required=False)
POINTS = click.option("--points", type=str, help="What it costs, 0 or more.")
ARTICLE = click.option("--article", default="", help="By which article.")
RACE = click.option("--race", help="Only this race.")


@verb("attribute", PASSAGE, NUMBER)
def attribute(situation: Situation, passage: str, start_number: int) -> dict[str, Any]:
    """Say that PASSAGE is START_NUMBER's."""
    return {"passage": situation.passage(passage), "start_number": start_number}


@verb("swap", PASSAGE, click.argument("other"))
def swap(situation: Situation, passage: str, other: str) -> dict[str, Any]:
    """Give PASSAGE to the crew of OTHER and the other way round."""
    first, second = situation.passage(passage), situation.passage(other)
    number_by_id = situation.number_by_id()
    for identity, written in ((first, passage), (second, other)):
        if identity not in number_by_id:
            raise DecisionError(f"passage {written} is no crew's: give it to one with attribute")
    return {
        "passage": first,
        "start_number": number_by_id[second],
        "other_passage": second,
        "other_number": number_by_id[first],
    }


@verb("void", PASSAGE)
def void(situation: Situation, passage: str) -> dict[str, Any]:
    """Say that PASSAGE is no car's passage and does not count."""
    identity = situation.passage(passage)
    return {"passage": identity, "start_number": situation.number_by_id().get(identity)}


@verb(
    "insert",
    click.argument("timing_point"),
    click.argument("at", metavar="TIME"),
    click.option("--source", required=True, help='Who or what timed it: "backup watch", "second device".'),
    click.option("--start-number", type=a_start_number, help="Whose it is, if that is known."),
    click.option("--uncertainty-s", type=str, help="The true instant is within so many seconds."),
)
def insert(
    situation: Situation, timing_point: str, at: str, source: str, start_number: int | None, uncertainty_s: str | None
) -> dict[str, Any]:
    """Put in a passage at TIMING_POINT that another device or a hand has timed."""
    if not source.strip():
        raise DecisionError("expected --source to say who or what timed it, got an empty text")
    within_ns = None
    if uncertainty_s is not None:
        within_ns = uncertainty_ns(number(uncertainty_s, "--uncertainty-s", high=60))
    return {
        "timing_point": timing_point,
        "passed_at_ns": situation.instant(at, "TIME", timing_point),
        "source": source,
        "start_number": start_number,
        "uncertainty_ns": within_ns,
    }


BOARD = click.argument("board")
FROM, TO = click.argument("start", metavar="FROM"), click.argument("end", metavar="TO")


@verb("unreliable", BOARD, FROM, TO)
def unreliable(situation: Situation, board: str, start: str, end: str) -> dict[str, Any]:
    """Say that what BOARD stamped between two local times does not count."""
    return {
        "board": situation.board(board),
        "from_ns": situation.instant(start, "FROM"),
        "to_ns": situation.instant(end, "TO"),
    }


@verb("shift", BOARD, FROM, TO, click.argument("seconds"))
def shift(situation: Situation, board: str, start: str, end: str, seconds: str) -> dict[str, Any]:
    """Put what BOARD stamped between two local times later by SECONDS (with a minus: earlier)."""
    shift_ns = int(number(seconds, "SECONDS", low=-86_400, high=86_400) * NS_PER_S)
    return {
        "board": situation.board(board),
        "from_ns": situation.instant(start, "FROM"),
        "to_ns": situation.instant(end, "TO"),
        "shift_ns": shift_ns,
    }


SEQUENCE, DIGEST = click.argument("sequence", type=click.IntRange(0, 2**32 - 1)), click.argument("digest")


@verb("choose", BOARD, SEQUENCE, DIGEST)
def choose(situation: Situation, board: str, sequence: int, digest: str) -> dict[str, Any]:
    """Say that of the versions of record SEQUENCE of BOARD the one named DIGEST counts."""
    return _version(situation, board, sequence, digest)


@verb("choose-journal", BOARD, SEQUENCE, DIGEST)
def choose_journal(situation: Situation, board: str, sequence: int, digest: str) -> dict[str, Any]:
    """Say that of the journals under BOARD's id the one whose record SEQUENCE is named DIGEST counts, as a whole."""
    return _version(situation, board, sequence, digest)


def _version(situation: Situation, board: str, sequence: int, digest: str) -> dict[str, Any]:
    board = situation.board(board)
    rivals = next((every for every in situation.facts.rivals if every.key == (board, sequence)), None)
    named = [version.digest for version in rivals.versions if version.digest.startswith(digest)] if rivals else []
    return {"board": board, "sequence": sequence, "digest": named[0] if len(named) == 1 else digest}


FILE = click.argument("file")
AT_POINT = click.option("--at", "timing_point", help="Only what it brought at this timing point.")


@verb("take-back", FILE, AT_POINT)
def take_back(situation: Situation, file: str, timing_point: str | None) -> dict[str, Any]:
    """Say that what FILE brought does not count: it was the wrong one. FILE is named as it was loaded."""
    return {"file": situation.loaded_file(file), "timing_point": timing_point}


@verb("shift-file", FILE, click.argument("seconds"), AT_POINT)
def shift_file(situation: Situation, file: str, seconds: str, timing_point: str | None) -> dict[str, Any]:
    """Put what FILE brought later by SECONDS (with a minus: earlier). FILE is named as it was loaded."""
    shift_ns = int(number(seconds, "SECONDS", low=-86_400, high=86_400) * NS_PER_S)
    return {"file": situation.loaded_file(file), "timing_point": timing_point, "shift_ns": shift_ns}


@verb(
    "average",
    NUMBER,
    CONTROL,
    click.option(
        "--of", "of", type=click.Choice(AVERAGES), help="Of which of its other trials; by default its series."
    ),
)
def average(situation: Situation, start_number: int, control: str, of: str | None) -> dict[str, Any]:
    """Assign START_NUMBER the average of its other trials at CONTROL."""
    return {"start_number": start_number, "control": control, "average": of}


@verb("cancel", CONTROL, RACE, click.option("--start-number", type=a_start_number, help="Only for this crew."))
def cancel(situation: Situation, control: str, race: str | None, start_number: int | None) -> dict[str, Any]:
    """Cancel CONTROL, for all or for one crew."""
    return {"control": control, "race": race, "start_number": start_number}


@verb("miss", NUMBER, CONTROL, POINTS, ARTICLE)
def miss(situation: Situation, start_number: int, control: str, points: str | None, article: str) -> dict[str, Any]:
    """Say that START_NUMBER did not drive CONTROL."""
    return {
        "start_number": start_number,
        "control": control,
        "amount": None if points is None else number(points, "--points"),
        "article": article,
    }


@verb(
    "penalty",
    NUMBER,
    CONTROL,
    click.argument("points"),
    click.option("--article", help="By which article; of a penalty that the rule book names, the book's."),
)
def penalty(situation: Situation, start_number: int, control: str, points: str, article: str | None) -> dict[str, Any]:
    """Give START_NUMBER a fixed penalty at CONTROL of POINTS, or of what the rule book names so."""
    amount, book_article = situation.fixed(start_number, points)
    if not (article or book_article):
        raise DecisionError("expected --article with a penalty that the rule book does not name, got none")
    return {"start_number": start_number, "control": control, "amount": amount, "article": article or book_article}


@verb("exclude", NUMBER, CONTROL_IF, ARTICLE)
def exclude(situation: Situation, start_number: int, control: str | None, article: str) -> dict[str, Any]:
    """Exclude START_NUMBER, from CONTROL on or from the whole event."""
    return {"start_number": start_number, "control": control, "article": article}


@verb("retire", NUMBER, CONTROL_IF)
def retire(situation: Situation, start_number: int, control: str | None) -> dict[str, Any]:
    """Say that START_NUMBER gave up before CONTROL, or never started."""
    return {"start_number": start_number, "control": control}


@verb("reinstate", NUMBER, CONTROL_IF, POINTS)
def reinstate(situation: Situation, start_number: int, control: str | None, points: str | None) -> dict[str, Any]:
    """Take START_NUMBER back in, from CONTROL on; --points is what a control costs where the rule book excluded it."""
    amount = None if points is None else number(points, "--points")
    return {"start_number": start_number, "control": control, "amount": amount}


@verb("confirm", NUMBER, CONTROL)
def confirm(situation: Situation, start_number: int, control: str) -> dict[str, Any]:
    """Say that the time of START_NUMBER at CONTROL was checked and stands."""
    return {"start_number": start_number, "control": control}


@verb("withdraw", click.argument("decision", metavar="AMENDMENT"))
def withdraw(situation: Situation, decision: str) -> dict[str, Any]:
    """Take back AMENDMENT, named by the begin of its id."""
    return {"withdrawn": find_decision(situation.facts.decisions, decision).id}


@amend.command("accept")
@click.argument("ids", nargs=-1, metavar="[AMENDMENT]...")
@event_option
@click.option("--all", "every", is_flag=True, help="All that came and nobody has accepted.")
@click.option("--who", required=True, help="Who accepts.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
def accept(ids: tuple[str, ...], folder: Path, every: bool, who: str, yes: bool) -> None:
    """Let AMENDMENTs that came from elsewhere count, named by the begin of their ids; their effect is shown first."""
    if bool(ids) == every:
        raise click.UsageError("expected AMENDMENT or --all")
    if has_hidden(who) or not who.strip():
        raise click.UsageError(f"expected --who {WITHOUT}, got {as_toml(who)}")
    with open_store(folder) as store:
        facts = facts_of(folder, store)
        chosen = facts.proposals if every else tuple(find_proposal(facts.proposals, written) for written in ids)
        if not chosen:
            say("No decision waits to be accepted.")
            return
        show_proposals(facts, chosen)
        if not yes and not sys.stdin.isatty():
            raise DecisionError("nothing was accepted: expected a terminal to confirm this at, or --yes with it")
        if not yes and not click.confirm("Let them count?"):
            raise DecisionError("not confirmed; nothing was accepted")
        store.accept([proposal.decision.id for proposal in chosen], who, time.time_ns())
    say(f"{len(chosen)} accepted")


@amend.command("list")
@event_option
@json_option
def show_all(folder: Path, as_json: bool) -> None:
    """List every decision with who, when and why, and whether it stands."""
    with read_store(folder) as store:
        facts, files = facts_of(folder, store), file_names(store)
    outcome = compute(facts)
    rows = [(decision, _state(decision, facts.decisions, outcome)) for decision in facts.decisions]
    rows += [(one.decision, f"a proposal, {signed_by(one)}") for one in facts.proposals]
    if as_json:
        print_json([{**content(decision), "state": state} for decision, state in rows])
        return
    named = {**passage_names(facts.event, [one for one, _ in rows], outcome.passages, outcome.recorded), **files}
    lines = []
    for decision, state in rows:
        when, what = dated_at(facts.event, decision.at_ns), describe(decision, named, facts.event)
        lines.append((decision.id, when, decision.who, what, decision.why, state))
    _print(lines)


def _state(decision: Decision, decisions: Sequence[Decision], outcome: Outcome) -> str:
    """Say whether a decision stands."""
    why_by_id = {refused.id: why for refused, why in outcome.applied.refused}
    if decision.id in why_by_id:
        return f"not used: {why_by_id[decision.id]}"
    for later in decisions:
        action = later.action
        if isinstance(action, Withdraw) and action.withdrawn == decision.id and later.id not in why_by_id:
            return f"withdrawn by {later.id}"
    is_idle = isinstance(decision.action, Period) and not held(decision, outcome.passages, outcome.notes)
    return "stands, changes nothing yet" if is_idle else "stands"


def _print(rows: Sequence[Sequence[str]]) -> None:
    """Print the decisions as a table; where the terminal has no room for it, each as lines of its own."""
    table = Table()
    for title in ("id", "when", "who", "what", "why", "state"):
        table.add_column(title, no_wrap=title in WHOLE)
    for row in rows:
        table.add_row(*row)
    say("Amendments")
    print_rows(table, rows)
