"""Generic netlink's controller: families, one family, their policies."""

import sys
from typing import Any

from tools.capture.netlink import (
    F_ACK,
    F_DUMP,
    F_REQUEST,
    NETLINK_CAP_ACK,
    attr,
    message,
    open_socket,
    strz,
    transact,
    u16,
    u32,
)
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter, Do
from tools.capture.shape import cut

NETLINK_GENERIC = 16
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 3, 10
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_OP = 1, 2, 10


def genlmsghdr(command: int, version: int = 2) -> bytes:
    """struct genlmsghdr."""
    return bytes([command, version, 0, 0])


def ask(why: str, *parts: bytes, flags: int = 0, options: tuple[int, ...] = STRICT) -> Ask:
    """One request to the controller."""
    return Ask(why, message(GENL_ID_CTRL, F_REQUEST | flags, *parts), options, NETLINK_GENERIC)


def name(text: str) -> bytes:
    """CTRL_ATTR_FAMILY_NAME."""
    return attr(CTRL_ATTR_FAMILY_NAME, strz(text))


FAMILIES = Case(
    "families",
    "the families: one by name, by id, all",
    ask("itself by name", genlmsghdr(CTRL_CMD_GETFAMILY), name("nlctrl")),
    ask("itself by id", genlmsghdr(CTRL_CMD_GETFAMILY), attr(CTRL_ATTR_FAMILY_ID, u16(GENL_ID_CTRL))),
    ask("ethtool", genlmsghdr(CTRL_CMD_GETFAMILY), name("ethtool")),
    ask("all", genlmsghdr(CTRL_CMD_GETFAMILY), flags=F_DUMP),
    ask("all, liberal, an old version", genlmsghdr(CTRL_CMD_GETFAMILY, 1), flags=F_DUMP, options=LIBERAL),
    ask("with an acknowledgement", genlmsghdr(CTRL_CMD_GETFAMILY), name("netdev"), flags=F_ACK),
    ask("no such name", genlmsghdr(CTRL_CMD_GETFAMILY), name("nonesuch")),
    ask("no such id", genlmsghdr(CTRL_CMD_GETFAMILY), attr(CTRL_ATTR_FAMILY_ID, u16(999))),
    ask("a name that is too long", genlmsghdr(CTRL_CMD_GETFAMILY), name("sixteen-letters-")),
    ask("no name and no id", genlmsghdr(CTRL_CMD_GETFAMILY)),
    ask("an unknown attribute", genlmsghdr(CTRL_CMD_GETFAMILY), name("nlctrl"), attr(77, u32(1))),
    ask("an unknown command", genlmsghdr(77)),
    ask("reserved flags", genlmsghdr(CTRL_CMD_GETFAMILY), name("nlctrl"), flags=0x20),
    ask("an id too short", genlmsghdr(CTRL_CMD_GETFAMILY), attr(CTRL_ATTR_FAMILY_ID, b"\1")),
    Ask("a type nobody has", message(0x3FF, F_REQUEST, genlmsghdr(1)), STRICT, NETLINK_GENERIC),
    Ask("half a header", message(GENL_ID_CTRL, F_REQUEST, b"\3"), STRICT, NETLINK_GENERIC),
    Ask("the same, capped", message(GENL_ID_CTRL, F_REQUEST, b"\3"), (*STRICT, NETLINK_CAP_ACK), NETLINK_GENERIC),
)

POLICIES = Case(
    "policies",
    "policies of several families, whole and of one command",
    *(
        ask(f"policy of {family}", genlmsghdr(CTRL_CMD_GETPOLICY), name(family), flags=F_DUMP)
        for family in (
            "nlctrl",
            "ethtool",
            "netdev",
            "mptcp_pm",
            "SEG6",
            "tcp_metrics",
            "TASKSTATS",
            "NLBL_UNLBL",
            "IOAM6",
        )
    ),
    ask("of one command", genlmsghdr(CTRL_CMD_GETPOLICY), name("ethtool"), attr(CTRL_ATTR_OP, u32(5)), flags=F_DUMP),
    ask(
        "of a command that is not there",
        genlmsghdr(CTRL_CMD_GETPOLICY),
        name("ethtool"),
        attr(CTRL_ATTR_OP, u32(250)),
        flags=F_DUMP,
    ),
    ask("of a family that is not there", genlmsghdr(CTRL_CMD_GETPOLICY), name("nonesuch"), flags=F_DUMP),
    ask("not as a dump", genlmsghdr(CTRL_CMD_GETPOLICY), name("nlctrl")),
    ask("without a family", genlmsghdr(CTRL_CMD_GETPOLICY), flags=F_DUMP),
)


def ask_netdev(_stage: Any) -> list[Ask]:
    """Requests to a family whose id is known only now: errors that name what is missing or out of range."""
    with open_socket(NETLINK_GENERIC) as sock:
        reply = transact(sock, message(GENL_ID_CTRL, F_REQUEST, genlmsghdr(CTRL_CMD_GETFAMILY), name("netdev")))[0]
    ids = [payload for kind, payload in cut(reply[20:]) if kind == CTRL_ATTR_FAMILY_ID]
    netdev = int.from_bytes(ids[0], sys.byteorder)

    def dev_get(why: str, *attributes: bytes, options: tuple[int, ...] = STRICT) -> Ask:
        return Ask(why, message(netdev, F_REQUEST, genlmsghdr(1, 1), *attributes), options, NETLINK_GENERIC)

    return [
        dev_get("netdev: no index (NLMSGERR_ATTR_MISS_TYPE)"),
        dev_get("netdev: no index, capped", options=(*STRICT, NETLINK_CAP_ACK)),
        dev_get("netdev: index 0 is out of range", attr(1, u32(0))),
        dev_get("netdev: the loopback device", attr(1, u32(1))),
    ]


OTHERS = Case(
    "others",
    "what families other than the controller say: errors with a missing attribute, with a range, a reply nobody declared",
    Do("requests to netdev", ask_netdev),
)

CHAPTERS = (Chapter("generic", "", (FAMILIES, POLICIES, OTHERS)),)
