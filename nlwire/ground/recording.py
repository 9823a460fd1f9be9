"""A recording as a ground: a program gets, to every request, the answers that were recorded.

The n-th socket of a protocol that the program opens is the n-th that was recorded; a request that this one never made is looked
for among those of the others. What nobody asked for comes after as many requests as in the recording. A request that was never
recorded is told and refused (EPROTO).

Knows: which recorded socket is whose.
Never: families.
"""

import os
import random
from collections import deque
from collections.abc import Callable
from errno import EADDRINUSE, EINVAL, EPROTO

from nlwire.capture.entry import Entry, Event, Record
from nlwire.capture.files import Name, read
from nlwire.capture.replay import Exchange, Replay, conversation
from nlwire.errors import NotRecorded
from nlwire.ground.recorder import interface
from nlwire.supervise.base import Address, Caller, Received, Taken

MSG_TRUNC = 0x20
Asked = tuple[int, int]
IFNAMSIZ = 16
SIOCGIFNAME = 0x8910
ONLY_NAMED = {0x8913, 0x8915, 0x8917, 0x8919, 0x891B, 0x891D, 0x8921, 0x8927, 0x8933, 0x8942, 0x8970}
"""ioctls that look at nothing but a name: SIOCGIFFLAGS, -ADDR, -INDEX, …"""
LEAST, MOST = -(1 << 31), -4097
"""Between these the kernel chooses when a process has its own portid already (netlink_autobind)."""


def refused(errno: int) -> OSError:
    """What makes a call fail."""
    return OSError(errno, os.strerror(errno))


class ReplayPort:
    """A socket that was recorded."""

    def __init__(self, ground: "Recording", who: Caller, protocol: int, entries: list[Entry]) -> None:
        self._ground = ground
        self._protocol = protocol
        self._replay = Replay(conversation(entries, protocol))
        self._replay.settimeout(0)
        self._options: dict[Asked, bytes] = {}
        self._refusals: dict[Asked, int] = {}
        self._learn(entries)
        self._peer: Address = (0, 0)
        self._portid = 0

    def _learn(self, entries: list[Entry]) -> None:
        """What options answered, and which were refused."""
        for one in entries:
            if isinstance(one, Event) and one.kind in ("getsockopt", "setsockopt"):
                key = (int(one.details["level"]), int(one.details["option"]))
                if one.kind == "getsockopt" and "value" in one.details:
                    self._options.setdefault(key, bytes.fromhex(one.details["value"]))
                elif one.details.get("errno"):
                    self._refusals[key] = int(one.details["errno"])

    def bind(self, who: Caller, address: Address) -> None:
        """Take a name."""
        if self._portid and address[0] != self._portid and address[0]:
            raise refused(EINVAL)
        self._portid = self._portid or self._ground.name(who, self._protocol, address[0])
        self._replay.bind((self._portid, address[1]))

    def connect(self, who: Caller, address: Address | None) -> None:
        """Name a peer."""
        self._peer = address or (0, 0)

    def getsockname(self) -> Address:
        """The own name."""
        return (self._portid, int(self._replay.getsockname()[1]))

    def getpeername(self) -> Address:
        """The peer's."""
        return self._peer

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        """Set an option: refused where it was."""
        if (level, option) in self._refusals:
            raise refused(self._refusals[level, option])
        self._replay.setsockopt(level, option, value)

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Ask for an option: the answer that was recorded, else what was set."""
        if (level, option) in self._refusals:
            raise refused(self._refusals[level, option])
        if (level, option) in self._options:
            return self._options[level, option]
        return self._replay.getsockopt(level, option, size)

    def attach_filter(self, program: bytes) -> None:
        """What was filtered out was not recorded."""

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        """Find the request; its answers are there when this returns."""
        if not self._portid:
            self.bind(who, (0, self.getsockname()[1]))
        try:
            exchange = self._replay.recorded(data)
        except NotRecorded as unknown:
            exchange = self._ground.elsewhere(data, self._protocol, unknown)
        return self._replay.answer(data, exchange)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram, cut to ``size``; whole as it was delivered."""
        data, ancillary, msg_flags, address = self._replay.recvmsg(1 << 22, control, flags & ~MSG_TRUNC)
        cut = MSG_TRUNC if size < len(data) else 0
        piece = data[:size]
        return Taken(piece, len(data) if flags & MSG_TRUNC else len(piece), ancillary, msg_flags | cut, address)

    def ready(self) -> bool:
        """Whether something waits."""
        return self._replay.waiting

    def watch(self, bell: Callable[[], None]) -> int:
        """Nothing comes of itself."""
        return -1

    def close(self) -> None:
        """Forget it."""
        self._ground.unname(self._protocol, self._portid)
        self._replay.close()


