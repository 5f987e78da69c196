"""The words of printed paper in Italian, English, German and French; every language has every word (tests)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

LANGUAGES = ("it", "en", "de", "fr")
MONTHS: Mapping[str, str] = {
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
# By word: Italian, English, German, French.
TABLE: Mapping[str, tuple[str, str, str, str]] = {
    "ranking": ("Classifica", "Ranking", "Wertung", "Classement"),
    "overall": ("Classifica generale", "Overall ranking", "Gesamtwertung", "Classement général"),
    "starts": ("Ordine di partenza", "Start list", "Startliste", "Liste de départ"),
    "due": ("Tabella dei controlli orari", "Due times", "Sollzeiten der Zeitkontrollen", "Horaires des contrôles"),
    "entries": ("Elenco degli iscritti", "List of entries", "Nennliste", "Liste des engagés"),
    "register": (
        "Esito verifiche tempi",
        "Register of time checks",
        "Verzeichnis der Zeitprüfungen",
        "Vérification des temps",
    ),
    "crew sheet": ("Prospetto dell'equipaggio", "Sheet of a crew", "Blatt eines Teams", "Fiche d'un équipage"),
    "provisional": ("provvisoria", "provisional", "vorläufig", "provisoire"),
    "official": ("ufficiale", "official", "offiziell", "officiel"),
    "version": ("versione", "version", "Fassung", "version"),
    "posted": ("esposta il", "posted on", "ausgehängt am", "affiché le"),
    "up to": ("fino a", "up to", "bis", "jusqu'à"),
    "approved": ("approvata da", "approved by", "genehmigt von", "approuvé par"),
    "page": (
        "pagina {page} di {pages}",
        "page {page} of {pages}",
        "Seite {page} von {pages}",
        "page {page} sur {pages}",
    ),
    "position": ("Pos.", "Pos.", "Pl.", "Pl."),
    "overall place": ("Ass.", "Overall", "Ges.", "Gén."),
    "number": ("N.", "No.", "Nr.", "N°"),
    "crew": ("Equipaggio", "Crew", "Team", "Équipage"),
    "car": ("Vettura", "Car", "Fahrzeug", "Voiture"),
    "year": ("Anno", "Year", "Bj.", "Année"),
    "team": ("Scuderia", "Team", "Mannschaft", "Écurie"),
    "class": ("Classe", "Class", "Klasse", "Classe"),
    "category": ("Cat.", "Cat.", "Kat.", "Cat."),
    "net": ("Penalità", "Penalties", "Strafpunkte", "Pénalités"),
    "points": ("Punti", "Points", "Punkte", "Points"),
    "coefficient": ("Coeff.", "Coeff.", "Koeff.", "Coeff."),
    "total": ("Totale", "Total", "Gesamt", "Total"),
    "gap": ("Distacco", "Gap", "Abstand", "Écart"),
    "cars that count": ("Vetture che contano", "Cars that count", "Gewertete Fahrzeuge", "Voitures retenues"),
    "nation": ("Nazione", "Nation", "Nation", "Nation"),
    "start": ("Partenza", "Start", "Start", "Départ"),
    "race": ("Gara", "Race", "Wertung", "Épreuve"),
    "control": ("Controllo", "Control", "Kontrolle", "Contrôle"),
    "set": ("Imposto", "Set", "Soll", "Imposé"),
    "taken": ("Effettivo", "Taken", "Ist", "Réalisé"),
    "deviation": ("Scarto", "Deviation", "Abweichung", "Écart"),
    "penalty": ("Penalità", "Penalty", "Strafpunkte", "Pénalité"),
    "passages": (
        "Passaggi (ora locale, incertezza)",
        "Passages (local time, uncertainty)",
        "Durchfahrten (Ortszeit, Unsicherheit)",
        "Passages (heure locale, incertitude)",
    ),
    "early": ("anticipo", "early", "zu früh", "avance"),
    "late": ("ritardo", "late", "zu spät", "retard"),
    "exact": ("esatto", "exact", "genau", "exact"),
    "open": ("in sospeso", "open", "offen", "en suspens"),
    "cancelled": ("annullato", "cancelled", "annulliert", "annulé"),
    "missed": ("non effettuato", "missed", "ausgelassen", "manqué"),
    "discarded": ("scartato", "discarded", "gestrichen", "écarté"),
    "excluded": ("escluso", "excluded", "ausgeschlossen", "exclu"),
    "retired": ("ritirato", "retired", "ausgefallen", "abandon"),
    "did not start": ("non partito", "did not start", "nicht gestartet", "non parti"),
    "no times": ("senza tempi", "no times", "ohne Zeiten", "sans temps"),
    "fail": ("fail", "fail", "Fail", "fail"),
    "clerk": ("Il direttore di gara", "Clerk of the course", "Der Rennleiter", "Le directeur de course"),
    "timekeeper": (
        "Il capo servizio cronometraggio",
        "Chief timekeeper",
        "Der Leiter der Zeitnahme",
        "Le chef du chronométrage",
    ),
    "stewards": ("I commissari sportivi", "The stewards", "Die Sportkommissare", "Les commissaires sportifs"),
    "competitor": ("Il concorrente", "The competitor", "Der Teilnehmer", "Le concurrent"),
    "source": ("rilevato da", "timed by", "gemessen von", "chronométré par"),
    "not stated": ("non dichiarata", "not stated", "nicht angegeben", "non déclarée"),
    "revision": ("revisione", "revision", "Stand", "révision"),
    "dns": ("non partito", "did not start", "nicht gestartet", "non parti"),
}  # fmt: skip


def words_in(language: str) -> dict[str, str]:
    """Return the words of a language, one of LANGUAGES."""
    place = LANGUAGES.index(language)
    return {word: texts[place] for word, texts in TABLE.items()}


def day_in(language: str, day: date) -> str:
    """Return a date as a language writes it: "10 aprile 2027", "10. April 2027"."""
    month = MONTHS[language].split()[day.month - 1]
    return f"{day.day}{'.' * (language == 'de')} {month} {day.year}"


def number_in(language: str, number: Decimal | str) -> str:
    """Return a number with the language's decimal sign and a true minus sign; "" stays ""."""
    written = str(number).replace("-", "\N{MINUS SIGN}")
    return written if language == "en" else written.replace(".", ",")
