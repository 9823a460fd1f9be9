"""The loop that answers: one thread, one notification after the other, everything else between two of them.

    poll ─┬─ listener   Notification -> Call -> handler -> answer   (or parked: what would wait is answered when it need not)
          └─ epoll      a socket's last descriptor closed; something arrived

Before a call is answered every socket that something arrived at shows it (Table.stirred): a program that polls right after it
has sent a request finds the answer, as on the kernel.

A call that has been taken in is not interrupted (WAIT_KILLABLE_RECV): what it has done it tells. So a thread that waits here
does not wake for a signal either; the signal shows in its state, which is looked at, and its call is answered as the kernel
answers one that a signal interrupts: what becomes of it then, EINTR or the same call once more, the kernel knows.
Deviation: so a program that has waited for long handles a signal up to a tenth of a second late.

Knows: order, waiting.
Never: what a call does.
"""

import select
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EAFNOSUPPORT, EAGAIN, EBADF, EINTR, EIO

from nlwire.supervise.base import Ground
from nlwire.supervise.call import ANSWERED, GO_ON, WAITING, Call, Supervision
from nlwire.supervise.handlers import FEW, OF_OTHERS, OF_SOCKETS, Handler
from nlwire.supervise.listener import ARGS, ID, NR, WHOLE, Listener, Notification
from nlwire.supervise.memory import Denied
from nlwire.supervise.processes import interrupted
from nlwire.supervise.syscalls import Arch
from nlwire.supervise.table import Socket, Table

IDLE = 0.002
"""Seconds without a call after which nothing is held any more."""
SOON = IDLE * 1000 + 0.5
"""The same for poll()."""
ROUND = 32
"""Calls after which what is not polled is polled again, however busy it is."""
RETRY = 0.005
"""Seconds until those who wait for room to send are asked again."""
ERESTARTSYS = 512
"""For the kernel, never for a program: a signal is there to be handled first (include/linux/errno.h)."""
FIRST_LOOK, LAST_LOOK, SLOWER = 0.005, 0.1, 1.25
"""Seconds until those who wait are looked at for signals, soon after one has begun to and when none has for long."""
LOOKING = 20
"""Of that time at most one part in so many is spent looking."""


