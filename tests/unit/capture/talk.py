"""A conversation for tests: an endpoint that says what it was told to say."""

import os
import struct
from collections import deque
from typing import Any

from nlwire.endpoint.base import Address, Datagram, Datagrams


def message(kind: int, seq: int = 0, pid: int = 0, body: bytes = b"", flags: int = 0) -> bytes:
    """One message, padded."""
    return struct.pack("=IHHII", 16 + len(body), kind, flags, seq, pid) + body + bytes(-len(body) % 4)


def error(code: int, request: bytes, seq: int, pid: int) -> bytes:
    """NLMSG_ERROR with the request's header."""
    return message(2, seq, pid, struct.pack("=i", -code) + request[:16])


class Scripted(Datagrams):
    """Hands out ``answers``; an errno among them is raised; keeps what was sent."""

    def __init__(self, *answers: Datagram | int, refuse: int = 0) -> None:
        super().__init__()
        self.answers = deque(answers)
        self.refuse = refuse
        self.sent: list[bytes] = []
        self.done: list[Any] = []
        self.proto = 16

    def take(self, flags: int) -> Datagram:
        found = self.answers.popleft()
        if isinstance(found, int):
            raise OSError(found, os.strerror(found))
        return found

    def put(self, data: bytes, address: Address) -> int:
        if self.refuse:
            raise OSError(self.refuse, os.strerror(self.refuse))
        self.sent.append(data)
        return len(data)

    def bind(self, address: Any, /) -> None:
        self.done.append(address)

    def getsockname(self) -> Any:
        if not self.done:
            raise OSError(9, "Bad file descriptor")
        return (77, 0)

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        self.done.append((level, option, value))

    def getsockopt(self, level: int, option: int, size: int = 0, /) -> Any:
        return 0

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        self.done.append("closed")
