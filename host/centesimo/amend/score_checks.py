"""What a decision about scores and crews must not contradict: one small function a kind of amendment.

Each returns one line that says why the decision cannot stand beside the earlier ones, or "" when it can.
"""

from collections.abc import Collection

from centesimo.amend import in_order
from centesimo.amend.scores import FROM_HERE_ON, reached
from centesimo.amend.standing import Known, stands_at
from centesimo.model.course import controls_named, last_tube
from centesimo.model.decisions import Average, Cancel, Confirm, Decision, Miss, Reinstate, Retire


def covers(wide: Decision, narrow: Decision, known: Known) -> bool:
    """Say whether all that `narrow` is about of a control is in what `wide` is about."""
    race = narrow.race or known.find_race(narrow.start_number)
    of_wide = controls_named(known.event, wide.control or "")
    return (
        all(one in of_wide for one in controls_named(known.event, narrow.control or ""))
        and wide.race in (None, race)
        and wide.start_number in (None, narrow.start_number)
    )


def overlaps(one: Decision, other: Decision, known: Known) -> bool:
    """Say whether two decisions are about the time of one crew at one control."""
    both = set(controls_named(known.event, one.control or "")) & set(controls_named(known.event, other.control or ""))
    return bool(both) and one.start_number == other.start_number


def cancel(one: Decision, known: Known) -> str:
    """What is cancelled is not cancelled again, and not for one crew whose time there stands."""
    for other in known.of_kind(Cancel):
        if covers(other, one, known):
            return f"{one.control} is cancelled by {known.against(other)}"
    return "" if one.start_number is None else _confirmed(one, known)


def penalty(one: Decision, known: Known) -> str:
    """A fixed penalty may be given whatever else is decided of the control, but at one: it costs what it says, once."""
    return _one_control(one, known)


def _one_control(one: Decision, known: Known) -> str:
    """Return why a decision that says what a control costs cannot name all of an average trial."""
    race = known.find_race(one.start_number)
    named = [its for its in controls_named(known.event, one.control or "") if known.drives(race, its)]
    if one.amount is None or len(named) == 1:
        return ""
    return f"expected one control, as each would cost {one.amount:f}: {one.control} is {', '.join(named)}"


def score(one: Decision, known: Known) -> str:
    """What is cancelled stays so; the same is not decided twice."""
    for other in known.of_kind(Cancel):
        if covers(other, one, known):
            return f"{one.control} is cancelled by {known.against(other)}"
    for other in known.of_kind(Average, Miss):
        if overlaps(one, other, known):
            return f"it is decided by {known.against(other)}"
    if isinstance(one.action, Average) and (why := _retired(one, known)):
        return why
    return (
        _confirmed(one, known)
        or _one_control(one, known)
        or (_passed(one, known) if isinstance(one.action, Miss) else "")
    )


def _confirmed(one: Decision, known: Known) -> str:
    """Return why nothing can take the place of a crew's time: a decision says that it stands."""
    for other in known.of_kind(Confirm):
        if overlaps(one, other, known):
            return f"the time of crew {one.start_number} at {other.control} stands by {known.against(other)}"
    return ""


def _passed(one: Decision, known: Known) -> str:
    """Return why a crew cannot have missed a control: a decision gives it a passage there."""
    points = stands_at(one, known)
    for its in known.passages_by_crew.get(one.start_number or 0, ()):
        passage = known.find_passage(its)
        if passage is not None and passage.timing_point in points:
            other = known.crew_by_passage[its][1]
            return f"crew {one.start_number} has passage {known.name(its)} by {known.against(other)}"
    return ""


def _out_by(start_number: int | None, known: Known) -> dict[str, Decision]:
    """Return by which decision a crew is out, by the ids of the controls where it is."""
    found: dict[str, Decision] = {}
    for other in sorted(known.of_kind(*FROM_HERE_ON), key=in_order):
        for control in reached(known.event, other) if other.start_number == start_number else ():
            if isinstance(other.action, Reinstate):
                found.pop(control, None)
            else:
                found[control] = other
    return found


def controls_without(start_number: int, known: Known) -> frozenset[str]:
    """Return the controls that a crew did not come to because it gave up before them, by decisions that stand."""
    return frozenset(control for control, by in _out_by(start_number, known).items() if isinstance(by.action, Retire))


def retired_by(start_number: int | None, controls: Collection[str], known: Known) -> Decision | None:
    """Return the decision by which a crew gave up before all of these controls that it drives, or None."""
    race, by = known.find_race(start_number), _out_by(start_number, known)
    found = [by.get(control) for control in controls if known.drives(race, control)]
    retired = [one for one in found if one is not None and isinstance(one.action, Retire)]
    return retired[0] if retired and len(retired) == len(found) else None


def _retired(one: Decision, known: Known) -> str:
    by = retired_by(one.start_number, controls_named(known.event, one.control or ""), known)
    return "" if by is None else f"crew {one.start_number} did not come to {one.control} by {known.against(by)}"


def out(one: Decision, known: Known) -> str:
    """A crew is excluded or retired once; a reinstatement ends that."""
    last = _out_by(one.start_number, known).get(known.event.controls[-1].id)
    return f"crew {one.start_number} is out by {known.against(last)}" if last is not None else ""


def retire(one: Decision, known: Known) -> str:
    """Who gave up before a control has no time there that stands, no average and no passage by a decision."""
    if why := out(one, known):
        return why
    number, controls = one.start_number, reached(known.event, one)
    last = last_tube(known.event, known.find_race(number), controls)
    for other in known.of_kind(Average, Confirm):
        if other.start_number == number and controls & set(controls_named(known.event, other.control or "")):
            return f"crew {number} came to {other.control} by {known.against(other)}"
    for its in known.passages_by_crew.get(number or 0, ()):
        passage = known.find_passage(its)
        at = set() if passage is None else known.controls_at(passage.timing_point, number)
        if passage is not None and at and at <= controls and passage.timing_point != last:
            return f"crew {number} came to {passage.timing_point} by {known.against(known.crew_by_passage[its][1])}"
    return ""


def reinstate(one: Decision, known: Known) -> str:
    """A crew comes back where a decision put it out, or where the rule book did: then it is said what that costs."""
    number, by = one.start_number, _out_by(one.start_number, known)
    if reached(known.event, one) & by.keys() or (one.control is not None and one.amount is not None):
        return ""
    where = "" if one.control is None else f" from {one.control} on"
    back = [other for other in known.of_kind(Reinstate) if other.start_number == number]
    if back and not by:
        return f"crew {number} is back by {known.against(max(back, key=in_order))}"
    return (
        f"crew {number} is out by no decision{where}; where the rule book excluded it, "
        "name the control and the points that it costs instead"
    )


def confirm(one: Decision, known: Known) -> str:
    """A time may be confirmed more than once, for each request, but not where it does not count."""
    for other in known.of_kind(Cancel, Average, Miss):
        if covers(other, one, known) or (not isinstance(other.action, Cancel) and overlaps(one, other, known)):
            return f"the time of crew {one.start_number} at {one.control} does not count by {known.against(other)}"
    return _retired(one, known)
