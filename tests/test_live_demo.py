"""The day of `make live`, passage by passage: what stands on a page does not go away again while it runs."""

from pathlib import Path

from centesimo.check import event_from_files
from centesimo.compute import Computation, Facts
from centesimo.model.facts import SCORED, Passage
from centesimo.sightings import made
from demo import live
from tests.events import FIRST_AT_NS

STEPS = 60  # passages and keyed numbers: the first crews are through the first chain by then


def test_no_crew_loses_what_it_scored():
    starts = live.start_times(FIRST_AT_NS)
    texts = {path.name: path.read_text(encoding="utf-8") for path in Path(live.SOURCE).glob("*.*")}
    texts["event.toml"] = live.moved(texts["event.toml"], FIRST_AT_NS, starts)
    event, at_ns = event_from_files(texts), live.instants(starts)
    steps = sorted(
        [(passed_ns, *key, False) for key, passed_ns in at_ns.items()] + [(*row, True) for row in live.keyed(at_ns)]
    )
    computation, passages, sightings, before = Computation(), [], [], set()
    for place, (now_ns, number, point, is_keyed) in enumerate(steps[:STEPS], 1):
        if is_keyed:
            sightings.append(made(point, number, now_ns, "marshal", point, place))
        else:
            passages.append(Passage(f"{point}:{number}", point, now_ns, 50_000, True, (), (), "board"))
        outcome = computation.outcome(Facts(event, (), {}, tuple(passages), sightings=tuple(sightings)))
        scored = {(score.start_number, score.control) for score in outcome.scores if score.status == SCORED}
        assert before <= scored, (point, number)
        before = scored
        for attribution in outcome.attributions:
            assert attribution.passage.id == f"{attribution.passage.timing_point}:{attribution.start_number}"
    assert {("CO1"), ("PC1")} <= {control for _, control in before}
