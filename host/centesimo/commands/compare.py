"""centesimo compare: who moved, and why, between two published versions of a ranking."""

from pathlib import Path

import click
from rich.table import Table

from centesimo.commands.folder import choice_options, console, event_option, json_option, present_store, print_json, say
from centesimo.errors import TimingError
from centesimo.publish import read_content
from centesimo.publish.compare import Comparison, from_to
from centesimo.publish.compare import compare as compared
from centesimo.publish.published import Content
from centesimo.publish.render import local, name, title
from centesimo.store import Publication, Store


@click.command()
@event_option
@json_option
@choice_options
@click.argument("v1", type=int)
@click.argument("v2", type=int)
def compare(folder: Path, as_json: bool, race: str | None, leg: str | None, overall: bool, v1: int, v2: int) -> None:
    """Show who moved, and why, from version V1 to version V2 of a published ranking.

    Race and leg may be left out where only one ranking was published.
    """
    with present_store(folder) as store:
        versions = _versions(store, race, leg, overall)
    before, after = _version(versions, v1), _version(versions, v2)
    earlier, later = read_content(before), read_content(after)
    found = compared(earlier, later)
    if as_json:
        heads = {"race": after.race, "leg": after.leg, "versions": [_head(before), _head(after)]}
        print_json({**heads, **found.as_json()})
    else:
        _show(found, before, after, later)


def _versions(store: Store, race: str | None, leg: str | None, overall: bool) -> list[Publication]:
    """Return all versions of the one ranking that was chosen; TimingError when it is none or several."""
    if leg is not None and overall:
        raise click.UsageError("expected --leg or --overall, got both")
    posted = {
        (one.race, one.leg): name(one.race, one.leg)
        for one in store.publications()
        if race in (None, one.race) and (one.leg is None if overall else leg in (None, one.leg))
    }
    if len(posted) == 1:
        return store.publications(*posted.popitem()[0])
    if not posted:
        raise TimingError("expected a ranking that was published, found none such: centesimo publish posts them")
    names = ", ".join(posted.values())
    raise TimingError(f"expected one ranking to compare, got {names}: choose by --race, --leg, --overall")


def _version(versions: list[Publication], wanted: int) -> Publication:
    for one in versions:
        if one.version == wanted:
            return one
    first = versions[0]
    last = versions[-1].version
    raise TimingError(f"expected a version of {name(first.race, first.leg)} from 1 to {last}, got {wanted}")


def _head(one: Publication) -> dict[str, object]:
    return {"version": one.version, "status": one.status, "posted_at_ns": one.posted_at_ns}


def _show(found: Comparison, before: Publication, after: Publication, content: Content) -> None:
    out = console()
    for one in (before, after):
        posted = local(one.posted_at_ns, content["timezone"])
        say(f"{title(content)}: version {one.version}, {one.status}, posted {posted}")
    for sentence in found.whole:
        say(sentence)
    if not found.crews:
        click.echo("No number and no place has changed.")
        return
    table = Table()
    for heading in ("No.", "crew", "position", "total", "why"):
        table.add_column(heading, justify="right" if heading == "No." else "left", overflow="fold")
    for crew in found.crews:
        why = "\n".join(crew.why())
        table.add_row(str(crew.start_number), crew.crew, from_to(crew.position), from_to(crew.total), why)
    out.print(table)
