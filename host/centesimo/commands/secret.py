"""centesimo secret: give boards the secret with which they seal their records."""

from collections.abc import Sequence

import click

from centesimo.collect.ask import ask, greet
from centesimo.collect.link import Port, host_id
from centesimo.errors import LinkError, SecretError
from centesimo.secret import add_master, board_secret, read_masters, secrets_path
from protocol import session
from protocol.chain import NO_FINGERPRINT, NO_SECRET, fingerprint, proof


@click.command()
@click.argument("ports", nargs=-1, metavar="[PORT]...")
@click.option("--new", is_flag=True, help="Make a new secret first; the older ones stay for what was sealed with them.")
def secret(ports: tuple[str, ...], new: bool) -> None:
    """Set this computer's secret on the boards at PORTs; each gets its own and seals its records with it from then on.

    The secrets are in one file of this computer, made when it is first needed; copy it to each computer that is to
    verify. A board tells its secret to nobody, only a fingerprint. docs/chain.md says what it proves.
    """
    path = secrets_path()
    masters = read_masters(path)
    known = len(masters)
    if new and not ports:
        masters.append(add_master(path))
    errors = []
    for port in dict.fromkeys(ports):
        try:
            with Port(port) as line:
                host = session.HostSession(host_id())
                board = greet(line, host).board_id
                if len(masters) == known and (new or not masters):  # not before there is a board to give it to
                    masters.append(add_master(path))
                click.echo(f"{port}: {_set(line, host, board, masters)}")
        except (LinkError, SecretError) as error:
            errors.append(str(error))
    click.echo(f"{path}: {len(masters)} secrets")
    if errors:
        raise SecretError("\n".join(errors))


def _set(line: Port, host: session.HostSession, board_id: bytes, masters: Sequence[bytes]) -> str:
    """Set the newest secret on the board that was greeted; return what was done."""
    port, board = line.name, board_id.hex()
    wanted = board_secret(masters[-1], board)
    now = ask(line, host, session.AskSecret(), session.SecretIs).fingerprint
    if now != fingerprint(wanted):
        proven = proof(_old(port, board, masters, now), board_id, wanted)
        now = ask(line, host, session.SetSecret(wanted, proven), session.SecretIs).fingerprint
        done = "has its secret now"
    else:
        done = "had its secret already"
    if now != fingerprint(wanted):
        raise SecretError(f"{port}: board {board} took another secret than it was given")
    return f"board {board} {done}, fingerprint {now.hex()}"


def _old(port: str, board: str, masters: Sequence[bytes], now: bytes) -> bytes:
    """Return the secret that the board has, by its fingerprint; it proves that it may be replaced."""
    if now == NO_FINGERPRINT:
        return NO_SECRET
    for master in masters:
        old = board_secret(master, board)
        if fingerprint(old) == now:
            return old
    raise SecretError(
        f"{port}: board {board} has another computer's secret (fingerprint {now.hex()}):"
        f" add that computer's secrets to {secrets_path()}, the newest in the last line"
    )
