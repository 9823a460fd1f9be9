"""What every protocol shares: acknowledgements, errors with and without their words, ends of dumps, odd framing."""

import struct

from tools.capture import actors
from tools.capture.netlink import (
    F_ACK,
    F_CREATE,
    F_DUMP,
    F_ECHO,
    F_EXCL,
    F_REQUEST,
    NETLINK_CAP_ACK,
    NETLINK_EXT_ACK,
    NETLINK_GET_STRICT_CHK,
    NLA_F_NESTED,
    NLA_F_NET_BYTEORDER,
    NLMSGHDR,
    RTM,
    attr,
    ip4,
    message,
    nest,
    strz,
    u16,
    u32,
)
from tools.capture.scenarios.routes_by_hand import rtmsg
from tools.capture.scenarios.script import STRICT, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import WIRED

PLAIN: tuple[int, ...] = ()
CAPPED = (NETLINK_EXT_ACK, NETLINK_CAP_ACK)
LOUD = (NETLINK_EXT_ACK,)
MUTE_CAPPED = (NETLINK_CAP_ACK,)
NEW = F_REQUEST | F_ACK | F_CREATE

GATEWAY = attr(1, ip4("10.1.0.0")), attr(5, ip4("172.16.0.1"))
LINK = struct.pack("=BxHiII", 0, 0, 10, 0, 0)


def route(why: str, options: tuple[int, ...], *attributes: bytes, flags: int = NEW) -> Ask:
    """A RTM_NEWROUTE for 10.1.0.0/16 or so."""
    return Ask(why, message(RTM.NEWROUTE, flags, rtmsg(dst_len=16), *attributes), options)


ACKS = Case(
    "acks",
    "acknowledgements: plain, capped, with a warning, with an echo, for what is not processed",
    route("plain", PLAIN, attr(1, ip4("10.1.0.0")), attr(4, u32(10))),
    route("capped", CAPPED, attr(1, ip4("10.2.0.0")), attr(4, u32(10))),
    route("echoed", LOUD, attr(1, ip4("10.3.0.0")), attr(4, u32(10)), flags=NEW | F_ECHO),
    route("with a warning: three bytes left over", LOUD, attr(1, ip4("10.4.0.0")), attr(4, u32(10)), b"\1\2\3"),
    route("with a warning: an attribute without length", LOUD, attr(1, ip4("10.5.0.0")), attr(4, u32(10)), bytes(4)),
    route("with a warning, capped", CAPPED, attr(1, ip4("10.6.0.0")), attr(4, u32(10)), b"\1\2\3"),
    route("not a request", LOUD, attr(1, ip4("10.7.0.0")), flags=F_ACK),
    Ask("NLMSG_NOOP", message(1, F_REQUEST | F_ACK), LOUD),
    Ask("NLMSG_NOOP with a payload", message(1, F_REQUEST | F_ACK, b"payload"), PLAIN),
    Ask("no payload at all", message(RTM.NEWROUTE, F_REQUEST | F_ACK), LOUD),
    Ask("a link that is there, acknowledged", message(RTM.GETLINK, F_REQUEST | F_ACK, LINK, attr(29, u32(8))), STRICT),
    Ask(
        "three requests in one datagram",
        message(RTM.NEWROUTE, NEW, rtmsg(dst_len=16), attr(1, ip4("10.8.0.0")), attr(4, u32(10)), seq=1)
        + message(RTM.NEWROUTE, NEW | F_EXCL, rtmsg(dst_len=16), attr(1, ip4("10.8.0.0")), attr(4, u32(10)), seq=2)
        + message(RTM.DELROUTE, F_REQUEST | F_ACK, rtmsg(dst_len=16), attr(1, ip4("10.8.0.0")), seq=3),
        LOUD,
    ),
)

