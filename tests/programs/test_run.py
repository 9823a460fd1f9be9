"""``nlwire run`` and its options; ``nlwire.run`` and ``nl_run``."""

import json
import subprocess
from pathlib import Path

import pytest

import nlwire
from nlwire.capture.entry import Direction, Event, Record
from nlwire.capture.files import read
from nlwire.kernel import Kernel
from nlwire.uapi.if_link import IFLA
from tests.programs.conftest import Build, need
from tests.programs.real import NLWIRE, in_namespace, nlwire_run, sh

VETH = "ip link add v0 type veth peer name v1 && ip link set v0 up && ip addr add 192.0.2.1/24 dev v0"


def test_several_processes_share_one_kernel() -> None:
    done = nlwire_run("--", *sh(f"{VETH}; ip -j link show v0 | cat"))
    assert (done.stderr, done.returncode) == ("", 0)
    assert json.loads(done.stdout)[0]["ifname"] == "v0"


def test_each_run_has_a_kernel_of_its_own() -> None:
    assert nlwire_run("--", *sh(VETH)).returncode == 0
    assert nlwire_run("--", "ip", "link", "show", "v0").returncode == 1


def test_every_run_on_a_kernel_reads_its_files() -> None:
    kernel = Kernel()
    runs = [nlwire.run(["cat", "/proc/net/dev"], on=kernel) for _ in range(3)]
    assert [one.stderr for one in runs] == [""] * 3
    assert len({one.stdout for one in runs}) == 1
    assert "lo:" in runs[0].stdout


def test_a_monitor_beside_a_change() -> None:
    script = "timeout 1 ip monitor link & sleep 0.5; ip link add v0 type veth peer name v1; wait"
    assert "v0" in nlwire_run("--", *sh(script)).stdout


def test_trace_shows_every_datagram() -> None:
    done = nlwire_run("--trace", "--", "ip", "link", "show", "lo")
    assert done.returncode == 0
    assert "RTM_GETLINK" in done.stderr
    assert "> " in done.stderr
    assert "IFLA_IFNAME" in done.stderr
    assert "setsockopt(" in done.stderr


def test_the_report_names_what_is_not_there(built: Build) -> None:
    done = nlwire_run("--report", "--", built("roundtrips"), "10", "127")
    lines = done.stderr.splitlines()
    assert "nlwire: sockets: 1 NETLINK_ROUTE" in lines
    assert "nlwire: requests: 11 type 127 of NETLINK_ROUTE" in lines
    assert "nlwire: not here: type 127 of NETLINK_ROUTE, 11 times" in lines


def test_a_snapshot_is_saved_and_loaded(tmp_path: Path) -> None:
    target = str(tmp_path / "net.pcapng")
    assert nlwire_run("--save", target, "--", *sh(VETH)).returncode == 0
    done = nlwire_run("--load", target, "--", *sh("ip -br addr show v0; ip route"))
    assert done.returncode == 0
    assert "192.0.2.1/24" in done.stdout


def test_a_recording_holds_every_call(tmp_path: Path) -> None:
    target = tmp_path / "talk.pcapng"
    assert nlwire_run("--record", str(target), "--", "ip", "link", "show", "lo").returncode == 0
    entries = list(read(target))
    assert {"socket", "bind", "setsockopt", "close"} <= {one.kind for one in entries if isinstance(one, Event)}
    records = [one for one in entries if isinstance(one, Record)]
    assert {one.direction for one in records} == {Direction.IN, Direction.OUT}
    assert all(one.interface.startswith("socket ") for one in records)


def test_what_was_not_recorded_is_told(tmp_path: Path) -> None:
    target = str(tmp_path / "talk.pcapng")
    nlwire_run("--record", target, "--", "ip", "link")
    done = nlwire_run("--on", target, "--", "ip", "route")
    assert done.returncode != 0
    assert "this request was never recorded; the nearest of" in done.stderr


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("interrupt", "Dump was interrupted and may be inconsistent."),
        ("overrun", "netlink receive error No buffer space available"),
    ],
)
def test_a_fault_on_demand(fault: str, said: str) -> None:
    assert said in nlwire_run("--fault", fault, "--", "ip", "link").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fault", "rain", "--", "true"], "'rain' is no fault: there are overrun"),
        (["--fault", "drop=x", "--", "true"], "drop takes a number"),
        (["--fault", "delay=1,2,3", "--", "true"], "delay takes up to 2 numbers"),
        (["--on", "kernel", "--save", "x", "--", "true"], "--load and --save are for --on mock"),
        (["--netns", "blue", "--", "true"], "--netns is for --on kernel"),
        ([], "Missing argument"),
    ],
)
def test_wrong_usage(words: list[str], said: str) -> None:
    done = nlwire_run(*words)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nothing of the kind")
    done = nlwire_run("--on", str(tmp_path / "x"), "--", "true")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is neither pcap nor pcapng" in done.stderr
    assert nlwire_run("--on", str(tmp_path / "absent"), "--", "true").returncode == 1
    assert nlwire_run("--on", "kernel", "--netns", "no-such-netns", "--", "true").returncode == 1


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel_here")
def test_in_a_network_namespace() -> None:
    """By the pid of a process in it: the command and its sockets are there."""
    words = " ".join(NLWIRE)
    other = "unshare -n sh -c 'ip link set lo mtu 1234; echo $$; exec sleep 20' > pid & sleep 0.5"
    script = f"{words} --on kernel --netns $(cat pid) -- ip link; kill $(cat pid)"
    done = in_namespace(sh(f"cd $(mktemp -d); {other}; {script}"))
    assert "mtu 1234" in done.stdout


# --- the library -----------------------------------------------------------------------------------------------------


def test_a_kernel_of_ones_own() -> None:
    kernel = Kernel()
    with nlwire.Session(kernel.socket()) as nl:
        nl.link.add("v0", kind="veth")
        done = nlwire.run(["ip", "-o", "link", "show", "v0"], on=kernel)
        assert " v0@" in done.stdout
        nlwire.run(["ip", "link", "set", "v0", "mtu", "1400"], on=kernel, check=True)
        assert nl.link.get("v0")[IFLA.MTU] == 1400


def test_what_is_refused_raises_when_asked() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        nlwire.run(["ip", "link", "set", "nowhere", "up"], check=True)
    assert "nowhere" in caught.value.stderr


def test_input_and_output() -> None:
    assert nlwire.run(["cat"], input="said").stdout == "said"
    assert nlwire.run(["ip", "-batch", "-"], input="link set lo up\n").returncode == 0


def test_a_namespace_of_the_mock() -> None:
    kernel = Kernel()
    blue = kernel.unshare()
    assert nlwire.run(["ip", "link", "add", "v0", "type", "veth"], on=blue).returncode == 0
    assert nlwire.run(["ip", "link", "show", "v0"], on=blue).returncode == 0
    assert nlwire.run(["ip", "link", "show", "v0"], on=kernel).returncode == 1


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        nlwire.run(["no-such-program"])


def test_the_door() -> None:
    need("ip")
    assert "run" in dir(nlwire)
