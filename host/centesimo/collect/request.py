"""One request to one board on an open port, and its answer: for what is rare and must be certain, as an erasure.

Only the greeting is repeated: a request that changes the board is sent once. LinkError says what the board did not do,
and why.
"""

from typing import TypeVar

from centesimo.collect.download import what_came
from centesimo.collect.link import Port, steady_ms
from centesimo.model.errors import LinkError
from centesimo_protocol import session
from centesimo_protocol.shim import VersionError

Answer = TypeVar("Answer")

REPEAT_MS = 700  # of the greeting
PATIENCE_MS = 4000  # a board may erase two sectors before it answers, at worst 400 ms each


class RefusedError(LinkError):
    """The board refused; the message holds its own words."""


class NoAnswerError(LinkError):
    """No answer came, so it is not known whether the board did it."""


def greet(port: Port, host: session.HostSession) -> session.Welcome:
    """Greet the board on a port and return its Welcome; LinkError when none comes within PATIENCE_MS."""
    end_ms = steady_ms() + PATIENCE_MS
    while host.board is None and steady_ms() < end_ms:
        port.write(host.hello())
        _wait(port, host, session.Welcome, min(end_ms, steady_ms() + REPEAT_MS))
    if host.board is None:
        raise LinkError(f"no board answers: {what_came(host)}", port.name)
    return host.board


def ask(port: Port, host: session.HostSession, message: "session.HostMessage", answer: type[Answer]) -> Answer:
    """Send a message to a greeted board and return its answer, of the class `answer`.

    RefusedError when the board refuses, NoAnswerError when nothing comes within PATIENCE_MS: then nobody knows whether
    it did what was asked.
    """
    port.write(host.send(message))
    reply = _wait(port, host, answer, steady_ms() + PATIENCE_MS)
    if reply is None:
        raise NoAnswerError("the board did not answer: ask it again, whether it did so is not known", port.name)
    return reply


def _wait(port: Port, host: session.HostSession, answer: type[Answer], end_ms: int) -> Answer | None:
    while steady_ms() < end_ms:
        try:
            messages = host.receive(port.read())
        except VersionError as error:
            raise LinkError(str(error), port.name) from error
        for message in messages:
            if isinstance(message, answer):
                return message
            if isinstance(message, session.Refused):
                raise RefusedError(f"the board refuses: {message.text.decode('utf-8', 'replace')}", port.name)
    return None
