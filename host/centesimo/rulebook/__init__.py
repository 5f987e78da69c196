"""A rule book: the numbers by which a race is scored, read from TOML; data without expressions.

A book is read as tables of keys. Every key is known, has its unit in its name, and is refused with `path:line: expected
..., got ...` when it does not fit; all mistakes come at once. A book may extend another one and change single keys; a
shipped book may leave a number to the event (`event_gives`), and then only scoring such a control is refused.
docs/rulebook.md explains every key.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from centesimo.model.errors import RuleBookError
from centesimo.reading.hidden_characters import visible
from centesimo.reading.limits import MOST_UNKNOWN
from centesimo.rulebook import rules
from centesimo.rulebook.coefficients import Coefficient
from centesimo.rulebook.keys import (
    AMOUNT_OR_FAIL,
    REQUIRED,
    Cost,
    Key,
    Mistake,
    amount_or_fail,
    expects_words,
    one_of,
    text,
    texts,
    words,
)
from centesimo.rulebook.layers import Given, Table, find_text, read_layers, shipped
from centesimo.rulebook.rules import Outcome, RuleKind
from centesimo.rulebook.settings import MISTAKES, RULES_BY_CONTROL, FixedPenalties, Total
from centesimo.rulebook.settings import ROUND_HALF_UP as ROUND_HALF_UP
from centesimo.rulebook.settings import ROUNDINGS as ROUNDINGS
from centesimo.rulebook.settings import TABLES as TABLES
from centesimo.rulebook.settings import TOP_KEYS as TOP_KEYS
from centesimo.rulebook.settings import TRUNCATE_DEVIATION as TRUNCATE_DEVIATION
from centesimo.rulebook.settings import TRUNCATE_INSTANTS as TRUNCATE_INSTANTS
from centesimo.rulebook.settings import Discard as Discard

# What a control without a passage is, once the crew was seen further on.
STAYS_OPEN = "open"
IS_MISSED = "missed"
# Which trials a missed tube of a chain costs: the one that it closes and the one that it opens, or only the first.
BOTH_TRIALS = "both trials"
CLOSING_TRIAL = "closing trial"

# Of which of the crew's other trials an average is taken that an official assigns.
AVERAGES = ("series", "leg", "race")


@dataclass(frozen=True, slots=True)
class ControlRule:
    """How one kind of control is scored: the kind of rule, its settings and article, the cost of a missed control."""

    kind: str  # a key of rules.KINDS
    settings: Any
    article: str
    missed: Cost | None  # None: the book does not say
    missed_article: str
    no_passage: str = STAYS_OPEN  # STAYS_OPEN, IS_MISSED
    missed_tube: str = BOTH_TRIALS  # BOTH_TRIALS, CLOSING_TRIAL
    average: str = AVERAGES[0]  # one of AVERAGES

    @property
    def missed_when_seen_later(self) -> bool:
        """Whether a control without a passage is missed as soon as the crew was seen further on."""
        return self.no_passage == IS_MISSED

    def apply(self, deviation: int, leg: str, carried_min: int = 0) -> Outcome:
        """Return cost or gain for a deviation: 1/100 s at trials, whole minutes at time controls, negative = early.

        leg          ONLY_LEG, INNER_LEG or LAST_LEG of rules.py
        carried_min  minutes of lateness that new time cards have carried on to this control
        """
        return rules.KINDS[self.kind].apply(self.settings, deviation, leg, carried_min)

    @property
    def gains(self) -> bool:
        """Whether the rule gives points rather than penalties."""
        return rules.KINDS[self.kind].gains


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One race's rules. `digest` is SHA-256, hex, of its text (and the digest of the book that it extends)."""

    name: str  # as the race names it
    title: str
    digest: str
    highest_wins: bool
    instants: str
    instants_article: str
    coefficient: Coefficient
    total: Total
    ties: tuple[str, ...]
    ties_article: str
    discard: Discard | None
    fixed: FixedPenalties
    controls: Mapping[str, ControlRule]  # by table: "timed_trial", ...
    wanting: Mapping[str, str]  # by table: why it cannot be used yet, as `path:line: ...`
    instants_unit_cs: int = 1  # to what instants are taken: 1, 10 or 100

    def rule_for(self, kind: str) -> ControlRule:
        """Return the rule of a kind of control ("timed trial"); RuleBookError when the book has none complete."""
        if lacks := self.lacks([kind]):
            raise RuleBookError(lacks)
        return self.controls[table_of(kind)]

    def find_capped(self, kind: str) -> bool | None:
        """Say whether what a kind of control costs can be capped; None where the book has no rule for it."""
        rule = self.controls.get(table_of(kind))
        return None if rule is None else isinstance(rule.settings, rules.PerUnit)

    def lacks(self, kinds: Iterable[str]) -> list[str]:
        """Return what is missing to score these kinds of controls, one line each, in the order of the alphabet."""
        lacking = []
        for kind in sorted(set(kinds)):
            table = table_of(kind)
            if table in self.wanting:
                lacking.append(self.wanting[table])
            elif table not in self.controls:
                lacking.append(
                    f"{self.name}: expected a table [{table}] for the {kind}s that the race drives, got none"
                )
        return lacking


