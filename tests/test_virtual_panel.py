"""The panel of a virtual board: its tone, lamp, button and display, as a person at the box has them."""

from itertools import pairwise

import pytest

from centesimo_virtual.board import VirtualBoard
from centesimo_virtual.scenario import NS, Crossing, Press, Scenario, ScenarioError, Stuck, check
from tests.chip_panel import font

START_NS = 1_777_000_000 * NS  # 2026-04-24 03:06:40 UTC
# Passages at 30 and 50 s; the contact of input 3 closes at 52 s, the alarm is silenced at 69 s.
CARS = tuple(Crossing(START_NS + second * NS, 1) for second in (30, 50))
STUCK, PRESS = Stuck(52, 100, 3), Press(69)


def played(panel, end_s=75):
    """Return (tones as second and ms, changes of the lamp, lines of the glass, whether MicroPython ran) of a board."""
    scenario = Scenario(START_NS, end_s, crossings=CARS, stuck=(STUCK,), panel=panel, presses=(PRESS,))
    with VirtualBoard(scenario) as virtual:
        virtual.wait_until_ready(120)
        tone, lamp, glass = virtual.tone, virtual.lamp, virtual.glass
    tones = [(round(at_us / 1e6), (off_us - at_us) // 1000) for (at_us, on), (off_us, _) in pairwise(tone) if on]
    return tones, lamp, glass, virtual.interpreter.name.startswith("MicroPython")


@pytest.fixture(scope="module")
def boards():
    return {panel: played(panel) for panel in ("no display", "SSD1306", "SH1106")}


@pytest.mark.parametrize("panel", ["no display", "SSD1306", "SH1106"])
def test_passages_and_alarms_are_heard(boards, panel):
    tones, lamp, _, _ = boards[panel]
    # Two passages and the contact that closes for good; from 57 s on, every ten, a long tone and a short one.
    assert [second for second, _ in tones] == [30, 50, 52, 57, 58, 67, 68]
    assert [ms // 100 for _, ms in tones[3:]] == [5, 1, 5, 1]
    assert all(60 <= ms <= 110 for _, ms in tones[:3])
    assert len(lamp) > 100


def test_the_press_that_silences_shows_the_alarm(boards):
    *_, glass, is_micropython = boards["SSD1306"]
    if not is_micropython:
        pytest.skip("no framebuf here: the display needs MicroPython")
    assert letters(glass)[:2] == ["input stuck", ""]


def test_an_sh1106_shows_the_same_two_points_to_the_left_until_its_setting_says_so(boards):
    """tests/test_panel.py has it with the setting."""
    of_ours, shifted = boards["SSD1306"][2], boards["SH1106"][2]
    assert [line[2:] + ".." for line in of_ours] == shifted


def test_no_display_shows_nothing(boards):
    assert boards["no display"][2] == []


WRONG = [
    (Scenario(START_NS, 75, panel="LCD"), "expected a panel, none, no display, SSD1306, SH1106, got LCD"),
    (Scenario(START_NS, 75, presses=(PRESS,)), "expected a press on a panel, for more than 0 s"),
]


@pytest.mark.parametrize(("scenario", "why"), WRONG)
def test_what_cannot_be_is_refused(scenario, why):
    with pytest.raises(ScenarioError, match=why):
        check(scenario)


def letters(glass):
    """Return what stands in the eight rows of a display, read with MicroPython's own letters."""
    read = font()
    rows = []
    for row in range(8):
        lines = glass[row * 8 : row * 8 + 8]
        columns = [sum((lines[y][x] == "#") << y for y in range(8)) for x in range(128)]
        rows.append("".join(read.get(bytes(columns[at : at + 8]), "?") for at in range(0, 128, 8)).rstrip())
    return rows
