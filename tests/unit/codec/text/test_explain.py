from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.codec.text import Line, explain, first_fault, picture, rows
from nlwire.codec.values import Attrs, Opaque
from nlwire.schema.kinds import ByteOrder
from nlwire.uapi.if_link import IFLA, IFLA_AF_SPEC, IFLA_INFO, link
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG, NLMSGERR_ATTR, done, error
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, RTN, RTPROT, route
from nlwire.uapi.tc import qdisc
from tests.recorded import mutant, recorded

SEEDS = recorded()


def tiled(data: bytes, protocol: int = NETLINK.ROUTE, order: ByteOrder = "little", base: int = 0) -> list[Line]:
    """The lines of ``data``, which must be all of it, once and in order."""
    lines = list(explain(data, protocol, byteorder=order, base=base))
    assert b"".join(line.data for line in lines) == data
    at = base
    for line in lines:
        assert line.offset == at
        assert 0 <= line.head <= len(line.data)
        at += len(line.data)
    return lines


def named(lines: list[Line], name: str) -> Line:
    (found,) = [line for line in lines if line.name == name]
    return found


def fault_of(data: bytes, protocol: int = NETLINK.ROUTE) -> tuple[int, str, str]:
    found = first_fault(tiled(data, protocol))
    assert found is not None
    return found.offset, found.name, found.fault


def a_route() -> Message:
    hops = [
        ({"rtnh_hops": 0, "rtnh_ifindex": 2}, {RTA.GATEWAY: "10.0.0.1"}),
        ({"rtnh_hops": 3, "rtnh_ifindex": 3}, {RTA.VIA: ({"rtvia_family": AF.INET6}, "fe80::1")}),
    ]
    attrs = {RTA.DST: "10.20.0.0", RTA.TABLE: 254, RTA.METRICS: {RTAX.CC_ALGO: "bbr!"}, RTA.MULTIPATH: hops}
    fields: dict[str, Any] = {
        "rtm_family": AF.INET,
        "rtm_dst_len": 16,
        "rtm_protocol": RTPROT.STATIC,
        "rtm_type": RTN.UNICAST,
    }
    return build(route, RTM.NEWROUTE, attrs, flags=NLM_F.REQUEST, **fields)


ROUTE = encode(a_route(), byteorder="little")


@given(st.binary(max_size=400), st.sampled_from([0, 16, 12]), st.sampled_from(["little", "big"]), st.integers(0, 99))
def test_any_bytes_are_tiled(data: bytes, protocol: int, order: ByteOrder, base: int) -> None:
    lines = tiled(data, protocol, order, base)
    list(picture(lines))


@given(st.binary(max_size=200), st.sampled_from([16, 18, 24, 20, 28, 32, 104, 36, 2, 3]))
def test_any_body_is_tiled(body: bytes, nlmsg_type: int) -> None:
    head = (16 + len(body)).to_bytes(4, "little") + nlmsg_type.to_bytes(2, "little") + bytes([0, 2]) + bytes(8)
    tiled(head + body)


@given(st.integers(0, 1 << 32))
def test_mutated_recordings_are_tiled(seed: int) -> None:
    protocol, data = mutant(seed)
    lines = tiled(data, protocol)
    assert all("\x1b" not in row for row in picture(lines))


@pytest.mark.parametrize("seed", range(0, len(SEEDS), 3))
def test_recordings_have_the_attributes_the_decoder_finds(seed: int) -> None:
    protocol, data = SEEDS[seed]
    lines = tiled(data, protocol)
    (message,) = decode(data, protocol)
    shown = [line for line in lines if line.head]
    assert [(line.name.strip("[]"), line.role == "opaque") for line in shown] == list(attributes(message))


def attributes(message: Message) -> list[tuple[str, bool]]:
    """(name, opaque) of every attribute that the decoder found, in order."""
    found: list[tuple[str, bool]] = []

    def visit(value: object) -> None:
        if isinstance(value, Attrs):
            for item in value.items:
                if item[0] is not None:
                    found.append((value.set.name_of(item[0]), item[1] is None))
                    visit(item[2])
        elif isinstance(value, list):
            for record in value:
                visit(record.attrs)
        elif hasattr(value, "tail"):
            visit(value.tail)

    if message.quoted is not None:
        found += attributes(message.quoted)
    visit(message.attrs)
    return found


