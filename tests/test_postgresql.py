"""The store in a real PostgreSQL: the same tests as in SQLite, and a server of their own in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.gather import facts_of
from centesimo.gather.revision import revision
from centesimo.model.errors import StoreError
from centesimo.store import Store
from centesimo.store.load_bundle import load_bundle
from centesimo.store.verify import verify
from centesimo.store.wake import wake_of
from tests import test_raw_archive, test_since, test_store
from tests.events import FILES, write
from tests.plain_board import PlainBoard, edges
from tests.test_bundle import bundle_of

A = "0a" * 8

# Module and its tests that need nothing but a store: they run here with this module's fixture.
SAME = (
    (
        test_store,
        (
            "test_a_differing_record_is_kept_beside_the_first",
            "test_a_receipt_tells_when_and_where_records_came",
            "test_a_sighting_is_stored_once_and_its_file_is_kept",
            "test_a_record_is_stored_once",
            "test_a_record_that_does_not_check_is_refused_with_its_block",
            "test_a_version_that_is_not_the_next_is_refused_and_leaves_nothing",
            "test_documents_are_kept_as_versions",
            "test_loaded_passages_come_back_once_in_order_of_time",
            "test_publications_count_by_race_and_leg",
            "test_records_come_back_by_board_in_order",
            "test_the_migrations_make_the_tables_of_the_schema",
            "test_what_is_keyed_counts_on_by_device",
        ),
    ),
    (
        test_raw_archive,
        (
            "test_conflicts_are_made_again_too",
            "test_what_a_foreign_record_ends_is_read_again_to_the_same_point",
        ),
    ),
    (
        test_since,
        (
            "test_news_are_what_came_and_nothing_else",
            "test_what_did_not_change_stays_the_same_object",
        ),
    ),
)
globals().update({name: getattr(module, name) for module, names in SAME for name in names})


def programs():
    """Return the folder of the newest PostgreSQL's programs; Debian keeps them apart from the others."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


def somebody():
    """Return whom the server runs as: it refuses to be the superuser's."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("psycopg", reason="the driver is not installed: pip install centesimo[postgresql]")
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL is not installed: Debian package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who = somebody()
    if who:
        shutil.chown(folder, who["user"])

    def run(*words):
        words = [str(bin_folder / words[0]), *map(str, words[1:])]
        subprocess.run(words, check=True, capture_output=True, cwd=folder, **who)

    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        run(
            "initdb", "-D", folder / "data", "-U", "timekeeper", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        run("pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        yield lambda name: f"postgresql+psycopg://timekeeper@/{name}?host={folder}"
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def new_url(server):
    """Give a function that makes a new database each time, empty but for the store's tables."""
    numbers = count()
    admin = sa.create_engine(server("postgres"), isolation_level="AUTOCOMMIT")

    def execute(statement):
        with admin.connect() as connection:
            connection.exec_driver_sql(statement)

    execute("CREATE DATABASE empty")
    Store.open(server("empty")).close()

    def make():
        name = f"store{next(numbers)}"
        execute(f"CREATE DATABASE {name} TEMPLATE empty")
        return server(name)

    yield make
    admin.dispose()


@pytest.fixture
def store(new_url):
    with closing(Store.open(new_url())) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, FILES)
    return tmp_path


def test_nothing_is_ever_changed_or_removed_in_postgresql(store):
    for table in test_store.add_one_of_each(store):
        with store.reading() as connection:
            column = next(iter(connection.exec_driver_sql(f"SELECT * FROM {table}").keys()))
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(StoreError, match="is insert-only"), store.writing() as connection:
                connection.exec_driver_sql(statement)


def test_a_store_goes_from_postgresql_to_sqlite_and_back_as_a_bundle(store, new_url, tmp_path):
    test_raw_archive.visit(store, PlainBoard(edges(700), board_id=b"\x0a" * 8, absent=(77, 78)))
    test_store.add_one_of_each(store)
    whole = bundle_of(store)
    with closing(Store.open(tmp_path / "s.sqlite")) as lite, closing(Store.open(new_url())) as again:
        for other in (lite, again):
            load_bundle(other, "b", whole)
            assert bundle_of(other) == whole
            assert other.records() == store.records()


