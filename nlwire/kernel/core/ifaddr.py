"""Dumps of addresses and groups, which IPv4 and IPv6 have alike (net/ipv4/devinet.c, net/ipv6/addrconf.c).

Knows: what a strict dump may say, the order (interface by interface), lifetimes as they are shown.
Never: addresses, how one is put.
"""

from collections.abc import Callable
from dataclasses import dataclass
from errno import EINVAL, ENODEV
from typing import Any, NamedTuple

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, nl_dump_check_consistent
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev_dump, net_device
from nlwire.kernel.core.net_namespace import rtnl_get_net_ns_capable
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_clock_t
from nlwire.uapi.if_addr import IFA, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import NLM_F
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    Policy,
    netlink_ext_ack,
    nla_get,
    nlmsg_data,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_parse,
    sk_buff,
)

INFINITY_LIFE_TIME = 0xFFFFFFFF
DUMPED = 1 << 32
"""Where a dump stands that has shown every interface."""


class ifa_fill_args(NamedTuple):
    """What a message says beside the address (struct inet_fill_args, struct inet6_fill_args)."""

    portid: int
    seq: int
    event: int
    flags: int = 0
    netnsid: int = -1


def lifetimes(machine: Machine, preferred: int, valid: int, cstamp: int, tstamp: int) -> ifa_cacheinfo:
    """IFA_CACHEINFO: what is left of lifetimes (seconds, from ``tstamp`` on), and the stamps (jiffies)."""
    if preferred != INFINITY_LIFE_TIME:
        age = (jiffies(machine) - tstamp) // HZ
        preferred = max(preferred - age, 0)
        if valid != INFINITY_LIFE_TIME:
            valid = max(valid - age, 0)
    return ifa_cacheinfo(
        ifa_prefered=preferred,
        ifa_valid=valid,
        cstamp=jiffies_to_clock_t(cstamp) & 0xFFFFFFFF,
        tstamp=jiffies_to_clock_t(tstamp) & 0xFFFFFFFF,
    )


def ever(stamp: int) -> ifa_cacheinfo:
    """The same of what never ends."""
    when = jiffies_to_clock_t(stamp) & 0xFFFFFFFF
    return ifa_cacheinfo(ifa_prefered=INFINITY_LIFE_TIME, ifa_valid=INFINITY_LIFE_TIME, cstamp=when, tstamp=when)


@dataclass(frozen=True)
class address_dumps:
    """How a protocol's addresses, and what else is like them, are dumped."""

    word: str
    """What complaints begin with."""
    policy: Policy
    shown: Callable[[net_device, int], list[Any] | None]
    """(dev, event): what an interface has of what ``event`` is of; None where it does not have the protocol."""
    put: Callable[[sk_buff, Any, ifa_fill_args], bool]
    """(skb, one, args): put one; whether the message is marked when addresses change while they are dumped. Raises BufferFull."""
    genid: Callable[[net], int]
    """How often addresses have changed."""

    def refused(self, extack: netlink_ext_ack | None, words: str) -> OSError:
        """EINVAL, with words."""
        NL_SET_ERR_MSG(extack, f"{self.word}: {words}")
        return error(EINVAL)

    def valid_dump_req(self, cb: netlink_callback, args: ifa_fill_args, home: net) -> tuple[ifa_fill_args, net, int]:
        """What a strict request asks for: how to show it, where, of which interface (0: of all). Raises OSError, PolicyError."""
        nlh, extack = cb.nlh, cb.extack
        if nlmsg_len(nlh) < ifaddrmsg.sizeof:
            raise self.refused(extack, "Invalid header for address dump request")
        ifm = nlmsg_data(nlh, ifaddrmsg)
        if ifm.ifa_prefixlen or ifm.ifa_flags or ifm.ifa_scope:
            raise self.refused(extack, "Invalid values in header for address dump request")
        if ifm.ifa_index:
            cb.answer_flags |= NLM_F.DUMP_FILTERED
            args = args._replace(flags=args.flags | NLM_F.DUMP_FILTERED)
        for nla in nlmsg_parse(nlh, ifaddrmsg, self.policy, NL_VALIDATE.DEPRECATED_STRICT, extack):
            if nla.attr is not IFA.TARGET_NETNSID:
                raise self.refused(extack, "Unsupported attribute in dump request")
            netnsid = int(nla_get(nla, IFA.TARGET_NETNSID))
            try:
                home = rtnl_get_net_ns_capable(cb.skb, netnsid)
            except OSError:
                NL_SET_ERR_MSG(extack, f"{self.word}: Invalid target network namespace id")
                raise
            args = args._replace(netnsid=netnsid)
        return args, home, ifm.ifa_index

    def dump(self, skb: sk_buff, cb: netlink_callback, event: int) -> int:
        """What ``event`` is of, interface by interface. Raises OSError, PolicyError, BufferFull."""
        home, ifindex = sock_net(cb.skb), 0
        args = ifa_fill_args(NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, event, int(NLM_F.MULTI))
        if cb.strict_check:
            args, home, ifindex = self.valid_dump_req(cb, args, home)
        if ifindex:
            one = dev_get_by_index(home, ifindex)
            if one is None:
                raise error(ENODEV)
            self.dump_dev(one, skb, cb, args)
            return 0
        cb.seq = (self.genid(home) + home.dev_base_seq) & 0xFFFFFFFF or 0x80000000
        for dev in for_each_netdev_dump(home, cb.ctx.get("ifindex", 0)):
            cb.ctx["ifindex"] = dev.ifindex
            self.dump_dev(dev, skb, cb, args)
        cb.ctx["ifindex"] = DUMPED
        return 0

    def dump_dev(self, dev: net_device, skb: sk_buff, cb: netlink_callback, args: ifa_fill_args) -> None:
        """One interface's from cb.ctx["ip_idx"] on. Raises BufferFull, and then goes on there next time."""
        shown = self.shown(dev, args.event) or []
        for index in range(cb.ctx.get("ip_idx", 0), len(shown)):
            cb.ctx["ip_idx"] = index
            if self.put(skb, shown[index], args):
                nl_dump_check_consistent(cb, nlmsg_hdr(skb))
        cb.ctx["ip_idx"] = 0
