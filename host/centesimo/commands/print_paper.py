"""centesimo print: rankings, lists and sheets as PDF for signature."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from centesimo.check import read_event
from centesimo.commands.console import say, write_whole
from centesimo.commands.event_folder import choice_options, event_option, expect, is_chosen, read_store
from centesimo.compute import Facts, compute
from centesimo.gather import facts_of
from centesimo.gather.revision import revision
from centesimo.model.errors import TimingError
from centesimo.model.event import LANGUAGES, Event
from centesimo.paper.cards import time_cards
from centesimo.paper.control import control_sheet
from centesimo.paper.crew import crew_sheet
from centesimo.paper.lists import due_times, entries, starts
from centesimo.paper.logo import read_logo
from centesimo.paper.notice import notice, read_notice
from centesimo.paper.rankings import of_ranking
from centesimo.paper.sheet import Sheet, pdf
from centesimo.paper.time_checks import time_checks
from centesimo.publish import read_content
from centesimo.publish.prints import find_print
from centesimo.publish.published import Content
from centesimo.publish.register import register
from centesimo.publish.render import Imprint, name
from centesimo.store import Publication, Store
from centesimo.words.paper import outdated_in

DOCUMENTS = ("rankings", "starts", "cards", "due", "entries", "register", "crew", "control", "notice")
RANKINGS, STARTS, CARDS, DUE, ENTRIES, REGISTER, CREW, CONTROL, NOTICE = DOCUMENTS
CHECK = "check"  # no document: looks one up
# What stands behind these, and behind no other.
OF = {CREW: "START_NUMBER", CONTROL: "CONTROL", NOTICE: "a text FILE", CHECK: "CODE"}


@click.command("print")
@click.argument("what", type=click.Choice((*DOCUMENTS, CHECK)))
@click.argument("of", required=False)
@event_option
@choice_options
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the words; else the event's first.")
@click.option("--first", type=click.IntRange(1), help="Of rankings: only so many places.")
@click.option("--new", is_flag=True, help="Of rankings: only the crews that changed since the version before.")
@click.option("--url", default="", help="Of rankings: where the folder of results is on the web, for the QR code.")
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/paper.")
def print_paper(
    what: str,
    of: str | None,
    folder: Path,
    races: tuple[str, ...],
    legs: tuple[str, ...],
    overall: bool,
    language: str | None,
    first: int | None,
    new: bool,
    url: str,
    out: Path | None,
) -> None:
    """Write WHAT as PDF for signature: rankings as posted, starts, time cards, due times, entries, the register, what a
    CONTROL gave, the sheet of a crew (START_NUMBER), or a notice (OF is its text FILE).

    Each page has the event, the document, its version and hour, and its number of so many. The same facts give the same
    bytes. `print check CODE` says whether a printed ranking is still the newest one: CODE is what its QR code or its
    foot says. Exit code 1 where it is outdated.
    """
    if (what in OF) != (of is not None):
        wanted = f"expected {OF[what]} with {what}" if what in OF else f"expected nothing behind {what}, got {of}"
        raise click.UsageError(wanted)
    event = read_event(folder)
    language = language or event.languages[0]
    logo = read_logo(folder, event.logo)
    with read_store(folder) as store:
        if what == CHECK:
            _check(store, of or "", language)
            return
        options = _Options(races, legs, overall, language, first, new, url, of or "")
        documents = dict(_documents(what, folder, store, options))
    if not documents:
        raise TimingError("expected something to print, found none: centesimo publish posts rankings")
    for file, sheets in documents.items():
        path = (out or folder / "paper") / f"{file}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, pdf(sheets, logo))
        say(f"written to {path}")


class _Options(NamedTuple):
    """What of a document is chosen, and how it is shown."""

    races: Sequence[str]
    legs: Sequence[str]
    overall: bool
    language: str
    first: int | None
    new: bool
    url: str
    of: str


def _documents(what: str, folder: Path, store: Store, options: _Options) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the documents that were chosen, by the names of their files."""
    if what == RANKINGS:
        yield from _rankings(store, options)
        return
    facts = facts_of(folder, store)
    event, language = facts.event, options.language
    for race in options.races:
        expect("race", race, [each.id for each in event.races])
    if what == REGISTER:
        yield "register", [time_checks(event, register(facts, compute(facts)), revision(facts), language)]
    elif what == CREW:
        yield f"crew-{options.of}", [_crew(event, facts, options.of, language)]
    elif what == CONTROL:
        yield from _control(event, facts, options)
    elif what == NOTICE:
        path = Path(options.of)
        yield f"notice-{path.stem}", [notice(event, read_notice(path), language)]
    else:
        yield from _lists(what, event, options)


