"""What the columns of people's sheets are called, in Italian, English, German and French, and which of ours that is."""

import unicodedata
from collections.abc import Mapping

# By our column: the headings that mean it, without accents, capitals and signs.
TABLE = """\
start_number: n, no, nr, num, numero, numero gara, numero di gara, n gara, n di gara, nr gara, num gara,
    pettorale, pett, start no, start nr, car no, car number, number, competition number, bib, startnummer,
    startnr, nummer, wagen nr, wagennummer, dossard, numero de course, numero course, n course, numero de
    depart, n de depart
driver: pilota, conduttore, 1 conduttore, primo conduttore, guidatore, driver, 1st driver, first driver, fahrer,
    pilote, conducteur
co_driver: navigatore, copilota, co pilota, 2 conduttore, secondo conduttore, co driver, codriver, navigator,
    2nd driver, beifahrer, co fahrer, copilote, co pilote, navigateur, coequipier
surname: cognome, surname, last name, nachname, nom, nom de famille
first_name: nome, first name, vorname, prenom
crew: equipaggio, crew, concorrente, concorrenti, entrant, besatzung, teilnehmer, equipage, concurrent
car: vettura, auto, automobile, car, vehicle, fahrzeug, wagen, voiture, vehicule
make: marca, make, brand, costruttore, marke, hersteller, marque, constructeur
model: modello, model, modell, modele
year: anno, anno vettura, anno di costruzione, anno costruzione, anno immatricolazione, year, car year, year of
    car, model year, baujahr, bj, jahrgang, annee, annee de construction, annee voiture
team: scuderia, squadra, team, club, mannschaft, verein, ecurie, equipe
coefficient: coefficiente, coeff, coef, coefficient, koeffizient
class: classe, class, klasse
category: categoria, cat, category, kategorie, categorie, raggruppamento, gruppo, group, gruppe, groupe
nation: nazione, nazionalita, naz, nation, nationality, country, paese, land, nationalitat, pays, nationalite
race: gara, manifestazione, race, rennen, wertung, epreuve
place: ordine, ordine di partenza, ordine partenza, start order, startreihenfolge, startplatz, ordre, ordre de
    depart
start: partenza, ora partenza, ora di partenza, orario partenza, start time, startzeit, heure de depart, depart,
    prima partenza, first start, erster start, premier depart
date: data, giorno, date, day, datum, tag, jour
interval_s: intervallo, intervallo s, interval, interval s, abstand, abstand s, intervalle, intervalle s
ladies: dame, femminile, equipaggio femminile, ladies, damen, dames, feminin
under30: under 30, u30
cc: cilindrata, displacement, capacity, engine size, hubraum, ccm, cm3, cylindree
factor: fattore, faktor, facteur
opens: da, dal, from, opens, inizio, apre, von, start punkt, de
timing_point: postazione, punto, rilevamento, pressostato, timing point, point, messpunkt, messstelle, poste,
    point de chronometrage
time_of_day: ora, orario, ora passaggio, ora di passaggio, passaggio, transito, time, time of day, zeit,
    uhrzeit, durchfahrt, durchfahrtszeit, heure, heure de passage, passage
leg: tappa, leg, etappe, etape, giornata
source: fonte, apparecchio, cronometro, source, device, gerat, appareil, chronometre
person: persona, commissario, cronometrista, rilevatore, person, marshal, timekeeper, observer, zeitnehmer, beobachter,
    streckenposten, personne, commissaire, chronometreur, observateur
uncertainty_s: incertezza, incertezza s, uncertainty, unsicherheit, incertitude
kind: tipo, tipo prova, kind, type, art, typ
control: prova, controllo, control, test, prufung, kontrolle, wp, controle
place_name: luogo, localita, place, location, ort, lieu
ideal: tempo, tempo imposto, imposto, tempo ideale, ideal, ideal time, set time, target time, sollzeit,
    idealzeit, temps, temps impose, temps ideal
distance_km: km, distanza, distanza km, progressiva, distance, distance km, entfernung, kilometer, kilometres
speed_kmh: media, media imposta, km h, average, average speed, speed, schnitt, schnitt km h, moyenne, vitesse
after_min: minuti, minuti dalla partenza, after min, minutes, minuten, minutes du depart
board: scheda, centralina, board, karte, carte
input: ingresso, input, eingang, entree
"""
WORDS: Mapping[str, tuple[str, ...]] = {
    column: tuple(word.strip() for word in words.split(","))
    for column, _, words in (line.partition(":") for line in TABLE.replace("\n    ", " ").splitlines())
}
COLUMN_BY_WORD = {word: column for column, words in WORDS.items() for word in words}


def plain(heading: str) -> str:
    """Return a heading without accents, capitals and signs: "N° di Gara" is "n di gara"."""
    letters = unicodedata.normalize("NFKD", heading.replace("°", " ").replace("º", " ").replace("#", "n")).casefold()
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())


def find_column(heading: str, taught: Mapping[str, str]) -> str | None:
    """Return our column that a heading means, "" where people said that it is not used; None: not known.

    `taught` are headings, as `plain` has them, that the event's columns.csv knows.
    """
    word = plain(heading)
    if word in taught:
        return taught[word]
    if heading.strip() in WORDS:
        return heading.strip()
    return COLUMN_BY_WORD.get(word)
