"""A window that slides over a file: bounded memory whatever lengths the file claims.

Knows: read(n) of any binary file object, short reads too.
Never: formats.
"""

from typing import Protocol

CHUNK = 1 << 18
MAX_RECORD = 1 << 24
"""The longest record or block taken for real, in bytes; Wireshark has the same limit for blocks. More is damage."""


class Readable(Protocol):
    """What is needed of a file."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """What is needed of a file to write to."""

    def write(self, data: bytes, /) -> object: ...


class Window:
    """The part of a file at hand: ``data``, whose first byte lies ``base`` bytes into the file."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self.data = b""
        self.base = 0

    def slide(self, at: int, need: int) -> bytes:
        """Let go of what lies before ``at``; read on until ``need`` bytes are there or the file ends. Returns ``data``."""
        parts = [self.data[at:]]
        self.base += at
        have = len(parts[0])
        while have < need:
            more = self._file.read(CHUNK)
            if not more:
                break
            parts.append(more)
            have += len(more)
        self.data = b"".join(parts)
        return self.data
