"""Verify: what is whole is said to be whole, and whatever was changed is found and located."""

import json
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from centesimo.amend import made
from centesimo.collect import collect
from centesimo.commands.main import centesimo
from centesimo.sightings import made as sighting
from centesimo.store import LoadedPassage, Publication, Store
from centesimo.store.row_digests import DOCUMENTS, insert
from centesimo.store.schema import records, sightings
from centesimo.store.signing import this_device
from centesimo.store.verify import KINDS, Checked, board_chain, verify
from centesimo_protocol import record
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import event, write
from tests.plain_board import PlainBoard, edges
from tests.test_prepare import A1
from tests.test_raw_archive import visit

A = "0a" * 8


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.sqlite"


def opened(path, *boards):
    """Return a store into which these boards were collected."""
    store = Store.open(path)
    for board in boards:
        visit(store, board)
    return store


def board(raws, **further):
    return PlainBoard(raws, board_id=b"\x0a" * 8, **further)


def forged(raw, **changes):
    """Return the record with other values and a check that fits them."""
    return record.pack(record.unpack(raw)._replace(**changes))


def test_a_whole_store_is_whole(path):
    acknowledged = record.pack(record.Acknowledged(301, 1, 10**9, 290, b"hosthost"))
    store = opened(path, board([*edges(300), acknowledged], absent=(77, 78)))
    # 301 less the two that the board itself has no record for; 291 to 300 were written after the acknowledgement.
    expected = Checked(A, 1, 301, 299, 1, 2, 299, 290, 10, ())
    assert verify(store) == ([expected], [])
    store.close()


SEQUENCE_5 = f"board = '{A}' AND sequence = 5"
OTHER = "x'" + forged(edges(5)[4], counter_us=1).hex() + "'"
RECORD_21 = "x'" + edges(21)[20].hex() + "'"
DAMAGED = "x'" + (edges(5)[4][:-1] + b"?").hex() + "'"

# name, what someone who knows SQLite does to a store of 20 records, the kinds and sequences that are found.
CHANGES = [
    ("nothing", "", []),
    ("a record altered", f"UPDATE records SET raw = {DAMAGED} WHERE {SEQUENCE_5}", [
        ("run", 1, 20), ("altered", 5, 5), ("not as received", 5, 5), ("not stored", 5, 5)]),
    ("a record altered with its check", f"UPDATE records SET raw = {OTHER} WHERE {SEQUENCE_5}", [
        ("run", 1, 20), ("not as received", 5, 5), ("not stored", 5, 5), ("counter", 5, 5)]),
    ("its column altered", f"UPDATE records SET boot = 2 WHERE {SEQUENCE_5}", [("altered", 5, 5)]),
    ("its board altered", f"UPDATE records SET board = 'x' WHERE {SEQUENCE_5}", [
        ("altered", None, None), ("receipt", 5, 5), ("run", 1, 20), ("run", 5, 5), ("gap", 5, 5),
        ("not stored", 5, 5)]),
    ("its receipt altered", f"UPDATE records SET receipt = 9 WHERE {SEQUENCE_5}", [("receipt", 5, 5)]),
    ("the receipt of records 1 to 20 altered", "UPDATE receipts SET first = 3", [
        ("receipt", 1, 2), ("row", None, None)]),
    ("the receipt's board altered", "UPDATE receipts SET board = 'x'", [
        ("receipt", 1, 20), ("row", None, None)]),
    ("records removed", "DELETE FROM records WHERE sequence IN (5, 6, 9)", [
        ("run", 1, 20), ("gap", 5, 6), ("gap", 9, 9), ("not stored", 5, 6), ("not stored", 9, 9)]),
    ("the last one removed", "DELETE FROM records WHERE sequence = 20", [
        ("run", 1, 20), ("not stored", 20, 20)]),
    ("the archive removed", "DELETE FROM archive", [("row", None, None), ("not received", 1, 20)]),
    ("a record put in", f"INSERT INTO records SELECT board, 21, boot, kind, {RECORD_21}, receipt FROM records"
     " WHERE sequence = 1", [("receipt", 21, 21), ("run", 21, 21), ("not received", 21, 21)]),
    ("a part of it altered", "UPDATE archive SET begun_at_ns = 1 WHERE part = 1", [
        ("archive", None, None), ("not received", 1, 20)]),
    ("a list altered", "UPDATE lists SET text = '6'", [("file", None, None), ("row", None, None)]),
]  # fmt: skip


def without_triggers(path, *statements, again=True):
    """Change a store as someone who knows SQLite does, and who puts the triggers back."""
    with closing(sqlite3.connect(path)) as plain, plain:
        triggers = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for trigger, _ in triggers:
            plain.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            plain.execute(statement)
        for _, sql in triggers if again else ():
            plain.execute(sql)


