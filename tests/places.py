"""Where the tests find the repository, and what both interpreters need to import what runs on the board."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PATHS = [str(ROOT), str(ROOT / "protocol"), str(ROOT / "firmware"), str(ROOT / "virtual")]
BOARD_PATHS = {"MICROPYPATH": ":".join([*_PATHS, ".frozen"]), "PYTHONPATH": ":".join(_PATHS)}