ERRORS = Case(
    "errors",
    "errors: the request whole or capped, with words, offset, policy, missing attribute, or none of these",
    route("words and no offset, whole", LOUD, *GATEWAY),
    route("words, capped", CAPPED, *GATEWAY),
    route("nothing but the errno", PLAIN, *GATEWAY),
    route("nothing but the errno, capped", MUTE_CAPPED, *GATEWAY),
    route("EEXIST", LOUD, attr(1, ip4("10.1.0.0")), attr(4, u32(10)), flags=NEW | F_EXCL),
    route("ENOENT", LOUD, attr(1, ip4("10.77.0.0")), attr(4, u32(10)), flags=F_REQUEST | F_ACK),
    route(
        "EINVAL with an offset", LOUD, attr(1, ip4("10.77.0.0")), attr(4, u32(10)), attr(21, u16(99)), attr(22, u32(4))
    ),
    route("ERANGE with offset and policy", LOUD, attr(1, b"\x0a"), attr(4, u32(10))),
    route("ERANGE with offset and policy, capped", CAPPED, attr(1, b"\x0a"), attr(4, u32(10))),
    Ask("ESRCH", message(RTM.DELROUTE, F_REQUEST | F_ACK, rtmsg(dst_len=16), attr(1, ip4("10.77.0.0"))), LOUD),
    Ask("ENODEV", message(RTM.GETLINK, F_REQUEST, struct.pack("=BxHiII", 0, 0, 4711, 0, 0)), LOUD),
    Ask("EOPNOTSUPP: a type without a handler", message(RTM.NEWNETCONF, F_REQUEST, bytes(4)), LOUD),
    Ask("EOPNOTSUPP: a type beyond the last", message(999, F_REQUEST, bytes(4)), LOUD),
    Ask("EOPNOTSUPP: bulk", message(RTM.DELADDR, F_REQUEST | F_ACK | 0x200, bytes(8)), LOUD),
    Ask("EINVAL: a header too short", message(RTM.GETLINK, F_REQUEST, bytes(4)), STRICT),
    Ask("an unaligned request, quoted", message(RTM.GETLINK, F_REQUEST, bytes(5)), STRICT),
    Ask("strict: unknown attribute", message(RTM.GETLINK, F_REQUEST, LINK, attr(200, u32(1))), STRICT),
    Ask("strict: bytes left over", message(RTM.GETLINK, F_REQUEST, LINK, b"\1\2\3"), STRICT),
    Ask("a text too long", message(RTM.GETLINK, F_REQUEST, LINK, attr(3, strz("sixteen-letters-"))), STRICT),
    Ask("a text without its NUL", message(RTM.NEWLINK, NEW, bytes(16), nest(18, attr(1, b"veth"))), LOUD),
    Ask("a number too short", message(RTM.NEWLINK, F_REQUEST | F_ACK, LINK, attr(4, u16(1400))), LOUD),
    Ask("a number out of range", message(RTM.NEWLINK, F_REQUEST | F_ACK, LINK, attr(4, u32(0x7FFFFFFF))), LOUD),
    Ask(
        "deep inside: a kind's own data",
        message(RTM.NEWLINK, NEW, bytes(16), nest(18, attr(1, strz("vxlan")), nest(2, attr(1, u16(1))))),
        LOUD,
    ),
    Ask(
        "deep inside: AF_SPEC",
        message(RTM.NEWLINK, F_REQUEST | F_ACK, LINK, nest(26, nest(10, attr(8, b"\x77")))),
        LOUD,
    ),
    Ask(
        "deep inside: an unknown family",
        message(RTM.NEWLINK, F_REQUEST | F_ACK, LINK, nest(26, nest(99, attr(1)))),
        LOUD,
    ),
    Ask("a missing attribute", message(RTM.NEWLINK, NEW, bytes(16), nest(18, attr(1, strz("vxlan")), nest(2))), LOUD),
    Ask("a missing attribute of a tunnel", message(RTM.NEWTUNNEL, NEW, bytes([7, 0, 0, 0]) + u32(10)), LOUD),
)

