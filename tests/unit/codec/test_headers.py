"""Headers: a message type that several families share is told apart by the header's first byte."""

from types import SimpleNamespace
from typing import Any

from nlwire.codec.headers import marked
from nlwire.uapi.rtnetlink import rtmsg


def shared(*firsts: int) -> Any:
    """A type of the family ``mine`` where the header's first byte is one of these."""
    mine = SimpleNamespace(name="mine")
    return SimpleNamespace(
        shared=True,
        family=mine,
        name="RTM_SHARED",
        of=lambda flags, header: SimpleNamespace(family=mine if header[0] in firsts else None),
    )


def test_the_first_byte_that_makes_it_the_familys_own() -> None:
    flags, header = marked(shared(9), 0, rtmsg())
    assert (flags, bytes(header)[0]) == (0, 9)
