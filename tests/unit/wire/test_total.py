"""Any bytes: every reading function ends with a result or a WireError, and what is found lies where it is said to lie."""

from collections.abc import Callable
from functools import partial
from random import Random
from struct import pack

import pytest

from nlwire.errors import WireError
from nlwire.wire.extack import build_ack, netlink_ext_ack, parse_ack
from nlwire.wire.nlattr import nla_for_each_nested, nla_get, nlmsg_for_each_attr
from nlwire.wire.nlattr_put import nla_nest, nla_put, nla_put_nohdr
from nlwire.wire.nlmsg import nlmsg_data, nlmsg_end, nlmsg_for_each_msg, nlmsg_new, nlmsg_put, place_of
from nlwire.wire.resolve import attr_path, netlink_error
from nlwire.wire.validate import NL_VALIDATE, nlmsg_parse
from tests.unit.wire.example import EX, INNER, exhop, exmsg, expair, exvia


def rich() -> bytes:
    """Two messages that hold a bit of everything, and an acknowledgement of the first."""
    skb = nlmsg_new(1024)
    for family in (2, 28):
        nlh = nlmsg_put(skb, 0, family, 24, exmsg(ex_family=family))
        nla_put(skb, EX.U8, 5)
        nla_put(skb, EX.NAME, "eth0")
        nla_put(skb, EX.DST, "10.0.0.1" if family == 2 else 77)
        nla_put(skb, EX.VIA, (exvia(via_family=2), "10.0.0.1"))
        with nla_nest(skb, EX.NEST), nla_nest(skb, INNER.DEEPER):
            nla_put(skb, INNER.MTU, 1500)
        with nla_nest(skb, EX.LIST), nla_nest(skb, 1):
            nla_put(skb, INNER.NAME, "abc")
        with nla_nest(skb, EX.TAILED):
            nla_put_nohdr(skb, expair(first=1))
            nla_put(skb, INNER.MTU, 9)
        with nla_nest(skb, EX.HOPS):
            nla_put_nohdr(skb, exhop(hop_len=16))
            nla_put(skb, EX.U32, 9)
        nlmsg_end(skb, nlh)
    extack = netlink_ext_ack("words", 24, {"min": 0, "max": 9, "type": 4}, 3, 24, b"cookie")
    return bytes(skb) + bytes(build_ack(bytes(skb), -22, extack, portid=1))


def mutated(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed))
        match random.randrange(4):
            case 0:
                changed[at] = random.randrange(256)
            case 1:
                changed[at & ~3 : (at & ~3) + 2] = pack("=H", random.choice([0, 3, 4, 5, 0x7FFF, 0xFFFF]))
            case 2:
                del changed[at : at + random.randint(1, 8)]
            case _:
                changed[at:at] = random.randbytes(random.randint(1, 8))
        if not changed:
            break
    return bytes(changed)


def refused(read: Callable[[], object]) -> WireError | None:
    """The error that reading ends in, if it does."""
    try:
        read()
    except WireError as error:
        return error
    return None


def walk(data: bytes) -> int:
    """Read all there is; returns how many attributes were found."""
    found = 0
    loop = nlmsg_for_each_msg(data)
    for nlh in loop:
        start, payload = place_of(nlh)[1], nlmsg_data(nlh)
        assert 0 <= start <= start + 16 + len(payload) <= len(data)
        for level in (NL_VALIDATE.LIBERAL, NL_VALIDATE.STRICT):
            assert str(refused(partial(nlmsg_parse, nlh, exmsg, EX, level)))
        assert str(refused(partial(parse_ack, nlh)))
        if refused(partial(nlmsg_for_each_attr, nlh, exmsg)):
            continue
        for nla in nlmsg_for_each_attr(nlh, exmsg, EX):
            found += 1 + len(list(nla_for_each_nested(nla)))
            if nla.attr is not None:
                error = refused(partial(nla_get, nla))
                assert error is None or error.path == (nla.attr.c_name,)
    assert 0 <= loop.rem <= len(data)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_any_bytes(seed: int) -> None:
    random = Random(seed)
    whole = rich()
    assert walk(whole) == 24
    for _ in range(10):
        data = mutated(random, whole)
        walk(data)
        for offset in range(0, len(data) + 8, 3):
            assert attr_path(data, exmsg, EX, offset).path
        try:
            ack = parse_ack(data[len(data) // 2 :])
        except WireError:
            continue
        assert str(netlink_error(ack, exmsg, EX))
