"""openapi.json cannot drift: each of its examples is what is answered, and each key of an answer is in its schema."""

import json
from importlib.resources import files

import pytest

from centesimo.compute import Facts, compute
from centesimo.live import api
from centesimo.live.days import LiveDays
from centesimo.live.site import Site
from centesimo.model.facts import Passage
from tests.events import FIRST_AT_NS, event
from tests.live_day import rows
from tests.test_live_pages import facts_of, site_of

DOCUMENT = json.loads((files("centesimo") / "templates/live/openapi.json").read_text(encoding="utf-8"))
S_NS = 10**9
# Crew 1 starts at 09:00, is 4/100 s late at PC1 (30 s, from 09:15 on); car of 1934: 4 x 1.34 = 5.36. It is 09:16.
SEEN = (("A1", 900 * S_NS), ("A2", 930 * S_NS + 40_000_000))
NAMES = {"string": str, "integer": int, "array": list, "object": dict, "null": type(None)}


def site_of_example():
    passages = tuple(
        Passage(f"load:0:{line}", point, FIRST_AT_NS + after_ns, None, True, (), (), "hand", 1)
        for line, (point, after_ns) in enumerate(SEEN)
    )
    facts = Facts(event(), (), {}, passages)
    at_ns = FIRST_AT_NS + 16 * 60 * S_NS
    return Site(facts.event, LiveDays(facts.event).races(compute(facts), at_ns), "0123456789abcdef", at_ns)


def answers():
    for path, methods in DOCUMENT["paths"].items():
        content = methods["get"]["responses"]["200"]["content"].get("application/json")
        if content:
            filled = path
            for parameter in methods["get"].get("parameters", ()):
                filled = filled.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
            yield filled.removeprefix("/"), content


def check(value, schema, where):
    """Hold a value against a schema: types, keys that are there, keys that must be."""
    if "anyOf" in schema:
        if value is None:
            return
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(NAMES[kind] for kind in kinds)), where
    assert value in schema.get("enum", [value]), where
    if isinstance(value, list):
        for place, item in enumerate(value):
            check(item, schema["items"], f"{where}/{place}")
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys(), where
        for key, item in value.items():
            check(item, schema["properties"][key], f"{where}/{key}")


@pytest.mark.parametrize(("path", "content"), list(answers()), ids=[path for path, _ in answers()])
def test_an_example_is_what_is_answered(path, content):
    answer = json.loads(api.find_text(site_of_example(), path))
    assert answer == content["example"]
    check(answer, content["schema"], path)


def test_the_examples_say_what_was_worked_out_by_hand():
    crew = json.loads(api.find_text(site_of_example(), "api/race/1/crew/1"))
    (trial,) = [score for score in crew["scores"] if score["control"] == "PC1"]
    assert (trial["set_cs"], trial["taken_cs"], trial["deviation"], trial["penalty"]) == (3000, 3004, 4, "4")
    assert (crew["standing"]["state"], crew["standing"]["missing"]) == ("open", ["C1"])
    alone = json.loads(api.find_text(site_of_example(), "api/race/1/ranking/control-PC1"))
    assert (alone["lines"][0]["position"], alone["lines"][0]["total"]) == (1, "5.36")


def test_every_answer_of_a_day_fits():
    site = site_of(facts_of(rows(5)[:180]), rows(5)[179].at_ns)
    by_sort = {path: content["schema"] for path, content in answers()}
    for race in site.races:
        tables = [*race.bases, *(f"{base}/{key}" for base in race.bases for key, _ in race.further)]
        for key in tables:
            path = f"api/race/{race.number}/ranking/{key}"
            check(json.loads(api.find_text(site, path)), by_sort["api/race/1/ranking"], path)
        for entry in race.entries:
            path = f"api/race/{race.number}/crew/{entry.start_number}"
            check(json.loads(api.find_text(site, path)), by_sort["api/race/1/crew/1"], path)
    check(json.loads(api.find_text(site, "api/races")), by_sort["api/races"], "races")
