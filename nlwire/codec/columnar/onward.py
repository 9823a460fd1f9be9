"""Tables for others: Arrow (extra ``arrow``), pandas, polars, files. Numbers, bytes and codes of texts are handed on, not copied.

IPv4 addresses stay numbers, IPv6 addresses 16 bytes, texts dictionaries, what is repeated lists; a field's metadata has its kind.

Knows: how each library takes what numpy has.
Never: bytes of messages. Imports a library when somebody asks for it.
"""

import csv
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nlwire.codec.columnar.block import Array
from nlwire.codec.columnar.column import Address16, Column, Flags, Lists, Octets, Texts
from nlwire.errors import BuildError
from nlwire.schema.family import Family

FORMATS = (".parquet", ".arrow", ".feather", ".csv")


class Table(Protocol):
    """What is handed on: columns by name, and the family they are of."""

    columns: dict[str, Column]
    family: Family


def library(name: str) -> Any:
    """A library that is not nlwire's to bring. Raises ImportError saying what to install."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        top = name.partition(".")[0]
        if error.name != top:
            raise
        install = "'nlwire[arrow]'" if top == "pyarrow" else top
        raise ImportError(f"this needs {top}: pip install {install}") from None


def to_arrow(table: Table) -> Any:
    """A pyarrow.Table."""
    pa = library("pyarrow")
    arrays = [arrow_array(pa, column) for column in table.columns.values()]
    fields = [
        pa.field(name, array.type, metadata={"nlwire.kind": column.kind.name})
        for (name, column), array in zip(table.columns.items(), arrays, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"nlwire.family": table.family.name}))


def arrow_array(pa: Any, column: Column) -> Any:
    """One column; its buffers are numpy's own."""
    count = len(column)
    valid = None
    if column.present is not None:
        valid = pa.py_buffer(np.packbits(column.present, bitorder="little"))
    if isinstance(column, Flags):
        return pa.array(column.there)
    if isinstance(column, Texts):
        codes = pa.Array.from_buffers(pa.int32(), count, [valid, pa.py_buffer(column.values)])
        words = [word.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for word in column.dictionary]
        return pa.DictionaryArray.from_arrays(codes, pa.array(words, pa.string()))
    if isinstance(column, Octets):
        buffers = [valid, pa.py_buffer(column.offsets), pa.py_buffer(contiguous(column.values))]
        return pa.Array.from_buffers(pa.large_binary(), count, buffers)
    if isinstance(column, Lists):
        inner = arrow_array(pa, column.inner)
        offsets = pa.py_buffer(column.offsets)
        return pa.Array.from_buffers(pa.large_list(inner.type), count, [valid, offsets], children=[inner])
    kind = pa.binary(16) if isinstance(column, Address16) else pa.from_numpy_dtype(column.values.dtype)
    return pa.Array.from_buffers(kind, count, [valid, pa.py_buffer(contiguous(column.values))])


def contiguous(values: Array) -> Array:
    """The values as they are, or a copy without gaps."""
    return np.ascontiguousarray(values)


def to_pandas(table: Table) -> Any:
    """A pandas.DataFrame: numbers as they are (nullable where some are absent), texts as categories, the rest as objects."""
    pd = library("pandas")
    return pd.DataFrame({name: series(pd, column) for name, column in table.columns.items()}, copy=False)


def series(pd: Any, column: Column) -> Any:
    """One column for pandas."""
    if isinstance(column, Flags):
        return column.there
    if isinstance(column, Texts):
        return pd.Categorical.from_codes(column.values, categories=pd.Index(column.dictionary, dtype=object))
    if isinstance(column, Octets | Lists | Address16):
        return pd.Series([None if one is None else one for one in column.tolist()], dtype=object)
    if column.present is None:
        return column.values
    return pd.arrays.IntegerArray(column.values, ~column.present)


def to_polars(table: Table) -> Any:
    """A polars.DataFrame, through Arrow."""
    polars = library("polars")
    return polars.from_arrow(to_arrow(table))


def save(table: Table, path: str | PathLike[str]) -> None:
    """Write a file, in the format that its name asks for. Raises BuildError, ImportError, OSError."""
    suffix = Path(path).suffix
    if suffix == ".csv":
        save_csv(table, Path(path))
    elif suffix == ".parquet":
        parquet = library("pyarrow.parquet")
        parquet.write_table(to_arrow(table), str(path))
    elif suffix in FORMATS:
        pa = library("pyarrow")
        whole = to_arrow(table)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, whole.schema) as out:
            out.write_table(whole)
    else:
        raise BuildError(
            f"no table is written as {suffix or 'a file without an ending'}; known are {', '.join(FORMATS)}"
        )


def save_csv(table: Table, path: Path) -> None:
    """Text: every value as it is printed, nothing where it is absent."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        out = csv.writer(file)
        out.writerow(table.columns)
        out.writerows(zip(*(texts(one) for one in table.columns.values()), strict=True))


def texts(column: Column) -> list[str]:
    """Every value as text; of equal ones each is made once."""
    if isinstance(column, Octets | Lists | Address16 | Flags):
        return [column.text(row) for row in range(len(column))]
    found, which = np.unique(column.values, return_inverse=True)
    present = column.there
    words = [""] * len(found)
    for row in np.flatnonzero(present)[np.unique(which[present], return_index=True)[1]]:
        words[which[row]] = column.text(int(row))
    there = present.tolist()
    return [words[code] if here else "" for code, here in zip(which.tolist(), there, strict=True)]
