"""The long soak: fault schedules and kills until the time is over; `make soak MINUTES=30 SEED=1`.

Prints its seed; a schedule that fails is named by its own: python -m tests.soak --only SEED runs it.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.faults import Laptops, Schedule
from tests.kills import Killing

TELL_S = 60
PLACE = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # schedules are not about the disk, kills are


def main():
    """Run schedules and kills, one kill after ten schedules, and print how many held."""
    asked = _asked()
    with tempfile.TemporaryDirectory(dir=PLACE) as memory, closing(Laptops(memory)) as laptops:
        if asked.only is not None:
            _run(asked.only, laptops)
            return
        print(f"seed {asked.seed}", flush=True)
        with tempfile.TemporaryDirectory() as disk:
            _soak(asked, laptops, Killing(asked.seed, Path(disk)))


def _soak(asked, laptops, killing):
    end_s = told_s = time.monotonic()
    end_s += asked.minutes * 60
    schedules = kills = 0
    try:
        while time.monotonic() < end_s and (schedules < asked.schedules or kills < asked.kills):
            if schedules < asked.schedules:
                _run(asked.seed * 10**9 + schedules, laptops)
                schedules += 1
            if kills < asked.kills and (schedules % 10 == 0 or schedules >= asked.schedules):
                killing.kill()
                kills += 1
            if time.monotonic() - told_s >= TELL_S:
                told_s = time.monotonic()
                print(f"{schedules} fault schedules, {kills} kills so far", flush=True)
    except KeyboardInterrupt:  # a person has seen enough
        print()
    print(f"{schedules} fault schedules, {kills} kills of a host ({killing.torn} in a commit): all held", flush=True)


def _asked():
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--schedules", type=int, default=sys.maxsize, help="at most so many")
    parser.add_argument("--kills", type=int, default=sys.maxsize, help="at most so many")
    parser.add_argument("--only", type=int, help="the seed of one schedule")
    return parser.parse_args()


def _run(seed, laptops):
    try:
        Schedule(seed, laptops).run()
    except BaseException:
        print(f"the schedule of seed {seed} does not hold: python -m tests.soak --only {seed}", flush=True)
        raise


if __name__ == "__main__":
    main()
