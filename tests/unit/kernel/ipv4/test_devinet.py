"""IPv4 addresses on the mock kernel: order, flags, lifetimes, words of refusal. Every expectation was read off Linux 6.18."""

from errno import EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV
from typing import Any

import pytest

from nlwire import Message
from nlwire.kernel.core.dev import dev_change_name, dev_close, dev_open, dev_set_mtu
from nlwire.kernel.ipv4.inetdevice import (
    in_dev_andconf,
    in_dev_conf,
    in_dev_get,
    in_dev_maxconf,
    in_dev_orconf,
    inet_addr_onlink,
    inet_ifa_byprefix,
    inet_lookup_ifaddr,
    inet_select_addr,
    inetdev_by_index,
)
from nlwire.kernel.sysctl import proc_sys_read, proc_sys_write
from nlwire.kernel.timer import run_timers
from nlwire.uapi.if_addr import IFA, IFA_F, address, multicast
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.netconf import NETCONFA, netconf
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTNLGRP
from tests.unit.kernel.talk import EXCL, NEW, REPLACE, Talk

LO = 1


@pytest.fixture
def talk() -> Talk:
    return Talk(RTNLGRP.IPV4_IFADDR)


def change(
    talk: Talk, local: str, attrs: Any = None, flags: int = NEW, type: int = RTM.NEWADDR, **fields: Any
) -> tuple[int, str | None]:
    """Add or delete; the errno and its words."""
    host, _, width = local.partition("/")
    given = {IFA.LOCAL: host, IFA.ADDRESS: host, **(attrs or {})}
    fields = {"ifa_index": LO, **fields}
    talk.ask(address, type, given, flags, ifa_family=AF.INET, ifa_prefixlen=int(width or 32), **fields)
    return talk.ack.errno, talk.ack.message


def delete(talk: Talk, local: str, attrs: Any = None, **fields: Any) -> tuple[int, str | None]:
    return change(talk, local, attrs, 0, RTM.DELADDR, **fields)


def shown(messages: list[Message]) -> list[str]:
    """Addresses in short: ``+`` added, ``-`` deleted, ``s`` secondary, ``d`` deprecated."""
    found = []
    for one in messages:
        flags = one[IFA.FLAGS]
        mark = "-" if one.nlmsg_type == RTM.DELADDR else "+"
        letters = ("s" if flags & IFA_F.SECONDARY else "") + ("d" if flags & IFA_F.DEPRECATED else "")
        found.append(f"{mark}{one[IFA.LOCAL]}/{one.ifa_prefixlen}{' ' if letters else ''}{letters}")
    return found


def listed(talk: Talk) -> list[str]:
    return [one.lstrip("+") for one in shown(talk.dump(address, ifa_family=AF.INET))]


def test_primaries_stand_by_scope_and_secondaries_at_the_end(talk: Talk) -> None:
    for local, scope in (
        ("10.0.0.1/24", 0),
        ("10.0.0.2/24", 0),
        ("10.1.0.1/16", 253),
        ("10.2.0.1/16", 254),
        ("10.3.0.1/16", 0),
    ):
        assert change(talk, local, ifa_scope=scope) == (0, None)
    assert listed(talk) == ["10.2.0.1/16", "10.1.0.1/16", "10.0.0.1/24", "10.3.0.1/16", "10.0.0.2/24 s"]


def test_the_primary_takes_its_secondaries_along(talk: Talk) -> None:
    for local in ("10.0.0.1/24", "10.1.0.1/24", "10.0.0.2/24", "10.0.0.3/24"):
        change(talk, local)
    talk.heard()
    assert delete(talk, "10.0.0.1/24") == (0, None)
    assert shown(talk.heard()) == ["-10.0.0.2/24 s", "-10.0.0.3/24 s", "-10.0.0.1/24"]
    assert listed(talk) == ["10.1.0.1/24"]


def test_or_hands_its_place_to_the_first_of_them(talk: Talk) -> None:
    proc_sys_write(talk.home, "net/ipv4/conf/all/promote_secondaries", 1)
    for local in ("10.0.0.1/24", "10.1.0.1/24", "10.0.0.2/24", "10.0.0.3/24"):
        change(talk, local)
    talk.heard()
    delete(talk, "10.0.0.1/24")
    assert shown(talk.heard()) == ["-10.0.0.1/24", "+10.0.0.2/24"]
    assert listed(talk) == ["10.1.0.1/24", "10.0.0.2/24", "10.0.0.3/24 s"]


