"""A handler of one's own, in the kernel's style: what README shows."""

from socket import AF_INET
from typing import Any

from nlwire.errors import BufferFull
from nlwire.kernel import Kernel, rtnl_register, rtnl_unregister
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.rtnetlink import rtnl_notify, sock_net
from nlwire.uapi.if_addr import IFA, ifaddrmsg
from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from nlwire.wire import (
    netlink_ext_ack,
    nla_get,
    nla_put,
    nlmsg_data,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
    parse_ack,
    sk_buff,
)

ADDRESSES: list[tuple[int, Any]] = []


def inet_rtm_newaddr(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> None:
    tb = nlmsg_parse(nlh, ifaddrmsg, IFA, extack=extack)
    ifm = nlmsg_data(nlh, ifaddrmsg)
    local = tb[IFA.LOCAL]
    assert local is not None
    ADDRESSES.append((ifm.ifa_index, nla_get(local)))
    told = nlmsg_new(64)
    fill_ifaddr(told, NETLINK_CB(skb).portid, nlh.nlmsg_seq, 0, *ADDRESSES[-1])
    rtnl_notify(told, sock_net(skb), NETLINK_CB(skb).portid, RTNLGRP.IPV4_IFADDR, nlh)


def inet_dump_ifaddr(skb: sk_buff, cb: netlink_callback) -> int:
    for at, address in enumerate(ADDRESSES[cb.args[0] :], cb.args[0]):
        cb.args[0] = at
        try:
            fill_ifaddr(skb, NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, NLM_F.MULTI, *address)
        except BufferFull:
            return skb.len
    return 0


def fill_ifaddr(skb: sk_buff, portid: int, seq: int, flags: int, index: int, local: Any) -> None:
    mark = skb.len
    nlh = nlmsg_put(skb, portid, seq, RTM.NEWADDR, ifaddrmsg(ifa_family=AF_INET, ifa_index=index), flags)
    try:
        nla_put(skb, IFA.LOCAL, local)
    except BufferFull:
        skb.len = mark
        raise
    nlmsg_end(skb, nlh)


def request(type: int, flags: int, local: str | None = None) -> bytes:
    skb = nlmsg_new(64)
    nlh = nlmsg_put(skb, 0, 1, type, ifaddrmsg(ifa_family=AF_INET, ifa_index=1), flags | NLM_F.REQUEST)
    if local:
        nla_put(skb, IFA.LOCAL, local)
    nlmsg_end(skb, nlh)
    return bytes(skb)


def test_a_handler_of_one_s_own() -> None:
    ADDRESSES.clear()
    kernel = Kernel()
    rtnl_register(kernel, AF_INET, RTM.NEWADDR, inet_rtm_newaddr)
    rtnl_register(kernel, AF_INET, RTM.GETADDR, dumpit=inet_dump_ifaddr)
    sock, listener = kernel.socket(), kernel.socket()
    listener.bind((0, 1 << (RTNLGRP.IPV4_IFADDR - 1)))
    for number in range(200):
        sock.send(request(RTM.NEWADDR, NLM_F.ACK, f"10.0.{number >> 8}.{number & 255}"))
        assert parse_ack(sock.recv(4096)).error == 0
    assert len(listener.recv(4096)) == 32
    sock.send(request(RTM.GETADDR, NLM_F.DUMP))
    types: list[int] = []
    while NLMSG.DONE not in types:
        types += [nlh.nlmsg_type for nlh in nlmsg_for_each_msg(sock.recv(8192))]
    assert types == [RTM.NEWADDR] * 200 + [NLMSG.DONE]


def test_a_handler_s_refusal_is_the_answer() -> None:
    kernel = Kernel()
    rtnl_register(kernel, AF_INET, RTM.NEWADDR, inet_rtm_newaddr)
    sock = kernel.socket()
    sock.setsockopt(270, 11, 1)
    broken = bytearray(request(RTM.NEWADDR, 0, "10.0.0.1"))
    broken[24:26] = b"\x07\0"
    sock.send(bytes(broken))
    ack = parse_ack(sock.recv(4096))
    assert (ack.errno, ack.offset) == (34, 24)
    rtnl_unregister(kernel, AF_INET, RTM.NEWADDR)
    sock.send(request(RTM.NEWADDR, 0, "10.0.0.1"))
    assert parse_ack(sock.recv(4096)).errno == 95
