"""Secrets and erasing over a pty: the real firmware in a virtual board, the real commands."""

import json
import re
import resource
import stat

import pytest
from click.testing import CliRunner

from centesimo.boards.secret import add_master, board_secrets, read_masters
from centesimo.collect import collect
from centesimo.commands.event_folder import open_store
from centesimo.commands.main import centesimo
from centesimo.model.errors import LinkError, SecretError, StoreError
from centesimo.store.chain import CUT, NOT_SEALED, PROVEN, WITHOUT_SECRET, verify_chain
from centesimo_protocol import frame, record
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import Crossing, Scenario
from tests.events import EVENT_TOML, write

BOARD = "00000000000000a1"
START_NS = 1_811_055_600_000_000_000
CARS = tuple(Crossing(START_NS + at_s * 1_000_000_000, 1) for at_s in range(60, 300, 5))


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    """The path of a file of secrets that is not there yet."""
    path = tmp_path / "secrets"
    monkeypatch.setenv("CENTESIMO_SECRETS", str(path))
    return path


def run(*arguments):
    """Run a command; return what it prints, or raise what it raises."""
    result = CliRunner().invoke(centesimo, list(arguments))
    if result.exception:
        raise result.exception
    return result.stdout


@pytest.fixture
def virtual():
    with VirtualBoard(Scenario(START_NS, 310, BOARD, crossings=CARS)) as board:
        board.wait_until_ready(60)
        yield board


def test_a_board_is_given_a_secret_collected_and_erased(tmp_path, secrets, virtual):
    event, port = str(write(tmp_path / "event")), virtual.port

    said = run("secret", port)
    fingerprint = said.split("fingerprint ")[1].split()[0]
    assert f"board {BOARD} has its secret now" in said
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert f"board {BOARD} had its secret already, fingerprint {fingerprint}" in run("secret", port)
    assert f"board {BOARD} has its secret now" in run("secret", "--new", port)  # proven with the older one

    run("settings", port, "name=A1 Bridge")
    shown = re.escape(f"board A1 Bridge ({BOARD})")
    with pytest.raises(LinkError, match=rf"expected --yes to erase \d+ records of {shown} .*, nothing was erased"):
        run("erase", "--event", event, port)
    said = run("erase", "--event", event, "--yes", port)
    assert re.search(rf"erased \d+ records of {shown} .*, verified, \d+ of them sealed without a secret", said)

    with open_store(tmp_path / "event") as store:
        (again,) = collect(store, [port], lambda: 9)
        raws = store.records_of(BOARD)
    assert (again.error, again.absent) == (None, ())
    values = [record.unpack(raw) for raw in raws]
    assert [value.sequence for value in values] == list(range(1, len(raws) + 1))
    (erased,) = [value for value in values if isinstance(value, record.Erased)]
    states = [block.state for block in verify_chain(raws, board_secrets(read_masters(secrets), BOARD))]
    proven = states.index(PROVEN)  # from the setting of the secret on
    assert set(states[:proven]) == {WITHOUT_SECRET}
    assert set(states[proven:-1]) == {PROVEN}
    assert states[-1] in (PROVEN, NOT_SEALED)

    elsewhere = tmp_path / "elsewhere"
    with open_store(write(elsewhere)) as store:
        (found,) = collect(store, [port], lambda: 9)
        raws = store.records_of(BOARD)
    assert found.notes[0].startswith(f"{erased.up_to} records before {erased.up_to + 1} were erased by this computer")
    assert record.unpack(raws[0]).sequence == erased.up_to + 1
    states = [block.state for block in verify_chain(raws, board_secrets(read_masters(secrets), BOARD))]
    assert (states[0], states[1]) == (CUT, PROVEN)


class Lossy:
    """A wire that loses chunks with messages of a kind when it is told to; the board's chunks hold whole frames."""

    def __init__(self):
        self.count = 0

    def lose(self, kind, count):
        self.kind = frame.SYNC + bytes([kind])
        self.count = count

    def __call__(self, direction, chunk):
        if self.count and self.kind in chunk:
            self.count -= 1
            return b""
        return chunk


