"""pyroute2 reads the recorded messages too: names, order and plain values of attributes must be the same.

It was written by others from the same headers, so agreement speaks for the declarations. Where it cannot read a message at
all, or knows an attribute by no name, it says nothing; where the two differ the table tells who is right.
"""

import re
import struct
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pyroute2.netlink.exceptions import NetlinkDecodeError, NetlinkNLADecodeError
from pyroute2.netlink.rtnl.marshal import MarshalRtnl

import nlwire
from nlwire.codec.message import Message
from nlwire.codec.values import Item
from tools.capture.fixture import read

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/*.nl"))
THEIR_FAILURES = (NetlinkDecodeError, NetlinkNLADecodeError, TypeError, ValueError, KeyError, OSError, struct.error)
"""What pyroute2 raises on messages that are fine: short headers, selectors without NUL, families it does not expect."""

OTHER_NAMES = {
    "IFLA_IF_NETNSID": "the header's older name for IFLA_TARGET_NETNSID",
}
"""Names that pyroute2 uses for an attribute that we call otherwise."""

OURS_IS_RIGHT: dict[str, str] = {
    "IFA_TARGET_NETNSID": "a number, which pyroute2 takes for a text",
    "IFLA_STATS_GET_FILTERS": "requests have attributes of their own",
    "BRIDGE_VLANDB_DUMP_FLAGS": "the same: in a request it has the number that an entry has in an answer",
    "TCA_OPTIONS": "those of ingress are empty, and pyroute2 reads on into the next attribute",
    "FRA_UID_RANGE": "the same, written as start:end",
    "FRA_SPORT_RANGE": "the same, written as start:end",
    "FRA_DPORT_RANGE": "the same, written as start:end",
}
"""Attributes that differ, and why ours is right."""

HEX = re.compile("([0-9a-f]{2}(:[0-9a-f]{2})*)?")
"""How pyroute2 shows bytes of which it knows no more, and link-layer addresses."""


def theirs_of(message: Message, data: bytes) -> list[tuple[str, Any]] | None:
    """pyroute2's attributes of a message, None where it has none to offer."""
    reader = MarshalRtnl.msg_map.get(message.nlmsg_type)
    if reader is None or message.family.name == "unknown":
        return None
    made = reader(data)
    try:
        made.decode()
        return [(name, value) for name, value in made["attrs"]]
    except THEIR_FAILURES:
        return None


def disagreement(message: Message, item: Item, name: str, value: Any) -> str | None:
    """What is not the same about one attribute."""
    attr = None if item[0] is None else message.family.attrs.find(item[0])
    ours = "?" if attr is None else attr.c_name
    if name == "UNKNOWN" or name.endswith("_UNSPEC") or item[0] is None or ours in OURS_IS_RIGHT:
        return None
    if name != ours and name not in OTHER_NAMES:
        return f"{ours} is {name} to pyroute2"
    if item[1] is None or not isinstance(value, int | str):
        return None
    shown = str(item[1].to_json(item[2]))
    if HEX.fullmatch(str(value)) and not (item[1].name == "lladdr" and len(shown) == len("02:00:00:00:00:01")):
        return None
    same = shown == str(value) or item[2] == value or shown.endswith(f"_{value}") or same_address(shown, str(value))
    return None if same else f"{ours}: {shown}, to pyroute2 {value}"


def same_address(ours: str, theirs: str) -> bool:
    """Whether both are one IPv6 address: ::ffff:192.0.2.1 has two spellings."""
    return ":" in ours and ":" in theirs and ip_address(ours) == ip_address(theirs)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_agrees_with_pyroute2(path: Path) -> None:
    found = []
    for sample in read(path).samples:
        if sample.message.protocol != 0:
            continue
        (message,) = nlwire.decode(sample.message.data)
        theirs = theirs_of(message, sample.message.data)
        if theirs is not None and len(theirs) == len(message.items):
            pairs = zip(message.items, theirs, strict=True)
            found += [disagreement(message, item, *their) for item, their in pairs]
    assert [one for one in found if one] == []


def test_pyroute2_reads_most_of_them() -> None:
    """The tier must not pass by finding nothing to compare."""
    compared = 0
    for path in FIXTURES:
        for sample in read(path).samples:
            if sample.message.protocol == 0:
                (message,) = nlwire.decode(sample.message.data)
                compared += theirs_of(message, sample.message.data) is not None
    assert compared >= 250
