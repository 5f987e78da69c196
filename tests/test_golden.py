"""Three legs, two races, 60 crews: the program's rankings are those that a simple oracle worked out by other means."""

from decimal import Decimal
from functools import cache

import pytest

from centesimo.compute import Facts, Outcome, compute, rulebooks
from centesimo.model.decisions import KINDS
from centesimo.model.facts import CANCELLED, DISCARDED, EXCLUDED, OPEN, RETIRED, Line, Ranking, Score
from centesimo.rank.selections import selected, teams
from tests import golden_oracle
from tests.golden_day import FOLDER, decisions, event, recorded, truth

EXPECTED = (FOLDER / "rankings.txt").read_text()
WORDS = {OPEN: "open", EXCLUDED: "excl.", RETIRED: "ret.", CANCELLED: "canc."}


@cache
def outcome() -> Outcome:
    """Return what the program makes of the record and the decisions."""
    true = truth()
    return compute(Facts(event(), (), {}, tuple(recorded(true)), tuple(decisions(true))))


def shown(value: Decimal) -> str:
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def cell(score: Score, before: str) -> str:
    """Show a score as the oracle does; a discarded one in brackets with what it was."""
    if score.status == DISCARDED:
        return f"({before})"
    return WORDS.get(score.status, "") or shown(score.penalty or Decimal(0))


def as_text(line: Line, given: dict[tuple[int, str], str]) -> str:
    cells = [cell(one, given[one.start_number, one.control]) for one in line.scores]
    head = f"{line.position or '-':>3} {line.entry.start_number:>3} {shown(line.net):>8} {shown(line.total):>10}"
    return f"{head} {line.status:<9}" + "".join(f"{one:>7}" for one in cells)


def block(ranking: Ranking, given: dict[tuple[int, str], str]) -> str:
    name = f"leg {ranking.leg.id}" if ranking.leg else "all legs"
    head = f"{'':>3} {'No.':>3} {'net':>8} {'total':>10} {'':<9}" + "".join(f"{c.id:>7}" for c in ranking.controls)
    return "\n".join([f"{ranking.race.id}, {name}", head, *(as_text(line, given) for line in ranking.lines)])


def test_the_kept_rankings_are_the_oracles() -> None:
    assert golden_oracle.text(truth()) == EXPECTED


@pytest.mark.parametrize("place", range(8))
def test_the_rankings_are_the_kept_ones(place: int) -> None:
    given = {(one.start_number, one.control): shown(one.penalty or Decimal(0)) for one in outcome().scores}
    assert (
        block(outcome().rankings[place], given).splitlines() == EXPECTED.rstrip("\n").split("\n\n")[place].splitlines()
    )


def test_every_control_is_open_for_a_passage_that_is_missing_or_not_reliable() -> None:
    """Crew 43 was not seen at A3, between PC2 and PC3, crew 50 not at C5; crew 23 was at A3 as the cable was loose."""
    missed = {(finding.where, finding.start_number) for finding in outcome().findings if finding.kind == "no passage"}
    loose, *found = sorted(
        (one.start_number, one.control, one.reason) for one in outcome().scores if one.status == OPEN
    )
    loose_too, *found = found
    for number, control, reason in (loose, loose_too):
        assert (number, reason.partition(" not reliable")[0]) == (23, "the time of the passage at A3 is"), control
    assert [(number, control) for number, control, _ in found] == [(43, "PC2"), (43, "PC3"), (50, "CO5")]
    for number, _, reason in found:
        assert (reason.removeprefix("no passage at "), number) in missed


def test_every_kind_of_decision_is_there_and_was_used() -> None:
    # The golden day has boards only, and none that lies: tests/test_files_taken_back.py and test_rivals.py have these.
    elsewhere = {"take-back", "shift-file", "choose", "choose-journal"}
    assert {one.kind for one in decisions(truth())} == set(KINDS) - elsewhere
    assert not {"not used", "amendment"} & {finding.kind for finding in outcome().findings}
    assert [one.kind for one in outcome().applied.standing].count("exclude") == 3  # one more was taken back


def test_totals_are_the_sums_of_what_is_shown() -> None:
    for ranking in outcome().rankings:
        for line in ranking.lines:
            assert line.net == sum((one.penalty for one in line.scores if one.penalty is not None), Decimal(0))


def ranges_text(line: Line) -> str:
    head = f"{line.position or '-':>3} {line.entry.start_number:>3} {shown(line.net):>8} {shown(line.total):>10}"
    return f"{head} {line.status}".rstrip()


def test_further_rankings_are_the_kept_ones() -> None:
    books, blocks = rulebooks(event()), EXPECTED.rstrip("\n").split("\n\n")[8:]
    overall = next(one for one in outcome().rankings if one.race.id == "classic" and one.leg is None)
    ladies, by_category, by_team = event().selections
    found = [one for chosen in (ladies, by_category) for one in selected(chosen, overall, books["classic"])]
    for one, kept in zip(found, blocks[:-1], strict=True):
        assert [one.race.name.replace("Classic cars", "classic") + ", all legs", *map(ranges_text, one.lines)] == (
            kept.splitlines()
        )
    assert [
        f"{line.position:>3} {line.name:<8}{shown(line.total):>10}   cars "
        + ", ".join(str(car.entry.start_number) for car in line.lines)
        for line in teams(by_team, overall, books["classic"]).lines
    ] == blocks[-1].splitlines()[1:]
