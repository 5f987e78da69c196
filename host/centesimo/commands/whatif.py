"""centesimo whatif: the ranking that something else would give, next to the present one; nothing is written."""

from decimal import Decimal
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table

from centesimo.commands.console import console, json_option, print_json
from centesimo.commands.event_folder import choice_options, chosen, event_option, expect, read_store
from centesimo.compute import compute
from centesimo.decide.whatif import Supposed, SupposedLine, differing, supposed_lines
from centesimo.decide.whatif import whatif as computed
from centesimo.gather import facts_of
from centesimo.model.course import controls_named
from centesimo.model.errors import TimingError
from centesimo.model.event import Event
from centesimo.model.facts import Ranking
from centesimo.publish.render import NOTHING, typeset

LOWEST_MS, HIGHEST_MS = 1, 60_000


@click.command()
@event_option
@json_option
@choice_options
@click.option("--up-to", help="The last control that counts.")
@click.option("--cancel", multiple=True, metavar="CONTROL[:NUMBER]", help="Cancel a control, for all or for one crew.")
@click.option("--rulebook", multiple=True, metavar="[RACE=]NAME", help="Score by another rule book.")
@click.option(
    "--bounce-ms", multiple=True, metavar="[POINT=]MS", help="Another bounce_ms, of all timing points or one."
)
@click.option("--axle-ms", multiple=True, metavar="[POINT=]MS", help="Another axle_ms.")
@click.option("--threshold", type=click.FloatRange(0.5, 1), help="Confidence from which a passage is a crew's.")
def whatif(
    folder: Path,
    as_json: bool,
    races: tuple[str, ...],
    legs: tuple[str, ...],
    overall: bool,
    up_to: str | None,
    cancel: tuple[str, ...],
    rulebook: tuple[str, ...],
    bounce_ms: tuple[str, ...],
    axle_ms: tuple[str, ...],
    threshold: float | None,
) -> None:
    """Show the ranking that a cancelled trial, another rule book, lock-out or threshold would give.

    Places and totals stand next to the present ones. The store and the event folder stay as they are.
    """
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    event = facts.event
    expect("control", up_to, [driven.id for driven in event.controls])
    all_races, points = [event_race.id for event_race in event.races], [point.id for point in event.timing_points]
    supposed = Supposed(
        tuple(_cancelled(event, given) for given in cancel),
        tuple(race_and_book for given in rulebook for race_and_book in _of_each("race", given, all_races)),
        tuple((point, _ms(value)) for given in bounce_ms for point, value in _of_each("timing point", given, points)),
        tuple((point, _ms(value)) for given in axle_ms for point, value in _of_each("timing point", given, points)),
        threshold,
    )
    if supposed == Supposed():
        raise click.UsageError("expected --cancel, --rulebook, --bounce-ms, --axle-ms or --threshold, got none")
    present = chosen(event, compute(facts, up_to).rankings, races, legs, overall)
    supposed_rankings = chosen(event, computed(facts, supposed, up_to).rankings, races, legs, overall)
    compared = [(now, supposed_lines(now, then)) for now, then in zip(present, supposed_rankings, strict=True)]
    if as_json:
        print_json([_content(now, rows) for now, rows in compared])
    else:
        for now, rows in compared:
            _show(now, rows)


def _cancelled(event: Event, given: str) -> tuple[str, int | None]:
    """Read CONTROL or CONTROL:NUMBER."""
    control, colon, number = given.partition(":")
    if not controls_named(event, control):
        expect("control", control, [driven.id for driven in event.controls])
    if not colon:
        return control, None
    numbers = [entry.start_number for entry in event.entries]
    if not (number.isascii() and number.isdigit() and int(number) in numbers):
        raise TimingError(f"expected a start number of entries.csv after {control}:, got {number!r}")
    return control, int(number)


def _of_each(what: str, given: str, ids: list[str]) -> list[tuple[str, str]]:
    """Read ID=VALUE, or VALUE for all."""
    name, equals, value = given.partition("=")
    if not equals:
        return [(name, given) for name in ids]
    expect(what, name, ids)
    return [(name, value)]


def _ms(value: str) -> int:
    if value.isascii() and value.isdigit() and LOWEST_MS <= int(value[:9]) <= HIGHEST_MS:
        return int(value[:9])
    raise TimingError(f"expected whole ms from {LOWEST_MS} to {HIGHEST_MS}, got {value!r}")


def _show(ranking: Ranking, rows: list[SupposedLine]) -> None:
    leg = ranking.leg.name if ranking.leg else "all legs"
    table = Table(title=f"{ranking.race.name}, {leg}: what if", title_justify="left", box=SIMPLE_HEAD)
    for heading in ("would be", "is", "No.", "Crew", "total would be", "is", ""):
        table.add_column(heading, justify="left" if heading in ("Crew", "") else "right")
    for row in rows:
        table.add_row(
            str(row.would_be or NOTHING),
            str(row.position or NOTHING),
            str(row.start_number),
            row.crew,
            _total(row.would_total, row.would_status),
            _total(row.total, row.status),
            by(row),
        )
    out = console()
    out.print(table)
    out.print(f"{differing(rows)} of {len(rows)} crews would have another place or total.")
    if unsettled := [str(row.start_number) for row in rows if row.would_be_open]:
        out.print(f"Open would be: {', '.join(unsettled)}. Such a total is what is settled so far; it has no place.")


def _total(total: Decimal, status: str) -> str:
    """Return a total with why it has no place: what is open of it, or that the crew is out."""
    return ", ".join(filter(None, (typeset(f"{total:f}"), status)))


def by(row: SupposedLine) -> str:
    """Return how many places a crew would go up or down, or that it would come to one or lose it."""
    if row.position is None or row.would_be is None:
        return "" if row.position == row.would_be else "gets a place" if row.would_be else "loses its place"
    if row.position == row.would_be:
        return ""
    places = row.position - row.would_be
    return f"{'up' if places > 0 else 'down'} {abs(places)}"


def _content(ranking: Ranking, rows: list[SupposedLine]) -> dict[str, object]:
    return {
        "race": ranking.race.id,
        "leg": ranking.leg.id if ranking.leg else None,
        "lines": [{**row._asdict(), "total": f"{row.total:f}", "would_total": f"{row.would_total:f}"} for row in rows],
    }
