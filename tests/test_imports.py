"""Imports go one way: protocol <- firmware, protocol <- host; firmware and host never meet, scoring meets no device.

Inside the host every room has its floor, and no import goes upwards.
"""

import ast

import pytest

from tests.places import ROOT
from tools.rooms import floors, rooms

PLACES = {
    "centesimo_protocol": "protocol",
    "centesimo_board": "firmware",
    "centesimo_virtual": "virtual",
    "centesimo": "host/centesimo",
}
DEVICES = {"machine", "rp2", "uctypes"}
ON_THE_BOARD = {"array", "binascii", "collections", "gc", "micropython", "os", "select", "struct", "sys"} | DEVICES
ON_THE_BOARD |= {"framebuf", "io"}  # of the panel's display; of where an error came up


def is_for_types_only(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def nodes(tree):
    """Walk a module's tree, without what only a type checker reads."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not is_for_types_only(child):
            yield from nodes(child)


def imported(path):
    """Return the dotted names that a module imports; `from a import b` gives a and a.b."""
    found = set()
    for node in nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: expected a whole name, got a relative import"
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def tops(path):
    return {name.split(".")[0] for name in imported(path)}


def modules(package):
    found = sorted((ROOT / PLACES[package]).rglob("*.py"))
    assert found, package
    return found


# Package, what it may import beside itself.
ALLOWED = (
    ("centesimo_protocol", {"array", "binascii", "collections", "hashlib", "micropython", "struct"}),
    ("centesimo_board", ON_THE_BOARD | {"centesimo_protocol"}),
)
# Package, what it must not import.
FORBIDDEN = (
    ("centesimo_protocol", {"centesimo_board", "centesimo_virtual", "centesimo"}),
    ("centesimo_board", {"centesimo_virtual", "centesimo"}),
    ("centesimo", {"centesimo_board", "centesimo_virtual"} | DEVICES),
    ("centesimo_virtual", {"centesimo"}),
)


@pytest.mark.parametrize(("package", "allowed"), ALLOWED, ids=[row[0] for row in ALLOWED])
def test_what_runs_on_the_board_imports_what_is_on_the_board(package, allowed):
    for path in modules(package):
        assert tops(path) <= allowed | {package}, path


@pytest.mark.parametrize(("package", "forbidden"), FORBIDDEN, ids=[row[0] for row in FORBIDDEN])
def test_imports_go_one_way(package, forbidden):
    for path in modules(package):
        assert not tops(path) & forbidden, path


def test_only_two_modules_of_the_firmware_touch_the_chip():
    touching = {path.name for path in modules("centesimo_board") if tops(path) & DEVICES}
    assert touching <= {"board.py", "capture.py"}


PURE = ("sightings", "timing", "match", "score", "rank", "compute", "rulebook", "amend", "explain", "crosscheck")
CLOCKS = {"now", "today", "utcnow", "monotonic", "perf_counter", "time_ns"}
IMPURE = {"alembic", "click", "os", "random", "rich", "serial", "socket", "sqlalchemy", "sqlite3", "subprocess", "time"}


def reached(start):
    """Return every module of the host that `start` imports, directly or through others, as paths."""
    found, ahead = set(), [f"centesimo.{start}"]
    while ahead:
        place = ROOT / "host" / ahead.pop().replace(".", "/")
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if path.exists() and path not in found:
            found.add(path)
            ahead += [name for name in imported(path) if name.startswith("centesimo.")]
    assert found, start
    return found


@pytest.mark.parametrize("start", PURE)
def test_what_computes_knows_no_database_no_port_and_no_clock(start):
    for path in sorted(reached(start)):
        assert not tops(path) & IMPURE, path
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & CLOCKS, path


# The host's rooms from the ground up: a room imports only what stands in a row above its own.
FLOORS = (
    {"model"},
    {"reading", "logs"},
    {"words"},
    {"timing", "match"},
    {"rulebook", "sightings"},
    {"amend", "check"},
    {"score", "rank", "store", "crosscheck", "sheets"},
    {"compute", "collect", "explain"},
    {"boards", "decide", "gather", "keying"},
    {"sanity"},
    {"questions"},
    {"publish"},
    {"picture", "live", "paper"},
    {"commands"},
)


def test_no_import_of_the_host_goes_upwards():
    floor_by_room = {f"centesimo/{room}": floor for floor, names in enumerate(FLOORS) for room in names}
    targets_by_room = {room: names for room, names in rooms().items() if room.startswith("centesimo/")}
    targets_by_room = {room: names for room, names in targets_by_room.items() if "migrations" not in room}
    assert targets_by_room.keys() == floor_by_room.keys()
    for room, names in targets_by_room.items():
        for name in names & floor_by_room.keys():
            assert floor_by_room[name] < floor_by_room[room], f"{room} imports {name}, which stands above it"


def test_no_rooms_import_each_other():
    assert floors(rooms())[1] == []
