"""Bytes that are no messages: what was read before them, and what they may be instead.

Knows: byte orders, protocols, formats that people confuse with netlink.
Never: what the command was for.
"""

from nlwire.cli.complaints import Complaint
from nlwire.cli.inputs import looks_like
from nlwire.codec.fast import decode
from nlwire.errors import WireError
from nlwire.schema.kinds import ByteOrder
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK


def broken(
    where: str, error: WireError, data: bytes, base: int, read: int, protocol: int, order: ByteOrder
) -> Complaint:
    """Bytes that are no messages, from ``error.offset`` on: what was read before them, how much was not."""
    left = len(data) - error.offset
    at = base + error.offset
    sizes = "" if error.need is None else f", need {error.need} bytes, have {error.have}"
    path = "nlmsghdr" if error.need == 16 and (error.have or 0) < 16 and left < 16 else "nlmsghdr/nlmsg_len"
    done = f"{read} message{'' if read == 1 else 's'} read, {left} byte{'' if left == 1 else 's'} not"
    reason = f"{error.reason} ({path} at offset {at}{sizes}); {done}"
    return Complaint(where, reason, what_it_may_be(data, error.offset, protocol, order))


def what_it_may_be(data: bytes, offset: int, protocol: int, order: ByteOrder, explained: bool = False) -> str:
    """What to try with bytes that are no messages from ``offset`` on."""
    look = "" if explained else "nlwire explain shows the place"
    if offset:
        return look
    what, hint = looks_like(data)
    if what:
        return "it looks like " + what + (f": {hint}" if hint else "")
    other: ByteOrder = "big" if order == "little" else "little"
    if frames_well(data, protocol, other):
        return f"it reads well with --byte-order {other}"
    return look if len(data) < 16 or data[2:4] == b"\0\0" else "it does not look like netlink"


def frames_well(data: bytes, protocol: int, order: ByteOrder) -> bool:
    """Whether all of the bytes are messages in this byte order."""
    try:
        return any(one.type.family.name != "unknown" for one in decode(data, protocol, byteorder=order))
    except WireError:
        return False


def strangers(where: str, types: list[int], protocol: int) -> Complaint | None:
    """A complaint when no message is of a type that the protocol has; none where types are made at run time."""
    mine = [family for family in FAMILIES if family.protocol == protocol and family.name not in ("error", "done")]
    if not types or not mine or protocol == NETLINK.GENERIC:
        return None
    if any(FAMILIES.find(protocol, one).family.name != "unknown" for one in types):
        return None
    what = f"no message is of a type that {NETLINK(protocol)} has; the first is of type {types[0]}, at offset 4"
    return Complaint(where, what, "is it of another protocol? --protocol says which")
