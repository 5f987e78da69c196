"""centesimo ranking: the rankings as they follow from the facts now; nothing is posted."""

from collections.abc import Sequence
from pathlib import Path

import click

from centesimo.commands.console import console, json_option, print_json, say, write_whole
from centesimo.commands.event_folder import (
    choice_options,
    chosen,
    driven,
    event_option,
    expect,
    read_store,
)
from centesimo.compute import Outcome, compute, rulebooks
from centesimo.gather import facts_of
from centesimo.gather.revision import revision
from centesimo.model.errors import TimingError
from centesimo.model.event import LANGUAGES, Event
from centesimo.model.facts import Ranking
from centesimo.publish.published import Content, content, findings_of, team_content
from centesimo.publish.render import as_csv, as_table, as_team_csv, as_team_table, name
from centesimo.publish.workbook import workbook
from centesimo.rank import of_control
from centesimo.rank.selections import TeamRanking, find_selection, selected, teams
from centesimo.sanity import judged


@click.command()
@event_option
@json_option
@click.option("--csv", "csv", is_flag=True, help="Print one ranking as CSV instead of tables.")
@click.option(
    "--xlsx", type=click.Path(path_type=Path), help="Write the rankings to this file for Excel, a sheet each."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of --xlsx: the words; else the event's first.")
@choice_options
@click.option("--up-to", help="The last control that counts.")
@click.option("--control", help="Only what this control gave.")
@click.option("--revision", "as_revision", is_flag=True, help="Print only the name of these facts.")
@click.option("--ranking", "of", help="A [[ranking]] of event.toml: a class, the ladies, the teams.")
def ranking(
    folder: Path,
    as_json: bool,
    csv: bool,
    xlsx: Path | None,
    language: str | None,
    races: tuple[str, ...],
    legs: tuple[str, ...],
    overall: bool,
    up_to: str | None,
    control: str | None,
    of: str | None,
    as_revision: bool,
) -> None:
    """Show the rankings of each race and leg as they follow from the facts now."""
    if as_json + csv + (xlsx is not None) > 1:
        raise click.UsageError("expected --json, --csv or --xlsx, got more than one")
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    if as_revision:
        click.echo(revision(facts))
        return
    event = facts.event
    for control_id in (up_to, control):
        expect("control", control_id, [each.id for each in event.controls])
    expect("further ranking", of, [selection.id for selection in event.selections])
    outcome = judged(event, compute(facts, up_to))
    rankings: Sequence[Ranking] = chosen(event, outcome.rankings, races, legs, overall)
    if not (legs or overall):
        rankings = driven(rankings, outcome.begun) or rankings
    if control is not None:
        rankings = _of_control(event, rankings, outcome, control)
    tables: list[TeamRanking] = []
    if of is not None:
        rankings, tables = _further(event, rankings, of)
    contents = [content(event, whole, findings_of(event, whole, outcome.findings)) for whole in rankings]
    if as_json:
        print_json([*contents, *map(team_content, tables)])
    elif csv:
        _print_csv(contents, tables)
    elif xlsx is not None:
        _write_workbook(xlsx, contents, language or event.languages[0])
    else:
        _show(contents, tables, len(outcome.findings))


def _of_control(event: Event, rankings: Sequence[Ranking], outcome: Outcome, control: str) -> list[Ranking]:
    """Return for each race that drives a control the ranking of it alone."""
    books = rulebooks(event)
    of_each_race = [
        of_control(event, whole.race, control, books[whole.race.id], outcome.scores)
        for whole in rankings
        if whole.leg is not None and control in [each.id for each in whole.controls]
    ]
    if not of_each_race:
        raise TimingError(f"expected a race and leg with {control}, found none that are chosen")
    return of_each_race


def _further(event: Event, rankings: Sequence[Ranking], name: str) -> tuple[list[Ranking], list[TeamRanking]]:
    """Return the rankings of the crews, or of the teams, of a [[ranking]]."""
    selection, books = find_selection(event, name), rulebooks(event)
    own = [whole for whole in rankings if selection is not None and whole.race.id in selection.races]
    if selection is None or not own:
        raise TimingError(f"expected a race that has the ranking {name}, found none that is chosen")
    if selection.by:
        return [], [teams(selection, whole, books[whole.race.id]) for whole in own]
    return [further for whole in own for further in selected(selection, whole, books[whole.race.id])], []


def _print_csv(contents: list[Content], tables: list[TeamRanking]) -> None:
    if len(contents) + len(tables) != 1:
        heads = [(head["race"], head["leg"]) for head in (*contents, *map(team_content, tables))]
        names = ", ".join(name(race["id"], leg and leg["id"]) for race, leg in heads)
        raise TimingError(
            f"expected one ranking for CSV, got {names or 'none'}: choose by --race, --leg, --overall, "
            "or take the files of centesimo publish"
        )
    text = as_csv(contents[0]) if contents else as_team_csv(tables[0].by, team_content(tables[0])["lines"])
    click.echo(text.encode(), nl=False)


def _write_workbook(path: Path, contents: list[Content], language: str) -> None:
    if not contents:
        raise TimingError(f"expected a ranking of crews for {path}, got one of teams: --csv writes it")
    write_whole(path, workbook(contents, language))
    say(f"written to {path}")


def _show(contents: list[Content], tables: list[TeamRanking], findings: int) -> None:
    out = console()
    for ranking_content in contents:
        table = as_table(ranking_content, out.width if out.is_terminal else None)
        console(table).print(table, crop=False, overflow="ignore")
    for teams_table in map(as_team_table, tables):
        console(teams_table).print(teams_table)
    if findings:
        out.print(f"{findings} finding{'s' * (findings > 1)}: centesimo score shows them.")
