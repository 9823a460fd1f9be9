"""Another process's memory, by process_vm_readv(2) and process_vm_writev(2), and the C structs that lie in it.

    struct msghdr   msg_name | msg_namelen | msg_iov | msg_iovlen | msg_control | msg_controllen | msg_flags
                    0          8             16        24           32            40               48         56

Knows: iovecs, struct msghdr, who may look.
Never: what a buffer holds. Nothing here allocates what a program merely says is long.
"""

import ctypes
import os
from errno import EFAULT, EINVAL, EMSGSIZE, EPERM, ESRCH
from struct import Struct
from typing import NamedTuple

from nlwire.supervise.libc import get_errno, process_vm_readv, process_vm_writev

ROOM = 1 << 17
UIO_MAXIOV = 1024
MAX_RW_COUNT = 0x7FFFF000
TASK_SIZE = 1 << 56
"""Above this no address is a program's."""
IOVEC = Struct("=QQ")
MSGHDR = Struct("=QIIQQQQII")
INT = Struct("=i")
CMSGHDR = Struct("=Qii")
IOVECS = [Struct(f"={2 * count}Q") for count in range(8)]
"""So many struct iovec at once."""
BOTH = MSGHDR.size + IOVEC.size
MOST_GUESSES, MOST_KNOWN = 256, 64

Place = tuple[int, int]
"""Address and length in another process."""


class Denied(PermissionError):
    """The kernel does not let this process look into that one."""


def fault() -> OSError:
    """EFAULT."""
    return OSError(EFAULT, os.strerror(EFAULT))


def failure(tid: int, done: int) -> OSError:
    """Why a transfer was cut short after ``done`` bytes, -1 for none."""
    errno = get_errno() if done < 0 else EFAULT
    if errno == EPERM:
        return Denied(EPERM, f"process {tid} may not be looked into")
    return ProcessLookupError(ESRCH, os.strerror(ESRCH)) if errno == ESRCH else fault()


