"""The chain on the host: every change of a sealed record is found, and its block named; what cannot be told is said."""

from binascii import crc32
from random import Random

import pytest

from centesimo.store import Store
from centesimo.store.chain import ALTERED, CUT, NOT_KNOWN, NOT_SEALED, PROVEN, WITHOUT_SECRET, Block, verify_chain
from centesimo.store.verify import verify
from centesimo_board.chain import Chain
from centesimo_board.journal import Journal
from centesimo_board.main import Board
from centesimo_protocol import record, session
from centesimo_protocol.chain import NO_SECRET, fingerprint
from tests import desk
from tests.flash import Flash, apply, half

SIZE = 5 * 4096
HOST = b"host0001"
SECRET = bytes(range(24))
OTHER = bytes(range(100, 124))


def edge(counter_us):
    return (record.Edge, counter_us, 1, counter_us, record.LOCKED, record.TUBE, 2)


def raws_of(journal):
    """Return all records that a journal keeps."""
    raw, at = b"", journal.first
    while chunk := journal.read(at, 1000):
        raw += chunk
        at = record.unpack(chunk[-32:]).sequence + 1
    return [raw[at : at + 32] for at in range(0, len(raw), 32)]


class Written:
    """A board's journal, written by the firmware; `raws` are its records."""

    def __init__(self, secret=NO_SECRET):
        self.journal = Journal(Flash(SIZE), SIZE)
        self.chain = Chain(self.journal, secret)

    @property
    def raws(self):
        return raws_of(self.journal)

    def block(self, count, seal=True):
        self.journal.append_all([edge(self.journal.last + number) for number in range(count)])
        assert not seal or self.chain.seal(9)
        return self

    def secret(self, secret):
        self.chain.change_secret(secret)
        self.journal.append((record.Setting, 5, 7, fingerprint(secret)))
        return self


def written():
    """Return records 1 .. 23: four blocks without a secret and with one, and a tail that is not sealed.

    1 .. 3 and a Seal at 4; a Setting at 5, 6 .. 8, Seal 9; 10 .. 13, Seal 14; a Setting at 15, 16, 17, Seal 18;
    19 and 20, Seal 21; 22 and 23 are open.
    """
    found = Written().block(3).secret(OTHER).block(3).block(4).secret(SECRET).block(2).block(2).block(2, seal=False)
    return found.raws


RAWS = written()
SECRETS = (OTHER, SECRET)
BLOCKS = ((1, 4), (5, 9), (10, 14), (15, 18), (19, 21))


def states(raws, secrets=SECRETS):
    return [(block.first, block.last, block.state) for block in verify_chain(raws, secrets)]


def block_of(sequence):
    return next(block for block in BLOCKS if sequence <= block[1])


def good(raws):
    """Return the blocks that are still as they were sealed, of those of BLOCKS."""
    as_sealed = {(block.first, block.last) for block in verify_chain(raws, SECRETS) if block.state in AS_SEALED}
    return [block for block in BLOCKS if block in as_sealed]


AS_SEALED = (PROVEN, WITHOUT_SECRET)


def without(*blocks):
    return [block for block in BLOCKS if block not in blocks]


def checked(raw):
    """Return a record with the check that it should have."""
    return raw[:28] + crc32(raw[:28]).to_bytes(4, "little")


def flips(raw):
    """Yield a record with each of its bits changed, as it is then and with its check made right again."""
    for bit in range(256):
        changed = (int.from_bytes(raw, "little") ^ 1 << bit).to_bytes(32, "little")
        yield changed
        if bit < 224:
            yield checked(changed)


def test_what_is_as_the_board_wrote_it_is_proven():
    assert states(RAWS) == [
        (1, 4, WITHOUT_SECRET),
        (5, 9, PROVEN),
        (10, 14, PROVEN),
        (15, 18, PROVEN),
        (19, 21, PROVEN),
        (22, 23, NOT_SEALED),
    ]


