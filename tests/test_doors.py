"""Doors: what lies in a bundle is refused by name before anything is stored; a store that took it once still works."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from centesimo.amend import as_text, from_row, made
from centesimo.boards.prepare import Prepared, proven
from centesimo.collect import Progress
from centesimo.commands.collect import Shown
from centesimo.commands.main import centesimo
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.model.errors import LoadError
from centesimo.store import IN_MEMORY, Store
from centesimo.store.doors import find_problem
from centesimo.store.load_bundle import load_bundle
from centesimo.store.row_digests import insert
from centesimo.store.schema import decisions, preparations
from centesimo.store.verify import verify
from centesimo.words.findings import sentence
from tests.events import write

B = "b" * 12
T = sha256(b"t").hexdigest()


def sealed(*rows):
    lines = ["centesimo bundle 1", *(row if isinstance(row, str) else json.dumps(row) for row in rows)]
    body = "".join(line + "\n" for line in lines).encode()
    return body + b"sha256 " + sha256(body).hexdigest().encode() + b"\n"


def decision(kind="void", at_ns=5, who="w", why="y", identity=None, text=None, **values):
    """Return the row of a decision whose id is right, whatever it says."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True) if text is None else text
    parts = json.dumps([kind, who, at_ns, why, text], ensure_ascii=False)
    right = sha256(parts.encode(errors="surrogatepass")).hexdigest()[:12]
    return ["amendment", identity or right, kind, who, why, at_ns, text]


def penalty(amount):
    return decision("penalty", control="W1", start_number=1, amount=amount, article="7")


# name, a row of a bundle whose seal is right, what is said of it.
ROWS = [
    ("values that are a list", decision(text="[]"), "expected values by name"),
    ("values that are deep", decision(text="[" * 9_000), "none of them a list"),
    ("no JSON", decision(text="x"), "Expecting value"),
    ("a wrong id", decision(passage="a:1", identity=B), "expected the id of all that it says"),
    ("a kind of its own", decision("bribe"), "expected a kind of amendment"),
    ("nothing that is voided", decision(), "expected passage"),
    ("a passage that is a number", decision(passage=1), "expected passage as a text"),
    ("a penalty below 0", penalty("-1e30"), "expected amount as a number from 0"),
    ("a penalty without end", penalty("Infinity"), "expected amount as a number from 0"),
    ("a penalty of a million digits", penalty("1e-999999"), "expected amount as a number from 0"),
    ("a penalty in words", penalty("much"), "expected values of an amendment 'penalty'"),
    ("a penalty that is no text", penalty(5), "expected values of an amendment 'penalty'"),
    ("a crew that is true", decision("retire", start_number=True), "expected start_number as a whole number"),
    ("a start before 1970", decision(at_ns=-1, passage="a:1"), "expected at_ns as a whole number"),
    ("a terminal's command", decision(passage="a:1", who="\x1bc"), "expected who without control characters"),
    ("a turned name", decision(passage="a:1", why="a\u202eb"), "expected why without control characters"),
    ("half a character", decision(passage="a:1", who="\ud800"), "expected who as text"),
    ("a board that is a number", decision("unreliable", board=7, from_ns=1, to_ns=2), "expected board as a text"),
    ("a shift of years", decision("shift-file", file="a" * 8, shift_ns=10**18), "expected shift_ns"),
    ("a report that is no list", ["preparation", 1, "before", "{}"], "expected a report as an object for each board"),
    ("a report of numbers", ["preparation", 1, "before", "[1]"], "expected a report as an object for each board"),
    ("a deep report", ["preparation", 1, "before", "[" * 100_000], "not nested"),
    ("a phase of its own", ["preparation", 1, "never", "[]"], "expected phase as before or after"),
    ("a list of another digest", ["list", "l", 1, "1" * 64, "t"], "expected the digest of its text"),
    ("a file of another digest", ["file", "1" * 64, 1, "l", "t"], "expected the digest of its text"),
    ("a receipt that runs back", ["receipt", 1, "p", "0a" * 8, "1", 5, 4], "expected first and last rising"),
    ("a passage before 1970", ["passage", T, 1, "A1", 1, -1, None, "hand"], "expected passed_at_ns from 0"),
    ("a passage that clears", ["passage", T, 1, "A1", 1, 1, None, "\x1bc"], "expected source without control"),
    ("a deep line", "[" * 100_000, "not nested"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "says"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_lie_is_refused_by_its_line_before_anything_is_stored(row, says):
    with closing(Store.open(IN_MEMORY)) as store:
        with pytest.raises(LoadError) as refused:
            load_bundle(store, "b", sealed(["list", "l", 1, T, "t"], row))
        assert str(refused.value).startswith("b:3: ")
        assert says in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
        assert store.lists() == {}


def test_a_decision_of_a_day_to_come_is_refused_for_it_would_lie_over_all_others():
    row = decision(passage="a:1", at_ns=2**63 - 1)
    with closing(Store.open(IN_MEMORY)) as store:
        with pytest.raises(LoadError, match=f"up to a day after this computer's clock, got {row[1]}"):
            load_bundle(store, "b", sealed(row), now_ns=10**18)
        assert store.decisions() == []


SHOWN = ("a terminal's command", "a turned name", "half a character")  # such a text stands, written out
BROKEN = [row[1] for row in ROWS if row[1][0] == "amendment" and row[0] not in SHOWN]


@pytest.mark.parametrize("row", BROKEN, ids=[row[0] for row in ROWS if row[1] in BROKEN])
def test_a_store_that_took_it_once_works_and_says_so(tmp_path, row):
    folder = write(tmp_path / "event")
    columns = ("id", "kind", "who", "why", "decided_at_ns", "values")
    with closing(Store.of_event(folder)) as store:
        with store.writing() as connection:
            insert(connection, decisions, [dict(zip(columns, row[1:], strict=True))])
            insert(connection, preparations, [{"prepared_at_ns": 1, "phase": "before", "report": "{}"}])
        _, problems = verify(store)
        assert ["is set aside" in problem.text for problem in problems] == [True, True]
        assert store.preparations() == []
        new = made("retire", "the clerk", "gave up", 7, start_number=1)
        assert store.add_decision(new, store.decisions())
        assert store.decisions() == [new]
        facts = facts_of(folder, store)
        texts = [sentence(finding, facts.event) for finding in compute(facts).findings]
        assert [text for text in texts if "is set aside: expected" in text or "is set aside: Expecting" in text]
    for verb in ("ranking", "score", "questions"):
        ran = CliRunner().invoke(centesimo, [verb, "--event", str(folder)])
        assert (ran.exit_code, ran.exception) == (0, None), ran.output


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
NAMES = ("passage", "start_number", "amount", "control", "article", "board", "from_ns", "to_ns", "shift_ns", "file")
KINDS = ("void", "penalty", "retire", "shift", "unreliable", "take-back", "withdraw", "?")


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(NAMES), JSON) | JSON, st.integers(-(2**63), 2**63 - 1))
def test_whatever_a_decision_says_is_refused_or_is_the_same_again(kind, values, at_ns):
    row = decision(kind, at_ns, text=json.dumps(values))[1:]
    if find_problem("amendment", row) is None:
        read = from_row(*row)
        again = made(kind, "w", "y", at_ns, **{**json.loads(as_text(read)), **_amount(read)})
        assert again == read


