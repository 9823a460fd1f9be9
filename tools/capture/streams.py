"""Whole dumps in one piece: ``fixtures/streams/*.bin``, the datagrams of each dump one after the other.

For tests of streams and for the demo where there is no netlink. They are made once and left alone (``--fresh`` makes them
anew): counters and clocks in them move with every run.

Knows: which tables are dumped, how a few hundred routes come into a namespace.
Never: the contents.
"""

from pathlib import Path

from tools.capture import netlink
from tools.capture.netlink import F_CREATE, F_DUMP, F_REQUEST, NETLINK_EXT_ACK, RTM, attr, ip4, ip6, message, nest, u32
from tools.capture.netns import Apart, insist_apart
from tools.capture.recorder import Stage
from tools.capture.scenarios.routes_by_hand import rtmsg, via
from tools.capture.scenarios.topology import ACROSS

AF_INET, AF_INET6 = 2, 10

SETUP = f"""
    {ACROSS}
    ip link add br0 index 20 address 02:00:00:00:00:20 type bridge
    ip link add b0 index 21 address 02:00:00:00:00:21 type veth peer name b1 index 22 address 02:00:00:00:00:22
    ip link set b0 master br0
    ip link set br0 up
    ip link set b0 up
    ip link set b1 up
    ip link add x0 index 23 address 02:00:00:00:00:23 type vxlan id 4711 dstport 4789 dev v0
    ip link add m0 index 24 address 02:00:00:00:00:24 link v1 type macvlan mode bridge
    ip address add 192.0.2.77/24 dev v0 label v0:second
    ip address add 10.255.0.1 peer 10.255.0.2/32 dev b1
    ip rule add from 192.0.2.0/24 fwmark 7 table 1000 priority 100
    ip rule add iif v0 ipproto tcp dport 80-90 table 1000 priority 200
    ip -6 rule add from 2001:db8::/32 blackhole priority 300
    ip neigh add 192.0.2.10 lladdr 02:00:00:00:01:10 dev v0
    ip neigh add 192.0.2.11 lladdr 02:00:00:00:01:11 dev v0 nud stale
    ip neigh add 2001:db8::10 lladdr 02:00:00:00:01:10 dev v0 router
    bridge fdb add 02:00:00:00:03:01 dev b0 master static
    bridge fdb add 02:00:00:00:04:01 dev x0 dst 192.0.2.41
    ip nexthop add id 1 via 192.0.2.2 dev v0
    ip nexthop add id 2 via 203.0.113.2 dev v1
    ip nexthop add id 3 group 1/2,3
    wait 1.2
"""

ROUTES = 150
"""How many routes of each family."""

DUMPS = {
    "links": (RTM.GETLINK, bytes(16)),
    "addresses": (RTM.GETADDR, bytes(8)),
    "routes": (RTM.GETROUTE, bytes(12)),
    "rules": (RTM.GETRULE, bytes(12)),
    "neighbours": (RTM.GETNEIGH, bytes(12)),
    "nexthops": (RTM.GETNEXTHOP, bytes(8)),
}


def record(root: Path, fresh: bool) -> list[str]:
    """Write the streams that are missing below ``root`` (all of them if ``fresh``); what the kernel refused."""
    paths = {name: root / "streams" / f"{name}.bin" for name in DUMPS}
    if not fresh and all(path.exists() for path in paths.values()):
        return []
    with Apart() as apart:
        stage = Stage(apart)
        stage.setup(SETUP)
        add_routes()
        (root / "streams").mkdir(parents=True, exist_ok=True)
        for name, path in paths.items():
            path.write_bytes(dump(*DUMPS[name]))
        stage.close()
    return [f"streams: {line}" for line in stage.refused]


def add_routes() -> None:
    """Some hundred routes of both families, every fourth with metrics."""
    insist_apart()
    with netlink.open_socket() as sock:
        for number in range(ROUTES):
            metrics = (nest(8, attr(2, u32(1400)), attr(8, u32(1360))),) if number % 4 == 0 else ()
            four = (attr(1, ip4(f"10.{number}.0.0")), *via("192.0.2.2"), attr(6, u32(number)), *metrics)
            six = (attr(1, ip6(f"2001:db8:{number:x}::")), *via("2001:db8::2"), attr(6, u32(number + 1)), *metrics)
            for body, attributes in (
                (rtmsg(AF_INET, 16, protocol=186), four),
                (rtmsg(AF_INET6, 48, protocol=186), six),
            ):
                netlink.transact(sock, message(RTM.NEWROUTE, F_REQUEST | F_CREATE, body, *attributes))


def dump(kind: int, body: bytes) -> bytes:
    """All datagrams of one dump."""
    with netlink.open_socket(0, NETLINK_EXT_ACK) as sock:
        return b"".join(netlink.transact(sock, message(kind, F_REQUEST | F_DUMP, body)))
