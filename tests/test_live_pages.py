"""What the live pages say: states of crews, tables, gaps, places; live, ranking, posted and written are one."""

import errno
import json
import re
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from centesimo.check import event_from_files
from centesimo.compute import Facts, compute, rulebooks
from centesimo.live.days import LiveDays
from centesimo.live.files import Files
from centesimo.live.folder import Folder
from centesimo.live.race import moves
from centesimo.live.site import Site
from centesimo.live.standing import COMING, State
from centesimo.live.texts import gap_text, sum_text, why_text
from centesimo.model.event import LANGUAGES as EVENT_LANGUAGES
from centesimo.model.facts import Line, Passage, Score
from centesimo.model.memo import Memo
from centesimo.publish.page import page
from centesimo.publish.published import content, digest
from centesimo.publish.render import Imprint
from centesimo.rank import of_control
from centesimo.rulebook.rules import PerUnit, per_unit
from centesimo.store import Posted
from centesimo.words.live import CATALOGUES, Words, find_language
from tests.live_day import Passing, at_ns, event_toml, files, rows

EVENT = event_from_files(files())
ROAD = ["C1", "A1", "A2", "A3", "A4", "B1", "B2", "B3"]
RACE = "crono/2027/race/1/"


def facts_of(passings, event=EVENT):
    """Return the facts of a day on which these were seen."""
    return Facts(
        event,
        (),
        {},
        tuple(
            Passage(f"load:0:{line}", passing.point, passing.at_ns, None, True, (), (), "sheet", passing.number)
            for line, passing in enumerate(passings)
        ),
    )


def site_of(facts, as_of_ns, revision="r1", before=None):
    """Return the site of these facts at an hour."""
    races = LiveDays(facts.event).races(compute(facts), as_of_ns)
    return Site(facts.event, races, revision, as_of_ns, before=before)


def seen(*points, number=101, late_s=0, leg="L1"):
    """Return a crew's passages at points of leg 1, each when it is due there, or so many seconds later."""
    first_ns = at_ns(leg, "08:00") + (number - 101) * 60 * 10**9
    after_s = {"C1": 630, "A1": 900, "A2": 930, "A3": 960, "A4": 990, "B1": 2400, "B2": 2430, "B3": 2460}
    return [
        type("Seen", (), {"at_ns": first_ns + (after_s[point] + late_s) * 10**9, "point": point, "number": number})
        for point in points
    ]


# name, crew 101's passages (it starts at 08:00), the hour, its state, what is missing, where it is expected next
STATES = [
    ("before its start", [], "07:59", State.NOT_STARTED, (), "C1"),
    ("it has started", [], "08:05", State.ON_ITS_WAY, (), "C1"),
    ("its due minute is over", [], "08:20", State.DUE, (), "C1"),
    ("half an hour behind, and not seen", [], "08:41", State.OPEN, ("C1",), "A1"),
    ("on the way to the first tube", ["C1"], "08:12", State.ON_ITS_WAY, (), "A1"),
    ("inside the chain", ["C1", "A1", "A2"], "08:15", State.ON_ITS_WAY, (), "A3"),
    ("a tube missed it, the next one saw it", ["C1", "A1", "A3"], "08:16", State.OPEN, ("A2",), "A4"),
    ("between the chains", ["C1", "A1", "A2", "A3", "A4"], "08:30", State.ON_ITS_WAY, (), "B1"),
    ("due at the second chain", ["C1", "A1", "A2", "A3", "A4"], "08:45", State.DUE, (), "B1"),
    ("all of the leg", ROAD, "09:00", State.SCORED, (), ""),
    ("the last tube missed it, long ago", ROAD[:-1], "09:30", State.OPEN, ("B3",), ""),
    ("the last tube has not seen it yet", ROAD[:-1], "08:41", State.DUE, (), "B3"),
]


@pytest.mark.parametrize(
    ("points", "hour", "state", "missing", "next_point"), [row[1:] for row in STATES], ids=[row[0] for row in STATES]
)
def test_states(points, hour, state, missing, next_point):
    (classic, _) = LiveDays(EVENT).races(compute(facts_of(seen(*points))), at_ns("L1", hour))
    standing = classic.standings[101]
    assert (standing.state, standing.missing, standing.next_point) == (state, missing, next_point)


