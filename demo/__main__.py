"""Run the demo: `python -m demo`. Each step that a timekeeper would do is the real command, shown as it is typed."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.process import choose_interpreter
from demo.day import Morning, day, expected, scenarios

WORK = Path("build/demo")
EVENT = WORK / "event"
SOURCE = Path(__file__).with_name("event")
KEYED = Path("demo/keyed.csv")
UNPLUGGED = 1  # place of the board whose cable is pulled ...
UNPLUGGED_AFTER = 18_000  # ... after so many bytes of its download
READY_S = 240.0
SEEDED = ["ghost", "no passage", "sighting"]  # the findings that the seeded faults must give, and no others

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Live the morning, collect, publish, compare with the truth; return the exit code."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(SOURCE, EVENT)
    truth = day()
    with ExitStack() as stack:
        boards = [
            stack.enter_context(VirtualBoard(scenario, port_link=WORK / f"board{place}"))
            for place, scenario in enumerate(scenarios(truth), 1)
        ]
        _say("Four virtual boards live the morning: the real firmware, switched on cold, cars over their tubes")
        console.print(f"interpreter: {choose_interpreter().name}", style="dim")
        _live(boards)
        _say("A timekeeper checks the event, then collects; one cable comes off in the middle of its download")
        _centesimo("check", EVENT)
        ports = [board.port for board in boards]
        boards[UNPLUGGED].unplug_after(UNPLUGGED_AFTER)
        if _centesimo("collect", "--event", EVENT, *ports) != 1:
            console.print("expected the pulled cable to be reported", style="red")
            return 1
        boards[UNPLUGGED].plug()
        _say("The cable is back: the download goes on where the store ends")
        _centesimo("collect", "--event", EVENT, *ports)
    _say("Beside two tubes people keyed the start numbers of the cars that they saw: who, never a time")
    _centesimo("load", KEYED, "--event", EVENT)
    _say("From the facts to the rankings")
    _centesimo("ranking", "--event", EVENT)
    _centesimo("picture", "--event", EVENT)
    _centesimo("publish", "--event", EVENT)
    _say("Why has crew 110 this penalty at PC2?")
    _centesimo("explain", "--event", EVENT, "110", "PC2")
    _say("What the scenario knows, beside what was published")
    wrong = _compare(truth)
    console.print(f"\nThe results page: {(EVENT / 'results' / 'index.html').resolve().as_uri()}")
    return 1 if wrong else 0


def _live(boards: Sequence[VirtualBoard]) -> None:
    """Wait until the accelerated morning is over, with a bar for each board."""
    columns = (TextColumn("board {task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks = [bars.add_task(board.scenario.board_id, total=1.0) for board in boards]
        started = time.monotonic()
        while any(board.progress() < 1 for board in boards) and time.monotonic() - started < READY_S:
            for task, board in zip(tasks, boards, strict=True):
                bars.update(task, completed=board.progress())
            time.sleep(0.1)
        for task, board in zip(tasks, boards, strict=True):
            board.wait_until_ready(READY_S)
            bars.update(task, completed=1.0)


def _compare(truth: Morning) -> int:
    """Print what agrees with the truth and what does not; return how much does not, a wrong finding included."""
    command = [_command(), "score", "--event", str(EVENT), "--json"]
    output = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    score_by_key = {(score["start_number"], score["control"]): score for score in output["scores"]}
    must = expected(truth)
    wrong = [key for key in must if not _agrees(must[key], score_by_key[key])]
    opened = [key for key in must if score_by_key[key]["status"] == "open"]
    console.print(f"{len(must) - len(wrong)} of {len(must)} controls agree in taken time and penalty with the truth.")
    kinds = sorted(finding["kind"] for finding in output["findings"])
    if kinds != SEEDED:
        console.print(f"expected findings of the kinds {SEEDED}, got {kinds}", style="red")
    console.print(f"{len(opened)} stay open: {', '.join(f'{number} {control}' for number, control in opened)}.")
    for finding in output["findings"]:
        console.print(f"  finding: {finding['text']}")
    for key in wrong:
        got = score_by_key[key]
        given = f"{got['status']}, taken {got['taken_cs']}, penalty {got['penalty'] or 'none'}: {got['reason']}"
        console.print(f"  differs: {key[0]} {key[1]}: expected {must[key]}, got {given}", style="red")
    return len(wrong) + (kinds != SEEDED)


def _agrees(must: Any, score: dict[str, Any]) -> bool:
    if must.penalty is None:
        return bool(score["status"] == "open")
    penalty = score["penalty"]
    taken = score["deviation"] if score["control"] == "CO1" else score["taken_cs"]
    return bool(score["status"] == "scored" and int(penalty) == must.penalty and taken == must.taken_cs)


def _centesimo(*words: object) -> int:
    """Run a command as it would be typed, showing it; return its exit code."""
    console.print(f"\n$ centesimo {' '.join(str(word) for word in words)}", style="bold")
    return subprocess.run([_command(), *(str(word) for word in words)], check=False).returncode


def _command() -> str:
    return str(Path(sys.executable).with_name("centesimo"))


def _say(what: str) -> None:
    console.print(f"\n{what}", style="bold cyan")


if __name__ == "__main__":
    sys.exit(main())
