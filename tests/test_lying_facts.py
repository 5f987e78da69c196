"""A short run of tests/lying_facts.py: whatever the doors accept, every verb ends with 0 or with one line of ours."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.events import write
from tests.lying_facts import FACTS, FILES, of_another_journal, of_facts, of_wild_records, problem_of, run

SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
def test_wild_records_end_no_verb(tmp_path, seed):
    of_wild_records(seed, write(tmp_path / "event", FILES))


@pytest.mark.parametrize("seed", SEEDS)
def test_another_journal_ends_no_verb_and_is_decided_at_once(tmp_path, seed):
    of_another_journal(seed, write(tmp_path / "event", FILES))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(FACTS)
def test_no_set_of_facts_ends_a_verb(tmp_path_factory, facts):
    of_facts(write(tmp_path_factory.mktemp("facts") / "event", FILES), facts)


# name, a verb, whether it ends as it should.
ENDS = [
    ("with 0", ["rebuild", "--help"], True),
    ("with one line of ours", ["ranking", "--event", "/nowhere"], True),
    ("as wrongly typed", ["rebuild"], False),
]


@pytest.mark.parametrize(("words", "is_right"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_an_end_that_is_not_ours_is_seen(words, is_right):
    assert (problem_of(run(words)) == "") == is_right
