"""The pytest fixture ``nl_cassette``: conversations recorded when they are not there, replayed when they are.

    pytest_plugins = ["nlwire.pytest_plugin"]                    # in conftest.py

    def test_mine(nl_cassette):
        with nlwire.Session(nl_cassette()) as nl: ...

The recording of a test lies beside it, in ``cassettes/<file>/<test>.pcapng``; ``nl_cassette("name")`` gives it another name. One
line switches: ``pytest --nl-cassette=replay`` never asks the kernel (as continuous integration should), ``record`` always does,
``live`` asks and keeps nothing, ``auto``, the default, records what is absent.

Knows: where recordings lie, when to make them.
Never: what is said in them.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from nlwire.capture.record import record
from nlwire.capture.replay import replay
from nlwire.endpoint.base import Endpoint
from nlwire.endpoint.socket import open_socket

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


def file_name(test: str) -> str:
    """A test's name without what file systems do not like."""
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in test).strip("-")
