"""What one control gave: every crew with its set and taken time, the deviation with its sign, and the penalty."""

from collections.abc import Sequence

from centesimo.model.event import Control, Entry, Event, Race
from centesimo.model.facts import Score
from centesimo.paper.crew import deviation_of, penalty_of, time_of
from centesimo.paper.sheet import Column, Sheet, page_words
from centesimo.words.paper import words_in


def control_sheet(
    event: Event, race: Race, control: Control, scores: Sequence[Score], revision: str, language: str
) -> Sheet:
    """Return the sheet of a control; `scores` are those of a race there; it lists them by start number."""
    words = words_in(language)
    entry_by_number: dict[int, Entry] = {entry.start_number: entry for entry in event.entries}
    columns = (
        Column(words["number"], "right"),
        Column(words["crew"], width="3fr"),
        Column(words["car"], width="2fr"),
        Column(words["set"], "right"),
        Column(words["taken"], "right"),
        Column(words["deviation"], "right"),
        Column(words["penalty"], "right"),
    )
    rows = []
    for score in sorted(scores, key=lambda score: score.start_number):
        entry = entry_by_number[score.start_number].in_leg(control.leg)
        rows.append(
            (
                str(score.start_number),
                entry.crew,
                f"{entry.car}, {entry.year}",
                time_of(score, score.set_cs, language),
                time_of(score, score.taken_cs, language),
                deviation_of(score, language, words),
                penalty_of(score, language, words),
            )
        )
    return Sheet(
        language,
        event.name,
        f"{words['control']} {control.id}",
        race.name,
        "",
        columns,
        tuple(rows),
        page_words(words["page"]),
        signatures=(words["timekeeper"], words["clerk"]),
        revision=f"{words['revision']} {revision[:10]}",
    )
