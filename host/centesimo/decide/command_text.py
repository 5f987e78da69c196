"""How a suggested decision is written as a command that can be copied: what whoever decides types in stands open."""

from centesimo.model.event import Event
from centesimo.reading.localtime import NS_PER_S
from centesimo.words.boards import shown_board
from centesimo.words.instants import OF_SECOND, dated_at

FILL_IN = {"who": "NAME", "why": "..."}  # what whoever decides types in its place
WHY = '--who {who} --why "{why}"'.format_map(FILL_IN)
MICROSECOND = len("10:05:58.601234")
_NO_SHELL = frozenset('"$`\\!%')  # within double quotes, of one shell or another


def typed(event: Event, at_ns: int) -> str:
    """Return an instant as `centesimo amend` reads it: local, cut to the microsecond where it is no whole second."""
    return dated_at(event, at_ns, MICROSECOND if at_ns % NS_PER_S else OF_SECOND).replace(" ", "T")


def typed_board(event: Event, board: str) -> str:
    """Return a board as `centesimo amend` reads it: name and id, the id alone where no shell would take that."""
    shown = shown_board(event, board)
    return f'"{shown}"' if shown != board and not _NO_SHELL.intersection(shown) else board
