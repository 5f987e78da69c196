"""The files of a live event in a folder, for any web server, object store or network of caches: the very same bytes.

Each file is whole or not there. Of a revision the pieces come first, then the pages that name them; `crono/now.json`
comes when the pages that people look at most are there, then the rest. What did not change is not written again.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from centesimo.live.files import Files
from centesimo.live.site import SHOWS, Site

NOW = "crono/now.json"
WAIT_S = 0.5
AGAIN_S = 5.0
KEPT_S = 600.0  # a piece that no page names any more stays so long: for readers who are a little behind


class Folder:
    """Writes one site after another; `put` is called from any thread, `run` in one of its own."""

    def __init__(self, path: Path, say: Callable[[str], None], now_s: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._now_s = now_s
        self._named_s: dict[str, float] = {}  # by digest of a piece: when a page named it last
        self.stopped = threading.Event()
        self._say = say
        self._newest: tuple[Site, Files] | None = None
        self._is_new = threading.Event()
        self._written: dict[str, str] = {}  # etag by address
        self._again_s = 0.0
        self.why = ""  # why the last site is not whole in the folder, "" where it is

    def put(self, site: Site, files: Files) -> None:
        """Take a site that is to be written; of several that come meanwhile the last one is."""
        self._newest = site, files
        self._is_new.set()

    def run(self) -> None:
        """Write until stopped, the last site too."""
        while not self.stopped.is_set() or self._is_new.is_set():
            if self._is_new.wait(WAIT_S) or (self.why and self._now_s() >= self._again_s):
                self._is_new.clear()
                if self._newest:
                    self.write(*self._newest)

    def write(self, site: Site, files: Files) -> None:
        """Write all of a site; one that is newer ends it, as that has all that is missing."""
        try:
            for address in self._addresses(site, files):
                found = files.find(site, address, site.languages[0])
                name = f"{address}index.html" if address.endswith("/") else address
                if found and self._written.get(name) != found.etag:
                    for digest in files.fragments_of(site, address):
                        if fragment := files.find_fragment(digest):
                            self._put(_of_piece(digest), fragment.raw, site.languages[0])
                    self._put(name, found.raw, site.languages[0])
                    self._written[name] = found.etag
                self._named_s |= dict.fromkeys(files.fragments_of(site, address), self._now_s())
                if self._is_new.is_set() and self._written.get(NOW):
                    return
            self._remove_old()
            if self.why:
                self._say(f"{self.path} is written again")
            self.why = ""
        except OSError as error:
            before, self.why = self.why, f"{self.path} cannot be written: {error.strerror}"
            self._again_s = self._now_s() + AGAIN_S
            if self.why != before:
                self._say(f"error: {self.why}; what is there stays, and it is tried again every {AGAIN_S:.0f} s")
            self._written.clear()
            with suppress(OSError):
                self._remove_old()  # perhaps that is the room that is missing

    def _addresses(self, site: Site, files: Files) -> Iterator[str]:
        """Yield every address, what most people look at first."""
        yield from files.assets()
        first = [site.root, *(site.path_of(race) for race in site.races), *(f"{show}/" for show in SHOWS)]
        for folder in first:
            yield from _of_folder(folder, site.languages)
        yield NOW
        for folder in site.paths():
            if folder not in first:
                yield from _of_folder(folder, site.languages)
        yield from ("api/openapi.json", "api/races.json")
        for race in site.races:  # a crew's answer has the revision in it: as many files would be written for each
            yield from (f"api/race/{race.race.live or race.number}/ranking/{base}.json" for base in race.bases)

    def _remove_old(self) -> None:
        """Remove the pieces that no page has named for KEPT_S, those of an earlier run too."""
        oldest_s = self._now_s() - KEPT_S
        for piece in (self.path / "crono/f").iterdir():
            if self._named_s.setdefault(piece.stem, self._now_s()) < oldest_s:
                piece.unlink(missing_ok=True)
                del self._named_s[piece.stem]

    def _put(self, name: str, raw: bytes, first: str) -> None:
        place = self.path / name
        named = place.with_name(f"index.{first}.html")
        if place.name == "index.html" and named.exists() and named.read_bytes() == raw:
            self._link(named, place)
            return
        if name.startswith("crono/f/") and place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=place.parent, prefix=".")
        try:
            with open(handle, "wb") as file:
                file.write(raw)
            os.chmod(aside, 0o644)
            os.replace(aside, place)
        except BaseException:
            with suppress(OSError):
                os.unlink(aside)
            raise

    @staticmethod
    def _link(named: Path, place: Path) -> None:
        """Put the same file at another name, where the file system can."""
        aside = place.with_name(f".{place.name}")
        aside.unlink(missing_ok=True)
        try:
            aside.hardlink_to(named)
        except OSError:
            shutil.copyfile(named, aside)
        os.replace(aside, place)
        aside.unlink(missing_ok=True)  # to put a file where it lies does nothing


def _of_piece(digest: str) -> str:
    return f"crono/f/{digest}.html"


def _of_folder(folder: str, languages: Sequence[str]) -> Iterator[str]:
    """Yield the addresses of a page: what names its parts behind the page that has them all."""
    for language in languages:
        yield f"{folder}index.{language}.html"
        yield f"{folder}now.{language}.json"
    yield folder