@pytest.mark.parametrize("place", range(21))
def test_every_changed_bit_of_a_sealed_record_is_found_in_its_block(place):
    sequence = place + 1
    for changed in flips(RAWS[place]):
        raws = [*RAWS[:place], changed, *RAWS[place + 1 :]]
        assert good(raws) == without(block_of(sequence)), changed.hex()


@pytest.mark.parametrize("sequence", range(1, 22))
def test_a_record_that_was_taken_out_is_found_in_its_block(sequence):
    raws = [raw for raw in RAWS if record.unpack(raw).sequence != sequence]
    own = block_of(sequence)
    lost = [own]
    if sequence == own[1] and own != BLOCKS[-1]:  # a Seal: what was chained to it cannot be proven either
        lost.append(BLOCKS[BLOCKS.index(own) + 1])
    if sequence == 21:  # the last Seal: its block is as if it had not been sealed yet, which is said
        assert states(raws)[-1] == (19, 23, NOT_SEALED)
    assert good(raws) == without(*lost)


@pytest.mark.parametrize("place", range(21))
def test_a_record_that_was_put_in_is_found(place):
    strangers = [*RAWS, record.pack(record.Edge(99, 1, 5, 1, 5, 3, 0, 2))]
    strangers += [record.pack(record.unpack(RAWS[place])._replace(sequence=place + 1, counter_us=77))]
    for stranger in strangers:
        blocks = verify_chain([*RAWS[:place], stranger, *RAWS[place:]], SECRETS)
        kept = [(block.first, block.last) for block in blocks if block.state in AS_SEALED]
        assert [block for block in BLOCKS if block in kept][:1] != [] or place == 0
        assert any(block.state not in AS_SEALED for block in blocks[:-1])
        assert {block for block in BLOCKS if block not in kept} <= {block_of(place + 1), block_of(max(place, 1))}


@pytest.mark.parametrize("place", range(20))
def test_two_records_in_each_others_place_are_found_in_their_blocks(place):
    raws = [*RAWS[:place], RAWS[place + 1], RAWS[place], *RAWS[place + 2 :]]
    found = good(raws)
    assert block_of(place + 1) not in found
    assert set(without(block_of(place + 1), block_of(place + 2))) <= set(found) | {block_of(place + 2)}


def test_a_block_sealed_anew_without_the_secret_is_found():
    forged = Written(SECRET).block(3).block(3)
    forged.chain.change_secret(NO_SECRET)
    found = verify_chain(forged.block(3).raws, SECRETS)
    assert [block.state for block in found] == [PROVEN, PROVEN, ALTERED]
    assert found[2].text == "it is sealed without the secret that was set"


def test_a_board_of_nobodys_secret_proves_nothing_and_a_forger_needs_none():
    assert states(Written().block(3).block(2).raws, ()) == [(1, 4, WITHOUT_SECRET), (5, 7, WITHOUT_SECRET)]


# what is here of the records, which secrets are: the states
HALVES = {
    "no secret is known here": (RAWS, (), [WITHOUT_SECRET] + [NOT_KNOWN] * 4 + [NOT_SEALED]),
    "only the older secret": (RAWS, (OTHER,), [WITHOUT_SECRET, PROVEN, PROVEN, NOT_KNOWN, NOT_KNOWN, NOT_SEALED]),
    "only the newer secret": (RAWS, (SECRET,), [WITHOUT_SECRET, NOT_KNOWN, NOT_KNOWN, PROVEN, PROVEN, NOT_SEALED]),
    "its beginning is elsewhere": (RAWS[6:], SECRETS, [CUT, PROVEN, PROVEN, PROVEN, NOT_SEALED]),
    "from a seal on": (RAWS[8:], SECRETS, [CUT, PROVEN, PROVEN, PROVEN, NOT_SEALED]),
    "from behind a seal on": (RAWS[9:18], SECRETS, [CUT, PROVEN]),
    "no seal": (RAWS[:3], SECRETS, [NOT_SEALED]),
    "nothing": ([], SECRETS, []),
}


