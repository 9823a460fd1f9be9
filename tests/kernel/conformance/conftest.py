"""``world``: first the mock, then a real kernel. $NLWIRE_CONFORMANCE names a file that is told how every statement fared on each."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.kernel.conformance.world import Mock, Real, World

VERDICTS = pytest.StashKey[dict[str, dict[str, str]]]()
WORSE = ["passed", "xfailed", "failed"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "statement(number, …): the statements of statements.md that a test is about")
    config.addinivalue_line("markers", "mock_lacks(what): the mock has not got it yet, and fails")
    config.stash[VERDICTS] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("mock_lacks"):
            if getattr(getattr(item, "callspec", None), "params", {}).get("world") == "mock":
                item.add_marker(pytest.mark.xfail(strict=True, reason=mark.args[0]))


@pytest.fixture(params=["mock", pytest.param("real", marks=pytest.mark.kernel)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "mock":
        one: World = Mock()
    else:
        if os.geteuid() != 0:
            require_or_skip("sockets of another network namespace take root")
        one = Real()
    yield one
    one.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    params = getattr(getattr(item, "callspec", None), "params", {})
    if "world" not in params or (report.skipped and not hasattr(report, "wasxfail")):
        return
    if report.when != "call" and not report.failed:
        return
    verdict = "failed" if report.failed else "xfailed" if hasattr(report, "wasxfail") else "passed"
    for mark in item.iter_markers("statement"):
        for number in mark.args:
            fared = item.config.stash[VERDICTS].setdefault(str(number), {})
            fared[params["world"]] = max(fared.get(params["world"], "passed"), verdict, key=WORSE.index)


def pytest_sessionfinish(session: pytest.Session) -> None:
    path = os.environ.get("NLWIRE_CONFORMANCE")
    if path:
        told = {"release": os.uname().release, "verdicts": session.config.stash[VERDICTS]}
        Path(path).write_text(json.dumps(told, sort_keys=True), encoding="utf-8")
