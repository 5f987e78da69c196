"""The pages of one revision: what stands at which address, in each language, made when it is asked for and then kept.

An address is that of a folder with a page for each language (`index.en.html`) and what a script reads to keep the page
fresh (`now.en.json`). Parts lie under `crono/f/` by their digest. A page whose parts did not change is the very page of
the revision before, hour and all, so that a folder of files is rewritten only where something is new.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import RLock
from typing import Any, NamedTuple

from centesimo.live import assets
from centesimo.live.parts import (
    Part,
    block_parts,
    digest_of_parts,
    manifest,
    part,
    rendered,
    side_parts,
)
from centesimo.live.race import LiveRace, slug
from centesimo.live.show import overlay_parts, screen_parts, speaker_parts
from centesimo.live.standing import State
from centesimo.live.tables import CrewPlace, Table
from centesimo.live.texts import (
    extent_of,
    gap_text,
    hour_of,
    place_text,
    row_text,
    sum_text,
    times_of,
    title_of,
    where_text,
)
from centesimo.model.event import Event
from centesimo.model.memo import Memo
from centesimo.publish.render import local, typeset
from centesimo.store import Posted
from centesimo.words.live import CATALOGUES, Words, words_of
from centesimo.words.paper import outdated_in

KEPT = 3000  # pages that are kept from one revision to the next, the newest ones
SHOWS = ("speaker", "screen", "overlay")


class Page:
    """One page in one language; its whole text is made when somebody asks for it.

    path  of its folder, "" or ending in "/"
    now   what its script reads, JSON; None: the page itself, as few people look at it at a time
    """

    def __init__(
        self, path: str, language: str, now: str | None, digest: str, parts: Sequence[Part], made: Callable[[], str]
    ) -> None:
        self.path = path
        self.language = language
        self.now = now
        self.digest = digest
        self.parts = tuple(parts)
        self._made = made

    @cached_property
    def text(self) -> str:
        """The whole page, which works without a script."""
        return self._made()


class Draft(NamedTuple):
    """What a page is made of before it is put into its frame."""

    kind: str  # the template
    base: str  # the folder that links start from
    title: str
    heading: str
    extent: str
    parts: Sequence[Part]
    values: Mapping[str, Any]


class Site:
    """All pages of one revision; may be asked from several threads."""

    def __init__(
        self,
        event: Event,
        races: Sequence[LiveRace],
        revision: str,
        at_ns: int,
        posted: Sequence[Posted] = (),
        before: "Site | None" = None,
        html: Memo | None = None,
    ) -> None:
        self.event = event
        self.races = tuple(races)
        self.revision = revision
        self.at_ns = at_ns
        self.posted = tuple(posted)
        self.year = event.legs[0].date.year
        self.root = f"crono/{self.year}/"
        self._lock = RLock()
        self._html = html or Memo()
        self._pages: dict[tuple[str, str], Page | None] = {}
        self._page_inputs: dict[str, object | None] = {}
        self._before_inputs = before.inputs() if before and before.event is event else {}
        self._before: dict[tuple[str, str], Page] = before.made() if before else {}
        self.languages = event.languages
        self._words = {language: words_of(language) for language in self.languages}

    def made(self) -> dict[tuple[str, str], Page]:
        """Return every page that was made, by path and language, those of earlier revisions where there is no newer."""
        with self._lock:
            made = {key: page for key, page in self._pages.items() if page}
            every = {**{key: page for key, page in self._before.items() if key not in made}, **made}
            return dict(list(every.items())[-KEPT:])

    def inputs(self) -> dict[str, object | None]:
        """Return what each page was made of that was asked for, those of earlier revisions where there is no newer."""
        with self._lock:
            return {**self._before_inputs, **self._page_inputs}

    def find_page(self, path: str, language: str) -> Page | None:
        """Return the page of a folder, None where there is none in that language."""
        if language not in self.languages:
            return None
        with self._lock:
            key = path, language
            if key not in self._pages:
                kept = self._before.get(key)
                inputs = self._inputs(path)
                is_kept = kept is not None and inputs is not None and self._before_inputs.get(path) == inputs
                self._pages[key] = kept if is_kept else self._made(path, self._words[language])
            return self._pages[key]

    def _inputs(self, path: str) -> object | None:
        """Return what the page of a folder is made of where that is cheap to tell, so that it need not be made."""
        if path not in self._page_inputs:
            name, _, rest = path.removeprefix(f"{self.root}race/").partition("/")
            race = self.find_race(name) if path.startswith(f"{self.root}race/") else None
            inputs: object | None = None
            if race is not None and rest.startswith("crew/"):
                sheet = race.find_crew(_number(rest.removeprefix("crew/").removesuffix("/")))
                inputs = sheet and (sheet._replace(places=()), [_known(place) for place in sheet.places])
            elif race is not None and rest.startswith(("after-", "control-")):
                inputs = race.find_table(rest.removesuffix("/"))
            self._page_inputs[path] = inputs and (inputs, bool(self.posted))
        return self._page_inputs[path]

    def find_race(self, name: str) -> LiveRace | None:
        """Return a race by its place in the event ("1") or its key `live`."""
        for race in self.races:
            if name in (str(race.number), race.race.live or None):
                return race
        return None

    def paths(self) -> Iterator[str]:
        """Yield the folders of all pages, as a folder of files has them; each race by its own name."""
        yield self.root
        yield from (f"{show}/" for show in SHOWS)
        for race in self.races:
            own = self.path_of(race)
            yield own
            for base in race.bases:
                yield f"{own}{base}/"
                yield from (f"{own}{base}/{further}/" for further, _ in race.further)
            for control in race.controls:
                yield f"{own}after-{slug(control.id)}/"
                yield f"{own}control-{slug(control.id)}/"
            for entry in race.entries:
                yield f"{own}crew/{entry.start_number}/"

    def path_of(self, race: LiveRace) -> str:
        """Return the folder of a race."""
        return f"{self.root}race/{race.race.live or race.number}/"

    def now(self) -> str:
        """Return what every reader asks for: the revision and its hour, as JSON."""
        return json.dumps({"revision": self.revision, "hour": hour_of(self.at_ns, self.event.timezone, True)})

    # Making a page.

    def _made(self, path: str, words: Words) -> Page | None:
        draft = self._find_draft(path, words)
        if draft is None:
            return None
        digest = digest_of_parts([*draft.parts, part("frame", f"{draft.title} {draft.extent} {draft.values}")])
        kept = self._before.get((path, words.language))
        if kept and kept.digest == digest:
            return kept
        hour = hour_of(self.at_ns, self.event.timezone, with_seconds=True)
        frame = self._frame(path, draft, words, hour, digest)
        now = None
        if self._has_manifest(path):
            now = json.dumps({**manifest(self.revision, hour, draft.parts), "extent": draft.extent})
        return Page(path, words.language, now, digest, draft.parts, lambda: rendered(draft.kind, **frame))

    def _has_manifest(self, path: str) -> bool:
        """Say whether the script of a page reads what names its parts; not of a crew's, a control's, and up to one."""
        rest = path.removeprefix(f"{self.root}race/").partition("/")[2]
        return not path.startswith(f"{self.root}race/") or not rest.startswith(("crew/", "after-", "control-"))

    def _frame(self, path: str, draft: Draft, words: Words, hour: str, digest: str) -> dict[str, Any]:
        others = [(each, CATALOGUES[each]["language"]) for each in self.languages if each != words.language]
        return {
            "w": words,
            "kind": draft.kind,
            "title": draft.title,
            "heading": draft.heading,
            "extent": draft.extent,
            "event": self.event.name,
            "zone": self.event.timezone.key,
            "parts": draft.parts,
            "base": _climb(path, draft.base),
            "root": _climb(draft.base, ""),
            "here": path.removeprefix(draft.base) or "./",
            "now": f"now.{words.language}.json" if self._has_manifest(path) else f"index.{words.language}.html",
            "year": _climb(draft.base, self.root),
            "css": assets.CSS.name,
            "js": assets.SCRIPT.name,
            "icon": assets.ICON.name,
            "others": others,
            "hour": hour,
            "revision": self.revision,
            "digest": digest,
            "notice": words("only posted") if self.posted else words("not posted"),
            **draft.values,
        }

    def _find_draft(self, path: str, words: Words) -> Draft | None:
        makers: dict[str, Callable[[Words], Draft]] = {
            self.root: self._year,
            "speaker/": lambda words: self._show("speaker", speaker_parts(self.races, words), words),
            "screen/": lambda words: self._show("screen", screen_parts(self.races, words), words),
            "overlay/": lambda words: self._show("overlay", overlay_parts(self.races, words), words),
        }
        if path in makers:
            return makers[path](words)
        name, _, rest = path.removeprefix(f"{self.root}race/").partition("/")
        race = self.find_race(name) if path.startswith(f"{self.root}race/") else None
        if race is None:
            return None
        base = f"{self.root}race/{name}/"
        if rest.startswith("crew/"):
            return self._crew(race, base, rest.removeprefix("crew/").removesuffix("/"), words)
        table = race.find_table(rest.removesuffix("/") or race.main)
        return self._table(race, base, table, words) if table else None

    def _table(self, race: LiveRace, base: str, table: Table, words: Words) -> Draft:
        zone = self.event.timezone
        title = title_of(table, race, words)
        # A table of one control, or up to one, is of the past: it has nobody beside it, and seldom changes.
        sides = side_parts(race, zone, words) if table.key.partition("/")[0] in race.bases else []
        parts = [*block_parts(table, zone, words, self._html), *sides]
        own_base, _, _ = table.key.partition("/")
        tabs = [(f"{key}/", self._name_of(race, key, words), key == own_base) for key in race.bases]
        further = [(f"{own_base}/{key}/", name, table.key == f"{own_base}/{key}") for key, name in race.further]
        if further and own_base in race.bases:
            further.insert(0, (f"{own_base}/", words("all crews"), table.key == own_base))
        controls = [
            (f"after-{slug(control.id)}/", control.id, table.key == f"after-{slug(control.id)}")
            for control in race.controls
            if control.leg == (table.leg.id if table.leg else race.running.id)
        ]
        values = {
            "tabs": tabs,
            "further": further if own_base in race.bases else [],
            "controls": controls,
            "by": table.by,
            "last": table.controls[-1].id if table.controls else "",
            "prints": list(self._prints(race, table, words)),
            "penalty": words("penalty.points" if table.highest_wins else "penalty"),
        }
        heading = race.race.name
        whole = f"{heading}: {title}"
        posted = self._posted(race, table, words)
        extent = " · ".join(filter(None, (title, extent_of(table, words), posted)))
        return Draft("race", base, f"{whole} – {self.event.name}", heading, extent, parts, values)

    def _name_of(self, race: LiveRace, key: str, words: Words) -> str:
        table = race.table(key)
        return table.leg.name if table.leg else words("overall")

    def _posted(self, race: LiveRace, table: Table, words: Words) -> str:
        """Return what is posted of a table's race and leg: "Provisional, version 2, posted 5 May 2027, 17:04"."""
        if posted := self._find_posted(race, table):
            hour = local(posted.posted_at_ns, self.event.timezone.key)
            return words("posted", status=words(posted.status), version=posted.version, hour=hour)
        return ""

    def _find_posted(self, race: LiveRace, table: Table) -> Posted | None:
        leg = table.leg.id if table.leg else None
        return next((posted for posted in self.posted if (posted.race, posted.leg) == (race.race.id, leg)), None)

    def _prints(self, race: LiveRace, table: Table, words: Words) -> Iterator[tuple[int, bool, str]]:
        """Yield for each version that was posted what its print is now worth: the address of a print ends in "#v2"."""
        if (posted := self._find_posted(race, table)) and not table.alone:
            for version in range(1, posted.version + 1):
                stated = version, posted.version, posted.posted_at_ns, self.event.timezone.key
                yield version, version < posted.version, outdated_in(words.language, *stated)

    def _crew(self, race: LiveRace, base: str, number: str, words: Words) -> Draft | None:
        sheet = race.find_crew(_number(number))
        if sheet is None:
            return None
        zone, entry = self.event.timezone, sheet.entry
        places = [
            (
                *place_text(place, race, words),
                words.number(typeset(f"{place.row.line.total:f}")) if place.row.line.position else "",
                words.number(gap_text(place.row.line.gap, sheet.highest_wins)),
                extent_of(place.table, words) if place.table.up_to else "",
            )
            for place in sheet.places
        ]
        head = rendered(
            "sheet",
            w=words,
            sheet=sheet,
            car=f"{entry.car}, {entry.year}" if entry.year else entry.car,
            state=str(sheet.standing.state).replace(" ", "-"),
            state_word=words(f"state.{sheet.standing.state}"),
            where=where_text(sheet.standing, zone, words) if sheet.standing.state is not State.EXCLUDED else "",
            places=places,
        )
        line_by_leg = {place.table.leg: place.row.line for place in sheet.places if place.overall is None}
        penalty = words("penalty.points" if sheet.highest_wins else "penalty")
        parts = [part("sheet", head)]
        for own in sheet.legs:
            line = line_by_leg.get(own.leg)
            total = sum_text(line, words) if line and line.position is not None else ""
            html = rendered(
                "times",
                w=words,
                leg=own.leg.name,
                times=times_of(own, words),
                penalty=penalty,
                total=total,
            )
            parts.append(part(f"leg-{slug(own.leg.id)}", html))
        title = f"{entry.start_number} {entry.crew}"
        return Draft("crew", base, f"{title} – {race.race.name}", entry.crew, "", parts, {"race": race.race.name})

    def _year(self, words: Words) -> Draft:
        parts = []
        for race in self.races:
            table = race.table(race.main)
            rows = [
                row_text(row, table.highest_wins, self.event.timezone, words)
                for row in table.rows[:3]
                if row.line.position
            ]
            html = rendered(
                "card",
                w=words,
                href=self.path_of(race).removeprefix(self.root),
                race=race.race.name,
                leg=title_of(table, race, words),
                extent=extent_of(table, words),
                crews=len(race.entries),
                rows=rows,
                posted=[text for base in race.bases if (text := self._posted(race, race.table(base), words))],
            )
            parts.append(part(f"race-{race.number}", html))
        return Draft("year", self.root, self.event.name, self.event.name, words("races"), parts, {})

    def _show(self, kind: str, parts: Sequence[Part], words: Words) -> Draft:
        return Draft(
            kind,
            f"{kind}/",
            f"{words(kind) if kind != 'overlay' else kind} – {self.event.name}",
            self.event.name,
            "",
            parts,
            {},
        )


def _number(text: str) -> int:
    """Return a start number as it stands in an address, 0 for none."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _known(place: CrewPlace) -> tuple[object, ...]:
    """Return what a crew's page says of one of its places."""
    line, table = place.row.line, place.table
    return table.key, table.up_to, table.controls[-1:], line.position, line.total, line.gap, line.net, place.overall


def _climb(start: str, goal: str) -> str:
    """Return the relative address from one folder to another that lies in the same root."""
    ups = start.split("/")[:-1]
    downs = goal.split("/")[:-1]
    while ups and downs and ups[0] == downs[0]:
        ups, downs = ups[1:], downs[1:]
    return "../" * len(ups) + "".join(f"{name}/" for name in downs) or "./"
