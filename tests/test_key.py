"""centesimo key in a real terminal: beside a virtual board, resized, closed, killed; what was keyed is in the store."""

import os
import signal
import termios
from contextlib import closing

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.compute import Facts, compute
from centesimo.model.errors import TimingError
from centesimo.sightings import standing
from centesimo.sightings.cards import MINUTE_NS
from centesimo.store import Store
from centesimo_protocol import record
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import FIRST_AT_NS, event, write
from tests.terminals import Seat

BOARD = "00000000000000a1"
ANNA = ("--person", "Anna", "--device", "laptop 1")


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "event")


def seat(folder, *words, points=("A1",), **size):
    return Seat("key", *points, "--event", folder, *ANNA, *words, **size)


def keyed(folder):
    """Return (timing point, start number) of what stands in the store, in the order in which it was keyed."""
    with closing(Store.of_event(folder)) as store:
        stand = standing(store.sightings()).sightings
        return [(one.timing_point, one.start_number) for one in sorted(stand, key=lambda one: one.counter)]


def test_numbers_and_the_passages_of_a_real_board_on_one_screen(folder):
    """Crews 1 and 2 cross A1 as they are due, crew 1 A2 after 30.02 s, nobody A1 at 09:16:30; two cars come live."""
    start_ns = FIRST_AT_NS + 14 * 60 * 10**9
    cars = tuple(
        Crossing(start_ns + round(at_s * 10**9), tube)
        for at_s, tube in ((60, 1), (90.02, 2), (120, 1), (150, 1), (192, 1), (198, 1))
    )
    scenario = Scenario(start_ns, 215, BOARD, crossings=cars, true_time_from_s=188)
    with (
        VirtualBoard(scenario) as board,
        seat(folder, "--collect", board.port, points=("A1", "A2"), columns=110, lines=26) as anna,
    ):
        anna.until("09:15:00.00  A1")
        anna.until("09:15:30.02  A2")
        anna.until("next      1  2  3  11  12")
        anna.until("09:17:12.00  A1")  # this one came while it looked
        anna.type("3\r")
        anna.until("3 kept at A1")
        anna.until("09:17:18.00  A1")
        anna.type("\x1b[A" * 5 + "1\r")  # the second from the top by then: the opening passage of crew 1
        anna.until("1 kept at A")
        anna.type("99\r")
        anna.until("99 kept at A1; no entry has 99")
        anna.type("-")
        anna.until("instead of 99")
        anna.type("11\r")
        anna.until("11 kept at A1")
        anna.type("*")
        anna.until("nobody's kept at A1")
        anna.type("\t2\r")
        anna.until("2 kept at A2")
        anna.until("days behind the boards")
        anna.type("\x03")
        assert anna.end() == 0
    assert [number for _, number in keyed(folder)] == [3, 1, 11, None, 2]
    with closing(Store.of_event(folder)) as store:
        by_counter = {one.counter: one for one in store.sightings()}
        assert sorted(by_counter) == [1, 2, 3, 4, 5, 6, 7]
        wrong, undoing, right = (by_counter[counter] for counter in (3, 4, 5))
        assert (undoing.replaces, right.replaces, right.at_ns) == (wrong.id, undoing.id, wrong.at_ns)
        edges = [raw for raw in store.records_of(BOARD) if raw[6] == record.EDGE]
        assert len(edges) >= 2 * len(cars)


# name, how it ends, its exit code.
ENDS = [
    ("Ctrl-C", lambda anna: anna.type("\x03"), 0),
    ("Ctrl-D", lambda anna: anna.type("\x04"), 0),
    ("an interrupt from elsewhere", lambda anna: anna.program.send_signal(signal.SIGINT), 0),
    ("ended by the system", lambda anna: anna.program.send_signal(signal.SIGTERM), 0),
    ("killed", lambda anna: anna.program.kill(), -signal.SIGKILL),
]


