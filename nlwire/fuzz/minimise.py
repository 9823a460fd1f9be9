"""The least input that still fails the same way: bytes put back as they were, attributes left out, payloads emptied.

Knows: what can be taken away from a datagram without breaking anything else.
Never: why it fails.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from nlwire.codec.frames import frames
from nlwire.errors import WireError
from nlwire.fuzz.anatomy import Anatomy, Length, What
from nlwire.fuzz.edit import splice, with_payload
from nlwire.fuzz.mutator import Case
from nlwire.schema.layout import HOST

Fails = Callable[[Case], bool]
"""Whether an input fails as the one that is to be made smaller does."""


class Tries:
    """How many inputs may still be tried, and until when by the monotonic clock."""

    def __init__(self, fails: Fails, left: int, until: float) -> None:
        self.fails = fails
        self.left = left
        self.until = until

    def __call__(self, case: Case) -> bool:
        """Whether this one fails too; False when no tries are left."""
        if time.monotonic() >= self.until:
            self.left = 0
        if self.left <= 0:
            return False
        self.left -= 1
        return self.fails(case)


def minimise(case: Case, fails: Fails, tries: int = 2000, seconds: float = 15.0) -> Case:
    """The smallest input found within ``tries`` and ``seconds`` that fails the same way, as like ``case.origin`` as can be."""
    attempt = Tries(fails, tries, time.monotonic() + seconds)
    before = None
    while before != case.data and attempt.left > 0:
        before = case.data
        case = put_back_messages(case, attempt)
        case = put_back(case, attempt)
        case = leave_out(case, attempt)
    return put_back(case, attempt)


def put_back_messages(case: Case, attempt: Tries) -> Case:
    """Whole messages as they were, where there are as many as before."""
    sound, broken = messages_in(case.origin), messages_in(case.data)
    if len(sound) != len(broken):
        return case
    for at, one in enumerate(sound):
        if broken[at] != one:
            whole = case._replace(data=b"".join([*broken[:at], one, *broken[at + 1 :]]))
            if attempt(whole):
                case, broken[at] = whole, one
    return case


def messages_in(data: bytes) -> list[bytes]:
    """The messages of a datagram with their padding, and what follows them."""
    pieces, end = [], 0
    with suppress(WireError):
        for start, _, end in frames(data, HOST):
            pieces.append(data[start:end])
    return [*pieces, data[end:]]


def put_back(case: Case, attempt: Tries) -> Case:
    """Changed bytes as they were, half of them at a time, then a quarter, …"""
    if len(case.data) != len(case.origin):
        return case
    changed = [at for at, byte in enumerate(case.data) if byte != case.origin[at]]
    size = len(changed)
    while size:
        for start in range(0, len(changed), size):
            data = bytearray(case.data)
            for at in changed[start : start + size]:
                data[at] = case.origin[at]
            shorter = case._replace(data=bytes(data))
            if shorter.data != case.data and attempt(shorter):
                case = shorter
        changed = [at for at in changed if case.data[at] != case.origin[at]]
        size = min(size // 2, len(changed))
    return case


def leave_out(case: Case, attempt: Tries) -> Case:
    """Each attribute left out, or emptied, or without the second half of its payload; the origin follows where it can."""
    at = 0
    while attempt.left > 0:
        options = list(smaller(case, at))
        if not options:
            return case
        found = next((one for one in options if attempt(one)), None)
        if found is None:
            at += 1
        else:
            case = found
    return case


def smaller(case: Case, number: int) -> Iterator[Case]:
    """Ways to make a datagram smaller at its place ``number``, counted from the end; none when there is no such place."""
    anatomy = Anatomy(case.data, case.protocol)
    places = [one for one in anatomy.sites if one.what is not What.FIELD]
    if number >= len(places):
        return
    site = places[-1 - number]
    if site.what is What.MESSAGE:
        yield spliced(case, site.offset, site.next, b"", ())
        for size in dict.fromkeys((site.size // 2 & ~3, max(0, site.size - 4))):
            if size < site.size:
                yield spliced(case, site.payload + size, site.next, b"", (Length(site.offset, 4),))
        return
    yield spliced(case, site.offset, site.next, b"", site.outer)
    payload = case.data[site.payload : site.stop]
    for shorter in (b"", payload[: len(payload) // 2]):
        if shorter != payload:
            new = shorter + bytes(-len(shorter) % 4)
            lengths = site.outer if site.own is None else (site.own, *site.outer)
            cut = spliced(case, site.payload, site.next, new, lengths)
            yield cut._replace(data=with_payload(anatomy, site, shorter))
    if payload.strip(b"\0"):
        yield spliced(case, site.payload, site.stop, bytes(len(payload)), ())


def spliced(case: Case, start: int, stop: int, new: bytes, outer: tuple[Length, ...]) -> Case:
    """The same bytes taken out of both the input and its origin, as long as something else tells them apart."""
    data = splice(case.data, start, stop, new, outer)
    if len(case.origin) != len(case.data):
        return case._replace(data=data)
    origin = splice(case.origin, start, stop, new, outer)
    return case._replace(data=data, origin=case.origin if origin == data else origin)
