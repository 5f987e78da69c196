"""A board at the wrong control: where it stands against the positions of event.toml."""

import json
from contextlib import ExitStack

import pytest
from click.testing import CliRunner

from centesimo.boards.prepare import prepare
from centesimo.boards.whereabouts import distance_m, distance_text
from centesimo.check import event_from_files
from centesimo.commands.main import centesimo
from centesimo.model.errors import EventError
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Receiver, Scenario
from tests.events import FILES, FIRST_AT_NS, changed, event, write
from tests.test_prepare import A1, A2, FINGERPRINTS, said

# Bridge and Mill are 100 m apart (0.0009 degree of latitude), Church lies 2.2 km north of them, the hall 5.6 km south.
BRIDGE, MILL, CHURCH, HALL = (
    (455430000, 102208000),
    (455439000, 102208000),
    (455630000, 102208000),
    (454926000, 102208000),
)


def placed_files(**positions):
    """Return the small event's files with a position of some timing points, by place."""
    files = FILES
    for place, (latitude_e7, longitude_e7) in positions.items():
        line = f'place = "{place}"'
        files = changed("event.toml", line, f"{line}\nposition = [{latitude_e7 / 1e7}, {longitude_e7 / 1e7}]", files)
    return files


def placed(**positions):
    return event(placed_files(**positions))


FILES_ALL = placed_files(Bridge=BRIDGE, Mill=MILL, Church=CHURCH)
ALL = event(FILES_ALL)
AT_CHURCH = "it stands 2.1 km from A2 Mill, at A3 Church (0 m): exchange the boards"
# name, event, where the board of A1 Bridge and A2 Mill stands; why it is no go; the note.
PLACES = [
    ("at the bridge", ALL, BRIDGE, "", ""),
    ("120 m behind the mill", ALL, (455450800, 102208000), "", ""),
    ("at the church", ALL, CHURCH, AT_CHURCH, ""),
    ("in the hall", ALL, HALL, "", "it stands 5.6 km from A1 Bridge, and at no other timing point"),
    ("no position of its own points", placed(Church=CHURCH), CHURCH, "", ""),
    ("one of its points", placed(Mill=MILL, Church=CHURCH), CHURCH, AT_CHURCH, ""),
    ("it does not know", ALL, (0, 0), "", ""),
    ("no positions", event(), CHURCH, "", ""),
]


@pytest.mark.parametrize(("of", "place", "reason", "note"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_board_is_held_against_its_timing_points(of, place, reason, note):
    latitude_e7, longitude_e7 = place
    first = said(latitude_e7=latitude_e7, longitude_e7=longitude_e7)
    other = said(A2, latitude_e7=CHURCH[0], longitude_e7=CHURCH[1])
    rows = prepare(of, {"p1": first, "p2": other}, lambda board: FINGERPRINTS, own_error_ns=5_000_000)
    assert [(row.reasons, row.notes) for row in rows] == [
        ((reason,) if reason else (), (note,) if note else ()),
        ((), ()),
    ]


# A degree of a meridian is 111.2 km on this sphere; at 60 degrees north one of a parallel is half of that.
DISTANCES = [
    ((0, 0), (10_000_000, 0), 111_195),
    ((600_000_000, 0), (600_000_000, 10_000_000), 55_597),
    ((0, 1_799_999_000), (0, -1_799_999_000), 22),
    ((0, 0), (0, 1_800_000_000), 20_015_087),
    ((5, 5), (5, 5), 0),
]


@pytest.mark.parametrize(("first", "second", "metres"), DISTANCES)
def test_distances(first, second, metres):
    assert distance_m(first, second) == pytest.approx(metres, rel=1e-4, abs=0.5)


def test_a_distance_as_people_say_it():
    assert [distance_text(metres) for metres in (0.4, 149.6, 949, 960, 12_345)] == [
        "0 m",
        "150 m",
        "949 m",
        "1.0 km",
        "12.3 km",
    ]


WRONG = [
    "[45.5]",
    "[91.0, 10.0]",
    "[45.0, 181.0]",
    '["45", "10"]',
    "[45.0, 10.0, 3.0]",
    "[inf, 0.0]",
    "[]",
    '"45, 10"',
    "[true, 1]",
]


@pytest.mark.parametrize("written", WRONG)
def test_a_position_that_is_none_is_refused_at_its_line(written):
    with pytest.raises(EventError) as refused:
        event_from_files(changed("event.toml", 'place = "Bridge"', f'place = "Bridge"\nposition = {written}'))
    expected = "expected position as a latitude and a longitude in degrees, as [45.5431, 10.2208], got"
    assert expected in str(refused.value)


def test_a_position_is_kept_to_a_centimetre():
    (first, *_) = placed(Bridge=(-338_512_345, -706_701_234)).timing_points
    assert first.position == (-338_512_345, -706_701_234)
    (whole, *_) = event(
        changed("event.toml", 'place = "Bridge"', 'place = "Bridge"\nposition = [45, 10]')
    ).timing_points
    assert whole.position == (450_000_000, 100_000_000)


def test_two_virtual_boards_that_were_exchanged(tmp_path):
    stands = {A1: CHURCH, A2: BRIDGE}
    at_e7 = {board: (latitude / 1e7, longitude / 1e7) for board, (latitude, longitude) in stands.items()}
    folder = write(tmp_path, FILES_ALL)
    with ExitStack() as stack:
        virtual = [
            stack.enter_context(VirtualBoard(Scenario(FIRST_AT_NS, 40, board, receiver=Receiver(position=place))))
            for board, place in at_e7.items()
        ]
        for board in virtual:
            board.wait_until_ready(60)
        ports = [board.port for board in virtual]
        listed = CliRunner().invoke(centesimo, ["boards", *ports])
        judged = CliRunner().invoke(centesimo, ["prepare", str(folder), *ports, "--json"])
    assert ("45.56300, 10.22080" in listed.stdout, "45.54300, 10.22080" in listed.stdout) == (True, True)
    first, second = json.loads(judged.stdout)
    assert AT_CHURCH in first["reasons"]
    assert "it stands 2.2 km from A3 Church, at A1 Bridge (0 m): exchange the boards" in second["reasons"]
