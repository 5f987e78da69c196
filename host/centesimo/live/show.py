"""What the speaker reads, what a screen at the square shows, and what lies over a stream: big, few, in whole parts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from centesimo.live.parts import Part, part, rendered
from centesimo.live.race import LiveRace
from centesimo.live.tables import Row, Table
from centesimo.live.texts import RowText, extent_of, gap_text, next_text, passed_text, row_text, title_of
from centesimo.model.event import TIMED_TRIAL
from centesimo.model.facts import SCORED
from centesimo.words.live import Words

TOP = 10  # crews whose gaps the speaker has before him
ROWS_OF_SCREEN = 10  # of one page of a screen: readable from ten metres on a television of 55 inches
PAGES_OF_SCREEN = 6  # of each table: the first sixty
LINES = 5  # of an overlay
LAST = 6  # passages before the speaker


class Led(NamedTuple):
    """A crew of the first ten, with its gap to the one ahead."""

    text: RowText
    ahead: str


def speaker_parts(races: Sequence[LiveRace], words: Words) -> list[Part]:
    """Return a part a race: the last passages, the first ten, who comes next, who was exact most often."""
    return [part(f"race-{race.number}", _speaker(race, words)) for race in races]


def _speaker(race: LiveRace, words: Words) -> str:
    zone = race.event.timezone
    table = race.table(race.main)
    return rendered(
        "speaker-race",
        w=words,
        race=race.race.name,
        title=title_of(table, race, words),
        extent=extent_of(table, words),
        passed=[passed_text(passed, zone, words) for passed in race.latest[:LAST]],
        led=[_led(row, table, race, words) for row in _placed(table)[:TOP]],
        coming=[next_text(point, zone) for point in race.coming],
        exact=list(_most_exact(race)),
        penalty=words("penalty.points" if race.highest_wins else "penalty"),
    )


def _placed(table: Table) -> list[Row]:
    return [row for row in table.rows if row.line.position is not None]


def _led(row: Row, table: Table, race: LiveRace, words: Words) -> Led:
    return Led(
        row_text(row, table.highest_wins, race.event.timezone, words),
        words.number(gap_text(row.line.ahead, table.highest_wins)),
    )


def _most_exact(race: LiveRace) -> Iterator[tuple[int, str, int]]:
    """Yield the crews that met most ideal times to the hundredth in the leg that runs: number, crew, how often."""
    trials = {
        place
        for place, control in enumerate(race.controls)
        if control.kind == TIMED_TRIAL and control.leg == race.running.id
    }
    counted = sorted(
        (
            -sum(scores[place].status == SCORED and scores[place].deviation == 0 for place in trials),
            entry.start_number,
            entry.crew,
        )
        for entry in race.entries
        for scores in (race.scores_by_crew.get(entry.start_number, ()),)
        if scores
    )
    for count, number, crew in counted[:3]:
        if count:
            yield number, crew, -count


def screen_parts(races: Sequence[LiveRace], words: Words) -> list[Part]:
    """Return a part a race: its main table in pages of ten crews, and who passed last."""
    return [part(f"race-{race.number}", _screen(race, words)) for race in races]


def _screen(race: LiveRace, words: Words) -> str:
    table = race.table(race.main)
    rows = [
        row_text(row, table.highest_wins, race.event.timezone, words)
        for row in _placed(table)[: ROWS_OF_SCREEN * PAGES_OF_SCREEN]
    ]
    pages = [rows[at : at + ROWS_OF_SCREEN] for at in range(0, len(rows), ROWS_OF_SCREEN)] or [[]]
    return rendered(
        "screen-race",
        w=words,
        race=race.race.name,
        title=title_of(table, race, words),
        extent=extent_of(table, words),
        pages=pages,
        passed=[passed_text(passed, race.event.timezone, words) for passed in race.latest[:1]],
    )


def overlay_parts(races: Sequence[LiveRace], words: Words) -> list[Part]:
    """Return one part: who passed last in any race, and the first of that race."""
    seen = [(race.latest[0].at_ns, race.number, race) for race in races if race.latest]
    if not seen:
        return [part("overlay", "")]
    race = max(seen)[2]
    table = race.table(race.main)
    return [
        part(
            "overlay",
            rendered(
                "overlay-race",
                w=words,
                race=race.race.name,
                extent=extent_of(table, words),
                passed=passed_text(race.latest[0], race.event.timezone, words),
                rows=[row_text(row, table.highest_wins, race.event.timezone, words) for row in _placed(table)[:LINES]],
            ),
        )
    ]
