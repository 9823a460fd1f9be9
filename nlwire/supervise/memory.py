"""Another process's memory, by process_vm_readv(2) and process_vm_writev(2).

Knows: iovecs, who may look.
Never: what lies there. Nothing here allocates what a program merely says is long.
"""

import ctypes
import os
from collections.abc import Sequence
from errno import EFAULT, EINVAL, EMSGSIZE, EPERM, ESRCH
from struct import Struct

from nlwire.supervise.libc import get_errno, process_vm_readv, process_vm_writev

ROOM = 1 << 17
UIO_MAXIOV = 1024
MAX_RW_COUNT = 0x7FFFF000
TASK_SIZE = 1 << 56
"""Above this no address is a program's."""
IOVEC = Struct("=QQ")
INT = Struct("=i")
IOVECS = [Struct(f"={2 * count}Q") for count in range(8)]
"""So many struct iovec at once."""

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


def pack_places(places: Sequence[Place]) -> bytes:
    """An array of struct iovec. Raises OSError (EFAULT) for what no program has."""
    flat: list[int] = []
    for place in places:
        if not 0 < place[0] < TASK_SIZE:
            raise fault()
        flat += place
    count = len(places)
    return (IOVECS[count] if count < len(IOVECS) else Struct(f"={2 * count}Q")).pack(*flat)


class Places:
    """Places in another process that are looked at again and again. Raises OSError (EFAULT) for what no program has."""

    __slots__ = ("_array", "address", "count", "size")

    def __init__(self, places: Sequence[Place]) -> None:
        packed = pack_places(places)
        self._array = ctypes.create_string_buffer(packed, len(packed))
        self.address = ctypes.c_void_p(ctypes.addressof(self._array))
        self.count = len(places)
        self.size = sum(length for _, length in places)


class Memory:
    """Reads and writes through one buffer that is used again and again; not for several threads."""

    def __init__(self) -> None:
        self._room = bytearray(ROOM)
        self._view = memoryview(self._room)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._room))
        self._iov = ctypes.create_string_buffer(IOVEC.pack(base, ROOM), IOVEC.size)
        self._local = ctypes.c_void_p(ctypes.addressof(self._iov))
        self._far = bytearray(IOVEC.size * (UIO_MAXIOV + 8))
        self._remote = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(self._far)))

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self, tid: int, address: int, size: int) -> bytes:
        """``size`` bytes. Raises OSError (EFAULT), Denied."""
        if not size:
            return b""
        if size > ROOM:
            return self._read_much(tid, address, size)
        if not 0 < address < TASK_SIZE:
            raise fault()
        IOVEC.pack_into(self._far, 0, address, size)
        done = process_vm_readv(tid, self._local, 1, self._remote, 1, 0)
        if done != size:
            raise failure(tid, done)
        return bytes(self._view[:size])

    def _read_much(self, tid: int, address: int, size: int) -> bytes:
        pieces = [self.read(tid, address + at, min(ROOM, size - at)) for at in range(0, size, ROOM)]
        return b"".join(pieces)

    def fetch(self, tid: int, places: Places) -> bytes:
        """What lies in places of at most ROOM bytes, one after the other; nothing where not all of it can be had."""
        if process_vm_readv(tid, self._local, 1, places.address, places.count, 0) != places.size:
            return b""
        return bytes(self._view[: places.size])

    def gather(self, tid: int, places: list[Place], most: int) -> bytes:
        """What lies in several places, one after the other. Raises OSError (EFAULT; EMSGSIZE for more than ``most``)."""
        if sum(length for _, length in places) > most:
            raise OSError(EMSGSIZE, os.strerror(EMSGSIZE))
        return b"".join([self.read(tid, address, length) for address, length in places])

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

    # --- writing -----------------------------------------------------------------------------------------------------

    def put(self, tid: int, address: int, data: bytes) -> None:
        """Write to one place. Raises OSError (EFAULT), Denied."""
        size = len(data)
        if size > ROOM:
            self._write_much(tid, data, [(address, size)])
        elif size:
            if not 0 < address < TASK_SIZE:
                raise fault()
            self._view[:size] = data
            IOVEC.pack_into(self._far, 0, address, size)
            done = process_vm_writev(tid, self._local, 1, self._remote, 1, 0)
            if done != size:
                raise failure(tid, done)

    def put_all(self, tid: int, data: bytes, places: list[Place]) -> None:
        """Write bytes, at most ROOM of them, into places that hold them exactly. Raises OSError (EFAULT), Denied."""
        if data:
            self._view[: len(data)] = data
            self._flush(tid, places, len(data))

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

    def _flush(self, tid: int, places: list[Place], size: int) -> None:
        self._far[: IOVEC.size * len(places)] = pack_places(places)
        done = process_vm_writev(tid, self._local, 1, self._remote, len(places), 0)
        if done != size:
            raise failure(tid, done)
