"""A scenario's timelines: what a receiver says and when, what a car does to a tube, the counter's drift, power cuts."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pynmea2
import pytest

from centesimo_virtual.receiver import timels
from centesimo_virtual.replay import log_span
from centesimo_virtual.scenario import (
    CHECKSUM_DAMAGED,
    IN_PROGRAM,
    NS,
    OFF,
    PULSE_EXTRA,
    PULSE_LOST,
    SENTENCE_LATE,
    SENTENCE_LOST,
    Crossing,
    Crystal,
    Fault,
    Ghost,
    Outage,
    PowerCut,
    Receiver,
    Scenario,
    ScenarioError,
    Stuck,
    swinging_crystal,
    truth,
)
from centesimo_virtual.timeline import contacts, timeline

START_S = 1_777_000_000  # 2026-04-24 03:06:40 UTC
START_NS = START_S * NS
LOGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "nmea"

# Five seconds: receiver, faults, ms of the pulses, status of each second's RMC.
SECONDS = {
    "a fix at once": (Receiver(), (), [0, 1000, 2000, 3000, 4000], "AAAAA"),
    "silent for 2 s": (Receiver(silent_s=2), (), [2000, 3000, 4000], "AAA"),
    "first fix after 3 s": (Receiver(fix_s=3), (), [3000, 4000], "VVVAA"),
    "off for 2 s": (Receiver(outages=(Outage(1, 3, OFF),)), (), [0, 3000, 4000], "AAA"),
    "no fix for 2 s": (Receiver(outages=(Outage(1, 3),)), (), [0, 3000, 4000], "AVVAA"),
    "a pulse lost": (Receiver(), (Fault(2, PULSE_LOST),), [0, 1000, 3000, 4000], "AAAAA"),
    "a pulse too many": (Receiver(), (Fault(2, PULSE_EXTRA, 7000),), [0, 1000, 2000, 2007, 3000, 4000], "AAAAA"),
    "sentences lost for 2 s": (Receiver(), (Fault(1, SENTENCE_LOST, 2),), [0, 1000, 2000, 3000, 4000], "AAA"),
}


def scenario(**values: object) -> Scenario:
    """Return a scenario of 5 s whose pulses have no jitter."""
    made = dataclasses.replace(Scenario(START_NS, 5.0), **values)
    return dataclasses.replace(made, receiver=dataclasses.replace(made.receiver, jitter_ns=0))


def events(made: Scenario, boot: int = 0) -> list[tuple[int, str, str]]:
    """Return one boot's events as (counter_us, kind, text)."""
    split = (line.rstrip("\n").split(" ", 2) for line in timeline(made)[boot].lines)
    return [(int(words[0]), words[1], "".join(words[2:])) for words in split]


def said(made: Scenario, kind: str) -> list[pynmea2.TalkerSentence]:
    """Return the sentences of one type that the receiver says in the first boot."""
    lines = (bytes.fromhex(text).decode() for _, event, text in events(made) if event == "N")
    return [sentence for sentence in map(pynmea2.parse, lines) if sentence.sentence_type == kind]


@pytest.mark.parametrize("name", SECONDS)
def test_pulses_and_status(name: str) -> None:
    receiver, faults, pulses_ms, status = SECONDS[name]
    made = scenario(receiver=receiver, faults=faults)
    assert [at_us for at_us, kind, _ in events(made) if kind == "P"] == [ms * 1000 for ms in pulses_ms]
    assert "".join(sentence.status for sentence in said(made, "RMC")) == status


def test_a_receiver_that_does_not_know_the_leap_seconds_is_wrong_by_whole_seconds() -> None:
    made = scenario(receiver=Receiver(wrong_s=2, wrong_until_s=3))
    named = [sentence.timestamp.second for sentence in said(made, "RMC")]
    assert named == [42, 43, 44, 43, 44]  # 03:06:40 + 2, + 3, + 4, then right


def test_a_sentence_comes_as_fast_as_the_line_and_late_when_it_is_late() -> None:
    # $GNRMC,030640.00,V,,,,,,,240426,,,N*hh CR LF: 40 bytes, 41.666 ms at 9600 baud;
    # after 120 ms, in the next second 300 ms later.
    made = scenario(receiver=Receiver(fix_s=5), faults=(Fault(1, SENTENCE_LATE, 300),))
    spoken = [(at_us, bytes.fromhex(text)) for at_us, kind, text in events(made) if kind == "N"]
    assert [at_us for at_us, text in spoken if b"RMC" in text][:2] == [161_666, 1_461_666]


