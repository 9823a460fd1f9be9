"""The shape of a message: what makes it another message for a codec, and not just another object.

Two links differ in every address and counter, yet a codec that reads the one reads the other. A shape keeps the type, the
flags, the header fields that choose a meaning, and the tree of attribute types and lengths; values count only where they
choose the kind of a sibling (TCA_KIND, IFLA_INFO_KIND, RTA_ENCAP_TYPE …). Messages of one shape are kept once.

No declarations here: a payload counts as a nest if it is flagged as one or can be cut into attributes without a rest.

Knows: the sizes of the fixed headers, which of their bytes choose a meaning.
Never: what an attribute means.
"""

import struct
from collections.abc import Iterator

from tools.capture.netlink import (
    NETFILTER,
    NLA_F_NESTED,
    NLATTR,
    NLMSG_DONE,
    NLMSG_ERROR,
    NLMSGHDR,
    RTM,
    SOCK_DIAG,
    Message,
    align,
)

HEADERS: dict[int, tuple[int, str, str]] = {
    # lowest type of the family: (size, offsets that count with their value, offsets that count as zero or not)
    RTM.NEWLINK: (16, "0 2 3", ""),  # ifinfomsg: family, ARPHRD
    RTM.NEWADDR: (8, "0 2 3", ""),  # ifaddrmsg: family, flags, scope
    RTM.NEWROUTE: (12, "0 4 5 6 7 8 9 10 11", "1 2 3"),  # rtmsg: all, but lengths and tos only as zero or not
    RTM.NEWNEIGH: (12, "0 8 9 10 11", ""),  # ndmsg: family, state, flags, type
    RTM.NEWRULE: (12, "0 4 7 8 9 10 11", "1 2 3"),  # fib_rule_hdr
    RTM.NEWQDISC: (20, "0 12 13 14 15", ""),  # tcmsg: family, parent (root, ingress, clsact, …)
    RTM.NEWTCLASS: (20, "0", ""),
    RTM.NEWTFILTER: (20, "0 12 13 14 15", ""),
    RTM.NEWACTION: (4, "0", ""),  # tcamsg
    52: (12, "0 8 9 10", ""),  # prefixmsg
    RTM.NEWMULTICAST: (8, "0 3", ""),
    RTM.NEWANYCAST: (8, "0 3", ""),
    RTM.NEWNEIGHTBL: (4, "0", ""),  # ndtmsg
    68: (16, "0 8 9", ""),  # nduseroptmsg
    RTM.NEWADDRLABEL: (12, "0", ""),  # ifaddrlblmsg
    RTM.NEWNETCONF: (4, "0", ""),
    RTM.NEWMDB: (8, "0", ""),  # br_port_msg
    RTM.NEWNSID: (4, "0", ""),
    RTM.NEWSTATS: (12, "0 8 9 10 11", ""),  # if_stats_msg: family, filter_mask
    96: (4, "0", ""),
    RTM.NEWCHAIN: (20, "0 12 13 14 15", ""),
    RTM.NEWNEXTHOP: (8, "0 1 2 4", ""),  # nhmsg
    RTM.NEWLINKPROP: (16, "0", ""),
    RTM.NEWVLAN: (8, "0", ""),  # br_vlan_msg
    RTM.NEWNEXTHOPBUCKET: (8, "0", ""),
    RTM.NEWTUNNEL: (8, "0", ""),  # tunnel_msg
}

SELECTORS = {
    (RTM.NEWLINK, (18, 1)),  # IFLA_LINKINFO/IFLA_INFO_KIND
    (RTM.NEWLINK, (18, 4)),  # IFLA_LINKINFO/IFLA_INFO_SLAVE_KIND
    (RTM.NEWROUTE, (21,)),  # RTA_ENCAP_TYPE
    (RTM.NEWNEXTHOP, (4,)),  # NHA_GROUP_TYPE
    (RTM.NEWNEXTHOP, (7,)),  # NHA_ENCAP_TYPE
    (RTM.NEWQDISC, (1,)),  # TCA_KIND
    (RTM.NEWTCLASS, (1,)),
    (RTM.NEWTFILTER, (1,)),
    (RTM.NEWCHAIN, (1,)),
    (10 << 8 | 6, (4, 1, 1)),  # NFT_MSG_NEWRULE: NFTA_EXPR_NAME of each expression
    (10 << 8 | 9, (17, 1)),  # NFT_MSG_NEWSET: that of the set's
    (10 << 8 | 18, (3,)),  # NFT_MSG_NEWOBJ: NFTA_OBJ_TYPE
}
SOCKETS = {
    # address family: size and offsets that count with their value of what the kernel says, then of requests
    1: (16, "0 1 2", 24, "0"),  # unix_diag_msg: type, state
    2: (72, "0 1 2", 56, "0 1"),  # inet_diag_msg: state, timer; inet_diag_req_v2: protocol
    10: (72, "0 1 2", 56, "0 1"),
    16: (28, "0 1 2 3", 20, "0"),  # netlink_diag_msg: type, protocol, state
    17: (16, "0 1", 20, "0"),  # packet_diag_msg: type
}
GENERIC = (16, 16)
NLM_F_CAPPED = 0x100


