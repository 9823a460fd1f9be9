"""Running a program on a ground: ``nlwire.run(["ip", "link"], on=kernel)``.

Knows: what may stand for a ground.
Never: how programs are supervised; what they say.
"""

import os
import subprocess
from collections.abc import Sequence
from typing import Any

from nlwire.ground.host import Host
from nlwire.ground.mock import Mock
from nlwire.kernel import Kernel, net
from nlwire.supervise import Ground, Supervised

Command = Sequence[str | os.PathLike[str]]


def ground_of(on: Any = None) -> Ground:
    """The ground that is meant: a mock kernel (a fresh one for None), a namespace of one, "kernel" for the real one."""
    if on is None or on == "mock":
        return Mock()
    if isinstance(on, Kernel):
        return Mock(on)
    if isinstance(on, net):
        kernel = on.machine
        assert isinstance(kernel, Kernel)
        return Mock(kernel, on)
    if on == "kernel":
        return Host()
    ground: Ground = on
    return ground


def start(arguments: Command, *, on: Any = None, **popen: Any) -> Supervised:
    """Start a program; see ``run``. The result is a context manager; ``process`` in it is the ``subprocess.Popen``.

    Raises OSError as Popen does, Refused where the host forbids it.
    """
    return Supervised([os.fspath(one) for one in arguments], ground_of(on), **popen)


def run(
    arguments: Command,
    *,
    on: Any = None,
    input: Any = None,
    capture_output: bool = True,
    text: bool = True,
    timeout: float | None = None,
    check: bool = False,
    **popen: Any,
) -> "subprocess.CompletedProcess[Any]":
    """Run a program whose netlink sockets are sockets of ``on``, as ``subprocess.run`` runs one; ends when all it started has.

    ``on``: a ``Kernel`` (None: a fresh one), a namespace of one, a ground, or "kernel" for the real one. ``timeout`` in
    seconds. Raises OSError, Refused, subprocess.TimeoutExpired (everything has been killed then), CalledProcessError.
    """
    if capture_output:
        popen = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen}
    if input is not None:
        popen["stdin"] = subprocess.PIPE
    with start(arguments, on=on, text=text, **popen) as running:
        stdout, stderr = running.process.communicate(input, timeout)
        status = running.wait(timeout)
    if check and status:
        raise subprocess.CalledProcessError(status, running.process.args, stdout, stderr)
    return subprocess.CompletedProcess(running.process.args, status, stdout, stderr)