def test_a_damaged_checksum_is_refused_by_a_parser() -> None:
    made = scenario(faults=(Fault(1, CHECKSUM_DAMAGED),))
    with pytest.raises(pynmea2.ChecksumError):
        said(made, "RMC")


def test_a_sentence_names_its_second() -> None:
    rmc, zda = said(scenario(), "RMC")[1], said(scenario(), "ZDA")[1]
    assert (rmc.datestamp.isoformat(), rmc.timestamp.isoformat()) == ("2026-04-24", "03:06:41+00:00")
    assert (int(zda.year), int(zda.month), int(zda.day)) == (2026, 4, 24)


def test_navigation_leap_seconds_message() -> None:
    # GPS time began at Unix 315964800; with 18 leap seconds the week's time is then 18000 ms = 50 46 00 00.
    frame = timels(315_964_800, 18, True)
    assert frame[:6] == b"\xb5\x62\x01\x26\x18\x00"
    assert frame[6:16] == bytes.fromhex("50460000 00 000000 02 12")
    assert len(frame) == 32
    assert frame[29] == 1


# Points of a crystal, a second, by how many us the counter is ahead then.
CRYSTALS = {
    "exact": (((0.0, 0.0),), 5, 0),
    "20 ppm fast": (((0.0, 20.0),), 5, 100),
    "30 ppm slow": (((0.0, -30.0),), 100, -3000),
    "warming, half way": (((0.0, 0.0), (100.0, 10.0)), 50, 125),  # 50 s x 2.5 ppm on average
    "warming, then level": (((0.0, 0.0), (100.0, 10.0)), 200, 1500),  # 100 x 5 + 100 x 10
    "level, then warming": (((100.0, 4.0), (200.0, 6.0)), 200, 900),  # 100 x 4 + 100 x 5
}


@pytest.mark.parametrize("name", CRYSTALS)
def test_crystal(name: str) -> None:
    points, at_s, ahead_us = CRYSTALS[name]
    assert Crystal(points).gained_us(at_s) == pytest.approx(ahead_us)


def test_a_swinging_crystal_comes_back() -> None:
    crystal = swinging_crystal(5.0, 2.0, 3600.0, 7200.0)
    assert crystal.ppm(900) == pytest.approx(7.0)
    assert crystal.gained_us(3600) == pytest.approx(5 * 3600)


def test_the_pulses_show_the_crystal() -> None:
    made = scenario(crystal=Crystal(((0.0, 20.0),)))
    pulses = [at_us for at_us, kind, _ in events(made) if kind == "P"]
    assert pulses == [0, 1_000_020, 2_000_040, 3_000_060, 4_000_080]


def test_a_car_touches_with_both_axles_and_both_wheels() -> None:
    car = Crossing(START_NS + NS, 1, speed_kmh=90.0, wheelbase_m=2.5, bounces=0)
    ms = [(at_ns - car.true_at_ns) / 1e6 for at_ns in contacts(car, seed=1)]
    assert len(ms) == 4
    assert ms[0] == 0
    assert 3.2 <= ms[1] <= 5.2
    assert ms[2] == 100  # 2.5 m at 25 m/s
    assert 103.2 <= ms[3] <= 105.2


def test_bounces_follow_their_wheel_within_milliseconds() -> None:
    car = Crossing(START_NS + NS, 1, speed_kmh=36.0, bounces=3)  # 2.5 m at 10 m/s: 250 ms
    for seed in range(20):
        found = contacts(car, seed)
        assert found[0] == car.true_at_ns
        assert 4 <= len(found) <= 16
        assert not [at_ns for at_ns in found if 15_000_000 < at_ns - car.true_at_ns < 250_000_000]
    assert contacts(car, 7) == contacts(car, 7)


