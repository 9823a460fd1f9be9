"""What two kernels said to one datagram, and where they part: errno, words, offset, policy, what is missing, then which messages.

Knows: acknowledgements, the declarations that give an offset its name.
Never: which of the two is right; here the real one is called Linux.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nlwire.codec.frames import frames
from nlwire.errors import WireError, format_path, os_error_name
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.wire.extack import parse_ack
from nlwire.wire.resolve import netlink_error

TYPE = slice(4, 6)
NOTHING = "nothing"
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
        if left == right:
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
    one, other = list(said(request, linux)), list(said(request, mock))
    for at in range(max(len(one), len(other))):
        left = one[at] if at < len(one) else Said(NOTHING)
        right = other[at] if at < len(other) else Said(NOTHING)
        if left != right:
            return Difference(asked_by(request, left, right), left, right)
    return None


def said(request: bytes, answers: Sequence[bytes]) -> Iterator[Said]:
    """Everything that was said; messages of one type in a row count as one."""
    before = None
    for answer in answers:
        if answer[:1] == b"!":
            yield Said(answer[1:].decode(), details="(the call)")
            continue
        for message in messages_in(answer):
            number = int.from_bytes(message[TYPE], HOST)
            if number in (NLMSG.ERROR, NLMSG.DONE):
                yield verdict(request, message)
            elif number != before:
                yield Said(type_name(number))
            before = number


def messages_in(datagram: bytes) -> Iterator[bytes]:
    """Its messages; what cannot be framed as it is."""
    end = 0
    try:
        for start, stop, end in frames(datagram, HOST):
            yield datagram[start:stop]
    except WireError:
        yield datagram[end:]


def type_name(number: int) -> str:
    """RTM_NEWLINK."""
    return FAMILIES.find(NETLINK.ROUTE, number).name


def asked_by(request: bytes, *answers: Said) -> str:
    """The type of the message that the first acknowledgement among ``answers`` quotes, else of the first in the request."""
    quoted = next((one.data[24:26] for one in answers if one.data[TYPE] == b"\2\0" and len(one.data) >= 26), request[TYPE])
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
    error = netlink_error(ack, family.header, family.attrs, request[at : at + size])
    words = os_error_name(ack.errno) if ack.errno else kind
    details = [f"offset {ack.offset}"] if ack.offset is not None else []
    details += [f"policy {ack.policy}"] if ack.policy else []
    details += [f"missing {error.missing}"] if error.missing else []
    details += [f"flags {int.from_bytes(message[6:8], HOST):#x}"]
    place = format_path(error.path) or (error.missing or "")
    return Said(f"{words} {ack.message!r}" if ack.message else words, place, ", ".join(details), message)
