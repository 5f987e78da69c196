"""Further rankings as they are posted: with the race's own ranking, in its version, each on a page of its own."""

import csv
import io
import json
import re
import shutil

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.model.errors import StoreError
from centesimo.publish.compare import Team, compare_teams
from centesimo.publish.further import files_of
from tests.events import FILES, changed, write
from tests.sheet_day import make
from tests.test_publish import Office

CUPS = """
[[ranking]]
id = "old"
name = "Old cars"
races = ["classic"]
year_to = 1940

[[ranking]]
id = "each"
name = "Team"
races = ["classic"]
each = "team"

[[ranking]]
id = "teams"
name = "Teams"
races = ["classic"]
by = "team"
best = 1
"""
WITH_CUPS = {**FILES, "event.toml": FILES["event.toml"] + CUPS}
PAGES = ["classic-each-Team-East-leg-L1", "classic-each-Team-West-leg-L1", "classic-old-leg-L1", "classic-teams-leg-L1"]


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return make(tmp_path_factory.mktemp("cups"), WITH_CUPS)


@pytest.fixture
def office(day, tmp_path):
    return Office(shutil.copytree(day, tmp_path / "event"))


def text_of(office, file):
    return re.sub(r"<[^>]*>", " ", (office.results / file).read_text(encoding="utf-8").split("</style>")[1])


def test_every_further_ranking_has_its_files_and_links(office):
    office.publish()
    own = ["classic-leg-L1", "index", "modern-leg-L1"]
    assert sorted(path.stem for path in office.results.glob("*.html")) == sorted([*own, *PAGES])
    tables = {path.stem.removesuffix("-excel") for path in office.results.glob("*.csv")}
    assert tables == {*PAGES, "classic-leg-L1", "modern-leg-L1"}
    for page in ("index", "classic-leg-L1", *PAGES):
        linked = set(re.findall(r'href="([^"]+)\.html"', (office.results / f"{page}.html").read_text(encoding="utf-8")))
        assert linked >= set(PAGES) - {page}, page


def test_each_crew_leads_to_its_picture_once_there_are_some(office):
    office.publish()
    assert "pictures/" not in (office.results / "classic-old-leg-L1.html").read_text(encoding="utf-8")
    (office.results / "pictures").mkdir()
    (office.results / "pictures/index.html").touch()
    office.publish()
    for file, numbers in {"classic-leg-L1": "123", "classic-old-leg-L1": "12", "classic-teams-leg-L1": "12"}.items():
        text = (office.results / f"{file}.html").read_text(encoding="utf-8")
        assert sorted(re.findall(r'href="pictures/crew-(\d+)\.html"', text)) == list(numbers), file


def test_places_and_gaps_are_those_among_them(office):
    """Crew 2 is second of the old cars, 149.33 - 4.02 = 145.31 behind; alone in its team it leads."""
    office.publish()
    found = {one["name"]: one for one in office.json("classic")["further"]}
    assert [(one["position"], one["start_number"], one["gap"]) for one in found["Old cars"]["crews"]] == [
        (1, 1, "0.00"),
        (2, 2, "145.31"),
    ]
    assert [(one["position"], one["start_number"]) for one in found["Team Team West"]["crews"]] == [(1, 2)]
    assert [(one["position"], one["name"], one["total"]) for one in found["Teams"]["teams"]] == [
        (1, "Team East", "4.02"),
        (2, "Team West", "149.33"),
    ]


def test_a_page_says_of_what_it_is_and_of_which_version(office):
    office.publish("official", "Steward 1")
    for file, what in (
        ("classic-old-leg-L1", "Classic: Old cars, Leg 1"),
        ("classic-teams-leg-L1", "Classic: Teams, Leg 1"),
    ):
        text = text_of(office, f"{file}.html")
        for said in (what, "Official ranking, version 1", "approved by Steward 1", "Small rules"):
            assert said in text, (file, said)


