"""Posting: numbered versions in the store, files in a folder; what fails leaves both as they were."""

import errno
import json
import os
import shutil
import stat

import pytest

from centesimo import publish as publishing
from centesimo.check import check_folder
from centesimo.compute import Facts, compute
from centesimo.model.errors import StoreError
from centesimo.publish import OFFICIAL, PROVISIONAL, Approval, publish
from centesimo.store import STORE_NAME, Store
from tests.events import FILES, changed, write
from tests.sheet_day import MISSING, load_rows, make

S = 1_000_000_000
POSTED_AT_NS = 1_811_088_240 * S  # 2027-05-23T16:04:00Z
ENDS = ("-excel.csv", ".csv", ".html", ".json")
FILES_OF_ALL = ["attested", "classic-leg-L1", "index", "modern-leg-L1"]


class Office:
    """Where rankings are posted: the event folder, its store, and a clock that is told."""

    def __init__(self, folder):
        self.folder = folder
        self.results = folder / "results"
        self.at_ns = POSTED_AT_NS

    def publish(
        self, status=PROVISIONAL, approved_by="", races=("classic", "modern"), up_to=None, lists=None, accept=None
    ):
        self.at_ns += 60 * S
        store = Store.open(self.folder / STORE_NAME)
        try:
            event, marshals = check_folder(self.folder)
            outcome = compute(Facts(event, marshals, store.records(), tuple(store.passages())), up_to)
            chosen = [ranking for ranking in outcome.rankings if ranking.race.id in races]
            approval = Approval(status, approved_by, self.at_ns)
            agree = accept or (lambda drafts: None)
            return publish(store, event, lists or {}, outcome, chosen, approval, self.results, agree)
        finally:
            store.close()

    def stored(self, read=lambda store: [(one.race, one.version, one.status) for one in store.publications()]):
        store = Store.open(self.folder / STORE_NAME)
        try:
            return read(store)
        finally:
            store.close()

    def files(self):
        return {path.name: path.read_bytes() for path in sorted(self.results.iterdir())}

    def json(self, race):
        return json.loads((self.results / f"{race}-leg-L1.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return make(tmp_path_factory.mktemp("day"))


@pytest.fixture
def office(day, tmp_path):
    return Office(shutil.copytree(day, tmp_path / "event"))


def versions(posted):
    return [(one.stored.race, one.stored.version, one.stored.status, one.is_new) for one in posted]


def test_the_rankings_are_what_the_sheet_says(office):
    office.publish()
    found = {race: office.json(race)["lines"] for race in ("classic", "modern")}
    assert [(line["position"], line["start_number"], line["total"], line["status"]) for line in found["classic"]] == [
        (1, 1, "4.02", ""),
        (2, 2, "149.33", ""),
        (None, 3, "0.00", "2 open"),
    ]
    assert [(line["position"], line["start_number"], line["total"], line["gap"]) for line in found["modern"]] == [
        (1, 11, "0.00", "0.00"),
        (2, 12, "6.15", "6.15"),
    ]


def test_the_source_of_a_time_by_hand_stays_in_sight(office):
    office.publish()
    by_control = {one["control"]: one for one in office.json("classic")["lines"][0]["scores"]}
    assert by_control["PC1"]["sources"] == {"A1": "hand", "A2": "hand"}
    assert by_control["CO1"]["sources"] == {"C1": "hand"}
    assert "A1 timed by hand; A2 timed by hand" in (office.results / "classic-leg-L1.html").read_text(encoding="utf-8")


def do_nothing(office):
    """Leave everything as it is."""


def find_the_missing(office):
    """Load the passage of crew 3 that was missing: race classic alone is another."""
    load_rows(office.folder, MISSING)


def edit(name, old, new):
    def do(office):
        write(office.folder, changed(name, old, new))

    return do


V1 = [("classic", 1, PROVISIONAL), ("modern", 1, PROVISIONAL)]
# What happens after version 1, how it is posted then; version, status and whether it is new for classic and modern.
NEXT = [
    ("nothing", do_nothing, {}, [(1, PROVISIONAL, False), (1, PROVISIONAL, False)]),
    ("a comment", edit("event.toml", "[event]", "# seen\n[event]"), {}, [(1, PROVISIONAL, False)] * 2),
    ("a passage", find_the_missing, {}, [(2, PROVISIONAL, True), (1, PROVISIONAL, False)]),
    (
        "a crew's name",
        edit("entries.csv", "Crew 12", "Crew 12b"),
        {},
        [(1, PROVISIONAL, False), (2, PROVISIONAL, True)],
    ),
    ("the rule book", edit("rules.toml", "lateness_min = 30", "lateness_min = 20"), {}, [(2, PROVISIONAL, True)] * 2),
    ("up to PC1", do_nothing, {"up_to": "PC1"}, [(2, PROVISIONAL, True)] * 2),
    ("official", do_nothing, {"status": OFFICIAL, "approved_by": "Steward 1"}, [(2, OFFICIAL, True)] * 2),
]


@pytest.mark.parametrize(("happens", "how", "expected"), [row[1:] for row in NEXT], ids=[row[0] for row in NEXT])
def test_a_version_is_another_content_or_status(office, happens, how, expected):
    assert versions(office.publish()) == [(*one, True) for one in V1]
    happens(office)
    posted = office.publish(**how)
    assert [(version, status, new) for _, version, status, new in versions(posted)] == expected
    for one, (version, _, new) in zip(posted, expected, strict=True):
        assert one.stored.posted_at_ns == POSTED_AT_NS + (120 if new else 60) * S
        assert (one.changes is None) == (version == 1)


def test_what_is_official_stays_so_until_it_changes(office):
    office.publish(OFFICIAL, "Steward 1")
    assert [one[1:] for one in versions(office.publish())] == [(1, OFFICIAL, False)] * 2
    again = office.publish(OFFICIAL, "Steward 2")
    assert [one.imprint.approved_by for one in again] == ["Steward 1"] * 2
    find_the_missing(office)
    assert [one[1:] for one in versions(office.publish())] == [(2, PROVISIONAL, True), (1, OFFICIAL, False)]
    assert office.json("classic")["publication"]["approved_by"] == ""
    assert office.json("modern")["publication"]["approved_by"] == "Steward 1"


def test_an_official_ranking_needs_who_approved_it(office):
    with pytest.raises(StoreError, match="expected who approved the official ranking"):
        office.publish(OFFICIAL)
    assert office.stored() == []
    assert not office.results.exists()


def test_the_store_keeps_what_a_version_follows_from(office):
    office.publish(lists={"lists/A1.csv": "1\n2\n"})
    assert office.stored(lambda store: [files for _, _, files in store.event_versions()]) == [FILES]
    assert office.stored(lambda store: store.lists()) == {"lists/A1.csv": "1\n2\n"}
    (kept,) = office.stored(lambda store: store.publications("modern", "L1"))
    published = office.json("modern")
    stored = json.loads(kept.content)
    assert (stored.pop("approved_by"), published.pop("changes")) == ("", None)
    assert published.pop("publication")["version"] == 1
    assert published == stored


def names_of(office):
    """Return the names of the files of the results, without their ends."""
    return sorted({name.split(".")[0].removesuffix("-excel") for name in office.files()})


def test_one_race_alone(office):
    office.publish(races=("modern",))
    assert sorted(office.files()) == [
        "attested.txt",
        "index.html",
        "modern-leg-L1-excel.csv",
        *(f"modern-leg-L1.{end}" for end in ("csv", "html", "json")),
    ]
    assert b"classic" not in office.files()["index.html"]
    office.publish(races=("classic",))
    assert office.stored() == [("modern", 1, PROVISIONAL), ("classic", 1, PROVISIONAL)]
    assert names_of(office) == FILES_OF_ALL
    # Elsewhere, all that was ever posted is written, not only what is posted now.
    office.results = office.folder / "copy"
    office.publish(races=("classic",))
    assert names_of(office) == FILES_OF_ALL


def test_a_page_of_every_control_goes_where_the_ranking_has_them_itself_now(office):
    office.publish()
    page = next(office.results.glob("classic-*.html"))
    stale, others = page.with_name(f"{page.stem}-times.html"), office.results / "poster-times.html"
    for path in (stale, others):
        path.write_text("of a version before")
    office.publish()
    assert (page.exists(), stale.exists(), others.exists()) == (True, False, True)


def test_the_files_are_the_same_again(office):
    office.publish()
    first = office.files()
    for path in office.results.iterdir():
        path.unlink()
    office.publish()
    assert office.files() == first


def test_the_files_may_be_read_by_who_serves_them(office):
    office.publish()
    assert {stat.S_IMODE(path.stat().st_mode) for path in office.results.iterdir()} == {0o644}


def test_what_changed_is_said_in_page_and_json(office):
    office.publish()
    find_the_missing(office)
    office.publish()
    # 0 + 275 = 275, x 1.51 = 415.25
    (crew,) = office.json("classic")["changes"]["crews"]
    assert (crew["start_number"], crew["position"], crew["total"]) == (3, [None, 3], ["0.00", "415.25"])
    assert [(one["what"], one["before"], one["after"]) for one in crew["own"]] == [
        ("PC1", "open", "0"),
        ("PC2", "open", "275"),
        ("status", "2 open", ""),
    ]
    text = office.files()["classic-leg-L1.html"].decode()
    assert "Changed since version 1" in text
    assert "<td>– → 3</td><td>0.00 → 415.25</td>" in text
    assert office.json("modern")["changes"] is None


def fail_at(monkeypatch, target, name, after):
    """Let the (after + 1)th call of a function fail as a full disk does."""
    real, calls = getattr(target, name), []

    def failing(*arguments, **more):
        calls.append(arguments)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **more)

    monkeypatch.setattr(target, name, failing)


# Where the disk is full: at which file of the seven that version 2 writes.
@pytest.mark.parametrize("after", [0, 1, 6])
def test_a_full_disk_leaves_store_and_files_as_they_were(office, monkeypatch, after):
    office.publish()
    files = office.files()
    find_the_missing(office)
    with monkeypatch.context() as patched:
        fail_at(patched, publishing.os, "fsync", after)
        with pytest.raises(StoreError, match="cannot write the results: No space left on device; nothing was posted"):
            office.publish()
    assert office.files() == files
    assert office.stored() == V1
    office.publish()
    assert office.stored() == [*V1, ("classic", 2, PROVISIONAL)]


def test_a_store_that_fails_leaves_the_files_as_they_were(office, monkeypatch):
    office.publish()
    files = office.files()
    find_the_missing(office)

    def full(*_):
        raise StoreError("s.sqlite has no room: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "post", full)
        with pytest.raises(StoreError, match="the disk is full"):
            office.publish()
    assert office.files() == files
    assert office.stored() == V1


def test_files_that_cannot_take_their_place_come_with_the_next_posting(office, monkeypatch):
    with monkeypatch.context() as patched:
        fail_at(patched, publishing.os, "replace", 3)
        with pytest.raises(StoreError, match="the rankings are posted; publish again"):
            office.publish()
    assert office.stored() == V1
    assert [name for name in office.files() if name.startswith(".")] == []
    assert [one[1:] for one in versions(office.publish())] == [(1, PROVISIONAL, False)] * 2
    assert names_of(office) == FILES_OF_ALL


def a_file(results):
    """Put a file where the folder should be."""
    results.write_text("")


def a_folder_as_page(results):
    """Put a folder where a page should be."""
    (results / "index.html").mkdir(parents=True)


def read_only(results):
    """Take away the right to write."""
    results.mkdir()
    results.chmod(0o555)


PLACES = [
    ("a file", a_file, "File exists; nothing was posted"),
    ("a folder as page", a_folder_as_page, "Is a directory; the rankings are posted"),
    ("read-only", read_only, "Permission denied; nothing was posted"),
]


@pytest.mark.parametrize(("prepare", "why"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_folder_that_cannot_be_written_is_named(office, prepare, why):
    if prepare is read_only and os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    prepare(office.results)
    with pytest.raises(StoreError, match=why) as refused:
        office.publish()
    assert str(office.results) in str(refused.value)
    assert (office.stored() == []) == ("nothing" in why)


def test_another_program_that_posts_meanwhile_is_noticed(office, monkeypatch):
    office.publish()
    find_the_missing(office)
    office.results = office.folder / "elsewhere"
    with monkeypatch.context() as patched:
        # What was read before the other program posted version 1.
        patched.setattr(Store, "publications", lambda *_, **__: [])
        with pytest.raises(
            StoreError, match="posted by another program: expected to post version 2, got 1: do it again"
        ):
            office.publish()
    assert office.stored() == V1
