"""The pages that crews and public read, one for each ranking and an index: published content in, HTML out.

A page needs nothing but itself: no script, nothing loaded. It is read on a phone on a mountain, at a desk, and from a
notice board; what a control gave and why unfolds below its crew. The ranking over several legs has a column a leg: each
control is on the page of its leg. The same content gives the same bytes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from centesimo.model.event import LANGUAGES
from centesimo.model.facts import CANCELLED, DISCARDED, EXCLUDED, MISSED, NOT_STARTED, OPEN, RETIRED, SCORED
from centesimo.publish.compare import Comparison, Team
from centesimo.publish.further import as_ranking, files_of
from centesimo.publish.published import HIGHEST, Content, FurtherContent, LineContent, ScoreContent, questions_of
from centesimo.publish.render import WORDS, Imprint, about, cell, has_part, name, typeset
from centesimo.publish.template import template
from centesimo.publish.tongue import ENGLISH, Tongue
from centesimo.words.paper import outdated_in

WIDE = 10  # columns of controls from which a table scrolls in itself, with its crews and totals always in sight
PARTED = 14  # columns from which the page has the totals, and one beside it every control: more do not fit at a desk
MANY = 20  # columns from which penalties flow below their crew in print
NAMED = 30  # a doubt about more crews than that is counted
UNFOLDED = 20  # so many changed crews are shown at once, more are folded

# What the words of a cell mean, in the order in which the page explains them.
LEGEND = {
    OPEN: "{word}: not settled, counts nothing yet",
    CANCELLED: "{word}: cancelled, does not count",
    MISSED: "{word}: not driven",
    DISCARDED: "in brackets: one of the crew's worst, counts only what is shown",
    EXCLUDED: "{word}: excluded",
    RETIRED: "{word}: gave up here or before",
    NOT_STARTED: "{word}: did not start",
}


class Cell(NamedTuple):
    """What one control (or one leg) gave one crew, in short and in a line."""

    label: str
    text: str
    kind: str  # classes of style.css: a status that is not "scored", "source", "doubt"
    about: str


class Row(NamedTuple):
    """One crew."""

    line: LineContent
    cells: list[Cell]


class Doubt(NamedTuple):
    """One doubt and whom it concerns: "PC1: 12, 13; PC2: 12"."""

    text: str
    where: str


class Page(NamedTuple):
    """One page of those that a ranking has: its own, and one for each further ranking."""

    name: str  # "All crews", "Ladies' cup"
    file: str  # without its end
    is_this: bool


def page(
    content: Content,
    imprint: Imprint,
    digest: str,
    changes: Comparison | None,
    has_pictures: bool = False,
    times: str = "",
    tongue: Tongue = ENGLISH,
) -> str:
    """Return the page of one posted ranking; `changes` is what is different from the version before.

    `has_pictures`: beside it are the pages of centesimo picture, and each crew leads to its own. `times`: the page
    beside it (without its end) that has every control; then this one has the totals, and each crew leads there.
    `tongue`: its language.
    """
    return _ranking(content, imprint, digest, changes, _pages(content, "", tongue), has_pictures, times, tongue)


def is_parted(content: Content) -> bool:
    """Say whether a ranking has so many columns that its page has the totals, and one beside it every control."""
    return len(_columns(content)) >= PARTED


def further_page(
    content: Content,
    further: FurtherContent,
    file: str,
    imprint: Imprint,
    digest: str,
    changes: Comparison | tuple[Team, ...] | None,
    has_pictures: bool = False,
    times: str = "",
    tongue: Tongue = ENGLISH,
) -> str:
    """Return the page of one further ranking of a posted content, written to `file`; what is more as in `page`."""
    pages = _pages(content, file, tongue)
    shown_as = as_ranking(content, further)
    if isinstance(changes, Comparison) or not further["by"]:
        of_crews = changes if isinstance(changes, Comparison) else None
        return _ranking(shown_as, imprint, digest, of_crews, pages, has_pictures, times, tongue)
    return template("teams.html").render(
        **_head(shown_as, imprint, digest, pages, tongue),
        further=further,
        changes=changes or (),
        has_pictures=has_pictures,
    )


def _pages(content: Content, file: str, tongue: Tongue) -> list[Page]:
    """Return the pages of a ranking, none where it has only its own."""
    own = _file(content)
    further = [Page(ranking["name"], further_file, further_file == file) for further_file, ranking in files_of(content)]
    return [Page(tongue("All crews"), own, not file), *further] if further else []


def _file(content: Content) -> str:
    return name(content["race"]["id"], content["leg"]["id"] if content["leg"] else None)


def _head(content: Content, imprint: Imprint, digest: str, pages: Sequence[Page], tongue: Tongue) -> dict[str, Any]:
    """Return what every posted page says of itself."""
    return {
        "content": content,
        "t": tongue,
        "title": title_in(content, tongue),
        "imprint": imprint,
        "posted": tongue.hour(imprint.posted_at_ns, content["timezone"]),
        "digest": digest,
        "prints": list(_prints(content, imprint)),
        "highest_wins": content["wins"] == HIGHEST,
        "pages": pages,
        "file": next((page.file for page in pages if page.is_this), _file(content)),
        "json": pages[0].file if pages else _file(content),
    }


def title_in(content: Content, tongue: Tongue) -> str:
    """Return what a ranking is called: its race and leg."""
    return f"{content['race']['name']}, {content['leg']['name'] if content['leg'] else tongue('all legs')}"


def _prints(content: Content, imprint: Imprint) -> Iterator[tuple[int, bool, list[tuple[str, str]]]]:
    """Yield for each version up to this one what its print is now worth, in every language: its QR code leads there."""
    for version in range(1, imprint.version + 1):
        stated = version, imprint.version, imprint.posted_at_ns, content["timezone"]
        texts = [(language, outdated_in(language, *stated)) for language in LANGUAGES]
        yield version, version < imprint.version, texts


def _ranking(
    content: Content,
    imprint: Imprint,
    digest: str,
    changes: Comparison | None,
    pages: Sequence[Page],
    has_pictures: bool = False,
    times: str = "",
    tongue: Tongue = ENGLISH,
) -> str:
    columns = [] if times else _columns(content)
    return template("ranking.html").render(
        **_head(content, imprint, digest, pages, tongue),
        columns=columns,
        has_pictures=has_pictures,
        rows=[Row(line, [] if times else list(_cells(content, line, tongue))) for line in content["lines"]],
        times=times,
        wide=len(columns) >= WIDE,
        many=len(columns) >= MANY,
        has_team=any(line["team"] for line in content["lines"]),
        has_coefficient=any(Decimal(line["coefficient"]) != 1 for line in content["lines"]),
        has_part=has_part(content),
        legend=_legend(content, tongue),
        doubts=_doubts(content, tongue),
        questions=[tongue.text(text) for text in questions_of(content)],
        has_source=any(score.get("sources") for line in content["lines"] for score in line["scores"]),
        changes=changes,
        unfolded=UNFOLDED,
        leg_pages=[(leg["name"], name(content["race"]["id"], leg["id"])) for leg in content["legs"]],
    )


def index(
    event: str, posted: Iterable[tuple[Content, Imprint]], has_pictures: bool = False, tongue: Tongue = ENGLISH
) -> str:
    """Return the page that leads to every posted ranking of an event, race by race."""
    rows = [
        (
            content["race"]["name"],
            content["leg"]["name"] if content["leg"] else tongue("All legs"),
            _file(content),
            imprint,
            f"{tongue.hour(imprint.posted_at_ns, content['timezone'])} ({content['timezone']})",
            _pages(content, "", tongue)[1:],
        )
        for content, imprint in posted
    ]
    races = [(race, list(of_race)) for race, of_race in groupby(rows, lambda row: row[0])]
    return template("index.html").render(event=event, races=races, has_pictures=has_pictures, t=tongue)


def _columns(content: Content) -> list[str]:
    if content["leg"] is None:
        return [leg["name"] for leg in content["legs"]]
    return [control["id"] for control in content["controls"]]


def _cells(content: Content, line: LineContent, tongue: Tongue) -> Iterator[Cell]:
    if content["leg"] is None:
        leg_by_control = {control["id"]: control["leg"] for control in content["controls"]}
        for leg in content["legs"]:
            own = [score for score in line["scores"] if leg_by_control[score["control"]] == leg["id"]]
            yield _leg_cell(leg["name"], own, tongue)
        return
    for score in line["scores"]:
        kind = [] if score["status"] == SCORED else [score["status"]]
        yield Cell(
            score["control"], tongue.short(cell(score)), " ".join(kind + _marks([score])), tongue.text(about(score))
        )


def _leg_cell(label: str, scores: Sequence[ScoreContent], tongue: Tongue) -> Cell:
    """Return a leg of the ranking over all legs: the sum of its penalties, or why there is none."""
    statuses = [score["status"] for score in scores]
    for out in (EXCLUDED, NOT_STARTED, RETIRED):
        if out in statuses:
            return Cell(label, tongue(WORDS[out]), out, "")
    if OPEN in statuses:
        count = statuses.count(OPEN)
        opened = tongue("{count} of {all} controls open", count=count, all=len(scores))
        return Cell(label, tongue(WORDS[OPEN]), OPEN, opened)
    total = sum((Decimal(score["penalty"]) for score in scores if score["penalty"]), Decimal(0))
    text = tongue("{count} controls, before the coefficient", count=len(scores))
    return Cell(label, tongue.number(typeset(f"{total:f}")), " ".join(_marks(scores)), text)


def _marks(scores: Sequence[ScoreContent]) -> list[str]:
    """Return what is marked of these scores: a time that no board has taken, a doubt."""
    marks = {
        "source": any(score.get("sources") for score in scores),
        "doubt": any(score["doubts"] for score in scores),
    }
    return [mark for mark, there in marks.items() if there]


def _legend(content: Content, tongue: Tongue) -> list[str]:
    statuses = {score["status"] for line in content["lines"] for score in line["scores"] if not score["penalty"]}
    statuses |= {DISCARDED for line in content["lines"] for score in line["scores"] if score["status"] == DISCARDED}
    return [tongue(text, word=tongue(WORDS.get(status, ""))) for status, text in LEGEND.items() if status in statuses]


def _doubts(content: Content, tongue: Tongue) -> list[Doubt]:
    """Return every doubt once, with the controls and crews that it concerns, in the order of the ranking."""
    numbers_by_control: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for line in content["lines"]:
        for score in line["scores"]:
            for text in score["doubts"]:
                numbers_by_control[text][score["control"]].append(line["start_number"])
    return [
        Doubt(
            tongue.text(text), "; ".join(f"{control}: {_numbers(crews, tongue)}" for control, crews in places.items())
        )
        for text, places in numbers_by_control.items()
    ]


def _numbers(numbers: Sequence[int], tongue: Tongue) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) <= NAMED else tongue("{count} crews", count=len(numbers))
