"""pcapng's frame (draft-ietf-opsawg-pcapng): block types, option codes, the run of options, times.

    block    | type | total length | body, padded to 4 | total length |       options   | code | length | value, padded to 4 | …

Knows: what reader and writer share.
Never: files.
"""

from collections.abc import Iterator
from struct import Struct

from nlwire.schema.kinds import ByteOrder

SHB, IDB, OBSOLETE_PACKET, SPB, NRB, ISB, EPB = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
CUSTOM, CUSTOM_NO_COPY = 0x0BAD, 0x40000BAD
SHB_BYTES = b"\n\r\r\n"
BYTE_ORDER_MAGIC = 0x1A2B3C4D
ORDERS: dict[bytes, ByteOrder] = {b"\x4d\x3c\x2b\x1a": "little", b"\x1a\x2b\x3c\x4d": "big"}

OPT_ENDOFOPT, OPT_COMMENT, OPT_CUSTOM = 0, 1, 2989
SHB_USERAPPL = 4
IF_NAME, IF_TSRESOL, IF_TSOFFSET = 2, 9, 14
EPB_FLAGS = 2

U16 = {"little": Struct("<HH"), "big": Struct(">HH")}
U32 = {"little": Struct("<I"), "big": Struct(">I")}
S64 = {"little": Struct("<q"), "big": Struct(">q")}
MICROSECOND = 1000


def options(data: bytes, at: int, end: int, order: ByteOrder) -> Iterator[tuple[int, bytes]]:
    """(code, value) of a run of options; one that does not fit ends the run, as does what is no option at all."""
    unpack = U16[order].unpack_from
    while end - at >= 4:
        code, size = unpack(data, at)
        at += 4
        if code == OPT_ENDOFOPT or size > end - at:
            return
        yield code, data[at : at + size]
        at += size + (-size & 3)


def pack_options(run: list[tuple[int, bytes]], order: ByteOrder) -> bytes:
    """A run of options with its end; nothing for none."""
    if not run:
        return b""
    pack = U16[order].pack
    return b"".join(pack(code, len(value)) + value + bytes(-len(value) & 3) for code, value in run) + bytes(4)


def pack_block(block_type: int, body: bytes, order: ByteOrder) -> bytes:
    """A whole block."""
    pad = bytes(-len(body) & 3)
    size = U32[order].pack(12 + len(body) + len(pad))
    return U32[order].pack(block_type) + size + body + pad + size


def nanoseconds(ticks: int, resolution: int) -> int:
    """if_tsresol: negative powers of 10, or of 2 where the top bit is set."""
    if resolution & 0x80:
        return ticks * 10**9 >> (resolution & 0x7F)
    return ticks * 10 ** (9 - resolution) if resolution <= 9 else int(ticks // 10 ** (resolution - 9))
