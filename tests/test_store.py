"""The store: what goes in comes out once and unchanged, and what it refuses it says and leaves alone."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from centesimo import sightings
from centesimo.amend import made
from centesimo.model.errors import StoreError
from centesimo.store import Added, LoadedPassage, Publication, Store, database, schema
from centesimo.store.raw_archive import Part
from centesimo.store.signing import this_device
from tests.events import event
from tests.plain_board import edges

ROOT = Path(__file__).parent.parent
A, B = "0a" * 8, "0b" * 8


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "s.sqlite")
    yield opened
    opened.close()


# name, blocks of records that are added, what each add returns, sequences that are then stored.
# Edges shifted by 1 us are other records under the same sequences.
ADDS = [
    ("nothing", [[]], [Added(0, 0, ())], []),
    ("one block", [edges(3)], [Added(3, 0, ())], [(1, 3)]),
    ("the same again", [edges(3), edges(3)], [Added(3, 0, ()), Added(0, 3, ())], [(1, 3)]),
    ("twice in one block", [edges(2) + edges(2)], [Added(2, 2, ())], [(1, 2)]),
    ("any order", [edges(2, first=8), edges(3)], [Added(2, 0, ()), Added(3, 0, ())], [(1, 3), (8, 9)]),
    ("overlapping", [edges(5), edges(5, first=4)], [Added(5, 0, ()), Added(3, 2, ())], [(1, 8)]),
    ("differing", [edges(5), edges(2, first=5, shift=1)], [Added(5, 0, ()), Added(1, 1, (5,))], [(1, 6)]),
    ("differing in one block", [edges(1) + edges(1, shift=1)], [Added(1, 1, (1,))], [(1, 1)]),
]


@pytest.mark.parametrize(("blocks", "returns", "held"), [row[1:] for row in ADDS], ids=[row[0] for row in ADDS])
def test_a_record_is_stored_once(store, blocks, returns, held):
    assert [store.add_records(A, "port", block, 7) for block in blocks] == returns
    assert store.held(A) == held
    assert store.last_sequence(A) == (held[-1][1] if held else 0)
    assert (store.held(B), store.last_sequence(B)) == ([], 0)


def test_records_come_back_by_board_in_order(store):
    store.add_records(B, "p", edges(2, first=3), 7)
    store.add_records(A, "p", edges(2), 7)
    store.add_records(B, "p", edges(2), 8)
    assert store.records() == {A: edges(2), B: edges(4)}
    assert list(store.records()) == store.boards() == [A, B]


def test_a_differing_record_is_kept_beside_the_first(store):
    (other,) = edges(1, shift=1)
    store.add_records(A, "p", edges(3), 7)
    store.add_records(A, "p", [other], 8)
    store.add_records(A, "p", [other], 9)
    assert store.records_of(A) == edges(3)
    assert store.conflicts() == [(A, 1, other)]


def test_a_receipt_tells_when_and_where_records_came(store):
    store.add_records(A, "port 1", edges(3), 7, "0.1.0")
    store.add_records(A, "port 2", edges(3), 8, "0.1.0")
    store.add_records(A, "port 2", edges(2, first=3), 9, "0.2.0")
    found = [tuple(receipt)[1:] for receipt in store.receipts()]
    assert found == [(7, "port 1", A, "0.1.0", 1, 3), (9, "port 2", A, "0.2.0", 4, 4)]


def test_a_record_that_does_not_check_is_refused_with_its_block(store):
    good, bad = edges(1), edges(1, first=2)[0][:-1] + b"\0"
    with pytest.raises(StoreError, match=f"a record of board {A} is refused: expected check"):
        store.add_records(A, "p", [*good, bad], 7)
    assert store.records() == {}


def add_one_of_each(store):
    """Put a row into every table; return the tables' names."""
    store.add_records(A, "p", edges(1), 7, part=Part("9" * 32, 1, "8" * 16, "0.1.0", "p", A, 6, 7, "c" * 64, b"raw"))
    store.add_records(A, "p", edges(1, shift=1), 7)
    store.add_loaded(
        "sheet.csv", sha256(b"text").hexdigest(), "text", [LoadedPassage(2, "A1", 5, 1_000, 20, "hand")], 7
    )
    store.add_preparation("before", [{"board": A}], 7)
    store.post(event(), {"lists/A1.csv": "5\n6\n"}, [publication("classic", "L1", 1)], 7)
    device = this_device()
    store.trust(device.key, "laptop 1", "the clerk", 7)
    store.add_decision(made("cancel", "the clerk", "snow", 7, control="PC1"), [], device)
    store.add_verification(device, A, (1, 1), edges(1)[0], 7)
    store.key("A1", 5, 1_000, "Anna", "laptop 1")
    return [table.name for table in schema.metadata.sorted_tables]


