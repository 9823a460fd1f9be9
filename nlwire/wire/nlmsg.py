"""Messages: include/net/netlink.h from nlmsg_new() to nlmsg_for_each_msg().

     <--- nlmsg_total_size(payload)  --->
     <-- nlmsg_msg_size(payload) -->
    +----------+------------------+- - -+-------- - -
    | nlmsghdr |     Payload      | Pad | nlmsghdr
    +----------+------------------+- - -+-------- - -
    nlmsg_data(nlh)^                     ^
    nlmsg_next(nlh)----------------------+

``nlh`` is a ctypes ``nlmsghdr`` that knows where it lies. On writable memory (an skb, a bytearray) it is a live view: what
is assigned to it is in the buffer. On read-only memory (bytes) its 16 bytes are a copy; the payload is never copied.

Knows: nlmsghdr, its length and alignment.
Never: what a protocol puts after it.
"""

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError
from typing import TypeGuard, TypeVar, overload

from nlwire.errors import BufferFull, BuildError, WireError
from nlwire.schema.layout import UapiStruct
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire.skb import Buffer, alloc_skb, memory_of, sk_buff, skb_put, skb_tailroom, skb_trim

S = TypeVar("S", bound=UapiStruct)

NLMSG_ALIGNTO = 4
NLMSG_HDRLEN = nlmsghdr.sizeof
NLMSG_GOODSIZE = 3776
"""SKB_WITH_OVERHEAD(PAGE_SIZE) on x86-64: what the first datagram of a dump may hold."""
NLMSG_DEFAULT_SIZE = NLMSG_GOODSIZE - NLMSG_HDRLEN
"""A payload size for nlmsg_new() where a good default is needed."""

_HEADER = Struct("=IHHII")


def nlmsg_align(size: int) -> int:
    """NLMSG_ALIGN: ``size`` rounded up to a multiple of 4."""
    return (size + 3) & ~3


def nlmsg_msg_size(payload: int) -> int:
    """Bytes of a message with ``payload`` bytes, without padding: what nlmsg_len says."""
    return NLMSG_HDRLEN + payload


def nlmsg_total_size(payload: int) -> int:
    """Bytes of a message with ``payload`` bytes, padding included: what it takes in an skb."""
    return nlmsg_align(nlmsg_msg_size(payload))


def nlmsg_padlen(payload: int) -> int:
    """Bytes of padding after a message with ``payload`` bytes."""
    return nlmsg_total_size(payload) - nlmsg_msg_size(payload)


Place = tuple[memoryview, int]
"""Where a header lies: the memory of all messages and the offset in it, in bytes. Plain, for every message makes one."""


def place_of(nlh: nlmsghdr) -> Place:
    """Where ``nlh`` lies. Raises TypeError for an nlmsghdr that lies in no buffer."""
    place: Place | None = nlh.__dict__.get("place")
    if place is None:
        raise TypeError("this nlmsghdr lies in no buffer: take one from nlmsg_put, nlmsg_hdr or nlmsg_for_each_msg")
    return place


def _view(struct: type[S], memory: memoryview, offset: int) -> S:
    """``struct`` on the memory itself, or on a copy where the memory is read-only."""
    return struct.from_buffer_copy(memory, offset) if memory.readonly else struct.from_buffer(memory, offset)


def header_at(memory: memoryview, offset: int) -> nlmsghdr:
    """The header at an offset of memory that is known to have one there."""
    nlh = nlmsghdr.from_buffer_copy(memory, offset) if memory.readonly else nlmsghdr.from_buffer(memory, offset)
    nlh.__dict__["place"] = memory, offset
    return nlh


# --- building --------------------------------------------------------------------------------------------------------


def nlmsg_new(payload: int = NLMSG_DEFAULT_SIZE) -> sk_buff:
    """An skb with room for one message of ``payload`` bytes, or for several smaller ones."""
    return alloc_skb(nlmsg_total_size(payload))


