"""A system call that was handed over: who makes it, with what, and how it may end.

Knows: struct seccomp_data as a call; waiting.
Never: what a call does.
"""

import os
import struct
from errno import EINVAL
from fcntl import F_GETFL, fcntl
from typing import Any

from nlwire.supervise.base import Caller
from nlwire.supervise.listener import ID, NOTIF, Listener, Notification
from nlwire.supervise.memory import INT, Memory
from nlwire.supervise.msghdr import Recall
from nlwire.supervise.processes import caller
from nlwire.supervise.table import Socket, Table

GO_ON = -1
"""A handler's verdict: the kernel shall do what the call says."""
ANSWERED = -2
"""A handler's verdict: it has answered itself."""
WAITING = -3
"""A handler's verdict: the call waits for something that is not a socket of ours (Table.wait_at)."""
MOST_CALLERS, MOST_MADE = 4096, 512
ADDRESS_ROOM = 128
"""sizeof(struct sockaddr_storage)."""


def error(errno: int) -> OSError:
    """What makes a call fail."""
    return OSError(errno, os.strerror(errno))


def signed(value: int) -> int:
    """An argument as an int."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


class Supervision:
    """What every call may need: memory, the listener, the sockets, the ground they stand on, and who has been seen calling."""

    def __init__(self, listener: Listener, table: Table, ground: Any) -> None:
        self.memory = Memory()
        self.listener = listener
        self.table = table
        self.ground = ground
        self.callers: dict[int, Caller] = {}
        self.made: dict[bytes, Call] = {}
        """Calls on sockets of ours, by what tells them apart (Loop): most are made again and again."""
        self.notes: list[str] = []
        """What the user should hear of."""
        self.unix: dict[str, bool] = {}
        """Which other sockets, by inode, are Unix sockets."""

    def who(self, tid: int) -> Caller:
        """Who a thread is; looked up once. Raises OSError for one that is gone."""
        found = self.callers.get(tid)
        if found is None:
            if len(self.callers) >= MOST_CALLERS:
                self.callers.clear()
            found = self.callers[tid] = caller(tid)
        return found

    def remember(self, key: bytes, call: "Call") -> None:
        """The same call may be made again."""
        if len(self.made) >= MOST_MADE:
            self.made.clear()
        self.made[key] = call

    def forget(self) -> None:
        """Descriptors have changed."""
        self.table.forget()
        self.made.clear()

    def forget_callers(self) -> None:
        """Who they are may have changed."""
        self.callers.clear()
        self.made.clear()

    def note(self, text: str) -> None:
        """Tell the user, once."""
        if text not in self.notes:
            self.notes.append(text)


class Call:
    """One call."""

    sock: Socket
    who: Caller
    may_wait = False
    """Whether it has no MSG_DONTWAIT."""
    parked = False
    """Whether it has waited."""
    sending = False
    deadline: float | None = None
    done = 0
    """How many of several messages it has received, while it waits for the next."""

    recall: Recall | None = None
    """What is read ahead of the message that it names."""

    def __init__(self, supervision: Supervision, notification: Notification) -> None:
        self.supervision = supervision
        self.args: list[int]
        _id, self.tid, _flags, self.nr, self.arch, _ip, *self.args = NOTIF.unpack(notification)
        self.id = notification[:ID]
        self.fd = self.args[0] & 0xFFFFFFFF

    def again(self, id: bytes) -> None:
        """The thread makes the same call once more."""
        self.id = id
        if self.parked or self.done:
            self.parked, self.deadline, self.done = False, None, 0

    def on(self, sock: Socket) -> None:
        """This is the socket it is made on, its maker looked up. Raises OSError for a thread that is gone."""
        self.sock = sock
        self.who = self.supervision.who(self.tid)

    def waits(self) -> bool:
        """Whether the program would wait here: its flags and, when it made the call, its descriptor say so."""
        return self.may_wait and (self.parked or not fcntl(self.sock.far, F_GETFL) & os.O_NONBLOCK)

    def read(self, address: int, size: int) -> bytes:
        """The caller's memory. Raises OSError (EFAULT)."""
        return self.supervision.memory.read(self.tid, address, size)

    def write(self, address: int, data: bytes) -> None:
        """Into the caller's memory. Raises OSError (EFAULT)."""
        self.supervision.memory.put(self.tid, address, data)

    def read_address(self, address: int, size: int) -> bytes:
        """A struct sockaddr given to a call. Raises OSError."""
        if not 0 <= signed(size) <= ADDRESS_ROOM:
            raise error(EINVAL)
        return self.read(address, signed(size))

    def write_sized(self, address: int, size_at: int, data: bytes) -> None:
        """An answer for which the caller says in an int how much room it has, and is told how much there is. Raises OSError."""
        room = INT.unpack(self.read(size_at, INT.size))[0]
        if room < 0:
            raise error(EINVAL)
        piece = data[:room]
        self.supervision.memory.write(
            self.tid, (piece, [(address, len(piece))]), (struct.pack("=i", len(data)), [(size_at, INT.size)])
        )
