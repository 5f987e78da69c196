"""How far the clocks of those who key are off, and what explain says of who keyed a passage."""

import json

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from centesimo.crosscheck.clocks import keyed_clocks, off
from centesimo.model.basis import LOADED
from centesimo.model.facts import Attribution, Passage
from centesimo.sightings import made
from centesimo.store import LoadedPassage, Store
from centesimo.words.about_people import clock_words
from centesimo.words.findings import sentence
from tests.events import FIRST_AT_NS, event, write

S = 1_000_000_000


def at_a1(number, at_s, identity=None):
    passage = Passage(identity or f"b:{number}", "A1", FIRST_AT_NS + round(at_s * S), 10, True, (), (), "board")
    return Attribution(passage, number, 1.0, LOADED)


PASSED = [at_a1(1, 900), at_a1(2, 960), at_a1(3, 1020), at_a1(11, 1500), at_a1(12, 1530)]


def keyed(*apart_s, numbers=(1, 2, 3, 11, 12), person="Anna", device="phone", point="A1"):
    """Return sightings of the crews at A1, each so many seconds after its passage."""
    ats = {made_.start_number: (made_.passage.at_ns - FIRST_AT_NS) / S for made_ in PASSED}
    return [
        made(point, number, FIRST_AT_NS + round((ats.get(number, 0) + apart) * S), person, device, place)
        for place, (number, apart) in enumerate(zip(numbers, apart_s, strict=False), 1)
    ]


# name, sightings, (ahead in s, told by, numbers) of each clock.
CLOCKS = [
    ("a hand's delay", keyed(1, 2, 1, 1, 2), [(1.0, 5, 5)]),
    ("an hour ahead", keyed(3601, 3602, 3600), [(3601.0, 3, 3)]),
    ("behind", keyed(-40, -41, -39), [(-40.0, 3, 3)]),
    ("one wrong number of five", keyed(1, 2, 61, 1, 2), [(1.5, 4, 5)]),
    ("too few", keyed(1, 2), []),
    ("no two of them agree", keyed(0, 100, 200, 300, 400), []),
    ("where nobody passed", keyed(1, 2, 1, point="A2"), []),
    ("crews that did not pass", keyed(1, 2, 3, numbers=(97, 98, 99)), []),
    ("two devices", [*keyed(1, 1, 1), *keyed(60, 60, 60, device="tablet")], [(1.0, 3, 3), (60.0, 3, 3)]),
]


@pytest.mark.parametrize(("sightings", "expected"), [row[1:] for row in CLOCKS], ids=[row[0] for row in CLOCKS])
def test_how_far_a_clock_is_off(sightings, expected):
    found = keyed_clocks(PASSED, sightings).values()
    assert [(clock.ahead_ns / S, clock.told_by, clock.numbers) for clock in found] == expected


def test_a_clock_that_is_an_hour_off_is_said():
    (said,) = off(keyed_clocks(PASSED, [*keyed(3602, 3603, 3602), *keyed(1, 1, 1, device="laptop")]))
    assert (said.where, sentence(said, event())) == (
        "A1",
        "The clock of phone, on which Anna keys, is 1 h 0 min 2 s ahead of the times at A1, as 3 of 3 numbers tell:"
        " set it right.",
    )


# ns, the words.
SIZES = [
    (800_000_000, "0.8 s ahead of"),
    (0, "0.0 s ahead of"),
    (-59_960_000_000, "1 min 0 s behind"),
    (-61_400_000_000, "1 min 1 s behind"),
    (3_602_000_000_000, "1 h 0 min 2 s ahead of"),
]


@pytest.mark.parametrize(("ahead_ns", "words"), SIZES)
def test_how_far_is_said(ahead_ns, words):
    assert clock_words(ahead_ns) == words


def test_explain_says_who_keyed_what_passage_and_by_which_clock(tmp_path):
    """Crews 1 to 3 are timed at A1 and A2 by hand with their numbers, keyed 2 s late; crew 1's card is keyed at C1."""
    folder = write(tmp_path / "event")
    store = Store.of_event(folder)
    rows = [
        LoadedPassage(line, point, number, FIRST_AT_NS + round((900 + 60 * number - 60 + after_s) * S), 0, "device")
        for line, (number, point, after_s) in enumerate(
            ((n, p, s) for n in (1, 2, 3) for p, s in (("A1", 0.5), ("A2", 30.55))), 2
        )
    ]
    store.add_loaded("device.csv", "d" * 64, "text", rows, 7)
    seen = [
        made("A1", number, FIRST_AT_NS + (902 + 60 * number - 60) * S, "Anna", "phone", number) for number in (1, 2, 3)
    ]
    card = made("C1", 1, FIRST_AT_NS + 605 * S, "Bruno", "tablet", 4, source="table clock", error_ns=S)
    store.add_sightings([*seen, card])
    store.close()

    def passages(control):
        ran = CliRunner().invoke(centesimo, ["explain", "--event", str(folder), "--json", "1", control])
        return json.loads(ran.stdout)["passages"]

    opened, closed = passages("PC1")
    assert opened["keyed"] == [
        f"by Anna on phone, entry 1, at 09:15:02.0 (sighting {seen[0].id}; that clock is 1.5 s ahead of the times, by 3"
        " of 3 numbers)"
    ]
    assert "keyed" not in closed
    (carded,) = passages("CO1")
    assert (carded["source"], carded["grounds"], carded["passage"]) == ("table clock", "keyed", f"sighting:{card.id}")
    assert carded["keyed"] == [f"by Bruno on tablet, entry 4, at 09:10:05.0 +- 1 s (sighting {card.id})"]
