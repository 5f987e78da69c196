"""centesimo score: what each control gave each crew, and what a person should look at."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from centesimo.commands.folder import console, event_option, expect, facts_of, json_option, print_json, read_store
from centesimo.compute import compute
from centesimo.model.facts import Score
from centesimo.model.findings import Finding, whole
from centesimo.publish.published import score_content
from centesimo.publish.render import NOTHING, as_findings, deviation, typeset
from centesimo.sanity import judged


@click.command()
@event_option
@json_option
@click.option("--control", help="Only this control, and what was found there.")
@click.option("--start-number", type=int, help="Only this crew, and what was found about it.")
def score(folder: Path, as_json: bool, control: str | None, start_number: int | None) -> None:
    """Show every penalty with its reason, and the findings."""
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    expect("control", control, [one.id for one in facts.event.controls])
    expect("start number", start_number, [one.start_number for one in facts.event.entries])
    outcome = judged(facts.event, compute(facts))
    scores = [
        one for one in outcome.scores if control in (None, one.control) and start_number in (None, one.start_number)
    ]
    places = {place for one in facts.event.controls if one.id == control for place in (one.id, one.opens, one.closes)}
    findings = [
        one
        for one in outcome.findings
        if (control is None or one.where in places) and start_number in (None, one.start_number)
    ]
    if as_json:
        scored = [{"race": one.race, "start_number": one.start_number, **score_content(one)} for one in scores]
        print_json({"scores": scored, "findings": [whole(finding) for finding in findings]})
        return
    out = console()
    out.print(_table(scores))
    _show_findings(out, findings)


def _show_findings(out: Console, findings: Sequence[Finding]) -> None:
    out.print(as_findings(findings) if findings else "No findings.")


def _table(scores: Sequence[Score]) -> Table:
    table = Table(title="Scores", title_justify="left")
    for title in ("race", "control", "No.", "deviation", "penalty", "how it follows", "doubts"):
        table.add_column(title, justify="right" if title in ("No.", "deviation", "penalty") else "left")
    for one in scores:
        found = score_content(one)
        table.add_row(
            one.race,
            one.control,
            str(one.start_number),
            deviation(found) or NOTHING,
            typeset(found["penalty"]) if found["penalty"] else one.status,
            one.reason,
            "; ".join(one.doubts),
        )
    return table
