"""The command as people call it: every verb on a small day, exit codes, one line an error, JSON, and its documents."""

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest

from centesimo.commands.main import GROUPS, VERBS, centesimo, main, plain_letters
from tests.events import write
from tests.sheet_day import MISSING, load_rows, make

TEXT = (Path(__file__).parent.parent / "docs/commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Return folders by name: a day, the same published before and after crew 3 was found, a bare event, nothing."""
    root = tmp_path_factory.mktemp("days")
    day = make(root / "day")
    published = shutil.copytree(day, root / "published")
    call("publish", "--event", str(published))
    load_rows(published, MISSING)
    call("publish", "--event", str(published))
    (root / "empty").mkdir()
    (root / "bare").mkdir()
    write(root / "bare")
    return {path.name: path for path in root.iterdir()}


def call(*words):
    """Run the command with its words in this process; return its exit code."""
    before, sys.argv = sys.argv, ["centesimo", *words]
    try:
        main()
    except SystemExit as left:
        return left.code or 0
    finally:
        sys.argv = before
    return 0


def run(days, capfdbinary, folder, words):
    copied = shutil.copytree(days[folder], days[folder].parent / f"{folder}-copy", dirs_exist_ok=True)
    try:
        code = call(*words.split(), "--event", str(copied))
    finally:
        shutil.rmtree(copied)
    out, err = capfdbinary.readouterr()
    return code, out.decode(), err.decode()


# folder, words, how standard output begins or a line of it.
DONE = [
    ("day", "ranking", "Small Event: Classic, Leg 1"),
    ("bare", "ranking", "Small Event: Classic, Leg 1"),
    ("day", "ranking --race modern", "Small Event: Modern, Leg 1"),
    ("day", "ranking --race modern --csv", "2,12,Crew 12,Ferrari 296 GTB,2023,,0,5,0,5,1.23,6.15,6.15,"),
    ("day", "ranking --race classic --up-to PC1 --csv", "1,1,Crew 1,Fiat 508 S,1934,Team East,0,3,3,1.34,4.02,0.00,"),
    ("day", "score --start-number 2", "7/100 s late x 1 = 7"),
    ("day", "score --control PC1", "2/100 s early x 1 = 2"),
    ("day", "explain 2 PC1", "0:29.98"),
    ("day", "explain 3 PC1", "no passage at A2"),
    ("day", "publish", "classic-leg-L1: provisional, version 1; 1 without a place"),
    ("published", "publish", "classic-leg-L1: provisional, version 2, not changed since"),
    ("published", "publish --official --approved-by S", "modern-leg-L1: official, version 2"),
    ("published", "publish --race modern --leg L1 --up-to PC1", "modern-leg-L1: provisional, version 2"),
    ("published", "compare 1 2 --race classic", "PC2: open → 275"),
    ("published", "compare 2 2 --race classic", "No number and no place has changed."),
]


@pytest.mark.parametrize(("folder", "words", "said"), DONE, ids=[f"{row[0]}: {row[1]}" for row in DONE])
def test_done(days, capfdbinary, folder, words, said):
    code, out, err = run(days, capfdbinary, folder, words)
    assert (code, err) == (0, "")
    assert said in " ".join(out.split("│")) or said in out


# folder, words, what the one line on standard error is behind "error: ".
REFUSED = [
    ("empty", "ranking", "expected an event folder, found no event.toml in it: name it with --event"),
    ("empty", "publish", "expected an event folder"),
    ("empty", "compare 1 2", "expected an event folder"),
    ("day", "ranking --race old", "expected a race of the event (classic, modern), got old"),
    ("day", "ranking --leg L9", "expected a leg of the event (L1), got L9"),
    ("day", "ranking --up-to PC9", "expected a control of the event (CO1, PC1, PC2), got PC9"),
    ("day", "ranking --overall", "expected a ranking over all legs, found none"),
    (
        "day",
        "ranking --csv",
        "expected one ranking for CSV, got classic-leg-L1, modern-leg-L1: choose by --race",
    ),
    ("day", "score --control PC9", "expected a control of the event (CO1, PC1, PC2), got PC9"),
    ("day", "score --start-number 4", "expected a start number of the event (1, 2, 3, 11, 12), got 4"),
    ("day", "explain 4 PC1", "expected a start number of entries.csv, got 4"),
    ("day", "explain 1 PC9", "expected a control that 1 drives (CO1, PC1, PC2), got PC9"),
    ("day", "publish --race old", "expected a race of the event (classic, modern), got old"),
    ("day", "publish --to /dev/null/results", "/dev/null/results: cannot write the results: Not a directory; nothing"),
    ("day", "compare 1 2", "expected a ranking that was published, found none such: centesimo publish posts them"),
    ("published", "compare 1 2", "expected one ranking, got classic-leg-L1, modern-leg-L1: choose by"),
    ("published", "compare 1 3 --race classic", "expected a version of classic-leg-L1 from 1 to 2, got 3"),
    ("published", "compare 0 1 --race modern", "expected a version of modern-leg-L1 from 1 to 1, got 0"),
]


@pytest.mark.parametrize(("folder", "words", "why"), REFUSED, ids=[f"{row[0]}: {row[1]}" for row in REFUSED])
def test_refused(days, capfdbinary, folder, words, why):
    before = {path: path.read_bytes() for path in days[folder].iterdir() if path.is_file()}
    code, out, err = run(days, capfdbinary, folder, words)
    assert (code, out) == (1, "")
    assert re.fullmatch(r"error: [^\n]*\n", err)
    assert why in err
    assert {path: path.read_bytes() for path in days[folder].iterdir() if path.is_file()} == before


def test_a_folder_that_is_refused_gets_no_store(days, capfdbinary):
    assert run(days, capfdbinary, "empty", "ranking")[0] == 1
    assert list(days["empty"].iterdir()) == []


# words, exit code, what is said: of an event without a store.
WITHOUT_STORE = [
    ("ranking", 0, "Small Event: Classic, Leg 1"),
    ("score", 0, "Scores"),
    ("questions", 0, ""),
    ("register", 0, "No time checks."),
    ("explain 1 PC1", 0, "no passage at A1"),
    ("whatif --threshold 0.9", 0, "would have another place"),
    ("amend list", 0, "Amendments"),
    ("verify", 1, "centesimo.sqlite: expected a store, found none"),
    ("compare 1 2", 1, "centesimo.sqlite: expected a store, found none"),
    ("bundle --to no.bundle", 1, "centesimo.sqlite: expected a store, found none"),
    ("rebuild no.sqlite", 1, "centesimo.sqlite: expected a store, found none"),
]


@pytest.mark.parametrize(("words", "code", "said"), WITHOUT_STORE, ids=[row[0] for row in WITHOUT_STORE])
def test_what_only_reads_makes_no_store(tmp_path, capfdbinary, words, code, said):
    folder = write(tmp_path)
    before = sorted(folder.iterdir())
    assert call(*words.split(), "--event", str(folder)) == code
    out, err = capfdbinary.readouterr()
    assert said in (err if code else out).decode()
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("words", ["publish", "ranking", "verify"])
def test_an_empty_file_is_no_store(days, capfdbinary, tmp_path, words):
    folder = shutil.copytree(days["published"], tmp_path / "event")
    (folder / "centesimo.sqlite").write_bytes(b"")
    before = (folder / "results/classic-leg-L1.json").read_bytes()
    assert call(*words.split(), "--event", str(folder)) == 1
    assert "centesimo.sqlite is empty, perhaps a full disk cut it" in capfdbinary.readouterr().err.decode()
    assert (folder / "results/classic-leg-L1.json").read_bytes() == before


def test_nothing_is_approved_where_there_is_nothing_to_verify(days, capfdbinary):
    code, out, err = run(days, capfdbinary, "day", "verify")
    assert (code, "Nothing is wrong" in out) == (1, False)
    assert "nothing to verify: expected records of boards in the store, found none" in err


def test_every_mistake_of_the_folder_is_a_line(days, capfdbinary, tmp_path):
    folder = shutil.copytree(days["day"], tmp_path / "event")
    text = (folder / "event.toml").read_text(encoding="utf-8")
    (folder / "event.toml").write_text(text.replace("interval_s = 60", "interval_s = 0").replace('"A3"', '"A4"', 1))
    assert call("ranking", "--event", str(folder)) == 1
    lines = capfdbinary.readouterr().err.decode().splitlines()
    assert len(lines) >= 2
    assert all(re.match(r"error: .*event\.toml:\d+: expected ", line) for line in lines)


USAGE = [
    "ranking --json --csv",
    "publish --official",
    "publish --approved-by S",
    "publish --official --approved-by=",
    "compare 1",
    "compare one two",
    "explain 1",
    "explain one PC1",
    "score --start-number one",
    "score --zzz",
    "zzz",
]


@pytest.mark.parametrize("words", USAGE)
def test_wrong_usage(days, capfdbinary, words):
    code, out, err = run(days, capfdbinary, "day", words)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: ")
    assert "Error: " in err


# words, what is looked for in the JSON, as a path of keys, and its value.
JSON = [
    ("ranking --json", (0, "lines", 0, "total"), "4.02"),
    ("ranking --json --race modern", (0, "lines", 1, "scores", 1, "penalty"), "5"),
    ("score --json --start-number 12 --control PC1", ("scores", 0, "deviation"), 5),
    ("explain --json 12 PC1", ("penalty",), "5"),
    ("publish --json", ("posted", 1, "version"), 1),
    ("compare --json 1 2 --race classic", ("crews", 0, "total"), ["0.00", "415.25"]),
]


@pytest.mark.parametrize(("words", "path", "expected"), JSON, ids=[row[0] for row in JSON])
def test_json(days, capfdbinary, words, path, expected):
    code, out, err = run(days, capfdbinary, "published" if "compare" in words else "day", words)
    found = json.loads(out)
    for key in path:
        found = found[key]
    assert (code, err, found) == (0, "", expected)


def script(*words, **more):
    """Run the installed command; return what came."""
    found = Path(sys.executable).with_name("centesimo")
    if not found.exists():
        pytest.skip("centesimo is not installed beside this Python")
    return subprocess.Popen([found, *words], **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})


