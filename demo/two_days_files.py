"""The tutorial's event as people send it: spreadsheets of an organiser, cards as typed, and bundles of two laptops.

    python -m demo.two_days_files FOLDER

The classics go on from the regroup of the second day by the ranking of the first leg, so Sunday is written with what
the truth says of Saturday.
"""

import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from centesimo.model.facts import Sighting
from centesimo.sightings import made
from centesimo.store import Store
from centesimo.store.bundle import write_bundle
from centesimo_protocol import record
from demo import two_days as days
from demo.two_days import NS, Truth

LAPTOPS = {"nord": "1234", "sud": "5678"}  # which collects which boards
SWITCHED_ON = 6 * 3600  # local time of each leg's day at which the boards' counters stood at 0
LAST = 16 * 3600  # until then they log an anchor a minute
CARS = (
    ("Fiat", "508 S Balilla", 1934),
    ("Lancia", "Aprilia", 1937),
    ("Alfa Romeo", "6C 1750", 1930),
    ("MG", "TC", 1947),
    ("Porsche", "356", 1953),
    ("Jaguar", "XK 120", 1951),
)
TEAMS = ("Scuderia Nord", "Scuderia Sud", "Scuderia Lago", "")


def main(folder: Path) -> None:
    """Write everything into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = days.two_days(first_leg_order())
    _workbook(folder / "percorso.xlsx", {"Percorso": _course(), "Partenze": _starts(), "Postazioni": _boards()})
    late = [days.LATE_ENTRY]
    _workbook(folder / "iscritti.xlsx", {"Elenco": _entries([n for n in days.RACE_OF if n not in late])})
    _workbook(folder / "iscritti-2.xlsx", {"Elenco": _entries(days.RACE_OF)})
    for leg, name in (("L1", "sabato"), ("L2", "domenica")):
        controls = [control for of, control, _, chain, _ in days.TIMED if of == leg and not chain]
        sheets = {control: list(_cards(truth, control)) for control in controls}
        _workbook(folder / f"tabelle-{name}.xlsx", sheets)
        if leg == "L1":
            wrong = {**sheets, "CO1": sheets["CO2"], "CO2": sheets["CO1"]}
            _workbook(folder / f"tabelle-{name}-scambiate.xlsx", wrong)
        for laptop, boards in LAPTOPS.items():
            (folder / f"{name}-{laptop}.bundle").write_bytes(_bundle(truth, boards, leg))
    number, point = days.NOT_STAMPED
    watch = (
        f"Postazione;N° Gara;Ora di passaggio\r\n{point};{number};{_clock_cs(truth.passed_at_us[point, number])}\r\n"
    )
    (folder / "orologio.csv").write_bytes(watch.encode("cp1252"))


def first_leg_order() -> list[int]:
    """Return the classics' order after the first leg, as the truth has it: penalties times 1.YY of the car's year."""
    penalties = settled(days.two_days().penalties)
    first_leg = days.CONTROLS[: days.CONTROLS.index("CO4")]
    numbers = [number for number in days.RACES[days.REGROUPED[0]] if number != days.NEVER_STARTED]
    net = {number: sum(penalties[number, control] for control in first_leg) for number in numbers}
    return sorted(numbers, key=lambda number: net[number] * (100 + _car(number)[2] % 100))


def settled(penalties: dict[tuple[int, str], int]) -> dict[tuple[int, str], Decimal]:
    """Return the penalties after the decision that the truth asks for: who was impeded gets its chain's average."""
    number, control, _ = days.IMPEDED
    average = Decimal(penalties[number, "PC7"] + penalties[number, "PC9"]) / 2
    return {**{key: Decimal(penalty) for key, penalty in penalties.items()}, (number, control): average}


def _course() -> Iterator[Sequence[object]]:
    yield ("Trofeo del Lago: percorso",)
    yield ()
    yield ("Tappa", "Prova", "Luogo", "Minuti dalla partenza", "Da", "Postazione", "Tempo imposto")
    trial_by_name = {trial.control: trial for trial in days.TRIALS}
    after_by_name = {control: after_min for _, control, after_min, _, _ in days.TIMED}
    leg_by_name = {control: leg for leg, control, *_ in days.TIMED}
    for control in days.CONTROLS:
        trial = trial_by_name.get(control)
        if trial is None:
            yield leg_by_name[control], control, f"Piazza {control}", after_by_name[control], "", control, ""
        else:
            seconds = f"{trial.ideal_cs // 100},{trial.ideal_cs % 100:02}"
            after = after_by_name.get(control, "")
            yield trial.leg, control, f"Strada {trial.opens[0]}", after, trial.opens, trial.closes, seconds


def _starts() -> Iterator[Sequence[object]]:
    yield "Gara", "Tappa", "Data", "Prima partenza", "Intervallo"
    for (race, leg), clock in days.FIRST.items():
        yield race, leg, "/".join(days.DAYS[leg].split("-")[::-1]), clock, 60


