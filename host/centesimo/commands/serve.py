"""centesimo serve: the live pages of an event, until stopped; over HTTP it only reads."""

import errno
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import click

from centesimo.check import read_event
from centesimo.commands.collect import following
from centesimo.commands.console import say, say_on
from centesimo.commands.event_folder import opener, store_option
from centesimo.model.errors import StoreError

ANY_HOST = ("0.0.0.0", "::", "")
Log = TypeVar("Log")
LEAVE_S = 10  # the longest wait for a thread that is to end


@click.command()
@click.argument("folder", metavar="EVENT", type=click.Path(path_type=Path), default=".", envvar="CENTESIMO_EVENT")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0: all of them.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option("--collect", "ports", multiple=True, metavar="PORT", help="Follow the board on this port too.")
@click.option("--static", "static", type=click.Path(path_type=Path), help="Write the same files into this folder too.")
@click.option(
    "--access-log", "access_log", type=click.Path(path_type=Path), help="Write a line for each answer into this file."
)
@store_option
def serve(
    folder: Path, host: str, port: int, ports: tuple[str, ...], static: Path | None, access_log: Path | None
) -> None:
    """Serve the live pages of an EVENT folder until stopped: the public's, the speaker's, a screen's.

    They follow whatever is collected, loaded or decided meanwhile, by this command or others. Over HTTP nothing can be
    changed.
    """
    try:
        from centesimo.live.access import AccessLog
        from centesimo.live.feed import Feed
        from centesimo.live.folder import Folder
        from centesimo.live.server import Live, Server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("centesimo"):
            raise
        raise StoreError(f"expected what serve needs, found no {error.name}: pip install 'centesimo[serve]'") from error
    name = read_event(folder).name
    open_store = opener(folder)
    with _listening(host, port) as listening:
        feed = Feed(folder, open_store, time.time_ns, say_on)
        written = Folder(static, say_on) if static else None
        live = Live(feed, written)
        server = Server(live, _log(AccessLog, access_log) if access_log else None)
        address = _address(host, listening.getsockname()[1])
        say(f"{name}: {address}")
        if sys.stdout.isatty():
            _show_code(address)
        say("Ctrl-C ends.")
        with ExitStack() as stack:
            if written:
                stack.enter_context(_running(written.run, written.stopped))
            stack.enter_context(_running(feed.run, feed.stopped))
            if ports:
                stack.enter_context(following(folder, open_store, ports, feed.note_port))
            server.run(sockets=[listening])
    say_on("ended")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is done; StoreError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(4096)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                what = f"port {port} of {host} is taken: expected a free one; name another with --port"
                raise StoreError(what) from error
            raise StoreError(f"{host}:{port}: expected an address of this computer, got: {error.strerror}") from error
        yield listening


def _log(made: Callable[[Path, Callable[[str], None]], Log], path: Path) -> Log:
    """Begin the access log; StoreError where it cannot be written."""
    try:
        return made(path, say_on)
    except OSError as error:
        raise StoreError(f"{path}: expected a file that can be written, got: {error.strerror}") from error


def _address(host: str, port: int) -> str:
    """Return the address that a reader types; where it listens everywhere, that of this computer in its network."""
    if host in ANY_HOST:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # nothing is sent: the system says which address would be used
                host = probe.getsockname()[0]
            except OSError:
                host = socket.gethostname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _show_code(address: str) -> None:
    import segno

    segno.make(address, error="l").terminal(compact=True)


@contextmanager
def _running(run: Callable[[], None], stopped: threading.Event) -> Iterator[None]:
    """Run something in a thread of its own until the block ends."""
    thread = threading.Thread(target=run, name=run.__qualname__, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(LEAVE_S)
