"""What people and programs read of a ranking: cells, numbers, CSV, JSON, the terminal's table and the page's text."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from centesimo.commands.console import console
from centesimo.publish.compare import compare
from centesimo.publish.page import WIDE, index, page
from centesimo.publish.published import digest
from centesimo.publish.render import (
    about,
    as_csv,
    as_excel_csv,
    as_json,
    as_table,
    as_text,
    cell,
    coefficient,
    deviation,
    gap,
    name,
    typeset,
)
from tests.postings import FIRST, OFFICIAL, big, content, line, open_score, score, small

# name, score, what a ranking shows, the line that unfolds below the crew. 30.03 s were taken of 30 s: 3/100 s late.
CELLS = [
    ("scored", score("PC1", "3"), "3", "0:30.03, +0.03 s: 3/100 s late x 1 = 3"),
    ("exactly on time", score("PC1", "0"), "0", "0:30.00: exactly on time"),
    ("early", score("PC1", "2", taken_cs=2998, deviation=-2, reason="early"), "2", "0:29.98, −0.02 s: early"),
    ("points taken off", score("PC1", "-100", taken_cs=None, deviation=None, reason="off"), "−100", "off"),
    ("open", open_score("PC1"), "open", "no passage at A1"),
    (
        "cancelled",
        score("PC1", "", "cancelled", reason="cancelled: a tractor"),
        "canc.",
        "0:30.00: cancelled: a tractor",
    ),
    ("missed, costs", score("PC1", "300", "missed", taken_cs=None, deviation=None, reason="m"), "300", "m"),
    ("missed, open", score("PC1", "", "missed", taken_cs=None, deviation=None, reason="m"), "missed", "m"),
    ("discarded", score("PC1", "0", "discarded", reason="one of the worst"), "(0)", "0:30.00: one of the worst"),
    ("excluded", score("PC1", "", "excluded", taken_cs=None, deviation=None, reason="too late"), "excl.", "too late"),
    # 09:11:01.50 is 3,306,150 hundredths after midnight: (9 x 60 + 11) x 60 + 1.5 = 33,061.5 s
    ("retired", score("PC1", "", "retired", reason="retired: broke down"), "ret.", "0:30.00: retired: broke down"),
    ("card", score("CO1", "100", unit="min", taken_cs=3306150, deviation=1, reason="r"), "100", "09:11:01, +1 min: r"),
    ("stamp", score("CT1", "0", unit="", taken_cs=None, deviation=0, reason="was there"), "0", "was there"),
    (
        "by hand",
        score("PC1", "3", sources={"A1": "hand"}),
        "3",
        "0:30.03, +0.03 s: 3/100 s late x 1 = 3; A1 timed by hand",
    ),
    ("doubt", score("PC1", "0", doubts=["one", "two"]), "0", "0:30.00: exactly on time; one; two"),
    ("over an hour", score("PC1", "0", taken_cs=366_101, reason="r"), "0", "61:01.01: r"),
]


@pytest.mark.parametrize(("given", "short", "line_of_it"), [row[1:] for row in CELLS], ids=[row[0] for row in CELLS])
def test_a_score_is_shown(given, short, line_of_it):
    assert (cell(given), about(given)) == (short, line_of_it)


NUMBERS = [("12.70", "12.70"), ("-198487", "−198487"), ("-0.50", "−0.50"), ("0", "0"), ("", "–"), ("1E+3", "1E+3")]


@pytest.mark.parametrize(("number", "read"), NUMBERS)
def test_a_number_keeps_its_digits_and_gets_a_true_minus(number, read):
    assert typeset(number) == read


# name, gap, what is shown: the leader and who shares its place have none.
GAPS = [("leader", "0.00", ""), ("no place", "", ""), ("second", "0.57", "0.57"), ("points", "1200", "1200")]


@pytest.mark.parametrize(("given", "read"), [row[1:] for row in GAPS], ids=[row[0] for row in GAPS])
def test_a_gap_is_shown_where_there_is_one(given, read):
    assert gap(line(1, 7, "0", given, [])) == read


@pytest.mark.parametrize(("given", "read"), [("1.3", "1.30"), ("1", "1.00"), ("1.275", "1.275"), ("1.80", "1.80")])
def test_a_coefficient_has_two_decimals_at_least(given, read):
    assert coefficient(line(1, 7, "0", "", [], coefficient=given)) == read


@pytest.mark.parametrize(("unit", "read"), [("1/100 s", "−1.05 s"), ("min", "−105 min"), ("", "")])
def test_a_deviation_has_its_sign_and_unit(unit, read):
    assert deviation(score("PC1", "105", deviation=-105, unit=unit)) == read


FILES = [
    (("historic", "L1"), "historic-leg-L1"),
    (("historic", None), "historic-overall"),
    (("Città", "1"), "Citta-leg-1"),
    (("../x", "a b"), "---x-leg-a-b"),
]


@pytest.mark.parametrize(("ids", "file"), FILES)
def test_a_file_is_named_after_race_and_leg(ids, file):
    assert name(*ids) == file


# name, a crew's text, the same in CSV: a spreadsheet must not run it.
TEXTS = [
    ("plain", "Crew 12 - Crew 13", "Crew 12 - Crew 13"),
    ("comma and quotes", 'Crew "12", Ltd', 'Crew "12", Ltd'),
    ("other letters", "Crew Žižka ½ 大", "Crew Žižka ½ 大"),
    ("two lines", "Crew 12\nCrew 13", "Crew 12\nCrew 13"),
    ("formula", "=HYPERLINK(A1)", "'=HYPERLINK(A1)"),
    ("plus", "+39 055", "'+39 055"),
    ("minus", "-2+3", "'-2+3"),
    ("at", "@SUM(A1)", "'@SUM(A1)"),
    ("tab", "\t=1", "'\t'=1"),
    ("full width", "＝1+1", "'＝1+1"),
    # Where commas are decimals, a spreadsheet parts cells at semicolons, whatever the quotes.
    ("behind a semicolon", "Crew 12;=1+1", "Crew 12;'=1+1"),
    ("on the second line", "Crew 12\n=1+1", "Crew 12\n'=1+1"),
    ("empty", "", ""),
]


@pytest.mark.parametrize(("text", "safe"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_no_text_in_csv_is_a_formula(text, safe):
    assert as_text(text) == safe
    made = as_csv(content([line(1, 7, "3", "0", [score("PC1", "3")], crew=text, team=text)], ("PC1",)))
    (row,) = csv.DictReader(io.StringIO(made, newline=""))
    assert (row["crew"], row["team"], row["car"]) == (safe, safe, "Fiat 508 S")


def test_csv_holds_numbers_as_they_are():
    lowest = line(1, 7, "-198487", "0", [score("PC1", "-100"), open_score("PC2")], net="-100", coefficient="1.34")
    assert as_csv(content([lowest])) == (
        "position,start_number,crew,car,year,team,PC1,PC2,net,coefficient,total,gap,ahead,status\r\n"
        "1,7,Crew 7,Fiat 508 S,1934,,-100,open,-100,1.34,-198487,0,0,\r\n"
    )


def test_json_comes_back_as_it_was():
    published = small()
    found = json.loads(as_json(published, OFFICIAL, {"whole": [], "crews": []}))
    assert found.pop("publication") == {
        "version": 2,
        "status": "official",
        "posted_at_ns": 1_811_088_300_000_000_000,
        "approved_by": "Steward 1",
        "posted_at": "2027-05-23T16:05:00Z",
    }
    assert found.pop("changes") == {"whole": [], "crews": []}
    assert published.pop("approved_by") == ""
    assert found == published


def test_json_has_a_line_for_each_crew():
    text = as_json(small(), FIRST, None)
    assert [re.search(r'"start_number": (\d+)', row)[1] for row in text.splitlines() if "start_number" in row] == [
        "7",
        "12",
        "3",
        "9",
    ]


# name, what is changed in a content, whether it is another version.
DIGESTS = [
    ("nothing", {}, False),
    ("the folder's digest", {"event_digest": "0" * 64}, False),
    ("who approved", {"approved_by": "Steward 2"}, False),
    ("the rule book's digest", {"rulebook": {"name": "rules.toml", "digest": "0" * 64}}, True),
    ("a finding", {"findings": [{"text": "Crew 3 was not seen at A1."}]}, True),
    ("a line", {"lines": []}, True),
]


@pytest.mark.parametrize(("more", "other"), [row[1:] for row in DIGESTS], ids=[row[0] for row in DIGESTS])
def test_what_counts_as_another_content(more, other):
    assert (digest(small()) != digest({**small(), **more})) == other


def printed(published, width=None):
    console = Console(file=io.StringIO(), width=width or 400, force_terminal=False)
    console.print(as_table(published, width))
    return [row.rstrip() for row in console.file.getvalue().splitlines() if row.strip()]


def test_the_terminal_shows_everything_where_there_is_room():
    table = printed(small(), 100)
    assert table[0] == "Small Event: Classic, Leg 1"
    assert table[1].split() == ["No.", "Crew", "Car", "PC1", "PC2", "Total", "Gap"]
    assert [row.split() for row in table[3:]] == [
        ["1", "7", "Crew", "7", "Fiat", "508", "S,", "1934", "3", "0", "3"],
        ["1", "12", "Crew", "12", "Fiat", "508", "S,", "1934", "canc.", "3", "3"],
        ["–", "3", "Crew", "3", "Fiat", "508", "S,", "1934", "5", "open", "5", "1", "open"],
        ["–", "9", "Crew", "9", "Fiat", "508", "S,", "1934", "excl.", "0", "0", "excluded"],
    ]


# width of a terminal (None: a file), whether cars, whether controls are shown. 24 for number and crew, 24 for a car,
# PC1 6 (its "open"), PC2 .. PC9 5 each, PC10 .. PC20 6 each, totals and "1 open" 8 each, gaps 7: 24 + 112 + 23 = 159.
WIDTHS = [(None, True, True), (183, True, True), (182, False, True), (159, False, True), (158, False, False)]


@pytest.mark.parametrize(("width", "cars", "controls"), WIDTHS)
def test_a_terminal_shows_whole_columns_or_none(width, cars, controls):
    table = printed(big(3, 20), width)
    assert ("Car" in table[1].split(), "PC20" in table[1].split()) == (cars, controls)
    assert not any("…" in row for row in table if "Crew" in row and not cars)
    assert ("No room for 20 controls" in " ".join(table)) == (not controls)


def test_a_file_shows_whole_columns_of_any_number(capsys):
    table = as_table(big(3, 40), None)
    console(table).print(table)
    shown = capsys.readouterr().out
    assert "PC40" in shown
    assert "…" not in shown


AWKWARD = ("[red]Crew[/red]", "[/x]", "[link=file:///x]Crew[/link]", "Team [A]")


@pytest.mark.parametrize("text", AWKWARD)
def test_a_name_is_no_style_of_the_terminal(text):
    assert any(
        text in row for row in printed(content([line(1, 7, "3", "0", [score("PC1", "3")], crew=text)], ("PC1",)))
    )


class Reader(HTMLParser):
    """Notes the elements, the texts and the addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.addresses = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.addresses += [value for key, value in attrs if key in ("src", "href", "srcset", "action", "data", "style")]
        assert not any(key.startswith("on") for key, _ in attrs)

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '" onclick="x', "<img src=x>", "&lt;b&gt; ' & Co", "{{ 7 * 7 }}"]
)
def test_the_page_takes_a_text_as_text(text):
    awkward = line(1, 7, "3", "0", [score("PC1", "3", reason=text, doubts=[text])], crew=text, car=text, team=text)
    published = content([awkward], ("PC1",), event=text, findings=[{"text": text}])
    found = Reader(page(published, FIRST, "ef" * 32, None))
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(found.elements)
    assert set(found.addresses) == {"index.html", "classic-leg-L1.csv", "classic-leg-L1.json"}
    assert found.texts.count(text) >= 4  # event, crew, car, team
    assert text in Reader(index(text, [(published, FIRST)])).texts


