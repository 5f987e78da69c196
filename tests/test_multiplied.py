"""Every total that is published can be reckoned again by hand, also where the coefficient covers a part of the net."""

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from centesimo.compute import Facts, compute
from centesimo.publish.further import as_ranking
from centesimo.publish.page import page
from centesimo.publish.published import content as published_of
from centesimo.publish.render import as_csv
from tests.golden_day import decisions, event, recorded, truth
from tests.postings import FIRST, content, line, score


def fined(**more):
    """Return a ranking of crew 7, 440 x 1.37 = 602.80 if all is multiplied, and of crew 9, 40 x 1.50 = 60.00."""
    first = line(2, 7, "602.80", "542.80", [score("PC1", "440")], net="440", coefficient="1.37")
    second = line(1, 9, "60.00", "0.00", [score("PC1", "40")], net="40", coefficient="1.50")
    return content([second, {**first, **more}], ("PC1",), rounding="2 decimals, half up")


# Crew 7 has 300 of its 440 as fixed penalties, which lie on the total alone: 140 x 1.37 + 300 = 491.80.
PART = {"multiplied": "140", "total": "491.80", "gap": "431.80"}
# name: (what is different of crew 7, what a table has between net and total, of crew 9 and of crew 7)
COLUMNS = {
    "all of the net": ({}, ["coefficient"], [["1.50"], ["1.37"]]),
    "a part of the net": (PART, ["multiplied", "coefficient"], [["40", "1.50"], ["140", "1.37"]]),
    "a part, times 1": ({**PART, "coefficient": "1", "total": "440.00"}, ["coefficient"], [["1.50"], ["1"]]),
}


@pytest.mark.parametrize(("more", "names", "cells"), COLUMNS.values(), ids=COLUMNS)
def test_a_csv_has_what_is_multiplied_where_that_is_not_the_net(more, names, cells):
    head, *rows = csv.reader(io.StringIO(as_csv(fined(**more))))
    ends = slice(head.index("net") + 1, head.index("total"))
    assert (head[ends], [row[ends] for row in rows]) == (names, cells)


def between(text):
    """Return the cells of a page between net and total, and what unfolds about them."""
    cells = re.findall(r'<td class="(?:net|coefficient)">([^<]*)<', text)
    return cells, re.findall(r"<b>Net</b> <span>[^<]*</span> <i>([^<]*)</i>", text)


def test_a_page_has_it_too_and_says_how_the_total_follows():
    whole, part = (page(fined(**more), FIRST, "ef" * 32, None) for more in ({}, PART))
    assert between(whole) == (
        ["40", "1.50", "440", "1.37"],
        ["before the coefficient 1.50", "before the coefficient 1.37"],
    )
    assert between(part) == (
        ["40", "40", "1.50", "440", "140", "1.37"],
        ["before the coefficient 1.50", "140 of it times the coefficient 1.37, the rest as it is"],
    )
    said = [re.search("Total = ([^<]*)<", text)[1] for text in (whole, part)]
    assert said == [
        "net × coefficient (2 decimals, half up).",
        "multiplied × coefficient + the rest of the net (2 decimals, half up).",
    ]
    spans = [int(re.search(r'colspan="(\d+)"', text)[1]) for text in (whole, part)]
    assert [len(re.findall('<th scope="col"', text)) for text in (whole, part)] == spans


def test_a_further_ranking_has_it_as_the_ranking_itself():
    crews = [{"position": 1, "start_number": 7, "coefficient": "1.37", "total": "491.80", "gap": "0", "ahead": "0"}]
    cup = {"id": "cup", "name": "Cup", "by": "", "crews": crews, "teams": []}
    head, row = csv.reader(io.StringIO(as_csv(as_ranking(fined(**PART), cup))))
    assert dict(zip(head, row, strict=True))["multiplied"] == "140"


@pytest.fixture(scope="module")
def posted():
    """Return what would be posted of every ranking of the golden event."""
    true, road = truth(), event()
    found = compute(Facts(road, (), {}, tuple(recorded(true)), tuple(decisions(true))))
    return [published_of(road, ranking, ()) for ranking in found.rankings]


def test_each_total_of_the_golden_event_follows_from_its_row(posted):
    """The sum of the controls is the net, and its part times the coefficient and the rest are the total."""
    parts = 0
    for ranking in posted:
        controls = [one["id"] for one in ranking["controls"]]
        for row in csv.DictReader(io.StringIO(as_csv(ranking))):
            net, total = Decimal(row["net"]), Decimal(row["total"])
            cells = [row[control] for control in controls]
            assert ranking["rounding"] == f"{-total.as_tuple().exponent} decimals, half up"
            assert net == sum(Decimal(one) for one in cells if re.fullmatch(r"-?[\d.]+", one))
            part = Decimal(row.get("multiplied") or row["net"])
            assert total == (part * Decimal(row["coefficient"]) + net - part).quantize(total, ROUND_HALF_UP)
            parts += part != net
    assert parts > 0
