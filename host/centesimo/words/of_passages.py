"""Findings about passages, crews, and what people keyed and wrote, in the other languages, by English template."""

from collections.abc import Mapping

from centesimo.model import about_passages, about_people
from centesimo.words.english import FINDINGS

Texts = tuple[str, str, str]

_BY_FINDING: Mapping[type, Texts] = {
    about_passages.FitsNoCrew: (
        "{places}: non corrisponde a nessun equipaggio{flags}{unless}.",
        "{places}: passt zu keinem Team{flags}{unless}.",
        "{places} : ne correspond à aucun équipage{flags}{unless}.",
    ),
    about_passages.HoursAway: (
        "{timing_point}: {when}, a ore di distanza da quando sono attesi gli equipaggi: considerati di nessuno.",
        "{timing_point}: {when}, Stunden neben den Sollzeiten der Teams: gelten als von niemandem.",
        "{timing_point} : {when}, à des heures des heures idéales des équipages : considérés comme de personne.",
    ),
    about_passages.Whose: (
        "{places}: di chi è? Candidati: {candidates}.",
        "{places}: von wem ist das? In Frage kommen: {candidates}.",
        "{places} : de qui est-ce ? Candidats : {candidates}.",
    ),
    about_passages.NobodyWrote: (
        "{first}: gli equipaggi arrivano in ordine sparso e nessuno ha scritto chi. Un elenco a {first}, o i numeri "
        "digitati lì, definirebbe la maggior parte di {passages} passaggi a {points} postazioni.",
        "{first}: Teams kommen, wie sie kommen, und niemand schrieb auf, wer. Eine Liste bei {first}, oder dort "
        "eingegebene Nummern, klärte die meisten von {passages} Durchfahrten an {points} Messstellen.",
        "{first} : les équipages arrivent dans le désordre et personne n'a noté qui. Une liste à {first}, ou des "
        "numéros saisis là, réglerait la plupart de {passages} passages à {points} postes.",
    ),
    about_passages.NotSeen: (
        "L'equipaggio {start_number} non è stato visto {where}.",
        "Team {start_number} wurde {where} nicht gesehen.",
        "L'équipage {start_number} n'a pas été vu {where}.",
    ),
    about_passages.WithoutInstant: (
        "{timing_point}: {passages} passaggi non hanno un'ora e non sono di nessuno.",
        "{timing_point}: {passages} Durchfahrten haben keine Zeit und sind von niemandem.",
        "{timing_point} : {passages} passages n'ont pas d'heure et ne sont de personne.",
    ),
    about_passages.PointUnused: (
        "{timing_point}: {passages} passaggi, ma nessun controllo usa questa postazione.",
        "{timing_point}: {passages} Durchfahrten, aber keine Kontrolle nutzt diese Messstelle.",
        "{timing_point} : {passages} passages, mais aucun contrôle n'utilise ce poste.",
    ),
    about_passages.TimedTwice: (
        "{places}: l'equipaggio {start_number} è rilevato lì anche da {source} ({kept_at}), che lo nomina e vale.",
        "{places}: Team {start_number} ist dort auch von {source} gemessen ({kept_at}), das das Team nennt und gilt.",
        "{places} : l'équipage {start_number} y est aussi chronométré par {source} ({kept_at}), qui le nomme et "
        "compte.",
    ),
    about_passages.NamedTwice: (
        "{places}: ognuno è indicato come equipaggio {start_number}; può esserlo uno solo.",
        "{places}: jede ist als Team {start_number} genannt; nur eine kann es sein.",
        "{places} : chacun est désigné comme l'équipage {start_number} ; un seul peut l'être.",
    ),
    about_passages.NotExpected: (
        "{places}: il numero {start_number} non è atteso qui ({id}).",
        "{places}: Startnummer {start_number} wird hier nicht erwartet ({id}).",
        "{places} : le numéro {start_number} n'est pas attendu ici ({id}).",
    ),
    about_passages.WithoutPassage: (
        "{source}: {start_numbers} {without} ({timing_point}).",
        "{source}: {start_numbers} {without} ({timing_point}).",
        "{source} : {start_numbers} {without} ({timing_point}).",
    ),
    about_passages.LineDisagrees: (
        "{source}: {start_number} {doubt} ({timing_point}){instead}.",
        "{source}: {start_number} {doubt} ({timing_point}){instead}.",
        "{source} : {start_number} {doubt} ({timing_point}){instead}.",
    ),
    about_passages.ListedTwice: (
        "{start_number} compare {times} volte nell'elenco: {lines}.",
        "{start_number} steht {times} Mal auf der Liste: {lines}.",
        "{start_number} figure {times} fois sur la liste : {lines}.",
    ),
    about_passages.PassageUnused: (
        "il passaggio a {timing_point} dato al numero {start_number} non è usato: {reason}",
        "die Durchfahrt bei {timing_point}, die Startnummer {start_number} bekam, wird nicht benutzt: {reason}",
        "le passage à {timing_point} donné au numéro {start_number} n'est pas utilisé : {reason}",
    ),
    about_passages.CrossedTwice: (
        "il numero {start_number} ha {passages} passaggi a {timing_point}: vale il primo",
        "Startnummer {start_number} hat {passages} Durchfahrten bei {timing_point}: die erste zählt",
        "le numéro {start_number} a {passages} passages à {timing_point} : le premier compte",
    ),
    about_people.KeyedNowhere: (
        "{timing_point} non è una postazione della manifestazione: lì {keyed}; non contano.",
        "{timing_point} ist keine Messstelle der Veranstaltung: dort {keyed}; das zählt nicht.",
        "{timing_point} n'est pas un poste de la manifestation : là {keyed} ; cela ne compte pas.",
    ),
    about_people.KeyedNobody: (
        "{keyed}: nessun iscritto ha il numero; non conta.",
        "{keyed}: keine Nennung hat die Nummer; es zählt nicht.",
        "{keyed} : aucun engagé n'a ce numéro ; cela ne compte pas.",
    ),
    about_people.ReplacedMissing: (
        "{keyed} al posto di {replaces}, che qui non c'è: {meaning}; carica il pacchetto o il file che ha l'altro.",
        "{keyed} anstelle von {replaces}, was hier fehlt: {meaning}; das Bündel oder die Datei mit dem anderen "
        "einlesen.",
        "{keyed} à la place de {replaces}, qui n'est pas ici : {meaning} ; charger le paquet ou le fichier qui a "
        "l'autre.",
    ),
    about_people.DeviceTwice: (
        "Due dispositivi si chiamano {device}: entrambi hanno digitato ciò che contano come {counts} ({who}). Tutto "
        "conta; dare a ciascuno un nome, perché un orologio si giudica dispositivo per dispositivo.",
        "Zwei Geräte heißen {device}: beide haben eingegeben, was sie als {counts} zählen ({who}). Alles zählt; jedem "
        "einen eigenen Namen geben, denn Uhren werden Gerät für Gerät beurteilt.",
        "Deux appareils s'appellent {device} : les deux ont saisi ce qu'ils comptent comme {counts} ({who}). Tout "
        "compte ; donner à chacun son nom, car une horloge se juge appareil par appareil.",
    ),
    about_people.KeyedAway: (
        "{timing_point}: {keyed}, a ore di distanza da quando lì sono attesi gli equipaggi: è giusto l'orologio di "
        "{device}?",
        "{timing_point}: {keyed}, Stunden neben den dortigen Sollzeiten: geht die Uhr von {device} richtig?",
        "{timing_point} : {keyed}, à des heures des heures idéales : l'horloge de {device} est-elle juste ?",
    ),
    about_people.KeyedTwice: (
        "{timing_point}: {person} ha digitato più di una volta su {device}: {crews}.",
        "{timing_point}: {person} hat auf {device} mehr als einmal eingegeben: {crews}.",
        "{timing_point} : {person} a saisi plus d'une fois sur {device} : {crews}.",
    ),
    about_people.KeyedClock: (
        "L'orologio di {device}, su cui digita {person}, è {off} ai tempi a {where}, come dicono {told_by} di "
        "{numbers} "
        "numeri: regolarlo.",
        "Die Uhr von {device}, auf dem {person} eingibt, geht {off} den Zeiten bei {where}, wie {told_by} von "
        "{numbers} "
        "Nummern zeigen: richtig stellen.",
        "L'horloge de {device}, sur lequel saisit {person}, est {off} sur les temps à {where}, comme le montrent "
        "{told_by} de {numbers} numéros : la régler.",
    ),
    about_people.LineUnusable: ("{source}: {why}.", "{source}: {why}.", "{source} : {why}."),
    about_people.ListOfStrangers: (
        "{list}: {strangers} non hanno controlli a {timing_point}: è l'elenco di un'altra postazione?",
        "{list}: {strangers} fahren bei {timing_point} keine Kontrolle: ist es die Liste einer anderen Messstelle?",
        "{list} : {strangers} n'ont pas de contrôle à {timing_point} : est-ce la liste d'un autre poste ?",
    ),
    about_people.ListElsewhere: (
        "{list}: i tempi a {timing_point} non confermano il posto di {moved}{order}{copy}",
        "{list}: die Zeiten bei {timing_point} bestätigen den Platz von {moved} nicht{order}{copy}",
        "{list} : les temps à {timing_point} ne confirment pas la place de {moved}{order}{copy}",
    ),
    about_people.ListsAgainstDue: (
        "{list}: è riga per riga uguale a {lists}, e {moved} dei suoi {crews} equipaggi sono in un ordine diverso da "
        "quello delle ore imposte; a due elenchi concordi si crede: uno è stato copiato?",
        "{list}: ist Zeile für Zeile gleich wie {lists}, und {moved} der {crews} Teams stehen in anderer Reihenfolge "
        "als "
        "nach den Sollzeiten; zweien, die übereinstimmen, wird geglaubt: wurde eine abgeschrieben?",
        "{list} : ligne par ligne la même que {lists}, et {moved} de ses {crews} équipages sont dans un autre ordre "
        "que "
        "celui des heures idéales ; deux qui concordent sont crues : l'une a-t-elle été copiée ?",
    ),
}

