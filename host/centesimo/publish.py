"""Posting: a ranking becomes a numbered version in the store, then files that people read.

A version is a publication of other content: posting again what has not changed keeps the version and its hour. The
store comes first; files can always be written again from it.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from centesimo.compute import Outcome
from centesimo.errors import StoreError
from centesimo.event import Event
from centesimo.facts import Finding, Ranking
from centesimo.render import Publication, as_csv, as_json, content, index, name, page
from centesimo.store import Store

PROVISIONAL = "provisional"
OFFICIAL = "official"


class Posted(NamedTuple):
    """A ranking as it was posted; `content` is all that was published of it, `digest` its SHA-256."""

    ranking: Ranking
    findings: tuple[Finding, ...]
    publication: Publication
    content: dict[str, Any]
    digest: str


def post(
    store: Store, event: Event, outcome: Outcome, status: str, approved_by: str, posted_at_ns: int
) -> list[Posted]:
    """Post every ranking of an outcome with the event folder that it follows from; returns them in order."""
    store.add_event(event, posted_at_ns)
    return [_post(store, event, ranking, outcome, status, approved_by, posted_at_ns) for ranking in outcome.rankings]


def _post(
    store: Store, event: Event, ranking: Ranking, outcome: Outcome, status: str, approved_by: str, posted_at_ns: int
) -> Posted:
    findings = findings_of(event, ranking, outcome.findings)
    published = {"approved_by": approved_by, "event_digest": event.digest, **content(ranking, findings)}
    text = json.dumps(published, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    leg = ranking.leg.id if ranking.leg else None
    posted = store.publications(ranking.race.id, leg)
    if posted and posted[-1].facts_digest == digest and posted[-1].status == status:
        kept = posted[-1]
    else:
        kept = store.add_publication(ranking.race.id, leg, status, posted_at_ns, digest, text)
    publication = Publication(kept.version, kept.status, kept.posted_at_ns, approved_by)
    return Posted(ranking, findings, publication, published, digest)


def findings_of(event: Event, ranking: Ranking, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that concern a ranking: of its crews, its controls and their timing points, or of all."""
    numbers = {line.entry.start_number for line in ranking.lines}
    own = {place for control in ranking.controls for place in (control.id, control.opens, control.closes)}
    other = {point.id for point in event.timing_points} | {control.id for control in event.controls}
    return tuple(
        finding
        for finding in findings
        if (finding.start_number is None or finding.start_number in numbers)
        and (finding.where in own or finding.where not in other)
    )


def write(folder: Path, event: Event, posted: Sequence[Posted]) -> None:
    """Write page, CSV and JSON of every posted ranking and the index into a folder; each file whole or not at all."""
    texts = {"index.html": index(event.name, [(one.ranking, one.publication) for one in posted], event.timezone)}
    for one in posted:
        file = name(one.ranking)
        texts[f"{file}.html"] = page(one.ranking, one.findings, one.publication, event.timezone, one.digest)
        texts[f"{file}.csv"] = as_csv(one.ranking)
        texts[f"{file}.json"] = as_json(one.content, one.publication)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            _replace(folder / file, text)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot write the results: {error.strerror}; the rankings are posted, "
            "write them elsewhere with --to"
        ) from error


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
