"""What a receiver says and when: pulses and sentences of true time, made with pynmea2 or replayed from a real log.

Every happening is (at_ns, kind, text) in true time, in order, as timeline.py needs it: kind P for a pulse, N for bytes
(in hex) whose last one has come at that instant, T for a turn of the board's.
"""

import heapq
import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

import pynmea2  # type: ignore[import-untyped]

from centesimo_virtual.replay import epochs
from centesimo_virtual.scenario import (
    CHECKSUM_DAMAGED,
    NO_FIX,
    NS,
    OFF,
    PULSE_EXTRA,
    PULSE_LOST,
    SENTENCE_LATE,
    SENTENCE_LOST,
    Boot,
    Receiver,
    Scenario,
    after,
    utc_ns,
)

TURN_NS = 5_000_000  # before a burst: the board sees the silence end
BITS_A_BYTE = 10  # 8N1 on the wire
TALKER = "GN"
_FIX = "fix"
_TIMELS = (0x01, 0x26)  # class and id of UBX NAV-TIMELS
_TIM_TP = (0x0D, 0x01)
_GPS = 2  # source of what it says; 0: the receiver's own table
_COUNT_IS_VALID, _EVENT_IS_VALID = 1, 2

Happening = tuple[int, str, str]


def happenings(scenario: Scenario, boot: Boot) -> Iterator[Happening]:
    """Yield what the receiver does during one boot, in order of true time."""
    waiting: list[Happening] = []
    for at_ns, of_second in _seconds(scenario, boot):
        while waiting and waiting[0][0] < at_ns - scenario.receiver.jitter_ns:
            yield heapq.heappop(waiting)
        for happening in of_second:
            heapq.heappush(waiting, happening)
    while waiting:
        yield heapq.heappop(waiting)


def _seconds(scenario: Scenario, boot: Boot) -> Iterator[tuple[int, list[Happening]]]:
    """Yield each second's instant with what belongs to it (which may come after the next second's)."""
    rng = random.Random(f"{scenario.seed} receiver {boot.number}")
    receiver = scenario.receiver
    for at_ns, state, messages in _replayed(scenario, boot) if receiver.log else _made(scenario, boot):
        of_second: list[Happening] = []
        faults = _faults(scenario, at_ns)
        if state == _FIX and at_ns % NS == 0:
            pulse_ns = at_ns + rng.randint(-receiver.jitter_ns, receiver.jitter_ns)
            if PULSE_LOST not in faults:
                of_second.append((pulse_ns, "P", ""))
            if PULSE_EXTRA in faults:
                of_second.append((pulse_ns + faults[PULSE_EXTRA] * 1000, "P", ""))
        if SENTENCE_LOST not in faults:
            late_ms = receiver.delay_ms + faults.get(SENTENCE_LATE, 0)
            of_second += _spoken(receiver, at_ns + late_ms * 1_000_000, messages, CHECKSUM_DAMAGED in faults)
        yield at_ns, of_second


