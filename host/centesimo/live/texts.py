"""What a row, a passage and a crew's sheet say, as texts in one language; templates only put them in their places."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from centesimo.live.race import LiveRace
from centesimo.live.standing import COMING, Standing, State
from centesimo.live.tables import CrewPlace, LegSheet, Next, Passed, Row, Table
from centesimo.model.event import Control
from centesimo.model.facts import OPEN, SCORED, Line, Score
from centesimo.publish.published import score_content
from centesimo.publish.render import FAIL, MINUS, deviation, taken, typeset
from centesimo.rank.selections import TeamLine
from centesimo.reading.localtime import NS_PER_S
from centesimo.score.instants import CS_PER_MINUTE, HUNDREDTHS
from centesimo.words.languages import say
from centesimo.words.live import Words


class RowText(NamedTuple):
    """One line of a table, ready to be put into HTML; equal texts give the same HTML."""

    number: int
    position: str
    moved: int
    crew: str
    car: str
    team: str
    deviation: str  # at the control up to which the table goes
    penalty: str
    sign: str  # "early", "late", "exact", ""
    where: str
    state: str  # a class: the state's word with dashes
    total: str
    gap: str
    fails: int  # by a rule book that counts them


class TeamText(NamedTuple):
    """One team's (or nation's) line."""

    position: str
    name: str
    status: str
    cars: tuple[tuple[int, str], ...]  # start number and total of each that counts
    total: str
    gap: str
    fails: int


class PassedText(NamedTuple):
    """One line of those who have just passed."""

    hour: str
    number: int
    crew: str
    car: str
    control: str
    deviation: str
    sign: str
    penalty: str
    place: str
    moved: int


class NextText(NamedTuple):
    """A timing point and who comes there next: (start number, crew, hour, state)."""

    point: str
    place: str
    crews: tuple[tuple[int, str, str, str], ...]


class TimeText(NamedTuple):
    """One control of a crew's sheet."""

    control: str
    kind: str
    set: str
    taken: str
    deviation: str
    sign: str
    penalty: str
    state: str  # a class
    notes: tuple[str, ...]
    why: str  # how the penalty follows, as the score says it


