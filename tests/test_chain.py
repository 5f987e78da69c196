"""The chain on the board: tags against CPython's hmac, what is sealed when, secrets, erasing, a power cut anywhere."""

import hmac
import random

import pytest

from centesimo_board.chain import BLOCK, Chain
from centesimo_board.journal import RESERVE, SECTOR, Journal
from centesimo_protocol import chain, record, session
from tests.flash import Flash, apply, back, front, half

SECTORS = 5
SIZE = SECTORS * SECTOR
HOST = b"host0001"
SECRET = bytes(range(24))
OTHER = bytes(range(100, 124))


def edge(counter_us):
    return (record.Edge, counter_us, 1, counter_us, record.LOCKED, record.TUBE, 2)


def started(flash, secret=SECRET):
    """Return journal and chain of a board that starts on a flash."""
    journal = Journal(flash, SIZE)
    return journal, Chain(journal, secret)


def everything(journal):
    """Return all records kept, each as bytes."""
    raws, at = [], journal.first
    while chunk := journal.read(at, 1000):
        raws += [chunk[place : place + 32] for place in range(0, len(chunk), 32)]
        at = record.unpack(raws[-1]).sequence + 1
    return raws


def proven(raws, secret=SECRET):
    """Return up to which sequence records are sealed, worked out with CPython's hmac; each Seal must fit."""
    link, block, sealed = chain.FIRST_LINK, b"", 0
    begins = record.unpack(raws[0]).sequence if raws else 1
    for raw in raws:
        value = record.unpack(raw)
        if not isinstance(value, record.Seal):
            block += raw
            continue
        if value.sequence - value.count >= begins:  # else the beginning of its block is not here any more
            expected = hmac.digest(secret, b"block" + link + block + raw[:17], "sha256")[:11]
            assert (value.tag, value.count) == (expected, value.sequence - (sealed or begins - 1) - 1)
        block, sealed, link = b"", value.sequence, value.tag
    return sealed


# secret, message: any lengths around those of SHA-256's blocks
MACS = {
    "nothing": (b"", b""),
    "RFC 4231, case 2": (b"Jefe", b"what do ya want for nothing?"),
    "a board's secret": (SECRET, bytes(33)),
    "a key as long as a block": (bytes(range(64)), bytes(range(256)) * 9),
}


@pytest.mark.parametrize("case", MACS)
def test_a_mac_is_that_of_the_library(case):
    secret, message = MACS[case]
    assert chain.Key(secret).mac(message) == hmac.digest(secret, message, "sha256")
    parts = chain.Key(secret).block(b"")
    for at in range(0, len(message), 7):
        parts.add(message[at : at + 7])
    assert parts.digest() == hmac.digest(secret, b"block" + message, "sha256")


def test_a_mac_is_that_of_its_rfc():
    # RFC 4231, section 4.3
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert chain.Key(b"Jefe").mac(b"what do ya want for nothing?").hex() == expected


def test_a_fingerprint_tells_no_secret():
    assert chain.fingerprint(b"") == bytes(12)
    assert chain.fingerprint(SECRET) == hmac.digest(SECRET, b"fingerprint", "sha256")[:12]
    assert chain.fingerprint(SECRET) != chain.fingerprint(OTHER)


def test_a_seal_is_over_the_records_before_it():
    journal, sealing = started(Flash(SIZE))
    journal.append_all([edge(1), edge(2), edge(3)])
    assert (sealing.open, sealing.tells) == (3, True)
    assert sealing.seal(77)
    assert (sealing.open, sealing.tells, sealing.sealed) == (0, False, 4)
    seal = record.unpack(journal.read(4, 1))
    assert (seal.counter_us, seal.count, seal.tag) == (77, 3, sealing.tag)
    assert sealing.seal(78)  # nothing is open: nothing is written
    assert journal.last == 4
    assert proven(everything(journal)) == 4


def test_seals_are_chained():
    journal, sealing = started(Flash(SIZE))
    for number in range(20):
        journal.append_all([edge(number)] * (number % 5 + 1))
        assert sealing.seal(number)
    assert proven(everything(journal)) == journal.last


def test_what_a_start_finds_unsealed_is_sealed_by_the_next():
    flash = Flash(SIZE)
    journal, sealing = started(flash)
    journal.append_all([edge(1), edge(2)])
    sealing.seal(1)
    journal.append_all([edge(3)] * 200)  # over a sector's end
    again, resumed = started(flash)
    assert (resumed.open, resumed.sealed, resumed.tag) == (200, 3, sealing.tag)
    again.append(edge(4))
    assert resumed.seal(5)
    assert proven(everything(again)) == again.last == 205


