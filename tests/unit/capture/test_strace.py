"""capture/strace.py: traces as strace prints them."""

from nlwire.capture.entry import Direction, Event, Record
from nlwire.capture.strace import read_strace, unescape

TRACE = r"""
execve("/sbin/ip", ["ip", "link"], 0x7ffe /* 20 vars */) = 0
1700000000.100000 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 4
1700000000.100000 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3
1700000000.100001 sendto(3, "\x14\x00\x00\x00", 4, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 4
1700000000.200000 recvmsg(3, {msg_iov=[{iov_base=NULL, iov_len=0}]}, MSG_PEEK|MSG_TRUNC) = 8
[pid  77] 1700000000.200000 recvmsg(3, {nl_pid=9, nl_groups=0x40, [{iov_base="\x01\x02\x03"..., iov_len=9}]}, 0) = 8
77 read(4, "\x99", 1) = 1
recvmsg(3, {msg_namelen=12}, 0) = -1 ENOBUFS (No buffer space available)
recvmsg(3, {msg_namelen=12}, 0) = -1 EAGAIN (Resource temporarily unavailable)
12:00:01.5 sendto(3, "\x05", 1, 0, NULL, 0) = -1 ECONNREFUSED (Connection refused)
socket(AF_NETLINK, SOCK_RAW, 15) = 5
socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC <unfinished ...>
socket(AF_UNIX, SOCK_STREAM, 0) = 3
read(3, "unix", 4) = 4
send(5, "\x0a\x0b"..., 20, 0) = 20
 | 00000  14 00 00 00 12 00 01 03  00 00 00 00 00 00 00 00  ................ |
 | 00010  0a 0b 0c 0d                                       ....             |
recv(5, "ab", 32, 0 <unfinished ...>
recv(5, "", 32, 0) = 0
+++ exited with 0 +++
"""


def test_a_trace() -> None:
    read = list(read_strace(TRACE.splitlines(), names={"ROUTE": 0, "GENERIC": 16}))
    dumped = bytes.fromhex("14000000120001030000000000000000 0a0b0c0d")
    assert read == [
        Record(1_700_000_000_100_001_000, b"\x14\0\0\0", 0, Direction.OUT, 7),
        Record(1_700_000_000_200_000_000, b"\1\2\3", 0, Direction.IN, 6, 9, 7, original=8),
        Event(0, "overrun", 0),
        Record(43_201_500_000_000, b"\5", 0, Direction.OUT, 7, errno=111),
        Record(0, dumped, 15, Direction.OUT, 7),
    ]


def test_without_socket_calls_everything_is_netlink() -> None:
    lines = ['10:00:00 sendmsg(9, {msg_iov=[{iov_base="\\x01", iov_len=1}, {iov_base="\\x02", iov_len=1}]}, 0) = 2']
    assert list(read_strace(lines, protocol=12)) == [Record(36000 * 10**9, b"\1\2", 12, Direction.OUT, 7)]


def test_escapes() -> None:
    assert unescape(r"\x41\102\n\\\"zß") == b'AB\n\\"z' + "ß".encode()
