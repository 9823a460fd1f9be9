"""Neighbours of IPv4 on the mock kernel. Every expectation was read off Linux 6.18."""

from errno import EAFNOSUPPORT, EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.core.dev import dev_close, dev_get_by_name, dev_open, dev_set_mac_address, net_device
from nlwire.kernel.core.neighbour import neigh_find_table
from nlwire.kernel.sysctl import proc_sys_read, proc_sys_write
from nlwire.kernel.timer import run_timers
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.neighbour import NDA, NDTA, NDTPA, NTF, NTF_EXT, NUD, neighbour, neightbl
from nlwire.uapi.rtnetlink import AF, RTM, RTN, RTNLGRP
from tests.unit.kernel.talk import CREATE, EXCL, NEW, REPLACE, Talk

MAC = "02:00:00:00:00:05"
OTHER = "02:00:00:00:00:06"
DEV = 2


@pytest.fixture
def talk() -> Talk:
    """A kernel with a dummy device, ifindex 2, 10.0.0.1/24."""
    talk = Talk(RTNLGRP.NEIGH)
    talk.ask(
        link,
        RTM.NEWLINK,
        {IFLA.IFNAME: "d", IFLA.ADDRESS: "02:00:00:00:00:01", IFLA.LINKINFO: {IFLA_INFO.KIND: "dummy"}},
        NEW,
    )
    dev = device(talk)
    dev.flags &= ~0x80  # IFF_NOARP, which dummies have
    dev_open(dev)
    attrs = {IFA.LOCAL: "10.0.0.1", IFA.ADDRESS: "10.0.0.1"}
    talk.ask(address, RTM.NEWADDR, attrs, NEW, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=DEV)
    talk.heard()
    return talk


def device(talk: Talk) -> net_device:
    dev = dev_get_by_name(talk.home, "d")
    assert dev is not None
    return dev


def add(
    talk: Talk,
    dst: str | None = "10.0.0.5",
    lladdr: str | None = MAC,
    state: int = NUD.PERMANENT,
    flags: int = CREATE | REPLACE,
    attrs: Any = None,
    **fields: Any,
) -> tuple[int, str | None]:
    given = {**({NDA.DST: dst} if dst else {}), **({NDA.LLADDR: lladdr} if lladdr else {}), **(attrs or {})}
    fields = {"ndm_family": AF.INET, "ndm_ifindex": DEV, "ndm_state": state, **fields}
    talk.ask(neighbour, RTM.NEWNEIGH, given, flags, **fields)
    return talk.ack.errno, talk.ack.message


def delete(talk: Talk, dst: str = "10.0.0.5", **fields: Any) -> int:
    talk.ask(neighbour, RTM.DELNEIGH, {NDA.DST: dst}, 0, **{"ndm_family": AF.INET, "ndm_ifindex": DEV, **fields})
    return talk.ack.errno


def get(talk: Talk, dst: str | None = "10.0.0.5", attrs: Any = None, **fields: Any) -> Message | None:
    given = {**({NDA.DST: dst} if dst else {}), **(attrs or {})}
    found = talk.ask(neighbour, RTM.GETNEIGH, given, 0, **{"ndm_family": AF.INET, "ndm_ifindex": DEV, **fields})
    return found[0] if found else None


def told(talk: Talk) -> list[tuple[int, int]]:
    return [(one.nlmsg_type, one.ndm_state) for one in talk.heard()]


NEWS, GONE = RTM.NEWNEIGH, RTM.DELNEIGH


def test_a_neighbour_comes_and_goes(talk: Talk) -> None:
    assert add(talk) == (0, None)
    one = get(talk)
    assert one is not None
    assert (str(one[NDA.LLADDR]), one.ndm_state, one.ndm_type) == (MAC, NUD.PERMANENT, RTN.UNICAST)
    assert [str(one[NDA.DST]) for one in talk.dump(neighbour, ndm_family=AF.INET)] == ["10.0.0.5"]
    assert delete(talk) == 0
    assert told(talk) == [(NEWS, NUD.PERMANENT), (NEWS, NUD.FAILED), (GONE, NUD.FAILED)]
    assert delete(talk) == ENOENT


def test_flags_of_the_request(talk: Talk) -> None:
    assert add(talk, flags=REPLACE)[0] == ENOENT
    assert add(talk, flags=CREATE | EXCL)[0] == 0
    assert add(talk, flags=CREATE | EXCL)[0] == EEXIST
    assert add(talk, lladdr=OTHER, flags=0)[0] == 0
    one = get(talk)
    assert one is not None
    assert str(one[NDA.LLADDR]) == MAC
    assert add(talk, lladdr=OTHER, flags=REPLACE, attrs={NDA.PROTOCOL: 7})[0] == 0
    one = get(talk)
    assert one is not None
    assert (str(one[NDA.LLADDR]), one[NDA.PROTOCOL]) == (OTHER, 7)