def _amount(read):
    return {} if read.amount is None else {"amount": read.amount}


REPORTS = st.fixed_dictionaries(
    {"board": st.just("0a" * 8) | JSON},
    optional={
        "boot": st.just(1) | JSON,
        "tubes": st.dictionaries(st.just("A1"), st.just(5) | JSON) | JSON,
        "points": st.lists(st.just("A1:1") | JSON, max_size=2) | JSON,
    },
)
ROW = Prepared(**dict.fromkeys(Prepared._fields) | {"board": "0a" * 8, "boot": 1, "points": ("A1:1",)})


@given(st.lists(REPORTS | JSON, max_size=3) | JSON)
def test_whatever_a_report_says_it_is_refused_or_prepare_can_read_it(report):
    if find_problem("preparation", (1, "before", json.dumps(report))) is None:
        proofs = proven([ROW], [(1, "before", json.loads(json.dumps(report)))], 2)
        assert all(type(sequence) is int for sequence in proofs.values())


def test_a_boards_name_never_reaches_the_terminal_as_it_is():
    class Bars:
        said = ""

        def add_task(self, *_, **__):
            return 0

        def update(self, _, description, **__):
            self.said = description

    bars = Bars()
    Shown(bars, ["p"])(Progress("p", "0a" * 8, "\x1bc\u202e", 1, 2))
    assert bars.said == "p \\u001bc\\u202e"


@pytest.mark.parametrize("place", ["/dev/zero", "."])
def test_what_is_no_file_is_not_read(tmp_path, place):
    ran = CliRunner().invoke(centesimo, ["load", place, "--event", str(write(tmp_path / "event"))])
    assert f"{place}: expected a file or a pipe, got something else" in str(ran.exception)


NEWER = ("arrivals", "signatures", "verifications", "devices", "acceptances", "record_runs")


def test_a_store_that_an_older_centesimo_has_filled_with_all_of_them_is_opened_and_its_decisions_stand(tmp_path):
    """The file is as schema 0006 left it: no newer table, no digest of a newer kind."""
    folder = write(tmp_path / "event")
    good = made("retire", "the clerk", "gave up", 7, start_number=1)
    columns = ("id", "kind", "who", "why", "decided_at_ns", "values")
    with closing(Store.of_event(folder)) as store:
        store.add_decision(good, [])
        with store.writing() as connection:
            rows = {row[1]: dict(zip(columns, row[1:], strict=True)) for row in BROKEN}
            insert(connection, decisions, list(rows.values()))
    with closing(sqlite3.connect(folder / "centesimo.sqlite")) as plain, plain:
        guards = plain.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for statement in (
            *(f"DROP TRIGGER {name}" for name, _, _ in guards),
            *(f"DROP TABLE {table}" for table in NEWER),
            "DELETE FROM digests WHERE kind IN ('acceptance', 'archive', 'conflict', 'device')",
            "UPDATE centesimo_version SET version_num = '0006'",
            *(sql for _, sql, table in guards if table not in NEWER),
        ):
            plain.execute(statement)
    for words in (["ranking"], ["score"], ["questions"], ["amend", "list"]):
        ran = CliRunner().invoke(centesimo, [*words, "--event", str(folder)])
        assert (ran.exit_code, ran.exception) == (0, None), ran.output
    with closing(Store.of_event(folder)) as store:
        assert (store.decisions(), store.proposals()) == ([good], [])
        assert len(store.set_aside()) == len(rows)
        problems = verify(store)[1]
        assert len([problem for problem in problems if "is set aside" in problem.text]) == len(rows)
        assert {problem.kind for problem in problems} == {"row"}
        assert store.add_decision(made("cancel", "the clerk", "snow", 8, control="PC1"), [good])