DONES = Case(
    "done",
    "ends of dumps: plain, with an errno and words, filtered, interrupted, refused while another runs",
    Ask("an empty table", message(RTM.GETNEXTHOP, F_REQUEST | F_DUMP, bytes(8)), STRICT),
    Ask(
        "refused without words",
        message(RTM.GETROUTE, F_REQUEST | F_DUMP, rtmsg(table=0, protocol=0, kind=0)[:6]),
        (NETLINK_GET_STRICT_CHK,),
    ),
    Ask(
        "refused with words", message(RTM.GETROUTE, F_REQUEST | F_DUMP, rtmsg(table=0, protocol=0, kind=0)[:6]), STRICT
    ),
    Ask("refused with an offset", message(RTM.GETADDR, F_REQUEST | F_DUMP, bytes(8), attr(77, u32(1))), STRICT),
    Ask(
        "refused with words, capped",
        message(RTM.GETADDR, F_REQUEST | F_DUMP, bytes([2, 24, 0, 0]) + u32(0)),
        (*STRICT, NETLINK_CAP_ACK),
    ),
    Ask("filtered", message(RTM.GETROUTE, F_REQUEST | F_DUMP, rtmsg(table=0, protocol=2, kind=0)), STRICT),
    Ask("a dump that asks for an acknowledgement", message(RTM.GETRULE, F_REQUEST | F_DUMP | F_ACK, bytes(12)), STRICT),
    Ask("ROOT alone starts a dump", message(RTM.GETRULE, F_REQUEST | 0x100, bytes(12)), STRICT),
    Do("a link is added between two parts of a dump", actors.disturb_dump),
    Do("a second dump before the first was read", actors.second_dump),
)

ODDITIES = Case(
    "oddities",
    "framing that the kernel lives with: flag bits, order, repetition, padding, unknown types, lengths that lie",
    route(
        "flag bits on a plain attribute",
        LOUD,
        attr(1 | NLA_F_NET_BYTEORDER, ip4("10.20.0.0")),
        attr(4 | NLA_F_NESTED, u32(10)),
    ),
    route(
        "attributes in another order, one twice", LOUD, attr(4, u32(11)), attr(4, u32(10)), attr(1, ip4("10.21.0.0"))
    ),
    route(
        "attributes nobody knows",
        LOUD,
        attr(1, ip4("10.22.0.0")),
        attr(4, u32(10)),
        attr(99, b"abc"),
        attr(0, b""),
        attr(0x3FFF, b"\1"),
    ),
    route(
        "padding that is not zero",
        LOUD,
        attr(1, ip4("10.23.0.0")),
        b"\x05\x00\x1a\x00\x01\xaa\xbb\xcc",
        attr(4, u32(10)),
    ),
    route("a nest without its flag", LOUD, attr(1, ip4("10.24.0.0")), attr(4, u32(10)), attr(8, attr(2, u32(1400)))),
    route("an attribute longer than its kind", LOUD, attr(1, ip4("10.25.0.0")), attr(4, u32(10) + u32(7))),
    route(
        "an attribute that ends beyond its message",
        LOUD,
        attr(1, ip4("10.26.0.0")),
        attr(4, u32(10)),
        struct.pack("=HH", 40, 6) + u32(5),
    ),
    route("an empty nest", LOUD, attr(1, ip4("10.27.0.0")), attr(4, u32(10)), nest(8)),
    Ask("a last message that is not aligned", message(RTM.GETRULE, F_REQUEST | F_DUMP, b"\2"), LOUD),
    Ask("a header longer than the struct knows", message(RTM.GETADDR, F_REQUEST | F_DUMP, bytes(8), bytes(4)), LOUD),
    Ask(
        "a message that claims too much after one that is right",
        message(RTM.GETLINK, F_REQUEST, LINK) + NLMSGHDR.pack(400, 18, 1, 2, 0),
        LOUD,
    ),
)

CHAPTERS = (Chapter("control", WIRED, (ACKS, ERRORS, DONES, ODDITIES)),)
