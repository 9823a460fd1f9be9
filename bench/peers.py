"""The same work done with pyroute2 and scapy, as their users do it, and the programs that measure memory.

What is not installed is None, and its rows are left out. The kernel's own YNL library and netlinklib are in no registry that a
fresh clone could install them from, so they are not here.

Knows: pyroute2's messages, scapy's.
Never: nlwire's internals.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def found(name: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        return None


pyroute2 = found("pyroute2")
_MODULES = {
    "route": "pyroute2.netlink.rtnl.rtmsg",
    "link": "pyroute2.netlink.rtnl.ifinfmsg",
    "neighbour": "pyroute2.netlink.rtnl.ndmsg",
}


def message(family: str) -> Any:
    """pyroute2's class of a family's messages."""
    module = _MODULES[family]
    return getattr(import_module(module), module.rpartition(".")[2])


_FIELDS = {
    "family": 2,
    "dst_len": 32,
    "src_len": 0,
    "tos": 0,
    "table": 254,
    "proto": 3,
    "scope": 0,
    "type": 1,
    "flags": 0,
}
_ATTRS = [
    ("RTA_TABLE", 254),
    ("RTA_DST", "10.0.0.1"),
    ("RTA_PRIORITY", 100),
    ("RTA_GATEWAY", "192.0.2.1"),
    ("RTA_OIF", 2),
]


def lazy(messages: list[bytes], family: str = "route") -> None:
    """Decode; pyroute2 leaves attribute values for later."""
    make = message(family)
    for data in messages:
        make(data).decode()


def some(messages: list[bytes], names: tuple[str, ...], family: str = "route") -> None:
    """Decode and read some attributes."""
    make = message(family)
    for data in messages:
        one = make(data)
        one.decode()
        for name in names:
            one.get_attr(name)


def full(messages: list[bytes], family: str = "route") -> None:
    """Decode and read every attribute."""
    make = message(family)
    for data in messages:
        one = make(data)
        one.decode()
        for name, _ in one["attrs"]:
            one.get_attr(name)


def encode(count: int) -> None:
    """Build and encode ``count`` routes of five attributes."""
    rtmsg = message("route")
    for _ in range(count):
        one = rtmsg()
        for name, value in _FIELDS.items():
            one[name] = value
        one["header"]["type"] = 24
        one["attrs"] = _ATTRS
        one.encode()


def scapy_parser() -> Callable[[bytes], Any] | None:
    """scapy's reading of rtnetlink, where it is installed and knows it."""
    parser: Callable[[bytes], Any] | None = getattr(found("scapy.arch.linux.rtnetlink"), "rtmsghdrs", None)
    return parser


_MEMORY = """
from pathlib import Path
from bench import streams
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
messages = streams.uniform(100_000)
{imports}
before = peak()
{work}
print((peak() - before) / 100_000)
"""

MEMORY_OURS = _MEMORY.format(
    imports="import nlwire; data = b''.join(messages); nlwire.decode(data[:68])",
    work="kept = nlwire.decode(data); [message.items for message in kept]",
)
"""Peak growth in kB a route when 100,000 are decoded, every item laid out."""

MEMORY_PYROUTE2 = _MEMORY.format(
    imports="from pyroute2.netlink.rtnl.rtmsg import rtmsg; rtmsg(messages[0]).decode()",
    work="""
kept = []
for data in messages:
    message = rtmsg(data)
    message.decode()
    for name, _ in message["attrs"]:
        message.get_attr(name)
    kept.append(message)
""",
)
