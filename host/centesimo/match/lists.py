"""Marshals' lists as evidence: what the lines of a list say about whose each passage at its point is.

Lines and passages are laid side by side, in all ways in which both keep their order but for two lines exchanged: a car
may have no line, a line no passage, a line may be misread. Every way is weighed, with what is known of the passages
without the list; what the list adds to each passage is handed on.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from centesimo.match.model import NOBODY, SOMEBODY, STRANGER
from centesimo.model.about_passages import LineDisagrees, LineDoubt, ListedTwice, WithoutPassage
from centesimo.model.facts import Attribution, Listed, MarshalList
from centesimo.model.findings import Finding, FindingKind

RIGHT = 0.96  # a line has the right number
WRONG = 2e-5  # it has a given other number
UNREAD = 0.02  # it could not be read
UNWRITTEN = 0.01  # a car has no line
NOBODYS = 0.9  # nobody's passage has none
STRANGE = 5e-4  # nobody's passage has a given number
AGAIN = 0.02  # and one that stands on the list twice: somebody drove round again
LIKELY = 0.1  # of the slips: one of the numbers that are a slip of the pen away
# How often a list slips (a line exchanged with the next, misread, or without a passage): by its own visible slips,
# numbers that are unknown or stand twice, beside what lists of FEW lines and SLIPS usually have.
FEW, SLIPS = 40, 0.2
BAND = 12  # lines before and after the likeliest place that are looked at
PLAUSIBLE, IN_DISORDER = 0.02, 0.1  # of the likeliest crew's chance: as likely; where the due times say nothing
DECISIVE = 30.0  # how much likelier of one crew than of any other
POSSIBLE = 1e-6  # a chance that is weighed for two passages together
LEAST = 1e-7  # of the weight at a passage: a line less likely to be its own names no candidate

Row = dict[int, float]  # by number of lines used up
Emitted = dict[int, float]  # by line, and NONE
NONE = -1
State = tuple[Row, Row]  # and by number of a line still to come, of which the next one has been used up: exchanged


class Said(NamedTuple):
    """What a list says about one passage: how likely it reads as it does, by start number, NOBODY and SOMEBODY."""

    by_number: dict[int, float]
    rest: float  # if it is any other crew's

    def of(self, number: int) -> float:
        """Return how likely the list reads as it does if the passage is that crew's."""
        return self.by_number.get(number, self.rest)

    @property
    def is_decisive(self) -> bool:
        """Say whether it is by far likeliest of one crew."""
        best, *others = sorted(self.by_number.values(), reverse=True)
        return best > DECISIVE * max([self.rest, *others])


class _Line(dict[int, float]):
    """How likely a line reads as it does when the car is a given crew's (or NOBODY's, or SOMEBODY's), by its number.

    `slip`: how often its list slips, `some`: how likely it is to be right of a crew that is not said.
    """

    def __init__(
        self, written: int | None, beside: tuple[int | None, int | None], is_doubled: bool, slip: float, some: float
    ) -> None:
        super().__init__()
        self.written = written
        self._beside = beside
        self._is_doubled = is_doubled
        self._slip = slip
        self._some = some

    def __missing__(self, number: int) -> float:
        """Find it when it is first asked for."""
        self[number] = self._reads(number)
        return self[number]

    def _reads(self, number: int) -> float:
        if self.written is None:
            return UNREAD
        if number == self.written:
            return RIGHT
        if number == NOBODY:
            return AGAIN if self._is_doubled else STRANGE
        if number == SOMEBODY:
            return self._some
        return LIKELY * self._slip if number in self._beside or alike(self.written, number) else WRONG


