"""The register of time checks, as ACI's form has it: one row a request, written from the decisions.

A row is there for every decision that answers a request about a time: a time confirmed, corrected or an average
assigned. A passage that does not count any more is a row of the crew whose it was till then. A correction of nobody's
passage or of a board's period has one row without a crew, with point and time. A row names every trial that it touches:
a tube closes one and opens the next. What was withdrawn keeps its row and says so. The reason, the outcome and the hour
of a request are there only when the official gave them. The words are data: WORDS has them in all languages.
"""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from centesimo.amend import in_order
from centesimo.amend.passage_names import passages_of
from centesimo.compute import Facts, Outcome
from centesimo.model.decisions import Decision, Insert, Period, Swap, Withdraw
from centesimo.model.event import Event
from centesimo.model.facts import Passage
from centesimo.publish.render import as_text
from centesimo.publish.template import template
from centesimo.words.instants import OF_SECOND, clock_at, dated_at

IMPEDED, TIMING, WRONG_ATTRIBUTION = REASONS = ("impeded", "timing", "wrong attribution")
CONFORMS, DOES_NOT_CONFORM, BY_MARSHAL, BY_TIMEKEEPER = OUTCOMES = (
    "conforms",
    "does not conform",
    "marshal's report",
    "timekeeper's report",
)
CONFIRMED, CORRECTED, AVERAGE_ASSIGNED = MEASURES = ("time confirmed", "time corrected", "average assigned")

# By kind of decision: the measure that it is. Reason, outcome and hour are never concluded from it.
MEASURE_BY_KIND = {
    "confirm": CONFIRMED,
    "attribute": CORRECTED,
    "swap": CORRECTED,
    "void": CORRECTED,
    "insert": CORRECTED,
    "unreliable": CORRECTED,
    "shift": CORRECTED,
    "choose": CORRECTED,
    "choose-journal": CORRECTED,
    "take-back": CORRECTED,
    "shift-file": CORRECTED,
    "average": AVERAGE_ASSIGNED,
}
NOT_GIVEN = "\u2013"  # a cell that the official did not fill, or of nobody

COLUMNS = ("number", "received", "start_number", "crew", "trial", "reason", "outcome", "measure", "note")
LANGUAGES = ("it", "en", "de", "fr")
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
        "unused": "not used",
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
        "withdrawn": "revocato",
        "unused": "non applicato",
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
    "de": {
        "title": "Verzeichnis der Zeitprüfungen",
        "number": "Nr.",
        "received": "Eingang",
        "start_number": "Startnr.",
        "crew": "Team",
        "trial": "Prüfung",
        "reason": "Grund",
        "outcome": "Ergebnis",
        "measure": "Maßnahme",
        "note": "Entschieden",
        "withdrawn": "zurückgenommen",
        "unused": "nicht angewendet",
        "none": "Keine Zeitprüfungen.",
        "signature": "Unterschrift",
        IMPEDED: "behindert",
        TIMING: "Zeitnahme",
        WRONG_ATTRIBUTION: "falsche Zuordnung",
        CONFORMS: "stimmt",
        DOES_NOT_CONFORM: "stimmt nicht",
        BY_MARSHAL: "Bericht des Postens",
        BY_TIMEKEEPER: "Bericht der Zeitnahme",
        CONFIRMED: "Zeit bestätigt",
        CORRECTED: "Zeit berichtigt",
        AVERAGE_ASSIGNED: "Mittelwert zugeteilt",
    },
    "fr": {
        "title": "Vérification des temps",
        "number": "N°",
        "received": "Reçu",
        "start_number": "N° de course",
        "crew": "Équipage",
        "trial": "Épreuve",
        "reason": "Motif",
        "outcome": "Résultat",
        "measure": "Mesure",
        "note": "Décidé",
        "withdrawn": "retiré",
        "unused": "non appliqué",
        "none": "Aucune vérification.",
        "signature": "Signature",
        IMPEDED: "gêné",
        TIMING: "chronométrage",
        WRONG_ATTRIBUTION: "attribution erronée",
        CONFORMS: "conforme",
        DOES_NOT_CONFORM: "non conforme",
        BY_MARSHAL: "rapport du commissaire",
        BY_TIMEKEEPER: "rapport des chronométreurs",
        CONFIRMED: "temps confirmé",
        CORRECTED: "temps corrigé",
        AVERAGE_ASSIGNED: "moyenne attribuée",
    },
}


class Check(NamedTuple):
    """One row: a request, and what was decided; its kinds are keys of WORDS, in no language yet."""

    number: int
    received_at_ns: int | None  # when the request came; None: not given
    start_number: int | None  # None: about no one crew
    crew: str
    trial: str  # the controls that it is about
    place: str  # where and when, of what is about no crew: "A1 09:15:30.05", "A1, A2 09:00:00 - 09:01:30"; else ""
    reason: str | None  # a word of REASONS; None: not given
    outcome: str | None  # a word of OUTCOMES; None: not given
    measure: str
    decision: Decision
    withdrawn: bool
    unused: bool  # it does not fit the facts any more and changes nothing: a finding says why


class _About(NamedTuple):
    """A crew that a decision is about."""

    start_number: int | None  # None: nobody, then there is a place
    trial: str
    place: str = ""


