"""The fixtures nl_kernel, nl_netns and nl_endpoint, in test sessions of their own."""

from pathlib import Path

import pytest

from nlwire.ground.contents import save
from nlwire.kernel import Kernel
from nlwire.session import Session
from tests.kernel_probe import kernel_unusable

pytest_plugins = ["pytester"]

MOCK = """
import errno

import pytest

from nlwire import NetlinkError, Session
from nlwire.uapi.rtnetlink import RTM

def test_fresh(nl_kernel):
    assert not nl_kernel.events
    with Session(nl_kernel.socket()) as nl:
        nl.link.change("lo", up=True)
        nl_kernel.faults.fail(errno.ENOMEM, "none left")
        with pytest.raises(NetlinkError, match="none left"):
            nl.link.change("lo", up=True)
    assert nl_kernel.events.of(RTM.NEWLINK)

@pytest.mark.nl_snapshot("router.pcapng")
def test_filled(nl_kernel):
    assert not nl_kernel.events
    with Session(nl_kernel.socket()) as nl:
        assert nl.link.get("uplink")

@pytest.mark.nl_snapshot("absent.pcapng")
def test_unfilled(nl_kernel):
    pass
"""

BOTH = """
import errno

import pytest

from nlwire import NetlinkError, Session

def test_both(nl_endpoint):
    with Session(nl_endpoint()) as nl:
        nl.link.change("lo", up=True)
        with pytest.raises(NetlinkError) as refused:
            nl.link.add("lo", kind="veth")
    assert refused.value.errno == errno.EEXIST

def test_real(nl_netns):
    nl_netns.run(["ip", "link", "set", "lo", "up"], check=True)
    with nl_netns.socket() as first, pytest.raises(OSError):
        nl_netns.socket(99)
    assert nl_netns.pid
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return pytester


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    options = ["-q", "-rs", "-p", "no:cacheprovider", "-p", "nlwire.pytest_plugin", "--strict-markers"]
    return pytester.runpytest_subprocess(*options, timeout=60)


def test_a_mock_kernel_fresh_or_filled(inner: pytest.Pytester) -> None:
    kernel = Kernel()
    with Session(kernel.socket()) as nl:
        nl.link.add("uplink", kind="dummy")
    save(kernel, inner.path / "router.pcapng")
    inner.makepyfile(MOCK)
    run(inner).assert_outcomes(passed=2, errors=1)


@pytest.mark.kernel
def test_a_real_one_beside_it(inner: pytest.Pytester) -> None:
    if reason := kernel_unusable():
        pytest.skip(reason)
    inner.makepyfile(BOTH)
    run(inner).assert_outcomes(passed=3)


def test_where_there_is_none_the_test_is_skipped_and_says_why(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = inner.mkdir("bin") / "unshare"
    broken.write_text("#!/bin/sh\necho unshare: Operation not permitted >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
    inner.makepyfile(BOTH)
    done = run(inner)
    done.assert_outcomes(passed=1, skipped=2)
    done.stdout.fnmatch_lines(["*no fresh network namespace: unshare: Operation not permitted"])
