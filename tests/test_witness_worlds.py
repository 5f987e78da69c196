"""Second sources beside boards, written from what people bring to a tube: none opens a crew that had its time.

The road is a plain day (crews sent off, 1 pulse in 100 missed, cars of nobody's); each row is what else was there.
"""

from random import Random

import pytest

from centesimo.compute import compute
from centesimo.model.facts import SCORED, Passage
from simulate.odd_worlds import day
from simulate.people import NOTHING

S_NS = 10**9
MADE = day("list from the 12th", NOTHING, 104)


def beside(
    source: str, late_s: float, spread_s: float, missing: float, named: bool, drift: float = 0.0, to_s: float = 0.001
) -> list[Passage]:
    """Return what one more device or person has of every crew that passed, the board's missed ones too.

    `late_s` its clock at the first car, `drift` of it in s per s, `to_s` what its times are cut to.
    """
    random, rows = Random(source), []
    first_ns = min(MADE.passed_ns.values())
    for (number, point), at_ns in sorted(MADE.passed_ns.items(), key=lambda item: item[1]):
        if random.random() < missing:
            continue
        off_s = late_s + drift * (at_ns - first_ns) / S_NS + random.gauss(0, spread_s)
        cut_ns = round(to_s * S_NS)
        shown_ns = (at_ns + round(off_s * S_NS)) // cut_ns * cut_ns
        name = f"load:{source.encode().hex()[:8]}:{len(rows) + 2}"
        rows.append(Passage(name, point, shown_ns, None, True, (), (), source, start_number=number if named else None))
    return rows


SECOND = {
    "a backup that drifts": [beside("backup", 0.4, 0.003, 0, named=False, drift=30e-6)],
    "named": [beside("backup", 0.4, 0.003, 0, named=True, drift=30e-6)],
    "two hours off, half missing": [beside("other zone", 7200.2, 0.003, 0.5, named=False)],
    "named, two hours off, half missing": [beside("other zone", 7200.2, 0.003, 0.5, named=True)],
    "a sheet by hand": [beside("sheet", 0.6, 0.5, 0.03, named=True, to_s=1.0)],
    "a stopwatch without numbers": [beside("stopwatch", 12.0, 0.12, 0.05, named=False, to_s=0.01)],
    "two backups and a sheet": [
        beside("one", -0.2, 0.002, 0.02, named=True),
        beside("two", 3600.9, 0.005, 0.4, named=False, drift=-20e-6),
        beside("sheet", 0.6, 0.5, 0.03, named=True, to_s=1.0),
    ],
}


def scores(*sources):
    loaded = tuple(passage for source in (MADE.passages, *sources) for passage in source)
    outcome = compute(MADE.facts()._replace(loaded=loaded))
    scored = {(score.control, score.start_number): score for score in outcome.scores}
    return scored, outcome


HALF_NAMED = "crews that a witness with half of the numbers missed at every point are taken for nobody's (match)"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=HALF_NAMED)) if name.startswith("named, two") else name
        for name in SECOND
    ],
)
def test_a_second_source_opens_no_crew_and_moves_no_time(name):
    alone, _ = scores()
    together, outcome = scores(*SECOND[name])
    timed = {key for key, score in alone.items() if score.status == SCORED}
    assert len(timed) > 0.8 * len(alone)
    assert {key for key in timed if together[key].status != SCORED} == set()
    assert {key for key in timed if together[key].taken_cs != alone[key].taken_cs} == set()
    ids = {passage.id for source in (MADE.passages, *SECOND[name]) for passage in source}
    assert {attribution.passage.id for attribution in outcome.attributions} <= ids