class Listing:
    """One list; `known` are the start numbers that may pass. A line that could not be read is None."""

    def __init__(self, one: MarshalList, known: Container[int]) -> None:
        self.numbers = _written(one)
        self.crews = sum(number is not None for number in self.numbers)
        visible = self.crews - len({number for number in self.numbers if number in known})
        self.slip = (visible + SLIPS) / (self.crews + FEW)
        self.known = known
        self.plausible = PLAUSIBLE
        counts: dict[int | None, int] = defaultdict(int)
        for number in self.numbers:
            counts[number] += 1
        ends = (None, *self.numbers, None)
        self._lines = [
            _Line(number, (before, behind), counts[number] > 1, self.slip, RIGHT / (self.crews + FEW))
            for before, number, behind in zip(ends, self.numbers, ends[2:], strict=False)
        ]

    def says(self, beliefs: Sequence[Mapping[int, float]], plausible: float = PLAUSIBLE) -> list[Said]:
        """Return what the list says about each passage; `beliefs` is the chance of each crew without it, in order.

        `plausible`: crews are taken for as likely as the likeliest from this part of its chance on.
        """
        self.plausible = plausible
        before, emitted = self._forward(beliefs)
        last = before.pop()
        behind: list[State] = [({line: self.slip ** (max(last[0]) - line) for line in last[0]}, {})]
        for place in range(len(beliefs) - 1, 0, -1):
            back = self._back(before[place], emitted[place], behind[-1])
            behind.append(_scaled(back, back))
        behind.reverse()
        found = []
        for place, its in enumerate(beliefs):
            lines, none = self._at(before[place], behind[place])
            said, total = self._summed(its, lines, none), none + sum(lines.values())
            for number in _of_two(beliefs, place):
                pair = self._where_another(number, place, beliefs, before, behind, emitted)
                said.by_number[number] = self._weight(number, *pair) / total
            found.append(said)
        return found

    def _where_another(
        self,
        number: int,
        place: int,
        beliefs: Sequence[Mapping[int, float]],
        before: Sequence[State],
        behind: Sequence[State],
        emitted: Sequence[Emitted],
    ) -> tuple[Row, float]:
        """Return the weight of each line at a passage where those beside it are not that crew's: it may be this one's.

        What is believed of both tells that they are two crews' in one order or the other; one by one, it does not.
        """
        state, after = before[place], behind[place]
        if place and beliefs[place - 1].get(number, 0.0) > POSSIBLE:
            other = self._emitted(before[place - 1], self._plausible(_but(number, beliefs[place - 1])))
            stepped = (self._step(before[place - 1], one) for one in (other, emitted[place - 1]))
            state = self._near(*stepped)
        if place + 1 < len(beliefs) and beliefs[place + 1].get(number, 0.0) > POSSIBLE:
            other = self._emitted(before[place + 1], self._plausible(_but(number, beliefs[place + 1])))
            back = (self._back(before[place + 1], one, behind[place + 1]) for one in (other, emitted[place + 1]))
            after = _scaled(*back)
        return self._at(state, after)

    def _weight(self, number: int, lines: Mapping[int, float], none: float) -> float:
        """Return how likely a passage's lines read as they do if it is that crew's."""
        read = sum(weight * self._lines[line][number] for line, weight in lines.items())
        return read + none * (NOBODYS if number == NOBODY else UNWRITTEN)

    def _forward(self, beliefs: Sequence[Mapping[int, float]]) -> tuple[list[State], list[Emitted]]:
        """Return the weight of each place before each passage and behind the last, and of each line at each."""
        states: list[State] = [(self._skipped({0: 1.0}), Row())]
        emitted = []
        for its in beliefs:
            emitted.append(self._emitted(states[-1], self._plausible(its)))
            stepped = self._step(states[-1], emitted[-1])
            states.append(self._near(stepped, stepped))
        return states, emitted

    def _emitted(self, state: State, its: Mapping[int, float]) -> Emitted:
        """Return how likely each line is read, and none, for a passage of which so much is believed."""
        row, exchanged = state
        lines = {one for line in row for one in (line, line + 1) if one < len(self.numbers)} | set(exchanged)
        return {**{line: self._read(line, its) for line in lines}, NONE: _unlisted(its)}

    def _step(self, state: State, emitted: Emitted) -> State:
        """Return the weight of each place behind a passage, before lines are skipped."""
        row, exchanged = state
        raw: Row = defaultdict(float)
        for line, weight in row.items():
            raw[line] += weight * emitted[NONE]
            if line in emitted:
                raw[line + 1] += weight * emitted[line]
        for line, weight in exchanged.items():
            raw[line + 2] += weight * emitted[line]
        return raw, {
            line: weight * self.slip * emitted[line + 1] for line, weight in row.items() if line + 1 in emitted
        }

    def _near(self, stepped: State, usual: State) -> State:
        """Return what is near the likeliest place of what is usual, scaled so that it is 1, with lines skipped."""
        best = max(usual[0], key=usual[0].__getitem__)
        largest = usual[0][best]
        raw, exchanged = (
            {line: weight / largest for line, weight in one.items() if abs(line - best) <= BAND} for one in stepped
        )
        return self._skipped(raw), exchanged

    def _read(self, line: int, its: Mapping[int, float]) -> float:
        reads = self._lines[line]
        sure = sum([chance * reads[number] for number, chance in its.items()])
        return sure + (STRANGER * RIGHT if reads.written in self.known else 0.0)

    def _plausible(self, its: Mapping[int, float]) -> dict[int, float]:
        """Return who it may be, all likely ones alike: one doubt may be about many passages, and counts but once."""
        enough = max(its.values()) * self.plausible
        return {number: min(chance / enough, 1.0) for number, chance in its.items()}

    def _skipped(self, raw: Row) -> Row:
        """Return a row in which further lines may have been skipped, too."""
        row: Row = {}
        carried = 0.0
        first = min(raw)
        for line in range(first, min(max(raw) + BAND, len(self.numbers)) + 1):
            carried = raw.get(line, 0.0) + carried * self.slip
            row[line] = carried
        return row

    def _back(self, state: State, emitted: Emitted, after: State) -> State:
        """Return the weight of what follows from a passage on, for each place before it."""
        (row, exchanged), (behind, crossed) = state, after
        found: Row = {}
        carried = 0.0
        for line in range(max(row), min(row) - 1, -1):
            weight = emitted[NONE] * behind.get(line, 0.0) + emitted.get(line, 0.0) * behind.get(line + 1, 0.0)
            carried = weight + self.slip * (emitted.get(line + 1, 0.0) * crossed.get(line, 0.0) + carried)
            found[line] = carried
        return found, {line: emitted[line] * behind.get(line + 2, 0.0) for line in exchanged}

    def _at(self, state: State, after: State) -> tuple[Row, float]:
        """Return the weight of each line at a passage, and of none, whatever is believed of itself."""
        (row, exchanged), (behind, crossed) = state, after
        none = sum(weight * behind.get(line, 0.0) for line, weight in row.items())
        lines: Row = defaultdict(float)
        for line, weight in row.items():
            if line < len(self.numbers):
                lines[line] += weight * behind.get(line + 1, 0.0)
            if line in crossed:
                lines[line + 1] += weight * self.slip * crossed[line]
        for line, weight in exchanged.items():
            lines[line] += weight * behind.get(line + 2, 0.0)
        return lines, none

    def _summed(self, its: Mapping[int, float], lines: Row, none: float) -> Said:
        """Return what the lines that may be a passage's say, and that it may have none, by their weights."""
        total = none + sum(lines.values())
        likely = {line: weight for line, weight in lines.items() if weight > LEAST * total}
        unread = sum(weight for line, weight in lines.items() if self.numbers[line] is None)
        rest = (WRONG * (total - none - unread) + UNREAD * unread + UNWRITTEN * none) / total
        numbers = {self.numbers[line] for line in likely}
        candidates = {*its, *(number for number in numbers if number is not None and number in self.known)}
        return Said({number: self._weight(number, likely, none) / total for number in candidates}, rest)


