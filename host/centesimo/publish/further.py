"""Further rankings as they are published: with the race's own ranking, in the same version, each on a page of its own.

Only places, totals and gaps are kept for each; who the crews are and what each control gave stands once, in the race's
ranking. A further ranking of crews is shown as a ranking of its own race: "Classic cars: Ladies' cup".
"""

from collections.abc import Iterator
from itertools import compress, count

from centesimo.model.event import Event
from centesimo.model.facts import Line, Ranking
from centesimo.publish.compare import Comparison, Team, compare, compare_teams
from centesimo.publish.published import Content, FurtherContent, PlacedContent, number_text, team_line
from centesimo.publish.render import name
from centesimo.rank.selections import label, selected, teams
from centesimo.rulebook import RuleBook


def further_content(event: Event, ranking: Ranking, rulebook: RuleBook) -> list[FurtherContent]:
    """Return all further rankings of a race's ranking, in the order of event.toml."""
    rankings: list[FurtherContent] = []
    for selection in event.selections:
        if ranking.race.id not in selection.races:
            continue
        if selection.by:
            lines = [team_line(line) for line in teams(selection, ranking, rulebook).lines]
            rankings.append(
                {"id": selection.id, "name": selection.name, "by": selection.by, "crews": [], "teams": lines}
            )
            continue
        for group in selected(selection, ranking, rulebook):
            id, title = label(selection, group.lines[0].entry)
            crews = [_placed(line) for line in group.lines]
            rankings.append({"id": id, "name": title, "by": "", "crews": crews, "teams": []})
    return rankings


def _placed(line: Line) -> PlacedContent:
    content: PlacedContent = {
        "position": line.position,
        "start_number": line.entry.start_number,
        "coefficient": number_text(line.coefficient),
        "total": number_text(line.total),
        "gap": number_text(line.gap),
        "ahead": number_text(line.ahead),
    }
    if line.fails:
        content["fails"] = line.fails
    return content


def further_of(content: Content) -> list[FurtherContent]:
    """Return the further rankings of a published content, none where it has none."""
    return content.get("further", [])


def files_of(content: Content) -> Iterator[tuple[str, FurtherContent]]:
    """Yield the further rankings with the names of their files, which are different also where capitals are not."""
    leg = content["leg"]["id"] if content["leg"] else None
    taken: set[str] = set()
    for further in further_of(content):
        plain_name = name(f"{content['race']['id']}-{further['id']}", leg)
        names = (plain_name if number == 1 else f"{plain_name}-{number}" for number in count(1))
        file = next(free for free in names if free.casefold() not in taken)
        taken.add(file.casefold())
        yield file, further


def as_ranking(content: Content, further: FurtherContent) -> Content:
    """Return a further ranking as the content of a ranking of its own; a ranking of teams then has no lines."""
    line_by_number = {line["start_number"]: line for line in content["lines"]}
    lines = [{**line_by_number[placed["start_number"]], **placed} for placed in further["crews"]]
    numbers = {None, *(placed["start_number"] for placed in further["crews"])}
    race = {"id": f"{content['race']['id']}-{further['id']}", "name": f"{content['race']['name']}: {further['name']}"}
    concerned = [finding.get("start_number") in numbers for finding in content["findings"]]
    own_content = {**content, "race": race, "lines": lines, "findings": [*compress(content["findings"], concerned)]}
    if "not_seen" in content:
        own_content["not_seen"] = [*compress(content["not_seen"], concerned)]
    own_content.pop("further", None)
    return own_content  # type: ignore[return-value]


def changes_of(before: Content, after: Content, further: FurtherContent) -> Comparison | tuple[Team, ...] | None:
    """Return what changed in a further ranking of `after` since `before`; None where that did not have it."""
    earlier = next(
        (ranking for ranking in further_of(before) if (ranking["id"], ranking["by"]) == (further["id"], further["by"])),
        None,
    )
    if earlier is None:
        return None
    if further["by"]:
        return compare_teams(earlier["teams"], further["teams"])
    return compare(as_ranking(before, earlier), as_ranking(after, further))
