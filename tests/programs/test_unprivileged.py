"""Nothing needs privileges; what forbids it all the same is said."""

import os
import subprocess
import sys
from collections.abc import Callable
from errno import EACCES, EPERM
from pathlib import Path

import pytest

from nlwire.supervise import launch, libc
from nlwire.supervise.filter import JEQ, NR, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, Assembler
from nlwire.supervise.memory import Memory
from nlwire.supervise.syscalls import this_machine
from tests.programs.conftest import Build
from tests.programs.real import NLWIRE, PATIENCE, UNSHARE, nlwire_run

AS_NOBODY = [sys.executable, "-m", "tests.programs.nobody", "run"]


def as_nobody(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*AS_NOBODY, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_nobody_is_nobody() -> None:
    assert as_nobody("--", "id", "-u").stdout.strip() == str(65534 if os.geteuid() == 0 else os.geteuid())


@pytest.mark.parametrize("scene", ["names", "transfer", "hostile", "rights", "children"])
def test_on_the_mock_as_nobody(scene: str, built: Build) -> None:
    program = built("sockets")
    done, privileged = as_nobody("--", program, scene), nlwire_run("--", program, scene)
    assert (done.stdout, done.stderr, done.returncode) == (privileged.stdout, "", 0)


@pytest.mark.usefixtures("kernel_here")
def test_on_the_real_kernel_as_nobody(built: Build) -> None:
    done = as_nobody("--on", "kernel", "--", built("getifaddrs"))
    assert done.returncode == 0
    assert "lo" in done.stdout


@pytest.mark.usefixtures("kernel_here")
def test_nobody_is_almighty_on_the_mock_and_not_on_the_kernel(built: Build) -> None:
    assert as_nobody("--", built("sockets"), "names").returncode == 0
    refused = subprocess.run(
        [*UNSHARE, *AS_NOBODY, "--on", "kernel", "--", "ip", "link", "set", "lo", "up"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if os.geteuid() == 0:
        assert "Operation not permitted" in refused.stderr
        assert refused.returncode == 2


def test_nobody_is_told_that_it_has_the_capabilities_it_asks_for_on_the_mock_alone() -> None:
    asks = ("--", "setpriv", "--inh-caps=+net_admin", "true")
    assert as_nobody(*asks).returncode == 0
    refused = as_nobody("--on", "kernel", *asks)
    assert refused.returncode != 0
    assert "setpriv: " in refused.stderr


def test_capset_with_pointers_to_nowhere() -> None:
    python = "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); print(c.capset(8, 8), os.strerror(ctypes.get_errno()))"
    assert nlwire_run("--", "python3", "-c", python).stdout == "-1 Bad address\n"


def test_who_may_not_be_looked_into_is_told(built: Build) -> None:
    done = as_nobody("--", built("waits"), "undumpable")
    assert "Operation not permitted" in done.stdout
    assert "may not be looked into" in done.stderr
    assert "Traceback" not in done.stderr


# --- where it is forbidden -------------------------------------------------------------------------------------------


def forbidding(call: str, errno: int) -> Callable[[], None]:
    """What a container's profile does: the call fails, for this process and all it starts."""
    arch = this_machine()
    assert arch is not None
    asm = Assembler()
    asm.load(NR)
    asm.jump(JEQ, arch[call], then="refuse")
    asm.give(SECCOMP_RET_ALLOW)
    asm.label("refuse")
    asm.give(SECCOMP_RET_ERRNO | errno)
    code = asm.assemble()

    def install() -> None:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        libc.set_filter(code)

    return install


def under(install: Callable[[], None]) -> "subprocess.CompletedProcess[str]":
    words = [*NLWIRE, "--", "true"]
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False, preexec_fn=install)


@pytest.mark.parametrize(
    ("call", "errno", "said"),
    [
        ("seccomp", EPERM, "something above (a container's seccomp profile) forbids seccomp"),
        ("seccomp", EACCES, "something above (a container's seccomp profile) forbids seccomp"),
        ("seccomp", 38, "this kernel has no seccomp"),
        ("seccomp", 22, "no user notifications"),
    ],
)
def test_why_it_is_refused(call: str, errno: int, said: str) -> None:
    done = under(forbidding(call, errno))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("call", ["process_vm_readv", "pidfd_getfd"])
def test_memory_out_of_reach(call: str) -> None:
    done = under(forbidding(call, EPERM))
    assert done.returncode == 1
    assert "looking into the program's memory is forbidden" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_supervisor_under_a_supervisor() -> None:
    done = nlwire_run("--", *NLWIRE, "--", "true")
    assert done.returncode == 1
    assert "a supervisor is above already (nlwire run inside nlwire run" in done.stderr


def test_yama(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "scope").write_text("2\n")
    monkeypatch.setattr(launch, "YAMA", tmp_path / "scope")
    monkeypatch.setattr(Memory, "read", refuse)
    assert launch.reach(os.getpid(), 0, 0).startswith("Yama forbids to look into other processes")
    (tmp_path / "scope").write_text("1\n")
    assert "forbidden" in launch.reach(os.getpid(), 0, 0)


def refuse(*_: object) -> bytes:
    raise PermissionError(EPERM, "no")


def test_another_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "this_machine", lambda: None)
    with pytest.raises(launch.Refused, match="x86_64 and aarch64"):
        launch.Supervised(["true"], None)  # type: ignore[arg-type]