def test_entry_flags_are_as_the_last_request_said(talk: Talk) -> None:
    def flags() -> tuple[int, int]:
        one = get(talk)
        assert one is not None
        return int(one.ndm_flags), int(one.get(NDA.FLAGS_EXT, 0))

    add(talk, state=NUD.STALE, ndm_flags=NTF.ROUTER | NTF.EXT_LEARNED)
    assert flags() == (NTF.ROUTER | NTF.EXT_LEARNED, 0)
    add(talk, state=NUD.STALE, attrs={NDA.FLAGS_EXT: NTF_EXT.EXT_VALIDATED})
    assert flags() == (0, NTF_EXT.EXT_VALIDATED)


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ({"dst": None}, (EINVAL, "Network address not specified")),
        ({"ndm_ifindex": 9}, (ENODEV, None)),
        ({"ndm_ifindex": 0}, (EINVAL, "Device not specified")),
        ({"lladdr": "02:00"}, (EINVAL, "Invalid link address")),
        ({"lladdr": None}, (EINVAL, "No link layer address given")),
        ({"ndm_family": 99}, (EAFNOSUPPORT, None)),
        ({"attrs": {NDA.FLAGS_EXT: NTF_EXT.MANAGED}}, (EINVAL, "Invalid NTF_* flag for permanent entry")),
        (
            {"state": NUD.FAILED, "attrs": {NDA.FLAGS_EXT: NTF_EXT.EXT_VALIDATED}},
            (EINVAL, "Cannot create externally validated neighbor with an invalid state"),
        ),
        (
            {"ndm_flags": NTF.PROXY, "attrs": {NDA.FLAGS_EXT: NTF_EXT.MANAGED}},
            (EINVAL, "Invalid NTF_* flag combination"),
        ),
    ],
)
def test_what_is_refused(talk: Talk, words: Any, refusal: Any) -> None:
    assert add(talk, **words) == refusal
    assert told(talk) == []


def test_what_cannot_be_asked(talk: Talk) -> None:
    for fields, errno, words in (
        ({"dst": None}, EINVAL, None),
        ({"dst": "10.0.0.9"}, ENOENT, "Neighbour entry not found"),
        ({"ndm_ifindex": 9}, ENODEV, "Unknown device ifindex"),
        ({"ndm_ifindex": 0}, EINVAL, "No device specified"),
        ({"ndm_family": 99}, EAFNOSUPPORT, "Unsupported family in header for neighbor get request"),
        ({"ndm_state": 1}, EINVAL, "Invalid values in header for neighbor get request"),
        ({"ndm_flags": NTF.SELF}, EINVAL, "Invalid flags in header for neighbor get request"),
        ({"ndm_flags": NTF.PROXY}, ENOENT, "Proxy neighbour entry not found"),
        ({"attrs": {NDA.IFINDEX: 2}}, EINVAL, "Unsupported attribute in neighbor get request"),
    ):
        assert get(talk, **fields) is None
        assert (talk.ack.errno, talk.ack.message) == (errno, words)


def test_strict_dumps(talk: Talk) -> None:
    add(talk)
    assert len(talk.dump(neighbour, {NDA.IFINDEX: DEV}, ndm_family=AF.INET)) == 1
    assert talk.dump(neighbour, {NDA.MASTER: 7}, ndm_family=AF.INET) == []
    assert len(talk.dump(neighbour, {NDA.MASTER: 0xFFFFFFFF}, ndm_family=AF.INET)) == 1
    assert len(talk.dump(neighbour, {NDA.DST: "10.0.0.9"}, ndm_family=AF.INET)) == 1
    talk.strict()
    for attrs, fields in (({NDA.DST: "10.0.0.9"}, {}), ({}, {"ndm_state": 1}), ({}, {"ndm_flags": 2})):
        assert talk.dump(neighbour, attrs, ndm_family=AF.INET, **fields) == []
        assert talk.ack.errno == EINVAL


def test_proxies(talk: Talk) -> None:
    assert add(talk, lladdr=None, state=0, ndm_flags=NTF.PROXY, attrs={NDA.PROTOCOL: 4}) == (0, None)
    assert add(talk, "10.0.0.6", None, 0, ndm_flags=NTF.PROXY, ndm_ifindex=0) == (0, None)
    one = get(talk, ndm_flags=NTF.PROXY)
    assert one is not None
    assert (one.ndm_flags, one[NDA.PROTOCOL]) == (NTF.PROXY, 4)
    assert get(talk, "10.0.0.6", ndm_flags=NTF.PROXY) is not None
    assert len(talk.dump(neighbour, ndm_family=AF.INET, ndm_flags=NTF.PROXY)) == 2
    assert delete(talk, ndm_flags=NTF.PROXY, ndm_ifindex=0) == ENOENT
    assert delete(talk, ndm_flags=NTF.PROXY) == 0
    assert told(talk) == []


def test_who_is_used_and_does_not_answer_has_failed(talk: Talk) -> None:
    add(talk, lladdr=None, state=0, ndm_flags=NTF.USE)
    one = get(talk)
    assert one is not None
    assert (one.ndm_state, one[NDA.PROBES]) == (NUD.INCOMPLETE, 4)
    for _ in range(4):
        talk.clock.now += 1
        run_timers(talk.kernel)
    assert told(talk) == [(NEWS, NUD.FAILED)]


