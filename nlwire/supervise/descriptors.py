"""close(), close_range(), dup(), dup2(), dup3(), fcntl(F_DUPFD): descriptors stay in the range the filter looks at.

Knows: numbers.
Never: what a descriptor is used for.
"""

import os
from errno import EBADF, EINVAL, EMFILE

from nlwire.supervise.call import ANSWERED, GO_ON, Call, error
from nlwire.supervise.filter import F_DUPFD_CLOEXEC


def close(call: Call) -> int:
    """The kernel closes it; what is known of the caller's descriptors may be wrong from now on."""
    call.supervision.forget()
    return GO_ON


def dup(call: Call) -> int:
    """A copy at the lowest number of the range that is free."""
    return copy(call, 0, False)


def fcntl(call: Call) -> int:
    """F_DUPFD, F_DUPFD_CLOEXEC; the filter lets the other commands pass."""
    return copy(call, call.args[2] & 0xFFFFFFFF, call.args[1] & 0xFFFFFFFF == F_DUPFD_CLOEXEC)


def dup2(call: Call) -> int:
    """A copy at a number; to itself it is no copy."""
    target = call.args[1] & 0xFFFFFFFF
    return GO_ON if target == call.fd else copy_to(call, target, False)


def dup3(call: Call) -> int:
    """A copy at a number, with flags."""
    target, flags = call.args[1] & 0xFFFFFFFF, call.args[2] & 0xFFFFFFFF
    if flags & ~os.O_CLOEXEC or target == call.fd:
        raise error(EINVAL)
    return copy_to(call, target, bool(flags))


def copy_to(call: Call, target: int, cloexec: bool) -> int:
    """A copy at a number of the program's choice, which has to be in the range."""
    table = call.supervision.table
    call.supervision.forget()
    if not table.first <= target < table.last:
        call.supervision.note(f"a netlink socket as descriptor {target} is not possible: its calls would not be seen")
        raise error(EMFILE)
    return place(call, target, cloexec)


def copy(call: Call, least: int, cloexec: bool) -> int:
    """A copy at a free number, at least ``least``."""
    return place(call, call.supervision.table.number(call.tid, least), cloexec)


def place(call: Call, number: int, cloexec: bool) -> int:
    """Put it there; the number is what the call returns."""
    try:
        call.supervision.listener.place(call.id, call.sock.far, number, cloexec)
    except OSError as failure:
        raise error(EMFILE) if failure.errno == EBADF else failure from None
    return ANSWERED