def test_who_is_late_is_expected_as_much_later():
    """Due at 08:10 and seen at 08:30:30, a crew is missed at A2 30 min behind 08:15:30 and its 20:30: at 09:06."""
    late = seen("C1", late_s=20 * 60)
    for hour, state in (("09:00", State.DUE), ("09:07", State.OPEN)):
        (classic, _) = LiveDays(EVENT).races(compute(facts_of(late)), at_ns("L1", hour))
        assert classic.standings[101].state is state


def test_a_table_of_a_leg_that_is_over_says_what_is_missing_in_it():
    """101 was not seen at A2 in leg 1; in leg 2, which runs, it is on its way. Over all legs A2 is missing too."""
    first = [passing for passing in seen(*ROAD) if passing.point != "A2"]
    second = [type("Seen", (), {"at_ns": at_ns("L2", "08:10:30"), "point": "C2", "number": 101})]
    (classic, _) = LiveDays(EVENT).races(compute(facts_of([*first, *second])), at_ns("L2", "08:11"))
    for key, state, missing in (
        ("leg-L1", State.OPEN, ("A2",)),
        ("leg-L2", State.ON_ITS_WAY, ()),
        ("overall", State.OPEN, ("A2",)),
    ):
        (row,) = [row for row in classic.table(key).rows if row.line.entry.start_number == 101]
        assert (row.standing.state, row.standing.missing) == (state, missing), key


# Seven of twelve are through PC-A1, two of these through PC-A2 and PC-A3.
def test_a_table_goes_up_to_where_half_of_the_crews_are():
    through = [passing for number in range(101, 108) for passing in seen("C1", "A1", "A2", number=number)]
    ahead = [passing for number in (101, 102) for passing in seen("A3", "A4", number=number)]
    (classic, _) = LiveDays(EVENT).races(compute(facts_of([*through, *ahead])), at_ns("L1", "08:21"))
    assert classic.up_to.id == "PC-A1"
    table = classic.table(classic.main)
    assert [row.line.position for row in table.rows if row.line.position] == [1] * 7
    assert {row.standing.state for row in table.rows if not row.line.position} <= COMING


# As published: 74108, 73714 and 73327 points, where the highest wins.
GAPS = [
    ("points, the first", 0, True, ""),
    ("points, the second", 74108 - 73714, True, "\u2212394"),
    ("points, the third", 74108 - 73327, True, "\u2212781"),
    ("penalties, the second", Decimal("0.57"), False, "+0.57"),
    ("no place", None, True, ""),
]


@pytest.mark.parametrize(("gap", "highest_wins", "text"), [row[1:] for row in GAPS], ids=[row[0] for row in GAPS])
def test_gaps(gap, highest_wins, text):
    assert gap_text(None if gap is None else Decimal(gap), highest_wins) == text


def control_alone(facts, race_id, control):
    """Return the ranking of a control."""
    (race,) = [race for race in facts.event.races if race.id == race_id]
    return of_control(facts.event, race, control, rulebooks(facts.event)[race_id], compute(facts).scores)


def test_a_race_of_points_as_it_was_published():
    """A trial that gives 74108 points to who is exact, 73714 for 0.01 s and 73327 for 0.02 s, live and posted."""
    texts = files(moderns=3)
    table = re.search(r"^table = .*$", texts["points.toml"], re.MULTILINE)[0]
    texts["points.toml"] = texts["points.toml"].replace(table, "table = [[0, 74108], [1, 73714], [2, 73327]]")
    texts["entries.csv"] = texts["entries.csv"].replace(",1.30,", ",1.00,")
    event = event_from_files(texts)
    first_ns = at_ns("L1", "07:45")
    passings = [
        Passing(first_ns + crew * 60 * 10**9 + after_cs * 10_000_000, point, crew + 1)
        for crew in range(3)
        for point, after_cs in (("A1", 0), ("A2", 3000 + crew))
    ]
    site = site_of(facts_of(passings, event), at_ns("L1", "08:00"))
    live = shown_rows(site.find_page("crono/2027/race/2/control-PC-A1/", "en").text)
    assert live == {1: ("1", "74108", ""), 2: ("2", "73714", "\u2212394"), 3: ("3", "73327", "\u2212781")}
    ranked = content(event, control_alone(facts_of(passings, event), "tribute", "PC-A1"), ())
    posted = page(ranked, Imprint(1, "provisional", 0, ""), digest(ranked), None)
    for number, total, gap in ((1, "74108", ""), (2, "73714", "&minus;394"), (3, "73327", "&minus;781")):
        row = re.search(rf'class="position">{number}</td>.*?</tr>', posted, re.DOTALL)[0]
        assert total in row
        assert re.search(r'<td class="gap[^"]*">([^<]*)</td>', row)[1] == gap
    assert "penalt" not in re.sub("<style>.*?</style>", "", posted, flags=re.DOTALL).lower()


