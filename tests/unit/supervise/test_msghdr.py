"""struct msghdr: what is read ahead must never count where it is not meant."""

import ctypes
import os
from errno import EFAULT, EINVAL, EMSGSIZE

import pytest

from nlwire.supervise.memory import IOVEC, Memory, Place
from nlwire.supervise.msghdr import MOST_AHEAD, MSGHDR, Recall, read_msghdr, recall

NOWHERE = 8
"""An address at which nothing ever is."""
TID = os.getpid()
NAME = b"the sender !"


class Program:
    """What lies in a program's memory: a struct msghdr, iovecs in two places, a name, data."""

    def __init__(self) -> None:
        self._room = ctypes.create_string_buffer(16384)
        self.head = ctypes.addressof(self._room)
        self.one, self.two, self.name, self.data = (self.head + at for at in (128, 256, 384, 512))
        self.put(self.name, NAME)
        self.put(self.data, b"some data, and more")
        self.memory = Memory()

    def put(self, at: int, data: bytes) -> None:
        """Write anywhere."""
        ctypes.memmove(at, data, len(data))

    def lay(self, iov: int, iovlen: int, *, namelen: int = 12) -> None:
        """Write the struct msghdr."""
        self.put(self.head, MSGHDR.pack(self.name, namelen, 0, iov, iovlen, 0, 0, 0, 0))

    def iovecs(self, at: int, *places: Place) -> None:
        """Write an array of struct iovec."""
        self.put(at, b"".join(IOVEC.pack(*place) for place in places))

    def read(self) -> list[Place]:
        """The iovecs, as they are read the first time."""
        return read_msghdr(self.memory, TID, self.head)[1]

    def remember(self, *data: Place) -> Recall:
        """What is read the next time."""
        head, iov = read_msghdr(self.memory, TID, self.head)
        made = recall(head, iov, 0, (head.name, head.namelen), *data)
        assert made is not None
        return made

    def again(self, what: Recall) -> tuple[Place, bytes, bytes] | None:
        """What is read at once."""
        return what.read(self.memory, TID)


@pytest.fixture
def program() -> Program:
    made = Program()
    made.lay(made.one, 1)
    made.iovecs(made.one, (made.data, 9))
    return made


def test_struct_iovec_name_and_data_at_once(program: Program) -> None:
    assert program.again(program.remember()) == ((program.data, 9), NAME, b"")
    assert program.again(program.remember((program.data, 9))) == ((program.data, 9), NAME, b"some data")
    program.lay(program.one, 1, namelen=0)
    assert program.again(program.remember((program.data, 9))) == ((program.data, 9), b"", b"some data")


def test_what_lies_there_now_counts(program: Program) -> None:
    receiving, sending = program.remember(), program.remember((program.data, 9))
    program.put(program.name, NAME[::-1])
    program.put(program.data, b"other")
    program.iovecs(program.one, (program.data, 5))
    assert program.again(receiving) == ((program.data, 5), NAME[::-1], b"")
    assert program.again(sending) == ((program.data, 5), NAME[::-1], b"other")
    program.iovecs(program.one, (program.two, 4096))
    assert program.again(receiving) == ((program.two, 4096), NAME[::-1], b"")


def test_data_elsewhere_or_longer_was_not_read(program: Program) -> None:
    sending = program.remember((program.data, 9))
    for place in ((program.data, 10), (program.data + 1, 9), (program.data, 1 << 63)):
        program.iovecs(program.one, place)
        assert program.again(sending) is None


def test_another_struct_is_another_message(program: Program) -> None:
    receiving = program.remember()
    program.iovecs(program.two, (program.data, 9))
    for iov, iovlen, namelen in ((program.two, 1, 12), (program.one, 2, 12), (program.one, 1, 4), (NOWHERE, 0, 12)):
        program.lay(iov, iovlen, namelen=namelen)
        assert program.again(receiving) is None
    program.lay(program.one, 1)
    assert program.again(receiving) == ((program.data, 9), NAME, b"")


def test_a_length_no_buffer_has_is_looked_at_again(program: Program) -> None:
    receiving = program.remember()
    program.iovecs(program.one, (program.data, 1 << 63))
    assert program.again(receiving) is None
    with pytest.raises(OSError, match=r"\[Errno") as caught:
        program.read()
    assert caught.value.errno == EINVAL


def test_what_was_read_ahead_may_be_gone(program: Program) -> None:
    head, iov = read_msghdr(program.memory, TID, program.head)
    gone = recall(head, iov, 0, (NOWHERE, 12), (program.data, 9))
    assert gone is not None
    assert program.again(gone) is None


def test_not_everything_is_read_ahead(program: Program) -> None:
    head, iov = read_msghdr(program.memory, TID, program.head)
    assert recall(head, iov, 0, (program.name, 12), (program.data, MOST_AHEAD + 1)) is None
    assert recall(head, [], 0, (program.name, 12)) is None
    assert recall(head, iov * 2, 0, (program.name, 12)) is None
    assert recall(head, iov, 0, (1 << 63, 12)) is None


def test_more_iovecs_or_none(program: Program) -> None:
    program.iovecs(program.one, (4096, 7), (8192, 9))
    program.lay(program.one, 2)
    assert program.read() == [(4096, 7), (8192, 9)]
    program.lay(NOWHERE, 0)
    assert program.read() == []


@pytest.mark.parametrize(
    ("iov", "iovlen", "namelen", "errno"),
    [(NOWHERE, 1, 12, EFAULT), (1 << 63, 1, 12, EFAULT), (NOWHERE, 1025, 12, EMSGSIZE), (NOWHERE, 1, 1 << 31, EINVAL)],
)
def test_hostile_structs(program: Program, iov: int, iovlen: int, namelen: int, errno: int) -> None:
    program.lay(iov, iovlen, namelen=namelen)
    with pytest.raises(OSError, match=r"\[Errno") as caught:
        program.read()
    assert caught.value.errno == errno


def test_nothing_sent_is_not_taken_for_what_is_sent_later(program: Program) -> None:
    program.iovecs(program.one, (program.data, 0))
    head, iov = read_msghdr(program.memory, TID, program.head)
    assert recall(head, iov, 0, (program.name, 12), iov[0]) is None