@pytest.mark.parametrize(("statement", "expected"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_finds_what_was_changed_and_where(path, statement, expected):
    store = opened(path, board(edges(20)))
    store.post(event(), {"lists/A1.csv": "5"}, [], 7)
    without_triggers(path, statement)
    boards, beside = verify(store)
    found = [*beside, *(problem for one in boards for problem in one.problems)]
    assert [problem[:1] + problem[2:4] for problem in found] == expected
    assert {problem.kind for problem in found} <= set(KINDS)
    store.close()


IDLE = "CREATE TRIGGER lists_no_update BEFORE UPDATE ON lists WHEN 0 BEGIN SELECT 1; END"


@pytest.mark.parametrize("statement", ["DROP TRIGGER lists_no_update", f"DROP TRIGGER lists_no_update; {IDLE}"])
def test_a_trigger_that_is_gone_or_another_is_found(path, statement):
    store = opened(path, board(edges(3)))
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(statement)
    assert [problem[:1] + problem[4:] for problem in verify(store)[1]] == [
        ("guard", "the trigger lists_no_update is not as it was made")
    ]
    store.close()


def test_the_receipt_of_a_conflict_and_the_id_of_a_sighting_are_held_against_what_they_name(path):
    store = filled(path)
    store.add_records(A, "p", edges(1, shift=1), 8)
    without_triggers(path, "UPDATE conflicts SET receipt = 99")
    assert ("receipt", 1, 1) in [problem[:1] + problem[2:4] for problem in verify(store)[1]]
    with store.writing() as connection:
        row = sighting("A1", 12, 7, "Anna", "phone", 3)._replace(id="f" * 16)
        insert(connection, sightings, [row._asdict()])
    assert "cannot be" in " ".join(problem.text for problem in verify(store)[1])
    store.close()


def test_a_long_look_keeps_no_writer_waiting(path):
    store, writer = opened(path, board(edges(20))), Store.open(path)
    with store.snapshot() as still, still.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(records)).scalar() == 20
        assert writer.add_records(A, "p", edges(1, first=21), 8).new == 1
        assert connection.execute(sa.select(sa.func.count()).select_from(records)).scalar() == 20
    writer.close()
    store.close()


def filled(path):
    """Return a store that has a row of each kind."""
    store = opened(path, board(edges(20)))
    store.add_loaded("hand.csv", "d" * 64, "text", [LoadedPassage(2, "C1", 12, 8, 9, "hand")], 7)
    store.post(event(), {"lists/A1.csv": "5"}, [Publication("classic", "L1", 1, "provisional", 7, "e" * 64, "{}")], 7)
    device = this_device()
    store.trust(device.key, "laptop", "Steward", 7)
    store.add_decision(made("cancel", "Steward", "a tube was off", 7, control="PC2"), [], device)
    store.add_verification(device, A, (1, 20), edges(5)[4], 7)
    store.add_preparation("before", [{"board": A}], 7)
    store.add_sightings([sighting("A1", 12, 7, "Anna", "phone", 2, 9, "#1", "keyed")])
    return store


COLUMNS = [(table, column) for _, table, columns in DOCUMENTS for column in map(table.c.get, columns)]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=map(str, (column for _, column in COLUMNS)))
def test_a_change_of_any_column_that_says_something_is_found(path, table, column):
    store = filled(path)
    assert [problem for problem in verify(store)[1] if problem.kind == "row"] == []
    name = table.name
    other = "+ 1" if isinstance(column.type, sa.Integer) else "|| '1'"
    without_triggers(path, f'UPDATE {name} SET "{column.name}" = "{column.name}" {other} WHERE rowid = 1')
    (found,) = [problem for problem in verify(store)[1] if problem.kind == "row"]
    assert "is not as it was stored" in found.text
    store.close()


@pytest.mark.parametrize("table", [table.name for _, table, _ in DOCUMENTS])
def test_a_row_that_was_removed_is_found(path, table):
    store = filled(path)
    without_triggers(path, "PRAGMA foreign_keys = OFF", f"DELETE FROM {table} WHERE rowid = 1")
    assert "1 of what was stored as" in " ".join(problem.text for problem in verify(store)[1])
    store.close()


def test_a_store_from_before_the_digests_opens_and_is_whole_and_guarded_from_then_on(path):
    filled(path).close()
    newer = ("digests", "sightings", "arrivals", "signatures", "verifications", "devices", "acceptances", "record_runs")
    old = [f"DROP TABLE {table}" for table in newer]
    without_triggers(path, *old, "UPDATE centesimo_version SET version_num = '0004'", again=False)
    store = Store.open(path)
    assert [problem for problem in verify(store)[1] if problem.kind == "row"] == []
    without_triggers(path, "UPDATE preparations SET prepared_at_ns = 8")
    assert [problem.text for problem in verify(store)[1] if problem.kind == "row"] == [
        "the preparation of prepared_at_ns 8, phase before is not as it was stored"
    ]
    store.close()


# name, bytes that stand once in the file, the bit that is changed in the first of them, what is said
BITS = [
    ("a board's id beside record 5", A.encode() + b"\x05", 0x40, "store: row not in PRIMARY KEY order for records"),
    ("a trigger, which is then no UTF-8", b"CREATE TRIGGER lists_no_delete", 0x80, "is damaged: keep this file"),
]


