"""Scores become rankings: one for each race and leg, and over all legs of a race that drives more than one.

A crew is ranked when none of its controls is open; the others follow with the reason, in order of what is known, so
that nobody leads for want of a time. Totals are exact decimals, rounded once at the end as the rule book says.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from centesimo import rulebook as words
from centesimo.event import TIMED_TRIAL, Control, Entry, Event, Leg, Race
from centesimo.facts import CANCELLED, DISCARDED, EXCLUDED, OPEN, RETIRED, SCORED, Line, Ranking, Score
from centesimo.rulebook import ROUNDINGS, Discard, RuleBook, table_of

NO_TIMES = "no times"
EXCLUDED_STATUS = "excluded"
RETIRED_STATUS = "retired"
OUT = (RETIRED_STATUS, EXCLUDED_STATUS)


def rankings(
    event: Event, rulebooks: Mapping[str, RuleBook], scores: Sequence[Score], up_to: str | None = None
) -> list[Ranking]:
    """Return each race's ranking of each of its legs, then over all legs if it drives several.

    rulebooks is by race id; up_to is the id of the last control that counts in its leg (None: all of them).
    """
    scores_by_race: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        scores_by_race[score.race].append(score)
    found = []
    for race in event.races:
        legs = [leg for leg in event.legs if leg.id in {start.leg for start in race.starts}]
        for leg in [*legs, None] if len(legs) > 1 else legs:
            controls = _controls(event, race, leg, up_to)
            found.append(ranking(event, race, leg, controls, rulebooks[race.id], scores_by_race[race.id]))
    return found


def _controls(event: Event, race: Race, leg: Leg | None, up_to: str | None) -> tuple[Control, ...]:
    """Return the controls of a ranking in driving order, none after `up_to` where that is one of the leg's."""
    legs = {leg.id} if leg else {start.leg for start in race.starts}
    driven = [control for control in event.controls if race.id in control.races and control.leg in legs]
    ids = [control.id for control in driven]
    return tuple(driven[: ids.index(up_to) + 1] if up_to in ids else driven)


class _Result(NamedTuple):
    """One crew's line before it has a place."""

    entry: Entry
    scores: tuple[Score, ...]
    net: Decimal
    coefficient: Decimal
    total: Decimal
    status: str


def ranking(
    event: Event,
    race: Race,
    leg: Leg | None,
    controls: tuple[Control, ...],
    rulebook: RuleBook,
    scores: Sequence[Score],
) -> Ranking:
    """Return one race's table over these controls; scores of other controls are left aside."""
    place_by_control = {control.id: place for place, control in enumerate(controls)}
    scores_by_crew: dict[int, list[Score]] = defaultdict(list)
    for score in scores:
        if score.control in place_by_control:
            scores_by_crew[score.start_number].append(score)
    results = []
    for entry in event.entries:
        if entry.race == race.id:
            own = sorted(scores_by_crew[entry.start_number], key=lambda score: place_by_control[score.control])
            results.append(_result(entry, own, controls, rulebook))
    lines = _lines(results, controls, rulebook)
    return Ranking(event.name, race, leg, controls, rulebook.name, rulebook.digest, rulebook.highest_wins, lines)


def _result(entry: Entry, scores: Sequence[Score], controls: Sequence[Control], rulebook: RuleBook) -> _Result:
    control_by_id = {control.id: control for control in controls}
    kept = scores
    if rulebook.discard is not None:
        kept = discarded(scores, control_by_id, rulebook.discard, rulebook.highest_wins)
    factor = coefficient(entry, rulebook)
    net = with_factor = Decimal(0)
    for score in kept:
        if score.penalty is not None:
            net += score.penalty
            if table_of(control_by_id[score.control].kind) in rulebook.coefficient.on:
                with_factor += score.penalty
    total = rounded_total(with_factor * factor + (net - with_factor), rulebook)
    return _Result(entry, tuple(kept), net, factor, total, _status(kept))


def _status(scores: Sequence[Score]) -> str:
    """Return why a crew is not ranked, "" when it is."""
    if any(score.status == EXCLUDED for score in scores):
        return EXCLUDED_STATUS
    if any(score.status == RETIRED for score in scores):
        return RETIRED_STATUS
    opened = sum(score.status == OPEN for score in scores)
    if opened == len(scores):
        return NO_TIMES
    return f"{opened} open" if opened else ""


def coefficient(entry: Entry, rulebook: RuleBook) -> Decimal:
    """Return a crew's factor: 1.YY by the year of its car (1937: 1.37), as its entry says, or 1."""
    if rulebook.coefficient.kind == words.BY_YEAR:
        return 1 + Decimal(entry.year % 100) / 100
    if rulebook.coefficient.kind == words.BY_ENTRY and entry.coefficient is not None:
        return entry.coefficient
    return Decimal(1)


