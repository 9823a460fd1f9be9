import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.text import json_line, text_line
from nlwire.codec.text.values import word
from nlwire.codec.values import Opaque
from nlwire.errors import WireError
from nlwire.schema import array_of, u16
from nlwire.uapi.fib_rules import FRA, rule
from nlwire.uapi.genetlink import CTRL_ATTR, GENL_ID, genl_ctrl
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_addrlabel import IFAL, addrlabel
from nlwire.uapi.if_link import IFLA, IFLA_AF_SPEC, IFLA_INFO, link
from nlwire.uapi.lwtunnel import LWTUNNEL_ENCAP
from nlwire.uapi.neighbour import NDA, neighbour
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG, NLMSGERR_ATTR, done, error
from nlwire.uapi.netlink_diag import NETLINK_DIAG, netlink_diag
from nlwire.uapi.nexthop import NHA, NHA_RES_GROUP, nexthop
from nlwire.uapi.nf_tables import NFTA_RULE, nft_rule
from nlwire.uapi.nfnetlink_conntrack import CTA, conntrack
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, RTN, RTNH_F, RTPROT, route
from nlwire.uapi.unix_diag import unix_diag
from tests.recorded import mutant, recorded
from tools.capture import fixture

FIXTURES = Path(__file__).parents[4] / "fixtures"
SEEDS = recorded()
INET: dict[str, Any] = {"rtm_family": AF.INET, "rtm_type": RTN.UNICAST, "rtm_table": 254}
ORDINARY: dict[str, Any] = {"rtm_protocol": RTPROT.STATIC, **INET}
VIA = {RTA.GATEWAY: "10.0.0.1", RTA.OIF: 2}


def a_route(attrs: dict[Any, Any], **fields: Any) -> Message:
    return build(route, RTM.NEWROUTE, attrs, **{**ORDINARY, **fields})


@given(st.integers(0, 1 << 32))
def test_no_message_is_too_strange(seed: int) -> None:
    protocol, data = mutant(seed)
    try:
        messages = decode(data, protocol)
    except WireError as error:
        messages = error.partial
    for message in messages:
        for details in (False, True):
            assert text_line(message, {2: "eth0"}, details=details).isprintable()
        line = json_line(message)
        assert line.isascii()
        assert Message.from_dict(json.loads(line)) == message


