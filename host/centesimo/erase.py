"""Erase a board, but only what this store holds, proven by the board's own seals.

The board is collected first, so that nothing is missing, and its chain is verified in the store; then the board is told
how many records, up to which Seal, and that Seal's tag. It compares them with its own and erases, or says why not.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from centesimo.collect import collect
from centesimo.collect.ask import RefusedError, ask, greet
from centesimo.collect.link import Port, host_id
from centesimo.errors import LinkError, StoreError
from centesimo.store import Store
from centesimo.store.chain import PROVEN, WITHOUT_SECRET, Block, newest_seal, verify_chain
from protocol import session

TRIES = 3  # a record that comes between collecting and erasing makes the board refuse


class Erasure(NamedTuple):
    """What is or was erased: so many `records` of a board (16 hex digits) up to the Seal `last`, which it keeps."""

    board: str
    records: int
    last: int
    proven: bool  # by a secret; otherwise the board had none


def erase(
    store: Store,
    port: str,
    secrets_of: Callable[[str], Sequence[bytes]],
    now_ns: Callable[[], int],
    confirmed: bool,
) -> Erasure:
    """Collect, verify and erase the board on a port; only collect and verify unless `confirmed`.

    `secrets_of` gives the secrets known of a board. LinkError or StoreError says what stands against it.
    """
    for _ in range(TRIES - 1):
        try:
            return _erase(store, port, secrets_of, now_ns, confirmed)
        except RefusedError:
            continue
    return _erase(store, port, secrets_of, now_ns, confirmed)


def _erase(
    store: Store,
    port: str,
    secrets_of: Callable[[str], Sequence[bytes]],
    now_ns: Callable[[], int],
    confirmed: bool,
) -> Erasure:
    (found,) = collect(store, [port], now_ns)
    if found.error:
        raise LinkError(found.error)
    with Port(port) as line:
        host = session.HostSession(host_id())
        welcome = greet(line, host)
        if welcome.board_id.hex() != found.board:
            raise LinkError(f"{port}: board {welcome.board_id.hex()} answers now, {found.board} was collected")
        raws = store.records_of(found.board)
        blocks = verify_chain(raws, secrets_of(found.board))
        last, tag = newest_seal(raws)
        claim = session.Erase(max(0, last + 1 - welcome.first), last, tag)
        proven = _check(store, found.board, welcome.first, [block for block in blocks if block.last <= last])
        if confirmed:
            ask(line, host, claim, session.Erased)
    return Erasure(found.board, claim.count, last, proven)


def _check(store: Store, board: str, first: int, blocks: Sequence[Block]) -> bool:
    """Refuse unless all that the board keeps is verified here; return whether by a secret."""
    kept = [block for block in blocks if block.last > first or block.last == first == 1]
    for block in kept:
        if block.state not in (PROVEN, WITHOUT_SECRET):
            why = f"records {block.first} to {block.last}: {block.state}: {block.text}"
            raise StoreError(f"{store.name}: expected a verified chain of board {board} before it is erased; {why}")
    if not kept:
        raise StoreError(f"{store.name}: there is nothing to erase of board {board}: all but its last seal was erased")
    return all(block.state == PROVEN for block in kept)
