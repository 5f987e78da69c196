"""The journal on NOR flash in memory: what it promises, what it refuses, and a power cut at every flash operation."""

import random
import struct
from binascii import crc32

import pytest

from centesimo_board import journal
from centesimo_board.journal import RECORDS, RESERVE, SECTOR, Journal
from centesimo_protocol import record
from tests.flash import ERASE, Flash, apply, back, front, half

SECTORS = 5
SIZE = SECTORS * SECTOR
CAPACITY = SECTORS * RECORDS - RESERVE  # 5 x 127 - 16 = 619
HOST = b"host0001"


def edge(counter_us, number=1):
    return (record.Edge, counter_us, number, counter_us, record.LOCKED, record.TUBE, 2)


def filled(count, flash=None):
    """Return a journal with `count` records."""
    found = Journal(flash or Flash(SIZE), SIZE)
    for number in range(count):
        assert found.append(edge(number)) == number + 1
    return found


def sequences(raw):
    return [record.unpack(raw[at : at + 32]).sequence for at in range(0, len(raw), 32)]


def everything(found):
    """Return all records kept, as bytes."""
    raw, first = b"", found.first
    while chunk := found.read(first, 1000):
        raw += chunk
        first = sequences(chunk[-32:])[0] + 1
    return raw


def test_an_empty_check_is_no_record():
    # An erased or zeroed slot must not look whole: neither 28 x ff nor 28 x 00 has the check that follows.
    assert crc32(b"\xff" * 28) != 0xFFFFFFFF
    assert crc32(b"\x00" * 28) != 0


@pytest.mark.parametrize("fill", [0xFF, 0x00, 0x5A], ids=["blank", "zeros", "foreign bytes"])
def test_a_new_area_begins_at_one(fill):
    found = Journal(Flash(SIZE, fill=fill), SIZE)
    assert (found.boot, found.first, found.last, found.kept, found.torn) == (1, 1, 0, 0, 0)
    assert found.read(1, 24) == b""
    assert found.append(edge(7)) == 1
    assert record.unpack(found.read(1, 24)) == record.Edge(1, 1, 7, 1, 7, record.LOCKED, record.TUBE, 2)


# (records written, then read from, how many asked): the sequences that come, at most to the end of a sector.
READS = {
    "all of a few": (5, 0, 24, [1, 2, 3, 4, 5]),
    "from the middle": (5, 3, 24, [3, 4, 5]),
    "as many as asked": (5, 2, 2, [2, 3]),
    "behind the last": (5, 6, 24, []),
    "none asked": (5, 1, 0, []),
    "up to the end of a sector": (130, 126, 24, [126, 127]),
    "from the next sector": (130, 128, 24, [128, 129, 130]),
}


@pytest.mark.parametrize("case", READS)
def test_read(case):
    written, first, count, expected = READS[case]
    assert sequences(filled(written).read(first, count)) == expected


def test_reading_jumps_about_in_any_order():
    found = filled(600)
    for first in (600, 1, 300, 299, 128, 127, 381, 600, 255):
        assert sequences(found.read(first, 1)) == [first]


def test_one_record_is_one_program_that_leaves_its_neighbours_alone():
    found = filled(3)
    before = len(found._flash.operations)
    found.append(edge(9))
    [(_, _, page)] = found._flash.operations[before:]
    assert page.count(b"\xff" * 32) == 7


def test_a_batch_is_one_program_a_page():
    flash = Flash(SIZE)
    found = filled(3, flash)  # slots 1, 2, 3 of page 0: four are free there, then eight a page
    before = len(flash.operations)
    assert found.append_all([edge(number) for number in range(20)]) == 20
    assert found.last == 23
    assert len(flash.operations) - before == 3  # 4 + 8 + 8
    assert sequences(found.read(1, 100)) == list(range(1, 24))


def test_numbers_and_boots_go_on_over_starts():
    flash = Flash(SIZE)
    filled(200, flash)
    again = Journal(flash, SIZE)
    assert (again.boot, again.last) == (2, 200)
    assert again.append(edge(1)) == 201
    assert Journal(flash, SIZE).boot == 3
    assert record.unpack(again.read(201, 1)).boot == 2


