"""centesimo score: what each control gave each crew, and what a person should look at."""

from collections.abc import Sequence, Set
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from centesimo.commands.console import console, json_option, print_json
from centesimo.commands.event_folder import event_option, expect, read_store
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.model.event import Event
from centesimo.model.facts import Score
from centesimo.model.findings import Finding
from centesimo.publish.published import score_content
from centesimo.publish.render import NOTHING, as_findings, deviation, typeset
from centesimo.sanity import judged
from centesimo.words.findings import whole


@click.command()
@event_option
@json_option
@click.option("--control", help="Only this control, and what was found there.")
@click.option("--start-number", type=int, help="Only this crew, and what was found about it.")
def score(folder: Path, as_json: bool, control: str | None, start_number: int | None) -> None:
    """Show every penalty with its reason, and the findings."""
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    expect("control", control, [driven.id for driven in facts.event.controls])
    expect("start number", start_number, [entry.start_number for entry in facts.event.entries])
    outcome = judged(facts.event, compute(facts))
    scores = [
        result
        for result in outcome.scores
        if control in (None, result.control) and start_number in (None, result.start_number)
    ]
    chosen = [driven for driven in facts.event.controls if driven.id == control]
    places = {place for driven in chosen for place in (driven.id, driven.opens, driven.closes)}
    passages = {passage.id for result in scores for passage in result.passages}
    findings = [
        finding
        for finding in outcome.findings
        if (control is None or finding.where in places)
        and (start_number in (None, finding.start_number) or not passages.isdisjoint(finding.passages))
    ]
    if as_json:
        scored = [
            {"race": result.race, "start_number": result.start_number, **score_content(result)} for result in scores
        ]
        print_json({"scores": scored, "findings": [whole(finding, facts.event) for finding in findings]})
        return
    out = console()
    wins = {ranking.race.id: ranking.highest_wins for ranking in outcome.rankings}
    out.print(_table(scores, {wins[result.race] for result in scores}))
    _show_findings(out, findings, facts.event)


def _show_findings(out: Console, findings: Sequence[Finding], event: Event) -> None:
    out.print(as_findings(findings, event) if findings else "No findings.")


def _table(scores: Sequence[Score], wins: Set[bool]) -> Table:
    """Return the scores as a table; `wins`: whether the highest total wins in their races."""
    cost = " or ".join(word for word, highest in (("penalty", False), ("points", True)) if highest in wins)
    table = Table(title="Scores", title_justify="left")
    for title in ("race", "control", "No.", "deviation", cost, "how it follows", "doubts"):
        table.add_column(title, justify="right" if title in ("No.", "deviation", cost) else "left")
    for result in scores:
        score_cells = score_content(result)
        table.add_row(
            result.race,
            result.control,
            str(result.start_number),
            deviation(score_cells) or NOTHING,
            typeset(score_cells["penalty"]) if score_cells["penalty"] else result.status,
            result.reason,
            "; ".join(result.doubts),
        )
    return table
