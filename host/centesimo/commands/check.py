"""centesimo check: refuse an event folder with all its mistakes at once, or show in short what is in it."""

import json
from datetime import datetime
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.table import Table

from centesimo.check import check_folder
from centesimo.check.entries import FILE as ENTRIES
from centesimo.check.entries import extra_columns
from centesimo.check.spellings import near_doubles
from centesimo.commands.console import console, say
from centesimo.commands.event_folder import event_option
from centesimo.crosscheck.lists import same_lists
from centesimo.model.errors import EventError
from centesimo.model.event import Event
from centesimo.model.facts import MarshalList
from centesimo.reading.folder import prefix_of
from centesimo.reading.localtime import NS_PER_S


@click.command()
@click.argument("named", metavar="[FOLDER]", required=False, type=click.Path(path_type=Path, readable=False))
@event_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def check(named: Path | None, folder: Path, as_json: bool) -> None:
    """Check an event FOLDER: event.toml, entries.csv, rule books and marshals' lists.

    Every mistake is one line, path:line: what was expected, what came. All keys are explained in docs/event.md. Lists
    that are line by line the same are named: one may be a copy.
    """
    folder = named or folder
    try:
        event, lists = check_folder(folder)
        wrong = [unusable for one in lists for unusable in one.unusable]
        if wrong:
            prefix = prefix_of(folder)
            raise EventError([f"{prefix}{unusable.source}: {unusable.why}" for unusable in wrong])
    except EventError as error:
        count = len(error.problems)
        raise EventError([*error.problems, f"{count} mistake{'s' * (count > 1)} in {folder}"]) from None
    if as_json:
        say(json.dumps(_summary(event, lists), ensure_ascii=False, indent=2))
    else:
        _show(event, lists)


def _summary(event: Event, lists: tuple[MarshalList, ...]) -> dict[str, object]:
    """Return what is in the event, race by race."""
    return {
        "event": event.name,
        "timezone": event.timezone.key,
        "digest": event.digest,
        "timing_points": len(event.timing_points),
        "boards": len({point.board for point in event.timing_points if point.board}),
        "lists": [marshal_list.timing_point for marshal_list in lists],
        "same_lists": [list(points) for points in same_lists(lists)],
        "near_doubles": [list(pair) for pair in near_doubles(event.entries)],
        "races": [
            {
                "race": race.id,
                "name": race.name,
                "rulebook": race.rulebook,
                "crews": sum(entry.race == race.id for entry in event.entries),
                "legs": [start.leg for start in race.starts],
                "controls": [control.id for control in event.controls if race.id in control.races],
            }
            for race in event.races
        ],
    }


def _show(event: Event, lists: tuple[MarshalList, ...]) -> None:
    table = Table(title=f"{event.name} ({event.timezone.key})", title_justify="left", box=SIMPLE, padding=0)
    for column in ("race", "crews", "leg", "first", "every", "controls", "rule book"):
        right = column in ("crews", "every", "controls")
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for race in event.races:
        crews = sum(entry.race == race.id for entry in event.entries)
        for start in race.starts:
            first = datetime.fromtimestamp(start.first_at_ns // NS_PER_S, event.timezone)
            driven = sum(control.leg == start.leg and race.id in control.races for control in event.controls)
            leg = f"{start.leg} {first:%Y-%m-%d}"
            every = f"{start.interval_ns // NS_PER_S} s"
            table.add_row(race.name, str(crews), leg, f"{first:%H:%M:%S}", every, str(driven), race.rulebook)
    console().print(table)
    counts = (
        (len(event.races), "race"),
        (len(event.legs), "leg"),
        (len(event.controls), "control"),
        (len(event.timing_points), "timing point"),
        (len({point.board for point in event.timing_points if point.board}), "board"),
        (len(event.entries), "crew"),
        (len(lists), "marshal's list"),
    )
    click.echo("No mistakes: " + ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts))
    for points in same_lists(lists):
        names = " and ".join(f"lists/{point}.csv" for point in points)
        say(f"{names} are line by line the same: right where nobody overtook in between, wrong if one is a copy")
    if extra := extra_columns(event.files[ENTRIES], event.legs):
        say(f"{ENTRIES}: not used: {', '.join(extra)}")
    for column, name, near in near_doubles(event.entries):
        say(f'entries.csv: {column} "{name}" and "{near}" count as two: write both alike if they are one')
