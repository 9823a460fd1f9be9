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

import nlwire
from nlwire.kernel import Kernel
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


class Program(NamedTuple):
    """``{name}`` in ``command`` is a program of sources/; ``package`` is Debian's, empty for what is built or is Python."""

    name: str
    package: str
    command: str
    differs: str = ""
    """Why it is known not to say the same."""


NO_TC = "the mock has no traffic control"
NO_DIAG = "the mock has no NETLINK_SOCK_DIAG; what it reads instead, /proc/net/netlink, is the real kernel's"
PROGRAMS = (
    Program("ip", "iproute2", "ip -d link; ip -4 addr; ip -4 route show table all; ip rule; ip -4 neigh"),
    Program("ip -json", "iproute2", "ip -j -d link; ip -j -4 addr; ip -j -4 route; ip -j rule; ip -j neigh"),
    Program(
        "ip -batch",
        "iproute2",
        "printf 'link set v0 mtu 1400\\nroute add 10.0.0.0/8 via 192.0.2.9\\n' | ip -batch -; ip -4 route",
    ),
    Program(
        "bridge",
        "iproute2",
        "ip link add br0 type bridge; ip link set v0 master br0; bridge link; "
        "bridge fdb show br br0 | grep -v '33:33\\|01:00:5e' | wc -l",
    ),
    Program("ss", "iproute2", "ss -H -f netlink | wc -l | tr 0123456789 n", NO_DIAG),
    Program(
        "tc",
        "iproute2",
        "tc qdisc show dev v0; tc qdisc add dev v0 root tbf rate 1mbit burst 10kb latency 50ms; tc qdisc show dev v0",
        NO_TC,
    ),
    Program(
        "busybox ip",
        "busybox-static",
        "busybox ip link; busybox ip -4 addr; busybox ip -4 route; busybox ip rule; busybox ip neigh",
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
    Program("busybox ifconfig -a", "busybox-static", "busybox ifconfig v0; busybox ifconfig -a | grep -v inet6"),
    Program(
        "busybox route -n, arp",
        "busybox-static",
        "ip route add default via 192.0.2.9; busybox route -n; busybox arp -n | grep v0",
    ),
    Program("/proc/net", "", "cat /proc/net/dev /proc/net/route; grep v0 /proc/net/arp; head -1 /proc/self/net/route"),
    Program("glibc: getifaddrs, if_nameindex, SIOCGIF*", "", "{getifaddrs} | grep -v ::1"),
    Program("musl, static: the same", "", "{getifaddrs-musl} | grep -v ::1"),
    Program("Go, static: net.Interfaces", "", "{interfaces} | sed 's, ::1/128,,'"),
    Program("pyroute2: IPRoute", "", "{python} -c '" + PYROUTE2.replace("'", '"') + "'"),
    Program("pyroute2: NDB", "", "{python} -c '" + NDB.replace("'", '"') + "'"),
    Program("libnl: nl-link-list", "libnl-utils", "nl-link-list --details | grep -v 'Stats\\|stats'"),
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
    found = re.search(r"\b(busybox|bridge|tc|ss|bird|nl-[a-z-]+|genl-ctrl-list)\b", program.command)
    return found[0] if found else first


def script(program: Program, built: dict[str, str]) -> list[str]:
    """The shell's command line."""
    command = program.command.replace("{python}", sys.executable)
    for name, path in built.items():
        command = command.replace(f"{{{name}}}", path)
    body = f"cd $(mktemp -d); echo '{BIRD}' > bird.conf; {{ {SETUP}; sleep 0.1; }} >/dev/null 2>&1; {command}"
    return ["sh", "-c", body]


def environment() -> dict[str, str]:
    return {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/tmp"}


def natively(program: Program, built: dict[str, str]) -> Outcome:
    """In a namespace of the real kernel."""
    words = [*UNSHARE, *script(program, built)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment())
    return Outcome(done.stdout, done.stderr, done.returncode)


def on_the_mock(program: Program, built: dict[str, str]) -> Outcome:
    """On a fresh mock."""
    done = nlwire.run(script(program, built), on=Kernel(), timeout=PATIENCE, env=environment())
    return Outcome(done.stdout, done.stderr, done.returncode)


def version(program: Program) -> str:
    """The version of its package, as Debian numbers it."""
    if not program.package or shutil.which("dpkg-query") is None:
        return ""
    command = ["dpkg-query", "-W", "-f", "${Version}", program.package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
