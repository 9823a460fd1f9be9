"""The fixture nl_run, in a test session of its own."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import subprocess
from nlwire.uapi.if_link import IFLA

PIDS = []

def test_a_script_on_a_kernel_to_look_into(nl_run):
    done = nl_run(["sh", "-c", "ip link add v0 type veth peer name v1 && ip link set v0 mtu 1400"])
    assert (done.stderr, done.returncode) == ("", 0)
    with nl_run.session() as nl:
        assert nl.link.get("v0")[IFLA.MTU] == 1400

def test_every_test_has_its_own(nl_run):
    assert nl_run(["ip", "link", "show", "v0"]).returncode == 1

def test_what_runs_beside_the_test(nl_run):
    monitor = nl_run.start(["stdbuf", "-oL", "ip", "monitor", "link"], stdout=subprocess.PIPE, text=True)
    while not nl_run.kernel.nl_table[0].mc_list:
        pass
    nl_run(["ip", "link", "set", "lo", "up"], check=True)
    assert " lo: <LOOPBACK,UP" in monitor.process.stdout.readline()
    PIDS.append(monitor.process.pid)

def test_it_was_ended():
    import os, pytest
    with pytest.raises(ProcessLookupError):
        os.kill(PIDS[0], 0)
"""


def test_programs_in_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    pytester.makepyfile(test_it=TESTS)
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "nlwire.pytest_plugin", timeout=60)
    done.assert_outcomes(passed=4)
