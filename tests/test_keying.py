"""Keying beside a tube: the terminal's bytes, what stands beside what, who is next, what each key keeps and says."""

from contextlib import closing

import pytest
import sqlalchemy as sa
from rich.console import Console

from centesimo.amend import made as decided
from centesimo.keying.ahead import Ahead, Course, ahead
from centesimo.keying.desk import RETRY_NS, Desk
from centesimo.keying.keys import BACKSPACE, DOWN, ENTER, ESCAPE, STOP, TAB, UP, Keys
from centesimo.keying.pad import Entry, Pad
from centesimo.keying.rows import BESIDE_NS, find_lag_ns, rows
from centesimo.keying.screen import Screen, View
from centesimo.model.facts import Passage
from centesimo.reading.toml_tables import Problems
from centesimo.sightings import made, standing
from centesimo.store import Store
from centesimo.store.load_sightings import read_sightings
from centesimo_protocol import record
from tests.events import FIRST_AT_NS, event

S = 1_000_000_000
EVENT = event()

# name, the bytes, the keys.
BYTES = [
    ("a number", b"104\r", ["1", "0", "4", ENTER]),
    ("a line feed is Enter too", b"\n", [ENTER]),
    ("arrows", b"\x1b[A\x1b[B", [UP, DOWN]),
    ("arrows in the other mode", b"\x1bOA\x1bOB", [UP, DOWN]),
    ("the number pad in the other mode", b"\x1bOp\x1bOy\x1bOM\x1bOm\x1bOj", ["0", "9", ENTER, "-", "*"]),
    ("the escape key, then a digit", b"\x1b5", [ESCAPE, "5"]),
    ("twice the escape key", b"\x1b\x1b", [ESCAPE, ESCAPE]),
    ("either backspace", b"\x7f\x08", [BACKSPACE, BACKSPACE]),
    ("ends", b"\x03\x04", [STOP, STOP]),
    ("tab, minus, letters", b"\t-nu", [TAB, "-", "n", "u"]),
    ("F5, Page Up, a click of the mouse", b"\x1b[15~\x1b[5~\x1b[<0;12;7M1", ["1"]),
    ("other alphabets and controls", "é٣\x00\x1a\x13".encode(), []),
    ("an endless sequence", b"\x1b[" + b"1;" * 20 + b"A1", ["1"]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "keys"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_bytes_become_keys_in_whatever_pieces_they_come(raw, keys):
    for size in (len(raw), 1):
        decoder = Keys()
        found = [key for at in range(0, len(raw), size) for key in decoder.feed(raw[at : at + size])]
        assert [*found, *decoder.rest()][: len(keys)] == keys
        assert not decoder.is_within


def keyed(counter, number, at_s=0.0, point="A1", replaces=None):
    return made(point, number, FIRST_AT_NS + round(at_s * S), "Anna", "laptop", counter, replaces=replaces)


def passed(name, at_s, point="A1"):
    at_ns = None if at_s is None else FIRST_AT_NS + round(at_s * S)
    return Passage(name, point, at_ns, 10, True, (), (), "board")


FAR_S = BESIDE_NS / S
# name, passages, sightings, lag in s, the rows as (passage id, number).
BESIDE = [
    ("one beside the other", [passed("a", 10)], [keyed(1, 5, 12)], 0, [("a", 5)]),
    ("keyed before it came", [passed("a", 10)], [keyed(1, 5, 9.5)], 0, [("a", 5)]),
    ("nobody's", [passed("a", 10)], [keyed(1, None, 12)], 0, [("a", None)]),
    ("a second after the car", [passed("a", 10), passed("b", 13)], [keyed(1, 5, 12)], 0, [("a", 5), ("b", "")]),
    ("or before the next", [passed("a", 10), passed("b", 13)], [keyed(1, 5, 12.6)], 0, [("a", ""), ("b", 5)]),
    ("two for two", [passed("a", 10), passed("b", 13)], [keyed(1, 5, 12), keyed(2, 6, 14)], 0, [("a", 5), ("b", 6)]),
    ("another point", [passed("a", 10, "A2")], [keyed(1, 5, 12)], 0, [("a", ""), ("", 5)]),
    ("too far", [passed("a", 0)], [keyed(1, 5, FAR_S + 0.1)], 0, [("a", ""), ("", 5)]),
    ("as far as it goes", [passed("a", 0)], [keyed(1, 5, FAR_S)], 0, [("a", 5)]),
    ("a laptop an hour ahead", [passed("a", 10)], [keyed(1, 5, 3612)], 3600, [("a", 5)]),
    ("without an instant, where it came", [passed("a", None)], [keyed(1, 5, 12)], 0, [("a", 5)]),
]


@pytest.mark.parametrize(
    ("passages", "seen", "lag_s", "expected"), [row[1:] for row in BESIDE], ids=[r[0] for r in BESIDE]
)
def test_what_stands_beside_what(passages, seen, lag_s, expected):
    found = rows(passages, {"a": FIRST_AT_NS + 11 * S}, seen, lag_s * S)
    assert [
        (row.passage.id if row.passage else "", row.sighting.start_number if row.sighting else "") for row in found
    ] == expected


def test_the_lag_is_that_of_what_came_live():
    passages = [passed("kept", -600), passed("a", 0), passed("b", 60), passed("no time", None), passed("before", -900)]
    arrived = {"kept": 37.9, "a": 37.9, "b": 97.4, "no time": 98}
    arrived_ns = {name: FIRST_AT_NS + round(at_s * S) for name, at_s in arrived.items()}
    assert find_lag_ns(passages, arrived_ns) == round(37.4 * S)
    assert find_lag_ns(passages, {}) is None


# Chain A1, A2, A3: the classic race is due there at 09:15, 09:16 and 09:17, the modern one from 09:25 on.
# name, point, (number, point) in the order in which they were keyed, retired, who is next, who was passed by.
NEXT = [
    ("nobody yet", "A1", [], (), (1, 2, 3, 11, 12), ()),
    ("in due order", "A1", [(1, "A1"), (2, "A1")], (), (3, 11, 12), ()),
    ("one was not keyed", "A1", [(1, "A1"), (3, "A1"), (11, "A1")], (), (12,), (2,)),
    ("one came much too early", "A1", [(1, "A1"), (12, "A1"), (2, "A1")], (), (3, 11), ()),
    ("one has retired", "A1", [(1, "A1")], (2,), (3, 11, 12), ()),
    ("as they came to the tube before", "A2", [(2, "A1"), (1, "A1")], (), (2, 1, 3, 11, 12), ()),
    ("and after the first there", "A2", [(2, "A1"), (1, "A1"), (2, "A2")], (), (1, 3, 11, 12), ()),
    ("two tubes before", "A3", [(3, "A1"), (2, "A1")], (), (3, 2, 1, 11, 12), ()),
    ("numbers of nobody there", "A1", [(99, "A1"), (None, "A1")], (), (1, 2, 3, 11, 12), ()),
]


@pytest.mark.parametrize(("point", "seen", "out", "coming", "by"), [row[1:] for row in NEXT], ids=[r[0] for r in NEXT])
def test_who_is_next(point, seen, out, coming, by):
    chain = Course(EVENT).find_chain(point, FIRST_AT_NS)
    stand = [keyed(place, number, place, at) for place, (number, at) in enumerate(seen, 1)]
    assert ahead(chain, point, stand, out) == Ahead(coming, by)


LAST = keyed(7, 43, 12)
UNDOING = keyed(8, None, 20, replaces=LAST.id)
ROWS = rows([passed("a", 10), passed("b", 40), passed("c", 50, "A2")], {}, [keyed(1, 5, 11)], 0)
# name, keys, what the last one keeps (instant in s after the first start), what was typed is left.
PRESSED = [
    ("a number", "104\r", Entry("A1", 104, 60), ""),
    ("a zero before it", "0012\r", Entry("A1", 12, 60), ""),
    ("no more than five digits", "123456\r", Entry("A1", 12345, 60), ""),
    ("one digit taken back", ["1", "3", BACKSPACE, "2", ENTER], Entry("A1", 12, 60), ""),
    ("nothing typed", "\r", None, ""),
    ("a zero alone", "0\r", None, ""),
    ("cleared", ["1", "2", ESCAPE, ENTER], None, ""),
    ("not yet kept", "12", None, "12"),
    ("the other point", ["\t", "5", ENTER], Entry("A2", 5, 60), ""),
    ("back at the first", ["\t", "\t", "5", ENTER], Entry("A1", 5, 60), ""),
    ("the newest passage chosen", [UP, "5", ENTER], Entry("A2", 5, 50), ""),
    ("the one before", [UP, UP, "5", ENTER], Entry("A1", 5, 40), ""),
    ("before the first is the first", [UP] * 9 + ["5", ENTER], Entry("A1", 5, 10), ""),
    ("chosen and let go", [UP, DOWN, "5", ENTER], Entry("A1", 5, 60), ""),
    ("nobody's is the newest without a number here", "*", Entry("A1", None, 40), ""),
    ("by the other key", "n", Entry("A1", None, 40), ""),
    ("the chosen one is nobody's", [UP, "*"], Entry("A2", None, 50), ""),
    ("what was typed is dropped with it", "12*", Entry("A1", None, 40), ""),
    ("the last one taken back", "-", Entry("A1", None, 60, LAST.id), ""),
    ("by the other key, in the middle of a number", "12u", Entry("A1", None, 60, LAST.id), ""),
    ("letters do nothing", "xyz", None, ""),
]  # fmt: skip


def pressed(pad, keys, at_s=60.0, last=LAST):
    """Press keys one after another; return what the last one keeps, its instant in s after the first start."""
    words = {"\r": ENTER, "\t": TAB}
    entry = None
    for key in keys:
        entry = pad.press(words.get(key, key), FIRST_AT_NS + round(at_s * S), ROWS, last)
    return entry and entry._replace(at_ns=(entry.at_ns - FIRST_AT_NS) / S)


@pytest.mark.parametrize(("keys", "kept", "left"), [row[1:] for row in PRESSED], ids=[row[0] for row in PRESSED])
def test_what_each_key_keeps(keys, kept, left):
    pad = Pad(["A1", "A2"])
    assert pressed(pad, keys) == kept
    assert pad.typed == left


# name, when and which keys after 43 (keyed at 12 s) was taken back at 20 s, what is kept.
INSTEAD = [
    ("the right number soon", 24, "34\r", Entry("A1", 34, 12, UNDOING.id)),
    ("15 s later at the latest", 35, "34\r", Entry("A1", 34, 12, UNDOING.id)),
    ("another car", 35.1, "34\r", Entry("A1", 34, 35.1)),
    ("cleared", 24, [ESCAPE, "3", "4", ENTER], Entry("A1", 34, 24)),
    ("for the chosen passage", 24, [UP, "3", "4", ENTER], Entry("A2", 34, 50, UNDOING.id)),
]


@pytest.mark.parametrize(("at_s", "keys", "kept"), [row[1:] for row in INSTEAD], ids=[row[0] for row in INSTEAD])
def test_what_is_keyed_after_one_was_taken_back(at_s, keys, kept):
    pad = Pad(["A1", "A2"])
    pad.undone(LAST, UNDOING)
    assert pressed(pad, keys, at_s) == kept


def test_what_is_shown_for_a_number_that_counts_instead_ends_in_time():
    pad = Pad(["A1"])
    pad.undone(LAST, UNDOING)
    assert [pad.find_instead(FIRST_AT_NS + at_s * S) is not None for at_s in (20, 35, 36)] == [True, True, False]


BOARD = "00000000000000a1"


class Laptop:
    """A desk at A1 with a store and a clock that goes when it is told."""

    def __init__(self, store, points=("A1",)):
        self.store = store
        self.now_ns = FIRST_AT_NS + 900 * S
        self.points = points
        self.sit_down()
        self.sequence = 1
        store.add_records(
            BOARD, "p", [record.pack(record.Anchor(1, 1, 1_000_000, FIRST_AT_NS // S, 1, 100, 9, 18, 0, 0))], 7
        )

    def sit_down(self):
        self.desk = Desk(self.store, EVENT, self.points, ("Anna", "laptop"), lambda: self.now_ns)
        self.desk.begin()

    def after(self, seconds, keys=""):
        self.now_ns += round(seconds * S)
        self.desk.look()
        for key in keys:
            self.desk.press({"\r": ENTER}.get(key, key), self.now_ns)
        return self.desk

    def car(self, late_s=0.3):
        """A car passes A1, the laptop has it so much later."""
        self.sequence += 1
        count = (self.now_ns - FIRST_AT_NS) // 1000 + 1_000_000
        raw = record.pack(record.Edge(self.sequence, 1, count, 1, self.sequence, 3, 0, 2))
        self.now_ns += round(late_s * S)
        self.store.add_records(BOARD, "p", [raw], self.now_ns)
        self.desk.look()

    def numbers(self):
        return [sighting.start_number for sighting in standing(self.store.sightings()).sightings]


@pytest.fixture
def laptop(tmp_path):
    with closing(Store.open(tmp_path / "s.sqlite")) as store:
        yield Laptop(store)


def shown_rows(desk):
    return [(row.passage is not None, row.sighting.start_number if row.sighting else "") for row in desk.rows]


def test_each_number_is_committed_before_the_next_key(laptop, tmp_path):
    for keys, expected in (("1\r", [1]), ("2\r", [1, 2]), ("-", [1]), ("3\r", [1, 3])):
        laptop.after(3, keys)
        with closing(Store.open(tmp_path / "s.sqlite")) as other:
            assert [one.start_number for one in standing(other.sightings()).sightings] == expected
    facts = laptop.store.sightings()
    assert [
        (one.counter, one.person, one.device, one.timing_point) for one in sorted(facts, key=lambda one: one.counter)
    ] == [(counter, "Anna", "laptop", "A1") for counter in (1, 2, 3, 4)]


def test_passages_come_by_the_store_and_numbers_stand_beside_them(laptop):
    laptop.car()
    laptop.after(2, "1\r")
    laptop.after(30)
    laptop.car()
    assert shown_rows(laptop.desk) == [(True, 1), (True, "")]
    laptop.after(1, "*")
    assert shown_rows(laptop.desk) == [(True, 1), (True, None)]
    assert laptop.desk.lag_ns == round(0.3 * S)
    assert laptop.desk.word == "nobody's kept at A1"


def test_who_sits_down_again_sees_what_was_there(laptop):
    laptop.car()
    laptop.after(2, "1\r")
    laptop.sit_down()
    assert shown_rows(laptop.desk) == [(True, 1)]
    assert laptop.desk.ahead().coming == (2, 3, 11, 12)
    laptop.after(1, "-")
    assert laptop.numbers() == []


def test_what_another_one_keys_at_the_point_is_shown(laptop):
    laptop.store.key("A1", 2, laptop.now_ns, "Bruno", "tablet")
    assert shown_rows(laptop.after(1)) == [(False, 2)]
    laptop.after(1, "-")
    assert laptop.desk.word == "nothing to take back"
    assert laptop.numbers() == [2]


# name, keys, what is said; all is kept.
WORDS = [
    ("no entry", "99\r", "99 kept at A1; no entry has 99"),
    ("twice", "1\r1\r", "1 kept at A1; 1 was keyed here at 09:15:01"),
    ("retired", "3\r", "3 kept at A1; 3 has retired"),
    ("all is well", "2\r", "2 kept at A1"),
    ("taken back", "2\r-", "2 at 09:15:01 taken back: key what it was"),
    ("no passage", "*", "no passage here without a number"),
]


@pytest.mark.parametrize(("keys", "word"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_what_is_odd_is_said_and_kept(laptop, keys, word):
    laptop.store.add_decision(decided("retire", "Clerk", "engine", 7, start_number=3), [])
    laptop.sit_down()
    assert laptop.after(1, keys).word == word
    assert laptop.desk.is_warning == (word.count(";") > 0 or word.startswith("no"))


def test_on_a_full_disk_nothing_is_lost_and_the_order_stays(laptop):
    laptop.after(1, "1\r")
    with laptop.store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar()
    assert free == 0
    limit = [pages]  # SQLite refuses a page beyond this number just as when the disk has none left
    sa.event.listen(
        laptop.store.engine, "begin", lambda its: its.exec_driver_sql(f"PRAGMA max_page_count = {limit[0]}")
    )
    long = "x" * 100
    laptop.desk.device = long  # so that a page is soon full
    for _ in range(60):
        laptop.after(1, "2\r")
    desk = laptop.desk
    assert "the disk is full" in desk.trouble
    waiting = [entry.at_ns for entry in desk.unstored]
    assert waiting
    stored = len(laptop.store.sightings())
    assert stored + len(waiting) == 61
    head, *lines = desk.store_rest()
    assert (head, len(lines)) == ("timing_point,start_number,instant,person,device,replaces", len(waiting))
    assert lines[0].startswith("A1,2,2027-05-23T07:1")
    laptop.after(0, "-")
    assert desk.word == "2 taken back, before it was stored"
    limit[0] = 1_000_000  # somebody has made room
    laptop.after(RETRY_NS / S)
    assert (desk.trouble, desk.unstored) == ("", [])
    facts = laptop.store.sightings()
    assert [one.at_ns for one in facts][-len(waiting) + 1 :] == waiting[:-1]
    assert [one.counter for one in facts if one.device == long] == list(range(1, 60))


def screen(width, height, **changes):
    """Return what stands on a terminal of this size."""
    view = View(
        event=EVENT, points=("A1", "A2"), point="A1", rows=ROWS, chosen="", typed="10", instead="", who="Anna, laptop",
        ahead=Ahead((2, 3), (1,)), now_ns=FIRST_AT_NS + 60 * S, lag_ns=37 * S, word="5 kept at A1", is_warning=False,
        trouble=(), unstored=0,
    )  # fmt: skip
    console = Console(width=width, height=height, force_terminal=True, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(Screen(view._replace(**changes)))
    return capture.get()


@pytest.mark.parametrize(("width", "height"), [(100, 30), (80, 24), (60, 12), (40, 9), (20, 5), (200, 60)])
def test_what_is_typed_stands_on_a_terminal_of_any_size(width, height):
    lines = screen(width, height, unstored=2, trouble=["the disk is full"]).splitlines()
    assert len(lines) <= height
    assert any(line.startswith(" A1  10_") for line in lines)
    assert all(len(line.rstrip()) <= width for line in lines)


# name, what is other than usual, what is on the screen.
SEEN = [
    ("a passage and its number", {}, "09:00:10.00  A1  09:00:11       5"),
    ("one without", {}, "09:00:40.00  A1                 ?"),
    ("the clock", {}, "Anna, laptop  09:01:00, 37 s ahead of the boards"),
    ("an hour off", {"lag_ns": -3605 * S}, "60 min behind the boards"),
    ("who is next", {}, "next      2  3"),
    ("who was not keyed", {}, "not keyed 1"),
    ("counts", {}, "3 passages, 1 keyed, 2 without a number"),
    ("what it is instead of", {"instead": "43"}, "instead of 43"),
    ("not stored", {"unstored": 1, "trouble": ["the disk is full"]}, "1 entry NOT STORED YET, tried again every 2 s"),
    ("a number alone", {"rows": rows([passed("a", 0)], {}, [keyed(1, 5, 40)], 0)}, "5  no passage beside it"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "text"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_what_is_on_the_screen(changes, text):
    assert text in screen(100, 24, **changes)


def test_a_clock_that_is_right_says_nothing():
    assert "boards" not in screen(100, 24, lag_ns=S)


def test_what_could_not_be_stored_can_be_loaded(laptop, tmp_path):
    desk = laptop.desk
    taken = laptop.store.key("A1", 43, laptop.now_ns, "Anna", "laptop")
    desk.unstored = [
        Entry("A1", 34, laptop.now_ns),
        Entry("A1", None, laptop.now_ns + S),
        Entry("A1", None, laptop.now_ns + 2 * S, taken.id),
    ]
    sa.event.listen(laptop.store.engine, "begin", lambda its: its.exec_driver_sql("PRAGMA query_only = ON"))
    text = "\n".join(desk.store_rest())
    lines, unread = read_sightings("rest.csv", text, EVENT, Problems())
    assert unread == 0
    assert [
        (line.sighting.start_number, line.sighting.at_ns - laptop.now_ns, line.sighting.replaces) for line in lines
    ] == [
        (34, 0, None),
        (None, S, None),
        (None, 2 * S, taken.id),
    ]
