"""centesimo publish: post the rankings as numbered versions, as pages, CSV and JSON."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from centesimo.check.lists import list_texts
from centesimo.commands.compare import show
from centesimo.commands.console import json_option, print_json, say
from centesimo.commands.event_folder import (
    choice_options,
    chosen,
    driven,
    event_option,
    expect,
    open_store,
)
from centesimo.compute import Facts, Outcome, compute
from centesimo.gather import facts_of
from centesimo.model.errors import StoreError
from centesimo.model.facts import Ranking
from centesimo.model.findings import FindingKind
from centesimo.publish import OFFICIAL, PROVISIONAL, Approval, Posted
from centesimo.publish import publish as post
from centesimo.publish.crew_changes import sentence
from centesimo.publish.further import further_of
from centesimo.publish.render import local, name
from centesimo.publish.unsettled import Unsettled, find_unsettled
from centesimo.questions import questions
from centesimo.sanity import judged
from centesimo.store import Store
from centesimo.words.findings import sentence as words_of


@click.command()
@event_option
@json_option
@choice_options
@click.option("--up-to", help="The last control that counts.")
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/results.")
@click.option("--official", is_flag=True, help="Post as official; the protest time is over.")
@click.option("--approved-by", default="", help="Who approved; needed for an official ranking.")
@click.option("--yes", is_flag=True, help="Do not ask: accept other rules, other entries, and what is open.")
def publish(
    folder: Path,
    as_json: bool,
    races: tuple[str, ...],
    legs: tuple[str, ...],
    overall: bool,
    up_to: str | None,
    out: Path | None,
    official: bool,
    approved_by: str,
    yes: bool,
) -> None:
    """Post the rankings: a page for each race and leg and for each further ranking, with CSV and JSON, and an index.

    A ranking that has not changed keeps its version and its posting time. Where the rule book is another than that of
    the version before, what this changes is shown crew by crew, and nothing is posted until it is accepted. So it is
    with what is still open of a ranking that becomes official, and with whatever changes one that is official already.
    A leg without a passage, and the ranking over all legs before a second one is driven, are left out unless --leg or
    --overall asks for them or they were posted before.
    """
    unsettled: dict[str, Unsettled] = {}

    def accept(drafts: Sequence[Posted]) -> None:
        _accept([draft for draft in drafts if draft.has_other_rules], yes, as_json)
        _accept_crews([draft for draft in drafts if draft.crew_changes], yes, as_json)
        _accept_unofficial([draft for draft in drafts if draft.was_official and not official], yes, as_json)
        new_names = [draft.name for draft in drafts if draft.is_new]
        _accept_open([unsettled[name] for name in new_names if name in unsettled], yes, as_json)

    approval = _approval(official, approved_by.strip())
    out = out or folder / "results"
    with open_store(folder) as store:
        facts = facts_of(folder, store)
        expect("control", up_to, [control.id for control in facts.event.controls])
        outcome = judged(facts.event, compute(facts, up_to))
        rankings = chosen(facts.event, outcome.rankings, races, legs, overall)
        left_out = [] if legs or overall else _not_driven(rankings, outcome, store)
        rankings = [ranking for ranking in rankings if ranking not in left_out] or rankings
        if official:
            unsettled.update(_unsettled(facts, outcome, rankings))
        posted = post(store, facts.event, list_texts(folder), outcome, rankings, approval, out, accept)
    index = out / "index.html"
    if as_json:
        summaries = [_summary(posting, unsettled.get(posting.name)) for posting in posted]
        print_json({"index": str(index), "posted": summaries, "left_out": [_name(ranking) for ranking in left_out]})
        return
    for posting in posted:
        say(_line(posting))
    for finding in outcome.findings:
        if finding.kind == FindingKind.RIVAL:
            say(f"  {words_of(finding, facts.event)}")
    if left_out:
        names = ", ".join(map(_name, left_out))
        say(f"left out, as nothing was timed there yet: {names} (--leg or --overall posts them all the same)")
    say(f"written to {index}")


def _approval(official: bool, approved_by: str) -> Approval:
    if official and not approved_by:
        raise click.UsageError("expected --approved-by NAME with --official")
    if approved_by and not official:
        raise click.UsageError("expected --official with --approved-by: a provisional ranking is approved by nobody")
    return Approval(OFFICIAL if official else PROVISIONAL, approved_by, time.time_ns())


def _not_driven(rankings: Sequence[Ranking], outcome: Outcome, store: Store) -> list[Ranking]:
    """Return the rankings that have nothing to show yet and were never posted; none where all are so."""
    posted = {(version.race, version.leg) for version in store.publications()}
    shown = driven(rankings, outcome.begun)
    unposted = [
        ranking
        for ranking in rankings
        if ranking not in shown and (ranking.race.id, ranking.leg.id if ranking.leg else None) not in posted
    ]
    return unposted if len(unposted) < len(rankings) else []


def _name(ranking: Ranking) -> str:
    return name(ranking.race.id, ranking.leg.id if ranking.leg else None)


def _accept(drafts: Sequence[Posted], yes: bool, as_json: bool) -> None:
    """Show what a changed rule book changes, and ask; StoreError when it is not accepted."""
    if not drafts or (yes and as_json):
        return
    if not as_json:
        for draft in drafts:
            say(f"{draft.name}: the rule book is not that of version {draft.stored.version - 1}")
            if draft.changes:
                show(draft.changes)
    if not yes:
        names = ", ".join(draft.name for draft in drafts)
        _ask("Post these rankings by the changed rule book?", f"the rule book has changed since {names}", as_json)


def _accept_crews(drafts: Sequence[Posted], yes: bool, as_json: bool) -> None:
    """Show what the event says of crews otherwise than when it was posted, and ask; StoreError when not accepted."""
    if not drafts or (yes and as_json):
        return
    changed = dict.fromkeys(change for draft in drafts for change in draft.crew_changes)
    names = ", ".join(draft.name for draft in drafts)
    if not as_json:
        say(f"{names}: since the version before")
        for change in changed:
            say(f"  {sentence(change)}")
    if not yes:
        crews = len({change.start_number for change in changed})
        what = f"the event says something else of {crews} crew{'s' * (crews != 1)} since {names} was posted"
        _ask("Post these rankings with that?", what, as_json)


def _accept_unofficial(drafts: Sequence[Posted], yes: bool, as_json: bool) -> None:
    """Show what would change of rankings that are official, and ask; StoreError when it is not accepted."""
    if not drafts or (yes and as_json):
        return
    if not as_json:
        for draft in drafts:
            say(f"{draft.name}: official as version {draft.stored.version - 1}; now")
            if draft.changes:
                show(draft.changes)
    if not yes:
        names = ", ".join(draft.name for draft in drafts)
        what = f"{names} is official and would become provisional (choose the others by --leg to leave it as it is)"
        _ask("Make these rankings provisional again?", what, as_json)


def _unsettled(facts: Facts, outcome: Outcome, rankings: Sequence[Ranking]) -> dict[str, Unsettled]:
    """Return what is still open of each ranking, by its name; rankings with nothing open have no entry."""
    asked = questions(facts, outcome)
    of_rankings = (find_unsettled(facts.event, ranking, asked) for ranking in rankings)
    return {unsettled.name: unsettled for unsettled in of_rankings if unsettled is not None}


def _accept_open(unsettled: Sequence[Unsettled], yes: bool, as_json: bool) -> None:
    """Show what is open of rankings that become official, and ask; StoreError when it is not accepted."""
    if not unsettled or (yes and as_json):
        return
    if not as_json:
        say("\n".join(map(str, unsettled)))
        say("centesimo questions lists what is open.")
    if not yes:
        _ask("Post as official with this open?", " | ".join(map(str, unsettled)), as_json)


def _ask(question: str, what: str, as_json: bool) -> None:
    """Ask at the terminal; StoreError when there is none, or it is not accepted."""
    if as_json or not sys.stdin.isatty():
        raise StoreError(f"{what}: expected --yes, or a terminal to accept it at; nothing was posted")
    if not click.confirm(question):
        raise StoreError("not accepted; nothing was posted")


def _line(posted: Posted) -> str:
    stored = posted.stored
    open_crews = sum(line["position"] is None for line in posted.content["lines"])
    since = "" if posted.is_new else f", not changed since {local(stored.posted_at_ns, posted.content['timezone'])}"
    places = f"; {open_crews} without a place" if open_crews else ""
    further = len(further_of(posted.content))
    more = f"; with {further} further ranking{'s' * (further > 1)}" if further else ""
    return f"{posted.name}: {stored.status}, version {stored.version}{since}{places}{more}"


def _summary(posted: Posted, unsettled: Unsettled | None) -> dict[str, object]:
    stored = posted.stored
    return {
        "name": posted.name,
        "race": stored.race,
        "leg": stored.leg,
        "is_new": posted.is_new,
        **posted.imprint._asdict(),
        "changes": posted.changes.as_json() if posted.changes else None,
        "crew_changes": [sentence(change) for change in posted.crew_changes],
        "unsettled": unsettled.as_json() if unsettled else None,
    }
