"""``nlwire dump``: what the running kernel has.

Knows: what can be asked for, and by which request.
Never: how a dump is held (session/).
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import click

from nlwire.cli.complaints import Complaint
from nlwire.cli.links import link_names
from nlwire.cli.tables import dump_table, tabular
from nlwire.cli.talk import TIMEOUT, session, talking
from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.codec.text import json_line, text_line
from nlwire.errors import DumpInterrupted, NlwireError
from nlwire.schema.family import Family
from nlwire.session import Session
from nlwire.session.snapshot import ALL_STATS
from nlwire.uapi import FAMILIES
from nlwire.uapi.genetlink import CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.inet_diag import inet_diag_request
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.netlink_diag import NDIAG_PROTO_ALL
from nlwire.uapi.socket import AF

ALL = 0xFFFFFFFF

SHORT = {
    "address": "addr",
    "neighbour": "neigh",
    "tfilter": "filter",
    "tclass": "class",
    "stats_request": "stats",
    "vlan_request": "vlan",
    "unix_diag_request": "unix",
    "netlink_diag_request": "netlink",
    "packet_diag_request": "packet",
    "expectation_stats_cpu_request": "expectation_stats_cpu",
}
"""Families whose objects people call otherwise."""
MUST: dict[str, dict[str, int]] = {
    "mdb": {"family": int(AF.BRIDGE)},
    "stats": {"filter_mask": ALL_STATS},
    "tunnel": {"family": int(AF.BRIDGE)},
    "vlan": {"family": int(AF.BRIDGE)},
    "unix": {"sdiag_family": int(AF.UNIX), "udiag_states": ALL, "udiag_show": ALL},
    "netlink": {"sdiag_family": int(AF.NETLINK), "sdiag_protocol": NDIAG_PROTO_ALL, "ndiag_show": ALL},
    "packet": {"sdiag_family": int(AF.PACKET), "pdiag_show": ALL},
}
"""Fields without which the kernel does not answer, or not with all it knows."""
INET_SOCKETS = {"tcp": IPPROTO.TCP, "udp": IPPROTO.UDP, "raw": IPPROTO.RAW}
"""Sockets of IPv4 and IPv6, each asked for by its protocol."""


@dataclass(frozen=True)
class Asked:
    """What asks for all objects of one sort."""

    family: Family
    type: int
    fields: Mapping[str, int] = field(default_factory=dict)
    each: tuple[int, ...] = ()
    """Address families that are asked for one after the other, where nobody says which."""

    def requests(self, address_family: int) -> list[Message]:
        """The requests, one after the other."""
        several = self.each if address_family == AF.UNSPEC and self.each else (address_family,)
        return [self.request(one) for one in several]

    def request(self, address_family: int) -> Message:
        """The request; where the fixed header begins with an address family it may narrow the answer."""
        leaves = self.family.header.leaves
        narrow = {leaf.name: address_family for leaf in leaves[:1] if leaf.name.endswith("family")}
        flags = NLM_F.REQUEST | NLM_F.DUMP
        return build(self.family, self.type, nlmsg_flags=flags, header={**narrow, **self.fields})


def asked() -> dict[str, Asked]:
    """Name on the command line -> what to ask."""
    names = {one: SHORT.get(one.name, one.name) for one in FAMILIES if one.get is not None}
    known = {name: Asked(one, int(one.get or 0), MUST.get(name, {})) for one, name in names.items()}
    inet = known.pop(inet_diag_request.name)
    for name, protocol in INET_SOCKETS.items():
        wanted = {"sdiag_protocol": int(protocol), "idiag_states": ALL, "idiag_ext": 0xFF}
        known[name] = Asked(inet.family, inet.type, wanted, (int(AF.INET), int(AF.INET6)))
    genl = {"cmd": int(CTRL_CMD.GETFAMILY), "version": 2}
    return {**known, "genl": Asked(genl_ctrl, int(GENL_ID.CTRL), genl)}


ASKED = asked()
ADDRESS_FAMILIES = {name: int(AF[name.upper()]) for name in ("unspec", "inet", "inet6", "bridge", "mpls", "packet")}
ADDRESS_FAMILIES |= {"ipmr": 128, "ip6mr": 129}


@click.command(epilog=f"WHAT is one of {', '.join(sorted(ASKED))}.")
@click.argument("what", type=click.Choice(sorted(ASKED)), metavar="WHAT")
@click.option(
    "--family", type=click.Choice(sorted(ADDRESS_FAMILIES)), default="unspec", help="Only of this address family."
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only where this field or attribute has this value: rtm_table=100, RTA_OIF=2. May be given several times.",
)
@click.option(
    "--text", "style", flag_value="text", default=True, help="As ip(8) would say it, one line each (default)."
)
@click.option("--json", "style", flag_value="json", help="JSON lines.")
@click.option("--raw", "style", flag_value="raw", help="The bytes as the kernel sent them.")
@click.option("--details", is_flag=True, help="Text: also what ip keeps for -details and -statistics.")
@tabular
@talking
def dump(
    what: str,
    family: str,
    filters: tuple[str, ...],
    style: str,
    details: bool,
    table: str | None,
    fields: tuple[str, ...],
    netns: str | None,
    trace: bool,
) -> None:
    """Print all objects of one sort that the running kernel has; no root needed."""
    requests = ASKED[what].requests(ADDRESS_FAMILIES[family])
    wanted = dict(key_and_value(one) for one in filters)
    try:
        with session(requests[0].protocol, netns, trace) as nl:
            if table is not None:
                dump_table(nl, requests, wanted, fields, table)
                return
            names = interface_names(nl) if style == "text" and requests[0].protocol == NETLINK.ROUTE else {}
            for message in objects(nl, requests, wanted):
                if style == "raw":
                    sys.stdout.buffer.write(encode(message))
                else:
                    click.echo(json_line(message) if style == "json" else text_line(message, names, details=details))
    except TimeoutError:
        reason = f"the kernel did not answer within {TIMEOUT:g} seconds"
        raise Complaint("", reason, "nlwire decode reads recorded messages") from None
    except NlwireError as error:
        raise Complaint(f"dump {what}", str(error)) from None


def key_and_value(text: str) -> tuple[str, Any]:
    """``RTA_OIF=2`` -> a key and a number, or text where it is none. Raises click's usage error."""
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} has no =", param_hint="--filter")
    try:
        return key, int(value, 0)
    except ValueError:
        return key, value


def objects(nl: Session, requests: Iterable[Message], wanted: Mapping[str, Any]) -> Iterator[Message]:
    """The messages of dumps. When one stays interrupted, what the last try had comes before the error."""
    try:
        for request in requests:
            yield from nl.dump(request, filter=wanted)
    except DumpInterrupted as interrupted:
        yield from interrupted.partial
        raise


def interface_names(nl: Session) -> dict[int, str]:
    """Index -> name of all interfaces; empty where they cannot be had."""
    with suppress(NlwireError):
        return link_names(nl.dump(ASKED["link"].request(0)))
    return {}
