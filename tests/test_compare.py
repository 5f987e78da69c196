"""What changed between two versions: who moved and why, as named cases over one ranking of four crews."""

import json
from copy import deepcopy

import pytest

from centesimo.publish.compare import compare, from_to
from tests.postings import content, line, open_score, score


def before():
    """Return crews 1 to 4 with totals 10, 20, 30 and 40 from PC1, and 0 at PC2."""
    gaps = {1: "0", 2: "10", 3: "20", 4: "30"}
    return content(
        [line(n, n, f"{n}0", gaps[n], [score("PC1", f"{n}0"), score("PC2", "0")]) for n in (1, 2, 3, 4)],
        rulebook={"name": "rules.toml", "digest": "ab" * 32},
    )


def place(found, *numbers):
    """Give places in this order; numbers that are not named have none and come last."""
    found["lines"].sort(key=lambda one: numbers.index(one["start_number"]) if one["start_number"] in numbers else 99)
    for one in found["lines"]:
        number = one["start_number"]
        one["position"] = numbers.index(number) + 1 if number in numbers else None


def of(found, number):
    return next(one for one in found["lines"] if one["start_number"] == number)


def nothing(found):
    """Leave it."""


def passages_only(found):
    """Another passage with the same penalty."""
    of(found, 1)["scores"][0]["passages"] = ["load:1:2"]


def drops(found):
    """Crew 2 gets 25 at PC2: 20 + 25 = 45, behind 3 and 4."""
    of(found, 2)["scores"][1] = score("PC2", "25")
    of(found, 2).update(total="45", net="45")
    place(found, 1, 3, 4, 2)


def opens(found):
    """Crew 1 has an open control now."""
    of(found, 1)["scores"][1] = open_score("PC2", "no passage at A3")
    of(found, 1).update(status="1 open")
    place(found, 2, 3, 4)


def settles(found):
    """Crew 4's time at PC1 was late by as much as it was early: the penalty is the same, the reason is not."""
    of(found, 4)["scores"][0]["reason"] = "40/100 s early x 1 = 40"


def is_replaced(found):
    """Crew 4 left, crew 5 was entered."""
    found["lines"][3] = line(4, 5, "50", "40", [score("PC1", "50"), score("PC2", "0")])


def another_car(found):
    of(found, 3).update(car="OM 665", year=1927, team="T", coefficient="1.27", crew="Crew 3b", total="38.10")


def multiplies_less(found):
    """Of the 30 of crew 3 only 10 are multiplied now, by 1."""
    of(found, 3).update(multiplied="10")


def overtakes(found):
    """Crew 4 has 15 instead of 40 and passes two crews that did nothing."""
    of(found, 4)["scores"][0] = score("PC1", "15")
    of(found, 4).update(total="15", net="15")
    place(found, 1, 4, 2, 3)


# what happens; crew: why its line is different, as people read it.
CASES = [
    (nothing, {}),
    (passages_only, {}),
    (
        drops,
        {
            3: ["now ahead of 2"],
            4: ["now ahead of 2"],
            2: ["PC2: 0 → 25 (25/100 s late x 1 = 25)", "now behind 3, 4"],
        },
    ),
    (
        opens,
        {
            2: ["now ahead of 1"],
            3: ["now ahead of 1"],
            4: ["now ahead of 1"],
            1: ["PC2: 0 → open (no passage at A3)", "status: – → 1 open", "now behind 2, 3, 4"],
        },
    ),
    (multiplies_less, {3: ["multiplied: 30 → 10"]}),
    (settles, {4: ["PC1: 40 → 40 (40/100 s early x 1 = 40)"]}),
    (is_replaced, {5: ["crew: – → entered"], 4: ["crew: entered → –"]}),
    (
        another_car,
        {
            3: [
                "coefficient: 1 → 1.27",
                "crew: Crew 3 → Crew 3b",
                "car: Fiat 508 S → OM 665",
                "year: 1934 → 1927",
                "team: – → T",
            ]
        },
    ),
    (
        overtakes,
        {4: ["PC1: 40 → 15 (15/100 s late x 1 = 15)", "now ahead of 2, 3"], 2: ["now behind 4"], 3: ["now behind 4"]},
    ),
]


