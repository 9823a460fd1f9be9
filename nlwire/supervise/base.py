"""What the supervisor asks of whoever provides the sockets: a ground to stand on, and a port for each socket.

A *ground* makes ports: on the mock kernel, on the real one, on a recording (nlwire/ground). A *port* is a netlink socket at the
level of system calls: it never waits, and what it raises is the errno the program gets.

Knows: the shape.
Never: messages; processes' memory.
"""

from collections.abc import Callable
from errno import EINVAL
from functools import lru_cache
from os import strerror
from struct import Struct
from typing import NamedTuple, Protocol

AF_UNSPEC, AF_NETLINK = 0, 16
SOCKADDR_NL = Struct("=HHII")
MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_WAITFORONE = 0x1, 0x2, 0x20, 0x40, 0x10000
"""Plain numbers: Python's enumerators are slow to combine, and every call combines some."""

Address = tuple[int, int]
"""(nl_pid, nl_groups)."""
Ancillary = list[tuple[int, int, bytes]]


class Caller(NamedTuple):
    """Who makes a call: its thread as the supervisor sees it, its process and user as it sees itself; its effective capabilities."""

    tid: int
    tgid: int
    uid: int
    gid: int
    caps: int = 0


class Received(Protocol):
    """One recvmsg(): the bytes delivered, what it returns (more than these with MSG_TRUNC), control messages, msg_flags, sender."""

    @property
    def data(self) -> bytes: ...
    @property
    def size(self) -> int: ...
    @property
    def ancillary(self) -> Ancillary: ...
    @property
    def flags(self) -> int: ...
    @property
    def address(self) -> Address: ...


class Taken(NamedTuple):
    """The same, as a value."""

    data: bytes
    size: int
    ancillary: Ancillary
    flags: int
    address: Address


class Port(Protocol):
    """A netlink socket. Every method raises OSError as the system call of its name fails; none of them waits."""

    def bind(self, who: Caller, address: Address) -> None:
        """Take a name."""

    def connect(self, who: Caller, address: Address | None) -> None:
        """Say whom send() goes to; None undoes it."""

    def getsockname(self) -> Address:
        """The own name."""

    def getpeername(self) -> Address:
        """The peer's."""

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        """Set an option."""

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Ask for an option; may be longer than ``size``, which tells how much room there should have been."""

    def attach_filter(self, program: bytes) -> None:
        """SO_ATTACH_FILTER with a program as struct sock_filter."""

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        """Send one datagram; EAGAIN where it would have to wait."""

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram; EAGAIN where there is none."""

    def ready(self) -> bool:
        """Whether recv() would find something, if only an error."""

    def watch(self, bell: Callable[[], None]) -> int:
        """Tell of what arrives: by ringing the bell, from whatever thread, or by a descriptor to poll, which is returned; else -1."""

    def close(self) -> None:
        """Free everything."""


class Ground(Protocol):
    """Where a program's sockets are.

    ``files``: whether it has files below /proc/net of its own; ``almighty``: whether programs may do everything there.
    """

    files: bool
    almighty: bool

    def socket(self, who: Caller, type: int, protocol: int) -> Port:
        """socket(AF_NETLINK, type, protocol), its flags left out. Raises OSError."""

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """An ioctl() of network devices on whatever socket: what is in the struct then; None: ask the real kernel. Raises OSError."""

    def file(self, who: Caller, name: str) -> bytes | None:
        """What is in the file of this name below /proc/net; None: what the real kernel has. Raises OSError."""

    def idle(self) -> None:
        """Nobody has called for a while."""


@lru_cache(512)
def sockaddr_nl(address: bytes) -> Address:
    """The address in a struct sockaddr_nl. Raises OSError (EINVAL)."""
    if len(address) < SOCKADDR_NL.size:
        raise OSError(EINVAL, strerror(EINVAL))
    family, _, portid, groups = SOCKADDR_NL.unpack_from(address)
    if family != AF_NETLINK:
        raise OSError(EINVAL, strerror(EINVAL))
    return portid, groups


@lru_cache(512)
def pack_sockaddr_nl(address: Address) -> bytes:
    """A struct sockaddr_nl."""
    return SOCKADDR_NL.pack(AF_NETLINK, 0, address[0] & 0xFFFFFFFF, address[1] & 0xFFFFFFFF)