@given(st.binary(max_size=200), st.sampled_from([16, 18, 24, 20, 28, 32, 104, 36, 2, 3, 77]), st.integers(0, 0xFFFF))
def test_no_body_is_too_strange(body: bytes, nlmsg_type: int, flags: int) -> None:
    head = (16 + len(body)).to_bytes(4, "little") + nlmsg_type.to_bytes(2, "little") + flags.to_bytes(2, "little")
    for message in decode(head + bytes(8) + body, byteorder="little"):
        assert text_line(message).isprintable()
        json_line(message)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            a_route({RTA.DST: "10.20.0.0", RTA.PRIORITY: 100, **VIA}, rtm_dst_len=16),
            "10.20.0.0/16 via 10.0.0.1 dev eth0 proto static metric 100",
        ),
        (a_route({RTA.OIF: 7}, rtm_table=100), "default dev 7 table 100 proto static"),
        (
            a_route({RTA.DST: "10.0.0.1", RTA.TABLE: 254}, rtm_dst_len=32, rtm_type=RTN.BLACKHOLE),
            "blackhole 10.0.0.1 proto static",
        ),
        (a_route({}, rtm_dst_len=8), "?/8 proto static"),
        (
            a_route({RTA.SRC: "::1", RTA.VIA: ({"rtvia_family": AF.INET6}, "fe80::1")}, rtm_src_len=64),
            "default from ::1/64 via inet6 fe80::1 proto static",
        ),
        (
            a_route({RTA.ENCAP_TYPE: LWTUNNEL_ENCAP.MPLS, RTA.ENCAP: {1: [100]}, RTA.OIF: 2}),
            "default encap mpls dst 100 dev eth0 proto static",
        ),
        (a_route({RTA.METRICS: {RTAX.MTU: 1400, RTAX.CC_ALGO: "bbr"}}), "default proto static mtu 1400 cc_algo bbr"),
        (a_route({}, rtm_flags=RTNH_F.ONLINK | 0x200), "default proto static onlink cloned"),
        (
            a_route(
                {
                    RTA.MULTIPATH: [
                        ({"rtnh_ifindex": 2, "rtnh_hops": 3, "rtnh_flags": 4}, {RTA.GATEWAY: "10.0.0.1", RTA.FLOW: 9})
                    ]
                }
            ),
            "default proto static nexthop via 10.0.0.1 dev eth0 weight 4 onlink flow 9",
        ),
        (
            a_route({RTA.MULTIPATH: [{"rest": "0102"}]}),
            "default proto static rest 0x0102",
        ),
        (
            a_route({RTA.DST: [100], RTA.NEWDST: [200, 300]}, rtm_family=AF.MPLS, rtm_dst_len=20),
            "100 as to 200/300 proto static",
        ),
        (
            a_route(
                {
                    RTA.OIF: Opaque(b"a"),
                    RTA.METRICS: Opaque(b"b"),
                    RTA.VIA: Opaque(b"c"),
                    RTA.MULTIPATH: Opaque(b"d"),
                    99: b"\1",
                }
            ),
            "default proto static oif ?0x61 metrics ?0x62 via ?0x63 multipath ?0x64 attr99 0x01",
        ),
        (
            build(
                neighbour,
                RTM.NEWNEIGH,
                {NDA.DST: "10.0.0.1", NDA.LLADDR: "02:00:00:00:00:01"},
                ndm_ifindex=2,
                ndm_state=2,
                ndm_flags=0x80,
            ),
            "10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 router REACHABLE",
        ),
        (
            build(
                address,
                RTM.NEWADDR,
                {
                    IFA.ADDRESS: "10.0.0.2",
                    IFA.LOCAL: "10.0.0.2",
                    IFA.LABEL: "eth0",
                    IFA.FLAGS: 0x280,
                    IFA.CACHEINFO: {"ifa_valid": 0xFFFFFFFF, "ifa_prefered": 60},
                },
                ifa_family=AF.INET,
                ifa_prefixlen=24,
                ifa_index=2,
            ),
            "2: eth0 inet 10.0.0.2/24 noprefixroute eth0 valid_lft forever preferred_lft 60sec",
        ),
        (
            build(
                address,
                RTM.NEWADDR,
                {IFA.ADDRESS: "10.0.0.3", IFA.LOCAL: "10.0.0.2"},
                ifa_family=AF.INET,
                ifa_prefixlen=32,
                ifa_index=9,
            ),
            "9: inet 10.0.0.2 peer 10.0.0.3/32",
        ),
        (build(address, RTM.NEWADDR, {}, ifa_index=9), "9: unspec ?/0"),
        (build(rule, RTM.NEWRULE, {FRA.PRIORITY: 0, FRA.TABLE: 255}, table=255, action=1), "0: from all lookup local"),
        (
            build(
                rule,
                RTM.NEWRULE,
                {
                    FRA.PRIORITY: 9,
                    FRA.SRC: "10.0.0.0",
                    FRA.DST: "10.1.0.0",
                    FRA.FWMARK: 7,
                    FRA.GOTO: 200,
                    FRA.PROTOCOL: 4,
                    FRA.SPORT_RANGE: {"start": 1, "end": 9},
                    FRA.UID_RANGE: {"start": 5, "end": 5},
                },
                src_len=8,
                dst_len=16,
                action=2,
            ),
            "9: from 10.0.0.0/8 to 10.1.0.0/16 fwmark 0x7 uidrange 5 sport 1-9 goto 200 proto static",
        ),
        (
            build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 1, NHA.GATEWAY: "10.0.0.1", NHA.OIF: 2}),
            "id 1 via 10.0.0.1 dev eth0",
        ),
        (
            build(
                nexthop,
                RTM.NEWNEXTHOP,
                {
                    NHA.ID: 9,
                    NHA.GROUP: [{"id": 1}, {"id": 2, "weight": 2}],
                    NHA.GROUP_TYPE: 1,
                    NHA.RES_GROUP: {NHA_RES_GROUP.BUCKETS: 8},
                },
            ),
            "id 9 group 1/2,3 type res buckets 8",
        ),
        (build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 3, NHA.BLACKHOLE: True}), "id 3 blackhole"),
        (
            build(
                link,
                RTM.NEWLINK,
                {
                    IFLA.IFNAME: "eth0",
                    IFLA.MTU: 1500,
                    IFLA.LINK: 3,
                    IFLA.OPERSTATE: 2,
                    IFLA.ADDRESS: "02:00:00:00:00:01",
                    IFLA.LINKINFO: {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {}},
                    IFLA.CARRIER: 0,
                },
                ifi_index=2,
                ifi_type=1,
                ifi_flags=0x1003,
            ),
            "2: eth0@3: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 state down kind veth link/ether 02:00:00:00:00:01",
        ),
        (build(link, RTM.NEWLINK, {IFLA.LINKINFO: Opaque(b"a")}, ifi_flags=0x40), "0: ?: <> link/netrom"),
        (
            build(link, RTM.NEWLINK, {IFLA.IFNAME: "x", IFLA.MTU: 9}, ifi_index=2, flags=NLM_F.REQUEST),
            "add link index 2 ifname x mtu 9",
        ),
        (build(route, RTM.GETROUTE, flags=NLM_F.REQUEST | NLM_F.DUMP), "dump route"),
        (
            build(route, RTM.GETROUTE, {RTA.DST: "1.2.3.4"}, flags=NLM_F.REQUEST, **INET),
            "get route family inet table main type unicast dst 1.2.3.4",
        ),
        (build(route, RTM.DELROUTE, VIA, **ORDINARY), "deleted default via 10.0.0.1 dev eth0 proto static"),
        (
            build(route, RTM.DELROUTE, VIA, flags=NLM_F.REQUEST, **ORDINARY),
            "delete route default via 10.0.0.1 dev eth0 proto static",
        ),
        (
            build(
                addrlabel,
                RTM.NEWADDRLABEL,
                {IFAL.ADDRESS: "::", IFAL.LABEL: 4},
                ifal_family=AF.INET6,
                ifal_prefixlen=96,
            ),
            "addrlabel family inet6 prefixlen 96 address :: label 4",
        ),
        (
            build(
                genl_ctrl, GENL_ID.CTRL, {CTRL_ATTR.FAMILY_NAME: "a b", CTRL_ATTR.OPS: [(1, {1: 3}), (2, Opaque(b"x"))]}
            ),
            'GENL_ID_CTRL genl_ctrl family_name "a b" ops [ { id 3 }, ?0x78 ]',
        ),
        (
            build(error, NLMSG.ERROR, {NLMSGERR_ATTR.MSG: "No such\x1b device", NLMSGERR_ATTR.OFFS: 36}, error=-19),
            'error -19 (ENODEV: No such device): "No such\\x1b device" offs 36',
        ),
        (build(done, NLMSG.DONE), "done"),
        (build(done, NLMSG.DONE, error=-4), "done -4 (EINTR: Interrupted system call)"),
    ],
)
def test_lines(message: Message, line: str) -> None:
    assert text_line(message, {2: "eth0"}) == line


