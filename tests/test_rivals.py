"""Rival records: a forged one changes nothing quietly; what nothing tells is open until an official chooses.

Two crews drive the small event's first trial. The rival of a record is the same edge 50 ms earlier, or another anchor.
"""

import shlex
from contextlib import closing

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.boards.secret import board_secret
from centesimo.commands.main import centesimo
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.model.facts import OPEN
from centesimo.model.findings import FindingKind
from centesimo.model.rivals import Ground, digest_of
from centesimo.questions import questions
from centesimo.store import IN_MEMORY, Store
from centesimo.store.bundle import write_bundle
from centesimo.store.load_bundle import load_bundle
from centesimo.store.signing import this_device
from centesimo.store.verify import verify
from centesimo_protocol import record
from centesimo_protocol.chain import FIRST_LINK, Key
from tests.events import FIRST_AT_NS, write
from tests.test_merge import A1, AT_A, journal, taped

RIGHT = journal(AT_A)
CREWS_OF_PC1 = (1, 2, 3)
WHO = ("--who", "Clerk", "--why", "the board was read again", "--yes")


def altered(sequence, **values):
    """Return a record of RIGHT with other values and a right check."""
    return record.pack(record.unpack(RIGHT[sequence - 1])._replace(**values))


EARLIER = altered(2, counter_us=record.unpack(RIGHT[1]).counter_us - 50_000)  # crew 1 at A1
ANCHOR = altered(1, utc_s=record.unpack(RIGHT[0]).utc_s + 1)
HEALTH = record.pack(record.Health(9, 1, 1_300_000_000, 3300, 2000, 9, 3, 0, 0))
OTHER_HEALTH = record.pack(record.Health(9, 1, 1_300_000_001, 3300, 2000, 9, 3, 0, 0))


def bare(store, raw, board=A1):
    store.add_records(board, "port", [raw], FIRST_AT_NS)


def archived(store, raws):
    board, port, raws, now_ns, version, part = taped(A1, raws)
    store.add_records(board, port, raws, now_ns, version, part)


# name, what is archived beside all that is right, what came bare, crews of PC1 that are open, where it is found
CASES = [
    ("nothing", [], [], (), []),
    ("a bare edge is earlier", [], [EARLIER], (), ["A1"]),
    ("an edge is earlier in an archive too", [EARLIER], [], (1,), ["A1"]),
    ("a bare anchor is another second", [], [ANCHOR], (), ["A1", "A2"]),
    ("an anchor is another second in an archive too", [ANCHOR], [], (1, 2, 3), ["A1", "A2"]),
    ("two states of health", [HEALTH, OTHER_HEALTH], [], (), [A1]),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "event")


