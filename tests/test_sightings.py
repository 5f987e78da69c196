"""Sightings as values: what may be in one, which of them stand, and where one is the passage itself."""

import pytest

from centesimo.amend import made as decided
from centesimo.compute import Facts, compute
from centesimo.model.basis import BasisKind
from centesimo.model.facts import SCORED, Passage, Sighting
from centesimo.model.findings import FindingKind
from centesimo.sightings import check, identity, made, standing
from centesimo.sightings.cards import card_passages, card_points, evidence
from centesimo.words.findings import sentence
from tests.events import FIRST_AT_NS, changed, event

S = 1_000_000_000
EVENT = event()
GOOD = {"timing_point": "A1", "start_number": 12, "at_ns": 7, "person": "Anna", "device": "phone", "counter": 3}


def keyed(counter, number, replaces=None, **further):
    return made(**{**GOOD, "counter": counter, "start_number": number, "replaces": replaces, **further})


def test_the_id_is_a_digest_of_all_the_rest():
    # printf '["A1", 12, 7, null, "Anna", "phone", 3, null, ""]' | sha256sum | head -c 16
    assert made(**GOOD).id == "f01bdbd498ca5a1e"
    further = {"start_number": None, "at_ns": 8, "person": "Bruno", "counter": 4, "source": "x", "error_ns": 0}
    others = {made(**{**GOOD, name: value}).id for name, value in further.items()}
    assert len(others | {made(**GOOD).id}) == 7


# name, what is other than in GOOD, what is said; ranges by their two ends.
RANGES = [
    ("a number of no crew", {"start_number": 0}, "expected start_number as a whole number from 1 to 99999, got 0"),
    ("six digits", {"start_number": 100_000}, "expected start_number as a whole number from 1 to 99999, got 100000"),
    ("true is no number", {"start_number": True}, "expected start_number as a whole number from 1 to 99999, got True"),
    ("before 1970", {"at_ns": -1}, "expected at_ns as a whole number from 0 to"),
    ("after 2262", {"at_ns": 2**63}, "expected at_ns as a whole number from 0 to"),
    ("no instant", {"at_ns": None}, "expected at_ns as a whole number from 0 to"),
    ("a negative error", {"error_ns": -1}, "expected error_ns as a whole number from 0 to"),
    ("an error over two days", {"error_ns": 48 * 3600 * S + 1}, "expected error_ns as a whole number from 0 to"),
    ("a negative counter", {"counter": -1}, "expected counter as a whole number from 0 to 999999999, got -1"),
    ("no point", {"timing_point": ""}, "expected timing_point, got an empty text"),
    ("no person", {"person": "  "}, "expected person, got an empty text"),
    ("a long name", {"device": "x" * 101}, "expected device of at most 100 letters, got 101"),
    ("a bell in a name", {"person": "An\x07na"}, "expected person without control characters"),
    ("a number for a name", {"person": 5}, "expected person as a text, got 5"),
    ("half an id", {"replaces": "abc"}, "expected replaces as the 16 hex digits of a sighting, or # and its counter"),
    ("replaces itself", {"replaces": "#3"}, "expected replaces as an earlier one than the sighting's own counter 3"),
    ("replaces a later one", {"replaces": "#4"}, "expected replaces as an earlier one than the sighting's own counter"),
]


@pytest.mark.parametrize(("other", "says"), [row[1:] for row in RANGES], ids=[row[0] for row in RANGES])
def test_what_cannot_be_in_a_sighting_is_said(other, says):
    with pytest.raises(ValueError, match=r"^expected") as refused:
        made(**{**GOOD, **other})
    assert str(refused.value).startswith(says)


ENDS = [
    {"start_number": 99_999, "at_ns": 2**63 - 1, "error_ns": 48 * 3600 * S, "counter": 999_999_999},
    {"start_number": 1, "at_ns": 0, "error_ns": 0, "counter": 0},
    {"start_number": None, "replaces": "#2", "device": "x" * 100, "source": "x" * 200},
    {"replaces": "0123456789abcdef"},
]


