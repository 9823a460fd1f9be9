"""Writing pcapng: one section, an interface for each name that records give, a packet block for each datagram.

Direction goes into epb_flags, a comment into opt_comment; portid, group and errno into nlwire's custom option and socket
events into its custom blocks (annex.py), where there is something to say. tshark, editcap and mergecap read it all.

Knows: blocks and their options.
Never: files by name, compression.
"""

import sys
from struct import Struct

from nlwire.capture.annex import PEN, pack_addresses, pack_event
from nlwire.capture.cooked import LINKS, LINKTYPE_NETLINK
from nlwire.capture.entry import IMPLIED, Block, Direction, Entry, Event, Record
from nlwire.capture.pcapng import (
    BYTE_ORDER_MAGIC,
    CUSTOM,
    EPB,
    EPB_FLAGS,
    IDB,
    IF_NAME,
    IF_TSRESOL,
    OPT_COMMENT,
    OPT_CUSTOM,
    SHB,
    SHB_USERAPPL,
    U32,
    pack_block,
    pack_options,
)
from nlwire.capture.window import CHUNK, MAX_RECORD, Writable
from nlwire.errors import BuildError
from nlwire.schema.kinds import ByteOrder

SECTION = {"little": Struct("<IHHq"), "big": Struct(">IHHq")}
INTERFACE = {"little": Struct("<HHI"), "big": Struct(">HHI")}
PACKET = {"little": Struct("<IIIIIII"), "big": Struct(">IIIIIII")}
MAX_OPTION = 0xFFFF
REMEMBERED = 4096

_Said = tuple[int, int, int, int, int, str]


class PcapngWriter:
    """Writes entries to a binary file object.

    ``snaplen``: no more bytes of a packet are kept, its header included; 0 for all. A block that was kept from a section in
    the other byte order begins such a section here. ``lost``, what could not be written, stays 0.
    """

    def __init__(
        self,
        file: Writable,
        *,
        byteorder: ByteOrder = sys.byteorder,
        snaplen: int = 0,
        linktype: int = LINKTYPE_NETLINK,
    ) -> None:
        self._file = file
        self._link = LINKS[linktype]
        self._snaplen = max(snaplen, self._link.size) if snaplen else 0
        self._pending = bytearray()
        self.lost = 0
        self._begin_section(byteorder)

    def write(self, entry: Entry) -> None:
        """Append one entry. Raises BuildError for what pcapng cannot say; then nothing of it is written."""
        if isinstance(entry, Record):
            self._write_record(entry)
        elif isinstance(entry, Event):
            self._write_event(entry)
        else:
            self._write_block(entry)
        if len(self._pending) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Hand what is pending to the file, whole blocks all of it."""
        pending, self._pending = bytes(self._pending), bytearray()
        try:
            self._file.write(pending)
        except OSError:  # a full disk: as many blocks as there is room for
            at = 0
            while at < len(pending):
                (size,) = U32[self._order].unpack_from(pending, at + 4)
                self._file.write(pending[at : at + size])
                at += size

    def _begin_section(self, order: ByteOrder) -> None:
        self._order: ByteOrder = order
        self._interfaces: dict[str, int] = {}
        self._said: dict[_Said, bytes] = {}
        head = SECTION[order].pack(BYTE_ORDER_MAGIC, 1, 0, -1)
        self._pending += pack_block(SHB, head + pack_options([(SHB_USERAPPL, b"nlwire")], order), order)

    def _write_event(self, event: Event) -> None:
        block = pack_block(CUSTOM, U32[self._order].pack(PEN) + pack_event(event), self._order)
        if not self._interfaces:  # editcap must know a link type before it takes the first entry
            self._describe("")
        self._pending += block

    def _write_block(self, block: Block) -> None:
        if len(block.body) > MAX_RECORD - 16:
            raise BuildError("pcapng has no room for such a block", path=("Block",), value=len(block.body))
        if block.byteorder != self._order:
            self.flush()  # what is pending is in one byte order
            self._begin_section(block.byteorder)
        self._pending += pack_block(block.type, block.body, self._order)

    def _write_record(self, record: Record) -> None:
        time, data, protocol, direction, packet_type, portid, group, errno, comment, name, missing = record
        link = self._link.size
        size = len(data) + link
        original = size if missing is None else max(size, missing + link)
        if self._snaplen and size > self._snaplen:
            size = self._snaplen
        said = (direction, packet_type, portid, group, errno, comment)
        options = self._said.get(said)
        if options is None:
            options = self._options(said)
        if not 0 <= time < 1 << 64 or size > MAX_RECORD - MAX_OPTION * 2 or original >= 1 << 32:
            raise BuildError("pcapng has no room for such a time or length", path=("Record",), value=time)
        number = self._interfaces.get(name)
        if number is None:
            number = self._describe(name)
        pad = -size & 3
        total = 32 + size + pad + len(options)
        self._pending += b"".join(
            (
                PACKET[self._order].pack(EPB, total, number, time >> 32, time & 0xFFFFFFFF, size, original),
                self._link.make(packet_type, protocol),
                data if size == len(data) + link else data[: size - link],
                bytes(pad),
                options,
                U32[self._order].pack(total),
            )
        )

    def _describe(self, name: str) -> int:
        """The interface description block of a name, when a record first gives it."""
        options = [(IF_NAME, _text(name, "interface"))] if name else []
        body = INTERFACE[self._order].pack(self._link.linktype, 0, self._snaplen)
        self._pending += pack_block(
            IDB, body + pack_options([*options, (IF_TSRESOL, b"\x09")], self._order), self._order
        )
        number = self._interfaces[name] = len(self._interfaces)
        return number

    def _options(self, said: _Said) -> bytes:
        direction, packet_type, portid, group, errno, comment = said
        order, run = self._order, []
        if direction or IMPLIED.get(packet_type, Direction.UNKNOWN):
            run.append((EPB_FLAGS, U32[order].pack(direction)))
        if portid or group or errno:
            run.append((OPT_CUSTOM, U32[order].pack(PEN) + pack_addresses(portid, group, errno)))
        if comment:
            run.append((OPT_COMMENT, _text(comment, "comment")))
        packed = pack_options(run, order)
        if len(self._said) >= REMEMBERED:
            self._said.clear()
        self._said[said] = packed
        return packed


def _text(text: str, name: str) -> bytes:
    made = text.encode("utf-8", "surrogateescape")
    if len(made) > MAX_OPTION:
        raise BuildError(f"{len(made)} bytes of text, an option holds {MAX_OPTION}", path=("Record", name), value=text)
    return made