# name, what is lost, how often, whether the command ends well, how often the board was erased.
LOST = [
    ("the request", 0x22, 1, True, 1),
    ("the answer", 0xA1, 1, True, 1),
    ("every request", 0x22, 3, False, 0),
]


@pytest.mark.parametrize(("kind", "count", "ends", "erasures"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_a_board_is_erased_once_whatever_is_lost(tmp_path, secrets, monkeypatch, kind, count, ends, erasures):
    monkeypatch.setattr("centesimo.collect.request.PATIENCE_MS", 1500)
    event, wire = str(write(tmp_path / "event")), Lossy()
    with VirtualBoard(Scenario(START_NS, 310, BOARD, crossings=CARS[:9]), wire=wire) as board:
        board.wait_until_ready(60)
        wire.lose(kind, count)
        if ends:
            assert f"records of board {BOARD}" in run("erase", "--event", event, "--yes", board.port)
        else:
            with pytest.raises(LinkError, match="did not answer: ask it again"):
                run("erase", "--event", event, "--yes", board.port)
        with open_store(tmp_path / "event") as store:
            collect(store, [board.port], lambda: 9)
            kinds = [raw[6] for raw in store.records_of(BOARD)]
    assert (wire.count, kinds.count(record.ERASED_UP_TO)) == (0, erasures)


def test_a_board_with_another_computers_secret_is_left_alone(tmp_path, secrets, virtual, monkeypatch):
    run("secret", virtual.port)
    monkeypatch.setenv("CENTESIMO_SECRETS", str(tmp_path / "other"))
    with pytest.raises(SecretError, match="has another computer's secret"):
        run("secret", virtual.port)
    event = str(write(tmp_path / "event"))
    for options in ((), ("--yes",)):
        with pytest.raises(StoreError, match=r"expected a verified chain .*is not on this computer"):
            run("erase", "--event", event, *options, virtual.port)


def test_a_board_of_another_event_is_not_erased(tmp_path, secrets, virtual):
    event = write(tmp_path / "event", {"event.toml": EVENT_TOML.replace(BOARD, "0f" * 8)})
    with pytest.raises(LinkError, match=f"{BOARD}: is at no timing point of this event, so nothing of it was taken"):
        run("erase", "--event", str(event), "--yes", virtual.port)
    assert "erased" in run("erase", "--other-board", "--event", str(event), "--yes", virtual.port)


# what the file holds: what is said of it
FILES = {
    "too short": ("00" * 23, 0o600, "secrets:1: expected 48 hex digits"),
    "no hex": ("zz" * 24, 0o600, "secrets:1: expected 48 hex digits"),
    "others may read it": ("00" * 24, 0o644, "expected a file for its owner alone"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_of_secrets_that_cannot_be_used(secrets, case):
    text, mode, why = FILES[case]
    secrets.write_text(text)
    secrets.chmod(mode)
    with pytest.raises(SecretError, match=why):
        read_masters(secrets)


def test_secrets_are_added_never_replaced(secrets):
    assert read_masters(secrets) == []
    first = add_master(secrets)
    second = add_master(secrets)
    assert read_masters(secrets) == [first, second]
    of_board = board_secrets([first, second], BOARD)
    assert len({first, second, *of_board, *board_secrets([first, second], "00000000000000a2")}) == 6
    assert json.dumps(run("secret")).count(first.hex()) == 0


def test_a_port_without_a_board_gets_no_secret_made(secrets):
    with pytest.raises(SecretError, match="there is no such port"):
        run("secret", "--new", "no-such-port")
    assert not secrets.exists()


def test_a_bad_port_does_not_stop_the_others(secrets, virtual):
    with pytest.raises(SecretError, match=r"^no-such-port: there is no such port"):
        run("secret", "no-such-port", virtual.port)
    assert len(read_masters(secrets)) == 1
    assert f"board {BOARD} had its secret already" in run("secret", virtual.port)


@pytest.mark.parametrize("lines", [0, 1])
def test_a_full_disk_leaves_the_file_of_secrets_as_it_was(secrets, lines):
    before = [add_master(secrets) for _ in range(lines)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (49 * lines + 10, limits[1]))  # a line is 48 digits and its end
    try:
        with pytest.raises(SecretError, match="cannot be written"):
            add_master(secrets)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert read_masters(secrets) == before
