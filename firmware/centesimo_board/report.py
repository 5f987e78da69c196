"""What a board says of itself: to a host, and in one line to a person at a terminal."""

from centesimo_board.civil import civil
from centesimo_board.doubts import DOUBTS
from centesimo_board.version import VERSION
from centesimo_protocol import record, session
from centesimo_protocol.setting import NAME, pack
from centesimo_protocol.shim import const

PAST_US = const(600_000_000)  # after that an alarm of the past is a note
# Alarms of something that has happened; the others of session.ALARM_NAMES hold as long as their cause does.
PAST = (session.TORN, session.LOST, session.SETTINGS, session.FOREIGN, session.FAULT)


def welcome(board, version):
    """Return the Welcome of a board, in a protocol version."""
    journal = board.journal
    major, minor, patch = VERSION
    name = pack(NAME, board.settings.value(NAME))
    return session.Welcome(
        version, board.board_id, name, major, minor, patch, journal.boot,
        journal.first, journal.last, journal.acknowledged, board.chain.sealed, board.chain.tag,
    )  # fmt: skip


def status(board):
    """Return the Status of a board."""
    journal, clock, sense = board.journal, board.clock, board.devices.sense
    now_us, place = board.devices.capture.now_us(), board.positions.logged
    return session.Status(
        clock.state, 1 if clock.confirmed else 0, clock.satellites, clock.uncertainty_us(now_us), clock.utc(now_us)[0],
        now_us, journal.boot, journal.first, journal.last, journal.acknowledged, journal.capacity,
        sense.battery_mv(), sense.temperature_cc(), min(journal.torn, 0xFFFF), lost(board), alarms(board), notes(board),
        place.latitude_e7 if place else 0, place.longitude_e7 if place else 0, maker(board.gps),
    )  # fmt: skip


def maker(gps) -> int:
    """Return the place in session.MAKER_NAMES of who has made the receiver, as far as it has said so."""
    names = session.MAKER_NAMES
    return 1 if gps.is_ublox else names.index(gps.maker.decode()) if gps.maker else 0


def lost(board) -> int:
    """Return how many stamps and records were lost since the start."""
    return sum(board.devices.capture.lost) + board.journal.refused


def alarms(board) -> int:
    """Return the alarms that hold now, one bit each, in the order of session.ALARM_NAMES.

    What has happened is an alarm for ten minutes; from then on only notes() has it.
    """
    journal = board.journal
    bits = (
        (1 if journal.warns else 0)
        | (2 if journal.full else 0)
        | (1 << 4 if board.inputs.stuck else 0)
        | (1 << 6 if board.inputs.ringing else 0)
        | (1 << 8 if board.battery_is_low else 0)
        | (0 if journal.writable else 1 << 9)
    )
    now_us = board.devices.capture.now_us()
    for place in PAST:
        happened_us = board.happened_us.get(place)
        if happened_us is not None and now_us - happened_us < PAST_US:
            bits |= 1 << place
    return bits if board.settings.damaged else bits & ~(1 << session.SETTINGS)


def notes(board) -> int:
    """Return what has happened since the start, as the bits of its alarms."""
    bits = 0
    for place in PAST:
        if place in board.happened_us:
            bits |= 1 << place
    return bits


def alarm_names(board) -> list:
    """Return the names of the alarms that hold now."""
    bits = alarms(board)
    return [name for place, name in enumerate(session.ALARM_NAMES) if bits >> place & 1]


def line(board) -> str:
    """Return one line that a person can read: time, state, satellites, records, alarms."""
    clock, journal = board.clock, board.journal
    now_us = board.devices.capture.now_us()
    name = board.settings.value(NAME)
    parts = [
        "centesimo %d.%d.%d" % VERSION,
        "%s (%s)" % (name, board.board_id.hex()) if name else board.board_id.hex(),
        time_text(clock, now_us),
        state(clock, now_us),
    ]
    parts.append("%d satellites" % clock.satellites)
    parts.append("%d records, %d not collected" % (journal.kept, journal.waiting))
    parts.append("alarms: " + (", ".join(alarm_names(board)) or "none"))
    return "; ".join(parts)


def time_text(clock, now_us) -> str:
    """Return the date and time of a counter, to the second, as text."""
    utc_s, _ = clock.utc(now_us)
    if not utc_s:
        return "time not known"
    return "%04d-%02d-%02d %02d:%02d:%02d UTC" % civil(utc_s)


def state(clock, now_us) -> str:
    """Return the sync state, the uncertainty and why it is no better, as text."""
    text = record.STATE_NAMES[clock.state]
    bound_us = clock.uncertainty_us(now_us)
    if bound_us != record.NOT_KNOWN_US:
        text += " +-%d us, seconds %sconfirmed" % (bound_us, "" if clock.confirmed else "not yet ")
    if clock.doubt:
        text += " (%s)" % DOUBTS[clock.doubt]
    return text
