"""Paper as it is signed: what stands on each page, in four languages, the same bytes for the same facts."""

import re
import shutil
import struct
import subprocess
import zlib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from centesimo.commands.main import centesimo
from centesimo.model.event import LANGUAGES
from centesimo.paper.rankings import of_ranking
from centesimo.paper.sheet import Column, Sheet, pdf
from centesimo.store import STORE_NAME, Store
from centesimo.words.paper import TABLE, day_in, number_in, words_in
from tests.events import changed
from tests.postings import FIRST, OFFICIAL, big, content, line, score
from tests.sheet_day import MISSING, load_rows, make

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


ITALIAN = 'languages = ["it"]'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the small event with its day, two further rankings, posted."""
    make(tmp_path, changed("event.toml", "ideal_s = 12.25\n", f"ideal_s = 12.25\n{FURTHER}"))
    with_general(tmp_path, ITALIAN)
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
            "CO1 09:11:00 09:12:10 1 min late 100 1 min late x 100 = 100 C1 09:12:10.00 (± 1 ms, timed by hand)",
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


def test_time_cards_in_the_order_of_the_start(folder: Path) -> None:
    assert run(folder, "print", "cards", "--race", "classic").exit_code == 0
    pages = text_of(folder / "paper" / "cards-classic-leg-L1.pdf")
    assert len(pages) == 3
    assert re.search(r"Tabella di marcia N\. 2 Crew 2, Classic, Leg 1, 23 maggio 2027 .*Partenza 09:01:00", pages[1])
    assert "CO1 Square 09:11:00" in pages[1]
    assert "PC1 Bridge 0:30,00" in pages[1]
    assert "PC2 Mill 0:12,25" in pages[1]
    assert all("pagina 1 di 1" in page for page in pages)


def test_a_control_alone_lists_crews_by_number(folder: Path) -> None:
    assert run(folder, "print", "control", "PC1", "--race", "classic", "--language", "de").exit_code == 0
    (page,) = text_of(folder / "paper" / "control-PC1-classic.pdf")
    assert "Kontrolle PC1 Classic" in page
    assert "1 Crew 1 Fiat 508 S, 1934 0:30,00 0:30,03 0,03 s zu spät 3" in page
    assert "0:30,00 0:29,98 0,02 s zu früh 2" in page
    assert run(folder, "print", "control").exit_code == 2
    assert "expected a control of the event" in str(run(folder, "print", "control", "PC9").exception)


def test_a_notice_has_its_subject_in_the_head(folder: Path, tmp_path: Path) -> None:
    text = tmp_path / "road.txt"
    text.write_text("Road closed\n\nThe road to A2\nis closed.\n\nFollow the arrows.\n", encoding="utf-8")
    assert run(folder, "print", "notice", str(text), "--language", "fr").exit_code == 0
    (page,) = text_of(folder / "paper" / "notice-road.pdf")
    assert "Avis aux concurrents Road closed The road to A2 is closed. Follow the arrows. Le directeur" in page


# name: (bytes of the file, what is said)
SPOILT_NOTICES = {
    "empty": (b" \n", "got an empty file"),
    "Latin-1": (b"Penalit\xe0", "in UTF-8, got other bytes at 7"),
    "too large": (b"x" * 100_001, "at most 100000 bytes"),
}


@pytest.mark.parametrize(("raw", "said"), SPOILT_NOTICES.values(), ids=SPOILT_NOTICES)
def test_a_notice_that_is_none(folder: Path, raw: bytes, said: str) -> None:
    (folder / "text.txt").write_bytes(raw)
    assert said in str(run(folder, "print", "notice", str(folder / "text.txt")).exception)
    assert not (folder / "paper").exists()


@pytest.fixture
def posted_twice(folder: Path) -> Path:
    """Return the folder with a second version, crew 3's passage at A2 found: PC1 exact, PC2 275/100 late."""
    load_rows(folder, MISSING)
    assert run(folder, "publish").exit_code == 0
    return folder


def test_a_print_that_is_outdated_says_so(posted_twice: Path) -> None:
    old = run(posted_twice, "print", "check", "https://example.org/r/classic-leg-L1.html#v1", "--language", "en")
    assert old.exit_code == 1
    assert "of version 1, which is outdated: version 2, posted on" in " ".join(old.output.split())
    store = Store.open(posted_twice / STORE_NAME)
    first, second = store.publications("classic", "L1")
    store.close()
    new = run(posted_twice, "print", "check", f"classic-leg-L1 v2 {second.facts_digest[:10]}", "--language", "de")
    assert new.exit_code == 0
    assert "zeigt Fassung 2, die neueste" in new.output
    assert run(posted_twice, "print", "check", first.facts_digest[:10]).exit_code == 1
    mixed = f"classic-leg-L1 v2 {first.facts_digest[:10]}"  # no version has both
    for code in (mixed, "classic-leg-L1 v3", "f" * 9, "", "modern.html#v1"):
        assert "no version that was posted" in str(run(posted_twice, "print", "check", code).exception)


