"""The share of names that say nothing: pronouns and fillers among all names that the code binds, by room.

A binding is a parameter, a name or attribute that is assigned (also by a loop, a comprehension, `with`, `except` or
`match`), a function or a class; each place counts. All of the repository but tests/ counts, without EXCEPT.

    python -m tools.names            the share by room; exit 1 where the whole is above LIMIT
    python -m tools.names ROOM ...   the places in these rooms, one a line
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from tools.rooms import ROOT, modules, room_of

FILLERS = {"its", "one", "found", "said", "known", "told", "shown", "other", "others", "both", "mine"}
EXCEPT = {"centesimo/match"}  # until it is rebuilt
LIMIT = 1.0  # of the share, in percent


def bindings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return every name that a module binds, with its line."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield node.lineno, name


def is_filler(name: str) -> bool:
    """Say whether a name, without the underscores around it, is a pronoun or a filler."""
    return name.strip("_") in FILLERS


def main(rooms: Sequence[str]) -> int:
    """Print the share by room, or the places in the rooms asked for; 1 when the share is above LIMIT."""
    total: Counter[str] = Counter()
    fillers: Counter[str] = Counter()
    for path in modules().values():
        room = room_of(path)
        for line, name in bindings(ast.parse(path.read_text(encoding="utf-8"))):
            total[room] += 1
            fillers[room] += is_filler(name)
            if room in rooms and is_filler(name):
                print(f"{path.relative_to(ROOT)}:{line}: {name}")
    if rooms:
        return 0
    counted = sorted(total.keys() - EXCEPT)
    share = 100 * sum(fillers[room] for room in counted) / sum(total[room] for room in counted)
    for room in sorted(counted, key=lambda name: -fillers[name] / total[name]):
        print(f"{100 * fillers[room] / total[room]:5.1f} %  {fillers[room]:>4} of {total[room]:>5}  {room}")
    print(f"{share:5.1f} %  of all names are pronouns or fillers; the limit is {LIMIT} %")
    return int(share > LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
