"""Golden days: what the generator knows of each is what attribution must find, or leave open where it says so."""

import pytest

from centesimo.match import match
from simulate.days import day
from tests.day_files import DAYS, FOLDER, Golden, read, text_of

FILES = sorted(FOLDER.glob("day-*.toml"))


@pytest.mark.parametrize("golden", [read(path) for path in FILES], ids=[path.stem for path in FILES])
def test_every_crew_gets_its_own_passages(golden: Golden) -> None:
    attributions, findings = match(golden.event, golden.passages, golden.lists)
    crew_by_id = {one.passage.id: one.start_number for one in attributions}
    asked = {one for finding in findings if finding.kind == "doubtful" for one in finding.passages}
    named = {(one.passage, one.start_number) for finding in findings for one in finding.candidates}
    expected = {identity: number for identity, number in golden.crew_by_id.items() if identity not in golden.or_open}
    assert {identity: crew_by_id.get(identity, 0) for identity in expected} == expected
    for identity in golden.or_open:
        number = golden.crew_by_id[identity]
        assert crew_by_id.get(identity, 0) == number or identity in asked or (identity, number) in named
    assert not asked & expected.keys()


@pytest.mark.parametrize("name", DAYS)
def test_the_files_are_what_the_generator_writes(name: str) -> None:
    title, plan = DAYS[name]
    assert (FOLDER / f"day-{name}.toml").read_text() == text_of(title, plan, day(plan))