def test_nothing_is_ever_changed_or_removed(store, tmp_path):
    tables = add_one_of_each(store)
    # Another program with plain SQLite, which does not even ask for recursive triggers.
    with sqlite3.connect(tmp_path / "s.sqlite") as plain:
        for table in tables:
            column = plain.execute(f"PRAGMA table_info({table})").fetchone()[1]
            before = plain.execute(f"SELECT * FROM {table}").fetchall()
            assert before, table
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            ):
                with pytest.raises(sqlite3.IntegrityError, match=f"{table} is insert-only"):
                    plain.execute(statement)
            assert plain.execute(f"SELECT * FROM {table}").fetchall() == before
    plain.close()


def test_loaded_passages_come_back_once_in_order_of_time(store):
    late, early = LoadedPassage(2, "A1", None, 2_000, None, "hand"), LoadedPassage(3, "A2", 5, 1_000, 20, "ALGE backup")
    assert store.add_loaded("a.csv", "d1" * 32, "text", [late, early], 7) == 2
    assert store.add_loaded("copy.csv", "d1" * 32, "text", [late, early], 8) == 0
    assert store.add_loaded("b.csv", "d2" * 32, "text 2", [early._replace(line=9), late._replace(at_ns=3_000)], 9) == 1
    assert [
        (passage.id, passage.timing_point, passage.at_ns, passage.start_number) for passage in store.passages()
    ] == [
        ("load:d1d1d1d1:3", "A2", 1_000, 5),
        ("load:d1d1d1d1:2", "A1", 2_000, None),
        ("load:d2d2d2d2:2", "A1", 3_000, None),
    ]
    assert [passage.source for passage in store.passages()] == ["ALGE backup", "hand", "hand"]


def test_what_is_keyed_counts_on_by_device(store):
    keyed = [
        store.key("A1", 5, 2_000, "Anna", "laptop 1"),
        store.key("A1", None, 3_000, "Anna", "laptop 2"),
        store.key("A2", 6, 1_000, "Bruno", "laptop 1"),
    ]
    assert [(one.device, one.counter) for one in keyed] == [("laptop 1", 1), ("laptop 2", 1), ("laptop 1", 2)]
    assert store.sightings() == [keyed[2], keyed[0], keyed[1]]
    assert store.sightings(["A1"]) == keyed[:2]
    assert store.sightings_count() == 3


def test_a_sighting_is_stored_once_and_its_file_is_kept(store):
    new = [sightings.made("A1", number, 1_000 * number, "Anna", "phone", number) for number in (1, 2)]
    file = ("keyed.csv", "d" * 64, "text", 7)
    assert store.add_sightings(new[:1], file) == 1
    assert store.add_sightings(new, file) == 1
    assert store.add_sightings(new, ("longer.csv", "e" * 64, "text 2", 8)) == 0
    assert store.sightings() == new
    with store.reading() as connection:
        names = connection.execute(sa.select(schema.loaded_files.c.name)).scalars().all()
    assert sorted(names) == ["keyed.csv", "longer.csv"]
    assert store.passages() == []


