"""Real receivers' logs through the whole flow: a virtual board with tubes, collected over its pty, to a ranking.

Two crews drive one trial of 4 s between two tubes while each receiver speaks. Their deviations are chosen here, so the
penalties follow from the rules alone: +0.03 s late is 3, exactly on time is 0.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from centesimo.check import event_from_files
from centesimo.collect import collect
from centesimo.compute import Facts, Outcome, compute
from centesimo.model.facts import Listed, MarshalList
from centesimo.store import Store
from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.replay import log_span
from centesimo_virtual.scenario import NS, Crossing, Receiver, Scenario

LOGS = Path(__file__).parents[2] / "shared" / "data" / "nmea"
CS = 10_000_000
INTO = 3_000_000  # every passage is 3 ms into its hundredth, so that no uncertainty reaches another one
BOARD = "00000000000000a1"

# A real log and the baud rate that its sentences need to fit into their second.
RECEIVERS = {"ublox-neo-m9n-nmea": 115_200, "mt3339": 9_600, "quectel-L70": 9_600}

EVENT = """\
[event]
name = "Real receiver"
timezone = "UTC"

[[leg]]
id = "L1"
name = "Leg 1"
date = {date}

[[race]]
id = "race"
name = "Race"
rulebook = "aci-regularity-2021-no-coefficient"

[[race.start]]
leg = "L1"
first = {first}
interval_s = 3

[[timing_point]]
id = "T1"
place = "first tube"
board = "00000000000000a1"
input = 1

[[timing_point]]
id = "T2"
place = "second tube"
board = "00000000000000a1"
input = 2

[[control]]
id = "PC1"
kind = "timed trial"
leg = "L1"
opens = "T1"
closes = "T2"
ideal_s = 4
after_min = 0
"""
ENTRIES = "start_number,race,crew,car,year,team\n1,race,Crew 1,Fiat 508 C,1937,\n2,race,Crew 2,Lancia Aprilia,1939,\n"


def live_and_compute(log: Path, baud: int, folder: Path) -> Outcome:
    from_ns, to_ns = log_span(log)
    first_ns = (from_ns // NS + 4) * NS
    crossings = (
        Crossing(first_ns + 2 * CS + INTO, 1),
        Crossing(first_ns + 3 * NS + 55 * CS + INTO, 1),
        Crossing(first_ns + 4 * NS + 5 * CS + INTO, 2),
        Crossing(first_ns + 7 * NS + 55 * CS + INTO, 2),
    )
    scenario = Scenario(
        start_utc_ns=from_ns - 2 * NS,
        duration_s=(to_ns - from_ns) / NS + 5,
        board_id=BOARD,
        receiver=Receiver(log=log, baud=baud),
        crossings=crossings,
    )
    first = datetime.fromtimestamp(first_ns // NS, UTC)
    files = {"event.toml": EVENT.format(date=first.date(), first=first.time()), "entries.csv": ENTRIES}
    store = Store.open(folder / "centesimo.sqlite")
    with VirtualBoard(scenario, folder=folder) as board:
        board.wait_until_ready(60)
        (collected,) = collect(store, [board.port], lambda: first_ns)
    assert collected.error is None
    order = MarshalList("T1", tuple(Listed("T1", place, place, f"lists/T1.csv:{place + 1}") for place in (1, 2)))
    outcome = compute(Facts(event_from_files(files), (order,), store.records(), ()))
    store.close()
    return outcome


@pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded logs of ../shared/data/nmea are not here")
@pytest.mark.parametrize("name", RECEIVERS)
def test_a_real_receiver_times_two_crews(name: str, tmp_path: Path) -> None:
    outcome = live_and_compute(LOGS / f"{name}.log", RECEIVERS[name], tmp_path)
    (ranking,) = outcome.rankings
    assert [(line.position, line.entry.start_number, int(line.total)) for line in ranking.lines] == [
        (1, 2, 0),
        (2, 1, 3),
    ]
    for score in outcome.scores:
        assert [passage.source for passage in score.passages] == ["board", "board"]
        # 16 s of log are enough to lock, none to confirm the leap second: that stays a doubt.
        assert all("second is not confirmed" in doubt for doubt in score.doubts)
