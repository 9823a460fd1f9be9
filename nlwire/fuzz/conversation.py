"""Faults of a whole conversation: the right bytes at the wrong time, from the wrong sender, too often, never.

    turn(Plot("foreign", at=2, chance=7), datagram, earlier) -> what the program receives instead

A plot names one fault and the datagram it befalls; the same plot does the same again.

Knows: sequence numbers, portids, senders, parts of a dump, how an errno is told.
Never: what the messages are about, what the program is.
"""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from random import Random
from struct import Struct
from typing import NamedTuple

from nlwire.codec.frames import frames
from nlwire.endpoint.base import Datagram
from nlwire.errors import WireError
from nlwire.fuzz.anatomy import Anatomy
from nlwire.fuzz.faults import FAULTS, Make, Verdict, break_at
from nlwire.fuzz.havoc import BYTES, damaged
from nlwire.fuzz.mutator import broken
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NLM_F, NLMSG

Given = list[Datagram | OSError]
"""What the program receives in the place of one datagram, in order; an OSError is what recv() fails with."""
Turn = Callable[[Random, Datagram, Sequence[Datagram]], Given]

Content = Callable[[Random, bytes, int], bytes]
"""Makes other bytes of a datagram's; the last argument is its protocol."""

HEADER = Struct("=IHHII")
PLACES = (1, 8, 64)
"""At how many places of a message the same fault may be."""
MOST = 0.8
"""The share of messages that are mistaken when many are."""
NOBODY = bytes(8)
"""Sequence number and port of what answers nobody."""
STRANGER = 4242
"""The portid of somebody who is not the kernel."""

TURNS: dict[str, Turn] = {}
"""The faults by name."""


class Plot(NamedTuple):
    """``fault`` (a name of TURNS, or one of content's) befalls datagram ``at``; ``chance`` seeds what is random about it."""

    fault: str
    at: int
    chance: int = 0


def fault(turn: Turn) -> Turn:
    """Enter a fault under its function's name."""
    TURNS[turn.__name__] = turn
    return turn


def turn(plot: Plot, datagram: Datagram, earlier: Sequence[Datagram], protocol: int = 0) -> Given:
    """What the program receives instead of a datagram. ``earlier`` are those it has received, the latest last."""
    if plot.fault in CONTENT:
        return [datagram._replace(data=changed(plot, datagram.data, protocol))]
    return TURNS[plot.fault](Random(plot.chance), datagram, earlier)


def changed(plot: Plot, data: bytes, protocol: int) -> bytes:
    """What a plot of content's makes of a datagram's bytes. From run to run the same comes again, but for whom it answers."""
    frames = whole_frames(data)
    if len({data[start + 8 : start + 16] for start, _, _ in frames}) != 1:
        return CONTENT[plot.fault](Random(plot.chance), data, protocol)
    shape = bytearray(data)
    for start, _, _ in frames:
        shape[start + 8 : start + 16] = NOBODY
    return addressed(changed_before(plot, bytes(shape), protocol), NOBODY, data[8:16])


@lru_cache(maxsize=1024)
def changed_before(plot: Plot, data: bytes, protocol: int) -> bytes:
    """The same for a datagram that may come again."""
    return CONTENT[plot.fault](Random(plot.chance), data, protocol)


def addressed(data: bytes, before: bytes, now: bytes) -> bytes:
    """Messages that answer another request: sequence number and port, where they are those ``before``, are those of ``now``."""
    made = bytearray(data)
    for start in (0, *(following for _, _, following in whole_frames(data))):
        for at, old, new in ((start + 8, before[:4], now[:4]), (start + 12, before[4:], now[4:])):
            if made[at : at + 4] == old and len(new) == 4:
                made[at : at + 4] = new
    return bytes(made)


# --- what is in a datagram -------------------------------------------------------------------------------------------


def mistaken(random: Random, data: bytes, protocol: int) -> bytes:
    """One known fault at one place."""
    mutant = broken(random, taken_apart(data, protocol))
    return data if mutant is None else mutant.data


def mistakes(random: Random, data: bytes, protocol: int) -> bytes:
    """A fault of its own in most messages; what ends the framing only in the last."""

    def mistake(message: bytes, last: bool) -> bytes:
        mutant = broken(random, taken_apart(message, protocol)) if random.random() < MOST else None
        return message if mutant is None or (mutant.verdict is Verdict.REFUSED and not last) else mutant.data

    return each_message(data, mistake)