# Keys that the rule of every control has beside its kind's own.
CONTROL_KEYS = (
    Key("rule", "kind", expects_words(*rules.KINDS), one_of(*rules.KINDS)),
    Key("event_gives", "event_gives", "a list of this rule's keys", texts(), ()),
    Key("missed", "missed", AMOUNT_OR_FAIL, amount_or_fail, None),
    Key("missed_article", "missed_article", "a text", text, ""),
    words("no_passage", STAYS_OPEN, IS_MISSED, default=STAYS_OPEN),
    words("missed_tube", BOTH_TRIALS, CLOSING_TRIAL, default=BOTH_TRIALS),
    words("average", *AVERAGES, default=AVERAGES[0]),
    Key("article", "article", "a text", text, ""),
)


def table_of(kind: str) -> str:
    """Return the table of a rule book that a kind of control has: "timed trial" has [timed_trial]."""
    return kind.replace(" ", "_")


def find_rulebook(folder_files: Mapping[str, str], name: str) -> RuleBook:
    """Return the rule book of that name: a file of the event folder, or else a shipped one.

    folder_files maps the folder's file names to their texts. RuleBookError when there is none, or it does not fit.
    """
    path_and_text = find_text(folder_files, name)
    if path_and_text is None:
        expected = f"a file of the event folder or one of {', '.join(shipped())}"
        raise RuleBookError([f"{name}: expected {expected}, got neither"])
    return read_rulebook(path_and_text[1], path_and_text[0], folder_files)


def read_rulebook(text: str, name: str, folder_files: Mapping[str, str] | None = None) -> RuleBook:
    """Read a rule book; `name` is its path in messages, `folder_files` where a book that it extends may be.

    Raises RuleBookError with every mistake as `path:line: expected ..., got ...`.
    """
    problems: list[str] = []
    tables, digest = read_layers(text, name, folder_files or {}, problems, (name,))
    if problems:
        raise RuleBookError(problems)
    book = _Reader(name, tables, problems)
    read = book.rulebook(digest)
    if problems:
        raise RuleBookError(sorted([*problems, *book.wanting.values()], key=_by_line))
    return read


def _by_line(problem: str) -> tuple[str, int]:
    path, line = problem.split(":", 2)[:2]
    return path, int(line)