def test_the_csv_of_teams(office):
    office.publish()
    rows = list(csv.reader(io.StringIO((office.results / "classic-teams-leg-L1.csv").read_text(encoding="utf-8"))))
    assert rows == [
        ["position", "team", "start_numbers", "totals", "total", "gap", "ahead", "status"],
        ["1", "Team East", "1", "4.02", "4.02", "0.00", "0.00", ""],
        ["2", "Team West", "2", "149.33", "149.33", "145.31", "145.31", ""],
    ]


def test_what_changed_is_said_on_every_page(office):
    """Crew 2's car is of 1939: 109 x 1.39 = 151.51, as old a car as before; 151.51 - 4.02 = 147.49."""
    office.publish()
    write(office.folder, changed("entries.csv", "Lancia Aprilia,1937", "Lancia Aprilia,1939", WITH_CUPS))
    office.publish()
    for file in ("classic-leg-L1", "classic-old-leg-L1", "classic-teams-leg-L1"):
        text = text_of(office, f"{file}.html")
        assert "Changed since version 1" in text, file
        assert "149.33 → 151.51" in text, file
    assert "Different too: Old cars, Team Team West, Teams." in text_of(office, "classic-leg-L1.html")
    assert (
        json.dumps(office.json("classic")["changes"]["whole"]) == '["Different too: Old cars, Team Team West, Teams."]'
    )


def test_who_leaves_a_further_ranking_makes_a_version(office):
    """A car of 1941 is none of the old ones."""
    office.publish()
    write(office.folder, changed("entries.csv", "Lancia Aprilia,1937", "Lancia Aprilia,1941", WITH_CUPS))
    assert [(one.stored.version, one.is_new) for one in office.publish()] == [(2, True), (1, False)]
    assert [one["start_number"] for one in office.json("classic")["further"][0]["crews"]] == [1]


def test_an_event_that_gets_further_rankings_says_so(office):
    write(office.folder, FILES)
    office.publish()
    write(office.folder, WITH_CUPS)
    office.publish()
    whole = office.json("classic")["changes"]["whole"]
    assert whole == ["Further rankings that are posted now: Old cars, Team Team East, Team Team West, Teams."]


def further(*ids):
    """Return a content with further rankings of these ids."""
    crews = [{"id": id, "name": id, "by": "", "crews": [], "teams": []} for id in ids]
    return {"race": {"id": "r", "name": "R"}, "leg": None, "further": crews}


NAMES = [
    ("one", ("A",), ["r-A-overall"]),
    ("signs", ("A+", "A-", "A/"), ["r-A--overall", "r-A--overall-2", "r-A--overall-3"]),
    ("capitals", ("rc1", "RC1"), ["r-rc1-overall", "r-RC1-overall-2"]),
]


