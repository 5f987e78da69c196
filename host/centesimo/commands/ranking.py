"""centesimo ranking: the rankings as they follow from the facts now; nothing is posted."""

import json
from pathlib import Path

import click

from centesimo.commands.folder import console, event_option, facts_of, json_option, open_store
from centesimo.compute import Outcome, compute
from centesimo.errors import TimingError
from centesimo.facts import Ranking
from centesimo.publish import findings_of
from centesimo.render import as_csv, as_table, content


@click.command()
@event_option
@json_option
@click.option("--csv", "csv", is_flag=True, help="Print CSV instead of a table.")
@click.option("--race", help="Only this race.")
@click.option("--leg", help="Only this leg.")
@click.option("--up-to", help="The last control that counts.")
def ranking(folder: Path, as_json: bool, csv: bool, race: str | None, leg: str | None, up_to: str | None) -> None:
    """Show the rankings of each race and leg."""
    with open_store(folder) as store:
        facts = facts_of(folder, store)
    _expect("race", race, [one.id for one in facts.event.races])
    _expect("leg", leg, [one.id for one in facts.event.legs])
    _expect("control", up_to, [one.id for one in facts.event.controls])
    outcome = compute(facts, up_to)
    chosen = [one for one in outcome.rankings if _is_chosen(one, race, leg)]
    if as_json:
        published = [content(one, findings_of(facts.event, one, outcome.findings)) for one in chosen]
        click.echo(json.dumps(published, ensure_ascii=False, indent=1))
    elif csv:
        for one in chosen:
            click.echo(as_csv(one), nl=False)
    else:
        _show(chosen, outcome)


def _show(chosen: list[Ranking], outcome: Outcome) -> None:
    out = console()
    for one in chosen:
        out.print(as_table(one, out.width))
    if outcome.findings:
        out.print(f"{len(outcome.findings)} findings: centesimo score shows them.")


def _is_chosen(ranking: Ranking, race: str | None, leg: str | None) -> bool:
    return (race is None or ranking.race.id == race) and (
        leg is None or (ranking.leg is not None and ranking.leg.id == leg)
    )


def _expect(what: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise TimingError(f"expected a {what} of the event ({', '.join(known)}), got {given!r}")
