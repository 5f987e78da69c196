"""docs/tutorial.md is run word by word, from the empty folder to the signed ranking, and held against the truth."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from centesimo.commands.main import centesimo
from demo.two_days import two_days
from demo.two_days_files import first_leg_order, main, settled

TEXT = (Path(__file__).parent.parent / "docs/tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(console|toml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COUNTED = re.compile(r"It takes (\d+) commands of `centesimo`")
LEFT_OUT = "..."
MOST_COMMANDS = 46  # half of what the same event took before
TRIALS_OF_ALL = 57 * 21


class Step(NamedTuple):
    """A command and what the page shows of its output; or, without a command, what is put into event.toml."""

    command: str
    shown: list[str]


class Day(NamedTuple):
    """What became of the page's commands."""

    printed: list[tuple[Step, str]]
    scores: dict[tuple[int, str], dict[str, str]]


def steps() -> Iterator[Step]:
    for language, text in BLOCK.findall(TEXT):
        if language == "toml":
            yield Step("", text.splitlines())
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            yield Step(command, shown)


COMMANDS = [step for step in steps() if step.command.startswith("centesimo ")]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Run the page in an empty folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("desk"))
        patch.delenv("CENTESIMO_EVENT", raising=False)
        main(Path("carte"))
        printed = []
        for step in steps():
            name, _, value = step.command.removeprefix("export ").partition("=")
            if not step.command:
                with Path("trofeo/event.toml").open("a", encoding="utf-8") as file:
                    file.write("\n".join(["", *step.shown, ""]))
            elif step.command.startswith("export "):
                patch.setitem(os.environ, name, value)
            else:
                printed.append((step, run(step.command)))
        scores = json.loads(run("centesimo score --json"))["scores"]
    return Day(printed, {(score["start_number"], score["control"]): score for score in scores})


def run(command: str) -> str:
    done = CliRunner().invoke(centesimo, shlex.split(command)[1:])
    assert done.exit_code == 0, f"{command}: {done.output}{done.exception}"
    return done.output


def is_shown(shown: list[str], printed: list[str]) -> bool:
    """Say whether the page's lines are those that were printed; three dots stand for any lines."""
    if not shown:
        return not printed
    if shown[0] == LEFT_OUT:
        return any(is_shown(shown[1:], printed[place:]) for place in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0].rstrip() and is_shown(shown[1:], printed[1:])


def test_every_line_that_the_page_shows_is_printed(day: Day) -> None:
    for step, printed in day.printed:
        assert is_shown(step.shown, printed.splitlines()), f"$ {step.command}\n{printed}"


def test_the_count_of_commands_is_the_page_s_and_half_of_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    counted = COUNTED.search(TEXT)
    with capsys.disabled():
        print(f"\ndocs/tutorial.md: {len(COMMANDS)} commands from the empty folder to the signed ranking")
    assert counted is not None
    assert len(COMMANDS) == int(counted[1]) <= MOST_COMMANDS


def test_every_penalty_is_what_truly_happened(day: Day) -> None:
    truth = settled(two_days(first_leg_order()).penalties)
    given = {key: score for key, score in day.scores.items() if score["status"] not in ("dns", "retired")}
    assert {key: Decimal(score["penalty"]) for key, score in given.items()} == truth
    assert len(truth) == 1591
    out = TRIALS_OF_ALL - sum(control.startswith("PC") for _, control in truth)
    assert out == 21 + 18 + 7  # crew 23 all trials, 108 from PC4 on, 17 from PC15 on


def test_no_question_is_asked_twice(day: Day) -> None:
    asked = [
        line.strip()
        for step, printed in day.printed
        if step.command == "centesimo questions"
        for line in printed.splitlines()
        if re.match(r" *\d+\. ", line)
    ]
    texts = [re.sub(r"^\d+\. ", "", line) for line in asked]
    assert len(texts) == len(set(texts)) > 0
