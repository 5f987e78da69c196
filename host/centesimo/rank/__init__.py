"""Scores become rankings: one for each race and leg, and over all legs of a race that drives more than one.

A crew has a place when none of its controls is open. The other crews follow without a place, with the reason, so that
nobody leads for want of a time. Totals are exact decimals, rounded once at the end as the rule book's [total] says.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from centesimo.model.event import TIMED_TRIAL, Control, Entry, Event, Leg, Race
from centesimo.model.facts import (
    CANCELLED,
    DISCARDED,
    EXCLUDED,
    NOT_STARTED,
    OPEN,
    RETIRED,
    SCORED,
    Line,
    Ranking,
    Score,
)
from centesimo.model.memo import Memo
from centesimo.model.said import Figure, said
from centesimo.rulebook import ROUNDINGS, Discard, RuleBook, table_of
from centesimo.rulebook import settings as words

NO_TIMES = "no times"
EXCLUDED_STATUS = "excluded"
RETIRED_STATUS = "retired"
NOT_STARTED_STATUS = "did not start"
OUT = (NOT_STARTED_STATUS, RETIRED_STATUS, EXCLUDED_STATUS)  # who waits for nothing, in the order of the ranking


def rankings(
    event: Event, rulebooks: Mapping[str, RuleBook], scores: Sequence[Score], up_to: str | None = None
) -> list[Ranking]:
    """Return the rankings race by race: one for each leg that it drives, then over all legs if these are several.

    rulebooks  by race id
    up_to      id of the last control that counts in its leg; None: all controls count
    """
    groups: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for score in scores:
        groups[score.race, score.control].append(score)

    def own(race: Race, controls: Sequence[Control]) -> dict[int, list[Score]]:
        scores_by_crew: dict[int, list[Score]] = defaultdict(list)
        for control in controls:
            for score in groups[race.id, control.id]:
                scores_by_crew[score.start_number].append(score)
        return scores_by_crew

    return _rankings(event, rulebooks, own, up_to, Memo())


def rankings_of(
    event: Event,
    rulebooks: Mapping[str, RuleBook],
    groups: Mapping[tuple[str, str], Sequence[Score]],
    up_to: str | None,
    memo: Memo,
    begun: frozenset[str] = frozenset(),
) -> list[Ranking]:
    """Return the rankings as `rankings` does, of scores that are grouped already.

    groups  by race id and control id; all groups of a race hold the same crews in the same order
    memo    keeps each crew's line from call to call: only crews whose scores have changed are added up again
    begun   ids of the legs that are driven already: those over all legs count no other; empty: all of them
    """

    def own(race: Race, controls: Sequence[Control]) -> dict[int, tuple[Score, ...]]:
        rows = zip(*(groups[race.id, control.id] for control in controls), strict=True)
        return {row[0].start_number: row for row in rows}

    return _rankings(event, rulebooks, own, up_to, memo, begun)


def _rankings(
    event: Event,
    rulebooks: Mapping[str, RuleBook],
    own: Callable[[Race, Sequence[Control]], Mapping[int, Sequence[Score]]],
    up_to: str | None,
    memo: Memo,
    begun: frozenset[str] = frozenset(),
) -> list[Ranking]:
    """Return the rankings; `own` gives the scores of a race's crews at some controls, in the order of the controls."""
    rankings = []
    for race in event.races:
        legs = [leg for leg in event.legs if leg.id in {start.leg for start in race.starts}]
        for leg in [*legs, None] if len(legs) > 1 else legs:
            controls = _controls(event, race, leg, up_to)
            if leg is None:
                controls = tuple(each for each in controls if each.leg in begun) or controls
            rankings.append(ranking_over(event, race, leg, controls, rulebooks[race.id], own(race, controls), memo))
    return rankings


def of_control(event: Event, race: Race, control: str, rulebook: RuleBook, scores: Sequence[Score]) -> Ranking:
    """Return the ranking of one control alone; KeyError when the event has no such control."""
    driven = {driven.id: driven for driven in event.controls}[control]
    leg = next(leg for leg in event.legs if leg.id == driven.leg)
    return ranking(event, race, leg, (driven,), rulebook, [score for score in scores if score.race == race.id])


