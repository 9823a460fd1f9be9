"""strace's text: what a program's netlink sockets sent and received, from ``strace -xx -s 65535 -e trace=network -ttt``.

Strings of -x or -xx are read, and the hex dumps of ``-e read=all -e write=all``. Which descriptor has which protocol is seen
from socket(); without that, everything sent or received is taken for netlink of the protocol given.

Knows: strace's lines.
Never: files; what is in a datagram.
"""

import errno as errnos
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nlwire.capture.entry import Direction, Entry, Event, Record

LINE = re.compile(r"(?:\[pid\s+\d+\]\s*|\d+\s+)?(?:(\d+\.\d+|\d\d:\d\d:\d\d(?:\.\d+)?)\s+)?(\w+)\((\d+)?(.*)$")
OUT = {"send", "sendto", "sendmsg", "write", "writev"}
IN = {"recv", "recvfrom", "recvmsg", "read", "readv"}
SOCKET = re.compile(r"(?:AF|PF)_NETLINK\s*,.*?,\s*(?:NETLINK_(\w+)|(\d+))\)")
RESULT = re.compile(r"\)\s*=\s*(-?\d+)(?:\s+(E[A-Z0-9]+))?")
STRING = re.compile(r'"((?:\\.|[^"\\])*)"(\.\.\.)?')
ESCAPE = re.compile(r"\\x([0-9a-fA-F]{1,2})|\\([0-7]{1,3})|\\(.)|([^\\]+)", re.DOTALL)
LETTERS = {"n": b"\n", "t": b"\t", "r": b"\r", "v": b"\v", "f": b"\f", "a": b"\a", "b": b"\b"}
DUMP = re.compile(r"\s*\|\s[0-9a-f]{5,}  ((?:[0-9a-f]{2} | {3}){8}(?: (?:[0-9a-f]{2} | {3}){8})?)")
PORTID = re.compile(r"nl_pid=(\d+)")
GROUPS = re.compile(r"nl_groups=([0-9a-fx]+)")


@dataclass
class _Trace:
    """What is known while lines pass: protocols by descriptor, and the call whose hex dump may follow."""

    names: dict[str, int]
    protocol: int
    sockets: dict[str, int] = field(default_factory=dict)
    call: Record | None = None
    dumped: bytearray = field(default_factory=bytearray)

    def finish(self) -> Iterator[Entry]:
        """The call whose lines have all been seen."""
        call, self.call = self.call, None
        if call is None:
            return
        data = bytes(self.dumped) if len(self.dumped) > len(call.data) else call.data
        self.dumped.clear()
        size = len(call.data) if call.original is None else call.original
        if data or call.errno:
            yield call._replace(data=data, original=size if size > len(data) else None)


def read_strace(lines: Iterable[str], *, protocol: int = 0, names: dict[str, int] | None = None) -> Iterator[Entry]:
    """Records (and an Event for each overrun) in the order of the text; ``names`` are the protocols strace calls by name.

    A string that strace cut short becomes a truncated record.
    """
    trace = _Trace(names or {}, protocol)
    for line in lines:
        dump = DUMP.match(line)
        if dump is not None:
            trace.dumped += bytes.fromhex(dump[1])
            continue
        found = LINE.match(line)
        if found is None:
            continue
        yield from trace.finish()
        time, name, descriptor, rest = found.groups()
        if name == "socket":
            _note_socket(trace, rest)
        elif name in OUT | IN and "MSG_PEEK" not in rest:
            if trace.sockets and descriptor not in trace.sockets:
                continue
            entry = _call(trace, _nanoseconds(time), name, descriptor, rest)
            if isinstance(entry, Event):
                yield entry
            else:
                trace.call = entry
    yield from trace.finish()


def _note_socket(trace: _Trace, rest: str) -> None:
    found, result = SOCKET.search(rest), RESULT.search(rest)
    if result is None:
        return
    if found is None:
        trace.sockets.pop(result[1], None)
    else:
        trace.sockets[result[1]] = trace.names.get(found[1] or "", trace.protocol) if found[1] else int(found[2])


def _call(trace: _Trace, time: int, name: str, descriptor: str, rest: str) -> Record | Event | None:
    result = RESULT.search(rest)
    if result is None:
        return None
    protocol = trace.sockets.get(descriptor, trace.protocol)
    size, direction = int(result[1]), Direction.OUT if name in OUT else Direction.IN
    if size < 0 and direction is Direction.IN:
        return Event(time, "overrun", protocol) if result[2] == "ENOBUFS" else None
    strings = list(STRING.finditer(rest[rest.find("iov_base=") + 1 :]))
    wanted = strings if "iov_base=" in rest else strings[:1]
    data = b"".join(unescape(one[1]) for one in wanted)
    cut = any(one[2] for one in wanted)
    errno = getattr(errnos, result[2] or "", 0) if size < 0 else 0
    portid, groups = PORTID.search(rest), GROUPS.search(rest)
    mask = int(groups[1], 16) if groups is not None and direction is Direction.IN else 0
    group = (mask & -mask).bit_length()
    sender = int(portid[1]) if portid is not None and direction is Direction.IN else 0
    data = data[:size] if direction is Direction.IN else data
    whole = size if size >= 0 and (cut or size > len(data)) else None
    packet_type = 7 if direction is Direction.OUT else 6
    return Record(time, data, protocol, direction, packet_type, sender, group, errno, original=whole)


def unescape(text: str) -> bytes:
    """The bytes of a C string's inside."""
    out = bytearray()
    for digits, octal, letter, plain in ESCAPE.findall(text):
        if digits:
            out.append(int(digits, 16))
        elif octal:
            out.append(int(octal, 8) & 0xFF)
        else:
            out += LETTERS.get(letter, letter.encode()) if letter else plain.encode()
    return bytes(out)


def _nanoseconds(time: str | None) -> int:
    """Seconds since 1970 (-ttt), or since midnight (-t, -tt)."""
    if time is None:
        return 0
    *clock, seconds = time.split(":")
    whole, _, rest = seconds.partition(".")
    total = int(whole)
    for power, part in zip((60, 3600), reversed(clock), strict=False):
        total += power * int(part)
    return total * 10**9 + int(rest.ljust(9, "0")[:9])
