"""centesimo score: what each control gave each crew, and what a person should look at."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from centesimo.commands.folder import console, event_option, facts_of, json_option, open_store
from centesimo.compute import compute
from centesimo.facts import Finding, Score
from centesimo.render import as_findings, deviation, score_content, shown


@click.command()
@event_option
@json_option
@click.option("--control", help="Only this control.")
@click.option("--start-number", type=int, help="Only this crew.")
def score(folder: Path, as_json: bool, control: str | None, start_number: int | None) -> None:
    """Show every penalty with its reason, and the findings."""
    with open_store(folder) as store:
        outcome = compute(facts_of(folder, store))
    scores = [
        one
        for one in outcome.scores
        if (control is None or one.control == control) and (start_number is None or one.start_number == start_number)
    ]
    if as_json:
        found = [finding._asdict() for finding in outcome.findings]
        scored = [{"race": one.race, "start_number": one.start_number, **score_content(one)} for one in scores]
        click.echo(json.dumps({"scores": scored, "findings": found}, ensure_ascii=False, indent=1))
        return
    out = console()
    out.print(_table(scores))
    show_findings(out, outcome.findings)


def show_findings(out: Console, findings: tuple[Finding, ...]) -> None:
    """Print the findings as a table, or that there are none."""
    out.print(as_findings(findings) if findings else "No findings.")


def _table(scores: list[Score]) -> Table:
    table = Table(title="Scores", title_justify="left")
    for title in ("race", "control", "No.", "deviation", "penalty", "how it follows", "doubts"):
        table.add_column(title, justify="right" if title in ("No.", "deviation", "penalty") else "left")
    for one in scores:
        table.add_row(
            one.race,
            one.control,
            str(one.start_number),
            deviation(one),
            shown(one.penalty) if one.penalty is not None else one.status,
            one.reason,
            "; ".join(one.doubts),
        )
    return table
