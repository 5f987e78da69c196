"""Bundles: any order, any number of times, from any number of laptops, the same store byte for byte."""

import shutil
from base64 import b64encode
from contextlib import closing
from hashlib import sha256
from itertools import permutations

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import LoadError, StoreError
from centesimo.store import Store
from centesimo.store.bundle import write_bundle
from centesimo.store.load_bundle import is_bundle, load_bundle
from tests.events import FILES, changed, event, write
from tests.plain_board import PlainBoard, edges
from tests.test_raw_archive import visit

A = AT_NONE = "0a" * 8
AT_A1 = "00000000000000a1"
EVENT = event()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("stores") / "empty.sqlite"
    Store.open(path).close()
    return path


@pytest.fixture
def new_store(empty, tmp_path):
    """Give a function that opens a new store each time."""
    opened = []

    def make():
        path = tmp_path / f"{len(opened)}.sqlite"
        shutil.copy(empty, path)
        opened.append(Store.open(path))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def bundle_of(store):
    with store.reading() as connection:
        return write_bundle(connection)


def merged(store, *bundles):
    for one in bundles:
        load_bundle(store, "b", one)
    return bundle_of(store)


def test_three_laptops_that_took_turns_meet_in_one_store(new_store):
    board = PlainBoard(edges(300), board_id=b"\x0a" * 8)
    bundles = []
    for _ in range(3):
        store = new_store()
        visit(store, board, turns=4)
        board.restart()
        bundles.append(bundle_of(store))
    wholes = {merged(new_store(), *order) for order in permutations(bundles)}
    assert len(wholes) == 1
    one = new_store()
    merged(one, *wholes)
    assert one.records() == {A: edges(300)}


def test_says_what_was_new(new_store):
    full = new_store()
    full.add_records(A, "p", edges(5), 7)
    full.add_records(A, "p", edges(1, shift=1), 8)
    full.post(EVENT, {"lists/A1.csv": "5\n"}, [], 7)
    one = bundle_of(full)
    other = new_store()
    # 5 records and 1 that differs; 2 receipts, a version of the event and a list
    assert load_bundle(other, "b", one) == ("b", sha256(one).hexdigest(), 5, 1, 0, 4, 0, 0, 0)
    assert load_bundle(other, "b", one) == ("b", sha256(one).hexdigest(), 0, 0, 0, 0, 10, 0, 0)


def small(new_store):
    store = new_store()
    visit(store, PlainBoard(edges(2), board_id=b"\x0a" * 8))
    return bundle_of(store)


def test_every_single_bit_is_sealed(new_store):
    whole, other = small(new_store), new_store()
    for at in range(len(whole)):
        for bit in range(8):
            changed = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
            assert is_bundle(changed)
            with pytest.raises(LoadError, match=r"cut off|damaged"):
                load_bundle(other, "b", changed)
    assert other.boards() == []


def test_cut_anywhere_it_is_refused_whole(new_store):
    whole, other = small(new_store), new_store()
    for end in range(1, len(whole)):
        with pytest.raises(LoadError, match=r"^b: the bundle is (cut off|damaged)"):
            load_bundle(other, "b", whole[:end])
    assert bundle_of(other) == bundle_of(new_store())


def sealed(*lines):
    body = "".join(line + "\n" for line in lines).encode()
    return body + b"sha256 " + sha256(body).hexdigest().encode() + b"\n"


ONE = edges(1)[0]
FIRST = "centesimo bundle 1"

# name, lines of a bundle whose seal is right, what is said.
BUNDLES = [
    ("a newer version", ["centesimo bundle 3", '["what",1]'], "b: expected a bundle of version 2, got '3': .*newer"),
    ("no JSON", [FIRST, "{"], "b:2: Expecting"),
    ("no array", [FIRST, "{}"], "b:2: expected a JSON array that begins with its kind"),
    ("an unknown kind", [FIRST, '["what",1]'], "b:2: expected a line of a known kind, got 'what'"),
    ("a value missing", [FIRST, '["list","l",1,"5"]'], "b:2: expected 4 values in a line of kind list, got 3"),
    ("text for a number", [FIRST, f'["list","l","1","{"1" * 64}","t"]'], "b:2: expected stored_at_ns as a whole"),
    ("no digest", [FIRST, '["list","l",1,"xyz","t"]'], "b:2: expected digest as 64 hex digits, got 'xyz'"),
    ("a foreign id", [FIRST, f'["sighting","{A}","A1",5,7,null,"Anna","p",1,null,""]'], "b:2: expected the id of all"),
    ("no base64", [FIRST, f'["records","{A}","?"]'], "b:2: expected base64, got '\\?'"),
    ("half a record", [FIRST, f'["records","{A}","AAAA"]'], "b:2: expected whole records of 32 bytes, got 3 bytes"),
    ("a damaged record", [FIRST, f'["records","{A}","{"A" * 42}A="]'], "b:2: expected check"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "says"), [row[1:] for row in BUNDLES], ids=[row[0] for row in BUNDLES])
def test_what_is_no_bundle_is_refused_with_its_line(new_store, lines, says):
    store = new_store()
    with pytest.raises(LoadError, match=says) as refused:
        load_bundle(store, "b", sealed(*lines))
    assert len(str(refused.value).splitlines()) == 1
    assert store.boards() == []


def test_records_without_a_receipt_are_refused_with_all_that_came_before_them(new_store):
    store = new_store()
    lines = [f'["list","l",1,"{sha256(b"t").hexdigest()}","t"]', f'["records","{A}","{b64encode(ONE).decode()}"]']
    with pytest.raises(LoadError, match=f"b: record 1 of board {A} has no receipt"):
        load_bundle(store, "b", sealed(FIRST, *lines))
    assert store.lists() == {}


