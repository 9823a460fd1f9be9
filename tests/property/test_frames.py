"""Law of framing: headers told apart in strides are told apart as one by one."""

from struct import pack, unpack_from

from hypothesis import given
from hypothesis import strategies as st

from nlwire.codec.fast import views
from nlwire.codec.frames import STRIDES, alike, framed

HEAD = (24, 2, 7, 99)


def message(size: int, head: tuple[int, int, int, int]) -> bytes:
    """A message of ``size`` bytes with its padding."""
    return pack("=IHHII", size, *head) + bytes(size - 16 + (-size & 3))


def one_by_one(data: bytes, at: int, head: bytes) -> int:
    """What ``alike`` is to find."""
    while len(data) - at >= 16 and data[at + 4 : at + 16] == head[4:]:
        (size,) = unpack_from("=I", data, at)
        if size < 16 or at + size > len(data):
            break
        at = min(at + (size + 3 & ~3), len(data))
    return at


heads = st.sampled_from([HEAD, HEAD, HEAD, (25, 2, 7, 99), (24, 2, 8, 99)])
runs = st.lists(st.tuples(st.integers(1, 6), st.sampled_from([20, 28, 28, 29, 300]), heads), max_size=8)


@given(runs, st.binary(max_size=20), st.integers(0, 40))
def test_strides_find_what_single_steps_find(
    parts: list[tuple[int, int, tuple[int, int, int, int]]], tail: bytes, cut: int
) -> None:
    data = b"".join(message(size, head) * count for count, size, head in parts) + tail
    data = data[: len(data) - cut] if cut < len(data) else data
    for first in (28, 20, 17):
        head = message(first, HEAD)[:16]
        assert alike(data, 0, head) == one_by_one(data, 0, head)
    assert framed(data) <= len(data)


@given(st.integers(STRIDES - 1, 2 * STRIDES + 1), st.integers(0, 15), st.data())
def test_one_unlike_byte_among_many(count: int, byte: int, data: st.DataObject) -> None:
    buffer = bytearray(message(28, HEAD) * count)
    where = data.draw(st.integers(0, count - 1))
    buffer[where * 28 + byte] ^= 1
    head = message(28, HEAD)[:16]
    assert alike(bytes(buffer), 0, head) == one_by_one(bytes(buffer), 0, head)
    if byte >= 4:  # not the length
        assert alike(bytes(buffer), 0, head) == where * 28
        assert sum(1 for _ in views(bytes(buffer))) == count
