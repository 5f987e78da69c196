"""centesimo compare: who moved, and why, between two published versions of a ranking."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from centesimo.commands.console import console, json_option, print_json, say
from centesimo.commands.event_folder import choice_options, event_option, is_chosen, present_store
from centesimo.model.errors import TimingError
from centesimo.publish import read_content
from centesimo.publish.compare import Comparison, Team, from_to
from centesimo.publish.compare import compare as compared
from centesimo.publish.further import changes_of, further_of
from centesimo.publish.published import Content, FurtherContent
from centesimo.publish.render import local, name, title
from centesimo.store import Publication, Store


@click.command()
@event_option
@json_option
@choice_options
@click.argument("v1", type=int)
@click.argument("v2", type=int)
def compare(
    folder: Path, as_json: bool, races: tuple[str, ...], legs: tuple[str, ...], overall: bool, v1: int, v2: int
) -> None:
    """Show who moved, and why, from version V1 to version V2 of a published ranking.

    Race and leg may be left out where only one ranking was published.
    """
    with present_store(folder) as store:
        versions = versions_of(store, races, legs, overall)
    before, after = version_of(versions, v1), version_of(versions, v2)
    earlier, later = read_content(before), read_content(after)
    comparison = compared(earlier, later)
    if as_json:
        heads = {"race": after.race, "leg": after.leg, "versions": [_head(before), _head(after)]}
        print_json({**heads, **comparison.as_json(), "further": _further_content(earlier, later)})
        return
    for publication in (before, after):
        posted = local(publication.posted_at_ns, later["timezone"])
        say(f"{title(later)}: version {publication.version}, {publication.status}, posted {posted}")
    show(comparison)
    for further in further_of(later):
        show_further(further, changes_of(earlier, later, further))


def versions_of(store: Store, races: Sequence[str], legs: Sequence[str], overall: bool) -> list[Publication]:
    """Return all versions of the one ranking that was chosen; TimingError when it is none or several."""
    posted = {
        (publication.race, publication.leg): name(publication.race, publication.leg)
        for publication in store.publications()
        if is_chosen(publication.race, publication.leg, races, legs, overall)
    }
    if len(posted) == 1:
        return store.publications(*posted.popitem()[0])
    if not posted:
        raise TimingError("expected a ranking that was published, found none such: centesimo publish posts them")
    names = ", ".join(posted.values())
    raise TimingError(f"expected one ranking, got {names}: choose by --race, --leg, --overall")


def version_of(versions: list[Publication], wanted: int) -> Publication:
    """Return a version by its number; TimingError when it was not posted."""
    for publication in versions:
        if publication.version == wanted:
            return publication
    first = versions[0]
    last = versions[-1].version
    raise TimingError(f"expected a version of {name(first.race, first.leg)} from 1 to {last}, got {wanted}")


def _head(publication: Publication) -> dict[str, object]:
    return {"version": publication.version, "status": publication.status, "posted_at_ns": publication.posted_at_ns}


def _further_content(before: Content, after: Content) -> list[dict[str, object]]:
    """Return what changed in each further ranking that both versions have."""
    changed_rankings: list[dict[str, object]] = []
    for further in further_of(after):
        changes = changes_of(before, after, further)
        if isinstance(changes, Comparison):
            changed_rankings.append({"id": further["id"], "name": further["name"], "crews": changes.as_json()["crews"]})
        elif changes is not None:
            teams = [team._asdict() for team in changes]
            changed_rankings.append({"id": further["id"], "name": further["name"], "teams": teams})
    return changed_rankings


def show(comparison: Comparison) -> None:
    """Print what changed, crew by crew."""
    for sentence in comparison.whole:
        say(sentence)
    if not comparison.crews:
        click.echo("No number and no place has changed.")
        return
    console().print(_crews(comparison))


def _crews(comparison: Comparison) -> Table:
    table = _table("No.", "crew", "position", "total", "why")
    for crew in comparison.crews:
        why = "\n".join(crew.why())
        table.add_row(str(crew.start_number), crew.crew, from_to(crew.position), from_to(crew.total), why)
    return table


def show_further(further: FurtherContent, changes: Comparison | tuple[Team, ...] | None) -> None:
    """Print what changed in a further ranking; nothing where nothing did."""
    if isinstance(changes, Comparison) and changes.crews:
        table = _crews(changes)
    elif changes and not isinstance(changes, Comparison):
        table = _table(further["by"], "position", "total", "why")
        for team in changes:
            table.add_row(team.name, from_to(team.position), from_to(team.total), "\n".join(team.why))
    else:
        return
    table.title, table.title_justify = further["name"], "left"
    console().print(table)


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading == "No." else "left", overflow="fold")
    return table
