"""When each crew is due: the start order, a start of its own, regroups and time given, in one place.

A control counts its `after_ns` from a crew's *base*: its start, until a regroup gives it another one. A crew that
restarts in place p of the new order at a control due `after_ns` after the start has from there on the base
first + p x interval - after_ns, so that what comes behind is due as long after the restart as the road book says.
"""

from collections.abc import Iterable, Mapping, Sequence

from centesimo.model.event import TIME_CONTROL, Allowance, Control, Entry, Event, Regroup, Start


class Timetable:
    """When the crews of an event are due, as far as that is known before anybody drives."""

    def __init__(self, event: Event) -> None:
        self._allowances = event.allowances
        self._starts = {(race.id, start.leg): start for race in event.races for start in race.starts}
        self._entries_by_race: dict[str, list[Entry]] = {}
        for entry in event.entries:
            self._entries_by_race.setdefault(entry.race, []).append(entry)
        self._regroups_by_leg: dict[tuple[str, str], list[tuple[Control, Regroup]]] = {}
        control_by_id = {control.id: control for control in event.controls}
        for regroup in event.regroups:
            control = control_by_id[regroup.control]
            for race in regroup.races:
                self._regroups_by_leg.setdefault((race, control.leg), []).append((control, regroup))
        self._order = {control.id: place for place, control in enumerate(event.controls)}
        self._given_at = [control_by_id[allowance.control] for allowance in event.allowances]
        self._places: dict[tuple[str, str], dict[int, int]] = {}

    def find_start(self, entry: Entry, leg: str) -> Start | None:
        """Return when a crew's race starts a leg, None where it does not drive it."""
        return self._starts.get((entry.race, leg))

    def start_ns(self, entry: Entry, leg: str) -> int:
        """Return when a crew starts a leg: at a time of its own, or by its place in the start order."""
        for own_leg, at_ns in entry.own_starts:
            if own_leg == leg:
                return at_ns
        start = self._starts[entry.race, leg]
        return start.first_at_ns + entry.place_in(leg) * start.interval_ns

    def regroups_before(self, race: str, control: Control) -> list[tuple[Control, Regroup]]:
        """Return the regroups of a race on its way to a control, the one at the control itself not among them."""
        regroups = self._regroups_by_leg.get((race, control.leg), ())
        place = self._order[control.id]
        return [(at, regroup) for at, regroup in regroups if self._order[at.id] < place]

    def base_ns(self, entry: Entry, control: Control) -> int:
        """Return what a control's `after_ns` counts from; what an order by arrival changes is left out of it."""
        base_ns = self.start_ns(entry, control.leg)
        for at, regroup in self.regroups_before(entry.race, control):
            if not regroup.by_arrival:
                place = self.place_at(entry, at, regroup)
                base_ns = self.restart_ns(entry.race, at, regroup, place) - (at.after_ns or 0)
        return base_ns

    def is_behind_arrival(self, race: str, control: Control) -> bool:
        """Say whether crews come to a control in an order by arrival, so that nobody knows before when each is due."""
        return any(regroup.by_arrival for _, regroup in self.regroups_before(race, control))

    def restart_ns(self, race: str, at: Control, regroup: Regroup, place: int) -> int:
        """Return when the crew in a place (from 0) of the new order goes on from a regroup."""
        start = self._starts[race, at.leg]
        first_ns = regroup.first_at_ns
        if first_ns is None:
            first_ns = start.first_at_ns + (at.after_ns or 0)
        return first_ns + place * (start.interval_ns if regroup.interval_ns is None else regroup.interval_ns)

    def given_ns(self, entry: Entry, control: Control) -> int:
        """Return the time that a crew was given at time controls up to a control of the same leg, itself among them.

        What it was given before a regroup is over there.
        """
        if not self._allowances:
            return 0
        place = self._order[control.id]
        from_place = max((self._order[at.id] for at, _ in self.regroups_before(entry.race, control)), default=-1)
        pairs = zip(self._allowances, self._given_at, strict=True)
        return sum(
            allowance.time_ns
            for allowance, at in pairs
            if at.kind == TIME_CONTROL and at.leg == control.leg and from_place < self._order[at.id] <= place
            if is_given(allowance, entry)
        )

    def due_ns(self, entry: Entry, control: Control) -> int:
        """Return when a crew is due at a control, or expected where a chain of trials opens at it.

        Lateness that a new time card carries on and an order by arrival are not in it: they follow from passages.
        """
        return self.base_ns(entry, control) + (control.after_ns or 0) + self.given_ns(entry, control)

    def place_at(self, entry: Entry, at: Control, regroup: Regroup) -> int:
        """Return a crew's place (from 0) behind a regroup: those that it names, then the others in the order before."""
        key = at.id, ",".join(regroup.races)
        if key not in self._places:
            entries = [entry for race in regroup.races for entry in self._entries_by_race.get(race, ())]
            named = {number: place for place, number in enumerate(regroup.order)}
            self._places[key] = new_places(entries, named, at.leg)
        return self._places[key][entry.start_number]


def new_places(entries: Iterable[Entry], named: dict[int, int], leg: str) -> dict[int, int]:
    """Return every crew's place (from 0) when those in `named` go first, in its order, then the others as before."""
    before = sorted(entries, key=lambda entry: (entry.place_in(leg), entry.start_number))
    rest = [entry.start_number for entry in before if entry.start_number not in named]
    if not named:
        return {entry.start_number: entry.place_in(leg) for entry in before}
    return named | {number: len(named) + place for place, number in enumerate(rest)}


def is_given(allowance: Allowance, entry: Entry) -> bool:
    """Say whether a crew is given an allowance."""
    return entry.race in allowance.races and entry.start_number in (allowance.start_numbers or (entry.start_number,))


def by_arrival(at_ns_by_number: dict[int, int], entries: Sequence[Entry], leg: str) -> dict[int, int]:
    """Return the places (from 0) of crews in order of arrival; at one instant as they were before."""
    place_by_number = {entry.start_number: entry.place_in(leg) for entry in entries}
    ordered = sorted(at_ns_by_number, key=lambda number: (at_ns_by_number[number], place_by_number[number]))
    return {number: place for place, number in enumerate(ordered)}


def with_inferred(
    arrived_at_ns: Mapping[int, int], passed_at_ns: Mapping[int, int]
) -> tuple[dict[int, int], tuple[int, ...]]:
    """Return arrivals with those of crews that only the tube behind has seen, and who these are.

    They came to it as they had arrived, so each arrived right behind the crew that passed the tube before it.
    """
    arrivals_ns, inferred = dict(arrived_at_ns), []
    last_ns = min(arrived_at_ns.values(), default=0) - len(passed_at_ns)
    for number in sorted(passed_at_ns, key=lambda number: (passed_at_ns[number], number)):
        if number in arrived_at_ns:
            last_ns = max(last_ns, arrived_at_ns[number])
        else:
            last_ns += 1
            arrivals_ns[number] = last_ns
            inferred.append(number)
    return arrivals_ns, tuple(inferred)
