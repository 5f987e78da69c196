"""centesimo publish: post the rankings as numbered versions, as pages, CSV and JSON."""

import time
from pathlib import Path

import click

from centesimo.commands.folder import event_option, facts_of, open_store
from centesimo.compute import compute
from centesimo.publish import OFFICIAL, PROVISIONAL, post, write
from centesimo.render import name


@click.command()
@event_option
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/results.")
@click.option("--official", is_flag=True, help="Post as official; the protest time is over.")
@click.option("--approved-by", default="", help="Who approved; needed for an official ranking.")
def publish(folder: Path, out: Path | None, official: bool, approved_by: str) -> None:
    """Post the rankings: a page for each race and leg, with CSV and JSON beside it, and an index.

    A ranking that has not changed keeps its version and its posting time.
    """
    if official and not approved_by:
        raise click.UsageError("expected --approved-by NAME with --official")
    out = out or folder / "results"
    with open_store(folder) as store:
        facts = facts_of(folder, store)
        outcome = compute(facts)
        status = OFFICIAL if official else PROVISIONAL
        posted = post(store, facts.event, outcome, status, approved_by, time.time_ns())
    write(out, facts.event, posted)
    for one in posted:
        publication = one.publication
        click.echo(f"{name(one.ranking)}: {publication.status}, version {publication.version}")
    click.echo(f"written to {out / 'index.html'}")
