"""include/linux/skbuff.h, as much of it as netlink uses: a buffer of fixed capacity that is filled from the front.

    head                    tail                end
     |<------- len -------->|<---- tailroom --->|
     +----------------------+- - - - - - - - - -+
     |  messages            |  zeros            |
     +----------------------+- - - - - - - - - -+

The capacity never changes: ctypes views lie on these very bytes, and memory that is viewed cannot move.

Knows: capacity, length, tailroom.
Never: what the bytes say.
"""

from typing import Any

from nlwire.errors import BufferFull


class sk_buff:
    """A socket buffer of ``size`` bytes. ``bytes(skb)`` copies what has been put, ``skb.data`` shows it in place.

    The kernel rounds an allocation up and so may have more tailroom than was asked for; here it is exact, so that a wrong
    size calculation is found at once.
    """

    __slots__ = ("cb", "head", "len")

    def __init__(self, size: int) -> None:
        self.head = memoryview(bytearray(size))
        """All the memory, tailroom included; writable, of fixed size."""
        self.len = 0
        """Bytes put so far."""
        self.cb: dict[str, Any] = {}
        """The control buffer: private notes of whoever holds the skb (nlmsg_put leaves the header's place and struct here)."""

    @property
    def data(self) -> memoryview:
        """What has been put, in place."""
        return self.head[: self.len]

    def __bytes__(self) -> bytes:
        return bytes(self.head[: self.len])

    def __repr__(self) -> str:
        return f"<sk_buff {self.len} of {len(self.head)} bytes>"


Buffer = bytes | bytearray | memoryview | sk_buff
"""Whatever messages can be read from."""


def memory_of(data: Buffer) -> memoryview:
    """``data`` as bytes in place, without a copy; writable where ``data`` is."""
    view = data.data if isinstance(data, sk_buff) else memoryview(data)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def alloc_skb(size: int) -> sk_buff:
    """An empty buffer with ``size`` bytes of tailroom."""
    return sk_buff(size)


def skb_tailroom(skb: sk_buff) -> int:
    """Bytes that can still be put."""
    return len(skb.head) - skb.len


def skb_put(skb: sk_buff, size: int) -> memoryview:
    """Append ``size`` zero bytes (the kernel's skb_put_zero) and return them in place. Raises BufferFull, changing nothing."""
    if size > skb_tailroom(skb):
        raise BufferFull(size, skb_tailroom(skb))
    start = skb.len
    skb.len = start + size
    skb.head[start : skb.len] = bytes(size)
    return skb.head[start : skb.len]


def skb_put_data(skb: sk_buff, data: bytes | bytearray | memoryview) -> None:
    """Append ``data``. Raises BufferFull, changing nothing."""
    start = skb.len
    stop = start + len(data)
    if stop > len(skb.head):
        raise BufferFull(len(data), skb_tailroom(skb))
    skb.head[start:stop] = data
    skb.len = stop


def skb_trim(skb: sk_buff, size: int) -> None:
    """Cut down to ``size`` bytes; a larger ``size`` changes nothing, as in the kernel."""
    skb.len = min(skb.len, size)
