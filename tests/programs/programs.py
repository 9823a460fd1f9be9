"""Programs that are not ours and what they are asked to do: natively in a namespace, and on the mock.

Knows: command lines.
Never: what comes of them (test_programs.py, python -m tests.programs).
"""

import os
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

from tests.programs.real import UNSHARE

PATIENCE = 60.0
SETUP = (
    "ip link set lo up; ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02; "
    "ip link set v0 addrgenmode none; ip link set v1 addrgenmode none; ip link set v0 up; ip link set v1 up; "
    "ip addr add 192.0.2.1/24 dev v0; ip route add 198.51.100.0/24 via 192.0.2.9; "
    "ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev v0; ip rule add to 203.0.113.0/24 table 7"
)
PYROUTE2 = """
from pyroute2 import IPRoute
with IPRoute() as ip:
    for one in ip.get_links(): print(one["index"], one.get_attr("IFLA_IFNAME"), one.get_attr("IFLA_MTU"))
    for one in ip.get_addr(family=2): print(one.get_attr("IFA_LABEL"), one.get_attr("IFA_ADDRESS"), one["prefixlen"])
    for one in ip.get_routes(family=2, table=254): print(one.get_attr("RTA_DST"), one.get_attr("RTA_GATEWAY"))
    ip.route("add", dst="10.0.0.0/8", gateway="192.0.2.9")
    for one in ip.get_routes(family=2, dst="10.0.0.0/8", table=254): print(one.get_attr("RTA_DST"))
    ip.link("set", index=ip.link_lookup(ifname="v0")[0], mtu=1400)
    print(ip.get_links(ip.link_lookup(ifname="v0")[0])[0].get_attr("IFLA_MTU"))
"""
NDB = """
from pyroute2 import NDB
with NDB() as ndb:
    print(sorted(one.ifname for one in ndb.interfaces.summary()))
    print(sorted(one.address for one in ndb.addresses.summary() if ":" not in one.address))
    ndb.routes.create(dst="10.0.0.0/8", gateway="192.0.2.9").commit()
    print(ndb.routes["10.0.0.0/8"]["gateway"])
"""

FRR = (
    "chmod 777 .; printf 'ip route 10.0.0.0/8 192.0.2.9\\nip route 10.1.0.0/16 blackhole\\n' > static.conf; : > zebra.conf; "
    'O="-z $PWD/zserv --vty_socket $PWD -u frr -g frr -P 0"; '
    "/usr/lib/frr/zebra $O -f $PWD/zebra.conf -i $PWD/zebra.pid >zebra.log 2>&1 & Z=$!; sleep 1; "
    "/usr/lib/frr/staticd $O -f $PWD/static.conf -i $PWD/static.pid >static.log 2>&1 & S=$!; sleep 1.5; "
    "ip -4 route; ip nexthop | grep -c 192.0.2.9; kill $S; wait $S; kill $Z; wait $Z; ip -4 route"
)


class Program(NamedTuple):
    """``{name}`` in ``command`` is a program of sources/; ``package`` is Debian's, empty for what is built or is Python."""

    name: str
    package: str
    command: str
    differs: str = ""
    """Why it is known not to say the same."""
    user: str = "nobody"
    """Who runs it on the mock."""


