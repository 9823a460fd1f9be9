"""Who answers which call.

Knows: the names of calls.
Never: what they do.
"""

from collections.abc import Callable

from nlwire.supervise import credentials, descriptors, devices, files, names, passing, transfer
from nlwire.supervise.call import Call
from nlwire.supervise.filter import BY_DESCRIPTOR, OF_CREDENTIALS

Handler = Callable[[Call], int]

OF_SOCKETS: dict[str, Handler] = {
    "read": transfer.read,
    "write": transfer.write,
    "readv": transfer.readv,
    "writev": transfer.writev,
    "preadv2": transfer.preadv2,
    "pwritev2": transfer.pwritev2,
    "recvfrom": transfer.recvfrom,
    "sendto": transfer.sendto,
    "recvmsg": transfer.recvmsg,
    "sendmsg": transfer.sendmsg,
    "recvmmsg": transfer.recvmmsg,
    "sendmmsg": transfer.sendmmsg,
    "bind": names.bind,
    "connect": names.connect,
    "getsockname": names.getsockname,
    "getpeername": names.getpeername,
    "setsockopt": names.setsockopt,
    "getsockopt": names.getsockopt,
    "shutdown": names.unsupported,
    "listen": names.unsupported,
    "accept": names.unsupported,
    "accept4": names.unsupported,
    "sendfile": names.invalid,
    "close": descriptors.close,
    "dup": descriptors.dup,
    "dup2": descriptors.dup2,
    "dup3": descriptors.dup3,
    "fcntl": descriptors.fcntl,
    "ioctl": devices.ioctl,
}
"""What happens to a netlink socket."""
OF_OTHERS: dict[str, Handler] = {
    "socket": names.socket,
    "close_range": descriptors.close,
    "close": descriptors.close,
    "dup2": descriptors.close,
    "dup3": descriptors.close,
    "ioctl": devices.ioctl,
    "splice": names.splice,
    "recvmsg": passing.recvmsg,
    "open": files.open_,
    "openat": files.openat,
    **dict.fromkeys(OF_CREDENTIALS, credentials.changed),
    "capset": credentials.capset,
}
"""What is handed over although its descriptor is none of ours."""
FEW = {"sendmsg": 3, "recvmsg": 3, "read": 3, "write": 3}
"""Calls that use only so many registers; of others all six count."""

assert set(BY_DESCRIPTOR) <= set(OF_SOCKETS)
