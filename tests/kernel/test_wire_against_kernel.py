"""wire/ against a running kernel: acknowledgements byte for byte, the offsets they blame, a route made and found again."""

from errno import EINVAL

import pytest

from nlwire.schema import AttrSet, UapiStruct
from nlwire.uapi.genetlink import CTRL_ATTR, GENL_ID, genlmsghdr
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTA, RTAX, RTM, RTN, RTPROT, ifinfomsg, rtmsg
from nlwire.wire import (
    NL_VALIDATE,
    build_ack,
    netlink_error,
    netlink_ext_ack,
    nla_for_each_nested,
    nla_get,
    nla_get_default,
    nla_nest,
    nla_put,
    nlmsg_bytes,
    nlmsg_data,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
    parse_ack,
    put_done,
)
from tests.conftest import require_or_skip
from tests.kernel.policies import operations
from tests.kernel.relay import Relay
from tests.kernel.requests import NEW, message, route, run

pytestmark = pytest.mark.kernel

REQUESTS: list[tuple[NETLINK, bytes]] = [
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.OIF, 1))),
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.OIF, 1), tail=bytes(4))),
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.GATEWAY, "10.0.0.1"))),
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.GATEWAY, "10.0.0.1"), tail=b"\1")),
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.OIF.number, b"\1\0"))),
    (NETLINK.ROUTE, route((RTA.DST, "10.20.0.0"), (RTA.OIF, 99))),
    (NETLINK.ROUTE, message(5000, 0, NLM_F.REQUEST)),
    (NETLINK.ROUTE, message(1, 0, NLM_F.REQUEST | NLM_F.ACK)),
    (NETLINK.ROUTE, message(RTM.NEWROUTE, 0, NLM_F.ACK)),
    (NETLINK.ROUTE, message(RTM.GETLINK, 1, NLM_F.REQUEST)),
    (NETLINK.ROUTE, message(RTM.NEWLINK, ifinfomsg(), NEW, (IFLA.IFNAME, "a" * 16))),
    (NETLINK.ROUTE, message(RTM.GETROUTE, rtmsg(rtm_family=AF.INET, rtm_dst_len=3), NLM_F.REQUEST | NLM_F.DUMP)),
    (NETLINK.ROUTE, message(RTM.GETROUTE, rtmsg(rtm_family=AF.INET), NLM_F.REQUEST | NLM_F.DUMP, (RTA.TABLE, 999))),
    (NETLINK.ROUTE, message(RTM.GETROUTE, rtmsg(rtm_family=AF.INET), NLM_F.REQUEST | NLM_F.DUMP)),
    (NETLINK.GENERIC, message(GENL_ID.CTRL, genlmsghdr(cmd=3, reserved=4), NLM_F.REQUEST)),
    (NETLINK.GENERIC, message(GENL_ID.CTRL, genlmsghdr(cmd=3), NLM_F.REQUEST)),
    (
        NETLINK.GENERIC,
        message(GENL_ID.CTRL, genlmsghdr(cmd=3), NLM_F.REQUEST, (CTRL_ATTR.FAMILY_NAME, "no such family")),
    ),
    (
        NETLINK.GENERIC,
        message(GENL_ID.CTRL, genlmsghdr(cmd=3), NLM_F.REQUEST, (CTRL_ATTR.FAMILY_NAME.number, b"no end")),
    ),
    (NETLINK.GENERIC, message(GENL_ID.CTRL, 2, NLM_F.REQUEST)),
]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("ext_ack", [False, True])
@pytest.mark.parametrize("cap_ack", [False, True])
def test_acknowledgements_byte_for_byte(relay: Relay, cap_ack: bool, ext_ack: bool, strict: bool) -> None:
    """What parse_ack() reads is all there is: from it the same acknowledgement is built, for every socket's options."""
    for protocol, request in REQUESTS:
        data = relay.ask(protocol, request, cap_ack=cap_ack, ext_ack=ext_ack, strict=strict)[-1]
        (nlh,) = (nlh for nlh in nlmsg_for_each_msg(data) if nlh.nlmsg_type in (NLMSG.ERROR, NLMSG.DONE))
        ack = parse_ack(nlh)
        extack = netlink_ext_ack(ack.message, ack.offset, ack.policy, ack.miss_type, ack.miss_nest, ack.cookie)
        if nlh.nlmsg_type == NLMSG.DONE:
            skb = nlmsg_new(256)
            flags = nlh.nlmsg_flags & ~NLM_F.ACK_TLVS
            put_done(skb, request, ack.error, extack, portid=nlh.nlmsg_pid, flags=flags, ext_ack=ext_ack)
        else:
            skb = build_ack(request, ack.error, extack, portid=nlh.nlmsg_pid, cap_ack=cap_ack, ext_ack=ext_ack)
        assert bytes(skb) == bytes(nlmsg_bytes(nlh)), (request.hex(), ack)


