"""Facts that the doors accept and that lie, through every verb: python -m tests.lying_facts --boards 300 --seed 1.

Three parts: wild records (260 boards of 50), boards with another journal under a known id, and facts of every kind at
their extremes (hypothesis). After each every verb that reads a store must end with 0 or with one line of ours (`verify`
with one a problem), and every live page must be made. What does not is named by its seed.
"""

import argparse
import json
import os
import time
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import hypothesis
from click.testing import CliRunner
from hypothesis import strategies as st

from centesimo.amend import made
from centesimo.amend.choices import settled
from centesimo.amend.values import LAST_AT_NS
from centesimo.commands.main import centesimo
from centesimo.compute import compute
from centesimo.gather import facts_of
from centesimo.live.days import LiveDays
from centesimo.live.site import Site
from centesimo.model.decisions import KINDS
from centesimo.model.errors import LoadError, TimingError
from centesimo.model.facts import Sighting
from centesimo.model.rivals import digest_of
from centesimo.sightings import identity
from centesimo.store import Store
from centesimo.store.load_bundle import load_bundle
from centesimo.store.verify import verify
from centesimo_protocol import record
from tests.events import FIRST_AT_NS, changed, write
from tests.plain_board import PlainBoard
from tests.test_collect import collected
from tests.test_doors import decision, sealed
from tests.test_merge import A1, A2, journal, taped
from tests.test_wild_records import anchored
from tests.wild_records import wild

PLACE = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
TELL_S = 60
PHASES = (hypothesis.Phase.generate,)  # to make a set smaller would run every verb hundreds of times
WILD_BOARDS, WILD_RECORDS = 260, 50
VERBS = (
    "check",
    "course",
    "score",
    "questions",
    "ranking",
    "explain 1 PC1",
    "explain 2 CO1",
    "register",
    "publish --yes",
    "compare 1 2 --race classic --leg L1",
    "order 1 --race classic --leg L1",
    "picture",
    "whatif --cancel PC1 --bounce-ms 40",
    "amend list",
    "amend retire 4 --who Clerk --why ill --yes",
    "devices",
    "bundle --to out.bundle",
    "attest",
    "verify",
    "verify --json",
    "rebuild again.sqlite",
)
ZONE = 'timezone = "Europe/Rome"'
FILES = changed("event.toml", ZONE, f'{ZONE}\nlanguages = ["it", "en", "de", "fr"]')
WRITTEN = ("out.bundle", "again.sqlite")


def hold(folder):
    """Run every verb on an event folder and make every live page; AssertionError for what ends otherwise."""
    for name in WRITTEN:
        (folder / name).unlink(missing_ok=True)
    for verb in VERBS:
        words = [str(folder / word) if word in WRITTEN else word for word in verb.split()]
        place = [str(folder)] if words[0] in ("check",) else ["--event", str(folder)]
        problem = problem_of(run([*words, *place]), many=words[0] == "verify")
        assert not problem, f"{verb}: {problem}"
    with closing(Store.of_event(folder)) as store:
        facts = facts_of(folder, store)
    at_ns = FIRST_AT_NS + 3600 * 10**9
    site = Site(facts.event, LiveDays(facts.event).races(compute(facts), at_ns), "r", at_ns)
    for path in site.paths():
        for language in site.languages:
            page = site.find_page(path, language)
            assert page is None or page.text.rstrip().endswith("</html>"), path


def run(words):
    """Run a verb of the command."""
    return CliRunner().invoke(centesimo, words)


def problem_of(ran, many=False):
    """Return how a verb ended that is neither 0 nor one line of ours; "" for these."""
    error = ran.exception
    if isinstance(error, TimingError):
        return "" if many or len(str(error).splitlines()) == 1 else f"lines: {error}"
    if error is None or (isinstance(error, SystemExit) and error.code in (0, None)):
        return ""
    return f"{error!r} {ran.output[-300:]}"


