"""What programs ask of a live event: races, rankings, crews, as JSON; docs/live.md and openapi.json explain each key.

The lines of a ranking and the scores of a crew are those of `centesimo ranking --json`. Keys are only ever added; a key
that changes its meaning makes a new version.
"""

import json
from collections.abc import Mapping
from typing import Any

from centesimo.live.race import LiveRace
from centesimo.live.site import Site
from centesimo.live.standing import Standing
from centesimo.live.tables import CrewPlace, Row, Table
from centesimo.publish.published import line_content, number_text, score_content, team_line
from centesimo.reading.localtime import local_text

VERSION = 1


def find_text(site: Site, path: str) -> str | None:
    """Return the answer at an address "api/...", with or without ".json" behind it; None where there is none."""
    match path.removesuffix(".json").split("/")[1:]:
        case ["races"]:
            answer: Mapping[str, Any] | None = races(site)
        case ["race", name, "ranking", *key]:
            race = site.find_race(name)
            answer = ranking(site, race, "/".join(key)) if race else None
        case ["race", name, "crew", number]:
            race = site.find_race(name)
            answer = crew(site, race, number) if race else None
        case _:
            answer = None
    return None if answer is None else json.dumps({**_head(site), **answer}, ensure_ascii=False)


def _head(site: Site) -> dict[str, Any]:
    """Return what every answer begins with."""
    return {
        "version": VERSION,
        "revision": site.revision,
        "at": local_text(site.at_ns, site.event.timezone)[:19],
        "timezone": site.event.timezone.key,
        "event": site.event.name,
    }


def races(site: Site) -> dict[str, Any]:
    """Return the races, and the tables that each has."""
    return {"year": site.year, "races": [_race(site, race) for race in site.races]}


def _race(site: Site, race: LiveRace) -> dict[str, Any]:
    return {
        "race": race.race.live or str(race.number),
        "id": race.race.id,
        "name": race.race.name,
        "wins": "highest" if race.highest_wins else "lowest",
        "running": race.running.id,
        "up_to": race.up_to.id if race.up_to else None,
        "crews": [entry.start_number for entry in race.entries],
        "rankings": [*race.bases, *(f"{base}/{further}" for base in race.bases for further, _ in race.further)],
        "controls": [control.id for control in race.controls],
        "posted": [
            {"leg": posted.leg, "version": posted.version, "status": posted.status}
            for posted in site.posted
            if posted.race == race.race.id
        ],
    }


def ranking(site: Site, race: LiveRace, key: str) -> dict[str, Any] | None:
    """Return one table of a race; "" is that of the leg that runs."""
    table = race.find_table(key or race.main)
    if table is None:
        return None
    return {
        "race": race.race.id,
        "key": table.key,
        "name": table.name,
        "leg": table.leg.id if table.leg else None,
        "up_to": table.controls[-1].id if table.controls else None,
        "wins": "highest" if table.highest_wins else "lowest",
        "by": table.by,
        "lines": [row_content(row, site) for row in table.rows],
        "teams": [team_line(line) for line in table.teams],
    }


def row_content(row: Row, site: Site) -> dict[str, Any]:
    """Return a line of a ranking as `ranking --json` has it, without its scores, and where the crew is."""
    content = {key: value for key, value in line_content(row.line).items() if key != "scores"}
    return {**content, "moved": row.moved, "standing": _standing(row.standing, site) if row.standing else None}


def _standing(standing: Standing, site: Site) -> dict[str, Any]:
    due_ns = standing.next_at_ns
    return {
        "state": str(standing.state),
        "missing": list(standing.missing),
        "next": standing.next_point or None,
        "next_at": None if due_ns is None else local_text(due_ns, site.event.timezone)[:19],
    }


def crew(site: Site, race: LiveRace, number: str) -> dict[str, Any] | None:
    """Return all of one crew."""
    sheet = race.find_crew(int(number)) if number.isdecimal() and len(number) < 10 else None
    if sheet is None:
        return None
    return {
        "race": race.race.id,
        "start_number": sheet.entry.start_number,
        "crew": sheet.entry.crew,
        "car": sheet.entry.car,
        "year": sheet.entry.year,
        "team": sheet.entry.team,
        "standing": _standing(sheet.standing, site),
        "places": [_place(place) for place in sheet.places],
        "scores": [score_content(score) for leg in sheet.legs for _, score in leg.pairs],
    }


def _place(place: CrewPlace) -> dict[str, Any]:
    table: Table = place.table
    return {
        "key": table.key,
        "name": table.name,
        "position": place.row.line.position,
        "overall": place.overall,
        "total": number_text(place.row.line.total),
        "gap": number_text(place.row.line.gap),
    }
