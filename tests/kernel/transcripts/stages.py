"""The two kernels that play scripts: the one at hand and the mock.

Knows: how each is given a fresh namespace, and how to wait until it has nothing more to say.
Never: scripts, what was recorded.
"""

import ctypes
import os
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from nlwire.kernel import Kernel
from nlwire.kernel.timer import run_timers
from nlwire.uapi.neighbour import NTF
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import nlmsg_data, nlmsg_for_each_msg

CLONE_NEWNET = 0x40000000
CONF = Path("/proc/sys/net/ipv4/conf")
COMPILED = {
    "all": {
        "accept_redirects": 1,
        "send_redirects": 1,
        "secure_redirects": 1,
        "shared_media": 1,
        "arp_evict_nocarrier": 1,
        "igmpv2_unsolicited_report_interval": 10000,
        "igmpv3_unsolicited_report_interval": 1000,
    },
    "default": {"accept_source_route": 1},
    "lo": {"accept_source_route": 1, "disable_policy": 1, "disable_xfrm": 1},
}
"""net/ipv4/devinet.c: ipv4_devconf, and what ipv4_devconf_dflt and lo (inetdev_init) have besides; all else is 0."""
GETLINK = struct.Struct("=IHHII4xi8x")
PROXIES = struct.pack("=IHHII10xBx", 28, RTM.GETNEIGH, NLM_F.REQUEST | NLM_F.DUMP, 0, 0, NTF.PROXY)
TICK = 0.05
T = TypeVar("T")
libc = ctypes.CDLL(None, use_errno=True)


def look_at_links(looker: Any) -> None:
    """Get every link, one by one."""
    looker.send(GETLINK.pack(32, RTM.GETLINK, NLM_F.REQUEST | NLM_F.DUMP, 0, 0, 0))
    indexes: list[int] = []
    while True:
        for nlh in nlmsg_for_each_msg(looker.recv(65536, socket.MSG_DONTWAIT)):
            if nlh.nlmsg_type in (NLMSG.DONE, NLMSG.ERROR):
                for index in indexes:
                    looker.send(GETLINK.pack(32, RTM.GETLINK, NLM_F.REQUEST, 0, 0, index))
                    looker.recv(32768)
                return
            indexes.append(int.from_bytes(nlmsg_data(nlh)[4:8], "little"))


def lay_ghosts(looker: socket.socket) -> None:
    """Delete the proxy entries that a new namespace is born with.

    Those without a device outlive their namespace (net/core/neighbour.c), and are seen in a later one at the same address.
    """
    looker.send(PROXIES)
    for nlh in nlmsg_for_each_msg(looker.recv(65536)):
        if nlh.nlmsg_type == RTM.NEWNEIGH:
            body = bytes(nlmsg_data(nlh))
            looker.send(struct.pack("=IHHII", 16 + len(body), RTM.DELNEIGH, NLM_F.REQUEST, 0, 0) + body)


class Real:
    """The kernel at hand. A thread enters a new namespace for every script; sockets stay in the one they were made in.

    ``quiet`` are the seconds without an event after which links are taken to have settled.
    """

    def __init__(self, quiet: float = 0.03) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.quiet = quiet
        self.listening: list[socket.socket] = []
        self.looker: socket.socket

    def fresh(self) -> "Real":
        """Enter a new namespace."""
        self._leave()
        self._inside(unshare)
        self.looker = self.socket()
        lay_ghosts(self.looker)
        return self

    def _inside(self, call: Callable[[], T]) -> T:
        return self.thread.submit(call).result(120)

    def socket(self) -> socket.socket:
        made = self._inside(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
        self.listening.append(made)
        return made

    def settle(self) -> None:
        """Carrier changes are told by a workqueue (net/core/link_watch.c): wait until nothing more comes.

        Those that are not urgent may take a second. A GETLINK waits for its link's (rtnl_getlink: linkwatch_sync_dev).
        """
        self._silence()
        look_at_links(self.looker)

    def _silence(self) -> None:
        before, since = -1, time.monotonic()
        while time.monotonic() - since < self.quiet:
            time.sleep(self.quiet / 5)
            now = sum(queued(one) for one in self.listening)
            if now != before:
                before, since = now, time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        self._leave()
        self.thread.shutdown()

    def _leave(self) -> None:
        for one in self.listening:
            one.close()
        self.listening.clear()


def queued(sock: socket.socket) -> int:
    """Bytes of memory that what waits in a socket takes (SO_MEMINFO: SK_MEMINFO_RMEM_ALLOC)."""
    return int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, 55, 4), "little")


def unshare() -> None:
    """Enter a new namespace whose IPv4 settings are those of the source: new ones are born with init_net's."""
    if libc.unshare(CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    for device in ("all", "default", "lo"):
        for setting in sorted((CONF / device).iterdir(), key=lambda one: one.name != "forwarding"):  # it moves others
            default = COMPILED[device].get(setting.name, COMPILED["all"].get(setting.name, 0))
            if os.access(setting, os.W_OK) and int(setting.read_text()) != default:
                setting.write_text(f"{default}\n")


class Mock:
    """nlwire.Kernel with a clock of its own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.kernel = Kernel(clock=lambda: self.now)
        self.looker = self.kernel.socket()

    def socket(self) -> Any:
        return self.kernel.socket()

    def settle(self) -> None:
        run_timers(self.kernel)
        look_at_links(self.looker)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + TICK, until)
            run_timers(self.kernel)

    def close(self) -> None:
        self.looker.close()
