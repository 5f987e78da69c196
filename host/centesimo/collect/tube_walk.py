"""A step on each tube in turn, with the board's live record as proof; for `centesimo prepare --tubes`.

Walk asks, without port or clock: edges and the time in, lines for the person out. `walk` follows the boards live
meanwhile, as `collect --live` does: afterwards the steps are in the store and acknowledged, so none of them waits on a
board on the morning of the day.
"""

import queue
import threading
from collections.abc import Callable, Sequence

from centesimo.collect import Fleet
from centesimo.collect.link import steady_ms
from centesimo.collect.watch import Live
from centesimo.model.event import TimingPoint
from centesimo.store import Store
from centesimo.words.boards import board_name, board_text
from centesimo_protocol import record

TICK_S = 0.2
ENDED = "Ended. What came is being collected, that takes some seconds."
SETTLE_S = 2.0  # after the last step, for what follows its first edge: bounce, the foot that leaves the tube


class Walk:
    """Asks for a step on one tube after the other and waits `wait_ms` for each.

    sequence_by_point  of the tubes asked for so far: the sequence of the record that proves the step, None if no edge
                       came in time
    """

    def __init__(self, points: Sequence[TimingPoint], wait_ms: int, named_points: Sequence[TimingPoint] = ()) -> None:
        """Begin with the first of `points`; a step on another tube is named, by `named_points` if given."""
        self.sequence_by_point: dict[str, int | None] = {}
        self._points = list(points)
        self._named_points = named_points or self._points
        self._wait_ms = wait_ms
        self._end_ms = 0
        self._gone: set[str] = set()

    @property
    def done(self) -> bool:
        """Whether every tube was asked for."""
        return len(self.sequence_by_point) == len(self._points)

    def ask(self, now_ms: int) -> list[str]:
        """Begin with the next tube of a board that is there; return what to say."""
        lines: list[str] = []
        while not self.done and self._points[len(self.sequence_by_point)].board in self._gone:
            lines += self._miss("its board is gone")
        if self.done:
            return lines
        point = self._points[len(self.sequence_by_point)]
        self._end_ms = now_ms + self._wait_ms
        place = f"{point.id} {point.place}: input {point.input} of board {self._board(point.board or '')}"
        return [*lines, f"Step on the tube of {place} ({len(self.sequence_by_point) + 1} of {len(self._points)})"]

    def edge(self, board: str, edge: record.Edge, now_ms: int) -> list[str]:
        """Take an edge of a tube that came live; return what to say."""
        if self.done or edge.origin != record.TUBE:
            return []
        asked = self._points[len(self.sequence_by_point)]
        if (board, edge.input) == (asked.board, asked.input):
            self.sequence_by_point[asked.id] = edge.sequence
            return [f"  {asked.id}: it came, record {edge.sequence}", *self.ask(now_ms)]
        stepped_on = [point.id for point in self._named_points if (point.board, point.input) == (board, edge.input)]
        if stepped_on and stepped_on[0] in self.sequence_by_point:
            return []  # a foot that leaves the tube before
        which = stepped_on[0] if stepped_on else "a tube of no timing point"
        where = f"input {edge.input} of board {self._board(board)}"
        return [f"  that was {which}, {where}, not {asked.id}: are the plugs exchanged?"]

    def _board(self, board: str) -> str:
        return board_text(board, board_name([point for point in self._named_points if point.board == board]))

    def gone(self, board: str, now_ms: int) -> list[str]:
        """Note that a board is not followed any more, so its tubes cannot be proven; return what to say."""
        self._gone.add(board)
        is_asked = not self.done and self._points[len(self.sequence_by_point)].board == board
        return self.ask(now_ms) if is_asked else []

    def tick(self, now_ms: int) -> list[str]:
        """Let time pass; return what to say."""
        if self.done or now_ms < self._end_ms:
            return []
        return [*self._miss(f"nothing came within {self._wait_ms // 1000} s"), *self.ask(now_ms)]

    def _miss(self, why: str) -> list[str]:
        point = self._points[len(self.sequence_by_point)]
        self.sequence_by_point[point.id] = None
        return [f"  {point.id}: {why}"]


Event = tuple[str, list[bytes] | None]  # a board, and its records that came live; None: it is gone


def walk(
    store: Store,
    port_by_board: dict[str, str],
    asking: Walk,
    now_ns: Callable[[], int],
    say: Callable[[str], None],
) -> list[str]:
    """Ask for the steps of `asking`, which has the proofs afterwards, and return what went wrong with ports.

    All boards are followed live, so that a step on a wrong tube is named. Ctrl-C ends the walk; proofs so far are kept.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    ready: queue.SimpleQueue[str] = queue.SimpleQueue()
    errors: list[str] = []
    fleet = Fleet(store, now_ns, lambda _: None, list(port_by_board))
    fleet.caught_up = lambda collected: ready.put(collected.board)
    fleet.stored = lambda board, raws, is_live: events.put((board, raws)) if is_live else None

    def follow(board: str, port: str) -> None:
        collected = Live(fleet, port).run()
        if collected.error and not fleet.stopped.is_set():
            errors.append(collected.error)
        ready.put(board)
        events.put((board, None))

    threads = [threading.Thread(target=follow, args=(board, port)) for board, port in port_by_board.items()]
    for thread in threads:
        thread.start()
    try:
        try:
            for _ in threads:
                ready.get()
            _ask(asking, events, say)
        except KeyboardInterrupt:
            say(ENDED)
        fleet.stopped.wait(SETTLE_S)
    finally:
        fleet.stopped.set()
        for thread in threads:
            thread.join()
    return errors


def _ask(asking: Walk, events: "queue.SimpleQueue[Event]", say: Callable[[str], None]) -> None:
    lines = asking.ask(steady_ms())
    while True:
        for line in lines:
            say(line)
        if asking.done:
            return
        try:
            board, raws = events.get(timeout=TICK_S)
        except queue.Empty:
            lines = asking.tick(steady_ms())
            continue
        now_ms = steady_ms()
        if raws is None:
            lines = asking.gone(board, now_ms)
            continue
        edges = [value for value in map(record.unpack, raws) if isinstance(value, record.Edge)]
        lines = [line for edge in edges for line in asking.edge(board, edge, now_ms)] + asking.tick(now_ms)
