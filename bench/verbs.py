"""What each verb costs on an event of two days' size: 57 crews, 35 timing points, 28 trials, nothing odd about them.

Each verb runs as its own process, as people run it; the figure is its processor time, start and imports included, the
least of a few runs. Of all of them "Python alone" is what the interpreter takes to start, and "start of" a verb what it
takes to import it and say its help.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.day import make_day
from centesimo.commands.main import VERBS as ALL

CREWS, CHAINS = 57, 7
REPEATS = 3
CREW = "{crew}"  # another one in each run, as nobody is excluded twice
COMMAND = ("-c", "from centesimo.commands.main import main; main()")
DECIDED = ("--who", "clerk", "--why", "bench", "--yes")
VERBS: tuple[tuple[str, ...], ...] = (
    ("check",),
    ("score",),
    ("questions",),
    ("ranking",),
    ("ranking", "--revision"),
    ("amend", "exclude", CREW, *DECIDED),
    ("publish", "--yes"),
    ("register",),
    ("print", "rankings"),
    ("picture",),
    ("explain", "3", "PC0-1"),
)


def run() -> list[tuple[str, float, str]]:
    """Return the processor time of each verb."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        make_day(Path(folder), CREWS, CHAINS)
        # As where it is installed: what was compiled once is not compiled again.
        environment = {"CENTESIMO_EVENT": folder, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache}
        rows = [("Python alone", _least(["-c", "pass"], environment), "s CPU")]
        rows += [("--help", _least([*COMMAND, "--help"], environment), "s CPU")]
        for words in VERBS:
            place = [folder] if words[0] == "check" else []
            rows.append((" ".join(words[:2]), _least([*COMMAND, *words, *place], environment), "s CPU"))
        rows += starts(environment)
    return rows


def starts(environment: Mapping[str, str]) -> list[tuple[str, float, str]]:
    """Return the processor time that each verb takes to start, run once."""
    return [(f"start of {verb}", _spent_s([*COMMAND, verb, "--help"], environment), "s CPU") for verb in ALL]


def _least(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Return the least processor time of a few runs of Python with these arguments."""
    turns = ([str(turn + 7) if word == CREW else word for word in arguments] for turn in range(REPEATS))
    return min(_spent_s(turn, environment) for turn in turns)


def _spent_s(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env={**os.environ, **environment})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
