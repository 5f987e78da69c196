"""Before the day this computer vouches for the second of each board that is locked, or boards for each other's.

Its own clock comes first, as far as the kernel says that it is kept. Else a board beside it that agrees to the
millisecond: one of which the second is confirmed tells all; one with another maker's receiver tells only which pulse it
is, for the delays of two makers do not hide the same second, but both may be as old as each other's leap seconds.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from centesimo.boards.prepare import APART_NS
from centesimo.collect.download import welcome_text
from centesimo.collect.interview import Answers
from centesimo.collect.link import Port, host_id, steady_ms
from centesimo.collect.request import ask, greet
from centesimo.collect.status import ahead
from centesimo.collect.vouching import FIRST_VERSION, vouch
from centesimo.model.errors import LinkError
from centesimo_protocol import record, session

WAIT_MS = 15_000  # ten labels, and some
LOOK_S = 0.5


class Vouched(NamedTuple):
    """What was said to a board, on whose word, and what came of it; `outcome` None: it did not answer."""

    basis: int
    beside: str  # the board, name and id, "" this computer
    bound_us: int
    outcome: int | None = None


class Saying(NamedTuple):
    """A message for a board, and on whose word."""

    message: session.Vouch
    beside: str


def sayings(answers_by_port: Mapping[str, Answers], own_error_ns: int | None) -> dict[str, Saying]:
    """Return what is to be said to the board on each port; boards to which nobody can say anything are left out."""
    said = {}
    for port, answers in answers_by_port.items():
        if answers.welcome.version < FIRST_VERSION:
            continue
        message = None
        if own_error_ns is not None:
            message = vouch(answers.status, answers.asked_ns, answers.told_ns, own_error_ns)
        if message is not None:
            said[port] = Saying(message, "")
        elif not answers.status.confirmed:
            said |= _beside(port, answers, answers_by_port)
    return said


def _beside(port: str, answers: Answers, answers_by_port: Mapping[str, Answers]) -> dict[str, Saying]:
    """Return what a board beside this one says of it, one that is confirmed first."""
    clock = ahead(answers)
    for basis in (record.CONFIRMED_BOARD, record.OTHER_MODEL):
        for witness_port, witness in answers_by_port.items():
            witness_clock = ahead(witness)
            if witness_port == port or clock is None or witness_clock is None or not _may_tell(basis, witness, answers):
                continue
            ahead_ns, error_ns = witness_clock
            if abs(ahead_ns - clock[0]) > APART_NS + error_ns + clock[1]:
                continue
            message = vouch(answers.status, answers.asked_ns, answers.told_ns, error_ns, basis, ahead_ns)
            if message is not None:
                return {port: Saying(message, welcome_text(witness.welcome))}
    return {}


def _may_tell(basis: int, witness: Answers, answers: Answers) -> bool:
    if witness.status.state != record.LOCKED or witness.welcome.board_id == answers.welcome.board_id:
        return False
    if basis == record.CONFIRMED_BOARD:
        return bool(witness.status.confirmed)
    makers = (witness.status.maker, answers.status.maker)
    return bool(all(makers) and makers[0] != makers[1])


def say_all(
    answers_by_port: Mapping[str, Answers], said_by_port: Mapping[str, Saying], now_ns: Callable[[], int]
) -> tuple[dict[str, Answers], dict[str, Vouched]]:
    """Tell all boards at once, and wait until those that agree are confirmed; return how they are then, by port."""
    answers, vouched = dict(answers_by_port), {}
    with ThreadPoolExecutor(max_workers=max(1, len(said_by_port))) as executor:
        told = executor.map(lambda port: _say(port, answers_by_port[port], said_by_port[port], now_ns), said_by_port)
        for port, (now, outcome) in zip(said_by_port, told, strict=True):
            answers[port] = now
            vouched[port] = outcome
    return answers, vouched


def _say(port: str, answers: Answers, said: Saying, now_ns: Callable[[], int]) -> tuple[Answers, Vouched]:
    vouched = Vouched(said.message.basis, said.beside, said.message.bound_us)
    try:
        with Port(port) as line:
            host = session.HostSession(host_id())
            welcome = greet(line, host)
            if welcome.board_id != answers.welcome.board_id or welcome.boot != answers.welcome.boot:
                return answers, vouched
            outcome = ask(line, host, said.message, session.Vouched).outcome
            answers = _until_confirmed(line, host, answers, now_ns, outcome)
    except LinkError:
        return answers, vouched
    return answers, vouched._replace(outcome=outcome)


def _until_confirmed(
    line: Port, host: session.HostSession, answers: Answers, now_ns: Callable[[], int], outcome: int
) -> Answers:
    """Return how the board is once it is confirmed, or when that cannot be waited for."""
    end_ms = steady_ms() + WAIT_MS
    while not answers.status.confirmed and outcome == record.AGREES and steady_ms() < end_ms:
        time.sleep(LOOK_S)
        asked_ns = now_ns()
        status = ask(line, host, session.AskStatus(), session.Status)
        answers = answers._replace(status=status, asked_ns=asked_ns, told_ns=now_ns())
    return answers


def vouched_text(vouched: Vouched) -> str:
    """Return what came of it as a note for a person."""
    who = f"board {vouched.beside} beside it" if vouched.beside else "this computer"
    bound = f"to {vouched.bound_us / 1000:.0f} ms"
    if vouched.outcome == record.AGREES and vouched.basis == record.OTHER_MODEL:
        return f"{who} has another maker's receiver and names the same second, {bound}: 20 minutes of fix confirm it"
    if vouched.outcome == record.AGREES:
        return f"{who} vouches for its second, {bound}"
    if vouched.outcome == record.OTHER_SECOND:
        return f"{who} says that its second is another one"
    if vouched.outcome == record.UNCLEAR:
        return (
            f"{who} is off by a fraction of a second, {bound}: look at the pulse's polarity, and at this computer's NTP"
        )
    return ""