def nlmsg_put(
    skb: sk_buff,
    portid: int,
    seq: int,
    type: int,
    payload: type[UapiStruct] | UapiStruct | int,
    flags: int = 0,
) -> nlmsghdr:
    """Begin a message: header, then ``payload``, then padding; returns the header, live.

    ``payload`` is a struct (its defaults are written: the kernel's zeroed ``sizeof(*rtm)``), an instance (its bytes are
    copied) or a size in bytes (zeros). Raises BufferFull when the tailroom is too small, BuildError when a number does not
    fit its header field; nothing changes then.
    """
    body = _body(payload)
    size = len(body)
    if skb_tailroom(skb) < nlmsg_total_size(size):
        raise BufferFull(nlmsg_total_size(size), skb_tailroom(skb), path=("nlmsghdr",))
    try:
        header = _HEADER.pack(nlmsg_msg_size(size), type, flags, seq, portid)
    except StructError as error:
        values = {"nlmsg_type": type, "nlmsg_flags": flags, "nlmsg_seq": seq, "nlmsg_pid": portid}
        raise BuildError(f"a number does not fit its field: {error}", path=("nlmsghdr",), value=values) from None
    start = skb.len
    skb_put(skb, nlmsg_total_size(size))[: NLMSG_HDRLEN + size] = header + body
    skb.cb = {"header": None if isinstance(payload, int) else (_struct(payload), start + NLMSG_HDRLEN)}
    return header_at(skb.head, start)


def _struct(payload: type[UapiStruct] | UapiStruct) -> type[UapiStruct]:
    return type(payload) if isinstance(payload, UapiStruct) else payload


def _body(payload: type[UapiStruct] | UapiStruct | int) -> bytes:
    if isinstance(payload, int):
        return bytes(payload)
    return bytes(payload if isinstance(payload, UapiStruct) else payload())


def nlmsg_append(skb: sk_buff, size: int) -> memoryview:
    """Append ``size`` zero bytes and padding to a message (a second fixed header); returns the bytes without the padding.

    Raises BufferFull, changing nothing.
    """
    return skb_put(skb, nlmsg_align(size))[:size]


def nlmsg_end(skb: sk_buff, nlh: nlmsghdr) -> None:
    """Finish a message: nlmsg_len becomes all that was put since nlmsg_put()."""
    nlh.nlmsg_len = skb.len - _offset_in(skb, nlh)


def nlmsg_cancel(skb: sk_buff, nlh: nlmsghdr) -> None:
    """Take a message, and whatever was put after it, out of the skb again."""
    skb_trim(skb, _offset_in(skb, nlh))


def nlmsg_get_pos(skb: sk_buff) -> int:
    """A mark for nlmsg_trim(): the offset of the tail in bytes."""
    return skb.len


def nlmsg_trim(skb: sk_buff, mark: int) -> None:
    """Cut the skb down to a mark."""
    skb_trim(skb, mark)


def _offset_in(skb: sk_buff, nlh: nlmsghdr) -> int:
    memory, offset = place_of(nlh)
    if memory.obj is not skb.head.obj or offset > skb.len:
        raise ValueError("this message is not (or no longer) in this skb")
    return offset


# --- reading ---------------------------------------------------------------------------------------------------------


def nlmsg_hdr(data: Buffer, offset: int = 0) -> nlmsghdr:
    """The header at ``offset``. Raises WireError where there are fewer than 16 bytes."""
    memory = memory_of(data)
    have = len(memory) - offset
    if not 0 <= offset <= len(memory) - NLMSG_HDRLEN:
        raise WireError(
            "a message header does not fit", path=("nlmsghdr",), offset=offset, need=NLMSG_HDRLEN, have=have
        )
    return header_at(memory, offset)


def nlmsg_ok(nlh: nlmsghdr | None, remaining: int) -> TypeGuard[nlmsghdr]:
    """Whether a whole message lies in the ``remaining`` bytes that begin with ``nlh``."""
    return nlh is not None and remaining >= NLMSG_HDRLEN and NLMSG_HDRLEN <= nlh.nlmsg_len <= remaining


