"""The sheet of one crew for a protest: every control with its times, its sign, how sure each passage is, signatures."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from centesimo.model.event import Entry, Event, Race
from centesimo.model.facts import OPEN, SCORED, Passage, Score
from centesimo.paper.sheet import LANDSCAPE, Column, Sheet, page_words
from centesimo.publish.published import score_content
from centesimo.publish.render import taken
from centesimo.reading.localtime import NS_PER_S, offset_if_twice
from centesimo.reading.numbers import shown_duration
from centesimo.score.instants import HUNDREDTHS, MINUTES
from centesimo.words.languages import say
from centesimo.words.paper import instant_in, number_in, words_in


def crew_sheet(event: Event, race: Race, entry: Entry, scores: Sequence[Score], revision: str, language: str) -> Sheet:
    """Return the sheet of a crew; `scores` are its own, in the order of the controls."""
    words = words_in(language)
    columns = (
        Column(words["control"]),
        Column(words["set"], "right"),
        Column(words["taken"], "right"),
        Column(words["deviation"], "right"),
        Column(words["penalty"], "right"),
        Column(words["why"], width="1fr"),
        Column(words["passages"], width="1fr"),
    )
    rows = tuple(
        (
            score.control,
            time_of(score, score.set_cs, language),
            time_of(score, score.taken_cs, language),
            deviation_of(score, language, words),
            penalty_of(score, language, words),
            say(language, score.reason),
            "; ".join(_passage(event, passage, language, words) for passage in score.passages),
        )
        for score in scores
    )
    return Sheet(
        language,
        event.name,
        words["crew sheet"],
        f"{words['number']} {entry.start_number} {entry.crew}, {race.name}",
        f"{entry.car}, {entry.year}",
        columns,
        rows,
        page_words(words["page"]),
        signatures=(words["competitor"], words["timekeeper"], words["clerk"]),
        revision=f"{words['revision']} {revision[:10]}",
        paper=LANDSCAPE,
    )


def time_of(score: Score, time_cs: int | None, language: str) -> str:
    """Return a set or taken time as a language writes it."""
    return "" if time_cs is None else number_in(language, taken(score_content(score._replace(taken_cs=time_cs))))


def deviation_of(score: Score, language: str, words: dict[str, str]) -> str:
    """Return a deviation with its side: "0,02 s anticipo"."""
    if score.deviation is None or score.unit not in (HUNDREDTHS, MINUTES):
        return ""
    if score.deviation == 0:
        return words["exact"]
    size = abs(score.deviation)
    amount = f"{size} min" if score.unit == MINUTES else f"{number_in(language, Decimal(size).scaleb(-2))} s"
    return f"{amount} {words['early' if score.deviation < 0 else 'late']}"


def penalty_of(score: Score, language: str, words: dict[str, str]) -> str:
    """Return what a control gave: a number, a word of its status, or both."""
    word = "" if score.status == SCORED else words.get(score.status, score.status)
    if score.fails:
        return words["fail"]
    if score.penalty is None or score.status == OPEN:
        return word
    return f"{number_in(language, score.penalty)}{f' ({word})' if word else ''}"


def _passage(event: Event, passage: Passage, language: str, words: dict[str, str]) -> str:
    """Return "A1 09:15:00.00 (± 5 ms, timed by hand)"."""
    width = words["not stated"] if passage.uncertainty_ns is None else f"± {shown_duration(passage.uncertainty_ns)}"
    by = "" if passage.source == "board" else f", {words['source']} {passage.source}"
    return f"{passage.timing_point} {_clock(event, passage, language)} ({number_in(language, width)}{by})"


def _clock(event: Event, passage: Passage, language: str) -> str:
    """Return when a passage was, with its offset from UTC where the clocks show that hour twice; "": unknown."""
    if passage.at_ns is None:
        return ""
    at = datetime.fromtimestamp(passage.at_ns // NS_PER_S, event.timezone)
    at = at.replace(microsecond=passage.at_ns % NS_PER_S // 1000)
    is_dated = len({leg.date for leg in event.legs}) > 1
    return f"{instant_in(language, at, is_dated)}{offset_if_twice(passage.at_ns, event.timezone)}"
