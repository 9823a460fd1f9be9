"""extack.py: acknowledgements written as netlink_ack() writes them, and read (tests/kernel has a kernel's own)."""

from errno import EINVAL, ENODEV
from struct import pack
from typing import Any

import pytest

from nlwire.errors import BufferFull, WireError
from nlwire.uapi.netlink import NLA_TYPE, NLM_F, NLMSG, nlmsghdr
from nlwire.wire.extack import (
    NL_SET_BAD_ATTR,
    NL_SET_ERR_ATTR_MISS,
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    build_ack,
    netlink_ack_tlv_fill,
    netlink_ack_tlv_len,
    netlink_ext_ack,
    netlink_policy_dump_attr_size_estimate,
    netlink_policy_dump_write_attr,
    parse_ack,
    policy_from,
    put_done,
)
from nlwire.wire.nlattr import nla_find, nlattr_ptr
from nlwire.wire.nlmsg import nlmsg_hdr, nlmsg_new, nlmsg_put
from nlwire.wire.skb import alloc_skb
from tests.unit.wire.example import EX, exmsg

T = NLA_TYPE


def request(size: int = 8) -> bytes:
    return bytes(nlmsghdr(nlmsg_len=16 + size, nlmsg_type=24, nlmsg_flags=5, nlmsg_seq=77, nlmsg_pid=5)) + bytes(
        range(size)
    )


def test_success_quotes_the_header_only() -> None:
    data = bytes(build_ack(request(), 0, portid=99))
    header = nlmsghdr(nlmsg_len=36, nlmsg_type=2, nlmsg_flags=NLM_F.CAPPED, nlmsg_seq=77, nlmsg_pid=99)
    assert data == bytes(header) + pack("=i", 0) + request()[:16]


def test_an_error_quotes_the_request_and_pads_it() -> None:
    data = bytes(build_ack(request(5), -ENODEV, portid=99))
    header = nlmsghdr(nlmsg_len=44, nlmsg_type=2, nlmsg_seq=77, nlmsg_pid=99)
    assert data == bytes(header) + pack("=i", -ENODEV) + request(5) + bytes(3)


def test_a_capped_error_does_not() -> None:
    data = bytes(build_ack(nlmsg_hdr(request(5)), -ENODEV, portid=99, cap_ack=True))
    assert (
        data == bytes(nlmsghdr(nlmsg_len=36, nlmsg_type=2, nlmsg_flags=0x100, nlmsg_seq=77, nlmsg_pid=99)) + data[16:]
    )
    assert data[16:] == pack("=i", -ENODEV) + request(5)[:16]


def test_words_of_a_success() -> None:
    extack = netlink_ext_ack("warned", bad_attr=16, policy={"type": T.FLAG}, miss_type=3, miss_nest=16, cookie=b"abc")
    ack = parse_ack(build_ack(request(), 0, extack, portid=9))
    assert ack.nlh.nlmsg_flags == NLM_F.CAPPED | NLM_F.ACK_TLVS
    assert (ack.error, ack.message, ack.cookie) == (0, "warned", b"abc")
    assert (ack.offset, ack.policy, ack.miss_type, ack.miss_nest) == (None, None, None, None)


@pytest.mark.parametrize("capped", [False, True])
@pytest.mark.parametrize("size", [0, 5, 8])
def test_everything_comes_back(capped: bool, size: int) -> None:
    payload = size > 0
    extack = netlink_ext_ack(
        "no such device",
        bad_attr=16 if payload else None,
        policy={"min": 1, "max": 9, "type": T.U32},
        miss_type=7,
        miss_nest=16 if payload else None,
        cookie=b"\1\2",
    )
    skb = build_ack(request(size), -EINVAL, extack, portid=9, cap_ack=capped)
    ack = parse_ack(bytes(skb))
    assert (ack.error, ack.errno, ack.capped) == (-EINVAL, EINVAL, capped)
    assert ack.request == request(size)[: 16 if capped else None]
    assert ack.request_header == nlmsghdr.from_buffer_copy(request(size))
    assert (ack.message, ack.offset, ack.cookie) == (extack.message, extack.bad_attr, extack.cookie)
    assert (ack.policy, ack.miss_type, ack.miss_nest) == (extack.policy, extack.miss_type, extack.miss_nest)
    assert bytes(build_ack(request(size), ack.error, extack, portid=9, cap_ack=capped)) == bytes(skb)


