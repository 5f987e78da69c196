"""centesimo print: rankings, lists and sheets as PDF for signature."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from centesimo.commands.console import say, write_whole
from centesimo.commands.event_folder import choice_options, event_option, expect, is_chosen, read_store
from centesimo.compute import Facts, compute
from centesimo.gather import facts_of
from centesimo.gather.revision import revision
from centesimo.model.errors import TimingError
from centesimo.model.event import Event, Leg, Race
from centesimo.paper.crew import crew_sheet
from centesimo.paper.lists import due_times, entries, starts
from centesimo.paper.rankings import of_ranking
from centesimo.paper.sheet import Sheet, pdf
from centesimo.paper.time_checks import time_checks
from centesimo.publish import read_content
from centesimo.publish.register import register
from centesimo.publish.render import Imprint, name
from centesimo.store import Publication, Store
from centesimo.words.paper import LANGUAGES

DOCUMENTS = ("rankings", "starts", "due", "entries", "register", "crew")
RANKINGS, STARTS, DUE, ENTRIES, REGISTER, CREW = DOCUMENTS


@click.command("print")
@click.argument("what", type=click.Choice(DOCUMENTS))
@click.argument("start_number", type=int, required=False)
@event_option
@choice_options
@click.option("--language", type=click.Choice(LANGUAGES), default="it", show_default=True, help="Of the words.")
@click.option("--first", type=click.IntRange(1), help="Of rankings: only so many places.")
@click.option("--url", default="", help="Of rankings: where the folder of results is on the web, for the QR code.")
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/paper.")
def print_paper(
    what: str,
    start_number: int | None,
    folder: Path,
    races: tuple[str, ...],
    legs: tuple[str, ...],
    overall: bool,
    language: str,
    first: int | None,
    url: str,
    out: Path | None,
) -> None:
    """Write WHAT as PDF for signature: rankings as posted, starts, due times, entries, register, or crew.

    Each page has the event, the document, its version and hour, and its number of so many. The same facts give the same
    bytes.
    """
    if (what == CREW) != (start_number is not None):
        raise click.UsageError("expected START_NUMBER with crew, and with nothing else")
    with read_store(folder) as store:
        documents = dict(_documents(what, folder, store, races, legs, overall, language, first, url, start_number))
    if not documents:
        raise TimingError("expected something to print, found none: centesimo publish posts rankings")
    for file, sheets in documents.items():
        path = (out or folder / "paper") / f"{file}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pdf(sheets))
        say(f"written to {path}")


def _documents(
    what: str,
    folder: Path,
    store: Store,
    races: Sequence[str],
    legs: Sequence[str],
    overall: bool,
    language: str,
    first: int | None,
    url: str,
    start_number: int | None,
) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the documents that were chosen, by the names of their files."""
    if what == RANKINGS:
        for version in _newest(store):
            if is_chosen(version.race, version.leg, races, legs, overall):
                content = read_content(version)
                approved = content.get("approved_by", "")
                imprint = Imprint(version.version, version.status, version.posted_at_ns, approved)
                sheets = list(of_ranking(content, imprint, version.facts_digest, language, url, first))
                yield f"{name(version.race, version.leg)}-v{version.version}", sheets
        return
    facts = facts_of(folder, store)
    event = facts.event
    for race in races:
        expect("race", race, [each.id for each in event.races])
    if what == REGISTER:
        yield "register", [time_checks(event, register(facts, compute(facts)), revision(facts), language)]
        return
    if what == CREW:
        yield f"crew-{start_number}", [_crew(event, facts, start_number or 0, language)]
        return
    yield from _lists(what, event, races, legs, language)


def _lists(
    what: str, event: Event, races: Sequence[str], legs: Sequence[str], language: str
) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the lists of entries, of starts or of due times."""
    for race_of in (race for race in event.races if not races or race.id in races):
        if what == ENTRIES:
            yield f"entries-{race_of.id}", [entries(event, race_of, language)]
            continue
        make: Callable[[Event, Race, Leg, str], Sheet] = starts if what == STARTS else due_times
        for leg in event.legs:
            if leg.id in [start.leg for start in race_of.starts] and (not legs or leg.id in legs):
                yield f"{what}-{race_of.id}-leg-{leg.id}", [make(event, race_of, leg, language)]


def _newest(store: Store) -> list[Publication]:
    """Return the newest version of each posted ranking, in the order of posting."""
    newest = {(version.race, version.leg): version for version in store.publications()}
    return list(newest.values())


def _crew(event: Event, facts: Facts, start_number: int, language: str) -> Sheet:
    expect("start number", start_number, [entry.start_number for entry in event.entries])
    entry = next(entry for entry in event.entries if entry.start_number == start_number)
    race = next(race for race in event.races if race.id == entry.race)
    own = [score for score in compute(facts).scores if score.start_number == start_number]
    place_by_control = {control.id: place for place, control in enumerate(event.controls)}
    own.sort(key=lambda score: place_by_control[score.control])
    return crew_sheet(event, race, entry, own, revision(facts), language)