def test_a_start_that_writes_nothing_uses_no_boot_number():
    flash = Flash(SIZE)
    filled(1, flash)
    Journal(flash, SIZE)
    assert Journal(flash, SIZE).boot == 2


def test_full_keeps_what_nobody_has_collected():
    flash = Flash(SIZE)
    found = filled(CAPACITY, flash)
    assert found.full
    assert found.append(edge(1)) == 0
    assert found.append_all([edge(1)] * 3) == 0
    assert (found.refused, found.last, found.first) == (4, CAPACITY, 1)
    assert len(everything(found)) == CAPACITY * 32
    assert found.append((record.Loss, 1, 17, 1, 4)) == CAPACITY + 1
    assert Journal(flash, SIZE).full


def test_full_takes_what_fits_of_a_batch():
    found = filled(CAPACITY - 2)
    assert found.append_all([edge(1)] * 5) == 2
    assert (found.refused, found.last) == (3, CAPACITY)


def test_an_acknowledgement_makes_room_even_when_the_reserve_is_used():
    found = filled(CAPACITY)
    for number in range(RESERVE):
        assert found.append((record.Loss, 1, 17, 1, 1)) == CAPACITY + 1 + number
    assert found.append((record.Loss, 1, 17, 1, 1)) == 0
    assert found.acknowledge(RECORDS, 5, HOST)  # exactly the first sector
    assert not found.full
    assert record.unpack(found.read(found.last, 1)).up_to == RECORDS
    assert found.append(edge(1)) == found.last
    assert found.first == RECORDS + 1


def test_small_acknowledgements_do_not_use_the_reserve_up():
    flash = Flash(SIZE)
    found = filled(CAPACITY, flash)
    for up_to in range(1, RECORDS):
        assert found.acknowledge(up_to, 5, HOST)
    assert (found.last, found.acknowledged) == (CAPACITY, RECORDS - 1)
    assert found.acknowledge(RECORDS, 5, HOST)
    assert Journal(flash, SIZE).acknowledged == RECORDS


# up to which number of ten records: accepted, acknowledged then, how many records then
ACKNOWLEDGEMENTS = {
    "all": (10, True, 10, 11),
    "some": (4, True, 4, 11),
    "none": (0, True, 0, 10),
    "more than there are": (11, False, 0, 10),
}


@pytest.mark.parametrize("case", ACKNOWLEDGEMENTS)
def test_acknowledge(case):
    up_to, accepted, acknowledged, last = ACKNOWLEDGEMENTS[case]
    flash = Flash(SIZE)
    found = filled(10, flash)
    assert found.acknowledge(up_to, 3, HOST) == accepted
    assert (found.acknowledged, found.last) == (acknowledged, last)
    assert Journal(flash, SIZE).acknowledged == acknowledged


def test_acknowledging_acknowledgements_ends():
    found = filled(10)
    for _ in range(5):
        assert found.acknowledge(found.last, 3, HOST)
    assert (found.last, found.acknowledged) == (11, 11)


def test_the_acknowledged_number_is_known_from_any_later_sector():
    flash = Flash(SIZE)
    found = filled(300, flash)
    found.acknowledge(300, 1, HOST)
    for number in range(500):
        assert found.append(edge(number))
    assert Journal(flash, SIZE).acknowledged == 300


def test_a_warning_comes_at_four_fifths():
    found = filled(495)  # 495.2 is 80 % of 619
    assert not found.warns
    found.append(edge(1))
    assert found.warns
    found.acknowledge(100, 1, HOST)
    assert not found.warns


def test_four_sectors_are_erased_ahead_and_filled_without_an_erase():
    flash = Flash(2 * SIZE)
    found = Journal(flash, 2 * SIZE)
    found.append(edge(1))
    assert [found.tend() for _ in range(5)] == [True, True, True, True, False]
    before = len(flash.operations)
    for number in range(5 * RECORDS - 1):  # what is left of the first sector's, and four more
        assert found.append(edge(number))
    assert ERASE not in [what for what, _, _ in flash.operations[before:]]


