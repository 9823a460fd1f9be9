"""The columnar machine: many messages to numpy columns in vector passes, no object per message (extra ``columns``)."""

from nlwire.codec.columnar.build import build_columns
from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.door import columns, iter_batches
from nlwire.codec.columnar.table import Columns, concat

__all__ = ["Column", "Columns", "build_columns", "columns", "concat", "iter_batches"]
