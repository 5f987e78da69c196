"""Crews in another order than due, or a late field with a stranger in it: perfect lists at every tube tell who is who.

Thirty crews are due a minute apart at A1 and cross four tubes 20 s apart; each comes in the due second of another one,
off by hundredths. Nothing but the lists tells, and four people wrote the same.
"""

import random

import pytest

from centesimo.check import event_from_files
from centesimo.match import match
from centesimo.model.facts import Listed, MarshalList, Passage

S_NS = 1_000_000_000
FIRST_NS = 1_811_055_600 * S_NS + 600 * S_NS  # crew 1 is due at A1 at 09:10:00 local time
POINTS = [f"A{number}" for number in range(1, 5)]
CREWS = list(range(1, 31))
ENTRIES = "start_number,race,crew,car,year,team\n" + "".join(f"{who},h,Crew {who},Car,1950,\n" for who in CREWS)
TOML = "\n".join(
    [
        '[event]\nname = "Orders"\ntimezone = "Europe/Rome"',
        '[[leg]]\nid = "L1"\nname = "L1"\ndate = 2027-05-23',
        '[[race]]\nid = "h"\nname = "h"\nrulebook = "aci-regularity-2021-no-coefficient"',
        '[[race.start]]\nleg = "L1"\nfirst = 09:00:00\ninterval_s = 60',
        *(f'[[timing_point]]\nid = "{point}"\nplace = "x"' for point in POINTS),
        *(
            f'[[control]]\nid = "PC{number}"\nkind = "timed trial"\nleg = "L1"\nopens = "A{number}"\n'
            f'closes = "A{number + 1}"\nideal_s = 20' + ("\nafter_min = 10" if number == 1 else "")
            for number in range(1, 4)
        ),
    ]
)


def event():
    return event_from_files({"event.toml": TOML, "entries.csv": ENTRIES})


def passage(identity, point, at_s):
    at_ns = FIRST_NS + round(at_s * S_NS)
    return Passage(f"{identity}:{point}", POINTS[point], at_ns, 1500, True, (), (), "board", None, 300_000_000)


def driven(order, late_s=0.0):
    chance = random.Random(1)
    return [
        passage(who, point, 60 * place + late_s + 20 * point + chance.gauss(0, 0.05))
        for place, who in enumerate(order)
        for point in range(4)
    ]


def written(order):
    return [
        MarshalList(
            point, tuple(Listed(point, at, who, f"lists/{point}.csv:{at + 1}") for at, who in enumerate(order, 1))
        )
        for point in POINTS
    ]


def exchanged(*pairs):
    order = CREWS[:]
    for one, other in pairs:
        order[one - 1], order[other - 1] = order[other - 1], order[one - 1]
    return order


ORDERS = {
    "neighbours": exchanged((10, 11)),
    "two places apart": exchanged((10, 12)),
    "ten places apart": exchanged((10, 20)),
    "five pairs": exchanged((4, 5), (9, 10), (14, 15), (19, 20), (24, 25)),
    "some places later": [*CREWS[:9], *CREWS[10:14], 10, *CREWS[14:]],
    "one last": [*CREWS[:9], *CREWS[10:], 10],
    "a block behind the next": [*CREWS[:10], *CREWS[15:20], *CREWS[10:15], *CREWS[20:]],
    "halves": CREWS[15:] + CREWS[:15],
    "thirds": CREWS[20:] + CREWS[:20],
    "reversed": CREWS[::-1],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_lists_at_every_tube_tell_any_order(order):
    made, _ = match(event(), driven(order), written(order))
    assert {one.passage.id.split(":")[0]: one.start_number for one in made} == {str(who): who for who in order}
    assert len(made) == 4 * len(order)


@pytest.mark.parametrize("late_s", [0, 30, 60, 108, 150])
def test_a_late_field_with_a_car_of_nobodys_behind_the_first_crew(late_s):
    stranger = [passage("nobody", point, late_s + 2.0 + 20 * point) for point in range(4)]
    made, _ = match(event(), driven(CREWS, late_s) + stranger, written(CREWS))
    assert [one.passage.id for one in made if one.passage.id.split(":")[0] != str(one.start_number)] == []
    assert {one.start_number for one in made} >= set(CREWS[1:])  # which of the two cars is crew 1's, nothing tells
    assert len(made) >= 4 * len(CREWS[1:])
