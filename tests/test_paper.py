"""Paper as it is signed: what stands on each page, in four languages, the same bytes for the same facts."""

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.commands.main import centesimo
from centesimo.paper.rankings import of_ranking
from centesimo.paper.sheet import Sheet
from centesimo.words.paper import LANGUAGES, TABLE, day_in, number_in, words_in
from tests.events import changed
from tests.postings import FIRST, OFFICIAL, big, content, line, score
from tests.sheet_day import make

FURTHER = """
[[ranking]]
id = "old"
name = "Before 1936"
year_to = 1936

[[ranking]]
id = "teams"
name = "Teams"
by = "team"
best = 1
"""


@pytest.fixture(autouse=True)
def needs_typst() -> None:
    """Skip where the extra for printing is not installed."""
    for name in ("typst", "segno"):
        pytest.importorskip(name, reason=f"no {name}: pip install 'centesimo[print]'")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the small event with its day, two further rankings, posted."""
    make(tmp_path, changed("event.toml", "ideal_s = 12.25\n", f"ideal_s = 12.25\n{FURTHER}"))
    assert run(tmp_path, "publish").exit_code == 0
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    """Run a verb in the folder."""
    return CliRunner().invoke(centesimo, [*words, "--event", str(folder)])


def text_of(path: Path) -> list[str]:
    """Return the pages of a PDF as text on one line each."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: apt-get install poppler-utils")
    shown = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    return [" ".join(page.split()) for page in shown.split("\f")[:-1]]


# name: (words of print, file, what stands there in this order)
DOCUMENTS = {
    "a ranking": (
        ["rankings", "--race", "classic"],
        "classic-leg-L1-v1",
        [
            "Small Event",
            "Classifica Classic, Leg 1",
            "provvisoria, versione 1",
            "fino a PC2",
            "Pos. N. Equipaggio",
            "1 1 Crew 1",
            "4,02",
            "2 2 Crew 2",
            "149,33 145,31",
            "3 Crew 3",
            "2 in sospeso",
            "Il direttore di gara",
            "pagina 1 di 1",
        ],
    ),
    "a start list in English": (
        ["starts", "--race", "classic", "--language", "en"],
        "starts-classic-leg-L1",
        [
            "Start list Classic, Leg 1, 23 May 2027",
            "1 1 Crew 1",
            "09:00:00",
            "3 3 Crew 3",
            "09:02:00",
            "page 1 of 1",
        ],
    ),
    "due times in German": (
        ["due", "--race", "modern", "--language", "de"],
        "due-modern-leg-L1",
        [
            "Sollzeiten der Zeitkontrollen Modern, Leg 1, 23. Mai 2027",
            "CO1",
            "11 Crew 11 09:10:00 09:20:00",
            "12 Crew 12 09:10:30 09:20:30",
            "Der Rennleiter",
            "Seite 1 von 1",
        ],
    ),
    "entries in French": (
        ["entries", "--race", "classic", "--language", "fr"],
        "entries-classic",
        [
            "Liste des engagés Classic",
            "1 Crew 1 Fiat 508 S 1934 Team East",
            "page 1 sur 1",
        ],
    ),
    "the register, empty": (
        ["register", "--language", "fr"],
        "register",
        ["Vérification des temps", "N° de course", "Mesure", "Aucune vérification.", "page 1 sur 1"],
    ),
    "the sheet of a crew": (
        ["crew", "2", "--language", "en"],
        "crew-2",
        [
            "Sheet of a crew No. 2 Crew 2, Classic",
            "CO1 09:11:00 09:12:10 1 min late 100 C1 09:12:10.00 (± 1 ms, timed by hand)",
            "PC1 0:30.00 0:29.98 0.02 s early 2",
            "PC2 0:12.25 0:12.32 0.07 s late 7",
            "The competitor",
            "page 1 of 1",
        ],
    ),
}


@pytest.mark.parametrize(("words", "file", "parts"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_stands_on_paper(folder: Path, words: list[str], file: str, parts: list[str]) -> None:
    done = run(folder, "print", *words)
    assert done.exit_code == 0, done.output + str(done.exception)
    pages = text_of(folder / "paper" / f"{file}.pdf")
    at = 0
    for part in parts:
        at = pages[0].find(part, at)
        assert at >= 0, (part, pages[0])


def test_further_rankings_follow_with_the_overall_place(folder: Path) -> None:
    assert run(folder, "print", "rankings", "--race", "classic", "--language", "en").exit_code == 0
    pages = text_of(folder / "paper" / "classic-leg-L1-v1.pdf")
    assert len(pages) == 3
    assert re.search(r"Before 1936, Leg 1 .* Pos\. Overall No\. Crew .* 1 1 1 Crew 1", pages[1])
    assert re.search(r"Teams, Leg 1 .* Cars that count .* 1 Team East 1 \(4\.02\)", pages[2])


def test_the_same_facts_are_the_same_bytes(folder: Path) -> None:
    made = []
    for _ in range(2):
        assert run(folder, "print", "rankings").exit_code == 0
        made.append((folder / "paper" / "classic-leg-L1-v1.pdf").read_bytes())
    assert made[0] == made[1]


def sheets(language: str = "it", **more: object) -> list[Sheet]:
    """Return the sheets of a ranking of a crew with a fail."""
    posted = content([line(1, 7, "1234.50", "0", [score("PC1", "3")], fails=2)], ("PC1",), **more)
    return list(of_ranking(posted, OFFICIAL, "ab" * 32, language, "https://example.org/results/"))


def test_an_official_final_ranking_is_signed_by_the_stewards() -> None:
    leg, final = sheets()[0], sheets(leg=None)[0]
    assert "I commissari sportivi" not in leg.signatures
    assert final.signatures[-1] == "I commissari sportivi"
    assert (final.title, leg.title) == ("Classifica generale", "Classifica")
    assert leg.code == "https://example.org/results/classic-leg-L1.html#v2"
    assert leg.rows[0][-2] == "2 fail + 1234,50"


def test_only_the_first_places() -> None:
    (shown,) = of_ranking(big(30, 3), FIRST, "cd" * 32, "en", first=5)
    assert [row[0] for row in shown.rows] == ["1", "2", "3", "4", "5"]


def test_every_language_has_every_word() -> None:
    assert all(len(texts) == len(LANGUAGES) and all(texts) for texts in TABLE.values())
    assert {tuple(sorted(words_in(language))) for language in LANGUAGES} == {tuple(sorted(TABLE))}
    for texts in TABLE.values():
        assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in texts}) == 1


# name: (language, what it writes)
WRITTEN = {
    "Italian": ("it", "\N{MINUS SIGN}1,5", "23 maggio 2027"),
    "English": ("en", "\N{MINUS SIGN}1.5", "23 May 2027"),
    "German": ("de", "\N{MINUS SIGN}1,5", "23. Mai 2027"),
    "French": ("fr", "\N{MINUS SIGN}1,5", "23 mai 2027"),
}


@pytest.mark.parametrize(("language", "number", "day"), WRITTEN.values(), ids=WRITTEN)
def test_numbers_and_dates_as_a_language_writes_them(language: str, number: str, day: str) -> None:
    assert (number_in(language, "-1.5"), day_in(language, date(2027, 5, 23))) == (number, day)


def test_what_cannot_be_printed_is_said(tmp_path: Path) -> None:
    make(tmp_path)
    assert "centesimo publish posts rankings" in str(run(tmp_path, "print", "rankings").exception)
    assert run(tmp_path, "print", "crew").exit_code == 2
    assert "expected a start number of the event" in str(run(tmp_path, "print", "crew", "99").exception)
