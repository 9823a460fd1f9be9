"""What netlink sockets do, call by call: supervised, on the real kernel and on the mock, as natively.

sources/sockets.c says what each scene tries.
"""

import functools

import pytest

from tests.programs.conftest import Build
from tests.programs.real import NLWIRE, in_namespace, nlwire_run

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("kernel_here")]

SCENES = (
    *("names", "options", "transfer", "hostile", "descriptors", "threads", "readiness", "signals", "interrupted"),
    *("storm", "rights", "full", "many", "children", "executed", "filters"),
)
SCENE = pytest.mark.parametrize("scene", SCENES)


@functools.cache
def natively(program: str, scene: str) -> str:
    done = in_namespace([program, scene], setup="ulimit -n 8192")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.count("\n") > 0
    return done.stdout


@SCENE
def test_on_the_real_kernel(scene: str, built: Build) -> None:
    program = built("sockets")
    done = in_namespace([*NLWIRE, "--on", "kernel", "--", program, scene], setup="ulimit -n 8192")
    assert (done.stdout, done.stderr, done.returncode) == (natively(program, scene), "", 0)


@SCENE
def test_on_the_mock(scene: str, built: Build) -> None:
    program = built("sockets")
    done = nlwire_run("--", program, scene)
    assert (done.stdout, done.stderr, done.returncode) == (natively(program, scene), "", 0)


def test_there_is_no_ring_to_make_calls_that_nobody_sees(built: Build) -> None:
    done = nlwire_run("--", built("sockets"), "ring")
    assert done.stdout == "syscall(SYS_io_uring_setup, 8, room) = -1 ENOSYS\n"
