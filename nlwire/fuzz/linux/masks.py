"""What two runs of one script may differ in, by name, with the reason; everything else is compared.

Masked bytes become zeros; ports that listen to one group, which a bridge keeps by their addresses in memory, are sorted; MAC
addresses that the kernel drew by lot are numbered in the order in which they appear; neighbours,
which are kept in a hash whose key is drawn by lot, are sorted within a datagram and where several are told of in a row; those
that are groups to which the kernel has sent a report of its own are left out.

Knows: where in which messages such bytes stand.
Never: which kernel the bytes are of.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from nlwire.schema import Attr
from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_bridge import mdb
from nlwire.uapi.if_link import IFLA, IFLA_BR, IFLA_BRPORT, IFLA_INET6, IFLA_INFO
from nlwire.uapi.neighbour import NDA, NDTA, NDTPA, NUD
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN

HEADERS = {RTM.NEWLINK: 16, RTM.NEWADDR: 8, RTM.NEWROUTE: 12, RTM.NEWNEIGH: 12, RTM.NEWNEIGHTBL: 4, RTM.NEWMULTICAST: 8}
HEADERS[RTM.NEWMDB] = mdb.br_port_msg.sizeof
"""sizeof the header before the attributes, by the type that begins the four of a family."""
FIXED = b"\x02\0\0"
"""How the MAC addresses begin that scripts choose."""
DRAWN = b"Rand\0"
NEWNEIGH, DELNEIGH = bytes([RTM.NEWNEIGH, 0]), bytes([RTM.DELNEIGH, 0])


class Entry(NamedTuple):
    """A line of a transcript: something was done (``sent``, ``option``, ``wait``) or came (``got``, ``heard``, ``failed``)."""

    kind: str
    data: bytes = b""
    note: str = ""


Transcript = list[Entry]


class Mask(NamedTuple):
    """``where``: the family's first type and the path of attributes; ``part``: which bytes of the payload."""

    name: str
    why: str
    where: tuple[tuple[int, tuple[int, ...]], ...]
    part: slice = slice(None)


