"""The revision: one name for a set of facts, the same whatever the order in which they came.

The facts are put into parts: the event's files, the rule book of each race, each list, the records of each board, the
loaded passages and the sightings of each timing point, the decisions. Each part has an order of its own that depends on
nothing but what it holds, and gets the SHA-256 of all it says; the revision is the SHA-256 of the names and digests of
the parts, sorted. So a new record costs the digest of its board's records, and whoever wants two sets of facts with one
revision has to find two texts with one SHA-256. A sum of the facts' digests would cost less and has no such strength:
of many facts of one's own making some add up to any sum that is wanted.

What does not change what follows is in no revision: when and through which port something came, what was posted.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TypeVar

from centesimo.amend import as_text
from centesimo.compute import Facts, rulebooks
from centesimo.model.decisions import Decision
from centesimo.model.event import Event
from centesimo.model.facts import MarshalList, Passage, Sighting
from centesimo.model.memo import Memo
from centesimo.model.rivals import Rivals

Placed = TypeVar("Placed", Passage, Sighting)

VERSION = "centesimo revision 1"


def revision(facts: Facts, memo: Memo | None = None) -> str:
    """Return the revision of facts, as 64 hex digits; `memo` keeps the digests of parts that stay as they are."""
    keep = Memo() if memo is None else memo
    lines = sorted(f"{name}\0{digest}" for name, digest in _parts(facts, keep))
    return sha256("\n".join([VERSION, *lines]).encode()).hexdigest()


def _parts(facts: Facts, memo: Memo) -> Iterator[tuple[str, str]]:
    """Yield name and digest of each part."""
    yield "event", facts.event.digest
    for race, digest in memo("rule books", _of_rulebooks, facts.event):
        yield f"rule book {race}", digest
    for number, written in enumerate(facts.lists):
        yield f"list {number}", memo(("list", number), _of_list, written)
    for board, raws in facts.records.items():
        if raws:
            yield f"records {board}", memo(("records", board), _of_records, raws)
    for point, passages in _by_point(facts.loaded).items():
        yield f"loaded {point}", memo(("loaded", point), _of_passages, passages)
    for point, sightings in _by_point(facts.sightings).items():
        yield f"sightings {point}", memo(("sightings", point), _of_sightings, sightings)
    proposals = tuple(proposal.decision for proposal in facts.proposals)
    for name, step, rows in (
        ("decisions", _of_decisions, facts.decisions),
        ("proposals", _of_decisions, proposals),
        ("rivals", _of_rivals, facts.rivals),
        ("set aside", _of_rows, facts.set_aside),
        ("visited", _of_rows, facts.visited),
    ):
        if rows:
            yield name, memo(name, step, rows)


def _of_rulebooks(event: Event) -> list[tuple[str, str]]:
    return [(race, book.digest) for race, book in rulebooks(event).items()]


def _of_records(raws: Sequence[bytes]) -> str:
    return sha256(b"".join(raws)).hexdigest()  # each has the same size, and they are in order of sequence


def _of_list(written: MarshalList) -> str:
    return _of_rows([written.timing_point, *written.lines, *written.unusable])


def _of_passages(passages: Sequence[Passage]) -> str:
    return _of_rows(passages)


def _of_sightings(sightings: Sequence[Sighting]) -> str:
    return _of_rows(sightings)


def _of_decisions(decisions: Sequence[Decision]) -> str:
    return _of_rows(
        (decision.id, decision.kind, decision.who, decision.why, decision.at_ns, as_text(decision))
        for decision in decisions
    )


def _of_rivals(rivals: Sequence[Rivals]) -> str:
    return _of_rows((*every.key, every.ground, *(version.digest for version in every.versions)) for every in rivals)


def _of_rows(rows: Iterable[object]) -> str:
    """Return the SHA-256 of rows of texts and numbers."""
    return sha256(json.dumps(list(rows), ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def _by_point(placed: Iterable[Placed]) -> dict[str, tuple[Placed, ...]]:
    by_point: dict[str, list[Placed]] = defaultdict(list)
    for fact in placed:
        by_point[fact.timing_point].append(fact)
    return {point: tuple(facts) for point, facts in by_point.items()}
