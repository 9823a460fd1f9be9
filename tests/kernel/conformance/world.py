"""What a test needs of a kernel, of the mock and of a real one alike: sockets in a fresh namespace, and ways to look at them.

Knows: how each kernel is asked.
Never: what it should answer.
"""

import ctypes
import os
import select
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from errno import ENOBUFS
from pathlib import Path
from socket import AF_NETLINK, SOCK_RAW, SOL_SOCKET
from socket import socket as Socket
from typing import Any, NamedTuple, Protocol, TypeVar

import pytest

from nlwire.fuzz.linux.newborn import look_at_links
from nlwire.kernel import Kernel, KernelSocket, net, task
from nlwire.kernel.af_netlink.sock import SYSCTL_RMEM_MAX, SYSCTL_WMEM_MAX
from nlwire.kernel.core.dev import dev_open
from nlwire.kernel.net import alloc_netid
from nlwire.kernel.rtnetlink import rtnl_set_sk_err
from nlwire.kernel.timer import run_timers
from nlwire.uapi.net_namespace import NETNSA
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import nla_put, nlmsg_end, nlmsg_new, nlmsg_put, parse_ack
from tests.kernel.conformance import small_netdev

CLONE_NEWNET = 0x40000000
NOBODY = 65534
SO_ATTACH_FILTER = 26
T = TypeVar("T")


class Proc(NamedTuple):
    """A line of /proc/net/netlink."""

    rmem: int
    dump: bool
    drops: int


class World(Protocol):
    """A kernel with a namespace of its own in which lo is up."""

    def socket(self, protocol: int = 0, type: int = SOCK_RAW) -> Any: ...
    def unprivileged(self) -> Any: ...
    def bind_raw(self, sock: Any, address: bytes) -> None: ...
    def connect_raw(self, sock: Any, address: bytes) -> None: ...
    def poll(self, sock: Any) -> int: ...
    def drop_all(self, sock: Any) -> None: ...
    def proc(self, sock: Any) -> Proc: ...
    def other(self) -> "World": ...
    def give_id(self, other: Any, nsid: int) -> None: ...
    def pid(self) -> int: ...
    def sysctl(self, name: str) -> int: ...
    def lose_event(self, group: int) -> None:
        """Let memory run out while an event is made."""
        ...

    def settle(self) -> None:
        """Let what requests have set off happen."""
        ...

    def close(self) -> None: ...


class Mock:
    """nlwire.Kernel with a small netdev family."""

    def __init__(self, kernel: Kernel | None = None, home: net | None = None) -> None:
        self.kernel = kernel or Kernel()
        self.home = home or self.kernel.init_net
        dev_open(self.home.loopback_dev)
        if kernel is None:
            small_netdev.netdev_genl_init(self.kernel)
        self.sockets: list[KernelSocket] = []

    def socket(self, protocol: int = 0, type: int = SOCK_RAW) -> KernelSocket:
        self.sockets.append(self.kernel.socket(protocol, type, self.home))
        return self.sockets[-1]

    def unprivileged(self) -> Any:
        return self.kernel.run_as(task(uid=NOBODY, gid=NOBODY, caps=frozenset()))

    def bind_raw(self, sock: KernelSocket, address: bytes) -> None:
        sock.bind(address)

    def connect_raw(self, sock: KernelSocket, address: bytes) -> None:
        sock.connect(address)

    def poll(self, sock: KernelSocket) -> int:
        return sock.poll()

    def drop_all(self, sock: KernelSocket) -> None:
        sock.sk.sk_filter = lambda data: False

    def proc(self, sock: KernelSocket) -> Proc:
        return Proc(sock.sk.sk_rmem_alloc, sock.sk.cb_running, sock.sk.sk_drops)

    def other(self) -> "Mock":
        return Mock(self.kernel, self.kernel.unshare())

    def give_id(self, other: "Mock", nsid: int) -> None:
        alloc_netid(self.home, other.home, nsid)

    def pid(self) -> int:
        return self.kernel.current.tgid

    def sysctl(self, name: str) -> int:
        return {"rmem_max": SYSCTL_RMEM_MAX, "wmem_max": SYSCTL_WMEM_MAX}[name]

    def lose_event(self, group: int) -> None:
        rtnl_set_sk_err(self.home, group, -ENOBUFS)

    def settle(self) -> None:
        run_timers(self.kernel)
        looker = self.kernel.socket(home=self.home)
        look_at_links(looker)
        looker.close()

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """A C function's result; raises OSError for -1."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Real:
    """The kernel at hand. A thread lives in a namespace of its own and makes the sockets, which stay in it."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.sockets: list[Socket] = []
        self.others: list[Real] = []
        self.inside(lambda: checked(libc.unshare(CLONE_NEWNET)))
        self.inside(lambda: subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=60))

    def inside(self, call: Callable[[], T]) -> T:
        return self.thread.submit(call).result(120)

    def socket(self, protocol: int = 0, type: int = SOCK_RAW) -> Socket:
        self.sockets.append(self.inside(lambda: Socket(AF_NETLINK, type, protocol)))
        return self.sockets[-1]

    @contextmanager
    def unprivileged(self) -> Iterator[None]:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)

    def bind_raw(self, sock: Socket, address: bytes) -> None:
        checked(libc.bind(sock.fileno(), address, len(address)))

    def connect_raw(self, sock: Socket, address: bytes) -> None:
        checked(libc.connect(sock.fileno(), address, len(address)))

    def poll(self, sock: Socket) -> int:
        poller = select.poll()
        poller.register(sock, select.POLLIN | select.POLLOUT)
        return next((events for _, events in poller.poll(0)), 0)

    def drop_all(self, sock: Socket) -> None:
        code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K: 0 bytes
        sock.setsockopt(SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))

    def proc(self, sock: Socket) -> Proc:
        inode = os.fstat(sock.fileno()).st_ino
        lines = self.inside(lambda: Path("/proc/thread-self/net/netlink").read_text().splitlines())
        _, _, _, _, rmem, _, dump, _, drops, _ = next(found for one in lines if (found := one.split())[9] == str(inode))
        return Proc(int(rmem), dump not in ("0", "(null)"), int(drops))

    def other(self) -> "Real":
        self.others.append(Real())
        return self.others[-1]

    def give_id(self, other: "Real", nsid: int) -> None:
        fd = other.inside(lambda: os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        skb = nlmsg_new(64)
        nlh = nlmsg_put(skb, 0, 1, RTM.NEWNSID, 4, NLM_F.REQUEST | NLM_F.ACK)
        nla_put(skb, NETNSA.NSID, nsid)
        nla_put(skb, NETNSA.FD, fd)
        nlmsg_end(skb, nlh)
        sock = self.socket(NETLINK.ROUTE)
        sock.send(bytes(skb))
        assert parse_ack(sock.recv(4096)).error == 0
        os.close(fd)
        sock.close()

    def pid(self) -> int:
        return os.getpid()

    def sysctl(self, name: str) -> int:
        return int(Path("/proc/sys/net/core", name).read_text())

    def lose_event(self, group: int) -> None:
        pytest.xfail("nothing but a lack of memory makes Linux do this")

    def settle(self) -> None:
        time.sleep(0.05)
        with self.socket() as looker:
            look_at_links(looker)

    def close(self) -> None:
        for one in self.others:
            one.close()
        for sock in self.sockets:
            sock.close()
        self.thread.shutdown()
