"""Passages as they come: the newest records of each board, judged by the same pure steps as at the end of the day.

A passage is returned once, at its first edge, with the instant as it is known then; later anchors may still improve it,
and rankings use the improved one. The same record may come again (each download fetches the last one once more).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from centesimo.model.event import TimingPoint
from centesimo.model.facts import Passage
from centesimo.timing.edges import edges
from centesimo.timing.passages import passages
from centesimo_protocol import record

KEPT_US = 60_000_000  # of edges behind the newest: far longer than a passage
_TELLS_TIME = (record.ANCHOR, record.CORRECTION, record.DOUBT, record.LEAP_SECOND)


class LivePassages:
    """Passages of an event while its boards are followed live: `add` returns each passage once."""

    def __init__(self, timing_points: Iterable[TimingPoint]) -> None:
        self._points = list(timing_points)
        self._kept: dict[str, dict[int, bytes]] = defaultdict(dict)
        self._given: set[str] = set()  # ids of passages

    def add(self, board: str, raws: Sequence[bytes]) -> list[Passage]:
        """Take a board's records (32 bytes each); return the new passages that begin with one of them, by instant."""
        new = {int.from_bytes(raw[:4], "little"): raw for raw in raws}
        kept = self._kept[board]
        kept.update(new)
        stamped, _ = edges({board: [kept[sequence] for sequence in sorted(kept)]})
        kept_passages, _ = passages(stamped, self._points)
        begun = [
            passage
            for passage in kept_passages
            if passage.edges and passage.edges[0].sequence in new and passage.id not in self._given
        ]
        self._given.update(passage.id for passage in begun)
        self._forget(kept)
        return sorted(begun, key=lambda passage: (passage.at_ns or 0, passage.id))

    def _forget(self, kept: dict[int, bytes]) -> None:
        """Keep of the newest boot what tells its time and the edges of the last minute."""
        boot = max(raw[4:6][::-1] for raw in kept.values())
        newest_us = max(_counter_us(raw) for raw in kept.values() if raw[4:6][::-1] == boot)
        for sequence, raw in list(kept.items()):
            is_edge = raw[6] == record.EDGE and _counter_us(raw) >= newest_us - KEPT_US
            if raw[4:6][::-1] != boot or not (is_edge or raw[6] in _TELLS_TIME):
                del kept[sequence]


def _counter_us(raw: bytes) -> int:
    return int.from_bytes(raw[7:15], "little")
