"""The real kernel as a ground: calls are made on sockets of the supervisor's, in the program's stead.

A socket gets the portid it would have had: the caller's process, or else a negative number (netlink_autobind()).

Knows: AF_NETLINK as socket(2) gives it.
Never: what is in a datagram.

Requests are made with the caller's capabilities where it has fewer than the supervisor; the kernel sees the supervisor's user.

Deviation: in a network namespace of a user namespace that was made under supervision, a program that has given up its
capabilities there keeps those of the user who made it: the kernel gives them to that user, which is the supervisor's.
"""

import ctypes
import fcntl
import mmap
import os
import random
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from errno import EADDRINUSE, EOPNOTSUPP
from struct import pack, unpack_from

from nlwire.endpoint.socket import Netns, in_netns
from nlwire.ground.privileges import effective, limited_to, user_namespace
from nlwire.supervise.base import MSG_OOB, MSG_TRUNC, Address, Caller, Received, Taken
from nlwire.supervise.libc import disconnect

AF_NETLINK = 16
SO_ATTACH_FILTER = 26
TRIES = 32
ALL = (1 << 64) - 1
ANCILLARY = 1024
IFREQ = 40
SIOCGIFCONF = 0x8912
POINTING = {0x890B, 0x890C, 0x8946, *range(0x89F0, 0x8C00)}
"""SIOCADDRT, SIOCDELRT, SIOCETHTOOL, what is private to devices or wireless: a pointer lies in the struct."""
_LIBC = ctypes.CDLL(None, use_errno=True)
_ROOM = memoryview(mmap.mmap(-1, 4 << 20))


class HostPort:
    """A socket of the real kernel.

    ``almighty``: the supervisor's capabilities; ``mask``: which of its own a caller has towards the socket's namespace.
    """

    def __init__(self, type: int, protocol: int, almighty: int, mask: int) -> None:
        self._almighty, self._mask = almighty, mask
        self._sock = socket.socket(AF_NETLINK, type | socket.SOCK_CLOEXEC, protocol)
        self._sock.setblocking(False)
        self._named = False
        self._poll = select.poll()
        self._poll.register(self._sock, select.POLLIN)

    def bind(self, who: Caller, address: Address) -> None:
        """Take a name; portid 0 is the kernel's choice, which it would make for the supervisor."""
        if address[0] or self._named:
            self._sock.bind(address)
        else:
            self._choose(who, address[1])
        self._named = True

    def _choose(self, who: Caller, groups: int) -> None:
        """netlink_autobind()."""
        portid = who.tgid
        for _ in range(TRIES):
            try:
                return self._sock.bind((portid, groups))
            except OSError as error:
                if error.errno != EADDRINUSE:
                    raise
            portid = random.randint(-(1 << 31), -4097) & 0xFFFFFFFF
        return self._sock.bind((0, groups))

    def _name(self, who: Caller) -> None:
        if not self._named:
            self._choose(who, 0)
            self._named = True

    def connect(self, who: Caller, address: Address | None) -> None:
        """Name a peer."""
        if address is None:
            disconnect(self._sock.fileno())
            return
        self._name(who)
        self._sock.connect(address)

    def getsockname(self) -> Address:
        """The own name."""
        portid, groups = self._sock.getsockname()
        return portid, groups

    def getpeername(self) -> Address:
        """The peer's."""
        portid, groups = self._sock.getpeername()
        return portid, groups

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        """Set an option."""
        self._sock.setsockopt(level, option, value)

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Ask for an option."""
        room = ctypes.create_string_buffer(max(size, 1))
        length = ctypes.c_uint32(size)
        if _LIBC.getsockopt(self._sock.fileno(), level, option, room, ctypes.byref(length)):
            errno = ctypes.get_errno()
            raise OSError(errno, "getsockopt")
        return room.raw[: min(size, length.value)].ljust(length.value, b"\0")

    def attach_filter(self, program: bytes) -> None:
        """SO_ATTACH_FILTER."""
        code = ctypes.create_string_buffer(program, len(program))
        self._sock.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, pack("@HP", len(program) // 8, ctypes.addressof(code))
        )

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        """Send one datagram."""
        if flags & MSG_OOB:
            raise OSError(EOPNOTSUPP, "MSG_OOB")
        self._name(who)
        if self._almighty & ~(who.caps & self._mask):
            with limited_to(who.caps & self._mask):
                return self._send(data, address, flags)
        return self._send(data, address, flags)

    def _send(self, data: bytes, address: Address | None, flags: int) -> int:
        return self._sock.send(data, flags) if address is None else self._sock.sendto(data, flags, address)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram into as much room as the program has: the kernel fills parts of dumps accordingly."""
        if not control:
            whole, address = self._sock.recvfrom_into(_ROOM, size, flags | MSG_TRUNC)
            data = bytes(_ROOM[: min(whole, size)])
            cut = MSG_TRUNC if whole > size else 0
            return Taken(data, whole if flags & MSG_TRUNC else len(data), [], cut, address)
        room = _ROOM[:size]
        got, ancillary, msg_flags, address = self._sock.recvmsg_into([room], min(control, ANCILLARY), flags)
        data = bytes(room[: min(got, size)])
        return Taken(data, got, ancillary, msg_flags, address)

    def ready(self) -> bool:
        """Whether something can be received."""
        return bool(self._poll.poll(0))

    def watch(self, bell: Callable[[], None]) -> int:
        """What to poll."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close it."""
        with suppress(OSError):
            self._sock.close()


class Host:
    """The kernel this machine runs. ``ioctls``: make ioctls of devices here too, so that they can be recorded.

    ``netns``: the network namespace that programs are started in, where it is not the supervisor's own.
    """

    files = False
    almighty = False

    def __init__(self, ioctls: bool = False, netns: Netns | None = None) -> None:
        self._own = namespace("self")
        self._user = user_namespace("self")
        self._almighty = effective()
        self._ioctls = None
        if ioctls:
            self._ioctls = in_netns(netns, ioctl_socket) if netns is not None else ioctl_socket()

    def socket(self, who: Caller, type: int, protocol: int) -> HostPort:
        """A socket, in the namespace its program is in. Raises OSError."""
        elsewhere = namespace(who.tid) != self._own
        mask = ALL if elsewhere or user_namespace(who.tid) == self._user else 0

        def make() -> HostPort:
            with limited_to(who.caps & mask):
                return HostPort(type, protocol, self._almighty, mask)

        return in_netns(who.tid, make) if elsewhere else make()

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """Make it, or let the program make it: always where its struct points elsewhere."""
        if self._ioctls is None or len(data) > IFREQ or request in POINTING:
            return None
        if request == SIOCGIFCONF:
            return conf(self._ioctls)
        return fcntl.ioctl(self._ioctls, request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """The real kernel's."""
        return None

    def idle(self) -> None:
        """Nothing to do."""


def namespace(tid: int | str) -> str:
    """The network namespace of a thread, as text. Raises OSError."""
    return os.readlink(f"/proc/{tid}/ns/net")  # noqa: PTH115 (a link to nowhere, read often)


def ioctl_socket() -> socket.socket:
    """A socket to make ioctls of devices on."""
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def conf(sock: socket.socket) -> bytes:
    """SIOCGIFCONF: all of it."""
    room = ctypes.create_string_buffer(1 << 16)
    asked = pack("@iP", len(room), ctypes.addressof(room))
    length = unpack_from("@i", fcntl.ioctl(sock, SIOCGIFCONF, asked))[0]
    return room.raw[:length]
