"""send, sendto, sendmsg, sendmmsg, write, writev; recv, recvfrom, recvmsg, recvmmsg, read, readv (net/socket.c).

Knows: how these calls pass buffers, addresses and control messages.
Never: what is in a datagram.
"""

import struct
from errno import EAGAIN, EFAULT, EMSGSIZE, EOPNOTSUPP, ESPIPE

from nlwire.supervise.base import (
    MSG_DONTWAIT,
    MSG_WAITFORONE,
    SOCKADDR_NL,
    Received,
    pack_sockaddr_nl,
    sockaddr_nl,
)
from nlwire.supervise.call import ADDRESS_ROOM, Call, error, signed
from nlwire.supervise.memory import ROOM, Place
from nlwire.supervise.msghdr import MSGHDR, msghdr, pack_cmsgs, read_msghdr, recall
from nlwire.supervise.names import name

MOST_SENT = 64 << 20
"""Beyond any send buffer: EMSGSIZE without looking."""
MOST_RECEIVED = 4 << 20
"""No datagram is longer (kmalloc's limit), whatever room there is for it."""
MSG_CMSG_CLOEXEC = 0x40000000
MMSGHDR = MSGHDR.size + 8
AFTER, LENGTH = struct.Struct("=QI"), struct.Struct("=I")
"""msg_controllen and msg_flags; msg_len of struct mmsghdr."""
NAMELEN = LENGTH.pack(SOCKADDR_NL.size)


# --- sending ---------------------------------------------------------------------------------------------------------


def put(call: Call, data: bytes, address: bytes | None, flags: int) -> int:
    """Send one datagram; the program waits where it would wait."""
    call.may_wait, call.sending = not flags & MSG_DONTWAIT, True
    if not call.sock.named:
        name(call)
    to = None if address is None else sockaddr_nl(address)
    return call.sock.port.send(call.who, data, to, flags | MSG_DONTWAIT)


def given(call: Call, buffer: int, size: int) -> bytes:
    """What one buffer holds. Raises OSError (EFAULT, EMSGSIZE)."""
    if size > MOST_SENT:
        raise error(EMSGSIZE)
    return call.supervision.memory.read(call.tid, buffer, size)


def sendto(call: Call) -> int:
    """send() and sendto()."""
    _fd, buffer, size, flags, address, length = call.args
    to = call.read_address(address, length) if address else None
    return put(call, given(call, buffer, size), to, signed(flags) if flags else 0)


def write(call: Call) -> int:
    """write()."""
    _fd, buffer, size, *_ = call.args
    return put(call, given(call, buffer, size), None, 0)


def writev(call: Call) -> int:
    """writev()."""
    memory = call.supervision.memory
    places = memory.iovecs(call.tid, call.args[1], call.args[2])
    return put(call, memory.gather(call.tid, places, MOST_SENT), None, 0)


def pwritev2(call: Call) -> int:
    """pwritev2(): writev() where the offset is -1; a socket has no other."""
    at_end(call)
    return writev(call)


def at_end(call: Call) -> None:
    """Only the offset -1 can be meant; no RWF_* flag is known to a socket but RWF_NOWAIT."""
    if call.args[3] != (1 << 64) - 1:
        raise error(ESPIPE)
    if call.args[5]:
        raise error(EOPNOTSUPP)


def sendmsg(call: Call) -> int:
    """sendmsg(). Where the call has been made before, the struct and what it named then are read at once."""
    memory, before = call.supervision.memory, call.recall
    again = before and before.read(memory, call.tid)
    if before and again:
        _iov, name, data = again
        return put(call, data, name or None, before.flags)
    head, iov = read_msghdr(memory, call.tid, call.args[1])
    flags = signed(call.args[2])
    call.recall = recall(head, iov, flags, (head.name, min(head.namelen, ADDRESS_ROOM)), *iov[:1])
    return put_message(call, head, iov, flags)


def put_message(call: Call, head: msghdr, iov: list[Place], flags: int) -> int:
    """One message. Deviation: credentials among the control messages are not looked at; the sender is who it is."""
    data = call.supervision.memory.gather(call.tid, iov, MOST_SENT)
    address = call.read(head.name, min(head.namelen, ADDRESS_ROOM)) if head.namelen else None
    return put(call, data, address, flags)


def sendmmsg(call: Call) -> int:
    """sendmmsg(): how many went, an error only if none did."""
    _fd, vector, count, flags, *_ = call.args
    for number in range(min(count & 0xFFFFFFFF, 1024)):
        at = vector + number * MMSGHDR
        try:
            head, iov = read_msghdr(call.supervision.memory, call.tid, at)
            sent = put_message(call, head, iov, signed(flags))
            call.write(at + MSGHDR.size, LENGTH.pack(sent))
        except OSError:
            if number:
                return number
            raise
    return min(count & 0xFFFFFFFF, 1024)


# --- receiving -------------------------------------------------------------------------------------------------------


def take(call: Call, size: int, control: int, flags: int) -> Received:
    """Receive one datagram; the program waits where it would wait."""
    call.may_wait, call.sending = not flags & MSG_DONTWAIT, False
    return call.sock.port.recv(call.who, min(size, MOST_RECEIVED), control, flags | MSG_DONTWAIT)


