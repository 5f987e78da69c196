"""Facts to decide about: the small event of events.py, driven by five crews, with one tube that missed a car.

Instants are s after 09:00 local time of the leg. Every crew has its card stamped at C1 in its due minute and drives the
chain A1, A2, A3 (30 s and 12.25 s); the hundredths that it is late on PC1 and PC2 are in DEVIATIONS. A2 missed crew 3,
and A1 has one passage of nobody after the last crew.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from centesimo.amend import made
from centesimo.commands.main import centesimo
from centesimo.compute import Facts, Outcome, rulebooks
from centesimo.model.basis import DUE
from centesimo.model.decisions import Decision
from centesimo.model.facts import Attribution, Passage
from centesimo.score import score
from tests.events import FILES, FIRST_AT_NS, event, write

STARTS_S = {1: 0, 2: 60, 3: 120, 11: 600, 12: 630}
DEVIATIONS = {1: (5, 0), 2: (3, 4), 3: (2, 6), 11: (0, 8), 12: (1, 7)}
NOBODYS_S = 1700
FLAT = {**FILES, "rules.toml": FILES["rules.toml"] + '\n[coefficient]\nkind = "none"\n'}
EVENT = event(FLAT)


def at_ns(seconds: str | Decimal | float) -> int:
    """Return the instant so many s after 09:00."""
    return FIRST_AT_NS + int(Decimal(str(seconds)) * 1_000_000_000)


def identity(point: str, number: int) -> str:
    """Return the id of a crew's passage; 0 is nobody."""
    return f"load:{point}:{number}"


def passage(point: str, number: int, seconds: str | Decimal | float) -> Passage:
    """Return a passage that names no crew, exact to the microsecond and in the middle of its hundredth."""
    source = "second device"
    return Passage(identity(point, number), point, at_ns(seconds) + 5_000_000, 1000, True, (), (), source)


def passages() -> tuple[Passage, ...]:
    """Return all passages of the day."""
    found = []
    for number, start_s in STARTS_S.items():
        first, second = (Decimal(one) / 100 for one in DEVIATIONS[number])
        opened = Decimal(start_s) + 900
        closed = opened + 30 + first
        found += [passage("C1", number, start_s + 620)._replace(start_number=number), passage("A1", number, opened)]
        found += [passage("A2", number, closed)] if number != 3 else []
        found.append(passage("A3", number, closed + Decimal("12.25") + second))
    return (*found, passage("A1", 0, NOBODYS_S))


def facts(*decisions: Decision) -> Facts:
    """Return the day with these decisions."""
    return Facts(EVENT, (), {}, passages(), decisions)


def decided(kind: str, at: int = 1, **values: Any) -> Decision:
    """Return a decision of the clerk; `at` orders several."""
    return made(kind, "the clerk", "marshal's report", at, **values)


BY = ("--who", "the clerk", "--why", "impeded")


def desk_at(folder: Path) -> Callable[..., Result]:
    """Return how to run a command in a folder, which becomes that of the small event: three crews drove it."""
    write(folder, FLAT)
    rows = ["timing_point,start_number,time_of_day,source"]
    for number, late in {1: "05", 2: "09", 3: "02"}.items():
        rows += [
            f"C1,{number},09:{9 + number}:20,card",
            f"A1,{number},09:{14 + number}:00.00,watch",
            f"A2,{number},09:{14 + number}:30.{late},watch",
            f"A3,{number},09:{14 + number}:42.50,watch",
        ]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    runner = CliRunner(env={"CENTESIMO_EVENT": str(folder)})

    def run(*words: str) -> Result:
        return runner.invoke(centesimo, list(words))

    assert run("load", str(folder / "sheet.csv")).exit_code == 0
    return run


def known(day: Facts, *nobodys: str) -> Outcome:
    """Return what follows when every passage is its crew's but for these, of which nobody can tell whose they are."""
    sure = [(one, int(one.id.rpartition(":")[2])) for one in day.loaded if one.id not in nobodys]
    made = [Attribution(one, number, 1.0, DUE) for one, number in sure if number and number < 90]
    scores, findings = score(day.event, rulebooks(day.event), made, decisions=day.decisions)
    return Outcome(
        day.loaded, tuple(made), tuple(scores), (), tuple(findings), recorded={one.id: one for one in day.loaded}
    )