def _controls(event: Event, race: Race, leg: Leg | None, up_to: str | None) -> tuple[Control, ...]:
    """Return the controls of a ranking in driving order, none after `up_to` where that is one of the leg's."""
    legs = {leg.id} if leg else {start.leg for start in race.starts}
    driven = [control for control in event.controls if race.id in control.races and control.leg in legs]
    ids = [control.id for control in driven]
    return tuple(driven[: ids.index(up_to) + 1] if up_to in ids else driven)


class Totalled(Protocol):
    """Whatever has a total: a line of a crew or of a team."""

    @property
    def total(self) -> Decimal:
        """Return the total."""

    @property
    def fails(self) -> int:
        """Return the fails, which come before the total."""


Ranked = TypeVar("Ranked", bound=Totalled)


def ranking(
    event: Event,
    race: Race,
    leg: Leg | None,
    controls: tuple[Control, ...],
    rulebook: RuleBook,
    scores: Sequence[Score],
) -> Ranking:
    """Return one race's ranking over these controls; scores at other controls are not counted."""
    place_by_control = {control.id: place for place, control in enumerate(controls)}
    scores_by_crew: dict[int, list[Score]] = defaultdict(list)
    for score in scores:
        if score.control in place_by_control:
            scores_by_crew[score.start_number].append(score)
    own = {
        number: sorted(crew_scores, key=lambda score: place_by_control[score.control])
        for number, crew_scores in scores_by_crew.items()
    }
    return ranking_over(event, race, leg, controls, rulebook, own, Memo())


def ranking_over(
    event: Event,
    race: Race,
    leg: Leg | None,
    controls: tuple[Control, ...],
    rulebook: RuleBook,
    scores_by_crew: Mapping[int, Sequence[Score]],
    memo: Memo,
) -> Ranking:
    """Return one race's ranking over these controls; the scores of each crew are those of the controls, in their order.

    memo  keeps each crew's line from call to call, as in `rankings_of`
    """
    table = leg.id if leg else None
    plain = frozenset(control.id for control in controls if table_of(control.kind) not in rulebook.coefficient.on)
    results = [
        memo(
            ("line", race.id, table, entry.start_number),
            _result,
            entry.in_leg(leg.id) if leg else entry,
            tuple(scores_by_crew.get(entry.start_number, ())),
            controls,
            rulebook,
            plain,
        )
        for entry in event.entries
        if entry.race == race.id
    ]
    lines = placed(results, controls, rulebook)
    return Ranking(
        event.name,
        race,
        leg,
        controls,
        rulebook.title or rulebook.name,
        rulebook.digest,
        rulebook.highest_wins,
        str(rulebook.total),
        lines,
    )


def _result(
    entry: Entry, scores: Sequence[Score], controls: Sequence[Control], rulebook: RuleBook, plain: frozenset[str]
) -> Line:
    """Return a crew's line before it has a place; `plain`: the controls that the coefficient leaves as they are."""
    kept = scores
    if rulebook.discard is not None:
        control_by_id = {control.id: control for control in controls}
        stays = rulebook.fixed.discard == words.NEVER
        kept = discarded(scores, control_by_id, rulebook.discard, rulebook.highest_wins, stays)
    factor = coefficient(entry, rulebook)
    net, multiplied = _net(kept, plain, rulebook)
    factors: tuple[tuple[str, Decimal], ...] = ()
    total = multiplied * factor + net - multiplied
    if entry.cars:
        total, factors = _by_leg(entry, kept, controls, rulebook, plain)
    fails = sum(score.fails for score in kept)
    rounded = rounded_total(total, rulebook)
    status = _status(kept)
    return Line(None, entry, tuple(kept), net, multiplied, factor, rounded, None, None, status, fails, factors)


def _net(scores: Sequence[Score], plain: frozenset[str], rulebook: RuleBook) -> tuple[Decimal, Decimal]:
    """Return the sum of penalties, and the part of it that a coefficient multiplies."""
    net = sum((score.penalty for score in scores if score.penalty is not None), start=Decimal(0))
    return net, net - _not_multiplied(scores, plain, rulebook)


