"""Another process's memory, which may as well be one's own."""

import ctypes
import os
from errno import EFAULT

import pytest

from nlwire.supervise.memory import ROOM, Memory, Places

NOWHERE = 8
"""An address at which nothing ever is."""
TID = os.getpid()


def test_several_places_at_once() -> None:
    room = ctypes.create_string_buffer(b"one, two, three")
    at, memory = ctypes.addressof(room), Memory()
    assert memory.fetch(TID, Places([(at, 3), (at + 5, 3), (at + 10, 5)])) == b"onetwothree"
    assert (
        memory.fetch(TID, Places([(at, 3), (NOWHERE, 3)])) == memory.fetch(TID, Places([(NOWHERE, 3), (at, 3)])) == b""
    )


@pytest.mark.parametrize("address", [0, NOWHERE, 1 << 63])
def test_where_nothing_is(address: int) -> None:
    memory = Memory()
    for reach in (
        lambda: memory.read(TID, address, 4),
        lambda: memory.put(TID, address, b"four"),
        lambda: memory.put(TID, address, bytes(2 * ROOM)),
        lambda: memory.write(TID, (b"four", [(address, 4)])),
    ):
        with pytest.raises(OSError, match=r"\[Errno") as caught:
            reach()
        assert caught.value.errno == EFAULT
    assert memory.read(TID, address, 0) == b""
    memory.put(TID, address, b"")


@pytest.mark.parametrize("size", [1, ROOM, ROOM + 1, 3 * ROOM])
def test_what_is_written_is_read(size: int) -> None:
    room = ctypes.create_string_buffer(size)
    at, memory, data = ctypes.addressof(room), Memory(), os.urandom(size)
    memory.put(TID, at, data)
    assert room.raw == memory.read(TID, at, size) == data
    memory.write(TID, (data[::-1], [(at, size // 2), (at + size // 2, size)]))
    assert room.raw == data[::-1]
