"""Decisions from elsewhere: shown before they are taken, signed by their device, proposals until somebody accepts."""

from contextlib import closing

import pytest
from click.testing import CliRunner

from centesimo.amend import made
from centesimo.commands.main import centesimo
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.model.errors import LoadError, SecretError
from centesimo.store import IN_MEMORY, Store
from centesimo.store.attest import against, attest, facts_in, find_lines
from centesimo.store.bundle import write_bundle
from centesimo.store.load_bundle import load_bundle
from centesimo.store.row_digests import insert
from centesimo.store.schema import signatures
from centesimo.store.signing import Device, is_signed, this_device
from centesimo.store.verify import verify
from tests.events import write
from tests.test_rivals import RIGHT, archived

EXCLUDED = made("exclude", "The stewards", "the leader cut a corner", 7, start_number=1)


@pytest.fixture
def folder(tmp_path):
    folder = write(tmp_path / "event")
    with closing(Store.of_event(folder)) as store:
        archived(store, RIGHT)
    return folder


@pytest.fixture
def office(tmp_path):
    """Return the device of another laptop."""
    return this_device(tmp_path / "office")


def speaks(store, line):
    with store.reading() as connection:
        return against(facts_in(connection), line)


def bundle_of(store):
    with store.reading() as connection:
        return write_bundle(connection)


def bundle_with(decision, device):
    with closing(Store.open(IN_MEMORY)) as store:
        archived(store, RIGHT)
        store.add_decision(decision, [], device)
        return bundle_of(store)


def run(*words):
    return CliRunner().invoke(centesimo, [str(word) for word in words])


def loaded(folder, tmp_path, device):
    path = tmp_path / "from-the-office.bundle"
    path.write_bytes(bundle_with(EXCLUDED, device))
    return run("load", path, "--event", folder)


def excluded(folder):
    with closing(Store.of_event(folder)) as store:
        outcome = compute(facts_of(folder, store))
    return [score.start_number for score in outcome.scores if score.status == "excluded"] != []


def test_what_a_stranger_decided_is_shown_and_changes_nothing_until_somebody_accepts_it(folder, tmp_path, office):
    ran = loaded(folder, tmp_path, office)
    assert ran.exit_code == 0, ran.output
    shown = (
        "1 decisions came; they are proposals",
        f"{EXCLUDED.id}  exclude: crew 1 is excluded",
        "Rankings that change",
    )
    signed = ("The stewards: the leader cut a corner", f"signed by {office.key[:12]}")
    assert [words for words in (*shown, *signed) if words not in ran.output] == []
    assert not excluded(folder)
    assert f"Amendment {EXCLUDED.id} (exclude: crew 1 is excluded) by The stewards is a proposal" in " ".join(
        run("score", "--event", folder).output.split()
    )
    assert "a proposal" in run("amend", "list", "--event", folder).output
    refused = run("amend", "accept", "--all", "--who", "Clerk", "--event", folder)
    assert "nothing was accepted" in str(refused.exception)
    assert not excluded(folder)
    taken = run("amend", "accept", EXCLUDED.id[:6], "--who", "Clerk", "--yes", "--event", folder)
    assert taken.exit_code == 0, taken.output
    assert excluded(folder)
    assert run("amend", "accept", "--all", "--who", "Clerk", "--yes", "--event", folder).output.startswith(
        "No decision"
    )


def test_what_a_trusted_device_signed_counts_as_it_comes_and_nothing_that_is_unsigned(folder, tmp_path, office):
    trusted = run("devices", "--event", folder, "trust", office.key, "--name", "office", "--who", "Clerk")
    assert trusted.exit_code == 0, trusted.output
    assert "office: trusted" in run("devices", "--event", folder).output
    assert "1 decisions count" in loaded(folder, tmp_path, office).output
    assert excluded(folder)
    (tmp_path / "b").write_bytes(bundle_with(made("exclude", "w", "y", 8, start_number=2), None))
    assert "signed by nobody" in run("load", tmp_path / "b", "--event", folder).output


def test_what_this_computer_signed_counts_in_a_new_store_of_its_own(folder, tmp_path):
    (tmp_path / "b").write_bytes(bundle_with(EXCLUDED, this_device()))
    assert "1 decisions count" in run("load", tmp_path / "b", "--event", folder).output
    assert excluded(folder)


def test_whoever_is_not_trusted_any_more_proposes_again(folder, tmp_path, office):
    for verb in ("trust", "distrust"):
        run("devices", "--event", folder, verb, office.key, "--name", "office", "--who", "Clerk")
    loaded(folder, tmp_path, office)
    assert not excluded(folder)