def _by_leg(
    entry: Entry, scores: Sequence[Score], controls: Sequence[Control], rulebook: RuleBook, plain: frozenset[str]
) -> tuple[Decimal, tuple[tuple[str, Decimal], ...]]:
    """Return the total of a crew that drove another car in a leg, before it is rounded, and the factor of each leg."""
    leg_by_control = {control.id: control.leg for control in controls}
    total, factors = Decimal(0), []
    for leg in dict.fromkeys(leg_by_control.values()):
        factor = coefficient(entry.in_leg(leg), rulebook)
        net, multiplied = _net([score for score in scores if leg_by_control[score.control] == leg], plain, rulebook)
        total += multiplied * factor + net - multiplied
        factors.append((leg, factor))
    return total, tuple(factors)


def _not_multiplied(scores: Sequence[Score], plain: frozenset[str], rulebook: RuleBook) -> Decimal:
    """Return the part of a crew's net penalties that the coefficient does not multiply: plain controls, fixed ones."""
    fixed_alone = rulebook.fixed.coefficient == words.NO_COEFFICIENT
    without = Decimal(0)
    for score in scores:
        if score.penalty is not None and score.control in plain:
            without += score.penalty
        elif score.penalty is not None and fixed_alone:
            without += score.fixed
    return without


def _status(scores: Sequence[Score]) -> str:
    """Return why a crew is not ranked, "" when it is."""
    statuses = [score.status for score in scores]
    if EXCLUDED in statuses:
        return EXCLUDED_STATUS
    if NOT_STARTED in statuses:
        return NOT_STARTED_STATUS
    if RETIRED in statuses:
        return RETIRED_STATUS
    opened = statuses.count(OPEN)
    if opened == len(statuses):
        return NO_TIMES
    return said("{count} open", count=opened) if opened else ""


def coefficient(entry: Entry, rulebook: RuleBook) -> Decimal:
    """Return a crew's factor by the rule book's [coefficient]; 1 where its entry has none (check refuses that)."""
    factor = rulebook.coefficient.find(entry)
    return Decimal(1) if factor is None else factor


def rounded_total(total: Decimal, rulebook: RuleBook) -> Decimal:
    """Return a total with the decimals and by the rounding that the rule book's [total] says, under its article."""
    return total.quantize(Decimal(1).scaleb(-rulebook.total.decimals), rounding=ROUNDINGS[rulebook.total.rounding])


def discarded(
    scores: Sequence[Score],
    control_by_id: Mapping[str, Control],
    rule: Discard,
    highest_wins: bool,
    fixed_stays: bool,
) -> list[Score]:
    """Return a crew's scores, its worst ones marked as discarded by the rule book's [discard].

    A discarded score costs `counts_as` instead of its penalty. Of equal scores the one of the later control is
    discarded, as the first trial may part a tie. Where `fixed_stays`, fixed penalties do not count when the worst is
    looked for, and are still paid.
    """
    kept = list(scores)
    sign = -1 if highest_wins else 1
    costs: dict[str, list[tuple[int, Decimal, int]]] = defaultdict(list)  # each with its fails and its place
    for place, score in enumerate(scores):
        control = control_by_id[score.control]
        late = not rule.late_only or (score.deviation or 0) > 0
        driven = table_of(control.kind) in rule.of and score.status != CANCELLED
        if driven and score.penalty is not None and late:
            cost = sign * (score.penalty - score.fixed if fixed_stays else score.penalty)
            costs[control.leg if rule.per == "leg" else ""].append((score.fails, cost, place))
    for leg_costs in costs.values():
        for fails, cost, place in sorted(leg_costs, reverse=True)[: rule.worst]:
            # Points are taken out, so that the best of the others count; a cost only where what counts instead is less.
            if fails or cost > rule.counts_as or cost < 0:
                kept[place] = _discard(scores[place], rule, sign, fixed_stays)
    return kept


def _discard(score: Score, rule: Discard, sign: int, fixed_stays: bool) -> Score:
    """Return a score as discarded, with what it costs now."""
    counts = sign * rule.counts_as or Decimal(0)
    template = "{how}; discarded as one of the {worst} worst, counts {counts} ({article})"
    reason = said(template, how=score.reason, worst=rule.worst, counts=Figure(counts), article=rule.article)
    if fixed_stays and score.fixed:
        counts += score.fixed
        reason += said(", with its fixed penalties {counts}", counts=Figure(counts))
    return score._replace(status=DISCARDED, penalty=counts, fails=0, reason=reason)