def everywhere(make: Make) -> Content:
    """One fault, at a few places of every message; what ends the framing only in one."""

    def content(random: Random, data: bytes, protocol: int) -> bytes:
        chosen = random.randrange(max(1, len(whole_frames(data))))
        seen = 0

        def mistake(message: bytes, last: bool) -> bytes:
            nonlocal seen
            seen += 1
            changed, verdict = spread(make, random, taken_apart(message, protocol))
            return message if verdict is Verdict.REFUSED and seen - 1 != chosen else changed

        return each_message(data, mistake)

    return content


def spread(make: Make, random: Random, anatomy: Anatomy) -> tuple[bytes, Verdict | None]:
    """A fault at some of the places where it can be, from the last to the first, none inside another."""
    sites = [site for site in anatomy.sites if make in FAULTS[site.what]]
    chosen = random.sample(sites, min(len(sites), random.choice(PLACES)))
    before, verdict = len(anatomy.data) + 1, None
    for site in sorted(chosen, key=lambda one: -one.offset):
        mutant = break_at(anatomy, site, make, random) if site.stop <= before else None
        if mutant is not None:
            anatomy, before, verdict = anatomy.changed(mutant.data), site.offset, mutant.verdict
    return anatomy.data, verdict


@lru_cache(maxsize=256)
def taken_apart(data: bytes, protocol: int) -> Anatomy:
    """The anatomy of a message, or of a datagram, that may come again."""
    return Anatomy(data, protocol)


def each_message(data: bytes, change: Callable[[bytes, bool], bytes]) -> bytes:
    """A datagram in which every message is what ``change`` makes of it; it is told which is the last."""
    made = b""
    for start, stop, following in whole_frames(data):
        last = following == len(data)
        message = change(data[start:stop], last)
        made += message + bytes(0 if last else -len(message) % 4)
    return made or data


def blindly_damaged(random: Random, data: bytes, protocol: int) -> bytes:
    """Bytes changed at random: what a fuzzer without any idea would do."""
    return damaged(random, data, data, BYTES)


CONTENT: dict[str, Content] = {
    **{make.__name__: everywhere(make) for makes in FAULTS.values() for make in makes},
    "mistaken": mistaken,
    "mistakes": mistakes,
    "blindly_damaged": blindly_damaged,
}


# --- who says it, and when -------------------------------------------------------------------------------------------