class Memory:
    """Reads and writes through one buffer that is used again and again; not for several threads."""

    def __init__(self) -> None:
        self._room = bytearray(ROOM)
        self._view = memoryview(self._room)
        self._base = ctypes.addressof(ctypes.c_char.from_buffer(self._room))
        self._iov = bytearray(IOVEC.size)
        self._local = ctypes.addressof(ctypes.c_char.from_buffer(self._iov))
        self._far = bytearray(IOVEC.size * (UIO_MAXIOV + 8))
        self._remote = ctypes.addressof(ctypes.c_char.from_buffer(self._far))
        self._both = ctypes.create_string_buffer(IOVEC.pack(self._base, BOTH), IOVEC.size)
        self._local_both = ctypes.addressof(self._both)
        self._guesses: dict[int, Guess] = {}
        """Where a struct msghdr lay -> what was found there."""

    def read(self, tid: int, address: int, size: int) -> bytes:
        """``size`` bytes. Raises OSError (EFAULT), Denied."""
        if not size:
            return b""
        if size > ROOM:
            return self._read_much(tid, address, size)
        if not 0 < address < TASK_SIZE:
            raise fault()
        IOVEC.pack_into(self._iov, 0, self._base, size)
        IOVEC.pack_into(self._far, 0, address, size)
        done = process_vm_readv(tid, self._local, 1, self._remote, 1, 0)
        if done != size:
            raise failure(tid, done)
        return bytes(self._view[:size])

    def _read_much(self, tid: int, address: int, size: int) -> bytes:
        pieces = [self.read(tid, address + at, min(ROOM, size - at)) for at in range(0, size, ROOM)]
        return b"".join(pieces)

    def gather(self, tid: int, places: list[Place], most: int) -> bytes:
        """What lies in several places, one after the other. Raises OSError (EFAULT; EMSGSIZE for more than ``most``)."""
        if sum(length for _, length in places) > most:
            raise OSError(EMSGSIZE, os.strerror(EMSGSIZE))
        return b"".join([self.read(tid, address, length) for address, length in places])

    def put(self, tid: int, address: int, data: bytes) -> None:
        """Write to one place. Raises OSError (EFAULT), Denied."""
        size = len(data)
        if not 0 < size <= ROOM:
            self.write(tid, (data, [(address, size)]))
            return
        if not 0 < address < TASK_SIZE:
            raise fault()
        self._view[:size] = data
        IOVEC.pack_into(self._iov, 0, self._base, size)
        IOVEC.pack_into(self._far, 0, address, size)
        done = process_vm_writev(tid, self._local, 1, self._remote, 1, 0)
        if done != size:
            raise failure(tid, done)

    def write(self, tid: int, *runs: tuple[bytes, list[Place]]) -> None:
        """Write each run of bytes into its places, as far as either reaches. Raises OSError (EFAULT), Denied."""
        places: list[Place] = []
        at = 0
        for data, rooms in runs:
            left = len(data)
            if at + left > ROOM:
                if at:
                    self._flush(tid, places, at)
                self._write_much(tid, data, rooms)
                places, at = [], 0
                continue
            self._view[at : at + left] = data
            at += left
            for address, length in rooms:
                length = min(length, left)
                if length:
                    places.append((address, length))
                    left -= length
            at -= left
        if at:
            self._flush(tid, places, at)

    def _write_much(self, tid: int, data: bytes, rooms: list[Place]) -> None:
        at = 0
        for address, length in rooms:
            end = min(len(data), at + length)
            for start in range(at, end, ROOM):
                piece = data[start : min(end, start + ROOM)]
                self.write(tid, (piece, [(address + start - at, len(piece))]))
            at = end

    def put_all(self, tid: int, data: bytes, places: list[Place]) -> None:
        """Write bytes, at most ROOM of them, into places that hold them exactly. Raises OSError (EFAULT), Denied."""
        size = len(data)
        self._view[:size] = data
        self._flush(tid, places, size)

    def _flush(self, tid: int, places: list[Place], size: int) -> None:
        self._aim(places)
        IOVEC.pack_into(self._iov, 0, self._base, size)
        done = process_vm_writev(tid, self._local, 1, self._remote, len(places), 0)
        if done != size:
            raise failure(tid, done)

    def _aim(self, places: list[Place]) -> None:
        """Places in the other process as an array of struct iovec."""
        flat: list[int] = []
        for place in places:
            if not 0 < place[0] < TASK_SIZE:
                raise fault()
            flat += place
        count = len(places)
        (IOVECS[count] if count < len(IOVECS) else Struct(f"={2 * count}Q")).pack_into(self._far, 0, *flat)

    # --- structs -----------------------------------------------------------------------------------------------------

    def iovecs(self, tid: int, address: int, count: int, too_many: int = EINVAL) -> list[Place]:
        """An array of struct iovec; the total is cut at MAX_RW_COUNT as the kernel cuts it. Raises OSError."""
        if count > UIO_MAXIOV:
            raise OSError(too_many, os.strerror(too_many))
        found: list[Place] = []
        left = MAX_RW_COUNT
        for base, length in IOVEC.iter_unpack(self.read(tid, address, count * IOVEC.size)):
            if length >= 1 << 63:
                raise OSError(EINVAL, os.strerror(EINVAL))
            found.append((base, min(length, left)))
            left -= found[-1][1]
        return found

    def msghdr(self, tid: int, address: int) -> "msghdr":
        """A struct msghdr with its iovecs. Raises OSError.

        Programs use the same struct again and again, and where it lies its iovec lies mostly where it lay before: both are
        read at once, and what was read there counts if the struct says that it is there. What the same bytes mean is known.
        """
        guess = self._guesses.get(address)
        found = b""
        if guess is not None and process_vm_readv(tid, self._local_both, 1, guess.remote, 2, 0) == BOTH:
            found = bytes(self._view[:BOTH])
            known = guess.known.get(found)
            if known is not None:
                return known
        raw = found[: MSGHDR.size] or self.read(tid, address, MSGHDR.size)
        name, namelen, _pad, iov, iovlen, control, controllen, flags, _pad2 = MSGHDR.unpack(raw)
        if namelen >= 1 << 31:
            raise OSError(EINVAL, os.strerror(EINVAL))
        if not (guess is not None and found and iov == guess.iov and iovlen == 1):
            places = self.iovecs(tid, iov, iovlen, EMSGSIZE)
            self._guess(address, iov if iovlen == 1 else None)
            return msghdr(address, name, namelen if name else 0, places, control, controllen, flags, raw)
        base, length = IOVEC.unpack_from(found, MSGHDR.size)
        if length >= 1 << 63:
            raise OSError(EINVAL, os.strerror(EINVAL))
        places = [(base, min(length, MAX_RW_COUNT))]
        if len(guess.known) >= MOST_KNOWN:
            guess.known.clear()
        head = guess.known[found] = msghdr(
            address, name, namelen if name else 0, places, control, controllen, flags, raw
        )
        return head

    def _guess(self, address: int, iov: int | None) -> None:
        if len(self._guesses) >= MOST_GUESSES:
            self._guesses.clear()
        if iov is None or not 0 < iov < TASK_SIZE:
            self._guesses.pop(address, None)
        else:
            self._guesses[address] = Guess(address, iov)

    def read_two(self, tid: int, one: Place, other: Place) -> tuple[bytes, bytes]:
        """What lies in two places that are not empty, at once. Raises OSError (EFAULT), Denied."""
        size, whole = one[1], one[1] + other[1]
        if whole > ROOM:
            return self.read(tid, *one), self.read(tid, *other)
        if not (0 < one[0] < TASK_SIZE and 0 < other[0] < TASK_SIZE):
            raise fault()
        IOVECS[2].pack_into(self._far, 0, *one, *other)
        IOVEC.pack_into(self._iov, 0, self._base, whole)
        done = process_vm_readv(tid, self._local, 1, self._remote, 2, 0)
        if done != whole:
            raise failure(tid, done)
        return bytes(self._view[:size]), bytes(self._view[size:whole])


class Guess:
    """Where a struct msghdr and its only iovec may lie again, as an array of struct iovec; what such bytes meant before."""

    __slots__ = ("_far", "iov", "known", "remote")

    def __init__(self, address: int, iov: int) -> None:
        self.iov = iov
        self._far = ctypes.create_string_buffer(IOVECS[2].pack(address, MSGHDR.size, iov, IOVEC.size), IOVECS[2].size)
        self.remote = ctypes.addressof(self._far)
        self.known: dict[bytes, msghdr] = {}


class msghdr(NamedTuple):
    """struct msghdr of another process; ``at`` is where it lies, ``raw`` its bytes."""

    at: int
    name: int
    namelen: int
    iov: list[Place]
    control: int
    controllen: int
    flags: int
    raw: bytes


def pack_cmsgs(ancillary: list[tuple[int, int, bytes]], room: int) -> bytes:
    """Control messages as they lie in a msg_control of ``room`` bytes; the last may have been cut to fit."""
    out = b""
    for level, kind, data in ancillary:
        out += CMSGHDR.pack(CMSGHDR.size + len(data), level, kind) + data
        out += bytes(min(-len(data) % 8, max(0, room - len(out))))
    return out
