"""Which edges of its code a program took, where it was built to tell: AFL's map in System V shared memory.

    __AFL_SHM_ID=98325 ip link        the program attaches the segment and counts: map[edge] += 1

What afl-cc builds does so, and whatever else is linked with a few lines that do (tests/planted/edges.c, for gcc's
-fsanitize-coverage=trace-pc). No fork server is asked for: the programs run as they are.

Knows: shmget(2), the map, AFL's classes of counts.
Never: what a program is given.
"""

import ctypes
import os

NAME = "__AFL_SHM_ID"
SIZE = 1 << 16
"""Bytes of the map that are looked at: AFL's own size."""
ROOM = 1 << 23
"""Bytes of the segment: a large program numbers its edges beyond the map, and must not fall off its end."""
IPC_PRIVATE, IPC_CREAT, IPC_RMID = 0, 0o1000, 0

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.shmat.restype = ctypes.c_void_p
_LIBC.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
_LIBC.shmdt.argtypes = [ctypes.c_void_p]
_LIBC.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]


def _classes() -> bytes:
    """How often is told apart as 0, 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more: a bit each."""
    ends = (0, 1, 2, 3, 7, 15, 31, 127, 255)
    classes = [next(at for at, end in enumerate(ends) if count <= end) for count in range(256)]
    return bytes(1 << one - 1 if one else 0 for one in classes)


CLASSES = _classes()


class Edges:
    """A map that one program after the other fills. Raises OSError where there is no System V shared memory."""

    def __init__(self) -> None:
        self.id = _LIBC.shmget(IPC_PRIVATE, ROOM, IPC_CREAT | 0o600)
        if self.id < 0:
            raise self._failed("shmget")
        self._at = _LIBC.shmat(self.id, None, 0)
        failed = self._at in (None, ctypes.c_void_p(-1).value)
        # Linux attaches what is to be removed as long as somebody has it: nothing is left behind, whoever is killed
        _LIBC.shmctl(self.id, IPC_RMID, None)
        if failed:
            raise self._failed("shmat")
        self.environ = {NAME: str(self.id), "AFL_MAP_SIZE": str(ROOM)}

    @staticmethod
    def _failed(what: str) -> OSError:
        errno = ctypes.get_errno()
        return OSError(errno, f"{what}: {os.strerror(errno)}")

    def clear(self) -> None:
        """Before a run."""
        ctypes.memset(self._at, 0, SIZE)

    def taken(self) -> int:
        """What was taken since, as a set of bits: one for each edge and class of how often."""
        return int.from_bytes(ctypes.string_at(self._at, SIZE).translate(CLASSES), "little")

    def close(self) -> None:
        """Detach it."""
        if self._at is not None:
            _LIBC.shmdt(self._at)
            self._at = None


def tells(program: bytes) -> bool:
    """Whether a program's file has the name of AFL's map in it, as AFL itself asks."""
    return NAME.encode() in program
