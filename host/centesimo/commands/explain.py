"""centesimo explain: a published number walked back to the edges it came from."""

from pathlib import Path

import click

from centesimo.amend.passage_names import passage_names
from centesimo.commands.console import json_option, print_json, say
from centesimo.commands.event_folder import event_option, file_names, read_store
from centesimo.compute import compute, decisions_of, rulebooks
from centesimo.crosscheck.clocks import keyed_clocks
from centesimo.explain import explain as explained
from centesimo.explain.averaged import Operand, averaged
from centesimo.explain.keyed import keyed_facts
from centesimo.explain.related_findings import findings_about
from centesimo.explain.witnesses import witness_facts
from centesimo.gather import facts_of
from centesimo.model.errors import TimingError
from centesimo.model.facts import Score
from centesimo.reading.hidden_characters import visible
from centesimo.sightings import standing
from centesimo.sightings.cards import evidence


@click.command()
@event_option
@json_option
@click.argument("start_number", type=int)
@click.argument("control")
def explain(folder: Path, as_json: bool, start_number: int, control: str) -> None:
    """Show how START_NUMBER came by its penalty at CONTROL: rule, times, passages, edges, counter values."""
    with read_store(folder) as store:
        facts, files = facts_of(folder, store), file_names(store)
    outcome = compute(facts)
    score = _find(outcome.scores, start_number, control)
    rulebook, decisions = rulebooks(facts.event)[score.race], decisions_of(facts.event, outcome, score)
    operands = [
        Operand(averaged_score, decisions_of(facts.event, outcome, averaged_score))
        for averaged_score in averaged(facts.event, rulebook, score, outcome.scores, outcome.applied.of_scores)
    ]
    driven = next(control for control in facts.event.controls if control.id == score.control)
    findings = findings_about(driven, score, outcome.findings, outcome.passages)
    named = {**passage_names(facts.event, facts.decisions, outcome.passages, outcome.recorded), **files}
    sightings = evidence(facts.event, standing(facts.sightings).sightings)
    clocks = keyed_clocks(outcome.attributions, sightings)
    scores = [score, *(operand.score for operand in operands)]
    beside = keyed_facts(facts.event, scores, sightings, clocks)
    for identity, timed in witness_facts(facts.event, scores, outcome.witnessed).items():
        beside[identity] = (*timed, *beside.get(identity, ()))
    about = (decisions, outcome.rankings, operands, findings, named, beside)
    explanation = explained(facts.event, rulebook, score, outcome.attributions, *about)
    if as_json:
        print_json(explanation.as_json())
    else:
        say("\n".join(map(visible, explanation.lines())))


def _find(scores: tuple[Score, ...], start_number: int, control: str) -> Score:
    own = [score for score in scores if score.start_number == start_number]
    if not own:
        raise TimingError(f"expected a start number of entries.csv, got {start_number}")
    for score in own:
        if score.control == control:
            return score
    controls = ", ".join(score.control for score in own)
    raise TimingError(f"expected a control that {start_number} drives ({controls}), got {control}")
