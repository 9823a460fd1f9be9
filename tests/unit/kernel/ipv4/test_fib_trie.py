"""The order of routes and the longest prefix, beside a model that sorts and tries every route."""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from nlwire.kernel.ipv4.fib_trie import (
    fib_find_alias,
    fib_insert_alias,
    fib_remove_alias,
    fib_replace_alias,
    fib_table_lookup,
    leaf_walk,
    trie,
)
from nlwire.kernel.ipv4.ip_fib import (
    DEAD,
    UNIVERSE,
    UNREACHABLE,
    fib_alias,
    fib_config,
    fib_info,
    fib_nh,
    fib_result,
    fib_table,
    flowi4,
)
from nlwire.kernel.net import Machine

HOME = Machine().init_net
EAGAIN, EHOSTUNREACH = -11, -113


class Route(NamedTuple):
    """What orders a route; ``dead`` ones do not count."""

    key: int
    plen: int
    tb_id: int
    dscp: int
    priority: int
    type: int = 1
    dead: bool = False


def masked(address: int, plen: int) -> int:
    return address & (0xFFFFFFFF << (32 - plen) & 0xFFFFFFFF)


@st.composite
def some_routes(draw: Any) -> list[Route]:
    one = st.builds(
        lambda address, plen, *rest: Route(masked(address, plen), plen, *rest),
        st.sampled_from([0x0A000000, 0x0A000001, 0x0A000100, 0x0A010000, 0x80000000, 0xFFFFFFFF, 0]),
        st.sampled_from([0, 1, 8, 16, 24, 25, 31, 32]),
        st.sampled_from([254, 255]),
        st.sampled_from([0, 4, 16]),
        st.integers(0, 2),
        st.sampled_from([1, 1, 1, UNREACHABLE]),
        st.booleans(),
    )
    return list(draw(st.lists(one, max_size=20, unique_by=lambda route: route[:5])))


def alias(route: Route) -> fib_alias:
    cfg = fib_config()
    cfg.fc_priority, cfg.fc_scope, cfg.fc_flags = route.priority, UNIVERSE, DEAD if route.dead else 0
    fi = fib_info(HOME, cfg)
    fi.fib_nh = (fib_nh(1),)
    return fib_alias(fi, route.dscp, route.type, 32 - route.plen, route.tb_id)


def add(t: trie, route: Route) -> fib_alias:
    """As fib_table_insert() does it."""
    new = alias(route)
    head = t.leaves.get(route.key)
    fib_insert_alias(t, route.key, new, fib_find_alias(head, new.fa_slen, route.dscp, route.priority, route.tb_id))
    return new


def walked(t: trie, key: int = 0) -> list[tuple[int, fib_alias]]:
    found = []
    for at, head in leaf_walk(t, key):
        fa: fib_alias | None = head
        while fa is not None:
            found.append((at, fa))
            fa = fa.fa_next
    return found


def rank(route: Route) -> tuple[int, ...]:
    """The order of a walk, as the kernel's lists have it."""
    return (route.key, -route.plen, -route.tb_id, -route.dscp, route.priority)


@given(some_routes(), st.data())
def test_a_walk_is_sorted_whatever_comes_and_goes(routes: list[Route], data: st.DataObject) -> None:
    t = trie()
    there = {route: add(t, route) for route in routes}
    for route in data.draw(st.lists(st.sampled_from(routes), unique=True) if routes else st.just([])):
        walked(t)  # puts the keys in order
        fib_remove_alias(t, route.key, there.pop(route))
        if data.draw(st.booleans()):
            there[route] = add(t, route)
    expected = [there[route] for route in sorted(there, key=rank)]
    assert [fa for _, fa in walked(t)] == expected
    begin = data.draw(st.sampled_from([0, 0x0A000001, 0x0A000100, 0xFFFFFFFF]))
    assert [fa for _, fa in walked(t, begin)] == [
        there[route] for route in sorted(there, key=rank) if route.key >= begin
    ]


@given(
    some_routes(),
    st.sampled_from([0x0A000000, 0x0A000001, 0x0A000101, 0x0A010203, 0x80000001, 0xFFFFFFFF, 0, 0x0B000000]),
    st.sampled_from([0, 4, 16, 0x14]),
)
def test_a_lookup_finds_the_longest_prefix_that_lives(routes: list[Route], address: int, tos: int) -> None:
    t = trie()
    there = {add(t, route): route for route in routes}
    fl4, res = flowi4(address), fib_result()
    fl4.flowi4_tos = tos
    err = fib_table_lookup(fib_table(254, t, t), fl4, res)
    usable = [
        route
        for route in sorted(routes, key=lambda route: (-route.plen, *rank(route)))
        if masked(address, route.plen) == route.key
        and route.dscp in (0, tos & 0x1C)
        and (route.type == UNREACHABLE or not route.dead)
    ]
    if not usable:
        assert err == EAGAIN
    elif usable[0].type == UNREACHABLE:
        assert err == EHOSTUNREACH
    else:
        assert (err, res.prefix, res.prefixlen, res.dscp) == (0, usable[0].key, usable[0].plen, usable[0].dscp)
        assert res.fi in [fa.fa_info for fa, route in there.items() if route == usable[0]]


def test_a_replacement_stands_where_the_other_stood() -> None:
    t = trie()
    routes = [Route(0x0A000000, 8, 254, 0, priority) for priority in (1, 2, 3)]
    first, second, third = (add(t, route) for route in routes)
    new = alias(routes[1])
    fib_replace_alias(t, 0x0A000000, second, new)
    assert [fa for _, fa in walked(t)] == [first, new, third]
    newer = alias(routes[0])
    fib_replace_alias(t, 0x0A000000, first, newer)
    assert [fa for _, fa in walked(t)] == [newer, new, third]