@pytest.mark.parametrize(
    ("local", "attrs", "fields", "refusal"),
    [
        ("10.0.0.1/33", {}, {}, (EINVAL, "ipv4: Invalid prefix length")),
        ("10.0.0.1/24", {}, {"ifa_index": 9}, (ENODEV, "ipv4: Device not found")),
        ("10.0.0.1/24", {IFA.CACHEINFO: {"ifa_valid": 0}}, {}, (EINVAL, "ipv4: address lifetime invalid")),
        (
            "10.0.0.1/24",
            {IFA.CACHEINFO: {"ifa_valid": 1, "ifa_prefered": 2}},
            {},
            (EINVAL, "ipv4: address lifetime invalid"),
        ),
        ("10.0.0.1/24", {IFA.FLAGS: IFA_F.MCAUTOJOIN}, {}, (EINVAL, "ipv4: Multicast auto join failed")),
        ("10.9.0.2/24", {}, {"ifa_scope": RT_SCOPE.LINK}, (EINVAL, "ipv4: Invalid scope value")),
        ("10.9.0.1/24", {}, {}, (EEXIST, "ipv4: Address already assigned")),
    ],
)
def test_what_is_refused(talk: Talk, local: str, attrs: Any, fields: Any, refusal: Any) -> None:
    change(talk, "10.9.0.1/24")
    talk.heard()
    assert change(talk, local, attrs, **fields) == refusal
    assert talk.heard() == []


def test_what_cannot_be_deleted(talk: Talk) -> None:
    change(talk, "10.0.0.1/24")
    assert delete(talk, "10.0.0.1/25") == (EADDRNOTAVAIL, "ipv4: Address not found")
    assert delete(talk, "10.0.0.1/24", {IFA.LABEL: "other"}) == (EADDRNOTAVAIL, "ipv4: Address not found")
    assert delete(talk, "10.0.0.1/24", ifa_index=9) == (ENODEV, "ipv4: Device not found")
    assert delete(talk, "10.0.0.1/24", {IFA.LABEL: "lo"}) == (0, None)


def test_a_local_address_has_to_be_given_and_zero_is_none(talk: Talk) -> None:
    talk.ask(address, RTM.NEWADDR, {IFA.ADDRESS: "10.0.0.1"}, NEW, ifa_family=AF.INET, ifa_index=LO)
    assert talk.ack.message == "ipv4: Local address is not supplied"
    assert change(talk, "0.0.0.0/8") == (0, None)
    assert listed(talk) == []


def test_replacing_changes_lifetimes_metric_and_protocol(talk: Talk) -> None:
    change(talk, "10.0.0.1/24")
    assert change(talk, "10.0.0.1/24", flags=REPLACE | EXCL)[0] == EEXIST
    attrs = {IFA.RT_PRIORITY: 5, IFA.PROTO: 3, IFA.CACHEINFO: {"ifa_valid": 100, "ifa_prefered": 50}}
    assert change(talk, "10.0.0.1/24", attrs, flags=REPLACE) == (0, None)
    (one,) = talk.dump(address, ifa_family=AF.INET)
    assert (one[IFA.RT_PRIORITY], one[IFA.PROTO], one[IFA.CACHEINFO].ifa_valid) == (5, 3, 100)


def test_lifetimes_end_by_the_clock(talk: Talk) -> None:
    change(talk, "10.0.0.1/24", {IFA.CACHEINFO: {"ifa_valid": 30, "ifa_prefered": 10}})
    change(talk, "10.0.0.2/24", {IFA.CACHEINFO: {"ifa_valid": 40, "ifa_prefered": 20}})
    change(talk, "10.1.0.1/24", {IFA.CACHEINFO: {"ifa_valid": 0xFFFFFFFF, "ifa_prefered": 5}})  # as Linux: for ever
    talk.heard()
    talk.clock.now += 10
    assert run_timers(talk.kernel) == 1
    assert shown(talk.heard()) == ["+10.0.0.1/24 d"]
    (first, *_) = talk.dump(address, ifa_family=AF.INET)
    assert (first[IFA.CACHEINFO].ifa_prefered, first[IFA.CACHEINFO].ifa_valid) == (0, 20)
    talk.clock.now += 10
    run_timers(talk.kernel)
    assert shown(talk.heard()) == ["+10.0.0.2/24 sd"]
    talk.clock.now += 10
    run_timers(talk.kernel)
    assert shown(talk.heard()) == ["-10.0.0.2/24 sd", "-10.0.0.1/24 d"]
    assert listed(talk) == ["10.1.0.1/24"]
    assert not talk.kernel.timers


def test_lo_has_its_address_from_the_first_time_it_is_up(talk: Talk) -> None:
    lo = talk.home.loopback_dev
    dev_open(lo)
    assert shown(talk.heard()) == ["+127.0.0.1/8"]
    dev_close(lo)
    dev_open(lo)
    assert shown(talk.heard()) == []
    assert listed(talk) == ["127.0.0.1/8"]


def test_labels_follow_a_name(talk: Talk) -> None:
    for local, label in (("10.0.0.1/24", "lo:a"), ("10.0.1.1/24", "lo"), ("10.0.2.1/24", "lo:b")):
        change(talk, local, {IFA.LABEL: label})
    talk.heard()
    dev_change_name(talk.home.loopback_dev, "longnameofalink")
    assert [one[IFA.LABEL] for one in talk.heard()] == ["longnameofalink", "longnameofali:2", "longnameofali:b"]


