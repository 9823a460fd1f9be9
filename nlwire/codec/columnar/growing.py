"""Arrays that grow as blocks come, and the presence of values in them.

Knows: how memory is reserved ahead.
Never: what is kept.
"""

from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Mask
from nlwire.codec.columnar.memory import lend

Rows = Array | slice
"""Some rows of a block: their numbers, or all between two."""
ALL = slice(None)
AHEAD = 1 << 16


class Growing:
    """An array of ``length`` rows with room for more."""

    def __init__(self, dtype: Any, width: tuple[int, ...] = (), room: int = 0) -> None:
        self.array: Array = lend(dtype, (room, *width))
        self.length = 0

    def reserve(self, count: int) -> Array:
        """``count`` new rows at the end, not filled."""
        end = self.length + count
        if end > len(self.array):
            room = max(end, len(self.array) * 2, AHEAD)
            larger = lend(self.array.dtype, (room, *self.array.shape[1:]))
            larger[: self.length] = self.array[: self.length]
            self.array = larger
        self.length = end
        return self.array[end - count : end]

    def append(self, values: Any) -> None:
        """More rows."""
        self.reserve(len(values))[:] = values

    def keep(self, start: int, ok: Array) -> None:
        """Of the rows from ``start`` on only those that are ``ok``."""
        kept = self.array[start : self.length][ok]
        self.array[start : start + len(kept)] = kept
        self.length = start + len(kept)

    def whole(self) -> Array:
        """What there is; memory that was reserved for more is given back where it is much."""
        if self.length * 2 < len(self.array):
            self.array = self.array[: self.length].copy()
        return self.array[: self.length]


class Presence:
    """Which rows have a value. As long as all have, nothing is kept."""

    def __init__(self, before: int = 0) -> None:
        self.length = before
        self.mask: Growing | None = None
        self._count = 0
        self._seen: list[Rows] = []
        if before:
            self._begin(False)

    def _begin(self, value: bool) -> Growing:
        self.mask = Growing(bool, room=self.length)
        self.mask.reserve(self.length)[:] = value
        return self.mask

    def put(self, rows: Rows, count: int) -> None:
        """These rows of the block have a value."""
        self._seen.append(rows)
        self._count += count

    def settle(self, count: int) -> Mask:
        """The block's rows are ``count``: which of them have a value, None for all."""
        mask = None
        if self._count != count:
            mask = np.zeros(count, bool)
            for rows in self._seen:
                mask[rows] = True
        self._seen.clear()
        self._count = 0
        return mask

    def append(self, mask: Mask, count: int) -> None:
        """The next ``count`` rows."""
        if self.mask is None and mask is not None:
            self._begin(True)
        if self.mask is not None:
            self.mask.reserve(count)[:] = True if mask is None else mask
        self.length += count

    def any(self) -> bool:
        """Whether some row has a value."""
        return self.length > 0 if self.mask is None else bool(self.mask.whole().any())

    def whole(self) -> Mask:
        """Which rows have a value; None for all."""
        return None if self.mask is None else self.mask.whole()
