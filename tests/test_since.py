"""What is new in a store: a gatherer that follows has the facts of one that reads all, and is woken by each commit.

Every step below adds something; after each the followers are held against a reading anew.
"""

import os
import sqlite3
from contextlib import ExitStack, closing
from hashlib import sha256

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.amend import made
from centesimo.commands.main import centesimo
from centesimo.gather import Gatherer, facts_of
from centesimo.gather.revision import revision
from centesimo.model.errors import EventError, StoreError
from centesimo.sightings import made as sighting
from centesimo.store import LoadedPassage, Store
from centesimo.store.bundle import write_bundle
from centesimo.store.database import IN_MEMORY
from centesimo.store.load_bundle import load_bundle
from centesimo.store.wake import wake_of
from tests.events import FILES, changed, event, write
from tests.plain_board import edges
from tests.test_merge import JOURNALS

A, B = "0a" * 8, "0b" * 8
A1, A2 = "00000000000000a1", "00000000000000a2"


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, FILES)
    return tmp_path


@pytest.fixture
def store(folder):
    with closing(Store.of_event(folder)) as opened:
        yield opened


def decide(store, *, control, at_ns):
    store.add_decision(made("cancel", "the clerk", "snow", at_ns, control=control), store.decisions())


def load(store, name, number):
    text = f"text of {name}"
    digest = sha256(text.encode()).hexdigest()
    store.add_loaded(name, digest, text, [LoadedPassage(2, "A1", number, 1_000 + number, 20, "hand")], 7)


def take_back(store, name):
    digest = sha256(f"text of {name}".encode()).hexdigest()
    store.add_decision(made("take-back", "the clerk", "wrong", 9, file=digest[:8]), store.decisions())


def bundled(store, fill):
    with closing(Store.open(IN_MEMORY)) as other:
        fill(other)
        with other.reading() as connection:
            load_bundle(store, "b", write_bundle(connection))


def both_orders(other):
    other.add_records(A, "p", edges(9, first=3), 5)
    other.add_records(A, "p", edges(2, first=1, shift=-3), 6)
    other.key("A2", 7, 900, "Bruno", "phone")


# name, what is added, kinds of rows of which there are new ones, boards with new records, new sightings
STEPS = (
    ("nothing", lambda store: None, set(), [], 0),
    ("records", lambda store: store.add_records(A, "p", edges(3), 7), {"receipt"}, [A], 0),
    ("the same again", lambda store: store.add_records(A, "p", edges(3), 7), set(), [], 0),
    ("of two boards", lambda store: [store.add_records(b, "p", edges(5), 7) for b in (A, B)], {"receipt"}, [A, B], 0),
    ("after a gap", lambda store: store.add_records(A, "p", edges(3, first=9), 7), {"receipt"}, [A], 0),
    ("into the gap", lambda store: store.add_records(A, "p", edges(2, first=7), 7), {"receipt"}, [A], 0),
    ("that differ", lambda store: store.add_records(A, "p", edges(2, first=4, shift=-1), 8), {"receipt"}, [A], 0),
    ("keyed", lambda store: store.key("A1", 5, 2_000, "Anna", "laptop"), {"sighting"}, [], 1),
    ("keyed before it", lambda store: store.key("A1", 6, 1_000, "Anna", "laptop"), {"sighting"}, [], 1),
    ("a decision", lambda store: decide(store, control="PC1", at_ns=7), {"amendment", "acceptance"}, [], 0),
    ("a file", lambda store: load(store, "a.csv", 1), {"file", "passage"}, [], 0),
    ("a second file", lambda store: load(store, "b.csv", 2), {"file", "passage"}, [], 0),
    ("taken back", lambda store: take_back(store, "a.csv"), {"amendment", "acceptance"}, [], 0),
    ("an event", lambda store: store.add_event(event(), 7), {"event"}, [], 0),
    ("a bundle", lambda store: bundled(store, both_orders), {"receipt", "sighting"}, [A], 1),
)


def test_news_are_what_came_and_nothing_else(folder, store):
    follower = Gatherer(folder, store)
    follower.facts()
    _, cursor = store.since()
    for name, add, kinds, boards, sighted in STEPS:
        add(store)
        news, cursor = store.since(cursor)
        assert (news.kinds, sorted(news.records), len(news.sightings)) == (kinds, boards, sighted), name
        assert bool(news) == bool(kinds), name
        assert follower.facts() == facts_of(folder, store), name
        assert follower.revision() == revision(facts_of(folder, store)), name


def test_what_did_not_change_stays_the_same_object(folder, store):
    for _, add, *_ in STEPS:
        add(store)
    follower = Gatherer(folder, store)
    before = follower.facts()
    store.add_records(B, "p", edges(1, first=20), 7)
    after = follower.facts()
    assert [name for name in before._fields if getattr(before, name) is not getattr(after, name)] == ["records"]
    assert [board for board in before.records if before.records[board] is not after.records[board]] == [B]
    assert follower.facts() is not before
    assert len(after.records[B]) == len(before.records[B]) + 1


