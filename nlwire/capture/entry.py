"""What a capture holds: datagrams (Record), what happened to sockets (Event), and blocks nobody here understands (Block).

Knows: times in nanoseconds, who sent to whom.
Never: files; what is in a datagram.
"""

from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from nlwire.schema.kinds import ByteOrder


class Direction(IntEnum):
    """Seen from the program that talks to the kernel; the numbers are epb_flags's."""

    UNKNOWN = 0
    IN = 1
    OUT = 2


PACKET_OUTGOING = 4
PACKET_USER = 6
PACKET_KERNEL = 7
"""sll_pkttype: __netlink_deliver_tap_skb() says to whom a datagram went; the captures of libpcap say 4 all the same."""

IMPLIED = {PACKET_USER: Direction.IN, PACKET_KERNEL: Direction.OUT}
"""The direction a packet type stands for, where nothing better is known."""

PACKET_TYPES = {Direction.UNKNOWN: PACKET_OUTGOING, Direction.IN: PACKET_USER, Direction.OUT: PACKET_KERNEL}


class Record(NamedTuple):
    """One datagram: netlink messages as they crossed the socket.

    ``time`` in nanoseconds since 1970; ``portid`` the sender's address, ``group`` the multicast group it came by, ``errno``
    what sending or receiving ended with; ``original`` how long it was, where not all of it was kept; ``interface`` names
    where it was taken (if_name): a device like nlmon0 or a network namespace.
    """

    time: int
    data: bytes
    protocol: int = 0
    direction: Direction = Direction.UNKNOWN
    packet_type: int = PACKET_OUTGOING
    portid: int = 0
    group: int = 0
    errno: int = 0
    comment: str = ""
    interface: str = ""
    original: int | None = None

    @property
    def truncated(self) -> bool:
        """Whether bytes are missing at the end."""
        return self.original is not None


NO_DETAILS: Any = MappingProxyType({})


class Event(NamedTuple):
    """Something that happened to a socket and is no datagram: bind, setsockopt, overrun, …; ``details`` as JSON can say it."""

    time: int
    kind: str
    protocol: int = 0
    portid: int = 0
    details: dict[str, Any] = NO_DETAILS


class Block(NamedTuple):
    """A pcapng block of a type not known here, or somebody else's custom block: its body, in the byte order of its section."""

    type: int
    body: bytes
    byteorder: ByteOrder


Entry: TypeAlias = Record | Event | Block


def byteorder_of(data: bytes, likely: ByteOrder) -> ByteOrder:
    """The byte order a datagram was written in: that in which its first length fits; ``likely`` where both do or none."""
    other: ByteOrder = "big" if likely == "little" else "little"
    fits = [order for order in (likely, other) if 16 <= int.from_bytes(data[:4], order) <= len(data)]
    return fits[0] if fits else likely
