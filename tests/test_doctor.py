"""centesimo doctor and what a shell completes: each thing that may be missing, and that it is one line."""

import json
import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.collect.link import FoundPort
from centesimo.commands import doctor as module
from centesimo.commands.main import VERBS, centesimo
from centesimo.model.errors import LinkError

DATABASE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


@pytest.fixture(autouse=True)
def computer(monkeypatch, tmp_path):
    """A computer on which nothing is amiss, but a database is not asked."""
    port = tmp_path / "ttyACM0"
    port.write_bytes(b"")
    monkeypatch.setattr(module, "found_ports", lambda: [FoundPort(str(port), "Pico", True)])
    monkeypatch.setattr(module, "clock_error_ns", lambda: 5_000_000)
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("firefox"))
    monkeypatch.setenv("CENTESIMO_SECRETS", str(tmp_path / "secrets"))
    monkeypatch.delenv("CENTESIMO_STORE", raising=False)
    return port


def looked(*jobs):
    """Return what was found amiss, by job and thing, and why the command failed."""
    ran = CliRunner().invoke(centesimo, ["doctor", *jobs, "--json"])
    looks = json.loads(ran.stdout)
    assert [look["job"] for look in looks] == [job for job in jobs or module.LOOKS for _ in module.LOOKS[job]]
    return {f"{look['job']}: {look['what']}": look["mend"] for look in looks if look["mend"]}, str(ran.exception or "")


def test_a_computer_that_has_all_is_fit():
    assert looked("boards", "key", "serve", "print") == ({}, "")


def raising():
    raise LinkError("the ports of this computer cannot be listed (Input/output error): name the PORT")


def no_browser():
    raise webbrowser.Error("could not locate runnable browser")


def without(*names):
    found = module.find_spec
    return lambda name: None if name in names else found(name)


# name, what is changed of the module (or of webbrowser), the job; what is amiss, and what to do.
LACKS = [
    ("no right", ("os.access", lambda path, mode: False), "boards", "boards: serial ports", "join its group"),
    ("no list", ("found_ports", raising), "boards", "boards: serial ports", "name the PORT"),
    ("no time server", ("clock_error_ns", lambda: None), "boards", "boards: clock", "reach a time server (NTP)"),
    ("a clock that drifted", ("clock_error_ns", lambda: 600_000_000), "boards", "boards: clock", "reach a time server"),
    ("no live pages", ("find_spec", without("uvicorn")), "serve", "serve: packages", "pip install 'centesimo[serve]'"),
    ("no browser", ("webbrowser.get", no_browser), "serve", "serve: browser", "install one"),
    ("nothing to set", ("find_spec", without("segno")), "print", "print: packages", "pip install 'centesimo[print]'"),
    ("no driver", ("find_spec", without("psycopg")), "postgresql", "postgresql: packages", "centesimo[postgresql]"),
]


@pytest.mark.parametrize(("change", "job", "what", "mend"), [row[1:] for row in LACKS], ids=[row[0] for row in LACKS])
def test_what_is_missing_is_one_line_with_what_to_do(monkeypatch, change, job, what, mend):
    name, value = change
    monkeypatch.setattr(f"centesimo.commands.doctor.{name}", value)
    amiss, why = looked(job)
    assert mend in amiss[what]
    assert what in why
    assert mend in why


def test_secrets_that_cannot_be_read(tmp_path):
    (tmp_path / "secrets").write_text("no secret\n")
    amiss, _ = looked("boards")
    assert "copy it from another computer" in amiss["boards: secrets"]


def test_a_database_that_does_not_answer(monkeypatch):
    assert "set it: postgresql+psycopg://" in looked("postgresql")[0]["postgresql: database"]
    monkeypatch.setenv("CENTESIMO_STORE", DATABASE)
    amiss, why = looked("postgresql")
    assert amiss == {"postgresql: database": "is the server running, and are host, user and password right?"}
    assert why.count("\n") == 0


def test_all_jobs_are_shown_and_fail_nothing():
    ran = CliRunner().invoke(centesimo, ["doctor"], env={"COLUMNS": "160"})
    assert ran.exit_code == 0
    assert all(job in ran.stdout for job in module.LOOKS)
    assert CliRunner().invoke(centesimo, ["doctor", "teeth"]).exit_code == 2


def script():
    path = Path(sys.executable).parent / "centesimo"
    assert path.exists()
    return path


# words before the Tab key, what a bash offers
TABS = [
    ("pre", ["prepare"]),
    ("q", ["questions"]),
    ("re", [verb for verb in VERBS if verb.startswith("re")]),
    ("", list(VERBS)),
    ("boards --sil", ["--silence"]),
    ("doctor ser", ["serve"]),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(("typed", "offered"), TABS)
def test_bash_completes_verbs_and_options(typed, offered):
    """As docs/commands.md says to set it up; the shell's own function is called with what was typed."""
    words = ["centesimo", *typed.split(" ")]
    asked = (
        'eval "$(_CENTESIMO_COMPLETE=bash_source centesimo)"\n'
        f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
        '_centesimo_completion centesimo; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{script().parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", asked], capture_output=True, text=True, env=environment, check=True, timeout=60
    )
    assert done.stdout.split() == offered