@pytest.mark.parametrize(("ids", "files"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_no_two_files_have_one_name(ids, files):
    assert [file for file, _ in files_of(further(*ids))] == files


def team(name, position, total, cars):
    """Return a team's line; cars are start number and total."""
    ends = {"gap": "", "ahead": "", "status": "" if position else "1 of 2 cars"}
    numbers, totals = [number for number, _ in cars], [total for _, total in cars]
    return {"name": name, "position": position, "total": total, "start_numbers": numbers, "totals": totals, **ends}


EAST, WEST = team("East", 1, "30", [(1, "10"), (2, "20")]), team("West", 2, "40", [(3, "15"), (4, "25")])
TEAMS = [
    ("nothing", [EAST, WEST], []),
    (
        "a car drops, another counts",
        [team("West", 1, "40", [(3, "15"), (4, "25")]), team("East", 2, "42", [(1, "10"), (5, "32")])],
        [
            Team("West", (2, 1), ("40", "40"), ("now ahead of East",)),
            Team("East", (1, 2), ("30", "42"), ("cars that count: 1, 2 → 1, 5", "now behind West")),
        ],
    ),
    (
        "a total",
        [team("East", 1, "31", [(1, "11"), (2, "20")]), WEST],
        [Team("East", (1, 1), ("30", "31"), ("1: 10 → 11",))],
    ),
    ("gone", [EAST], [Team("West", (2, None), ("40", ""), ("gone",))]),
    ("new", [EAST, WEST, team("North", 3, "99", [])], [Team("North", (None, 3), ("", "99"), ("entered",))]),
]


@pytest.mark.parametrize(("after", "found"), [row[1:] for row in TEAMS], ids=[row[0] for row in TEAMS])
def test_teams_that_moved_and_why(after, found):
    assert list(compare_teams([EAST, WEST], after)) == found


def test_a_store_that_is_behind_its_results_is_refused(office):
    """Version 2 is in the folder: neither an empty store nor the one with version 1 may number on its own."""
    office.publish()
    kept = (office.folder / "centesimo.sqlite").read_bytes()
    write(office.folder, changed("entries.csv", "Crew 2,", "Crew 2b,", WITH_CUPS))
    office.publish()
    files = office.files()
    for store, known in ((kept, "up to version 1"), (None, "no version of it")):
        (office.folder / "centesimo.sqlite").unlink()
        if store:
            (office.folder / "centesimo.sqlite").write_bytes(store)
        with pytest.raises(
            StoreError, match=rf"classic-leg-L1\.json: expected no version .*\({known}\), got version 2"
        ):
            office.publish(races=("classic",))
        assert office.files() == files
    assert office.stored() == []


def test_other_rules_are_shown_before_they_are_accepted(office):
    def refuse(drafts):
        raise StoreError(", ".join(f"{one.name}: {len(one.changes.crews)}" for one in drafts if one.has_other_rules))

    office.publish()
    write(
        office.folder,
        changed("rules.toml", "[time_control]", "[timed_trial]\nlate_per_unit = 2\n\n[time_control]", WITH_CUPS),
    )
    with pytest.raises(StoreError, match=r"^classic-leg-L1: 2, modern-leg-L1: 1$"):
        office.publish(accept=refuse)
    assert [version for _, version, _ in office.stored()] == [1, 1]


DEARER = changed("rules.toml", "[time_control]", "[timed_trial]\nlate_per_unit = 2\n\n[time_control]", WITH_CUPS)


def call(folder, *words):
    done = CliRunner().invoke(centesimo, [*words, "--event", str(folder)])
    return done.exit_code, done.stdout, str(done.exception or "")


def test_a_changed_rule_book_is_shown_crew_by_crew_and_accepted_by_yes(office):
    """Crew 1: PC1 is 3/100 late, 3 x 2 = 6, x 1.34 = 8.04. Crew 2: 100 + 2 (early) + 7 x 2 = 116, x 1.37 = 158.92."""
    assert call(office.folder, "publish")[0] == 0
    write(office.folder, DEARER)
    code, out, why = call(office.folder, "publish")
    assert (code, why.partition(":")[0]) == (1, "the rule book has changed since classic-leg-L1, modern-leg-L1")
    for said in ("not that of version 1", "4.02 → 8.04", "149.33 → 158.92", "3/100 s late x 2 = 6"):
        assert said in out, said
    assert [version for _, version, _ in office.stored()] == [1, 1]
    assert call(office.folder, "publish", "--json")[0] == 1
    assert call(office.folder, "publish", "--yes")[0] == 0
    assert [version for _, version, _ in office.stored()] == [1, 1, 2, 2]


def test_compare_tells_of_the_further_rankings_too(office):
    call(office.folder, "publish")
    write(office.folder, DEARER)
    call(office.folder, "publish", "--yes")
    code, out, _ = call(office.folder, "compare", "1", "2", "--race", "classic")
    assert (code, "Different too: Old cars, Team Team East, Team Team West, Teams." in out) == (0, True)
    assert re.search(r"Teams *\n.*\n.*team.*why", out)
    found = json.loads(call(office.folder, "compare", "1", "2", "--race", "classic", "--json")[1])["further"]
    assert [one["name"] for one in found] == ["Old cars", "Team Team East", "Team Team West", "Teams"]
    assert [one["total"] for one in found[3]["teams"]] == [["4.02", "8.04"], ["149.33", "158.92"]]
    assert [one["total"] for one in found[0]["crews"]] == [["4.02", "8.04"], ["149.33", "158.92"]]