RESOLVED: list[tuple[bytes, type[UapiStruct], type[AttrSet], bool, str]] = [
    (
        route((RTA.DST, "10.20.0.0"), (RTA.OIF.number, b"\1\0")),
        rtmsg,
        RTA,
        False,
        (
            "ERANGE: Attribute failed policy validation (rtmsg/RTA_OIF at offset 36, value 0100)"
            " (policy min 0, max 4294967295, type NL_ATTR_TYPE_U32)"
        ),
    ),
    (
        route((RTA.DST, "10.20.0.0"), (RTA.OIF, 1), (RTA.METRICS, run((RTAX.HOPLIMIT, 3), (RTAX.MTU.number, b"\1")))),
        rtmsg,
        RTA,
        False,
        "EINVAL: Invalid attribute in metrics (rtmsg/RTA_METRICS/RTAX_MTU at offset 56, value 01)",
    ),
    (
        message(RTM.NEWLINK, ifinfomsg(), NEW, (IFLA.MTU, 1500), (IFLA.IFNAME, "a" * 16)),
        ifinfomsg,
        IFLA,
        False,
        (
            "ERANGE: Attribute failed policy validation (ifinfomsg/IFLA_IFNAME at offset 40, value aaaaaaaaaaaaaaaa)"
            " (policy max_len 15, type NL_ATTR_TYPE_STRING)"
        ),
    ),
    (
        message(RTM.GETLINK, ifinfomsg(ifi_index=1), NLM_F.REQUEST, (99, b"\1")),
        ifinfomsg,
        IFLA,
        True,
        "EINVAL: Unknown attribute type (ifinfomsg/99 at offset 32, value 01)",
    ),
    (
        route((RTA.DST, "10.20.0.0"), (RTA.GATEWAY, "10.0.0.1")),
        rtmsg,
        RTA,
        False,
        "ENETUNREACH: Nexthop has invalid gateway",
    ),
]


@pytest.mark.parametrize(("request_", "header", "attrs", "strict", "words"), RESOLVED)
def test_offsets_resolve(
    relay: Relay, request_: bytes, header: type[UapiStruct], attrs: type[AttrSet], strict: bool, words: str
) -> None:
    """What a user reads when the kernel says no."""
    ack = parse_ack(relay.ask(NETLINK.ROUTE, request_, strict=strict)[-1])
    assert str(netlink_error(ack, header, attrs)) == words


def test_missing_attributes(relay: Relay) -> None:
    """netdev's dev-get wants an ifindex, and says so by its type alone."""
    ids = {operation.family: operation.id for operation in operations(relay)}
    if "netdev" not in ids:
        require_or_skip("this kernel has no netdev family")
    data = relay.ask(NETLINK.GENERIC, message(ids["netdev"], genlmsghdr(cmd=1), NLM_F.REQUEST))[-1]
    ack = parse_ack(data)
    assert (ack.error, ack.message, ack.miss_type, ack.miss_nest, len(data)) == (-EINVAL, None, 1, None, 48)
    extack = netlink_ext_ack(miss_type=1)
    assert bytes(build_ack(ack.request, ack.error, extack, portid=ack.nlh.nlmsg_pid)) == data


def test_a_route_is_made_and_found_again(relay: Relay) -> None:
    """The kernel takes what we build and shows it again."""
    skb = nlmsg_new(256)
    nlh = nlmsg_put(skb, portid=0, seq=1, type=RTM.NEWROUTE, payload=rtmsg, flags=NEW)
    rtm = nlmsg_data(nlh, rtmsg)
    rtm.rtm_family, rtm.rtm_dst_len, rtm.rtm_table = AF.INET, 16, RT_TABLE.MAIN
    rtm.rtm_protocol, rtm.rtm_type = RTPROT.STATIC, RTN.UNICAST
    nla_put(skb, RTA.DST, "10.99.0.0")
    nla_put(skb, RTA.OIF, 1)
    with nla_nest(skb, RTA.METRICS):
        nla_put(skb, RTAX.MTU, 1400)
    nlmsg_end(skb, nlh)
    assert parse_ack(relay.ask(NETLINK.ROUTE, bytes(skb))[-1]).error == 0

    found = {}
    for datagram in relay.ask(
        NETLINK.ROUTE, message(RTM.GETROUTE, rtmsg(rtm_family=AF.INET), NLM_F.REQUEST | NLM_F.DUMP)
    ):
        for one in nlmsg_for_each_msg(datagram):
            if one.nlmsg_type == RTM.NEWROUTE:
                tb = nlmsg_parse(one, rtmsg, RTA, NL_VALIDATE.LIBERAL)
                found[str(nla_get_default(tb[RTA.DST], None))] = tb
    tb = found["10.99.0.0"]
    metrics = tb[RTA.METRICS]
    assert nla_get_default(tb[RTA.OIF], 0) == 1
    assert metrics is not None
    assert [(one.attr, nla_get(one)) for one in nla_for_each_nested(metrics)] == [(RTAX.MTU, 1400)]