def register(facts: Facts, outcome: Outcome) -> list[Check]:
    """Return the rows in the order of the decisions; numbers never change when later ones are added."""
    event, refused = facts.event, {decision.id for decision, _ in outcome.applied.refused}
    passages = passages_of(facts.decisions, outcome.passages, outcome.recorded)
    standing = [decision.action for decision in facts.decisions if decision.id not in refused]
    withdrawn = {action.withdrawn for action in standing if isinstance(action, Withdraw)}
    crew_by_number = {entry.start_number: entry.crew for entry in event.entries}
    rows: list[Check] = []
    for decision in sorted(facts.decisions, key=in_order):
        if decision.kind not in MEASURE_BY_KIND:
            continue
        for about in _about(event, passages, decision):
            rows.append(
                Check(
                    len(rows) + 1,
                    decision.register.received_at_ns,
                    about.start_number,
                    crew_by_number.get(about.start_number or 0, ""),
                    about.trial,
                    about.place,
                    decision.register.reason,
                    decision.register.outcome,
                    MEASURE_BY_KIND[decision.kind],
                    decision,
                    decision.id in withdrawn,
                    decision.id in refused,
                )
            )
    return rows


def _about(event: Event, passages: Mapping[str, Passage], decision: Decision) -> list[_About]:
    """Return the crews that a decision is about, each with its trials."""
    if decision.control is not None:
        return [_About(decision.start_number, decision.control)]
    action = decision.action
    if isinstance(action, Period):
        return [_period(event, action)]
    if isinstance(action, Insert):
        return [_at(event, action.timing_point, action.passed_at_ns, action.start_number)]
    numbers = (action.start_number, action.other_number) if isinstance(action, Swap) else (decision.start_number,)
    return [
        _of(event, passages.get(identity), identity, number)
        for identity, number in zip(decision.passages, numbers, strict=False)
    ]


def _of(event: Event, passage: Passage | None, identity: str, start_number: int | None) -> _About:
    """Return crew, trials and place of a passage; where the passage does not exist any more, its id is the place."""
    if passage is None:
        return _About(start_number, "", identity)
    return _at(event, passage.timing_point, passage.at_ns, start_number)


def _at(event: Event, point: str, at_ns: int | None, start_number: int | None) -> _About:
    place = f"{point} {clock_at(event, at_ns)}".strip() if start_number is None else ""
    return _About(start_number, controls_at(event, (point,), (at_ns, at_ns), start_number), place)


def _period(event: Event, period: Period) -> _About:
    """Return the trials and points of a board, and from when to when it is."""
    points = [point.id for point in event.timing_points if point.board == period.board]
    span = f"{clock_at(event, period.from_ns, OF_SECOND)} \u2013 {clock_at(event, period.to_ns, OF_SECOND)}"
    return _About(None, controls_at(event, points, (period.from_ns, period.to_ns)), f"{', '.join(points)} {span}")


def controls_at(
    event: Event, points: Collection[str], between_ns: tuple[int | None, int | None], start_number: int | None = None
) -> str:
    """Return the ids of all controls that timing points open or close, of the crew's race if one is given.

    `between_ns` are instants: where points serve in several legs, only the controls of the legs that lie there count.
    """
    race = next((entry.race for entry in event.entries if entry.start_number == start_number), None)
    controls = [control for control in event.controls if {control.opens, control.closes} & set(points)]
    controls = [control for control in controls if race is None or race in control.races]
    legs = list(dict.fromkeys(control.leg for control in controls))  # in driving order
    begin, end = between_ns
    if begin is not None and end is not None:
        legs = legs[_leg_at(event, legs, begin) : _leg_at(event, legs, end) + 1]
    return ", ".join(control.id for control in controls if control.leg in legs)


def _leg_at(event: Event, legs: Sequence[str], at_ns: int) -> int:
    """Return the place of the leg that an instant lies in: from the first start of a leg to that of the next."""
    starts = [start for race in event.races for start in race.starts]
    begun = [leg for leg in legs[1:] if min(start.first_at_ns for start in starts if start.leg == leg) <= at_ns]
    return len(begun)


def cells(event: Event, row: Check, language: str) -> dict[str, str]:
    """Return a row's cells by column, in one of LANGUAGES; what was not given is a dash."""
    words = WORDS[language]
    note = f"{row.decision.who}, {dated_at(event, row.decision.at_ns)}: {row.decision.why}"
    states = [f" ({words[state]})" for state in ("withdrawn", "unused") if getattr(row, state)]
    return {
        "number": str(row.number),
        "received": _received(event, row.received_at_ns) or NOT_GIVEN,
        "start_number": str(row.start_number or NOT_GIVEN),
        "crew": row.crew or NOT_GIVEN,
        "trial": f"{row.trial} ({row.place})" if row.trial and row.place else row.trial or row.place,
        "reason": words.get(row.reason, row.reason) if row.reason else NOT_GIVEN,
        "outcome": words.get(row.outcome, row.outcome) if row.outcome else NOT_GIVEN,
        "measure": words.get(row.measure, row.measure),
        "note": note + "".join(states),
    }


def _received(event: Event, at_ns: int | None) -> str:
    """Return the hour of a request; with its date unless that is the day of the only leg."""
    day, _, hour = dated_at(event, at_ns).partition(" ")
    is_plain = {day} == {leg.date.isoformat() for leg in event.legs}
    return hour if is_plain else f"{day} {hour}".strip()


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