def test_no_page_of_points_says_penalty():
    site = site_of(facts_of(rows()), at_ns("L2", "12:00"))
    pages = [path for path in site.paths() if path.startswith("crono/2027/race/2/")]
    assert len(pages) > 30
    for path in pages:
        for language, word in (("en", "penalt"), ("it", "penalit")):
            text = re.sub(r"<td colspan.*?</td>", "", site.find_page(path, language).text)
            assert word not in text.lower(), path


# name, places before, places now, moved
MOVES = [
    ("one passes another", "abc", "bac", {"b": 1, "a": -1, "c": 0}),
    ("who has no place now counts for nobody", "xab", "ab", {"a": 0, "b": 0}),
    ("most were level before", "(abc)d", "dabc", {}),
]


def line_of(name, position):
    return type("Line", (), {"entry": type("Entry", (), {"start_number": name}), "position": position})


def lines_of(text):
    lines, position, group = [], 1, []
    for letter in text:
        if letter == "(":
            group = [position]
        elif letter == ")":
            group = []
        else:
            lines.append(line_of(letter, group[0] if group else position))
            position += 1
    return lines


@pytest.mark.parametrize(("before", "now", "moved"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_places_won_and_lost(before, now, moved):
    assert moves(lines_of(now), lines_of(before)) == moved


def test_the_ladies_page_says_the_place_among_all():
    site = site_of(facts_of(rows(missing=0, gone=0)), at_ns("L2", "12:00"))
    (race, _) = site.races
    ladies = race.table("overall/ladies").rows
    everybody = {row.line.entry.start_number: row.line.position for row in race.table("overall").rows}
    first = ladies[0].line.entry.start_number
    text = site.find_page(f"{RACE}crew/{first}/", "en").text
    among_all = Words("en").ordinal(everybody[first])
    assert re.search(rf'class="pos">1st</td><th scope="row">Ladies&#39; cup, Overall \({among_all} overall\)', text)


def test_catalogues_have_the_same_keys_and_places():
    values = {
        language: {key: sorted(re.findall(r"{(\w+)}", text)) for key, text in catalogue.items()}
        for language, catalogue in CATALOGUES.items()
    }
    assert all(places == values["en"] for places in values.values())
    assert {*values} == {*EVENT_LANGUAGES}


BOTH, ITALIAN = ("en", "it"), ("it",)
LANGUAGES = [
    ("it-IT,it;q=0.9,en;q=0.8", BOTH, "it"),
    ("de-DE,de;q=0.9,it;q=0.5,en;q=0.4", BOTH, "it"),
    ("de-DE,de;q=0.9,it;q=0.5,en;q=0.4", ("it", "fr", "de"), "de"),
    ("en-GB", BOTH, "en"),
    ("en-GB", ITALIAN, "it"),
    ("fr", BOTH, "en"),
    ("", BOTH, "en"),
    ("it;q=nonsense,en;q=0.1", BOTH, "en"),
    ("*", ITALIAN, "it"),
]


@pytest.mark.parametrize(("accepted", "languages", "language"), LANGUAGES)
def test_the_language_is_the_browsers_wish_among_those_of_the_event(accepted, languages, language):
    assert find_language(accepted, languages) == language


def test_an_event_of_one_language_has_no_page_in_another():
    event = event_from_files(files() | {"event.toml": event_toml().replace('["en", "it"]', '["fr"]')})
    site = site_of(facts_of(rows(), event), at_ns("L2", "12:00"))
    text = site.find_page(RACE, "fr").text
    assert '<html lang="fr"' in text
    assert "hreflang" not in text
    assert site.find_page(RACE, "en") is None


# The place of a crew, as people say it.
ORDINALS = {
    "en": ("1st", "2nd", "3rd", "11th", "21st", "112th"),
    "it": ("1º", "2º", "3º", "11º", "21º", "112º"),
    "de": ("1.", "2.", "3.", "11.", "21.", "112."),
    "fr": ("1er", "2e", "3e", "11e", "21e", "112e"),
}


@pytest.mark.parametrize("language", ORDINALS)
def test_a_place_as_people_say_it(language):
    assert tuple(map(Words(language).ordinal, (1, 2, 3, 11, 21, 112))) == ORDINALS[language]


def shown_rows(text):
    """Return place, total and gap by start number as a page has them."""
    found = {}
    for number, row in re.findall(r'<tr role="row" data-n="(\d+)"[^>]*>(.*?)</tr>', text, re.DOTALL):
        cells = {
            name: unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for name, cell in re.findall(r'<td role="cell" class="(\w+)">(.*?)</td>', row, re.DOTALL)
        }
        found[int(number)] = cells["pos"], cells["tot"], cells["gap"]
    return found


def expected_rows(ranked):
    """Return the same of a ranking's content."""
    sign = "\u2212" if ranked["wins"] == "highest" else "+"
    return {
        line["start_number"]: (
            str(line["position"]),
            line["total"].replace("-", "\u2212"),
            f"{sign}{line['gap']}" if line["gap"] and Decimal(line["gap"]) else "",
        )
        for line in ranked["lines"]
        if line["position"]
    }


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), part=st.floats(0, 1))
def test_live_ranking_posted_and_written_say_the_same(seed, part, tmp_path):
    passings = rows(seed, missing=0.05, gone=0.1)
    passings = passings[: round(len(passings) * part)]
    as_of_ns = max((passing.at_ns for passing in passings), default=at_ns("L1", "07:00"))
    facts = facts_of(passings)
    site, written = site_of(facts, as_of_ns), Folder(tmp_path / str(seed), print)
    written.write(site, shelf := Files())
    for race in site.races:
        for base in race.bases:
            table = race.table(base)
            up_to = table.controls[-1].id if table.leg in (None, race.running) else None
            whole = next(
                ranking
                for ranking in compute(facts, up_to).rankings
                if (ranking.race, ranking.leg) == (race.race, table.leg)
            )
            ranked = content(EVENT, whole, ())
            path = f"crono/2027/race/{race.number}/{base}/"
            live = shown_rows(site.find_page(path, "en").text)
            placed = {number: row for number, row in live.items() if row[0] != "–"}
            assert placed == expected_rows(ranked)
            assert live.keys() == {line["start_number"] for line in ranked["lines"]}
            assert (written.path / path / "index.html").read_bytes() == shelf.find(site, path, "en").raw
            answer = json.loads((written.path / f"api/race/{race.number}/ranking/{base}.json").read_text())
            assert [line["start_number"] for line in answer["lines"]] == [
                line["start_number"] for line in ranked["lines"]
            ]
            for line, own in zip(answer["lines"], ranked["lines"], strict=True):
                assert {key: line[key] for key in own if key != "scores"} == {
                    key: value for key, value in own.items() if key != "scores"
                }
            posted = page(ranked, Imprint(1, "provisional", as_of_ns, ""), digest(ranked), None)
            for number, (position, total, _) in placed.items():
                assert re.search(rf'class="position">{position}</td><td class="number">(?:<[^>]*>)?{number}\b', posted)
                assert total in posted
            gaps = re.findall(r'<td class="gap[^"]*">([^<]*)</td>', posted)
            assert all(gap.startswith("&minus;") == (ranked["wins"] == "highest") for gap in gaps if gap)


