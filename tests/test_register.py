"""The register of time checks, written from the amendments, in both languages."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from centesimo.compute import compute
from centesimo.model.decisions import Decision, Register
from centesimo.model.event import Event
from centesimo.publish.register import COLUMNS, WORDS, Check, as_csv, cells, controls_at, page, register
from tests.decisions import BY, EVENT, at_ns, decided, desk_at, facts, identity

SWAP = decided(
    "swap",
    at_ns(7200),
    passage=identity("A2", 1),
    start_number=2,
    other_passage=identity("A2", 2),
    other_number=1,
)
WATCH = {"timing_point": "A2", "passed_at_ns": at_ns("1050.02"), "source": "backup watch", "start_number": 3}


def rows_of(*decisions: Decision, event: Event = EVENT) -> list[Check]:
    """Return the register of the driven day with these decisions."""
    day = facts(*decisions)._replace(event=event)
    return register(day, compute(day))


# name: (amendment, rows: start number, trial, reason, outcome, measure)
ROWS = {
    "a swap is two requests": (
        SWAP,
        [
            (2, "PC1, PC2", None, None, "time corrected"),
            (1, "PC1, PC2", None, None, "time corrected"),
        ],
    ),
    "an average": (
        decided("average", control="PC1", start_number=3, outcome="timekeeper's report"),
        [(3, "PC1", None, "timekeeper's report", "average assigned")],
    ),
    "an average with all that the form asks": (
        decided("average", control="PC1", start_number=3, reason="impeded", outcome="marshal's report"),
        [(3, "PC1", "impeded", "marshal's report", "average assigned")],
    ),
    "a time that stands": (
        decided("confirm", control="PC2", start_number=1),
        [(1, "PC2", None, None, "time confirmed")],
    ),
    "the backup watch": (
        decided("insert", **WATCH),
        [(3, "PC1, PC2", None, None, "time corrected")],
    ),
    "the last tube's board for a while": (
        decided("unreliable", board="00000000000000a2", from_ns=at_ns(0), to_ns=at_ns(1)),
        [(None, "PC2", None, None, "time corrected")],
    ),
    "a board of two tubes for a while": (
        decided("shift", board="00000000000000a1", from_ns=at_ns(0), to_ns=at_ns(1), shift_ns=1),
        [(None, "PC1, PC2", None, None, "time corrected")],
    ),
    "a passage at the first tube": (
        decided("attribute", passage=identity("A1", 0), start_number=1),
        [(1, "PC1", None, None, "time corrected")],
    ),
    "a passage between two trials": (
        decided("attribute", passage=identity("A2", 2), start_number=3),
        [(3, "PC1, PC2", None, None, "time corrected")],
    ),
    "a passage that does not count": (
        decided("void", passage=identity("A2", 1), start_number=1),
        [(1, "PC1, PC2", None, None, "time corrected")],
    ),
    "a passage of nobody that does not count": (
        decided("void", passage=identity("A1", 0)),
        [(None, "PC1", None, None, "time corrected")],
    ),
    "no time check": (decided("cancel", control="PC1"), []),
}


@pytest.mark.parametrize(("decision", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_a_request(decision: Decision, expected: list) -> None:
    rows = rows_of(decision)
    assert [(one.start_number, one.trial, one.reason, one.outcome, one.measure) for one in rows] == expected


VOID = decided("void", passage=identity("A2", 1), start_number=1)
LATE = decided("insert", 1, **{**WATCH, "start_number": None})
# name: (decisions, by row whose it is, where and when it was, whether it was withdrawn)
WHOSE = {
    "whose it was": ([VOID], [(1, "", False)]),
    "whose it was, though that is withdrawn": ([VOID, decided("withdraw", 2, withdrawn=VOID.id)], [(1, "", True)]),
    "nobody's": ([decided("void", passage=identity("A1", 0))], [(None, "A1 09:28:20.00", False)]),
    "put in for nobody": ([LATE], [(None, "A2 09:17:30.02", False)]),
    "put in, then given to a crew": (
        [LATE, decided("attribute", 2, passage=f"amend:{LATE.id}", start_number=3)],
        [(None, "A2 09:17:30.02", False), (3, "", False)],
    ),
    "a passage that is not there any more": ([decided("void", passage="load:gone:1")], [(None, "load:gone:1", False)]),
    "a board for a while": (
        [decided("shift", board="00000000000000a1", from_ns=at_ns(0), to_ns=at_ns("90.5"), shift_ns=1)],
        [(None, "A1, A2 09:00:00 \u2013 09:01:30", False)],
    ),
}


@pytest.mark.parametrize(("decisions", "expected"), WHOSE.values(), ids=WHOSE)
def test_a_row_says_whose_it_is_or_where_and_when(decisions: list[Decision], expected: list) -> None:
    assert [(one.start_number, one.place, one.withdrawn) for one in rows_of(*decisions)] == expected


# name: (days of the event, when the request came, what the cells say of a passage of nobody)
DAYS = {
    "one day": (1, at_ns(3600), ["10:00", "\u2013", "\u2013", "PC1 (A1 09:28:20.00)"]),
    "one day, asked after midnight": (
        1,
        at_ns(54_300),
        ["2027-05-24 00:05", "\u2013", "\u2013", "PC1 (A1 09:28:20.00)"],
    ),
    "two days": (2, at_ns(3600), ["2027-05-23 10:00", "\u2013", "\u2013", "PC1 (A1 2027-05-23 09:28:20.00)"]),
    "two days, not given": (2, None, ["\u2013", "\u2013", "\u2013", "PC1 (A1 2027-05-23 09:28:20.00)"]),
}


@pytest.mark.parametrize(("days", "received", "expected"), DAYS.values(), ids=DAYS)
def test_an_event_of_several_days_has_its_dates(days: int, received: int | None, expected: list[str]) -> None:
    (leg,) = EVENT.legs
    event = replace(EVENT, legs=(leg, replace(leg, id="L2", date=date(2027, 5, 24)))[:days])
    (row,) = rows_of(decided("void", passage=identity("A1", 0), received_at_ns=received), event=event)
    said = cells(event, row, "it")
    assert [said[name] for name in ("received", "start_number", "crew", "trial")] == expected


DAY_S = 86_400
# name: (where, from when to when in s after 09:00 of the first day, start number, the trials)
LEGS = {
    "on the first day": (("A2",), (930, 930), None, "PC1, PC2"),
    "on the second": (("A2",), (DAY_S + 930, DAY_S + 930), None, "PC3, PC4"),
    "of one race": (("A2",), (DAY_S + 930, DAY_S + 930), 11, "PC4"),
    "in the night after the first": (("A2",), (DAY_S - 3600, DAY_S - 3600), None, "PC1, PC2"),
    "over both": (("A1", "A2"), (930, DAY_S + 930), None, "PC1, PC2, PC3, PC4"),
    "at a time that is not known": (("A1",), (None, None), None, "PC1, PC3"),
}


@pytest.mark.parametrize(("points", "between", "number", "trials"), LEGS.values(), ids=LEGS)
def test_of_a_tube_in_two_legs_the_instant_tells_the_trials(points, between, number, trials: str) -> None:
    (leg,), (_, pc1, pc2) = EVENT.legs, EVENT.controls
    later = [replace(pc1, id="PC3", leg="L2", races=("classic",)), replace(pc2, id="PC4", leg="L2")]
    races = [
        replace(one, starts=(*one.starts, replace(one.starts[0], leg="L2", first_at_ns=at_ns(DAY_S))))
        for one in EVENT.races
    ]
    legs = (leg, replace(leg, id="L2", date=date(2027, 5, 24)))
    event = replace(EVENT, legs=legs, races=tuple(races), controls=(*EVENT.controls, *later))
    instants = tuple(None if one is None else at_ns(one) for one in between)
    assert controls_at(event, points, instants, number) == trials


def test_an_hour_that_the_clocks_show_twice_has_its_offset() -> None:
    event = replace(EVENT, legs=(replace(EVENT.legs[0], date=date(2027, 10, 31)),))
    twice_ns = 1_824_946_200_000_000_000  # 2027-10-31T01:30:00Z: 21,122 days of 86,400 s and 5,400 s, winter time
    passed = decided("insert", timing_point="A2", passed_at_ns=twice_ns, source="watch", received_at_ns=twice_ns)
    (row,) = register(day := facts(passed)._replace(event=event), compute(day))
    said = cells(event, row, "it")
    assert (said["received"], said["trial"]) == ("02:30+01:00", "PC1, PC2 (A2 02:30:00.00+01:00)")


def test_numbers_stay_when_a_decision_is_withdrawn() -> None:
    first = decided("confirm", 1, control="PC2", start_number=1)
    later = [decided("withdraw", 2, withdrawn=first.id), decided("confirm", 3, control="PC1", start_number=2)]
    rows = rows_of(first, *later)
    assert [(one.number, one.start_number, one.withdrawn) for one in rows] == [(1, 1, True), (2, 2, False)]


def test_a_decision_about_a_passage_that_is_gone_says_that_it_is_not_used() -> None:
    gone = decided("attribute", 1, passage="load:gone:1", start_number=3)
    rows = rows_of(gone, decided("confirm", 2, control="PC2", start_number=1))
    assert [one.unused for one in rows] == [True, False]
    assert cells(EVENT, rows[0], "en")["note"].endswith(": marshal's report (not used)")
    assert cells(EVENT, rows[0], "it")["note"].endswith(": marshal's report (non applicato)")


def test_the_words_of_the_form() -> None:
    (_, row) = rows_of(SWAP)
    assert list(cells(EVENT, row, "it").values()) == [
        "2",
        "\u2013",
        "1",
        "Crew 1",
        "PC1, PC2",
        "\u2013",
        "\u2013",
        "tempo corretto",
        "the clerk, 2027-05-23 11:00: marshal's report",
    ]
    assert (
        as_csv(EVENT, [row], "en").splitlines()[0] == "No.,Received,Start no.,Crew,Trial,Reason,Outcome,Measure,Decided"
    )


def test_what_was_given_is_said_in_the_language() -> None:
    given = SWAP._replace(register=Register(at_ns(3600), "wrong attribution", "does not conform"))
    row = rows_of(given)[0]
    said = cells(EVENT, row, "it")
    assert [said[name] for name in ("received", "reason", "outcome")] == [
        "10:00",
        "errata attribuzione",
        "non conforme",
    ]


def test_no_cell_is_a_formula() -> None:
    row = rows_of(SWAP._replace(who="=1+1"))[0]
    assert ",'=1+1, " in as_csv(EVENT, [row], "en") or ",\"'=1+1, " in as_csv(EVENT, [row], "en")


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_page_needs_nothing_but_itself(language: str) -> None:
    text = page(EVENT, rows_of(SWAP), language)
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", text)
    assert f'<html lang="{language}">' in text
    assert text.count("<tr") == 3
    for column in COLUMNS:  # on a phone each row is a card: every cell says what it is
        assert text.count(f'data-label="{WORDS[language][column]}"') == 2


@pytest.fixture
def desk(tmp_path: Path):
    """Return how to run a command in the folder of the small event, with three crews that drove it."""
    return desk_at(tmp_path)


# name: (language, option, what the register then has)
FORMS = {
    "English table": ("en", (), ("Register of time checks", "time confirmed", "timing", "conforms")),
    "Italian table": ("it", (), ("Esito verifiche tempi", "tempo confermato", "cronometraggio", "conforme")),
    "English CSV": ("en", ("--csv",), ("No.,Received,Start no.", "09:50,1,Crew 1,PC1,timing,conforms,time confirmed")),
    "Italian CSV": ("it", ("--csv",), ("N.,Ora ricezione,N. gara", "cronometraggio,conforme,tempo confermato")),
    "English page": ("en", ("--page",), ('<html lang="en">', "<span>time confirmed</span>", "Signature")),
    "Italian page": ("it", ("--page",), ('<html lang="it">', "<span>tempo confermato</span>", "Firma")),
}


@pytest.mark.parametrize(("language", "form", "expected"), FORMS.values(), ids=FORMS)
def test_the_register_in_both_languages_in_every_form(desk, tmp_path: Path, language: str, form, expected) -> None:
    asked = ("--received", "09:50", "--reason", "timing", "--outcome", "conforms")
    assert desk("amend", "confirm", "1", "PC1", *BY, "--yes", *asked).exit_code == 0
    file = tmp_path / "register.html"
    done = desk("register", "--language", language, *form, *([str(file)] if form == ("--page",) else []))
    text = file.read_text() if file.exists() else done.output
    for part in expected:
        assert part in text, text
