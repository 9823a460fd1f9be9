"""A mock kernel with something on it, for programs that only look: devices, addresses, routes of every form, rules, neighbours.

Knows: what a small router has.
Never: what is done with it.
"""

from collections.abc import Callable
from functools import cache

from nlwire.ground import contents
from nlwire.ground.mock import Mock
from nlwire.kernel import Kernel
from nlwire.session import Session
from nlwire.session.specs import RouteSpec
from nlwire.supervise import Caller, Ground, Port
from nlwire.uapi.rtnetlink import RTN

ADDRESSES = (("v0", "192.0.2.1/24"), ("v0", "198.51.100.1/25"), ("br0", "10.7.0.1/16"))
ROUTES: tuple[tuple[str, RouteSpec], ...] = (
    ("203.0.113.0/24", {"via": "192.0.2.254", "mtu": 1400}),
    ("10.0.0.0/8", {"via": "192.0.2.253", "metric": 100}),
    ("0.0.0.0/0", {"via": "192.0.2.252", "metric": 500}),
    ("172.16.0.0/12", {"type": RTN.BLACKHOLE}),
    ("192.168.0.0/16", {"ways": [{"via": "192.0.2.10", "dev": "v0"}, {"via": "192.0.2.11", "dev": "v0", "weight": 3}]}),
)


def furnish(kernel: Kernel) -> Kernel:
    """Put a small router onto a kernel."""
    with Session(kernel.socket()) as nl:
        nl.link.add("v0", kind="veth")
        nl.link.add("br0", kind="bridge")
        nl.link.change("veth0", master="br0")
        for name in ("lo", "v0", "veth0", "br0"):
            nl.link.change(name, up=True)
        for device, address in ADDRESSES:
            nl.address.add(address, dev=device)
        for dst, route in ROUTES:
            nl.route.add(dst, **route)
        nl.neighbour.add("192.0.2.254", dev="v0", lladdr="02:00:00:00:00:fe")
        nl.nexthop.add(1, via="192.0.2.254", dev="v0")
        nl.rule.add(priority=100, table=100, src="10.7.0.0/16")
    return kernel


@cache
def loader(snapshot: str | None) -> Callable[[], Kernel]:
    """What makes the kernel: furnished, or filled from a snapshot."""
    if snapshot is None:
        return lambda: furnish(Kernel())

    def load() -> Kernel:
        kernel = Kernel()
        for _ in contents.fill(kernel, snapshot):
            pass
        return kernel

    return load


class Scenery:
    """Grounds on one kernel as long as nobody changes it; after a request that is no GET the next has a new one."""

    def __init__(self, snapshot: str | None = None) -> None:
        self._load = loader(snapshot)
        self._mock: Mock | None = None

    def __call__(self) -> Ground:
        """A ground."""
        if self._mock is None:
            self._mock = Mock(self._load())
        return Looked(self._mock, self)

    def changed(self) -> None:
        """The kernel is not what it was."""
        self._mock = None


class Looked:
    """A ground that tells when something is sent that may change the kernel."""

    def __init__(self, inner: Ground, scenery: Scenery) -> None:
        self._inner, self._scenery = inner, scenery
        self.files, self.almighty = inner.files, inner.almighty

    def socket(self, who: Caller, type: int, protocol: int) -> Port:
        """A socket. Raises OSError."""
        port = self._inner.socket(who, type, protocol)
        send = port.send

        def watched(who: Caller, data: bytes, address: tuple[int, int] | None, flags: int) -> int:
            if protocol or len(data) < 6 or data[4] & 3 != 2 or data[4] < 16:
                self._scenery.changed()
            return send(who, data, address, flags)

        port.send = watched  # type: ignore[method-assign]
        return port

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """As it is."""
        return self._inner.ioctl(who, request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """As it is."""
        return self._inner.file(who, name)

    def idle(self) -> None:
        """As it is."""
        self._inner.idle()