def _written(one: MarshalList) -> tuple[int | None, ...]:
    """Return the numbers of a list in their order, None for a car whose number could not be read."""
    numbers: list[int | None] = []
    for line in one.lines:
        numbers += [None] * (line.place - 1 - len(numbers))
        numbers.append(line.start_number)
    return tuple(numbers)


def _of_two(beliefs: Sequence[Mapping[int, float]], place: int) -> list[int]:
    """Return the crews that a passage may be, and one beside it, too."""
    beside = [beliefs[other] for other in (place - 1, place + 1) if 0 <= other < len(beliefs)]
    return [
        number
        for number, chance in beliefs[place].items()
        if number >= 0 and chance > POSSIBLE and any(its.get(number, 0.0) > POSSIBLE for its in beside)
    ]


def _but(number: int, its: Mapping[int, float]) -> dict[int, float]:
    """Return who a passage may be if not that crew's."""
    return {other: chance for other, chance in its.items() if other != number and chance > 0} or {NOBODY: 1.0}


def _unlisted(its: Mapping[int, float]) -> float:
    """Return how likely a passage has no line."""
    return max(its.get(NOBODY, 0.0) * NOBODYS, UNWRITTEN)


def _scaled(state: State, usual: State) -> State:
    """Return weights of which the largest of what is usual is 1."""
    largest = max(usual[0].values()) or 1.0
    row, exchanged = ({line: weight / largest for line, weight in one.items()} for one in state)
    return row, exchanged


