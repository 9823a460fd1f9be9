"""Run a program and overhear every netlink message it sends and receives: no strace, no nlmon, no root.

The child installs a seccomp filter that reports sendto, sendmsg, recvfrom and recvmsg to us before they happen
(SECCOMP_RET_USER_NOTIF, seccomp_unotify(2)) and then executes the program. For a send we read the bytes from the child's
memory; for a receive we borrow the socket (pidfd_getfd(2)) and look at what is about to be received with MSG_PEEK. Then the
call goes on as if nobody had listened. A second descriptor of the same socket is all it takes: the kernel answers rtnetlink
requests before send returns, so what the program is about to receive is already there.

Knows: seccomp's notification structs, struct msghdr, x86_64's and aarch64's call numbers.
Never: what is in a datagram.
"""

import contextlib
import ctypes
import fcntl
import os
import platform
import select
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

AF_NETLINK = 16
SO_PROTOCOL = 38
SO_DOMAIN = 39
LISTENER_FD = 200
BIGGEST = 1 << 20

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_NEW_LISTENER = 8
SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_USER_NOTIF = 0x7FC00000
SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1
SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100
SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101

NOTIF = struct.Struct("=QIIiIQ6Q")  # struct seccomp_notif: id, pid, flags, struct seccomp_data {nr, arch, ip, args[6]}
RESP = struct.Struct("=QqiI")  # struct seccomp_notif_resp: id, val, error, flags
MSGHDR = struct.Struct("@PIPN")  # struct msghdr as far as msg_iovlen
IOVEC = struct.Struct("@PN")

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Machine:
    """What differs between processors."""

    audit_arch: int
    seccomp: int
    sendto: int
    sendmsg: int
    recvfrom: int
    recvmsg: int
    pidfd_getfd: int = 438

    @property
    def watched(self) -> tuple[int, ...]:
        """The calls that are reported to us."""
        return self.sendto, self.sendmsg, self.recvfrom, self.recvmsg


MACHINES = {
    "x86_64": Machine(0xC000003E, seccomp=317, sendto=44, sendmsg=46, recvfrom=45, recvmsg=47),
    "aarch64": Machine(0xC00000B7, seccomp=277, sendto=206, sendmsg=211, recvfrom=207, recvmsg=212),
}


@dataclass(frozen=True)
class Datagram:
    """One datagram: who it went to, over which netlink protocol, and its bytes."""

    direction: str
    protocol: int
    data: bytes


@dataclass
class Overheard:
    """What a program said, what it was told, and how it ended."""

    datagrams: list[Datagram] = field(default_factory=list)
    returncode: int = 0
    stderr: str = ""


def overhear(argv: list[str], before_exec: Callable[[], None] | None = None) -> Overheard:
    """Run ``argv`` (after ``before_exec`` in the child) and return its netlink datagrams in order."""
    machine = MACHINES[platform.machine()]

    def prepare() -> None:
        if before_exec is not None:
            before_exec()
        os.dup2(install_filter(machine), LISTENER_FD, inheritable=True)

    child = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509 (this program has one thread)
        close_fds=False,
    )
    overheard = Overheard()
    pidfd = os.pidfd_open(child.pid)
    try:
        with contextlib.suppress(ProcessLookupError):  # it ended at once and said nothing
            listen(borrow(machine, pidfd, LISTENER_FD), machine, child.pid, pidfd, overheard)
    finally:
        os.close(pidfd)
    overheard.stderr = child.communicate()[1].decode(errors="replace").strip()
    overheard.returncode = child.returncode
    return overheard


def listen(listener: int, machine: Machine, pid: int, pidfd: int, overheard: Overheard) -> None:
    """Overhear a program to its end."""
    try:
        for number, args, ident in notifications(listener):
            overheard.datagrams += look(machine, pid, pidfd, number, args)
            answer(listener, ident)
    finally:
        os.close(listener)


def install_filter(machine: Machine) -> int:
    """Install the filter in this (the child's) process; the descriptor that reports."""
    program = bpf_program(machine)
    instructions = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("@HP", len(program), ctypes.addressof(instructions))  # struct sock_fprog
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")
    return syscall(machine.seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, header)


def bpf_program(machine: Machine) -> list[bytes]:
    """The filter in classic BPF: report the watched calls of our own architecture, allow the rest."""
    load, equal, ret = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    watched = machine.watched
    lines = [(load, 0, 0, 4), (equal, 0, len(watched) + 1, machine.audit_arch), (load, 0, 0, 0)]
    lines += [(equal, len(watched) - at, 0, number) for at, number in enumerate(watched)]
    lines += [(ret, 0, 0, SECCOMP_RET_ALLOW), (ret, 0, 0, SECCOMP_RET_USER_NOTIF)]
    return [struct.pack("=HBBI", *line) for line in lines]


def notifications(listener: int) -> Iterator[tuple[int, tuple[int, ...], int]]:
    """(call number, arguments, id) until the last process under the filter has ended."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        events = poll.poll()[0][1]
        if not events & select.POLLIN:
            return
        buffer = bytearray(NOTIF.size)
        try:
            fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, buffer)
        except FileNotFoundError:  # the child was killed while it waited
            continue
        ident, _pid, _flags, number, _arch, _ip, *args = NOTIF.unpack(buffer)
        yield number, tuple(args), ident


def answer(listener: int, ident: int) -> None:
    """Let the call go on."""
    with contextlib.suppress(FileNotFoundError):  # the child was killed while it waited
        fcntl.ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, RESP.pack(ident, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE))


def look(machine: Machine, pid: int, pidfd: int, number: int, args: tuple[int, ...]) -> list[Datagram]:
    """The datagram of one call, if the call is about netlink and about a datagram."""
    with socket.socket(fileno=borrow(machine, pidfd, args[0])) as sock:
        if sock.getsockopt(socket.SOL_SOCKET, SO_DOMAIN) != AF_NETLINK:
            return []
        protocol = sock.getsockopt(socket.SOL_SOCKET, SO_PROTOCOL)
        if number == machine.sendto:
            return [Datagram("request", protocol, read_memory(pid, args[1], args[2]))]
        if number == machine.sendmsg:
            return [Datagram("request", protocol, read_msghdr(pid, args[1]))]
        flags = args[2] if number == machine.recvmsg else args[3]
        if flags & socket.MSG_PEEK:  # the program only asks for the size; it will come again
            return []
        try:
            return [Datagram("reply", protocol, sock.recv(BIGGEST, socket.MSG_PEEK | socket.MSG_DONTWAIT))]
        except BlockingIOError:
            return []


def read_msghdr(pid: int, address: int) -> bytes:
    """The bytes that a struct msghdr in the child's memory gathers."""
    _name, _namelen, iov, count = MSGHDR.unpack(read_memory(pid, address, MSGHDR.size))
    vectors = IOVEC.iter_unpack(read_memory(pid, iov, count * IOVEC.size))
    return b"".join(read_memory(pid, base, size) for base, size in vectors)


def read_memory(pid: int, address: int, size: int) -> bytes:
    """Bytes of the child's memory."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        return os.pread(memory.fileno(), size, address)


def borrow(machine: Machine, pidfd: int, fd: int) -> int:
    """A descriptor of our own for what ``fd`` is in the child."""
    return syscall(machine.pidfd_getfd, pidfd, fd, 0)


def syscall(number: int, *args: int | bytes) -> int:
    """syscall(2) with errors raised."""
    result = libc.syscall(
        ctypes.c_long(number), *[arg if isinstance(arg, bytes) else ctypes.c_long(arg) for arg in args]
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)
