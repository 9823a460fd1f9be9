"""A caller's privileges instead of the supervisor's, for the time of a call (capget(2), capset(2), user_namespaces(7)).

The kernel judges a netlink request by who opened the socket and who sends. Where a program under supervision has fewer capabilities
than the supervisor, the thread that makes its call gives up the difference until the call is made.

Knows: effective capabilities of a thread.
Never: what needs which.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct

VERSION_3 = 0x20080522
HEADER = Struct("=Ii")
DATA = Struct("=6I")
_LIBC = ctypes.PyDLL(None, use_errno=True)


def effective() -> int:
    """This thread's effective capabilities, a bit each."""
    low, _lp, _li, high, _hp, _hi = _get()
    return low | high << 32


def _get() -> tuple[int, ...]:
    header = ctypes.create_string_buffer(HEADER.pack(VERSION_3, 0), HEADER.size)
    data = ctypes.create_string_buffer(DATA.size)
    if _LIBC.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    return DATA.unpack(data.raw)


def _set(caps: int) -> None:
    """Make these of the permitted capabilities effective."""
    _low, permitted_low, inherited_low, _high, permitted_high, inherited_high = _get()
    values = (caps & 0xFFFFFFFF, permitted_low, inherited_low, caps >> 32, permitted_high, inherited_high)
    header = ctypes.create_string_buffer(HEADER.pack(VERSION_3, 0), HEADER.size)
    if _LIBC.capset(header, ctypes.create_string_buffer(DATA.pack(*values), DATA.size)):
        raise OSError(ctypes.get_errno(), "capset")


@contextmanager
def limited_to(caps: int) -> Iterator[None]:
    """With no more than these."""
    own = effective()
    if not own & ~caps:
        yield
        return
    _set(own & caps)
    try:
        yield
    finally:
        _set(own)


def user_namespace(tid: int | str) -> str:
    """The user namespace of a thread, as text; empty where it cannot be told."""
    try:
        return os.readlink(f"/proc/{tid}/ns/user")  # noqa: PTH115 (a link to nowhere)
    except OSError:
        return ""
