"""What goes wrong on a day: cars that are no crew's, tubes and clocks that fail, slips on marshals' lists.

Each kind has its own random stream, so a day without it stays the same to the byte. Marshals write down what drove, so
tubes and clocks fail after the lists are written. Rates are those of days.Faults.
"""

from collections import defaultdict
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from centesimo.model.event import Event
from centesimo.model.facts import Listed, MarshalList, Passage

if TYPE_CHECKING:
    from simulate.days import Day, Faults

S_NS, MS_NS = 10**9, 10**6
BEFORE_FIRST = 20  # so many times as likely as between two crews is an escort before the first
CREWS_LONG, CREWS_OFF = (1, 15), (1, 40)  # how many crews a tube is deaf for, a clock a second off
SWALLOWED_NS = S_NS  # an edge this soon behind another is of the same passage, or of its second axle
ALIKE = {"0": "6", "1": "7", "2": "7", "3": "8", "4": "9", "5": "6", "6": "0", "7": "1", "8": "3", "9": "4"}


class _Tubes(NamedTuple):
    """A chain of tubes, or one of a time control, and how long after the first a car is due at each, in s."""

    points: list[str]
    offsets_s: list[float]


def on_the_road(made: "Day", seed: int, faults: "Faults") -> None:
    """Add cars that are no crew's, and crews that cross a tube twice; marshals write these down as well."""
    for happen, rate in ((_escorts, faults.escort), (_lorries, faults.lorry), (_crossed_twice, faults.crossed)):
        if rate:
            happen(made, Random(f"{happen.__name__} {seed}"), rate)
            made.passages.sort(key=lambda passage: (passage.timing_point, passage.at_ns))


def at_the_tubes(made: "Day", seed: int, faults: "Faults") -> None:
    """Make tubes deaf or flutter, and clocks wrong; marshals see what drove all the same."""
    for happen, rate in (
        (_deaf, faults.deaf),
        (_fluttering, faults.flutter),
        (_a_second_off, faults.second),
        (_hundredths_off, faults.hundredths),
    ):
        if rate:
            random, stamped_by_point = Random(f"{happen.__name__} {seed}"), _by_point(made.passages)
            for point, stamped in stamped_by_point.items():
                crews = _crews(made, stamped)
                if random.random() < rate and crews:
                    stamped_by_point[point] = happen(stamped, crews, random)
                    made.truth.update({passage.id: made.truth.get(passage.id) for passage in stamped_by_point[point]})
            ordered = (sorted(stamped, key=lambda passage: passage.at_ns or 0) for stamped in stamped_by_point.values())
            made.passages = [passage for stamped in ordered for passage in stamped]


def on_the_lists(lists: list[MarshalList], made: "Day", seed: int, faults: "Faults") -> list[MarshalList]:
    """Return the lists with misread numbers, or with another timing point's order; `made` has what drove."""
    random = Random(f"other lists {seed}")
    points = sorted({passage.timing_point for passage in made.passages})
    read = []
    for written in lists:
        numbers = [line.start_number for line in written.lines]
        if random.random() < faults.other_list:
            copied = random.choice([point for point in points if point != written.timing_point])
            numbers = order(made, copied)
        read.append(
            listing(written.timing_point, _misread(numbers, Random(f"misread {seed} {written.timing_point}"), faults))
        )
    return read


def order(made: "Day", point: str) -> list[int]:
    """Return the start numbers in the order in which they passed."""
    numbers = (made.truth[passage.id] for passage in made.passages if passage.timing_point == point)
    return [number for number in numbers if number is not None]


def listing(point: str, numbers: list[int]) -> MarshalList:
    """Return a marshal's list of these start numbers."""
    lines = (Listed(point, place, number, f"lists/{point}.csv:{place + 1}") for place, number in enumerate(numbers, 1))
    return MarshalList(point, tuple(lines))


def _misread(numbers: list[int], random: Random, faults: "Faults") -> list[int]:
    """Return numbers as marshals misread them: a digit for one like it, two exchanged, that of the car before again."""
    written: list[int] = []
    for place, number in enumerate(numbers):
        digits = list(str(number))
        slip = random.choice(("digit", "exchanged", "before")) if random.random() < faults.misread else ""
        at = random.randrange(len(digits))
        if slip == "digit":
            digits[at] = ALIKE[digits[at]]
        elif slip == "exchanged":
            digits[at - 1], digits[at] = digits[at], digits[at - 1]
        elif slip == "before" and place:
            digits = list(str(written[-1]))
        written.append(int("".join(digits)))
    return written


