"""Addresses in the kernel's style, as a list: adding one changes the generation that dumps compare (dev_addr_genid).

Knows: RTM_NEWADDR, the dump of RTM_GETADDR.
Never: devices, routes.
"""

from typing import Any

from nlwire.errors import BufferFull
from nlwire.kernel import Kernel, net, rtnl_register
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb, nl_dump_check_consistent
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.if_addr import IFA, ifaddrmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.wire import (
    NL_VALIDATE,
    netlink_ext_ack,
    nla_get,
    nla_put,
    nlmsg_cancel,
    nlmsg_data,
    nlmsg_end,
    nlmsg_hdr,
    nlmsg_parse,
    nlmsg_put,
    sk_buff,
)


def addresses_of(home: net) -> list[Any]:
    found: list[Any] = home.generic.setdefault("small_addr", [])
    return found


def inet_rtm_newaddr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> None:
    tb = nlmsg_parse(nlh, ifaddrmsg, IFA, NL_VALIDATE.LIBERAL, extack)
    local = tb[IFA.LOCAL]
    assert local is not None
    addresses_of(sock_net(skb)).append((nlmsg_data(nlh, ifaddrmsg).ifa_prefixlen, nla_get(local)))


def inet_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    addresses = addresses_of(sock_net(cb.skb))
    cb.seq = 1 + len(addresses)
    for at in range(cb.args[0], len(addresses)):
        cb.args[0] = at
        if not inet_fill_ifaddr(skb, cb, *addresses[at]):
            return skb.len
        nl_dump_check_consistent(cb, nlmsg_hdr(skb))
    cb.args[0] = len(addresses)
    return 0


def inet_fill_ifaddr(skb: sk_buff, cb: netlink_callback, prefixlen: int, local: Any) -> bool:
    header = ifaddrmsg(ifa_family=AF.INET, ifa_prefixlen=prefixlen, ifa_index=1)
    try:
        nlh = nlmsg_put(skb, NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, RTM.NEWADDR, header, NLM_F.MULTI)
    except BufferFull:
        return False
    try:
        nla_put(skb, IFA.LOCAL, local)
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        return False
    nlmsg_end(skb, nlh)
    return True


def devinet_init(kernel: Kernel) -> None:
    rtnl_register(kernel, AF.INET, RTM.NEWADDR, inet_rtm_newaddr)
    rtnl_register(kernel, AF.INET, RTM.GETADDR, dumpit=inet_dump_ifaddr)
