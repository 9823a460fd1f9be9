"""The fast machine: tables and generated code, no construct (reading, writing, shapes, lazy views, templates)."""

from nlwire.codec.fast.decode import decode, encode
from nlwire.codec.fast.template import Template
from nlwire.codec.fast.views import View, views

__all__ = ["Template", "View", "decode", "encode", "views"]