def _rankings(store: Store, options: _Options) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the newest version of each ranking that was chosen, or what is new in it."""
    for version in _newest(store):
        if not is_chosen(version.race, version.leg, options.races, options.legs, options.overall):
            continue
        content = read_content(version)
        imprint = Imprint(version.version, version.status, version.posted_at_ns, content.get("approved_by", ""))
        before = _before(store, version) if options.new else None
        stated = content, imprint, version.facts_digest, options.language, options.url, options.first, before
        yield (
            f"{name(version.race, version.leg)}-v{version.version}{'-new' * (before is not None)}",
            list(of_ranking(*stated)),
        )


def _before(store: Store, version: Publication) -> Content | None:
    """Return the version before one, None where it is the first."""
    versions = store.publications(version.race, version.leg)
    return next((read_content(each) for each in versions if each.version == version.version - 1), None)


def _lists(what: str, event: Event, options: _Options) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield the lists of entries, of starts or of due times, or time cards."""
    races, legs, language = options.races, options.legs, options.language
    for race_of in (race for race in event.races if not races or race.id in races):
        if what == ENTRIES:
            yield f"entries-{race_of.id}", [entries(event, race_of, language)]
            continue
        for leg in event.legs:
            if leg.id not in [start.leg for start in race_of.starts] or (legs and leg.id not in legs):
                continue
            file = f"{what}-{race_of.id}-leg-{leg.id}"
            if what == CARDS:
                yield file, list(time_cards(event, race_of, leg, language))
            else:
                yield file, [(starts if what == STARTS else due_times)(event, race_of, leg, language)]


def _control(event: Event, facts: Facts, options: _Options) -> Iterator[tuple[str, list[Sheet]]]:
    """Yield what a control gave, for each race that drives it."""
    expect("control", options.of, [control.id for control in event.controls])
    control = next(control for control in event.controls if control.id == options.of)
    race_by_number = {entry.start_number: entry.race for entry in event.entries}
    scores = [score for score in compute(facts).scores if score.control == control.id]
    for race in event.races:
        if race.id in control.races and (not options.races or race.id in options.races):
            own = [score for score in scores if race_by_number[score.start_number] == race.id]
            sheet = control_sheet(event, race, control, own, revision(facts), options.language)
            yield f"control-{control.id}-{race.id}", [sheet]


def _check(store: Store, code: str, language: str) -> None:
    """Say whether a printed ranking is still the newest one; exit code 1 where it is outdated."""
    found = find_print(code, store.publications())
    if found is None:
        raise TimingError(
            "expected what the QR code or the foot of a printed ranking says (FILE.html#vN, FILE vN ..., 10 digits of "
            f"its revision), got {code!r}, which is no version that was posted"
        )
    timezone = read_content(found.newest)["timezone"]
    newest = found.newest
    sentence = outdated_in(language, found.printed.version, newest.version, newest.posted_at_ns, timezone)
    say(f"{name(found.printed.race, found.printed.leg)}: {sentence}")
    if found.is_outdated:
        click.get_current_context().exit(1)


def _newest(store: Store) -> list[Publication]:
    """Return the newest version of each posted ranking, in the order of posting."""
    newest = {(version.race, version.leg): version for version in store.publications()}
    return list(newest.values())


def _crew(event: Event, facts: Facts, number: str, language: str) -> Sheet:
    if not number.isdecimal():
        raise click.UsageError(f"expected START_NUMBER with crew, got {number}")
    start_number = int(number)
    expect("start number", start_number, [entry.start_number for entry in event.entries])
    entry = next(entry for entry in event.entries if entry.start_number == start_number)
    race = next(race for race in event.races if race.id == entry.race)
    own = [score for score in compute(facts).scores if score.start_number == start_number]
    place_by_control = {control.id: place for place, control in enumerate(event.controls)}
    own.sort(key=lambda score: place_by_control[score.control])
    return crew_sheet(event, race, entry, own, revision(facts), language)