class _Reader:
    """Reads the tables of one book and notes every mistake on the way."""

    def __init__(self, path: str, tables: dict[str, Table], problems: list[str]) -> None:
        self.path = path
        self.tables = tables
        self.problems = problems
        self.wanting: dict[str, str] = {}

    def rulebook(self, digest: str) -> RuleBook:
        """Return the book; of no use when a mistake was noted on the way."""
        table_names = {"", *TABLES, *RULES_BY_CONTROL}
        for name, table in self.tables.items():
            if name not in table_names:
                names = ", ".join(f"[{table}]" for table in sorted(table_names - {""}))
                self._refuse(table.where, f"one of the tables {names}", f"[{name}]")
        top = self._keys("", TOP_KEYS)
        instants = self._keys("instants", TABLES["instants"])
        ties = self._keys("ties", TABLES["ties"])
        read = {table: self._control(table) for table in RULES_BY_CONTROL if table in self.tables}
        return RuleBook(
            name=self.path,
            title=top.get("title", ""),
            digest=digest,
            highest_wins=top.get("wins") == "highest",
            instants=instants.get("take", ""),
            instants_article=instants.get("article", ""),
            coefficient=self._settings("coefficient", Coefficient),
            total=self._settings("total", Total),
            ties=ties.get("order", ()),
            ties_article=ties.get("article", ""),
            discard=self._settings("discard", Discard) if "discard" in self.tables else None,
            fixed=self._settings("fixed_penalties", FixedPenalties),
            controls={table: rule for table, rule in read.items() if rule is not None},
            wanting=self.wanting,
            instants_unit_cs=instants.get("unit_cs", 1),
        )

    def _settings(self, table: str, settings: Callable[..., Any]) -> Any:
        before = len(self.problems)
        read = self._keys(table, TABLES[table])
        if table in MISTAKES:
            self._refuse_all(table, MISTAKES[table](read))
        return settings(**read) if len(self.problems) == before else None

    def _refuse_all(self, table: str, mistakes: list[Mistake]) -> None:
        given = self.tables[table].keys if table in self.tables else {}
        for mistake in mistakes:
            where = given[mistake.key].where if mistake.key in given else self._head(table).where
            self._refuse(where, f"{mistake.key}: {mistake.expected}", mistake.got)

    def _how(self, table: str, where: str = "") -> str:
        """Return where a missing key is to be written, as the end of a message; "" where its table is in this book."""
        if self.path in shipped():
            above = f'a rule book of the event folder that has extends = "{self.path}"'
            return f"; give it in {above} and a table [{table}]"
        return "" if where.startswith(f"{self.path}:") else f"; give it in {self.path}, in a table [{table}]"

    def _head(self, table: str) -> Table:
        return self.tables.get(table, Table(f"{self.path}:1", {}))

    def _control(self, table: str) -> ControlRule | None:
        """Read the rule of a kind of control; None when it has mistakes or waits for the event."""
        given = self.tables[table].keys
        before = len(self.problems)
        allowed = RULES_BY_CONTROL[table]
        name = given["rule"].value if "rule" in given else None
        if name not in allowed:
            where = given["rule"].where if "rule" in given else self.tables[table].where
            self._refuse(where, f"rule = {expects_words(*allowed)}", "no rule" if name is None else _as_written(name))
            return None
        kind = rules.KINDS[name]
        common = self._keys(table, CONTROL_KEYS, also=kind.keys)
        own = self._own_settings(table, kind, tuple(common.get("event_gives", ())))
        if own is None or len(self.problems) > before:
            return None
        if common["no_passage"] == IS_MISSED and common["missed"] is None:
            self._refuse(given["no_passage"].where, f"[{table}] missed = {AMOUNT_OR_FAIL} beside it", "nothing")
        common.pop("event_gives")
        return ControlRule(settings=kind.settings(**own), **common)

    def _own_settings(self, table: str, kind: RuleKind, event_gives: tuple[str, ...]) -> dict[str, Any] | None:
        """Read a kind's own keys; None when the event has yet to give one."""
        given = self.tables[table].keys
        names = {key.name for key in kind.keys}
        for name in event_gives:
            if name not in names:
                self._refuse(given["event_gives"].where, f"keys of this rule ({', '.join(sorted(names))})", repr(name))
        missing = [key for key in kind.keys if key.name in event_gives and key.name not in given]
        wanted = tuple(key for key in kind.keys if key not in missing)
        read = self._keys(table, wanted, also=(*CONTROL_KEYS, *kind.keys))
        by_name = {key.name: read[key.field] for key in wanted if key.field in read}
        self._refuse_all(table, kind.mistakes(by_name))
        if missing:
            expected = "; ".join(f"{key.name} ({key.expects})" for key in missing)
            where = self.tables[table].where
            self.wanting[table] = f"{where}: expected {expected} from the event, got nothing{self._how(table)}"
            return None
        return read

    def _keys(self, table: str, keys: tuple[Key, ...], also: tuple[Key, ...] = ()) -> dict[str, Any]:
        """Return the values of a table's keys by field; unknown, missing and wrong ones are noted.

        `also` are keys of the table that another call reads.
        """
        where, given = self._head(table)
        key_names = {key.name for key in (*keys, *also)}
        unknown = [name for name in given if name not in key_names and (not also or keys is CONTROL_KEYS)]
        for name in unknown[:MOST_UNKNOWN]:
            meant = get_close_matches(name, key_names, 3) or sorted(key_names)
            self._refuse(given[name].where, f"one of {', '.join(meant)}", repr(name))
        if len(unknown) > MOST_UNKNOWN:
            self._refuse(where, "keys that there are", f"{len(unknown) - MOST_UNKNOWN} more unknown ones")
        fields: dict[str, Any] = {}
        for key in keys:
            if key.name in given:
                self._read(key, given[key.name], fields)
            elif key.default is not REQUIRED:
                fields[key.field] = key.default
            else:
                self._refuse(where, f"{_in(table)}{key.name} = {key.expects}", f"nothing{self._how(table, where)}")
        return fields

    def _read(self, key: Key, given: Given, fields: dict[str, Any]) -> None:
        try:
            fields[key.field] = key.read(given.value)
        except ValueError:
            self._refuse(given.where, f"{key.name} = {key.expects}", _as_written(given.value))

    def _refuse(self, where: str, expected: str, got: str) -> None:
        self.problems.append(f"{where}: expected {expected}, got {got}")


def _in(table: str) -> str:
    return f"[{table}] " if table else ""


def _as_written(value: object) -> str:
    """Return a value as it was written in the book, on one line of at most 80 letters."""
    try:
        text = visible(str(value) if isinstance(value, Decimal) else repr(value))
    except ValueError:  # Python refuses to write out a whole number of more than 4300 digits
        return "a number of far too many digits"
    text = re.sub(r"Decimal\('([^']*)'\)", r"\1", text)
    return text if len(text) <= 80 else f"{text[:77]}..."
