"""One column: values in numpy's own arrays, where they are there, and how each is shown.

    column.values     numbers in this machine's order; IPv4 addresses as numbers, IPv6 as rows of 16 bytes
    column.present    True where the row has the attribute; None where every row has

A column compares like its values (``columns["rtm_dst_len"] == 24`` is a mask), ``column[3]`` shows one value as a message would.

Knows: how values of each storage are kept, picked, joined and shown.
Never: bytes of messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.schema.addresses import MAPPED
from nlwire.schema.kinds import Array as ArrayKind
from nlwire.schema.kinds import Kind
from nlwire.schema.layout import HOST
from nlwire.schema.mpls import MplsLabels

Mask = Array | None


@dataclass(frozen=True, eq=False)
class Column:
    """The values of one field. ``kind`` shows them; numbers and bytes are compared as they are."""

    kind: Kind[Any]
    values: Array
    present: Mask = None

    storage: ClassVar[str] = "number"

    def __len__(self) -> int:
        return len(self.values)

    def raw(self, row: int) -> Any:
        """The raw value of a row that has one."""
        return self.values[row].item()

    def __getitem__(self, row: int) -> Any:
        """The value of one row as a message shows it; None where it is absent."""
        if self.present is not None and not self.present[row]:
            return None
        return self.kind.show(self.raw(row))

    def tolist(self) -> list[Any]:
        """Every value as a message shows it."""
        return [self[row] for row in range(len(self))]

    def text(self, row: int) -> str:
        """One value for people; empty where it is absent."""
        if self.present is not None and not self.present[row]:
            return ""
        return self.kind.text(self.raw(row))

    @property
    def there(self) -> Array:
        """``present`` as an array, always."""
        return np.ones(len(self), bool) if self.present is None else self.present

    def take(self, rows: Array) -> "Column":
        """Some of the rows, by number or by mask."""
        return replace(self, values=self.values[rows], present=None if self.present is None else self.present[rows])

    def slice(self, start: int, stop: int) -> "Column":
        """The rows from ``start`` to ``stop``, nothing copied."""
        return replace(
            self,
            values=self.values[start:stop],
            present=None if self.present is None else self.present[start:stop],
        )

    def absent(self, count: int) -> "Column":
        """A column of the same field whose rows all lack it."""
        values = np.zeros((count, *self.values.shape[1:]), self.values.dtype)
        return replace(self, values=values, present=np.zeros(count, bool))

    def joined(self, others: Sequence["Column"]) -> "Column":
        """This column and others of the same field, one after the other."""
        every = [self, *others]
        values = np.concatenate([one.values for one in every])
        return replace(self, values=values, present=joined_masks(every))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.values, dtype) if not copy else np.array(self.values, dtype)

    def _compared(self, other: Any, how: Any) -> Array:
        value = other.values if isinstance(other, Column) else self.comparable(other)
        found: Array = how(self.values, value)
        return found if self.present is None else found & self.present

    def comparable(self, value: Any) -> Any:
        """What a user compares with, as it is kept here."""
        return self.kind.accept(value) if isinstance(value, str) else value

    def __eq__(self, other: object) -> Any:
        return self._compared(other, np.equal)

    def __ne__(self, other: object) -> Any:
        return self._compared(other, np.not_equal)

    def __lt__(self, other: Any) -> Array:
        return self._compared(other, np.less)

    def __le__(self, other: Any) -> Array:
        return self._compared(other, np.less_equal)

    def __gt__(self, other: Any) -> Array:
        return self._compared(other, np.greater)

    def __ge__(self, other: Any) -> Array:
        return self._compared(other, np.greater_equal)

    __hash__ = None  # type: ignore[assignment]


def joined_masks(columns: Sequence[Column]) -> Mask:
    """The presence of several columns' rows."""
    if all(one.present is None for one in columns):
        return None
    return np.concatenate([one.there for one in columns])


class Flags(Column):
    """A flag: True where it is there."""

    storage = "flag"

    def raw(self, row: int) -> bool:
        return True


class Address4(Column):
    """IPv4 addresses as numbers: 10.0.0.1 is 0x0A000001, so that they compare as addresses do."""

    storage = "ipv4"

    def raw(self, row: int) -> bytes:
        return int(self.values[row]).to_bytes(4, "big")

    def comparable(self, value: Any) -> Any:
        return value if isinstance(value, int | np.integer | np.ndarray) else int.from_bytes(self.kind.accept(value))

    def joined(self, others: Sequence[Column]) -> Column:
        if all(isinstance(one, Address4) for one in others):
            return super().joined(others)
        return self.widened().joined(others)

    def widened(self) -> "Address16":
        """The same addresses among 16 bytes."""
        return Address16(self.kind, mapped(self.values), self.present, np.zeros(len(self), bool))