def test_a_sighting_that_cannot_be_is_refused_with_its_file(store):
    good = sightings.made("A1", 1, 1_000, "Anna", "phone", 1)
    with pytest.raises(StoreError, match="a sighting is refused: expected the id of all that it says"):
        store.add_sightings([good, good._replace(start_number=2)], ("keyed.csv", "d" * 64, "text", 7))
    with pytest.raises(StoreError, match="a sighting is refused: expected start_number as a whole number from 1 to"):
        store.key("A1", 0, 1_000, "Anna", "phone")
    assert store.sightings() == []


def test_documents_are_kept_as_versions(store):
    first = event()
    store.post(first, {}, [], 7)
    store.post(first, {}, [], 8)
    assert store.event_versions() == [(first.digest, 7, first.files)]
    # A list that goes back to what it once was is a new version again.
    counts = []
    for text in ("A", "A", "B", "A"):
        store.post(first, {"lists/A1.csv": text}, [], 7)
        with store.reading() as connection:
            counts.append(len(connection.execute(sa.select(schema.lists)).all()))
    assert counts == [1, 1, 2, 3]
    assert store.lists() == {"lists/A1.csv": "A"}


def publication(race, leg, version):
    return Publication(race, leg, version, "provisional", 7, "f" * 64, "{}")


def test_publications_count_by_race_and_leg(store):
    posted = [publication("classic", "L1", 1), publication("classic", None, 1), publication("modern", "L1", 1)]
    store.post(event(), {"lists/A1.csv": "5\n"}, posted, 7)
    store.post(event(), {"lists/A1.csv": "5\n"}, [publication("classic", "L1", 2)], 8)
    versions = [(found.race, found.leg, found.version) for found in store.publications()]
    assert versions == [("classic", "L1", 1), ("classic", None, 1), ("modern", "L1", 1), ("classic", "L1", 2)]
    assert [found.version for found in store.publications("classic", "L1")] == [1, 2]
    assert [found.version for found in store.publications("classic", "L1", newest=1)] == [2]
    assert [found.leg for found in store.publications("classic")] == [None]
    assert [at_ns for _, at_ns, _ in store.event_versions()] == [7]
    assert store.lists() == {"lists/A1.csv": "5\n"}


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_is_not_the_next_is_refused_and_leaves_nothing(store, version):
    store.post(event(), {}, [publication("classic", "L1", 1)], 7)
    new = [publication("modern", "L1", 1), publication("classic", "L1", version)]
    with pytest.raises(StoreError, match=f"expected to post version 2, got {version}: do it again"):
        store.post(event(), {"lists/A1.csv": "5\n"}, new, 8)
    assert [(found.race, found.version) for found in store.publications()] == [("classic", 1)]
    assert store.lists() == {}


def newer(path):
    Store.open(path).close()
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE centesimo_version SET version_num = '9999'")
    plain.close()


def foreign(path):
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE contacts (name)")
    plain.close()


def damaged(path):
    Store.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))


# name, how the file is made, what the error says.
FILES = [
    ("no database", lambda path: path.write_text("start_number,crew\n" * 100), "is not a store"),
    ("another program's", foreign, "is not a store: expected centesimo's tables, found contacts"),
    (
        "a newer program's",
        newer,
        f"was written by a newer centesimo .schema 9999, this program knows up to {schema.HEAD}",
    ),
    ("a damaged one", damaged, "is damaged"),
    ("a folder", lambda path: path.mkdir(), "cannot be opened"),
    ("an empty file", lambda path: path.touch(), "is empty, perhaps a full disk cut it: expected a store; put a copy"),
]


