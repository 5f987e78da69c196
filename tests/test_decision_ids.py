# ruff: noqa: E501 (a stored text is one line)
"""The ids and the stored texts of decisions stay as they are: what one version stored, every later one reads.

The rows were written by the program of 153ccd7, before an action was a value of its own. An id that changed would
make a decision of a finished event another one.
"""

import pytest

from centesimo.amend import as_text, from_row
from centesimo.model.decisions import KINDS
from centesimo.words.decisions import TEMPLATES, describe

WHO, WHY, AT_NS = "the clerk", "marshal's report", 1811060000000000001
# (kind, id, what is stored of its values), with all of WHO, WHY and AT_NS.
STORED = [
    ("attribute", "48e822233b0e", '{"passage": "load:A2:1", "start_number": 1}'),
    (
        "attribute",
        "25c211ca15a4",
        '{"outcome": "does not conform", "passage": "load:A2:1", "reason": "wrong attribution", "received_at_ns": 1811059200000000000, "start_number": 1}',
    ),
    (
        "swap",
        "1a413b1f3366",
        '{"other_number": 1, "other_passage": "load:A2:2", "passage": "load:A2:1", "start_number": 2}',
    ),
    ("void", "46cd3c688487", '{"passage": "load:A2:1"}'),
    ("void", "73edb99c5328", '{"passage": "load:A2:1", "start_number": 1}'),
    ("insert", "0c1b9b112f38", '{"passed_at_ns": 1811056650025000000, "source": "backup watch", "timing_point": "A2"}'),
    (
        "insert",
        "e9f26302c8a1",
        '{"passed_at_ns": 1811056650025000000, "source": "Uhr für B", "start_number": 3, "timing_point": "A2", "uncertainty_ns": 5000000}',
    ),
    (
        "unreliable",
        "2bcaaae00678",
        '{"board": "00000000000000a1", "from_ns": 1811055600000000000, "to_ns": 1811055690000000000}',
    ),
    (
        "shift",
        "b0600f68fb4c",
        '{"board": "00000000000000a1", "from_ns": 1811055600000000000, "shift_ns": -50000000, "to_ns": 1811055690000000000}',
    ),
    ("average", "77eea4ff9bfa", '{"control": "PC1", "start_number": 2}'),
    ("average", "7c46fba15bd0", '{"average": "race", "control": "PC1", "start_number": 2}'),
    ("cancel", "228b4ab34b04", '{"control": "PC1"}'),
    ("cancel", "8b804e762e6a", '{"control": "PC1", "race": "modern"}'),
    ("cancel", "37979f5ded6e", '{"control": "PC1", "start_number": 2}'),
    ("miss", "c0c4b946999d", '{"control": "PC1", "start_number": 2}'),
    (
        "miss",
        "d3340cf315c5",
        '{"amount": "400.0", "article": "art. 7", "control": "PC1", "race": "R", "start_number": 2}',
    ),
    ("penalty", "728f9b828a9b", '{"amount": "10.50", "article": "art. 9", "control": "PC1", "start_number": 2}'),
    (
        "penalty",
        "52e60c5362dc",
        '{"amount": "0", "article": "art. 9", "control": "PC1", "race": "R", "start_number": 2}',
    ),
    ("exclude", "fb078880934b", '{"start_number": 2}'),
    ("exclude", "fe6edaddc163", '{"article": "art. 4", "control": "PC2", "race": "R", "start_number": 2}'),
    ("retire", "e32e548cbf90", '{"start_number": 2}'),
    ("retire", "56ef86ab741f", '{"control": "PC2", "start_number": 2}'),
    ("reinstate", "e216ffb60058", '{"start_number": 2}'),
    ("reinstate", "06211bf5cc36", '{"amount": "1000", "control": "CO1", "start_number": 2}'),
    ("confirm", "ac3390ca6220", '{"control": "PC2", "start_number": 2}'),
    ("withdraw", "a662595c2f8c", '{"withdrawn": "0123456789ab"}'),
]


@pytest.mark.parametrize(("kind", "identity", "text"), STORED)
def test_a_stored_decision_keeps_its_id_and_its_bytes(kind: str, identity: str, text: str) -> None:
    decision = from_row(identity, kind, WHO, WHY, AT_NS, text)
    assert (decision.kind, decision.id, as_text(decision)) == (kind, identity, text)
    assert describe(decision).startswith(f"{kind}: ")


def test_every_kind_of_153ccd7_is_there() -> None:
    """A kind that is new has no row above; it has its words."""
    assert {kind for kind, _, _ in STORED} <= KINDS.keys()
    assert {row.action for row in KINDS.values()} == TEMPLATES.keys()
