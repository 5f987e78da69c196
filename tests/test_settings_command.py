"""centesimo settings, on virtual boards: shown, set, refused; an id of its own; a board that is silenced."""

import json

import pytest
from click.testing import CliRunner

from centesimo.boards.settings import MEANINGS, shown_settings, wanted_settings
from centesimo.commands.main import centesimo
from centesimo.model.errors import LinkError
from centesimo_protocol.setting import KEYS, PULSE_FALLS
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario, Stuck
from tests.events import write

START_NS = 1_811_055_600_000_000_000
CHIP, OWN = "00000000000000a1", "0123456789abcdef"


def run(*arguments):
    """Run a command; return what it prints, or raise what it raises."""
    result = CliRunner().invoke(centesimo, [str(argument) for argument in arguments], env={"COLUMNS": "160"})
    if result.exception:
        raise result.exception
    return result.stdout


@pytest.fixture(scope="module")
def virtual():
    with VirtualBoard(Scenario(START_NS, 40, CHIP, stuck=(Stuck(20, 40, 2),))) as board:
        board.wait_until_ready(60)
        yield board


def values(port, *written):
    return json.loads(run("settings", port, *written, "--json"))


def test_every_setting_is_shown_with_what_it_is(virtual):
    assert list(MEANINGS) == [name for _, name, *_ in KEYS]
    shown = run("settings", virtual.port)
    for name, meaning in MEANINGS.items():
        assert name in shown
        assert meaning in shown
    assert values(virtual.port)["battery_low_mv"] == "3400"


# What is written, and what is read then.
SETS = [
    (["pulse_falls=yes"], {"pulse_falls": "yes"}),
    (["pulse_falls=0"], {"pulse_falls": "no"}),
    (["display=sh1106", "alarm_sounds=no"], {"display": "SH1106", "alarm_sounds": "no"}),
    (["name=A1 Brücke"], {"name": "A1 Brücke"}),
    (["battery_low_mv=3600", "battery_stop_mv=3000"], {"battery_low_mv": "3600", "battery_stop_mv": "3000"}),
    (["name="], {"name": ""}),
]


@pytest.mark.parametrize(("written", "expected"), SETS)
def test_a_setting_is_set_and_shown(virtual, written, expected):
    now = values(virtual.port, *written)
    assert {name: now[name] for name in expected} == expected


# What cannot be is said before anything is sent: there is no board on this port.
REFUSED = [
    ("pulse_falls", "expected NAME=VALUE, with one of name, gps_baud"),
    ("puls_falls=yes", "expected NAME=VALUE, with one of name, gps_baud"),
    ("pulse_falls=2", "expected pulse_falls from 0 to 1, got 2"),
    ("pulse_falls=maybe", "expected pulse_falls as no or yes, got maybe"),
    ("gps_baud=9601", "expected gps_baud to be one of 4800, 9600"),
    ("gps_baud=fast", "expected gps_baud as a whole number, got fast"),
    ("name=a name that is too long", "expected name of at most 12 bytes, got 23"),
    ("board_id=12", "expected board_id of 16 hex digits, got '12'"),
    ("inputs=99999999999999999999", "expected inputs"),
]


@pytest.mark.parametrize(("written", "why"), REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_sent(written, why):
    with pytest.raises(LinkError, match=why):
        run("settings", "/dev/nothing-there", written)


def test_a_firmware_that_does_not_know_a_setting():
    rows = {row.name: row.value for row in shown_settings({1: b"A1".ljust(12, b"\0"), 2: b"\xff" * 12})}
    assert (rows["name"], rows["display"], rows["gps_baud"]) == ("A1", None, "ff" * 12)
    assert list(wanted_settings(("pulse_falls=1",))) == [PULSE_FALLS]


def test_an_alarm_is_silenced_from_the_computer(virtual):
    run("settings", virtual.port, "alarm_sounds=yes", "battery_low_mv=9000")
    said = run("boards", "--silence", virtual.port)
    assert "silent until it comes anew: battery low" in said
    run("settings", virtual.port, "battery_low_mv=3000")
    assert "no alarm sounds" in run("boards", "--silence", virtual.port)


def test_a_board_does_not_take_what_would_lock_it(virtual):
    """Below battery_stop_mv no setting can be changed; the virtual board's supply is 3.7 V."""
    with pytest.raises(
        LinkError, match="the board refuses: expected battery_stop_mv below the supply, which has 3698 mV"
    ):
        run("settings", virtual.port, "battery_stop_mv=3900")
    assert values(virtual.port)["battery_stop_mv"] != "3900"


def test_a_board_is_given_an_id_of_its_own_and_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CENTESIMO_SECRETS", str(tmp_path / "secrets"))
    event, flash = write(tmp_path / "event"), tmp_path / "board"
    flash.mkdir()
    cars = tuple(Crossing(START_NS + second * 1_000_000_000, 1) for second in (30, 35))
    with VirtualBoard(Scenario(START_NS, 40, CHIP, crossings=cars), folder=flash) as board:
        board.wait_until_ready(60)
        with pytest.raises(LinkError, match="the board refuses: expected an erased journal"):
            run("settings", board.port, f"board_id={OWN}")
        run("erase", board.port, "--event", event, "--yes")
        assert f'"board_id": "{OWN}"' in run("settings", board.port, f"board_id={OWN}", "--json")
        assert json.loads(run("boards", board.port, "--json"))[0]["board"] == OWN
    (flash / "boot0.timeline").unlink()
    with VirtualBoard(Scenario(START_NS + 10**12, 40, CHIP), folder=flash) as again:
        again.wait_until_ready(60)
        assert json.loads(run("boards", again.port, "--json"))[0]["board"] == OWN
        run("collect", again.port, "--event", event, "--other-board")
        run("erase", again.port, "--event", event, "--yes", "--other-board")
        assert '"board_id": "chip"' in run("settings", again.port, "board_id=chip", "--json")
        assert json.loads(run("boards", again.port, "--json"))[0]["board"] == CHIP


def test_two_virtual_boards_with_one_id_are_seen(tmp_path):
    event = write(tmp_path)
    with VirtualBoard(Scenario(START_NS, 30, CHIP)) as first, VirtualBoard(Scenario(START_NS, 20, CHIP)) as second:
        for board in (first, second):
            board.wait_until_ready(60)
        listed = run("boards", first.port, second.port)
        judged = CliRunner().invoke(centesimo, ["prepare", str(event), first.port, second.port, "--json"])
    for port in (first.port, second.port):
        assert f"another board, on {port}, has the same id" in listed
    assert "has the same id: erase one, then centesimo settings PORT board_id=..." in judged.stdout