def test_the_installed_command(days):
    with script("ranking", "--race", "modern", "--csv", env={**os.environ, "CENTESIMO_EVENT": str(days["day"])}) as ran:
        out, err = ran.communicate()
    assert (ran.returncode, err) == (0, b"")
    assert out.splitlines()[1] == b"1,11,Crew 11,Ferrari Roma,2021,Team East,0,0,0,0,1.21,0.00,0.00,0.00,"


def test_a_reader_that_goes_away_is_no_error_to_see(days):
    with script("score", "--json", "--event", str(days["day"])) as ran:
        ran.stdout.close()
        assert ran.stderr.read() == b""


def test_a_terminal_without_utf_8_gets_plain_letters(days):
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with script("score", "--start-number", "2", "--event", str(days["day"]), env=env) as ran:
        out, err = ran.communicate()
    assert (ran.returncode, err) == (0, b"")
    assert b"-0.02 s" in out


PLAIN = [("−1.05", "-1.05"), ("5 → 4", "5 -> 4"), ("– ½ 大", "- ? ?"), ("plain", "plain")]


@pytest.mark.parametrize(("text", "letters"), PLAIN)
def test_plain_letters(text, letters):
    found, place = "", 0
    while place < len(text):
        end = place + 1
        if ord(text[place]) > 127:
            letter, end = plain_letters(UnicodeEncodeError("ascii", text, place, end, ""))
        else:
            letter = text[place]
        found, place = found + letter, end
    assert found == letters