@pytest.mark.parametrize(
    ("in_archive", "came_bare", "crews", "places"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_nothing_tells_is_open_and_what_is_archived_counts(folder, in_archive, came_bare, crews, places):
    with closing(Store.of_event(folder)) as store:
        for raw in came_bare:
            bare(store, raw)
        archived(store, RIGHT)
        for raw in in_archive:
            archived(store, [raw])
        facts = facts_of(folder, store)
    outcome = compute(facts)
    pc1 = {score.start_number: score for score in outcome.scores if score.control == "PC1"}
    assert tuple(number for number in CREWS_OF_PC1 if pc1[number].status == OPEN) == crews
    right = [number for number in CREWS_OF_PC1 if number not in crews]
    assert [pc1[number].deviation for number in right] == [2] * len(right)  # 30.02 s instead of 30 s
    assert sorted(one.where for one in outcome.findings if one.kind == FindingKind.RIVAL) == sorted(places)
    several = [one for one in outcome.findings if one.kind == FindingKind.SEVERAL_BOARDS]
    assert [(one.where, one.about.numbers) for one in several] == [(A1, 1)] * bool(in_archive)
    asked = questions(facts, outcome)
    assert sum("came in 2 versions" in question.text for question in asked) == bool(places)
    if crews:
        assert any("centesimo amend choose" in question.command for question in asked)
        assert not [question for question in asked if "insert" in question.command and "A1" in question.text]


def run(*words):
    return CliRunner().invoke(centesimo, [str(word) for word in words])


def forged(folder):
    """Fill an event's store with what is right, and with an archive in which crew 1 passed 50 ms earlier."""
    with closing(Store.of_event(folder)) as store:
        archived(store, RIGHT)
        archived(store, [EARLIER])


def test_an_official_chooses_and_takes_it_back(folder):
    forged(folder)

    def score():
        with closing(Store.of_event(folder)) as store:
            outcome = compute(facts_of(folder, store))
        one = next(score for score in outcome.scores if (score.control, score.start_number) == ("PC1", 1))
        return one.deviation, [finding for finding in outcome.findings if finding.kind == FindingKind.RIVAL] == []

    assert score() == (None, False)
    for raw, deviation in ((RIGHT[1], 2), (EARLIER, 7)):
        ran = run("amend", "choose", A1, 2, digest_of(raw)[:6], *WHO, "--event", folder)
        assert ran.exit_code == 0, ran.output
        assert "30.07 s" in ran.output or "2/100 s late" in ran.output or deviation == 7
        assert score() == (deviation, True)
        again = run("amend", "choose", A1, 2, digest_of(EARLIER), *WHO, "--event", folder)
        assert "one was chosen by" in str(again.exception)
        number = ran.output.split("stored as amendment ")[1].split()[0]
        assert run("amend", "withdraw", number, *WHO, "--event", folder).exit_code == 0
        assert score() == (None, False)


def later(raws):
    """Return another board's journal: each of these records 40 s later, and three more edges behind them."""
    told = [record.unpack(raw) for raw in raws]
    moved = [value._replace(counter_us=value.counter_us + 40_000_000) for value in told]
    more = [moved[1]._replace(sequence=len(raws) + n, counter_us=moved[-1].counter_us + n) for n in (1, 2, 3)]
    return [record.pack(value) for value in (*moved, *more)]


def exchanged(folder, *bare_records):
    """Fill an event's store with the right journal, read in two visits, and that of another board of the same id."""
    with closing(Store.of_event(folder)) as store:
        for raws in (RIGHT[:3], RIGHT[3:], later(RIGHT)):
            archived(store, raws)
        for raw in bare_records:
            bare(store, raw)


def of_now(folder):
    with closing(Store.of_event(folder)) as store:
        facts = facts_of(folder, store)
    return facts, compute(facts)


def test_a_whole_journal_is_chosen_by_one_decision(folder):
    exchanged(folder)
    facts, outcome = of_now(folder)
    assert len(facts.rivals) == len(RIGHT)
    asked = [question for question in questions(facts, outcome) if "choose" in question.command]
    assert [question.text for question in asked] == [
        f"2 journals came under the id of board A1 A2 Bridge ({A1}): {len(RIGHT)} of their records differ, from 1 on; "
        "nothing tells which is right, and what hangs on it is open until an official chooses: which journal counts?"
    ]
    commands = {asked[0].command.split(" --who")[0], asked[0].otherwise.split(" --who")[0]}
    right, wrong = (
        f'centesimo amend choose-journal "A1 A2 Bridge ({A1})" 1 {digest_of(raws[0])}' for raws in (RIGHT, later(RIGHT))
    )
    assert commands == {right, wrong}
    assert "came twice, with other bytes" in str(run("verify", "--event", folder).exception)

    def chosen(command):
        ran = run(*shlex.split(command)[1:], *WHO, "--event", folder)
        assert ran.exit_code == 0, ran.output
        _, outcome = of_now(folder)
        kinds = {finding.kind for finding in outcome.findings}
        assert not kinds & {FindingKind.RIVAL, FindingKind.SEVERAL_BOARDS}
        verified = run("verify", "--event", folder)
        assert (verified.exit_code, "Nothing is wrong." in verified.output) == (0, True), verified.exception
        sequences = {edge.sequence for passage in outcome.passages for edge in passage.edges}
        number = ran.output.split("stored as amendment ")[1].split()[0]
        return number, sequences, [score.deviation for score in outcome.scores if score.control == "PC1"][:3]

    number, sequences, deviations = chosen(right)
    assert max(sequences) == len(RIGHT) - 1  # its last record is none of an edge
    assert deviations == [2, 2, 2]
    again = run(*shlex.split(wrong)[1:], *WHO, "--event", folder)
    assert f"of the journals of board A1 A2 Bridge ({A1}) one was chosen by" in str(again.exception)
    assert run("amend", "withdraw", number, *WHO, "--event", folder).exit_code == 0
    assert len(of_now(folder)[1].contests) == len(RIGHT)
    _, sequences, _ = chosen(wrong)
    assert max(sequences) == len(RIGHT) + 3


def test_a_decision_about_one_number_lies_over_that_about_the_journal(folder):
    exchanged(folder)
    for words in (("choose-journal", A1, 1, digest_of(RIGHT[0])), ("choose", A1, 2, digest_of(later(RIGHT)[1]))):
        assert run("amend", *words, *WHO, "--event", folder).exit_code == 0
    _, outcome = of_now(folder)
    assert outcome.contests == ()
    counted = {edge.sequence: edge.counter_us for passage in outcome.passages for edge in passage.edges}
    assert counted[2] == record.unpack(later(RIGHT)[1]).counter_us
    assert counted[3] == record.unpack(RIGHT[2]).counter_us


def test_a_record_that_was_read_off_no_board_names_no_journal(folder):
    exchanged(folder, EARLIER)
    ran = run("amend", "choose-journal", A1, 2, digest_of(EARLIER), *WHO, "--event", folder)
    assert f"expected a version that was read off a board, got {digest_of(EARLIER)}" in str(ran.exception)
    assert run("amend", "choose-journal", A1, 2, digest_of(RIGHT[1]), *WHO, "--event", folder).exit_code == 0
    assert run("verify", "--event", folder).exit_code == 0


# name, what is typed, what is said of it.
REFUSED = [
    ("a record of one version", (A1, 3, "0" * 12), "expected a record that came in several versions, got 3 of board"),
    ("another board", ("00000000000000ff", 2, "0" * 12), "expected a record that came in several versions, got 2 of"),
    ("no version of it", (A1, 2, "0" * 12), "expected one of the versions of record 2 ("),
]


@pytest.mark.parametrize(("words", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_chosen_is_refused(folder, words, says):
    forged(folder)
    ran = run("amend", "choose", *words, *WHO, "--event", folder)
    assert says in str(ran.exception)


def test_every_verb_says_it(folder):
    forged(folder)
    word = "came in several versions"
    for verb in (("score",), ("explain", 1, "PC1"), ("publish",)):
        assert word in run(*verb, "--event", folder).output.replace("\n", " "), verb
    assert "came in 2 versions" in run("questions", "--event", folder).output
    ran = run("verify", "--event", folder)
    digests = [digest_of(raw) for raw in (EARLIER, RIGHT[1])]
    assert f"record 2 came twice, with other bytes: {digests[0]} and {digests[1]}; nothing tells" in str(ran.exception)


def test_a_bundle_that_brings_one_says_so(folder, tmp_path):
    with closing(Store.of_event(folder)) as store:
        archived(store, RIGHT)
    with closing(Store.open(IN_MEMORY)) as other:
        bare(other, EARLIER)
        with other.reading() as connection:
            (tmp_path / "b.bundle").write_bytes(write_bundle(connection))
    ran = run("load", tmp_path / "b.bundle", "--event", folder)
    assert ran.exit_code == 0, ran.output
    used, rival = digest_of(RIGHT[1]), digest_of(EARLIER)
    assert f"record 2 of board A1 A2 Bridge ({A1}) came in several versions: {used} is used, not {rival}" in ran.output
    with closing(Store.open(IN_MEMORY)) as other:  # the same record once more, now with an archive of its own
        archived(other, [EARLIER])
        with other.reading() as connection:
            (tmp_path / "c.bundle").write_bytes(write_bundle(connection))
    ran = run("load", tmp_path / "c.bundle", "--event", folder)
    assert f"record 2 of board A1 A2 Bridge ({A1}) came in several versions: {rival} is used, not {used}" in ran.output
    assert "nothing tells which is right" in ran.output
    assert "came in several versions" in run("score", "--start-number", 1, "--event", folder).output
    assert run("load", tmp_path / "c.bundle", "--event", folder).output.count("versions") == 0


VERSIONS = [RIGHT[1], EARLIER, altered(2, counter_us=1), altered(2, boot=2)]
came = st.lists(st.tuples(st.sampled_from(VERSIONS), st.booleans()), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(came, st.randoms(use_true_random=False))
def test_two_laptops_with_the_same_facts_agree(pairs, random):
    def stored(order):
        store = Store.open(IN_MEMORY)
        for raw, is_archived in order:
            (archived if is_archived else lambda store, raws: bare(store, raws[0]))(store, [raw])
        return store

    shuffled = random.sample(pairs, len(pairs))
    with closing(stored(pairs)) as one, closing(stored(shuffled)) as other, closing(Store.open(IN_MEMORY)) as third:
        with one.reading() as connection:
            load_bundle(third, "b", write_bundle(connection))
        assert one.rivals() == other.rivals() == third.rivals()
        assert one.records() == other.records() == third.records()
        for every in one.rivals():
            in_archive = {raw for raw, is_archived in pairs if is_archived}
            is_first = [version.raw in in_archive for version in every.versions]
            assert is_first == sorted(is_first, reverse=True)
            tells = len(in_archive) and len(in_archive) < len(every.versions)
            assert (every.ground == Ground.NOTHING) == (not tells or is_first[1])


# What the board's secret proves.

SECRET = b"s" * 24


def sealed(raws, secret):
    """Return records with the seal that a board with this secret writes behind them."""
    mac = Key(secret).block(FIRST_LINK)
    for raw in raws:
        mac.add(raw)
    sequence, counter_us = len(raws) + 1, record.unpack(raws[-1]).counter_us + 1
    tag = mac.tag(sequence, 1, counter_us, len(raws))
    return [*raws, record.pack(record.Seal(sequence, 1, counter_us, len(raws), tag))]


@pytest.mark.parametrize("forged_first", [True, False])
def test_what_the_secret_proves_counts_where_the_device_is_trusted_that_verified_it(tmp_path, forged_first):
    device, stranger = this_device(tmp_path / "office"), this_device(tmp_path / "stranger")
    with closing(Store.open(tmp_path / "s.sqlite")) as store, closing(Store.open(IN_MEMORY)) as other:
        for raws in ([EARLIER], sealed(RIGHT, SECRET))[:: 1 if forged_first else -1]:
            archived(store, raws)
        (rivals,) = store.rivals()
        assert (rivals.ground, rivals.versions[0].raw) == (Ground.NOTHING, EARLIER)
        checked, _ = verify(store, lambda board: [SECRET])
        (proof,) = checked[0].proofs
        assert (proof.first, proof.last, proof.raw) == (1, len(RIGHT) + 1, RIGHT[1])
        assert verify(store, lambda board: [b"x" * 24])[0][0].proofs == ()
        store.add_verification(stranger, A1, (1, 5), EARLIER, 7)
        store.add_verification(device, A1, (proof.first, proof.last), proof.raw, 8)
        assert store.rivals() == (rivals,)  # nobody is trusted so far
        store.trust(device.key, "office", "Clerk", 9)
        (proven,) = store.rivals()
        assert (proven.ground, proven.versions[0].raw) == (Ground.PROVEN, RIGHT[1])
        with store.reading() as connection:
            load_bundle(other, "b", write_bundle(connection))
        assert other.rivals() == (rivals,)
        other.trust(device.key, "office", "Clerk", 9)
        assert other.rivals() == (proven,)


def test_the_command_keeps_what_it_proved(folder, tmp_path, monkeypatch):
    master = b"m" * 24
    (tmp_path / "secrets").write_text(f"{master.hex()}\n")
    (tmp_path / "secrets").chmod(0o600)
    monkeypatch.setenv("CENTESIMO_SECRETS", str(tmp_path / "secrets"))
    with closing(Store.of_event(folder)) as store:
        archived(store, sealed(RIGHT, board_secret(master, A1)))
        archived(store, [EARLIER])
    assert "nothing tells" in str(run("verify", "--event", folder).exception)
    assert "is proven by the board's secret" in str(run("verify", "--event", folder).exception)
    with closing(Store.of_event(folder)) as store:
        outcome = compute(facts_of(folder, store))
    pc1 = [score.deviation for score in outcome.scores if score.control == "PC1" and score.start_number in CREWS_OF_PC1]
    assert pc1 == [2, 2, 2]