@pytest.mark.parametrize("other", ENDS)
def test_the_ends_of_the_ranges_are_allowed(other):
    check(made(**{**GOOD, **other}))


def test_an_id_that_is_another_is_refused():
    with pytest.raises(ValueError, match="expected the id of all that it says"):
        check(made(**GOOD)._replace(start_number=13))


A, B = keyed(1, 34), keyed(2, 35)
UNDONE = keyed(3, None, replaces=A.id)
INSTEAD = keyed(4, 43, replaces=UNDONE.id)
# name, sightings, those that stand (by counter), those whose other one is not there.
CORRECTIONS = [
    ("none", [A, B], [1, 2], []),
    ("one instead of another", [A, B, keyed(3, 36, replaces=B.id)], [1, 3], []),
    ("taken back", [A, B, UNDONE], [2], []),
    ("taken back, then keyed anew", [A, B, UNDONE, INSTEAD], [4, 2], []),
    ("twice", [A, keyed(2, 36, replaces=A.id), keyed(3, 37, replaces=A.id)], [2, 3], []),
    ("a correction corrected", [A, keyed(2, 36, replaces=A.id), keyed(3, 37, replaces="#2")], [3], []),
    ("by its counter", [A, B, keyed(3, 36, replaces="#1")], [3, 2], []),
    ("the counter of another device", [A, keyed(3, 36, replaces="#1", device="tablet")], [1, 3], [3]),
    ("the counter of another person", [A, keyed(3, 36, replaces="#1", person="Bruno")], [1, 3], [3]),
    ("one that is not there", [B, keyed(3, 36, replaces=A.id)], [2, 3], [3]),
    ("takes back one that is not there", [B, UNDONE], [2], [3]),
    ("nobody's stands", [A, keyed(2, None)], [1, 2], []),
    ("the same fact twice", [A, A], [1], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sightings", "stand", "unmet"), [row[1:] for row in CORRECTIONS], ids=[r[0] for r in CORRECTIONS]
)
def test_what_corrections_leave(sightings, stand, unmet):
    for its in (sightings, sightings[::-1]):
        left = standing(its)
        assert [sighting.counter for sighting in left.sightings] == stand  # all in one second: as they were keyed
        assert [sighting.counter for sighting in left.unmet] == unmet


BRIDGE = '[[timing_point]]\nid = "P1"\nplace = "Pass"\nboard = ""\n\n[[control]]\nid = "CO1"'
STAMP = '[[control]]\nid = "CT1"\nkind = "passage control"\nleg = "L1"\nat = "P1"\n'
TIMED_BY_HAND = changed(
    "event.toml",
    'id = "A3"\nplace = "Church"\nboard = "00000000000000a2"\ninput = 1',
    'id = "A3"\nplace = "Church"\nboard = ""',
)
WITH_STAMP = {**changed("event.toml", '[[control]]\nid = "CO1"', BRIDGE)}
WITH_STAMP["event.toml"] += STAMP
# name, the event, the points where a sighting is the passage. C1 is a time control; A3 closes a trial.
POINTS = [
    ("a time control without a board", EVENT, {"C1"}),
    ("a trial's point timed by hand is none", event(TIMED_BY_HAND), {"C1"}),
    ("a passage control", event(WITH_STAMP), {"C1", "P1"}),
    ("with a board", event(changed("event.toml", 'board = ""', 'board = "00000000000000a3"\ninput = 1')), set()),
]


@pytest.mark.parametrize(("of", "points"), [row[1:] for row in POINTS], ids=[row[0] for row in POINTS])
def test_where_a_sighting_is_the_passage(of, points):
    assert card_points(of) == points


def card(number, at_s, counter=1, point="C1", **further):
    return keyed(counter, number, timing_point=point, at_ns=FIRST_AT_NS + round(at_s * S), **further)


HAND = Passage("load:d:2", "C1", FIRST_AT_NS + 601 * S, None, True, (), (), "hand", 1)
# name, sightings, passages of loaded files, (start number, s after FIRST_AT_NS, source) of the passages that they are.
CARDS = [
    ("to the minute", [card(1, 659.99)], [], [(1, 600, "Anna, phone")]),
    ("its source", [card(1, 600, source="table clock")], [], [(1, 600, "table clock")]),
    ("one crew in two minutes", [card(1, 600), card(1, 660, 2)], [], [(1, s, "Anna, phone") for s in (600, 660)]),
    ("two people in one minute", [card(1, 630), card(1, 605, person="Bruno")], [], [(1, 600, "Bruno, phone")]),
    ("no entry has the number", [card(99, 600)], [], []),
    ("nobody's", [card(None, 600)], [], []),
    ("where a tube is", [card(1, 600, point="A1")], [], []),
    ("a crew that was timed there", [card(1, 600), card(2, 660, 2)], [HAND], [(2, 660, "Anna, phone")]),
]  # fmt: skip


@pytest.mark.parametrize(("sightings", "loaded", "expected"), [row[1:] for row in CARDS], ids=[row[0] for row in CARDS])
def test_the_passages_that_sightings_are(sightings, loaded, expected):
    found = card_passages(EVENT, standing(sightings).sightings, loaded)
    assert [((one.at_ns - FIRST_AT_NS) // S, one.uncertainty_ns, one.timing_point) for one in found] == [
        (at_s, 0, "C1") for _, at_s, _ in expected
    ]
    assert [(one.start_number, one.source) for one in found] == [(number, source) for number, _, source in expected]


def test_only_what_names_a_crew_or_nobody_at_a_point_of_the_event_is_evidence():
    numbers = [12, None, 99]
    seen = [keyed(place, number) for place, number in enumerate(numbers, 1)] + [keyed(4, 12, timing_point="Z9")]
    assert [sighting.start_number for sighting in evidence(EVENT, seen)] == [12, None]


def scores_at_co1(*sightings, loaded=()):
    outcome = compute(Facts(EVENT, (), {}, tuple(loaded), (), sightings))
    return {one.start_number: one for one in outcome.scores if one.control == "CO1"}, outcome


def test_a_control_without_a_tube_is_scored_by_what_was_keyed_there():
    """Crew 1 is due at CO1 at 09:10, crew 2 at 09:11, crew 3 at 09:12; late costs 100 a minute."""
    wrong = card(3, 12 * 60 + 5, 3)
    right = card(3, 15 * 60 + 30, 4, replaces=wrong.id)
    scores, outcome = scores_at_co1(card(1, 10 * 60 + 59), card(2, 12 * 60 + 1, 2), wrong, right)
    assert {number: (scores[number].status, scores[number].penalty) for number in (1, 2, 3)} == {
        1: (SCORED, 0),
        2: (SCORED, 100),
        3: (SCORED, 300),
    }
    (passage,) = scores[3].passages
    assert (passage.id, passage.source) == (f"sighting:{right.id}", "Anna, phone")
    assert {one.basis.kind for one in outcome.attributions} == {BasisKind.KEYED}
    assert scores[1].doubts == ()


def test_the_order_in_which_sightings_come_changes_nothing():
    its = [card(1, 600), card(2, 660, 2), card(3, 720, 3), card(1, 605, 4, replaces="#1")]
    assert scores_at_co1(*its)[1] == scores_at_co1(*its[::-1])[1]


def test_identity_is_that_of_the_values():
    sighting = made(**GOOD)
    assert identity(Sighting(*sighting)) == sighting.id


def at_a1(number, at_s, counter=1, **further):
    return card(number, at_s, counter, "A1", **further)


LATER_S = 24 * 3600
# name, sightings, (where, start number, what is said) of each finding of kind "sighting".
ODD = [
    ("all is well", [keyed(1, 1, at_ns=FIRST_AT_NS + 900 * S)], []),
    (
        "a point that the event lacks",
        [card(1, 600, point="Z9"), card(2, 660, 2, point="Z9")],
        [("Z9", None, "Z9 is no timing point of the event: Anna keyed 2 numbers on phone from 2027-05-23 09:10:00 to"
          " 2027-05-23 09:11:00 there; they count for nothing.")],
    ),
    (
        "a number that no entry has",
        [card(99, 900, point="A1")],
        [("A1", 99, "A1: Anna keyed 99 on phone at 09:15:00: no entry has the number; it counts for nothing.")],
    ),
    (
        "on the next day",
        [card(1, LATER_S + 900, point="A1")],
        [("A1", None, "A1: Anna keyed 1 number on phone at 2027-05-24 09:15:00, hours away from when crews are due"
          " there: is the clock of phone right?")],
    ),
    (
        "a year before, at a card",
        [card(1, -365 * LATER_S)],
        [("C1", None, "C1: Anna keyed 1 number on phone at 2026-05-23 09:00:00, hours away from when crews are due"
          " there: is the clock of phone right?")],
    ),
    ("an hour off is for the passages to tell", [card(1, 900 + 3600, point="A1")], []),
    (
        "twice on one device",
        [at_a1(1, 900, 1), at_a1(1, 905, 2), at_a1(2, 960, 3), card(1, 900, 4, point="A2")],
        [("A1", None, "A1: Anna keyed on phone more than once: 1 at 09:15:00, 09:15:05.")],
    ),
    ("by two people", [card(1, 900, point="A1"), card(1, 900, point="A1", person="Bruno", device="tablet")], []),
    ("nobody's twice", [card(None, 900, 1, point="A1"), card(None, 960, 2, point="A1")], []),
    (
        "in place of one that is not here",
        [card(1, 900, 5, point="A1", replaces="0123456789abcdef")],
        [("A1", 1, "A1: Anna keyed 1 on phone at 09:15:00 in place of 0123456789abcdef, which is not here: it counts by"
          " itself; load the bundle or the file that has the other one.")],
    ),
    (
        "takes back one that is not here",
        [card(None, 900, 5, point="A1", replaces="#4")],
        [("A1", None, "A1: Anna keyed nobody's on phone at 09:15:00 in place of #4, which is not here: it takes nothing"
          " back; load the bundle or the file that has the other one.")],
    ),
    (
        "two devices with one name",
        [at_a1(1, 900, 1), *(card(n, 960, n - 1, point="A2", person="Bruno") for n in (2, 3))],
        [("A1", None, "Two devices are called phone: both have keyed what they count as 1 (Anna at A1, Bruno at A2)."
          " All of it counts; give each a name of its own, for a clock is judged device by device.")],
    ),
    ("two that do not count", [card(1, 900, 0, point="A1"), card(2, 960, 0, point="A2", person="Bruno")], []),
]  # fmt: skip


@pytest.mark.parametrize(("sightings", "expected"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_what_is_odd_is_said_and_stops_nothing(sightings, expected):
    outcome = compute(Facts(EVENT, (), {}, (), (), tuple(sightings)))
    found = [one for one in outcome.findings if one.kind == FindingKind.SIGHTING]
    assert [(one.where, one.start_number, sentence(one, EVENT)) for one in found] == expected
    assert outcome.rankings


def test_a_crew_that_gave_up_and_was_keyed_is_said_with_its_decision():
    retired = decided("retire", "Clerk", "engine", 7, start_number=1, control="PC1")
    seen = (card(1, 900, point="A3"), card(1, 610, 2, point="C1"))
    outcome = compute(Facts(EVENT, (), {}, (), (retired,), seen))
    (said,) = [sentence(one, EVENT) for one in outcome.findings if one.kind == FindingKind.DECISION]
    assert said == f"Crew 1 has retired from PC1 on by amendment {retired.id}, but was keyed at A3 09:15:00.00 by Anna."


def test_who_keys_beside_a_backup_sees_the_cars_of_its_point():
    backup = (
        '[[timing_point]]\nid = "A9"\nplace = "Bridge"\nboard = ""\nbackup_of = "A1"\n\n[[timing_point]]\nid = "C1"'
    )
    with_backup = event(changed("event.toml", '[[timing_point]]\nid = "C1"', backup))
    (told,) = evidence(with_backup, [keyed(1, 12, timing_point="A9")])
    assert told.timing_point == "A1"