def test_a_lost_number_between_starts_is_counted_in_its_block():
    flash = Flash(SIZE)
    journal, _ = started(flash)
    journal.append_all([edge(number) for number in range(200)])
    flash.image[3 * 32] ^= 1  # record 3 rots
    again, sealing = started(flash)
    sealing.seal(1)
    assert record.unpack(again.read(again.last, 1)).count == 200
    assert proven(everything(again)) == 201


def test_acknowledgements_alone_are_not_sealed():
    journal, sealing = started(Flash(SIZE))
    journal.append(edge(1))
    sealing.seal(1)
    journal.acknowledge(2, 2, HOST)
    assert (journal.last, sealing.open, sealing.tells) == (3, 1, False)


def test_a_full_journal_is_sealed_from_half_of_its_reserve():
    journal, sealing = started(Flash(SIZE))
    while not journal.full:
        journal.append(edge(1))
    written = 0
    while sealing.seal(2) and journal.append((record.Loss, 1, 17, 1, 1)):
        written += 1
    assert written == RESERVE // 4  # a Seal and a Loss each time, until half of the reserve is used
    assert journal.refused == 0
    assert journal.append((record.Loss, 1, 17, 1, 1))
    journal.acknowledge(journal.last, 1, HOST)
    assert sealing.seal(3)
    assert proven(everything(journal)) == journal.last


def test_a_slot_that_does_not_take_a_seal_costs_no_chain():
    class Worn(Flash):
        spoilt = 0

        def program(self, offset, page):
            super().program(offset, page)
            for at in range(0, 256, 32):
                if page[at + 6] == record.SEAL and self.spoilt:
                    self.spoilt -= 1
                    self.image[offset + at + 20] ^= 0x10

    flash = Worn(SIZE)
    journal, sealing = started(flash)
    journal.append_all([edge(1), edge(2)])
    flash.spoilt = 4  # as often as the journal tries
    assert not sealing.seal(1)
    assert (sealing.open, sealing.sealed, journal.torn) == (2, 0, 4)
    assert sealing.seal(2)
    assert proven(everything(journal)) == 3


def test_a_journal_of_an_older_firmware_gets_a_chain_from_its_newest_records_on():
    flash = Flash(20 * SECTOR)
    old = Journal(flash, 20 * SECTOR)
    old.append_all([edge(number) for number in range(1500)])
    journal = Journal(flash, 20 * SECTOR)
    sealing = Chain(journal, SECRET)
    assert sealing.open == 1024
    sealing.seal(1)
    assert record.unpack(journal.read(1501, 1)).count == 1024


def test_another_secret_seals_what_comes_after_it():
    journal, sealing = started(Flash(SIZE), chain.NO_SECRET)
    journal.append_all([edge(1), edge(2)])
    sealing.seal(1)
    link = sealing.tag
    sealing.change_secret(SECRET)
    journal.append_all([edge(3), edge(4)])
    sealing.seal(2)
    raws = everything(journal)
    assert proven(raws[:3], b"") == 3
    head = raws[5][:17]
    assert sealing.tag == hmac.digest(SECRET, b"block" + link + raws[3] + raws[4] + head, "sha256")[:11]


def sealed_board():
    """Return journal and chain with 300 records acknowledged and a Seal behind them, at 301."""
    flash = Flash(SIZE)
    journal, sealing = started(flash)
    journal.append_all([edge(number) for number in range(300)])
    sealing.seal(1)
    journal.acknowledge(301, 2, HOST)
    return flash, journal, sealing


# what a host claims beside the truth (301 records, the last is 301): the reason of the refusal
CLAIMS = {
    "one record less": ({"count": 300}, "expected 301 records from 1 on, got 300"),
    "one more": ({"count": 302}, "expected 301 records from 1 on, got 302"),
    "another seal": ({"last": 300}, "expected the seal at 301 and its digest, got another at 300"),
    "another digest": ({"digest": bytes(11)}, "expected the seal at 301 and its digest, got another at 301"),
}


@pytest.mark.parametrize("case", CLAIMS)
def test_an_erasure_without_proof_is_refused(case):
    change, why = CLAIMS[case]
    _, journal, sealing = sealed_board()
    before = (journal.first, journal.last)
    claim = session.Erase(301, 301, sealing.tag)._replace(**change)
    assert sealing.erase(claim, 9, HOST) == why
    assert (journal.first, journal.last) == before