def test_reachable_becomes_stale_and_stale_is_probed_when_used(talk: Talk) -> None:
    add(talk, state=NUD.REACHABLE)
    talk.clock.now += 60
    run_timers(talk.kernel)
    assert told(talk) == [(NEWS, NUD.REACHABLE), (NEWS, NUD.STALE)]
    add(talk, lladdr=None, state=0, ndm_flags=NTF.USE)
    states = []
    for _ in range(12):
        talk.clock.now += 1
        run_timers(talk.kernel)
        one = get(talk)
        assert one is not None
        states.append(int(one.ndm_state))
    assert list(dict.fromkeys(states)) == [NUD.DELAY, NUD.PROBE, NUD.FAILED]
    assert told(talk) == [(NEWS, NUD.PROBE), (NEWS, NUD.FAILED)]


def test_what_an_interface_takes_along(talk: Talk) -> None:
    dev = device(talk)
    add(talk)
    add(talk, "10.0.0.6", state=NUD.STALE)
    talk.heard()
    dev_set_mac_address(dev, bytes.fromhex("020000000009"))
    assert [str(one[NDA.DST]) for one in talk.heard()] == ["10.0.0.6", "10.0.0.5"]
    add(talk)
    talk.heard()
    dev_close(dev)
    assert told(talk) == [(GONE, NUD.PERMANENT)]


def test_addresses_that_nobody_need_ask_for(talk: Talk) -> None:
    add(talk, "224.0.0.9", None, NUD.NOARP)
    add(talk, "10.0.0.255", None, NUD.NOARP)
    first, second = talk.dump(neighbour, ndm_family=AF.INET)
    assert (str(first[NDA.LLADDR]), first.ndm_type) == ("01:00:5e:00:00:09", RTN.MULTICAST)
    assert (str(second[NDA.LLADDR]), second.ndm_type) == ("ff:ff:ff:ff:ff:ff", RTN.BROADCAST)


def test_a_full_table(talk: Talk) -> None:
    tbl = neigh_find_table(talk.kernel, AF.INET)
    assert tbl is not None
    tbl.gc_thresh1, tbl.gc_thresh2, tbl.gc_thresh3 = 1, 2, 3
    for number in range(10, 13):
        assert add(talk, f"10.0.0.{number}", state=NUD.STALE)[0] == 0
    assert add(talk, "10.0.0.20", state=NUD.STALE)[0] == ENOBUFS
    assert add(talk, "10.0.0.21")[0] == 0
    talk.clock.now += 6
    assert add(talk, "10.0.0.20", state=NUD.STALE)[0] == 0
    talk.clock.now += 120
    run_timers(talk.kernel)
    assert [str(one[NDA.DST]) for one in talk.dump(neighbour, ndm_family=AF.INET)] == ["10.0.0.21"]


def test_parameters(talk: Talk) -> None:
    def set_(attrs: Any, name: str = "arp_cache") -> int:
        talk.ask(neightbl, RTM.SETNEIGHTBL, {NDTA.NAME: name, **attrs}, ndtm_family=AF.INET)
        return talk.ack.errno

    assert (
        set_({NDTA.PARMS: {NDTPA.IFINDEX: DEV, NDTPA.QUEUE_LEN: 5, NDTPA.RETRANS_TIME: 404, NDTPA.UCAST_PROBES: 2}})
        == 0
    )
    assert set_({NDTA.PARMS: {NDTPA.IFINDEX: 9}}) == ENOENT
    assert set_({NDTA.PARMS: {NDTPA.UCAST_PROBES: 9}}) == ENOENT
    assert set_({NDTA.THRESH1: 9}) == ENOENT
    assert set_({}, "nothing") == ENOENT
    table, mine, lo = talk.dump(neightbl, ndtm_family=AF.INET)
    parms = mine[NDTA.PARMS]
    assert (parms[NDTPA.IFINDEX], parms[NDTPA.QUEUE_LENBYTES], parms[NDTPA.RETRANS_TIME]) == (DEV, 10450, 404)
    assert (table[NDTA.PARMS][NDTPA.UCAST_PROBES], lo[NDTA.PARMS][NDTPA.UCAST_PROBES]) == (3, 3)
    proc_sys_write(talk.home, "net/ipv4/neigh/d/gc_stale_time", "44")
    proc_sys_write(talk.home, "net/ipv4/neigh/d/base_reachable_time_ms", 1000)
    assert proc_sys_read(talk.home, "net/ipv4/neigh/d/gc_stale_time") == 44
    assert proc_sys_read(talk.home, "net/ipv4/neigh/d/ucast_solicit") == 2
    assert proc_sys_read(talk.home, "net/ipv4/neigh/d/locktime") == 100
    for path in ("default/locktime", "d/nothing", "d"):
        with pytest.raises(FileNotFoundError):
            proc_sys_read(talk.home, f"net/ipv4/neigh/{path}")
    talk.strict()
    assert talk.dump(neightbl, {NDTA.NAME: "x"}, ndtm_family=AF.INET) == []
    assert talk.ack.errno == EINVAL
