"""Serve one virtual board for training: python -m centesimo_virtual SCENARIO.toml; docs/virtual-board.md."""

import argparse
import dataclasses
import sys
import time
from pathlib import Path

from centesimo_virtual.board import VirtualBoard, VirtualBoardError
from centesimo_virtual.scenario import NS, ScenarioError
from centesimo_virtual.scenario_file import read_scenario

LOOK_S = 0.5
LEAD_S = 5.0  # of a scenario that starts now: until then the firmware has started


def main() -> int:
    """Serve until Ctrl-C; return 1, after one line of why, when the scenario is wrong or the firmware ends."""
    asked = _arguments()
    try:
        now_ns = time.time_ns()
        scenario = read_scenario(asked.scenario, now_ns)
        in_step = asked.true_time and 0 <= now_ns - scenario.start_utc_ns < NS
        if asked.true_time:
            scenario = dataclasses.replace(scenario, true_time_from_s=LEAD_S if in_step else 0.0)
        with VirtualBoard(scenario, port_link=asked.port_link, tcp_port=asked.tcp_port, in_step=in_step) as board:
            _serve(board)
    except (ScenarioError, VirtualBoardError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m centesimo_virtual", description="Serve one virtual board.")
    parser.add_argument("scenario", type=Path, metavar="SCENARIO.toml")
    parser.add_argument("--port-link", type=Path, help="where the serial port is to be (a symbolic link)")
    parser.add_argument("--tcp-port", type=int, default=0, help="of 127.0.0.1; default: any free one")
    parser.add_argument("--true-time", action="store_true", help="from the start at the pace of the wall clock")
    return parser.parse_args()


def _serve(board: VirtualBoard) -> None:
    print(f"board {board.scenario.board_id} on {board.port} and {board.url}, {board.interpreter.name}")
    while board.progress() < 1:
        print(f"\raccelerated part: {board.progress():4.0%}", end="", flush=True)
        time.sleep(LOOK_S)
    board.wait_until_ready()
    print("\rin true time now; Ctrl-C ends it ")
    while True:
        time.sleep(LOOK_S)
        board.wait_until_ready()


if __name__ == "__main__":
    sys.exit(main())
