"""The words of the live pages, a catalogue a language: a template by its key, the same keys in each.

A key that a race of points says otherwise has a second one that ends in `.points`: where points decide nothing is a
penalty. Numbers, names and ids come in as values and are the same in every language.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from centesimo.words.live_others import FRENCH, GERMAN

ENGLISH: Mapping[str, str] = {
    "language": "English",
    "live": "Live",
    "changed": "changed",
    "revision": "revision",
    "provisional": "Provisional",
    "official": "Official",
    "posted": "{status}, version {version}, posted {hour}",
    "not posted": "Computed from all facts so far. Nothing of it is posted yet; only what is posted counts.",
    "only posted": "Live is computed from all facts so far; only what is posted counts.",
    "no news": "No news since {hour}",
    "offline": "No connection. Shown is what was known at {hour}.",
    "races": "Races",
    "all races": "All races",
    "crews": "{count} crews",
    "leg runs": "{leg}",
    "overall": "Overall",
    "after": "After {control}",
    "after all": "All controls settled",
    "alone": "{control} alone",
    "all crews": "All crews",
    "rankings": "Rankings",
    "by control": "Control by control",
    "position": "Pos.",
    "moved": "Places won or lost by the last control",
    "number": "No.",
    "crew": "Crew",
    "car": "Car",
    "team": "Team",
    "nation": "Nation",
    "where": "Now",
    "total": "Total",
    "gap": "Gap",
    "search": "Search by number or name",
    "nobody found": "No crew with that number or name.",
    "followed": "Your crews",
    "follow": "Follow crew {number}",
    "just passed": "Just passed",
    "nobody passed": "Nobody has closed a control yet.",
    "coming": "Expected next",
    "nobody coming": "Nobody is expected.",
    "place among": "{place} of {among}",
    "no place": "no place",
    "up": "{count} up",
    "down": "{count} down",
    "not started": "starts {hour}",
    "not started.unknown": "not started",
    "on its way": "to {point} {hour}",
    "on its way.unknown": "on its way",
    "due": "due at {point} {hour}",
    "scored": "",
    "open": "open",
    "open.missing": "open: {points} missing",
    "excluded": "excluded",
    "retired": "retired",
    "did not start": "did not start",
    "state.not started": "Not started",
    "state.on its way": "On its way",
    "state.due": "Due",
    "state.scored": "All settled",
    "state.open": "Open",
    "state.excluded": "Excluded",
    "state.retired": "Retired",
    "state.did not start": "Did not start",
    "next": "Expected at {point} at {hour}",
    "cars": "{count} of {best} cars",
    "counting cars": "Cars that count",
    "control": "Control",
    "set": "Set",
    "taken": "Taken",
    "deviation": "Deviation",
    "penalty": "Penalty",
    "penalty.points": "Points",
    "early": "{amount} early",
    "late": "{amount} late",
    "exact": "exact",
    "cell.open": "open",
    "cell.coming": "to come",
    "cell.cancelled": "cancelled",
    "cell.missed": "missed",
    "cell.discarded": "discarded",
    "cell.excluded": "excluded",
    "cell.retired": "retired",
    "cell.dns": "did not start",
    "doubtful": "may still change",
    "by hand": "{point} timed by {source}",
    "net": "Net",
    "coefficient": "Coefficient",
    "how total": "{net} × {coefficient} = {total}",
    "how total.part": "{part} × {coefficient} + {rest} = {total}",
    "how total.legs": "{net} net, × {factors} = {total}",
    "factor in": "{factor} in {leg}",
    "fail": "fail",
    "fails": "fails: {count}",
    "places": "Places",
    "first of": "First of {name}",
    "place of": "{place} in {name}",
    "of overall": "{place} overall",
    "times": "Times",
    "speaker": "Speaker",
    "screen": "Screen",
    "leaders": "First ten",
    "records": "Best of the day",
    "exact today": "exact to the hundredth",
    "to the leader": "to the leader",
    "to one ahead": "to the one ahead",
    "page of": "{page} / {pages}",
    "not found": "There is no such page here.",
    "computing": "The event is being computed, since {hour}. This page comes by itself.",
    "leg": "Leg",
    "home": "All races",
    "highest wins": "The highest total wins.",
    "lowest wins": "The lowest total wins.",
    "skip": "To the ranking",
    "program": "Every time can be asked for: see the crew's page.",
    "timezone": "Times: {zone}.",
}

ITALIAN: Mapping[str, str] = {
    "language": "Italiano",
    "live": "In diretta",
    "changed": "aggiornato",
    "revision": "revisione",
    "provisional": "Provvisoria",
    "official": "Ufficiale",
    "posted": "{status}, versione {version}, esposta {hour}",
    "not posted": "Calcolata da tutti i dati fin qui. Nulla è ancora esposto; vale solo ciò che è esposto.",
    "only posted": "La diretta è calcolata da tutti i dati fin qui; vale solo ciò che è esposto.",
    "no news": "Nessuna novità dalle {hour}",
    "offline": "Nessun collegamento. Si vede lo stato delle {hour}.",
    "races": "Gare",
    "all races": "Tutte le gare",
    "crews": "{count} equipaggi",
    "leg runs": "{leg}",
    "overall": "Generale",
    "after": "Dopo {control}",
    "after all": "Tutti i controlli definiti",
    "alone": "Solo {control}",
    "all crews": "Tutti gli equipaggi",
    "rankings": "Classifiche",
    "by control": "Controllo per controllo",
    "position": "Pos.",
    "moved": "Posizioni guadagnate o perse all'ultimo controllo",
    "number": "N.",
    "crew": "Equipaggio",
    "car": "Vettura",
    "team": "Squadra",
    "nation": "Nazione",
    "where": "Adesso",
    "total": "Totale",
    "gap": "Distacco",
    "search": "Cerca per numero o nome",
    "nobody found": "Nessun equipaggio con quel numero o nome.",
    "followed": "I tuoi equipaggi",
    "follow": "Segui l'equipaggio {number}",
    "just passed": "Appena passati",
    "nobody passed": "Nessuno ha ancora chiuso un controllo.",
    "coming": "Attesi",
    "nobody coming": "Non si attende nessuno.",
    "place among": "{place} di {among}",
    "no place": "senza posizione",
    "up": "su di {count}",
    "down": "giù di {count}",
    "not started": "parte {hour}",
    "not started.unknown": "non partito",
    "on its way": "verso {point} {hour}",
    "on its way.unknown": "in viaggio",
    "due": "atteso a {point} {hour}",
    "scored": "",
    "open": "in sospeso",
    "open.missing": "in sospeso: manca {points}",
    "excluded": "escluso",
    "retired": "ritirato",
    "did not start": "non partito",
    "state.not started": "Non ancora partito",
    "state.on its way": "In viaggio",
    "state.due": "Atteso",
    "state.scored": "Tutto definito",
    "state.open": "In sospeso",
    "state.excluded": "Escluso",
    "state.retired": "Ritirato",
    "state.did not start": "Non partito",
    "next": "Atteso a {point} alle {hour}",
    "cars": "vetture: {count} su {best}",
    "counting cars": "Vetture che contano",
    "control": "Controllo",
    "set": "Imposto",
    "taken": "Effettivo",
    "deviation": "Scarto",
    "penalty": "Penalità",
    "penalty.points": "Punti",
    "early": "{amount} in anticipo",
    "late": "{amount} in ritardo",
    "exact": "esatto",
    "cell.open": "in sospeso",
    "cell.coming": "da fare",
    "cell.cancelled": "annullato",
    "cell.missed": "non effettuato",
    "cell.discarded": "scartato",
    "cell.excluded": "escluso",
    "cell.retired": "ritirato",
    "cell.dns": "non partito",
    "doubtful": "può ancora cambiare",
    "by hand": "{point} rilevato da {source}",
    "net": "Netto",
    "coefficient": "Coefficiente",
    "how total": "{net} × {coefficient} = {total}",
    "how total.part": "{part} × {coefficient} + {rest} = {total}",
    "how total.legs": "{net} netto, × {factors} = {total}",
    "factor in": "{factor} in {leg}",
    "fail": "fail",
    "fails": "fail: {count}",
    "places": "Posizioni",
    "first of": "Primo in {name}",
    "place of": "{place} in {name}",
    "of overall": "{place} assoluto",
    "times": "Tempi",
    "speaker": "Speaker",
    "screen": "Schermo",
    "leaders": "I primi dieci",
    "records": "I migliori del giorno",
    "exact today": "esatti al centesimo",
    "to the leader": "dal primo",
    "to one ahead": "da chi precede",
    "page of": "{page} / {pages}",
    "not found": "Qui non c'è questa pagina.",
    "computing": "La manifestazione è in calcolo, dalle {hour}. La pagina arriva da sola.",
    "leg": "Tappa",
    "home": "Tutte le gare",
    "highest wins": "Vince il totale più alto.",
    "lowest wins": "Vince il totale più basso.",
    "skip": "Alla classifica",
    "program": "Ogni tempo si può verificare: vedi la pagina dell'equipaggio.",
    "timezone": "Ore: {zone}.",
}

CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "it": ITALIAN, "de": GERMAN, "fr": FRENCH}
ORDINAL = {"it": "º", "de": ".", "fr": "e"}
ENGLISH_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = CATALOGUES[language]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key with its values in it; KeyError where no catalogue has the key."""
        return self._catalogue[key].format(**values)

    def ordinal(self, place: int) -> str:
        """Return a place as a person says it: "1st", "22nd", "26º", "1er"."""
        if self.language == "en":
            is_teen = place % 100 in (11, 12, 13)
            return f"{place}{'th' if is_teen else ENGLISH_ORDINALS.get(place % 10, 'th')}"
        return "1er" if self.language == "fr" and place == 1 else f"{place}{ORDINAL[self.language]}"

    def number(self, shown: str) -> str:
        """Return a number ("-3.50 s", "0:21.05") with the decimal sign of the language."""
        return shown if self.language == "en" else shown.replace(".", ",")


@cache
def words_of(language: str) -> Words:
    """Return the words of a language, the same object each time: what was made with it is known again."""
    return Words(language)


def find_language(accepted: str, languages: Sequence[str]) -> str:
    """Return the language that a browser likes best (its Accept-Language) of some, or their first."""
    wishes = []
    for order, wish in enumerate(accepted.split(",")):
        name, _, rest = wish.strip().partition(";")
        language = name.split("-")[0].lower()
        if language in languages:
            wishes.append((-_quality(rest), order, language))
    return min(wishes)[2] if wishes else languages[0]


def _quality(text: str) -> float:
    try:
        return float(text.partition("=")[2]) if text.strip() else 1.0
    except ValueError:
        return 0.0