def of(family: int, *paths: tuple[Attr[Any] | int, ...]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The places of some attributes in a family's messages."""
    numbers = (tuple(one.number if isinstance(one, Attr) else int(one) for one in path) for path in paths)
    return tuple((int(family), path) for path in numbers)


SPEC6 = (IFLA.AF_SPEC, AF.INET6)
INFO = (IFLA.LINKINFO, IFLA_INFO.DATA)
SLAVE = (IFLA.LINKINFO, IFLA_INFO.SLAVE_DATA)
LISTENER = (mdb.MDBA.MDB, mdb.MDBA_MDB.ENTRY, mdb.MDBA_MDB_ENTRY.INFO)
ROUTER = (mdb.MDBA.ROUTER, mdb.MDBA_ROUTER.PORT)
SOURCE = (*LISTENER, mdb.MDBA_MDB_EATTR.SRC_LIST, mdb.MDBA_MDB_SRCLIST.ENTRY)

MASKS = (
    Mask(
        "statistics",
        "packets that the kernel sends of itself (neighbour discovery, reports of memberships) when it pleases",
        of(RTM.NEWLINK, (IFLA.STATS,), (IFLA.STATS64,), (*SPEC6, IFLA_INET6.STATS), (*SPEC6, IFLA_INET6.ICMP6STATS)),
    ),
    Mask(
        "clock",
        "when an IPv6 interface was made, in hundredths of a second since boot, and a reachable time drawn by lot",
        of(RTM.NEWLINK, (*SPEC6, IFLA_INET6.CACHEINFO), (IFLA.PROTINFO, IFLA_INET6.CACHEINFO)),
        slice(4, 12),
    ),
    Mask(
        "statistics",
        "the same of IPv6's own links, whose numbers a bridge's ports have for what is shorter",
        of(RTM.NEWLINK, (IFLA.PROTINFO, IFLA_INET6.STATS), (IFLA.PROTINFO, IFLA_INET6.ICMP6STATS)),
        slice(8, None),
    ),
    Mask(
        "statistics",
        "neighbours that packets have made hold their device's parameters",
        of(RTM.NEWNEIGHTBL, (NDTA.PARMS, NDTPA.REFCNT)),
    ),
    Mask(
        "statistics",
        "how many groups a bridge has heard a port join",
        of(RTM.NEWLINK, (*SLAVE, IFLA_BRPORT.MCAST_N_GROUPS), (IFLA.PROTINFO, IFLA_BRPORT.MCAST_N_GROUPS)),
    ),
    Mask(
        "clock",
        "whether IPv6 has asked for routers by now, and been answered (IF_RS_SENT, IF_RA_RCVD, …)",
        of(RTM.NEWLINK, (*SPEC6, IFLA_INET6.FLAGS)),
        slice(0, 1),
    ),
    Mask(
        "clock",
        "when an address was made and changed, since boot",
        of(RTM.NEWADDR, (IFA.CACHEINFO,)) + of(RTM.NEWMULTICAST, (IFA.CACHEINFO,)),
        slice(8, 16),
    ),
    Mask("clock", "how long ago a neighbour was used", of(RTM.NEWNEIGH, (NDA.CACHEINFO,)), slice(0, 12)),
    Mask(
        "clock",
        "how long ago a route was used, and how long it will last",
        of(RTM.NEWROUTE, (RTA.CACHEINFO,)),
        slice(4, 12),
    ),
    Mask(
        "clock",
        "what is left on a bridge's timers",
        of(
            RTM.NEWLINK,
            (*INFO, IFLA_BR.HELLO_TIMER),
            (*INFO, IFLA_BR.TCN_TIMER),
            (*INFO, IFLA_BR.TOPOLOGY_CHANGE_TIMER),
            (*INFO, IFLA_BR.GC_TIMER),
            *(
                (*nest, timer)
                for nest in (SLAVE, (IFLA.PROTINFO,))
                for timer in (IFLA_BRPORT.MESSAGE_AGE_TIMER, IFLA_BRPORT.FORWARD_DELAY_TIMER, IFLA_BRPORT.HOLD_TIMER)
            ),
        ),
    ),
    Mask(
        "clock",
        "what is left of a bridge's groups, their sources, its routers",
        of(
            RTM.NEWMDB,
            (*LISTENER, mdb.MDBA_MDB_EATTR.TIMER),
            (*SOURCE, mdb.MDBA_MDB_SRCATTR.TIMER),
            (*ROUTER, mdb.MDBA_ROUTER_PATTR.TIMER),
            (*ROUTER, mdb.MDBA_ROUTER_PATTR.INET_TIMER),
            (*ROUTER, mdb.MDBA_ROUTER_PATTR.INET6_TIMER),
        ),
    ),
    Mask("clock", "how long ago a neighbour table was swept, ms", of(RTM.NEWNEIGHTBL, (NDTA.CONFIG,)), slice(8, 16)),
    Mask(
        "statistics",
        "entries of all namespaces, the size and the random key of the hash they are in",
        of(RTM.NEWNEIGHTBL, (NDTA.CONFIG,)),
        slice(4, 8),
    ),
    Mask("statistics", "the hash", of(RTM.NEWNEIGHTBL, (NDTA.CONFIG,)), slice(16, 24)),
    Mask("statistics", "look-ups and allocations, of all namespaces", of(RTM.NEWNEIGHTBL, (NDTA.STATS,))),
    Mask(
        "lot",
        "a reachable time, drawn anew every five minutes",
        of(RTM.NEWNEIGHTBL, (NDTA.PARMS, NDTPA.REACHABLE_TIME)),
    ),
)
MACS = {*of(RTM.NEWLINK, (IFLA.ADDRESS,)), *of(RTM.NEWNEIGH, (NDA.LLADDR,))}
BY_PLACE: dict[tuple[int, tuple[int, ...]], list[Mask]] = {}
for one in MASKS:
    for place in one.where:
        BY_PLACE.setdefault(place, []).append(one)
NESTS = {(family, place[:at]) for family, place in BY_PLACE for at in range(1, len(place))}
ENTRY_PATH = of(RTM.NEWMDB, LISTENER[:2])[0][1]
STRUCTS = {of(RTM.NEWMDB, LISTENER)[0]: mdb.br_mdb_entry.sizeof, of(RTM.NEWMDB, ROUTER)[0]: 4}
"""Bytes of a struct in front of the attributes of a nest."""


def attributes(
    data: memoryview, start: int, end: int, family: int, path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """(path, start, end) of the payloads of a run of a family's attributes and, where something is masked in them, of nests."""
    while end - start >= 4:
        size, type = (
            int.from_bytes(data[start : start + 2], "little"),
            int.from_bytes(data[start + 2 : start + 4], "little"),
        )
        if size < 4:
            return
        here, stop = (*path, type & 0x3FFF), min(start + size, end)
        yield here, start + 4, stop
        if (family, here) in NESTS:
            yield from attributes(data, start + 4 + STRUCTS.get((family, here), 0), stop, family, here)
        start += size + -size % 4


def messages(data: memoryview) -> Iterator[memoryview]:
    """The messages of a datagram; the last may be cut, where the reader had too little room."""
    while len(data) >= 16:
        size = int.from_bytes(data[:4], "little")
        yield data[:size]
        data = data[max(16, size + -size % 4) :]


def mask_message(data: memoryview, hit: Callable[[str], None]) -> Iterator[bytes]:
    """Put zeros where something is masked; the MAC addresses found."""
    family = int.from_bytes(data[4:6], "little") & ~3
    if family not in HEADERS:
        return
    for path, at, end in attributes(data, 16 + HEADERS[RTM(family)], len(data), family):
        for mask in BY_PLACE.get((family, path), ()):
            part = data[at:end][mask.part]
            part[:] = bytes(len(part))
            hit(mask.name)
        if (family, path) in MACS and end - at == 6:
            yield bytes(data[at:end])


def sort_listeners(data: memoryview, hit: Callable[[str], None]) -> None:
    """Sort the ports that a message of a bridge's groups names for each; the bridge itself stays first."""
    for path, start, end in list(attributes(data, 24, len(data), RTM.NEWMDB)):
        if path != ENTRY_PATH:
            continue
        infos = [bytes(data[at - 4 : stop]) for _, at, stop in attributes(data, start, end, 0)]
        ports = [one for one in infos if one[4:8] != data[20:24]]
        if ports != sorted(ports):
            data[end - sum(map(len, ports)) : end] = b"".join(sorted(ports))
            hit("order of ports")


def drawn_by_lot(addresses: Iterable[bytes]) -> dict[bytes, bytes]:
    """Names for MAC addresses that nobody chose: locally administered, for one device, not as scripts choose them."""
    lots = dict.fromkeys(one for one in addresses if one[0] & 3 == 2 and not one.startswith(FIXED))
    return {one: DRAWN + bytes([number]) for number, one in enumerate(lots, 1)}


def masked(transcript: Transcript) -> tuple[Transcript, list[str]]:
    """The transcript with what may differ put out of sight, and the names of the masks that did it."""
    hit: set[str] = set()
    addresses: list[bytes] = []
    datagrams = []
    for entry in transcript:
        copy = bytearray(entry.data)
        if entry.kind in ("got", "heard"):
            for message in messages(memoryview(copy)):
                addresses += mask_message(message, hit.add)
                if message[4] & ~3 == RTM.NEWMDB:
                    sort_listeners(message, hit.add)
        datagrams.append(bytes(copy))
    names = drawn_by_lot(addresses)
    if names:
        hit.add("MAC")
    found = []
    for entry, data in zip(transcript, datagrams, strict=True):
        if entry.kind in ("got", "heard"):
            for address, name in names.items():
                data = data.replace(address, name)
        found.append(Entry(entry.kind, data, entry.note))
    return list(sorted_neighbours(found, hit.add)), sorted(hit)


def sorted_neighbours(transcript: Transcript, hit: Callable[[str], None]) -> Iterator[Entry]:
    """The transcript with neighbours in order."""
    for neighbours, entries in groupby(transcript, lambda entry: entry.kind == "heard" and of_a_neighbour(entry.data)):
        alike = list(entries)
        if neighbours and len(alike) > 1:
            alike.sort()
            hit("order of neighbours")
        for entry in alike:
            parts = [bytes(one) + bytes(-len(one) % 4) for one in messages(memoryview(entry.data))]
            if entry.kind == "got" and any(of_a_neighbour(one) and is_group(one) for one in parts):
                parts = [one for one in parts if not is_group(one)]
                entry = entry._replace(data=b"".join(parts))
                hit("neighbours that are groups")
            count = sum(of_a_neighbour(one) for one in parts)
            if entry.kind == "got" and count > 1:
                entry = entry._replace(data=b"".join([*sorted(parts[:count]), *parts[count:]]))
                hit("order of neighbours")
            yield entry


def of_a_neighbour(data: bytes) -> bool:
    """Whether a message tells of one."""
    return data[4:6] in (NEWNEIGH, DELNEIGH)


def is_group(data: bytes) -> bool:
    """Whether a neighbour is a multicast group, to which a packet was sent."""
    of_ip = len(data) >= 28 and data[16] in (AF.INET, AF.INET6)
    return of_ip and (data[24], data[27]) == (NUD.NOARP, RTN.MULTICAST)