def shape(message: Message) -> str:
    """A text that is equal for messages of one shape."""
    body = message.data[NLMSGHDR.size :]
    head = f"{message.protocol}/{message.type}/{message.flags:x}"
    if message.type == NLMSG_ERROR:
        return f"{head} {error_shape(message, body)}"
    if message.type == NLMSG_DONE:
        return f"{head} {body[:4].hex()} {run(body[4:])}"
    if (message.protocol, message.type) == GENERIC:
        return f"{head} {body[:1].hex()} {run(body[4:])}"
    if message.protocol == NETFILTER:
        return f"{head} {body[:1].hex()} {run(body[4:], message.type)}"
    if message.protocol == SOCK_DIAG:
        return f"{head} {socket_shape(message, body)}"
    first = message.type & ~3
    if message.protocol != 0 or first not in HEADERS:
        return f"{head} {len(body)}"
    size, exact, nonzero = HEADERS[first]
    fixed = "".join(f"{body[int(at)]:02x}" for at in exact.split() if int(at) < len(body))
    fixed += "".join("+" if body[int(at)] else "0" for at in nonzero.split() if int(at) < len(body))
    return f"{head} {len(body[:size])}:{fixed} {run(body[size:], first)}"


def socket_shape(message: Message, body: bytes) -> str:
    """A socket, or a request for sockets."""
    said, offsets, asked, chosen = SOCKETS.get(body[0] if body else 0, (2, "0", 2, "0"))
    size, exact = (asked, chosen) if message.flags & 1 else (said, offsets)
    fixed = "".join(f"{body[int(at)]:02x}" for at in exact.split() if int(at) < len(body))
    return f"{len(body[:size])}:{fixed} {run(body[size:])}"


def error_shape(message: Message, body: bytes) -> str:
    """An NLMSG_ERROR: the errno, type and flags of the request it quotes, the extended acknowledgement after it."""
    error, size, kind, flags = struct.unpack_from("=iIHH", body)
    capped = bool(message.flags & NLM_F_CAPPED)
    return f"{error} ({kind}/{flags:x}) {run(body[20 if capped else 4 + align(size) :])}"


def run(data: bytes, family: int = 0, path: tuple[int, ...] = ()) -> str:
    """A run of attributes as ``[1:8 3:12[1:4]]``, or its length where it is none."""
    attributes = list(cut(data))
    used = sum(align(NLATTR.size + len(payload)) for _kind, payload in attributes)
    if used < len(data):
        return f"{len(data)}"
    return "[" + " ".join(attribute_shape(kind, payload, family, path) for kind, payload in attributes) + "]"


def attribute_shape(kind: int, payload: bytes, family: int, path: tuple[int, ...]) -> str:
    """One attribute: its type with flag bits, and its length, its run or its value."""
    here = (*path, kind & 0x3FFF)
    if (family, here) in SELECTORS:
        return f"{kind:x}={payload.hex()}"
    if kind & NLA_F_NESTED or looks_nested(payload):
        return f"{kind:x}{run(payload, family, here)}"
    return f"{kind:x}:{len(payload)}"


def looks_nested(payload: bytes) -> bool:
    """Whether a payload not flagged as a nest can be cut into plausible attributes without a rest."""
    attributes = list(cut(payload))
    if not attributes or any(not 0 < kind & 0x3FFF < 256 for kind, _payload in attributes):
        return False
    return sum(align(NLATTR.size + len(inside)) for _kind, inside in attributes) == len(payload)


def cut(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes at the start of ``data``."""
    at = 0
    while len(data) - at >= NLATTR.size:
        size, kind = NLATTR.unpack_from(data, at)
        if not NLATTR.size <= size <= len(data) - at:
            return
        yield kind, data[at + NLATTR.size : at + size]
        at += align(size)
