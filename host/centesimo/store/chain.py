"""The chain of a board's records, verified: which blocks are as the board sealed them, and which are not.

The tag of each Seal is computed again from the records that are here, with each known secret and without one. A block
whose tag differs is altered. The block after it is checked both with that tag as it stands and with the tag as it
should be, so one altered block does not make the next look altered. Where a secret or the beginning of the chain is not
here, the block's state says so.
docs/chain.md says what this proves, and to whom. Records and secrets in, blocks out; no store, no file.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import islice, product, zip_longest
from typing import NamedTuple

from centesimo.store.number_runs import runs, without
from centesimo_protocol import record
from centesimo_protocol.chain import FIRST_LINK, NO_FINGERPRINT, NO_SECRET, SEAL_HEAD, Key, fingerprint
from centesimo_protocol.shim import RecordError

PROVEN = "proven"  # by a secret that is known here
WITHOUT_SECRET = "without a secret"  # fits, but anybody could have computed it
NOT_KNOWN = "secret not known"  # sealed with a secret that is not here
ALTERED = "altered"
CUT = "begins elsewhere"  # the first block, of which the beginning is not here
NOT_SEALED = "not sealed"  # no Seal was written yet, or never

SECRET_SETTING = 7  # key of the Setting record that tells of a secret; docs/wire-format.md
NOT_AS_SEALED = "its records, its seal or the one before it are not what the board wrote"
HEAD_SIZE = struct.calcsize(SEAL_HEAD)


class Block(NamedTuple):
    """Records under one Seal; `first` .. `last` are sequences, the last is the Seal's own; `text` is for a person."""

    first: int
    last: int
    state: str
    text: str


def verify_chain(raws: Iterable[bytes], secrets: Sequence[bytes] = ()) -> list[Block]:
    """Return the blocks of one board's records (32 bytes each, in order of sequence), in order.

    `secrets` are those that were ever set on the board, as far as this computer has them, in any order.
    """
    return _Walk(secrets).blocks(list(raws))


def newest_seal(raws: Iterable[bytes]) -> tuple[int, bytes]:
    """Return (sequence, tag) of the newest Seal among records, which an erasure names; (0, FIRST_LINK) for none."""
    seals = [(seal.sequence, seal.tag) for seal in (_Seal.of(raw) for raw in raws if raw[6] == record.SEAL)]
    return max(seals, default=(0, FIRST_LINK))


class _Seal(NamedTuple):
    """A Seal as it stands, whether it checks or not."""

    raw: bytes
    sequence: int
    begins: int  # the first sequence that it seals
    tag: bytes

    @classmethod
    def of(cls, raw: bytes) -> "_Seal":
        sequence, _, _, _, count = struct.unpack(SEAL_HEAD, raw[:HEAD_SIZE])
        return cls(raw, sequence, sequence - count, raw[HEAD_SIZE : record.CHECK_AT])


class _Verdict(NamedTuple):
    """A judged part of the chain, and what the next part needs."""

    blocks: list[Block]
    links: tuple[bytes, ...]  # that the next block may begin with: the tag as it stands, and as it should be
    last_fingerprint: bytes | None