def rounded_total(total: Decimal, rulebook: RuleBook) -> Decimal:
    """Return a total with the decimals and by the rounding that the rule book's [total] says, under its article."""
    return total.quantize(Decimal(1).scaleb(-rulebook.total.decimals), rounding=ROUNDINGS[rulebook.total.rounding])


def discarded(
    scores: Sequence[Score], control_by_id: Mapping[str, Control], rule: Discard, highest_wins: bool
) -> list[Score]:
    """Return the scores with the crew's worst ones marked as discarded, counting what the rule book still asks.

    Of equal ones the later control is discarded, as the earlier may part a tie.
    """
    kept = list(scores)
    groups: dict[str, list[int]] = defaultdict(list)
    for place, score in enumerate(scores):
        control = control_by_id[score.control]
        late = not rule.late_only or (score.deviation or 0) > 0
        if table_of(control.kind) == rule.of and score.penalty is not None and late:
            groups[control.leg if rule.per == "leg" else ""].append(place)
    sign = -1 if highest_wins else 1
    for places in groups.values():
        places.sort(key=lambda place: (sign * (scores[place].penalty or 0), place), reverse=True)
        for place in places[: rule.worst]:
            kept[place] = _discard(scores[place], rule, sign)
    return kept


def _discard(score: Score, rule: Discard, sign: int) -> Score:
    """Take one score out, unless what it counts instead is worse."""
    counts = sign * rule.counts_as
    if sign * (score.penalty or 0) <= rule.counts_as:
        return score
    reason = f"{score.reason}; discarded as one of the {rule.worst} worst, counts {counts} ({rule.article})"
    return score._replace(status=DISCARDED, penalty=counts, reason=reason)


def _lines(results: list[_Result], controls: Sequence[Control], rulebook: RuleBook) -> tuple[Line, ...]:
    """Put the crews in order, give places and gaps; those without a place come last, in order of what is known."""
    trials = {control.id for control in controls if control.kind == TIMED_TRIAL}
    keys = [TIE_KEYS[name] for name in rulebook.ties if name in TIE_KEYS]
    sign = -1 if rulebook.highest_wins else 1

    def rank(result: _Result) -> tuple[Any, ...]:
        return (sign * result.total, *(key(result, trials, sign) for key in keys))

    placed = sorted((r for r in results if not r.status), key=lambda r: (rank(r), r.entry.start_number))
    others = sorted((r for r in results if r.status), key=lambda r: (_last(r), sign * r.total, r.entry.start_number))
    lines: list[Line] = []
    for _, same in groupby(placed, rank):
        position = len(lines) + 1
        ahead = lines[-1].total if lines else None
        for result in same:
            leader = lines[0].total if lines else result.total
            before = result.total if ahead is None else ahead
            lines.append(_line(result, position, abs(result.total - leader), abs(result.total - before)))
    return (*lines, *(_line(result, None, None, None) for result in others))


def _last(result: _Result) -> tuple[int, bool, int]:
    """Order the unranked: few open controls first, then those without times, the retired, the excluded last."""
    opened = sum(score.status == OPEN for score in result.scores)
    out = OUT.index(result.status) + 1 if result.status in OUT else 0
    return out, result.status == NO_TIMES, opened


def _line(result: _Result, position: int | None, gap: Decimal | None, ahead: Decimal | None) -> Line:
    entry, scores, net, factor, total, status = result
    return Line(position, entry, scores, net, factor, total, gap, ahead, status)


def _most_zeros(result: _Result, trials: set[str], sign: int) -> int:
    return -sum(score.control in trials and score.status == SCORED and score.deviation == 0 for score in result.scores)


def _first_trial(result: _Result, trials: set[str], sign: int) -> Decimal:
    counted = (s for s in result.scores if s.control in trials and s.penalty is not None)
    return next((sign * (s.penalty or Decimal(0)) for s in counted if s.status != CANCELLED), Decimal(0))


def _older_car(result: _Result, trials: set[str], sign: int) -> int:
    return result.entry.year


# What parts equal totals, smallest first: (result, ids of the timed trials, -1 where the highest wins else 1).
# "shared place" has no key: who is still equal shares the place.
TIE_KEYS: dict[str, Callable[[_Result, set[str], int], Any]] = {
    words.MOST_ZEROS: _most_zeros,
    words.FIRST_TRIAL: _first_trial,
    words.OLDER_CAR: _older_car,
}
