"""nlmsg.py: framing of messages, written and read."""

from typing import Any

import pytest

from nlwire.errors import BufferFull, BuildError, WireError
from nlwire.uapi.netlink import NLM_F, NLMSG, nlmsghdr
from nlwire.wire.nlmsg import (
    NLMSG_DEFAULT_SIZE,
    NLMSG_GOODSIZE,
    nlmsg_align,
    nlmsg_append,
    nlmsg_attrlen,
    nlmsg_bytes,
    nlmsg_cancel,
    nlmsg_data,
    nlmsg_end,
    nlmsg_for_each_msg,
    nlmsg_get_pos,
    nlmsg_hdr,
    nlmsg_len,
    nlmsg_msg_size,
    nlmsg_new,
    nlmsg_next,
    nlmsg_ok,
    nlmsg_padlen,
    nlmsg_put,
    nlmsg_total_size,
    nlmsg_trim,
    place_of,
)
from nlwire.wire.skb import skb_put_data, skb_tailroom
from tests.unit.wire.example import exmsg, oddmsg


@pytest.mark.parametrize(("payload", "message", "total"), [(0, 16, 16), (1, 17, 20), (4, 20, 20), (7, 23, 24)])
def test_sizes(payload: int, message: int, total: int) -> None:
    assert nlmsg_msg_size(payload) == message
    assert nlmsg_total_size(payload) == total
    assert nlmsg_padlen(payload) == total - message
    assert skb_tailroom(nlmsg_new(payload)) == total


def test_the_default_size_makes_a_good_size() -> None:
    assert nlmsg_total_size(NLMSG_DEFAULT_SIZE) == NLMSG_GOODSIZE == skb_tailroom(nlmsg_new())


def test_put_writes_the_defaults_of_a_struct() -> None:
    skb = nlmsg_new(8)
    nlh = nlmsg_put(skb, portid=5, seq=9, type=24, payload=exmsg, flags=NLM_F.REQUEST)
    assert nlh == nlmsghdr(nlmsg_len=24, nlmsg_type=24, nlmsg_flags=1, nlmsg_seq=9, nlmsg_pid=5)
    assert bytes(skb) == bytes(nlh) + bytes(exmsg())


def test_put_copies_an_instance_and_zeroes_a_size() -> None:
    skb = nlmsg_new(40)
    nlmsg_put(skb, 0, 0, 24, exmsg(ex_len=3))
    nlmsg_put(skb, 0, 0, 25, 5)
    first, second = nlmsg_for_each_msg(skb)
    assert nlmsg_data(first, exmsg).ex_len == 3
    assert bytes(nlmsg_data(second)) == bytes(5)
    assert skb.len == 24 + 24


def test_header_and_payload_are_live() -> None:
    skb = nlmsg_new(64)
    nlh = nlmsg_put(skb, 0, 1, 24, exmsg)
    message = nlmsg_data(nlh, exmsg)
    message.ex_len = 16
    nlh.nlmsg_flags |= NLM_F.DUMP_INTR
    assert bytes(skb)[17] == 16
    assert bytes(skb)[6] == 0x10
    skb.data[18] = 3
    assert message.ex_flags == 3


def test_put_leaves_the_skb_alone_when_it_does_not_fit() -> None:
    skb = nlmsg_new(8)
    with pytest.raises(BufferFull) as caught:
        nlmsg_put(skb, 0, 0, 24, 9)
    assert (caught.value.need, caught.value.have, caught.value.path) == (28, 24, ("nlmsghdr",))
    wrong: list[dict[str, Any]] = [{"type": 1 << 16}, {"flags": -1}, {"seq": 1 << 32}, {"portid": -1}]
    for bad in wrong:
        with pytest.raises(BuildError, match="nlmsghdr: a number does not fit"):
            nlmsg_put(skb, **{"portid": 0, "seq": 0, "type": 0, "payload": exmsg, **bad})
    assert skb.len == 0


def test_end_counts_all_that_was_put() -> None:
    skb = nlmsg_new(64)
    first = nlmsg_put(skb, 0, 1, 24, exmsg)
    skb_put_data(skb, bytes(4))
    nlmsg_end(skb, first)
    second = nlmsg_put(skb, 0, 2, 24, oddmsg)
    assert (first.nlmsg_len, second.nlmsg_len, skb.len) == (28, 19, 48)
    nlmsg_end(skb, second)
    assert second.nlmsg_len == 20


def test_append_pads() -> None:
    skb = nlmsg_new(16)
    nlmsg_put(skb, 0, 1, 24, 0)
    nlmsg_append(skb, 5)[:] = b"12345"
    assert bytes(skb)[16:] == b"12345\0\0\0"
    with pytest.raises(BufferFull):
        nlmsg_append(skb, 9)


def test_cancel_and_trim() -> None:
    skb = nlmsg_new(64)
    kept = nlmsg_put(skb, 0, 1, 24, exmsg)
    mark = nlmsg_get_pos(skb)
    nlh = nlmsg_put(skb, 0, 2, 24, exmsg)
    skb_put_data(skb, bytes(4))
    nlmsg_cancel(skb, nlh)
    assert skb.len == mark == 24
    skb_put_data(skb, bytes(4))
    nlmsg_trim(skb, mark)
    assert skb.len == 24
    nlmsg_cancel(skb, kept)
    assert skb.len == 0


