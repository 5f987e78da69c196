"""Findings about timing points, boards and ideal times, in Italian, German and French, by English template."""

from collections.abc import Mapping

from centesimo.model import about_points
from centesimo.words.english import FINDINGS

Texts = tuple[str, str, str]

_BY_FINDING: Mapping[type, Texts] = {
    about_points.Offset: (
        "I migliori equipaggi sono fuori allo stesso modo: {shows}{since}, ± {error_s} s (lo dicono {crews} equipaggi, "
        "sicuro al {percent}). Causa: {causes} ({likely}){apart}{rest}.",
        "Die besten Teams liegen gleich daneben: {shows}{since}, ± {error_s} s (wie {crews} Teams zeigen, sicher zu "
        "{percent}). Ursache: {causes} ({likely}){apart}{rest}.",
        "Les meilleurs équipages sont décalés de même : {shows}{since}, ± {error_s} s (selon {crews} équipages, sûr à "
        "{percent}). Cause : {causes} ({likely}){apart}{rest}.",
    ),
    about_points.Lag: (
        "{cars} vetture impiegano {difference} rispetto al tempo imposto di {control} da {opens} a {closes}, "
        "{at_ideal} "
        "circa il tempo imposto (non è un caso: {percent}): è giusto il tempo imposto, e il secondo intero di entrambe "
        "le centraline?",
        "{cars} Fahrzeuge brauchen {difference} als die Sollzeit von {control} von {opens} bis {closes}, {at_ideal} "
        "etwa "
        "die Sollzeit (kein Zufall: {percent}): stimmen die Sollzeit und die volle Sekunde beider Geräte?",
        "{cars} voitures mettent {difference} que le temps idéal de {control} de {opens} à {closes}, {at_ideal} à peu "
        "près le temps idéal (ce n'est pas le hasard : {percent}) : le temps idéal et la seconde entière des deux "
        "boîtiers sont-ils justes ?",
    ),
    about_points.HourOff: ("{text}", "{text}", "{text}"),
    about_points.SourceClock: (
        "{source} è in {late} di {size} rispetto a {main} a {timing_point} ({cars} vetture su entrambi): i suoi tempi "
        "servono solo al confronto, tolta la differenza.",
        "{source} misst gegenüber {main} bei {timing_point} um {size} {late} ({cars} Fahrzeuge auf beiden): diese "
        "Zeiten "
        "dienen nur dem Vergleich, ohne diesen Unterschied.",
        "{source} est en {late} de {size} par rapport à {main} à {timing_point} ({cars} voitures sur les deux) : ses "
        "temps ne servent qu'à comparer, la différence ôtée.",
    ),
    about_points.BackupLate: (
        "{backup} è {late} rispetto a {timing_point} {sure}.",
        "{backup} ist gegenüber {timing_point} {late} {sure}.",
        "{backup} est {late} par rapport à {timing_point} {sure}.",
    ),
    about_points.BackupChanged: (
        "{backup} rispetto a {timing_point} è prima {before} e {when} {after} {sure}.",
        "{backup} ist gegenüber {timing_point} zuerst {before} und {when} {after} {sure}.",
        "{backup} par rapport à {timing_point} est d'abord {before} et {when} {after} {sure}.",
    ),
    about_points.BackupFar: (
        "{backup} non corrisponde a {timing_point} come di solito (± {usual_s} s) alle {clocks}: uno dei due non era "
        "la "
        "ruota anteriore.",
        "{backup} passt nicht wie sonst zu {timing_point} (± {usual_s} s) um {clocks}: eines war nicht das Vorderrad.",
        "{backup} ne correspond pas à {timing_point} comme d'habitude (± {usual_s} s) à {clocks} : l'un des deux "
        "n'était "
        "pas la roue avant.",
    ),
    about_points.BackupMissed: (
        "{missing} non ha nulla dove {beside} ha un passaggio: {clocks}; {cars} vetture sono su entrambi.",
        "{missing} hat nichts, wo {beside} eine Durchfahrt hat: {clocks}; {cars} Fahrzeuge sind auf beiden.",
        "{missing} n'a rien où {beside} a un passage : {clocks} ; {cars} voitures sont sur les deux.",
    ),
}

