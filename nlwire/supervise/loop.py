"""The loop that answers: one thread, one notification after the other, everything else between two of them.

    poll ─┬─ listener   Notification -> Call -> handler -> answer   (or parked: what would wait is answered when it need not)
          └─ epoll      a socket's last descriptor closed; something arrived

Before a call is answered every socket that something arrived at shows it (Table.stirred): a program that polls right after it
has sent a request finds the answer, as on the kernel.

A call whose thread is interrupted by a signal has lost its answer, and the kernel makes it again or lets it fail with EINTR,
as the signal's handler asks. What it received is kept for the next who receives; that it sent something is remembered, for the
same call made again is the same call. (WAIT_KILLABLE_RECV would spare that, and with it every EINTR of a program that waits.)

Knows: order, waiting.
Never: what a call does.
"""

import select
import time
from collections.abc import Callable
from contextlib import suppress
from errno import EAFNOSUPPORT, EAGAIN, EBADF, EIO

from nlwire.supervise import descriptors, devices, names, passing, transfer
from nlwire.supervise.base import Ground
from nlwire.supervise.call import ANSWERED, GO_ON, Call, Supervision
from nlwire.supervise.filter import BY_DESCRIPTOR
from nlwire.supervise.listener import Listener, Notification
from nlwire.supervise.memory import Denied
from nlwire.supervise.processes import caller
from nlwire.supervise.syscalls import Arch
from nlwire.supervise.table import Socket, Table

Handler = Callable[[Call], int]

OF_SOCKETS: dict[str, Handler] = {
    "read": transfer.read,
    "write": transfer.write,
    "readv": transfer.readv,
    "writev": transfer.writev,
    "preadv2": transfer.preadv2,
    "pwritev2": transfer.pwritev2,
    "recvfrom": transfer.recvfrom,
    "sendto": transfer.sendto,
    "recvmsg": transfer.recvmsg,
    "sendmsg": transfer.sendmsg,
    "recvmmsg": transfer.recvmmsg,
    "sendmmsg": transfer.sendmmsg,
    "bind": names.bind,
    "connect": names.connect,
    "getsockname": names.getsockname,
    "getpeername": names.getpeername,
    "setsockopt": names.setsockopt,
    "getsockopt": names.getsockopt,
    "shutdown": names.unsupported,
    "listen": names.unsupported,
    "accept": names.unsupported,
    "accept4": names.unsupported,
    "sendfile": names.invalid,
    "close": descriptors.close,
    "dup": descriptors.dup,
    "dup2": descriptors.dup2,
    "dup3": descriptors.dup3,
    "fcntl": descriptors.fcntl,
    "ioctl": devices.ioctl,
}
"""What happens to a netlink socket."""
OF_OTHERS: dict[str, Handler] = {
    "socket": names.socket,
    "close_range": descriptors.close,
    "close": descriptors.close,
    "dup2": descriptors.close,
    "dup3": descriptors.close,
    "ioctl": devices.ioctl,
    "splice": names.splice,
    "sendmsg": passing.sendmsg,
    "recvmsg": passing.recvmsg,
}
"""What is handed over although its descriptor is none of ours."""
IDLE = 0.002
"""Seconds without a call after which nothing is held any more."""
RETRY = 0.005
"""Seconds until those who wait for room to send are asked again."""

assert set(BY_DESCRIPTOR) <= set(OF_SOCKETS)


