"""A penalty walked back: what is shown of the rule, the passages, their edges and where they came from."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centesimo.explain import GIVEN, Explanation, explain
from centesimo.explain.related_findings import findings_about
from centesimo.model import basis
from centesimo.model.about_decisions import TimeHidden
from centesimo.model.about_passages import NobodyWrote, NotSeen, Whose
from centesimo.model.basis import DUE, Basis, BasisKind
from centesimo.model.facts import CANCELLED, Attribution, Edge, Passage
from centesimo.model.findings import Candidate, Finding
from centesimo.reading.numbers import shown_duration
from centesimo.rulebook import ROUND_HALF_UP, TRUNCATE_DEVIATION, RuleBook
from centesimo.score import score
from tests.scoring import at_ns, book, event, passing, time_control, trial

PC1 = trial("PC1", "A1", "A2", 1000)
CO1 = time_control("CO1", "C1", 600)


def edge(sequence: int, after_us: int, input: int = 1) -> Edge:
    """Return an edge so many microseconds after 09:00:10.123456 local time."""
    instant = at_ns("10.123456") + after_us * 1000
    counter_us = 5_000_000_000 + after_us
    return Edge("00000000000000a1", sequence, 7, input, counter_us, instant, 1500, True, "between anchors", 3, False)


EDGES = (edge(41, 0), edge(42, 900), edge(44, 300_000))
STAMPED = Passage("00000000000000a1:41", "A2", EDGES[0].at_ns, 1500, True, EDGES, ("many edges",), "board")
FROM_A1 = Basis(BasisKind.IDEAL_TIME, "A1")
DECIDED = Basis(BasisKind.DECIDED, decision="0123")
LOADED = Passage("load:0123456789abcdef:4", "A1", at_ns("0.019"), None, True, (), (), "hand")
ATTRIBUTIONS = [Attribution(LOADED, 1, 1.0, basis.LOADED), Attribution(STAMPED, 1, 0.9987, FROM_A1)]


def explained(rules: RuleBook, *attributions: Attribution) -> Explanation:
    """Return why PC1 gave Crew 1 what it gave."""
    road = event((PC1,))
    scores, _ = score(road, {"R": rules}, attributions)
    return explain(road, rules, scores[0], attributions)


def shown(lines: list[str], name: str) -> list[str]:
    """Return the values of all lines of that name."""
    return [line[18:] for line in lines if line[:18].strip() == name]


def test_a_penalty_is_walked_back_to_its_edges() -> None:
    lines = explained(book(), *ATTRIBUTIONS).lines()
    # closed 10.12, opened 0.01 (0.019 cut), set 10.00: 0.11 late
    assert shown(lines, "penalty") == ["11"]
    assert shown(lines, "how") == ["11/100 s late x 1 = 11"]
    assert shown(lines, "arithmetic") == ["09:00:10.12 - 09:00:00.01 - 0:10.00 = +0.11 s"]
    assert shown(lines, "set time") == ["0:10.00"]
    assert shown(lines, "taken time") == ["0:10.11"]
    assert shown(lines, "article") == ["RDS art. 8.20: timed trial"]
    assert shown(lines, "local time") == ["09:00:00.019000", "09:00:10.123456"]
    assert shown(lines, "hundredth") == ["09:00:00.01", "09:00:10.12"]
    assert shown(lines, "uncertainty") == ["not stated", "+- 1.5 us"]
    assert shown(lines, "records") == ["41, 42, 44"]
    assert shown(lines, "counter") == ["5000000000 us"]
    assert shown(lines, "sync state") == ["locked"]
    assert shown(lines, "grounds") == ["loaded", "ideal time from A1"]
    assert shown(lines, "line") == ["4"]
    assert shown(lines, "second confirmed") == ["as the source says", "yes"]
    assert shown(lines, "confidence") == ["not computed: the crew was given", "99.87%"]
    assert shown(lines, "loaded file") == ["SHA-256 0123456789abcdef"]
    assert shown(lines, "doubts") == ["A1: the source (hand) states no uncertainty"]
    assert shown(lines, "edges") == ["3, all: +- 1.5 us, second confirmed, between anchors, locked"]
    assert lines[-4:] == [
        "  record  counter us  after us  what",
        "      41  5000000000         0  first edge: its instant counts",
        "      42  5000000900       900  bounce",
        "      44  5000300000    300000  contact 2: the next axle",
    ]


def test_where_the_highest_total_wins_it_gave_points() -> None:
    explanation = explained(book('wins = "highest"\n[coefficient]\nkind = "none"\n'), *ATTRIBUTIONS)
    assert shown(explanation.lines(), "points") == ["-11"]
    assert shown(explanation.lines(), "penalty") == []
    assert explanation.as_json()["penalty"] == "-11"


NOT_SEEN, HIDDEN = NotSeen(1, ("A2",), ("A1", "A2")), TimeHidden(1, "PC1", "a", Decimal(3))
TEXTS = [
    "Crew 1 was not seen at A2.",
    "A2: crews come as they come, and nobody wrote down who. A list at A2, or numbers keyed there, would settle most "
    "of 32 passages at 4 points.",
]
# name: (finding, whether it is about PC1 of crew 1, which closes at A2 by STAMPED)
FINDINGS = {
    "of its passage": (Finding("average", "PC9", None, HIDDEN, (STAMPED.id,)), True),
    "of its crew, at its point": (Finding("no passage", "A2", 1, NOT_SEEN), True),
    "of its crew, at its control": (Finding("average", "PC1", 1, HIDDEN), True),
    "perhaps its own": (Finding("doubtful", "A9", None, Whose(()), ("x:1",), (Candidate("x:1", 1, 0.1),)), True),
    "perhaps its own, elsewhere": (
        Finding("doubtful", "A2", None, Whose(()), ("x:2",), (Candidate("x:2", 1, 0.9),)),
        False,
    ),
    "another's or nobody's": (
        Finding("doubtful", "A2", None, Whose(()), ("x:1",), (Candidate("x:1", 2, 0.6), Candidate("x:1", None, 0.4))),
        False,
    ),
    "of another crew": (Finding("no passage", "A2", 2, NOT_SEEN), False),
    "of its crew, elsewhere": (Finding("no passage", "A3", 1, NOT_SEEN), False),
}


@pytest.mark.parametrize(("finding", "is_about"), FINDINGS.values(), ids=FINDINGS)
def test_which_findings_are_about_a_score(finding: Finding, is_about: bool) -> None:
    scores, _ = score(event((PC1,)), {"R": book()}, ATTRIBUTIONS)
    passages = [STAMPED._replace(id="x:1"), STAMPED._replace(id="x:2", timing_point="A3")]
    assert findings_about(PC1, scores[0], [finding], passages) == ([finding] if is_about else [])


def test_findings_are_shown() -> None:
    scores, _ = score(event((PC1,)), {"R": book()}, ATTRIBUTIONS)
    found = [
        Finding("no passage", "A2", 1, NOT_SEEN),
        Finding("doubtful", "A2", None, NobodyWrote("A2", 4, 32)),
    ]
    told = explain(event((PC1,)), book(), scores[0], findings=found)
    assert shown(told.lines(), "findings") == [" ".join(TEXTS)]
    assert told.as_json()["findings"] == TEXTS
    assert "findings" not in explained(book(), *ATTRIBUTIONS).as_json()


def test_what_edges_do_not_share_is_a_column() -> None:
    edges = (EDGES[0], EDGES[1]._replace(uncertainty_ns=9500, simulated=True))
    passage = STAMPED._replace(edges=edges, flags=("many edges",))
    lines = explained(book(), ATTRIBUTIONS[0], Attribution(passage, 1, 1.0, DUE)).lines()
    assert shown(lines, "edges") == ["2, all: second confirmed, between anchors, locked"]
    assert lines[-3:] == [
        "  record  counter us  after us  uncertainty  simulated  what",
        "      41  5000000000         0  +- 1.5 us               first edge: its instant counts",
        "      42  5000000900       900  +- 9.5 us    simulated  bounce",
    ]


# sequences of a passage's records, how they are shown.
RECORDS = [((1,), "1"), ((1, 2), "1, 2"), ((1, 2, 3), "1-3"), ((1, 3, 4, 5, 9, 10), "1, 3-5, 9, 10")]


@pytest.mark.parametrize(("sequences", "text"), RECORDS)
def test_many_records_are_shown_in_short(sequences: tuple[int, ...], text: str) -> None:
    passage = STAMPED._replace(edges=tuple(edge(sequence, sequence) for sequence in sequences))
    lines = explained(book(), ATTRIBUTIONS[0], Attribution(passage, 1, 1.0, DUE)).lines()
    assert shown(lines, "records") == [text]


def test_as_json_it_holds_the_same_as_values() -> None:
    content = json.loads(json.dumps(explained(book(), *ATTRIBUTIONS).as_json()))
    assert (content["penalty"], content["deviation"], content["set_cs"]) == ("11", 11, 1000)
    loaded, stamped = content["passages"]
    assert (loaded["source"], loaded["line"], loaded["edges"]) == ("hand", 4, [])
    assert (stamped["at_ns"], stamped["uncertainty_ns"]) == (at_ns("10.123456"), 1500)
    assert (stamped["records"], stamped["boot"], stamped["input"]) == ([41, 42, 44], 7, 1)
    assert (loaded["confidence"], stamped["confidence"]) == (None, 0.9987)  # one was given, one computed
    assert (loaded["second_confirmed"], stamped["second_confirmed"]) == (None, True)
    assert [one["after_us"] for one in stamped["edges"]] == [0, 900, 300_000]
    assert [one["contact"] for one in stamped["edges"]] == [1, 1, 2]
    assert stamped["flags"] == ["many edges"]


ARITHMETIC = {
    # 10.123456 is 10.12, 0.019 is 0.02
    ROUND_HALF_UP: "09:00:10.12 - 09:00:00.02 - 0:10.00 = +0.10 s",
    TRUNCATE_DEVIATION: "10.104456 s - 0:10.00 = +0.10 s, what follows the hundredth dropped",
}


@pytest.mark.parametrize(("instants", "arithmetic"), ARITHMETIC.items())
def test_the_arithmetic_follows_the_rule_book(instants: str, arithmetic: str) -> None:
    lines = explained(book(f'[instants]\ntake = "{instants}"\n'), *ATTRIBUTIONS).lines()
    assert shown(lines, "arithmetic") == [arithmetic]


def test_an_open_control_shows_what_there_is() -> None:
    lines = explained(book(), ATTRIBUTIONS[1]).lines()
    assert shown(lines, "status") == ["open"]
    assert shown(lines, "penalty") == ["none yet"]
    assert shown(lines, "how") == ["no passage at A1"]
    assert shown(lines, "passage") == ["00000000000000a1:41"]
    assert shown(lines, "arithmetic") == ["no deviation without both times"]


def test_a_passage_without_a_time_shows_its_counter() -> None:
    lost = EDGES[0]._replace(at_ns=None, uncertainty_ns=None, confirmed=False)
    passage = STAMPED._replace(at_ns=None, uncertainty_ns=None, confirmed=False, edges=(lost,))
    lines = explained(book(), ATTRIBUTIONS[0], Attribution(passage, 1, 1.0, DUE)).lines()
    assert shown(lines, "local time") == ["09:00:00.019000", "not known"]
    assert shown(lines, "counter") == [f"{lost.counter_us} us"]


# seconds after 09:00 at which the card was stamped, what is said of it
CARDS = [
    ("661.5", "card 09:11:01.50, due 09:10:00.00: 1 min late"),
    ("627.0", "card 09:10:27.00, due 09:10:00.00: in the due minute"),
]


@pytest.mark.parametrize(("seconds", "said"), CARDS)
def test_a_card_shows_its_minutes(seconds: str, said: str) -> None:
    road, rules = event((CO1,)), book()
    passage = passing("C1", seconds)
    scores, _ = score(road, {"R": rules}, [passage])
    lines = explain(road, rules, scores[0], [passage]).lines()
    assert shown(lines, "set time") == ["09:10:00.00"]
    assert shown(lines, "arithmetic") == [said]


def test_what_is_cancelled_has_no_penalty_to_wait_for() -> None:
    road, rules = event((CO1,)), book()
    scores, _ = score(road, {"R": rules}, [passing("C1", 600)])
    lines = explain(road, rules, scores[0]._replace(status=CANCELLED, penalty=None)).lines()
    assert shown(lines, "penalty") == ["none"]


# chance that a passage is the next best crew's, how it is shown
CHANCES = [
    (0.0025, "crew 2's, 0.25%"),
    (0.0001, "crew 2's, 0.01%"),
    (7.2e-9, "crew 2's, less than 0.01%"),
    (0.00719, "crew 2's, 0.71%"),
]


@pytest.mark.parametrize(("chance", "said"), CHANCES)
def test_the_next_best_is_shown_with_its_chance(chance: float, said: str) -> None:
    other = Attribution(STAMPED, 1, 1 - chance, FROM_A1, 2, chance)
    assert shown(explained(book(), ATTRIBUTIONS[0], other).lines(), "next best") == [said]


def hundredths_of(clock: str) -> int:
    """Read "09:00:10.12" back as hundredths since midnight."""
    hours, minutes, seconds = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * 6000 + int(seconds.replace(".", ""))


@given(st.integers(0, 9_999), st.integers(10_000, 99_999))
def test_what_is_shown_adds_up(opened_ms: int, closed_ms: int) -> None:
    attributions = [passing("A1", f"{opened_ms / 1000:.3f}"), passing("A2", f"{closed_ms / 1000:.3f}")]
    content = explained(book(), *attributions).as_json()
    opened, closed = (hundredths_of(passage["hundredth"]) for passage in content["passages"])
    assert closed - opened - content["set_cs"] == content["deviation"]


# name: (ns, as people read it)
DURATIONS = {
    "half a second by hand": (500_000_000, "0.5 s"),
    "a tenth": (100_000_000, "0.1 s"),
    "thousandths": (5_000_000, "5 ms"),
    "below one": (999_500, "999.5 us"),
    "millionths": (12_000, "12 us"),
    "none": (0, "0 us"),
}


@pytest.mark.parametrize(("duration_ns", "text"), DURATIONS.values(), ids=DURATIONS)
def test_an_uncertainty_is_shown_in_its_unit(duration_ns: int, text: str) -> None:
    assert shown_duration(duration_ns) == text


# name: (computed confidence, as people read it)
CONFIDENCES = {
    "as computed": (0.9987, "99.87%"),
    "cut": (0.989999, "98.99%"),
    "nearly certain": (0.99999, "more than 99.99%"),
    "nothing else left to a float": (1.0, "more than 99.99%"),
}


@pytest.mark.parametrize("rests_on", [basis.LOADED, basis.LOADED._replace(list_line="lists/A1.csv:5"), DECIDED])
def test_of_a_crew_that_was_given_no_confidence_is_told(rests_on: Basis) -> None:
    given = ATTRIBUTIONS[1]._replace(basis=rests_on)
    assert shown(explained(book(), ATTRIBUTIONS[0], given).lines(), "confidence")[1] == GIVEN


@pytest.mark.parametrize(("confidence", "text"), CONFIDENCES.values(), ids=CONFIDENCES)
def test_a_confidence_is_never_rounded_up_to_certainty(confidence: float, text: str) -> None:
    attribution = ATTRIBUTIONS[1]._replace(confidence=confidence)
    assert shown(explained(book(), ATTRIBUTIONS[0], attribution).lines(), "confidence")[1] == text