@pytest.mark.parametrize(("end", "code"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_however_it_ends_what_was_kept_is_in_the_store(folder, end, code):
    with seat(folder) as anna:
        anna.until("next")
        anna.type("1\r2\r3")
        anna.until("2 kept at A1")
        end(anna)
        assert anna.end() == code
    assert keyed(folder) == [("A1", 1), ("A1", 2)]


def test_a_terminal_that_is_closed_ends_it_and_loses_nothing(folder):
    with seat(folder) as anna:
        anna.until("next")
        anna.type("1\r")
        anna.until("1 kept at A1")
        anna.type("2\r")
        anna.close()
        assert anna.program.wait(20) == 0
    assert keyed(folder)[0] == ("A1", 1)


def test_a_burst_of_keys_is_kept_whole_and_in_order(folder):
    numbers = [1, 2, 3, 11, 12] * 8
    with seat(folder) as anna:
        anna.until("next")
        anna.type("".join(f"{number}\r" for number in numbers))
        anna.until("40 keyed")
        anna.type("\x03")
        assert anna.end() == 0
    assert keyed(folder) == [("A1", number) for number in numbers]


@pytest.mark.parametrize("env", [{}, {"COLUMNS": "80", "LINES": "24"}], ids=["plain", "size exported"])
def test_it_survives_any_size_and_goes_on(folder, env):
    with seat(folder, env=env) as anna:
        anna.until("next")
        for columns, lines in ((60, 12), (20, 3), (1, 1), (160, 50)):
            anna.resize(columns, lines)
        anna.type("1\r")
        anna.until("1 kept at A1")
        anna.until("Ctrl-C end")  # the last of the sizes is wide enough for it
        anna.type("\x03")
        assert anna.end() == 0


def test_signs_that_stop_other_programs_do_nothing(folder):
    with seat(folder) as anna:
        anna.until("next")
        anna.type("\x13\x1a\x1c1\r")  # Ctrl-S, Ctrl-Z, Ctrl-\
        anna.until("1 kept at A1")
        anna.type("\x03")
        assert anna.end() == 0


def test_the_terminal_is_left_as_it_was(folder):
    with seat(folder) as anna:
        slave = os.open(anna.line, os.O_RDWR | os.O_NOCTTY)
        try:
            anna.until("next")
            assert not termios.tcgetattr(slave)[3] & termios.ICANON
            anna.type("\x03")
            assert anna.end() == 0
            assert termios.tcgetattr(slave)[3] & termios.ICANON
        finally:
            os.close(slave)


def test_at_the_table_of_a_control_while_a_port_is_not_there_yet(folder, tmp_path):
    with seat(folder, "--collect", tmp_path / "port", points=("C1",)) as anna:
        anna.until(f"{tmp_path}/port: waiting"[:60])
        anna.type("1\r")
        anna.until("1 kept at C1")
        anna.type("\x03")
        assert anna.end() == 0
    with closing(Store.of_event(folder)) as store:
        (sighting,) = store.sightings()
    outcome = compute(Facts(event(), (), {}, (), (), (sighting,)))
    (passage,) = outcome.passages
    assert (passage.timing_point, passage.start_number) == ("C1", 1)
    assert passage.at_ns == sighting.at_ns // MINUTE_NS * MINUTE_NS


def test_two_at_one_point_see_each_other(folder):
    with seat(folder) as anna, Seat("key", "A1", "--event", folder, "--person", "Bruno", "--device", "tablet") as bruno:
        anna.until("next")
        bruno.until("next")
        anna.type("1\r")
        bruno.until("Anna, laptop 1")
        bruno.type("2\r")
        anna.until("Bruno, tablet")
        for one in (anna, bruno):
            one.type("\x03")
            assert one.end() == 0
    assert sorted(keyed(folder)) == [("A1", 1), ("A1", 2)]


# words, what is said.
REFUSED = [
    (["Z9"], "expected a timing point of the event (A1, A2, A3, C1), got Z9"),
    (["A1"], "expected a terminal to key at, got a pipe or a file"),
]


@pytest.mark.parametrize(("points", "says"), REFUSED)
def test_what_is_refused_makes_no_store(folder, points, says):
    with pytest.raises(TimingError) as refused:
        CliRunner().invoke(centesimo, ["key", *points, "--event", str(folder)], catch_exceptions=False)
    assert str(refused.value).startswith(says)
    assert not (folder / "centesimo.sqlite").exists()