def test_a_route_line_by_line() -> None:
    lines = tiled(ROUTE)
    assert first_fault(lines) is None
    assert [(one.offset, one.name, one.value) for one in lines if one.depth == 1] == [
        (0, "struct nlmsghdr", ""),
        (16, "struct rtmsg", ""),
        (28, "RTA_DST", "10.20.0.0"),
        (36, "RTA_TABLE", "RT_TABLE_MAIN"),
        (44, "RTA_METRICS", "12 bytes, NLA_F_NESTED"),
        (60, "RTA_MULTIPATH", "48 bytes"),
    ]
    assert named(lines, "RTAX_CC_ALGO").value == '"bbr!"'
    assert named(lines, "RTA_TABLE").doc == "supersedes rtm_table"
    assert named(lines, "nlmsg_flags").value == "NLM_F_REQUEST"
    assert [one.value for one in lines if one.name == "struct rtnexthop"] == ["1, 16 bytes", "2, 32 bytes"]
    assert named(lines, "rtvia_family").value == "AF_INET6"
    assert [one.value for one in lines if not one.name] == ["fe80::1"]


def test_the_plain_picture() -> None:
    text = list(picture(explain(ROUTE + ROUTE[:20], byteorder="little")))
    assert "001c    08 00 01 00 0a 14 00 00    RTA_DST             10.20.0.0" in text
    assert "0038    00                                             " not in text  # continued rows have bytes only
    assert "0038    00" in text
    assert text.count("") == 1
    assert [one[:10] for one in text if " >  " in one] == [f"{len(ROUTE):04x} >  {len(ROUTE):02x}"[:10]]
    assert all(style for row in rows(explain(ROUTE)) for style, words in row if words.strip())


def with_body(nlmsg_type: int, body: bytes, flags: int = 0) -> bytes:
    size = 16 + len(body)
    return size.to_bytes(4, "little") + nlmsg_type.to_bytes(2, "little") + flags.to_bytes(2, "little") + bytes(8) + body


RTMSG = bytes(12)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\x01\x02", (0, "rest", "a message header takes 16 bytes, 2 are left")),
        (bytes(20), (0, "nlmsg_len", "nlmsg_len is 0, less than its own header")),
        (ROUTE[:-4], (0, "nlmsg_len", f"nlmsg_len is {len(ROUTE)}, past the end: {len(ROUTE) - 4} bytes are left")),
        (with_body(24, RTMSG + b"\x03\0\x01\0"), (28, "rest", "nla_len is 3, less than its own header")),
        (
            with_body(24, RTMSG + b"\x30\0\x05\0abc"),
            (28, "rest", "nla_len of RTA_GATEWAY is 48, past the end: 7 bytes are left"),
        ),
        (with_body(24, RTMSG + b"abc"), (28, "rest", "an attribute header takes 4 bytes, 3 are left")),
        (with_body(24, RTMSG + b"a"), (28, "rest", "an attribute header takes 4 bytes, 1 is left")),
        (with_body(24, RTMSG + b"\x06\0\x04\0ab\0\0"), (28, "RTA_OIF", "u32 takes 4 bytes, not 2")),
        (with_body(24, RTMSG + b"\x05\0\x12\0a"), (28, "RTA_VIA", "struct rtvia takes 2 bytes, not 1")),
        (with_body(24, RTMSG + b"\x07\0\x12\0\x02\0a"), (28, "RTA_VIA", "ip takes 4 or 16 bytes, not 1")),
        (with_body(24, RTMSG + b"\x08\0\x09\0abcd"), (32, "rest", "struct rtnexthop takes 8 bytes, 4 are left")),
        (
            with_body(24, RTMSG + b"\x0c\0\x09\0\x07\0\0\0abcd"),
            (32, "rest", "rtnh_len is 7; 8 to 8 bytes are possible"),
        ),
    ],
)
def test_faults(data: bytes, fault: tuple[int, str, str]) -> None:
    assert fault_of(data) == fault


def test_nests_have_a_floor() -> None:
    hops = b"\x08\0\0\0\x02\0\0\0"
    for _ in range(12):
        hops = (
            (len(hops) + 12).to_bytes(2, "little")
            + b"\0\0\x02\0\0\0"
            + (len(hops) + 4).to_bytes(2, "little")
            + b"\x09\0"
            + hops
        )
    found = first_fault(tiled(with_body(24, RTMSG + (len(hops) + 4).to_bytes(2, "little") + b"\x09\0" + hops)))
    assert found is not None
    assert found.fault == "nested deeper than 10"


def test_unknown_is_no_fault() -> None:
    lines = tiled(with_body(24, RTMSG + b"\x06\0\x63\x40ab\1\2"))
    assert first_fault(lines) is None
    assert (named(lines, "99").doc, named(lines, "99").value) == ("not declared in RTA", "NLA_F_NET_BYTEORDER")
    assert named(lines, "padding").doc == "not zero"
    lines = tiled(with_body(999, b"abc"))
    assert named(lines, "payload").doc == "nobody declared type 999 of NETLINK_ROUTE"
    assert named(tiled(with_body(999, b"abc"), 77), "payload").doc == "nobody declared type 999 of protocol 77"
    assert first_fault(lines) is None


