"""RTM_NEWNETCONF and RTM_GETNETCONF, which IPv4 and IPv6 have alike (net/ipv4/devinet.c, net/ipv6/addrconf.c).

    nlmsghdr | netconfmsg | NETCONFA_IFINDEX, and a number for each setting that is shown

Knows: how settings are shown, told of, asked for, dumped: interface by interface, then those of all, then the default.
Never: which settings a protocol has, what they do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from errno import EINVAL
from functools import cached_property
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_index, for_each_netdev_dump, net_device
from nlwire.kernel.net import error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, rtnl_unicast, sock_net
from nlwire.schema.attrs import Attr
from nlwire.uapi.netconf import NETCONFA, NETCONFA_IFINDEX, netconfmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_policy,
    nla_put_s32,
    nlattr_table,
    nlmsg_attrlen,
    nlmsg_len,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

NETCONFA_ALL = -1
EVERY, DEFAULT = int(NETCONFA_IFINDEX.ALL), int(NETCONFA_IFINDEX.DEFAULT)
DUMPED = 1 << 32
"""Where a dump stands that has shown every interface."""


@dataclass(frozen=True)
class netconf_family:
    """What a protocol's settings are like."""

    family: int
    word: str
    """What its complaints begin with."""
    group: int
    """RTNLGRP_*_NETCONF."""
    asked: Sequence[Attr[int]]
    """Attributes of a request whose length is looked at."""
    shown: Sequence[tuple[Attr[int], int]]
    """Attributes of a message, and the numbers of the settings they show."""
    devconf_all: Callable[[net], Any]
    devconf_dflt: Callable[[net], Any]
    devconf: Callable[[net_device], Any]
    """The settings of an interface; None where the protocol does not have it."""
    absent: int
    """The errno for an interface without settings."""

    @cached_property
    def policy(self) -> Policy:
        """Of a request."""
        return Policy(NETCONFA, {one: nla_policy(len=4) for one in self.asked})

    def fill_devconf(
        self, skb: sk_buff, ifindex: int, devconf: Any, portid: int, seq: int, event: int, flags: int, type: int
    ) -> None:
        """Put one interface's settings, or the one of them that ``type`` names. Raises BufferFull."""
        with nlmsg_filling(skb, portid, seq, event, netconfmsg(ncm_family=self.family), flags):
            nla_put_s32(skb, NETCONFA.IFINDEX, ifindex)
            if devconf is None:
                return
            for attr, which in self.shown:
                if type in (NETCONFA_ALL, attr.number):
                    nla_put_s32(skb, attr, devconf[which])

    def notify_devconf(self, home: net, event: int, type: int, ifindex: int, devconf: Any) -> None:
        """Tell of settings; without ``devconf``, that there are none any more."""
        size = 4 + 8 + 8 * sum(type in (NETCONFA_ALL, attr.number) for attr, _ in self.shown)
        skb = nlmsg_new(size)
        self.fill_devconf(skb, ifindex, devconf, 0, 0, event, 0, type)
        rtnl_notify(skb, home, 0, self.group, None)

    def devconf_of(self, home: net, ifindex: int) -> Any:
        """The settings that an ifindex of netconf names; None where there are none."""
        if ifindex == EVERY:
            return self.devconf_all(home)
        if ifindex == DEFAULT:
            return self.devconf_dflt(home)
        dev = dev_get_by_index(home, ifindex)
        return None if dev is None else self.devconf(dev)

    def valid_get_req(self, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
        """Read a request for one interface's settings. Raises OSError, PolicyError."""
        if nlmsg_len(nlh) < netconfmsg.sizeof:
            raise self.refused(extack, "Invalid header for netconf get request")
        sk = NETLINK_CB(skb).sk
        strict = sk is not None and bool(sk.flags & NETLINK_F.STRICT_CHK)
        how = NL_VALIDATE.DEPRECATED_STRICT if strict else NL_VALIDATE.LIBERAL
        tb = nlmsg_parse(nlh, netconfmsg, self.policy, how, extack)
        if strict and any(nla.attr is not NETCONFA.IFINDEX for nla in tb):
            raise self.refused(extack, "Unsupported attribute in netconf get request")
        return tb

    def refused(self, extack: netlink_ext_ack | None, words: str) -> OSError:
        """EINVAL, with words."""
        NL_SET_ERR_MSG(extack, f"{self.word}: {words}")
        return error(EINVAL)

    def get_devconf(self, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
        """RTM_GETNETCONF of one interface, of all, of the default."""
        home = sock_net(skb)
        nla = self.valid_get_req(skb, nlh, extack)[NETCONFA.IFINDEX]
        if nla is None:
            return -EINVAL
        ifindex = int(nla_get(nla))
        devconf = self.devconf_of(home, ifindex)
        if devconf is None:
            return -self.absent
        portid = NETLINK_CB(skb).portid
        answer = nlmsg_new(4 + 8 + 8 * len(self.shown))
        self.fill_devconf(answer, ifindex, devconf, portid, nlh.nlmsg_seq, RTM.NEWNETCONF, 0, NETCONFA_ALL)
        rtnl_unicast(answer, home, portid)
        return 0

    def dump_devconf(self, skb: sk_buff, cb: netlink_callback) -> int:
        """Every interface's settings, then those of all and the default. Raises OSError."""
        if cb.strict_check:
            if nlmsg_len(cb.nlh) < netconfmsg.sizeof:
                raise self.refused(cb.extack, "Invalid header for netconf dump request")
            if nlmsg_attrlen(cb.nlh, netconfmsg):
                raise self.refused(cb.extack, "Invalid data after header in netconf dump request")
        portid, seq, flags = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, int(NLM_F.MULTI)
        for place, ifindex, devconf in self.places(sock_net(cb.skb), cb.ctx.get("ifindex", 0)):
            cb.ctx["ifindex"] = place
            self.fill_devconf(skb, ifindex, devconf, portid, seq, RTM.NEWNETCONF, flags, NETCONFA_ALL)
        cb.ctx["ifindex"] = DUMPED + 2
        return 0

    def places(self, home: net, start: int) -> Iterator[tuple[int, int, Any]]:
        """Place in the dump, ifindex and settings, in order from a place on."""
        for dev in for_each_netdev_dump(home, start):
            devconf = self.devconf(dev)
            if devconf is not None:
                yield dev.ifindex, dev.ifindex, devconf
        if start <= DUMPED:
            yield DUMPED, EVERY, self.devconf_all(home)
        if start <= DUMPED + 1:
            yield DUMPED + 1, DEFAULT, self.devconf_dflt(home)
