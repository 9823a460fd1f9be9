"""recvmsg() on other sockets: descriptors of ours that programs pass to each other (SCM_RIGHTS).

The kernel gives a passed descriptor the lowest free number, where the filter would not see it used. So receiving control messages
on a Unix socket is done here, and what is one of ours gets a number in the range. Everything else the kernel does.

Knows: SCM_RIGHTS, struct sockaddr_un.
Never: netlink.

Deviation: recvmmsg() is not looked at.
"""

import array
import os
import socket
import struct
import time
from errno import EAGAIN
from typing import Any

from nlwire.supervise.base import MSG_DONTWAIT
from nlwire.supervise.call import GO_ON, WAITING, Call, error, signed
from nlwire.supervise.memory import Place
from nlwire.supervise.msghdr import msghdr, pack_cmsgs, read_msghdr
from nlwire.supervise.processes import copy_descriptor, descriptor

MSG_CMSG_CLOEXEC = 0x40000000
MOST_DATA, MOST_CONTROL = 1 << 20, 1 << 16
SCM_RIGHTS = socket.SCM_RIGHTS
SO_RCVTIMEO = socket.SO_RCVTIMEO
CONTROLLEN_AT = 40


def recvmsg(call: Call) -> int:
    """Receive on a Unix socket with room for control messages; of ours, at a number in the range."""
    if call.read(call.args[1] + CONTROLLEN_AT, 8) == bytes(8) or not is_unix(call):
        return GO_ON
    head, iov = read_msghdr(call.supervision.memory, call.tid, call.args[1])
    flags = signed(call.args[2])
    with socket.socket(fileno=copy_descriptor(call.tid, call.fd)) as through:
        try:
            found = receive(through, head, iov, flags)
        except BlockingIOError:
            if flags & MSG_DONTWAIT or not through.getblocking() or late(call, through):
                raise error(EAGAIN) from None
            call.supervision.table.wait_at(call, through.detach())
            return WAITING
    return deliver(call, head, iov, flags, *found)


def is_unix(call: Call) -> bool:
    """Whether the descriptor is a Unix socket; remembered by its inode."""
    key = descriptor(call.tid, call.fd)
    if key is None or not key.startswith("socket:"):
        return False
    known = call.supervision.unix
    if key not in known:
        if len(known) > 4096:
            known.clear()
        with socket.socket(fileno=copy_descriptor(call.tid, call.fd)) as one:
            known[key] = one.family == socket.AF_UNIX
    return known[key]


def late(call: Call, through: socket.socket) -> bool:
    """Whether SO_RCVTIMEO is over; the first time, when it will be."""
    whole, micros = struct.unpack("=qq", through.getsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, 16))
    if not whole and not micros:
        return False
    if call.deadline is None:
        call.deadline = time.monotonic() + whole + micros / 1e6
    return call.deadline <= time.monotonic()


def receive(
    through: socket.socket, head: msghdr, iov: list[Place], flags: int
) -> tuple[bytes, int, list[tuple[int, int, bytes]], int, Any]:
    """recvmsg() that does not wait. Raises OSError."""
    room = bytearray(min(sum(length for _, length in iov), MOST_DATA))
    control = min(head.controllen, MOST_CONTROL)
    size, ancillary, msg_flags, address = through.recvmsg_into([room], control, flags | MSG_DONTWAIT)
    return bytes(room[:size]), size, ancillary, msg_flags, address


def deliver(
    call: Call,
    head: msghdr,
    iov: list[Place],
    flags: int,
    data: bytes,
    size: int,
    ancillary: list[tuple[int, int, bytes]],
    msg_flags: int,
    address: Any,
) -> int:
    """Into the program: descriptors first, then what tells of them."""
    cloexec = bool(flags & MSG_CMSG_CLOEXEC)
    passed = [
        (level, kind, rights(call, one, cloexec) if (level, kind) == (socket.SOL_SOCKET, SCM_RIGHTS) else one)
        for level, kind, one in ancillary
    ]
    control = pack_cmsgs(passed, head.controllen)
    runs: list[tuple[bytes, list[Place]]] = [(data, iov)] if data else []
    if control:
        runs.append((control, [(head.control, len(control))]))
    if head.name:
        name = sockaddr_un(address)
        runs += [(name, [(head.name, head.namelen)])] if name else []
        runs.append((struct.pack("=I", len(name)), [(head.at + 8, 4)]))
    runs.append((struct.pack("=QI", len(control), msg_flags), [(head.at + CONTROLLEN_AT, 12)]))
    call.supervision.memory.write(call.tid, *runs)
    return size


def rights(call: Call, data: bytes, cloexec: bool) -> bytes:
    """The numbers at which the program gets what was passed to it."""
    fds = array.array("i", data[: len(data) // 4 * 4])
    table, listener = call.supervision.table, call.supervision.listener
    numbers = array.array("i")
    for fd in fds:
        try:
            if f"socket:[{os.fstat(fd).st_ino}]" in table.sockets:
                numbers.append(table.number(call.tid))
                listener.place_silently(call.id, fd, numbers[-1], cloexec)
            else:
                numbers.append(listener.lend(call.id, fd, cloexec))
        finally:
            os.close(fd)
    call.supervision.forget()
    return numbers.tobytes()


def sockaddr_un(address: Any) -> bytes:
    """A struct sockaddr_un as it is given to programs: nothing for a socket without a name."""
    if not address:
        return b""
    path = os.fsencode(address) if isinstance(address, str) else bytes(address)
    return struct.pack("=H", socket.AF_UNIX) + path + (b"" if path.startswith(b"\0") else b"\0")
