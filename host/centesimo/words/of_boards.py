"""Findings about boards, their records and officials' decisions, in Italian, German and French, by English template.

A board is "centralina", "Gerät", "boîtier"; an edge "impulso", "Impuls", "impulsion"; a record "dato", "Datensatz",
"donnée".
"""

from collections.abc import Mapping

from centesimo.model import about_boards, about_decisions
from centesimo.words.english import FINDINGS

Texts = tuple[str, str, str]

_BY_FINDING: Mapping[type, Texts] = {
    about_boards.NeverTimed: (
        "La centralina {board} non ha mai avuto l'ora dopo l'accensione {boot}: {edges} impulsi sono senza ora.",
        "Gerät {board} kannte nach dem Start {boot} nie die Zeit: {edges} Impulse haben keine Zeit.",
        "Le boîtier {board} n'a jamais eu l'heure après son démarrage {boot} : {edges} impulsions n'ont pas d'heure.",
    ),
    about_boards.SecondsDisagree: (
        "Centralina {board}, accensione {boot}: {disagreeing} di {anchors} secondi GPS non concordano con gli altri, o "
        "non sono confermati e distano mezza giornata; non sono usati.",
        "Gerät {board}, Start {boot}: {disagreeing} von {anchors} GPS-Sekunden stimmen nicht mit den anderen überein, "
        "oder sind nicht bestätigt und einen halben Tag entfernt; sie werden nicht benutzt.",
        "Boîtier {board}, démarrage {boot} : {disagreeing} de {anchors} secondes GPS ne concordent pas avec les "
        "autres, "
        "ou ne sont pas confirmées et s'en écartent d'une demi-journée ; elles ne sont pas utilisées.",
    ),
    about_boards.SecondUnconfirmed: (
        "Centralina {board}, accensione {boot}: il secondo intero non è stato confermato, o non sempre; dei suoi "
        "{edges} "
        "impulsi quelli senza conferma possono sbagliare di secondi interi.",
        "Gerät {board}, Start {boot}: die volle Sekunde wurde nicht bestätigt, oder nicht immer; von den {edges} "
        "Impulsen können unbestätigte um ganze Sekunden falsch sein.",
        "Boîtier {board}, démarrage {boot} : la seconde entière n'a pas été confirmée, ou pas toujours ; de ses "
        "{edges} "
        "impulsions, celles sans confirmation peuvent être fausses de secondes entières.",
    ),
    about_boards.CounterBeyond: (
        "Centralina {board}, accensione {boot}: il contatore di {records} non è di alcun anno possibile: nessuna ora.",
        "Gerät {board}, Start {boot}: der Zähler von {records} gehört zu keinem möglichen Jahr: keine Zeit.",
        "Boîtier {board}, démarrage {boot} : le compteur de {records} n'est d'aucune année possible : pas d'heure.",
    ),
    about_boards.SecondInDoubt: (
        "Centralina {board}, accensione {boot}: dalle {utc} UTC il secondo intero è in dubbio: {doubt}{differs}; ciò "
        "che "
        "precede resta com'era.",
        "Gerät {board}, Start {boot}: ab {utc} UTC ist die volle Sekunde zweifelhaft: {doubt}{differs}; was davor kam, "
        "bleibt, wie es war.",
        "Boîtier {board}, démarrage {boot} : à partir de {utc} UTC la seconde entière est en doute : {doubt}{differs} "
        "; "
        "ce qui précède reste tel quel.",
    ),
    about_boards.HostDiffers: (
        "Centralina {board}, accensione {boot}: alle {utc} UTC, note a {bound_ms} ms, {who} ha detto che il suo "
        "secondo "
        "{what}.",
        "Gerät {board}, Start {boot}: um {utc} UTC, auf {bound_ms} ms bekannt, sagte {who}, dass die Sekunde {what}.",
        "Boîtier {board}, démarrage {boot} : à {utc} UTC, connu à {bound_ms} ms, {who} a dit que sa seconde {what}.",
    ),
    about_boards.LeapSecond: (
        "Centralina {board}, accensione {boot}: prima delle {utc} UTC fu inserito un secondo intercalare; ciò che "
        "cominciò prima e finì dopo durò un secondo più di quanto dicano le ore.",
        "Gerät {board}, Start {boot}: vor {utc} UTC wurde eine Schaltsekunde eingefügt; was davor begann und danach "
        "endete, dauerte eine Sekunde länger, als die Zeiten sagen.",
        "Boîtier {board}, démarrage {boot} : une seconde intercalaire fut insérée avant {utc} UTC ; ce qui commença "
        "avant et finit après dura une seconde de plus que ne le disent les heures.",
    ),
    about_boards.RecordsMissing: (
        "I dati da {first} a {last} della centralina {board} mancano: scaricarla di nuovo.",
        "Die Datensätze {first} bis {last} des Geräts {board} fehlen: noch einmal auslesen.",
        "Les données {first} à {last} du boîtier {board} manquent : le relire.",
    ),
    about_boards.UnknownRecords: (
        "La centralina {board} ha scritto dati di tipo {names} che questa versione non conosce: serve un centesimo più "
        "nuovo.",
        "Gerät {board} schrieb Datensätze der Art {names}, die diese Fassung nicht kennt: ein neueres centesimo ist "
        "nötig.",
        "Le boîtier {board} a écrit des données de type {names} que cette version ne connaît pas : il faut un "
        "centesimo "
        "plus récent.",
    ),
    about_boards.BoardLost: (
        "Centralina {board}: {loss} (dato {record}, accensione {boot}).",
        "Gerät {board}: {loss} (Datensatz {record}, Start {boot}).",
        "Boîtier {board} : {loss} (donnée {record}, démarrage {boot}).",
    ),
    about_boards.InputRang: (
        "Centralina {board}, accensione {boot}: l'ingresso {input} oscillava; {edges} impulsi contati e non tenuti "
        "({records}), una vettura tra essi non si vede.",
        "Gerät {board}, Start {boot}: Eingang {input} prellte; {edges} Impulse gezählt und nicht behalten ({records}), "
        "ein Fahrzeug darunter ist nicht zu sehen.",
        "Boîtier {board}, démarrage {boot} : l'entrée {input} rebondissait ; {edges} impulsions comptées et non "
        "gardées "
        "({records}), une voiture parmi elles ne se voit pas.",
    ),
    about_boards.FirmwareFault: (
        "Centralina {board}, accensione {boot}: il firmware ha preso {name} in {module}, riga {line}, e ha proseguito "
        "(dato {record}): avvisare chi l'ha fatto.",
        "Gerät {board}, Start {boot}: die Firmware fing {name} in {module}, Zeile {line}, und lief weiter (Datensatz "
        "{record}): dem Hersteller melden.",
        "Boîtier {board}, démarrage {boot} : le micrologiciel a intercepté {name} dans {module}, ligne {line}, et a "
        "continué (donnée {record}) : le dire à qui l'a fait.",
    ),
    about_boards.EdgesLost: (
        "Centralina {board}, accensione {boot}: {edges} impulsi dell'ingresso {input} contati prima del dato {record} "
        "non ci sono.",
        "Gerät {board}, Start {boot}: {edges} Impulse des Eingangs {input}, vor Datensatz {record} gezählt, fehlen.",
        "Boîtier {board}, démarrage {boot} : {edges} impulsions de l'entrée {input}, comptées avant la donnée "
        "{record}, "
        "manquent.",
    ),
    about_boards.MarkedDoubtful: (
        "Centralina {board}, accensione {boot}: un ufficiale ha segnato dubbio il passaggio sull'ingresso {input} "
        "({marked}), nel dato {record}.",
        "Gerät {board}, Start {boot}: ein Sportwart hat die Durchfahrt an Eingang {input} ({marked}) als zweifelhaft "
        "markiert, in Datensatz {record}.",
        "Boîtier {board}, démarrage {boot} : un commissaire a marqué comme douteux le passage sur l'entrée {input} "
        "({marked}), dans la donnée {record}.",
    ),
    about_boards.MadeOnRequest: (
        "Centralina {board}, accensione {boot}: {edges} impulsi simulati, non di una ruota.",
        "Gerät {board}, Start {boot}: {edges} Impulse wurden simuliert, nicht von einem Rad.",
        "Boîtier {board}, démarrage {boot} : {edges} impulsions simulées, pas d'une roue.",
    ),
    about_boards.SeveralVersions: (
        "{otherwise}: {which} della centralina {board} è arrivato in più versioni; {told}.",
        "{otherwise}: {which} des Geräts {board} kam in mehreren Fassungen; {told}.",
        "{otherwise} : {which} du boîtier {board} est arrivé en plusieurs versions ; {told}.",
    ),
    about_boards.SeveralBoards: (
        "{numbers} numeri della centralina {board}, dal dato {first} in poi, vengono da una centralina con altri dati "
        "di "
        "prima: più centraline hanno questo id, o la memoria è ricominciata. Ciò che ognuna ha scritto è conservato e "
        "non distinto: dare a una un id suo (centesimo settings) e decidere quali dati contano.",
        "{numbers} Nummern des Geräts {board}, ab Datensatz {first}, kamen von einem Gerät mit anderen Datensätzen als "
        "zuvor: mehrere Geräte haben diese Kennung, oder der Speicher begann neu. Alles ist aufbewahrt und nicht "
        "unterschieden: einem eine eigene Kennung geben (centesimo settings) und entscheiden, welche Datensätze "
        "zählen.",
        "{numbers} numéros du boîtier {board}, à partir de la donnée {first}, viennent d'un boîtier avec d'autres "
        "données qu'avant : plusieurs boîtiers ont cet identifiant, ou la mémoire a recommencé. Tout est conservé sans "
        "être distingué : donner à l'un son identifiant (centesimo settings) et décider quelles données comptent.",
    ),
    about_boards.InputUnused: (
        "{edges} impulsi dell'ingresso {input} della centralina {board} non sono di alcuna postazione.",
        "{edges} Impulse des Eingangs {input} des Geräts {board} gehören zu keiner Messstelle.",
        "{edges} impulsions de l'entrée {input} du boîtier {board} ne sont d'aucun poste.",
    ),
    about_decisions.DecisionUnused: (
        "La decisione {id} ({text}) non è usata: {why}.",
        "Entscheidung {id} ({text}) wird nicht angewendet: {why}.",
        "La décision {id} ({text}) n'est pas appliquée : {why}.",
    ),
    about_decisions.RowSetAside: (
        "La decisione {row} è messa da parte: {why}.",
        "Entscheidung {row} ist beiseitegelegt: {why}.",
        "La décision {row} est mise de côté : {why}.",
    ),
    about_decisions.Proposed: (
        "La decisione {id} ({text}) di {who} è una proposta, {signed}, e non cambia nulla.",
        "Entscheidung {id} ({text}) von {who} ist ein Vorschlag, {signed}, und ändert nichts.",
        "La décision {id} ({text}) de {who} est une proposition, {signed}, et ne change rien.",
    ),
    about_decisions.TimeHidden: (
        "La media dell'equipaggio {start_number} a {control} (decisione {decision}) copre un tempo rilevato, che "
        "darebbe "
        "{cost}.",
        "Der Mittelwert von Team {start_number} bei {control} (Entscheidung {decision}) verdeckt eine genommene Zeit, "
        "die "
        "{cost} ergäbe.",
        "La moyenne de l'équipage {start_number} à {control} (décision {decision}) cache un temps pris, qui donnerait "
        "{cost}.",
    ),
    about_decisions.PointsUnused: (
        "I punti della decisione {decision} (reinstate) non sono usati: il regolamento non esclude l'equipaggio "
        "{start_number} da {place} in poi",
        "Die Punkte der Entscheidung {decision} (reinstate) werden nicht benutzt: das Reglement schließt Team "
        "{start_number} ab {place} nicht aus",
        "Les points de la décision {decision} (reinstate) ne sont pas utilisés : le règlement n'exclut pas l'équipage "
        "{start_number} à partir de {place}",
    ),
    about_decisions.NoSuchScore: (
        "{kind} di {place} per {crew} non è usato: non c'è tale risultato",
        "{kind} von {place} für {crew} wird nicht angewendet: kein solches Ergebnis",
        "{kind} de {place} pour {crew} n'est pas appliqué : pas de tel résultat",
    ),
    about_decisions.PeriodEmpty: (
        "La decisione {id} ({text}) non cambia nulla: {why}.",
        "Entscheidung {id} ({text}) ändert nichts: {why}.",
        "La décision {id} ({text}) ne change rien : {why}.",
    ),
    about_decisions.RetiredAndSeen: (
        "L'equipaggio {start_number} è ritirato{from_here} per la decisione {id}, ma {against}.",
        "Team {start_number} ist{from_here} nach Entscheidung {id} ausgefallen, aber {against}.",
        "L'équipage {start_number} a abandonné{from_here} selon la décision {id}, mais {against}.",
    ),
}

