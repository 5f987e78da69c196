"""How a score counts: in each ranking that has its control, beside the crew's net, coefficient, total and place."""

from collections.abc import Iterator, Sequence

from centesimo.facts import DISCARDED, Line, Ranking, Score
from centesimo.rank import not_multiplied
from centesimo.rulebook import RuleBook
from centesimo.rulebook.rules import plain


def in_totals(rankings: Sequence[Ranking], rulebook: RuleBook, score: Score) -> Iterator[str]:
    """Yield a line for each ranking: "Leg 1: 5 of net 8, coefficient 1.38, total 11.04, place 1".

    Where the coefficient multiplies only a part of the net: "coefficient 1.75 of 1440 alone (1440 x 1.75 + 1200)".
    """
    for ranking in rankings:
        if ranking.race.id == score.race and any(control.id == score.control for control in ranking.controls):
            line = next(line for line in ranking.lines if line.entry.start_number == score.start_number)
            counted = next(one for one in line.scores if one.control == score.control)
            leg = ranking.leg.name if ranking.leg else "all legs"
            yield f"{leg}: {_counted(counted)} of {_total(line, _factor(ranking, rulebook, line))}"


def _counted(score: Score) -> str:
    if score.penalty is None:
        return "nothing"
    return f"{plain(score.penalty)}{' (discarded)' if score.status == DISCARDED else ''}"


def _factor(ranking: Ranking, rulebook: RuleBook, line: Line) -> str:
    factor, without = plain(line.coefficient), not_multiplied(line.scores, ranking.controls, rulebook)
    if not without or line.coefficient == 1:
        return factor
    sign = "-" if without < 0 else "+"
    multiplied = plain(line.net - without)
    return f"{factor} of {multiplied} alone ({multiplied} x {factor} {sign} {plain(abs(without))})"


def _total(line: Line, factor: str) -> str:
    place = f"place {line.position}" if line.position else f"no place: {line.status}"
    return f"net {plain(line.net)}, coefficient {factor}, total {line.total:f}, {place}"