def test_a_page_loads_nothing():
    text = page(small(), FIRST, "ef" * 32, None)
    assert not re.search(r"https?:|//|@import|url\(|<script", text.replace("<!DOCTYPE html>", ""))


def test_the_same_gives_the_same_bytes():
    for make in (as_csv, lambda one: as_json(one, FIRST, None), lambda one: page(one, FIRST, "ef" * 32, None)):
        assert make(small()) == make(small())
    assert index("E", [(small(), FIRST)]) == index("E", [(small(), FIRST)])


# what of a page is looked for: name, regular expression, how often in the small ranking.
ON_THE_PAGE = [
    ("head", r"Provisional ranking, version 1", 1),
    ("hour, in Rome 2 h after UTC", r"posted 23 May 2027, 18:04 \(Europe/Rome\)", 1),
    ("which wins", r"Penalties, the lowest total wins\. Rules: rules\.toml\.", 1),
    ("last control", r"Up to PC2\.", 1),
    ("places", r'<td class="position">1</td>', 2),
    ("no place", r'<td class="position">–</td>', 2),
    ("why no place", r'<span class="open">1 open</span>', 1),
    ("no gap of those who lead", r'<td class="gap"></td>', 4),
    ("each crew unfolds", r"<details><summary>Crew \d+</summary></details>", 4),
    ("how a penalty came about", r"<i>0:30\.03, \+0\.03 s: 3/100 s late x 1 = 3</i>", 2),
    ("a mark for a doubt", r'<td class="c doubt">', 1),
    ("what the mark says", r"counts as shown but may still change, see Doubts", 1),
    ("the doubt with its crew", r'A2: the whole second is not confirmed\. <span class="faint">PC2: 7</span>', 1),
    ("words explained", r"open: not settled.*canc\.: cancelled.*excl\.: excluded", 1),
    ("no team, no column", r"Team", 0),
    ("no coefficient, no column", r"Coeff\.", 0),
]


