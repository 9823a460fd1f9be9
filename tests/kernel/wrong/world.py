"""The namespace in which wrong requests are asked.

lo, up; d0, up, with 192.0.2.1/24 and 2001:db8::1/64, and its peer d1, up; d2, down; the bridge br0.

Knows: verbs that make devices; giving up root's rights for a moment.
Never: a request that is wrong.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from nlwire.session import Session
from nlwire.uapi.if_addr import IFA, IFA_F
from nlwire.uapi.if_link import IFLA
from tests.kernel.wrong.links import LINKS
from tests.kernel.wrong.others import ADDRESSES, OTHERS
from tests.kernel.wrong.routes import ROUTES

TABLE = {"Routes": ROUTES, "Links": LINKS, "Addresses": ADDRESSES, "Neighbours, rules, nexthops": OTHERS}
NOBODY = 65534


def make(nl: Session) -> None:
    """Make it, in the session's namespace."""
    nl.link.change("lo", up=True)
    nl.link.add("d0", kind="veth", up=True, data={"VETH_INFO_PEER": {"head": {}, "tail": {IFLA.IFNAME: "d1"}}})
    nl.link.change("d1", up=True)
    nl.link.add("d2", kind="veth", data={"VETH_INFO_PEER": {"head": {}, "tail": {IFLA.IFNAME: "d3"}}})
    nl.link.add("br0", kind="bridge")
    nl.address.add("192.0.2.1/24", "d0")
    nl.address.add("2001:db8::1/64", "d0", attrs={IFA.FLAGS: IFA_F.NODAD})


@contextmanager
def rights(unprivileged: bool) -> Iterator[None]:
    """As nobody, where that is asked for."""
    if unprivileged:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if unprivileged:
            os.seteuid(0)
