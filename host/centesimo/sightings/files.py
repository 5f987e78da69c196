"""Sightings that loaded files brought: a file that is taken back or shifted as a whole takes its sightings with it.

A sighting that several files have stays as it is as long as one of them stays as it is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from centesimo.model.decisions import OfFile, ShiftFile, TakeBack
from centesimo.model.facts import Passage, Sighting

Keyed = Mapping[str, tuple[Sighting, ...]]  # by the first 8 hex digits of a file's digest: what it brought


def as_recorded(keyed: Keyed) -> dict[str, Passage]:
    """Return what files brought under the ids that loaded passages have, so that a decision about a file finds it."""
    return {
        f"load:{file}:{place}": Passage(
            f"load:{file}:{place}", sighting.timing_point, sighting.at_ns, None, True, (), (), sighting.person
        )
        for file, brought in keyed.items()
        for place, sighting in enumerate(brought, 1)
    }


def as_decided(sightings: Sequence[Sighting], keyed: Keyed, actions: Collection[OfFile]) -> Sequence[Sighting]:
    """Return sightings without those of files that were taken back, and those of shifted files later."""
    if not actions or not keyed:
        return sightings
    files_by_id: dict[str, list[str]] = {}
    for file, brought in keyed.items():
        for sighting in brought:
            files_by_id.setdefault(sighting.id, []).append(file)
    return tuple(_decided(sightings, files_by_id, actions))


def _decided(
    sightings: Iterable[Sighting], files_by_id: Mapping[str, Sequence[str]], actions: Collection[OfFile]
) -> Iterable[Sighting]:
    for sighting in sightings:
        points = (None, sighting.timing_point)
        by_file = [
            [action for action in actions if action.file == file and action.timing_point in points]
            for file in files_by_id.get(sighting.id, ())
        ]
        if not by_file or not all(by_file):
            yield sighting
            continue
        of_sighting = [action for of_file in by_file for action in of_file]
        if not all(isinstance(action, TakeBack) for action in of_sighting):
            shift_ns = next(action.shift_ns for action in of_sighting if isinstance(action, ShiftFile))
            yield sighting._replace(at_ns=sighting.at_ns + shift_ns)
