"""nla_get_u32() and its like (include/net/netlink.h, lib/nlattr.c): the plain value of an attribute that a policy has let pass.

Knows: integers and texts at the front of a payload.
Never: what they mean.
"""

from struct import Struct
from typing import Any

from nlwire.wire import nla_data, nlattr_ptr

_U8, _U16, _U32, _S32 = Struct("=B"), Struct("=H"), Struct("=I"), Struct("=i")


def nla_get_u8(nla: nlattr_ptr[Any]) -> int:
    """The first byte."""
    value: int = _U8.unpack_from(nla.memory, nla.offset + 4)[0]
    return value


def nla_get_u16(nla: nlattr_ptr[Any]) -> int:
    """The first two bytes, in the host's order."""
    value: int = _U16.unpack_from(nla.memory, nla.offset + 4)[0]
    return value


def nla_get_be16(nla: nlattr_ptr[Any]) -> int:
    """The first two bytes, in the network's order."""
    return int.from_bytes(nla.memory[nla.offset + 4 : nla.offset + 6], "big")


def nla_get_u32(nla: nlattr_ptr[Any]) -> int:
    """The first four bytes."""
    value: int = _U32.unpack_from(nla.memory, nla.offset + 4)[0]
    return value


def nla_get_s32(nla: nlattr_ptr[Any]) -> int:
    """The first four bytes, signed."""
    value: int = _S32.unpack_from(nla.memory, nla.offset + 4)[0]
    return value


def nla_bytes(nla: nlattr_ptr[Any]) -> bytes:
    """The payload."""
    return bytes(nla_data(nla))


def nla_memcpy(nla: nlattr_ptr[Any], size: int, before: bytes = b"") -> bytes:
    """The first ``size`` bytes of the payload; where it is shorter, zeros, or what was there before."""
    payload = nla_bytes(nla)[:size]
    return payload + (before[len(payload) :] if before else bytes(size - len(payload)))


def nla_strscpy(nla: nlattr_ptr[Any], size: int) -> str:
    """The text up to its NUL, cut to ``size`` with one."""
    return nla_bytes(nla).partition(b"\0")[0][: size - 1].decode("utf-8", "surrogateescape")
