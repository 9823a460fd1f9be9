"""Requests, built with wire/."""

from typing import Any

from nlwire.schema import Attr, UapiStruct
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTM, RTN, RTPROT, rtmsg
from nlwire.wire import (
    nla_put,
    nlmsg_end,
    nlmsg_new,
    nlmsg_put,
    skb_put_data,
)

NEW = NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.REPLACE


def message(
    kind: int, header: UapiStruct | int, flags: int, *attrs: tuple[Attr[Any] | int, Any], tail: bytes = b""
) -> bytes:
    """A request."""
    skb = nlmsg_new(4096)
    nlh = nlmsg_put(skb, 0, 7, kind, header, flags)
    for attr, value in attrs:
        nla_put(skb, attr, value)
    skb_put_data(skb, tail)
    nlmsg_end(skb, nlh)
    return bytes(skb)


def run(*attrs: tuple[Attr[Any] | int, Any]) -> bytes:
    """Attributes alone."""
    return message(0, 0, 0, *attrs)[16:]


def route(*attrs: tuple[Attr[Any] | int, Any], tail: bytes = b"", flags: int = NEW) -> bytes:
    header = rtmsg(
        rtm_family=AF.INET, rtm_dst_len=16, rtm_table=RT_TABLE.MAIN, rtm_protocol=RTPROT.BOOT, rtm_type=RTN.UNICAST
    )
    return message(RTM.NEWROUTE, header, flags, *attrs, tail=tail)