@pytest.mark.parametrize(("pattern", "times"), [row[1:] for row in ON_THE_PAGE], ids=[row[0] for row in ON_THE_PAGE])
def test_the_page_says(pattern, times):
    assert len(re.findall(pattern, page(small(), FIRST, "ef" * 32, None).split("</style>")[1])) == times


def test_words_that_do_not_occur_are_not_explained():
    assert "canc." not in page(content([line(1, 7, "3", "0", [score("PC1", "3")])], ("PC1",)), FIRST, "ef", None)


def test_a_doubt_about_many_crews_is_counted():
    scores = [[score("PC1", "0", doubts=["A1: the source (hand) states no uncertainty"])] for _ in range(31)]
    published = content([line(n, n, "0", "0", its) for n, its in enumerate(scores, 1)], ("PC1",))
    assert "PC1: 31 crews" in page(published, FIRST, "ef" * 32, None)


@pytest.mark.parametrize(("controls", "wide"), [(WIDE - 1, False), (WIDE, True)])
def test_many_controls_scroll_in_themselves(controls, wide):
    assert ('class="frame wide"' in page(big(2, controls), FIRST, "ef" * 32, None)) == wide


def two_legs():
    """Return an overall ranking of one crew: leg 1 with 3 and 4, leg 2 with an open control and a doubt."""
    scores = [score("PC1", "3"), score("PC2", "4", doubts=["d"]), score("PC3", "5"), open_score("PC4")]
    legs = [{"id": "L1", "name": "Leg 1"}, {"id": "L2", "name": "Leg 2"}]
    controls = [{"id": f"PC{n}", "kind": "timed trial", "leg": f"L{(n + 1) // 2}"} for n in (1, 2, 3, 4)]
    whole = content([line(None, 7, "12", "", scores, status="1 open")], ("PC1", "PC2", "PC3", "PC4"))
    return {**whole, "leg": None, "legs": legs, "controls": controls}


