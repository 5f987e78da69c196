"""Pictures: what a page shows of a timing point and of a crew, that it needs nothing else, that labels can be read."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from centesimo.commands.main import centesimo
from centesimo.compute import Facts, Outcome, compute
from centesimo.model.basis import LOADED, Basis, BasisKind
from centesimo.model.errors import StoreError, TimingError
from centesimo.model.event import AVERAGE_TRIAL, TIMED_TRIAL, Event
from centesimo.model.facts import CANCELLED, OPEN, RETIRED, SCORED, Passage, Score
from centesimo.picture import pictures
from centesimo.picture.arrivals import Arrival, Arrivals
from centesimo.picture.crew import course, reach_by_kind
from centesimo.picture.point import late_chart, strips
from centesimo.picture.scale import hours, hundredths, reach_s, signed, signed_cs
from centesimo.sanity import judged
from centesimo.score import HUNDREDTHS
from centesimo.words.findings import sentence
from simulate.driven import Course, driven
from tests import golden_day
from tests.decisions import DEVIATIONS, EVENT, FLAT, NOBODYS_S, at_ns, facts, passage
from tests.events import write

S_NS = 1_000_000_000
SVG = "{http://www.w3.org/2000/svg}"


def outcome(*more: Passage) -> Outcome:
    """Return what follows from the small day, with more passages."""
    day = facts()
    return judged(EVENT, compute(day._replace(loaded=(*day.loaded, *more))))


def page(file: str, *more: Passage) -> str:
    return dict(pictures(EVENT, outcome(*more), {file}))[file]


def charts(text: str) -> list[ElementTree.Element]:
    """Return the charts of a page; the marks of its key are none."""
    return [ElementTree.fromstring(one) for one in re.findall(r'<svg [^>]*role="img".*?</svg>', text, re.DOTALL)]


def test_every_passage_is_seen_and_who_was_missed() -> None:
    arrivals = Arrivals(EVENT, outcome())  # A2 missed crew 3; at A1 somebody passed after all others
    at_a2 = [(one.kind, one.start_number) for one in arrivals.at("A2")]
    assert at_a2 == [("hand", 1), ("hand", 2), ("missing", 3), ("hand", 11), ("hand", 12)]
    at_a1 = [(one.kind, one.start_number) for one in arrivals.at("A1")]
    assert at_a1 == [("hand", 1), ("hand", 2), ("hand", 3), ("hand", 11), ("hand", 12), ("nobody", None)]


def test_a_mark_says_who_when_how_late_and_how_sure() -> None:
    # crew 1 opens at 09:15:00.00, is due 30 s later and 5/100 s late
    (one,) = [one for one in Arrivals(EVENT, outcome()).at("A2") if one.start_number == 1]
    assert one.title.startswith("09:15:30.05: crew 1; due 09:15:30.00; 0.05 s late; ")
    assert one.title.endswith("; timed by second device")
    nobody = Arrivals(EVENT, outcome()).at("A1")[-1]
    assert nobody.title.startswith("09:28:20.00: nobody's; timed by second device; A1 at 09:28:20.00: ")


def test_the_page_of_a_point_has_its_marks_and_its_open_questions() -> None:
    text = page("point-A2.html")
    late, *strip = charts(text)
    assert [one.get("class") for one in late.iter(f"{SVG}circle")] == ["hand"] * 4
    labels = [one.text for chart in strip for one in chart.iter(f"{SVG}text") if "name" in (one.get("class") or "")]
    assert labels == ["1", "2", "11", "12", "3"]
    assert "<li>Crew 3 was not seen at A2.</li>" in text


def test_the_page_of_a_crew_has_a_mark_for_each_trial() -> None:
    (chart,) = charts(page("crew-2.html"))  # 3/100 s and 4/100 s late
    marks = [(one.get("class"), one[0].text) for one in chart.iter(f"{SVG}circle") if one.get("class") != "zero"]
    assert [(kind, (title or "")[:15]) for kind, title in marks] == [
        ("late", "PC1: 0:30.03, +"),
        ("late", "PC2: 0:12.29, +"),
    ]
    assert [one.text for one in chart.iter(f"{SVG}text") if "name" in (one.get("class") or "")] == ["+3", "+4"]


def test_the_same_outcome_gives_the_same_bytes_and_a_page_needs_nothing_else() -> None:
    pages = dict(pictures(EVENT, outcome()))
    assert pages == dict(pictures(EVENT, outcome()))
    assert len(pages) == 1 + len(EVENT.timing_points) + len(EVENT.entries)
    for text in pages.values():
        assert not re.search(r"<script|<link|src=|url\(|@import|Generated", text)
        for link in re.findall(r'href="([^"]*)"', text):
            assert link in pages or link == "../index.html"


# name: (event, facts). The golden day has all that officials decide, over several legs.
DAYS = {
    "nothing was seen yet": (EVENT, facts()._replace(loaded=())),
    "the golden day": (
        golden_day.event(),
        Facts(
            golden_day.event(),
            (),
            {},
            tuple(golden_day.recorded(golden_day.truth())),
            tuple(golden_day.decisions(golden_day.truth())),
        ),
    ),
}


@pytest.mark.parametrize(("event", "day"), DAYS.values(), ids=DAYS)
def test_any_day_has_its_pages_and_nothing_is_off_at_its_points(event: Event, day: Facts) -> None:
    before = compute(day)
    found = judged(event, before)
    assert found.findings == before.findings
    points = [point.id for point in event.timing_points[:3]]
    pages = dict(pictures(event, found, {*(f"point-{one}.html" for one in points), "crew-1.html"}))
    for text in pages.values():
        values = {value for chart in charts(text) for one in chart.iter() for value in one.attrib.values()}
        assert not values & {"nan", "inf", "None"}
    for point in points:
        seen = any(one.timing_point == point and one.at_ns is not None for one in found.passages)
        assert bool(charts(pages[f"point-{point}.html"])) == seen


def test_a_passage_is_held_against_the_due_time_of_its_own_leg() -> None:
    day_ns = 86_400 * S_NS
    (first,) = EVENT.legs
    again = [replace(one, id=f"{one.id}b", leg="L2") for one in EVENT.controls]
    races = [
        replace(
            race,
            starts=(*race.starts, replace(race.starts[0], leg="L2", first_at_ns=day_ns + race.starts[0].first_at_ns)),
        )
        for race in EVENT.races
    ]
    legs = (first, replace(first, id="L2", date=first.date + timedelta(days=1)))
    event = replace(EVENT, legs=legs, races=tuple(races), controls=(*EVENT.controls, *again))
    loaded = facts().loaded
    later = [one._replace(id=f"{one.id}b", at_ns=(one.at_ns or 0) + day_ns) for one in loaded]
    seen = Arrivals(event, compute(facts()._replace(event=event, loaded=(*loaded, *later)))).at("A2")
    assert [(one.kind, one.start_number) for one in seen] == 2 * [
        ("hand", 1),
        ("hand", 2),
        ("missing", 3),
        ("hand", 11),
        ("hand", 12),
    ]
    # the deviations of PC1, both days alike
    late_cs = [((one.at_ns or 0) - (one.due_ns or 0)) // 10_000_000 for one in seen if one.at_ns]
    assert late_cs == 2 * [DEVIATIONS[number][0] for number in (1, 2, 11, 12)]


def test_a_text_of_an_entry_is_never_markup() -> None:
    entry = replace(EVENT.entries[0], crew="<b>& Co")
    event = replace(EVENT, entries=(entry, *EVENT.entries[1:]))
    text = dict(pictures(event, outcome(), {f"crew-{entry.start_number}.html"}))
    assert all("<b>&" not in one for one in text.values())


def test_labels_of_cars_close_behind_each_other_do_not_overlap() -> None:
    close = [passage("A1", 50 + place, NOBODYS_S + 60 + 4 * place) for place in range(4)]  # 4 s apart
    for chart in charts(page("point-A1.html", *close))[1:]:
        boxes = [
            (float(one.get("x", "")), float(one.get("y", "")), 6 * len(one.text or ""))
            for one in chart.iter(f"{SVG}text")
            if "name" in (one.get("class") or "")
        ]
        for place, (x, y, width) in enumerate(boxes):
            for other_x, other_y, other_width in boxes[:place]:
                assert abs(y - other_y) > 9 or abs(x - other_x) >= (width + other_width) / 2


def field(crews: int, interval_s: int, late_s: int = 0) -> list[Arrival]:
    """Return a field that passes from 09:00 on, each so late on its due time."""
    begin_ns = at_ns(0)
    ats = [begin_ns + place * interval_s * S_NS for place in range(crews)]
    return [
        Arrival("given", at, at - late_s * S_NS, number, f"crew {number}") for number, at in enumerate(ats, start=101)
    ]


# name: (crews, s between them, how many charts, minutes of each). A chart has room for 14: at 60 s for 10 minutes.
DENSITIES = {
    "a quarter at 75 s": (12, 75, 1, 15),
    "10 minutes at 60 s": (20, 60, 2, 10),
    "5 minutes at 30 s": (400, 30, 40, 5),
    "as it comes at 12 s": (100, 12, 4, 5),
}


@pytest.mark.parametrize(("crews", "interval_s", "count", "minutes"), DENSITIES.values(), ids=DENSITIES)
def test_a_dense_field_is_cut_finer(crews: int, interval_s: int, count: int, minutes: int) -> None:
    found = strips(field(crews, interval_s), EVENT.timezone, "A1")
    assert len(found) == count
    assert [one.begins for one in found[:2]] == ["09:00", f"09:{minutes:02}"][:count]


def test_the_numbers_of_400_crews_are_under_no_mark_and_no_other_number() -> None:
    """As wide as 6 px a digit, 8 px high; a mark is 3.5 px around its middle."""
    for strip in strips(field(400, 30), EVENT.timezone, "A1"):
        chart = ElementTree.fromstring(strip.chart)
        names = [one for one in chart.iter(f"{SVG}text") if "name" in (one.get("class") or "")]
        boxes = [(float(one.get("x", "")), float(one.get("y", "")), len(one.text or "")) for one in names]
        marks = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in chart.iter(f"{SVG}circle")]
        for x, y, digits in boxes:
            others = [box for box in boxes if box != (x, y, digits)]
            assert not [1 for at, up, more in others if abs(up - y) < 9 and abs(at - x) < 3 * (digits + more)]
            assert not [1 for at, up in marks if abs(at - x) < 3 * digits + 3 and -11 < up - y < 3]


def test_who_was_due_in_another_chart_stands_at_its_edge() -> None:
    (only,) = strips(field(1, 60, late_s=90), EVENT.timezone, "A1")  # passes at 09:00:00, was due at 08:58:30
    (due, passed) = ElementTree.fromstring(only.chart).iter(f"{SVG}circle")
    assert (due.get("class"), due[0].text, passed.get("class")) == ("beyond", "crew 101: due 08:58:30", "given")
    assert due.get("cx") == passed.get("cx")  # both at the left edge


def test_a_doubt_is_told_without_colour() -> None:
    doubtful = [one._replace(kind="doubt") if one.start_number == 103 else one for one in field(9, 60, late_s=1)]
    late, (only,) = late_chart(doubtful, EVENT.timezone, "A1"), strips(doubtful, EVENT.timezone, "A1")
    assert re.findall(r"<text[^>]*name doubt[^>]*>([^<]*)<", late) == ["?"]
    assert re.findall(r"<text[^>]*name doubt[^>]*>([^<]*)<", only.chart) == ["103?"]


def test_all_trials_lie_beside_each_other_and_what_may_be_off_is_marked() -> None:
    """B2 is 12/100 s late: of the best crews of B1-B2 none is early, of those of B2-B3 none is late."""
    day = driven(Course(7, crews=120, late_cs={"B2": 12}))
    found = judged(day.event, Outcome(tuple(day.passages.values()), (), tuple(day.scores), (), ()))
    text = dict(pictures(day.event, found, ()))["index.html"]
    (chart,) = charts(text)
    marks = {title.split(":")[0]: kind for title, kind in marks_of(chart) if kind != "due"}
    assert marks == {one.id: "doubt" if one.id in ("B1-B2", "B2-B3") else "given" for one in day.event.controls}
    assert re.findall(r"<text[^>]*name doubt[^>]*>([^<]*)<", text) == ["?", "?"]
    assert f"<li>{sentence(found.findings[0], day.event)}</li>" in text
    assert "<li>B1-B2: the best 40 crews, half of them from +0." in text


def marks_of(chart: ElementTree.Element) -> list[tuple[str, str]]:
    """Return the title and the class of each mark."""
    return [(one[0].text or "", one.get("class") or "") for one in chart.iter(f"{SVG}circle")]


# What a trial gave: (status, deviation, doubts), what is written at its mark.
LABELS = {
    "late": (SCORED, 12, (), "+12"),
    "early, with a doubt": (SCORED, -3, ("A1: the whole second is not confirmed",), "\u22123?"),
    "exact": (SCORED, 0, (), "0"),
    "open": (OPEN, None, (), "open"),
    "cancelled": (CANCELLED, 12, (), "canc."),
    "retired": (RETIRED, None, (), "ret."),
}


@pytest.mark.parametrize(("status", "deviation", "doubts", "label"), LABELS.values(), ids=LABELS)
def test_what_is_written_at_the_mark_of_a_trial(status, deviation, doubts, label) -> None:
    score = Score("R", "PC1", 1, status, HUNDREDTHS, 1000, None, deviation, None, "", "", (), doubts)
    (chart,) = course([score], {"PC1": TIMED_TRIAL}, {TIMED_TRIAL: 0.5}).charts
    assert re.findall(r"<text[^>]*class=\"name[^>]*>([^<]*)<", chart) == [label]


def test_average_trials_have_a_scale_of_their_own() -> None:
    """Two seconds late at an average trial and 0.04 s at a timed one: the axes go to 2 s and to 0.1 s."""
    kinds = {"PC1": TIMED_TRIAL, "PM1.1": AVERAGE_TRIAL, "PC2": TIMED_TRIAL}
    scores = [
        Score("R", control, 7, SCORED, HUNDREDTHS, 1000, None, late_cs, None, "", "", (), ())
        for control, late_cs in (("PC1", 4), ("PM1.1", 200), ("PC2", -3))
    ]
    reaches = reach_by_kind(scores, kinds)
    assert reaches == {TIMED_TRIAL: 0.1, AVERAGE_TRIAL: 2}
    timed, average = course(scores, kinds, reaches).charts
    assert "How late crew 7 was at each timed trial" in timed
    assert "+0.1 s" in timed
    assert "PM1.1" not in timed
    assert "How late crew 7 was at each average trial" in average
    assert "+2 s" in average


FROM_A1 = Basis(BasisKind.IDEAL_TIME, "A1")
# name: (basis, confidence, how sure a picture says that it is)
SURE = {
    "computed": (FROM_A1, 0.987, "99 % by ideal time from A1"),
    "never certain": (FROM_A1, 0.99999, "over 99 % by ideal time from A1"),
    "only one way to read it": (FROM_A1, 1.0, "100 % by ideal time from A1"),
    "its file says so": (LOADED, 1.0, "its file names the crew"),
    "its file and a list say so": (LOADED._replace(list_line="lists/A1.csv:5"), 1.0, "its file names the crew"),
    "an official says so": (Basis(BasisKind.DECIDED, decision="1234"), 1.0, "given by amendment 1234"),
}


@pytest.mark.parametrize(("basis", "confidence", "said"), SURE.values(), ids=SURE)
def test_how_sure_it_is_whose_a_passage_is(basis: Basis, confidence: float, said: str) -> None:
    found = outcome()
    given = [one._replace(basis=basis, confidence=confidence) for one in found.attributions]
    (one,) = [
        one for one in Arrivals(EVENT, found._replace(attributions=tuple(given))).at("A2") if one.start_number == 1
    ]
    assert said in one.title.split("; ")


def test_what_pictures_show_is_there_in_words() -> None:
    text = page("point-A2.html")
    assert "<li>09:15:30.05: crew 1; due 09:15:30.00; 0.05 s late; " in text
    assert "<li>PC1: 0:30.03, +0.03 s: 3/100 s late x 1 = 3; A1 timed by second device" in page("crew-2.html")


# name: (deviations in s, how far the axis goes)
REACHES = {
    "none": ([], 0.1),
    "hundredths": ([0.01, -0.09], 0.1),
    "one far off": ([0.04] * 19 + [250.0], 0.1),
    "minutes": ([100.0, 110.0], 120),
    "hours": ([9000.0, 9000.0], 3600),
}


@pytest.mark.parametrize(("values", "expected"), REACHES.values(), ids=REACHES)
def test_an_axis_goes_as_far_as_nearly_all_values(values: list[float], expected: float) -> None:
    assert reach_s(values) == expected


def test_times_and_durations_are_written_as_people_read_them() -> None:
    assert [signed(one) for one in (0, 0.05, -0.25, 30, -120)] == [
        "0",
        "+0.05 s",
        "\u22120.25 s",
        "+30 s",
        "\u22122 min",
    ]
    assert [hundredths(one) for one in (0.05, -1.2, 0.001)] == [
        "0.05 s late",
        "1.20 s early",
        "on time to the hundredth",
    ]
    assert [signed_cs(one) for one in (0.054, -1.2, -0.001)] == ["+0.05 s", "\u22121.20 s", "+0.00 s"]
    first_ns = 1_810_360_800 * S_NS  # 2027-05-15 08:00 in Rome
    assert [text for _, text in hours(first_ns + 1, first_ns + 3600 * S_NS, EVENT.timezone)] == [
        "08:10",
        "08:20",
        "08:30",
        "08:40",
        "08:50",
        "09:00",
    ]


@pytest.fixture
def desk(tmp_path: Path):
    """Return how to run a command in the folder of the small event, with one crew that drove it."""
    folder = write(tmp_path, FLAT)
    rows = ["timing_point,start_number,time_of_day,source", "C1,1,09:10:20,card"]
    rows += [f"{point},1,{at},watch" for point, at in (("A1", "09:15:00"), ("A2", "09:15:30.05"), ("A3", "09:15:42.3"))]
    (folder / "sheet.csv").write_text("\n".join(rows) + "\n")
    runner = CliRunner(env={"CENTESIMO_EVENT": str(folder)})

    def run(*words: str) -> Result:
        return runner.invoke(centesimo, list(words))

    assert run("load", str(folder / "sheet.csv"), "--event", str(folder)).exit_code == 0
    run.folder = folder
    return run


def test_the_rankings_lead_to_the_pictures_once_they_are_drawn(desk) -> None:
    results = desk.folder / "results"
    assert desk("publish").exit_code == 0
    assert "pictures" not in (results / "index.html").read_text()
    drawn = json.loads(desk("picture", "--json").output)
    assert drawn["index"] == str(results / "pictures" / "index.html")
    assert desk("publish").exit_code == 0
    assert 'href="pictures/index.html"' in (results / "index.html").read_text()
    ranking = (results / "classic-leg-L1.html").read_text()
    for link in re.findall(r'href="(pictures/[^"]*)"', ranking):
        assert (results / link).is_file()
    assert 'href="pictures/crew-1.html"' in ranking


def test_only_some_pages_are_drawn(desk, tmp_path: Path) -> None:
    done = desk("picture", "--point", "A1", "--start-number", "2", "--to", str(tmp_path / "some"))
    assert done.exit_code == 0, done.output
    assert sorted(one.name for one in (tmp_path / "some").iterdir()) == ["crew-2.html", "index.html", "point-A1.html"]


REFUSED = {
    "no such point": (("--point", "B9"), TimingError, "expected a timing point of the event"),
    "no such crew": (("--start-number", "99"), TimingError, "expected a start number of the event"),
    "a folder that is a file": (("--to", "event.toml"), StoreError, "cannot write the results"),
}


@pytest.mark.parametrize(("words", "error", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(desk, monkeypatch, words, error, says) -> None:
    monkeypatch.chdir(desk.folder)
    done = desk("picture", *words)
    assert isinstance(done.exception, error)
    assert says in str(done.exception)
    assert not (desk.folder / "results").exists()
