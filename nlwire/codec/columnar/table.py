"""Columns: the messages of one family as a table.

    routes = nlwire.columns(data, nlwire.route, ["rtm_dst_len", RTA.DST, RTA.OIF])
    routes[RTA.OIF].values                     numpy
    routes[routes["rtm_dst_len"] == 24]        some of the rows
    print(routes)

Knows: columns by name, rows by number.
Never: how bytes become values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, overload

import numpy as np

from nlwire.codec.columnar.aside import Aside
from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.naming import FieldLike, parts_of
from nlwire.codec.columnar.onward import save, to_arrow, to_pandas, to_polars
from nlwire.codec.columnar.starts import Run
from nlwire.codec.columnar.write import encoded
from nlwire.errors import BuildError
from nlwire.schema.attrs import Attr
from nlwire.schema.family import Family

SHOWN = 10
"""Rows that are printed of a long table: half from its beginning, half from its end."""
WIDEST = 40
TIME = "time"
"""The column of times, of tables made from captures: nanoseconds since 1970."""


class Columns:
    """The columns of a family's messages, all of one length.

    ``offsets``: where in the input each row's message began; ``aside``: what became no row; ``start`` and ``size``: which
    part of the input was read.
    """

    def __init__(
        self,
        family: Family,
        columns: Mapping[str, Column],
        offsets: "Array | list[Array | Run]",
        aside: Aside,
        size: int,
        start: int = 0,
        orders: Mapping[str, Column] | None = None,
    ) -> None:
        self.family = family
        self.columns = dict(columns)
        self.orders = dict(orders or {})
        self.aside = aside
        self.size = size
        self.start = start
        self._offsets = offsets
        self._rows = count_of(offsets)

    def __len__(self) -> int:
        return self._rows

    @property
    def offsets(self) -> Array:
        """Where in the input each row's message began."""
        if isinstance(self._offsets, list):
            parts = [one.places if isinstance(one, Run) else one for one in self._offsets]
            self._offsets = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return self._offsets

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns)

    def name_of(self, field: FieldLike) -> str:
        """The name of a field's column. Raises KeyError when there is none."""
        if isinstance(field, str) and field in self.columns:
            return field
        parts = [one.c_name if isinstance(one, Attr) else one for one in parts_of(field)]
        for name in ("/".join(parts), "/".join(part.replace(".", "_") for part in parts)):
            if name in self.columns:
                return name
        raise KeyError(f"no column {'/'.join(parts)!r}; there are {', '.join(self.columns)}")

    @overload
    def __getitem__(self, key: str | Attr[Any] | tuple[Any, ...]) -> Column: ...
    @overload
    def __getitem__(self, key: slice | Array) -> "Columns": ...
    def __getitem__(self, key: Any) -> Any:
        """A column by its field, or some of the rows: by slice, by numbers, by mask."""
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step != 1:
                return self.take(np.arange(len(self))[key])
            return self._like(lambda column: column.slice(start, max(start, stop)), key)
        if isinstance(key, np.ndarray):
            return self.take(key)
        return self.columns[self.name_of(key)]

    def __contains__(self, field: FieldLike) -> bool:
        try:
            self.name_of(field)
        except (KeyError, BuildError):
            return False
        return True

    def take(self, rows: Array) -> "Columns":
        """Some of the rows, by number or by mask."""
        rows = np.asarray(rows)
        if rows.dtype == bool and len(rows) != len(self):
            raise ValueError(f"a mask of {len(rows)} rows for a table of {len(self)}")
        return self._like(lambda column: column.take(rows), rows)

    def filter(self, *wanted: "Array | Column | Mapping[FieldLike, Any]") -> "Columns":
        """The rows that all masks choose and whose fields have all the values asked for: ``filter({RTA.OIF: 2})``."""
        mask = np.ones(len(self), bool)
        for one in wanted:
            if isinstance(one, Mapping):
                for field, value in one.items():
                    mask &= self[field] == value
            else:
                mask &= np.asarray(one, bool)
        return self.take(mask)

    def select(self, *fields: FieldLike) -> "Columns":
        """Some of the columns."""
        names = [self.name_of(field) for field in fields]
        return Columns(
            self.family, {name: self.columns[name] for name in names}, self._offsets, self.aside, self.size, self.start
        )

    def _like(self, some: Callable[[Column], Column], rows: Any) -> "Columns":
        columns = {name: some(one) for name, one in self.columns.items()}
        orders = {name: some(one) for name, one in self.orders.items()}
        return Columns(self.family, columns, self.offsets[rows], self.aside, self.size, self.start, orders)

    def encode(self, *, type: int | None = None) -> bytes:
        """The messages again, end to end: of a table of everything the same bytes as they came in, if the kernel wrote them.

        What no column says is as declared; ``type`` is the nlmsg_type where no column says it (the family's ``new``).
        Padding, empty texts' NULs and the numbers of numbered elements are made as the kernel makes them. Raises BuildError.
        """
        family = self.family
        if type is None:
            type = int(next(iter(family.types), 0))
        columns = {name: one for name, one in self.columns.items() if name != TIME}
        return encoded(family, columns, self.orders, len(self), int(type))

    # --- for others --------------------------------------------------------------------------------------------------

    def to_arrow(self) -> Any:
        """A pyarrow.Table (extra ``arrow``), without a copy where numpy's memory is as Arrow's. Raises ImportError."""
        return to_arrow(self)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule protocol: what reads Arrow reads this."""
        return to_arrow(self).__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame. Raises ImportError."""
        return to_pandas(self)

    def to_polars(self) -> Any:
        """A polars.DataFrame. Raises ImportError."""
        return to_polars(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write .parquet, .arrow or .csv, as the name says. Raises BuildError, ImportError, OSError."""
        save(self, path)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dict of what is there, as a message would show it."""
        for row in range(len(self)):
            found = ((name, one[row]) for name, one in self.columns.items())
            yield {name: value for name, value in found if value is not None}

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take."""
        return sum(bytes_of(one) for one in self.columns.values())

    # --- for people --------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        """A table; of a long one the first and the last rows."""
        half = SHOWN // 2
        whole = len(self) <= SHOWN
        numbers = range(len(self)) if whole else [*range(half), *range(len(self) - half, len(self))]
        lines = [[name.rpartition("/")[2] for name in self.columns]]
        lines += [[clipped(one.text(row)) for one in self.columns.values()] for row in numbers]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        text = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        if not whole:
            text.insert(half + 1, "  ".join("…".rjust(width) for width in widths))
        aside = f", {len(self.aside)} messages aside" if len(self.aside) else ""
        return "\n".join([*text, f"{len(self)} rows of {self.family.name}{aside}"])

    def __repr__(self) -> str:
        return f"<{len(self)} rows of {self.family.name}: {', '.join(self.columns)}>"


def count_of(offsets: "Array | list[Array | Run]") -> int:
    """How many rows there are."""
    if isinstance(offsets, list):
        return sum(one.count if isinstance(one, Run) else len(one) for one in offsets)
    return len(offsets)


def clipped(text: str) -> str:
    """A cell no wider than WIDEST."""
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def bytes_of(column: Column) -> int:
    """Bytes that a column's arrays take."""
    arrays: Sequence[Any] = [getattr(column, name, None) for name in ("values", "present", "offsets", "wide")]
    inner = getattr(column, "inner", None)
    return sum(one.nbytes for one in arrays if one is not None) + (bytes_of(inner) if inner is not None else 0)


def concat(tables: Sequence[Columns]) -> Columns:
    """Tables of the same family, one after the other; a column that some lack is absent there.

    Offsets count on: those of the second table begin where the first's input ended. Raises BuildError.
    """
    tables = list(tables)
    if not tables:
        raise BuildError("nothing to put together")
    family = tables[0].family
    if any(one.family is not family for one in tables):
        raise BuildError(f"tables of different families: {', '.join(sorted({one.family.name for one in tables}))}")
    columns = _joined(tables, [table.columns for table in tables])
    orders = _joined(tables, [table.orders for table in tables])
    aside = Aside(tables[0].aside.protocol, tables[0].aside.registry)
    offsets, size = [], 0
    for table in tables:
        offsets.append(table.offsets - table.start + size)
        aside.joined(table.aside, size - table.start)
        size += table.size
    return Columns(family, columns, np.concatenate(offsets), aside, size, 0, orders)


def _joined(tables: Sequence[Columns], several: list[dict[str, Column]]) -> dict[str, Column]:
    """Columns of the same names, one after the other."""
    made = {}
    for name in dict.fromkeys(name for one in several for name in one):
        like = next(one[name] for one in several if name in one)
        first, *others = [
            one[name] if name in one else like.absent(len(table)) for table, one in zip(tables, several, strict=True)
        ]
        made[name] = first.joined(others)
    return made
