"""Pytest fixtures: kernels (``nl_kernel``, ``nl_netns``, ``nl_endpoint``), recordings (``nl_cassette``), programs (``nl_run``).

    pytest_plugins = ["nlwire.pytest_plugin"]                    # in conftest.py

    def test_mine(nl_cassette):
        with nlwire.Session(nl_cassette()) as nl: ...

The recording of a test lies beside it, in ``cassettes/<file>/<test>.pcapng``; ``nl_cassette("name")`` gives it another name. One
line switches: ``pytest --nl-cassette=replay`` never asks the kernel (as continuous integration should), ``record`` always does,
``live`` asks and keeps nothing, ``auto``, the default, records what is absent.

``nl_run`` runs programs, unmodified and unprivileged, on a mock kernel that the test looks into:

    def test_script(nl_run):
        assert nl_run(["./setup-network.sh"]).returncode == 0
        with nl_run.session() as nl:
            assert nl.link.get("br0")[IFLA.MTU] == 1400

``nl_kernel`` is a mock kernel that keeps its events and lets things go wrong on order; ``nl_netns`` a fresh network namespace of
the real one, where there can be one: else the test is skipped. A test with ``nl_endpoint`` runs on both:

    def test_mine(nl_endpoint):
        with nlwire.Session(nl_endpoint()) as nl: ...

    @pytest.mark.nl_snapshot("router.pcapng")                    # beside the test, made by nlwire snapshot
    def test_other(nl_kernel):
        nl_kernel.faults.fail(errno.ENOMEM)
        ...
        assert not nl_kernel.events

Knows: where recordings lie, when to make them; that a test has a kernel of its own.
Never: what is said in them.
"""

import subprocess
from collections.abc import Callable, Iterator
from socket import SOCK_RAW
from typing import Any, TypeAlias

import pytest

from nlwire.capture.record import record
from nlwire.capture.replay import replay
from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.endpoint.base import Endpoint
from nlwire.endpoint.netns import FreshNetns
from nlwire.endpoint.socket import open_socket, switch_on
from nlwire.fuzz.marks import NAME, nl_plot, pytest_generate_tests, pytest_pyfunc_call
from nlwire.fuzz.program import MutatingGround
from nlwire.fuzz.replies import MutatedReplies, Play
from nlwire.ground.contents import fill
from nlwire.ground.mock import Mock
from nlwire.ground.running import Command, run, start
from nlwire.kernel import Kernel
from nlwire.session import Session
from nlwire.supervise import Supervised
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import RTM

__all__ = ["nl_plot", "pytest_generate_tests", "pytest_pyfunc_call"]
"""Hooks and fixtures that live elsewhere."""

MODES = ("auto", "record", "replay", "live")