def _made(scenario: Scenario, boot: Boot) -> Iterator[tuple[int, str, list[bytes]]]:
    receiver = scenario.receiver
    for second in range(-(-boot.from_ns // NS), -(-boot.to_ns // NS)):
        state = _state(scenario, boot, second * NS)
        since_s = second - boot.from_ns / NS
        if state == OFF:
            continue
        named, leap_s = utc_ns(scenario, second * NS) // NS, receiver.leap_s
        inserted = scenario.leap_at_s is not None and second * NS == after(scenario, scenario.leap_at_s)
        leap_s += second > named
        if since_s < receiver.wrong_until_s:
            named += receiver.wrong_s
        messages = sentences(named, state == _FIX, receiver.satellites, receiver.position, inserted)
        if receiver.ubx:
            is_known, ahead_s = since_s >= receiver.leap_known_s and state == _FIX, None
            if scenario.leap_at_s is not None:
                ahead_s = (after(scenario, scenario.leap_at_s) - second * NS) // NS
            messages.append(timels(named, leap_s, is_known, ahead_s))
            wrong_s = named - utc_ns(scenario, second * NS) // NS
            messages.append(next_pulse(utc_ns(scenario, (second + 1) * NS) // NS + wrong_s))
        yield second * NS, state, messages


def _replayed(scenario: Scenario, boot: Boot) -> Iterator[tuple[int, str, list[bytes]]]:
    assert scenario.receiver.log is not None
    for epoch in epochs(scenario.receiver.log):
        state = _outage(scenario, epoch.at_ns) or (_FIX if epoch.fix else NO_FIX)
        if boot.from_ns <= epoch.at_ns < boot.to_ns and state != OFF:
            yield epoch.at_ns, state, list(epoch.messages)


def _state(scenario: Scenario, boot: Boot, at_ns: int) -> str:
    since_s = (at_ns - boot.from_ns) / NS
    if since_s < scenario.receiver.silent_s:
        return OFF
    outage = _outage(scenario, at_ns)
    return outage or (NO_FIX if since_s < scenario.receiver.fix_s else _FIX)


def _outage(scenario: Scenario, at_ns: int) -> str | None:
    at_s = (at_ns - scenario.start_utc_ns) / NS
    for outage in scenario.receiver.outages:
        if outage.from_s <= at_s < outage.to_s:
            return outage.kind
    return None


def _faults(scenario: Scenario, at_ns: int) -> dict[str, int]:
    """Return the amounts of this second's faults, by kind; the second begins at or after at_s of the fault."""
    at_s = (at_ns - scenario.start_utc_ns) / NS
    amount_by_kind = {}
    for fault in scenario.faults:
        lasts_s = max(fault.amount, 1) if fault.kind == SENTENCE_LOST else 1
        if fault.at_s <= at_s < fault.at_s + lasts_s:
            amount_by_kind[fault.kind] = fault.amount
    return amount_by_kind


def _spoken(receiver: Receiver, from_ns: int, messages: list[bytes], damaged: bool) -> Iterator[Happening]:
    at_ns = from_ns
    yield from_ns - TURN_NS, "T", ""
    for message in messages:
        if damaged and message.startswith(b"$"):
            message = message[:-3] + (b"1" if message[-3:-2] == b"0" else b"0") + message[-2:]
        at_ns += len(message) * BITS_A_BYTE * NS // receiver.baud
        yield at_ns, "N", message.hex()


def sentences(
    second: int, fix: bool, satellites: int, position: tuple[float, float], inserted: bool = False
) -> list[bytes]:
    """Return RMC, GGA and ZDA that name a UTC second (since 1970), without a fix with status V and no place.

    `inserted`: they name the second inserted before it, 23:59:60.
    """
    at = datetime.fromtimestamp(second - inserted, UTC)
    clock, place = at.strftime("%H%M60.00" if inserted else "%H%M%S.00"), _place(*position) if fix else ("", "", "", "")
    motion = ("0.02", "") if fix else ("", "")
    rmc = (clock, "A" if fix else "V", *place, *motion, at.strftime("%d%m%y"), "", "", "A" if fix else "N")
    quality = ("1", f"{satellites:02d}", "0.92") if fix else ("0", "00", "99.99")
    height = ("149.0", "M", "46.5", "M") if fix else ("", "", "", "")
    gga = (clock, *place, *quality, *height, "", "")
    zda = (clock, at.strftime("%d"), at.strftime("%m"), at.strftime("%Y"), "00", "00")
    made = (pynmea2.RMC(TALKER, "RMC", rmc), pynmea2.GGA(TALKER, "GGA", gga), pynmea2.ZDA(TALKER, "ZDA", zda))
    return [f"{sentence}\r\n".encode() for sentence in made]


def _place(latitude: float, longitude: float) -> tuple[str, str, str, str]:
    """Return a place as NMEA has it: ddmm.mmmm, N or S, dddmm.mmmm, E or W."""
    north, east = round(abs(latitude) * 600_000), round(abs(longitude) * 600_000)  # 1/10000 minute
    return (
        f"{north // 600_000:02d}{north % 600_000 / 10_000:07.4f}",
        "S" if latitude < 0 else "N",
        f"{east // 600_000:03d}{east % 600_000 / 10_000:07.4f}",
        "W" if longitude < 0 else "E",
    )


def next_pulse(second: int) -> bytes:
    """Return UBX TIM-TP: the next pulse begins a UTC second. Layout: u-blox M8 receiver description, 32.23.5."""
    week, of_week = divmod(second - 315_964_800, 604_800)
    return _frame(_TIM_TP, struct.pack("<IIiHBB", of_week * 1000, 0, 0, week, 3, 0))


def timels(second: int, leap_s: int, is_known: bool, ahead_s: int | None = None) -> bytes:
    """Return UBX NAV-TIMELS at a UTC second: the leap count, from a satellite system or the receiver's table.

    `ahead_s`: in how many seconds one is inserted, less than 0 after it; None: none was ever announced. Its date is
    left out. Layout: u-blox M8 receiver description, 32.18.22 (24 bytes).
    """
    week_ms = (second + leap_s - 315_964_800) % 604_800 * 1000  # of GPS time, which began in 1980
    source = _GPS if is_known else 0
    change, ahead = (0, 0) if ahead_s is None or not is_known else (int(ahead_s >= 0), ahead_s)
    valid = _COUNT_IS_VALID * is_known | _EVENT_IS_VALID * (is_known and ahead_s is not None)
    payload = struct.pack("<IB3xBbBbiHH3xB", week_ms, 0, source, leap_s, source, change, ahead, 0, 0, valid)
    return _frame(_TIMELS, payload)


def _frame(kind: tuple[int, int], payload: bytes) -> bytes:
    body = bytes(kind) + struct.pack("<H", len(payload)) + payload
    first, second_sum = 0, 0
    for byte in body:
        first = (first + byte) & 0xFF
        second_sum = (second_sum + first) & 0xFF
    return b"\xb5\x62" + body + bytes((first, second_sum))
