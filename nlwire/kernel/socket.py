"""net/socket.c: the calls programs make, in the shape of ``socket.socket(AF_NETLINK, …)``.

Knows: Python's timeouts, descriptors, addresses as (nl_pid, nl_groups) or as the bytes of a sockaddr_nl.
Never: what netlink does with a call.
"""

import os
import struct
from collections.abc import Iterable
from errno import EBADF, EINVAL, EOPNOTSUPP
from socket import SOCK_RAW, SOL_SOCKET
from types import TracebackType
from typing import Any, NoReturn, overload

from nlwire.kernel.af_netlink.options import (
    AF_NETLINK,
    netlink_getsockopt,
    netlink_setsockopt,
    sock_getsockopt,
    sock_setsockopt,
)
from nlwire.kernel.af_netlink.receive import SOL_NETLINK, netlink_recvmsg, received
from nlwire.kernel.af_netlink.sock import MSG_DONTWAIT, datagram_poll, netlink_sock, update_token
from nlwire.kernel.af_netlink.table import (
    netlink_bind,
    netlink_connect,
    netlink_create,
    netlink_disconnect,
    netlink_getname,
    netlink_release,
)
from nlwire.kernel.af_netlink.unicast import netlink_sendmsg
from nlwire.kernel.net import error, net
from nlwire.kernel.timer import run_timers

AF_UNSPEC = 0
SOCKADDR_NL = struct.Struct("=HHII")
BYTES = (bytes, bytearray, memoryview)
ENOPROTOOPT = 92
EPOLLIN, EPOLLOUT, EPOLLERR = 1, 4, 8


