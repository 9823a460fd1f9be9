"""One conversation of every kind a session can have, told as plain data: on a running kernel it is recorded, from the recording
it must come out the same.

As a program (``python talks.py FOLDER``) it replays the recordings of a folder, where the kernel gives nobody a netlink socket,
and prints what was said. It imports nothing but the standard library and nlwire.
"""

import ctypes
import errno
import json
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nlwire
from nlwire.codec.message import Message, build
from nlwire.endpoint.fault import Fault
from nlwire.errors import DialogError, DumpInterrupted, NetlinkError
from nlwire.session import Change, Resync, Session
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTA, RTM, RTN, RTNLGRP, RTPROT, route

Orders = Fault | None
"""Where faults are ordered; None in a replay, which has them already."""


def say(message: Message) -> dict[str, Any]:
    """A message without what differs from one conversation to the next."""
    return message.replace(nlmsg_seq=0, nlmsg_pid=0).to_dict()


def refusal(error: NetlinkError) -> list[Any]:
    """All that an error tells."""
    return [str(error), error.errno, error.message, list(error.path), error.offset]


def a_route(number: int, type: int = RTM.NEWROUTE, **attrs: Any) -> Message:
    flags = NLM_F.CREATE | NLM_F.EXCL if type == RTM.NEWROUTE else 0
    given = {RTA.DST: f"10.0.{number >> 8}.{number & 255}", RTA.OIF: 1, RTA.TABLE: 100}
    given.update({getattr(RTA, name): value for name, value in attrs.items()})
    fields: dict[str, Any] = {
        "rtm_family": AF.INET,
        "rtm_dst_len": 32,
        "rtm_type": RTN.UNICAST,
        "rtm_scope": RT_SCOPE.LINK,
    }
    return build(route, type, given, flags=flags, rtm_protocol=RTPROT.STATIC, **fields)


def changes(nl: Session, _orders: Orders) -> list[Any]:
    """Requests acknowledged, echoed, refused, refused with words and a place."""
    said: list[Any] = [len(nl.request(build(link, RTM.NEWLINK, ifi_index=1, ifi_flags=IFF.UP, ifi_change=IFF.UP)))]
    said += [say(one) for one in nl.request(a_route(1), echo=True)]
    wrong = [a_route(1), a_route(2, GATEWAY="192.0.2.1"), a_route(3, OIF=999)]
    wrong.append(build(link, RTM.NEWLINK, {IFLA.LINKINFO: {IFLA_INFO.KIND: "nosuchkind"}}, flags=NLM_F.CREATE))
    for one in wrong:
        try:
            said.append(len(nl.request(one)))
        except NetlinkError as error:
            said.append(refusal(error))
    said.append(len(nl.request(a_route(1, RTM.DELROUTE))))
    return said


def dumps(nl: Session, _orders: Orders) -> list[Any]:
    """Tables, filtered here and there, one that is missing; views."""
    nl.batch([a_route(number) for number in range(300)])
    said: list[Any] = [[say(one) for one in nl.dump(link)]]
    said.append([say(one) for one in nl.dump(route, filter={"rtm_family": AF.INET, RTA.TABLE: 100})])
    said.append([str(one.get(RTA.DST)) for one in nl.views(route, rtm_family=AF.INET)])
    try:
        said.append(len(list(nl.dump(route, filter={"rtm_family": AF.INET, RTA.TABLE: 4000}))))
    except NetlinkError as error:
        said.append(refusal(error))
    return said


def objects(nl: Session, _orders: Orders) -> list[Any]:
    """One object that is there, one that is not; verbs."""
    said: list[Any] = [say(nl.get(link, {IFLA.IFNAME: "lo"}))]
    try:
        said.append(say(nl.get(link, {IFLA.IFNAME: "nobody"})))
    except NetlinkError as error:
        said.append(refusal(error))
    nl.address.add("192.0.2.1/32", dev="lo")
    said.append([str(one.to_dict()["attrs"]) for one in nl.dump(nlwire.address, ifa_family=AF.INET)])
    nl.address.delete("192.0.2.1/32", dev="lo")
    return said


def batches(nl: Session, _orders: Orders) -> list[Any]:
    """Many requests, some of them wrong."""
    result = nl.batch([a_route(number % 180 + 1000) for number in range(200)])
    gone = nl.batch([a_route(number + 1000, RTM.DELROUTE) for number in range(180)])
    return [result.sent, {at: refusal(one) for at, one in result.errors.items()}, result.lost, gone.ok]