def test_nothing_unacknowledged_is_erased_ahead():
    found = filled(4 * RECORDS + 1)
    assert not found.tend()
    found.acknowledge(RECORDS - 1, 1, HOST)
    assert not found.tend()
    found.acknowledge(RECORDS, 1, HOST)
    assert found.tend()


def test_a_worn_slot_is_skipped_and_counted():
    class Worn(Flash):
        def program(self, offset, page):
            super().program(offset, page)
            if offset == 0 and page[64:96] != b"\xff" * 32:
                self.image[70] ^= 0x10  # slot 2 of sector 0 does not keep one bit

    flash = Worn(SIZE)
    found = Journal(flash, SIZE)
    assert found.append_all([edge(1), edge(2), edge(3)]) == 3
    assert (found.last, found.torn) == (3, 2)  # slot 2, and slot 3 of the same program, which is done again
    assert sequences(found.read(1, 9)) == [1, 2, 3]
    again = Journal(flash, SIZE)
    assert (again.last, again.torn) == (3, 2)
    assert sequences(again.read(2, 9)) == [2, 3]


def test_a_lost_record_is_a_gap_and_the_rest_comes():
    flash = Flash(SIZE)
    found = filled(200, flash)
    flash.image[10 * 32] ^= 1  # record 10 rots
    flash.image[127 * 32] ^= 1  # record 127, the last of its sector
    assert sequences(found.read(9, 4)) == [9, 11, 12, 13]
    assert sequences(found.read(10, 1)) == [11]
    assert sequences(found.read(127, 2)) == [128, 129]


# Records written, 127 a sector; (sector, slot) in which one bit then rots, slot 0 being the header; the numbers that
# are lost, and the newest that the next start knows.
ROT = {
    "a record of the newest sector": (200, [(1, 10)], [137], 200),
    "two apart": (20, [(0, 5), (0, 15)], [5, 15], 20),
    "three together": (20, [(0, 5), (0, 6), (0, 7)], [5, 6, 7], 20),
    "the first of its sector": (130, [(1, 1)], [128], 130),
    "the last of the sector before": (130, [(0, 127)], [127], 130),
    "the last but one": (20, [(0, 19)], [19], 20),
    "the very last, whose number is used again": (20, [(0, 20)], [20], 19),
    "a slot that is still empty": (20, [(0, 60)], [], 20),
    "the header of the newest sector": (130, [(1, 0)], [], 130),
    "it and the records next to it": (200, [(0, 127), (1, 0), (1, 1)], [127, 128], 200),
    "the header of the sector before": (130, [(0, 0)], [], 130),
    "a header in the middle": (CAPACITY, [(2, 0)], [], CAPACITY),
    "the only header": (20, [(0, 0)], [], 20),
    "every header": (300, [(0, 0), (1, 0), (2, 0)], [], 300),
}


@pytest.mark.parametrize("case", ROT)
def test_rot_costs_what_has_rotted_and_nothing_else(case):
    written, places, lost, last = ROT[case]
    flash = Flash(SIZE)
    filled(written, flash)
    for sector, slot in places:
        flash.image[sector * SECTOR + slot * 32 + 20] ^= 4
    kept = [number for number in range(1, written + 1) if number not in lost]
    found = Journal(flash, SIZE)
    assert (found.last, sequences(everything(found))) == (last, kept)
    assert [sequences(found.read(number, 1)) for number in kept] == [[number] for number in kept]
    while found.append(edge(1)):
        kept.append(found.last)
    assert sequences(everything(found)) == kept
    again = Journal(flash, SIZE)
    assert (again.last, again.first, sequences(everything(again))) == (found.last, found.first, kept)


def test_a_sector_whose_header_has_rotted_is_written_over_when_all_of_it_is_acknowledged():
    flash = Flash(SIZE)
    filled(300, flash).acknowledge(RECORDS, 1, HOST)
    flash.image[20] ^= 4
    found = Journal(flash, SIZE)
    assert (found.first, found.last) == (RECORDS + 1, 301)
    assert sequences(everything(found)) == list(range(RECORDS + 1, 302))


