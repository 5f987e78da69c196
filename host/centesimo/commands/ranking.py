"""centesimo ranking: the rankings as they follow from the facts now; nothing is posted."""

from pathlib import Path

import click

from centesimo.commands.folder import (
    choice_options,
    chosen,
    console,
    event_option,
    expect,
    facts_of,
    json_option,
    open_store,
    print_json,
)
from centesimo.compute import compute
from centesimo.errors import TimingError
from centesimo.published import Content, content, findings_of
from centesimo.render import as_csv, as_table, name


@click.command()
@event_option
@json_option
@click.option("--csv", "csv", is_flag=True, help="Print one ranking as CSV instead of tables.")
@choice_options
@click.option("--up-to", help="The last control that counts.")
def ranking(
    folder: Path, as_json: bool, csv: bool, race: str | None, leg: str | None, overall: bool, up_to: str | None
) -> None:
    """Show the rankings of each race and leg as they follow from the facts now."""
    if as_json and csv:
        raise click.UsageError("expected --json or --csv, got both")
    with open_store(folder) as store:
        facts = facts_of(folder, store)
    expect("control", up_to, [one.id for one in facts.event.controls])
    outcome = compute(facts, up_to)
    contents = [
        content(facts.event, one, findings_of(facts.event, one, outcome.findings))
        for one in chosen(facts.event, outcome.rankings, race, leg, overall)
    ]
    if as_json:
        print_json(contents)
    elif csv:
        _print_csv(contents)
    else:
        _show(contents, len(outcome.findings))


def _print_csv(contents: list[Content]) -> None:
    if len(contents) > 1:
        names = ", ".join(name(one["race"]["id"], one["leg"] and one["leg"]["id"]) for one in contents)
        raise TimingError(f"expected one ranking for CSV, got {names}: choose by --race, --leg, --overall")
    click.echo(as_csv(contents[0]).encode(), nl=False)


def _show(contents: list[Content], findings: int) -> None:
    out = console()
    for one in contents:
        out.print(as_table(one, out.width if out.is_terminal else None), crop=False, overflow="ignore")
    if findings:
        out.print(f"{findings} finding{'s' * (findings > 1)}: centesimo score shows them.")
