"""skb.py: a buffer of fixed capacity."""

from array import array

import pytest

from nlwire.errors import BufferFull
from nlwire.wire.skb import alloc_skb, memory_of, skb_put, skb_put_data, skb_tailroom, skb_trim


def test_an_skb_fills_from_the_front() -> None:
    skb = alloc_skb(8)
    assert (skb.len, skb_tailroom(skb), bytes(skb)) == (0, 8, b"")
    skb_put(skb, 3)[:] = b"abc"
    skb_put_data(skb, b"de")
    assert (skb.len, skb_tailroom(skb), bytes(skb), bytes(skb.data)) == (5, 3, b"abcde", b"abcde")
    assert repr(skb) == "<sk_buff 5 of 8 bytes>"


def test_data_shows_the_skb_in_place() -> None:
    skb = alloc_skb(4)
    skb_put(skb, 4)
    skb.data[1] = 7
    assert bytes(skb) == b"\0\7\0\0"


@pytest.mark.parametrize("size", [9, 100])
def test_overflow_is_emsgsize_and_changes_nothing(size: int) -> None:
    skb = alloc_skb(10)
    skb_put_data(skb, b"xy")
    for put in (lambda: skb_put(skb, size), lambda: skb_put_data(skb, bytes(size))):
        with pytest.raises(BufferFull) as caught:
            put()
        assert (caught.value.errno, caught.value.need, caught.value.have) == (90, size, 8)
        assert bytes(skb) == b"xy"


def test_trim_forgets_and_what_is_put_then_is_zero() -> None:
    skb = alloc_skb(8)
    skb_put_data(skb, b"abcdefgh")
    skb_trim(skb, 20)
    assert bytes(skb) == b"abcdefgh"
    skb_trim(skb, 2)
    skb_put(skb, 3)
    assert bytes(skb) == b"ab\0\0\0"


def test_memory_of_is_the_same_memory() -> None:
    data = bytearray(b"abcd")
    memory_of(data)[0] = 0x7A
    assert data == b"zbcd"
    assert memory_of(b"ab").readonly
    words = memory_of(memoryview(array("I", [1, 2])))
    assert (len(words), words.format) == (8, "B")
    skb = alloc_skb(4)
    skb_put(skb, 2)
    assert len(memory_of(skb)) == 2
