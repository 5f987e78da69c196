"""What changed between two published versions of a ranking, crew by crew: who moved, and why.

A crew moves because of its own controls, coefficient or entry, or because others passed it or fell behind. Values in,
values out; controls that only one of the versions has are said once, not crew by crew.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from centesimo.model.said import Figure, joined, said
from centesimo.publish.published import Content, FurtherContent, LineContent, ScoreContent, TeamContent
from centesimo.publish.render import MINUS, NOTHING, WORDS, cell, multiplied, title, typeset

NO_PLACE = 1 << 30  # behind every position
FROM_TO = "{what}: {before} \u2192 {after}"
NUMBER = re.compile(rf"[(]?[{MINUS}]?\d+[.]\d+[)]?")
NAMED = 6  # more crews than that are counted, not named, where people read


class Change(NamedTuple):
    """One thing of a crew that is different: a control, or a word of its line."""

    what: str  # "PC1", "coefficient", "multiplied", "crew", "car", "year", "team", "status"
    before: str
    after: str
    why: str  # how the penalty of a control follows now; "" for a word of the line


class Crew(NamedTuple):
    """One crew whose line is different; in a version that does not have the crew, position is None and total ""."""

    start_number: int
    crew: str
    position: tuple[int | None, int | None]  # before, after
    total: tuple[str, str]
    own: tuple[Change, ...]
    passed_by: tuple[int, ...]  # start numbers that were behind and are ahead now
    passed: tuple[int, ...]  # that were ahead and are behind now
    level_with: tuple[int, ...]  # that share its place now and did not before

    def why(self) -> list[str]:
        """Return why its line is different, one sentence each."""
        return [*map(_change_text, self.own), *_passed(self.passed_by, self.passed, self.level_with)]


class Team(NamedTuple):
    """One team or nation whose line is different; in a version that lacks it, position is None and total ""."""

    name: str
    position: tuple[int | None, int | None]  # before, after
    total: tuple[str, str]
    why: tuple[str, ...]  # one sentence each


class Comparison(NamedTuple):
    """What is different between two versions; `whole` is what concerns the ranking as a whole, one sentence each."""

    whole: tuple[str, ...]
    crews: tuple[Crew, ...]  # in the order of the later version

    def as_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        crews = [
            {
                "start_number": crew.start_number,
                "crew": crew.crew,
                "position": list(crew.position),
                "total": list(crew.total),
                "own": [change._asdict() for change in crew.own],
                "passed_by": list(crew.passed_by),
                "passed": list(crew.passed),
                "level_with": list(crew.level_with),
            }
            for crew in self.crews
        ]
        return {"whole": list(self.whole), "crews": crews}


def compare(before: Content, after: Content) -> Comparison:
    """Return what is different in `after`, which is a later version of the same race and leg."""
    line_by_number = {line["start_number"]: line for line in before["lines"]}
    common = {control["id"] for control in before["controls"]} & {control["id"] for control in after["controls"]}
    places = _Places(_places(before), _places(after))
    crews = []
    for line in after["lines"]:
        earlier = line_by_number.pop(line["start_number"], None)
        crew = _crew(earlier, line, common, places)
        if crew.own or crew.position[0] != crew.position[1] or crew.total[0] != crew.total[1]:
            crews.append(crew)
    crews += [_gone(line) for line in line_by_number.values()]
    return Comparison(tuple(_whole(before, after)), tuple(crews))


Who = TypeVar("Who", int, str)  # a start number, or the name of a team


class _Places(Generic[Who]):
    """Who is ahead of whom, before and after; those without a place come last and are not compared."""

    def __init__(self, before: Mapping[Who, int | None], after: Mapping[Who, int | None]) -> None:
        self._before: dict[Who, int] = {who: position or NO_PLACE for who, position in before.items()}
        self._after: dict[Who, int] = {who: position or NO_PLACE for who, position in after.items()}
        self._common: list[Who] = sorted(self._before.keys() & self._after.keys())

    def overtaken(self, who: Who) -> tuple[tuple[Who, ...], tuple[Who, ...], tuple[Who, ...]]:
        """Return who overtook a crew or team, whom it overtook, and who came level with it."""
        was, now = self._before[who], self._after[who]
        passed_by, passed, level = [], [], []
        for rival in self._common:
            rival_was, rival_now = self._before[rival], self._after[rival]
            if rival_was >= was and rival_now < now:
                passed_by.append(rival)
            elif rival_was <= was and rival_now > now:
                passed.append(rival)
            elif rival_was != was and rival_now == now != NO_PLACE:
                level.append(rival)
        return tuple(passed_by), tuple(passed), tuple(level)


def _places(content: Content) -> dict[int, int | None]:
    return {line["start_number"]: line["position"] for line in content["lines"]}


def compare_teams(before: Sequence[TeamContent], after: Sequence[TeamContent]) -> tuple[Team, ...]:
    """Return what is different in a ranking of teams, in the order of the later version; the gone ones last."""
    earlier = {line["name"]: line for line in before}
    places = _Places(
        {line["name"]: line["position"] for line in before}, {line["name"]: line["position"] for line in after}
    )
    teams = []
    for line in after:
        old = earlier.pop(line["name"], None)
        if old is None:
            teams.append(Team(line["name"], (None, line["position"]), ("", line["total"]), (said("entered"),)))
        elif _team(old) != _team(line):
            why = (*_cars(old, line), *_passed(*places.overtaken(line["name"])))
            position, total = (old["position"], line["position"]), (old["total"], line["total"])
            teams.append(Team(line["name"], position, total, why))
    gone = [Team(name, (old["position"], None), (old["total"], ""), (said("gone"),)) for name, old in earlier.items()]
    return (*teams, *gone)


def _team(line: TeamContent) -> tuple[object, ...]:
    return line["position"], line["total"], line["status"], line["start_numbers"], line["totals"]


def _cars(before: TeamContent, after: TeamContent) -> Iterator[str]:
    """Yield which cars of a team count now, and each car whose total changed."""
    if before["start_numbers"] != after["start_numbers"]:
        was, now = (", ".join(map(str, line["start_numbers"])) or NOTHING for line in (before, after))
        yield said("cars that count: {before} \u2192 {after}", before=was, after=now)
    total_by_number = dict(zip(before["start_numbers"], before["totals"], strict=True))
    for number, total in zip(after["start_numbers"], after["totals"], strict=True):
        was = total_by_number.get(number, total)
        if was != total:
            yield said(FROM_TO, what=number, before=Figure(typeset(was)), after=Figure(typeset(total)))


def _crew(before: LineContent | None, after: LineContent, controls: set[str], places: _Places[int]) -> Crew:
    number = after["start_number"]
    if before is None:
        new = Change(said("crew"), "", said("entered"), "")
        return Crew(number, after["crew"], (None, after["position"]), ("", after["total"]), (new,), (), (), ())
    position, total = (before["position"], after["position"]), (before["total"], after["total"])
    moved = position[0] != position[1]
    return Crew(
        number,
        after["crew"],
        position,
        total,
        (*_scores(before, after, controls), *_words(before, after)),
        *(places.overtaken(number) if moved else ((), (), ())),
    )


def _gone(line: LineContent) -> Crew:
    gone = Change(said("crew"), said("entered"), "", "")
    return Crew(line["start_number"], line["crew"], (line["position"], None), (line["total"], ""), (gone,), (), (), ())


def _scores(before: LineContent, after: LineContent, controls: set[str]) -> Iterator[Change]:
    earlier = {score["control"]: score for score in before["scores"]}
    for score in after["scores"]:
        if score["control"] in controls and _counts(earlier[score["control"]]) != _counts(score):
            yield Change(score["control"], cell(earlier[score["control"]]), cell(score), score["reason"])


def _counts(score: ScoreContent) -> tuple[str, str, str]:
    return score["status"], score["penalty"], score["reason"]


def _words(before: LineContent, after: LineContent) -> Iterator[Change]:
    parts = [multiplied(line) if before["net"] == after["net"] else "" for line in (before, after)]
    pairs = (
        ("multiplied", *parts),
        ("coefficient", before["coefficient"], after["coefficient"]),
        ("crew", before["crew"], after["crew"]),
        ("car", before["car"], after["car"]),
        ("year", str(before["year"]), str(after["year"])),
        ("team", before["team"], after["team"]),
        ("status", before["status"], after["status"]),
    )
    for what, was, now in pairs:
        if was != now:
            yield Change(said(what), was, now, "")


def _whole(before: Content, after: Content) -> Iterator[str]:
    if before["rulebook"] != after["rulebook"]:
        old, new = before["rulebook"], after["rulebook"]
        books = (f"{book['name']} {book['digest'][:16]}" for book in (old, new))
        yield said("Rule book: {before} \u2192 {after}.", before=next(books), after=next(books))
    if title(before) != title(after):
        yield said("Name: {before} \u2192 {after}.", before=title(before), after=title(after))
    old_ids = [control["id"] for control in before["controls"]]
    new_ids = [control["id"] for control in after["controls"]]
    if added := [control for control in new_ids if control not in old_ids]:
        yield said("Controls that count now: {controls}.", controls=", ".join(added))
    if removed := [control for control in old_ids if control not in new_ids]:
        yield said("Controls that count no more: {controls}.", controls=", ".join(removed))
    old_texts = [str(finding["text"]) for finding in before["findings"]]
    new_texts = [str(finding["text"]) for finding in after["findings"]]
    yield from _further(before, after)
    yield from (said("Settled: {text}", text=text) for text in old_texts if text not in new_texts)
    yield from (said("New question: {text}", text=text) for text in new_texts if text not in old_texts)


def _further(before: Content, after: Content) -> Iterator[str]:
    """Yield which further rankings came, went, or are different."""
    old, new = _by_id(before), _by_id(after)
    groups = (
        ("Further rankings that are posted now: {names}.", [ranking for key, ranking in new.items() if key not in old]),
        (
            "Further rankings that are posted no more: {names}.",
            [ranking for key, ranking in old.items() if key not in new],
        ),
        ("Different too: {names}.", [ranking for key, ranking in new.items() if key in old and old[key] != ranking]),
    )
    for template, rankings in groups:
        if rankings:
            yield said(template, names=", ".join(ranking["name"] for ranking in rankings))


def _by_id(content: Content) -> dict[tuple[str, str], FurtherContent]:
    return {(ranking["id"], ranking["by"]): ranking for ranking in content.get("further", [])}


def _change_text(change: Change) -> str:
    before, after = (_value(value) for value in (change.before, change.after))
    text = said(FROM_TO, what=change.what, before=before, after=after)
    return joined("", (text, " (", change.why, ")")) if change.why else text


def _value(value: str) -> str:
    """Return a value before or after; a penalty with the decimal sign of a language."""
    if value in WORDS.values():
        return said(value)
    return Figure(value) if NUMBER.fullmatch(value) else value or NOTHING


def _passed(passed_by: Sequence[object], passed: Sequence[object], level_with: Sequence[object]) -> list[str]:
    groups = (
        ("now behind {crews}", passed_by),
        ("now ahead of {crews}", passed),
        ("now level with {crews}", level_with),
    )
    return [said(template, crews=_named(crews)) for template, crews in groups if crews]


def _named(crews: Sequence[object]) -> str:
    return ", ".join(map(str, crews)) if len(crews) <= NAMED else said("{count} others", count=len(crews))


def from_to(pair: tuple[int | str | None, int | str | None]) -> str:
    """Return a value before and after, "5 -> 4", or the one value when they are the same."""
    before, after = (typeset(str(value)) if value else NOTHING for value in pair)
    return after if before == after else f"{before} \u2192 {after}"
