"""An endpoint in memory: a function answers each datagram that is sent; what it answers waits to be received."""

import errno
import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, overload

from nlwire.endpoint.base import Address, Datagram, Datagrams
from tests.unit.dialog.kernel_says import PORT

FOR_EVER = 20.0
Answer = Callable[[bytes], Iterable[Datagram | bytes]]


class Scripted(Datagrams):
    """``answer`` is called with each request (one message) and gives the datagrams that come back."""

    def __init__(self, answer: Answer = lambda request: ()) -> None:
        super().__init__()
        self.answer = answer
        self.queue: deque[Datagram | OSError] = deque()
        self.sent: list[bytes] = []
        self.options: dict[tuple[int, int], int | bytes] = {}
        self.groups: list[int] = []
        self.closed = 0
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def push(self, *datagrams: Datagram | bytes | OSError) -> None:
        for one in datagrams:
            os.eventfd_write(self._fd, 1)  # before another thread can take what it tells of
            self.queue.append(Datagram(one) if isinstance(one, bytes) else one)

    def put(self, data: bytes, address: Address) -> int:
        self.sent.append(data)
        at = 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "little")
            self.push(*self.answer(data[at : at + size]))
            at += (size + 3) & ~3
        return len(data)

    def take(self, flags: int) -> Datagram:
        deadline = time.monotonic() + (FOR_EVER if self._timeout is None else self._timeout)
        while not self.queue:
            if self._timeout == 0 or flags:
                raise BlockingIOError(errno.EAGAIN, "nothing there")
            if time.monotonic() > deadline:
                assert self._timeout is not None, "nobody will ever answer"
                raise TimeoutError("timed out")
            time.sleep(0.001)
        one = self.queue.popleft()
        if not self.queue:
            with suppress(BlockingIOError):  # read already, by a thread that took the one before
                os.eventfd_read(self._fd)
        if isinstance(one, OSError):
            raise one
        return one

    def bind(self, address: Any, /) -> None:
        self.bound = address

    def getsockname(self) -> Any:
        return (PORT, 0)

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        self.options[level, option] = value
        if option == 1 and isinstance(value, int):
            self.groups.append(value)
        if option == 2 and isinstance(value, int):
            self.groups.remove(value)

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...
    def getsockopt(self, level: int, option: int, size: int | None = None, /) -> int | bytes:
        if size is not None:
            words = bytearray(8)
            for group in self.groups:
                words[(group - 1) // 8] |= 1 << (group - 1) % 8
            return bytes(words)
        value = self.options.get((level, option), 0)
        assert isinstance(value, int)
        return value

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        self.closed += 1
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
