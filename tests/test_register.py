"""The register of time checks, written from the amendments, in both languages; and the commands of a desk."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from decisions import EVENT, FLAT, at_ns, decided, facts, identity
from events import write

from centesimo.amend import KINDS
from centesimo.amend.shown import shown_at
from centesimo.command import centesimo
from centesimo.commands.amend import amend
from centesimo.commands.folder import TextConsole
from centesimo.compute import compute
from centesimo.errors import AmendmentError
from centesimo.event import Event
from centesimo.facts import Amendment
from centesimo.register import COLUMNS, WORDS, Check, as_csv, cells, page, register

SWAP = decided(
    "swap",
    at_ns(7200),
    passage=identity("A2", 1),
    start_number=2,
    other_passage=identity("A2", 2),
    other_number=1,
)
WATCH = {"timing_point": "A2", "passed_at_ns": at_ns("1050.02"), "source": "backup watch", "start_number": 3}


def rows_of(*amendments: Amendment, event: Event = EVENT) -> list[Check]:
    """Return the register of the driven day with these decisions."""
    day = facts(*amendments)._replace(event=event)
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
    "a board for a while": (
        decided("unreliable", board="00000000000000a2", from_ns=1, to_ns=2),
        [(None, "", None, None, "time corrected")],
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


@pytest.mark.parametrize(("amendment", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_a_request(amendment: Amendment, expected: list) -> None:
    rows = rows_of(amendment)
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


@pytest.mark.parametrize(("amendments", "expected"), WHOSE.values(), ids=WHOSE)
def test_a_row_says_whose_it_is_or_where_and_when(amendments: list[Amendment], expected: list) -> None:
    assert [(one.start_number, one.place, one.withdrawn) for one in rows_of(*amendments)] == expected


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
    given = SWAP._replace(received_at_ns=at_ns(3600), reason="wrong attribution", outcome="does not conform")
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
    folder = write(tmp_path, FLAT)
    rows = ["timing_point,start_number,time_of_day,source"]
    for number, late in {1: "05", 2: "09", 3: "02"}.items():
        rows += [
            f"C1,{number},09:{9 + number}:20,card",
            f"A1,{number},09:{14 + number}:00.00,watch",
            f"A2,{number},09:{14 + number}:30.{late},watch",
            f"A3,{number},09:{14 + number}:42.50,watch",
        ]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    runner = CliRunner(env={"CENTESIMO_EVENT": str(folder)})

    def run(*words: str) -> Result:
        return runner.invoke(centesimo, list(words))

    assert run("load", str(folder / "sheet.csv"), "--event", str(folder)).exit_code == 0
    return run


BY = ("--who", "the clerk", "--why", "impeded")


def test_a_decision_is_shown_then_stored_and_can_be_withdrawn(desk) -> None:
    done = desk("amend", "cancel", "PC1", "--race", "classic", *BY, "--yes", "--json")
    told = json.loads(done.output)
    assert [(one["start_number"], one["position"]) for one in told["moved"]]
    assert json.loads(desk("amend", "list", "--json").output)[0]["id"] == told["amendment"]["id"]
    assert desk("amend", "withdraw", told["amendment"]["id"][:6], *BY, "--yes").exit_code == 0
    states = [one["state"] for one in json.loads(desk("amend", "list", "--json").output)]
    assert states == ["withdrawn", ""]


# name: (words, what the message says)
REFUSED = {
    "nobody to confirm": (("cancel", "PC1", *BY), "expected a terminal to confirm at, or --yes"),
    "no such passage": (
        ("void", "A1@09:30:00", *BY, "--yes"),
        "expected a passage at A1@09:30:00, got none; the nearest",
    ),
    "several passages": (
        ("void", "A1@09:1", *BY, "--yes"),
        "expected local time as HH:MM:SS.cc after A1@, as far.*, got 09:1",
    ),
    "no such point": (("void", "B1@09:15:00", *BY, "--yes"), "expected a timing point of the event .*, got B1"),
    "a time that is none": (
        ("insert", "A2", "TIME", "--source", "watch", *BY, "--yes"),
        "expected TIME as local time HH:MM:SS.cc, up to 47:59:59.99 in the night after, or as .*, got TIME",
    ),
    "points that are none": (
        ("penalty", "1", "PC1", "many", "--article", "9", *BY, "--yes"),
        "expected POINTS as a number from 0 to 10000000, got many",
    ),
    "nobody": (("cancel", "PC1", "--who", " ", "--why", "x", "--yes"), "expected who decided and why"),
    "what a crew does not have": (
        ("swap", "A1@09:15:00", "amend:x", *BY, "--yes"),
        "expected a passage as its id or as A1@10:05:58.60, got amend:x",
    ),
    "a passage of another event": (
        ("attribute", "load:00000000:2", "1", *BY, "--yes"),
        "expected a passage as its id or as A1@10:05:58.60, got load:00000000:2, which does not exist",
    ),
    "a passage of nobody's crew": (
        ("attribute", "A1@09:15:00", "99", *BY, "--yes"),
        "expected the start number of an entry, got 99",
    ),
    "a swap with oneself": (
        ("swap", "A1@09:15:00", "A1@09:15:00", *BY, "--yes"),
        "expected two passages of two crews",
    ),
    "a point of another event": (
        ("insert", "Z9", "09:15:00", "--source", "watch", *BY, "--yes"),
        r"expected a timing point of the event \(A1, A2, A3, C1\), got Z9",
    ),
    "another day": (
        ("insert", "A1", "2027-06-23T09:15:00", "--source", "watch", *BY, "--yes"),
        "expected TIME near the event's days, 2027-05-23 to 2027-05-23, got 2027-06-23T09:15:00",
    ),
    "an uncertainty that is none": (
        ("insert", "A1", "09:15:00", "--source", "watch", "--uncertainty-s", "x", *BY, "--yes"),
        "expected --uncertainty-s as a number from 0 to 60, got x",
    ),
    "a board of another event": (
        ("unreliable", "00000000000000ff", "09:00:00", "10:00:00", *BY, "--yes"),
        r"expected a board of the event \(.*\), got 00000000000000ff",
    ),
    "a period that ends before it begins": (
        ("shift", "00000000000000a1", "10:00:00", "09:00:00", "1", *BY, "--yes"),
        "expected a period that ends after it begins",
    ),
    "a shift of nothing": (
        ("shift", "00000000000000a1", "09:00:00", "10:00:00", "0", *BY, "--yes"),
        "expected a shift other than 0",
    ),
    "a shift that is none": (
        ("shift", "00000000000000a1", "09:00:00", "10:00:00", "much", *BY, "--yes"),
        "expected SECONDS as a number from -86400 to 86400, got much",
    ),
    "an average of minutes": (
        ("average", "1", "CO1", *BY, "--yes"),
        "no average of its series can be formed for crew 1 at CO1, there is no other trial in it",
    ),
    "a control of another event": (
        ("cancel", "PC9", *BY, "--yes"),
        r"expected a control of the event \(CO1, PC1, PC2\), got PC9",
    ),
    "a race of another event": (
        ("cancel", "PC1", "--race", "old", *BY, "--yes"),
        r"expected a race of the event \(classic, modern\), got old",
    ),
    "a crew of another race": (
        ("cancel", "PC1", "--race", "modern", "--start-number", "1", *BY, "--yes"),
        "crew 1 drives race classic, not modern",
    ),
    "a miss of nobody's crew": (("miss", "99", "CO1", *BY, "--yes"), "expected the start number of an entry, got 99"),
    "a penalty of no article": (
        ("penalty", "1", "PC1", "100", *BY, "--yes"),
        "expected --article with a penalty that the rule book does not name",
    ),
    "a penalty that is a gain": (
        ("penalty", "1", "PC1", "--article", "9", *BY, "--yes", "--", "-5"),
        "expected POINTS as a number from 0 to 10000000, got -5",
    ),
    "out of another event": (("exclude", "1", "PC9", *BY, "--yes"), "expected a control of the event"),
    "gone from another event": (("retire", "99", *BY, "--yes"), "expected the start number of an entry, got 99"),
    "back, though never out": (
        ("reinstate", "1", "CO1", *BY, "--yes"),
        "crew 1 is out by no decision from CO1 on; where the rule book excluded it",
    ),
    "back at a price, though never out": (
        ("reinstate", "1", "CO1", "--points", "100", *BY, "--yes"),
        r"The points of amendment \w+ \(reinstate\) are not used: the rule book does not exclude crew 1 from CO1 on",
    ),
    "a time that is not there": (
        ("confirm", "11", "PC1", *BY, "--yes"),
        "expected a time of crew 11 at PC1 to confirm, got none: no passage at A1",
    ),
    "an amendment of another event": (
        ("withdraw", "abc", *BY, "--yes"),
        "expected one amendment whose id begins with abc, got none",
    ),
    "asked at no time": (
        ("confirm", "1", "PC1", *BY, "--yes", "--received", "noon"),
        "expected --received as local time HH:MM:SS.cc, up to 47:59:59.99 .*, or as 2027-05-23T10:05:58.60, got noon",
    ),
}


@pytest.mark.parametrize(("words", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_said_in_one_line_and_stores_nothing(desk, words: tuple[str, ...], says: str) -> None:
    done = desk("amend", *words)
    assert isinstance(done.exception, AmendmentError)
    assert re.match(says, str(done.exception))
    assert "\n" not in str(done.exception)
    assert json.loads(desk("amend", "list", "--json").output) == []


def test_a_passage_of_nobody_has_no_crew_to_swap(desk) -> None:
    assert desk("amend", "insert", "A3", "09:40:00", "--source", "watch", *BY, "--yes").exit_code == 0
    done = desk("amend", "swap", "A3@09:15:42.50", "A3@09:40:00", *BY, "--yes")
    assert str(done.exception) == "passage A3@09:40:00 is no crew's: give it to one with attribute"


def test_every_kind_of_amendment_is_refused_somewhere() -> None:
    assert {words[0] for words, _ in REFUSED.values()} == KINDS.keys()


def test_an_average_that_nothing_gives_is_refused(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    done = desk("amend", "average", "3", "PC1", *BY, "--yes")
    assert str(done.exception) == (
        "no average of its series can be formed for crew 3 at PC1, without a time: PC2 (no passage at A2); "
        "try insert the time that another device or a sheet has; nothing was stored"
    )
    assert len(json.loads(desk("amend", "list", "--json").output)) == 1


def test_an_inserted_passage_shows_its_instant(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = "insert: a passage at A2 at 09:20:30.07 by second device"
    assert said in desk("amend", "insert", "A2", "09:20:30.07", "--source", "second device", *BY, "--yes").output
    assert said in desk("amend", "list").output


def test_a_narrow_terminal_lists_decisions_as_lines(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(desk("amend", "confirm", "1", "PC2", *BY, "--yes", "--json").output)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(TextConsole, "is_terminal", property(lambda _: True))
    assert f"\n{told['amendment']['id']}\n  when: 20" in desk("amend", "list").output


def test_a_list_of_decisions_says_where_when_and_whose(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    voided = desk("amend", "void", "A2@09:17:30.02", *BY, "--yes")
    assert "void: passage A2 at 09:17:30.02 does not count; it was crew 3's" in voided.output
    assert '3,Crew 3,"PC1, PC2"' in desk("register", "--csv").output
    assert desk("amend", "attribute", "A1@09:15:00.00", "1", *BY, "--yes").exit_code == 0
    swapped = desk("amend", "swap", "A3@09:15:42.50", "A3@09:16:42.50", *BY, "--yes")
    both = "passage A3 at 09:15:42.50 is crew 2's and A3 at 09:16:42.50 is crew 1's"
    assert both in swapped.output
    listed = desk("amend", "list").output
    for said in ("A2 at 09:17:30.02 does not count; it was crew 3's", "passage A1 at 09:15:00.00 is crew 1's", both):
        assert said in listed
    assert [one.get("passage", "")[:5] for one in json.loads(desk("amend", "list", "--json").output)] == ["load:"] * 3


def test_a_passage_that_does_not_count_is_called_so(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    (one,) = json.loads(desk("amend", "list", "--json").output)
    for words in (
        ("void", "A2@09:17:30"),
        ("attribute", one["passage"], "3"),
        ("swap", "A2@09:15:30.05", "A2@09:17:30.02"),
    ):
        assert str(desk("amend", *words, *BY, "--yes").exception) == (
            f"passage A2 at 09:17:30.02 does not count by amendment {one['id']}: withdraw that first"
        )


def test_every_kind_of_amendment_has_a_verb() -> None:
    assert set(amend.commands) == {*KINDS, "list"}


# name: (answer, what is said last, how many are stored)
ANSWERS = {"no": ("n", "error: not confirmed; nothing was stored", 0), "yes": ("y", "stored as amendment", 1)}


@pytest.mark.parametrize(("answer", "ends", "stored"), ANSWERS.values(), ids=ANSWERS)
def test_the_effect_is_shown_before_it_is_confirmed(desk, tmp_path: Path, answer, ends: str, stored: int) -> None:
    master, slave = os.openpty()
    os.write(master, f"{answer}\n".encode())
    words = ["amend", "cancel", "PC1", "--race", "classic", *BY, "--event", str(tmp_path)]
    run = [sys.executable, "-c", "from centesimo.command import main; main()", *words]
    done = subprocess.run(run, stdin=slave, capture_output=True, text=True, check=False, timeout=120)
    for end in (master, slave):
        os.close(end)
    said = done.stdout + done.stderr
    shown = [said.index(what) for what in ("Scores that change", "Rankings that change", "Store this decision?", ends)]
    assert shown == sorted(shown)
    assert len(json.loads(desk("amend", "list", "--json").output)) == stored


def test_only_a_time_that_is_there_is_confirmed(desk) -> None:
    assert desk("amend", "void", "A2@09:17:30.02", *BY, "--yes").exit_code == 0
    done = desk("amend", "confirm", "3", "PC1", *BY, "--yes")
    assert str(done.exception) == (
        "expected a time of crew 3 at PC1 to confirm, got none: no passage at A2; nothing was stored"
    )
    assert desk("amend", "confirm", "1", "PC1", *BY, "--yes").exit_code == 0


def test_a_missed_control_costs_what_the_book_or_the_official_says(desk) -> None:
    done = desk("amend", "miss", "1", "CO1", *BY, "--yes")
    assert str(done.exception) == (
        "expected --points with a missed CO1: the rule book does not say what that costs; nothing was stored"
    )
    done = desk("amend", "miss", "1", "CO1", *BY, "--yes", "--points", "250")
    assert "25.00 \u2192 275.00" in done.output  # totals have the decimals of the ranking: 25 before


def test_a_cancellation_says_which_fixed_penalties_stay(desk) -> None:
    fine = ("amend", "penalty", "1", "PC1", "100", "--article", "9", *BY, "--yes")
    assert desk(*fine).exit_code == 0
    assert "Fixed penalties stay: crew 1 100 at PC1." in desk("amend", "cancel", "PC1", *BY, "--yes").output
    assert "Fixed penalties stay: crew 1 200 at PC1." in desk(*fine).output


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


HOURS = {
    "on the day of the only leg": ("09:50", "2027-05-23T09:50:00"),
    "in the night after it": ("24:10:05", "2027-05-24T00:10:05"),
    "with its date": ("2027-05-24T00:10:05.50", "2027-05-24T00:10:05.5"),
}


@pytest.mark.parametrize(("written", "expected"), HOURS.values(), ids=HOURS)
def test_a_local_time_is_on_the_day_of_its_leg_or_on_the_date_given(desk, written: str, expected: str) -> None:
    assert desk("amend", "insert", "A2", written, "--source", "watch", *BY, "--yes").exit_code == 0
    (one,) = json.loads(desk("amend", "list", "--json").output)
    assert shown_at(EVENT, one["passed_at_ns"]).startswith(expected)