@pytest.mark.parametrize(("happens", "why"), CASES, ids=[row[0].__name__ for row in CASES])
def test_who_moved_and_why(happens, why):
    after = deepcopy(before())
    happens(after)
    found = compare(before(), after)
    assert {crew.start_number: crew.why() for crew in found.crews} == why
    assert [crew.start_number for crew in found.crews] == list(why)
    assert found.whole == ()


def fewer_controls(found):
    del found["controls"][1]
    for one in found["lines"]:
        del one["scores"][1]


# what happens, what is said of the ranking as a whole; no crew is different.
WHOLE = [
    (
        lambda found: found.update(rulebook={"name": "new.toml", "digest": "cd" * 32}),
        ["Rule book: rules.toml abababababababab → new.toml cdcdcdcdcdcdcdcd."],
    ),
    (lambda found: found.update(race={"id": "classic", "name": "Old"}), ["Name: Classic, Leg 1 → Old, Leg 1."]),
    (lambda found: found.update(findings=[{"text": "Whose?"}]), ["New question: Whose?"]),
    (fewer_controls, ["Controls that count no more: PC2."]),
]


@pytest.mark.parametrize(("happens", "said"), WHOLE, ids=["rule book", "name", "finding", "controls"])
def test_what_concerns_the_whole_ranking(happens, said):
    after = deepcopy(before())
    happens(after)
    assert compare(before(), after) == (tuple(said), ())
    back = compare(after, before()).whole
    assert len(back) == 1
    assert back != tuple(said)


def test_a_control_that_is_new_is_said_once():
    earlier = before()
    fewer_controls(earlier)
    found = compare(earlier, before())
    assert found.whole == ("Controls that count now: PC2.",)
    assert found.crews == ()


def test_many_crews_are_counted():
    earlier = content([line(n, n, str(n), "", []) for n in range(1, 10)], ())
    later = deepcopy(earlier)
    place(later, 2, 3, 4, 5, 6, 7, 8, 9, 1)
    found = {crew.start_number: crew for crew in compare(earlier, later).crews}
    assert found[1].passed_by == (2, 3, 4, 5, 6, 7, 8, 9)
    assert found[1].why() == ["now behind 8 others"]
    assert found[9].why() == ["now ahead of 1"]


def test_crews_that_share_a_place_are_level():
    later = before()
    of(later, 1).update(position=1, total="20", net="20")
    of(later, 2).update(position=1)
    fallen, level = compare(before(), later).crews
    assert (fallen.start_number, fallen.why(), fallen.total) == (1, [], ("10", "20"))
    assert (level.start_number, level.why(), level.position) == (2, ["now level with 1"], (2, 1))
    apart = compare(later, before()).crews[1]
    assert (apart.start_number, apart.why(), apart.position) == (2, ["now behind 1"], (1, 2))


def test_as_json():
    later = before()
    drops(later)
    found = json.loads(json.dumps(compare(before(), later).as_json()))
    assert found["crews"][2] == {
        "start_number": 2,
        "crew": "Crew 2",
        "position": [2, 4],
        "total": ["20", "45"],
        "own": [{"what": "PC2", "before": "0", "after": "25", "why": "25/100 s late x 1 = 25"}],
        "passed_by": [3, 4],
        "passed": [],
        "level_with": [],
    }


PAIRS = [
    ((5, 4), "5 → 4"),
    ((None, 3), "– → 3"),
    (("4.02", "4.02"), "4.02"),
    (("-7", "-8"), "−7 → −8"),
    ((None, None), "–"),
]


@pytest.mark.parametrize(("pair", "text"), PAIRS)
def test_before_and_after(pair, text):
    assert from_to(pair) == text
