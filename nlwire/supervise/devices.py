"""ioctl() of network devices, on sockets of whatever family: the ground answers, so that names and indices are the same kernel's.

net/core/dev_ioctl.c, net/socket.c (sock_do_ioctl); struct ifreq, struct ifconf (include/uapi/linux/if.h), struct rtentry (route.h).

Knows: how these ioctls pass their arguments.
Never: what a device is.
"""

import struct
from errno import ENOTTY

from nlwire.supervise.call import GO_ON, Call, error
from nlwire.supervise.filter import SIOC_FIRST, SIOC_LAST
from nlwire.supervise.processes import descriptor

FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC = 0x5421, 0x5450, 0x5451, 0x5452
SIOCADDRT, SIOCDELRT, SIOCGIFCONF = 0x890B, 0x890C, 0x8912
IFREQ = 40
RTENTRY, RT_DEV = 120, 88
IFNAMSIZ = 16
MOST_CONF = IFREQ * 65536


def ioctl(call: Call) -> int:
    """On a netlink socket, whatever is asked; on another descriptor, what concerns devices."""
    request = call.args[1] & 0xFFFFFFFF
    of_devices = SIOC_FIRST <= request <= SIOC_LAST
    if not of_devices:
        if request in (FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC):
            return GO_ON
        raise error(ENOTTY)
    if not (descriptor(call.tid, call.fd) or "").startswith("socket:"):
        return GO_ON
    return conf(call) if request == SIOCGIFCONF else of_device(call, request)


def of_device(call: Call, request: int) -> int:
    """One struct ifreq, or a route."""
    where = call.args[2]
    asked = rtentry(call) if request in (SIOCADDRT, SIOCDELRT) else call.read(where, IFREQ)
    given = call.supervision.ground.ioctl(call.supervision.who(call.tid), request, asked)
    if given is None:
        return GO_ON
    if given != asked:
        call.write(where, given)
    return 0


def rtentry(call: Call) -> bytes:
    """A struct rtentry, and behind it the name that its rt_dev points to."""
    entry = call.read(call.args[2], RTENTRY)
    where = struct.unpack_from("=Q", entry, RT_DEV)[0]
    return entry + (call.read(where, IFNAMSIZ) if where else b"")


def conf(call: Call) -> int:
    """SIOCGIFCONF: as many struct ifreq as there is room for; without a buffer, how much room they need."""
    where = call.args[2]
    room, pointer = struct.unpack("=i4xQ", call.read(where, 16))
    found = call.supervision.ground.ioctl(call.supervision.who(call.tid), SIOCGIFCONF, b"")
    if found is None:
        return GO_ON
    if pointer:
        found = found[: max(0, min(room, MOST_CONF)) // IFREQ * IFREQ]
        call.write(pointer, found) if found else None
    call.write(where, struct.pack("=i", len(found)))
    return 0
