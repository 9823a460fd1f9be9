"""Sockets: one message type for all, told apart by the address family and by who speaks."""

import struct
from ipaddress import ip_address
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode, views
from nlwire.codec.message import Message, build
from nlwire.codec.text import explain, picture
from nlwire.errors import BuildError
from nlwire.schema import Family
from nlwire.uapi import FAMILIES
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.inet_diag import INET_DIAG, TCPDIAG, inet_diag, inet_diag_request, inet_diag_request_v1
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.netlink_diag import netlink_diag, netlink_diag_request
from nlwire.uapi.packet_diag import packet_diag, packet_diag_request
from nlwire.uapi.sock_diag import SOCK, sock_diag
from nlwire.uapi.socket import AF
from nlwire.uapi.tcp_states import TCP
from nlwire.uapi.unix_diag import UNIX_DIAG, unix_diag, unix_diag_request

DIAG = NETLINK.SOCK_DIAG


def said(flags: int, body: bytes, type: int = SOCK.DIAG_BY_FAMILY) -> bytes:
    """One message."""
    return struct.pack("=IHHII", 16 + len(body), type, flags, 1, 0) + body


@pytest.mark.parametrize(
    ("first", "request_", "reply"),
    [
        (AF.INET, inet_diag_request, inet_diag),
        (AF.INET6, inet_diag_request, inet_diag),
        (AF.UNIX, unix_diag_request, unix_diag),
        (AF.NETLINK, netlink_diag_request, netlink_diag),
        (AF.PACKET, packet_diag_request, packet_diag),
        (AF.TIPC, sock_diag, sock_diag),
    ],
)
def test_which_family(first: int, request_: Family, reply: Family) -> None:
    body = bytes([first]) + bytes(71)
    for flags, family in ((NLM_F.REQUEST | NLM_F.DUMP, request_), (NLM_F.MULTI, reply)):
        (message,) = decode(said(flags, body), DIAG)
        (view,) = views(said(flags, body), DIAG)
        assert message.family is family
        assert view.type.family is family
        assert Message.from_dict(message.to_dict()) == message


def test_families_one_after_the_other() -> None:
    """Messages of one length, which a reader of shapes must not take for each other."""
    made = [build(inet_diag, SOCK.DIAG_BY_FAMILY, idiag_state=TCP.LISTEN) for _ in range(12)]
    made += [
        build(inet_diag_request, SOCK.DIAG_BY_FAMILY, flags=NLM_F.REQUEST, sdiag_protocol=6, pad=1) for _ in range(12)
    ]

    data = b"".join(said(one.nlmsg_flags, encode(one)[16:].ljust(72, b"\0")) for one in made)
    found = decode(data * 3, DIAG)
    assert [one.family for one in found] == [inet_diag] * 12 + [inet_diag_request] * 12 + (
        [inet_diag] * 12 + [inet_diag_request] * 12
    ) * 2
    assert encode(found) == data * 3
    assert [one.type.family for one in views(data, DIAG)] == [one.family for one in found[:24]]


def test_requests_of_before() -> None:
    (asked,) = decode(said(0x301, b"\2" + bytes(59), TCPDIAG.GETSOCK), DIAG)
    (told,) = decode(said(2, b"\2" + bytes(71), TCPDIAG.GETSOCK), DIAG)
    assert (asked.family, told.family) == (inet_diag_request_v1, inet_diag)
    assert (asked.type.name, told.type.name) == ("TCPDIAG_GETSOCK", "TCPDIAG_GETSOCK")
    (nothing,) = decode(said(0x301, b"", TCPDIAG.GETSOCK), DIAG)
    assert nothing.family.name == "unknown"
    assert Message.from_dict(nothing.to_dict()) == nothing


def test_a_request_that_an_error_quotes() -> None:
    request = encode(build(unix_diag_request, SOCK.DIAG_BY_FAMILY, flags=NLM_F.REQUEST, udiag_ino=7))
    (error,) = decode(said(0, struct.pack("=i", -2) + request, 2), DIAG)
    assert error.quoted is not None
    assert error.quoted.family is unix_diag_request
    assert Message.from_dict(error.to_dict()) == error


@pytest.mark.parametrize(
    ("address", "raw"),
    [
        ("127.0.0.1", b"\x7f\0\0\1" + bytes(12)),
        ("::", bytes(16)),
        ("::1", bytes(15) + b"\1"),
        ("2001:db8::1", ip_address("2001:db8::1").packed),
        ("::ffff:192.0.2.1", ip_address("::ffff:192.0.2.1").packed),
    ],
)
def test_addresses(address: str, raw: bytes) -> None:
    made = build(inet_diag, SOCK.DIAG_BY_FAMILY, id={"idiag_src": address, "idiag_sport": 80})
    assert encode(made)[20:42] == b"\0\x50\0\0" + raw + bytes(2)
    shown = made.to_dict()["header"]["id"]["idiag_src"]
    assert ip_address(shown) == ip_address(address)


@pytest.mark.parametrize(
    ("name", "payload", "json"),
    [
        ("/run/x.sock", b"/run/x.sock\0", "/run/x.sock"),
        ("@hidden", b"\0hidden", "@hidden"),
        ("@a\0b", b"\0a\0b", "@a\0b"),
        ("", b"\0", "@"),
        ("@x", b"@x\0", {"bytes": "407800"}),
        ("/no/end", b"/no/end", {"bytes": "2f6e6f2f656e64"}),
    ],
)
def test_names_of_unix_sockets(name: str, payload: bytes, json: Any) -> None:
    kind = UNIX_DIAG.NAME.kind
    raw = kind.unpack(payload, "little")
    assert kind.pack(raw, "little") == payload
    assert kind.show(raw) == (name or "@")
    assert kind.to_json(raw) == json
    assert kind.accept(json) == payload


def test_what_is_no_name() -> None:
    with pytest.raises(BuildError, match="UNIX_DIAG_NAME"):
        build(unix_diag, SOCK.DIAG_BY_FAMILY, {UNIX_DIAG.NAME: 7})


def test_json_of_another_family() -> None:
    shown = build(inet_diag, SOCK.DIAG_BY_FAMILY, {INET_DIAG.CONG: "cubic"}).to_dict()
    assert shown["family"] == "inet_diag"
    with pytest.raises(BuildError, match="SOCK_DIAG_BY_FAMILY is no message of family route"):
        Message.from_dict({**shown, "family": "route"})


def test_destroying() -> None:
    made = build(inet_diag_request, SOCK.DESTROY, flags=NLM_F.REQUEST | NLM_F.ACK, sdiag_protocol=IPPROTO.TCP)
    (again,) = decode(encode(made), DIAG)
    assert (again.type.name, again.type.verb, again.family) == ("SOCK_DESTROY", "delete", inet_diag_request)
    assert FAMILIES.find(DIAG, SOCK.DESTROY).family is sock_diag


def test_the_picture_has_the_right_family() -> None:
    shown = "\n".join(picture(explain(encode(build(unix_diag, SOCK.DIAG_BY_FAMILY)), DIAG)))
    assert "sockets of AF_UNIX" in shown
    assert "struct unix_diag_msg" in shown
