"""What is asked and broken: the errands, requests of a corpus, and requests made from the declarations alone.

Knows: which of them may be sent.
Never: faults.
"""

import re
from collections.abc import Iterable
from random import Random

from nlwire.fuzz.anatomy import Anatomy, What
from nlwire.fuzz.generate import message_of
from nlwire.fuzz.linux.danger import SENT, reason
from nlwire.fuzz.linux.errands import PORT_END, errands
from nlwire.fuzz.mutator import Seed
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import AF

EACH = 10
"""Requests made of every type."""
ATTEMPTS = 20
SHARES = (0.4, 0.2, 0.1, 0.05)
"""How many of its attributes a request may have: the more, the sooner one of them is refused, or must not be sent."""
CREATE, EXCL, REPLACE, DUMP = NLM_F.CREATE, NLM_F.EXCL, NLM_F.REPLACE, NLM_F.DUMP
PLAUSIBLE = (
    (re.compile("family$"), (AF.INET, AF.INET, AF.INET6, AF.INET6, AF.BRIDGE, AF.UNSPEC)),
    (re.compile("(index|IFINDEX|_OIF|_IIF|_LINK|MASTER)$"), tuple(range(1, PORT_END + 1))),
    (re.compile("(dst_len|src_len|prefixlen)$"), (0, 0, 16, 24, 32, 64, 128)),
    (re.compile("(rtm_table|^table)$"), (0, 254, 254, 255, 77)),
)
"""What a field or an attribute of such a name holds."""
FLAGS = (0, 0, CREATE | EXCL, CREATE | EXCL, CREATE, CREATE | REPLACE, REPLACE, DUMP)


def made(random: Random, each: int = EACH) -> list[Seed]:
    """Requests of every type that is sent, from the declarations."""
    return [one for type in sorted(SENT) for _ in range(each) if (one := made_of(type, random)) is not None]


def made_of(type: int, random: Random) -> Seed | None:
    """A request of a type; None where only such come out as must not be sent."""
    known = FAMILIES.find(NETLINK.ROUTE, type)
    for _ in range(ATTEMPTS):
        data = bytearray(message_of(known, random, (random.choice(SHARES), 0.0)))
        flags = NLM_F.REQUEST | NLM_F.ACK | random.choice(FLAGS)
        data[6:8] = int(flags).to_bytes(2, HOST)
        make_plausible(data, random)
        if reason(bytes(data)) is None:
            return Seed(NETLINK.ROUTE, bytes(data))
    return None


def make_plausible(data: bytearray, random: Random) -> None:
    """Let a request be about the devices there are, of a family that answers: else it does not get far."""
    for site in Anatomy(bytes(data), NETLINK.ROUTE).sites:
        if site.what is What.FIELD or (site.what is What.LEAF and site.size == 4):
            values = next((some for name, some in PLAUSIBLE if name.search(site.name)), None)
            if values is not None:
                data[site.payload : site.stop] = random.choice(values).to_bytes(site.size, HOST)


def requests(random: Random) -> list[Seed]:
    """The errands three times, as they get further, and as many made ones as there are."""
    return [Seed(NETLINK.ROUTE, one) for one in errands()] * 3 + made(random)


def sendable(seeds: Iterable[Seed]) -> list[Seed]:
    """The requests among datagrams that were seen somewhere."""
    return [one for one in seeds if is_request(one.data) and reason(one.data, one.protocol) is None]


def is_request(data: bytes) -> bool:
    """Whether it has NLM_F_REQUEST, as answers have not."""
    return len(data) >= 16 and bool(int.from_bytes(data[6:8], HOST) & NLM_F.REQUEST)
