"""Erase a board, but only what this store holds, proven by the board's own seals.

The board is collected first, so that nothing is missing, and its chain is verified in the store; then the board is told
how many records, up to which Seal, and that Seal's tag. It compares them with its own and erases, or says why not.
It writes down that it did, so a lost answer is found in its next records, and nothing is erased twice.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from centesimo.collect import collect
from centesimo.collect.download import name_of, welcome_text
from centesimo.collect.link import Port, host_id
from centesimo.collect.request import NoAnswerError, RefusedError, ask, greet
from centesimo.model.errors import LinkError, StoreError
from centesimo.store import Store
from centesimo.store.chain import PROVEN, WITHOUT_SECRET, Block, newest_seal, verify_chain
from centesimo_protocol import record, session

TRIES = 3  # a record that comes between collecting and erasing makes the board refuse, and an answer may be lost

Secrets = Callable[[str], Sequence[bytes]]  # the secrets known of a board (16 hex digits)


class Erasure(NamedTuple):
    """What is or was erased: so many `records` of a board (16 hex digits) up to the Seal `last`, which it keeps."""

    board: str
    name: str  # as its settings have it, "" none
    records: int
    last: int
    unproven: int  # of these records: sealed without a secret, before the board got one


def erase(
    store: Store,
    port: str,
    secrets_of: Secrets,
    now_ns: Callable[[], int],
    confirmed: bool,
    boards: Collection[str] = (),
) -> Erasure:
    """Collect, verify and erase the board on a port; only collect and verify unless `confirmed`.

    `boards` are those that may be (16 hex digits), any if none is given.
    Safe to repeat: a board whose answer is lost is collected again, and its own record says whether it was erased.
    LinkError or StoreError says what stands against it.
    """
    claimed: Erasure | None = None
    for tries_left in reversed(range(TRIES)):
        board = _collected(store, port, now_ns, boards)
        if claimed and _was_erased(store, claimed):
            break
        try:
            with Port(port) as line:
                host = session.HostSession(host_id())
                claimed, claim = _claim(store, board, greet(line, host), port, secrets_of)
                if confirmed:
                    ask(line, host, claim, session.Erased)
            break
        except (RefusedError, NoAnswerError):
            if not tries_left:
                raise
    assert claimed is not None
    return claimed


def _collected(store: Store, port: str, now_ns: Callable[[], int], boards: Collection[str]) -> str:
    """Collect the board on a port and return its id."""
    (collected,) = collect(store, [port], now_ns, boards=boards)
    if collected.error:
        raise LinkError(collected.error)
    return collected.board


def _was_erased(store: Store, claimed: Erasure) -> bool:
    """Say whether the board has written down that it did what was claimed, at this computer's word."""
    values: list[object] = [record.unpack(raw) for raw in store.records_of(claimed.board)]
    done = [(value.up_to, value.host_id) for value in values if isinstance(value, record.Erased)]
    return (claimed.last - 1, host_id()) in done


def _claim(
    store: Store, board: str, welcome: session.Welcome, port: str, secrets_of: Secrets
) -> tuple[Erasure, session.Erase]:
    """Return what may be erased of the board that answers, and the message that proves it; StoreError if nothing."""
    if welcome.board_id.hex() != board:
        raise LinkError(f"{port}: board {welcome_text(welcome)} answers now, {board} was collected")
    raws = store.records_of(board)
    blocks = verify_chain(raws, secrets_of(board))
    last, tag = newest_seal(raws)
    claim = session.Erase(max(0, last + 1 - welcome.first), last, tag)
    kept = _kept(store, welcome, [block for block in blocks if block.last <= last])
    spans = [(max(block.first, welcome.first), block.last) for block in kept if block.state == WITHOUT_SECRET]
    return Erasure(board, name_of(welcome), claim.count, last, sum(end + 1 - start for start, end in spans)), claim


def _kept(store: Store, welcome: session.Welcome, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that the board keeps; StoreError unless all of them are verified here."""
    board, first = welcome_text(welcome), welcome.first
    kept = [block for block in blocks if block.last > first or block.last == first == 1]
    for block in kept:
        if block.state not in (PROVEN, WITHOUT_SECRET):
            why = f"records {block.first} to {block.last}: {block.state}: {block.text}"
            raise StoreError(f"{store.name}: expected a verified chain of board {board} before it is erased; {why}")
    if not kept:
        raise StoreError(f"{store.name}: there is nothing to erase of board {board}: all but its last seal was erased")
    return kept