@pytest.mark.parametrize(("make", "says"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_refuses_what_is_no_store_and_leaves_it(tmp_path, make, says):
    path = tmp_path / "s.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=says):
        Store.open(path).boards()
    assert before is None or path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["s.sqlite"]


def test_a_folder_that_is_no_event_gets_no_store(tmp_path):
    with pytest.raises(StoreError, match=r"found no event\.toml in it"):
        Store.of_event(tmp_path)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "no such folder" / "s.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_new_store(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # of one file; a new store has more
    try:
        with pytest.raises(StoreError, match=rf"^{tmp_path}/s.sqlite: "):
            Store.open(tmp_path / "s.sqlite")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_several_make_at_once_has_what_each_added(tmp_path):
    barrier = Barrier(4)

    def add(number):
        barrier.wait()
        with closing(Store.open(tmp_path / "s.sqlite")) as store:
            store.add_records(f"{number:016x}", "p", edges(1), 7)

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(add, range(4)))
    with closing(Store.open(tmp_path / "s.sqlite")) as store:
        assert len(store.boards()) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["s.sqlite"]


def test_a_full_disk_leaves_the_store_as_it_was(store):
    store.add_records(A, "p", edges(100), 7)
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    # SQLite refuses a page beyond this number just as when the disk has none left.
    sa.event.listen(store.engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreError, match="the disk is full"):
        store.add_records(A, "p", edges(5000, first=101), 8)
    assert store.held(A) == [(1, 100)]
    assert len(store.receipts()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_store_is_read_and_refuses_to_add(store, tmp_path):
    store.add_records(A, "p", edges(3), 7)
    (tmp_path / "s.sqlite").chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        locked = Store.open(tmp_path / "s.sqlite")
        assert locked.held(A) == [(1, 3)]
        with pytest.raises(StoreError, match="read-only"):
            locked.add_records(A, "p", edges(4), 8)
    finally:
        tmp_path.chmod(0o700)


def test_a_store_in_use_says_so(store, tmp_path, monkeypatch):
    monkeypatch.setattr("centesimo.store.database.BUSY_S", 0)
    impatient = Store.open(tmp_path / "s.sqlite")
    other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="is in use"):
        impatient.add_records(A, "p", edges(1), 7)
    other.close()
    assert impatient.add_records(A, "p", edges(1), 7).new == 1
    impatient.close()


# Adds blocks of ten records until it is killed, saying after each commit how many are in.
ADDING = """
import sys
from tests.plain_board import edges
from centesimo.store import Store
store = Store.open(sys.argv[1])
for first in range(1, 100_000, 10):
    store.add_records("0a" * 8, "p", edges(10, first=first), 7)
    print(first + 9, flush=True)
"""


@pytest.mark.parametrize("lines", [0, 1, 2, 5])
def test_a_kill_loses_nothing_that_was_committed(tmp_path, lines):
    command = [sys.executable, "-c", ADDING, str(tmp_path / "s.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as adding:
        said = [int(adding.stdout.readline()) for _ in range(lines)]
        adding.send_signal(signal.SIGKILL)
        said += [int(line) for line in adding.stdout]
    store = Store.open(tmp_path / "s.sqlite")
    last = store.last_sequence(A)
    assert last % 10 == 0
    assert last >= max(said, default=0)
    assert store.records_of(A) == edges(last)
    store.close()


def test_the_migrations_make_the_tables_of_the_schema(store):
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        differences = compare_metadata(context, schema.metadata)
    assert differences == []
    folder = Path(database.__file__).with_name("migrations")
    assert ScriptDirectory(str(folder)).get_heads() == [schema.HEAD]


def test_a_store_that_is_up_to_date_opens_without_alembic(tmp_path):
    Store.open(tmp_path / "s.sqlite").close()
    code = "import sys; from centesimo.store import Store; Store.open(sys.argv[1]); print('alembic' in sys.modules)"
    command = [sys.executable, "-c", code, str(tmp_path / "s.sqlite")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_manual_names_every_table_and_column():
    manual = (Path(__file__).parents[1] / "docs" / "store.md").read_text(encoding="utf-8")
    for table in schema.metadata.sorted_tables:
        (row,) = [line for line in manual.splitlines() if line.startswith(f"| `{table.name}` |")]
        assert [column.name for column in table.columns if column.name not in row] == []