def test_the_commands_carry_a_store_from_laptop_to_laptop(tmp_path):
    first, second = write(tmp_path / "first"), write(tmp_path / "second")
    with closing(Store.of_event(first)) as store:
        visit(store, PlainBoard(edges(5), board_id=bytes.fromhex(AT_A1)))
    stick = tmp_path / "monday.bundle"

    def run(*words):
        return CliRunner().invoke(centesimo, [*map(str, words)], catch_exceptions=False).stdout

    said = run("bundle", "--event", first, "--to", stick)
    assert said.startswith(f"{stick}: ")
    assert said.endswith(f"SHA-256 {sha256(stick.read_bytes()).hexdigest()}\n")
    # one part of the archive and its receipt; the acknowledgement's answer makes a second part
    new = f"{stick}: 5 new records, 2 of the raw archive, 1 other rows; 0 known from before add nothing\n"
    assert run("load", stick, "--event", second) == new
    run("bundle", "--event", second, "--to", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == stick.read_bytes()
    assert "5 records, the same" in run("rebuild", tmp_path / "new.sqlite", "--event", second)
    with pytest.raises(StoreError, match="expected the name of a new file"):
        run("rebuild", tmp_path / "new.sqlite", "--event", second)


# name, what is done to a bundle, the one line that is said.
CUT, DAMAGED = (
    "the bundle is cut off: expected its SHA-256 in the",
    "the bundle is damaged: its SHA-256 is not that of its",
)
SPOILT = [
    ("cut in half", lambda raw: raw[: len(raw) // 2], CUT),
    ("the half behind", lambda raw: raw[len(raw) // 2 :], DAMAGED),
    ("a bit changed", lambda raw: raw[:90] + bytes([raw[90] ^ 1]) + raw[91:], DAMAGED),
    ("newer", lambda raw: sealed("centesimo bundle 3", "[]"), "expected a bundle of version 2, got '3': it is from a"),
]


@pytest.mark.parametrize(("spoil", "says"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_the_command_refuses_a_spoilt_bundle_with_one_line_and_loads_nothing(new_store, tmp_path, spoil, says):
    folder, stick = write(tmp_path / "event"), tmp_path / "b"
    stick.write_bytes(spoil(small(new_store)))
    with closing(Store.of_event(folder)) as target:
        before = bundle_of(target)
    told = CliRunner().invoke(centesimo, ["load", str(stick), "--event", str(folder)])
    (line,) = str(told.exception).splitlines()
    assert line.startswith(f"{stick}: {says}")
    with closing(Store.of_event(folder)) as target:
        assert bundle_of(target) == before


# name, what the bundle says of its event (a version's name or None), its board, options, what the refusal says.
NAMED = "expected a bundle of 'Small Event', got one of 'Other Event'"
BY_BOARD = (
    "expected records of boards at this event's timing points (A1 A2 Bridge (00000000000000a1), A3 Church"
    " (00000000000000a2)), got a bundle that"
    f" names no event, of {AT_NONE}"
)
EVENTS = [
    ("the same", "Small Event", AT_NONE, [], ""),
    ("another", "Other Event", AT_A1, [], NAMED),
    ("another that is wanted", "Other Event", AT_A1, ["--other-event"], ""),
    ("none, a board of this event", None, AT_A1, [], ""),
    ("none, no board of this event", None, AT_NONE, [], BY_BOARD),
    ("none, no board of this event, but wanted", None, AT_NONE, ["--other-event"], ""),
]


@pytest.mark.parametrize(
    ("named", "board", "options", "says"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS]
)
def test_a_bundle_of_another_event_is_refused(new_store, tmp_path, named, board, options, says):
    folder, stick, store = write(tmp_path / "event"), tmp_path / "b", new_store()
    store.add_records(board, "p", edges(5), 7)
    if named:
        store.add_event(event({name: text.replace("Small Event", named) for name, text in FILES.items()}), 7)
    stick.write_bytes(bundle_of(store))
    told = CliRunner().invoke(centesimo, ["load", str(stick), "--event", str(folder), *options])
    with closing(Store.of_event(folder)) as target:
        assert target.boards() == ([] if says else [board])
        assert says == "" or bundle_of(target) == bundle_of(new_store())
    all_the_same = f"{stick}: {says}: nothing was loaded; --other-event loads it all the same"
    assert str(told.exception) == (all_the_same if says else "None")


def test_a_laptop_that_only_collected_or_loaded_says_of_which_event_its_bundle_is(tmp_path):
    monday, other = write(tmp_path / "monday"), write(tmp_path / "other", changed("event.toml", "Small", "Other"))
    sheet, stick = tmp_path / "sheet.csv", tmp_path / "b"
    sheet.write_text("timing_point,instant,source\nC1,2027-05-23T09:10:00Z,hand\n")

    def run(*words):
        return CliRunner().invoke(centesimo, [*map(str, words)])

    run("load", sheet, "--event", monday)
    run("bundle", "--event", monday, "--to", stick)
    assert "got one of 'Small Event'" in str(run("load", stick, "--event", other).exception)
    with closing(Store.of_event(other)) as target:
        assert target.passages() == []


# name, bytes of a bundle that are left.
HEADS = [("one letter", 1), ("half the first word", 6), ("all but the version", 17), ("the first line", 19)]


@pytest.mark.parametrize("left", [row[1] for row in HEADS], ids=[row[0] for row in HEADS])
def test_a_bundle_cut_in_its_first_line_is_called_one(tmp_path, left):
    folder, stick = write(tmp_path / "event"), tmp_path / "b"
    stick.write_bytes(b"centesimo bundle 1\n"[:left])
    told = CliRunner().invoke(centesimo, ["load", str(stick), "--event", str(folder)])
    assert str(told.exception).startswith(f"{stick}: {CUT}")
