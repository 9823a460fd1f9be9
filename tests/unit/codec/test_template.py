"""Templates: what is filled in is what would have been built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire import Template, build, decode, encode
from nlwire.codec.message import Message
from nlwire.codec.strategies import messages
from nlwire.codec.values import Attrs, Compound, Records
from nlwire.errors import BuildError
from nlwire.schema.mpls import MplsLabels
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTM, route


def a_route(dst: str, length: int, mtu: int) -> Message:
    attrs = {RTA.DST: dst, RTA.METRICS: {RTAX.MTU: mtu, RTAX.HOPLIMIT: 3}, RTA.OIF: 2}
    return build(route, RTM.NEWROUTE, attrs, flags=NLM_F.CREATE, rtm_family=AF.INET, rtm_dst_len=length)


def test_a_template_makes_what_build_makes() -> None:
    fill = Template(a_route("0.0.0.0", 0, 0), "rtm_dst_len", RTA.DST, (RTA.METRICS, RTAX.MTU))
    for dst, length, mtu in (("10.0.0.0", 8, 1400), ("192.0.2.0", 24, 9000)):
        assert fill(length, dst, mtu) == encode(a_route(dst, length, mtu))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((8, "2001:db8::"), "RTA_DST: 16 bytes in the place of 4"),
        ((8, "nonsense"), "RTA_DST: 'nonsense' does not appear to be"),
        ((256, "10.0.0.0"), "rtm_dst_len: 256 does not fit u8"),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: tuple[int, str], words: str) -> None:
    with pytest.raises(BuildError, match=words):
        Template(a_route("0.0.0.0", 0, 0), "rtm_dst_len", RTA.DST)(*values)


def test_a_place_that_is_not_there() -> None:
    made = a_route("0.0.0.0", 0, 0)
    for key, words in (
        ("rtm_nonsense", "rtmsg has no field 'rtm_nonsense'"),
        (RTA.GATEWAY, "RTA_GATEWAY: the template has none"),
        (RTA.METRICS, "RTA_METRICS: is no single value"),
        ((RTA.OIF, RTAX.MTU), "RTA_OIF: holds no attributes"),
    ):
        with pytest.raises(BuildError, match=words):
            Template(made, key)
    with pytest.raises(TypeError, match="takes 1 values, not 2"):
        Template(made, RTA.OIF)(1, 2)


@given(st.sampled_from([route, link]).flatmap(messages))
def test_the_same_values_make_the_same_message(message: Message) -> None:
    for item in message.items:
        attr = message.type.family.attrs.find(item[0]) if item[0] is not None else None
        if attr is None or item[1] is None or isinstance(item[2], Attrs | Compound | Records):
            continue
        if isinstance(item[1], MplsLabels):  # what is shown of them has neither TTL nor the bottom's bit
            continue
        last = [one for one in message.items if one[0] is not None and one[0] & 0x3FFF == attr.number][-1]
        if last is item:
            assert Template(message, attr)(item[1].show(item[2])) == encode(message)


def test_text_keeps_its_length() -> None:
    fill = Template(build(link, RTM.NEWLINK, {IFLA.IFNAME: "eth0"}), IFLA.IFNAME)
    (made,) = decode(fill("eth1"))
    assert made[IFLA.IFNAME] == "eth1"
    with pytest.raises(BuildError, match="IFLA_IFNAME: 6 bytes in the place of 5"):
        fill("wlan0")