@pytest.mark.parametrize(("there", "bit", "words"), [row[1:] for row in BITS], ids=[row[0] for row in BITS])
def test_one_bit_changed_in_the_file_s_own_structure_is_found(tmp_path, there, bit, words):
    path = write(tmp_path / "event") / "centesimo.sqlite"
    opened(path, board(edges(20))).close()
    content = bytearray(path.read_bytes())
    assert content.count(there) == 1
    content[content.index(there)] ^= bit
    path.write_bytes(content)
    shown = CliRunner().invoke(centesimo, ["verify", "--event", str(path.parent)])
    assert words in str(shown.exception)


def raws(*values):
    return [record.pack(value) for value in values]


def edge(sequence, boot, counter_us, input_=1):
    return record.Edge(sequence, boot, counter_us, input_, sequence, 3, 0, 1)


START = record.Boot(1, 1, 0, 0, 1, 0, 0, 1, bytes.fromhex(A))

# name, records of a board, the kinds and sequences that are found.
CHAINS = [
    ("starts in order", raws(START, edge(2, 1, 9), edge(3, 2, 5)), []),
    ("a start that is lower", raws(START, edge(2, 3, 9), edge(3, 2, 10)), [("boots", 3, 3)]),
    ("another board's start", raws(START._replace(board_id=bytes(8))), [("another board", 1, 1)]),
    ("a counter that runs backwards", raws(START, edge(2, 1, 9), edge(3, 1, 8)), [("counter", 3, 3)]),
    ("two inputs, each rising", raws(START, edge(2, 1, 9), edge(3, 1, 8, input_=2)), []),
]


@pytest.mark.parametrize(("its", "expected"), [row[1:] for row in CHAINS], ids=[row[0] for row in CHAINS])
def test_finds_what_a_board_cannot_have_written(path, its, expected):
    store = Store.open(path)
    store.add_records(A, "p", its, 7)
    (one,), _ = verify(store)
    found = [problem[:1] + problem[2:4] for problem in one.problems if problem.kind != "not received"]
    assert found == expected
    store.close()


def test_two_records_under_one_number_are_a_conflict(path):
    store = opened(path, board(edges(10)), board(edges(10, shift=1)))
    (one,), _ = verify(store)
    # The first and the last are fetched again and compared; the caller of `visit` does not go on to compare all.
    assert [problem[:1] + problem[2:4] for problem in one.problems] == [("conflict", 1, 1), ("conflict", 10, 10)]
    store.close()


def test_an_empty_chain_has_no_problem():
    assert board_chain(A, [], {}, set()).values == []


def test_the_real_firmware_is_found_whole(path):
    start_ns = 1_811_055_600_000_000_000
    cars = tuple(Crossing(start_ns + at_s * 1_000_000_000, 1 + at_s % 4) for at_s in range(60, 290, 7))
    with closing(Store.open(path)) as store, VirtualBoard(Scenario(start_ns, 300, A, crossings=cars)) as virtual:
        virtual.wait_until_ready(30)
        virtual.unplug_after(3000)
        collect(store, [virtual.port], lambda: 7)
        virtual.plug()
        for now_ns in (8, 9):
            collect(store, [virtual.url], lambda at=now_ns: at)
        (one,), beside = verify(store)
    assert (one.problems, beside) == ((), [])
    assert one.received == one.records == one.last
    assert one.waiting == 0


def test_a_board_of_the_event_is_called_by_its_name(tmp_path):
    event = write(tmp_path / "event")
    with closing(Store.open(event / "centesimo.sqlite")) as store:
        store.add_records(A1, "p", edges(5), 7)
        store.add_records(A1, "p", edges(2, first=8), 7)
    shown = CliRunner().invoke(centesimo, ["verify", "--event", str(event)], env={"COLUMNS": "250"})
    assert f"A1 A2 Bridge ({A1})" in shown.stdout
    assert f"gap: board A1 A2 Bridge ({A1}): each of" in str(shown.exception)


def test_the_command_says_so_and_ends_with_1(tmp_path):
    event = write(tmp_path / "event")
    store = opened(event / "centesimo.sqlite", board(edges(20)))
    whole = CliRunner().invoke(centesimo, ["verify", "--event", str(event)])
    assert "Nothing is wrong." in whole.stdout
    assert whole.exit_code == 0
    store.add_records(A, "p", edges(2, first=25), 7)
    store.close()
    shown = CliRunner().invoke(centesimo, ["verify", "--event", str(event)])
    assert str(shown.exception).splitlines() == [
        f"gap: board {A}: each of the records 21 to 24 is missing: collect the board again",
        f"not received: board {A}: each of the records 25 to 26 is in no part of the raw archive",
    ]
    found = json.loads(CliRunner().invoke(centesimo, ["verify", "--json", "--event", str(event)]).stdout)
    assert [problem["kind"] for problem in found["problems"]] == ["gap", "not received"]
    assert found["boards"][0]["problems"] == 2