class Recording:
    """A capture that ``nlwire run --record`` made, or any other: of one without sockets every socket gets everything."""

    files = False
    almighty = True

    def __init__(self, source: Name, told: Callable[[str], None]) -> None:
        self._entries = list(read(source))
        self._told = told
        self.missed = 0
        self._taken: set[tuple[int, int]] = set()
        self._everything: dict[int, Replay] = {}
        self._sockets: dict[int, deque[Event]] = {}
        self._ioctls: dict[tuple[int, bytes], deque[Event]] = {}
        for one in self._entries:
            if isinstance(one, Event) and one.kind == "socket":
                self._sockets.setdefault(one.protocol, deque()).append(one)
            elif isinstance(one, Event) and one.kind == "ioctl":
                key = asked(int(one.details["request"]), bytes.fromhex(one.details["asked"]))
                self._ioctls.setdefault(key, deque()).append(one)

    def socket(self, who: Caller, type: int, protocol: int) -> ReplayPort:
        """The next socket of the protocol that was recorded. Raises OSError as it was refused."""
        waiting = self._sockets.get(protocol)
        if not waiting:
            return ReplayPort(self, who, protocol, [] if self._sockets else self._entries)
        event = waiting.popleft()
        if event.details.get("errno"):
            raise refused(int(event.details["errno"]))
        number = int(event.details["socket"])
        return ReplayPort(self, who, protocol, [one for one in self._entries if is_of(one, number)])

    def elsewhere(self, data: bytes, protocol: int, unknown: NotRecorded) -> Exchange:
        """A request that another socket made. Raises OSError (EPROTO), and tells, where none did."""
        everything = self._everything.get(protocol)
        if everything is None:
            everything = self._everything[protocol] = Replay(conversation(self._entries, protocol))
        try:
            return everything.recorded(data)
        except NotRecorded as nowhere:
            self.missed += 1
            self._told(str(nowhere if nowhere.nearest else unknown))
            raise refused(EPROTO) from None

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """An ioctl() as it was answered; EPROTO, and told, where it never was asked."""
        turns = self._ioctls.get(asked(request, data))
        if turns is None:
            self.missed += 1
            self._told(f"ioctl {request:#x} was never recorded with these arguments")
            raise refused(EPROTO)
        event = turns.popleft() if len(turns) > 1 else turns[0]
        if event.details.get("errno"):
            raise refused(int(event.details["errno"]))
        found = event.details.get("found")
        return None if found is None else bytes.fromhex(found)

    def file(self, who: Caller, name: str) -> bytes | None:
        """The real kernel's."""
        return None

    def idle(self) -> None:
        """Nothing to do."""

    def name(self, who: Caller, protocol: int, wanted: int) -> int:
        """A portid: the one that is wanted, or else one as the kernel chooses. Raises OSError (EADDRINUSE)."""
        portid = wanted or who.tgid
        while (protocol, portid) in self._taken:
            if wanted:
                raise refused(EADDRINUSE)
            portid = random.randint(LEAST, MOST) & 0xFFFFFFFF
        self._taken.add((protocol, portid))
        return portid

    def unname(self, protocol: int, portid: int) -> None:
        """A portid is free again."""
        self._taken.discard((protocol, portid))


def asked(request: int, data: bytes) -> tuple[int, bytes]:
    """What makes an ioctl() the same: programs leave in a struct ifreq whatever was there before they put a name into it."""
    if request == SIOCGIFNAME:
        return request, data[IFNAMSIZ : IFNAMSIZ + 4]
    name = data[:IFNAMSIZ].partition(b"\0")[0]
    return request, name if request in ONLY_NAMED else name + data[IFNAMSIZ:]


def is_of(entry: Entry, number: int) -> bool:
    """Whether an entry is of the socket of this number."""
    if isinstance(entry, Record):
        return entry.interface == interface(number)
    return isinstance(entry, Event) and entry.details.get("socket") == number
