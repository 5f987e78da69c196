"""A small event folder for tests: two races, one leg, one time control, a chain of two timed trials, five crews.

`FILES` are its texts by name. `changed` gives them with one thing changed, `write` puts them into a folder, `event`
reads them. Instants: the leg's 09:00:00 in Rome is 07:00:00 UTC, `FIRST_AT_NS`.
"""

from pathlib import Path

from centesimo.check import event_from_files
from centesimo.model.event import Event

FIRST_AT_NS = 1_811_055_600_000_000_000  # 2027-05-23T07:00:00Z = 20,961 days and 7 h: 20961 x 86400 + 25200

EVENT_TOML = """\
[event]
name = "Small Event"
timezone = "Europe/Rome"

[[leg]]
id = "L1"
name = "Leg 1"
date = 2027-05-23

[[race]]
id = "classic"
name = "Classic"
rulebook = "rules.toml"

[[race.start]]
leg = "L1"
first = 09:00:00
interval_s = 60

[[race]]
id = "modern"
name = "Modern"
rulebook = "rules.toml"

[[race.start]]
leg = "L1"
first = 09:10:00
interval_s = 30

[[timing_point]]
id = "A1"
place = "Bridge"
board = "00000000000000a1"
input = 1

[[timing_point]]
id = "A2"
place = "Mill"
board = "00000000000000a1"
input = 2

[[timing_point]]
id = "A3"
place = "Church"
board = "00000000000000a2"
input = 1

[[timing_point]]
id = "C1"
place = "Square"
board = ""

[[control]]
id = "CO1"
kind = "time control"
leg = "L1"
at = "C1"
after_min = 10

[[control]]
id = "PC1"
kind = "timed trial"
leg = "L1"
opens = "A1"
closes = "A2"
ideal_s = 30
after_min = 15

[[control]]
id = "PC2"
kind = "timed trial"
leg = "L1"
opens = "A2"
closes = "A3"
ideal_s = 12.25
"""

ENTRIES_CSV = """\
start_number,race,crew,car,year,team
1,classic,Crew 1,Fiat 508 S,1934,Team East
2,classic,Crew 2,Lancia Aprilia,1937,Team West
3,classic,Crew 3,Jaguar XK 120,1951,
11,modern,Crew 11,Ferrari Roma,2021,Team East
12,modern,Crew 12,Ferrari 296 GTB,2023,
"""

RULES_TOML = """\
title = "Small rules"
extends = "aci-regularity-2021"

[time_control]
max_lateness_min = 30
"""

FILES = {"event.toml": EVENT_TOML, "entries.csv": ENTRIES_CSV, "rules.toml": RULES_TOML}


def changed(name: str, old: str, new: str, files: dict[str, str] = FILES) -> dict[str, str]:
    """Return the files with the first `old` in file `name` replaced; it must be there."""
    assert old in files[name], f"{old!r} is not in {name}"
    return {**files, name: files[name].replace(old, new, 1)}


def write(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Write the files into a folder and return it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def event(files: dict[str, str] = FILES) -> Event:
    """Return the event of these files."""
    return event_from_files(files)
