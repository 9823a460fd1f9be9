"""The fast machine where it decides something: framing, what it follows, what it leaves alone, what it learns."""

import gc
import sys
from struct import pack
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode, views
from nlwire.codec.fast.decode import MANY
from nlwire.codec.frames import frames
from nlwire.codec.message import Message, build
from nlwire.codec.values import Opaque
from nlwire.errors import PolicyError, WireError
from nlwire.schema import Attr, AttrSet, Family, Registry, UapiStruct, binary, flag, nested, records, u8, u16, u32
from nlwire.schema.layout import HOST
from nlwire.uapi.if_link import IFLA, IFLA_AF_SPEC, IFLA_INET, link
from nlwire.uapi.netlink import NETLINK, NLMSG, NLMSGERR_ATTR, error
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route
from nlwire.wire import NL_VALIDATE
from tests.property.laws import forget_shapes, judged

ROUTE = build(route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0", RTA.OIF: 3}, rtm_family=AF.INET)


class hdr(UapiStruct):
    """A header of one field."""

    value: u32 = 0


class rec(UapiStruct):
    """A record's head."""

    length: u16 = 4
    more: u16 = 0


class DEEP(AttrSet):
    """Everything that nests, in itself."""

    NEST = Attr(1, nested(lambda: DEEP))
    LIST = Attr(2, records(rec, lambda: DEEP, "length"))
    LEAF = Attr(3, u8)
    FLAG = Attr(4, flag)
    ANY = Attr(5, binary)


deep = Family("deep", NETLINK.USERSOCK, hdr, DEEP, new=NLMSG.MIN_TYPE)
DEEPS = Registry()
DEEPS.add(deep)


def read(run: bytes) -> Message:
    """The one message of DEEP with this run."""
    data = pack("=IHHIII", 20 + len(run), 16, 0, 0, 0, 0) + run
    (message,) = decode(data, NETLINK.USERSOCK, registry=DEEPS)
    assert encode(message)[: len(data)] == data
    judged(data, NETLINK.USERSOCK, HOST, DEEPS)
    return message


@pytest.mark.parametrize(
    ("data", "offset", "words"),
    [
        (bytes(3), 0, "a message header does not fit"),
        (encode(ROUTE) + bytes(16), 44, "nlmsg_len is 0, less than its own header"),
        (pack("=IHHII", 17, 0, 0, 0, 0), 0, "nlmsg_len is 17, past the end"),
    ],
)
def test_where_no_message_starts(data: bytes, offset: int, words: str) -> None:
    for reading in (lambda: decode(data), lambda: list(views(data)), lambda: list(frames(data, "little"))):
        with pytest.raises(WireError, match=words) as caught:
            reading()
        assert caught.value.offset == offset
    assert caught.value.data == data


def test_what_was_read_before_an_error_is_there() -> None:
    with pytest.raises(WireError) as caught:
        decode(encode(ROUTE) + b"\1")
    assert caught.value.partial == [ROUTE]
    assert list(frames(encode(ROUTE), "little")) == [(0, 44, 44)]


def test_strictness_is_the_kernels() -> None:
    data = encode(ROUTE)
    assert decode(data, strict=NL_VALIDATE.STRICT) == [ROUTE]
    bad = encode([ROUTE, ROUTE.replace({RTA.OIF: None, RTA.DPORT: Opaque(b"\1")})])
    with pytest.raises(PolicyError) as caught:
        decode(bad, strict=NL_VALIDATE.STRICT)
    assert caught.value.offset >= 44
    assert caught.value.data == bad


def test_nests_end_at_ten() -> None:
    run = b"\5\0\3\0\7\0\0\0"
    for _ in range(12):
        run = pack("=HH", 4 + len(run), 1) + run
    message = read(run)
    depth, (_, kind, raw) = 0, message.items[0]
    while kind is not None:
        depth, (_, kind, raw) = depth + 1, raw.items[0]
    assert depth == 10
    assert raw == run[44:]


def test_records_nest_as_deep() -> None:
    run = b""
    for _ in range(12):
        run = pack("=HHHH", 8 + len(run), 2, 4 + len(run), 0) + run
    message = read(run)
    assert "Opaque" in repr(message)


def test_records_that_end_early() -> None:
    (listed,) = read(pack("=HHHHHH", 12, 2, 4, 1, 3, 2)).items
    assert [one.head.more for one in listed[2]] == [1]
    assert listed[2].rest == pack("=HH", 3, 2)
    (cut,) = read(pack("=HHHHB", 9, 2, 5, 1, 9)).items
    assert cut[2][0].pad == b""
    assert cut[2][0].attrs.rest == b"\t"


def test_unknown_and_empty() -> None:
    message = read(pack("=HHHHHH", 4, 99, 4, 3, 4, 4))
    assert message.items == [(99, None, b""), (3, None, b""), (4, DEEP.FLAG.kind, True)]


def learn(message: Message, order: Any = "little", protocol: int = 0) -> list[Message]:
    """Twenty of a kind, after which their shape is known if it ever is."""
    forget_shapes()
    return decode(encode([message] * 20, byteorder=order), protocol, byteorder=order)


def test_shapes_read_and_write_what_the_walk_does() -> None:
    info = build(
        link,
        RTM.NEWLINK,
        {IFLA.IFNAME: "eth0", IFLA.ADDRESS: "02:00:00:00:00:01", IFLA.MTU: 1500, IFLA.STATS: bytes(96)},
    )
    for message in (ROUTE, info, build(route, RTM.NEWROUTE, {RTA.METRICS: {RTAX.MTU: 1}, RTA.CACHEINFO: bytes(32)})):
        for order in ("little", "big"):
            many = learn(message, order)
            assert encode(many, byteorder="big") == encode([message] * 20, byteorder="big")
            changed = many[-1].replace(nlmsg_seq=99)
            assert encode(changed) == encode(message.replace(nlmsg_seq=99))
            assert many == [message] * 20
            odd = decode(encode(message))[0]
            odd.pad = b""
            assert encode(odd) == encode(message)


def test_a_shape_does_not_believe_what_its_length_does_not_tell() -> None:
    """NLA_UINT in 8 bytes must need them; numbers of a shape are read lazily, and then nothing may be left to judge."""
    big, small = (build(link, RTM.NEWLINK, {IFLA.MAX_PACING_OFFLOAD_HORIZON: one}) for one in (1 << 40, 7))
    assert learn(small) == [small] * 20
    wrong = encode(big).replace((1 << 40).to_bytes(8, "little"), (7).to_bytes(8, "little"))
    many = decode(encode([big] * 20) + wrong)
    assert many[:20] == [big] * 20
    assert many[20].items == [(IFLA.MAX_PACING_OFFLOAD_HORIZON.number, None, (7).to_bytes(8, "little"))]
    conf = build(link, RTM.NEWLINK, {IFLA.AF_SPEC: {IFLA_AF_SPEC.INET: {IFLA_INET.CONF: range(33)}}})
    assert [one[IFLA.AF_SPEC][IFLA_AF_SPEC.INET][IFLA_INET.CONF] for one in learn(conf)] == [tuple(range(33))] * 20


@pytest.mark.parametrize("count", [1, 20])
def test_single_attributes_are_read_from_folded_values(count: int) -> None:
    """Before anything is laid out, and with the answers there are after it was."""
    attrs = {RTA.DST: "10.0.0.0", RTA.OIF: 3, RTA.METRICS: {RTAX.MTU: 1400}, RTA.PREF: 1}
    message = learn(build(route, RTM.NEWROUTE, attrs, rtm_family=AF.INET))[count - 1]
    for attr in (RTA.DST, RTA.OIF, RTA.METRICS, RTA.PREF, RTA.GATEWAY):
        folded = (message.get(attr, "none"), attr in message)
        laid_out = build(route, RTM.NEWROUTE, attrs, rtm_family=AF.INET)
        assert folded == (laid_out.get(attr, "none"), attr in laid_out)
    assert message[RTA.OIF] == 3
    with pytest.raises(KeyError):
        message[RTA.GATEWAY]
    assert count == 1 or isinstance(message._items, tuple)


def test_shapes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["nlwire.codec.fast.shapes"], "MAX_SEEN", 3)
    forget_shapes()
    same_size = (RTA.IIF, RTA.OIF, RTA.PRIORITY, RTA.FLOW, RTA.TABLE, RTA.MARK, RTA.NH_ID)
    several = [ROUTE.replace({RTA.OIF: None, attr: 7}) for attr in same_size]
    for message in several:
        assert decode(encode([message] * 20)) == [message] * 20
    kinds = [ROUTE.replace({200: bytes(size + 1), RTA.CACHEINFO: bytes(4 * size)}) for size in range(5)]
    for message in kinds:
        assert decode(encode([message] * 20)) == [message] * 20