TABLE: Mapping[str, Texts] = {
    **{FINDINGS[about]: texts for about, texts in _BY_FINDING.items()},
    "record {record}": ("dato {record}", "Datensatz {record}", "donnée {record}"),
    "records {record} to {last}": (
        "dati da {record} a {last}",
        "Datensätze {record} bis {last}",
        "données {record} à {last}",
    ),
    "records {record}": ("dati {record}", "Datensätze {record}", "données {record}"),
    "reason {reason}": ("motivo {reason}", "Grund {reason}", "motif {reason}"),
    ", what was heard is {shift_s:+} s from its count": (
        ", ciò che ha ricevuto dista {shift_s:+} s dal suo conto",
        ", das Empfangene liegt {shift_s:+} s neben der eigenen Zählung",
        ", ce qu'il a reçu est à {shift_s:+} s de son compte",
    ),
    "the receiver's second has jumped": (
        "il secondo del ricevitore è saltato",
        "die Sekunde des Empfängers ist gesprungen",
        "la seconde du récepteur a sauté",
    ),
    "a second was inserted": (
        "è stato inserito un secondo",
        "eine Sekunde wurde eingefügt",
        "une seconde a été insérée",
    ),
    "a month began unheard": (
        "è cominciato un mese senza ricezione",
        "ein Monat begann ohne Empfang",
        "un mois a commencé sans réception",
    ),
    "the pulse has moved": ("l'impulso si è spostato", "der Puls hat sich verschoben", "l'impulsion s'est déplacée"),
    "a host says otherwise": (
        "un computer dice altro",
        "ein Rechner sagt etwas anderes",
        "un ordinateur dit autrement",
    ),
    "the GPS pulse": ("impulso GPS", "GPS-Puls", "impulsion GPS"),
    "the receiver": ("ricevitore", "Empfänger", "récepteur"),
    "the journal": ("memoria", "Speicher", "mémoire"),
    "the link": ("collegamento", "Verbindung", "liaison"),
    "the settings": ("impostazioni", "Einstellungen", "réglages"),
    "a source": ("una fonte", "eine Quelle", "une source"),
    "edges of input {input}": (
        "impulsi dell'ingresso {input}",
        "Impulse des Eingangs {input}",
        "impulsions de l'entrée {input}",
    ),
    "events of {source}": ("eventi ({source})", "Ereignisse ({source})", "événements ({source})"),
    "reports that it lost {lost} {what}": ("ha perso {lost} {what}", "verlor {lost} {what}", "a perdu {lost} {what}"),
    "found its settings damaged, and set them to those of a new board": (
        "impostazioni danneggiate, rimesse come da nuova",
        "Einstellungen beschädigt, auf die eines neuen Geräts gesetzt",
        "réglages endommagés, remis à ceux d'un boîtier neuf",
    ),
    "found {lost} sectors of a journal in another format, which it does not read": (
        "{lost} settori di memoria in un altro formato, che non legge",
        "{lost} Sektoren des Speichers in anderem Format, die es nicht liest",
        "{lost} secteurs de mémoire dans un autre format, qu'il ne lit pas",
    ),
    "did not write {lost} records while its supply was too low": (
        "{lost} dati non scritti per alimentazione troppo bassa",
        "{lost} Datensätze nicht geschrieben, weil die Spannung zu niedrig war",
        "{lost} données non écrites, l'alimentation étant trop basse",
    ),
    "error {error}": ("errore {error}", "Fehler {error}", "erreur {error}"),
    "At {where} passages may be otherwise ({passages})": (
        "A {where} i passaggi possono essere diversi ({passages})",
        "Bei {where} können Durchfahrten anders sein ({passages})",
        "À {where} les passages peuvent être autres ({passages})",
    ),
    "No passage hangs on it": (
        "Nessun passaggio ne dipende",
        "Keine Durchfahrt hängt daran",
        "Aucun passage n'en dépend",
    ),
    "nothing tells which is right, and what hangs on it is open until an official chooses": (
        "nulla dice quale sia giusta, e ciò che ne dipende resta in sospeso finché un ufficiale sceglie",
        "nichts sagt, welche richtig ist, und was daran hängt, bleibt offen, bis ein Offizieller wählt",
        "rien ne dit laquelle est juste, et ce qui en dépend reste en suspens jusqu'au choix d'un officiel",
    ),
    "used is the one whose bytes are in the raw archive": (
        "vale quella i cui byte sono nell'archivio grezzo",
        "benutzt wird die, deren Bytes im Rohdatenarchiv sind",
        "celle dont les octets sont dans l'archive brute est utilisée",
    ),
    "used is the one that is proven by the board's secret": (
        "vale quella provata dal segreto della centralina",
        "benutzt wird die, die das Geheimnis des Geräts beweist",
        "celle que prouve le secret du boîtier est utilisée",
    ),
    "edge {number}, which is not here": (
        "impulso {number}, che qui manca",
        "Impuls {number}, der hier fehlt",
        "impulsion {number}, absente ici",
    ),
    "record {sequence} of board {board} came in several versions: {first} is used, not {rest}; {ground}": (
        "il dato {sequence} della centralina {board} è arrivato in più versioni: si usa {first}, non {rest}; {ground}",
        "Datensatz {sequence} des Geräts {board} kam in mehreren Fassungen: benutzt wird {first}, nicht {rest}; "
        "{ground}",
        "la donnée {sequence} du boîtier {board} est arrivée en plusieurs versions : {first} est utilisée, pas {rest} "
        "; "
        "{ground}",
    ),
    "who knows the time": ("chi conosce l'ora", "wer die Zeit kennt", "qui connaît l'heure"),
    "a computer": ("un computer", "ein Rechner", "un ordinateur"),
    "a confirmed board beside it": (
        "una centralina confermata accanto",
        "ein bestätigtes Gerät daneben",
        "un boîtier confirmé à côté",
    ),
    "a board of another maker beside it": (
        "un apparecchio di altra marca accanto",
        "ein Gerät eines anderen Herstellers daneben",
        "un appareil d'une autre marque à côté",
    ),
    "is another one": ("è un altro", "eine andere ist", "est une autre"),
    "is off by a part of one": (
        "è fuori di una frazione",
        "um einen Bruchteil danebenliegt",
        "est décalée d'une fraction",
    ),
    "signed by {keys}": ("firmata da {keys}", "unterzeichnet von {keys}", "signée par {keys}"),
    "signed by nobody": ("non firmata", "nicht unterzeichnet", "non signée"),
    "the event": ("la manifestazione", "der Veranstaltung", "la manifestation"),
    "any crew": ("qualsiasi equipaggio", "irgendein Team", "tout équipage"),
    "start number {start_number}": ("numero {start_number}", "Startnummer {start_number}", "numéro {start_number}"),
    "board {board} has no passage with a time yet": (
        "la centralina {board} non ha ancora passaggi con l'ora",
        "Gerät {board} hat noch keine Durchfahrt mit Zeit",
        "le boîtier {board} n'a pas encore de passage avec une heure",
    ),
    "board {board} has no passage then, only from {begin} to {end}": (
        "la centralina {board} non ha passaggi allora, solo da {begin} a {end}",
        "Gerät {board} hat dann keine Durchfahrt, nur von {begin} bis {end}",
        "le boîtier {board} n'a pas de passage alors, seulement de {begin} à {end}",
    ),
    "was seen at {where}": ("è stato visto a {where}", "wurde bei {where} gesehen", "a été vu à {where}"),
    "may be what passed {where}": (
        "può essere chi è passato a {where}",
        "kann bei {where} durchgefahren sein",
        "peut être passé à {where}",
    ),
    "stands on {where}": ("è scritto in {where}", "steht auf {where}", "figure sur {where}"),
    "was keyed at {where}": ("è stato digitato a {where}", "wurde bei {where} eingegeben", "a été saisi à {where}"),
    "{timing_point} {clock} by {person}": (
        "{timing_point} {clock} da {person}",
        "{timing_point} {clock} von {person}",
        "{timing_point} {clock} par {person}",
    ),
    ", and ": (", e ", ", und ", ", et "),
}
