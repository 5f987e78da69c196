"""The words for what an attribution rests on."""

from centesimo.model.basis import Basis, BasisKind
from centesimo.model.said import said

TEMPLATES = {
    BasisKind.DUE: "start order and due times",
    BasisKind.IDEAL_TIME: "ideal time from {start}",
    BasisKind.LOADED: "loaded",
    BasisKind.KEYED: "keyed",
    BasisKind.DECIDED: "amendment {decision}",
}
LIST_AGREES = "; marshal's list {list_line}"


def basis_words(basis: Basis) -> str:
    """Return what an attribution rests on: "ideal time from T1; marshal's list lists/T1.csv:4"."""
    text = said(TEMPLATES[basis.kind], start=basis.start, decision=basis.decision)
    return text + said(LIST_AGREES, list_line=basis.list_line) if basis.list_line else text
