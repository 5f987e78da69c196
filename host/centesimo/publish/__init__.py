"""Posting: a ranking becomes a numbered version in the store, then files that people read.

A version is a publication of other content or status: posting again what has not changed keeps the version, its hour
and its approval. All files are written beside the old ones first, then the store takes the versions, then the files
take their places: what fails before leaves both as they were, and files can always be written again from the store.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from centesimo.check import event_from_files
from centesimo.compute import Outcome, rulebooks
from centesimo.model.errors import AlteredError, EventError, StoreError
from centesimo.model.event import Event
from centesimo.model.facts import Ranking
from centesimo.publish.compare import Comparison, compare
from centesimo.publish.crew_changes import CrewChange, crew_changes
from centesimo.publish.further import as_ranking, changes_of, files_of, further_content
from centesimo.publish.page import further_page, index, is_parted, page
from centesimo.publish.published import Content, content, digest, findings_of, not_seen, texts_of
from centesimo.publish.render import Imprint, as_csv, as_excel_csv, as_json, as_team_csv, name
from centesimo.publish.tongue import Tongue, tongues
from centesimo.store import Publication, Store
from centesimo.store.attest import Facts as StoredFacts
from centesimo.store.attest import against, facts_in, find_lines, line_of
from centesimo.store.attested_list import list_text

PROVISIONAL = "provisional"
OFFICIAL = "official"
TIMES = "-times"  # behind the name of a ranking: the page that has every control
ATTESTED = "attested.txt"  # what the line of the newest posted pages is the head of
PICTURES = "pictures/index.html"  # in the folder of the results, once centesimo picture has drawn them


class Approval(NamedTuple):
    """Whether rankings are posted as provisional or official, who approved them, and when (ns since 1970)."""

    status: str  # PROVISIONAL, OFFICIAL
    approved_by: str  # "" while provisional
    at_ns: int


class Posted(NamedTuple):
    """A ranking as it is posted."""

    stored: Publication
    content: Content
    is_new: bool  # False: nothing has changed since it was posted
    before: Content | None  # of the version before; None: there is none
    crew_changes: tuple[CrewChange, ...] = ()  # what the event says of crews otherwise than for the version before
    was_official: bool = False  # the version before is; True only where this one is new

    @property
    def changes(self) -> Comparison | None:
        """Return what is different from the version before; None where this is the first version."""
        return compare(self.before, self.content) if self.before else None

    @property
    def has_other_rules(self) -> bool:
        """Say whether this version is new and was scored by another rule book than the version before."""
        before = self.before
        return self.is_new and before is not None and before["rulebook"]["digest"] != self.content["rulebook"]["digest"]

    @property
    def imprint(self) -> Imprint:
        """Return the line about version, status, hour and approval that every file of the ranking carries."""
        stored = self.stored
        return Imprint(stored.version, stored.status, stored.posted_at_ns, self.content.get("approved_by", ""))

    @property
    def name(self) -> str:
        """Return the name of its files."""
        return name(self.stored.race, self.stored.leg)


def publish(
    store: Store,
    event: Event,
    list_texts: Mapping[str, str],
    outcome: Outcome,
    chosen: Sequence[Ranking],
    approval: Approval,
    folder: Path,
    accept: Callable[[Sequence[Posted]], None] = lambda posted: None,
) -> list[Posted]:
    """Post the chosen rankings of an outcome and write them and all that were posted before into a folder.

    Returns what was posted, in order. `list_texts` are the marshal's lists that the outcome follows from, by name;
    `accept` is shown what will be posted before anything is written, and may raise. StoreError if an official ranking
    has nobody who approved it, the folder has versions that the store does not know, or either cannot be written.
    """
    if approval.status == OFFICIAL and not approval.approved_by:
        raise StoreError("expected who approved the official ranking, got nobody: give --approved-by")
    posted, kept = [], []
    earlier_events = _EarlierEvents(store, event)
    with store.reading() as connection:
        facts = facts_in(connection)
    attested = str(line_of(facts, approval.at_ns))
    for ranking in outcome.rankings:
        versions = store.publications(ranking.race.id, ranking.leg.id if ranking.leg else None, newest=2)
        if any(ranking is choice for choice in chosen):
            draft = _post(event, ranking, outcome, approval, versions, attested)
            posted.append(draft._replace(crew_changes=earlier_events.changes(draft)))
        elif versions:
            kept.append(_kept(versions))
    for entry in (*posted, *kept):
        _check_known(folder / f"{entry.name}.json", entry.stored.version - entry.is_new)
    accept(posted)
    new = [entry.stored for entry in posted if entry.is_new]
    text_by_file = texts(event, [*posted, *kept], (folder / PICTURES).is_file())
    text_by_file |= _attested([entry.content for entry in (*posted, *kept)], facts)
    with staged(folder, text_by_file) as put:
        store.post(event, list_texts, new, approval.at_ns)
        put()
    _remove_stale(folder, [*posted, *kept])
    return posted


def _remove_stale(folder: Path, posted: Sequence[Posted]) -> None:
    """Remove the pages with every control of versions before, where the ranking's own page has them now."""
    for entry in posted:
        if not _times(entry):
            with suppress(OSError):
                (folder / f"{entry.name}{TIMES}.html").unlink(missing_ok=True)