def test_the_ranking_over_all_legs_has_a_column_a_leg():
    text = page(two_legs(), FIRST, "ef" * 32, None).split("</style>")[1]
    assert re.findall(r'<th scope="col" class="c">([^<]*)<', text) == ["Leg 1", "Leg 2"]
    assert re.findall(r'<td class="c ([^"]*)">([^<]*)<', text) == [("doubt", "7"), ("open", "open")]
    assert "<h1>Classic, all legs</h1>" in text
    assert '<a href="classic-leg-L1.html">Leg 1</a>, <a href="classic-leg-L2.html">Leg 2</a>.' in text.replace(
        "\n", " "
    ).replace(",  ", ", ")


def test_the_page_says_what_changed():
    before, after = small(), small()
    after["lines"][1]["scores"][1] = score("PC2", "4")
    after["lines"][1].update(position=2, total="4", net="4", gap="1")
    text = page(after, OFFICIAL, "ef" * 32, compare(before, after)).split("</style>")[1]
    assert "Changed since version 1" in text
    assert "<td>1 → 2</td><td>3 → 4</td><td>PC2: 3 → 4 (4/100 s late x 1 = 4); now behind 7</td>" in text
    assert 'class="status official">Official ranking, version 2' in text
    assert "approved by Steward 1" in text