def _escorts(made: "Day", random: Random, rate: float) -> None:
    """Motorcycles, two by two as a rule, and organisers' cars drive a chain: up to 15 min ahead, and between crews."""
    stamped_by_point = _by_point(made.passages)
    for tubes in _all_tubes(made.event):
        at_ns = [passage.at_ns or 0 for passage in _crews(made, stamped_by_point[tubes.points[0]])]
        for place, crew_ns in enumerate(at_ns):
            if random.random() < rate * (1 if place else BEFORE_FIRST):
                room_ns = crew_ns - at_ns[place - 1] if place else 900 * S_NS
                _escort(made, random, tubes, crew_ns - int(random.random() * room_ns))


def _escort(made: "Day", random: Random, tubes: _Tubes, at_ns: int) -> None:
    """One in four keeps to the ideal times, by a second or so, behind or before a crew; others drive as they like."""
    is_motorcycle, pace = random.random() < 0.6, random.uniform(0.6, 1.2)
    if random.random() < 0.25:
        pace = 1.0
    for number in range(2 if is_motorcycle and random.random() < 0.7 else 1):
        behind_s = number * random.uniform(0.7, 3)
        length_m = random.gauss(1.45, 0.08) if is_motorcycle else random.gauss(2.7, 0.1)
        for point, offset_s in zip(tubes.points, tubes.offsets_s, strict=True):
            crew_ns = at_ns + int((behind_s + pace * offset_s + random.gauss(0, 1)) * S_NS)
            _nobody(made, point, crew_ns, _axle_ns(length_m, random.uniform(25, 70)))


def _lorries(made: "Day", random: Random, rate: float) -> None:
    """A car with a trailer is one passage of three axles, an articulated lorry with six reads as three cars."""
    for passage in _crews(made, made.passages):
        if random.random() < rate:
            point, at_ns = passage.timing_point, (passage.at_ns or 0) + int(random.uniform(-60, 60) * S_NS)
            kmh = random.uniform(25, 50)
            if random.random() < 0.5:
                _nobody(made, point, at_ns, _axle_ns(2.7, kmh), "many edges")
                continue
            _nobody(made, point, at_ns, None, "single edge", "close behind")
            _nobody(made, point, at_ns + _axle_ns(3.5, kmh), _axle_ns(1.3, kmh), "close behind")
            _nobody(made, point, at_ns + _axle_ns(9.0, kmh), _axle_ns(1.3, kmh), "many edges", "close behind")


def _crossed_twice(made: "Day", random: Random, rate: float) -> None:
    """A car stops on the tube or behind it, reverses over it and crosses it again: the first passage is the crew's.

    Time is taken when front wheels first touch the tube. One in two makes the seconds up, the other does not.
    """
    later_ns: dict[tuple[int | None, str], int] = defaultdict(int)
    following = {
        point: tubes.points[place + 1 :] for tubes in _all_tubes(made.event) for place, point in enumerate(tubes.points)
    }
    ids = {passage.id for passage in _crews(made, made.passages)}
    for place, passage in enumerate(list(made.passages)):
        if passage.id not in ids:
            continue
        number, point = made.truth[passage.id], passage.timing_point
        at_ns = (passage.at_ns or 0) + later_ns[number, point]
        made.passages[place] = passage._replace(at_ns=at_ns)
        if random.random() >= rate:
            continue
        on_it, makes_up = random.random() < 0.5, random.random() < 0.5
        back_ns = int(random.uniform(1.5, 8) * S_NS)
        again_ns = back_ns + int(random.uniform(1.5, 10) * S_NS)
        if on_it:  # the front axle only
            made.passages[place] = passage._replace(at_ns=at_ns, axle_ns=None, flags=("single edge",))
        _nobody(made, point, at_ns + back_ns, None if on_it else _axle_ns(2.5, random.uniform(10, 20)))
        _nobody(made, point, at_ns + again_ns, _axle_ns(2.5, random.uniform(10, 20)))
        for behind in () if makes_up else following[point]:
            later_ns[number, behind] += again_ns


def _deaf(stamped: list[Passage], crews: list[Passage], random: Random) -> list[Passage]:
    """A tube stamps nothing while some crews pass, somewhere in the field."""
    from_ns, until_ns = _stretch(crews, random, CREWS_LONG)
    return [passage for passage in stamped if not from_ns <= (passage.at_ns or 0) <= until_ns]


