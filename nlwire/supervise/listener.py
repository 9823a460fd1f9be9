"""The descriptor that notifications come from: SECCOMP_IOCTL_NOTIF_* (include/uapi/linux/seccomp.h, Linux 5.14 and later).

    struct seccomp_notif       id u64 | pid u32 | flags u32 | nr s32 | arch u32 | instruction_pointer u64 | args u64[6]
    struct seccomp_notif_resp  id u64 | val s64 | error s32 | flags u32

Knows: the ioctls and their structs.
Never: what is answered, or why.
"""

import os
from contextlib import suppress
from errno import EINTR, EINVAL, ENOENT
from fcntl import ioctl
from struct import Struct

NOTIF = Struct("=QIIiIQ6Q")
RESP = Struct("=8sqii")
ADDFD = Struct("=8sIIII")
ID, NR, ARGS, WHOLE = 8, slice(16, 20), slice(32, 80), NOTIF.size
"""Where the id ends, which nobody looks into; where the number of the call is, and its arguments."""

NOTIF_RECV = 0xC0502100
NOTIF_SEND = 0xC0182101
NOTIF_ID_VALID = 0x40082102
NOTIF_ADDFD = 0x40182103
NOTIF_SET_FLAGS = 0x40082104

USER_NOTIF_FLAG_CONTINUE = 1
ADDFD_FLAG_SETFD, ADDFD_FLAG_SEND = 1, 2
FD_SYNC_WAKE_UP = 1
EMPTY = bytes(NOTIF.size)


Notification = bytes
"""A call that waits for an answer, as struct seccomp_notif."""


class Listener:
    """The supervisor's end of a filter."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = bytearray(NOTIF.size)
        with suppress(OSError):  # Linux 6.6: the one who waits is woken where the other one runs
            ioctl(fd, NOTIF_SET_FLAGS, FD_SYNC_WAKE_UP)

    def receive(self) -> Notification | None:
        """The next call; None when who made it has gone meanwhile. Raises OSError."""
        self._buffer[:] = EMPTY
        try:
            ioctl(self.fd, NOTIF_RECV, self._buffer)
        except OSError as error:
            if error.errno in (ENOENT, EINTR):
                return None
            raise
        return bytes(self._buffer)

    def answer(self, id: bytes, value: int, errno: int = 0, flags: int = 0) -> bool:
        """Let the call return ``value``, or fail with ``errno``; False when nobody waits for it any more."""
        try:
            ioctl(self.fd, NOTIF_SEND, RESP.pack(id, value, -errno, flags))
        except OSError as error:
            if error.errno == ENOENT:
                return False
            raise
        return True

    def go_on(self, id: bytes) -> bool:
        """Let the kernel do what the call says."""
        return self.answer(id, 0, flags=USER_NOTIF_FLAG_CONTINUE)

    def waits(self, id: bytes) -> bool:
        """Whether the call still waits: its thread was neither killed nor interrupted."""
        try:
            ioctl(self.fd, NOTIF_ID_VALID, id)
        except OSError as error:
            if error.errno in (ENOENT, EINVAL):
                return False
            raise
        return True

    def place(self, id: bytes, fd: int, number: int, cloexec: bool) -> bool:
        """Give the caller a copy of ``fd`` as its descriptor ``number``, which its call returns.

        False when nobody waits any more. Raises OSError: EBADF for a number beyond its RLIMIT_NOFILE.
        """
        flags = ADDFD_FLAG_SETFD | ADDFD_FLAG_SEND
        try:
            ioctl(self.fd, NOTIF_ADDFD, ADDFD.pack(id, flags, fd, number, os.O_CLOEXEC if cloexec else 0))
        except OSError as error:
            if error.errno == ENOENT:
                return False
            raise
        return True

    def give(self, id: bytes, fd: int, cloexec: bool) -> None:
        """Give the caller a copy of ``fd`` at its lowest free number, which its call returns. Raises OSError."""
        try:
            ioctl(self.fd, NOTIF_ADDFD, ADDFD.pack(id, ADDFD_FLAG_SEND, fd, 0, os.O_CLOEXEC if cloexec else 0))
        except OSError as error:
            if error.errno != ENOENT:  # interrupted: the call is made again
                raise

    def lend(self, id: bytes, fd: int, cloexec: bool) -> int:
        """Give the caller a copy of ``fd`` at its lowest free number, and leave the call waiting. Raises OSError."""
        return int(ioctl(self.fd, NOTIF_ADDFD, bytearray(ADDFD.pack(id, 0, fd, 0, os.O_CLOEXEC if cloexec else 0))))

    def place_silently(self, id: bytes, fd: int, number: int, cloexec: bool) -> None:
        """Give the caller a copy of ``fd`` as ``number``, and leave the call waiting. Raises OSError."""
        flags = ADDFD_FLAG_SETFD
        ioctl(self.fd, NOTIF_ADDFD, ADDFD.pack(id, flags, fd, number, os.O_CLOEXEC if cloexec else 0))

    def close(self) -> None:
        """Whoever waits, and whoever asks from now on, gets ENOSYS."""
        os.close(self.fd)
