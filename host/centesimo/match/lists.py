"""Marshals' lists as evidence: how likely a list reads as it does, when the next car is a given crew.

A list is read line by line beside the passages. A line may be misread, a car may have no line, a line no passage, and
two lines may be exchanged. Where one stands is (next line, lines before it that are not used yet).
"""

from collections import defaultdict
from collections.abc import Container, Sequence
from difflib import SequenceMatcher
from functools import cache
from math import log

from centesimo.facts import Attribution, Finding, MarshalList

RIGHT = 0.96  # a line has the right number
WRONG = 2e-5  # it has a given other number
UNWRITTEN = 0.01  # a car has no line
NOBODYS = 0.9  # nobody's passage has none
STRANGE = 5e-3  # nobody's passage has a given number: somebody drove round again
REACH = 8  # lines that may be skipped at once
HELD = 3  # a skipped line may be used until the list is this many lines further
IDLE = 0.1  # a skipped line is never used
# How often a list slips (a line exchanged with the next, misread, or without a passage): by its own visible slips,
# numbers that are unknown or stand twice, beside what lists of FEW lines and SLIPS usually have.
FEW, SLIPS = 40, 0.2
LIKELY = 0.1  # one of the numbers that are a slip of the pen away

Place = tuple[int, tuple[int, ...]]
START: Place = (0, ())


class Listing:
    """One list as the solver reads it; `known` are the start numbers that may pass, `cars` how many did."""

    def __init__(self, numbers: Sequence[int], known: Container[int], cars: int) -> None:
        self.numbers = tuple(numbers)
        visible = len(self.numbers) - len({number for number in self.numbers if number in known})
        self.slip = (visible + SLIPS) / (len(self.numbers) + FEW)
        self.cars = max(cars, 1)

    def readings(self, place: Place, start_number: int | None) -> list[tuple[Place, float]]:
        """Return the places after the next car and how likely each is; None: nobody's passage."""
        line, held = place
        total = len(self.numbers)
        if start_number is None:
            found = [(place, NOBODYS)]
            return [*found, ((line + 1, held), STRANGE)] if line < total else found
        found = [(place, UNWRITTEN)]
        for other in held:
            if self.numbers[other] == start_number:
                found.append(((line, tuple(one for one in held if one != other)), RIGHT))
        for there in range(line, min(line + REACH, total)):
            right = self.numbers[there] == start_number
            if not right and there > line:
                continue
            chance = RIGHT if right else WRONG
            if not right and alike(self.numbers[there], start_number):
                chance = LIKELY * self.slip
            skipped = (*held, *range(line, there))
            still = tuple(one for one in skipped if there - one < HELD)
            chance *= self.slip ** (there - line) * IDLE ** (len(skipped) - len(still))
            found.append(((there + 1, still), chance))
        return found

    def unnamed(self, place: Place) -> list[tuple[Place, float]]:
        """Return the places after a crew that its line does not tell, and how likely each is."""
        line, held = place
        return [(place, UNWRITTEN), ((line + 1, held), self.slip)]

    def follows(self, place: Place, start_number: int) -> Place | None:
        """Return the place after a car whose number is on the next line, or None if it is not."""
        line, held = place
        if line < len(self.numbers) and self.numbers[line] == start_number:
            return line + 1, held
        return None

    def named(self, place: Place) -> set[int]:
        """Return the numbers on the lines that may be next."""
        line, held = place
        return {self.numbers[one] for one in (*held, *range(line, min(line + 2, len(self.numbers))))}

    def behind(self, place: Place, cars: int) -> float:
        """Return the logarithm of what it costs to have used so few lines for so many cars."""
        expected = cars * len(self.numbers) / self.cars
        return log(self.slip) * max(0.0, min(expected, len(self.numbers)) - place[0])


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

    `attributions` are those at the list's timing point in passing order, `known` the start numbers of the event.
    """
    written = [line.start_number for line in one.lines]
    attributed = [made.start_number for made in attributions]
    source_by_id = {}
    findings = []
    for what, a, b, c, d in SequenceMatcher(None, written, attributed, autojunk=False).get_opcodes():
        if what == "equal":
            for line, made in zip(one.lines[a:b], attributions[c:d], strict=True):
                source_by_id[made.passage.id] = line.source
            continue
        for place, line in enumerate(one.lines[a:b]):
            beside = attributions[c + place] if c + place < d else None
            findings.append(_disagrees(line.timing_point, line.source, line.start_number, beside, attributed, known))
    return source_by_id, findings


def _disagrees(
    point: str, source: str, number: int, made: Attribution | None, attributed: list[int], known: set[int]
) -> Finding:
    """Return the finding about a line that does not stand where the times say."""
    if number not in known:
        why = "is no start number of the event"
    elif number in attributed:
        why = "stands in another place than the times say"
    else:
        why = "has no passage that is surely its own"
    beside = f"; the times say {made.start_number} there" if made else ""
    ids = (made.passage.id,) if made else ()
    return Finding("list", source, None, f"{source}: {number} {why} ({point}){beside}.", ids)


def doubled(one: MarshalList) -> list[Finding]:
    """Return a finding for each number that a list has more than once."""
    sources = defaultdict(list)
    for line in one.lines:
        sources[line.start_number].append(line.source)
    return [
        Finding("list", its[0], number, f"{number} stands {len(its)} times on the list: {', '.join(its)}.")
        for number, its in sources.items()
        if len(its) > 1
    ]