def of_wild_records(seed, folder):
    """Collect two boards of wild records, one of which knows the time."""
    random = Random(seed)
    raws = [[wild(random, first + n) for n in range(WILD_RECORDS // 2)] for first in (40, 1)]
    with closing(Store.of_event(folder)) as store:
        ports = [
            PlainBoard(raws_of, board_id=bytes.fromhex(board)).receive
            for board, raws_of in ((A1, anchored() + raws[0]), (A2, raws[1]))
        ]
        collected(store, *ports)
    hold(folder)


def of_another_journal(seed, folder):
    """Collect a board and another one of the same id; every verb holds, also after an official chose either."""
    random = Random(seed)
    one, other = (_journal(random) for _ in range(2))
    with closing(Store.of_event(folder)) as store:
        for raws in (one, other, random.choice((one, other))):
            collected(store, PlainBoard(raws, board_id=bytes.fromhex(A1)).receive)
        rivals = [every for every in store.rivals() if every.board == A1]
    hold(folder)
    if not rivals:
        return
    chosen = random.choice((one, other))
    first = rivals[0].sequence
    raw = next(raw for raw in chosen if record.unpack(raw).sequence == first)
    with closing(Store.of_event(folder)) as store:
        whole = made("choose-journal", "Clerk", "x", 9, board=A1, sequence=first, digest=digest_of(raw))
        assert store.add_decision(whole, store.decisions())
        facts = facts_of(folder, store)
        last = max(record.unpack(raw).sequence for raw in chosen)
        assert compute(facts).contests == (), "what was chosen is asked again"
        counted = [record.unpack(raw).sequence for raw in _counted(facts)]
        assert max(counted) == last, f"counted up to {max(counted)}, the journal ends at {last}"
        (board,), beside = verify(store)
        assert (list(board.problems), beside) == ([], [])
    hold(folder)


def _counted(facts):
    return settled(facts.records, facts.rivals, facts.decisions, facts.visited).records[A1]


def _journal(random):
    """Return a board's journal of one to 60 cars, at random seconds, in a start of its own."""
    seconds = sorted(random.uniform(700, 2000) for _ in range(random.randint(1, 60)))
    raws = journal([(at_s, random.randint(1, 2)) for at_s in seconds], shift_us=random.randint(-500_000, 500_000))
    boot = random.choice((1, 1, 2, 9))
    return [record.pack(record.unpack(raw)._replace(boot=boot)) for raw in raws]


# Facts of every kind: usual values, those at their ends, and those that name what is not there.

AT_NS = st.sampled_from((0, FIRST_AT_NS, FIRST_AT_NS + 900 * 10**9, LAST_AT_NS)) | st.integers(0, LAST_AT_NS)
NUMBER = st.sampled_from((1, 2, 3, 4, 5, 0, 999, 2**31 - 1))
POINT = st.sampled_from(("A1", "A2", "A3", "C1", "Z9"))
CONTROL = st.sampled_from(("PC1", "PC2", "CO1", "Z9"))
TEXT = st.sampled_from(("hand", "x" * 200, "<b>&'\"", "=1+1", "%s {0}", "a", "\u00e9\u3042\U0001f697"))
VALUES = {
    "passage": st.sampled_from((f"{A1}:30", f"{A2}:1", "load:00000000:2", "inserted:000000000000", "x")),
    "start_number": NUMBER,
    "other_number": NUMBER,
    "timing_point": POINT,
    "passed_at_ns": AT_NS,
    "source": TEXT,
    "uncertainty_ns": st.sampled_from((0, 1, 10**9, 60 * 10**9)),
    "board": st.sampled_from((A1, A2, "00000000000000ff")),
    "from_ns": AT_NS,
    "to_ns": AT_NS,
    "shift_ns": st.sampled_from((1, -1, 86_400 * 10**9, -86_400 * 10**9, 5 * 10**7)),
    "sequence": st.sampled_from((0, 1, 30, 41, 2**32 - 1)),
    "digest": st.sampled_from(("0" * 12, "f" * 12)),
    "file": st.sampled_from(("0" * 8, sha256(b"t").hexdigest()[:8])),
    "control": CONTROL,
    "average": st.sampled_from(("series", "leg", "day")),
    "race": st.sampled_from(("classic", "modern", "other")),
    "amount": st.sampled_from(("0", "0.01", "7", "10000000", "1e-9")),
    "article": TEXT,
    "withdrawn": st.sampled_from(("0" * 12,)),
}
VALUES["other_passage"] = VALUES["passage"]
LATE_NS = FIRST_AT_NS + 86_400 * 10**9  # no decision is from a day to come


@st.composite
def decided(draw):
    """Return the rows of some decisions; some withdraw earlier ones."""
    rows = []
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=6)):
        names = [*KINDS[kind].needs, *(name for name in KINDS[kind].may if draw(st.booleans()))]
        values = {name: draw(VALUES[name]) for name in names}
        if kind == "withdraw" and rows:
            values["withdrawn"] = draw(st.sampled_from(rows))[1]
        rows.append(decision(kind, draw(st.integers(0, LATE_NS)), draw(TEXT), draw(TEXT), **values))
    return rows


@st.composite
def loaded(draw):
    """Return the rows of a file of passages."""
    text = draw(TEXT)
    digest = sha256(text.encode()).hexdigest()
    lines = st.tuples(POINT, st.none() | NUMBER, AT_NS, st.none() | st.integers(0, 60 * 10**9), TEXT)
    rows = [["file", digest, draw(AT_NS), draw(TEXT), text]]
    return [*rows, *(["passage", digest, n, *row] for n, row in enumerate(draw(st.lists(lines, max_size=6)), 2))]


@st.composite
def keyed(draw):
    """Return the row of a sighting."""
    number, error_ns = draw(st.none() | NUMBER), draw(st.none() | st.integers(0, 10**10))
    replaces = draw(st.none() | st.sampled_from(("#1", "#2", "0" * 12)))
    values = (draw(POINT), number, draw(AT_NS), error_ns, draw(TEXT), "phone", draw(st.integers(0, 3)), replaces)
    one = Sighting("", *values, draw(TEXT))
    return ["sighting", *one._replace(id=identity(one))]


@st.composite
def written(draw):
    """Return the row of a marshal's list or of a report of prepare."""
    text = "".join(f"{draw(NUMBER)}\n" for _ in range(draw(st.integers(0, 5))))
    report = [{"board": A1, "boot": draw(st.none() | NUMBER), "tubes": {"A1": draw(st.none() | NUMBER)}}]
    rows = [
        ["list", draw(POINT), draw(AT_NS), sha256(text.encode()).hexdigest(), text],
        ["preparation", draw(AT_NS), draw(st.sampled_from(("before", "after"))), json.dumps(report)],
    ]
    return draw(st.sampled_from(rows))


RECORDS = st.lists(st.tuples(st.sampled_from((A1, A2)), st.integers(0, 99), st.booleans()), max_size=4)
FACTS = st.tuples(
    st.tuples(decided(), loaded(), st.lists(keyed(), max_size=5), st.lists(written(), max_size=3)), RECORDS
)


def of_facts(folder, facts):
    """Bring facts through the doors, what they accept of them, and hold every verb."""
    (decisions, passages, *further), boards = facts
    bundles = [[row] for rows in (decisions, *further) for row in rows]
    with closing(Store.of_event(folder)) as store:
        for board, seed, is_archived in boards:
            random = Random(seed)
            raws = [*anchored(), *(wild(random, 30 + n) for n in range(8))]
            _, _, _, now_ns, version, part = taped(board, raws)
            store.add_records(board, "p", raws, now_ns, version, part if is_archived else None)
        for rows in (*bundles, passages):
            with suppress(LoadError):
                load_bundle(store, "b", sealed(*rows), now_ns=LATE_NS)
        store.accept([proposal.decision.id for proposal in store.proposals()], "Clerk", 9)
    hold(folder)


def every_fact(examples, seed):
    """Try so many sets of facts."""

    @hypothesis.seed(seed)
    @hypothesis.settings(max_examples=examples, deadline=None, database=None, phases=PHASES)
    @hypothesis.given(FACTS)
    def tried(facts):
        with TemporaryDirectory(dir=PLACE) as place:
            of_facts(write(Path(place) / "event", FILES), facts)

    tried()


def every_board(part, count, seed):
    """Try so many boards of a kind."""
    told_s = time.monotonic()
    for number in range(seed * 10**6, seed * 10**6 + count):
        with TemporaryDirectory(dir=PLACE) as place:
            try:
                part(number, write(Path(place) / "event", FILES))
            except BaseException:
                print(f"{part.__name__}({number}, folder) does not hold", flush=True)
                raise
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
            print(f"{part.__name__} {number - seed * 10**6 + 1} so far", flush=True)


def main():
    """Try boards of each kind and facts of every kind, and say how many held."""
    parser = argparse.ArgumentParser(prog="python -m tests.lying_facts")
    parser.add_argument("--boards", type=int, default=300, help="with another journal")
    parser.add_argument("--wild", type=int, default=WILD_BOARDS, help=f"pairs of boards of {WILD_RECORDS} wild records")
    parser.add_argument("--facts", type=int, default=300, help="sets of facts of every kind")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with TemporaryDirectory() as place:
        os.environ["CENTESIMO_DEVICE"] = str(Path(place) / "device")  # not with the person's own key
        every_board(of_wild_records, asked.wild, asked.seed)
        print(f"{asked.wild * WILD_RECORDS:,} wild records: every verb ended with 0 or one line", flush=True)
        every_fact(asked.facts, asked.seed)
        print(f"{asked.facts} sets of facts: so it did", flush=True)
        every_board(of_another_journal, asked.boards, asked.seed)
        print(f"{asked.boards} boards with another journal: so it did", flush=True)


if __name__ == "__main__":
    main()