def test_cars_ghosts_and_a_stuck_contact_in_the_timeline() -> None:
    made = scenario(
        crossings=(Crossing(START_NS + NS, 2, bounces=0), Crossing(START_NS + 3 * NS, 3, bounces=0)),
        ghosts=(Ghost(START_NS + NS // 2, 1),),
        stuck=(Stuck(2.0, 4.5, 3),),
    )
    tubes = [(at_us, kind, text) for at_us, kind, text in events(made) if kind in "EC"]
    assert tubes[0] == (500_000, "E", "1")
    assert tubes[1] == (1_000_000, "E", "2")
    assert [event for event in tubes if event[2][0] == "3"] == [
        (2_000_000, "C", "3 1"),
        (2_000_000, "E", "3"),  # it closes; the car at 3 s is not seen
        (4_500_000, "C", "3 0"),
    ]


def test_a_power_cut_begins_the_counter_anew_and_hides_a_car() -> None:
    cars = tuple(Crossing(START_NS + second * NS, 1) for second in (10, 22, 30))
    made = scenario(duration_s=40, cuts=(PowerCut(20, 5),), crossings=cars, crystal=Crystal(((0.0, 10.0),)))
    # The second boot begins at 25 s: its counter stands at 5 s x 1.00001 at the third car.
    assert [(one.boot, one.counter_us) for one in truth(made)] == [(0, 10_000_100), (None, None), (1, 5_000_050)]
    assert events(made, 0)[-1] == (20_000_200, "X", "")
    assert next(at_us for at_us, kind, _ in events(made, 1) if kind == "E") == 5_000_050
    assert events(made, 1)[-1] == (15_000_150, "Z", "")


def test_a_cut_within_flash_arms_first_and_cuts_at_the_latest_half_way() -> None:
    made = scenario(duration_s=40, cuts=(PowerCut(20, 8, IN_PROGRAM, 30),))
    assert [event for event in events(made) if event[1] == "X"] == [
        (20_000_000, "X", "program 30"),
        (24_000_000, "X", ""),
    ]


def test_true_time_begins_where_it_is_asked_for() -> None:
    assert [event for event in events(scenario(true_time_from_s=2.0)) if event[1] == "Z"] == [(2_000_000, "Z", "")]


WRONG = {
    "input": ({"crossings": (Crossing(START_NS, 5),)}, "expected an input from 1 to 4, got Crossing"),
    "instant": ({"ghosts": (Ghost(START_NS + 5 * NS, 1),)}, "expected an instant within the scenario, got Ghost"),
    "fault": ({"faults": (Fault(1, "rain"),)}, "expected a fault of kind sentence lost, .*, got Fault"),
    "outage": ({"receiver": Receiver(outages=(Outage(1, 2, "rain"),))}, "expected an outage of kind off, no fix"),
    "crystal": ({"crystal": Crystal(((0.0, 500.0),))}, "expected a crystal within 200 ppm, got 500"),
    "cut": ({"cuts": (PowerCut(4, 5),)}, "expected a power cut while the power is on, got PowerCut"),
    "board": ({"board_id": "one"}, "expected 16 hex digits, got one"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_scenario_that_cannot_be(name: str) -> None:
    values, message = WRONG[name]
    with pytest.raises(ScenarioError, match=message):
        timeline(scenario(**values))


# A real log, the first and the last second that it names with status A.
REAL = {
    "ublox-neo-m9n-nmea": ("2020-07-11T22:37:45", "2020-07-11T22:38:45"),
    "mt3339": ("2015-04-13T20:26:40", "2015-04-13T20:27:09"),
    "quectel-L70": ("2022-03-09T15:01:19", "2022-03-09T15:01:34"),
}


@pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded logs of ../shared/data/nmea are not here")
@pytest.mark.parametrize("name", REAL)
def test_a_real_log_is_its_own_truth(name: str) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in REAL[name])
    path = LOGS / f"{name}.log"
    from_ns, to_ns = log_span(path)
    assert (from_ns, to_ns) == (int(first.timestamp()) * NS, int(last.timestamp()) * NS)
    made = Scenario(from_ns - 2 * NS, 90, receiver=Receiver(log=path, baud=115_200, jitter_ns=0))
    pulses = [at_us for at_us, kind, _ in events(made) if kind == "P"]
    assert pulses == list(range(2_000_000, 2_000_000 + len(pulses) * 1_000_000, 1_000_000))
    sent = b"".join(bytes.fromhex(text) for _, kind, text in events(made) if kind == "N")
    logged = [line for line in path.read_bytes().splitlines(keepends=True) if not line.startswith(b"#")]
    assert sent == b"".join(logged)
