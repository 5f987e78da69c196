"""Posted rankings on paper: a race's own, each further one with the overall place, teams with their cars."""

from collections.abc import Iterator
from decimal import Decimal

from centesimo.model.facts import OPEN
from centesimo.paper.sheet import Column, Sheet, page_words
from centesimo.publish import OFFICIAL
from centesimo.publish.compare import compare
from centesimo.publish.further import as_ranking, files_of
from centesimo.publish.published import HIGHEST, Content, FurtherContent, LineContent
from centesimo.publish.render import Imprint, name
from centesimo.words.paper import number_in, posted_on, words_in

# What a line without a place is, as rank has it: in the words of the paper.
STATUSES = ("excluded", "retired", "did not start", "no times")
SHOWN = 10  # letters of a revision


def of_ranking(
    content: Content,
    imprint: Imprint,
    digest: str,
    language: str,
    url: str = "",
    first: int | None = None,
    before: Content | None = None,
) -> Iterator[Sheet]:
    """Yield a posted ranking and then its further ones; `first`: only so many lines with a place of each.

    `before`: the version before; then only the crews that changed since, and no further rankings.
    """
    if before is not None:
        changed = {crew.start_number for crew in compare(before, content).crews}
        new: Content = {**content, "lines": [each for each in content["lines"] if each["start_number"] in changed]}
        sheet = _crews(new, content, imprint, digest, language, url, first, is_further=False)
        note = words_in(language)["only new"].format(version=imprint.version - 1)
        yield sheet._replace(notes=(f"{note}: {len(new['lines'])}",))
        return
    yield _crews(content, content, imprint, digest, language, url, first, is_further=False)
    for _, further in files_of(content):
        if further["by"]:
            yield _teams(content, further, imprint, digest, language, url, first)
        else:
            shown = as_ranking(content, further)
            yield _crews(shown, content, imprint, digest, language, url, first, is_further=True)


def _crews(
    shown: Content,
    whole: Content,
    imprint: Imprint,
    digest: str,
    language: str,
    url: str,
    first: int | None,
    is_further: bool,
) -> Sheet:
    words = words_in(language)
    place_by_number = {line["start_number"]: line["position"] for line in whole["lines"]}
    has_team = any(line["team"] for line in shown["lines"])
    has_coefficient = any(Decimal(line["coefficient"]) != 1 for line in shown["lines"])
    columns = [Column(words["position"], "right")]
    columns += [Column(words["overall place"], "right")] if is_further else []
    columns += [Column(words["number"], "right"), Column(words["crew"], width="3fr"), Column(words["car"], width="2fr")]
    columns += [Column(words["year"], "right")]
    columns += [Column(words["team"], width="1.5fr")] if has_team else []
    net = words["points"] if shown["wins"] == HIGHEST else words["net"]
    columns += [Column(net, "right"), Column(words["coefficient"], "right")] if has_coefficient else []
    columns += [Column(words["total"], "right"), Column(words["gap"], "right")]

    def row(line: LineContent) -> tuple[str, ...]:
        cells = [str(line["position"] or "")]
        cells += [str(place_by_number.get(line["start_number"]) or "")] if is_further else []
        cells += [str(line["start_number"]), line["crew"], line["car"], str(line["year"])]
        cells += [line["team"]] if has_team else []
        if has_coefficient:
            cells += [number_in(language, line["net"]), number_in(language, line["coefficient"])]
        gap = line["gap"] if line["gap"] and Decimal(line["gap"]) else ""
        if line["position"] is None:
            return (*cells, _status(line, words), "")
        return (*cells, _total(line, language, words), number_in(language, gap))

    lines = [line for line in shown["lines"] if first is None or (line["position"] or first + 1) <= first]
    return _sheet(shown, whole, imprint, digest, language, url, columns, tuple(map(row, lines)))


def _teams(
    whole: Content, further: FurtherContent, imprint: Imprint, digest: str, language: str, url: str, first: int | None
) -> Sheet:
    words = words_in(language)
    columns = [Column(words["position"], "right"), Column(words[further["by"]], width="1fr")]
    columns += [
        Column(words["cars that count"], width="2fr"),
        Column(words["total"], "right"),
        Column(words["gap"], "right"),
    ]
    rows = [
        (
            str(team["position"] or ""),
            team["name"],
            ", ".join(
                f"{number} ({number_in(language, total)})"
                for number, total in zip(team["start_numbers"], team["totals"], strict=True)
            ),
            number_in(language, team["total"]) if team["position"] else _in_language(whole, team["status"], language),
            number_in(language, team["gap"]) if team["gap"] and Decimal(team["gap"]) else "",
        )
        for team in further["teams"]
        if first is None or (team["position"] or first + 1) <= first
    ]
    return _sheet(as_ranking(whole, further), whole, imprint, digest, language, url, columns, tuple(rows))


def _in_language(content: Content, text: str, language: str) -> str:
    """Return a posted sentence in a language, where the version keeps it."""
    return content.get("texts", {}).get(language, {}).get(text, text)


def _sheet(
    shown: Content,
    whole: Content,
    imprint: Imprint,
    digest: str,
    language: str,
    url: str,
    columns: list[Column],
    rows: tuple[tuple[str, ...], ...],
) -> Sheet:
    words = words_in(language)
    leg = shown["leg"]
    file = name(whole["race"]["id"], whole["leg"]["id"] if whole["leg"] else None)
    signatures = [words["timekeeper"], words["clerk"]]
    is_final = imprint.status == OFFICIAL and whole["leg"] is None
    return Sheet(
        language,
        shown["event"],
        words["ranking"] if leg else words["overall"],
        ", ".join(each["name"] for each in (shown["race"], leg) if each),
        _status_line(shown, imprint, language, words),
        tuple(columns),
        rows,
        page_words(words["page"]),
        signatures=tuple([*signatures, words["stewards"]] if is_final else signatures),
        code=f"{url.rstrip('/')}/{file}.html#v{imprint.version}"
        if url
        else f"{file} v{imprint.version} {digest[:SHOWN]}",
        revision=f"{words['revision']} {digest[:SHOWN]}",
    )


def _status_line(content: Content, imprint: Imprint, language: str, words: dict[str, str]) -> str:
    """Return "provisional, version 2, posted on 10 April 2027, 18:05, up to PC40"."""
    at = posted_on(imprint.posted_at_ns, content["timezone"], language)
    parts = [words[imprint.status], f"{words['version']} {imprint.version}", f"{words['posted']} {at}"]
    parts += [f"{words['up to']} {content['up_to']}"] if content["up_to"] else []
    parts += [f"{words['approved']} {imprint.approved_by}"] if imprint.approved_by else []
    return ", ".join(parts)


def _total(line: LineContent, language: str, words: dict[str, str]) -> str:
    fails = line.get("fails", 0)
    before = f"{fails} {words['fail']} + " if fails else ""
    return f"{before}{number_in(language, line['total'])}"


def _status(line: LineContent, words: dict[str, str]) -> str:
    """Return why a crew has no place: a word, or the number of its open controls."""
    if line["status"] in STATUSES:
        return words[line["status"]]
    opened = sum(score["status"] == OPEN for score in line["scores"])
    return f"{opened} {words['open']}"
