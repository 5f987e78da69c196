"""Posted pages in the languages of the event: files, words, numbers, and the sentences that the store keeps."""

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from centesimo.compute import compute
from centesimo.picture import pictures
from tests.decisions import EVENT, facts
from tests.events import changed, write
from tests.sheet_day import MISSING, load_rows, make
from tests.test_publish import Office

EVENT_HEAD = "[event]\n"


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("day"))


def office_of(day: Path, tmp_path: Path, languages: str) -> Office:
    """Return an office whose event has these languages."""
    office = Office(shutil.copytree(day, tmp_path / "event"))
    write(office.folder, changed("event.toml", EVENT_HEAD, f"{EVENT_HEAD}languages = [{languages}]\n"))
    return office


def text_of(page: str) -> str:
    """Return what a reader sees of a page, spaces as one."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub("<[^>]+>", " ", body)).split())


def page_of(office: Office, file: str) -> str:
    return text_of((office.results / file).read_text(encoding="utf-8"))


def test_the_first_language_has_the_plain_names(day, tmp_path: Path) -> None:
    office = office_of(day, tmp_path, '"it", "de"')
    office.publish()
    assert {file for file in office.files() if file.endswith(".html")} == {
        "index.html", "index.de.html",
        "classic-leg-L1.html", "classic-leg-L1.de.html",
        "modern-leg-L1.html", "modern-leg-L1.de.html",
    }  # fmt: skip
    page = (office.results / "classic-leg-L1.html").read_text(encoding="utf-8")
    assert '<html lang="it">' in page
    assert '<a href="classic-leg-L1.de.html" lang="de" hreflang="de">Deutsch</a>' in page
    other = (office.results / "classic-leg-L1.de.html").read_text(encoding="utf-8")
    assert '<a href="index.de.html">' in other
    assert '<a href="classic-leg-L1.html" lang="it" hreflang="it">Italiano</a>' in other


# What stands on the page of race classic: worked out from tests/sheet_day.py. Crew 1 was 2/100 s late at PC1.
WORDS = {
    "it": ("Classifica provvisoria, versione 1", "N. Equipaggio Vettura", "4,02", "2 in sospeso", "A1 rilevato da hand",
           "Penalità, vince il totale più basso.", "Questioni aperte", "nessun passaggio a", "23 maggio 2027, 18:05"),
    "en": ("Provisional ranking, version 1", "No. Crew Car", "4.02", "2 open", "A1 timed by hand",
           "Penalties, the lowest total wins.", "Open questions", "no passage at", "23 May 2027, 18:05"),
    "de": ("Wertung vorläufig, Fassung 1", "Nr. Team Fahrzeug", "4,02", "2 offen", "A1 gemessen von hand",
           "Strafpunkte, die niedrigste Summe gewinnt.", "Offene Fragen", "keine Durchfahrt bei",
           "23. Mai 2027, 18:05"),
    "fr": ("Classement provisoire, version 1", "N° Équipage Voiture", "4,02", "2 en suspens", "A1 chronométré par hand",
           "Pénalités, le plus bas total gagne.", "Questions ouvertes", "pas de passage à", "23 mai 2027, 18:05"),
}  # fmt: skip


@pytest.mark.parametrize("language", WORDS)
def test_a_page_is_whole_in_each_language(day, tmp_path: Path, language: str) -> None:
    office = office_of(day, tmp_path, f'"{language}"')
    office.publish()
    page = page_of(office, "classic-leg-L1.html")
    assert [text for text in WORDS[language] if text not in page] == []
    foreign = {other: [text for text in WORDS[other] if text in page] for other in WORDS if other != language}
    own = {*WORDS[language]}
    assert all(not {*texts} - own for texts in foreign.values()), foreign


def test_what_changed_is_said_in_each_language(day, tmp_path: Path) -> None:
    office = office_of(day, tmp_path, '"en", "it"')
    office.publish()
    load_rows(office.folder, MISSING)
    office.publish()
    assert "Changed since version 1" in page_of(office, "classic-leg-L1.html")
    page = page_of(office, "classic-leg-L1.it.html")
    assert "Cambiato dalla versione 1" in page
    assert "Definito: L'equipaggio 3 non è stato visto a" in page
    assert "PC1: in sosp. \u2192 0 (tempo esatto); PC2: in sosp. \u2192 275 (275/100 s di ritardo × 1 = 275)" in page
    assert [text for text in ("Settled", "was not seen") if text in page] == []


def test_a_language_that_comes_later_needs_no_new_version(day, tmp_path: Path) -> None:
    office = office_of(day, tmp_path, '"en"')
    office.publish()
    write(office.folder, changed("event.toml", EVENT_HEAD, f'{EVENT_HEAD}languages = ["en", "fr"]\n'))
    office.publish()
    assert office.stored() == [("classic", 1, "provisional"), ("modern", 1, "provisional")]
    assert "pas de passage à" in page_of(office, "classic-leg-L1.fr.html")


# Crew 1 of tests/decisions.py: 5/100 s late at PC1, in its due minute at CO1.
DRAWN = {
    "en": ("exact to the hundredth", "How late crew 1 was at each timed trial",
           "in the due minute", "5/100 s late x 1"),
    "de": ("auf die Hundertstel genau", "Wie spät Team 1 bei jeder Sollzeitprüfung war",
           "in der Sollminute", "5/100 s zu spät × 1"),
}  # fmt: skip


@pytest.mark.parametrize("language", DRAWN)
def test_the_picture_of_a_crew_is_in_the_first_language(language: str) -> None:
    event = replace(EVENT, languages=(language, "it"))
    page = dict(pictures(event, compute(facts()), {"crew-1.html"}))["crew-1.html"]
    assert f'<html lang="{language}">' in page
    others = [text for texts in DRAWN.values() if texts != DRAWN[language] for text in texts]
    assert [text for text in DRAWN[language] if text not in page] == []
    assert [text for text in others if text in page] == []
