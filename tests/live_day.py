"""A day for the live pages: two legs, a race of penalties and one of points on the same tubes, classes, ladies, teams.

`files` are the event's texts, `rows` who passes where and when by a seed, `sheet` a file of passages. Every crew is
named in it, so that the pages are tested and not the matching.
"""

import random
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Rome")
S_NS = 10**9
CHAINS = {"L1": (("A", 4, 15), ("B", 3, 40)), "L2": (("D", 3, 15), ("E", 4, 35))}  # (letter, points, minutes after)
DATES = {"L1": "2027-05-15", "L2": "2027-05-16"}
IDEAL_S = 30

POINTS_TOML = """\
title = "Points"
extends = "mille-miglia-2017"

[timed_trial]
table = {table}
beyond = 10

[time_control]
early_per_minute = 100
early_cap = "none"
late_cap = "none"
max_lateness_min = 30
beyond_only_leg = "exclusion"
beyond_inner_leg = 5000
beyond_last_leg = "exclusion"

[total]
rounding = "half up"
""".replace("{table}", str([[cs, 420 - 25 * cs] for cs in range(16)]))
RULES_TOML = """\
title = "Penalties"
extends = "aci-regularity-2021"

[time_control]
max_lateness_min = 30
"""
RANKINGS = """
[[ranking]]
id = "ladies"
name = "Ladies' cup"
ladies = true

[[ranking]]
id = "class"
name = "Class"
each = "class"

[[ranking]]
id = "teams"
name = "Teams"
by = "team"
best = 2
"""


class Passing(NamedTuple):
    """One crew over one tube."""

    at_ns: int
    point: str
    number: int


def points_of(leg):
    """Return the tubes of a leg in the order of the road, its time control first."""
    return [f"C{leg[1:]}", *(f"{letter}{place}" for letter, count, _ in CHAINS[leg] for place in range(1, count + 1))]


def event_toml(interval_s=60):
    """Return the event: two legs, in each a time control and two chains of trials."""
    parts = ['[event]\nname = "Gran Premio di Prova"\ntimezone = "Europe/Rome"\nlanguages = ["en", "it"]\n']
    parts += [f'[[leg]]\nid = "{leg}"\nname = "Leg {leg[1:]}"\ndate = {date}\n' for leg, date in DATES.items()]
    for race, name, first, book in (
        ("classic", "Classic", "08:00:00", "rules.toml"),
        ("tribute", "Tribute", "07:30:00", "points.toml"),
    ):
        starts = [f'[[race.start]]\nleg = "{leg}"\nfirst = {first}\ninterval_s = {interval_s}\n' for leg in DATES]
        parts += [f'[[race]]\nid = "{race}"\nname = "{name}"\nrulebook = "{book}"\n', *starts]
    for number, point in enumerate([point for leg in DATES for point in points_of(leg)]):
        board, pin = divmod(number, 4)
        parts.append(
            f'[[timing_point]]\nid = "{point}"\nplace = "Road {point}"\nboard = "{board + 1:016x}"\ninput = {pin + 1}\n'
        )
    for leg, chains in CHAINS.items():
        at = f'leg = "{leg}"\nat = "C{leg[1:]}"\nafter_min = 10\n'
        parts.append(f'[[control]]\nid = "CO{leg[1:]}"\nkind = "time control"\n{at}')
        for letter, count, after_min in chains:
            for place in range(1, count):
                after = f"after_min = {after_min}\n" if place == 1 else ""
                parts.append(
                    f'[[control]]\nid = "PC-{letter}{place}"\nkind = "timed trial"\nleg = "{leg}"\n'
                    f'opens = "{letter}{place}"\ncloses = "{letter}{place + 1}"\nideal_s = {IDEAL_S}\n{after}'
                )
    return "\n".join(parts) + RANKINGS


def entries_csv(crews, moderns):
    """Return the entries: classic crews from 101 on, those of the tribute from 1 on."""
    cars = (
        ("Fiat 508 C Balilla", 1938),
        ("Alfa Romeo 6C 1750", 1931),
        ("OM 665 Superba", 1927),
        ("Lancia Aprilia", 1937),
    )
    rows = ["start_number,race,crew,car,year,team,coefficient,class,ladies"]
    for race, numbers in (("classic", range(101, 101 + crews)), ("tribute", range(1, 1 + moderns))):
        for place, number in enumerate(numbers):
            car, year = cars[place % len(cars)]
            team = ("Scuderia Est", "Scuderia Ovest", "Club Nord", "")[place % 4]
            ladies = "yes" if place % 5 == 2 else "no"
            rows.append(
                f"{number},{race},Crew {number} and partner,{car},{year},{team},1.30,{'AB'[place % 2]},{ladies}"
            )
    return "\n".join([*rows, ""])


def files(crews=12, moderns=4, interval_s=60):
    """Return the texts of the event folder by name."""
    return {
        "event.toml": event_toml(interval_s),
        "entries.csv": entries_csv(crews, moderns),
        "rules.toml": RULES_TOML,
        "points.toml": POINTS_TOML,
    }


def at_ns(leg, hour):
    """Return the instant of a local time of a leg's day."""
    return int(datetime.fromisoformat(f"{DATES[leg]}T{hour}").replace(tzinfo=ZONE).timestamp()) * S_NS


def rows(seed=1, crews=12, moderns=4, interval_s=60, missing=0.02, gone=0.05):
    """Return who passes where and when: some tubes miss a car, some crews give up on the way."""
    rng = random.Random(seed)
    passings = []
    for first, numbers in (("08:00", range(101, 101 + crews)), ("07:30", range(1, 1 + moderns))):
        for place, number in enumerate(numbers):
            skill_cs = rng.choice((1, 4, 12))
            last = rng.randrange(14) if rng.random() < gone else 99
            way = [(leg, point) for leg in CHAINS for point in points_of(leg)]
            for leg, chains in CHAINS.items():
                start_ns = at_ns(leg, first) + place * interval_s * S_NS
                instants = {f"C{leg[1:]}": start_ns + 600 * S_NS + rng.randrange(1, 55) * S_NS}
                for letter, count, after_min in chains:
                    passed_ns = start_ns + after_min * 60 * S_NS + rng.randrange(-3 * S_NS, 3 * S_NS)
                    for step in range(1, count + 1):
                        instants[f"{letter}{step}"] = passed_ns
                        passed_ns += IDEAL_S * S_NS + round(rng.gauss(0, skill_cs)) * 10_000_000
                for point, passed_ns in instants.items():
                    if way.index((leg, point)) < last and rng.random() >= missing:
                        passings.append(Passing(passed_ns, point, number))
    return sorted(passings)


def sheet(passings):
    """Return a file of passages for `centesimo load`."""
    lines = ["timing_point,start_number,instant,source"]
    for passing in passings:
        whole, rest_ns = divmod(passing.at_ns, S_NS)
        instant = f"{datetime.fromtimestamp(whole, ZONE):%Y-%m-%dT%H:%M:%S}.{rest_ns // 10_000_000:02}+02:00"
        lines.append(f"{passing.point},{passing.number},{instant},sheet")
    return "\n".join([*lines, ""])
