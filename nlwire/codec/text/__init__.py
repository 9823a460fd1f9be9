"""The text machine: messages and bytes as people read them. It never raises, whatever the bytes.

* ``explain``: every byte of a buffer once, as lines of offset, bytes, name, value; ``picture`` prints them
* ``text_line``: one message on one line, in the look of ip(8) where a family has one
* ``json_line``: one message on one line, as JSON that loses nothing
"""

from nlwire.codec.text.explain import Line, explain, first_fault
from nlwire.codec.text.line import json_line, text_line
from nlwire.codec.text.picture import Piece, picture, rows

__all__ = ["Line", "Piece", "explain", "first_fault", "json_line", "picture", "rows", "text_line"]