def test_an_mtu_too_small_for_ipv4_takes_it_away(talk: Talk) -> None:
    lo = talk.home.loopback_dev
    change(talk, "10.0.0.1/24")
    talk.heard()
    dev_set_mtu(lo, 67)
    assert in_dev_get(lo) is None
    assert shown(talk.heard()) == ["-10.0.0.1/24"]
    dev_set_mtu(lo, 68)
    assert in_dev_get(lo) is not None


def test_strict_dumps(talk: Talk) -> None:
    change(talk, "10.0.0.1/24")
    talk.strict()
    assert len(talk.dump(address, ifa_family=AF.INET, ifa_index=LO)) == 1
    for attrs, fields, refusal in (
        ({}, {"ifa_index": 9}, ENODEV),
        ({}, {"ifa_scope": 9}, EINVAL),
        ({IFA.LOCAL: "10.0.0.1"}, {}, EINVAL),
        ({IFA.TARGET_NETNSID: 7}, {}, EINVAL),
    ):
        assert talk.dump(address, attrs, ifa_family=AF.INET, **fields) == []
        assert talk.ack.errno == refusal


def test_groups() -> None:
    talk = Talk(RTNLGRP.IPV4_MCADDR)
    dev_open(talk.home.loopback_dev)
    change(talk, "224.1.2.3/24", {IFA.FLAGS: IFA_F.MCAUTOJOIN})
    assert [str(one[IFA.MULTICAST]) for one in talk.heard()] == ["224.0.0.1", "224.1.2.3"]
    found = talk.dump(multicast, ifa_family=AF.INET)
    assert [(one.nlmsg_type, str(one[IFA.MULTICAST])) for one in found] == [
        (RTM.GETMULTICAST, "224.1.2.3"),
        (RTM.GETMULTICAST, "224.0.0.1"),
    ]
    delete(talk, "224.1.2.3/24")
    assert [(one.nlmsg_type, str(one[IFA.MULTICAST])) for one in talk.heard()] == [(RTM.DELMULTICAST, "224.1.2.3")]


def test_settings_are_told_and_asked_for() -> None:
    talk = Talk(RTNLGRP.IPV4_NETCONF)
    proc_sys_write(talk.home, "net/ipv4/ip_forward", 1)
    assert [one[NETCONFA.IFINDEX] for one in talk.heard()] == [-1, -2, LO]
    proc_sys_write(talk.home, "net/ipv4/conf/lo/rp_filter", "2")
    (told,) = talk.heard()
    assert told[NETCONFA.RP_FILTER] == 2
    proc_sys_write(talk.home, "net/ipv4/conf/lo/rp_filter", 2)
    assert talk.heard() == []
    (one,) = talk.ask(netconf, RTM.GETNETCONF, {NETCONFA.IFINDEX: LO}, ncm_family=AF.INET)
    assert (one[NETCONFA.FORWARDING], one[NETCONFA.RP_FILTER]) == (1, 2)
    assert [one[NETCONFA.IFINDEX] for one in talk.dump(netconf, ncm_family=AF.INET)] == [LO, -1, -2]
    assert proc_sys_read(talk.home, "net/ipv4/conf/all/forwarding") == 1
    for path in ("conf/nobody/forwarding", "conf/all/nothing", "conf/all"):
        with pytest.raises(FileNotFoundError):
            proc_sys_read(talk.home, f"net/ipv4/{path}")


def test_finding() -> None:
    talk = Talk()
    in_dev = inetdev_by_index(talk.home, LO)
    assert in_dev is not None
    assert inetdev_by_index(talk.home, 9) is None
    change(talk, "10.0.0.1/24")
    change(talk, "10.0.0.2/24")
    change(talk, "10.1.0.1/16", ifa_scope=RT_SCOPE.LINK)
    one, other = 0x0A000001, 0x0A000002
    assert inet_addr_onlink(in_dev, one, other)
    assert not inet_addr_onlink(in_dev, one, 0x0A010001)
    assert inet_ifa_byprefix(in_dev, other, 0xFFFFFF00) is inet_lookup_ifaddr(talk.home, one)
    assert inet_lookup_ifaddr(talk.home, 5) is None
    lo = talk.home.loopback_dev
    assert inet_select_addr(lo, 0x0A010203, RT_SCOPE.LINK) == 0x0A010001
    assert inet_select_addr(lo, 0x0B000001, RT_SCOPE.UNIVERSE) == one
    proc_sys_write(talk.home, "net/ipv4/conf/all/arp_ignore", 2)
    which = IPV4_DEVCONF.ARP_IGNORE
    assert (in_dev_conf(in_dev, which), in_dev_maxconf(in_dev, which)) == (0, 2)
    assert in_dev_orconf(in_dev, which)
    assert not in_dev_andconf(in_dev, which)