class _Walk:
    """From the first record to the last.

    links             tags that the next block may begin with; None before the first Seal
    last_fingerprint  of the secret that was set last; None: no record so far tells one
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self.keys = [(Key(secret), PROVEN) for secret in secrets] + [(Key(NO_SECRET), WITHOUT_SECRET)]
        self.fingerprints = {fingerprint(secret) for secret in secrets}
        self.links: tuple[bytes, ...] | None = None
        self.last_fingerprint: bytes | None = None
        self.is_whole = False  # the chain's first record is here
        self.was_proven = False  # a block before was

    def blocks(self, raws: list[bytes]) -> list[Block]:
        """Return the blocks of the chain, in order."""
        self.is_whole = bool(raws) and _sequence(raws[0]) == 1
        judged: list[tuple[Block, bytes | None]] = []
        begin = 0
        ends = [place for place, raw in enumerate(raws) if raw[6] == record.SEAL]
        for end, following in zip_longest(ends, ends[1:]):
            verdict = self._judge(raws[begin : end + 1])
            if (
                verdict.blocks[-1].state == ALTERED
                and following
                and self._is_inside(raws[end : following + 1], verdict)
            ):
                continue
            judged += [(block, verdict.last_fingerprint) for block in verdict.blocks]
            self.links, self.last_fingerprint, begin = verdict.links, verdict.last_fingerprint, end + 1
            self.was_proven = self.was_proven or verdict.blocks[-1].state == PROVEN
        part = raws[begin:]
        if part:
            judged.append((_block(part, NOT_SEALED, "no seal was written yet"), self.last_fingerprint))
        return _altered_beside(judged)

    def _is_inside(self, raws: list[bytes], verdict: _Verdict) -> bool:
        """Say whether raws[0] only looks like a Seal: together with what follows, the next Seal seals it."""
        seal = _Seal.of(raws[-1])
        return seal.begins <= _sequence(raws[0]) and self._fit(raws[1:-1], seal, verdict.links)[0] is None

    def _judge(self, part: list[bytes]) -> _Verdict:
        """Judge the records up to a Seal; those before the first that it seals lack a Seal of their own."""
        seal = _Seal.of(part[-1])
        split = next((place for place, raw in enumerate(part) if _sequence(raw) >= seal.begins), len(part) - 1)
        before, inside = part[:split], part[split:-1]
        links = self._links(before, seal)
        fitting, computed = self._fit(inside, seal, links)
        last_fingerprint = _fingerprint_set(part, self.last_fingerprint)
        block = self._named(part[split:], seal, fitting, last_fingerprint)
        blocks = [block]
        if before:
            sealed = fitting is not None and fitting[1] == FIRST_LINK and self.links is None
            text = (
                "the chain begins after them" if sealed else "the seal over them is missing, or they do not belong here"
            )
            blocks.insert(0, _block(before, NOT_SEALED if sealed else ALTERED, text))
        return _Verdict(blocks, (seal.tag, *computed), last_fingerprint)

    def _links(self, before: list[bytes], seal: _Seal) -> tuple[bytes, ...]:
        """Return the tags that a block may be chained to."""
        links = (FIRST_LINK,) if self.links is None else self.links
        if before and _sequence(before[-1]) == seal.begins - 1:
            return (before[-1][HEAD_SIZE : record.CHECK_AT], *links)
        return links

    def _fit(
        self, inside: list[bytes], seal: _Seal, links: tuple[bytes, ...]
    ) -> tuple[tuple[str, bytes] | None, tuple[bytes, ...]]:
        """Return the (state, link) that give the Seal's tag; or None and every tag that would have been right."""
        body = b"".join(inside)
        sequence, boot, _, counter_us, count = struct.unpack(SEAL_HEAD, seal.raw[:HEAD_SIZE])
        computed = []
        for link, (key, state) in product(links, self.keys):
            mac = key.block(link)
            mac.add(body)
            tag = mac.tag(sequence, boot, counter_us, count)
            if tag == seal.tag:
                return (state, link), ()
            computed.append(tag)
        return None, tuple(computed)

    def _named(
        self, part: list[bytes], seal: _Seal, fitting: tuple[str, bytes] | None, last_fingerprint: bytes | None
    ) -> Block:
        """Return the block with its state, and why."""
        damaged = [_sequence(raw) for raw in part if not checks(raw)]
        if damaged:
            return _block(part, ALTERED, f"record {damaged[0]} does not check")
        if fitting is not None:
            if fitting[0] == WITHOUT_SECRET and (self.was_proven or last_fingerprint not in (None, NO_FINGERPRINT)):
                return _block(part, ALTERED, "it is sealed without the secret that was set")
            return _block(part, fitting[0], "")
        if self.links is None and not self.is_whole:
            return _block(part, CUT, f"its records from {seal.begins} on, or the seal before them, are not here")
        if last_fingerprint is None and not self.is_whole and not self.was_proven:
            return _block(part, NOT_KNOWN, "the secret that was set is not on this computer, or a record is altered")
        if last_fingerprint not in (None, *self.fingerprints):
            return _block(
                part, NOT_KNOWN, f"the secret of fingerprint {(last_fingerprint or b'').hex()} is not on this computer"
            )
        gaps = without([(seal.begins, seal.sequence - 1)], runs(sorted({_sequence(raw) for raw in part})))
        if gaps:
            missing = islice((number for first, last in gaps for number in range(first, last + 1)), 3)
            return _block(part, ALTERED, f"of its records {', '.join(map(str, missing))} are missing")
        return _block(part, ALTERED, NOT_AS_SEALED)


def _altered_beside(judged: list[tuple[Block, bytes | None]]) -> list[Block]:
    """Call a block altered that seemed to have an unknown secret, where the next block has the same and is proven."""
    blocks = [block for block, _ in judged]
    for place in range(len(judged) - 2, -1, -1):
        same = judged[place][1] == judged[place + 1][1]
        if blocks[place].state == NOT_KNOWN and same and blocks[place + 1].state in (PROVEN, ALTERED):
            blocks[place] = blocks[place]._replace(state=ALTERED, text=NOT_AS_SEALED)
    return blocks


def _fingerprint_set(part: list[bytes], last_fingerprint: bytes | None) -> bytes | None:
    """Return the fingerprint of the secret that was set last, up to these records."""
    for raw in part:
        if raw[6] == record.SETTING and raw[record.HEAD_SIZE] == SECRET_SETTING:
            last_fingerprint = raw[record.HEAD_SIZE + 1 : record.CHECK_AT]
    return last_fingerprint


def _block(part: list[bytes], state: str, text: str) -> Block:
    sequences = [_sequence(raw) for raw in part]
    return Block(min(sequences), max(sequences), state, text)


def _sequence(raw: bytes) -> int:
    return int.from_bytes(raw[:4], "little")


def checks(raw: bytes) -> bool:
    """Say whether a record's 32 bytes are one."""
    try:
        record.unpack(raw)
    except RecordError:
        return False
    return True