def _boards() -> Iterator[Sequence[object]]:
    yield "Postazione", "Luogo", "Centralina", "Ingresso"
    for chain in "ABCDEFG":
        for number in "1234":
            yield f"{chain}{number}", f"Strada {chain}, {number}", *days.board_of(f"{chain}{number}")


def _entries(numbers: Collection[int]) -> Iterator[Sequence[object]]:
    yield ("Trofeo del Lago: elenco iscritti",)
    yield ("aggiornato al 2 maggio",)
    yield "N° Gara", "Pilota", "Navigatore", "Marca", "Modello", "Anno", "Scuderia", "Gara", "Telefono"
    for number in sorted(numbers):
        make, model, year = _car(number)
        crew = (f"Pilota {number}", f"Navigatore {number}")
        yield str(number), *crew, make, model, year, TEAMS[number % len(TEAMS)], days.RACE_OF[number], "ufficio"
    yield "Totale iscritti", len(numbers)


def _car(number: int) -> tuple[str, str, int]:
    return CARS[number % len(CARS)]


def _cards(truth: Truth, control: str) -> Iterator[Sequence[object]]:
    yield "N°", "Ora", "Commissario"
    for (of, number), at_ns in truth.cards_at_ns.items():
        if of == control:
            yield number, f"{_local(at_ns // NS):%H:%M}", "Carla"


def _local(utc_s: int) -> datetime:
    return datetime.fromtimestamp(utc_s, ZoneInfo("Europe/Rome"))


def _clock_cs(at_us: int) -> str:
    return f"{_local(at_us // 1_000_000):%H.%M.%S},{at_us // days.US_PER_CS % 100:02}"


def _workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> None:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()


def _bundle(truth: Truth, boards: str, leg: str) -> bytes:
    """Return what a laptop has collected at the end of a leg: its boards' whole journals, and what was keyed at it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "laptop.sqlite")
        until = [each for each in days.DAYS if each <= leg]
        for number in boards:
            raws = _journal(truth, f"c0ffee000000000{number}", until)
            if raws:
                store.add_records(f"c0ffee000000000{number}", f"/dev/tty{number}", raws, _day_ns(leg) + LAST * NS)
        store.add_sightings(list(_keyed(truth, boards, until)))
        with store.snapshot() as still, still.reading() as connection:
            raw = write_bundle(connection)
        store.close()
    return raw


def _day_ns(leg: str) -> int:
    midnight = datetime.fromisoformat(days.DAYS[leg]).replace(tzinfo=ZoneInfo("Europe/Rome"))
    return int(midnight.timestamp()) * NS


def _journal(truth: Truth, board: str, legs: Sequence[str]) -> list[bytes]:
    """Return a board's records: a boot a leg, an anchor a minute, and two edges a car, its axles 150 ms apart."""
    raws: list[bytes] = []
    for boot, leg in enumerate(legs, 1):
        on_us = (_day_ns(leg) + SWITCHED_ON * NS) // 1000
        raws.append(record.pack(record.Boot(len(raws) + 1, boot, 1_000_000, 1, 0, 3, 0, 1, bytes.fromhex(board))))
        counts = [0, 0, 0]
        edges = [(at_us - on_us, number) for at_us, number in _edges(truth, board, leg)]
        anchors = [(60_000_000 * minute, 0) for minute in range(10, (LAST - SWITCHED_ON) // 60)]
        for counter_us, number in sorted(edges + anchors):
            head = (len(raws) + 1, boot, counter_us)
            if not number:
                utc_s = (on_us + counter_us) // 1_000_000
                raws.append(record.pack(record.Anchor(*head, utc_s, 1, 120, 9, 18, record.NOT_MEASURED, 0)))
            else:
                counts[number] += 1
                edge = record.Edge(*head, number, counts[number], record.LOCKED, record.TUBE, 2)
                raws.append(record.pack(edge))
    return raws


def _edges(truth: Truth, board: str, leg: str) -> Iterator[tuple[int, int]]:
    """Give the edges of a board in a leg: instant in us UTC, input."""
    chains = "ABC" if leg == "L1" else "DEFG"
    for (point, number), at_us in truth.passed_at_us.items():
        own, tube = days.board_of(point)
        if own == board and point[0] in chains:
            if (number, point) != days.NOT_STAMPED:
                yield from ((at_us, tube), (at_us + 150_000, tube))
            if (point, number) == days.GHOST[:2]:
                yield at_us - days.GHOST[2] * 1_000_000, tube


def _keyed(truth: Truth, boards: str, legs: Sequence[str]) -> Iterator[Sighting]:
    """Give what people keyed beside the tubes of these boards, a little after each car."""
    for point, person in days.KEYED_AT.items():
        leg = "L1" if point[0] in "ABC" else "L2"
        if days.board_of(point)[0][-1] not in boards or leg not in legs:
            continue
        seen = sorted((at_us, number) for (of, number), at_us in truth.passed_at_us.items() if of == point)
        for counter, (at_us, number) in enumerate(seen, 1):
            written = days.MISKEYED[2] if (point, number) == days.MISKEYED[:2] else number
            yield made(point, written, at_us * 1000 + 2_400_000_000, person, f"portatile {point}", counter)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
