"""What became no row: messages of other families, and those that are malformed where somebody looks.

    for one in columns.aside: print(one.offset, one.reason)

Knows: offsets, reasons; the bytes of malformed messages.
Never: drops one in silence.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.levels import MISFIT, OTHER, REST, SHORT
from nlwire.schema.family import Registry

TORN = -1
REASONS = {
    TORN: "no message starts here",
    SHORT: "the message ends inside its fixed header",
    REST: "bytes that are no attribute",
    MISFIT: "a payload does not fit its kind",
}


class Outcast(NamedTuple):
    """A message that is no row. ``data`` are its bytes where it is malformed, nothing where it is of another family."""

    offset: int
    length: int
    nlmsg_type: int
    reason: str
    data: bytes


class Aside(Sequence[Outcast]):
    """Every message that is no row, in the order of the input. Offsets and reasons are arrays, so that many cost little."""

    def __init__(self, protocol: int, registry: Registry) -> None:
        self.protocol = protocol
        self.registry = registry
        self.parts: list[tuple[Array, Array, Array, Array]] = []
        self.datas: dict[int, bytes] = {}
        self.words: dict[int, str] = {}

    def add(self, block: Block, places: Array, lengths: Array, codes: Array, base: int, words: dict[int, str]) -> None:
        """Messages of a block and why each is no row; ``words`` name the fields that codes beyond MISFIT mean."""
        types = block.halves[(places >> 1) + 2].astype(np.uint16)
        offsets = places + base
        self.words.update(words)
        for at in np.flatnonzero(codes != OTHER):
            start = int(places[at])
            self.datas[int(offsets[at])] = block.octets[start : start + int(lengths[at])].tobytes()
        self.parts.append((offsets, lengths, types, codes.copy()))

    def torn(self, block: Block, at: int, base: int) -> None:
        """The rest of a datagram, from where no message starts."""
        place, size = np.array([at]), np.array([block.size - at])
        self.parts.append((place + base, size, np.zeros(1, np.uint16), np.full(1, TORN, np.int16)))
        self.datas[base + at] = block.octets[at : block.size].tobytes()

    def arrays(self) -> tuple[Array, Array, Array, Array]:
        """(offsets, lengths, nlmsg_types, codes) of all."""
        if not self.parts:
            none = np.empty(0, np.int64)
            return none, none, none.astype(np.uint16), none.astype(np.int16)
        if len(self.parts) > 1:
            self.parts = [tuple(np.concatenate([part[place] for part in self.parts]) for place in range(4))]  # type: ignore[list-item]
        return self.parts[0]

    @property
    def offsets(self) -> Array:
        """Where in the input each begins."""
        return self.arrays()[0]

    @property
    def malformed(self) -> list[Outcast]:
        """Those of the family itself."""
        return [self[int(at)] for at in np.flatnonzero(self.arrays()[3] != OTHER)]

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, at: int) -> Outcast:  # type: ignore[override]
        offsets, lengths, types, codes = (one[at] for one in self.arrays())
        offset, type, code = int(offsets), int(types), int(codes)
        return Outcast(offset, int(lengths), type, self._reason(type, code), self.datas.get(offset, b""))

    def __iter__(self) -> Iterator[Outcast]:
        return (self[at] for at in range(len(self)))

    def _reason(self, type: int, code: int) -> str:
        if code == OTHER:
            return f"{self.registry.find(self.protocol, type).name} is of another family"
        return f"{self.words[code]} does not fit its kind" if code in self.words else REASONS[code]

    def joined(self, other: "Aside", by: int) -> None:
        """Take in those of a later input, whose offsets are ``by`` bytes further on."""
        offsets, lengths, types, codes = other.arrays()
        mine = {word: code for code, word in self.words.items()}
        fresh = {
            code: mine.get(word, max([MISFIT, *self.words]) + 1 + at)
            for at, (code, word) in enumerate(other.words.items())
        }
        self.words.update({fresh[code]: word for code, word in other.words.items()})
        codes = np.array([fresh.get(int(code), int(code)) for code in codes], np.int16)
        self.parts.append((offsets + by, lengths, types, codes))
        self.datas.update({offset + by: data for offset, data in other.datas.items()})

    def __repr__(self) -> str:
        return f"<{len(self)} messages aside>"
