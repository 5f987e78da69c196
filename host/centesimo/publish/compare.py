"""What changed between two published versions of a ranking, crew by crew: who moved, and why.

A crew moves because of its own controls, coefficient or entry, or because others passed it or fell behind. Values in,
values out; controls that only one of the versions has are said once, not crew by crew.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from centesimo.publish.published import Content, LineContent, ScoreContent
from centesimo.publish.render import NOTHING, cell, shown, title

NO_PLACE = 1 << 30  # behind every position
NAMED = 6  # more crews than that are counted, not named, where people read


class Change(NamedTuple):
    """One thing of a crew that is different: a control, or a word of its line."""

    what: str  # "PC1", "coefficient", "crew", "car", "year", "team", "status"
    before: str
    after: str
    why: str  # how the penalty of a control follows now; "" for a word of the line


class Crew(NamedTuple):
    """One crew whose line is different; None and "" where it is in one of the versions only."""

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
        found = [
            f"{one.what}: {one.before or NOTHING} \u2192 {one.after or NOTHING}{f' ({one.why})' if one.why else ''}"
            for one in self.own
        ]
        if self.passed_by:
            found.append(f"now behind {_numbers(self.passed_by)}")
        if self.passed:
            found.append(f"now ahead of {_numbers(self.passed)}")
        if self.level_with:
            found.append(f"now level with {_numbers(self.level_with)}")
        return found


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
    both = {control["id"] for control in before["controls"]} & {control["id"] for control in after["controls"]}
    others = _Places(before, after)
    crews = []
    for line in after["lines"]:
        earlier = line_by_number.pop(line["start_number"], None)
        crew = _crew(earlier, line, both, others)
        if crew.own or crew.position[0] != crew.position[1] or crew.total[0] != crew.total[1]:
            crews.append(crew)
    crews += [_gone(line) for line in line_by_number.values()]
    return Comparison(tuple(_whole(before, after)), tuple(crews))


class _Places:
    """Who is ahead of whom, before and after; crews without a place come last and are not compared."""

    def __init__(self, before: Content, after: Content) -> None:
        self._before = {line["start_number"]: line["position"] or NO_PLACE for line in before["lines"]}
        self._after = {line["start_number"]: line["position"] or NO_PLACE for line in after["lines"]}
        self._both = sorted(self._before.keys() & self._after.keys())

    def others(self, number: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Return who has passed a crew, whom it has passed, and with whom it now shares its place, by start number."""
        was, now = self._before[number], self._after[number]
        passed_by, passed, level = [], [], []
        for other in self._both:
            its_was, its_now = self._before[other], self._after[other]
            if its_was >= was and its_now < now:
                passed_by.append(other)
            elif its_was <= was and its_now > now:
                passed.append(other)
            elif its_was != was and its_now == now != NO_PLACE:
                level.append(other)
        return tuple(passed_by), tuple(passed), tuple(level)


def _crew(before: LineContent | None, after: LineContent, controls: set[str], places: _Places) -> Crew:
    number = after["start_number"]
    if before is None:
        new = Change("crew", "", "entered", "")
        return Crew(number, after["crew"], (None, after["position"]), ("", after["total"]), (new,), (), (), ())
    position, total = (before["position"], after["position"]), (before["total"], after["total"])
    moved = position[0] != position[1]
    return Crew(
        number,
        after["crew"],
        position,
        total,
        (*_scores(before, after, controls), *_words(before, after)),
        *(places.others(number) if moved else ((), (), ())),
    )


def _gone(line: LineContent) -> Crew:
    gone = Change("crew", "entered", "", "")
    return Crew(line["start_number"], line["crew"], (line["position"], None), (line["total"], ""), (gone,), (), (), ())


def _scores(before: LineContent, after: LineContent, controls: set[str]) -> Iterator[Change]:
    earlier = {score["control"]: score for score in before["scores"]}
    for score in after["scores"]:
        if score["control"] in controls and _counts(earlier[score["control"]]) != _counts(score):
            yield Change(score["control"], cell(earlier[score["control"]]), cell(score), score["reason"])


def _counts(score: ScoreContent) -> tuple[str, str, str]:
    return score["status"], score["penalty"], score["reason"]


def _words(before: LineContent, after: LineContent) -> Iterator[Change]:
    pairs = (
        ("coefficient", before["coefficient"], after["coefficient"]),
        ("crew", before["crew"], after["crew"]),
        ("car", before["car"], after["car"]),
        ("year", str(before["year"]), str(after["year"])),
        ("team", before["team"], after["team"]),
        ("status", before["status"], after["status"]),
    )
    for what, was, now in pairs:
        if was != now:
            yield Change(what, was, now, "")


def _whole(before: Content, after: Content) -> Iterator[str]:
    if before["rulebook"] != after["rulebook"]:
        old, new = before["rulebook"], after["rulebook"]
        yield f"Rule book: {old['name']} {old['digest'][:16]} \u2192 {new['name']} {new['digest'][:16]}."
    if title(before) != title(after):
        yield f"Name: {title(before)} \u2192 {title(after)}."
    old_ids = [control["id"] for control in before["controls"]]
    new_ids = [control["id"] for control in after["controls"]]
    if added := [one for one in new_ids if one not in old_ids]:
        yield f"Controls that count now: {', '.join(added)}."
    if removed := [one for one in old_ids if one not in new_ids]:
        yield f"Controls that count no more: {', '.join(removed)}."
    old_texts = [str(finding["text"]) for finding in before["findings"]]
    new_texts = [str(finding["text"]) for finding in after["findings"]]
    yield from (f"Settled: {text}" for text in old_texts if text not in new_texts)
    yield from (f"New question: {text}" for text in new_texts if text not in old_texts)


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) if len(numbers) <= NAMED else f"{len(numbers)} crews"


def from_to(pair: tuple[int | str | None, int | str | None]) -> str:
    """Return a value before and after, "5 -> 4", or the one value when they are the same."""
    before, after = (shown(str(one)) if one else NOTHING for one in pair)
    return after if before == after else f"{before} \u2192 {after}"
