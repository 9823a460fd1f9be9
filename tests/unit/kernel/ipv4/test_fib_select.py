"""Which of several ways a packet takes: gateways that do not answer, shares of the hash. Read off Linux 6.18."""

import random
from typing import Any

import pytest

from nlwire.kernel.ipv4.fib_select import fib_multipath_hash, fib_select_multipath
from nlwire.kernel.ipv4.fib_sync import fib_rebalance
from nlwire.kernel.ipv4.ip_fib import DEAD, fib_config, fib_info, fib_nh, fib_result
from nlwire.kernel.net import Machine
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.rtnetlink import AF, RTA, RTM, route
from tests.unit.kernel.ipv4.test_fib import VA, change, talk
from tests.unit.kernel.talk import CREATE, NEW, Talk

__all__ = ["talk"]


def way(talk: Talk) -> str:
    """The gateway to an address that only default routes lead to."""
    (found,) = talk.ask(route, RTM.GETROUTE, {RTA.DST: "8.8.8.8"}, rtm_family=AF.INET, rtm_dst_len=32)
    return str(found[RTA.GATEWAY])


def know(talk: Talk, gateway: str, state: int) -> None:
    """Put a gateway among the neighbours."""
    attrs: dict[Any, Any] = {NDA.DST: gateway}
    if state not in (NUD.FAILED, NUD.NONE, NUD.INCOMPLETE):
        attrs[NDA.LLADDR] = "02:00:00:00:00:09"
    talk.ask(neighbour, RTM.NEWNEIGH, attrs, NEW, ndm_family=AF.INET, ndm_ifindex=VA, ndm_state=state)


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        (None, None, "10.0.0.2"),
        (NUD.REACHABLE, NUD.REACHABLE, "10.0.0.2"),
        (NUD.FAILED, NUD.REACHABLE, "10.0.0.3"),
        (NUD.FAILED, None, "10.0.0.3"),
        (NUD.FAILED, NUD.FAILED, "10.0.0.2"),
        (NUD.INCOMPLETE, NUD.FAILED, "10.0.0.3"),
        (NUD.STALE, NUD.REACHABLE, "10.0.0.2"),
    ],
)
def test_a_default_route_whose_gateway_does_not_answer_is_passed_over(
    talk: Talk, first: int | None, second: int | None, taken: str
) -> None:
    for gateway in ("10.0.0.3", "10.0.0.2"):
        assert change(talk, "0.0.0.0/0", {RTA.GATEWAY: gateway}, CREATE) == (0, None)
    for gateway, state in (("10.0.0.2", first), ("10.0.0.3", second)):
        if state is not None:
            know(talk, gateway, state)
    assert way(talk) == taken


def test_shares_are_as_the_weights_and_the_dead_have_none() -> None:
    home = Machine(rng=random.Random(1)).init_net
    fi = fib_info(home, fib_config())
    fi.fib_nh = tuple(fib_nh(number) for number in range(3))
    fi.fib_nhs = 3
    for nh, weight in zip(fi.fib_nh, (1, 2, 1), strict=True):
        nh.nhc_weight = weight

    def shares() -> list[int]:
        taken = [0, 0, 0]
        for number in range(4000):
            res = fib_result()
            res.fi, res.nhc = fi, fi.fib_nh[0]
            fib_select_multipath(res, fib_multipath_hash(home, 0, 0x0A000000 + number))
            taken[res.nh_sel] += 1
        return taken

    fib_rebalance(fi)
    assert [nh.nhc_upper_bound for nh in fi.fib_nh] == [(1 << 29) - 1, (3 << 29) - 1, (1 << 31) - 1]
    assert shares() == pytest.approx([1000, 2000, 1000], rel=0.1)
    fi.fib_nh[1].nhc_flags |= DEAD
    fib_rebalance(fi)
    assert shares() == pytest.approx([2000, 0, 2000], rel=0.1)
