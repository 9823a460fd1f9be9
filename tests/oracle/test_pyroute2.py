"""pyroute2 reads the recorded messages too: names, order and plain values of attributes must be the same.

It was written by others from the same headers, so agreement speaks for the declarations. Where it cannot read a message at
all, or knows an attribute by no name, it says nothing; where the two differ the table tells who is right.
"""

import struct
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

OURS_IS_RIGHT: dict[str, str] = {}
"""Attributes whose values differ, and why ours is right."""


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
    if name == "UNKNOWN" or ours in OURS_IS_RIGHT:
        return None
    if name != ours and name not in OTHER_NAMES:
        return f"{ours} is {name} to pyroute2"
    if item[1] is None or not isinstance(value, int | str):
        return None
    shown = str(item[1].to_json(item[2]))
    same = shown == str(value) or item[2] == value or shown.endswith(f"_{value}")
    return None if same else f"{ours}: {shown}, to pyroute2 {value}"


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
