"""The words scenarios are written in: chapters of cases, cases of steps.

A step is text, one command a line, or an ``Ask``, a request built by hand, or a ``Do``, something no command does.
A line of text is a command, with at most one mark before it, as in a makefile:

    ip route add 192.0.2.0/24 dev v0     recorded; a refusal is reported: this kernel lacks something
    - ip route add 192.0.2.0/24 dev v0   recorded; a refusal is what the case is about
    @ ip link set v0 up                  not recorded (but what it makes the kernel announce later may be)
    peer ip link set v1 up               in the second namespace, not recorded
    sysctl net/ipv4/ip_forward=1         a write below /proc/sys, not recorded
    # a remark

Knows: nothing but its own words.
Never: how a step is carried out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tools.capture.netlink import NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK

STRICT = (NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK)
LIBERAL = (NETLINK_EXT_ACK,)


@dataclass(frozen=True)
class Ask:
    """A request built by hand: what it is for, its bytes, the socket's options and the protocol."""

    why: str
    request: bytes
    options: tuple[int, ...] = STRICT
    protocol: int = 0


@dataclass(frozen=True)
class Said:
    """A datagram that a ``Do`` sent or received itself."""

    direction: str
    why: str
    datagram: bytes
    protocol: int = 0


@dataclass(frozen=True)
class Do:
    """Something no command does; the function gets the stage and may return requests to ask or what was said."""

    why: str
    action: Callable[[Any], Sequence[Ask | Said] | None]


Step = str | Ask | Do


def each(script: str, *after: str) -> str:
    """A script with more lines after every one of its own: what shows its work and what undoes it."""
    return "\n".join("\n".join((line, *after)) for line in commands(script))


def commands(script: str) -> Iterator[str]:
    """The lines of a script without remarks and indentation; a backslash joins a line to the next."""
    for line in script.replace("\\\n", " ").splitlines():
        words = " ".join(line.split())
        if words and not words.startswith("#"):
            yield words


class Case:
    """One fixture file: its name, what it is about, its steps."""

    def __init__(self, name: str, about: str, *steps: Step) -> None:
        self.name = name
        self.about = about
        self.steps = steps


@dataclass(frozen=True)
class Chapter:
    """The cases of one family, played in one fresh namespace after ``setup``, of which nothing is recorded.

    ``hears`` is the protocol whose multicast groups are listened to.
    """

    family: str
    setup: str
    cases: tuple[Case, ...]
    hears: int = 0
