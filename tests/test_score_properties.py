"""What must hold for all: order of facts, caps, cancelled trials, shared tubes, and totals of any size and sign."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from centesimo.amend import made
from centesimo.model.facts import CANCELLED, SCORED, Attribution, Score
from centesimo.rank import rankings
from centesimo.score import score
from tests.scoring import book, crew, event, passing, time_control, trial

CHAIN = (trial("PC1", "A1", "A2", 1000), trial("PC2", "A2", "A3", 1000), time_control("CO1", "C1", 600))
POINTS = """\
wins = "highest"
[timed_trial]
rule = "points table"
unit_s = 0.01
table = [[0, 420], [1, 395]]
beyond = 10
"""
BOOKS = {
    "penalties": book(),
    "penalties, one discarded": book('[discard]\nworst = 1\nof = "timed_trial"\nper = "leg"\n'),
    "points": book(POINTS + '[coefficient]\nkind = "entry"\non = ["timed_trial"]\n'),
}
MS = st.integers(0, 60_000)
CREWS = st.lists(st.tuples(MS, MS, MS, st.integers(0, 5_000_000)), min_size=1, max_size=5)


def passages(times: list[tuple[int, int, int, int]]) -> list[Attribution]:
    """Return the passages of crews at A1, A2, A3 and C1, in ms after 09:00."""
    return [
        passing(point, Decimal(at_ms) / 1000, number)
        for number, its in enumerate(times, 1)
        for point, at_ms in zip(("A1", "A2", "A3", "C1"), its, strict=True)
    ]


def crews(times: list) -> tuple:
    return tuple(crew(number, 1920 + number, "1.45") for number in range(1, len(times) + 1))


@given(CREWS, st.sampled_from(sorted(BOOKS)), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_facts_is_nothing(times, rules: str, random) -> None:
    road, books, facts = event(CHAIN, crews(times)), {"R": BOOKS[rules]}, passages(times)
    mixed = random.sample(facts, len(facts))
    assert score(road, books, mixed) == score(road, books, facts)


@given(CREWS, st.sampled_from(sorted(BOOKS)))
@settings(max_examples=60)
def test_a_total_is_made_of_what_is_shown(times, rules: str) -> None:
    road, books = event(CHAIN, crews(times)), {"R": BOOKS[rules]}
    scores, _ = score(road, books, passages(times))
    (found,) = rankings(road, books, scores)
    for line in found.lines:
        shown = {one.control: one.penalty for one in line.scores if one.penalty is not None}
        assert line.net == sum(shown.values(), Decimal(0))
        multiplied = line.net if rules != "points" else line.net - shown.get("CO1", Decimal(0))
        assert abs(line.total - (multiplied * line.coefficient + line.net - multiplied)) <= Decimal("0.5")
        assert all(abs(one) <= 420 for control, one in shown.items() if control != "CO1")
    placed = [line.total for line in found.lines if line.position]
    assert placed == sorted(placed, reverse=found.highest_wins)
    assert all(line.gap is not None and line.gap >= 0 for line in found.lines if line.position)


@given(CREWS, CREWS, st.sampled_from(sorted(BOOKS)))
@settings(max_examples=60)
def test_a_cancelled_trial_never_depends_on_its_times(times, others, rules: str) -> None:
    count = min(len(times), len(others))
    road, books = event(CHAIN[:1], crews(times[:count])), {"R": BOOKS[rules]}
    cancelled = [made("cancel", "the clerk", "fog", 1, control="PC1")]
    found = [
        rankings(road, books, score(road, books, passages(its[:count]), decisions=cancelled)[0])[0]
        for its in (times, others)
    ]
    assert [(one.position, one.entry, one.total) for one in found[0].lines] == [
        (one.position, one.entry, one.total) for one in found[1].lines
    ]
    assert all(one.status == CANCELLED for line in found[0].lines for one in line.scores)


AMOUNTS = st.decimals(-(10**9), 10**9, places=2)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=6), st.sampled_from(sorted(BOOKS)))
@settings(max_examples=60)
def test_totals_of_any_size_and_sign_are_exact(amounts, rules: str) -> None:
    road, books = event(CHAIN[:2], crews(amounts)), {"R": BOOKS[rules]}
    given_scores = [
        Score("R", control, number, SCORED, "1/100 s", None, None, 1, amount, "", "", (), ())
        for number, its in enumerate(amounts, 1)
        for control, amount in zip(("PC1", "PC2"), its, strict=True)
    ]
    (found,) = rankings(road, books, given_scores)
    for line in found.lines:
        kept = [one.penalty or Decimal(0) for one in line.scores]
        assert line.net == sum(kept, Decimal(0))
        assert abs(line.total - line.net * line.coefficient) <= Decimal("0.005")
    best, *others = [line.total for line in found.lines]
    assert [line.gap for line in found.lines] == [abs(total - best) for total in (best, *others)]