def hour_of(at_ns: int, zone: ZoneInfo, with_seconds: bool = False) -> str:
    """Return an instant as local time of day: "10:42", "10:42:31"."""
    local = datetime.fromtimestamp(at_ns // NS_PER_S, zone)
    return f"{local:%H:%M:%S}" if with_seconds else f"{local:%H:%M}"


def gap_text(gap: Decimal | None, highest_wins: bool) -> str:
    """Return a gap to who leads: what is missing to it where the highest wins ("-394"), else what is too much."""
    if not gap:
        return ""
    return f"{MINUS if highest_wins else '+'}{gap:f}"


def where_text(standing: Standing, zone: ZoneInfo, words: Words) -> str:
    """Return where a crew is now, "" where all is settled."""
    state = standing.state
    if state is State.OPEN:
        return words("open.missing", points=", ".join(standing.missing)) if standing.missing else words("open")
    if state not in COMING:
        return words(state)
    if standing.next_at_ns is None:
        return words(f"{State.ON_ITS_WAY if state is State.DUE else state}.unknown")
    return words(state, point=standing.next_point, hour=hour_of(standing.next_at_ns, zone))


def sign_of(score: Score) -> str:
    """Return the class of a deviation."""
    if score.deviation is None or score.status == OPEN:
        return ""
    return "exact" if score.deviation == 0 else "early" if score.deviation < 0 else "late"


def deviation_text(score: Score) -> str:
    """Return a deviation with its sign and unit, as posted pages show it."""
    return _plain_zero(deviation(score_content(score)))


def _plain_zero(text: str) -> str:
    """Return a deviation of nothing without a sign: "0.00 s"."""
    return text[1:] if text in ("+0.00 s", "+0 min") else text


def row_text(row: Row, highest_wins: bool, zone: ZoneInfo, words: Words) -> RowText:
    """Return the texts of a row of a table."""
    line = row.line
    entry = line.entry
    last = line.scores[-1] if line.scores else None
    is_placed = line.position is not None
    return RowText(
        number=entry.start_number,
        position=str(line.position) if line.position is not None else "",
        moved=row.moved or 0,
        crew=entry.crew,
        car=f"{entry.car}, {entry.year}" if entry.year else entry.car,
        team=entry.team,
        deviation=words.number(deviation_text(last)) if last and is_placed else "",
        penalty=words.number(penalty_text(last)) if last and is_placed else "",
        sign=sign_of(last) if last and is_placed else "",
        where=where_text(row.standing, zone, words) if row.standing else "",
        state=str(row.standing.state).replace(" ", "-") if row.standing else "",
        total=words.number(typeset(f"{line.total:f}")) if is_placed or _has_total(line) else "",
        gap=words.number(gap_text(line.gap, highest_wins)),
        fails=line.fails,
    )


def _has_total(line: Line) -> bool:
    """Say whether something counts for a crew without a place yet."""
    return any(score.penalty is not None for score in line.scores)


def penalty_text(score: Score) -> str:
    """Return a penalty (or points) as people read it, "" where there is none yet."""
    if score.fails:
        return FAIL
    return "" if score.penalty is None else typeset(f"{score.penalty:f}")


def team_text(line: TeamLine, table: Table, words: Words) -> TeamText:
    """Return the texts of a team's line."""
    cars = tuple((car.entry.start_number, words.number(typeset(f"{car.total:f}"))) for car in line.lines)
    position = "" if line.position is None else str(line.position)
    status = words("cars", count=len(line.lines), best=table.best) if line.status else ""
    gap = words.number(gap_text(line.gap, table.highest_wins))
    return TeamText(position, line.name, status, cars, words.number(typeset(f"{line.total:f}")), gap, line.fails)


def passed_text(passed: Passed, zone: ZoneInfo, words: Words) -> PassedText:
    """Return the texts of a passage that has just been."""
    entry = passed.entry
    place = words("no place") if passed.place is None else words("place among", place=passed.place, among=passed.among)
    return PassedText(
        hour_of(passed.at_ns, zone, with_seconds=True),
        entry.start_number,
        entry.crew,
        f"{entry.car}, {entry.year}" if entry.year else entry.car,
        passed.control.id,
        words.number(deviation_text(passed.score)),
        sign_of(passed.score),
        words.number(penalty_text(passed.score)),
        place,
        passed.moved or 0,
    )


def next_text(coming: Next, zone: ZoneInfo) -> NextText:
    """Return the texts of a timing point and who comes next there."""
    crews = tuple(
        (entry.start_number, entry.crew, hour_of(standing.next_at_ns or 0, zone), str(standing.state).replace(" ", "-"))
        for entry, standing in coming.crews
    )
    return NextText(coming.point, coming.place, crews)


def title_of(table: Table, race: LiveRace, words: Words) -> str:
    """Return what a table is called: "Leg 1: the lake and back"; a further ranking has its own name before it."""
    base = table.leg.name if table.leg else words("overall")
    if table.alone:
        base = f"{base}: {words('alone', control=table.alone.id)}"
    return f"{table.name}, {base}" if table.name else base


def extent_of(table: Table, words: Words) -> str:
    """Return up to where a table goes: "After PC3"; "" where there is nothing to say."""
    if table.alone or not table.controls:
        return ""
    return words("after", control=table.controls[-1].id)


def why_text(score: Score, words: Words) -> str:
    """Return how a penalty follows."""
    return say(words.language, score.reason)


def times_of(leg: LegSheet, words: Words) -> tuple[TimeText, ...]:
    """Return the texts of a crew's controls of one leg; those still to come say so."""
    coming = leg.standing.coming
    return tuple(_time_text(control, score, place in coming, words) for place, (control, score) in enumerate(leg.pairs))


def _time_text(control: Control, score: Score, is_coming: bool, words: Words) -> TimeText:
    content, penalty = score_content(score), words.number(penalty_text(score))
    state = "coming" if score.status == OPEN and is_coming else score.status
    points_by_source: dict[str, list[str]] = {}
    for point, source in content.get("sources", {}).items():
        points_by_source.setdefault(source, []).append(point)
    notes = [words("by hand", point=", ".join(points), source=by) for by, points in points_by_source.items()]
    if score.status == OPEN and not is_coming and score.unusable:
        notes.append(words("open.missing", points=", ".join(score.unusable)))
    if score.doubts:
        notes.append(words("doubtful"))
    return TimeText(
        control.id,
        control.kind,
        words.number(_set_text(score)),
        words.number(taken(content)),
        words.number(deviation_text(score)),
        sign_of(score),
        penalty if state == SCORED else " ".join(filter(None, (penalty, _word(state, words)))),
        state.replace(" ", "-"),
        tuple(notes),
        "" if state == "coming" else why_text(score, words),
    )


def _word(state: str, words: Words) -> str:
    return words(f"cell.{state}")


def _set_text(score: Score) -> str:
    """Return a set time "0:28.00", or the hour at which a crew is due "09:12"; "" for none."""
    if score.set_cs is None:
        return ""
    minutes, rest_cs = divmod(score.set_cs, CS_PER_MINUTE)
    if score.unit != HUNDREDTHS:
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{minutes}:{rest_cs // 100:02}.{rest_cs % 100:02}"


def place_text(place: CrewPlace, race: LiveRace, words: Words) -> tuple[str, str]:
    """Return a crew's place and what it is in: ("1st", "Ladies' cup, Leg 1 (26th overall)")."""
    name = title_of(place.table, race, words)
    position = place.row.line.position
    if place.overall is not None:
        name = f"{name} ({words('of overall', place=words.ordinal(place.overall))})"
    return (words.ordinal(position) if position is not None else ""), name


def sum_text(line: Line, words: Words) -> str:
    """Return how a total follows from its net: "440 x 1.37 = 602.80"."""
    coefficient = words.number(f"{line.coefficient:f}")
    total, net, part = (words.number(typeset(f"{value:f}")) for value in (line.total, line.net, line.multiplied))
    if line.coefficients:
        factors = (words("factor in", factor=words.number(f"{factor:f}"), leg=leg) for leg, factor in line.coefficients)
        return words("how total.legs", net=net, factors=", ".join(factors), total=total)
    if line.multiplied == line.net:
        return words("how total", net=net, coefficient=coefficient, total=total)
    rest = words.number(typeset(f"{line.net - line.multiplied:f}"))
    return words("how total.part", part=part, coefficient=coefficient, rest=rest, total=total)
