"""Differences that are known, each with the reason why it stays: what the mock does not model, by choice.

Knows: differences.
Never: how they came about.
"""

from collections.abc import Callable
from typing import NamedTuple

from nlwire.fuzz.linux.verdict import Difference
from nlwire.fuzz.minimise import messages_in
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF


class Known(NamedTuple):
    """A difference that is by design."""

    name: str
    why: str
    covers: Callable[[Difference, bytes], bool]
    """… of a request."""


def of_multicast_routing(_: Difference, request: bytes) -> bool:
    """The first byte behind nlmsghdr is the family."""
    families = {one[16] for one in messages_in(request) if len(one) > 16}
    return bool(families & {AF.RTNL_FAMILY_IPMR, AF.RTNL_FAMILY_IP6MR})


def of_unread_answers(found: Difference, _: bytes) -> bool:
    """A message of the second of two look-ups in a datagram."""
    return found.place == "rta_clntref"


COUNTED = {"RTM_NEWQDISC", "RTM_DELQDISC", "RTM_NEWTCLASS", "RTM_DELTCLASS", "RTM_NEWSTATS"}
COUNTS = {"bytes", "packets", "qlen", "backlog", "drops", "overlimits", "bps", "pps", "requeues", "direct_pkts"}


def of_packets(found: Difference, _: bytes) -> bool:
    """A counter, in a message that is the same up to there."""
    if found.place == "IFLA_BR_FDB_N_LEARNED":
        return True
    counter = found.place in COUNTS or found.place.startswith(("rx_", "tx_"))
    return found.linux.words == found.mock.words and found.linux.words in COUNTED and counter


def of_handles(found: Difference, _: bytes) -> bool:
    """Both take handles from 8001: on."""
    automatic = all(one.details.isdigit() and int(one.details) >> 31 for one in (found.linux, found.mock))
    return found.place in ("tcm_handle", "tcm_parent") and automatic


OF_A_WAY = {"nlmsg_len", "rtm_protocol", "RTA_OIF", "RTA_GATEWAY", "RTA_VIA", "RTA_PREFSRC"}
"""Where two ways of one route, or two routes of one prefix and metric of IPv6, first differ."""


def of_lots(found: Difference, request: bytes) -> bool:
    """Both answer a look-up with a route, by another way."""
    look_up = found.asked == "RTM_GETROUTE" and not int.from_bytes(request[6:8], HOST) & NLM_F.DUMP
    return look_up and found.linux.words == found.mock.words == "RTM_NEWROUTE" and found.place in OF_A_WAY


KNOWN = (
    Known(
        "packets",
        "what the kernel sends of itself (reports of memberships) is counted, and learned from; the mock sends nothing",
        of_packets,
    ),
    Known(
        "automatic handles",
        "qdisc_alloc_handle() counts for all namespaces of the machine together",
        of_handles,
    ),
    Known(
        "lots",
        "which of several nexthops a look-up takes is drawn by lot (a hash with a random key)",
        of_lots,
    ),
    Known(
        "unread answers",
        "an answer of RTM_GETROUTE that nobody has received yet holds the route it tells of, which the next one counts",
        of_unread_answers,
    ),
    Known(
        "multicast routing",
        "rtgenmsg of RTNL_FAMILY_IPMR and RTNL_FAMILY_IP6MR: there are rules of theirs, but no routes and no devices",
        of_multicast_routing,
    ),
)


def known(found: Difference, request: bytes) -> Known | None:
    """What a difference is known as; None for news."""
    return next((one for one in KNOWN if one.covers(found, request)), None)
