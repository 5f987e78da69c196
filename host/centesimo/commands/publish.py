"""centesimo publish: post the rankings as numbered versions, as pages, CSV and JSON."""

import time
from pathlib import Path

import click

from centesimo.check.lists import list_texts
from centesimo.commands.folder import (
    choice_options,
    chosen,
    event_option,
    expect,
    facts_of,
    json_option,
    open_store,
    print_json,
    say,
)
from centesimo.compute import compute
from centesimo.publish import OFFICIAL, PROVISIONAL, Approval, Posted
from centesimo.publish import publish as post
from centesimo.publish.render import local


@click.command()
@event_option
@json_option
@choice_options
@click.option("--up-to", help="The last control that counts.")
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/results.")
@click.option("--official", is_flag=True, help="Post as official; the protest time is over.")
@click.option("--approved-by", default="", help="Who approved; needed for an official ranking.")
def publish(
    folder: Path,
    as_json: bool,
    race: str | None,
    leg: str | None,
    overall: bool,
    up_to: str | None,
    out: Path | None,
    official: bool,
    approved_by: str,
) -> None:
    """Post the rankings: a page for each race and leg, with CSV and JSON beside it, and an index.

    A ranking that has not changed keeps its version and its posting time.
    """
    approval = _approval(official, approved_by.strip())
    out = out or folder / "results"
    with open_store(folder) as store:
        facts = facts_of(folder, store)
        expect("control", up_to, [one.id for one in facts.event.controls])
        outcome = compute(facts, up_to)
        rankings = chosen(facts.event, outcome.rankings, race, leg, overall)
        posted = post(store, facts.event, list_texts(folder), outcome, rankings, approval, out)
    index = out / "index.html"
    if as_json:
        print_json({"index": str(index), "posted": [_summary(one) for one in posted]})
        return
    for one in posted:
        say(_line(one))
    say(f"written to {index}")


def _approval(official: bool, approved_by: str) -> Approval:
    if official and not approved_by:
        raise click.UsageError("expected --approved-by NAME with --official")
    if approved_by and not official:
        raise click.UsageError("expected --official with --approved-by: a provisional ranking is approved by nobody")
    return Approval(OFFICIAL if official else PROVISIONAL, approved_by, time.time_ns())


def _line(posted: Posted) -> str:
    stored = posted.stored
    open_crews = sum(line["position"] is None for line in posted.content["lines"])
    since = "" if posted.is_new else f", not changed since {local(stored.posted_at_ns, posted.content['timezone'])}"
    places = f"; {open_crews} without a place" if open_crews else ""
    return f"{posted.name}: {stored.status}, version {stored.version}{since}{places}"


def _summary(posted: Posted) -> dict[str, object]:
    stored = posted.stored
    return {
        "name": posted.name,
        "race": stored.race,
        "leg": stored.leg,
        "is_new": posted.is_new,
        **posted.publication._asdict(),
        "changes": posted.changes.as_json() if posted.changes else None,
    }
