"""A namespace of the real kernel as the mock's is born: IPv4's settings those of the source, no ghosts, links that have settled.

Knows: unshare(2), /proc/sys/net, what links and neighbours leave behind.
Never: what the namespace is for.
"""

import ctypes
import os
import socket
import struct
from pathlib import Path
from typing import Any

from nlwire.uapi.neighbour import NTF
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import nlmsg_data, nlmsg_for_each_msg

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
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
libc = ctypes.CDLL(None, use_errno=True)


def unshare() -> None:
    """Take this thread into a new namespace whose IPv4 settings are those of the source: new ones are born with init_net's.

    Raises OSError.
    """
    leave(CLONE_NEWNET)
    for device in ("all", "default", "lo"):
        for setting in sorted((CONF / device).iterdir(), key=lambda one: one.name != "forwarding"):  # it moves others
            default = COMPILED[device].get(setting.name, COMPILED["all"].get(setting.name, 0))
            if os.access(setting, os.W_OK) and int(setting.read_text()) != default:
                setting.write_text(f"{default}\n")


def leave(flags: int) -> None:
    """unshare(2). Raises OSError."""
    if libc.unshare(flags) < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))


def become_root() -> None:
    """Take this process, which must have one thread, into a user namespace over which it has all rights. Raises OSError."""
    user, group = os.geteuid(), os.getegid()
    leave(CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def look_at_links(looker: Any) -> None:
    """Get every link, one by one: a GETLINK waits for what its link has not told yet (rtnl_getlink: linkwatch_sync_dev)."""
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
