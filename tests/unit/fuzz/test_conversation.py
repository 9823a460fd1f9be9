"""Faults of conversations: each does what its name says, again and again the same."""

import errno
import struct

import pytest

from nlwire.codec.frames import frames
from nlwire.endpoint.base import Datagram
from nlwire.fuzz.conversation import CONTENT, TURNS, Given, Plot, turn
from nlwire.uapi.netlink import NLM_F, NLMSG

HEAD = struct.Struct("=IHHII")
ROUTE = HEAD.pack(36, 24, 2, 7, 99) + struct.pack("=8BI", 2, 16, 0, 0, 254, 4, 0, 1, 0) + struct.pack("=HHI", 8, 4, 3)
PART = Datagram(ROUTE + ROUTE)
END = Datagram(HEAD.pack(20, NLMSG.DONE, 2, 7, 99) + bytes(4))


def given(fault: str, chance: int, datagram: Datagram = PART) -> Given:
    return turn(Plot(fault, 0, chance), datagram, [END])


def datagrams(made: Given) -> list[Datagram]:
    return [one for one in made if isinstance(one, Datagram)]


def headers(one: Datagram) -> list[tuple[int, ...]]:
    return [HEAD.unpack_from(one.data, start) for start, _, _ in frames(one.data, "little")]


@pytest.mark.parametrize("fault", [*TURNS, *CONTENT])
@pytest.mark.parametrize("datagram", [PART, END, Datagram(b""), Datagram(b"\7\0\0\0")])
def test_a_plot_does_the_same_again_to_any_bytes(fault: str, datagram: Datagram) -> None:
    for chance in range(60):
        first, second = given(fault, chance, datagram), given(fault, chance, datagram)
        assert [str(one) if isinstance(one, OSError) else one for one in first] == [
            str(one) if isinstance(one, OSError) else one for one in second
        ]


@pytest.mark.parametrize("chance", range(20))
def test_who_and_when(chance: int) -> None:
    strange, own = datagrams(given("foreign", chance))
    assert strange.address[0] != 0
    assert own == PART
    assert given("twice", chance).count(PART) >= 2
    assert given("never", chance) == []
    assert given("stale", chance) == [END, PART]
    assert all(seq != 7 for _, _, _, seq, _ in headers(datagrams(given("to_another_request", chance))[0]))
    assert all(pid != 99 for *_, pid in headers(datagrams(given("to_another_port", chance))[0]))
    first = given("overrun", chance)[0]
    assert isinstance(first, OSError)
    assert first.errno == errno.ENOBUFS


@pytest.mark.parametrize("chance", range(20))
def test_parts_and_ends(chance: int) -> None:
    assert [one.data for one in datagrams(given("resplit", chance))] == [ROUTE, ROUTE]
    (refused,) = datagrams(given("refusal", chance))
    size, kind, _, seq, pid = HEAD.unpack_from(refused.data)
    assert (size, kind, seq, pid) == (len(refused.data), NLMSG.ERROR, 7, 99)
    assert HEAD.unpack_from(datagrams(given("early_end", chance))[0].data)[1] in (NLMSG.DONE, NLMSG.NOOP, NLMSG.OVERRUN)


def test_flags_of_all_or_some() -> None:
    seen = {
        tuple(flags for _, _, flags, _, _ in headers(datagrams(given("interrupted_dump", one))[0])) for one in range(50)
    }
    marked = int(NLM_F.MULTI | NLM_F.DUMP_INTR)
    assert (marked, marked) in seen
    assert seen & {(2, marked), (marked, 2)}
