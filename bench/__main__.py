"""Run every benchmark, print the figures as a table and write them to build/bench.json.

python -m bench [NAME ...]    names: the modules beside this one; NAMES without any (chip_load and soak take minutes)
"""

import json
import platform
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import MissingError

NAMES = (
    *("protocol", "link", "store", "attribution", "sanity", "scoring", "day", "amendment", "verbs"),
    *("holdover", "chip"),
)
OUT = Path("build/bench.json")


def main(names: list[str]) -> None:
    """Run the named benchmarks (those of NAMES without a name); each module's run() gives (what, value, unit)."""
    table = Table(title="Benchmarks", title_justify="left")
    for title in ("", "what", "value", "unit"):
        table.add_column(title, justify="right" if title == "value" else "left")
    console, figures = Console(), []
    for name in names or NAMES:
        try:
            with console.status(f"{name} ..."):
                rows = import_module(f"bench.{name}").run()
        except MissingError as missing:
            console.print(f"{name} is left out: {missing}")
            continue
        for what, value, unit in rows:
            table.add_row(name, what, f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}", unit)
            figures.append({"bench": name, "what": what, "value": value, "unit": unit})
    console.print(table)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"python": platform.python_version(), "figures": figures}, indent=1) + "\n")
    console.print(f"written to {OUT}")


if __name__ == "__main__":
    main(sys.argv[1:])