class Loop:
    """Answers until no program is left under the filter."""

    def __init__(self, listener: Listener, table: Table, ground: Ground, arch: Arch) -> None:
        self.supervision = Supervision(listener, table, ground)
        self.listener, self.table = listener, table
        self._audit = arch.audit
        self._socketcalls = {one.audit: one.socketcall for one in arch.foreign}
        self._of_sockets = {arch[name]: handler for name, handler in OF_SOCKETS.items() if name in arch}
        self._of_others = {arch[name]: handler for name, handler in OF_OTHERS.items() if name in arch}
        self._parked: dict[int, Call] = {}
        self._sent: dict[int, tuple[tuple[int, ...], int]] = {}
        """What was sent by calls that were interrupted: thread -> the call, what it returned."""

    def serve(self) -> None:
        """Answer every call. Raises what only a bug here or in a ground raises."""
        self.table.run_here()
        poll = select.poll()
        poll.register(self.listener.fd, select.POLLIN)
        poll.register(self.table.epoll.fileno(), select.POLLIN)
        while True:
            ready = poll.poll(self._patience())
            if not ready:
                self._idle()
            for fd, mask in ready:
                if fd != self.listener.fd:
                    self.table.events()
                    self._stir(None)
                elif mask & select.POLLIN:
                    notification = self.listener.receive()
                    if notification is not None:
                        self._notified(notification)
                elif mask & select.POLLHUP:
                    return

    def _patience(self) -> float | None:
        """Milliseconds to wait for the next event."""
        waits = [IDLE] if self.table.held else []
        for call in self._parked.values():
            if call.sending:
                waits.append(RETRY)
            if call.deadline is not None:
                waits.append(max(0.0, call.deadline - time.monotonic()))
        return min(waits) * 1000 + 0.5 if waits else None

    def _idle(self) -> None:
        """Nobody has called for a while."""
        for call in list(self._parked.values()):
            if call.sending or (call.deadline is not None and call.deadline <= time.monotonic()):
                self._again(call)
        self.table.settle()
        self._stir(None)

    # --- a call ------------------------------------------------------------------------------------------------------

    def _notified(self, notification: Notification) -> None:
        tid, nr = notification.tid, notification.nr
        if self._parked:
            self._unpark(tid)
        call = Call(self.supervision, notification)
        if self._sent and self._was_sent(call):
            return
        if notification.arch != self._audit:
            self._foreign(call, notification.arch)
            return
        try:
            ours = nr in self._of_sockets and self.table.first <= call.fd < self.table.last
            sock = self.table.find(tid, call.fd) if ours else None
            if tid not in self.supervision.callers:
                self.supervision.callers[tid] = caller(tid)
        except OSError as failure:
            self._refuse(call, failure)
            return
        if sock is None:
            handler = self._of_others.get(nr)
            if handler is None:
                self.listener.go_on(call.id)
                return
        else:
            call.sock = sock
            handler = self._of_sockets[nr]
        self._run(call, handler, sock)

    def _run(self, call: Call, handler: Handler, sock: Socket | None) -> None:
        """Do what is asked; show what came of it; answer."""
        try:
            value = handler(call)
        except OSError as failure:
            if failure.errno == EAGAIN and sock is not None and call.waits() and not self._late(call):
                self._park(call, sock)
                self._stir(sock)
            else:
                self._stir(sock)
                self._refuse(call, failure)
            return
        self._stir(sock)
        if value >= 0:
            if not self.listener.answer(call.id, value):
                self._interrupted(call, value)
        elif value == GO_ON:
            self.listener.go_on(call.id)
        else:
            assert value == ANSWERED

    def _refuse(self, call: Call, failure: OSError) -> None:
        if isinstance(failure, Denied | PermissionError) and "looked into" in str(failure.strerror):
            self.supervision.note(str(failure.strerror))
        self.listener.answer(call.id, 0, failure.errno or EIO)

    def _interrupted(self, call: Call, value: int) -> None:
        """Nobody was there to take the answer."""
        if call.taken:
            call.sock.stash[:0] = call.taken
            call.sock.refresh()
        elif call.sending:
            self._sent[call.tid] = ((call.nr, *call.args), value)

    def _was_sent(self, call: Call) -> bool:
        """Whether this is a call that has been made already, made again."""
        before = self._sent.get(call.tid)
        if before is None or before[0] != (call.nr, *call.args):
            return False
        del self._sent[call.tid]
        if not self.listener.answer(call.id, before[1]):
            self._sent[call.tid] = before
        return True

    def _foreign(self, call: Call, arch: int) -> None:
        """socketcall() of a 32-bit program: netlink sockets of such are not to be had."""
        sys_socket, af_netlink = 1, 16
        with suppress(OSError):
            asked = call.nr == self._socketcalls.get(arch) and call.args[0] & 0xFFFFFFFF == sys_socket
            if asked and int.from_bytes(call.read(call.args[1] & 0xFFFFFFFF, 4), "little") == af_netlink:
                self.supervision.note("a 32-bit program asked for a netlink socket; only 64-bit programs can have one")
                self.listener.answer(call.id, 0, EAFNOSUPPORT)
                return
        self.listener.go_on(call.id)

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _late(self, call: Call) -> bool:
        """Whether SO_RCVTIMEO or SO_SNDTIMEO is over; the first time, when it will be."""
        timeo = call.sock.sndtimeo if call.sending else call.sock.rcvtimeo
        if timeo is None:
            return False
        if call.deadline is None:
            call.deadline = time.monotonic() + timeo
        return call.deadline <= time.monotonic()

    def _park(self, call: Call, sock: Socket) -> None:
        self._parked[call.tid] = call
        sock.parked.append(call)

    def _unpark(self, tid: int) -> Call | None:
        """A thread that calls again does not wait any more."""
        call = self._parked.pop(tid, None)
        if call is not None and call in call.sock.parked:
            call.sock.parked.remove(call)
            if call.done and call.taken:
                call.sock.stash[:0] = call.taken
        return call

    def _again(self, call: Call) -> None:
        """Try a call that waits once more."""
        self._unpark_quietly(call)
        if not self.listener.waits(call.id):
            self._interrupted(call, call.done)
        elif call.sock.key not in self.table.sockets:
            self.listener.answer(call.id, 0, EBADF)
        else:
            self._run(call, self._of_sockets[call.nr], call.sock)

    def _unpark_quietly(self, call: Call) -> None:
        self._parked.pop(call.tid, None)
        if call in call.sock.parked:
            call.sock.parked.remove(call)

    def _stir(self, sock: Socket | None) -> None:
        """Show what arrived, and let go on who waited for it. ``sock`` has just been called."""
        if sock is not None:
            sock.refresh()
        stirred = self.table.stirred
        while stirred:
            one = stirred.pop()
            if one.key not in self.table.sockets:
                continue
            if one.refresh(arrived=one is not sock):
                for call in list(one.parked):
                    self._again(call)