class KernelSocket:
    """A program's netlink socket on the mock kernel. Every method does what the socket's method of that name does."""

    family = AF_NETLINK
    _closed = True

    def __init__(self, home: net, protocol: int = 0, type: int = SOCK_RAW) -> None:
        self.machine = home.machine
        self.lock = home.machine.lock
        with self.lock:
            self.sk: netlink_sock = netlink_create(home, type, protocol)
        self.type, self.proto = type, protocol
        self._timeout: float | None = None
        self._closed = False

    def __enter__(self) -> "KernelSocket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()  # as a socket nobody holds any more

    def __repr__(self) -> str:
        return f"<KernelSocket protocol {self.proto} portid {self.sk.portid}>"

    def _check(self) -> None:
        if self._closed:
            raise error(EBADF)

    # --- names -------------------------------------------------------------------------------------------------------

    def bind(self, address: Any, /) -> None:
        """Take (nl_pid, nl_groups) as the name; nl_pid 0 lets the kernel choose."""
        with self.lock:
            self._check()
            netlink_bind(self.sk, *sockaddr_nl(address))

    def connect(self, address: Any, /) -> None:
        """Say whom send() goes to; the bytes of a sockaddr of AF_UNSPEC undo it."""
        with self.lock:
            self._check()
            if isinstance(address, bytes) and address[:2] == struct.pack("=H", AF_UNSPEC):
                netlink_disconnect(self.sk)
                return
            netlink_connect(self.sk, *sockaddr_nl(address))

    def getsockname(self) -> tuple[int, int]:
        """(nl_pid, nl_groups)."""
        with self.lock:
            self._check()
            return netlink_getname(self.sk)

    def getpeername(self) -> tuple[int, int]:
        """(nl_pid, nl_groups) of the peer."""
        with self.lock:
            self._check()
            return netlink_getname(self.sk, peer=True)

    def listen(self, backlog: int = 0, /) -> NoReturn:
        """There is no listening on netlink."""
        raise error(EOPNOTSUPP)

    def accept(self) -> NoReturn:
        """There is no accepting on netlink."""
        raise error(EOPNOTSUPP)

    def shutdown(self, how: int, /) -> NoReturn:
        """There is no shutting down on netlink."""
        raise error(EOPNOTSUPP)

    # --- options -----------------------------------------------------------------------------------------------------

    def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
        """Set an option of SOL_NETLINK or SOL_SOCKET."""
        data = struct.pack("=I", value & 0xFFFFFFFF) if isinstance(value, int) else bytes(value)
        with self.lock:
            self._check()
            if level == SOL_SOCKET:
                sock_setsockopt(self.sk, option, data)
            elif level == SOL_NETLINK:
                netlink_setsockopt(self.sk, option, data)
            else:
                raise error(ENOPROTOOPT)

    @overload
    def getsockopt(self, level: int, option: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...
    def getsockopt(self, level: int, option: int, size: int | None = None, /) -> int | bytes:
        """Ask for an option of SOL_NETLINK or SOL_SOCKET."""
        room = 4 if size is None else size
        with self.lock:
            self._check()
            if level == SOL_SOCKET:
                found = sock_getsockopt(self.sk, option, room)
            elif level == SOL_NETLINK:
                found = netlink_getsockopt(self.sk, option, room)
            else:
                raise error(ENOPROTOOPT)
        return found if size is not None else int(struct.unpack("=i", found[:4].ljust(4, b"\0"))[0])

    # --- sending -----------------------------------------------------------------------------------------------------

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send one datagram to the peer: the kernel, where connect() named no other."""
        return self.transmit(bytes(data), None, flags)

    sendall = send

    def sendto(self, data: Any, *flags_address: Any) -> int:
        """Send one datagram to (nl_pid, nl_groups); flags may come before the address."""
        flags = flags_address[0] if len(flags_address) == 2 else 0
        return self.transmit(bytes(data), flags_address[-1], flags)

    def sendmsg(
        self, buffers: Iterable[Any], ancillary: Iterable[Any] = (), flags: int = 0, address: Any = None, /
    ) -> int:
        """Send one datagram from several buffers.

        Deviation: credentials in ``ancillary`` are not looked at; the sender is who it is.
        """
        return self.transmit(b"".join(bytes(one) for one in buffers), address, flags)

    def transmit(self, data: bytes, address: Any, flags: int) -> int:
        """Send one datagram to an address, or to the peer where that is None."""
        to = None if address is None else sockaddr_nl(address)
        machine, sk = self.machine, self.sk
        timeo = sk.sk_sndtimeo if self._timeout is None else self._timeout
        with self.lock:
            if self._closed:
                raise error(EBADF)
            if machine.timers or machine.work:
                run_timers(machine)
            try:
                return netlink_sendmsg(sk, data, to, flags | MSG_DONTWAIT if timeo == 0 else flags, timeo)
            except BlockingIOError:
                if self._timeout and not flags & MSG_DONTWAIT:
                    raise TimeoutError("timed out") from None
                raise
            finally:
                if machine.work:
                    run_timers(machine)

    # --- receiving ---------------------------------------------------------------------------------------------------

    def receive(self, size: int, control: int, flags: int) -> received:
        """One datagram: what recvmsg() leaves in a struct msghdr with ``control`` bytes for control messages."""
        if size < 0:
            raise ValueError("negative buffersize in recv")
        machine, sk = self.machine, self.sk
        timeo = sk.sk_rcvtimeo if self._timeout is None else self._timeout
        with self.lock:
            if self._closed:
                raise error(EBADF)
            if machine.timers or machine.work:
                run_timers(machine)
            try:
                return netlink_recvmsg(sk, size, control, flags, timeo)
            except BlockingIOError:
                if self._timeout and not flags & MSG_DONTWAIT:
                    raise TimeoutError("timed out") from None
                raise

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """One datagram, cut to ``size``."""
        return self.receive(size, 0, flags).data

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, tuple[int, int]]:
        """One datagram and its sender."""
        found = self.receive(size, 0, flags)
        return found.data, found.address

    def recvmsg(
        self, size: int, ancillary_size: int = 0, flags: int = 0, /
    ) -> tuple[bytes, list[tuple[int, int, bytes]], int, tuple[int, int]]:
        """One datagram, its control messages, its flags, its sender."""
        found = self.receive(size, ancillary_size, flags)
        return found.data, found.ancillary, found.flags, found.address

    def recvmsg_into(
        self, buffers: Iterable[Any], ancillary_size: int = 0, flags: int = 0, /
    ) -> tuple[int, list[tuple[int, int, bytes]], int, tuple[int, int]]:
        """The same into buffers; the first item is the size (with MSG_TRUNC that of the whole datagram)."""
        rooms = [one if is_bytes(one) else memoryview(one).cast("B") for one in buffers]
        if len(rooms) == 1:
            found = self.receive(len(rooms[0]), ancillary_size, flags)
            rooms[0][: len(found.data)] = found.data
            return found.size, found.ancillary, found.flags, found.address
        found = self.receive(sum(len(room) for room in rooms), ancillary_size, flags)
        at = 0
        for room in rooms:
            piece = found.data[at : at + len(room)]
            room[: len(piece)] = piece
            at += len(piece)
        return found.size, found.ancillary, found.flags, found.address

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> int:
        """One datagram into a buffer."""
        return self.recvfrom_into(buffer, size, flags)[0]

    def recvfrom_into(self, buffer: Any, size: int = 0, flags: int = 0, /) -> tuple[int, tuple[int, int]]:
        """One datagram into a buffer, and its sender."""
        room = memoryview(buffer).cast("B")
        done = self.recvmsg_into([room[: size or len(room)]], 0, flags)
        return done[0], done[3]

    # --- waiting -----------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        """A descriptor that is readable while there is something to receive or an error to fetch; -1 when closed.

        It can be polled, selected and given to asyncio, not read. It is made when it is asked for.
        """
        with self.lock:
            if self._closed:
                return -1
            if self.sk.token < 0:
                self.sk.token = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
                update_token(self.sk)
            return self.sk.token

    def poll(self) -> int:
        """What poll() of the descriptor would say on a real socket: EPOLLIN, EPOLLOUT, EPOLLERR."""
        with self.lock:
            self._check()
            run_timers(self.machine)
            readable, failed = datagram_poll(self.sk)
            return EPOLLOUT | (EPOLLIN if readable else 0) | (EPOLLERR if failed else 0)

    def settimeout(self, seconds: float | None, /) -> None:
        """How long to wait: None for ever (or as SO_RCVTIMEO and SO_SNDTIMEO say), 0 not at all."""
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        """What was set."""
        return self._timeout

    def setblocking(self, flag: bool, /) -> None:
        """settimeout(None) or settimeout(0)."""
        self.settimeout(None if flag else 0.0)

    def getblocking(self) -> bool:
        """Whether a call may wait."""
        return self._timeout != 0.0

    def close(self) -> None:
        """Free everything; may be called again. Who waits in another thread gets EBADF."""
        if self._closed:  # also one whose making failed, which has no lock
            return
        with self.lock:
            already, self._closed = self._closed, True
            if not already:
                netlink_release(self.sk)
                if self.sk.token >= 0:
                    os.close(self.sk.token)
                    self.sk.token = -1


def is_bytes(buffer: Any) -> bool:
    """Whether it is a view of bytes already."""
    return type(buffer) is memoryview and buffer.format == "B" and buffer.ndim == 1


def sockaddr_nl(address: Any) -> tuple[int, int]:
    """(nl_pid, nl_groups) of a pair, or of a sockaddr_nl's bytes. Raises OSError (EINVAL) when these are too few or of others."""
    if isinstance(address, BYTES):
        if len(address) < SOCKADDR_NL.size:
            raise error(EINVAL)
        family, _, pid, groups = SOCKADDR_NL.unpack_from(address)
        if family != AF_NETLINK:
            raise error(EINVAL)
    else:
        pid, groups = address
    return pid & 0xFFFFFFFF, groups & 0xFFFFFFFF