def test_a_message_of_another_skb_is_refused() -> None:
    skb, other = nlmsg_new(64), nlmsg_new(64)
    nlmsg_put(skb, 0, 1, 24, exmsg)
    nlh = nlmsg_put(skb, 0, 1, 24, exmsg)
    with pytest.raises(ValueError, match=r"not .* in this skb"):
        nlmsg_end(other, nlh)
    nlmsg_trim(skb, 10)
    with pytest.raises(ValueError, match="no longer"):
        nlmsg_cancel(skb, nlh)
    with pytest.raises(TypeError, match="lies in no buffer"):
        nlmsg_end(skb, nlmsghdr())


def message(size: int, **fields: int) -> bytes:
    return bytes(nlmsghdr(nlmsg_len=16 + size, **fields)) + bytes(range(size)) + bytes(-size & 3)


def test_walking_messages_in_place() -> None:
    data = bytearray(message(5, nlmsg_seq=1) + message(0, nlmsg_seq=2) + message(3, nlmsg_seq=3)[:-1])
    loop = nlmsg_for_each_msg(memoryview(data))
    headers = list(loop)
    assert [one.nlmsg_seq for one in headers] == [1, 2, 3]
    assert [place_of(one)[1] for one in headers] == [0, 24, 40]
    assert loop.rem == 0
    assert [bytes(nlmsg_data(one)) for one in headers] == [bytes(range(5)), b"", bytes(range(3))]
    nlmsg_data(headers[0])[0] = 0xFF
    headers[2].nlmsg_seq = 9
    assert data[16] == 0xFF
    assert data[48] == 9


def test_read_only_memory_is_not_copied_either_but_the_header() -> None:
    data = message(4)
    (nlh,) = nlmsg_for_each_msg(data)
    payload = nlmsg_data(nlh)
    assert payload.obj is data
    assert payload.readonly
    nlh.nlmsg_seq = 5
    assert data == message(4)


@pytest.mark.parametrize(
    ("tail", "rem"),
    [
        (b"", 0),
        (bytes(15), 15),
        (bytes(16), 16),
        (bytes(nlmsghdr(nlmsg_len=15)), 16),
        (bytes(nlmsghdr(nlmsg_len=17)), 16),
        (bytes(nlmsghdr(nlmsg_len=0xFFFFFFFF)), 16),
    ],
)
def test_the_loop_ends_at_what_is_no_message(tail: bytes, rem: int) -> None:
    loop = nlmsg_for_each_msg(message(4) + tail)
    assert len(list(loop)) == 1
    assert loop.rem == rem
    assert next(loop, None) is None


def test_the_loop_as_c_writes_it() -> None:
    data = message(4, nlmsg_seq=1) + message(1, nlmsg_seq=2)[:-3]
    nlh, rem, seen = nlmsg_hdr(data), len(data), []
    position: nlmsghdr | None = nlh
    while nlmsg_ok(position, rem):
        seen.append(position.nlmsg_seq)
        position, rem = nlmsg_next(position, rem)
    assert seen == [1, 2]
    assert (position, rem) == (None, -3)
    assert not nlmsg_ok(nlmsghdr(nlmsg_len=15), 100)
    assert not nlmsg_ok(nlmsghdr(nlmsg_len=17), 16)
    assert not nlmsg_ok(nlmsghdr(nlmsg_len=16), 15)


def test_a_header_needs_its_bytes() -> None:
    data = message(4)
    assert nlmsg_hdr(data, 4).nlmsg_type == 0
    for offset, have in ((5, 15), (21, -1), (-1, 21)):
        with pytest.raises(WireError) as caught:
            nlmsg_hdr(data, offset)
        assert (caught.value.need, caught.value.have, caught.value.offset) == (16, have, offset)


@pytest.mark.parametrize(("size", "words"), [(15, "less than its own header"), (21, "past the end")])
def test_a_message_needs_the_bytes_it_states(size: int, words: str) -> None:
    nlh = nlmsg_hdr(bytes(nlmsghdr(nlmsg_len=size)) + bytes(4))
    with pytest.raises(WireError, match=words) as caught:
        nlmsg_bytes(nlh)
    assert caught.value.path == ("nlmsghdr", "nlmsg_len")


def test_a_payload_needs_the_bytes_of_its_struct() -> None:
    nlh = nlmsg_hdr(message(7))
    assert nlmsg_len(nlh) == 7
    with pytest.raises(WireError, match=r"need 8 bytes, have 7") as caught:
        nlmsg_data(nlh, exmsg)
    assert (caught.value.path, caught.value.offset) == (("exmsg",), 16)
    longer = nlmsg_hdr(message(12))
    assert nlmsg_data(longer, exmsg).ex_len == 1


def test_room_for_attributes() -> None:
    nlh = nlmsg_hdr(message(12, nlmsg_type=NLMSG.MIN_TYPE))
    assert nlmsg_attrlen(nlh, exmsg) == 4
    assert nlmsg_attrlen(nlh, oddmsg) == 8
    assert nlmsg_attrlen(nlh, 20) == -8
    assert nlmsg_align(5) == 8