@fault
def foreign(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """The same or a broken datagram from another program first (§5.1): the kernel's own has nl_pid 0."""
    data = datagram.data if random.random() < 0.7 else mistaken(random, datagram.data, 0)
    pid = random.choice((STRANGER, 1, 0xFFFFFFFF))
    return [datagram._replace(data=data, address=(pid, datagram.address[1])), datagram]


@fault
def twice(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """A datagram two times, or very often."""
    return [datagram] * random.choice((2, 2, 3, 50))


@fault
def never(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """A datagram that is lost; a dump may never end."""
    return []


@fault
def stale(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """What was said before, once more, and then the answer."""
    return [random.choice(earlier), datagram] if earlier else [datagram, datagram]


@fault
def to_another_request(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """An answer with another sequence number, in the place of the right one or before it."""
    wrong = readdressed(datagram, seq=random.choice((0, 1, 0xFFFFFFFF, random.randrange(1 << 32))))
    return [wrong, datagram] if random.random() < 0.5 else [wrong]


@fault
def to_another_port(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """An answer meant for another socket."""
    wrong = readdressed(datagram, pid=random.choice((0, 1, 0xFFFFFFFF)))
    return [wrong, datagram] if random.random() < 0.5 else [wrong]


@fault
def overrun(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """ENOBUFS, with or without loss."""
    lost = OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
    return [lost, datagram] if random.random() < 0.5 else [lost]


@fault
def interrupted_call(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """EINTR or EAGAIN before the answer."""
    number = random.choice((errno.EINTR, errno.EAGAIN))
    return [OSError(number, os.strerror(number)), datagram]


@fault
def cut(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """A datagram that ends too soon."""
    return [datagram._replace(data=datagram.data[: random.randrange(len(datagram.data) + 1)])]


# --- parts and ends --------------------------------------------------------------------------------------------------


@fault
def interrupted_dump(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """NLM_F_DUMP_INTR on every part, or on one message."""
    return [reflagged(datagram, int(NLM_F.DUMP_INTR), random)]


@fault
def other_flags(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """NLM_F_MULTI where it was not, or not where it was: an end that never comes, or comes too soon."""
    return [reflagged(datagram, int(NLM_F.MULTI), random)]


@fault
def resplit(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """Every message in a datagram of its own."""
    pieces = [datagram.data[start:following] for start, _, following in whole_frames(datagram.data)]
    return [datagram._replace(data=one) for one in pieces] or [datagram]


@fault
def refusal(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """An NLMSG_ERROR instead: no body, half of one, errno of any kind, extended acknowledgement that is none (§5.8)."""
    body = random.choice(
        (
            b"",
            b"\0\0",
            number(-errno.EPERM),
            number(-errno.EINVAL) + datagram.data[:16],
            number(0) + datagram.data[:16],
            number(1 << 30) + datagram.data[:16],
            number(-errno.EINVAL) + (0xFFFFFFF0).to_bytes(4, HOST) + datagram.data[4:16] + b"\xff\xff\1\0",
            number(-errno.EINVAL) + (16).to_bytes(4, HOST) + datagram.data[4:16] + b"\x0c\0\1\0no NUL" + b"A" * 9,
            number(-errno.EINVAL) + (16).to_bytes(4, HOST) + datagram.data[4:16] + b"\2\0\1\0",
        )
    )
    flags = random.choice((0, int(NLM_F.ACK_TLVS), int(NLM_F.ACK_TLVS | NLM_F.CAPPED)))
    return [reply_like(datagram, int(NLMSG.ERROR), flags, body)]


@fault
def early_end(random: Random, datagram: Datagram, earlier: Sequence[Datagram]) -> Given:
    """An NLMSG_DONE, NOOP or OVERRUN first: empty, short, with an errno, with attributes."""
    body = random.choice((b"", b"\0", number(0), number(-errno.EBUSY), number(0) + b"\1\0\1\0", b"A" * 64))
    kind = random.choice((NLMSG.DONE, NLMSG.DONE, NLMSG.NOOP, NLMSG.OVERRUN))
    end = reply_like(datagram, int(kind), int(NLM_F.MULTI), body)
    return [end] if random.random() < 0.5 else [end, datagram]


# --- words for it ----------------------------------------------------------------------------------------------------


def number(value: int) -> bytes:
    """An s32."""
    return value.to_bytes(4, HOST, signed=True)


def whole_frames(data: bytes) -> list[tuple[int, int, int]]:
    """(start, stop, next) of the messages, as far as they can be told."""
    found: list[tuple[int, int, int]] = []
    with suppress(WireError):
        found.extend(frames(data, HOST))
    return found


def reheaded(datagram: Datagram, change: Callable[[list[int]], list[int]]) -> Datagram:
    """A datagram in which each nlmsghdr (length, type, flags, seq, pid) is what ``change`` makes of it."""
    data = bytearray(datagram.data)
    for start, _, _ in whole_frames(datagram.data):
        HEADER.pack_into(data, start, *change(list(HEADER.unpack_from(data, start))))
    return datagram._replace(data=bytes(data))


def readdressed(datagram: Datagram, *, seq: int | None = None, pid: int | None = None) -> Datagram:
    """Other sequence numbers or portids in every message."""
    return reheaded(datagram, lambda one: [*one[:3], one[3] if seq is None else seq, one[4] if pid is None else pid])


def reflagged(datagram: Datagram, bit: int, random: Random) -> Datagram:
    """A flag bit turned in every message, or in one of four."""
    share = random.choice((1.0, 0.25))
    return reheaded(datagram, lambda one: [*one[:2], one[2] ^ (bit if random.random() < share else 0), *one[3:]])


def reply_like(datagram: Datagram, kind: int, flags: int, body: bytes) -> Datagram:
    """Another message to the same request."""
    padded = datagram.data.ljust(HEADER.size, b"\0")
    _, _, _, seq, pid = HEADER.unpack_from(padded)
    return datagram._replace(data=HEADER.pack(HEADER.size + len(body), kind, flags, seq, pid) + body)
