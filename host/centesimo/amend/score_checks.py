"""What a decision about scores and crews must not contradict: one small function a kind of decision.

Each returns one line that says why the decision cannot stand beside the earlier ones, or "" when it can.
"""

from collections.abc import Collection

from centesimo.amend import in_order
from centesimo.amend.scores import FROM_HERE_ON, reached
from centesimo.amend.standing import Standing, stands_at
from centesimo.model.course import controls_named, last_tube
from centesimo.model.decisions import Average, Cancel, Confirm, Decision, Miss, Reinstate, Retire


def covers(wide: Decision, narrow: Decision, standing: Standing) -> bool:
    """Say whether all that `narrow` is about of a control is in what `wide` is about."""
    race = narrow.race or standing.find_race(narrow.start_number)
    of_wide = controls_named(standing.event, wide.control or "")
    return (
        all(control in of_wide for control in controls_named(standing.event, narrow.control or ""))
        and wide.race in (None, race)
        and wide.start_number in (None, narrow.start_number)
    )


def overlaps(decision: Decision, earlier: Decision, standing: Standing) -> bool:
    """Say whether two decisions are about the time of one crew at one control."""
    controls, controls_before = (
        set(controls_named(standing.event, made.control or "")) for made in (decision, earlier)
    )
    return not controls.isdisjoint(controls_before) and decision.start_number == earlier.start_number


def cancel(decision: Decision, standing: Standing) -> str:
    """What is cancelled is not cancelled again, and not for one crew whose time there stands."""
    for earlier in standing.of_kind(Cancel):
        if covers(earlier, decision, standing):
            return f"{decision.control} is cancelled by {standing.against(earlier)}"
    return "" if decision.start_number is None else _confirmed(decision, standing)


def penalty(decision: Decision, standing: Standing) -> str:
    """A fixed penalty may be given whatever else is decided of the control, but at one: it costs what it says, once."""
    return _one_control(decision, standing)


def _one_control(decision: Decision, standing: Standing) -> str:
    """Return why a decision that says what a control costs cannot name all of an average trial."""
    race = standing.find_race(decision.start_number)
    every = controls_named(standing.event, decision.control or "")
    named = [control for control in every if standing.drives(race, control)]
    if decision.amount is None or len(named) == 1:
        return ""
    return f"expected one control, as each would cost {decision.amount:f}: {decision.control} is {', '.join(named)}"


def score(decision: Decision, standing: Standing) -> str:
    """What is cancelled stays so; the same is not decided twice."""
    for earlier in standing.of_kind(Cancel):
        if covers(earlier, decision, standing):
            return f"{decision.control} is cancelled by {standing.against(earlier)}"
    for earlier in standing.of_kind(Average, Miss):
        if overlaps(decision, earlier, standing):
            return f"it is decided by {standing.against(earlier)}"
    if isinstance(decision.action, Average) and (why := _retired(decision, standing)):
        return why
    return (
        _confirmed(decision, standing)
        or _one_control(decision, standing)
        or (_passed(decision, standing) if isinstance(decision.action, Miss) else "")
    )


def _confirmed(decision: Decision, standing: Standing) -> str:
    """Return why nothing can take the place of a crew's time: a decision says that it stands."""
    for earlier in standing.of_kind(Confirm):
        if overlaps(decision, earlier, standing):
            return (
                f"the time of crew {decision.start_number} at {earlier.control} stands by {standing.against(earlier)}"
            )
    return ""


def _passed(decision: Decision, standing: Standing) -> str:
    """Return why a crew cannot have missed a control: a decision gives it a passage there."""
    points = stands_at(decision, standing)
    for identity in standing.passages_by_crew.get(decision.start_number or 0, ()):
        passage = standing.find_passage(identity)
        if passage is not None and passage.timing_point in points:
            by = standing.against(standing.crew_by_passage[identity][1])
            return f"crew {decision.start_number} has passage {standing.name(identity)} by {by}"
    return ""


