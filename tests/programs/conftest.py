"""Programs that are not ours: what they need to be here, and which machines cannot supervise them."""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from nlwire.ground.mock import Mock
from nlwire.supervise import Refused, Supervised
from tests.conftest import require_or_skip
from tests.kernel_probe import kernel_unusable

SOURCES = Path(__file__).parent / "sources"
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
    """Builds ``name.c`` (``name`` with glibc, ``name-musl`` static with musl) or ``name.go`` below sources/; its path.

    They lie where everybody may run them.
    """
    folder = Path(tempfile.mkdtemp(prefix="nlwire-programs-"))
    folder.chmod(0o755)
    cache = {
        **os.environ,
        "HOME": str(folder),
        "GOCACHE": str(folder / "go"),
        "GOFLAGS": "-mod=mod",
        "CGO_ENABLED": "0",
    }

    @functools.cache
    def build(name: str) -> str:
        target = folder / name
        plain, _, libc = name.partition("-")
        command: Sequence[str]
        if (SOURCES / f"{plain}.go").exists():
            command = [need("go"), "build", "-o", str(target), str(SOURCES / f"{plain}.go")]
        else:
            compiler = (
                [need("musl-gcc"), "-static"] if libc == "musl" else [need("gcc"), "-pthread", "-Wno-stringop-overread"]
            )
            command = [*compiler, "-O1", "-Wall", "-o", str(target), str(SOURCES / f"{plain}.c")]
        subprocess.run(command, check=True, env=cache, timeout=120)
        target.chmod(0o755)
        return str(target)

    yield build
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kernel_here() -> None:
    """A real kernel with namespaces."""
    if reason := kernel_unusable():
        pytest.skip(f"{reason}; what the mock says is compared in tests/kernel all the same, in a virtual machine")
