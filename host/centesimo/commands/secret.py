"""centesimo secret: give boards the secret with which they seal their records."""

import click

from centesimo.boards.secret import add_master, give, read_masters, secrets_path
from centesimo.collect.download import welcome_text
from centesimo.collect.link import Port, host_id
from centesimo.collect.request import greet
from centesimo.model.errors import LinkError, SecretError
from centesimo_protocol import session


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
    masters_before = len(masters)
    if new and not ports:
        masters.append(add_master(path))
    errors = []
    for port in dict.fromkeys(ports):
        try:
            with Port(port) as line:
                host = session.HostSession(host_id())
                welcome = greet(line, host)
                if len(masters) == masters_before and (new or not masters):  # not before there is a board to give it to
                    masters.append(add_master(path))
                now, is_new = give(line, host, welcome, masters)
                done = "has its secret now" if is_new else "had its secret already"
                click.echo(f"{port}: board {welcome_text(welcome)} {done}, fingerprint {now.hex()}")
        except (LinkError, SecretError) as error:
            errors.append(str(error))
    click.echo(f"{path}: {len(masters)} secrets")
    if errors:
        raise SecretError("\n".join(errors))
