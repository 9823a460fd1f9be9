"""What nlwire adds to a pcapng file: a custom option with the addresses of a datagram, custom blocks for socket events.

    opt_custom 2989                                Custom Block 0x00000BAD
    +-----+--------+--------+-------+-------+      +-----+--------+--------+------------+
    | PEN | "NLW1" | portid | group | errno |      | PEN | "NLW1" | length | JSON, UTF-8|
    0     4        8        12      16     20      0     4        8        12

The PEN is in the byte order of the section, as pcapng has it; the rest always in network byte order, so that programs which
rewrite a file in the other order, not knowing what this is, do it no harm.

No private enterprise number is assigned to nlwire. 32473 is the one that RFC 5612 sets apart for examples; anybody may use it,
so "NLW1" says that the data is ours. The JSON is {"time": ns, "event": kind, "protocol": n, "portid": n, "details": {...}}.

Knows: these two layouts.
Never: blocks and options around them.
"""

import json
from struct import Struct

from nlwire.capture.entry import Event
from nlwire.errors import BuildError

PEN = 32473
MAGIC = b"NLW1"
_ADDRESSES = Struct(">4sIIi")
_LENGTH = Struct(">4sI")


def pack_addresses(portid: int, group: int, errno: int) -> bytes:
    """The custom option's data after the PEN."""
    return _ADDRESSES.pack(MAGIC, portid, group, errno)


def unpack_addresses(data: bytes) -> tuple[int, int, int] | None:
    """(portid, group, errno), or None where the data is somebody else's."""
    if len(data) < _ADDRESSES.size or data[:4] != MAGIC:
        return None
    _magic, portid, group, errno = _ADDRESSES.unpack_from(data)
    return portid, group, errno


def pack_event(event: Event) -> bytes:
    """The custom block's data after the PEN. Raises BuildError for details that JSON cannot say."""
    said = {"time": event.time, "event": event.kind, "protocol": event.protocol, "portid": event.portid}
    try:
        text = json.dumps({**said, "details": dict(event.details)}, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BuildError(f"details of an event: {error}", path=(event.kind,), value=event.details) from None
    return _LENGTH.pack(MAGIC, len(text)) + text


def unpack_event(data: bytes) -> Event | None:
    """The event, or None where the data is somebody else's or makes no sense."""
    if len(data) < _LENGTH.size or data[:4] != MAGIC:
        return None
    length = _LENGTH.unpack_from(data)[1]
    text = data[_LENGTH.size : _LENGTH.size + length]
    try:
        said = json.loads(text) if len(text) == length else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    numbers = [said.get(key) for key in ("time", "protocol", "portid")]
    kind, details = said.get("event"), said.get("details")
    if not all(type(one) is int for one in numbers) or not isinstance(kind, str) or not isinstance(details, dict):
        return None
    time, protocol, portid = numbers
    return Event(time, kind, protocol, portid, details)  # type: ignore[arg-type]