def test_without_the_option_there_are_no_tlvs() -> None:
    extack = netlink_ext_ack("words", bad_attr=16)
    assert bytes(build_ack(request(), -1, extack, portid=9, ext_ack=False)) == bytes(build_ack(request(), -1, portid=9))
    assert bytes(build_ack(request(), -1, netlink_ext_ack(), portid=9)) == bytes(build_ack(request(), -1, portid=9))


@pytest.mark.parametrize("offset", [0, 15, 24, 1000])
def test_offsets_outside_the_request_are_left_out(offset: int) -> None:
    ack = parse_ack(build_ack(request(), -1, netlink_ext_ack("w", bad_attr=offset, miss_nest=offset), portid=9))
    assert (ack.message, ack.offset, ack.miss_nest) == ("w", None, None)


def test_nothing_to_say() -> None:
    skb = alloc_skb(64)
    netlink_ack_tlv_fill(skb, 24, -1, None)
    netlink_ack_tlv_fill(skb, 24, -1, netlink_ext_ack())
    assert (skb.len, netlink_ack_tlv_len(-1, None), netlink_ack_tlv_len(-1, netlink_ext_ack())) == (0, 0, 0)


def test_the_end_of_a_dump() -> None:
    skb = nlmsg_new(256)
    extack = netlink_ext_ack("ipv4: FIB table does not exist", bad_attr=16)
    nlh = put_done(skb, request(), -2, extack, portid=9, flags=NLM_F.DUMP_FILTERED)
    assert nlh.nlmsg_flags == NLM_F.MULTI | NLM_F.DUMP_FILTERED | NLM_F.ACK_TLVS == 0x222
    assert (nlh.nlmsg_len, nlh.nlmsg_type, nlh.nlmsg_seq, nlh.nlmsg_pid) == (skb.len, NLMSG.DONE, 77, 9)
    ack = parse_ack(nlh)
    assert (ack.error, ack.message, ack.offset) == (-2, extack.message, 16)
    assert (ack.request, ack.request_header, ack.capped) == (b"", None, False)


def test_the_end_of_a_dump_without_words() -> None:
    for extack, ext_ack in ((None, True), (netlink_ext_ack("w"), False)):
        skb = nlmsg_new(4)
        nlh = put_done(skb, request(), 0, extack, portid=9, ext_ack=ext_ack)
        assert bytes(skb) == bytes(
            nlmsghdr(nlmsg_len=20, nlmsg_type=3, nlmsg_flags=2, nlmsg_seq=77, nlmsg_pid=9)
        ) + bytes(4)
        assert parse_ack(nlh).error == 0
    with pytest.raises(BufferFull):
        put_done(nlmsg_new(0), request(), 0, portid=9)


def test_words_that_do_not_fit_a_dump_any_more_are_left_out_but_announced() -> None:
    skb = nlmsg_new(4 + 7)
    nlh = put_done(skb, request(), -1, netlink_ext_ack("abcd"), portid=9)
    assert (nlh.nlmsg_flags, nlh.nlmsg_len) == (NLM_F.MULTI | NLM_F.ACK_TLVS, 20)
    assert parse_ack(nlh).message is None


POLICIES: list[dict[str, Any]] = [
    {"type": T.FLAG},
    {"min": 0, "max": 255, "type": T.U8},
    {"min": -3, "max": 3, "type": T.SINT},
    {"mask": 5, "type": T.UINT},
    {"type": T.U32},
    {"bitfield32_mask": 7, "type": T.BITFIELD32},
    {"max_len": 15, "type": T.NUL_STRING},
    {"min_len": 6, "max_len": 6, "type": T.BINARY},
    {"policy_idx": 2, "maxtype": 9, "type": T.NESTED},
    {"type": T.NESTED_ARRAY},
]


@pytest.mark.parametrize("policy", POLICIES)
def test_policies(policy: dict[str, Any]) -> None:
    skb = alloc_skb(64)
    netlink_policy_dump_write_attr(skb, policy, EX.NEST)
    nest = nla_find(bytes(skb), EX.NEST)
    assert nest is not None
    assert nest.nla_type == 0x8015
    assert policy_from(nest) == policy
    assert list(policy_from(nest)) == list(policy)
    assert netlink_policy_dump_attr_size_estimate(policy) >= skb.len


def test_the_kernel_counts_a_policy_by_its_type() -> None:
    sizes = [netlink_policy_dump_attr_size_estimate(one) for one in (None, *POLICIES)]
    assert sizes == [0, 16, 48, 48, 48, 48, 24, 32, 32, 32, 32]