def mapped(values: Array) -> Array:
    """IPv4 addresses as IPv6 has them: ::ffff:10.0.0.1."""
    wide = np.empty((len(values), 16), np.uint8)
    wide[:, :12] = np.frombuffer(MAPPED, np.uint8)
    wide[:, 12:] = values.astype(">u4").view(np.uint8).reshape(-1, 4)
    return wide


@dataclass(frozen=True, eq=False)
class Address16(Column):
    """Addresses of 16 bytes. Where ``wide`` is False the row has an IPv4 address, kept as ::ffff:10.0.0.1."""

    wide: Mask = None

    storage: ClassVar[str] = "ipv6"

    def raw(self, row: int) -> bytes:
        data = self.values[row].tobytes()
        return data if self.wide is None or self.wide[row] else data[12:]

    def _compared(self, other: Any, how: Any) -> Array:
        """Addresses compare as their 16 bytes do, the first byte first."""
        values = other.values if isinstance(other, Column) else self.comparable(other)
        found: Array = how(_order_of(self.values, values), 0)
        return found if self.present is None else found & self.present

    def comparable(self, value: Any) -> Any:
        raw = self.kind.accept(value)
        return np.frombuffer(raw if len(raw) == 16 else MAPPED + raw, np.uint8)

    def take(self, rows: Array) -> Column:
        made = super().take(rows)
        return made if self.wide is None else replace(made, wide=self.wide[rows])  # type: ignore[call-arg]

    def absent(self, count: int) -> Column:
        return Address16(self.kind, np.zeros((count, 16), np.uint8), np.zeros(count, bool))

    def slice(self, start: int, stop: int) -> Column:
        made = super().slice(start, stop)
        return made if self.wide is None else replace(made, wide=self.wide[start:stop])  # type: ignore[call-arg]

    def joined(self, others: Sequence[Column]) -> Column:
        every = [self, *(one.widened() if isinstance(one, Address4) else one for one in others)]
        wide = None
        if any(getattr(one, "wide", None) is not None for one in every):
            wide = np.concatenate([np.ones(len(o), bool) if o.wide is None else o.wide for o in every])  # type: ignore[attr-defined]
        values = np.concatenate([one.values for one in every])
        return Address16(self.kind, values, joined_masks(every), wide)


def _order_of(left: Array, right: Array) -> Array:
    """-1, 0 or 1 for each row of bytes: how it stands to the other."""
    differ = left != right
    first = differ.argmax(axis=1)
    rows = np.arange(len(left))
    right = np.broadcast_to(right, left.shape)
    return np.sign(left[rows, first].astype(np.int16) - right[rows, first].astype(np.int16))


@dataclass(frozen=True, eq=False)
class Texts(Column):
    """Text: ``values`` are places in ``dictionary``, -1 where absent."""

    dictionary: tuple[Any, ...] = ()

    storage: ClassVar[str] = "text"

    def raw(self, row: int) -> str:
        return self.dictionary[self.values[row]]

    def absent(self, count: int) -> Column:
        return Texts(self.kind, np.full(count, -1, np.int32), np.zeros(count, bool))

    def comparable(self, value: Any) -> Any:
        return self.dictionary.index(value) if value in self.dictionary else -2

    def _compared(self, other: Any, how: Any) -> Array:
        if isinstance(other, Column) or how not in (np.equal, np.not_equal):
            words, value = np.array([*self.dictionary, ""]), other
            found: Array = how(words[self.values], value.tolist() if isinstance(value, Column) else value)
            return found & self.there
        return super()._compared(other, how)

    def joined(self, others: Sequence[Column]) -> Column:
        codes: dict[str, int] = {}
        parts = []
        for one in (self, *others):
            words = one.dictionary  # type: ignore[attr-defined]
            known = np.array([codes.setdefault(word, len(codes)) for word in words] + [-1], np.int32)
            parts.append(known[one.values])
        return Texts(self.kind, np.concatenate(parts), joined_masks([self, *others]), tuple(codes))


