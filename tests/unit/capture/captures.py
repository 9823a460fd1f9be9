"""Capture files for tests, made by hand: nothing here uses the code under test."""

import struct
from collections.abc import Iterable
from typing import TypeVar

import pytest

from nlwire.errors import CaptureError
from nlwire.schema.kinds import ByteOrder

T = TypeVar("T")

MESSAGE = struct.pack("=IHHII", 20, 16, 1, 7, 0) + b"\x00\x01\x02\x03"
MARK = {"little": "<", "big": ">"}


def cooked(protocol: int = 0, packet_type: int = 4, hardware: int = 824) -> bytes:
    return struct.pack(">HHHQH", packet_type, hardware, 0, 0, protocol)


def sll2(protocol: int = 0, packet_type: int = 4, hardware: int = 824) -> bytes:
    return struct.pack(">HHIHBBQ", protocol, 0, 3, hardware, packet_type, 0, 0)


def block(
    kind: int, body: bytes, order: ByteOrder = "little", size: int | None = None, tail: int | None = None
) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12 if size is None else size
    mark = MARK[order]
    return struct.pack(mark + "II", kind, size) + body + struct.pack(mark + "I", size if tail is None else tail)


def option(code: int, value: bytes, order: ByteOrder = "little") -> bytes:
    return struct.pack(MARK[order] + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def shb(order: ByteOrder = "little", major: int = 1) -> bytes:
    return block(0x0A0D0D0A, struct.pack(MARK[order] + "IHHq", 0x1A2B3C4D, major, 0, -1), order)


def idb(linktype: int = 253, snaplen: int = 0, options: bytes = b"", order: ByteOrder = "little") -> bytes:
    return block(1, struct.pack(MARK[order] + "HHI", linktype, 0, snaplen) + options, order)


def epb(
    packet: bytes,
    *,
    time: int = 0,
    interface: int = 0,
    original: int | None = None,
    captured: int | None = None,
    options: bytes = b"",
    order: ByteOrder = "little",
) -> bytes:
    size = len(packet) if captured is None else captured
    head = struct.pack(
        MARK[order] + "IIIII", interface, time >> 32, time & 0xFFFFFFFF, size, size if original is None else original
    )
    return block(6, head + packet + bytes(-len(packet) % 4) + options, order)


def pcap(packets: bytes, *, linktype: int = 253, order: ByteOrder = "little", magic: int = 0xA1B2C3D4) -> bytes:
    return struct.pack(MARK[order] + "IHHiIII", magic, 2, 4, 0, 0, 65535, linktype) + packets


def pcap_record(
    packet: bytes, seconds: int = 1, fraction: int = 2, original: int | None = None, order: ByteOrder = "little"
) -> bytes:
    size = len(packet)
    return struct.pack(MARK[order] + "IIII", seconds, fraction, size, size if original is None else original) + packet


def until_error(entries: Iterable[T]) -> tuple[list[T], CaptureError]:
    """What is read before the CaptureError that must come."""
    read: list[T] = []
    with pytest.raises(CaptureError) as caught:
        read.extend(entries)
    return read, caught.value