def test_details_show_what_ip_keeps_quiet() -> None:
    made = build(
        link, RTM.NEWLINK, {IFLA.IFNAME: "lo", IFLA.GROUP: 0, IFLA.CARRIER: 1, IFLA.AF_SPEC: {IFLA_AF_SPEC.INET6: {}}}
    )
    assert text_line(made) == "0: lo: <> link/netrom"
    assert text_line(made, details=True) == "0: lo: <> link/netrom carrier 1 af_spec { inet6 {} }"


def test_types_nobody_declared() -> None:
    message = Message.from_dict({"nlmsg_type": 99, "attrs": [{"rest": "0102"}]})
    assert text_line(message) == "type 99 of NETLINK_ROUTE: 0x0102"
    assert text_line(Message.from_dict({"nlmsg_type": 99, "protocol": 77})) == "type 99 of protocol 77"


def test_an_acknowledgement_names_its_request() -> None:
    request = a_route(VIA, rtm_dst_len=0)
    made = build(error, NLMSG.ERROR, error=0)
    made.quoted = request
    assert text_line(made) == "ack of RTM_NEWROUTE seq 0"
    head = {"error": 0, "msg": {"nlmsg_len": 40, "nlmsg_type": 24, "nlmsg_flags": 5, "nlmsg_seq": 8}}
    made = Message.from_dict({"nlmsg_type": "NLMSG_ERROR", "nlmsg_flags": ["NLM_F_CAPPED"], "header": head})
    (capped,) = decode(encode(made))
    assert text_line(capped) == "ack of RTM_NEWROUTE seq 8"


def test_containers_in_generic_words() -> None:
    hops = [({"rtnh_ifindex": 2}, {RTA.GATEWAY: "10.0.0.1"}), ({"rtnh_hops": 1}, {}), {"rest": "ff"}]
    via = ({"rtvia_family": AF.INET6}, "fe80::1")
    made = build(route, RTM.GETROUTE, {RTA.VIA: via, RTA.MULTIPATH: hops}, flags=NLM_F.REQUEST)
    nexthops = "[ len 16 ifindex 2 { gateway 10.0.0.1 }, len 8 hops 1 {}, rest 0xff ]"
    assert text_line(made) == f"get route via {{ family inet6 fe80::1 }} multipath {nexthops}"