def test_views_read_what_they_are_asked_for() -> None:
    (view,) = views(encode(ROUTE))
    assert (view.rtm_family, view.nlmsg_type, view.offset) == (AF.INET, 24, 0)
    assert (view.nlmsg_flags, view.nlmsg_seq, view.nlmsg_pid) == (0, 0, 0)
    assert view.type.name == "RTM_NEWROUTE"
    assert str(view.get(RTA.DST)) == "10.0.0.0"
    assert view.get(RTA.GATEWAY) is None
    assert view.get(RTA.GATEWAY, 5) == 5
    assert RTA.OIF in view
    assert view.message() == ROUTE
    assert view.attrs == ROUTE.attrs
    assert repr(view) == f"<view of {ROUTE!r}>"
    assert bytes(view) == encode(ROUTE)
    with pytest.raises(AttributeError, match="RTM_NEWROUTE has no field 'typo'"):
        _ = view.typo
    (short,) = views(pack("=IHHIII", 20, 24, 0, 0, 0, 2))
    assert short.rtm_family == AF.INET
    assert short.get(RTA.OIF) is None
    with pytest.raises(AttributeError, match="the header ends before rtm_type"):
        _ = short.rtm_type


def test_views_of_acknowledgements_look_behind_the_request() -> None:
    request = encode(ROUTE)
    ack = encode(build(error, NLMSG.ERROR, {NLMSGERR_ATTR.OFFS: 28}))[36:]
    for flags, quoted in ((0x200, request), (0x300, request[:16])):
        body = bytes(4) + quoted + ack
        (view,) = views(pack("=IHHII", 16 + len(body), 2, flags, 0, 0) + body)
        assert view.get(NLMSGERR_ATTR.OFFS) == 28
    (plain,) = views(pack("=IHHII", 16 + 4 + len(request), 2, 0, 0, 0) + bytes(4) + request)
    assert plain.get(NLMSGERR_ATTR.OFFS) is None
    (silent,) = views(pack("=IHHII", 36 + len(ack), 2, 0x200, 0, 0) + bytes(20) + ack)
    assert silent.get(NLMSGERR_ATTR.OFFS) == 28


