"""The words for records of which several versions came."""

from centesimo.model.rivals import Rivals
from centesimo.model.said import said
from centesimo.words.boards import board_text
from centesimo.words.english import GROUNDS

LINE = "record {sequence} of board {board} came in several versions: {first} is used, not {rest}; {ground}"


def rivals_words(rivals: Rivals, name: str) -> str:
    """Return which record came in several versions and which one is used; `name` is the board's, "" none."""
    first, *rest = [version.digest for version in rivals.versions]
    return said(
        LINE,
        sequence=rivals.sequence,
        board=board_text(rivals.board, name),
        first=first,
        rest=", ".join(rest),
        ground=said(GROUNDS[rivals.ground]),
    )
