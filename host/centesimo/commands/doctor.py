"""centesimo doctor: what this computer lacks for a job, and what to do about it.

Each look is one fact with what to do where it is amiss. Nothing is changed, no board is asked and no page is fetched.
"""

import json
import os
import sys
import webbrowser
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import NamedTuple

import click
from rich.table import Table

from centesimo.boards.secret import read_masters, secrets_path
from centesimo.collect.link import found_ports, permission_text
from centesimo.collect.own_clock import clock_error_ns
from centesimo.commands.console import json_option, print_rows
from centesimo.model.errors import SecretError, TimingError

OFF_NS = 500_000_000  # a computer's clock that is less sure tells no whole second
WAIT_S = 5
FONT_TEST = b'#set text(font: "Libertinus Serif")\ncentesimo'
COLUMNS = ("job", "what", "found", "what to do")


class Look(NamedTuple):
    """What was found of one thing that a job needs; `mend` is what to do, "" where nothing is amiss."""

    job: str
    what: str
    found: str
    mend: str = ""


def ports() -> Look:
    """Look whether the ports of this computer can be listed, and opened by who is signed in."""
    what = "serial ports"
    try:
        candidates = [port.name for port in found_ports() if port.candidate]
    except TimingError as error:
        return Look("boards", what, str(error), "name the PORT with every command")
    closed = [name for name in candidates if os.path.exists(name) and not os.access(name, os.R_OK | os.W_OK)]
    if closed:
        return Look("boards", what, f"no permission for {', '.join(closed)}", permission_text(closed[0]))
    return Look("boards", what, ", ".join(candidates) or "none: plug a board in, and look again")


def clock() -> Look:
    """Look how well this computer knows the time: prepare holds whole seconds against it."""
    error_ns = clock_error_ns()
    found = "kept by nobody that can be asked" if error_ns is None else f"known to +-{error_ns / 1e6:.0f} ms"
    is_known = error_ns is not None and error_ns < OFF_NS
    mend = "" if is_known else "reach a time server (NTP) once before prepare: else no whole second is compared"
    return Look("boards", "clock", found, mend)


def secrets() -> Look:
    """Look whether the secrets with which boards seal can be read."""
    path = secrets_path()
    try:
        count = len(read_masters(path))
    except SecretError as error:
        return Look("boards", "secrets", str(error), f"mend {path}, or copy it from another computer")
    return Look("boards", "secrets", f"{count} in {path}" if count else "none yet: prepare --write makes one")


def letters() -> Look:
    """Look whether the terminal has all letters: names of crews have accents."""
    encoding = (getattr(sys.stdout, "encoding", None) or "none").lower()
    is_whole = encoding.replace("-", "") == "utf8"
    return Look("key", "letters", encoding, "" if is_whole else "use a terminal with UTF-8 (PYTHONUTF8=1)")


def serve_packages() -> Look:
    """Look for what centesimo serve runs on."""
    return _packages("serve", ("httptools", "segno", "starlette", "uvicorn"), "serve")


def browser() -> Look:
    """Look for a browser on this computer: pages are written without one."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return Look("serve", "browser", "none", "install one to look at pages here, or open them elsewhere")
    return Look("serve", "browser", str(getattr(found, "name", "")) or type(found).__name__)


def print_packages() -> Look:
    """Look for what sets pages for a printer."""
    return _packages("print", ("segno", "typst"), "print")


def fonts() -> Look:
    """Look whether the fonts are there with which pages for a printer are set: typst brings them."""
    if find_spec("typst") is None:
        return Look("print", "fonts", "not looked at", "install typst first")
    import typst

    _, warnings = typst.compile_with_warnings(FONT_TEST)
    said = "; ".join(str(warning) for warning in warnings)
    return Look("print", "fonts", said or "Libertinus Serif", "reinstall typst: it brings its fonts" if said else "")


def driver() -> Look:
    """Look for what speaks to PostgreSQL."""
    return _packages("postgresql", ("psycopg",), "postgresql")


def database() -> Look:
    """Look whether the database of CENTESIMO_STORE answers."""
    url = os.environ.get("CENTESIMO_STORE", "")
    if not url.startswith("postgresql"):
        return Look(
            "postgresql", "database", "CENTESIMO_STORE names none", "set it: postgresql+psycopg://user@host/database"
        )
    if find_spec("psycopg") is None:
        return Look("postgresql", "database", "not looked at", "install psycopg first")
    from sqlalchemy import create_engine  # half a second, which only this look needs
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = create_engine(url, connect_args={"connect_timeout": WAIT_S})
        with engine.connect():
            return Look("postgresql", "database", "it answers")
    except (SQLAlchemyError, ValueError) as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Look("postgresql", "database", why, "is the server running, and are host, user and password right?")


LOOKS: Mapping[str, tuple[Callable[[], Look], ...]] = {
    "boards": (ports, clock, secrets),
    "key": (letters,),
    "serve": (serve_packages, browser),
    "print": (print_packages, fonts),
    "postgresql": (driver, database),
}


def _packages(job: str, names: tuple[str, ...], extra: str) -> Look:
    missing = [name for name in names if find_spec(name) is None]
    mend = f"pip install 'centesimo[{extra}]'" if missing else ""
    return Look(job, "packages", f"without {', '.join(missing)}" if missing else "all there", mend)


@click.command()
@click.argument("jobs", nargs=-1, metavar="[JOB]...", type=click.Choice(list(LOOKS)))
@json_option
def doctor(jobs: tuple[str, ...], as_json: bool) -> None:
    """Say what this computer lacks for a JOB, and what to do: boards, key, serve, print, postgresql; all by default.

    Exit code 1 when something is amiss for a JOB that is named.
    """
    looks = [look() for job in jobs or LOOKS for look in LOOKS[job]]
    if as_json:
        click.echo(json.dumps([look._asdict() for look in looks], ensure_ascii=False, indent=1))
    else:
        table = Table()
        for column in COLUMNS:
            table.add_column(column, no_wrap=column in COLUMNS[:2])
        cells = [[look.job, look.what, look.found, look.mend or "nothing"] for look in looks]
        for row in cells:
            table.add_row(*row)
        print_rows(table, cells)
    amiss = [f"{look.job}: {look.what}: {look.found}: {look.mend}" for look in looks if look.mend]
    if jobs and amiss:
        raise TimingError("\n".join(amiss))