def nlmsg_next(nlh: nlmsghdr, remaining: int) -> tuple[nlmsghdr | None, int]:
    """The header after this message and the bytes that remain from there; None where no header fits.

    As in the kernel, ``remaining`` becomes negative when the last message's padding is not there.
    """
    memory, offset = place_of(nlh)
    step = nlmsg_align(nlh.nlmsg_len)
    offset += step
    remaining -= step
    return (header_at(memory, offset) if remaining >= NLMSG_HDRLEN else None), remaining


class nlmsg_for_each_msg(Iterator[nlmsghdr]):
    """Every message of a datagram, in place: ``for nlh in nlmsg_for_each_msg(data)``.

    Ends, as the kernel's loop does, at the first bytes that are no whole message; ``rem`` is then how many are left over.
    """

    def __init__(self, data: Buffer) -> None:
        self._memory = memory_of(data)
        self._offset = 0

    @property
    def rem(self) -> int:
        """Bytes not walked yet; after the loop, bytes that are no message."""
        return len(self._memory) - self._offset

    def __next__(self) -> nlmsghdr:
        if self.rem < NLMSG_HDRLEN:
            raise StopIteration
        nlh = header_at(self._memory, self._offset)
        size = nlh.nlmsg_len
        if not NLMSG_HDRLEN <= size <= self.rem:
            raise StopIteration
        self._offset = min(self._offset + nlmsg_align(size), len(self._memory))
        return nlh


def nlmsg_bytes(nlh: nlmsghdr) -> memoryview:
    """The whole message in place, nlmsg_len bytes.

    Raises WireError (its offset counts from this message's nlmsghdr) when nlmsg_len is less than 16 or past the end.
    """
    memory, offset = place_of(nlh)
    size = nlh.nlmsg_len
    have = len(memory) - offset
    if NLMSG_HDRLEN <= size <= have:
        return memory[offset : offset + size]
    path = ("nlmsghdr", "nlmsg_len")
    if size < NLMSG_HDRLEN:
        raise WireError(f"nlmsg_len is {size}, less than its own header", path=path, need=NLMSG_HDRLEN, have=size)
    raise WireError(f"nlmsg_len is {size}, past the end", path=path, need=size, have=have)


def nlmsg_len(nlh: nlmsghdr) -> int:
    """Bytes of payload."""
    return nlh.nlmsg_len - NLMSG_HDRLEN


@overload
def nlmsg_data(nlh: nlmsghdr) -> memoryview: ...
@overload
def nlmsg_data(nlh: nlmsghdr, struct: type[S]) -> S: ...
def nlmsg_data(nlh: nlmsghdr, struct: type[S] | None = None) -> S | memoryview:
    """The payload: as ``struct`` (a ctypes view on the message's own bytes), or all of it as bytes in place.

    Raises WireError when the payload is shorter than ``struct`` (the kernel's nlmsg_payload() returns NULL there).
    """
    if struct is None:
        return nlmsg_bytes(nlh)[NLMSG_HDRLEN:]
    memory, offset = place_of(nlh)
    if not NLMSG_HDRLEN + struct.sizeof <= nlh.nlmsg_len <= len(memory) - offset:
        have = len(nlmsg_bytes(nlh)) - NLMSG_HDRLEN
        path = (struct.__name__,)
        raise WireError("the header does not fit", path=path, offset=NLMSG_HDRLEN, need=struct.sizeof, have=have)
    return _view(struct, memory, offset + NLMSG_HDRLEN)


def nlmsg_attrlen(nlh: nlmsghdr, header: type[UapiStruct] | int) -> int:
    """Bytes of attributes after the family's ``header`` (a struct or its size in bytes); negative when it does not fit."""
    return nlmsg_len(nlh) - nlmsg_align(header_size(header))


def header_size(header: type[UapiStruct] | int) -> int:
    """A fixed header's size in bytes: the kernel's ``hdrlen``."""
    return header if isinstance(header, int) else header.sizeof