TABLE: Mapping[str, Texts] = {
    **{FINDINGS[about]: texts for about, texts in _BY_FINDING.items()},
    " and {count} more": (" e altri {count}", " und {count} weitere", " et {count} autres"),
    "{timing_point} at {clock}": (
        "{timing_point} alle {clock}",
        "{timing_point} um {clock}",
        "{timing_point} à {clock}",
    ),
    "{timing_point} at a time that is not known": (
        "{timing_point} a un'ora non nota",
        "{timing_point} zu unbekannter Zeit",
        "{timing_point} à une heure inconnue",
    ),
    " ({flags})": (" ({flags})", " ({flags})", " ({flags})"),
    "no time": ("senza ora", "ohne Zeit", "sans heure"),
    "unconfirmed second": ("secondo non confermato", "Sekunde nicht bestätigt", "seconde non confirmée"),
    "uncertain": ("incerto", "unsicher", "incertain"),
    "simulated": ("simulato", "simuliert", "simulé"),
    "marked doubtful": ("segnato dubbio", "als zweifelhaft markiert", "marqué douteux"),
    "single edge": ("un solo impulso", "ein einziger Impuls", "une seule impulsion"),
    "many edges": ("molti impulsi", "viele Impulse", "beaucoup d'impulsions"),
    "long": ("lungo", "lang", "long"),
    "close behind": ("a ridosso", "dicht dahinter", "juste derrière"),
    "unreliable": ("non attendibile", "nicht verlässlich", "non fiable"),
    "contested": ("in più versioni", "in mehreren Fassungen", "en plusieurs versions"),
    ", unless it is that of {crews}": (
        ", a meno che sia di {crews}",
        ", außer sie ist von {crews}",
        ", sauf s'il est de {crews}",
    ),
    "{passages} passages from {first} to {last}": (
        "{passages} passaggi da {first} a {last}",
        "{passages} Durchfahrten von {first} bis {last}",
        "{passages} passages de {first} à {last}",
    ),
    "a passage on {first}": ("un passaggio il {first}", "eine Durchfahrt am {first}", "un passage le {first}"),
    "crew {start_number}": ("equipaggio {start_number}", "Team {start_number}", "équipage {start_number}"),
    "nobody": ("nessuno", "niemand", "personne"),
    "any crew, or nobody": (
        "un equipaggio qualsiasi, o nessuno",
        "irgendein Team, oder niemand",
        "n'importe quel équipage, ou personne",
    ),
    "another": ("un altro", "ein anderes", "un autre"),
    "{crew} ({percent}%)": ("{crew} ({percent} %)", "{crew} ({percent} %)", "{crew} ({percent} %)"),
    "; at {points}: {crews}": ("; a {points}: {crews}", "; bei {points}: {crews}", " ; à {points} : {crews}"),
    "{count} crews from {first} to {last}": (
        "{count} equipaggi da {first} a {last}",
        "{count} Teams von {first} bis {last}",
        "{count} équipages de {first} à {last}",
    ),
    " and {count} more to {last}": (
        " e altri {count} fino a {last}",
        " und {count} weitere bis {last}",
        " et {count} autres jusqu'à {last}",
    ),
    "at any point from {first} to {last}": (
        "a nessuna postazione da {first} a {last}",
        "an keiner Messstelle von {first} bis {last}",
        "à aucun poste de {first} à {last}",
    ),
    "at {points}": ("a {points}", "bei {points}", "à {points}"),
    "Crews {start_numbers} and {last} were not seen {where}.": (
        "Gli equipaggi {start_numbers} e {last} non sono stati visti {where}.",
        "Die Teams {start_numbers} und {last} wurden {where} nicht gesehen.",
        "Les équipages {start_numbers} et {last} n'ont pas été vus {where}.",
    ),
    "has no passage that is surely its own": (
        "non ha un passaggio che sia sicuramente suo",
        "hat keine Durchfahrt, die sicher die eigene ist",
        "n'a pas de passage qui soit sûrement le sien",
    ),
    "have no passages that are surely their own": (
        "non hanno passaggi che siano sicuramente loro",
        "haben keine Durchfahrten, die sicher die eigenen sind",
        "n'ont pas de passages qui soient sûrement les leurs",
    ),
    "is no start number of the event": (
        "non è un numero di gara della manifestazione",
        "ist keine Startnummer der Veranstaltung",
        "n'est pas un numéro de la manifestation",
    ),
    "stands in another place than the times say": (
        "sta in un altro posto da quello che dicono i tempi",
        "steht an anderer Stelle, als die Zeiten sagen",
        "est à une autre place que ne le disent les temps",
    ),
    "; the times say {start_number} there": (
        "; lì i tempi dicono {start_number}",
        "; die Zeiten sagen dort {start_number}",
        " ; les temps y disent {start_number}",
    ),
    "no such crew": ("l'equipaggio non esiste", "kein solches Team", "pas d'équipage de ce numéro"),
    "it cannot be told of which leg": (
        "non si può dire di quale tappa",
        "es lässt sich nicht sagen, von welcher Etappe",
        "on ne peut dire de quelle étape",
    ),
    "{timing_point}: {person} keyed {number} on {device} at {clock}": (
        "{timing_point}: {person} ha digitato {number} su {device} alle {clock}",
        "{timing_point}: {person} gab {number} auf {device} um {clock} ein",
        "{timing_point} : {person} a saisi {number} sur {device} à {clock}",
    ),
    "nobody's": ("«nessuno»", "„niemand“", "« personne »"),
    "{people} keyed 1 number on {devices} at {first}": (
        "{people}: digitato 1 numero su {devices} alle {first}",
        "{people}: 1 Nummer eingegeben auf {devices} um {first}",
        "{people} : 1 numéro saisi sur {devices} à {first}",
    ),
    "{people} keyed {count} numbers on {devices} from {first} to {last}": (
        "{people}: digitati {count} numeri su {devices} da {first} a {last}",
        "{people}: {count} Nummern eingegeben auf {devices} von {first} bis {last}",
        "{people} : {count} numéros saisis sur {devices} de {first} à {last}",
    ),
    "it takes nothing back": ("non annulla nulla", "es nimmt nichts zurück", "cela n'annule rien"),
    "it counts by itself": ("conta da solo", "es zählt für sich", "cela compte seul"),
    "{person} at {timing_point}": (
        "{person} a {timing_point}",
        "{person} bei {timing_point}",
        "{person} à {timing_point}",
    ),
    "{start_number} at {clocks}": (
        "{start_number} alle {clocks}",
        "{start_number} um {clocks}",
        "{start_number} à {clocks}",
    ),
    "{whole_s}.{tenths} s": ("{whole_s},{tenths} s", "{whole_s},{tenths} s", "{whole_s},{tenths} s"),
    "{minutes} min {seconds} s": (
        "{minutes} min {seconds} s",
        "{minutes} min {seconds} s",
        "{minutes} min {seconds} s",
    ),
    "{hours} h {minutes} min {seconds} s": (
        "{hours} h {minutes} min {seconds} s",
        "{hours} h {minutes} min {seconds} s",
        "{hours} h {minutes} min {seconds} s",
    ),
    "{size} ahead of": ("avanti di {size} rispetto", "{size} vor", "en avance de {size}"),
    "{size} behind": ("indietro di {size} rispetto", "{size} hinter", "en retard de {size}"),
    "{count} of its {of_crews} crews ({start_numbers})": (
        "{count} dei suoi {of_crews} equipaggi ({start_numbers})",
        "{count} der {of_crews} Teams ({start_numbers})",
        "{count} de ses {of_crews} équipages ({start_numbers})",
    ),
    "; its order is that of {timing_point}: is it the list of {timing_point}?": (
        "; l'ordine è quello di {timing_point}: è l'elenco di {timing_point}?",
        "; die Reihenfolge ist die von {timing_point}: ist es die Liste von {timing_point}?",
        " ; son ordre est celui de {timing_point} : est-ce la liste de {timing_point} ?",
    ),
    "; it is line by line the same as {lists}: was it copied?": (
        "; è riga per riga uguale a {lists}: è stato copiato?",
        "; sie ist Zeile für Zeile gleich wie {lists}: wurde sie abgeschrieben?",
        " ; elle est ligne par ligne la même que {lists} : a-t-elle été copiée ?",
    ),
}
