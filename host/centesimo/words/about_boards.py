"""What the sentences about boards and their records are put together from."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from centesimo.model import about_boards as about
from centesimo.model.event import Event
from centesimo.model.findings import Finding
from centesimo.model.said import said
from centesimo.reading.ranges import ranges_text
from centesimo.words import english
from centesimo_protocol import record

INPUTS = range(1, 5)
Parts = dict[str, str | int]


def counter_beyond(beyond: about.CounterBeyond, finding: Finding, event: Event) -> Parts:
    """Return which records these are."""
    more = said(english.MORE, count=beyond.more) if beyond.more else ""
    return {"records": said(english.RECORD, record=beyond.first) + more}


def second_in_doubt(doubt: about.SecondInDoubt, finding: Finding, event: Event) -> Parts:
    """Return from when on the second is in doubt, and why."""
    reasons = record.DOUBT_REASONS
    why = said(reasons[doubt.reason]) if doubt.reason < len(reasons) else said(english.REASON, reason=doubt.reason)
    return {
        "utc": _utc(doubt.utc_s),
        "doubt": why,
        "differs": said(english.DIFFERS, shift_s=doubt.shift_s) if doubt.shift_s else "",
    }


def host_differs(differs: about.HostDiffers, finding: Finding, event: Event) -> Parts:
    """Return when who said what of the second."""
    who = english.HOSTS[differs.basis] if differs.basis < len(english.HOSTS) else english.HOSTS[0]
    return {"utc": _utc(differs.utc_s), "who": said(who), "what": said(english.HOST_SAYS[differs.outcome])}


def leap_second(leap: about.LeapSecond, finding: Finding, event: Event) -> Parts:
    """Return the second before which it was inserted."""
    return {"utc": _utc(leap.utc_s)}


def unknown_records(unknown: about.UnknownRecords, finding: Finding, event: Event) -> Parts:
    """Return the kinds."""
    return {"names": ", ".join(map(str, unknown.kinds))}


def board_lost(loss: about.BoardLost, finding: Finding, event: Event) -> Parts:
    """Return what a board lost."""
    if loss.source in INPUTS:
        what = said(english.EDGES_OF, input=loss.source)
    else:
        what = said(english.EVENTS_OF, source=said(english.LOSS_SOURCES.get(loss.source, english.A_SOURCE)))
    template = english.LOSSES.get(loss.reason, english.LOST)
    return {"loss": said(template, lost=loss.lost, what=what)}


def input_rang(rang: about.InputRang, finding: Finding, event: Event) -> Parts:
    """Return in which records the edges were counted."""
    template = english.RECORD if rang.first == rang.last else english.RECORDS
    return {"records": said(template, record=rang.first, last=rang.last)}


def firmware_fault(fault: about.FirmwareFault, finding: Finding, event: Event) -> Parts:
    """Return what the error is called."""
    names = record.FAULT_NAMES
    name = names[fault.error] if fault.error < len(names) else said(english.ERROR, error=fault.error)
    return {"name": name}


def marked_doubtful(mark: about.MarkedDoubtful, finding: Finding, event: Event) -> Parts:
    """Return which edge was marked."""
    if mark.edge:
        return {"marked": said(english.RECORD, record=mark.edge)}
    return {"marked": said(english.EDGE_NOT_HERE, number=mark.number)}


def _utc(utc_s: int) -> str:
    return datetime.fromtimestamp(utc_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def several_versions(several: about.SeveralVersions, finding: Finding, event: Event) -> Parts:
    """Return what may be otherwise, which records came so, and what tells which one is used."""
    more = said(english.MORE, count=several.more) if several.more else ""
    template = english.RECORD if len(several.records) == 1 else english.SEVERAL_RECORDS
    which = said(template, record=ranges_text(several.records)) + more
    may_be = english.OTHERWISE if several.passages else english.NOT_OTHERWISE
    return {
        "otherwise": said(may_be, where=finding.where, passages=several.passages),
        "which": which,
        "told": said(english.GROUNDS[several.ground]),
    }


PARTS: Mapping[type, Callable[[Any, Finding, Event], Parts]] = {
    about.CounterBeyond: counter_beyond,
    about.SecondInDoubt: second_in_doubt,
    about.HostDiffers: host_differs,
    about.LeapSecond: leap_second,
    about.UnknownRecords: unknown_records,
    about.BoardLost: board_lost,
    about.InputRang: input_rang,
    about.FirmwareFault: firmware_fault,
    about.MarkedDoubtful: marked_doubtful,
    about.SeveralVersions: several_versions,
}