# name, what somebody who has no key of the office writes in its place.
FORGED = [
    ("another device's signature under the office's key", lambda office, own, line: (office.key, own.signature(line))),
    ("a signature of another decision", lambda office, own, line: (office.key, office.signature(line + " "))),
    ("no signature", lambda office, own, line: (office.key, "0" * 128)),
    ("a key that is none", lambda office, own, line: ("f" * 64, "0" * 128)),
]


@pytest.mark.parametrize("forge", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_a_signature_that_does_not_fit_is_refused_with_the_whole_bundle(folder, tmp_path, office, forge):
    key, signature = forge(office, this_device(tmp_path / "forger"), "what the stewards decided")
    with closing(Store.open(IN_MEMORY)) as store:
        store.add_decision(EXCLUDED, [], None)
        with store.writing() as connection:
            insert(connection, signatures, [{"decision": EXCLUDED.id, "key": key, "signature": signature}])
        raw = bundle_of(store)
    with closing(Store.of_event(folder)) as store:
        store.trust(office.key, "office", "Clerk", 1)
        with pytest.raises(LoadError, match=f"expected a signature of amendment {EXCLUDED.id} by device {key[:12]}"):
            load_bundle(store, "b", raw)
        assert (store.decisions(), store.proposals()) == ([], [])


def test_a_decision_made_here_counts_is_signed_and_stays_whoever_is_trusted(folder):
    ran = run("amend", "exclude", 1, "--who", "Clerk", "--why", "a shortcut", "--yes", "--event", folder)
    assert ran.exit_code == 0, ran.output
    with closing(Store.of_event(folder)) as store:
        assert store.signers() == {this_device().key: 1}
        assert [one.is_trusted for one in store.devices()] == [True]
        assert [problem for problem in verify(store)[1] if problem.kind == "row"] == []
    assert excluded(folder)


def test_a_key_is_made_once_for_its_owner_alone_and_a_file_that_others_read_is_refused(tmp_path):
    path = tmp_path / "config" / "device"
    device = this_device(path)
    assert this_device(path) == device
    assert path.stat().st_mode & 0o777 == 0o600
    assert is_signed(device.key, device.signature("a"), "a")
    assert not is_signed(device.key, device.signature("a"), "b")
    path.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        this_device(path)


def test_ed25519_is_that_of_rfc_8032():
    """The first vector of RFC 8032, 7.1, is of an empty message; the library must have the public key of its seed."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    from centesimo.store.signing import _public

    assert _public(seed) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Device("", seed).signature("x") != Device("", seed).signature("y")


# Attest.


def test_a_line_holds_while_the_store_grows_and_finds_what_was_taken_away_or_rewritten(folder):
    import sqlite3

    path = folder / "centesimo.sqlite"
    with closing(Store.of_event(folder)) as store:
        line = attest(store, 1_811_055_600_000_000_000)
        assert str(line).startswith(f"centesimo attest 1 {line.rows}+{line.runs} 2027-05-23T07:00:00Z ")
        assert find_lines(f"<p>{line}</p>") == [line]
        store.add_decision(EXCLUDED, [])
        assert speaks(store, line) == ""
        later = attest(store, 1_811_055_601_000_000_000)
        assert later.head != line.head
    with closing(sqlite3.connect(path)) as plain, plain:
        triggers = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            plain.execute(f"DROP TRIGGER {name}")
        # The decision is taken out, digests and all, by somebody who knows this program.
        for statement in ("DELETE FROM amendments", "DELETE FROM acceptances",
                          "DELETE FROM digests WHERE kind IN ('amendment', 'acceptance')"):  # fmt: skip
            plain.execute(statement)
        for _, sql in triggers:
            plain.execute(sql)
    with closing(Store.of_event(folder)) as store:
        assert verify(store)[1] == []  # inside nothing tells it
        assert speaks(store, line) == ""
        assert "2 of the" in speaks(store, later)
        assert "taken away" in speaks(store, later)
    ran = run("verify", "--event", folder, "--against", str(later))
    assert f"attested: 2 of the {later.rows + later.runs} facts attested at 2027-05-23T07:00:01Z" in str(ran.exception)
    ran = run("verify", "--event", folder, "--against", str(line._replace(head="0" * 64)))
    assert "something of them was rewritten" in str(ran.exception)
    assert "expected a line" in str(run("verify", "--event", folder, "--against", "x").exception)


def test_a_posted_page_carries_such_a_line(folder, tmp_path):
    assert run("publish", "--event", folder).exit_code == 0
    page = folder / "results" / "classic-leg-L1.html"
    with closing(Store.of_event(folder)) as store:
        (line,) = find_lines(page.read_text())
        assert speaks(store, line) == ""
    assert "attested" not in str(run("verify", "--event", folder, "--against", page).exception)
    page.write_text(page.read_text().replace(line.head, "0" * 64))
    assert "something of them was rewritten" in str(run("verify", "--event", folder, "--against", page).exception)