def test_setting() -> None:
    extack = netlink_ext_ack()
    nla: nlattr_ptr[Any] = nlattr_ptr(memoryview(bytes(64)), 28)
    NL_SET_ERR_MSG(extack, "a")
    assert extack == netlink_ext_ack("a")
    NL_SET_BAD_ATTR(extack, nla, {"type": T.FLAG})
    assert extack == netlink_ext_ack("a", 28, {"type": T.FLAG})
    NL_SET_ERR_MSG_ATTR(extack, nla, "b")
    NL_SET_ERR_ATTR_MISS(extack, nla, EX.U32)
    assert extack == netlink_ext_ack("b", 28, None, 3, 28)
    NL_SET_ERR_ATTR_MISS(extack, None, 4)
    assert (extack.miss_type, extack.miss_nest) == (4, None)
    NL_SET_ERR_MSG_ATTR(None, nla, "nobody listens")
    NL_SET_ERR_ATTR_MISS(None, nla, 4)


def control(kind: int, flags: int, body: bytes) -> bytes:
    return bytes(nlmsghdr(nlmsg_len=16 + len(body), nlmsg_type=kind, nlmsg_flags=flags)) + body


def tlv(number: int, payload: bytes, size: int | None = None) -> bytes:
    return pack("=HH", len(payload) + 4 if size is None else size, number) + payload + bytes(-len(payload) & 3)


QUOTED = pack("=i", -22) + bytes(nlmsghdr(nlmsg_len=16))


def test_unknown_tlvs_are_kept() -> None:
    ack = parse_ack(control(2, 0x300, QUOTED + tlv(99, b"new")))
    assert ack.unknown == {99: b"new"}


def test_an_old_kernel_quotes_a_header_and_sets_no_flag() -> None:
    ack = parse_ack(control(2, 0, pack("=i", 0) + bytes(nlmsghdr(nlmsg_len=52, nlmsg_seq=4))))
    assert (len(ack.request), ack.capped) == (16, False)
    assert nlmsg_hdr(ack.request).nlmsg_len == 52


@pytest.mark.parametrize(
    ("data", "words", "partial"),
    [
        (b"", "a message header does not fit", False),
        (control(24, 0, bytes(20)), "nlmsg_type is 24, neither NLMSG_ERROR nor NLMSG_DONE", False),
        (control(2, 0, bytes(19)), r"need 20 bytes, have 19", False),
        (control(3, 0, bytes(3)), r"need 4 bytes, have 3", False),
        (
            control(2, 0x200, pack("=i", -22) + bytes(nlmsghdr(nlmsg_len=20))),
            r"quoted request .*need 20 bytes, have 16",
            True,
        ),
        (
            control(2, 0x200, pack("=i", -22) + bytes(nlmsghdr(nlmsg_len=0xFFFFFFFF))),
            "quoted request does not fit",
            True,
        ),
        (control(2, 0x300, QUOTED + tlv(2, b"ab")), r"u32 takes 4 bytes, not 2 .*NLMSGERR_ATTR_OFFS", True),
        (control(2, 0x300, QUOTED + tlv(4, tlv(1, b"a"))), "NL_POLICY_TYPE_ATTR_TYPE", True),
        (control(2, 0x300, QUOTED + tlv(1, b"abc", 99)), "bytes leftover after the extended acknowledgement", True),
        (control(3, 0x200, bytes(4) + b"\1\0"), "bytes leftover", True),
    ],
)
def test_what_is_no_acknowledgement(data: bytes, words: str, partial: bool) -> None:
    with pytest.raises(WireError, match=words) as caught:
        parse_ack(data)
    assert (caught.value.partial is not None) == partial
    if partial:
        assert caught.value.partial.error in (-22, 0)


def test_a_request_that_is_no_message_is_not_answered() -> None:
    with pytest.raises(WireError, match="past the end"):
        build_ack(bytes(nlmsghdr(nlmsg_len=20)), 0, portid=1)


def test_the_request_may_lie_in_an_skb() -> None:
    skb = nlmsg_new(8)
    nlh = nlmsg_put(skb, 0, 3, 24, exmsg)
    assert parse_ack(build_ack(nlh, -1, portid=1)).request == bytes(skb)
    assert parse_ack(build_ack(skb, -1, portid=1)).request == bytes(skb)
