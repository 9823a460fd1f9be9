"""Every wrong request of the table: the error names errno, the kernel's words, the attribute's path and the value given."""

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from nlwire.errors import NetlinkError, os_error_name
from nlwire.kernel import Kernel
from nlwire.session import Session
from tests.conftest import require_or_skip
from tests.kernel.wrong.entry import Wrong
from tests.kernel.wrong.world import TABLE, make, rights

pytestmark = pytest.mark.kernel
ALL = [(title, one) for title, rows in TABLE.items() for one in rows]
WORDED = (6, 12)
"""Kernels from here on say what the table says; older ones have fewer words, and the same errnos."""
RELEASE = tuple(int(one) for one in platform.release().split("-")[0].split(".")[:2])
PAGE = Path(__file__).parents[2] / "docs" / "wrong-requests.md"


@pytest.fixture(scope="module")
def netns() -> Iterator[int]:
    """A process in a namespace as world.py makes it."""
    if os.geteuid() != 0:
        require_or_skip("only root may try what it takes root to do")
    child = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    own = Path("/proc/self/ns/net").stat().st_ino
    while Path(f"/proc/{child.pid}/ns/net").stat().st_ino == own:
        time.sleep(0.01)
    with Session(netns=child.pid, timeout=20) as nl:
        make(nl)
    yield child.pid
    child.kill()
    child.wait()


@pytest.fixture(scope="module")
def mock() -> Kernel:
    """The same on a mock kernel, as far as it goes."""
    made = Kernel()
    with Session(made.socket(), timeout=20) as nl, suppress(NetlinkError):
        make(nl)
    return made


NAMES = [f"{title}: {one.what}" for title, one in ALL]


def wrongness(nl: Session, wrong: Wrong) -> NetlinkError:
    """What is said of it."""
    with rights(wrong.unprivileged), pytest.raises(NetlinkError) as caught:
        wrong.ask(nl)
    return caught.value


@pytest.mark.parametrize("wrong", [one for _, one in ALL], ids=NAMES)
def test_the_error_says_what_is_wrong(netns: int, wrong: Wrong) -> None:
    with Session(netns=netns, timeout=20) as nl:
        error = wrongness(nl, wrong)
    assert os_error_name(error.errno) == wrong.errno
    if RELEASE >= WORDED:
        assert (error.message, "/".join(error.path), error.value) == (wrong.words, wrong.path, wrong.value)
        assert all(part in str(error) for part in (wrong.errno, wrong.words or "", wrong.path, wrong.value or ""))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(one, id=name)
        for name, (_, one) in zip(NAMES, ALL, strict=True)
        if not one.unprivileged  # whoever runs the mock is its root
    ],
)
def test_the_mock_says_the_same(mock: Kernel, wrong: Wrong) -> None:
    with Session(mock.socket(), timeout=20) as nl:
        error = wrongness(nl, wrong)
    assert (os_error_name(error.errno), error.message) == (wrong.errno, wrong.words)
    assert ("/".join(error.path), error.value) == (wrong.path, wrong.value)


def test_there_are_fifty_and_the_page_shows_them() -> None:
    assert len(ALL) >= 50
    page = PAGE.read_text(encoding="utf-8")
    for _, one in ALL:
        row = next(line for line in page.splitlines() if line.startswith(f"| {one.what} |"))
        assert all(part in row for part in (one.errno, one.words or "", one.path, one.value or ""))
