"""The register of time checks, as ACI's form has it: one row a request, written from the amendments.

A row is there for every amendment that answers a request about a time: a time confirmed, corrected or an average
assigned; corrections of a board's period have one row without a crew. What was withdrawn keeps its row and says so. The
reason, the outcome and the hour of a request are there only when the official gave them. The words are data: WORDS has
them in both languages.
"""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from centesimo.amend.refs import shown_at
from centesimo.compute import Outcome
from centesimo.event import Event
from centesimo.facts import Amendment, Passage
from centesimo.publish.render import as_text
from centesimo.publish.template import template

IMPEDED, TIMING, WRONG_ATTRIBUTION = REASONS = ("impeded", "timing", "wrong attribution")
CONFORMS, DOES_NOT_CONFORM, BY_MARSHAL, BY_TIMEKEEPER = OUTCOMES = (
    "conforms",
    "does not conform",
    "marshal's report",
    "timekeeper's report",
)
CONFIRMED, CORRECTED, AVERAGE_ASSIGNED = MEASURES = ("time confirmed", "time corrected", "average assigned")

# By kind of amendment: the measure that it is. Reason, outcome and hour are never concluded from it.
MEASURE_BY_KIND = {
    "confirm": CONFIRMED,
    "attribute": CORRECTED,
    "swap": CORRECTED,
    "void": CORRECTED,
    "insert": CORRECTED,
    "unreliable": CORRECTED,
    "shift": CORRECTED,
    "average": AVERAGE_ASSIGNED,
}
NOT_GIVEN = "\u2013"  # a cell that the official did not fill

COLUMNS = ("number", "received", "start_number", "crew", "trial", "reason", "outcome", "measure", "note")
LANGUAGES = ("it", "en")
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Register of time checks",
        "number": "No.",
        "received": "Received",
        "start_number": "Start no.",
        "crew": "Crew",
        "trial": "Trial",
        "reason": "Reason",
        "outcome": "Outcome",
        "measure": "Measure",
        "note": "Decided",
        "withdrawn": "withdrawn",
        "none": "No time checks.",
        "signature": "Signature",
    },
    "it": {
        "title": "Esito verifiche tempi",
        "number": "N.",
        "received": "Ora ricezione",
        "start_number": "N. gara",
        "crew": "Equipaggio",
        "trial": "Prova",
        "reason": "Motivo",
        "outcome": "Esito",
        "measure": "Provvedimento",
        "note": "Deciso",
        "withdrawn": "ritirato",
        "none": "Nessuna verifica.",
        "signature": "Firma",
        IMPEDED: "ostacolato",
        TIMING: "cronometraggio",
        WRONG_ATTRIBUTION: "errata attribuzione",
        CONFORMS: "conforme",
        DOES_NOT_CONFORM: "non conforme",
        BY_MARSHAL: "rapporto commissario",
        BY_TIMEKEEPER: "rapporto cronometristi",
        CONFIRMED: "tempo confermato",
        CORRECTED: "tempo corretto",
        AVERAGE_ASSIGNED: "assegnata la media",
    },
}


class Check(NamedTuple):
    """One row: a request, and what was decided; the words are those of the language neutral tables above."""

    number: int
    received_at_ns: int | None  # when the request came; None: not given
    start_number: int | None  # None: about no one crew
    crew: str
    trial: str  # the controls that it is about
    reason: str | None  # a word of REASONS; None: not given
    outcome: str | None  # a word of OUTCOMES; None: not given
    measure: str
    amendment: Amendment
    withdrawn: bool


def register(event: Event, outcome: Outcome, amendments: Sequence[Amendment]) -> list[Check]:
    """Return the rows in the order of the decisions; numbers never change when later ones are added."""
    withdrawn = {one.withdrawn for one in amendments if one.kind == "withdraw"}
    crew_by_number = {entry.start_number: entry.crew for entry in event.entries}
    rows: list[Check] = []
    for one in sorted(amendments, key=lambda one: (one.at_ns, one.id)):
        if one.kind not in MEASURE_BY_KIND:
            continue
        for start_number, trial in _about(event, outcome, one):
            rows.append(
                Check(
                    len(rows) + 1,
                    one.received_at_ns,
                    start_number,
                    crew_by_number.get(start_number or 0, ""),
                    trial,
                    one.reason,
                    one.outcome,
                    MEASURE_BY_KIND[one.kind],
                    one,
                    one.id in withdrawn,
                )
            )
    return rows


def _about(event: Event, outcome: Outcome, one: Amendment) -> list[tuple[int | None, str]]:
    """Return the crews that an amendment is about, each with its trials."""
    if one.control is not None:
        return [(one.start_number, one.control)]
    if one.board is not None:
        return [(None, ", ".join(point.id for point in event.timing_points if point.board == one.board))]
    pairs = [(one.passage, one.start_number), (one.other_passage, one.other_number)]
    points = [(outcome.recorded.get(passage or ""), number) for passage, number in pairs if passage]
    found = [(number, _trials(event, passage, number)) for passage, number in points]
    if one.timing_point is not None:
        found.append((one.start_number, controls_at(event, one.timing_point, one.start_number)))
    return found


def _trials(event: Event, passage: Passage | None, start_number: int | None) -> str:
    return "" if passage is None else controls_at(event, passage.timing_point, start_number)


def controls_at(event: Event, point: str, start_number: int | None) -> str:
    """Return the ids of the controls that use a timing point, of the crew's race if one is given."""
    race = next((entry.race for entry in event.entries if entry.start_number == start_number), None)
    its = [one for one in event.controls if point in (one.opens, one.closes)]
    return ", ".join(one.id for one in its if race is None or race in one.races)


def cells(event: Event, row: Check, language: str) -> dict[str, str]:
    """Return a row's cells by column, in a language ("it", "en"); what was not given is a dash."""
    words = WORDS[language]
    note = f"{row.amendment.who}, {shown_at(event, row.amendment.at_ns)[:16].replace('T', ' ')}: {row.amendment.why}"
    return {
        "number": str(row.number),
        "received": shown_at(event, row.received_at_ns)[11:16] or NOT_GIVEN,
        "start_number": str(row.start_number or ""),
        "crew": row.crew,
        "trial": row.trial,
        "reason": words.get(row.reason, row.reason) if row.reason else NOT_GIVEN,
        "outcome": words.get(row.outcome, row.outcome) if row.outcome else NOT_GIVEN,
        "measure": words.get(row.measure, row.measure),
        "note": f"{note} ({words['withdrawn']})" if row.withdrawn else note,
    }


def as_csv(event: Event, rows: Sequence[Check], language: str) -> str:
    """Return the register as CSV (comma, UTF-8, CRLF as RFC 4180), header in the language; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([WORDS[language][column] for column in COLUMNS])
    for row in rows:
        writer.writerow([as_text(cell) for cell in cells(event, row, language).values()])
    return text.getvalue()


def page(event: Event, rows: Sequence[Check], language: str) -> str:
    """Return the register as a page: HTML with its style inside, nothing loaded, no script; made to be printed."""
    return template("register.html").render(
        event=event,
        language=language,
        words=WORDS[language],
        columns=COLUMNS,
        rows=[(row, cells(event, row, language)) for row in rows],
    )