def test_a_collected_board_is_found_whole_in_postgresql(store):
    test_raw_archive.visit(store, PlainBoard(edges(700), board_id=b"\x0a" * 8, absent=(77, 78)))
    (one,), beside = verify(store)
    assert (one.records, one.received, one.torn, one.problems, beside) == (698, 698, 2, (), [])
    assert store.held(A) == [(1, 76), (79, 700)]


def test_verify_sees_one_moment_of_a_store_that_is_written_to_meanwhile(store, new_url):
    """What is collected between two of its readings was "in no part of the raw archive"."""
    test_raw_archive.visit(store, PlainBoard(edges(200), board_id=b"\x0a" * 8))

    def comes_meanwhile(_):
        with closing(Store(sa.create_engine(store.engine.url), store.name)) as other:
            test_raw_archive.visit(other, PlainBoard(edges(300), board_id=b"\x0a" * 8))
            other.key("A1", 5, 2_000, "Anna", "laptop")
        return ()

    (one,), beside = verify(store, comes_meanwhile)
    assert (one.records, one.problems, beside) == (200, (), [])
    assert verify(store)[0][0].records == 300


def test_a_snapshot_cannot_be_written_to(store):
    with store.snapshot() as still, pytest.raises(StoreError, match="read-only"), still.reading() as connection:
        connection.exec_driver_sql("CREATE TABLE other (id int)")


def test_a_database_that_is_not_there_is_named_without_its_password(server):
    with pytest.raises(StoreError) as refused:
        Store.open(server("nowhere").replace("timekeeper@", "timekeeper:secret@"))
    assert "nowhere" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_is_woken_by_each_commit_of_another_program(store):
    with wake_of(store) as wake:
        assert wake.wait(0)
        assert not wake.wait(0)
        with closing(Store(sa.create_engine(store.engine.url), store.name)) as other:
            other.key("A1", 5, 2_000, "Anna", "laptop")
        assert wake.wait(30)
        assert not wake.wait(0)


def test_says_when_the_server_is_gone(store):
    with wake_of(store) as wake:
        wake.wait(0)
        with store.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(StoreError, match="cannot be listened to"):
            wake.wait(30)


def run(words, **environment):
    done = CliRunner().invoke(centesimo, words, env=environment)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_the_verbs_use_the_database_that_is_named(new_url, folder, tmp_path_factory):
    url, away = new_url(), tmp_path_factory.mktemp("away")
    (away / "sheet.csv").write_text("timing_point,start_number,time_of_day,source\nA1,1,10:15:00.25,hand\n")
    of_event = ["--event", str(folder)]
    run(["load", str(away / "sheet.csv"), "--as", "passages", *of_event, "--store", url])
    run(["amend", "cancel", "PC1", *of_event, "--who", "clerk", "--why", "snow", "--yes"], CENTESIMO_STORE=url)
    assert not list(folder.glob("*.sqlite"))
    with closing(Store.open(url)) as store:
        assert (len(store.passages()), len(store.decisions())) == (1, 1)
        name = revision(facts_of(folder, store))
    run(["bundle", *of_event, "--store", url, "--to", str(away / "day.bundle")])
    run(["load", str(away / "day.bundle"), *of_event])
    assert run(["ranking", *of_event, "--revision"]) == name + "\n"
    assert run(["ranking", *of_event, "--revision", "--store", url]) == name + "\n"


def test_a_store_that_is_no_url_is_wrong_usage(folder):
    done = CliRunner().invoke(centesimo, ["ranking", "--event", str(folder), "--store", "day1"])
    assert (done.exit_code, "expected a URL as postgresql+psycopg://" in done.output) == (2, True)
