"""The verbs, on the mock kernel and on a running one: what they make is what is then there.

Devices are veths, bridges and macvlans: what every kernel has that runs containers.
"""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlwire.endpoint.base import Endpoint
from nlwire.endpoint.socket import open_socket
from nlwire.errors import BuildError, DialogError, NetlinkError
from nlwire.kernel import Kernel
from nlwire.session import AsyncSession, Session
from nlwire.session.specs import Way
from nlwire.uapi.fib_rules import FR_ACT, FRA
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_link import IFLA, IFLA_INFO, MACVLAN_MODE
from nlwire.uapi.neighbour import NDA, NUD
from nlwire.uapi.nexthop import NHA
from nlwire.uapi.rtnetlink import AF, RTA, RTAX, RTN

pytestmark = pytest.mark.kernel


Connect = Callable[[], Endpoint]


@pytest.fixture(scope="module")
def netns() -> Iterator[int]:
    child = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    own = Path("/proc/self/ns/net").stat().st_ino
    while Path(f"/proc/{child.pid}/ns/net").stat().st_ino == own:
        time.sleep(0.01)
    yield child.pid
    child.kill()
    child.wait()


@pytest.fixture(params=["mock", "real"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Sockets of one kernel."""
    if request.param == "mock":
        return Kernel().socket
    number = request.getfixturevalue("netns")
    return lambda: open_socket(netns=number)


@pytest.fixture
def nl(connect: Connect) -> Iterator[Session]:
    with Session(connect(), timeout=30) as made:
        made.link.change("lo", up=True)
        made.link.add("d0", kind="veth", up=True, data={"VETH_INFO_PEER": {"head": {}, "tail": {IFLA.IFNAME: "d1"}}})
        made.link.change("d1", up=True)
        made.address.add("192.0.2.1/24", "d0")
        yield made
        for name in ("d0", "br0", "v0"):
            try:
                made.link.delete(name)
            except NetlinkError as error:
                assert name != "d0", error  # noqa: PT017 (br0 and v0 are there only for some)


def test_links(nl: Session) -> None:
    nl.link.add("br0", kind="bridge", mtu=1400, address="02:00:00:00:00:01")
    br0 = nl.link.get("br0")
    nl.link.change("d0", master="br0")
    d0 = nl.link.get("d0")
    assert d0[IFLA.MASTER] == br0.ifi_index
    assert (br0[IFLA.MTU], br0[IFLA.ADDRESS], br0[IFLA.LINKINFO][IFLA_INFO.KIND]) == (
        1400,
        "02:00:00:00:00:01",
        "bridge",
    )
    nl.link.change(d0.ifi_index, up=False, mtu=1300)
    assert not nl.link.get("d0").ifi_flags & IFF.UP
    nl.link.replace("d0", mtu=1200)
    assert nl.link.get("d0")[IFLA.MTU] == 1200
    nl.link.add("v0", kind="macvlan", link="br0", data={"IFLA_MACVLAN_MODE": MACVLAN_MODE.BRIDGE})
    assert nl.link.get("v0")[IFLA.LINK] == br0.ifi_index
    nl.link.change("v0", rename="v1")
    assert nl.link.flush({IFLA.IFNAME: "v1"}) == 1
    with pytest.raises(NetlinkError, match="ENODEV"):
        nl.link.get("v1")
    with pytest.raises(NetlinkError):
        nl.link.get("a name that is longer than any name")
    with pytest.raises(NetlinkError, match="EEXIST"):
        nl.link.add("d0", kind="bridge")


def test_addresses(nl: Session) -> None:
    nl.address.add("198.51.100.1/24", "d0", broadcast="198.51.100.255", label="d0:x", scope=253)
    found = nl.address.get("198.51.100.1")
    assert (found.ifa_prefixlen, found[IFA.LABEL], str(found[IFA.BROADCAST])) == (24, "d0:x", "198.51.100.255")
    nl.address.change("198.51.100.1/24", "d0", label="d0:x", scope=253)
    nl.address.add("10.9.0.1", "d0", peer="10.9.0.2")
    nl.address.delete("10.9.0.1", "d0", peer="10.9.0.2")
    with pytest.raises(DialogError, match="no such address"):
        nl.address.get("10.9.0.1")
    assert nl.address.flush({"ifa_family": AF.INET, "ifa_index": nl.link.get("d0").ifi_index}) == 2
    with pytest.raises(BuildError, match="appear to be"):
        nl.address.add("nonsense", "d0")


def test_addresses_of_ipv6(nl: Session) -> None:
    nl.address.replace("2001:db8::1/64", "d0", attrs={IFA.FLAGS: 2})
    assert nl.address.get("2001:db8::1").ifa_family == AF.INET6
    nl.address.delete("2001:db8::1/64", "d0")
    with pytest.raises(DialogError, match="no such address"):
        nl.address.get("2001:db8::1")


def test_routes_of_ipv6(nl: Session) -> None:
    nl.route.add("10.4.0.0/16", via="fe80::1", dev="d0", table=300)
    nl.route.add("2001:db8:1::/48", dev="d0", metric=7)
    (found,) = nl.dump(nl.route.family, filter={"family": AF.INET6, RTA.DST: "2001:db8:1::"})
    assert found[RTA.PRIORITY] == 7
    assert nl.route.flush({RTA.TABLE: 300, "rtm_family": AF.INET6}) == 0
    nl.route.delete("2001:db8:1::/48")
    assert nl.route.flush({RTA.TABLE: 300}) == 1


def test_routes(nl: Session) -> None:
    nl.route.add("10.0.0.0/8", via="192.0.2.2", metric=5, mtu=1400, table=300)
    (found,) = nl.dump(nl.route.family, filter={RTA.TABLE: 300})
    assert (str(found[RTA.GATEWAY]), found[RTA.PRIORITY], found[RTA.METRICS][RTAX.MTU]) == ("192.0.2.2", 5, 1400)
    nl.route.change("10.0.0.0/8", via="192.0.2.3", metric=5, table=300)
    nl.route.replace("10.1.0.0/16", dev="d0", src="192.0.2.1", table=300)
    ways = [Way(via="192.0.2.4", dev="d0", weight=2), Way(via="192.0.2.5")]
    nl.route.add("10.2.0.0/16", ways=ways, table=300)
    nl.route.add("10.3.0.0/16", type=RTN.BLACKHOLE, table=300)
    nl.route.add("default", via="192.0.2.9")
    assert str(nl.route.get("8.8.8.8")[RTA.GATEWAY]) == "192.0.2.9"
    nl.route.delete("default")
    with pytest.raises(NetlinkError, match="ENETUNREACH"):
        nl.route.get("8.8.8.8")
    assert nl.route.flush({RTA.TABLE: 300}) == 4
    with pytest.raises(NetlinkError, match="Nexthop has invalid gateway"):
        nl.route.add("10.0.0.0/8", via="203.0.113.1")


def test_neighbours(nl: Session) -> None:
    nl.neighbour.add("192.0.2.7", "d0", lladdr="02:00:00:00:00:07")
    found = nl.neighbour.get("192.0.2.7", "d0")
    assert (found[NDA.LLADDR], found.ndm_state) == ("02:00:00:00:00:07", NUD.PERMANENT)
    nl.neighbour.change("192.0.2.7", "d0", lladdr="02:00:00:00:00:08")
    nl.neighbour.replace("192.0.2.8", "d0", lladdr="02:00:00:00:00:09", state=NUD.REACHABLE)
    nl.neighbour.delete("192.0.2.8", "d0")
    assert nl.neighbour.flush({"ndm_ifindex": nl.link.get("d0").ifi_index, "ndm_family": AF.INET}) >= 1


def test_nexthops(nl: Session) -> None:
    nl.nexthop.add(1, via="192.0.2.2", dev="d0")
    nl.nexthop.replace(2, via="192.0.2.3", dev="d0")
    nl.nexthop.change(2, via="192.0.2.4", dev="d0")
    nl.nexthop.add(3, blackhole=True)
    nl.nexthop.add(9, group=[1, (2, 5)])
    assert str(nl.nexthop.get(2)[NHA.GATEWAY]) == "192.0.2.4"
    assert len(nl.nexthop.get(9)[NHA.GROUP]) == 2
    nl.route.add("10.8.0.0/16", nhid=9)
    nl.nexthop.delete(9)
    assert nl.nexthop.flush({}) == 3


def test_rules(nl: Session) -> None:
    nl.rule.add(priority=100, src="10.0.0.0/8", table=300)
    nl.rule.add(priority=101, dst="2001:db8::/32", action=FR_ACT.PROHIBIT)
    nl.rule.add(priority=102, iif="d0", mark=1, table=5)
    assert nl.rule.get(100)[FRA.TABLE] == 300
    assert nl.rule.get(101, AF.INET6).action == FR_ACT.PROHIBIT
    nl.rule.delete(priority=101, family=AF.INET6)
    assert nl.rule.flush({FRA.PRIORITY: 100}) == 1
    nl.rule.delete(priority=102)
    with pytest.raises(DialogError, match="priority 0"):
        nl.rule.get(0)


def test_the_same_for_asyncio(connect: Connect) -> None:
    async def main() -> None:
        async with AsyncSession(connect()) as nl:
            await nl.link.change("lo", up=True)
            await nl.link.add("a0", kind="bridge", up=True)
            await nl.address.add("203.0.113.1/24", "a0")
            await nl.route.add("10.7.0.0/16", via="203.0.113.9", table=301)
            assert str((await nl.route.get("203.0.113.5"))[RTA.PREFSRC]) == "203.0.113.1"
            assert await nl.route.flush({RTA.TABLE: 301}) == 1
            await nl.link.delete("a0")

    asyncio.run(main())
