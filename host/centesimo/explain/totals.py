"""How a score counts in each ranking that has its control: with the crew's net, coefficient, total and place."""

from collections.abc import Iterator, Sequence

from centesimo.model.facts import DISCARDED, Line, Ranking, Score
from centesimo.reading.numbers import plain


def in_totals(rankings: Sequence[Ranking], score: Score) -> Iterator[str]:
    """Yield a line for each ranking: "Leg 1: 5 of net 8, coefficient 1.38, total 11.04, place 1".

    Where the coefficient multiplies only a part of the net: "coefficient 1.75 of 1440 alone (1440 x 1.75 + 1200)".
    """
    for ranking in rankings:
        if ranking.race.id == score.race and any(control.id == score.control for control in ranking.controls):
            line = next(line for line in ranking.lines if line.entry.start_number == score.start_number)
            counted = next(counting for counting in line.scores if counting.control == score.control)
            leg = ranking.leg.name if ranking.leg else "all legs"
            yield f"{leg}: {_counted(counted)} of {_total(line)}"


def _counted(score: Score) -> str:
    if score.penalty is None:
        return "nothing"
    return f"{plain(score.penalty)}{' (discarded)' if score.status == DISCARDED else ''}"


def _factor(line: Line) -> str:
    if line.coefficients:
        return ", ".join(f"{plain(factor)} in {leg}" for leg, factor in line.coefficients)
    factor, without = plain(line.coefficient), line.net - line.multiplied
    if not without or line.coefficient == 1:
        return factor
    sign, multiplied = "-" if without < 0 else "+", plain(line.multiplied)
    return f"{factor} of {multiplied} alone ({multiplied} x {factor} {sign} {plain(abs(without))})"


def _total(line: Line) -> str:
    place = f"place {line.position}" if line.position else f"no place: {line.status}"
    return f"net {plain(line.net)}, coefficient {_factor(line)}, total {line.total:f}, {place}"
