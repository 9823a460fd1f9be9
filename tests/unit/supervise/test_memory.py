"""Another process's memory, which may as well be one's own: what is read ahead must never count where it is not meant."""

import ctypes
import os
from errno import EFAULT, EINVAL, EMSGSIZE

import pytest

from nlwire.supervise.memory import IOVEC, MOST_KNOWN, MSGHDR, Guess, Memory

NOWHERE = 8
"""An address at which nothing ever is."""
TID = os.getpid()


class Program:
    """What lies in a program's memory: a struct msghdr, and iovecs in two places."""

    def __init__(self) -> None:
        self._room = ctypes.create_string_buffer(512)
        self.head = ctypes.addressof(self._room)
        self.one, self.two = self.head + 128, self.head + 256
        self.memory = Memory()

    def lay(self, iov: int, iovlen: int, *, namelen: int = 12) -> None:
        """Write the struct msghdr."""
        MSGHDR.pack_into(self._room, 0, self.two, namelen, 0, iov, iovlen, 0, 0, 0, 0)

    def iovecs(self, at: int, *places: tuple[int, int]) -> None:
        """Write an array of struct iovec."""
        for number, place in enumerate(places):
            IOVEC.pack_into(self._room, at - self.head + number * IOVEC.size, *place)

    def read(self) -> list[tuple[int, int]]:
        """What the supervisor sees."""
        return self.memory.msghdr(TID, self.head).iov


@pytest.fixture
def program() -> Program:
    made = Program()
    made.lay(made.one, 1)
    made.iovecs(made.one, (4096, 7))
    assert made.read() == made.read() == [(4096, 7)]
    return made


def test_an_iovec_that_changed_where_it_was(program: Program) -> None:
    program.iovecs(program.one, (8192, 9))
    assert program.read() == [(8192, 9)]


def test_an_iovec_that_is_elsewhere_now(program: Program) -> None:
    program.lay(program.two, 1)
    program.iovecs(program.two, (8192, 9))
    assert program.read() == program.read() == [(8192, 9)]


def test_more_iovecs_or_none(program: Program) -> None:
    program.iovecs(program.one, (4096, 7), (8192, 9))
    program.lay(program.one, 2)
    assert program.read() == program.read() == [(4096, 7), (8192, 9)]
    program.lay(NOWHERE, 0)
    assert program.read() == []
    program.lay(program.one, 1)
    assert program.read() == program.read() == [(4096, 7)]


def test_what_was_read_ahead_may_be_gone(program: Program) -> None:
    program.memory._guesses[program.head] = Guess(program.head, NOWHERE)
    assert program.read() == [(4096, 7)]
    assert program.memory._guesses[program.head].iov == program.one


@pytest.mark.parametrize(
    ("iov", "iovlen", "namelen", "errno"),
    [(NOWHERE, 1, 12, EFAULT), (1 << 63, 1, 12, EFAULT), (NOWHERE, 1025, 12, EMSGSIZE), (NOWHERE, 1, 1 << 31, EINVAL)],
)
def test_hostile_structs_fail_the_same_after_good_ones(
    program: Program, iov: int, iovlen: int, namelen: int, errno: int
) -> None:
    program.lay(iov, iovlen, namelen=namelen)
    for _ in range(2):
        with pytest.raises(OSError, match=r"\[Errno") as caught:
            program.read()
        assert caught.value.errno == errno


def test_a_length_no_buffer_has_fails_also_when_read_ahead(program: Program) -> None:
    program.iovecs(program.one, (4096, 1 << 63))
    with pytest.raises(OSError, match=r"\[Errno") as caught:
        program.read()
    assert caught.value.errno == EINVAL


def test_two_places_at_once(program: Program) -> None:
    one, other = (program.head, MSGHDR.size), (program.one, IOVEC.size)
    head, iovec = program.memory.read_two(TID, one, other)
    assert (head[:8], iovec) == (program.two.to_bytes(8, "little"), IOVEC.pack(4096, 7))
    for places in ((one, (NOWHERE, 4)), ((NOWHERE, 4), one), (one, (1 << 63, 4))):
        with pytest.raises(OSError, match=r"\[Errno") as caught:
            program.memory.read_two(TID, *places)
        assert caught.value.errno == EFAULT
    long = ctypes.create_string_buffer(b"x", 1 << 18)
    far, near = program.memory.read_two(TID, (ctypes.addressof(long), 1 << 18), other)
    assert (far[:2], len(far), near) == (b"x\0", 1 << 18, iovec)


def test_what_the_same_bytes_mean_is_known_and_other_bytes_are_looked_at(program: Program) -> None:
    heads = []
    for length in (7, 9, 7):
        program.iovecs(program.one, (4096, length))
        heads.append(program.memory.msghdr(TID, program.head))
    assert [one.iov[0][1] for one in heads] == [7, 9, 7]
    assert heads[0] is heads[2]
    program.lay(program.one, 1, namelen=4)
    assert program.memory.msghdr(TID, program.head).namelen == 4
    for length in range(200):
        program.iovecs(program.one, (4096, length))
        assert program.read() == [(4096, length)]
    assert len(program.memory._guesses[program.head].known) <= MOST_KNOWN
