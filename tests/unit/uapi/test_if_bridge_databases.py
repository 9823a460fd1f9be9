"""uapi/if_bridge/mdb.py, vlandb.py: an attribute that is one thing in a request and another in what the kernel says."""

import struct
from typing import Any

import nlwire
from nlwire.codec.fast import decode, encode, views
from nlwire.codec.message import Message, build
from nlwire.codec.text import explain
from nlwire.uapi.if_bridge.mdb import (
    MDB,
    MDBA,
    MDBA_MDB,
    MDBA_MDB_ENTRY,
    MDBE_ATTR,
    br_mdb_addr,
    br_mdb_entry,
    br_port_msg,
    mdb,
)
from nlwire.uapi.if_bridge.vlandb import BRIDGE_VLANDB_DUMP, vlan_request
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.wire import NLA, nla_get, nla_put, nlmsg_data, nlmsg_end, nlmsg_find_attr, nlmsg_hdr, nlmsg_new, nlmsg_put
from nlwire.wire.policy import implied

GROUP = br_mdb_addr(u=bytes([239, 1, 1, 1]) + bytes(12), proto=0x0800)
ENTRY = br_mdb_entry(ifindex=3, state=MDB.PERMANENT, addr=GROUP)


def request(flags: int = NLM_F.REQUEST | NLM_F.CREATE) -> Message:
    attrs = {MDBA.MDB: ENTRY, MDBA.ROUTER: {MDBE_ATTR.SOURCE: "192.0.2.9"}}
    return build(mdb, RTM.NEWMDB, attrs, flags=flags, family=AF.BRIDGE, ifindex=5)


def told() -> Message:
    run: dict[Any, Any] = {MDBA_MDB.ENTRY: {MDBA_MDB_ENTRY.INFO: (ENTRY, {})}}
    return build(mdb, RTM.NEWMDB, {MDBA.MDB: run}, family=AF.BRIDGE, ifindex=5)


def test_a_request_holds_the_entry_itself() -> None:
    (made,) = decode(encode(request()))
    assert made == request()
    assert made[MDBA.MDB].ifindex == 3
    assert str(made[MDBA.ROUTER][MDBE_ATTR.SOURCE]) == "192.0.2.9"
    assert Message.from_dict(made.to_dict()) == made


def test_what_the_kernel_says_is_a_nest() -> None:
    (made,) = decode(encode(told()))
    assert made == told()
    (info,) = made[MDBA.MDB].getall(MDBA_MDB.ENTRY)
    assert info[MDBA_MDB_ENTRY.INFO].head.ifindex == 3
    assert decode(encode([told(), request()] * 20)) == [told(), request()] * 20  # shapes too know them apart


def test_views_and_pointers_know_them_apart() -> None:
    for message in (request(), told()):
        data = encode(message)
        (view,) = views(data)
        assert view.get(MDBA.MDB) == message[MDBA.MDB]
        nla = nlmsg_find_attr(nlmsg_hdr(data), br_port_msg, MDBA.MDB)
        assert nla is not None
        value = nla_get(nla)
        assert value == ENTRY if message == request() else isinstance(value, memoryview)


def test_put_as_the_kernel_style_does() -> None:
    skb = nlmsg_new(256)
    nlh = nlmsg_put(skb, portid=0, seq=1, type=RTM.NEWMDB, payload=br_port_msg, flags=NLM_F.REQUEST)
    nlmsg_data(nlh, br_port_msg).ifindex = 5
    nla_put(skb, MDBA.MDB, ENTRY)
    nlmsg_end(skb, nlh)
    (made,) = nlwire.decode(bytes(skb))
    assert made[MDBA.MDB] == ENTRY


def test_only_requests_have_a_policy() -> None:
    assert (implied(MDBA.MDB).type, implied(MDBA.ROUTER).type) == (NLA.BINARY, NLA.NESTED)


def test_explained() -> None:
    lines = [line.name for line in explain(encode(request())) if line.name]
    assert "ifindex" in lines
    assert "MDBE_ATTR_SOURCE" in lines
    assert "MDBA_MDB_ENTRY_INFO" in [line.name for line in explain(encode(told()))]


def test_layouts() -> None:
    data = bytes(ENTRY)
    assert struct.unpack_from("=IBBH", data) == (3, 1, 0, 0)
    assert (data[8:12], data[24:26], len(data)) == (bytes([239, 1, 1, 1]), b"\x08\0", 28)
    asked = build(vlan_request, RTM.GETVLAN, {BRIDGE_VLANDB_DUMP.FLAGS: 1}, flags=NLM_F.REQUEST, family=AF.BRIDGE)
    assert encode(asked)[16:] == bytes([7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 1, 0, 1, 0, 0, 0])