class Loop:
    """Answers until no program is left under the filter."""

    def __init__(self, listener: Listener, table: Table, ground: Ground, arch: Arch) -> None:
        self.supervision = Supervision(listener, table, ground)
        self.listener, self.table = listener, table
        self._audit = arch.audit
        self._socketcalls = {one.audit: one.socketcall for one in arch.foreign}
        self._of_sockets = {arch[name]: handler for name, handler in OF_SOCKETS.items() if name in arch}
        self._of_others = {arch[name]: handler for name, handler in OF_OTHERS.items() if name in arch}
        self._ends = {arch[name].to_bytes(4, sys.byteorder): ARGS.start + 8 * count for name, count in FEW.items()}
        """How much of a notification tells calls apart: in registers that a call does not use lies what chance left there."""
        self._calls = 0
        self._forgotten = threading.Event()
        self._forgetting = False
        self._parked: dict[int, Call] = {}
        self._look, self._pause = 0.0, FIRST_LOOK
        """When those who wait are looked at next, and how long after that."""
        self.failures: list[Exception] = []
        """Bugs."""

    @property
    def waits(self) -> int | None:
        """How many calls wait for a socket; None where one of them does so only for a time."""
        calls = self._waiting()
        return len(calls) if all(call.deadline is None for call in calls) else None

    def _waiting(self) -> tuple[Call, ...]:
        return (*self._parked.values(), *self.table.waiting.values())

    def forget(self, alive: Callable[[], bool]) -> bool:
        """Whoever has called is gone, and nobody calls now: their threads' numbers come again. Not from the thread that serves.

        Returns when all is forgotten; False where that thread is not alive.
        """
        self._forgotten.clear()
        self._forgetting = True
        self.table.ring()
        while not self._forgotten.wait(1.0):
            if not alive():
                return False
        return True

    def _forget(self) -> None:
        self.table.clear()
        for known in (self._parked, self.supervision.callers, self.supervision.made, self.supervision.unix):
            known.clear()
        self._forgetting = False
        self._forgotten.set()

    def serve(self) -> None:
        """Answer every call. Raises what only a bug here or in a ground raises."""
        self.table.run_here()
        poll = select.poll()
        calls = self.listener.fd
        poll.register(calls, select.POLLIN)
        poll.register(self.table.epoll.fileno(), select.POLLIN)
        while True:
            ready = poll.poll(self._patience())
            if self._parked or self.table.waiting:
                self._look_after()
            if not ready:
                self._idle()
            for fd, mask in ready:
                if fd != calls:
                    self.table.events()
                    self._stir()
                elif mask & select.POLLIN:
                    notification = self.listener.receive()
                    if notification is not None:
                        self._notified(notification)
                elif mask & select.POLLHUP:
                    return
            if self._forgetting:  # whoever has seen the bell
                self._forget()

    def _patience(self) -> float | None:
        """Milliseconds to wait for the next event."""
        busy = self.table.held or self.table.unarmed
        if not self._parked and not self.table.waiting:
            return SOON if busy else None
        now = time.monotonic()
        waits = [self._look - now, IDLE if busy else LAST_LOOK]
        for call in self._waiting():
            if call.sending:
                waits.append(RETRY)
            if call.deadline is not None:
                waits.append(call.deadline - now)
        return max(0.0, min(waits)) * 1000 + 0.5

    def _idle(self) -> None:
        """Nobody has called for a while."""
        for call in list(self._parked.values()):
            if call.sending:
                self._again(call)
        self.table.settle()
        self.table.arm()
        self.supervision.ground.idle()
        self._stir()

    # --- a call ------------------------------------------------------------------------------------------------------

    def _notified(self, notification: Notification) -> None:
        key = notification[ID : self._ends.get(notification[NR], WHOLE)]
        call = self.supervision.made.get(key)
        if call is None or call.sock.far < 0:
            self._new(notification, key)
            return
        if self.table.unarmed:
            self._arm()
        if self._parked or self.table.waiting:
            self._leave(call.tid)
        call.again(notification[:ID])
        self._run(call, self._of_sockets[call.nr], call.sock)

    def _new(self, notification: Notification, key: bytes) -> None:
        """A call that nothing is known of."""
        call = Call(self.supervision, notification)
        tid = call.tid
        self._arm()
        self._leave(tid)
        if call.arch != self._audit:
            self._foreign(call)
            return
        try:
            sock = self._socket(call)
            if sock is not None:
                call.on(sock)
        except OSError as failure:
            self._refuse(call, failure)
            return
        if sock is not None:
            self.supervision.remember(key, call)
            self._run(call, self._of_sockets[call.nr], sock)
        elif call.nr in self._of_others:
            self._run(call, self._of_others[call.nr], None)
        else:
            self.listener.go_on(call.id)

    def _socket(self, call: Call) -> Socket | None:
        """The socket of ours that a call is made on. Raises PermissionError."""
        if call.nr in self._of_sockets and self.table.first <= call.fd < self.table.last:
            return self.table.find(call.tid, call.fd)
        return None

    def _arm(self) -> None:
        """What is not polled is polled again once in a while, however busy it is."""
        self._calls += 1
        if not self._calls % ROUND:
            self.table.arm()

    def _run(self, call: Call, handler: Handler, sock: Socket | None) -> None:
        """Do what is asked; show what came of it; answer; then let go on who waited for what came of it."""
        try:
            value = handler(call)
        except OSError as failure:
            waits = failure.errno == EAGAIN and sock is not None and call.waits() and not self._late(call)
            if waits:
                self._park(call)
            woken = self._show(sock)
            if not waits:
                self._refuse(call, failure)
        except Exception as failure:  # noqa: BLE001 (a bug must not leave a program waiting for ever; wait() raises it)
            self.failures.append(failure)
            self.listener.answer(call.id, 0, EIO)
            return
        else:
            woken = self._show(sock)
            if value >= 0:
                self.listener.answer(call.id, value)
            elif value == GO_ON:
                self.listener.go_on(call.id)
            elif value == WAITING:
                self._look_soon()
            else:
                assert value == ANSWERED
        for one in woken:
            self._again(one)

    def _refuse(self, call: Call, failure: OSError) -> None:
        if isinstance(failure, Denied | PermissionError) and "looked into" in str(failure.strerror):
            self.supervision.note(str(failure.strerror))
        self.listener.answer(call.id, 0, failure.errno or EIO)

    def _foreign(self, call: Call) -> None:
        """socketcall() of a 32-bit program: netlink sockets of such are not to be had."""
        sys_socket, af_netlink = 1, 16
        with suppress(OSError):
            asked = call.nr == self._socketcalls.get(call.arch) and call.args[0] & 0xFFFFFFFF == sys_socket
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

    def _park(self, call: Call) -> None:
        call.parked = True
        self._look_soon()
        self.table.arm()
        self._parked[call.tid] = call
        call.sock.parked.append(call)

    def _unpark(self, call: Call) -> None:
        """It does not wait any more, or is tried again."""
        self._parked.pop(call.tid, None)
        if call in call.sock.parked:
            call.sock.parked.remove(call)

    def _leave(self, tid: int) -> None:
        """A thread does not wait any more."""
        if tid in self._parked:
            self._unpark(self._parked[tid])
        self.table.wait_no_more(tid)

    def _look_soon(self) -> None:
        """Somebody begins to wait."""
        self._pause = FIRST_LOOK
        self._look = min(self._look, time.monotonic() + FIRST_LOOK)

    def _look_after(self) -> None:
        """Those who wait: whose time is over, who is to handle a signal."""
        now = time.monotonic()
        for call in self._waiting():
            if call.deadline is not None and call.deadline <= now:
                self._over(call)
        if now < self._look:
            return
        for call in self._waiting():
            if interrupted(call.tid):
                self._interrupt(call)
        end = time.monotonic()
        self._pause = min(self._pause * SLOWER, LAST_LOOK)
        self._look = end + max(self._pause, LOOKING * (end - now))

    def _over(self, call: Call) -> None:
        """SO_RCVTIMEO or SO_SNDTIMEO has passed."""
        if call.tid in self._parked:
            self._again(call)
        else:
            self.table.wait_no_more(call.tid)
            self._received(call)

    def _interrupt(self, call: Call) -> None:
        """What a call that waits returns when a signal comes (sock_intr_errno()): what it has got, or an error."""
        self._leave(call.tid)
        if call.done:
            self.listener.answer(call.id, call.done)
        else:
            self.listener.answer(call.id, 0, ERESTARTSYS if call.deadline is None else EINTR)

    def _again(self, call: Call) -> None:
        """Try a call that waits once more."""
        if self._parked.get(call.tid) is not call:
            return
        self._unpark(call)
        if not self.listener.waits(call.id):
            return
        if call.sock.key not in self.table.sockets:
            self.listener.answer(call.id, 0, EBADF)
        else:
            with suppress(OSError):
                self.table.find(call.tid, call.fd)
            self._run(call, self._of_sockets[call.nr], call.sock)

    def _show(self, sock: Socket | None) -> Sequence[Call]:
        """Let every socket that something arrived at show it; who waited for it. ``sock`` has just been called."""
        stirred = self.table.stirred
        woken: Sequence[Call] = ()
        if sock is not None:
            if stirred:
                stirred.discard(sock)
            if sock.refresh() and sock.parked:
                woken = tuple(sock.parked)
        while stirred:
            one = stirred.pop()
            if one.key in self.table.sockets and one.refresh(arrived=True):
                woken = (*woken, *one.parked)
        return woken

    def _stir(self) -> None:
        """The same between two calls."""
        for one in self._show(None):
            self._again(one)
        while self.table.reached:
            self._received(self.table.reached.pop(0))

    def _received(self, call: Call) -> None:
        """There is something on another socket that a call waits at."""
        if self.listener.waits(call.id):
            self._run(call, self._of_others[call.nr], None)
