"""The same work done with pyroute2 0.9.7, as its users do it, and the programs that measure memory.

Knows: pyroute2's rtmsg.
Never: nlwire's internals.
"""

from pyroute2.netlink.rtnl.rtmsg import rtmsg

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


def lazy(messages: list[bytes]) -> None:
    """Decode; pyroute2 leaves attribute values for later."""
    for data in messages:
        rtmsg(data).decode()


def three(messages: list[bytes]) -> None:
    """Decode and read three attributes."""
    for data in messages:
        message = rtmsg(data)
        message.decode()
        message.get_attr("RTA_DST")
        message.get_attr("RTA_OIF")
        message.get_attr("RTA_PRIORITY")


def full(messages: list[bytes]) -> None:
    """Decode and read every attribute."""
    for data in messages:
        message = rtmsg(data)
        message.decode()
        for name, _ in message["attrs"]:
            message.get_attr(name)


def encode(count: int) -> None:
    """Build and encode ``count`` routes of five attributes."""
    for _ in range(count):
        message = rtmsg()
        for name, value in _FIELDS.items():
            message[name] = value
        message["header"]["type"] = 24
        message["attrs"] = _ATTRS
        message.encode()


_MEMORY = """
import resource
from bench import streams
messages = streams.uniform(100_000)
{imports}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{work}
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 100_000)
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
