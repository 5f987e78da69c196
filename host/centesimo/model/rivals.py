"""Rivals: several records under one board and sequence, which of them is used, and what tells so.

A board gives a number once. Where two records have one, a journal was erased, a board exchanged, or somebody lies.
They are ranked by what is in the facts alone, so that two laptops with the same facts agree.
"""

import struct
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

HEAD = struct.Struct("<IHBQ")  # sequence, boot, kind, counter_us: the begin of every record
DIGEST_DIGITS = 12  # enough to tell two records apart, short enough to be typed


class Ground(StrEnum):
    """What tells which of several records is used."""

    PROVEN = "proven"  # a computer that has the board's secret has verified the block that it is in
    ARCHIVED = "archived"  # the raw archive has the bytes that it was read from, and not those of the rivals
    NOTHING = "nothing"  # then what rests on it is open


class Version(NamedTuple):
    """One of the records under a number."""

    raw: bytes  # 32 bytes, checked
    is_archived: bool  # whether the raw archive has the bytes that it was read from
    proven_by: tuple[str, ...] = ()  # the devices that verified it by the board's secret

    @property
    def digest(self) -> str:
        """The head of its SHA-256, by which an official names it."""
        return digest_of(self.raw)


class Rivals(NamedTuple):
    """All records under one number of a board, the one that is used first."""

    board: str  # 16 hex digits
    sequence: int
    versions: tuple[Version, ...]
    ground: Ground

    @property
    def key(self) -> tuple[str, int]:
        """Its board and sequence."""
        return self.board, self.sequence


class Visited(NamedTuple):
    """What one visit read off a board, where several records came under one of its numbers."""

    board: str  # 16 hex digits
    versions: tuple[tuple[int, str], ...]  # sequence and digest of each such record, in order
    runs: tuple[tuple[int, int], ...]  # all numbers that it read, as (first, last), in order


def ranked(board: str, sequence: int, versions: Iterable[Version]) -> Rivals:
    """Return the rivals under a number in their order, and what tells that the first is used.

    Proven before archived before bare; among equals the lower boot, counter, bytes, which tells nothing.
    """
    order = tuple(sorted(versions, key=lambda version: (_rank(version), _preference(version.raw))))
    first, second = order[0], order[1]
    if bool(first.proven_by) != bool(second.proven_by):
        return Rivals(board, sequence, order, Ground.PROVEN)
    is_told = _rank(first) != _rank(second)
    return Rivals(board, sequence, order, Ground.ARCHIVED if is_told else Ground.NOTHING)


def digest_of(raw: bytes) -> str:
    """Return what a record is known by among its rivals."""
    return sha256(raw).hexdigest()[:DIGEST_DIGITS]


def _rank(version: Version) -> tuple[bool, bool]:
    return not version.proven_by, not version.is_archived


def _preference(raw: bytes) -> tuple[int, int, bytes]:
    _, boot, _, counter_us = HEAD.unpack_from(raw)
    return boot, counter_us, raw
