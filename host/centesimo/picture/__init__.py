"""Pictures of the day: a page for each timing point and each crew, and an index of them.

Values in, pages out: no store, no clock. A page needs nothing but itself: SVG inside HTML, no script, nothing loaded;
the same outcome gives the same bytes. What is drawn is what was computed, doubts and findings with it.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterator
from itertools import groupby
from typing import Any

from centesimo.amend.scores import reached
from centesimo.compute import Outcome
from centesimo.model.decisions import Average
from centesimo.model.event import Entry, Event, TimingPoint
from centesimo.model.facts import Score
from centesimo.picture import crew as crews
from centesimo.picture.arrivals import OF_SCORES, Arrivals, counts
from centesimo.picture.best_crews import best_charts, spread_text
from centesimo.picture.chart import path_of
from centesimo.picture.point import late_chart, middle_s, strips
from centesimo.picture.scale import signed_cs
from centesimo.publish.template import template
from centesimo.publish.tongue import ENGLISH, Tongue
from centesimo.sanity import KINDS
from centesimo.sanity.best_crews import spreads
from centesimo.sanity.causes import touched
from centesimo.words.boards import shown_board
from centesimo.words.findings import sentence, sentences

INDEX = "index.html"


def pictures(event: Event, outcome: Outcome, wanted: Container[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield each page as its file's name and text: the index, then every timing point, then every crew.

    `wanted` are the files to draw beside the index, None all. It takes about 2 ms a passage.
    """
    yield INDEX, _index(event, outcome)
    arrivals = Arrivals(event, outcome)
    for point in event.timing_points:
        if wanted is None or point_file(point.id) in wanted:
            yield point_file(point.id), _point(event, outcome, arrivals, point)
    averaged: dict[int, set[str]] = defaultdict(set)
    for decision in outcome.applied.of_scores:
        if isinstance(decision.action, Average):
            averaged[decision.action.start_number] |= reached(event, decision)
    scores_by_crew: dict[int, list[Score]] = defaultdict(list)
    for score in outcome.scores:
        scores_by_crew[score.start_number].append(score)
    for entry in event.entries:
        if wanted is None or crew_file(entry.start_number) in wanted:
            controls = averaged[entry.start_number]
            yield crew_file(entry.start_number), _crew(event, entry, scores_by_crew[entry.start_number], controls)


def point_file(point: str) -> str:
    """Return the name of a timing point's page."""
    return f"point-{point}.html"


def crew_file(start_number: int) -> str:
    """Return the name of a crew's page."""
    return f"crew-{start_number}.html"


def _index(event: Event, outcome: Outcome) -> str:
    """Return the index: links to all pages, and how late the best crews were at every trial."""
    findings = [finding for finding in outcome.findings if finding.kind in KINDS]
    texts = [sentence(finding, event) for finding in findings]
    doubtful = touched(event, {finding.where for finding in findings})
    best = [
        (
            kind,
            best_charts(best_crews, doubtful, f"Where the best crews lie at every {kind}"),
            list(map(spread_text, best_crews)),
        )
        for kind, best_crews in spreads(event, outcome.scores).items()
    ]
    return _page(
        "pictures.html", event=event, races=_races(event), points=event.timing_points, best=best, findings=texts
    )


def _page(file: str, tongue: Tongue = ENGLISH, **values: Any) -> str:
    """Return a page of a template, which draws marks as the charts do."""
    return template(file).render(path_of=path_of, t=tongue, **values)


def _races(event: Event) -> list[tuple[str, list[Entry]]]:
    return [(race.name, [entry for entry in event.entries if entry.race == race.id]) for race in event.races]


def _point(event: Event, outcome: Outcome, arrivals: Arrivals, point: TimingPoint) -> str:
    """Return the page of one timing point."""
    here = arrivals.at(point.id)
    controls = [control for control in event.controls if point.id in (control.opens, control.closes)]
    places = {point.id, point.board, point.backup_of, *(control.id for control in controls)}
    middle = middle_s(here)
    return _page(
        "picture-point.html",
        event=event,
        point=point,
        board=shown_board(event, point.board) if point.board else "",
        controls=controls,
        kinds=counts(here),
        late=late_chart(here, event.timezone, f"How late crews were at {point.id}"),
        middle="" if middle is None else signed_cs(middle),
        arrivals=here,
        strips=strips(here, event.timezone, f"Passages at {point.id}"),
        findings=sentences(
            (
                finding
                for finding in outcome.findings
                if finding.where in places - {None, ""} and finding.kind not in OF_SCORES
            ),
            event,
        ),
    )


def _crew(event: Event, entry: Entry, scores: list[Score], averaged: Collection[str]) -> str:
    """Return the page of one crew; `averaged` are its controls with an assigned average."""
    tongue = Tongue(event.languages[0], event.languages[:1])
    place = {control.id: number for number, control in enumerate(event.controls)}
    leg_by_control = {control.id: control.leg for control in event.controls}
    name_by_leg = {leg.id: leg.name for leg in event.legs}
    ordered = sorted(scores, key=lambda score: place[score.control])
    kinds = {control.id: control.kind for control in event.controls}
    reaches = crews.reach_by_kind(ordered, kinds)
    legs = [
        (name_by_leg[leg], crews.course(list(of_leg), kinds, reaches, averaged, tongue))
        for leg, of_leg in groupby(ordered, key=lambda score: leg_by_control[score.control])
    ]
    means = crews.kinds((course for _, course in legs), tongue)
    return _page("picture-crew.html", tongue, event=event, entry=entry, legs=legs, kinds=means)