def test_headers_cut_short() -> None:
    lines = tiled(with_body(26, b"\x02\x18"))
    assert named(lines, "struct rtmsg").value == "2 of 12 bytes"
    assert named(lines, "rtm_dst_len").value == "24"
    assert first_fault(lines) is None
    assert first_fault(tiled(with_body(26, b""))) is None


def test_alignment_after_the_header() -> None:
    short = with_body(
        80, b"\x02" + b"\0\0\0" + b"\x08\0\x01\0\x07\0\0\0"
    )  # RTM_NEWNETCONF: struct netconfmsg has one byte
    assert [one.name for one in tiled(short) if one.role == "pad"] == ["padding"]
    assert fault_of(with_body(80, b"\x02\1\0\0"))[1:] == (
        "rest",
        "padding before the attributes is cut short or not zero",
    )


def acknowledgement(code: int, flags: int = 0, request: Message | None = None, **attrs: object) -> bytes:
    quoted = b"" if request is None else encode(request, byteorder="little")
    head = quoted[:16] if quoted else bytes(16)
    body = code.to_bytes(4, "little", signed=True) + head + quoted[16:]
    tail = b"\x0a\0\x01\0wrong\0\0\0" if attrs else b""
    return with_body(NLMSG.ERROR, body + tail, flags)


def test_acknowledgements() -> None:
    lines = tiled(acknowledgement(-17, NLM_F.ACK_TLVS, a_route(), words="wrong"))
    assert named(lines, "error").value == "-17 (EEXIST: File exists)"
    assert [one.value for one in lines if one.role == "message"][1] == f"the request it answers, {len(ROUTE)} bytes"
    assert named(lines, "NLMSGERR_ATTR_MSG").value == '"wrong"'
    assert named(lines, "RTA_TABLE").depth == 2
    assert named(tiled(acknowledgement(0)), "error").value == "0 (no error)"
    assert named(tiled(acknowledgement(-9999)), "error").value == "-9999"
    assert fault_of(acknowledgement(0, words="x"))[2] == "NLM_F_ACK_TLVS is not set: no attributes should follow"
    twice = build(error, NLMSG.ERROR, {NLMSGERR_ATTR.MSG: "inner"})
    assert named(tiled(acknowledgement(-1, 0, twice)), "payload").doc.startswith("nobody declared")
    named(tiled(encode(build(done, NLMSG.DONE, error=-4), byteorder="little")), "error")


def test_arrays_structs_and_texts() -> None:
    conf = [1] * 33
    made = build(
        link,
        RTM.NEWLINK,
        {
            IFLA.IFNAME: "a\x1b[31m",
            IFLA.LINKINFO: {IFLA_INFO.KIND: "dummy"},
            IFLA.AF_SPEC: {IFLA_AF_SPEC.INET: {1: conf}},
            IFLA.PHYS_PORT_ID: b"\1\2",
        },
    )
    lines = tiled(encode(made, byteorder="little"))
    assert named(lines, "IFLA_IFNAME").value == '"a\\x1b[31m"'
    assert named(lines, "IFLA_PHYS_PORT_ID").value == "2 bytes"
    assert any(one.name.startswith("IPV4_DEVCONF_FORWARDING") for one in lines)
    group = build(nexthop, RTM.NEWNEXTHOP, {NHA.GROUP: [{"id": 1, "weight": 2}], NHA.BLACKHOLE: True})
    lines = tiled(encode(group, byteorder="little"))
    assert named(lines, "struct nexthop_grp").value == "0"
    assert named(lines, "NHA_BLACKHOLE").value == "set"
    bare = with_body(16, bytes(16) + b"\x06\0\x03\0lo\0\0")
    assert named(tiled(bare), "IFLA_IFNAME").value == '"lo" (without its NUL)'


def test_a_tail_without_bytes() -> None:
    lines = tiled(with_body(24, RTMSG + b"\x06\0\x12\0\x11\0\0\0"))  # RTA_VIA, AF_PACKET, an address of no bytes
    assert [one.name for one in lines[-3:]] == ["RTA_VIA", "rtvia_family", "padding"]


def test_a_selector_that_does_not_fit_chooses_nothing() -> None:
    data = encode(build(qdisc, RTM.NEWQDISC, {"TCA_KIND": Opaque(b"fq\0x"), "TCA_OPTIONS": Opaque(b"\1\2\3\4")}))
    lines = tiled(data)
    assert named(lines, "TCA_OPTIONS").data[4:] == b"\1\2\3\4"
    assert fault_of(data)[1] == "TCA_KIND"
