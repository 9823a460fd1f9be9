"""Pytest fixtures: ``nl_cassette``, conversations recorded when they are not there and replayed when they are; ``nl_run``, programs.

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

Knows: where recordings lie, when to make them; that a test has a kernel of its own.
Never: what is said in them.
"""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from nlwire.capture.record import record
from nlwire.capture.replay import replay
from nlwire.endpoint.base import Endpoint
from nlwire.endpoint.socket import open_socket
from nlwire.ground.running import Command, run, start
from nlwire.kernel import Kernel
from nlwire.session import Session
from nlwire.supervise import Supervised

MODES = ("auto", "record", "replay", "live")

Cassette: TypeAlias = Callable[..., Endpoint]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--nl-cassette``."""
    group = parser.getgroup("nlwire")
    group.addoption(
        "--nl-cassette", choices=MODES, default="auto", help="netlink: record what is absent, or always, or never"
    )


@pytest.fixture
def nl_cassette(request: pytest.FixtureRequest) -> Iterator[Cassette]:
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
        opened.append(made)
        return made

    yield insert
    for one in opened:
        one.close()


class Runner:
    """Runs programs on one kernel, ``kernel``, which is fresh; what was started and still runs is killed after the test."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self._started: list[Supervised] = []

    def __call__(self, arguments: Command, **options: Any) -> "subprocess.CompletedProcess[Any]":
        """Run a program to its end: see ``nlwire.run``."""
        return run(arguments, **{"on": self.kernel, **options})

    def start(self, arguments: Command, **popen: Any) -> Supervised:
        """Start a program that runs beside the test: a daemon, a monitor. ``process`` is its Popen."""
        self._started.append(start(arguments, **{"on": self.kernel, **popen}))
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
def nl_run() -> Iterator[Runner]:
    """Runs programs whose netlink sockets are sockets of a mock kernel: ``nl_run(["ip", "link"])``."""
    runner = Runner()
    yield runner
    runner.close()


def file_name(test: str) -> str:
    """A test's name without what file systems do not like."""
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in test).strip("-")
