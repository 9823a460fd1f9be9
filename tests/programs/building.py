"""The programs of sources/, built with this machine's own tools: C with glibc or musl, Go without its module system.

Knows: compilers' command lines, where Debian keeps Go's libraries.
Never: what the programs are for.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SOURCES = Path(__file__).parent / "sources"
GOPATH = "/usr/share/gocode"
"""Where Debian's golang-*-dev packages put what they bring."""
PYTHON = "/usr/bin/python3"
"""The one that everybody may run, as the one that runs the tests need not be."""
LIBRARIES = {"mnl": "/usr/include/libmnl/libmnl.h", "netlinks": f"{GOPATH}/src/github.com/vishvananda/netlink"}
"""What a program is built with besides compilers."""
PATIENCE = 180

Find = Callable[[str], str]
"""Where a program is; raises or ends the test if it is not there."""


def lacking(name: str) -> str:
    """What is not here and a program needs to be built; empty if nothing is known to be missing."""
    path = LIBRARIES.get(name, "")
    return "" if not path or Path(path).exists() else path


def build(name: str, folder: Path, find: Find) -> str:
    """Build ``name.c`` (``name`` with glibc, ``name-musl`` static with musl) or ``name.go``; its path.

    ``python`` is a Python for everybody that finds pyroute2.
    """
    if name == "python":
        return f"env PYTHONPATH={readable('pyroute2', folder)} {PYTHON if Path(PYTHON).exists() else sys.executable}"
    target, (plain, _, libc) = folder / name, name.partition("-")
    env = {**os.environ, "HOME": str(folder)}
    if (SOURCES / f"{plain}.go").exists():
        command = [find("go"), "build", "-o", str(target), str(SOURCES / f"{plain}.go")]
        env |= {
            "GOCACHE": str(folder / "go"),
            "GOFLAGS": "",
            "CGO_ENABLED": "0",
            "GO111MODULE": "off",
            "GOPATH": GOPATH,
        }
    else:
        compiler = [find("musl-gcc"), "-static"] if libc else [find("gcc"), "-pthread", "-Wno-stringop-overread"]
        libraries = ["-lmnl"] if plain == "mnl" else []
        command = [*compiler, "-O1", "-Wall", "-o", str(target), str(SOURCES / f"{plain}.c"), *libraries]
    subprocess.run(command, check=True, env=env, timeout=PATIENCE)
    target.chmod(0o755)
    return str(target)


def readable(package: str, folder: Path) -> str:
    """A copy of an installed package of Python that everybody may read; the folder to import it from."""
    found = importlib.util.find_spec(package)
    assert found is not None, f"{package} is not installed"
    assert found.submodule_search_locations is not None
    site = folder / "site"
    shutil.copytree(found.submodule_search_locations[0], site / package, dirs_exist_ok=True)
    for one in (site, *site.rglob("*")):
        one.chmod(0o755 if one.is_dir() else 0o644)
    return str(site)
