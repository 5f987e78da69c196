"""The facts of an event, gathered from its folder and its store: once, or again and again as they come.

facts_of reads all. A Gatherer keeps what it has read and reads what is new: the folder when a file in it changed, the
store behind a cursor. What did not change stays the same object, so that a Computation sees at once what is to be done
again. The facts are those of facts_of either way. revision.py names them.
"""

from collections.abc import Sequence
from pathlib import Path

from centesimo.amend import taken_back
from centesimo.check import check_folder
from centesimo.check.files import Contents, contents
from centesimo.compute import Facts
from centesimo.gather.revision import revision
from centesimo.model.errors import EventError
from centesimo.model.event import Event
from centesimo.model.facts import MarshalList
from centesimo.model.memo import Memo
from centesimo.model.rivals import Rivals, Visited
from centesimo.sightings import in_order
from centesimo.store import Store
from centesimo.store.board_records import sequence_of
from centesimo.store.load_sightings import keyed_in_files
from centesimo.store.since import Cursor, News

OF_FILES = {"file", "sighting"}
OF_DECISIONS = {"amendment", "acceptance", "signature"}


def facts_of(folder: Path, store: Store) -> Facts:
    """Return the facts of an event: its folder as it is now, and what its store holds; EventError, StoreError."""
    return Gatherer(folder, store).facts()


class Gatherer:
    """The facts of one event as they come; for one thread.

    mistakes  why the folder as it is now is no event, while the last one that was still counts; None: it counts
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self.mistakes: EventError | None = None
        self._folder = folder
        self._store = store
        self._read: Contents | None = None
        self._cursor: Cursor | None = None
        self._facts: Facts | None = None
        self._taken_back: frozenset[str] = frozenset()
        self._memo = Memo()

    def facts(self) -> Facts:
        """Return the facts as they are now.

        EventError when the folder is no event and was none yet; StoreError when the store cannot be read: what was
        gathered stays, and the next call goes on from there.
        """
        event, lists = self._of_folder()
        before = self._facts or Facts(event, lists, {}, ())
        news, cursor = self._store.since(self._cursor)
        facts = self._with_news(before._replace(event=event, lists=lists), news)
        if news.kinds & OF_FILES or (facts.keyed and event is not before.event):
            keyed = keyed_in_files(self._store, event, facts.sightings)
            facts = facts._replace(keyed=keyed if keyed != facts.keyed else facts.keyed)
        self._facts = _with_rivals(facts, self._store.rivals(), self._store.visited())
        self._cursor = cursor
        return self._facts

    def revision(self) -> str:
        """Return the revision of the facts that were gathered last, as 64 hex digits."""
        if self._facts is None:
            raise ValueError("expected facts() to be called before revision()")
        self._memo.turn()
        return revision(self._facts, self._memo)

    def _of_folder(self) -> tuple[Event, tuple[MarshalList, ...]]:
        """Return the event and its lists: the folder's, or the last that could be read."""
        read = contents(self._folder)
        if self._facts is not None and read == self._read:
            return self._facts.event, self._facts.lists
        self._read = read
        try:
            event, lists = check_folder(self._folder)
        except EventError as error:
            if self._facts is None:
                raise
            self.mistakes = error
            return self._facts.event, self._facts.lists
        self.mistakes = None
        if self._facts is not None and self._facts.event.digest == event.digest:
            event = self._facts.event
        return event, lists

    def _with_news(self, facts: Facts, news: News) -> Facts:
        came = {board: _merged(facts.records.get(board, ()), new) for board, new in news.records.items()}
        if news.sightings:
            new_ids = {sighting.id for sighting in news.sightings}
            kept = [sighting for sighting in facts.sightings if sighting.id not in new_ids]
            facts = facts._replace(sightings=tuple(sorted([*kept, *news.sightings], key=in_order)))
        if news.kinds & OF_DECISIONS:
            facts = facts._replace(
                decisions=tuple(self._store.decisions()),
                proposals=tuple(self._store.proposals()),
                set_aside=tuple(self._store.set_aside()),
            )
        files = taken_back(facts.decisions)
        if news.kinds & {"passage", "file"} or files != self._taken_back:
            facts = facts._replace(loaded=tuple(self._store.passages(files)))
            self._taken_back = files
        return facts._replace(records=dict(sorted({**facts.records, **came}.items()))) if came else facts


def _with_rivals(facts: Facts, rivals: tuple[Rivals, ...], visited: tuple[Visited, ...]) -> Facts:
    """Return facts with the version that is used of each record that came in several; which one may change."""
    if not rivals:
        return facts
    used: dict[str, list[bytes]] = {}
    for every in rivals:
        used.setdefault(every.board, []).append(every.versions[0].raw)
    merged = {board: _merged(facts.records.get(board, ()), raws) for board, raws in used.items()}
    records = {board: raws for board, raws in merged.items() if raws != facts.records.get(board)}
    rest = rivals if rivals != facts.rivals else facts.rivals
    facts = facts._replace(records={**facts.records, **records} if records else facts.records, rivals=rest)
    return facts if visited == facts.visited else facts._replace(visited=visited)


def _merged(before: Sequence[bytes], new: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return a board's records with new ones, which take the place of those of their sequences."""
    if not before or sequence_of(before[-1]) < sequence_of(new[0]):
        return (*before, *new)
    by_sequence = {sequence_of(raw): raw for raw in (*before, *new)}
    return tuple(by_sequence[sequence] for sequence in sorted(by_sequence))
