"""fs/proc/proc_sysctl.c, net/sysctl_net.c: the settings under /proc/sys/net, as numbers or texts by their path.

    proc_sys_write(net, "net/ipv4/conf/all/promote_secondaries", 1)
    proc_sys_read(net, "net/ipv4/ip_forward")

A subsystem registers a directory; whatever lies below it is its own.

Knows: who has which directory.
Never: what a setting does.
"""

from collections.abc import Callable
from errno import ENOENT

from nlwire.kernel.net import Machine, error, net

Value = int | str
Handler = Callable[[net, list[str], Value | None], Value | None]
"""Serves the settings below a directory: gets the rest of the path, and what to write or None to read.

Returns the value it read; raises OSError (ENOENT) for a name it does not have, EINVAL for a value it does not take.
"""


def register_net_sysctl(machine: Machine, directory: str, handler: Handler) -> None:
    """Let ``handler`` serve what lies below ``directory`` ("net/ipv4/conf")."""
    handlers(machine)[directory] = handler


def handlers(machine: Machine) -> dict[str, Handler]:
    """The directories there are."""
    found: dict[str, Handler] = machine.subsystems.setdefault("sysctl_table", {})
    return found


def proc_sys_read(home: net, path: str) -> Value:
    """A setting of a namespace. Raises OSError (ENOENT)."""
    found = _serve(home, path, None)
    assert found is not None
    return found


def proc_sys_write(home: net, path: str, value: Value) -> None:
    """Change a setting. Raises OSError (ENOENT, EINVAL)."""
    _serve(home, path, value)


def _serve(home: net, path: str, value: Value | None) -> Value | None:
    parts = path.strip("/").split("/")
    with home.machine.lock:
        for cut in range(len(parts), 0, -1):
            handler = handlers(home.machine).get("/".join(parts[:cut]))
            if handler is not None:
                return handler(home, parts[cut:], value)
    raise error(ENOENT)
