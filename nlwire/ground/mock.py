"""The mock kernel as a ground: every socket of the programs is a socket of one kernel, in one of its namespaces.

Programs are all-powerful there, whoever they are: what they can break is theirs.

Knows: the mock's sockets, its tasks.
Never: what is in a datagram.
"""

import struct
from collections.abc import Callable
from errno import ENOENT
from os import strerror
from socket import SOL_SOCKET

from nlwire.ground.bpf import compiled
from nlwire.ground.ifreq import Devices
from nlwire.ground.procfs import FILES
from nlwire.kernel import Kernel, KernelSocket, net, task
from nlwire.kernel.af_netlink.proc import netlink_seq
from nlwire.supervise.base import MSG_DONTWAIT, Address, Caller, Received

SO_DETACH_FILTER = 27
UNSPEC = struct.pack("=H14x", 0)


class MockPort:
    """A socket of the mock kernel."""

    def __init__(self, ground: "Mock", who: Caller, type: int, protocol: int) -> None:
        self._ground = ground
        ground.become(who)
        self._socket = KernelSocket(ground.home, protocol, type)
        self._sk = self._socket.sk

    def bind(self, who: Caller, address: Address) -> None:
        """Take a name."""
        self._ground.become(who)
        self._socket.bind(address)

    def connect(self, who: Caller, address: Address | None) -> None:
        """Name a peer."""
        self._ground.become(who)
        self._socket.connect(UNSPEC if address is None else address)

    def getsockname(self) -> Address:
        """The own name."""
        return self._socket.getsockname()

    def getpeername(self) -> Address:
        """The peer's."""
        return self._socket.getpeername()

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        """Set an option; SO_DETACH_FILTER too."""
        if level == SOL_SOCKET and option == SO_DETACH_FILTER:
            if self._sk.sk_filter is None:
                raise OSError(ENOENT, strerror(ENOENT))
            self._sk.sk_filter = None
        else:
            self._socket.setsockopt(level, option, value)

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Ask for an option."""
        return self._socket.getsockopt(level, option, size)

    def attach_filter(self, program: bytes) -> None:
        """SO_ATTACH_FILTER: the program is run on every message from now on."""
        self._sk.sk_filter = compiled(program)

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        """Send one datagram; the kernel has answered when this returns."""
        if who is not self._ground.last:
            self._ground.become(who)
        return self._socket.transmit(data, address, flags | MSG_DONTWAIT)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        """Take one datagram."""
        if who is not self._ground.last:
            self._ground.become(who)
        return self._socket.receive(size, control, flags | MSG_DONTWAIT)

    def ready(self) -> bool:
        """Whether something can be received."""
        return bool(self._sk.sk_receive_queue or self._sk.sk_err)

    def watch(self, bell: Callable[[], None]) -> int:
        """The kernel rings."""
        self._sk.bell = bell
        return -1

    def close(self) -> None:
        """Close it."""
        self._socket.close()


class Mock:
    """A mock kernel; ``home`` is the namespace the programs are in, ``init_net`` unless said."""

    files = True
    almighty = True

    def __init__(self, kernel: Kernel | None = None, home: net | None = None) -> None:
        self.kernel = kernel or Kernel()
        self.home = home or self.kernel.init_net
        self.last: Caller | None = None
        """Whom the kernel sees."""
        self._devices = Devices(self.kernel, self.home)

    def become(self, who: Caller) -> None:
        """Let the kernel see this caller."""
        if who is not self.last:
            self.kernel.become(task(who.tgid, who.uid, who.gid))
            self.last = who

    def socket(self, who: Caller, type: int, protocol: int) -> MockPort:
        """A socket. Raises OSError."""
        return MockPort(self, who, type, protocol)

    def ioctl(self, who: Caller, request: int, data: bytes) -> bytes | None:
        """An ioctl() of network devices."""
        return self._devices.ioctl(request, data)

    def file(self, who: Caller, name: str) -> bytes | None:
        """A file below /proc/net."""
        if name == "netlink":
            return netlink_seq(self.home).encode()
        make = FILES.get(name)
        return None if make is None else make(self._devices.nl).encode()

    def idle(self) -> None:
        """Nothing to do."""