def test_a_view_of_a_layout_that_another_family_has_too() -> None:
    six = build(route, RTM.NEWROUTE, {RTA.DST: "2001:db8::"}, rtm_family=AF.INET6)
    labels = build(route, RTM.NEWROUTE, {RTA.DST: [1, 2, 3, 4]}, rtm_family=AF.MPLS)
    seen = [view.get(RTA.DST) for view in views(encode([six, labels, six]))]
    assert seen == [six[RTA.DST], (1, 2, 3, 4), six[RTA.DST]]


def test_views_of_selected_kinds() -> None:
    several = [
        build(route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0"}, rtm_family=AF.INET),
        build(route, RTM.NEWROUTE, {RTA.DST: [100]}, rtm_family=AF.MPLS),
        ROUTE.replace({RTA.OIF: None, RTA.OIF: Opaque(b"\1")}),
    ]
    for message, view in zip(several, views(encode(several)), strict=True):
        assert view.get(RTA.DST) == message.get(RTA.DST)
    with pytest.raises(WireError, match="1 bytes do not fit u32"):
        view.get(RTA.OIF)


@pytest.mark.parametrize("pattern", ["aaaabbbaaaa", "ababab", "aaaaaaac", "aaacaaa", "cccc"])
def test_a_run_of_views_ends_where_the_layout_does(pattern: str) -> None:
    """``b`` is as long as ``a``, with its attributes the other way round; ``c`` has one less."""

    def one(kind: str, number: int) -> Message:
        attrs = {RTA.DST: f"10.0.0.{number}", RTA.OIF: number, RTA.PRIORITY: 7}
        order = {"a": attrs, "b": dict(reversed(attrs.items())), "c": {RTA.DST: f"10.0.0.{number}", RTA.OIF: number}}
        return build(route, RTM.NEWROUTE, order[kind], rtm_family=AF.INET)

    data = encode([one(kind, at) for at, kind in enumerate(pattern)])
    seen = [(str(view.get(RTA.DST)), view.get(RTA.OIF), view.get(RTA.PRIORITY)) for view in views(data)]
    assert seen == [(f"10.0.0.{at}", at, None if kind == "c" else 7) for at, kind in enumerate(pattern)]
    with pytest.raises(WireError, match="past the end"):
        list(views(data[:-4]))


def test_a_shape_learnt_from_one_family_reads_no_other_of_the_same_type() -> None:
    class head(UapiStruct):
        who: u8 = 0
        more: u8 = 0
        rest: u16 = 0

    class NONE(AttrSet):
        """No attribute."""

    one = Family("one", 4, head, NONE, new=RTM.NEWROUTE, lead=(1,))
    two = Family("two", 4, head, NONE, new=RTM.NEWROUTE, lead=(2,))
    registry = Registry()
    registry.add(Family("rest", 4, head, NONE, more=(RTM.NEWROUTE,)), one, two)
    makers = [build(family, RTM.NEWROUTE, who=who, registry=registry) for family, who in ((one, 1), (two, 2))]
    stream = encode(makers * 4)
    assert [found.type.family for found in decode(stream, 4, registry=registry)] == [one, two] * 4
    assert [found.type.family for found in decode(stream, 4, registry=registry)] == [one, two] * 4


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_afterwards_as_it_was(on: bool) -> None:
    many = encode([build(route, RTM.NEWROUTE)] * (MANY // 28))
    before = gc.isenabled()
    try:
        gc.enable() if on else gc.disable()
        assert len(decode(many)) == MANY // 28
        assert gc.isenabled() is on
        with pytest.raises(WireError):
            decode(many + b"\1")
        assert gc.isenabled() is on
    finally:
        gc.enable() if before else gc.disable()
