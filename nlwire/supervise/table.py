"""The sockets of the supervised, found by whatever descriptor of theirs, and the descriptors that stand for them.

Of each netlink socket a program has one end of a socketpair, *far*; the supervisor has the other, *near*:

    program                     supervisor
    fd 900 ── far ══════ near ── Socket ── port      one byte (a token) lies in far while the port has something to receive,
                                                     so poll, select, epoll and O_NONBLOCK are the kernel's own
    last close() of far  ─────>  near hangs up       fork, dup, exec, SCM_RIGHTS, kill -9: none of them needs to be followed

far is known by its inode, whoever holds it under whatever number. To take a token back the supervisor needs far itself; it keeps
a copy while there is much to do (``held``) and lets go of it before anything could tell that the socket is still open
(``settle``): when names are given, and when nothing happens.

Knows: descriptors, tokens, the end of sockets.
Never: calls, memory.
"""

import os
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from errno import EMFILE
from typing import Any

from nlwire.supervise.base import Port
from nlwire.supervise.processes import copy_descriptor, descriptor, descriptors

MOST_TOKENS = 64


class Socket:
    """A netlink socket of a program."""

    __slots__ = ("_near", "far", "key", "named", "near", "parked", "port", "rcvtimeo", "sndtimeo", "tokens", "watched")

    def __init__(self, port: Port, nonblock: bool) -> None:
        self.port = port
        far, self.near = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        far.setblocking(not nonblock)
        self.near.setblocking(False)
        self._near = self.near.fileno()
        self.far = far.detach()
        self.key = f"socket:[{os.fstat(self.far).st_ino}]"
        self.tokens = 0
        self.watched = -1
        self.rcvtimeo: float | None = None
        self.sndtimeo: float | None = None
        self.named = False
        """Whether it has a portid: whoever gets one must not find that of a socket which is closed."""
        self.parked: list[Any] = []
        """Calls that wait here."""

    def refresh(self, arrived: bool = False) -> bool:
        """Let far tell the truth; whether there is something to receive. ``arrived``: who waits for edges has to see one."""
        if self.port.ready():
            if not self.tokens or (arrived and self.tokens < MOST_TOKENS):
                self._put_token()
            return True
        while self.tokens and self.far >= 0:
            self._take_token()
        return False

    def _put_token(self) -> None:
        try:
            os.write(self._near, b"!")
        except OSError:  # the program is gone
            return
        self.tokens += 1

    def _take_token(self) -> None:
        self.tokens -= 1
        try:
            os.read(self.far, 1)
        except OSError:  # somebody else has read it
            return


