"""Changing bytes so that nothing else breaks: what is put in or taken out is counted by every length around it.

Knows: alignment, lengths that wrap as they do in C.
Never: which change is worth making.
"""

from nlwire.fuzz.anatomy import Anatomy, Length, Site, read_length, write_length
from nlwire.schema.attrs import NLA_HDRLEN
from nlwire.schema.layout import HOST

NLA_LEN_MAX = 0xFFFF


def splice(data: bytes, start: int, stop: int, new: bytes, outer: tuple[Length, ...]) -> bytes:
    """``data`` with ``new`` in the place of ``start`` to ``stop``; the lengths around it count the difference."""
    changed = bytearray(data)
    changed[start:stop] = new
    for length in outer:
        write_length(changed, length, read_length(data, length) + len(new) - (stop - start))
    return bytes(changed)


def with_payload(anatomy: Anatomy, site: Site, payload: bytes) -> bytes:
    """An attribute with another payload, its own length included."""
    own = nlattr_bytes(int.from_bytes(anatomy.data[site.offset + 2 : site.offset + 4], HOST), payload)
    return splice(anatomy.data, site.offset, site.next, own, site.outer)


def nlattr_bytes(nla_type: int, payload: bytes) -> bytes:
    """An attribute: header, payload, padding. A length beyond 16 bits wraps."""
    size = (NLA_HDRLEN + len(payload)) & NLA_LEN_MAX
    return size.to_bytes(2, HOST) + nla_type.to_bytes(2, HOST) + payload + bytes(-len(payload) % 4)


def with_type(data: bytes, site: Site, nla_type: int) -> bytes:
    """An attribute with another nla_type, flag bits included."""
    return overwrite(data, site.offset + 2, (nla_type & 0xFFFF).to_bytes(2, HOST))


def overwrite(data: bytes, at: int, new: bytes) -> bytes:
    """``data`` with other bytes at a place; no length changes."""
    return data[:at] + new + data[at + len(new) :]


def nla_type_at(data: bytes, site: Site) -> int:
    """nla_type as it stands there."""
    return int.from_bytes(data[site.offset + 2 : site.offset + 4], HOST)
