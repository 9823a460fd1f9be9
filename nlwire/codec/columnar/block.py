"""A stretch of a byte stream as arrays, and what is picked out of it at many places at once.

The stretch starts at an address that is a multiple of four and is followed by zeros up to the next one, so that every header of
a message or attribute is one aligned word.

Knows: struct nlattr as a word; byte orders.
Never: what stands where.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from nlwire.schema.kinds import ByteOrder

Array = npt.NDArray[Any]
Buffer = bytes | bytearray | memoryview
PREFIX = {"little": "<", "big": ">"}


class Block:
    """``size`` bytes: as ``octets``, as ``words`` (4 bytes) and ``halves`` (2 bytes) in the stream's byte order."""

    def __init__(self, octets: Array, size: int, order: ByteOrder) -> None:
        self.octets = octets
        self.size = size
        self.order = order
        self.words: Array = octets.view(PREFIX[order] + "u4")
        self.halves: Array = octets.view(PREFIX[order] + "u2")

    def shorts(self, at: Array) -> Array:
        """The unsigned 16 bits at each of these places."""
        low, high = (0, 1) if self.order == "little" else (1, 0)
        return self.octets[at + low].astype(np.int64) | self.octets[at + high].astype(np.int64) << 8

    def headers(self, at: Array, aligned: bool = True) -> tuple[Array, Array]:
        """(nla_len, nla_type) at each of these places."""
        if not aligned:
            return self.shorts(at), self.shorts(at + 2)
        word = self.words.take(at >> 2)
        if self.order == "little":
            return (word & 0xFFFF).astype(np.int64), word >> 16
        return (word >> 16).astype(np.int64), word & 0xFFFF

    def pieces(self, at: Array, size: int) -> Array:
        """The ``size`` bytes at each of these places, one row each."""
        if size == 4 and not (at & 3).any():
            return self.words[at >> 2].view(np.uint8).reshape(-1, 4)
        if size == 1:
            return self.octets[at].reshape(-1, 1)
        return self.octets[at[:, None] + np.arange(size)]

    def runs(self, at: Array, size: Array) -> Array:
        """The bytes at each of these places, laid end to end."""
        if not len(at):
            return np.empty(0, np.uint8)
        first = int(size[0])
        if (size == first).all():
            return self.pieces(at, first).reshape(-1)
        ends = np.cumsum(size)
        return self.octets[np.repeat(at - (ends - size), size) + np.arange(ends[-1])]


def blocks_of(data: Buffer, order: ByteOrder) -> Block:
    """A whole buffer as one block; copied only where it does not lie as it must."""
    octets = np.frombuffer(data, np.uint8)
    size = len(octets)
    if size & 3 or octets.ctypes.data & 3:
        octets = np.zeros((size + 3) & ~3, np.uint8)
        octets[:size] = np.frombuffer(data, np.uint8)
    return Block(octets, size, order)
