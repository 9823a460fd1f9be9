"""``nlwire dump``: what the running kernel has.

Knows: what can be asked for, and by which request.
Never: how a dump is held (live.py).
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import click

from nlwire.cli.complaints import Complaint
from nlwire.cli.links import link_names
from nlwire.cli.live import NoNetlink, dump_request
from nlwire.cli.live import dump as dump_live
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.codec.text import json_line, text_line
from nlwire.errors import NetlinkError
from nlwire.schema.family import Family
from nlwire.uapi import FAMILIES
from nlwire.uapi.genetlink import CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.uapi.socket import AF

SHORT = {"address": "addr", "neighbour": "neigh", "tfilter": "filter", "tclass": "class"}
"""Families whose objects people call otherwise."""


@dataclass(frozen=True)
class Asked:
    """What asks for all objects of one sort."""

    family: Family
    type: int
    fields: Mapping[str, int] = field(default_factory=dict)

    def request(self, address_family: int) -> Message:
        """The request; where the fixed header begins with an address family it may narrow the answer."""
        leaves = self.family.header.leaves
        narrow = {leaf.name: address_family for leaf in leaves[:1] if leaf.name.endswith("family")}
        return dump_request(self.family, self.type, {**narrow, **self.fields})


def asked() -> dict[str, Asked]:
    """Name on the command line -> what to ask."""
    known = {SHORT.get(one.name, one.name): Asked(one, int(one.get)) for one in FAMILIES if one.get is not None}
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
    "--text", "style", flag_value="text", default=True, help="As ip(8) would say it, one line each (default)."
)
@click.option("--json", "style", flag_value="json", help="JSON lines.")
@click.option("--raw", "style", flag_value="raw", help="The bytes as the kernel sent them.")
@click.option("--details", is_flag=True, help="Text: also what ip keeps for -details and -statistics.")
def dump(what: str, family: str, style: str, details: bool) -> None:
    """Print all objects of one sort that the running kernel has; no root needed."""
    try:
        if style == "raw":
            for data in dump_live(ASKED[what].request(ADDRESS_FAMILIES[family])):
                sys.stdout.buffer.write(data)
            return
        request = ASKED[what].request(ADDRESS_FAMILIES[family])
        names = interface_names() if style == "text" and request.protocol == NETLINK.ROUTE else {}
        for message in objects(request):
            click.echo(json_line(message) if style == "json" else text_line(message, names, details=details))
    except NoNetlink as error:
        raise Complaint("", str(error), "nlwire decode reads recorded messages") from None
    except NetlinkError as error:
        raise Complaint(f"dump {what}", str(error)) from None


def objects(request: Message) -> Iterator[Message]:
    """The messages of a dump but for its end. Says so when the kernel changed while it was read."""
    interrupted = False
    for data in dump_live(request):
        for message in decode(data, request.protocol):
            interrupted |= bool(message.nlmsg_flags & NLM_F.DUMP_INTR)
            if message.nlmsg_type != NLMSG.DONE:
                yield message
    if interrupted:
        click.echo("nlwire: something changed while it was read: it may be incomplete or hold a thing twice", err=True)


def interface_names() -> dict[int, str]:
    """Index -> name of all interfaces; empty where they cannot be had."""
    with suppress(NetlinkError, NoNetlink):
        return link_names(objects(ASKED["link"].request(0)))
    return {}