def _attested(contents: Sequence[Content], facts: StoredFacts) -> dict[str, str]:
    """Return the list of the newest line on the pages, by its file; none where the facts are not those any more."""
    lines = find_lines("\n".join(content.get("attested", "") for content in contents))
    if not lines or against(facts, lines[-1]):
        return {}
    return {ATTESTED: list_text(lines[-1], facts.first(lines[-1]))}


def _post(
    event: Event,
    ranking: Ranking,
    outcome: Outcome,
    approval: Approval,
    versions: Sequence[Publication],
    attested: str,
) -> Posted:
    findings = findings_of(event, ranking, outcome.findings)
    fresh = content(event, ranking, findings)
    if any(crews := not_seen(findings)):
        fresh["not_seen"] = crews
    if further := further_content(event, ranking, rulebooks(event)[ranking.race.id]):
        fresh["further"] = further
    facts_digest = digest(fresh)
    last = versions[-1] if versions else None
    if last and last.facts_digest == facts_digest and last.status in (approval.status, OFFICIAL):
        return _kept(versions)
    fresh["texts"] = texts_of(event, ranking, findings, [team["status"] for each in further for team in each["teams"]])
    fresh["approved_by"], fresh["event_digest"] = approval.approved_by, event.digest
    fresh["attested"] = attested
    leg = ranking.leg.id if ranking.leg else None
    version = last.version + 1 if last else 1
    text = json.dumps(fresh, ensure_ascii=False)
    stored = Publication(ranking.race.id, leg, version, approval.status, approval.at_ns, facts_digest, text)
    was_official = last is not None and last.status == OFFICIAL
    return Posted(stored, fresh, True, read_content(last) if last else None, was_official=was_official)


class _EarlierEvents:
    """The versions of an event by which rankings were posted, each read once."""

    def __init__(self, store: Store, event: Event) -> None:
        self.event = event
        self._files_by_digest = {digest: files for digest, _, files in store.event_versions()}
        self._event_by_digest: dict[str, Event | None] = {}

    def changes(self, draft: Posted) -> tuple[CrewChange, ...]:
        """Return what is different of the crews since the version before a draft; none where nothing is posted."""
        if not draft.is_new or draft.before is None:
            return ()
        earlier = self._find(draft.before.get("event_digest", ""))
        return () if earlier is None else crew_changes(earlier, self.event, draft.stored.race, draft.stored.leg)

    def _find(self, digest: str) -> Event | None:
        """Return an earlier version, None where the store lacks it or this program does not take it any more."""
        if digest == self.event.digest:
            return None
        if digest not in self._event_by_digest:
            files = self._files_by_digest.get(digest)
            try:
                self._event_by_digest[digest] = event_from_files(files) if files else None
            except EventError:
                self._event_by_digest[digest] = None
        return self._event_by_digest[digest]


def _check_known(path: Path, last: int) -> None:
    """Refuse a folder in which a ranking has a later version than its last one in the store: numbers come once."""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))["publication"]["version"]
    except (OSError, ValueError, LookupError, TypeError):
        return  # none of ours is there
    if isinstance(there, int) and there > last:
        in_store = f"up to version {last}" if last else "no version of it"
        raise StoreError(
            f"{path}: expected no version that the store does not know ({in_store}), got version {there}; nothing was "
            "posted: bring back the store that posted it (centesimo rebuild), or write elsewhere with --to"
        )


def _kept(versions: Sequence[Publication]) -> Posted:
    """Return the last of some versions as it was posted."""
    before = read_content(versions[-2]) if len(versions) > 1 else None
    return Posted(versions[-1], read_content(versions[-1]), False, before)