def test_the_index_leads_to_every_ranking():
    text = index("Small Event", [(small(), FIRST), (two_legs(), OFFICIAL)])
    assert re.findall(r'<a href="([^"]*)">([^<]*)</a> <span class="status (\w+)">', text) == [
        ("classic-leg-L1.html", "Leg 1", "provisional"),
        ("classic-overall.html", "All legs", "official"),
    ]
    assert text.count("<h2>Classic</h2>") == 1


def test_a_time_that_no_board_took_is_marked_and_says_its_source():
    hand = score("PC1", "3", sources={"A1": "ALGE backup"}, doubts=["one"])
    plain_one = content([line(1, 7, "3", "0", [score("PC1", "3", doubts=["one"])])], ("PC1",))
    marked = content([line(1, 7, "3", "0", [hand])], ("PC1",))
    text = page(marked, FIRST, "ef", None)
    assert '<td class="c source doubt">3</td>' in text
    assert "A1 timed by ALGE backup" in text
    assert "not taken by a board" in text
    assert "not taken by a board" not in page(plain_one, FIRST, "ef", None)
    assert as_csv(marked) == as_csv(plain_one)
    shown = json.loads(as_json(marked, FIRST, None))
    assert shown["lines"][0]["scores"][0]["sources"] == {"A1": "ALGE backup"}


def test_all_legs_mark_a_leg_with_such_a_time():
    both = two_legs()
    both["lines"][0]["scores"][0]["sources"] = {"A1": "hand"}
    assert 'class="c source doubt">7<' in page(both, FIRST, "ef", None)


def test_a_csv_for_an_excel_that_writes_commas():
    """A byte order mark, semicolons and decimal commas; what was taken and its sign beside what it gave."""
    early = score("PC1", "12", deviation=-12, taken_cs=2988)
    late = score("CO1", "200", unit="min", deviation=2, taken_cs=3306150, set_cs=3294000)
    posted = content([line(1, 7, "284.08", "0", [early, late], coefficient="1.34", net="212")], ("PC1", "CO1"))
    text = as_excel_csv(posted)
    assert text.startswith(
        "\ufeffposition;start_number;crew;car;year;team;PC1 taken;PC1 +/-;PC1;CO1 taken;CO1 +/-;CO1;"
    )
    row = text.splitlines()[1].split(";")
    assert row[6:12] == ["0:29,88", "-0,12", "12", "09:11:01", "2", "200"]
    assert row[12:16] == ["212", "1,34", "0", "284,08"]
