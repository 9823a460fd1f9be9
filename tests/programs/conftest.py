"""Programs that are not ours: what they need to be here, and which machines cannot supervise them."""

import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlwire.ground.mock import Mock
from nlwire.supervise import Refused, Supervised
from tests.conftest import require_or_skip
from tests.kernel_probe import kernel_unusable
from tests.programs import building

BIN = "/usr/sbin:/sbin:/usr/bin:/bin"


@functools.cache
def unsupervisable() -> str:
    """Why this host lets no program be supervised; empty where it does."""
    try:
        with Supervised(["true"], Mock()) as running:
            running.wait(20)
    except Refused as reason:
        return str(reason)
    return ""


@pytest.fixture(autouse=True)
def supervisable() -> None:
    """Every test here starts a program."""
    if reason := unsupervisable():
        require_or_skip(reason)


def need(name: str) -> str:
    """Where a program is."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{BIN}")
    if found is None:
        require_or_skip(f"there is no {name} here")
    return found


Build = Callable[[str], str]


@pytest.fixture(scope="session")
def built() -> Iterator[Build]:
    """Builds a program of sources/, once; they lie where everybody may run them."""
    folder = Path(tempfile.mkdtemp(prefix="nlwire-programs-"))
    folder.chmod(0o755)

    @functools.cache
    def build(name: str) -> str:
        if missing := building.lacking(name):
            require_or_skip(f"{name} cannot be built here without {missing}")
        return building.build(name, folder, need)

    yield build
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kernel_here() -> None:
    """A real kernel with namespaces."""
    if reason := kernel_unusable():
        pytest.skip(f"{reason}; what the mock says is compared in tests/kernel all the same, in a virtual machine")