def test_a_journal_of_another_format_is_counted_and_not_believed():
    flash = Flash(SIZE)
    filled(1, flash)
    header = b"cJou" + bytes((2,)) + bytes(flash.image[5:28])
    flash.image[:32] = header + struct.pack("<I", crc32(header))
    found = Journal(flash, SIZE)
    assert (found.foreign, found.last) == (1, 0)
    assert found.append(edge(1)) == 1


def test_a_sector_out_of_turn_is_not_believed():
    flash = Flash(SIZE)
    found = filled(CAPACITY, flash)
    found.acknowledge(CAPACITY, 1, HOST)
    found.append_all([edge(1)] * 20)  # into generation 6, in sector 0; sectors 4, 3, 2 are generations 5, 4, 3
    assert (found.first, found.last) == (RECORDS + 1, CAPACITY + 21)
    flash.image[3 * SECTOR : 4 * SECTOR] = flash.image[1 * SECTOR : 2 * SECTOR]  # generation 2 where 4 is due
    again = Journal(flash, SIZE)
    assert (again.first, again.last) == (RECORDS + 1, CAPACITY + 21)
    assert sequences(again.read(300, 1)) == [300]
    assert sequences(again.read(3 * RECORDS, 2)) == [3 * RECORDS]
    assert sequences(again.read(3 * RECORDS + 1, 1)) == [4 * RECORDS + 1]


def test_a_value_that_does_not_fit_leaves_the_journal_as_it_was():
    found = filled(2)
    with pytest.raises(record.RecordError):
        found.append(edge(-1))
    assert found.append(edge(1)) == 3
    assert sequences(found.read(1, 9)) == [1, 2, 3]


class Morning:
    """A scripted morning on flash: starts, edges alone and in bursts, downloads, sectors erased ahead.

    flash      with all its operations
    truth      every record, in order, as bytes
    announced  for each operation's place: (last sequence announced, acknowledged) before it, and acknowledged after it
    """

    def __init__(self):
        self.flash = Flash(SIZE)
        self.truth = b""
        self.announced = []
        self._journal = None
        self.noted = (0, 0)

    def run(self):
        for start in range(4):
            self._start(start)
            for minute in range(24):
                self._write([edge(minute * 60)])
                self._write([edge(minute * 60 + number) for number in range(minute % 11)])
                self._write([(record.Anchor, minute, 1778925600 + minute, 1, 120, 9, 18, 2150, 0)])
                if minute % 8 == 5:
                    self._acknowledge(self._journal.last - 3)
                if minute % 3 == 0:
                    self._journal.tend()
                    self._note()
        return self

    def records(self, numbers):
        """Return the records of these numbers, as bytes."""
        return b"".join([self.truth[(number - 1) * 32 : number * 32] for number in numbers])

    def _start(self, start):
        self._journal = Journal(self.flash, SIZE)
        self._write([(record.Boot, 5, start, 0, 1, 0, 1, bytes(8))])

    def _write(self, entries):
        for number, entry in enumerate(entries):
            sequence = self._journal.last + 1 + number
            self.truth += record.pack(entry[0](sequence, self._journal.boot, *entry[1:]))
        assert self._journal.append_all(entries) == len(entries)
        self._note()

    def _acknowledge(self, up_to):
        value = record.Acknowledged(self._journal.last + 1, self._journal.boot, 7, up_to, HOST)
        self.truth += record.pack(value)
        assert self._journal.acknowledge(up_to, 7, HOST)
        self._note()

    def _note(self):
        """What was announced held for all operations up to here; from here on there is more."""
        missing = len(self.flash.operations) - len(self.announced)
        self.announced += [(*self.noted, self._journal.acknowledged)] * missing
        self.noted = (self._journal.last, self._journal.acknowledged)


def slotwise(image, operation, chance):
    """Leave a program with some of its slots done and the others untouched."""
    done = bytearray(image)
    apply(done, operation)
    for at in range(operation[1], operation[1] + 256, 32):
        if chance.random() < 0.5:
            image[at : at + 32] = done[at : at + 32]