Cassette: TypeAlias = Callable[..., Endpoint]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--nl-cassette``."""
    group = parser.getgroup("nlwire")
    group.addoption(
        "--nl-cassette", choices=MODES, default="auto", help="netlink: record what is absent, or always, or never"
    )


@pytest.fixture
def nl_cassette(request: pytest.FixtureRequest, nl_plot: Play | None) -> Iterator[Cassette]:
    """A function that gives an endpoint: the kernel, recorded, or the recording. What it gave is closed after the test."""
    mode = request.config.getoption("--nl-cassette")
    folder = request.path.parent / "cassettes" / request.path.stem
    opened: list[Endpoint] = []

    def insert(
        name: str = "",
        *,
        protocol: int = 0,
        endpoint: Callable[[], Endpoint] | None = None,
        match: str = "exact",
        **options: Any,
    ) -> Endpoint:
        path = folder / f"{name or file_name(request.node.name)}.pcapng"
        if mode == "replay" or (mode == "auto" and path.exists()):
            made: Endpoint = replay(path, protocol=protocol, match=match, **options)
        else:
            made = open_socket(protocol) if endpoint is None else endpoint()
            if mode != "live":
                path.parent.mkdir(parents=True, exist_ok=True)
                made = record(made, path, protocol=protocol)
        made = mutated(made, nl_plot, protocol)
        opened.append(made)
        return made

    yield insert
    for one in opened:
        one.close()


def pytest_configure(config: pytest.Config) -> None:
    """The markers ``nl_snapshot`` and ``fuzz_replies``."""
    config.addinivalue_line(
        "markers", "nl_snapshot(path): what nl_kernel holds in the beginning, as nlwire snapshot wrote it"
    )
    config.addinivalue_line("markers", f"{NAME}(n): run the test n times, each with one thing wrong in the replies")


@pytest.fixture
def nl_kernel(request: pytest.FixtureRequest) -> Kernel:
    """A mock kernel, fresh, or filled from what ``nl_snapshot`` names; what could not be made is shown if the test fails."""
    kernel = Kernel(events=True)
    said = [
        one
        for mark in request.node.iter_markers("nl_snapshot")
        for one in fill(kernel, request.path.parent / mark.args[0])
    ]
    if said:
        request.node.add_report_section("setup", "nl_snapshot", "\n".join(said))
    kernel.events.clear()
    return kernel


@pytest.fixture
def nl_netns() -> Iterator[FreshNetns]:
    """A fresh network namespace of the real kernel: ``socket()``, ``run()``. Skips where there can be none."""
    try:
        fresh = FreshNetns()
    except OSError as error:
        pytest.skip(str(error))
    with fresh:
        try:
            answers(fresh)
        except OSError as error:
            pytest.skip(f"the kernel does not talk netlink: {error}")
        yield fresh


def answers(fresh: FreshNetns) -> None:
    """Ask something that every kernel knows, for some have netlink sockets that never answer. Raises OSError."""
    with fresh.socket(NETLINK.ROUTE) as sock:
        sock.settimeout(5)
        sock.send(encode(build(link, RTM.GETLINK, {IFLA.IFNAME: "lo"}, flags=NLM_F.REQUEST)))
        sock.recv(1 << 16)


@pytest.fixture(params=["mock", "real"])
def nl_endpoint(request: pytest.FixtureRequest, nl_plot: Play | None) -> Iterator[Cassette]:
    """A function that gives an endpoint (by protocol and type, as ``socket.socket``) in a fresh namespace of either kernel.

    It has the options on that a program of today wants: extended and capped acknowledgements, strict checks.
    """
    world: Kernel | FreshNetns = request.getfixturevalue("nl_kernel" if request.param == "mock" else "nl_netns")
    opened: list[Endpoint] = []

    def make(protocol: int = NETLINK.ROUTE, type: int = SOCK_RAW) -> Endpoint:
        made: Endpoint = world.socket(protocol, type)
        switch_on(made)
        made = mutated(made, nl_plot, protocol)
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.close()


class Runner:
    """Runs programs on one kernel, ``kernel``, which is fresh; what was started and still runs is killed after the test."""

    def __init__(self, play: Play | None = None) -> None:
        self.kernel = Kernel()
        self._ground: Any = self.kernel if play is None else MutatingGround(Mock(self.kernel), play)
        self._started: list[Supervised] = []

    def __call__(self, arguments: Command, **options: Any) -> "subprocess.CompletedProcess[Any]":
        """Run a program to its end: see ``nlwire.run``."""
        return run(arguments, **{"on": self._ground, **options})

    def start(self, arguments: Command, **popen: Any) -> Supervised:
        """Start a program that runs beside the test: a daemon, a monitor. ``process`` is its Popen."""
        self._started.append(start(arguments, **{"on": self._ground, **popen}))
        return self._started[-1]

    def session(self, protocol: int = 0) -> Session:
        """A conversation with the kernel."""
        return Session(self.kernel.socket(protocol), protocol=protocol)

    def close(self) -> None:
        """End what still runs."""
        for one in self._started:
            with one:
                pass
            for pipe in (one.process.stdin, one.process.stdout, one.process.stderr):
                if pipe is not None:
                    pipe.close()


@pytest.fixture
def nl_run(nl_plot: Play | None) -> Iterator[Runner]:
    """Runs programs whose netlink sockets are sockets of a mock kernel: ``nl_run(["ip", "link"])``."""
    runner = Runner(nl_plot)
    yield runner
    runner.close()


def mutated(endpoint: Endpoint, play: Play | None, protocol: int) -> Endpoint:
    """The endpoint, its replies as the play wants them."""
    return endpoint if play is None else MutatedReplies(endpoint, play, protocol)


def file_name(test: str) -> str:
    """A test's name without what file systems do not like."""
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in test).strip("-")