def test_a_print_that_is_looked_up_is_outdated_or_not():
    """Version 1 and 2 of leg 1 were posted, the second on 15 May 2027 at 08:30; overall nothing was."""
    facts, now_ns = facts_of(seen(*ROAD)), at_ns("L1", "09:00")
    posted = [Posted("classic", "L1", 2, "provisional", at_ns("L1", "08:30"))]
    site = Site(EVENT, LiveDays(EVENT).races(compute(facts), now_ns), "r", now_ns, posted)
    text = site.find_page(f"{RACE}leg-L1/", "en").text
    assert re.findall(r'<p id="(v\d)" class="([^"]*)">([^<]*)', text) == [
        (
            "v1",
            "print outdated",
            "This print is of version 1, which is outdated: version 2, posted on 15 May 2027, 08:30, is in force.",
        ),
        ("v2", "print", "This print is of version 2, the newest one posted."),
    ]
    assert 'class="print' not in site.find_page(f"{RACE}overall/", "en").text


def test_a_page_that_did_not_change_is_the_same_page():
    passings = rows(missing=0, gone=0)
    facts = facts_of([passing for passing in passings if passing.at_ns < at_ns("L1", "08:30")])
    more = facts_of([passing for passing in passings if passing.at_ns < at_ns("L1", "08:31")])
    first = site_of(facts, at_ns("L1", "08:30"))
    old = first.find_page("crono/2027/race/2/control-PC-A1/", "en")
    assert old.text
    same = site_of(facts, at_ns("L1", "08:30"), "r2", first)
    assert same.find_page("crono/2027/race/2/control-PC-A1/", "en") is old
    other = site_of(more, at_ns("L1", "08:31"), "r3", same)
    assert other.find_page(RACE, "en").text != first.find_page(RACE, "en").text