def _fluttering(stamped: list[Passage], crews: list[Passage], random: Random) -> list[Passage]:
    """A loose contact makes dozens of passages within a minute; cars close behind one of them are a part of it."""
    at_ns = (random.choice(crews).at_ns or 0) - int(random.uniform(0, 60) * S_NS)
    burst = []
    for place in range(random.randint(24, 48)):
        at_ns += SWALLOWED_NS + int(random.expovariate(1 / 0.2) * S_NS)
        stamped = [passage for passage in stamped if not at_ns <= (passage.at_ns or 0) <= at_ns + SWALLOWED_NS]
        flag = random.choice(("single edge", "many edges", "long"))
        axle_ns = None if flag == "single edge" else random.randint(5, 400) * MS_NS
        burst.append(_stray(f"f{place}", crews[0].timing_point, at_ns, axle_ns, flag))
    return stamped + burst


def _a_second_off(stamped: list[Passage], crews: list[Passage], random: Random) -> list[Passage]:
    """A board that did not know the leap seconds stamps a whole second early or late for 1 to 40 crews, and says so."""
    from_ns, until_ns = _stretch(crews, random, CREWS_OFF)
    off_ns = random.choice((-S_NS, S_NS))
    return [
        _later(passage, off_ns)._replace(confirmed=False, flags=("unconfirmed second", *passage.flags))
        if from_ns <= (passage.at_ns or 0) <= until_ns
        else passage
        for passage in stamped
    ]


def _hundredths_off(stamped: list[Passage], crews: list[Passage], random: Random) -> list[Passage]:
    """A board stamps 2 to 30 hundredths early or late all day."""
    del crews
    off_ns = random.choice((-1, 1)) * random.randint(20, 300) * MS_NS
    return [_later(passage, off_ns) for passage in stamped]


def _later(passage: Passage, by_ns: int) -> Passage:
    return passage._replace(at_ns=(passage.at_ns or 0) + by_ns)


def _stretch(crews: list[Passage], random: Random, long: tuple[int, int]) -> tuple[int, int]:
    """Return the first and last instant of a run of crews, as many of them as `long` (least, most) allows."""
    first = random.randrange(len(crews))
    last = min(first + random.randint(*long), len(crews)) - 1
    return crews[first].at_ns or 0, crews[last].at_ns or 0


def _all_tubes(event: Event) -> list[_Tubes]:
    """Return the chains of tubes in their order, a time control's own tube as a chain of one."""
    chains: list[_Tubes] = []
    tubes = {point.id for point in event.timing_points if point.board is not None}
    for control in event.controls:
        if control.opens is None:
            chains += [_Tubes([control.closes], [0.0])] if control.closes in tubes else []
            continue
        if control.after_ns is not None:
            chains.append(_Tubes([control.opens], [0.0]))
        chains[-1].points.append(control.closes)
        chains[-1].offsets_s.append(chains[-1].offsets_s[-1] + (control.ideal_cs or 0) / 100)
    return chains


def _by_point(passages: list[Passage]) -> dict[str, list[Passage]]:
    passages_by_point: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        passages_by_point[passage.timing_point].append(passage)
    return passages_by_point


def _crews(made: "Day", passages: list[Passage]) -> list[Passage]:
    """Return the passages of crews that a tube stamped, in order, without those of a second round."""
    return [
        passage
        for passage in passages
        if passage.source == "board" and made.truth[passage.id] is not None and passage.id not in made.again
    ]


def _nobody(made: "Day", point: str, at_ns: int, axle_ns: int | None, *flags: str) -> None:
    """Add a passage of a car that is no crew's."""
    passage = _stray(f"n{len(made.truth) + 1}", point, at_ns, axle_ns, *flags)  # what was ever there has a truth
    made.passages.append(passage)
    made.truth[passage.id] = None


def _stray(name: str, point: str, at_ns: int, axle_ns: int | None, *flags: str) -> Passage:
    flags = flags if axle_ns is not None or flags else ("single edge",)
    return Passage(f"{point}:{name}", point, at_ns, 1000, True, (), flags, "board", None, axle_ns)


def _axle_ns(length_m: float, kmh: float) -> int:
    return int(length_m * 3.6 / kmh * S_NS)
