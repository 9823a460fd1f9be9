"""The fast machine: tables and generated code, no construct (reading, writing, shapes, lazy views)."""

from nlwire.codec.fast.decode import decode, encode
from nlwire.codec.fast.views import View, views

__all__ = ["View", "decode", "encode", "views"]