def _out_by(start_number: int | None, standing: Standing) -> dict[str, Decision]:
    """Return by which decision a crew is out, by the ids of the controls where it is."""
    decision_by_control: dict[str, Decision] = {}
    for earlier in sorted(standing.of_kind(*FROM_HERE_ON), key=in_order):
        for control in reached(standing.event, earlier) if earlier.start_number == start_number else ():
            if isinstance(earlier.action, Reinstate):
                decision_by_control.pop(control, None)
            else:
                decision_by_control[control] = earlier
    return decision_by_control


def controls_without(start_number: int, standing: Standing) -> frozenset[str]:
    """Return the controls that a crew did not come to because it gave up before them, by decisions that stand."""
    return frozenset(
        control for control, by in _out_by(start_number, standing).items() if isinstance(by.action, Retire)
    )


def retired_by(start_number: int | None, controls: Collection[str], standing: Standing) -> Decision | None:
    """Return the decision by which a crew gave up before all of these controls that it drives, or None."""
    race, by = standing.find_race(start_number), _out_by(start_number, standing)
    driven = [control for control in controls if standing.drives(race, control)]
    decisions = (by.get(control) for control in driven)
    retired = [decision for decision in decisions if decision is not None and isinstance(decision.action, Retire)]
    return retired[0] if retired and len(retired) == len(driven) else None


def _retired(decision: Decision, standing: Standing) -> str:
    by = retired_by(decision.start_number, controls_named(standing.event, decision.control or ""), standing)
    return (
        ""
        if by is None
        else f"crew {decision.start_number} did not come to {decision.control} by {standing.against(by)}"
    )


def out(decision: Decision, standing: Standing) -> str:
    """A crew is excluded or retired once; a reinstatement ends that."""
    last = _out_by(decision.start_number, standing).get(standing.event.controls[-1].id)
    return f"crew {decision.start_number} is out by {standing.against(last)}" if last is not None else ""


def retire(decision: Decision, standing: Standing) -> str:
    """Who gave up before a control has no time there that stands, no average and no passage by a decision."""
    if why := out(decision, standing):
        return why
    number, controls = decision.start_number, reached(standing.event, decision)
    last = last_tube(standing.event, standing.find_race(number), controls)
    for earlier in standing.of_kind(Average, Confirm):
        if earlier.start_number == number and controls & set(controls_named(standing.event, earlier.control or "")):
            return f"crew {number} came to {earlier.control} by {standing.against(earlier)}"
    for identity in standing.passages_by_crew.get(number or 0, ()):
        passage = standing.find_passage(identity)
        at = set() if passage is None else standing.controls_at(passage.timing_point, number)
        if passage is not None and at and at <= controls and passage.timing_point != last:
            by = standing.against(standing.crew_by_passage[identity][1])
            return f"crew {number} came to {passage.timing_point} by {by}"
    return ""


def reinstate(decision: Decision, standing: Standing) -> str:
    """A crew comes back where a decision put it out, or where the rule book did: then it is said what that costs."""
    number, by = decision.start_number, _out_by(decision.start_number, standing)
    if reached(standing.event, decision) & by.keys() or (decision.control is not None and decision.amount is not None):
        return ""
    where = "" if decision.control is None else f" from {decision.control} on"
    back = [decision for decision in standing.of_kind(Reinstate) if decision.start_number == number]
    if back and not by:
        return f"crew {number} is back by {standing.against(max(back, key=in_order))}"
    return (
        f"crew {number} is out by no decision{where}; where the rule book excluded it, "
        "name the control and the points that it costs instead"
    )


def confirm(decision: Decision, standing: Standing) -> str:
    """A time may be confirmed more than once, for each request, but not where it does not count."""
    for earlier in standing.of_kind(Cancel, Average, Miss):
        if covers(earlier, decision, standing) or (
            not isinstance(earlier.action, Cancel) and overlaps(decision, earlier, standing)
        ):
            by = standing.against(earlier)
            return f"the time of crew {decision.start_number} at {decision.control} does not count by {by}"
    return _retired(decision, standing)