def test_only_rows_that_changed_are_rendered():
    """Crew 101 passes A2 and is expected at A3; of all others the table says what it said."""
    html = Memo()
    before = facts_of(seen("C1", "A1"))
    after = facts_of(seen("C1", "A1", "A2"))
    made = []
    for facts in (before, after):
        html.turn()
        races = LiveDays(EVENT).races(compute(facts), at_ns("L1", "08:17"))
        assert Site(EVENT, races, "r", 0, html=html).find_page(f"{RACE}leg-L1/", "en")
        made.append([key[2] for key in html.made])
    assert len(made[0]) == 12
    assert made[1] == [101]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_what_is_kept_from_one_revision_to_the_next_is_what_is_made_anew(seed, data):
    """Revisions in any order, also back: a decision may take away what a passage gave."""
    passings, days = rows(seed, missing=0.05, gone=0.1), LiveDays(EVENT)
    for count in data.draw(st.lists(st.integers(0, len(passings)), min_size=2, max_size=4)):
        outcome, as_of_ns = compute(facts_of(passings[:count])), at_ns("L1", "09:00") + count * 10**9
        for kept, made in zip(days.races(outcome, as_of_ns), LiveDays(EVENT).races(outcome, as_of_ns), strict=True):
            keys = [*made.bases, "overall/ladies", "after-PC-A2", "control-PC-B1"]
            assert [kept.table(key) for key in keys] == [made.table(key) for key in keys]
            assert (kept.latest, kept.coming, kept.standings) == (made.latest, made.coming, made.standings)


def test_crews_that_scored_nothing_new_keep_the_very_same_scores():
    days = LiveDays(EVENT)
    (before, _), (now, _) = (
        days.races(compute(facts_of(seen(*points))), at_ns("L1", "08:17"))
        for points in (("C1", "A1"), ("C1", "A1", "A2"))
    )
    others = [
        number for number in now.scores_by_crew if now.scores_by_crew[number] is not before.scores_by_crew[number]
    ]
    assert others == [101]


def test_a_page_finds_its_parts_however_many_others_were_read(monkeypatch):
    monkeypatch.setattr("centesimo.live.files.KEPT", 4)
    monkeypatch.setattr("centesimo.live.files.PAGES", 2)
    site, shelf = site_of(facts_of(rows()), at_ns("L2", "12:00")), Files()
    for path in (RACE, *list(site.paths())[5:12], RACE):
        now = json.loads(shelf.find(site, f"{path}now.en.json", "en").raw)
        for name, part in now["parts"][-2:]:
            assert shelf.find(site, f"crono/f/{part}.html", "en"), (path, name)


def test_names_are_text_and_nothing_else():
    texts = files()
    evil = '<script>alert(1)</script>" onmouseover="x ' + "W" * 200
    texts["entries.csv"] = texts["entries.csv"].replace("Crew 103 and partner", '"' + evil.replace('"', '""') + '"')
    event = event_from_files(texts)
    site = site_of(facts_of(seen("C1", "A1", "A2", number=103), event), at_ns("L1", "08:30"))
    for path in (RACE, f"{RACE}crew/103/", "crono/2027/", "speaker/", "screen/", "overlay/"):
        text = site.find_page(path, "en").text
        assert "<script>alert" not in text
        assert 'onmouseover="x' not in text


