"""BIRD: its start on the real kernel, recorded, is the same on the mock and from the recording."""

import re
from pathlib import Path

import pytest

from tests.programs.conftest import need
from tests.programs.real import NLWIRE, in_namespace, nlwire_run

CONFIGURATION = """
log stderr all;
debug protocols all;
router id 192.0.2.1;
protocol device { scan time 60; }
protocol direct { ipv4; }
protocol kernel { scan time 60; ipv4 { import all; export all; }; learn; }
protocol static { ipv4; route 198.51.100.0/24 blackhole; route 203.0.113.0/24 unreachable; }
"""
SETUP = "ip link set lo up"
TIMES = re.compile(r"^\S+ \S+ ", re.MULTILINE)


def said(text: str) -> list[str]:
    """What it logs, without the time, sorted: its protocols start in no order that it promises."""
    return sorted(line for line in TIMES.sub("", text).splitlines() if line)


@pytest.fixture
def bird(tmp_path: Path) -> list[str]:
    """BIRD in the foreground for a second and a half, ended by SIGTERM."""
    (tmp_path / "bird.conf").write_text(CONFIGURATION)
    words = [
        need("bird"),
        "-f",
        "-c",
        str(tmp_path / "bird.conf"),
        "-s",
        str(tmp_path / "bird.ctl"),
        "-P",
        str(tmp_path / "pid"),
    ]
    return ["timeout", "-k", "5", "1.5", *words]


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel_here")
def test_its_start_is_recorded_and_replayed(bird: list[str], tmp_path: Path) -> None:
    capture = str(tmp_path / "bird.pcapng")
    native = in_namespace(bird, setup=SETUP)
    assert "Started" in native.stderr
    recorded = in_namespace([*NLWIRE, "--on", "kernel", "--record", capture, "--", *bird], setup=SETUP)
    assert (recorded.stdout, said(recorded.stderr), recorded.returncode) == (
        native.stdout,
        said(native.stderr),
        native.returncode,
    )
    replayed = nlwire_run("--on", capture, "--", *bird)
    assert (replayed.stdout, said(replayed.stderr), replayed.returncode) == (
        native.stdout,
        said(native.stderr),
        native.returncode,
    )


def test_its_routes_are_in_the_mock(bird: list[str]) -> None:
    script = 'ip link set lo up; "$@" & sleep 1; ip route; wait'
    done = nlwire_run("--", "sh", "-c", script, "sh", *bird)
    assert "blackhole 198.51.100.0/24 proto bird metric 32" in done.stdout
    assert "unreachable 203.0.113.0/24 proto bird metric 32" in done.stdout