TABLE: Mapping[str, Texts] = {
    **{FINDINGS[about]: texts for about, texts in _BY_FINDING.items()},
    "the ideal time of {name}": ("il tempo imposto di {name}", "die Sollzeit von {name}", "le temps idéal de {name}"),
    "{name}": ("{name}", "{name}", "{name}"),
    "board {name}": ("la centralina {name}", "Gerät {name}", "le boîtier {name}"),
    "{causes} ({percent})": ("{causes} ({percent})", "{causes} ({percent})", "{causes} ({percent})"),
    "; or else {rivals}": ("; oppure {rivals}", "; oder aber {rivals}", " ; ou bien {rivals}"),
    "; times cannot tell these apart": (
        "; i tempi non li distinguono",
        "; Zeiten unterscheiden diese nicht",
        " ; les temps ne les distinguent pas",
    ),
    "the ideal time of {control} is {size_s:.3f} s too short": (
        "il tempo imposto di {control} è troppo corto di {size_s:.3f} s",
        "die Sollzeit von {control} ist um {size_s:.3f} s zu kurz",
        "le temps idéal de {control} est trop court de {size_s:.3f} s",
    ),
    "the ideal time of {control} is {size_s:.3f} s too long": (
        "il tempo imposto di {control} è troppo lungo di {size_s:.3f} s",
        "die Sollzeit von {control} ist um {size_s:.3f} s zu lang",
        "le temps idéal de {control} est trop long de {size_s:.3f} s",
    ),
    "{name} stamps {off}": ("{name} rileva {off}", "{name} misst {off}", "{name} relève {off}"),
    "{size_s:.3f} s late": ("{size_s:.3f} s in ritardo", "{size_s:.3f} s zu spät", "{size_s:.3f} s en retard"),
    "{size_s:.3f} s early": ("{size_s:.3f} s in anticipo", "{size_s:.3f} s zu früh", "{size_s:.3f} s en avance"),
    "{size_s:.3f} s later": ("{size_s:.3f} s più tardi", "{size_s:.3f} s später", "{size_s:.3f} s plus tard"),
    "{size_s:.3f} s earlier": ("{size_s:.3f} s prima", "{size_s:.3f} s früher", "{size_s:.3f} s plus tôt"),
    ", from about {begin} on": (", da circa le {begin}", ", etwa ab {begin}", ", à partir de {begin} environ"),
    ", more and more from {begin} to {end}": (
        ", sempre di più dalle {begin} alle {end}",
        ", immer mehr von {begin} bis {end}",
        ", de plus en plus de {begin} à {end}",
    ),
    "over 99.9 %": ("oltre 99,9 %", "über 99,9 %", "plus de 99,9 %"),
    "{percent:.1f} %": ("{percent:.1f} %", "{percent:.1f} %", "{percent:.1f} %"),
    "{size_s:.1f} s more": ("{size_s:.1f} s in più", "{size_s:.1f} s mehr", "{size_s:.1f} s de plus"),
    "{size_s:.1f} s less": ("{size_s:.1f} s in meno", "{size_s:.1f} s weniger", "{size_s:.1f} s de moins"),
    "late": ("ritardo", "zu spät", "retard"),
    "early": ("anticipo", "zu früh", "avance"),
    " ({sources})": (" ({sources})", " ({sources})", " ({sources})"),
    "At {points}{by_whom} {cars} of {of_cars} crews are {late} by the same {apart}: by the look of it an offset from "
    "UTC, or a clock set to another zone of time. All that was timed with it may be off.": (
        "A {points}{by_whom} {cars} di {of_cars} equipaggi sono in {late} degli stessi {apart}: sembra una differenza "
        "da UTC, o un orologio su un altro fuso. Tutto ciò che ha rilevato può essere fuori.",
        "Bei {points}{by_whom} sind {cars} von {of_cars} Teams um dieselben {apart} {late}: dem "
        "Anschein nach ein Abstand zu UTC oder eine andere Zeitzone. Alles damit Gemessene kann falsch sein.",
        "À {points}{by_whom} {cars} de {of_cars} équipages sont en {late} des mêmes {apart} : apparemment un décalage "
        "d'UTC, ou une horloge sur un autre fuseau. Tout ce qui a été chronométré ainsi peut être faux.",
    ),
    "{points}{by_whom} was timed {apart} {late}: so many hours beside the ideal times do {cars} of {of_cars} cars take "
    "to or from it. By the look of it its clock was set to another hour.": (
        "{points}{by_whom}: rilevato con {apart} di {late}; di tante ore rispetto ai tempi imposti sono fuori {cars} "
        "di "
        "{of_cars} vetture. Sembra che l'orologio fosse su un'altra ora.",
        "{points}{by_whom}: um {apart} {late} gemessen; um so viele Stunden liegen {cars} von "
        "{of_cars} Fahrzeugen neben den Sollzeiten. Dem Anschein nach war die Uhr auf eine andere Stunde gestellt.",
        "{points}{by_whom} : chronométré avec {apart} de {late} ; {cars} de {of_cars} voitures sont décalées d'autant "
        "par rapport aux temps idéaux. Apparemment l'horloge était à une autre heure.",
    ),
    "(± {error_s:.4f} s, {cars} cars on both, {percent} sure)": (
        "(± {error_s:.4f} s, {cars} vetture su entrambi, sicuro al {percent})",
        "(± {error_s:.4f} s, {cars} Fahrzeuge auf beiden, sicher zu {percent})",
        "(± {error_s:.4f} s, {cars} voitures sur les deux, sûr à {percent})",
    ),
    "at last, at {clock}, drifting all day": (
        "alla fine, alle {clock}, derivando tutto il giorno,",
        "zuletzt, um {clock}, den ganzen Tag driftend,",
        "à la fin, à {clock}, en dérivant toute la journée,",
    ),
    "from {clock} on": ("dalle {clock}", "ab {clock}", "à partir de {clock}"),
}