def halves(image, operation, chance):
    """Yield images with an operation left in the middle, in different ways."""
    ways = [
        half,
        lambda image, operation, _: front(image, operation, 0.6),
        lambda image, operation, _: back(image, operation, 0.6),
    ]
    if operation[2] and operation[2].count(b"\xff" * 32) < 7:
        ways.append(slotwise)
    for way in ways:
        cut = bytearray(image)
        way(cut, operation, chance)
        yield cut


def check(image, morning, announced):
    """Start on an image: all announced is there, nothing else than the truth, and it works on. Return its flash."""
    last, acknowledged, acknowledged_next = announced
    flash = Flash(SIZE, image)
    found = Journal(flash, SIZE)
    assert found.last >= last
    assert found.first <= acknowledged + 1
    assert acknowledged <= found.acknowledged <= acknowledged_next
    raw = everything(found)
    numbers = sequences(raw)
    assert raw == morning.records(numbers)
    # What a program left behind a torn slot is kept too, although it was not announced yet.
    assert numbers[: last + 1 - found.first] == list(range(found.first, last + 1))
    sequence = found.append(edge(99))
    assert sequence == found.last
    found.tend()
    added = found.read(sequence, 1)
    assert record.unpack(added).counter_us == 99
    again = Journal(flash, SIZE)
    assert (again.last, again.torn) == (sequence, found.torn)
    assert again.read(sequence, 1) == added
    return flash


def check_rot(image, morning, announced, chance):
    """Let one bit of any record but the newest rot; all others are there."""
    last = Journal(Flash(SIZE, image), SIZE).last
    number = chance.randrange(announced[1] + 1, last)
    rotten = bytearray(image)
    rotten[image.index(morning.records([number])) + chance.randrange(32)] ^= 1 << chance.randrange(8)
    found = Journal(Flash(SIZE, rotten), SIZE)
    assert found.last == last
    numbers = [other for other in range(found.first, last + 1) if other != number]
    assert everything(found) == morning.records(numbers)


def test_power_may_fail_at_every_operation(capsys):
    morning = Morning().run()
    chance = random.Random(1927)
    image = bytearray(b"\xff" * SIZE)
    cuts = twice = rotten = 0
    for place, operation in enumerate(morning.flash.operations):
        announced = morning.announced[place]
        check(image, morning, announced)
        if announced[0] > announced[1] + 1:
            rotten += 1
            check_rot(image, morning, announced, chance)
        for cut in halves(image, operation, chance):
            cuts += 1
            flash = check(cut, morning, announced)
            if place % 5 == 0:
                twice += cut_again(cut, flash.operations, morning, announced, chance)
        apply(image, operation)
    check(image, morning, (*morning.noted, morning.noted[1]))
    cuts += len(morning.flash.operations) + 1
    records = len(morning.truth) // 32
    with capsys.disabled():
        print(f"\njournal: {records} records, {cuts} power cuts, {twice} of a second one right after the start", end="")
        print(f", {rotten} rotten bits")
    assert records >= 500
    erases = [what for what, _, _ in morning.flash.operations].count(ERASE)
    assert erases > SECTORS  # the ring went round


def cut_again(image, operations, morning, announced, chance):
    """Cut the first operations after the start that followed a cut; return how many cuts that were."""
    image = bytearray(image)
    for operation in operations:
        torn = bytearray(image)
        half(torn, operation, chance)
        found = Journal(Flash(SIZE, torn), SIZE)
        assert found.last >= announced[0]
        known = everything(found)[: max(0, announced[0] + 1 - found.first) * 32]
        assert known == morning.truth[(found.first - 1) * 32 : announced[0] * 32]
        assert found.append(edge(77)) == found.last
        apply(image, operation)
    return len(operations)


def test_the_areas_of_journal_and_settings_do_not_meet():
    flash = Flash(SIZE)
    filled(CAPACITY, flash)
    assert max(offset for _, offset, _ in flash.operations) < SIZE
    assert journal.SECTOR == SECTOR