def test_the_page_has_what_each_print_is_worth_in_all_languages(posted_twice: Path) -> None:
    page = (posted_twice / "results" / "classic-leg-L1.html").read_text(encoding="utf-8")
    old, new = re.findall(r'<div id="v\d" class="print[^"]*">.*?</div>', page)
    assert 'id="v1" class="print outdated"' in old
    assert re.findall(r'lang="(\w\w)"', old) == ["it", "en", "de", "fr"]
    assert "ist überholt: Es gilt Fassung 2" in old
    assert "outdated" not in new


def test_only_what_is_new_since_the_version_before(posted_twice: Path) -> None:
    assert run(posted_twice, "print", "rankings", "--race", "classic", "--new", "--language", "en").exit_code == 0
    (page,) = text_of(posted_twice / "paper" / "classic-leg-L1-v2-new.pdf")
    assert "3 3 Crew 3" in page
    assert "415.25" in page
    assert "Crew 1" not in page
    assert "Only the crews that changed since version 1: 1" in page


def png() -> bytes:
    """Return a PNG of one red point, made by hand."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = part(b"IHDR", header), part(b"IDAT", zlib.compress(b"\0\xff\0\0")), part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def with_general(folder: Path, keys: str) -> None:
    """Give [event] keys, in place of its language where they name others."""
    path = folder / "event.toml"
    text = path.read_text(encoding="utf-8").replace(f"{ITALIAN}\n", "")
    path.write_text(text.replace("[event]\n", f"[event]\n{keys}\n"), encoding="utf-8")


def test_the_logo_and_the_first_language_of_the_event(folder: Path) -> None:
    assert run(folder, "print", "starts", "--race", "classic", "--language", "de").exit_code == 0
    path = folder / "paper" / "starts-classic-leg-L1.pdf"
    assert b"/Subtype/Image" not in path.read_bytes()
    with_general(folder, 'languages = ["de", "it"]\nlogo = "logo.png"')
    (folder / "logo.png").write_bytes(png())
    done = run(folder, "print", "starts", "--race", "classic")
    assert done.exit_code == 0, done.output + str(done.exception)
    assert b"/Subtype/Image" in path.read_bytes()
    assert "Startliste Classic" in text_of(path)[0]


# name: (bytes of the logo, None where there is none; what is said)
LOGOS = {
    "missing": (None, "No such file"),
    "too large": (png() + b"x" * 300_000, "more than 300000 bytes"),
    "another file": (b"GIF89a", "expected a picture that is what its name says"),
    "cut off": (png()[:30], "spoilt picture"),
}


@pytest.mark.parametrize(("raw", "said"), LOGOS.values(), ids=LOGOS)
def test_a_logo_that_cannot_be_printed(folder: Path, raw: bytes | None, said: str) -> None:
    with_general(folder, 'logo = "logo.png"')
    if raw is not None:
        (folder / "logo.png").write_bytes(raw)
    assert said in str(run(folder, "print", "starts").exception)
    assert not list(folder.glob("paper/*"))


# name: (keys of [event], what is said)
GENERAL = {
    "no such language": ('languages = ["it", "es"]', 'expected languages of it, en, de, fr, got "es"'),
    "a language twice": ('languages = ["it", "it"]', "expected each language once"),
    "another folder": ('logo = "../logo.png"', "expected logo as a .png or .jpg of this folder"),
    "another kind": ('logo = "logo.gif"', "expected logo as a .png or .jpg of this folder"),
}


@pytest.mark.parametrize(("keys", "said"), GENERAL.values(), ids=GENERAL)
def test_languages_and_logo_that_are_none(folder: Path, keys: str, said: str) -> None:
    with_general(folder, keys)
    assert said in str(run(folder, "print", "starts").exception)


def sheet_of(count: int) -> Sheet:
    """Return a ranking of so many crews, for two signatures, with a note and a code."""
    columns = (Column("No.", "right"), Column("Crew", width="1fr"))
    rows = tuple((str(number), f"crew-{number}") for number in range(1, count + 1))
    return Sheet(
        "en", "Event", "Ranking", "Classic", "", columns, rows, ("page ", " of ", ""), ("A note.",),
        ("Clerk", "Stewards"), "https://example.org/classic-leg-L1.html#v1",
    )  # fmt: skip


@pytest.mark.parametrize("count", range(44, 61))
def test_signatures_never_stand_alone_on_a_page(tmp_path: Path, count: int) -> None:
    """About 50 rows fill a page: at one of these counts the signatures would be all of the second one."""
    (tmp_path / "ranking.pdf").write_bytes(pdf([sheet_of(count)]))
    *before, last = text_of(tmp_path / "ranking.pdf")
    assert "Clerk" in last
    assert [number for number in range(1, count + 1) if f"crew-{number} " in last][-3:] == [count - 2, count - 1, count]
    assert sum(len(re.findall(r"crew-\d", page)) for page in (*before, last)) == count
