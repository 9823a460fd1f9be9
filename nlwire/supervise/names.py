"""socket(), bind(), connect(), getsockname(), getpeername(), getsockopt(), setsockopt(), and what netlink has not.

net/socket.c does the same work: it copies addresses in and out and leaves the rest to the family.

Knows: how these calls pass their arguments.
Never: what a name or an option means, timeouts excepted.
"""

import struct
from errno import EBADF, EFAULT, EINVAL, EMFILE, EOPNOTSUPP
from socket import SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET
from typing import NoReturn

from nlwire.supervise.base import AF_UNSPEC, Address, pack_sockaddr_nl, sockaddr_nl
from nlwire.supervise.call import ANSWERED, GO_ON, Call, error, signed
from nlwire.supervise.memory import INT

SOCK_TYPE_MASK = 0xF
SO_RCVTIMEO, SO_SNDTIMEO = (20, 66), (21, 67)
SO_ATTACH_FILTER = 26
MOST_OPTION = 1 << 16
BPF_MAXINSNS = 4096


def socket(call: Call) -> int:
    """A socket of the ground's, at a number in the range; an interrupted call leaves none behind."""
    supervision, table = call.supervision, call.supervision.table
    supervision.forget()
    table.settle()
    supervision.callers.pop(call.tid, None)
    who = supervision.who(call.tid)
    type, protocol = signed(call.args[1]), signed(call.args[2])
    flags = type & ~SOCK_TYPE_MASK
    if flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK):
        raise error(EINVAL)
    port = supervision.ground.socket(who, type & SOCK_TYPE_MASK, protocol)
    one = table.add(port, bool(flags & SOCK_NONBLOCK))
    try:
        number = table.number(call.tid)
        placed = supervision.listener.place(call.id, one.far, number, bool(flags & SOCK_CLOEXEC))
    except OSError as failure:
        table.release(one)
        raise error(EMFILE) if failure.errno == EBADF else failure from None
    if not placed:
        table.release(one)
    return ANSWERED


def bind(call: Call) -> int:
    """A name; what the programs have closed meanwhile has none any more."""
    address = sockaddr_nl(call.read_address(call.args[1], call.args[2]))
    name(call)
    call.sock.port.bind(call.who, address)
    return 0


def name(call: Call) -> None:
    """Before a socket gets a portid."""
    call.supervision.table.settle(call.sock)
    call.sock.named = True


def connect(call: Call) -> int:
    """A peer, or none."""
    data = call.read_address(call.args[1], call.args[2])
    if len(data) < 2:
        raise error(EINVAL)
    address: Address | None = None
    if struct.unpack_from("=H", data)[0] != AF_UNSPEC:
        address = sockaddr_nl(data)
        name(call)
    call.sock.port.connect(call.who, address)
    return 0


def getsockname(call: Call) -> int:
    """The own name."""
    call.write_sized(call.args[1], call.args[2], pack_sockaddr_nl(call.sock.port.getsockname()))
    return 0


def getpeername(call: Call) -> int:
    """The peer's."""
    call.write_sized(call.args[1], call.args[2], pack_sockaddr_nl(call.sock.port.getpeername()))
    return 0


def setsockopt(call: Call) -> int:
    """An option; a filter's program lies elsewhere in memory; timeouts are kept here, where waiting is done."""
    level, option, size = signed(call.args[1]), signed(call.args[2]), signed(call.args[4])
    if size < 0:
        raise error(EINVAL)
    value = call.read(call.args[3], min(size, MOST_OPTION))
    if level == SOL_SOCKET and option == SO_ATTACH_FILTER:
        attach_filter(call, value)
        return 0
    call.sock.port.setsockopt(level, option, value)
    if level == SOL_SOCKET and option in SO_RCVTIMEO:
        call.sock.rcvtimeo = seconds(value)
    elif level == SOL_SOCKET and option in SO_SNDTIMEO:
        call.sock.sndtimeo = seconds(value)
    return 0


def attach_filter(call: Call, value: bytes) -> None:
    """struct sock_fprog: how many instructions, and where."""
    if len(value) != 16:
        raise error(EINVAL)
    length, where = struct.unpack("@HP", value)
    if not 0 < length <= BPF_MAXINSNS:
        raise error(EINVAL)
    call.sock.port.attach_filter(call.read(where, length * 8))


def seconds(value: bytes) -> float | None:
    """A struct timeval: zeros are for ever."""
    whole, micros = struct.unpack_from("=qq", value)
    return float(whole) + micros / 1e6 if whole or micros else None


def getsockopt(call: Call) -> int:
    """An option's value, and how long it is."""
    level, option = signed(call.args[1]), signed(call.args[2])
    if not call.args[4]:
        raise error(EFAULT)
    size = INT.unpack(call.read(call.args[4], INT.size))[0]
    if size < 0:
        raise error(EINVAL)
    value = call.sock.port.getsockopt(level, option, min(size, MOST_OPTION))
    call.write_sized(call.args[3], call.args[4], value)
    return 0


def unsupported(call: Call) -> NoReturn:
    """listen(), accept(), shutdown(): sock_no_listen() and its like."""
    raise error(EOPNOTSUPP)


def invalid(call: Call) -> NoReturn:
    """sendfile(), splice(): data would pass the supervisor by."""
    raise error(EINVAL)


def splice(call: Call) -> int:
    """splice() into or out of a netlink socket; between others the kernel does it."""
    table = call.supervision.table
    for fd in (call.args[0], call.args[2]):
        if table.find(call.tid, fd & 0xFFFFFFFF) is not None:
            raise error(EINVAL)
    return GO_ON
