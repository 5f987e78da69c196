"""Merging bundles as an algebra: in any order, in any groups and any number of times the same store, the same ranking.

Laptops have collected pieces of two boards' journals (one of them also of a board that was exchanged, with other
records under the same numbers), loaded files, posted versions, prepared fleets and taken decisions; instants and
digests are few, so that laptops meet in them. A store's dump is its bundle; ids of its rows are its own.
"""

import json
from contextlib import ExitStack, closing
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.amend import made
from centesimo.check.lists import check_lists
from centesimo.compute import Computation, Facts
from centesimo.publish.published import content, findings_of
from centesimo.sightings import made as sighting
from centesimo.store import LoadedPassage, Store
from centesimo.store.bundle import write_bundle
from centesimo.store.database import IN_MEMORY
from centesimo.store.load_bundle import load_bundle
from centesimo.store.raw_archive import Tape
from centesimo_protocol import record, session
from tests.events import FIRST_AT_NS, changed, event

EXAMPLES = 100
STORES = 6
A1, A2 = "00000000000000a1", "00000000000000a2"
EVENT = event()
OTHER_EVENT = event(changed("event.toml", "Mill", "Old mill"))
FIRST_S = FIRST_AT_NS // 10**9
US = 1_000_000
DUE_S = 15 * 60  # after the first start crew 1 opens PC1, crew 2 a minute later


def journal(crossings, shift_us=0):
    """Return a board's records: an anchor, the edges at (second, input), another anchor; its counter is UTC."""
    anchors = [record.Anchor(0, 1, at_s * US, FIRST_S + at_s, 1, 100, 9, 18, 0, 0) for at_s in (800, 1200)]
    edges = [
        record.Edge(0, 1, round(at_s * US) + shift_us, tube, count, 3, 0, 2)
        for count, (at_s, tube) in enumerate(crossings, 1)
    ]
    rising = [anchors[0], *edges, anchors[1]]
    return [record.pack(value._replace(sequence=sequence)) for sequence, value in enumerate(rising, 1)]


# Crews 1, 2 and 3 at A1; then 30 s to A2 and 12.25 s to A3.
STARTS_S = tuple(DUE_S + minute * 60 + 0.005 for minute in range(3))
AT_A = [(at_s + after_s, tube) for at_s in STARTS_S for after_s, tube in ((0, 1), (30.02, 2))]
JOURNALS = {
    "right": (A1, journal(AT_A)),
    "of the board that was exchanged": (A1, journal(AT_A, shift_us=-250_000)),
    "of the church": (A2, journal([(at_s + 42.28, 1) for at_s in STARTS_S])),
}


def taped(board, raws):
    """Return a board's records as they came over a wire: records and the part of tape that they are read from."""
    tape = Tape("port", b"hosthost", "1", lambda: FIRST_AT_NS)
    tape.greeted()
    welcome = session.Welcome(
        session.VERSION, bytes.fromhex(board), bytes(12), 0, 1, 0, 1, 1, len(raws), 0, 0, bytes(11)
    )
    greeted = session.encode(welcome)
    number = session.number_of(greeted)
    tape.received(greeted + session.encode(session.Records(1, b"".join(raws)), number=number))
    return board, "port", raws, FIRST_AT_NS, "1", tape.cut(board, FIRST_AT_NS)


at = st.integers(1, 3)  # an instant
pieces = st.tuples(st.sampled_from(list(JOURNALS)), st.integers(0, 4), st.integers(5, 8)).map(
    lambda one: (JOURNALS[one[0]][0], JOURNALS[one[0]][1][one[1] : one[2]])
)
by_hand = st.builds(
    LoadedPassage,
    st.integers(2, 3),
    st.just("C1"),
    st.sampled_from((None, 1, 2)),
    st.integers(FIRST_AT_NS + 10 * 60 * 10**9, FIRST_AT_NS + 10 * 60 * 10**9 + 2),
    st.sampled_from((None, 20)),
    st.just("hand"),
)
DECISIONS = [
    made("cancel", "Steward", "a tube was off", 1, control="PC2"),
    made("penalty", "Steward", "a mark", 2, control="PC1", start_number=1, amount=Decimal(7), article="9"),
    made("exclude", "Steward", "a shortcut", 1, start_number=2),
]
SEEN = sighting("A1", 1, FIRST_AT_NS + (DUE_S + 3) * 10**9, "Anna", "phone", 1)
KEYED = [
    SEEN,
    sighting("A1", 2, FIRST_AT_NS + (DUE_S + 4) * 10**9, "Anna", "phone", 2, replaces=SEEN.id),
    sighting("C1", 3, FIRST_AT_NS + 12 * 60 * 10**9, "Bruno", "phone", 1),
    sighting("C1", None, FIRST_AT_NS, "Bruno", "phone", 2, replaces="#1"),
]
LISTS = [{}, {"lists/A1.csv": "1\n2\n"}, {"lists/A1.csv": "2\n1\n"}]
TAPED = [taped(*JOURNALS[name]) for name in ("right", "of the church")]
collected = st.builds(lambda piece, port, now: (piece[0], port, piece[1], now), pieces, st.sampled_from("pq"), at)
loaded = st.tuples(
    st.sampled_from(("a.csv", "b.csv")),
    st.sampled_from(("text", "another text")),
    st.lists(by_hand, max_size=2, unique_by=lambda one: one.line),
    at,
).map(lambda one: (one[0], sha256(one[1].encode()).hexdigest(), *one[1:]))
posted = st.tuples(st.sampled_from((EVENT, OTHER_EVENT)), st.sampled_from(LISTS), st.just(()), at)
prepared = st.tuples(st.just("before"), st.just([{"board": A1}]), at)
ACTS = {  # method of the store: its arguments
    "add_records": collected | st.sampled_from(TAPED),
    "add_loaded": loaded,
    "post": posted,
    "add_preparation": prepared,
    "add_decision": st.tuples(st.sampled_from(DECISIONS)),
    "add_sightings": st.tuples(st.lists(st.sampled_from(KEYED), max_size=3)),
    "key": st.tuples(st.just("A1"), st.sampled_from((None, 1, 2)), at, st.just("Anna"), st.sampled_from("pq")),
}
acts = st.lists(
    st.sampled_from([*ACTS, "add_records"]).flatmap(lambda name: st.tuples(st.just(name), ACTS[name])),
    min_size=1,
    max_size=7,
)