class Table:
    """All sockets."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        self.sockets: dict[str, Socket] = {}
        self.found: dict[tuple[int, int], Socket] = {}
        """(thread, descriptor) -> socket, as it was found; forgotten whenever a descriptor may have changed."""
        self.held: set[Socket] = set()
        self.epoll = select.epoll()
        self._ends: dict[int, Socket] = {}
        self._ports: dict[int, Socket] = {}
        self.unarmed: set[Socket] = set()
        """Sockets with a descriptor to poll that is not polled: each has told of something since it was."""
        self.stirred: set[Socket] = set()
        """Sockets something has arrived at."""
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.epoll.register(self._bell, select.EPOLLIN)
        self._thread = -1
        self.opened = 0
        self.waiting: dict[int, Any] = {}
        """thread -> its call, which waits at another socket."""
        self._places: dict[int, int] = {}
        self.reached: list[Any] = []
        """Calls that wait no more at another socket."""

    def run_here(self) -> None:
        """This thread is the one that answers."""
        self._thread = threading.get_ident()

    def add(self, port: Port, nonblock: bool) -> Socket:
        """A new socket. Raises OSError."""
        one = Socket(port, nonblock)
        self.sockets[one.key] = one
        self._ends[one.near.fileno()] = one
        self.epoll.register(one.near, select.EPOLLRDHUP | select.EPOLLET)
        self.held.add(one)
        one.watched = port.watch(self._ringer(one))
        if one.watched >= 0:
            self._ports[one.watched] = one
            self.epoll.register(one.watched, select.EPOLLONESHOT)
            self.unarmed.add(one)
        self.opened += 1
        return one

    def _ringer(self, one: Socket) -> Callable[[], None]:
        def ring() -> None:
            self.stirred.add(one)
            if threading.get_ident() != self._thread:
                self.ring()

        return ring

    def ring(self) -> None:
        """Wake the thread that answers."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._bell, 1)

    def find(self, tid: int, fd: int) -> Socket | None:
        """The socket behind a thread's descriptor; None if it is none of ours. Raises PermissionError."""
        one = self.found.get((tid, fd))
        if one is None:
            one = self.sockets.get(descriptor(tid, fd) or "")
            if one is None:
                return None
            self.found[tid, fd] = one
        if one.far < 0:
            one.far = copy_descriptor(tid, fd)
            self.held.add(one)
        return one

    def number(self, tid: int, least: int = 0) -> int:
        """The lowest number in the range, not below ``least``, that a thread has not in use. Raises OSError."""
        used = descriptors(tid)
        for one in range(max(self.first, least), self.last):
            if one not in used:
                return one
        raise OSError(EMFILE, os.strerror(EMFILE))

    def settle(self, keep: Socket | None = None) -> None:
        """Let go of what only the supervisor holds, so that what the programs have closed is closed."""
        for one in [one for one in self.held if one is not keep]:
            os.close(one.far)
            one.far = -1
            self.held.discard(one)
        self.events(0)

    def forget(self) -> None:
        """Descriptors have changed."""
        self.found.clear()

    def events(self, timeout: float = 0) -> None:
        """Take in what happened beside the calls: ends of sockets, and what arrived."""
        for fd, mask in self.epoll.poll(timeout):
            if fd == self._bell:
                os.eventfd_read(self._bell)
            elif fd in self._ends:
                if mask & (select.EPOLLHUP | select.EPOLLRDHUP):
                    self.release(self._ends[fd])
            elif fd in self._ports:
                self.stirred.add(self._ports[fd])
                self.unarmed.add(self._ports[fd])
            elif fd in self._places:
                tid = self._places[fd]
                self.reached.append(self.waiting[tid])
                self.wait_no_more(tid)

    def arm(self) -> None:
        """Poll again what has told of something. Not after every call: what a call brings, the call itself shows."""
        for one in self.unarmed:
            self.epoll.modify(one.watched, select.EPOLLIN | select.EPOLLONESHOT)
        self.unarmed.clear()

    def wait_at(self, call: Any, fd: int) -> None:
        """Let a call wait until another socket, of which ``fd`` is a copy, can be read."""
        self.waiting[call.tid] = call
        self._places[fd] = call.tid
        self.epoll.register(fd, select.EPOLLIN)

    def wait_no_more(self, tid: int) -> None:
        """The thread's call, if there is one, does not wait there any more."""
        if tid in self.waiting:
            del self.waiting[tid]
            fd = next(fd for fd, one in self._places.items() if one == tid)
            del self._places[fd]
            self.epoll.unregister(fd)
            os.close(fd)

    def release(self, one: Socket) -> None:
        """The last of the programs that had it has closed it."""
        if self.sockets.pop(one.key, None) is None:
            return
        self.epoll.unregister(one.near)
        del self._ends[one.near.fileno()]
        if one.watched >= 0:
            self.epoll.unregister(one.watched)
            del self._ports[one.watched]
        if one.far >= 0:
            os.close(one.far)
            one.far = -1
        self.held.discard(one)
        self.stirred.discard(one)
        self.unarmed.discard(one)
        self.found.clear()
        one.near.close()
        one.port.close()

    def clear(self) -> None:
        """Release all sockets."""
        for one in list(self.sockets.values()):
            self.release(one)
        for tid in list(self.waiting):
            self.wait_no_more(tid)

    def close(self) -> None:
        """Release everything."""
        self.clear()
        self.epoll.close()
        os.close(self._bell)