def subscriptions(nl: Session, _orders: Orders) -> list[Any]:
    """Notifications, some of them while a request is answered."""
    with nl.subscribe(RTNLGRP.IPV4_ROUTE, RTNLGRP.LINK, timeout=0.5) as news:
        for number in range(5):
            nl.request(a_route(number + 2000))
        nl.batch([a_route(number + 2000, RTM.DELROUTE) for number in range(5)])
        return [[one.group, None if one.message is None else say(one.message)] for one in news]


def watches(nl: Session, _orders: Orders) -> list[Any]:
    """A table kept up to date."""
    nl.request(a_route(3000))
    with nl.watch(route, timeout=0.5, rtm_family=AF.INET) as table:
        said = [told(next(table))]
        nl.request(a_route(3001))
        nl.request(a_route(3000, RTM.DELROUTE))
        said += [told(news) for news in table]
        said.append(sorted(str(one.get(RTA.DST)) for one in table.table))
    nl.request(a_route(3001, RTM.DELROUTE))
    return said


def told(news: object) -> list[Any]:
    if isinstance(news, Resync):
        return [news.reason, sorted(str(one.key) for one in news.missed)]
    assert isinstance(news, Change)
    return [news.what, str(news.key)]


def interruptions(nl: Session, orders: Orders) -> list[Any]:
    """A dump that is begun again; one that stays interrupted and gives what it has."""
    if orders is not None:
        orders.interrupt()
    said: list[Any] = [[say(one) for one in nl.dump(link)]]
    if orders is not None:
        orders.interrupt(20)
    try:
        said.append(len(list(nl.dump(link, retries=3))))
    except DumpInterrupted as error:
        said.append([str(error), [say(one) for one in error.partial]])
    return said


def overruns(nl: Session, orders: Orders) -> list[Any]:
    """Answers lost, notifications lost, a table read again."""
    said: list[Any] = []
    if orders is not None:
        orders.overrun(lose=1)
    try:
        said.append(len(nl.request(a_route(4005))))
    except DialogError as error:
        said.append(str(error))
    if orders is not None:
        orders.overrun()
    said.append(len(list(nl.dump(link))))  # the kernel keeps the parts of a dump until there is room
    with nl.watch(route, timeout=0.5, rtm_family=AF.INET) as table:
        said.append(told(next(table)))
        nl.request(a_route(4000))
        said += [told(news) for news in table]
        if orders is not None:
            orders.overrun(lose=1, where=lambda one: bool(one.group))
        nl.request(a_route(4001))
        said += [told(news) for news in table]
        said.append(sorted(str(one.get(RTA.DST)) for one in table.table))
    said.append(dict(nl.counts))
    return said


def generic(nl: Session, _orders: Orders) -> list[Any]:
    """Another protocol."""
    asking = build(genl_ctrl, GENL_ID.CTRL, cmd=CTRL_CMD.GETFAMILY, version=2)
    said: list[Any] = [[say(one) for one in nl.dump(asking)]]
    try:
        nl.request(asking.replace({CTRL_ATTR.FAMILY_NAME: "no such family"}))
    except NetlinkError as error:
        said.append(refusal(error))
    return said


TALKS: dict[str, Callable[[Session, Orders], list[Any]]] = {
    one.__name__: one
    for one in (changes, dumps, objects, batches, subscriptions, watches, interruptions, overruns, generic)
}


def protocol_of(name: str) -> int:
    """The protocol a talk is held in."""
    return int(NETLINK.GENERIC if name == "generic" else NETLINK.ROUTE)


def replayed(path: Path) -> list[Any]:
    """What a talk says from its recording."""
    with Session(nlwire.replay(path), protocol=protocol_of(path.stem), timeout=10) as nl:
        return TALKS[path.stem](nl, None)


def forbid_netlink() -> None:
    """From now on socket(AF_NETLINK) is what it is on a kernel that was built without netlink: EAFNOSUPPORT, by seccomp(2)."""
    number, architecture = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06
    refuse, allow = 0x00050000 | errno.EAFNOSUPPORT, 0x7FFF0000
    lines = [(load, 0, 0, 4), (equal, 0, 5, architecture), (load, 0, 0, 0), (equal, 0, 3, number), (load, 0, 0, 16)]
    lines += [(equal, 0, 1, 16), (give, 0, 0, refuse), (give, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    program = struct.pack("@HP", len(lines), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "seccomp")


def main(folder: Path) -> None:
    """Print what every talk of a folder says, and who said it."""
    forbid_netlink()
    try:
        socket.socket(16, socket.SOCK_RAW, 0).close()
        refused = 0
    except OSError as error:
        refused = error.errno or 0
    said = {path.stem: replayed(path) for path in sorted(folder.glob("*.pcapng"))}
    print(json.dumps({"uid": os.geteuid(), "socket": errno.errorcode.get(refused), "said": said}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
