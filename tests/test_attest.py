"""Who rewrites a store's file, digests and all, is found by a line kept elsewhere; its list tells which facts."""

import os
import sqlite3
import time
from contextlib import closing

import pytest
from click.testing import CliRunner

from centesimo.amend import made
from centesimo.commands.main import centesimo
from centesimo.store import Store
from centesimo.store.row_digests import digest_of
from tests.events import write
from tests.test_rivals import RIGHT, archived

EXCLUDED = made("exclude", "The stewards", "the leader cut a corner", 7, start_number=1)


@pytest.fixture
def folder(tmp_path):
    folder = write(tmp_path / "event")
    with closing(Store.of_event(folder)) as store:
        archived(store, RIGHT)
        store.add_decision(EXCLUDED, [])
    return folder


@pytest.fixture
def line_and_list(folder, tmp_path):
    path = tmp_path / "attested.txt"
    ran = run("attest", "--event", folder, "--list", path)
    assert ran.exit_code == 0, ran.output
    return ran.stdout.strip(), path


def run(*words):
    return CliRunner().invoke(centesimo, [str(word) for word in words])


def verified(folder, *given):
    """Return the lines of verify that are about attested facts."""
    words = [word for each in given for word in ("--against", each)]
    ran = run("verify", "--event", folder, *words)
    return [line for line in str(ran.exception or "").splitlines() if line.startswith("attested:")]


def rewrite(folder, *statements):
    """Run statements on the file as somebody does who knows its triggers."""
    with closing(sqlite3.connect(folder / "centesimo.sqlite")) as plain, plain:
        triggers = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            plain.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            assert plain.execute(statement, values).rowcount > 0
        for _, sql in triggers:
            plain.execute(sql)


def decision_row(folder):
    with closing(sqlite3.connect(folder / "centesimo.sqlite")) as plain:
        return plain.execute(
            'SELECT id, kind, who, why, decided_at_ns, "values" FROM amendments WHERE id = ?', [EXCLUDED.id]
        ).fetchone()


def softened(folder):
    """Change the reason of the decision, its digest too; return both digests."""
    row = decision_row(folder)
    soft = (*row[:3], "a mistake of ours", *row[4:])
    before, after = digest_of("amendment", row), digest_of("amendment", soft)
    rewrite(
        folder,
        ("UPDATE amendments SET why = ? WHERE id = ?", ("a mistake of ours", row[0])),
        ("UPDATE digests SET digest = ? WHERE digest = ?", (after, before)),
    )
    return before, after


def test_nothing_speaks_against_a_store_that_grew(folder, line_and_list):
    line, path = line_and_list
    with closing(Store.of_event(folder)) as store:
        store.add_decision(made("exclude", "The stewards", "later", 8, start_number=2), [EXCLUDED])
    assert verified(folder, line, path) == []


def test_the_list_tells_which_decision_was_rewritten(folder, line_and_list):
    _, path = line_and_list
    before, _ = softened(folder)
    first, gone, came = verified(folder, path)
    assert "something of them was rewritten" in first
    assert gone == f"attested: amendment of digest {before[:12]}: attested, and is no longer here"
    assert came == (
        f"attested: amendment of id {EXCLUDED.id}, kind exclude: stands among the first facts and is not what was "
        "attested there"
    )


def test_the_list_tells_which_decision_was_taken_away(folder, line_and_list):
    _, path = line_and_list
    digest = digest_of("amendment", decision_row(folder))
    rewrite(folder, ("DELETE FROM amendments", ()), ("DELETE FROM digests WHERE digest = ?", (digest,)))
    first, gone = verified(folder, path)
    assert "were taken away" in first
    assert gone == f"attested: amendment of digest {digest[:12]}: attested, and is no longer here"


def test_a_line_on_paper_and_a_list_kept_anywhere_tell_together(folder, line_and_list):
    line, path = line_and_list
    before, _ = softened(folder)
    alone = verified(folder, line)
    assert "cannot be told" in alone[1]
    assert any(before[:12] in told for told in verified(folder, line, path))


def test_a_list_that_was_changed_with_the_store_counts_for_no_line(folder, line_and_list):
    line, path = line_and_list
    before, after = softened(folder)
    path.write_text(path.read_text().replace(before, after))
    told = verified(folder, line, path)
    assert "something of them was rewritten" in told[0]
    assert "cannot be told" in told[1]


def test_a_later_list_tells_of_an_earlier_line(folder, line_and_list, tmp_path):
    line, _ = line_and_list
    with closing(Store.of_event(folder)) as store:
        store.add_decision(made("exclude", "The stewards", "later", 8, start_number=2), [EXCLUDED])
    later = tmp_path / "later.txt"
    assert run("attest", "--event", folder, "--list", later).exit_code == 0
    before, _ = softened(folder)
    told = verified(folder, line, later)
    gone = f"attested: amendment of digest {before[:12]}: attested, and is no longer here"
    assert [each for each in told if "no longer here" in each] == [gone, gone]  # of each of the two lines
    assert not any("cannot be told" in each for each in told)


def test_a_posted_folder_has_the_list_of_its_pages(folder):
    assert run("publish", "--event", folder).exit_code == 0
    results = folder / "results"
    page, path = results / "classic-leg-L1.html", results / "attested.txt"
    assert verified(folder, page, path) == []
    posted = path.read_bytes()
    assert run("publish", "--event", folder).exit_code == 0  # nothing new is posted
    assert path.read_bytes() == posted
    before, _ = softened(folder)
    assert any(before[:12] in told for told in verified(folder, page, path))


@pytest.mark.parametrize("kind", ["a pipe", "a device"])
def test_what_is_no_file_is_never_read(folder, tmp_path, kind):
    path = tmp_path / "given"
    if kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    begun = time.monotonic()
    ran = run("verify", "--event", folder, "--against", path)
    assert "a device, a pipe or a folder" in str(ran.exception)
    assert time.monotonic() - begun < 60
