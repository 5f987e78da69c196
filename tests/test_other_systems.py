"""What differs between systems: verbs that one lacks, line ends, time zones."""

import ast
import sys
import tomllib
from pathlib import Path

from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import TimingError
from tests.events import FILES, event

ROOT = Path(__file__).parent.parent
HOST = ROOT / "host/centesimo"


def test_a_verb_that_a_system_cannot_have_says_so_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "termios", None)  # as on Windows
    for name in ("centesimo.keying.terminal", "centesimo.commands.key"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    ran = CliRunner().invoke(centesimo, ["key", "A1"])
    assert isinstance(ran.exception, TimingError)
    assert str(ran.exception) == "key: expected Linux or macOS, got a system without termios"


def _texts_written(path):
    """Yield each call of a module that writes a text: Path.write_text, or an open whose mode is of a text."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            modes = [value.value for value in call.args[1:2] if isinstance(value, ast.Constant)]
            if name == "write_text" or (name in ("open", "fdopen") and modes and str(modes[0]) in ("w", "a", "x")):
                yield call


def test_texts_are_written_with_the_same_line_ends_on_every_system():
    """An event folder's version is the digest of its bytes: on Windows the same file would be another one."""
    calls = [(path.name, call) for path in sorted(HOST.rglob("*.py")) for call in _texts_written(path)]
    assert len(calls) >= 4
    lacking = [f"{name}:{call.lineno}" for name, call in calls if "newline" not in {word.arg for word in call.keywords}]
    assert lacking == []


def test_a_folder_with_the_line_ends_of_windows_is_the_same_event():
    of_windows = event({name: text.replace("\n", "\r\n") for name, text in FILES.items()})
    assert of_windows.entries == event().entries
    assert of_windows.controls == event().controls
    assert of_windows.races == event().races


def test_time_zones_come_with_the_program_where_the_system_has_none():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert [one for one in needed if one.startswith("tzdata") and "sys_platform == 'win32'" in one]
