"""The words for what an attribution rests on."""

from centesimo.model.basis import Basis, BasisKind

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
    template = TEMPLATES[basis.kind] + (LIST_AGREES if basis.list_line else "")
    return template.format(start=basis.start, decision=basis.decision, list_line=basis.list_line)
