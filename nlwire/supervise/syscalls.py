"""System calls by number, for each architecture: what the filter looks for and what the loop gets.

arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h; AUDIT_ARCH_* of include/uapi/linux/audit.h.

Knows: numbers.
Never: what a call does.
"""

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Foreign:
    """Another instruction set that runs on the same processor: its AUDIT_ARCH, its socket(), its socketcall()."""

    audit: int
    socket: int
    socketcall: int = 0


@dataclass(frozen=True)
class Arch:
    """An architecture: its AUDIT_ARCH, its calls by name, the 32-bit one beside it."""

    name: str
    audit: int
    numbers: dict[str, int]
    foreign: tuple[Foreign, ...] = field(default=())
    x32: bool = False
    """Whether calls numbered from X32_SYSCALL_BIT on are those of a third instruction set."""

    def __getitem__(self, call: str) -> int:
        return self.numbers[call]

    def __contains__(self, call: object) -> bool:
        return call in self.numbers


X32_SYSCALL_BIT = 0x40000000

_SAME = {
    "pidfd_open": 434,
    "close_range": 436,
    "pidfd_getfd": 438,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
}
"""Calls that are younger than the agreement to number them alike everywhere."""

X86_64 = Arch(
    "x86_64",
    0xC000003E,
    {
        **_SAME,
        "read": 0,
        "write": 1,
        "open": 2,
        "close": 3,
        "ioctl": 16,
        "readv": 19,
        "writev": 20,
        "dup": 32,
        "dup2": 33,
        "sendfile": 40,
        "socket": 41,
        "connect": 42,
        "accept": 43,
        "sendto": 44,
        "recvfrom": 45,
        "sendmsg": 46,
        "recvmsg": 47,
        "shutdown": 48,
        "bind": 49,
        "listen": 50,
        "getsockname": 51,
        "getpeername": 52,
        "setsockopt": 54,
        "getsockopt": 55,
        "fcntl": 72,
        "setuid": 105,
        "setreuid": 113,
        "setresuid": 117,
        "setfsuid": 122,
        "capset": 126,
        "openat": 257,
        "splice": 275,
        "accept4": 288,
        "dup3": 292,
        "recvmmsg": 299,
        "sendmmsg": 307,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "seccomp": 317,
        "preadv2": 327,
        "pwritev2": 328,
    },
    (Foreign(0x40000003, socket=359, socketcall=102),),
    x32=True,
)

AARCH64 = Arch(
    "aarch64",
    0xC00000B7,
    {
        **_SAME,
        "dup": 23,
        "dup3": 24,
        "fcntl": 25,
        "ioctl": 29,
        "openat": 56,
        "close": 57,
        "read": 63,
        "write": 64,
        "readv": 65,
        "writev": 66,
        "sendfile": 71,
        "splice": 76,
        "capset": 91,
        "setreuid": 145,
        "setuid": 146,
        "setresuid": 147,
        "setfsuid": 151,
        "socket": 198,
        "bind": 200,
        "listen": 201,
        "accept": 202,
        "connect": 203,
        "getsockname": 204,
        "getpeername": 205,
        "sendto": 206,
        "recvfrom": 207,
        "setsockopt": 208,
        "getsockopt": 209,
        "shutdown": 210,
        "sendmsg": 211,
        "recvmsg": 212,
        "accept4": 242,
        "recvmmsg": 243,
        "sendmmsg": 269,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "seccomp": 277,
        "preadv2": 286,
        "pwritev2": 287,
    },
    (Foreign(0x40000028, socket=281),),
)

ARCHES = {one.name: one for one in (X86_64, AARCH64)}


def this_machine() -> Arch | None:
    """The architecture this interpreter runs on, None where programs cannot be supervised."""
    return ARCHES.get(os.uname().machine)