class Laptops:
    """Stores in memory; `new` gives an empty one, again and again the same few."""

    def __init__(self, stack):
        self.stores = [stack.enter_context(closing(Store.open(IN_MEMORY))) for _ in range(STORES)]
        self._lines = [store.engine.raw_connection() for store in self.stores]
        self._empty = self._lines[0].driver_connection.serialize()
        self._next = 0

    def new(self):
        self._next = (self._next + 1) % STORES
        self._lines[self._next].driver_connection.deserialize(self._empty)
        self.stores[self._next]._rivals_at = None  # what is never removed was removed all the same
        return self.stores[self._next]

    def that_did(self, its_acts):
        """Return the bundle of a laptop that did this."""
        store = self.new()
        for name, arguments in its_acts:
            beside = [store.decisions()] if name == "add_decision" else []
            getattr(store, name)(*arguments, *beside)
        return bundle_of(store)

    def merged(self, *bundles):
        """Return a new store into which these were loaded."""
        store = self.new()
        for one in bundles:
            load_bundle(store, "b", one)
            store.accept([proposal.decision.id for proposal in store.proposals()], "Steward", 1)
        return store


@pytest.fixture(scope="module")
def laptops():
    with ExitStack() as stack:
        yield Laptops(stack)


def bundle_of(store):
    with store.reading() as connection:
        return write_bundle(connection)


def said(store):
    """Return all that the store says to those who compute."""
    of_people = (store.passages(), store.lists(), store.event_versions(), store.decisions(), store.preparations())
    return repr((store.records(), store.conflicts(), list(store.visits()), *of_people, store.sightings()))


COMPUTATION = Computation()


def rankings(store):
    """Return the rankings that follow, as they would be posted."""
    lists = check_lists(store.lists(), EVENT.timing_points, ("A1", "A2", "A3", "C1"), [1, 2, 3, 11, 12])
    facts = Facts(
        EVENT, lists, store.records(), tuple(store.passages()), tuple(store.decisions()), tuple(store.sightings())
    )
    found = COMPUTATION.outcome(facts)
    return json.dumps([content(EVENT, one, findings_of(EVENT, one, found.findings)) for one in found.rankings])


def everything(store):
    return bundle_of(store), said(store), rankings(store)


@settings(max_examples=EXAMPLES, deadline=None)
@given(of_laptops=st.tuples(acts, acts, acts))
def test_merging_is_commutative_associative_and_idempotent(laptops, of_laptops):
    a, b, c = (laptops.that_did(its_acts) for its_acts in of_laptops)
    ab, bc = bundle_of(laptops.merged(a, b)), bundle_of(laptops.merged(b, c))
    assert bundle_of(laptops.merged(b, a)) == ab
    assert bundle_of(laptops.merged(a, a)) == a
    whole = everything(laptops.merged(ab, c))
    assert everything(laptops.merged(a, bc)) == whole
    assert everything(laptops.merged(c, b, a, c, whole[0], b)) == whole


def test_a_laptop_that_has_nothing_changes_nothing(laptops):
    nothing, one = laptops.that_did([]), laptops.that_did([("add_records", TAPED[0]), ("post", (EVENT, {}, (), 1))])
    assert {bundle_of(laptops.merged(*both)) for both in ((nothing, one), (one, nothing))} == {one}


def test_the_ranking_that_must_not_change_is_one(laptops):
    """Crew 1 took 30.02 s for 30 s and 12.26 s for 12.25 s; nobody has timed CO1."""
    of_both = laptops.that_did([("add_records", one) for one in TAPED])
    (classic, *_) = json.loads(rankings(laptops.merged(of_both)))
    deviations = [[score["deviation"] for score in line["scores"]] for line in classic["lines"]]
    assert deviations == [[None, 2, 1]] * 3
