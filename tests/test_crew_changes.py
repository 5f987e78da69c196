"""What the event says of crews otherwise than when it was posted: shown crew by crew, and asked before it is posted."""

import pytest
from click.testing import CliRunner

from centesimo.check import event_from_files
from centesimo.commands.main import centesimo
from centesimo.publish.crew_changes import crew_changes, sentence
from tests.events import ENTRIES_CSV, FILES
from tests.sheet_day import make

ROW_7 = "7,classic,Crew 7,OM 665,1928,\n"
IN_THE_MIDDLE = ENTRIES_CSV.replace("2,classic", ROW_7 + "2,classic", 1)
AT_THE_END = ENTRIES_CSV.replace("11,modern", ROW_7 + "11,modern", 1)
# name, what entries.csv is now, what is said; CO1 is due 10 minutes after the start, crews start at 09:00, 09:01, 09:02
CHANGES = [
    ("nothing", ENTRIES_CSV, []),
    ("a late entry as the second row", IN_THE_MIDDLE, [
        "crew 2 is due at CO1 at 09:12:00, was 09:11:00",
        "crew 3 is due at CO1 at 09:13:00, was 09:12:00",
        "crew 7 is entered now",
    ]),
    ("as the last row", AT_THE_END, ["crew 7 is entered now"]),
    ("a crew is gone", ENTRIES_CSV.replace("3,classic,Crew 3,Jaguar XK 120,1951,\n", ""),
     ["crew 3 is not entered any more"]),
    ("another car", ENTRIES_CSV.replace("Lancia Aprilia,1937", "Lancia Augusta,1936"),
     ["crew 2 has car Lancia Augusta, was Lancia Aprilia", "crew 2 has year 1936, was 1937"]),
    ("another name of a team", ENTRIES_CSV.replace("1934,Team East", "1934,"), ["crew 1 has team none, was Team East"]),
    ("another race's crew", ENTRIES_CSV.replace("Ferrari Roma", "Ferrari Amalfi"), []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "entries", "says"), CHANGES, ids=[row[0] for row in CHANGES])
def test_what_is_different_is_said_crew_by_crew(name, entries, says):
    before, now = event_from_files(FILES), event_from_files({**FILES, "entries.csv": entries})
    assert [sentence(change) for change in crew_changes(before, now, "classic", "L1")] == says


def test_a_later_interval_moves_all_but_the_first():
    later = FILES["event.toml"].replace("interval_s = 60", "interval_s = 90")
    changes = crew_changes(event_from_files(FILES), event_from_files({**FILES, "event.toml": later}), "classic", None)
    assert [sentence(change) for change in changes] == [
        "crew 2 is due at CO1 at 09:11:30, was 09:11:00",
        "crew 3 is due at CO1 at 09:13:00, was 09:12:00",
    ]


def run(*words):
    return CliRunner().invoke(centesimo, [*words])


def test_it_is_asked_before_it_is_posted(tmp_path):
    folder = make(tmp_path / "event")
    assert run("publish", "--event", str(folder)).exit_code == 0
    (folder / "entries.csv").write_text(IN_THE_MIDDLE, encoding="utf-8")
    refused = run("publish", "--event", str(folder))
    assert refused.exit_code == 1
    assert "  crew 3 is due at CO1 at 09:13:00, was 09:12:00\n" in refused.output
    assert "the event says something else of 3 crews since classic-leg-L1 was posted" in str(refused.exception)
    assert '"version": 1' in (folder / "results" / "classic-leg-L1.json").read_text(encoding="utf-8")
    accepted = run("publish", "--yes", "--event", str(folder))
    assert accepted.exit_code == 0
    assert "classic-leg-L1: provisional, version 2" in accepted.output
    assert run("publish", "--event", str(folder)).exit_code == 0  # nothing is new: nothing is asked