PROGRAMS = (
    Program(
        "ip",
        "iproute2",
        "ip -d link; ip addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; ip neigh",
    ),
    Program("ip -json", "iproute2", "ip -j -d link; ip -j addr; ip -j route; ip -j -6 route; ip -j rule; ip -j neigh"),
    Program(
        "ip -batch",
        "iproute2",
        "printf 'link set v0 mtu 1400\\nroute add 10.0.0.0/8 via 192.0.2.9\\n' | ip -batch -; ip -4 route",
    ),
    Program("ip -d -s", "iproute2", "ip -d -s link show lo; ip -s -4 neigh | sed 's/used [0-9/]*/used N/'"),
    Program(
        "ip nexthop",
        "iproute2",
        "ip nexthop add id 1 via 192.0.2.9 dev v0; ip nexthop add id 2 via 192.0.2.8 dev v0; "
        "ip nexthop add id 3 group 1,2/2; ip nexthop add id 4 blackhole; ip -d nexthop; ip route add 10.0.0.0/8 nhid 3; "
        "ip -4 route; ip nexthop del id 3; ip -4 route; ip -j nexthop",
    ),
    Program(
        "ip monitor",
        "iproute2",
        "timeout 2 ip monitor link route neigh & sleep 0.5; ip route add 10.0.0.0/8 via 192.0.2.9; ip link set v0 mtu 1400; "
        "ip neigh del 192.0.2.9 dev v0; ip route del 10.0.0.0/8; wait",
    ),
    Program(
        "bridge",
        "iproute2",
        "ip link add br0 type bridge; ip link set v0 master br0; bridge link; "
        "bridge fdb show br br0 | grep -v '33:33\\|01:00:5e' | wc -l",
    ),
    Program(
        "bridge fdb",
        "iproute2",
        "bridge fdb show dev v0; ip link set v0 down; bridge fdb show dev v0; ip link set v0 up; "
        "bridge fdb add 02:00:00:00:00:0a dev v0; ip addr add 239.1.2.3/32 dev v0 autojoin; bridge fdb show dev v0; "
        "bridge -j fdb show dev v0; bridge fdb del 02:00:00:00:00:0a dev v0; bridge fdb show dev v0",
    ),
    Program(
        "bridge fdb, of a vxlan",
        "iproute2",
        "ip link add vx type vxlan id 5 dstport 4789 local 10.0.0.1; bridge fdb add 02:00:00:00:00:01 dst 10.0.0.2 dev vx; "
        "bridge fdb append 00:00:00:00:00:00 dst 10.0.0.8 dev vx; bridge fdb append 00:00:00:00:00:00 dst 10.0.0.9 dev vx port 7 "
        "vni 8 via v0; bridge fdb show dev vx; bridge -j fdb show dev vx; bridge fdb get 02:00:00:00:00:01 dev vx self; "
        "bridge fdb del 00:00:00:00:00:00 dst 10.0.0.8 dev vx; bridge fdb replace 02:00:00:00:00:01 dst 10.0.0.3 dev vx; "
        "bridge fdb add 02:00:00:00:00:01 dst 10.0.0.4 dev vx; bridge fdb show dev vx; bridge fdb add 02:00:00:00:00:02 dev vx",
    ),
    Program(
        "bridge vlan",
        "iproute2",
        "ip link add br0 type bridge vlan_filtering 1; ip link set v0 master br0; bridge vlan add dev v0 vid 10-12; "
        "bridge vlan add dev v0 vid 20 pvid untagged; bridge vlan",
    ),
    Program(
        "bridge mdb",
        "iproute2",
        "ip link add br0 type bridge; ip link set v0 master br0; ip link set br0 up; "
        "bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent; bridge mdb show; "
        "bridge -d mdb show; bridge mdb add dev br0 port br0 grp 239.1.1.2; bridge mdb del dev br0 port v0 grp 239.1.1.1; "
        "bridge mdb add dev br0 port v0 grp 239.1.1.3 src 10.0.0.1 permanent; bridge -j -d mdb show; "
        "bridge mdb add dev br0 port v0 grp 10.0.0.1; bridge mdb add dev v0 port v0 grp 239.1.1.1",
    ),
    Program(
        "ss -f netlink",
        "iproute2",
        "ip monitor & sleep 0.5; ss -H -f netlink | grep 'rtnl\\|tcpdiag\\|genl\\|uevent\\|fiblookup' | "
        "sed 's,/[0-9]*,/N,; s/:-[0-9]*/:-N/; s/  */ /g; s/ $//' | sort; kill $!; ss -tuxwa -n; ss -0 -a; ss -t state established",
    ),
    Program(
        "ss -f netlink, from /proc",
        "iproute2",
        "ip monitor & sleep 0.5; PROC_NET_NETLINK=/proc/net/netlink ss -H -e -f netlink | grep 'rtnl:kernel\\|genl\\|rtnl:ip' | "
        "sed 's,/[0-9]*,/N,; s/sk=[0-9a-f]*/sk=N/; s/  */ /g; s/ $//' | sort; kill $!",
    ),
    Program(
        "tc",
        "iproute2",
        "tc qdisc show dev v0; tc qdisc add dev v0 root handle 5: tbf rate 1mbit burst 10kb latency 50ms; tc qdisc show dev v0",
    ),
    Program(
        "tc: classes and filters",
        "iproute2",
        "tc qdisc add dev v0 root handle 1: htb default 10; tc class add dev v0 parent 1: classid 1:10 htb rate 1mbit; "
        "tc filter add dev v0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.0/8 flowid 1:10; "
        "tc class show dev v0; tc filter show dev v0 parent 1:; tc -s -d qdisc show dev v0",
    ),
    Program(
        "busybox ip",
        "busybox-static",
        "busybox ip link; busybox ip addr; busybox ip route; busybox ip -6 route; busybox ip rule; busybox ip neigh",
    ),
    Program(
        "busybox ip, changes",
        "busybox-static",
        "busybox ip link set v0 mtu 1400; busybox ip route add 10.0.0.0/8 via 192.0.2.9; "
        "busybox ip -4 route; busybox ip addr add 192.0.2.7/24 dev v0; busybox ip -4 addr",
    ),
    Program(
        "busybox ifconfig",
        "busybox-static",
        "busybox ifconfig v0 mtu 1400 192.0.2.3 netmask 255.255.255.0; ip -4 addr show v0; busybox ifconfig v0 down; ip link show v0",
    ),
    Program(
        "busybox route",
        "busybox-static",
        "busybox route add -net 10.0.0.0/8 gw 192.0.2.9; ip -4 route; busybox route del -net 10.0.0.0/8; ip -4 route",
    ),
    Program("busybox ifconfig -a", "busybox-static", "busybox ifconfig v0; busybox ifconfig -a"),
    Program(
        "busybox route -n, arp",
        "busybox-static",
        "ip route add default via 192.0.2.9; busybox route -n; busybox arp -n | grep v0",
    ),
    Program("/proc/net", "", "cat /proc/net/dev /proc/net/route; grep v0 /proc/net/arp; head -1 /proc/self/net/route"),
    Program("glibc: getifaddrs, if_nameindex, SIOCGIF*", "", "{getifaddrs}"),
    Program("musl, static: the same", "", "{getifaddrs-musl}"),
    Program("Go, static: net.Interfaces", "", "{interfaces}"),
    Program("Go: vishvananda/netlink", "golang-github-vishvananda-netlink-dev", "{netlinks}"),
    Program("libmnl: links, routes", "libmnl-dev", "{mnl}"),
    Program("pyroute2: IPRoute", "", "{python} -c '" + PYROUTE2.replace("'", '"') + "'"),
    Program("pyroute2: NDB", "", "{python} -c '" + NDB.replace("'", '"') + "'"),
    Program("libnl: nl-link-list", "libnl-utils", "nl-link-list"),
    Program("libnl: nl-addr-list", "libnl-utils", "nl-addr-list --family inet"),
    Program("libnl: nl-route-list", "libnl-utils", "nl-route-list --family inet --table main"),
    Program("libnl: nl-rule-list", "libnl-utils", "nl-rule-list --family inet"),
    Program("libnl: nl-neigh-list", "libnl-utils", "nl-neigh-list --family inet"),
    Program("libnl: nl-link-set", "libnl-utils", "nl-link-set --name=v0 --mtu=1400; ip link show v0"),
    Program(
        "libnl: nl-route-add",
        "libnl-utils",
        "nl-route-add --dst=10.0.0.0/8 --nexthop=dev=v0,via=192.0.2.9; ip -4 route",
    ),
    Program("libnl: genl-ctrl-list", "libnl-utils", "genl-ctrl-list | head -1 | grep -c nlctrl"),
    Program(
        "BIRD",
        "bird2",
        "timeout 2 bird -f -c bird.conf -s bird.ctl -P bird.pid 2>/dev/null & sleep 1; ip -4 route; wait",
    ),
    Program("FRR: zebra, staticd", "frr", FRR, user="frr"),
)
BIRD = (
    "router id 192.0.2.1; protocol device { scan time 60; } protocol kernel { ipv4 { import all; export all; }; learn; } "
    "protocol static { ipv4; route 10.0.0.0/8 via 192.0.2.9; route 10.1.0.0/16 blackhole; }"
)


