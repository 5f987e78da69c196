"""centesimo picture: draw what was seen at each timing point, and how each crew drove."""

from pathlib import Path

import click

from centesimo.commands.console import json_option, print_json, say
from centesimo.commands.event_folder import event_option, expect, read_store
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.picture import crew_file, pictures, point_file
from centesimo.publish import PICTURES, staged
from centesimo.sanity import judged


@click.command()
@event_option
@json_option
@click.option("--point", "points", multiple=True, help="Only this timing point; may be given again.")
@click.option("--start-number", "numbers", type=int, multiple=True, help="Only this crew; may be given again.")
@click.option("--to", "out", type=click.Path(path_type=Path), help="Where to write; by default EVENT/results/pictures.")
def picture(folder: Path, as_json: bool, points: tuple[str, ...], numbers: tuple[int, ...], out: Path | None) -> None:
    """Draw a page for each timing point and each crew, and an index of them; the rankings lead there when published.

    A timing point shows its passages along the day, with due times, crews and doubts; a crew its deviations.
    """
    with read_store(folder) as store:
        facts = facts_of(folder, store)
    event = facts.event
    for point in points:
        expect("timing point", point, [timing_point.id for timing_point in event.timing_points])
    for number in numbers:
        expect("start number", number, [entry.start_number for entry in event.entries])
    wanted = {*map(point_file, points), *map(crew_file, numbers)}
    index = (folder / "results" / PICTURES) if out is None else out / Path(PICTURES).name
    text_by_file = dict(pictures(event, judged(event, compute(facts)), wanted or None))
    with staged(index.parent, text_by_file) as put:
        put()
    if as_json:
        print_json({"index": str(index), "pages": list(text_by_file)})
    else:
        say(f"{len(text_by_file)} pages, written to {index}")
