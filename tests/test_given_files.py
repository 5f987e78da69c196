"""Files that are given to verbs: a pipe, a device and what hides characters is refused, never waited for.

Each case runs in a process of its own that may take so much processor time and memory and no more, so that a fault
ends it and not this run.
"""

import os
import resource
import subprocess
import sys

import pytest

from tests.events import write

CPU_S, MEMORY_BYTES, PATIENCE_S = 40, 2_000_000_000, 300
MAIN = "from centesimo.commands.main import main; main()"
NO_FILE = "a device, a pipe or a folder"

# a verb and what it is given; else the variable of the environment that names the file
# verify --against: test_attest
VERBS = {
    "import": (("import", "GIVEN"), None),
    "new from a sheet": (("new", "NEW", "GIVEN", "--name", "Alpi", "--timezone", "Europe/Rome"), None),
    "a notice": (("print", "notice", "GIVEN"), None),
    "secrets": (("verify",), "CENTESIMO_SECRETS"),
    "firmware": (("firmware", "loop://", "GIVEN"), None),
}


def bound():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def said(folder, given, words, variable=None, program=MAIN):
    """Return exit code and standard error of a verb, or of another program."""
    places = {"GIVEN": given, "NEW": folder.parent / "new"}
    environment = dict(os.environ) | ({variable: str(given)} if variable else {})
    ran = subprocess.run(
        [sys.executable, "-c", program, *(str(places.get(word, word)) for word in words)],
        cwd=folder, env=environment, preexec_fn=bound, capture_output=True, text=True, timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return ran.returncode, ran.stderr


@pytest.mark.parametrize(("words", "variable"), VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("kind", ["a pipe", "a device"])
def test_what_is_no_file_is_never_read(tmp_path, kind, words, variable):
    folder, given = write(tmp_path / "event"), tmp_path / "given"
    if kind == "a pipe":
        os.mkfifo(given, 0o600)
    else:
        given.symlink_to("/dev/zero")
    code, errors = said(folder, given, words, variable)
    assert (code, errors.count("error: ")) == (1, 1), errors
    assert NO_FILE in errors


def test_a_notice_that_turns_the_direction_of_writing_is_refused(tmp_path):
    folder, given = write(tmp_path / "event"), tmp_path / "notice.txt"
    given.write_text("About\n\nCrew 5 \u202eexcluded\n", encoding="utf-8")
    code, errors = said(folder, given, ("print", "notice", "GIVEN"))
    assert code == 1
    assert "without control characters and marks of direction" in errors


def test_a_pipe_in_the_place_of_this_computers_key_is_refused(tmp_path):
    given = tmp_path / "given"
    os.mkfifo(given, 0o600)
    program = "import sys; from pathlib import Path; from centesimo.store.signing import this_device as read\n"
    code, errors = said(tmp_path, given, ("GIVEN",), program=program + "read(Path(sys.argv[1]))")
    assert (code, "SecretError" in errors, NO_FILE in errors) == (1, True, True), errors