@pytest.mark.parametrize("case", HALVES)
def test_what_cannot_be_told_is_said(case):
    raws, secrets, expected = HALVES[case]
    assert [block.state for block in verify_chain(raws, secrets)] == expected


def test_a_changed_fingerprint_does_not_hide_a_change():
    raws = list(RAWS)
    setting = record.unpack(raws[14])
    raws[14] = record.pack(setting._replace(value=bytes(12)[:-1] + b"x"))
    block = verify_chain(raws, SECRETS)[3]
    assert (block.first, block.last, block.state) == (15, 18, ALTERED)


def test_the_text_names_what_is_missing():
    (block,) = [one for one in verify_chain(RAWS[:10] + RAWS[12:], SECRETS) if one.state == ALTERED]
    assert block == Block(10, 14, ALTERED, "of its records 11, 12 are missing")


def test_an_erased_board_is_proven_from_the_seal_that_it_kept():
    board = Written(SECRET).block(3).block(3)
    claim = session.Erase(8, 8, board.chain.tag)
    kept = board.raws
    assert board.chain.erase(claim, 5, HOST) == ""
    board.block(2)
    assert states(board.raws) == [(8, 8, CUT), (9, 12, PROVEN)]  # 9 tells of the erasure
    assert [block.state for block in verify_chain([*kept, *board.raws[1:]], SECRETS)] == [PROVEN] * 3


@pytest.mark.parametrize(("secrets", "kind"), [(SECRETS, "chain"), ((b"\x09" * 24,), "secret"), ((), None)])
def test_verify_names_the_block_and_counts_what_is_proven(tmp_path, secrets, kind):
    store = Store.open(tmp_path / "s.sqlite")
    forged = checked(RAWS[10][:20] + b"\1" + RAWS[10][21:])
    store.add_records("0a" * 8, "port", [*RAWS[:10], forged, *RAWS[11:]], 7)
    (board,), _ = verify(store, lambda _: secrets)
    store.close()
    found = [one for one in board.problems if one.kind in ("chain", "secret")]
    # 4 records without a secret; proven 5 + 4 + 3, for the block of 10 to 14 is changed; 22 and 23 are not sealed
    expected = {
        "chain": (16, 12, [(10, 14)]),
        "secret": (4, 0, [(5, 9), (10, 14), (15, 18), (19, 21)]),
        None: (4, 0, []),
    }
    assert (board.sealed, board.proven, [(one.first, one.last) for one in found]) == expected[kind]
    assert {one.kind for one in found} == ({kind} if kind else set())


def test_power_may_fail_while_a_secret_is_set_or_a_board_erased():
    board = Board(desk.devices())
    flash = board.devices.flash
    begun = len(flash.operations)
    image = bytearray(flash.image)
    assert board.set_secret(SECRET, bytes(12)) == ""
    board.welcome(2)
    assert board.erase(session.Erase(board.chain.sealed, board.chain.sealed, board.chain.tag)) == ""
    chance, states = Random(1961), []
    for operation in flash.operations[begun:]:
        states += [bytes(image), bytearray(image)]
        half(states[-1], operation, chance)
        apply(image, operation)
    seen = {started_again(state) for state in (*states, image)}
    assert seen == {
        (False, False, WITHOUT_SECRET),  # not set yet
        (True, False, WITHOUT_SECRET, PROVEN),
        (True, True, PROVEN),
    }


def started_again(image):
    """Start on an image and greet; return whether the secret is set, the board erased, and what its chain is."""
    board = Board(desk.devices(flash=Flash(desk.DESK_SIZE, image)))
    board.welcome(2)
    blocks = verify_chain(raws_of(board.journal), (SECRET,))
    found = list(dict.fromkeys(block.state for block in blocks if block.state != CUT))
    return board.settings.secret() == SECRET, board.journal.erased > 0, *found