# What commands.md says of the options of most verbs.
COMMON = {"--event", "--store", "--json", "--help"}


def verbs(command):
    """Return a command and, of a group, all its verbs."""
    return [command, *command.commands.values()] if isinstance(command, click.Group) else [command]


def verb_of(name):
    return centesimo.get_command(click.Context(centesimo), name)


def flat(text):
    return " ".join((text or "").split())


def test_every_verb_is_documented_in_the_order_of_the_flow():
    assert list(SECTIONS) == list(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_every_argument_and_option_is_documented(name):
    command, section = verb_of(name), SECTIONS.get(name, "")
    documented = set(re.findall(r"^\| `(--[\w-]+)` \|", section, re.MULTILINE))
    options = {
        option
        for verb in verbs(command)
        for parameter in verb.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert documented == options - COMMON
    usage = (
        "VERB"
        if isinstance(command, click.Group)
        else " ".join(command.collect_usage_pieces(click.Context(command))[1:])
    )
    assert flat(f"centesimo {name} {usage}") in flat(section)


def test_the_verbs_are_listed_with_their_own_first_sentences():
    """No verb is imported for the list, so it is held here against the verbs themselves."""
    context = click.Context(centesimo, info_name="centesimo", terminal_width=80)
    listed = [
        line for line in centesimo.get_help(context).partition("Before the day:\n")[2].splitlines() if line[:2] == "  "
    ]
    own = [f"  {name:10} {verb_of(name).get_short_help_str(80 - 6 - max(map(len, VERBS)))}" for name in VERBS]
    assert listed == own


@pytest.mark.parametrize("name", VERBS)
def test_the_help_says_what_the_document_says(name):
    section = flat(SECTIONS.get(name, "").replace("`", ""))
    for verb in verbs(verb_of(name)):
        first = flat(verb.help.split("\n\n")[0]) if verb.help else "nothing"
        assert first in section
        assert all(parameter.help for parameter in verb.params if isinstance(parameter, click.Option))


def test_the_help_lists_the_verbs(capfdbinary):
    assert call("--help") == 0
    out = capfdbinary.readouterr().out.decode()
    groups = {
        name: tuple(re.findall(r"^  (\w+)  ", body, re.MULTILINE))
        for name, body in re.findall(
            r"^(\S[^:\n]*):\n(.*?)(?=^\S|\Z)", out.split("--help")[-1], re.DOTALL | re.MULTILINE
        )
    }
    assert groups == GROUPS
    assert len(set(VERBS)) == len(VERBS)


# words whose output meets a full disk, or a reader that is gone.
UNSAID = ["score", "score --json", "ranking --csv --race modern", "explain 2 PC1", "check", "--help", "publish"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", UNSAID)
def test_an_output_that_takes_nothing_is_one_line(days, words):
    where = [days["day"]] if words == "check" else [] if words == "--help" else ["--event", days["day"]]
    with open("/dev/full", "w") as full, script(*words.split(), *where, stdout=full) as ran:
        err = ran.stderr.read()
    assert (ran.returncode, err) == (1, b"error: what is said cannot be written: No space left on device\n")


@pytest.mark.parametrize("words", UNSAID)
def test_a_reader_that_goes_away_is_no_error_of_any_verb(days, words):
    where = [days["day"]] if words == "check" else [] if words == "--help" else ["--event", days["day"]]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone, script(*words.split(), *where, stdout=gone) as ran:
        err = ran.stderr.read()
    assert (ran.returncode, err) == (1, b"")


@pytest.mark.parametrize("at", ["centesimo.commands.score", "centesimo.compute", "sqlalchemy"])
def test_an_interrupt_while_a_verb_is_loaded_ends_it_with_130(days, at):
    code = f"""
import sys
class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == {at!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
from centesimo.commands.main import main
sys.argv = ["centesimo", "score"]
main()
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=days["day"])
    assert (ran.returncode, ran.stdout, ran.stderr.strip()) == (130, b"", b"error: interrupted")


LONG = "x" * 300
# words with a path that is too long, or a name that is no UTF-8.
NAMES = [
    f"check {LONG}",
    f"ranking --event {LONG}",
    f"verify --event {LONG}",
    f"load {LONG} --event .",
    f"rebuild {LONG} --event .",
    f"register --page {LONG} --event .",
    f"publish --to {LONG} --event .",
    f"bundle --to {LONG} --event .",
    "check x\udcff",
    "load x\udcff --event .",
    "ranking --event x\udcff",
]


@pytest.mark.parametrize("words", NAMES, ids=ascii)
def test_a_name_that_no_file_can_have_is_one_line(days, capfdbinary, monkeypatch, words):
    monkeypatch.chdir(days["day"])
    assert call(*words.split()) == 1
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert re.fullmatch(r"error: [^\n]*(x{300}|x\\udcff)[^\n]*\n(error: 1 mistake in [^\n]*\n)?", err.decode())


@pytest.mark.parametrize("words", ["check EVENT", "ranking --event EVENT", "load EVENT/event.toml --event EVENT"])
def test_what_may_not_be_read_is_refused_and_no_wrong_usage(capfdbinary, tmp_path, words):
    for path in (write(tmp_path / "event") / "event.toml", tmp_path / "event"):
        path.chmod(0)
    readable = os.access(tmp_path / "event", os.R_OK)
    code = call(*words.replace("EVENT", str(tmp_path / "event")).split())
    (tmp_path / "event").chmod(0o700)
    if readable:
        pytest.skip("root may read everything")
    assert code == 1
    assert re.fullmatch(rb"(error: [^\n]*\n)+", capfdbinary.readouterr().err)


# a file whose name is no UTF-8, the verb that refuses it.
FILES = [("\udcff.toml", "ranking"), ("lists/\udcff.csv", "check")]


@pytest.mark.parametrize(("name", "verb"), FILES, ids=["rule book", "list"])
def test_a_file_whose_name_is_no_utf_8_is_refused_with_its_name(days, capfdbinary, tmp_path, name, verb):
    folder = write(tmp_path)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("start_number\n")
    assert call(verb, "--event", str(folder)) == 1
    lines = capfdbinary.readouterr().err.decode().splitlines()
    assert lines[0].startswith(f"error: {folder}/{ascii(name)[1:-1]}: expected ")


def test_what_comes_by_a_pipe_is_read_once(days, tmp_path):
    folder = write(tmp_path)
    with script("load", "/dev/stdin", "--event", str(folder), stdin=subprocess.PIPE) as ran:
        out, err = ran.communicate(b"timing_point,instant,source\nC1,2027-05-23T09:10:00Z,hand\n")
    assert (ran.returncode, out, err) == (0, b"/dev/stdin: 1 new passage\n", b"")


# words of verbs that write one file, "FILE", and what they say of a full disk.
WRITERS = [
    ("register --page FILE", rb"/file: "),
    ("bundle --to FILE", rb"/snapshot.sqlite: expected room for a copy of .*/centesimo.sqlite: "),
    ("rebuild FILE", rb"/file: "),
]


@pytest.mark.parametrize(("words", "expected"), WRITERS, ids=[row[0] for row in WRITERS])
def test_a_full_disk_leaves_no_part_of_a_file(days, capfdbinary, tmp_path, words, expected):
    call(*words.replace("FILE", str(tmp_path / "whole")).split(), "--event", str(days["published"]))
    size = (tmp_path / "whole").stat().st_size
    (tmp_path / "whole").unlink()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        code = call(*words.replace("FILE", str(tmp_path / "file")).split(), "--event", str(days["published"]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (code, list(tmp_path.iterdir())) == (1, [])
    assert re.fullmatch(rb"error: [^\n]*" + expected + rb"[^\n]*\n", capfdbinary.readouterr().err)


def test_a_device_is_no_file_to_be_replaced(days, capfdbinary):
    assert call("register", "--page", "/dev/null", "--event", str(days["day"])) == 1
    assert (
        capfdbinary.readouterr().err == b"error: /dev/null: expected the name of a file, got that of something else\n"
    )


# what stands for the content of version 1, and what is said of it.
CONTENTS = ["no JSON", "[]", "{}", '{"event": "another"}']


@pytest.mark.parametrize("content", CONTENTS)
def test_a_posted_version_that_was_altered_is_refused_and_found(days, capfdbinary, tmp_path, content):
    folder = shutil.copytree(days["published"], tmp_path / "event")
    with closing(sqlite3.connect(folder / "centesimo.sqlite", isolation_level=None)) as plain:
        for (trigger,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            plain.execute(f"DROP TRIGGER {trigger}")
        plain.execute("UPDATE publications SET content = ? WHERE race = 'classic' AND version = 1", [content])
    why = "version 1 of classic-leg-L1 in the store is not as it was posted: its digest is another"
    for words in ("compare 1 2 --race classic", "publish", "verify"):
        assert call(*words.split(), "--event", str(folder)) == 1
        line = capfdbinary.readouterr().err.decode().splitlines()[0]
        assert line.removeprefix("error: ").removeprefix("publication: ").startswith(why)