def test_a_folder_edited_into_a_mistake_leaves_the_last_that_could_be_read(folder, store):
    follower = Gatherer(folder, store)
    before = follower.facts()
    right = (folder / "event.toml").read_text()
    (folder / "event.toml").write_text(right.replace("[event]", "[evnt]"))
    store.add_records(A, "p", edges(3), 7)
    after = follower.facts()
    assert after.event is before.event
    assert list(after.records) == [A]
    assert isinstance(follower.mistakes, EventError)
    (folder / "event.toml").write_text(right + "\n# mended\n")
    assert follower.facts().event.digest != before.event.digest
    assert follower.mistakes is None


def test_a_folder_that_never_was_an_event_is_refused(folder, store):
    (folder / "event.toml").write_text("[evnt]\n")
    with pytest.raises(EventError):
        Gatherer(folder, store).facts()


def of_another_program(folder):
    with closing(Store.of_event(folder)) as other:
        other.add_records(A, "p", edges(1), 7)


def test_is_woken_by_each_commit_whoever_made_it(folder, store):
    with wake_of(store) as wake:
        assert wake.wait(0)  # the first time: read all
        assert not wake.wait(0)
        store.key("A1", 5, 2_000, "Anna", "laptop")
        assert wake.wait(30)
        assert not wake.wait(0)
        of_another_program(folder)
        assert wake.wait(30)
        assert not wake.wait(0)


def test_a_writer_that_has_the_file_for_itself_is_waited_for(folder, store):
    with wake_of(store) as wake, closing(sqlite3.connect(store.name, isolation_level=None)) as plain:
        wake.wait(0)
        plain.execute("BEGIN EXCLUSIVE")
        assert not wake.wait(0)
        plain.execute("INSERT INTO preparations VALUES (1, 7, 'before', '[]')")
        plain.execute("COMMIT")
        assert wake.wait(30)


def replaced(path):
    path.rename(path.with_name("old.sqlite"))
    Store.open(path).close()


@pytest.mark.parametrize(("do", "says"), [(os.unlink, "the store is gone"), (replaced, "another file lies where")])
def test_says_when_the_store_is_not_there_any_more(folder, store, do, says):
    with wake_of(store) as wake:
        wake.wait(0)
        do(folder / "centesimo.sqlite")
        with pytest.raises(StoreError, match=says):
            wake.wait(30)


# What laptops may have: each a function of a store.
PIECES = (
    *(
        lambda store, journal=journal: store.add_records(journal[0], "p", journal[1], 7)
        for journal in JOURNALS.values()
    ),
    lambda store: store.add_sightings([sighting("A1", 2, 1_000, "Anna", "phone", 1)]),
    lambda store: store.add_sightings([sighting("A2", 1, 2_000, "Anna", "phone", 2)]),
    lambda store: decide(store, control="PC1", at_ns=8),
    lambda store: decide(store, control="PC2", at_ns=9),
    lambda store: load(store, "a.csv", 1),
    lambda store: load(store, "b.csv", 1),
)


@settings(max_examples=12, deadline=None)
@given(st.permutations(range(len(PIECES))), st.permutations(range(len(PIECES))), st.integers(0, len(PIECES)))
def test_two_laptops_with_the_same_facts_have_the_same_revision(folder_of_event, here, there, apart):
    """Here all is stored in one order; there some of it, the rest comes as a bundle from a third, and is accepted."""
    with ExitStack() as stack:
        one, another, third = (stack.enter_context(closing(Store.open(IN_MEMORY))) for _ in range(3))
        for number in here:
            PIECES[number](one)
        for place, number in enumerate(there):
            PIECES[number](third if place < apart else another)
        with third.reading() as connection:
            load_bundle(another, "b", write_bundle(connection))
        another.accept([proposal.decision.id for proposal in another.proposals()], "the clerk", 20)
        facts = [facts_of(folder_of_event, store) for store in (one, another)]
        assert revision(facts[0]) == revision(facts[1])
        assert facts[0] == facts[1]


@pytest.fixture(scope="module")
def folder_of_event(tmp_path_factory):
    made_folder = tmp_path_factory.mktemp("event")
    write(made_folder, FILES)
    return made_folder


def test_each_fact_counts_in_the_revision(folder):
    names = set()
    for number in range(len(PIECES) + 1):
        with closing(Store.open(IN_MEMORY)) as store:
            for add in PIECES[:number]:
                add(store)
            names.add(revision(facts_of(folder, store)))
    (folder / "lists").mkdir(exist_ok=True)
    for text in ("1\n2\n", "2\n1\n"):
        (folder / "lists" / "A1.csv").write_text(text)
        with closing(Store.open(IN_MEMORY)) as store:
            names.add(revision(facts_of(folder, store)))
    write(folder, changed("event.toml", "Mill", "Old mill"))
    with closing(Store.open(IN_MEMORY)) as store:
        names.add(revision(facts_of(folder, store)))
    without, of_lists, of_the_event, said_before = 1, 2, 1, 1  # a row that the first file has too is no new fact
    assert len(names) == len(PIECES) + without + of_lists + of_the_event - said_before


def test_the_command_prints_the_revision(folder, store):
    store.add_records(A1, "p", JOURNALS["right"][1], 7)
    done = CliRunner().invoke(centesimo, ["ranking", "--event", str(folder), "--revision"])
    assert (done.exit_code, done.output) == (0, revision(facts_of(folder, store)) + "\n")