@dataclass(frozen=True, eq=False)
class Octets(Column):
    """Bytes of any length: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``, nothing where absent."""

    offsets: Array = None  # type: ignore[assignment]

    storage: ClassVar[str] = "bytes"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def raw(self, row: int) -> Any:
        return self.kind.unpack(self.octets(row), HOST)

    def absent(self, count: int) -> Column:
        return replace(
            self, values=self.values[:0], present=np.zeros(count, bool), offsets=np.zeros(count + 1, np.int64)
        )

    def octets(self, row: int) -> bytes:
        """The bytes of one row."""
        row = range(len(self))[row]
        return self.values[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def _compared(self, other: Any, how: Any) -> Array:
        values = other.tolist() if isinstance(other, Column) else [other] * len(self)
        pairs = zip(self.tolist(), values, strict=True)
        return np.array([mine is not None and bool(how(mine, value)) for mine, value in pairs], bool)

    def take(self, rows: Array) -> Column:
        rows = np.arange(len(self))[rows]
        sizes = np.diff(self.offsets)[rows]
        offsets = offsets_of(sizes)
        return replace(
            self,
            values=self.values[picked(self.offsets[:-1][rows], sizes)],
            present=None if self.present is None else self.present[rows],
            offsets=offsets,
        )

    def slice(self, start: int, stop: int) -> Column:
        offsets = self.offsets[start : stop + 1]
        return replace(
            self,
            values=self.values[offsets[0] : offsets[-1]],
            present=None if self.present is None else self.present[start:stop],
            offsets=offsets - offsets[0],
        )

    def joined(self, others: Sequence[Column]) -> Column:
        made = super().joined(others)
        sizes = [np.diff(one.offsets) for one in (self, *others)]  # type: ignore[attr-defined]
        return replace(made, offsets=offsets_of(np.concatenate(sizes)))  # type: ignore[call-arg]


@dataclass(frozen=True, eq=False)
class Lists(Column):
    """What is repeated: row ``i`` has the elements ``offsets[i]`` to ``offsets[i + 1]`` of the column ``inner``."""

    offsets: Array = None  # type: ignore[assignment]
    inner: Column = None  # type: ignore[assignment]

    storage: ClassVar[str] = "list"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> Any:
        row = range(len(self))[row]
        if self.present is not None and not self.present[row]:
            return None
        places = range(self.offsets[row], self.offsets[row + 1])
        if isinstance(self.kind, ArrayKind | MplsLabels):
            return self.kind.show(tuple(self.inner.raw(at) for at in places))
        return [self.inner[at] for at in places]

    def absent(self, count: int) -> Column:
        none = np.zeros(count + 1, np.int64)
        return replace(
            self, values=none[:-1], present=np.zeros(count, bool), offsets=none, inner=self.inner.slice(0, 0)
        )

    def text(self, row: int) -> str:
        if self.present is not None and not self.present[row]:
            return ""
        return "[" + " ".join(self.inner.text(at) for at in range(self.offsets[row], self.offsets[row + 1])) + "]"

    def _compared(self, other: Any, how: Any) -> Array:
        return Octets._compared(self, other, how)  # type: ignore[arg-type]

    def take(self, rows: Array) -> Column:
        rows = np.arange(len(self))[rows]
        sizes = np.diff(self.offsets)[rows]
        offsets = offsets_of(sizes)
        return replace(
            self,
            values=offsets[:-1],
            present=None if self.present is None else self.present[rows],
            offsets=offsets,
            inner=self.inner.take(picked(self.offsets[:-1][rows], sizes)),
        )

    def slice(self, start: int, stop: int) -> Column:
        offsets = self.offsets[start : stop + 1]
        return replace(
            self,
            values=self.values[start:stop],
            present=None if self.present is None else self.present[start:stop],
            offsets=offsets - offsets[0],
            inner=self.inner.slice(int(offsets[0]), int(offsets[-1])),
        )

    def joined(self, others: Sequence[Column]) -> Column:
        every = [self, *others]
        offsets = offsets_of(np.concatenate([np.diff(one.offsets) for one in every]))  # type: ignore[attr-defined]
        return replace(
            self,
            values=offsets[:-1],
            present=joined_masks(every),
            offsets=offsets,
            inner=self.inner.joined([one.inner for one in others]),  # type: ignore[attr-defined]
        )


def offsets_of(sizes: Array) -> Array:
    """Where each begins and the last ends, of things of these sizes laid end to end."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def picked(starts: Array, sizes: Array) -> Array:
    """The places of all elements of some ranges."""
    ends = np.cumsum(sizes)
    return np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)
