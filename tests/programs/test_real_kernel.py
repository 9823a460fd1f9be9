"""Programs on the real kernel: supervised they say what they say natively, and a recording says it again, byte for byte."""

import os
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.programs.conftest import Build, need
from tests.programs.real import NLWIRE, in_namespace, nlwire_run, sh

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("kernel_here")]

SETUP = (
    "ip link set lo up; ip link add v0 type veth peer name v1; ip link set v0 addrgenmode none; "
    "ip link set v1 addrgenmode none; ip link set v0 address 02:00:00:00:00:01 up; "
    "ip link set v1 address 02:00:00:00:00:02 up; sleep 0.1; "
    "ip addr add 192.0.2.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0 nodad; "
    "ip route add 198.51.100.0/24 via 192.0.2.9; ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev v0"
)
COMMANDS = {
    "ip link": "ip -d link",
    "ip addr": "ip addr",
    "ip json": "ip -j -p addr show dev v0",
    "ip route": "ip route show table all",
    "ip route get": "ip route get 198.51.100.7",
    "ip neigh": "ip neigh",
    "ip rule": "ip rule",
    "ip refused": "ip link set nowhere up",
    "ip exists": "ip route add 198.51.100.0/24 via 192.0.2.9",
    "busybox ip": "busybox ip addr show v0",
    "busybox ip change": "busybox ip link set v0 mtu 1400; busybox ip link show v0",
    "busybox route": "busybox ip route",
    "bridge": "bridge link",
    "Go": "{interfaces}",
    "glibc": "{getifaddrs}",
    "musl": "{getifaddrs-musl}",
    "several processes": "ip link show lo; (ip -br addr); ip route | cat",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_it_says_what_it_says_natively_and_again_from_the_recording(name: str, built: Build, tmp_path: Path) -> None:
    command = COMMANDS[name]
    need(command.split()[0]) if not command.startswith(("{", "(")) else None
    for program in ("interfaces", "getifaddrs", "getifaddrs-musl"):
        command = command.replace(f"{{{program}}}", built(program)) if f"{{{program}}}" in command else command
    capture = str(tmp_path / "talk.pcapng")
    native = in_namespace(sh(command), setup=SETUP)
    recorded = in_namespace([*NLWIRE, "--on", "kernel", "--record", capture, "--", *sh(command)], setup=SETUP)
    assert (recorded.stdout, recorded.stderr, recorded.returncode) == (native.stdout, native.stderr, native.returncode)
    replayed = nlwire_run("--on", capture, "--", *sh(command))
    assert (replayed.stdout, replayed.stderr, replayed.returncode) == (native.stdout, native.stderr, native.returncode)


@pytest.mark.parametrize(
    "command",
    [
        "setpriv --reuid=65534 --clear-groups --inh-caps=-all ip link set lo mtu 1400",
        "setpriv --bounding-set=-all --inh-caps=-all ip link set lo mtu 1400",
        "unshare -U ip link set lo mtu 1400",
        "unshare -Urn sh -c 'ip link set lo mtu 1400; ip link'",
        "unshare -n sh -c 'ip link set lo mtu 1400; ip link'; ip link",
        "{drops}",
    ],
)
def test_a_program_has_its_own_privileges_and_its_own_namespace(command: str, built: Build) -> None:
    if os.geteuid():
        require_or_skip("privileges cannot be given up where there are none")
    command = command.replace("{drops}", built("drops"))
    native = in_namespace(sh(command))
    supervised = in_namespace([*NLWIRE, "--on", "kernel", "--", *sh(command)])
    assert (supervised.stdout, supervised.stderr, supervised.returncode) == (
        native.stdout,
        native.stderr,
        native.returncode,
    )
