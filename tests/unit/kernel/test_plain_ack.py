"""The answers that are made at once are those that build_ack() makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlwire.kernel import Kernel
from nlwire.kernel.af_netlink.ack import plain_ack, says
from nlwire.kernel.af_netlink.sock import NETLINK_F, netlink_sock, netlink_trim
from nlwire.uapi.netlink import NETLINK
from nlwire.wire import build_ack, netlink_ext_ack
from nlwire.wire.nlmsg import header_at

SK = netlink_sock(Kernel().init_net, int(NETLINK.ROUTE), None)


@given(
    st.binary(max_size=600), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(-4095, 0), st.booleans()
)
def test_as_built(body: bytes, type: int, seq: int, err: int, cap_ack: bool) -> None:
    head = (16 + len(body)).to_bytes(4, "little") + type.to_bytes(2, "little") + b"\5\0" + seq.to_bytes(4, "little")
    request = header_at(memoryview(bytes(4) + head + bytes(4) + body), 4)
    SK.flags = int(NETLINK_F.CAP_ACK) if cap_ack else 0
    made = plain_ack(request, err, 77, SK)
    built = netlink_trim(build_ack(request, err, None, portid=77, cap_ack=cap_ack), SK.machine)
    assert bytes(made) == bytes(built)
    assert (made.len, made.truesize) == (built.len, built.truesize)


@pytest.mark.parametrize("err", [0, -22])
@pytest.mark.parametrize(
    "extack",
    [
        netlink_ext_ack(),
        netlink_ext_ack(message="no"),
        netlink_ext_ack(bad_attr=20),
        netlink_ext_ack(miss_type=3),
        netlink_ext_ack(miss_type=3, miss_nest=20),
        netlink_ext_ack(cookie=b"c"),
        netlink_ext_ack(bad_attr=20, policy={"type": 1}),
    ],
)
def test_nothing_that_would_be_said_is_left_out(extack: netlink_ext_ack, err: int) -> None:
    request = header_at(memoryview((36).to_bytes(4, "little") + bytes(32)), 0)
    told = bytes(build_ack(request, err, extack, portid=1)) != bytes(build_ack(request, err, None, portid=1))
    assert says(extack, err) or not told