@cache
def alike(written: int, meant: int) -> bool:
    """Say whether one slip makes one number of the other: a digit misread, left out or doubled, two exchanged."""
    a, b = str(written), str(meant)
    if len(a) == len(b):
        different = [place for place in range(len(a)) if a[place] != b[place]]
        return len(different) == 1 or (len(different) == 2 and sorted(a) == sorted(b))
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def compare(
    one: MarshalList, attributions: Sequence[Attribution], known: set[int]
) -> tuple[dict[str, str], list[Finding]]:
    """Return the source of the line that agrees by passage id, and a finding for each line that does not.

    Those that only say that a crew has no passage yet are one finding. `attributions` are those at the list's timing
    point in passing order, `known` the start numbers of the event.
    """
    written = [line.start_number for line in one.lines]
    attributed = [made.start_number for made in attributions]
    source_by_id = {}
    findings: list[Finding] = []
    without: list[Listed] = []
    unseen = known.difference(attributed)
    for what, a, b, c, d in SequenceMatcher(None, written, attributed, autojunk=False).get_opcodes():
        if what == "equal":
            for line, made in zip(one.lines[a:b], attributions[c:d], strict=True):
                source_by_id[made.passage.id] = line.source
            continue
        for place, line in enumerate(one.lines[a:b]):
            beside = attributions[c + place] if c + place < d else None
            if beside is None and line.start_number in unseen:
                without.append(line)
            else:
                findings.append(_disagrees(line, beside, attributed, known))
    return source_by_id, [*findings, *([_without_passage(without)] if without else [])]


def _without_passage(lines: Sequence[Listed]) -> Finding:
    """Return the finding about all crews of a list that have no passage which is surely their own."""
    first = lines[0]
    return Finding(FindingKind.LIST, first.source, None, WithoutPassage(tuple(lines)))


def _disagrees(line: Listed, made: Attribution | None, attributed: list[int], known: set[int]) -> Finding:
    """Return the finding about a line that does not stand where the times say."""
    if line.start_number not in known:
        why = LineDoubt.NO_CREW
    elif line.start_number in attributed:
        why = LineDoubt.ELSEWHERE
    else:
        why = LineDoubt.NOT_SURE
    about = LineDisagrees(line, why, made.start_number if made else None)
    ids = (made.passage.id,) if made else ()
    return Finding(FindingKind.LIST, line.source, None, about, ids)


def doubled(one: MarshalList) -> list[Finding]:
    """Return a finding for each number that a list has more than once."""
    sources = defaultdict(list)
    for line in one.lines:
        sources[line.start_number].append(line.source)
    return [
        Finding(FindingKind.LIST, lines[0], number, ListedTwice(number, tuple(lines)))
        for number, lines in sources.items()
        if len(lines) > 1
    ]
