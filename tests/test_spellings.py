"""One team in several spellings, and two teams that only look alike."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from centesimo.check.spellings import near_doubles
from centesimo.commands.main import centesimo
from centesimo.rank import rankings
from centesimo.rank.selections import teams
from tests.events import changed, event, write
from tests.scoring import book

ACUTE, NO_BREAK = "e\u0301", "\u00a0"
ENTRIES = "start_number,race,crew,car,year,team,nation\n{}11,modern,Crew 11,Ferrari Roma,2021,,\n"

# name: (teams as they are written, the teams that there are)
SPELLINGS = {
    "Unicode form": (["Team Esté", f"Team Est{ACUTE}"], {"Team Esté"}),
    "capitals": (["Team Esté", "Team esté", "Team Esté"], {"Team Esté"}),
    "spaces": (["Team  Esté", " Team Esté ", f"Team{NO_BREAK}Esté"], {"Team Esté"}),
    "the spelling of most": (["TEAM ESTÉ", "Team Esté", "Team Esté"], {"Team Esté"}),
    "two teams": (["Team Este", "Team Esté"], {"Team Este", "Team Esté"}),
    "none": (["", ""], {""}),
}


@pytest.mark.parametrize(("written", "there"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_team_in_several_spellings(written: list[str], there: set[str]) -> None:
    rows = "".join(f"{number},classic,C,F,1950,{team},I\n" for number, team in enumerate(written, 1))
    made = event(changed("entries.csv", "", "") | {"entries.csv": ENTRIES.format(rows)})
    assert {entry.team for entry in made.entries if entry.race == "classic"} == there


def test_a_ranking_of_teams_has_it_once() -> None:
    names = ("Team Esté", f"Team Est{ACUTE}", "team esté", "Team  Esté")
    rows = "".join(f"{number},classic,C,F,1950,{team},I\n" for number, team in enumerate(names, 1))
    further = '\n[[ranking]]\nid = "teams"\nname = "Teams"\nby = "team"\nbest = 2\nteam = ["TEAM ESTÉ"]\n'
    files = changed("event.toml", "ideal_s = 12.25\n", f"ideal_s = 12.25\n{further}")
    made = event(files | {"entries.csv": ENTRIES.format(rows)})
    ranking = rankings(made, {"classic": book(), "modern": book()}, ())[0]
    (line,) = teams(made.selections[0], ranking, book()).lines
    assert line.name == "Team Esté"


# name: (two teams, whether they look like one)
NEAR = {
    "a letter less": ("Scuderia Nord", "Scuderia Nor", True),
    "an accent": ("Team Este", "Team Esté", True),
    "two letters the other way round": ("Scuderia Nord", "Scuderia Nrod", True),
    "a hyphen": ("Auto-Club Sud", "Autoclub Sud", True),
    "numbers": ("Team 1", "Team 2", False),
    "letters": ("Team A", "Team B", False),
    "others": ("Team East", "Team West", False),
    "nations": ("I", "D", False),
}


@pytest.mark.parametrize(("first", "second", "is_near"), NEAR.values(), ids=NEAR)
def test_which_names_look_like_one(first: str, second: str, is_near: bool) -> None:
    rows = f"1,classic,C,F,1950,{first},\n2,classic,C,F,1950,{second},\n"
    made = event(changed("entries.csv", "", "") | {"entries.csv": ENTRIES.format(rows)})
    assert list(near_doubles(made.entries)) == ([("team", *sorted((first, second)))] if is_near else [])


def test_check_names_them(tmp_path: Path) -> None:
    write(tmp_path, changed("entries.csv", "Team West", "Team Eest"))
    shown = CliRunner().invoke(centesimo, ["check", str(tmp_path)])
    assert (
        'entries.csv: team "Team East" and "Team Eest" count as two: write both alike if they are one' in shown.output
    )
    listed = json.loads(CliRunner().invoke(centesimo, ["check", str(tmp_path), "--json"]).output)
    assert listed["near_doubles"] == [["team", "Team East", "Team Eest"]]
