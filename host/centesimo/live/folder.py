"""The files of a live event in a folder, for any web server, object store or network of caches: the very same bytes.

Each file is whole or not there. Of a revision the pieces come first, then the pages that name them; `crono/now.json`
comes when the pages that people look at most are there, then the rest. What did not change is not written again.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from centesimo.live.files import Files
from centesimo.live.site import SHOWS, Site
from centesimo.words.live import DEFAULT, LANGUAGES

NOW = "crono/now.json"
WAIT_S = 0.5


class Folder:
    """Writes one site after another; `put` is called from any thread, `run` in one of its own."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self.stopped = threading.Event()
        self._say = say
        self._newest: tuple[Site, Files] | None = None
        self._is_new = threading.Event()
        self._written: dict[str, str] = {}  # etag by address
        self._is_failing = False

    def put(self, site: Site, files: Files) -> None:
        """Take a site that is to be written; of several that come meanwhile the last one is."""
        self._newest = site, files
        self._is_new.set()

    def run(self) -> None:
        """Write until stopped, the last site too."""
        while not self.stopped.is_set() or self._is_new.is_set():
            if self._is_new.wait(WAIT_S):
                self._is_new.clear()
                if self._newest:
                    self.write(*self._newest)

    def write(self, site: Site, files: Files) -> None:
        """Write all of a site; one that is newer ends it, as that has all that is missing."""
        try:
            for address in self._addresses(site, files):
                found = files.find(site, address, DEFAULT)
                name = f"{address}index.html" if address.endswith("/") else address
                if found and self._written.get(name) != found.etag:
                    for digest in files.fragments_of(site, address):
                        if fragment := files.find_fragment(digest):
                            self._put(f"crono/f/{digest}.html", fragment.raw)
                    self._put(name, found.raw)
                    self._written[name] = found.etag
                if self._is_new.is_set() and self._written.get(NOW):
                    return
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                self._say(f"error: {self.path} cannot be written: {error.strerror}; it is tried again with what is new")
            self._is_failing = True
            self._written.clear()

    def _addresses(self, site: Site, files: Files) -> Iterator[str]:
        """Yield every address, what most people look at first."""
        yield from files.assets()
        first = [site.root, *(site.path_of(race) for race in site.races), *(f"{show}/" for show in SHOWS)]
        for folder in first:
            yield from _of_folder(folder)
        yield NOW
        for folder in site.paths():
            if folder not in first:
                yield from _of_folder(folder)
        yield from ("api/openapi.json", "api/races.json")
        for race in site.races:  # a crew's answer has the revision in it: as many files would be written for each
            yield from (f"api/race/{race.race.live or race.number}/ranking/{base}.json" for base in race.bases)

    def _put(self, name: str, raw: bytes) -> None:
        place = self.path / name
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


def _of_folder(folder: str) -> Iterator[str]:
    """Yield the addresses of a page: what names its parts behind the page that has them all."""
    for language in LANGUAGES:
        yield f"{folder}index.{language}.html"
        yield f"{folder}now.{language}.json"
    yield folder