def read_content(stored: Publication) -> Content:
    """Return the content of a posted version; StoreError if it is not what was posted."""
    try:
        content: Content = json.loads(stored.content)
        is_posted = isinstance(content, dict) and digest(content) == stored.facts_digest
    except ValueError:
        is_posted = False
    if not is_posted:
        what = f"version {stored.version} of {name(stored.race, stored.leg)}"
        raise AlteredError(f"{what} in the store is not as it was posted: its digest is another")
    return content


def texts(event: Event, posted: Sequence[Posted], has_pictures: bool = False) -> dict[str, str]:
    """Return page, CSV and JSON of every posted ranking, and the index, by file name; pages lead to the pictures."""
    rankings = [(entry.content, entry.imprint) for entry in posted]
    text_by_file = {
        tongue.file("index"): index(event.name, rankings, has_pictures, tongue) for tongue in tongues(event.languages)
    }
    for entry in posted:
        for file, text in _texts(entry, has_pictures, event.languages):
            if file in text_by_file:
                what = file.removesuffix(".html")
                raise StoreError(
                    f"expected a name of its own for every ranking, got {what} twice: rename race, leg or [[ranking]]"
                )
            text_by_file[file] = text
    return text_by_file


def _texts(entry: Posted, has_pictures: bool, languages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the files of a ranking and of its further ones, pages in each language."""
    changes, times = entry.changes, _times(entry)
    stated = entry.content, entry.imprint, entry.stored.facts_digest, changes, has_pictures
    spoken = tongues(languages, entry.content, entry.before)
    for tongue in spoken:
        yield tongue.file(entry.name), page(*stated, times=times, tongue=tongue)
        if times:
            yield tongue.file(times), page(*stated, tongue=tongue)
    yield from _data_texts(entry, changes)
    yield from _further_texts(entry, has_pictures, spoken)


def _data_texts(entry: Posted, changes: Comparison | None) -> Iterator[tuple[str, str]]:
    yield f"{entry.name}.csv", as_csv(entry.content)
    yield f"{entry.name}-excel.csv", as_excel_csv(entry.content)
    yield f"{entry.name}.json", as_json(entry.content, entry.imprint, changes.as_json() if changes else None)


def _times(entry: Posted) -> str:
    """Return the file, without its end, of the page that has every control; "" where the ranking's own has."""
    return f"{entry.name}{TIMES}" if is_parted(entry.content) else ""


def _further_texts(entry: Posted, has_pictures: bool, spoken: Sequence[Tongue]) -> Iterator[tuple[str, str]]:
    """Yield page and CSV of every further ranking; the JSON of the ranking has them all."""
    for file, further in files_of(entry.content):
        changes = changes_of(entry.before, entry.content, further) if entry.before else None
        stated = entry.imprint, entry.stored.facts_digest, changes
        for tongue in spoken:
            text = further_page(entry.content, further, file, *stated, has_pictures, _times(entry), tongue)
            yield tongue.file(file), text
        by, teams = further["by"], further["teams"]
        yield f"{file}.csv", as_team_csv(by, teams) if by else as_csv(as_ranking(entry.content, further))


@contextmanager
def staged(folder: Path, text_by_file: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Write texts beside the files of a folder; calling the function that `with` gives puts all of them in place.

    Without that call nothing is left of them. Each file is whole or not there. StoreError if the folder cannot be
    written.
    """
    temporary_by_file: dict[str, str] = {}

    def put() -> None:
        for file, temporary in list(temporary_by_file.items()):
            with _named_errors(folder, "the rankings are posted; publish again, or elsewhere with --to"):
                os.replace(temporary, folder / file)
            del temporary_by_file[file]

    try:
        with _named_errors(folder, "nothing was posted; write elsewhere with --to"):
            folder.mkdir(parents=True, exist_ok=True)
            for file, text in text_by_file.items():
                handle, temporary_by_file[file] = tempfile.mkstemp(dir=folder, prefix=f".{file}.")
                _write(handle, temporary_by_file[file], text)
        yield put
    finally:
        for temporary in temporary_by_file.values():
            os.unlink(temporary)


@contextmanager
def _named_errors(folder: Path, what_to_do: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{folder}: cannot write the results: {error.strerror}; {what_to_do}") from error


def _write(handle: int, path: str, text: str) -> None:
    with open(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    os.chmod(path, 0o644)
