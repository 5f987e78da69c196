"""Published content for tests: a ranking of few crews in which every kind of cell comes, and a big one of any size.

Everything is written by hand, as a store would have kept it; nothing is scored here.
"""

import random

from centesimo.publish.published import Content, LineContent, ScoreContent
from centesimo.publish.render import Imprint

POSTED_AT_NS = 1_811_088_240_000_000_000  # 2027-05-23T16:04:00Z: 20961 days x 86400 s + 57840 s
FIRST = Imprint(1, "provisional", POSTED_AT_NS, "")
OFFICIAL = Imprint(2, "official", POSTED_AT_NS + 60_000_000_000, "Steward 1")


def score(control: str, penalty: str, status: str = "scored", **more: object) -> ScoreContent:
    """Return a score of a timed trial that came late by its penalty; `more` are other keys."""
    late = int(penalty or 0)
    reason = f"{late}/100 s late x 1 = {late}" if late else "exactly on time"
    found = {
        "control": control,
        "status": status,
        "set_cs": 3000,
        "taken_cs": 3000 + late,
        "deviation": late,
        "unit": "1/100 s",
        "penalty": penalty,
        "reason": reason,
        "passages": ["00000000000000a1:41", "00000000000000a1:52"],
        "doubts": [],
    }
    return {**found, **more}  # type: ignore[typeddict-item, return-value]


def open_score(control: str, reason: str = "no passage at A1") -> ScoreContent:
    """Return a score that waits for a person."""
    return score(control, "", "open", taken_cs=None, deviation=None, reason=reason, passages=[])


def line(
    position: int | None, number: int, total: str, gap: str, scores: list[ScoreContent], **more: object
) -> LineContent:
    """Return the line of "Crew 7" for start number 7; `more` are other keys."""
    found = {
        "position": position,
        "start_number": number,
        "crew": f"Crew {number}",
        "car": "Fiat 508 S",
        "year": 1934,
        "team": "",
        "net": total,
        "coefficient": "1",
        "total": total,
        "gap": gap,
        "ahead": gap,
        "status": "",
        "scores": scores,
    }
    return {**found, **more}  # type: ignore[typeddict-item, return-value]


def content(lines: list[LineContent], controls: tuple[str, ...] = ("PC1", "PC2"), **more: object) -> Content:
    """Return a ranking of race "classic", leg "L1"; `more` are other keys."""
    found = {
        "event": "Small Event",
        "timezone": "Europe/Rome",
        "race": {"id": "classic", "name": "Classic"},
        "leg": {"id": "L1", "name": "Leg 1"},
        "legs": [{"id": "L1", "name": "Leg 1"}],
        "up_to": controls[-1] if controls else None,
        "rulebook": {"name": "rules.toml", "digest": "ab" * 32},
        "wins": "lowest",
        "controls": [{"id": control, "kind": "timed trial", "leg": "L1"} for control in controls],
        "lines": lines,
        "findings": [],
        "event_digest": "cd" * 32,
        "approved_by": "",
    }
    return {**found, **more}  # type: ignore[typeddict-item, return-value]


def small() -> Content:
    """Return a ranking of four crews: two with the same total, one with an open control, one excluded."""
    return content(
        [
            line(
                1, 7, "3", "0", [score("PC1", "3"), score("PC2", "0", doubts=["A2: the whole second is not confirmed"])]
            ),
            line(1, 12, "3", "0", [score("PC1", "", "cancelled", reason="cancelled: a tractor"), score("PC2", "3")]),
            line(None, 3, "5", "", [score("PC1", "5"), open_score("PC2")], status="1 open"),
            line(None, 9, "0", "", [score("PC1", "", "excluded"), score("PC2", "0")], status="excluded"),
        ]
    )


def big(crews: int, controls: int, seed: int = 1) -> Content:
    """Return a ranking of so many crews and timed trials: long names, doubts here and there, an open control."""
    rng = random.Random(seed)
    names = tuple(f"PC{place}" for place in range(1, controls + 1))
    lines = []
    for place in range(1, crews + 1):
        scores = [score(control, str(min(300, round(rng.expovariate(1 / 12))))) for control in names]
        for found in rng.sample(scores, controls // 25):
            found["doubts"] = [f"A{rng.randrange(9)}: the uncertainty of 12 us reaches the next hundredth"]
        total = sum(int(found["penalty"]) for found in scores)
        more = {
            "car": "Alfa Romeo 6C 1750 Gran Sport Zagato",
            "team": "Scuderia of the Long Valley",
            "coefficient": "1.3",
        }
        lines.append(line(place, 1000 + place, f"{total * 1.3:.2f}", f"{place}.25", scores, net=str(total), **more))
    lines[-1]["scores"][0] = open_score(names[0])
    lines[-1]["position"], lines[-1]["gap"], lines[-1]["status"] = None, "", "1 open"
    return content(lines, names)
