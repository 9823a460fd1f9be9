"""A snapshot turned round: the requests that make again what dumps told, in an order in which each finds what it needs.

    plan = from_capture("host.pcapng")        # what nlwire snapshot wrote
    nl.batch(plan.requests)                   # a session on a kernel, or on the mock

    cut.py        what is told, cut to what can be asked for
    links.py      links, their masters, what they are
    network.py    addresses, nexthops, neighbours, routes, rules, address labels
    bridges.py    VLANs, forwarding and multicast databases
    traffic.py    qdiscs, classes, filters

The kernel makes some things itself when others are made: lo, connected and local routes, link-local addresses, the rules a
namespace begins with, what bridges note of their own ports. They are left out without a word, and so is what rtnetlink tells but
does not take, or what means nothing elsewhere: settings of sysctl (netconf), neighbour tables, statistics, namespace ids.

Knows: the order.
Never: who is asked.
"""

from collections.abc import Iterable

from nlwire.capture.entry import Direction, Record, byteorder_of
from nlwire.capture.files import Name, read
from nlwire.capture.window import Readable
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.schema.layout import HOST
from nlwire.session.rebuild.bridges import entry, group, vlans
from nlwire.session.rebuild.cut import Plan
from nlwire.session.rebuild.links import Links
from nlwire.session.rebuild.network import address, label, neighbour, nexthop, proxies_last, route, rule, singles_first
from nlwire.session.rebuild.traffic import classful, filters
from nlwire.session.table import KEYS, Table
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import AF

__all__ = ["Plan", "from_capture", "rebuild"]


def from_capture(source: Name | Readable, *, stand_in: str | None = None) -> Plan:
    """The requests that make what a snapshot shows. Raises CaptureError, WireError, OSError."""
    told: list[Message] = []
    for one in read(source):
        if isinstance(one, Record) and one.protocol == NETLINK.ROUTE and one.direction is not Direction.OUT:
            told += decode(one.data, byteorder=byteorder_of(one.data, HOST))
    return rebuild(told, stand_in=stand_in)


def rebuild(told: Iterable[Message], *, stand_in: str | None = None) -> Plan:
    """The requests that make these objects, in a namespace that has none but its own lo.

    ``told`` are what the kernel said (requests among them are passed over); of an object told twice the later counts.
    ``stand_in`` is the kind of link to make where a link cannot be made (a network card, a tun device, one end of a pair).
    """
    objects = _sorted(told)
    links = Links(objects.get("link", []), stand_in)
    plan = Plan(links.missing)
    plan.requests += links.requests()
    plan.left_out += links.left_out
    plan.each(objects.get("vlan", []), vlans)
    plan.each(objects.get("address", []), address)
    plan.each(singles_first(objects.get("nexthop", [])), nexthop)
    neighbours = proxies_last(objects.get("neighbour", []))
    plan.each([one for one in neighbours if one.ndm_family != AF.BRIDGE], neighbour)
    plan.each([one for one in neighbours if one.ndm_family == AF.BRIDGE], entry)
    plan.each(objects.get("mdb", []), group)
    plan.each(objects.get("addrlabel", []), label)
    for with_gateway in (False, True):
        plan.each([one for one in objects.get("route", []) if _has_gateway(one) is with_gateway], route)
    plan.each(objects.get("rule", []), rule)
    plan.each([*objects.get("qdisc", []), *objects.get("tclass", [])], classful(objects))
    plan.each(objects.get("tfilter", []), filters)
    return plan


def _sorted(told: Iterable[Message]) -> dict[str, list[Message]]:
    """What is there by family, when everything has been told; of notifications among it, those of deletions count too."""
    found: dict[str, list[Message]] = {}
    tables = {name: Table(FAMILIES.families[name]) for name in KEYS}
    forwarding = Table(FAMILIES.families["neighbour"], {"ndm_family": int(AF.BRIDGE)})
    for one in told:
        name = one.family.name
        if one.nlmsg_flags & NLM_F.REQUEST or getattr(one, "ifi_family", AF.UNSPEC) != AF.UNSPEC:
            continue  # a bridge's port, or a link's IPv6, told of apart
        if name in tables and one.type.verb in ("new", "delete"):
            table = forwarding if forwarding.concerns(one) else tables[name]
            table.apply(one)
        elif one.type.verb == "new" or name == "mdb":
            found.setdefault(name, []).append(one)
    settled = {name: list(table) for name, table in tables.items()}
    settled["neighbour"] += list(forwarding)
    return {**found, **settled}


def _has_gateway(message: Message) -> bool:
    from_attrs = {"RTA_GATEWAY", "RTA_VIA", "RTA_MULTIPATH", "RTA_NH_ID"}
    return any(message.family.attrs.name_of(item[0]) in from_attrs for item in message.items if item[0] is not None)
