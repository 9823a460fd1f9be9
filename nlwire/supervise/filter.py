"""The seccomp filter that hands a program's netlink calls to its supervisor (classic BPF over struct seccomp_data).

    struct seccomp_data    nr | arch | instruction_pointer | args[0] … args[5]
                           0    4      8                     16        56     64

Only calls that concern a netlink socket leave the program: socket(AF_NETLINK), and every other call only when its descriptor
is in the range where such sockets are put. All else runs at its own speed; what the kernel finds to be allowed whatever the
arguments are, it does not even run the filter for.

Knows: BPF, which calls matter.
Never: what becomes of a call that was handed over.
"""

import sys
from dataclasses import dataclass, field
from errno import EAFNOSUPPORT, ENOSYS
from struct import Struct

from nlwire.supervise.syscalls import X32_SYSCALL_BIT, Arch

SECCOMP_RET_ALLOW = 0x7FFF0000
SECCOMP_RET_USER_NOTIF = 0x7FC00000
SECCOMP_RET_ERRNO = 0x00050000

NR, ARCH, ARGS = 0, 4, 16
LD, JEQ, JGE, RET = 0x20, 0x15, 0x35, 0x06
INSTRUCTION = Struct("=HBBI")
AF_NETLINK = 16
F_DUPFD, F_DUPFD_CLOEXEC = 0, 1030
SIOC_FIRST, SIOC_LAST = 0x890B, 0x8BFF
"""ioctl() of network devices, from SIOCADDRT to the last of the wireless ones (include/uapi/linux/sockios.h)."""

BY_DESCRIPTOR = (
    *("read", "write", "recvfrom", "sendto", "sendmsg", "readv", "writev", "recvmmsg", "sendmmsg"),
    *("bind", "connect", "getsockname", "getpeername", "setsockopt", "getsockopt"),
    *("shutdown", "listen", "accept", "accept4", "sendfile", "preadv2", "pwritev2", "close", "dup"),
)
"""Handed over when their first argument is in the range."""
OF_CREDENTIALS = ("setuid", "setreuid", "setresuid", "setfsuid", "capset")
"""Handed over, and then done: who a program is has to be looked up anew."""
REFUSED = ("io_uring_setup", "io_uring_enter", "io_uring_register")
"""A ring would make calls that no filter sees."""


@dataclass
class Assembler:
    """Instructions with labels to jump to, always forward."""

    code: list[tuple[int, str, str, int]] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def label(self, name: str) -> None:
        """The next instruction is called so."""
        self.labels[name] = len(self.code)

    def load(self, offset: int) -> None:
        """Load 32 bits of struct seccomp_data."""
        self.code.append((LD, "", "", offset))

    def jump(self, test: int, k: int, then: str = "", otherwise: str = "") -> None:
        """Compare and jump; without a label, go on."""
        self.code.append((test, then, otherwise, k))

    def give(self, verdict: int) -> None:
        """End with a verdict."""
        self.code.append((RET, "", "", verdict))

    def assemble(self) -> bytes:
        """The program as struct sock_filter."""
        out = []
        for at, (code, then, otherwise, k) in enumerate(self.code):
            jumps = [self.labels[label] - at - 1 if label else 0 for label in (then, otherwise)]
            assert all(0 <= one < 256 for one in jumps), "a jump of BPF reaches 255 instructions"
            out.append(INSTRUCTION.pack(code, *jumps, k))
        return b"".join(out)


def low(argument: int) -> int:
    """Where the low half of an argument is: descriptors and families are ints."""
    return ARGS + 8 * argument + (0 if sys.byteorder == "little" else 4)


def program(arch: Arch, first: int, last: int, opens: bool = False) -> bytes:
    """The filter for descriptors from ``first`` up to, not including, ``last``; ``opens``: hand over open() and openat() too.

    recvmsg() is handed over whatever its descriptor: it may bring descriptors (SCM_RIGHTS).
    """
    asm = Assembler()
    asm.load(ARCH)
    for one in arch.foreign:
        asm.jump(JEQ, one.audit, then=f"foreign {one.audit}")
    asm.load(NR)
    if arch.x32:
        asm.jump(JGE, X32_SYSCALL_BIT, then="no such call")
    for call in BY_DESCRIPTOR:
        asm.jump(JEQ, arch[call], then="first in range")
    for call in ("recvmsg", *OF_CREDENTIALS, *(("open", "openat") if opens else ())):
        if call in arch:
            asm.jump(JEQ, arch[call], then="notify")
    for call in ("socket", "ioctl", "fcntl", "dup2", "dup3", "splice", "close_range"):
        if call in arch:
            asm.jump(JEQ, arch[call], then=call)
    for call in REFUSED:
        asm.jump(JEQ, arch[call], then="no such call")
    asm.give(SECCOMP_RET_ALLOW)
    _calls(asm, arch, first, last)
    for one in arch.foreign:
        _foreign(asm, f"foreign {one.audit}", one.socket, one.socketcall)
    for name, verdict in (
        ("allow", SECCOMP_RET_ALLOW),
        ("notify", SECCOMP_RET_USER_NOTIF),
        ("no such call", SECCOMP_RET_ERRNO | ENOSYS),
        ("no netlink", SECCOMP_RET_ERRNO | EAFNOSUPPORT),
    ):
        asm.label(name)
        asm.give(verdict)
    return asm.assemble()


def _calls(asm: Assembler, arch: Arch, first: int, last: int) -> None:
    """The calls that hang on more than one argument."""
    asm.label("socket")
    asm.load(low(0))
    asm.jump(JEQ, AF_NETLINK, then="notify", otherwise="allow")
    asm.label("ioctl")
    asm.load(low(1))
    asm.jump(JGE, SIOC_FIRST, otherwise="first in range")
    asm.jump(JGE, SIOC_LAST + 1, then="first in range", otherwise="notify")
    asm.label("fcntl")
    asm.load(low(1))
    asm.jump(JEQ, F_DUPFD, then="first in range")
    asm.jump(JEQ, F_DUPFD_CLOEXEC, then="first in range", otherwise="allow")
    asm.label("close_range")
    asm.load(low(1))
    asm.jump(JGE, first, then="notify", otherwise="allow")
    asm.label("splice")
    asm.load(low(2))
    _in_range(asm, first, last, otherwise="first in range")
    asm.label("dup2")
    asm.label("dup3")
    asm.load(low(1))
    _in_range(asm, first, last, otherwise="first in range")
    asm.label("first in range")
    asm.load(low(0))
    _in_range(asm, first, last, otherwise="allow")


def _in_range(asm: Assembler, first: int, last: int, otherwise: str) -> None:
    asm.jump(JGE, first, otherwise=otherwise)
    asm.jump(JGE, last, then=otherwise, otherwise="notify")


def _foreign(asm: Assembler, label: str, socket: int, socketcall: int) -> None:
    """A 32-bit program: it gets no netlink socket; socketcall() has its arguments in memory, where BPF cannot look."""
    asm.label(label)
    asm.load(NR)
    if socketcall:
        asm.jump(JEQ, socketcall, then="notify")
    for call in REFUSED:
        asm.jump(
            JEQ, {"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427}[call], then="no such call"
        )
    asm.jump(JEQ, socket, otherwise="allow")
    asm.load(low(0))
    asm.jump(JEQ, AF_NETLINK, then="no netlink", otherwise="allow")
