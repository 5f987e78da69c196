"""The files of a revision by their addresses, each with what a browser and a cache are told of it; ready packed.

A server answers with them and a folder holds them: what stands at an address is the same bytes either way.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from threading import Lock

from centesimo.live import api, assets
from centesimo.live.parts import digest_of
from centesimo.live.site import Page, Site

HTML, JSON = "text/html; charset=utf-8", "application/json"
CSS, SCRIPT, SVG = "text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"
FRESH = "public, max-age=1, stale-while-revalidate=10"  # asked for once a second by a cache, however many readers
FOR_EVER = "public, max-age=31536000, immutable"  # named by its digest
PAGES = 400  # that are kept packed
KEPT = 4000  # fragments of earlier revisions, for readers who are a little behind


class File:
    """What stands at an address; its bytes are made and packed when somebody asks for them, once.

    media, cache   what a browser and a cache are told of it
    language       of a page, else ""
    """

    def __init__(self, text: str | Callable[[], str], media: str, cache: str, language: str = "") -> None:
        self._text = text
        self.media = media
        self.cache = cache
        self.language = language

    @cached_property
    def raw(self) -> bytes:
        """The bytes; the same text gives the same ones."""
        return (self._text if isinstance(self._text, str) else self._text()).encode()

    @cached_property
    def packed(self) -> bytes:
        """The bytes packed with gzip."""
        return gzip.compress(self.raw, 6, mtime=0)

    @cached_property
    def etag(self) -> str:
        """What names the bytes in an answer's head."""
        return f'"{digest_of(self.raw)}"'


def _files(page: Page) -> tuple[File, File | None]:
    return File(lambda: page.text, HTML, FRESH, page.language), File(page.now, JSON, FRESH) if page.now else None


class Files:
    """The files of one site after another; may be asked from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fragments: OrderedDict[str, File] = OrderedDict()
        # By folder and language: the digest of the page, the page, what its script reads.
        self._of_page: OrderedDict[tuple[str, str], tuple[str, File, File | None]] = OrderedDict()
        self._made: tuple[str, dict[str, File | None]] = "", {}  # others of one revision
        self._assets = {
            asset.name: File(asset.text, media, FOR_EVER)
            for asset, media in ((assets.CSS, CSS), (assets.SCRIPT, SCRIPT), (assets.ICON, SVG))
        }

        self._openapi = File(assets.OPENAPI.text, JSON, FRESH)

    def find(self, site: Site, path: str, language: str) -> File | None:
        """Return the file at an address, which begins without "/"; `language` is for those that do not name theirs."""
        folder, _, name = path.rpartition("/")
        folder = f"{folder}/" if folder else ""
        if folder == "crono/f/":
            return self.find_fragment(name.removesuffix(".html"))
        if folder == "crono/a/":
            return self._assets.get(name)
        if path == "crono/now.json":
            return self.of_text(site.now())
        if path == "api/openapi.json":
            return self._openapi
        if path.startswith("api/"):
            return self._find_answer(site, path)
        match name.split("."):
            case [""]:
                made = self._find_page(site, folder, language)
                return made[0] if made else None
            case ["index" | "now" as which, asked, "html" | "json"] if asked in site.languages:
                made = self._find_page(site, folder, asked)
                return made[which == "now"] if made else None
        return None

    def assets(self) -> list[str]:
        """Return the addresses of style and script."""
        return [f"crono/a/{name}" for name in self._assets]

    def fragments_of(self, site: Site, path: str) -> list[str]:
        """Return the digests of the parts of the page at an address; none where there is no page."""
        folder, _, name = path.rpartition("/")
        language = name.split(".")[1] if name.count(".") == 2 else site.languages[0]
        page = site.find_page(f"{folder}/", language) if not path.startswith("api/") else None
        return [part.digest for part in page.parts] if page and page.now else []

    @staticmethod
    def of_text(text: str) -> File:
        """Return the file of what every reader asks for."""
        return File(text, JSON, FRESH)

    def find_fragment(self, digest: str) -> File | None:
        """Return the piece of that digest, None where it is of no page of late."""
        with self._lock:
            return self._fragments.get(digest)

    def _find_page(self, site: Site, folder: str, language: str) -> tuple[File, File | None] | None:
        """Return a page and what its script reads, None where there is no such page."""
        page = site.find_page(folder, language)
        return self._of(page) if page else None

    def _of(self, page: Page) -> tuple[File, File | None]:
        key = page.path, page.language
        known = f"{page.digest} {page.now}"
        with self._lock:
            made = self._of_page.get(key)
            if made is None or made[0] != known:
                made = known, *_files(page)
                self._of_page[key] = made
            for part in page.parts if page.now else ():  # who reads what names them has to find them
                if part.digest not in self._fragments:
                    self._fragments[part.digest] = File(str(part.html), HTML, FOR_EVER)
                self._fragments.move_to_end(part.digest)
            self._of_page.move_to_end(key)
            for kept, most in ((self._fragments, KEPT), (self._of_page, PAGES)):
                while len(kept) > most:
                    kept.popitem(last=False)
            return made[1:]

    def _find_answer(self, site: Site, path: str) -> File | None:
        with self._lock:
            if self._made[0] != site.revision:
                self._made = site.revision, {}
            answers = self._made[1]
        if path not in answers:
            text = api.find_text(site, path)
            answers[path] = None if text is None else File(text, JSON, FRESH)
        return answers[path]