def placed(lines: Sequence[Line], controls: Sequence[Control], rulebook: RuleBook) -> tuple[Line, ...]:
    """Return lines in the order of the ranking, with places and gaps; last those without a place, by open controls."""
    trials = {control.id for control in controls if control.kind == TIMED_TRIAL}
    keys = [TIE_KEYS[name] for name in rulebook.ties if name in TIE_KEYS]
    sign = -1 if rulebook.highest_wins else 1

    count_by_total = Counter((line.fails, line.total) for line in lines if not line.status)

    def rank(line: Line) -> tuple[Any, ...]:
        if count_by_total[line.fails, line.total] == 1:
            return line.fails, sign * line.total  # nothing to part
        return (line.fails, sign * line.total, *(key(line, trials, sign) for key in keys))

    ranked = sorted((rank(line), _no(line), line) for line in lines if not line.status)  # no number is there twice
    unranked = sorted(
        (line for line in lines if line.status),
        key=lambda line: (_last(line), line.fails, sign * line.total, _no(line)),
    )
    in_order = [
        line._replace(position=position, gap=gap, ahead=ahead)
        for line, position, gap, ahead in with_places([row[2] for row in ranked], [row[0] for row in ranked])
    ]
    return (*in_order, *unranked)


def _no(line: Line) -> int:
    return line.entry.start_number


def with_places(
    lines: Sequence[Ranked], ranks: Sequence[Any]
) -> Iterator[tuple[Ranked, int, Decimal | None, Decimal | None]]:
    """Yield lines, given in order, with place, gap to the leader and to the one ahead; equal ranks share a place.

    Whoever shares a place has the same gap to the line ahead of them all. None where there is another count of fails.
    """
    position, ahead = 0, None
    for number, line in enumerate(lines):
        if number == 0 or ranks[number] != ranks[number - 1]:
            position, ahead = number + 1, lines[number - 1] if number else None
        yield line, position, _gap(line, lines[0]), _gap(line, ahead or line)


def _gap(line: Ranked, before: Ranked) -> Decimal | None:
    return abs(line.total - before.total) if line.fails == before.fails else None


def _last(line: Line) -> tuple[int, int]:
    """Order the unranked: few open controls first, then those without times, who gave up, who never started, last the
    excluded.
    """
    status, opened = line.status, sum(score.status == OPEN for score in line.scores)
    order = (NO_TIMES, RETIRED_STATUS, NOT_STARTED_STATUS, EXCLUDED_STATUS)
    return order.index(status) + 1 if status in order else 0, opened


def _most_zeros(line: Line, trials: set[str], sign: int) -> int:
    return -sum(score.control in trials and score.status == SCORED and score.deviation == 0 for score in line.scores)


def _first_trial(line: Line, trials: set[str], sign: int) -> tuple[int, Decimal]:
    given = (score for score in line.scores if score.control in trials and score.status != CANCELLED)
    results = ((score.fails, sign * score.penalty) for score in given if score.penalty is not None)
    return next(results, (0, Decimal(0)))


def _trial_after_trial(line: Line, trials: set[str], sign: int) -> tuple[tuple[int, Decimal], ...]:
    """Return what each timed trial gave, in their order: the first that differs parts them."""
    return tuple(
        (score.fails, sign * (score.penalty or Decimal(0)))
        for score in line.scores
        if score.control in trials and score.status != CANCELLED
    )


def _older_car(line: Line, trials: set[str], sign: int) -> int:
    return line.entry.year


# What parts equal totals, smallest first: (line, ids of the timed trials, -1 where the highest wins else 1).
# "shared place" has no key: who is still equal shares the place.
TIE_KEYS: dict[str, Callable[[Line, set[str], int], Any]] = {
    words.MOST_ZEROS: _most_zeros,
    words.FIRST_TRIAL: _first_trial,
    words.TRIAL_AFTER_TRIAL: _trial_after_trial,
    words.OLDER_CAR: _older_car,
}