NOWHERE = [
    "x/",
    "crono/2026/",
    f"{RACE}crew/999/",
    f"{RACE}crew/x/",
    f"{RACE}leg-L9/",
    "crono/2027/race/9/",
    "../etc/passwd/",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there(path):
    assert site_of(facts_of([]), at_ns("L1", "07:00")).find_page(path, "en") is None


# A control 4/100 s late at 0.5 a hundredth, by the rule itself.
LATE = per_unit(PerUnit(1, Decimal("0.5"), Decimal("0.5"), None, None, "dropped", 0, None), 4, "only leg", 0)
SCORE = Score("r", "PC1", 1, "scored", "1/100 s", 3000, 3004, 4, Decimal(2), "art. 18", LATE.reason, (), ())
WHYS = {
    "en": "4/100 s late x 0.5 = 2",
    "it": "4/100 s di ritardo × 0,5 = 2",
    "de": "4/100 s zu spät × 0,5 = 2",
    "fr": "4/100 s de retard × 0,5 = 2",
}


@pytest.mark.parametrize("language", WHYS)
def test_why_in_each_language(language):
    assert why_text(SCORE, Words(language)) == WHYS[language]


def test_a_team_without_enough_cars_says_so_in_each_language():
    """Scuderia Est has crews 101, 105 and 109; only 101 has driven all of leg 1."""
    site = site_of(facts_of(seen(*ROAD)), at_ns("L1", "23:00"))
    for language, status in (("en", "1 of 2 cars"), ("it", "vetture: 1 su 2")):
        text = site.find_page(f"{RACE}leg-L1/teams/", language).text
        assert re.search(rf'Scuderia Est</span> <span class="chip">{status}<', text)


def test_a_total_of_several_cars_is_reckoned_for_each_leg():
    line = Line(
        1, EVENT.entries[0], (), Decimal(440), Decimal(440), Decimal("1.3"), Decimal("600"), None, None, "",
        coefficients=(("L1", Decimal("1.30")), ("L2", Decimal("1.45"))),
    )  # fmt: skip
    assert sum_text(line, Words("en")) == "440 net, × 1.30 in L1, 1.45 in L2 = 600"


def test_pieces_that_no_page_names_any_more_are_removed_later(tmp_path):
    now_s = [0.0]
    folder, shelf = Folder(tmp_path, print, lambda: now_s[0]), Files()
    days = [facts_of(seen("C1", *points)) for points in ((), ("A1",))]
    first, second = (site_of(facts, at_ns("L1", "08:15"), name) for facts, name in zip(days, "12", strict=True))

    def pieces():
        return {path.stem for path in (tmp_path / "crono/f").iterdir()}

    folder.write(first, shelf)
    old = pieces()
    folder.write(second, shelf)
    assert pieces() > old
    now_s[0] = 601.0
    folder.write(second, shelf)
    assert old - pieces()
    for path in second.paths():
        page = second.find_page(path, "en")
        assert not page.now or {part.digest for part in page.parts} <= pieces()


def test_a_folder_without_room_is_said_and_written_again_without_news(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def say(text):
        said.append((text, folder.why))
        if len(said) == 1:  # there is room again, and the time is over
            monkeypatch.undo()
            now_s[0] = 6.0
            assert not list(tmp_path.rglob("*.*"))
        else:
            folder.stopped.set()

    said, now_s = [], [0.0]
    folder, site, shelf = Folder(tmp_path, say, lambda: now_s[0]), site_of(facts_of([]), at_ns("L1", "07:00")), Files()
    monkeypatch.setattr("centesimo.live.folder.os.replace", full)
    folder.put(site, shelf)
    folder.run()
    why = f"{tmp_path} cannot be written: No space left on device"
    again = "what is there stays, and it is tried again every 5 s"
    assert said == [(f"error: {why}; {again}", why), (f"{tmp_path} is written again", why)]
    assert folder.why == ""
    assert json.loads((tmp_path / "crono/now.json").read_text())["revision"] == site.revision


def test_the_page_of_a_folder_is_the_english_one_and_takes_no_room_of_its_own(tmp_path):
    Folder(tmp_path, print).write(site_of(facts_of([]), at_ns("L1", "07:00")), Files())
    for name in (RACE, f"{RACE}crew/101/", "speaker/"):
        assert (tmp_path / name / "index.html").samefile(tmp_path / name / "index.en.html")
    assert not list(tmp_path.rglob(".*"))
    assert not list((tmp_path / RACE / "crew/101").glob("now*"))
