"""What two kernels said to one datagram, and where they part: errno, words, offset, policy, what is missing, then which messages.

Knows: acknowledgements, the declarations that give an offset its name.
Never: which of the two is right; here the real one is called Linux.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from nlwire.codec.text import explain
from nlwire.errors import WireError, format_path, os_error_name
from nlwire.fuzz.linux.masks import Entry, masked
from nlwire.fuzz.minimise import messages_in
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire.extack import parse_ack
from nlwire.wire.resolve import netlink_error

TYPE = slice(4, 6)
NOTHING = "nothing"
ACKS = (bytes([NLMSG.ERROR, 0]), bytes([NLMSG.DONE, 0]))
NUMBER = re.compile(r"/\d+(?=/)")
"""The place of a record among others."""


class Said(NamedTuple):
    """One thing a kernel said: in words, at which place of the request, by which bytes."""

    words: str
    place: str = ""
    details: str = ""
    data: bytes = b""

    @property
    def refused(self) -> bool:
        """Whether it is an error."""
        return self.words[:1] == "E"

    def __str__(self) -> str:
        at = f" ({self.place})" if self.place else ""
        return f"{self.words}{at}{' ' if self.details else ''}{self.details}"


class Difference(NamedTuple):
    """Where two kernels part about a request. ``asked`` is the type of its message."""

    asked: str
    linux: Said
    mock: Said

    @property
    def place(self) -> str:
        """The attribute that either blames."""
        return self.linux.place or self.mock.place

    def signature(self, site: str) -> str:
        """What makes two differences the same one; ``site`` is where the request was broken, if neither says why or where."""
        linux, mock = self.linux, self.mock
        left, right = linux.words, mock.words
        if left == right:
            left, right = f"{left} ({linux.place})", f"{right} ({mock.place})"
        if left == right and linux.data[TYPE] in ACKS:
            left, right = f"{left} {linux.details}", f"{right} {mock.details}"
        if left == right:
            left, right = f"{left} in {len(linux.data)} bytes", f"{right} in {len(mock.data)} bytes"
        place = NUMBER.sub("", self.place) or ("" if "'" in left + right else site)
        return f"{self.asked}{' ' if place else ''}{place}: Linux {left}, mock {right}"

    @property
    def goes_on(self) -> bool:
        """Whether both refused, so that what they hold is still the same."""
        return self.linux.refused and self.mock.refused


def difference(request: bytes, linux: Sequence[bytes], mock: Sequence[bytes]) -> Difference | None:
    """How what they said differs; None where it does not."""
    if linux == mock:
        return None
    one, other = (in_order(said(request, without_what_may_differ(answers))) for answers in (linux, mock))
    for at in range(max(len(one), len(other))):
        left = one[at] if at < len(one) else Said(NOTHING)
        right = other[at] if at < len(other) else Said(NOTHING)
        if left != right:
            return Difference(asked_by(request, left, right), *pointed(left, right))
    return None


def without_what_may_differ(answers: Sequence[bytes]) -> list[bytes]:
    """The datagrams under the masks."""
    return [entry.data for entry in masked([Entry("got", one) for one in answers])[0]]


def in_order(everything: Iterable[Said]) -> list[Said]:
    """IPv6's multicast routes by their bytes: theirs is the order in which the carriers of their devices were noticed."""
    found: list[Said] = []
    for multicast, run in groupby(everything, lambda one: is_multicast(one.data)):
        alike = list(run)
        found += sorted(alike, key=lambda one: one.data) if multicast else alike
    return found


def is_multicast(message: bytes) -> bool:
    """Whether it is an RTM_NEWROUTE with rtm_family AF_INET6 and rtm_type RTN_MULTICAST."""
    return message[TYPE] == bytes([RTM.NEWROUTE, 0]) and message[16:17] == b"\x0a" and message[23:24] == b"\5"


def pointed(linux: Said, mock: Said) -> tuple[Said, Said]:
    """Two messages of one type with what first differs in them for a place."""
    if linux.words != mock.words or linux.data[TYPE] in ACKS:
        return linux, mock
    for one, other in zip_longest(lines(linux.data), lines(mock.data), fillvalue=("", NOTHING)):
        if one != other:
            return linux._replace(place=one[0], details=one[1]), mock._replace(place=other[0], details=other[1])
    return linux, mock


def lines(message: bytes) -> list[tuple[str, str]]:
    """Names and values, in wire order."""
    return [(line.name, line.value or line.data.hex()) for line in explain(message) if line.data]


def said(request: bytes, answers: Sequence[bytes]) -> Iterator[Said]:
    """Everything that was said."""
    for answer in answers:
        if answer[:1] == b"!":
            yield Said(answer[1:].decode(), details="(the call)")
            continue
        for message in filter(None, messages_in(answer)):
            number = int.from_bytes(message[TYPE], HOST)
            if number in (NLMSG.ERROR, NLMSG.DONE):
                yield verdict(request, message)
            else:
                yield Said(type_name(number), data=message)


def type_name(number: int) -> str:
    """RTM_NEWLINK."""
    return FAMILIES.find(NETLINK.ROUTE, number).name


def asked_by(request: bytes, *answers: Said) -> str:
    """The type of the message that the first acknowledgement among ``answers`` quotes, else of the first in the request."""
    quoted = next(
        (one.data[24:26] for one in answers if one.data[TYPE] == b"\2\0" and len(one.data) >= 26), request[TYPE]
    )
    return type_name(int.from_bytes(quoted, HOST))


def verdict(request: bytes, message: bytes) -> Said:
    """An NLMSG_ERROR or NLMSG_DONE in words."""
    try:
        ack = parse_ack(message)
    except WireError as error:
        return Said("broken", details=error.reason, data=message)
    kind = "end" if message[4] == NLMSG.DONE else "ack"
    number = int.from_bytes(ack.request[TYPE] or request[TYPE], HOST)
    at = max(0, request.find(ack.request[:16])) if ack.request else 0
    size = int.from_bytes(request[at : at + 4], HOST)
    family = FAMILIES.find(NETLINK.ROUTE, number).family
    refusal = netlink_error(ack, family.header, family.attrs, request[at : at + size])
    words = os_error_name(ack.errno) if ack.errno else kind
    details = [f"offset {ack.offset}"] if ack.offset is not None else []
    details += [f"policy {ack.policy}"] if ack.policy else []
    details += [f"missing {refusal.missing}"] if refusal.missing else []
    details += [f"flags {int.from_bytes(message[6:8], HOST):#x}"]
    place = format_path(refusal.path) or (refusal.missing or "")
    return Said(f"{words} {ack.message!r}" if ack.message else words, place, ", ".join(details), message)
