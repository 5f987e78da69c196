"""centesimo questions: what is open, most valuable first, with the suggested answer as a ready command."""

from collections.abc import Sequence
from pathlib import Path

import click

from centesimo.commands.console import json_option, print_json, say
from centesimo.commands.event_folder import event_option, for_this_event, read_store
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.questions import Question, yet_to_come
from centesimo.questions import questions as asked
from centesimo.reading.hidden_characters import visible
from centesimo.sanity import judged

SHOWN = 25
NAMED = 12  # crews that are named; more are counted
NO_PASSAGES = "There are no passages yet: centesimo collect takes them from boards, centesimo load from files."


@click.command()
@event_option
@json_option
@click.option("--all", "every", is_flag=True, help=f"Show all; by default the first {SHOWN}.")
@click.option("--ended", is_flag=True, help="Nobody comes any more: ask also for the last crews.")
@click.option("--threshold", type=click.FloatRange(0.5, 1), help="Ask also what is less sure than this, such as 0.999.")
def questions(folder: Path, as_json: bool, every: bool, ended: bool, threshold: float | None) -> None:
    """List what is open: how many scores and crews hang on it, and the decision that would most likely settle it."""
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    outcome = judged(facts.event, compute(facts, threshold=threshold))
    open_questions, usual = asked(facts, outcome, ended), facts.event.threshold
    if as_json:
        print_json([question.as_json() for question in open_questions])
        return
    if threshold is not None and threshold > usual:
        say(f"Asked as if a passage had to be {threshold:.10g} sure; scores count it from {usual:.10g} on.")
    if not open_questions:
        click.echo("No questions." if outcome.passages else NO_PASSAGES)
    for place, question in enumerate(open_questions if every else open_questions[:SHOWN], 1):
        crews = f", {question.placed} crew{'s' * (question.placed != 1)} placed by it" if question.placed else ""
        say(f"{place:>3}. {visible(question.text)}")
        click.echo(f"     {waiting(question)}{crews}")
        say(f"     {visible(for_this_event(question.command))}")
        for more in question.further:
            say(f"     and {visible(for_this_event(more))}")
        if question.otherwise:
            say(f"     or {visible(for_this_event(question.otherwise))}")
    if not every and len(open_questions) > SHOWN:
        click.echo(f"and {len(open_questions) - SHOWN} more: --all shows them")
    if outcome.passages and not ended and (awaited := yet_to_come(facts, outcome)):
        click.echo(f"{_named(awaited)} may yet come where the field has not passed; --ended asks for them too.")


def waiting(question: Question) -> str:
    """Return what hangs on a question."""
    if question.open_scores:
        return (
            "1 open score waits for it"
            if question.open_scores == 1
            else f"{question.open_scores} open scores wait for it"
        )
    hanging = f"{question.hanging} scores are only as right as it" if question.hanging else "no score waits for it"
    return f"about the point itself: {hanging}"


def _named(numbers: Sequence[int]) -> str:
    """Return crews by their start numbers, many by their count."""
    if len(numbers) > NAMED:
        return f"{len(numbers)} crews"
    return f"Crew{'s' * (len(numbers) != 1)} {', '.join(map(str, numbers))}"
