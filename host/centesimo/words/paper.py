"""The words of printed paper in Italian, English, German and French; every language has every word (tests)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from centesimo.model.event import LANGUAGES
from centesimo.reading.localtime import NS_PER_S

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
    "leg number": ("Tappa {number}", "Leg {number}", "Etappe {number}", "Étape {number}"),
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
    "why": ("Calcolo", "How it follows", "Berechnung", "Calcul"),
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
    "card": ("Tabella di marcia", "Time card", "Bordkarte", "Carnet de bord"),
    "place": ("Luogo", "Place", "Ort", "Lieu"),
    "due at": ("Ora imposta", "Due at", "Sollzeit", "Heure idéale"),
    "ideal": ("Tempo imposto", "Set time", "Sollfahrzeit", "Temps imposé"),
    "marshal": ("Ufficiale di gara", "Marshal", "Sportwart", "Commissaire"),
    "notice": ("Avviso ai concorrenti", "Notice to crews", "Mitteilung an die Teilnehmer", "Avis aux concurrents"),
    "only new": (
        "Solo gli equipaggi con variazioni dalla versione {version}",
        "Only the crews that changed since version {version}",
        "Nur die Teams, die sich seit Fassung {version} geändert haben",
        "Seulement les équipages modifiés depuis la version {version}",
    ),
    "outdated": (
        "Questa stampa è della versione {printed}, superata: vale la versione {newest}, esposta il {posted}.",
        "This print is of version {printed}, which is outdated: version {newest}, posted on {posted}, is in force.",
        "Dieser Ausdruck zeigt Fassung {printed} und ist überholt: Es gilt Fassung {newest}, ausgehängt am {posted}.",
        "Cet imprimé est de la version {printed}, périmée : la version {newest}, affichée le {posted}, fait foi.",
    ),
    "in force": (
        "Questa stampa è della versione {printed}, l'ultima esposta.",
        "This print is of version {printed}, the newest one posted.",
        "Dieser Ausdruck zeigt Fassung {printed}, die neueste.",
        "Cet imprimé est de la version {printed}, la dernière affichée.",
    ),
    "dns": ("non partito", "did not start", "nicht gestartet", "non parti"),
}  # fmt: skip


def words_in(language: str) -> dict[str, str]:
    """Return the words of a language, one of LANGUAGES."""
    place = LANGUAGES.index(language)
    return {word: texts[place] for word, texts in TABLE.items()}


def posted_on(at_ns: int, timezone: str, language: str) -> str:
    """Return an instant in a time zone as a language writes it: "10 April 2027, 18:05"."""
    at = datetime.fromtimestamp(at_ns // NS_PER_S, ZoneInfo(timezone))
    return f"{day_in(language, at.date())}, {at:%H:%M}"


def outdated_in(language: str, printed: int, newest: int, posted_at_ns: int, timezone: str) -> str:
    """Return whether a print of version `printed` still holds, where `newest` is the last that was posted."""
    word = words_in(language)["in force" if printed == newest else "outdated"]
    return word.format(printed=printed, newest=newest, posted=posted_on(posted_at_ns, timezone, language))


def day_in(language: str, day: date) -> str:
    """Return a date as a language writes it: "10 aprile 2027", "10. April 2027"."""
    month = MONTHS[language].split()[day.month - 1]
    return f"{day.day}{'.' * (language == 'de')} {month} {day.year}"


def instant_in(language: str, at: datetime, is_dated: bool) -> str:
    """Return a local time to the hundredth as a language writes it, with day and month where that matters."""
    clock = number_in(language, f"{at:%H:%M:%S}.{at.microsecond // 10_000:02}")
    return f"{day_in(language, at.date()).removesuffix(f' {at.year}')} {clock}" if is_dated else clock


def number_in(language: str, number: Decimal | str) -> str:
    """Return a number with the language's decimal sign and a true minus sign; "" stays ""."""
    written = str(number).replace("-", "\N{MINUS SIGN}")
    return written if language == "en" else written.replace(".", ",")