class Outcome(NamedTuple):
    """What a command said, and its status."""

    stdout: str
    stderr: str
    status: int


def needs(program: Program) -> str:
    """The command that has to be there."""
    first = program.command.split()[0]
    found = re.search(
        r"(?<![\w/.])(busybox|bridge|tc|ss|bird|nl-[a-z-]+|genl-ctrl-list|/usr/lib/frr/zebra)\b", program.command
    )
    return found[0] if found else first


def script(program: Program, built: dict[str, str]) -> list[str]:
    """The shell's command line."""
    command = program.command
    for name, path in built.items():
        command = command.replace(f"{{{name}}}", path)
    body = f"cd $(mktemp -d); echo '{BIRD}' > bird.conf; {{ {SETUP}; sleep 0.1; }} >/dev/null 2>&1; {command}"
    return ["sh", "-c", body]


def environment() -> dict[str, str]:
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/tmp"}


def natively(program: Program, built: dict[str, str]) -> Outcome:
    """In a namespace of the real kernel."""
    return ran([*UNSHARE, *script(program, built)])


def on_the_mock(program: Program, built: dict[str, str]) -> Outcome:
    """On a fresh mock, without privileges."""
    words = [sys.executable, "-m", "tests.programs.nobody", "--user", program.user, "run", "--"]
    return ran([*words, *script(program, built)])


def ran(words: list[str]) -> Outcome:
    """What came of it."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment())
    return Outcome(done.stdout, done.stderr, done.returncode)


def version(program: Program) -> str:
    """The version of its package, as Debian numbers it."""
    if not program.package or shutil.which("dpkg-query") is None:
        return ""
    command = ["dpkg-query", "-W", "-f", "${Version}", program.package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
