"""The fast machine: tables and generated code, no construct (reading, writing, shapes, lazy views)."""

from nlwire.codec.fast.decode import decode, encode

__all__ = ["decode", "encode"]