def of_fixture(path: str) -> list[str]:
    """The lines of a recorded conversation, what the kernel says alone."""
    made = fixture.read(FIXTURES / f"{path}.nl")
    return [
        text_line(decode(one.message.data, one.message.protocol, byteorder="little")[0])
        for one in made.samples
        if one.direction != "request"
    ]


@pytest.mark.parametrize(
    ("path", "beginnings"),
    [
        (
            "sock_diag/tcp",
            (
                "listen 1/5 127.0.0.1:2001 *:* inode ",
                "listen 0/5 *:2003 *:* inode ",
                "established 0/0 [::1]:2002 [::1]:40002 ",
                "close_wait 1/0 127.0.0.1:2001 127.0.0.1:40003 ",
                "time_wait 0/0 127.0.0.1:40004 127.0.0.1:2001 timer timewait ",
            ),
        ),
        (
            "sock_diag/unix",
            (
                "stream listen 1/5 /tmp/nlwire-capture.sock inode ",
                "dgram close 0/0 @nlwire inode ",
                "seqpacket established ",
            ),
        ),
        (
            "sock_diag/netlink",
            ("route kernel dgram inode ", "route 65537 raw groups 1,5,33 inode ", "generic 65538 dgram "),
        ),
        ("sock_diag/packet", ("raw proto all inode ", "dgram proto ip inode ")),
        (
            "netfilter/conntrack",
            (
                "tcp syn_sent 120s 127.0.0.1:40080 -> 127.0.0.1:80 back 127.0.0.1:80 -> 127.0.0.1:40080 confirmed ",
                "udp 30s [::1]:40053 -> [::1]:53 back [::1]:53 -> [::1]:40053 ",
                "icmp 30s 127.0.0.1 -> 127.0.0.1 type 8 code 0 id 7 back 127.0.0.1 -> 127.0.0.1 type 0 code 0 id 7 ",
                "deleted ",
            ),
        ),
        (
            "netfilter/rules",
            (
                "inet t in handle 4 [ meta key iifname dreg 1 ] [ cmp sreg 1 op eq data { value 0x6c6f00",
                "inet t in handle 5 [ ct dreg 1 key state ] [ bitwise ",
            ),
        ),
    ],
)
def test_sockets_and_connections(path: str, beginnings: tuple[str, ...]) -> None:
    """Read by hand beside what ss and conntrack say."""
    lines = of_fixture(path)
    for begin in beginnings:
        assert any(line.startswith(begin) for line in lines), (begin, lines)


def test_sockets_and_connections_of_which_little_is_known() -> None:
    tables = 1 << 8
    assert text_line(build(unix_diag, 20)) == "*"
    assert text_line(build(netlink_diag, 20, {NETLINK_DIAG.GROUPS: (0, 0)}, ndiag_protocol=12)) == "netfilter kernel"
    assert text_line(build(conntrack, tables)) == ""
    assert text_line(build(conntrack, tables, {CTA.TUPLE_REPLY: {"ZONE": 7}})) == "back ? -> ? zone 7"
    strange = build(conntrack, tables, {CTA.TUPLE_ORIG: {99: b"x", "PROTO": {"NUM": 6}}, CTA.PROTOINFO: {"TCP": {}}})
    assert text_line(strange) == "tcp ? -> ?"


def test_a_rule_of_which_little_fits() -> None:
    elem = {"ELEM": [("NAME", "meta"), ("DATA", {"KEY": 6}), (99, b"x")]}
    made = build(nft_rule, 10 << 8 | 6, {NFTA_RULE.TABLE: "t", NFTA_RULE.EXPRESSIONS: elem})
    assert text_line(made) == "t [ meta key iifname attr99 0x78 ]"
    (bare,) = decode(
        encode(build(nft_rule, 10 << 8 | 6, {NFTA_RULE.EXPRESSIONS: {"ELEM": {"DATA": b"x"}}})), NETLINK.NETFILTER
    )
    assert text_line(bare) == "[ data 0x78 ]"
    made = build(nft_rule, 10 << 8 | 6, {NFTA_RULE.EXPRESSIONS: {7: b"x"}})
    assert text_line(made) == "[ attr7 0x78 ]"


def test_words_of_several() -> None:
    assert word(array_of(u16), (1, 2)) == "[1 2]"
