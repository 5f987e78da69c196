"""Follows one event: whenever its store or its folder has news, a new site is made; until then the last one stands.

A folder that was edited into a mistake leaves the last good event in force: the mistake is for who edits, not for the
public. A store that is locked, gone or replaced leaves the last site in force, which then says since when there is no
news; the store is opened again until it is there. So it is where boards have what cannot be stored. One thread; the
server asks it for `site` and `trouble` from another.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from centesimo.check.files import contents
from centesimo.compute import Computation, Facts, without_collector
from centesimo.gather import Gatherer
from centesimo.live.days import LiveDays
from centesimo.live.site import Site
from centesimo.model.errors import TimingError
from centesimo.model.memo import Memo
from centesimo.store import Store
from centesimo.store.wake import wake_of

MINUTE_NS = 60 * 10**9
WAIT_S = 0.25  # the longest time without a look at whether it is to end
LOOK_FOLDER_S = 1.0  # how often the folder's files are looked at
AGAIN_S = 0.5  # after a trouble of the store
DIGITS = 16  # of a revision, where people read it


class Trouble(NamedTuple):
    """Why there is no news, for people; and since when."""

    why: str
    since_ns: int


class Figures(NamedTuple):
    """How long the last revision took, and of how much it was made."""

    read_s: float = 0.0
    compute_s: float = 0.0
    render_s: float = 0.0
    passages: int = 0
    revisions: int = 0


class Feed:
    """Makes sites of an event folder until it is stopped."""

    def __init__(
        self, folder: Path, open_store: Callable[[], Store], now_ns: Callable[[], int], say: Callable[[str], None]
    ) -> None:
        self.folder = folder
        self.site: Site | None = None
        self._trouble: Trouble | None = None  # of reading the store
        self._trouble_by_port: dict[str, Trouble] = {}  # what boards have that cannot be stored
        self.mistake = ""  # of the event folder, as check says it
        self.figures = Figures()
        self.made: Callable[[Site], None] = lambda site: None  # called before readers hear of a site
        self.changed: Callable[[], None] = lambda: None  # called when there is another site or trouble
        self.stopped = threading.Event()
        self._open_store = open_store
        self._now_ns = now_ns
        self._say = say
        self._computation = Computation()
        self._days: LiveDays | None = None
        self._html = Memo()

    @property
    def trouble(self) -> Trouble | None:
        """Why there is no news, or not all; None where there is."""
        return self._trouble or min(self._trouble_by_port.values(), key=attrgetter("since_ns"), default=None)

    def note_port(self, port: str, why: str) -> None:
        """Note why what the board on a port has cannot be stored, "" where it can; from the port's thread."""
        before = self.trouble
        if why:
            self._trouble_by_port.setdefault(port, Trouble(why, self._now_ns()))
        else:
            self._trouble_by_port.pop(port, None)
        if self.trouble != before:
            self.changed()

    def run(self) -> None:
        """Follow until stopped."""
        while not self.stopped.is_set():
            try:
                with closing(self._open_store()) as store:
                    self._follow(store)
            except (TimingError, OSError) as error:
                self._note(str(error))
                self.stopped.wait(AGAIN_S)

    def _follow(self, store: Store) -> None:
        gatherer, folder, looked_s = Gatherer(self.folder, store), contents(self.folder), time.monotonic()
        with wake_of(store) as wake:
            while not self.stopped.is_set():
                is_news = wake.wait(WAIT_S)
                if time.monotonic() - looked_s >= LOOK_FOLDER_S:
                    before, folder, looked_s = folder, contents(self.folder), time.monotonic()
                    is_news = is_news or folder != before
                at_ns = self._now_ns()
                if is_news or self.site is None or at_ns // MINUTE_NS != self.site.at_ns // MINUTE_NS:
                    with without_collector():
                        self._make(gatherer, store, at_ns)
                self._clear()

    def _note(self, why: str) -> None:
        if self._trouble is None:
            self._trouble = Trouble(why, self._now_ns())
            self._say(f"error: {why}; the pages say since when there is no news, and it is tried again")
            self.changed()

    def _clear(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self._say("there is news again")
            self.changed()

    def _make(self, gatherer: Gatherer, store: Store, at_ns: int) -> None:
        """Compute and make the site of what the store and the folder have now."""
        began = time.perf_counter()
        facts = gatherer.facts()
        self._tell_mistake(gatherer)
        revision, posted = gatherer.revision()[:DIGITS], store.posted()
        read = time.perf_counter()
        outcome = self._computation.outcome(facts)
        computed = time.perf_counter()
        last_ns = max(filter(None, map(attrgetter("at_ns"), outcome.passages)), default=0)
        as_of_ns = max(last_ns, at_ns) // MINUTE_NS * MINUTE_NS
        self._html.turn()
        races = self._of(facts).races(outcome, as_of_ns)
        site = Site(facts.event, races, revision, at_ns, posted, self.site, self._html)
        self.made(site)
        self.figures = Figures(
            read - began,
            computed - read,
            time.perf_counter() - computed,
            len(outcome.passages),
            self.figures.revisions + 1,
        )
        self.site = site
        self.changed()

    def _of(self, facts: Facts) -> LiveDays:
        """Return what makes the races of an event, the same one as long as the event is the same."""
        if self._days is None or self._days.event is not facts.event:
            self._days = LiveDays(facts.event)
        return self._days

    def _tell_mistake(self, gatherer: Gatherer) -> None:
        before, self.mistake = self.mistake, str(gatherer.mistakes) if gatherer.mistakes else ""
        if self.mistake and self.mistake != before:
            self._say(f"error: {self.mistake}\nthe event as it was before stays in force until that is mended")
        elif before and not self.mistake:
            self._say("the event folder is right again")
