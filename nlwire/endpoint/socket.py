"""AF_NETLINK sockets as net/netlink/af_netlink.c gives them, with the options on that a program of today wants.

    with open_socket(NETLINK.ROUTE, netns="blue") as sock: ...

What comes out is a plain ``socket.socket``. Extended acknowledgements, capped acknowledgements and strict checking are on where
the kernel has them; nothing here needs privileges, a receive buffer beyond net.core.rmem_max and another's namespace excepted.

Knows: socket options, network namespaces, classic BPF.
Never: what is in a datagram, but for nlmsg_type in a filter.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from errno import ENOPROTOOPT
from pathlib import Path
from struct import pack
from threading import Thread
from typing import TypeVar

from nlwire.endpoint.base import AF_NETLINK, SOL_NETLINK, Endpoint, add_membership
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLMSG

T = TypeVar("T")

RECEIVE_BUFFER = 4 << 20
"""SO_RCVBUF asked for: room for some 5000 notifications (each is charged 832 bytes or more)."""
NETNS_DIRECTORY = Path("/run/netns")
SO_RCVBUFFORCE = 33
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
CLONE_NEWNET = 0x40000000

Netns = str | os.PathLike[str] | int
"""A network namespace: a name that ``ip netns`` knows, the path of its file, or a process in it."""
Filter = Sequence[tuple[int, int, int, int]]
"""A classic BPF program: (code, jt, jf, k) of each struct sock_filter."""


def open_socket(
    protocol: int = NETLINK.ROUTE,
    *,
    netns: Netns | None = None,
    groups: Iterable[int] = (),
    portid: int = 0,
    strict: bool = True,
    all_nsid: bool = False,
    receive_buffer: int = RECEIVE_BUFFER,
) -> socket.socket:
    """A bound socket. Raises OSError; with ``netns`` also where the namespace cannot be entered.

    ``strict`` lets the kernel check dump requests and filter by what they say; ``all_nsid`` hears the other namespaces that
    have an id here (needs CAP_NET_BROADCAST).
    """

    def make() -> socket.socket:
        return socket.socket(AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, int(protocol))

    made = make() if netns is None else in_netns(netns, make)
    try:
        switch_on(made, strict)
        if all_nsid:
            made.setsockopt(SOL_NETLINK, NETLINK_OPT.LISTEN_ALL_NSID, 1)
        enlarge(made, receive_buffer)
        made.bind((portid, 0))
        for group in groups:
            add_membership(made, group)
    except BaseException:
        made.close()
        raise
    return made


def switch_on(endpoint: Endpoint, strict: bool = True) -> None:
    """Extended and capped acknowledgements and strict checking, as far as the kernel has them. Raises OSError."""
    for option in (NETLINK_OPT.EXT_ACK, NETLINK_OPT.CAP_ACK, *((NETLINK_OPT.GET_STRICT_CHK,) if strict else ())):
        set_if_known(endpoint, option)


def set_if_known(sock: Endpoint, option: int) -> bool:
    """Switch an option of SOL_NETLINK on; False where the kernel does not know it. Raises OSError."""
    try:
        sock.setsockopt(SOL_NETLINK, option, 1)
    except OSError as error:
        if error.errno != ENOPROTOOPT:
            raise
        return False
    return True


def enlarge(sock: socket.socket, size: int) -> int:
    """A receive buffer of ``size`` bytes or as near as one may get, never a smaller one; returns SO_RCVBUF, twice that."""
    for option in (SO_RCVBUFFORCE, socket.SO_RCVBUF):
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 2 * size:
            break
        try:
            sock.setsockopt(socket.SOL_SOCKET, option, size)
        except PermissionError:
            continue
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


# --- namespaces ------------------------------------------------------------------------------------------------------


def netns_path(netns: Netns) -> Path:
    """The file of a namespace: a pid's, a name's below /run/netns, or the path itself."""
    if isinstance(netns, int):
        return Path(f"/proc/{netns}/ns/net")
    path = Path(netns)
    return path if len(path.parts) > 1 else NETNS_DIRECTORY / path


def in_netns(netns: Netns, make: Callable[[], T]) -> T:
    """Call ``make`` in a network namespace and return what it returns, or raise what it raises. Raises OSError.

    A thread of its own enters it and ends there: the caller's thread is never anywhere else, not even for a moment.
    """
    made: list[T] = []
    failed: list[BaseException] = []

    def enter() -> None:
        try:
            enter_netns(netns)
            made.append(make())
        except BaseException as error:  # noqa: BLE001 (it is raised again, in the caller's thread)
            failed.append(error)

    thread = Thread(target=enter, name=f"netns {netns}", daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def enter_netns(netns: Netns) -> None:
    """Take this thread into a network namespace. Raises OSError."""
    with netns_path(netns).open("rb") as file:
        _setns(file.fileno(), str(netns))


def _setns(fd: int, name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, CLONE_NEWNET):
        errno = ctypes.get_errno()
        raise OSError(errno, f"network namespace {name} cannot be entered: {os.strerror(errno)}")


# --- filters ---------------------------------------------------------------------------------------------------------


def attach_filter(sock: socket.socket, program: Filter) -> None:
    """Let a classic BPF program judge each datagram before it is queued: what it returns 0 for is dropped. Raises OSError."""
    code = ctypes.create_string_buffer(b"".join(pack("=HBBI", *one) for one in program), 8 * len(program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, pack("@HP", len(program), ctypes.addressof(code)))


def detach_filter(sock: socket.socket) -> None:
    """Hear everything again. Raises OSError when there is no filter."""
    sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


_LDH_ABS, _JEQ, _RET = 0x28, 0x15, 0x06


def only_types(types: Iterable[int]) -> Filter:
    """A filter for datagrams whose first message is of one of these types; acknowledgements and ends of dumps always pass.

    BPF loads big endian; nlmsg_type is in the host's byte order.
    """
    wanted = [int(one) for one in (*types, NLMSG.ERROR, NLMSG.DONE)]
    swapped = [int.from_bytes(one.to_bytes(2, sys.byteorder), "big") for one in wanted]
    tests = [(_JEQ, len(swapped) - at, 0, number) for at, number in enumerate(swapped)]
    return [(_LDH_ABS, 0, 0, 4), *tests, (_RET, 0, 0, 0), (_RET, 0, 0, 0xFFFFFFFF)]
