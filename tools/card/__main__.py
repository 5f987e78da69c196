"""Write the card, and with an event the labels of its boards' boxes: python -m tools.card [--event FOLDER] [--out ...].

Typst sets them with the fonts that it brings itself and without a date: the same words give the same bytes.
"""

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

import segno
import typst

from centesimo.boards.prepare import NAME, points_by_board, wanted
from centesimo.check import read_event
from centesimo.model.event import Event
from centesimo_board import buzzer, panel
from centesimo_protocol import record, session

FOLDER = Path(__file__).parent
LANGUAGES = ("it", "en")
UNSURE = "locked, seconds not sure"  # the display shows these two lines


def lamp_patterns() -> dict[str, int]:
    """Return the lamp's 16 slots by what the display shows, as the firmware has them."""
    patterns = dict(zip(record.STATE_NAMES, panel.PATTERNS, strict=True))
    at = list(patterns).index("locked")
    rows = list(patterns.items())
    return dict([*rows[:at], (UNSURE, panel.UNCONFIRMED), *rows[at:]])


def card_sides() -> list[dict[str, Any]]:
    """Return what the card says, a side for each language; KeyError where a state or an alarm has no words."""
    words = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
    return [_side(words, language) for language in LANGUAGES]


def _side(words: dict[str, Any], language: str) -> dict[str, Any]:
    lamps = []
    for display, pattern in lamp_patterns().items():
        lamp, means, act = words["lamp"][display][language]
        lamps.append(
            {"pattern": f"{pattern:0{panel.SLOTS}b}", "lamp": lamp, "display": display, "means": means, "act": act}
        )
    alarms = [
        {
            "sound": sound,
            "display": session.ALARM_NAMES[alarm],
            "act": words["alarm"][session.ALARM_NAMES[alarm]][language],
        }
        for sound, alarm in sorted((sound, alarm) for alarm, sound in enumerate(buzzer.SOUNDS))
    ]
    page, lists = words["page"][language], words["lists"][language]
    return {"lang": language, "page": page, "lists": lists, "lamps": lamps, "alarms": alarms}


def label_rows(event: Event) -> list[dict[str, Any]]:
    """Return a label for each board of an event: the name that `prepare --write` gives it, its inputs, its id."""
    rows = []
    for board, points in points_by_board(event).items():
        name = wanted(event, board)[NAME].rstrip(b"\0").decode()
        inputs = [f"{point.input}: {point.id} {point.place}" for point in points]
        code = segno.make(board, error="m", micro=False, boost_error=False)
        squares = ["".join(str(dark) for dark in row) for row in code.matrix]
        rows.append({"name": name, "inputs": inputs, "id": board, "squares": squares})
    return rows


def pdf(template: str, **values: object) -> bytes:
    """Return the PDF of a template of this folder, with values that it reads as JSON."""
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    made = typst.compile(FOLDER / template, sys_inputs=texts, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


def main() -> None:
    """Write card.pdf, and labels.pdf where an event is given, and say where they are."""
    parser = argparse.ArgumentParser(prog="card", description=__doc__)
    parser.add_argument("--event", type=Path, help="an event folder: a label for each of its boards")
    parser.add_argument("--out", type=Path, default=Path("build"))
    options = parser.parse_args()
    pdfs = {"card.pdf": pdf("card.typ", sides=card_sides())}
    if options.event:
        pdfs["labels.pdf"] = pdf("labels.typ", boards=label_rows(read_event(options.event)))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, made in pdfs.items():
        (options.out / name).write_bytes(made)
        print(options.out / name)


if __name__ == "__main__":
    main()