def recvfrom(call: Call) -> int:
    """recv() and recvfrom()."""
    _fd, buffer, size, flags, address, length = call.args
    found = take(call, size, 0, signed(flags) if flags else 0)
    call.supervision.memory.put(call.tid, buffer, found.data)
    if address:
        if not length:
            raise error(EFAULT)
        call.write_sized(address, length, pack_sockaddr_nl(found.address))
    return found.size


def read(call: Call) -> int:
    """read(): nothing is taken for nothing."""
    _fd, buffer, size, *_ = call.args
    if not size:
        return 0
    found = take(call, size, 0, 0)
    call.write(buffer, found.data)
    return found.size


def readv(call: Call) -> int:
    """readv()."""
    places = call.supervision.memory.iovecs(call.tid, call.args[1], call.args[2])
    size = sum(length for _, length in places)
    if not size:
        return 0
    found = take(call, size, 0, 0)
    call.supervision.memory.write(call.tid, (found.data, places))
    return found.size


def preadv2(call: Call) -> int:
    """preadv2(): readv() where the offset is -1."""
    at_end(call)
    return readv(call)


def recvmsg(call: Call) -> int:
    """recvmsg(). Where the call has been made before, the struct and the name's buffer are read at once."""
    memory, before = call.supervision.memory, call.recall
    again = before and before.read(memory, call.tid)
    if before and again:
        iov, name, _data = again
        return take_message(call, before.head, [iov], before.flags, name)
    head, iovs = read_msghdr(memory, call.tid, call.args[1])
    flags = signed(call.args[2])
    call.recall = recall(head, iovs, flags, (head.name, min(head.namelen, SOCKADDR_NL.size)))
    return take_message(call, head, iovs, flags)


def take_message(call: Call, head: msghdr, iov: list[Place], flags: int, name: bytes = b"", length_at: int = 0) -> int:
    """One message into the program's struct msghdr, whose name is known to be ``name``; in struct mmsghdr its size too."""
    room = iov[0][1] if len(iov) == 1 else sum(length for _, length in iov)
    found = take(call, room, head.controllen if head.control else 0, flags)
    if len(iov) == 1 and head.namelen >= SOCKADDR_NL.size and not found.ancillary and not length_at:
        put_plain(call, head, iov[0][0], found, flags, name)
        return found.size
    runs: list[tuple[bytes, list[Place]]] = [(found.data, iov)] if found.data else []
    if head.name:
        runs.append((pack_sockaddr_nl(found.address), [(head.name, head.namelen)]))
        runs.append((NAMELEN, [(head.at + 8, 4)]))
    control = pack_cmsgs(found.ancillary, head.controllen) if found.ancillary else b""
    if control:
        runs.append((control, [(head.control, len(control))]))
    runs.append((AFTER.pack(len(control), found.flags | flags & MSG_CMSG_CLOEXEC), [(head.at + 40, 12)]))
    if length_at:
        runs.append((LENGTH.pack(found.size), [(length_at, 4)]))
    call.supervision.memory.write(call.tid, *runs)
    return found.size


def put_plain(call: Call, head: msghdr, buffer: int, found: Received, flags: int, name: bytes) -> None:
    """What most programs ask for: one buffer, the sender's name, no control messages. What is there already is not written.

    From msg_namelen to msg_flags the struct is written as it was read but for what changes: that is one place less.
    """
    written = found.data
    places = [(buffer, len(written))] if written else []
    sender = pack_sockaddr_nl(found.address)
    if sender != name:
        written += sender
        places.append((head.name, SOCKADDR_NL.size))
    after = AFTER.pack(0, found.flags | flags & MSG_CMSG_CLOEXEC)
    if head.namelen != SOCKADDR_NL.size or head.raw[40:52] != after:
        written += NAMELEN + head.raw[12:40] + after
        places.append((head.at + 8, 44))
    memory = call.supervision.memory
    if len(written) <= ROOM:
        memory.put_all(call.tid, written, places)
    else:
        size = len(found.data)
        memory.write(call.tid, (found.data, places[:1]), (written[size:], places[1:]))


def recvmmsg(call: Call) -> int:
    """recvmmsg(): waits for each message, or with MSG_WAITFORONE for the first; what came before an error counts.

    Deviation: its timeout is not looked at.
    """
    _fd, vector, count, flags, *_ = call.args
    flags, count = signed(flags), min(count & 0xFFFFFFFF, 1024)
    while call.done < count:
        if call.done and flags & MSG_WAITFORONE:
            flags |= MSG_DONTWAIT
        at = vector + call.done * MMSGHDR
        try:
            head, iov = read_msghdr(call.supervision.memory, call.tid, at)
            take_message(call, head, iov, flags & ~MSG_WAITFORONE, length_at=at + MSGHDR.size)
        except OSError as failure:
            if not call.done or (failure.errno == EAGAIN and call.waits()):
                raise
            return call.done
        call.done += 1
    return call.done
