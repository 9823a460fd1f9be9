"""What Python has no name for: seccomp(2), prctl(2), pidfds, process_vm_readv(2), by ctypes.

Knows: libc's functions and their types.
Never: why they are called.
"""

import ctypes
import os
from errno import EINVAL, ENOSYS
from struct import Struct

from nlwire.supervise.syscalls import this_machine

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
SOCK_FPROG = Struct("@HP")

_LIBC = ctypes.PyDLL(None, use_errno=True)  # calls that never wait: the interpreter's lock is not worth letting go
_LONG = ctypes.c_long

syscall = _LIBC.syscall
syscall.argtypes = [_LONG] * 6
syscall.restype = _LONG

process_vm_readv = _LIBC.process_vm_readv
process_vm_writev = _LIBC.process_vm_writev
for _one in (process_vm_readv, process_vm_writev):
    _one.restype = ctypes.c_ssize_t
"""Without argtypes, so that nothing is converted anew each time: pointers are given as c_void_p, made once."""

get_errno = ctypes.get_errno


def failed(what: str) -> OSError:
    """The error of the call that has just failed."""
    errno = get_errno()
    return OSError(errno, f"{what}: {os.strerror(errno)}")


def prctl(option: int, value: int) -> None:
    """prctl(option, value). Raises OSError."""
    if _LIBC.prctl(option, _LONG(value), _LONG(0), _LONG(0), _LONG(0)):
        raise failed("prctl")


def new_listener(program: bytes) -> int:
    """Put this thread, and all it will start, under a filter; the descriptor its notifications come from. Raises OSError.

    Once it has been taken in, a call is interrupted by what kills its thread and by nothing else; before Linux 5.19 by any signal,
    and what the call did is lost or done twice.
    """
    try:
        return set_filter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
    except OSError as failure:
        if failure.errno != EINVAL:
            raise
        return set_filter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER)


def set_filter(program: bytes, flags: int = 0) -> int:
    """seccomp(SECCOMP_SET_MODE_FILTER). Raises OSError."""
    arch = this_machine()
    if arch is None:
        raise OSError(ENOSYS, os.strerror(ENOSYS))
    code = ctypes.create_string_buffer(program, len(program))
    fprog = ctypes.create_string_buffer(SOCK_FPROG.pack(len(program) // 8, ctypes.addressof(code)), SOCK_FPROG.size)
    found = syscall(arch["seccomp"], SECCOMP_SET_MODE_FILTER, flags, ctypes.addressof(fprog), 0, 0)
    if found < 0:
        raise failed("seccomp")
    return int(found)


def pidfd_getfd(pidfd: int, fd: int) -> int:
    """A copy of another process's descriptor. Raises OSError."""
    arch = this_machine()
    assert arch is not None
    found = syscall(arch["pidfd_getfd"], pidfd, fd, 0, 0, 0)
    if found < 0:
        raise failed("pidfd_getfd")
    return int(found)


def disconnect(fd: int) -> None:
    """connect() with an address of AF_UNSPEC. Raises OSError."""
    address = ctypes.create_string_buffer(16)
    if _LIBC.connect(fd, address, 16):
        raise failed("connect")


_marker = ctypes.create_string_buffer(b"nlwire")
MARKER = ctypes.addressof(_marker)
"""Where something lies in the memory of this process and of the children it forks."""