def test_an_erasure_that_would_lose_a_passage_is_refused():
    _, journal, sealing = sealed_board()
    claim = session.Erase(301, 301, sealing.tag)
    journal.append(edge(5))
    assert sealing.erase(claim, 9, HOST) == "2 records came after the last seal: collect first"


def test_a_proven_erasure_leaves_its_seal_and_what_tells_of_it():
    flash, journal, sealing = sealed_board()
    assert sealing.erase(session.Erase(301, 301, sealing.tag), 9, HOST) == ""
    for found, resumed in (journal, sealing), started(flash):
        kinds = [type(record.unpack(raw)).__name__ for raw in everything(found)]
        assert kinds == ["Seal", "Acknowledged", "Erased"]
        assert (found.first, found.last, found.kept, found.erased) == (301, 303, 3, 300)
        assert (found.acknowledged, resumed.sealed, resumed.open) == (301, 301, 2)
    erased = record.unpack(journal.read(303, 1))
    assert (erased.up_to, erased.host_id) == (300, HOST)
    assert journal.read(1, 1) == journal.read(301, 1)
    journal.append(edge(1))
    sealing.seal(10)
    assert proven(everything(journal)) == 305


def test_an_erased_journal_takes_as_much_again_and_stays_erased():
    flash, journal, sealing = sealed_board()
    sealing.erase(session.Erase(301, 301, sealing.tag), 9, HOST)
    while not journal.full:
        journal.append(edge(1))
    assert journal.first == 301
    assert journal.kept >= 4 * 127 - RESERVE - 127
    again, _ = started(flash)
    assert (again.first, again.last, again.erased) == (301, journal.last, 300)


class Day:
    """A scripted day on flash: starts, blocks sealed by number, at greetings and starts, acknowledgements, an erasure.

    announced  for each operation's place: (last sequence announced, sequence of the newest Seal) before it
    history    every record by sequence
    """

    def __init__(self):
        self.flash = Flash(SIZE)
        self.announced = []
        self.noted = (0, 0)
        self.history = {}
        for start in range(6):
            self._start(start)

    def _start(self, start):
        self.journal, self.sealing = started(self.flash)
        self._write([(record.Boot, 5, start, 0, 1, 0, 1, bytes(8))])
        self.sealing.seal(6)
        for minute in range(20):
            self._write([edge(minute * 60 + number) for number in range(minute % 9 + 1)])
            if self.sealing.open >= BLOCK:
                self.sealing.seal(minute)
            self._note()
        self.sealing.seal(99)
        self.journal.acknowledge(self.journal.last, 100, HOST)
        self._note()
        if start % 2:
            claim = session.Erase(self.sealing.sealed + 1 - self.journal.first, self.sealing.sealed, self.sealing.tag)
            assert self.sealing.erase(claim, 101, HOST) == ""
        self.journal.tend()
        self._write([edge(7), edge(8)])

    def _write(self, entries):
        assert self.journal.append_all(entries) == len(entries)
        self._note()

    def _note(self):
        """What was announced held for all operations up to here; from here on there is more."""
        self.announced += [self.noted] * (len(self.flash.operations) - len(self.announced))
        self.noted = (self.journal.last, self.sealing.sealed)
        for raw in everything(self.journal):
            self.history[record.unpack(raw).sequence] = raw


def test_the_chain_holds_after_a_power_cut_at_every_operation(capsys):
    day = Day()
    chance = random.Random(1957)
    image = bytearray(b"\xff" * SIZE)
    ways = (half, lambda one, what, _: front(one, what, 0.6), lambda one, what, _: back(one, what, 0.6))
    cuts = 0
    for place, operation in enumerate(day.flash.operations):
        last, sealed = day.announced[place]
        for way in (None, *ways):
            cut = bytearray(image)
            if way:
                way(cut, operation, chance)
            check(cut, day, last, sealed)
            cuts += 1
        apply(image, operation)
    with capsys.disabled():
        print(f"\nchain: {len(day.history)} records, {cuts} power cuts")
    assert len(day.history) > 500


def check(image, day, last, sealed):
    """Start on an image: what was announced is there, what was sealed is, and the chain goes on from it."""
    journal, sealing = started(Flash(SIZE, image))
    assert journal.last >= last
    assert sealing.sealed >= sealed
    raws = everything(journal)
    assert all(raw == day.history[record.unpack(raw).sequence] for raw in raws)
    assert proven(raws) == sealing.sealed
    journal.append(edge(5))
    assert sealing.seal(6)
    assert proven(everything(journal)) == journal.last
