"""include/uapi/linux/mpls.h: the kind of a stack of MPLS labels.

Knows: struct mpls_label.
Never: which attributes hold one.
"""

import struct
from typing import Any

from nlwire.schema.kinds import ByteOrder, Kind


class MplsLabels(Kind[tuple[int, ...]]):
    """A stack of MPLS labels (include/uapi/linux/mpls.h): each 4 bytes big-endian, label in the top 20 bits.

    Raw keeps whole entries, so traffic class, bottom-of-stack and TTL survive; users see and give labels only.
    """

    name = "mpls_labels"
    min_size = 4

    def fits_size(self, size: int) -> bool:
        return size >= 4 and size % 4 == 0

    def unpack(self, payload: bytes, order: ByteOrder) -> tuple[int, ...]:
        if not self.fits_size(len(payload)):
            raise ValueError(f"a label stack takes a multiple of 4 bytes, not {len(payload)}")
        return struct.unpack(f">{len(payload) // 4}I", payload)

    def pack(self, raw: tuple[int, ...], order: ByteOrder) -> bytes:
        return struct.pack(f">{len(raw)}I", *raw)

    def show(self, raw: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(entry >> 12 for entry in raw)

    def accept(self, value: Any) -> tuple[int, ...]:
        if isinstance(value, str):
            value = [int(part, 0) for part in value.split("/")]
        entries = list(value) if isinstance(value, list | tuple) else [value]
        if not entries:
            raise ValueError("a label stack holds at least one label")
        whole: list[Any] = [entry.get("entry") for entry in entries if isinstance(entry, dict)]
        if len(whole) == len(entries) and all(isinstance(entry, int) and 0 <= entry < 1 << 32 for entry in whole):
            return tuple(whole)
        if not all(isinstance(entry, int) and 0 <= entry < 1 << 20 for entry in entries):
            raise ValueError(f"MPLS labels are integers below 2^20, not {value!r}")
        return tuple(entry << 12 | (index == len(entries) - 1) << 8 for index, entry in enumerate(entries))

    def to_json(self, raw: tuple[int, ...]) -> Any:
        if self.accept(self.show(raw)) == raw:
            return list(self.show(raw))
        return [{"label": entry >> 12, "entry": entry} for entry in raw]

    def text(self, raw: tuple[int, ...]) -> str:
        return "/".join(map(str, self.show(raw)))


mpls_labels: Kind[tuple[int, ...]] = MplsLabels()
