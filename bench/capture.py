"""Captures of a million messages, written and read beside dpkt and scapy: a datagram for each message, and as dumps come.

Every reader splits the records and decodes every nlmsghdr; ``nlwire.heads`` is nlwire.capture.files.heads(), ``nlwire.read`` makes
whole Records first.

Knows: how each reader is used by its users.
Never: what the messages say.
"""

import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import peers, streams
from nlwire.capture.entry import PACKET_USER, Direction, Record
from nlwire.capture.files import create, heads, read


def found(name: str) -> Any:
    """A peer, or None where it is not installed: its rows are left out."""
    try:
        return import_module(name)
    except ImportError:
        return None


dpkt, scapy = found("dpkt"), found("scapy.utils")

COUNT = 1_000_000
PER_DUMP = 48
"""Routes of 68 bytes in a datagram, as a kernel fills one of its pages with them."""
PEER_COUNT = 50_000
HEAD = struct.Struct("=IHHII").unpack_from


@dataclass
class Speed:
    """One line: messages a second."""

    work: str
    rate: float
    megabytes: float


def records(per_record: int, count: int) -> Iterable[Record]:
    """A capture of so many messages, of four lengths, every other one with a port and a group."""
    some = streams.mixed(960)
    datagrams = [b"".join(some[at : at + per_record]) for at in range(0, len(some), per_record)]
    for number in range(count // per_record):
        data = datagrams[number % len(datagrams)]
        group = 7 if number & 1 else 0
        yield Record(number * 1000, data, 0, Direction.IN, PACKET_USER, 77 if group else 0, group, 0, "", "bench")


def writing(path: Path, given: list[Record], repeat: int) -> None:
    """Write the same records again and again; what costs is the writing, not the making."""
    with create(path) as out:
        for _ in range(repeat):
            for one in given:
                out.write(one)


def scanning(path: Path) -> int:
    """Every message by its header, all fields of it unpacked."""
    count = 0
    for _ in heads(path):
        count += 1
    return count


def splitting(path: Path) -> int:
    """Every record as a Record, and the header of every message in it."""
    return sum(headers(one.data) for one in read(path) if isinstance(one, Record))


def with_dpkt(path: Path) -> int:
    """dpkt's reader, the headers by hand."""
    count = 0
    with path.open("rb") as file:
        reader = dpkt.pcapng.Reader(file) if path.suffix == ".pcapng" else dpkt.pcap.Reader(file)
        for _time, data in reader:
            count += headers(data, 16)
    return count


def with_scapy(path: Path) -> int:
    """scapy's raw reader, the headers by hand."""
    with scapy.RawPcapReader(str(path)) as reader:
        return sum(headers(data, 16) for data, _meta in reader)


def headers(data: bytes, at: int = 0) -> int:
    """Every message header from ``at`` on: the same code for all, behind a cooked header for those who leave it there."""
    count = 0
    while at < len(data):
        size = HEAD(data, at)[0]
        at += size + 3 & ~3
        count += 1
    return count


READERS: dict[str, Callable[[Path], int]] = {"nlwire.heads": scanning, "nlwire.read": splitting}
READERS |= {"dpkt": with_dpkt} if dpkt is not None else {}
READERS |= {"scapy": with_scapy} if scapy is not None else {}


def rate(work: Callable[[], Any], count: int) -> float:
    """Messages a second of processor time, the better of two: other work on the machine does not count."""
    best = float("inf")
    for _ in range(2):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return count / best


def measure(count: int = COUNT) -> list[Speed]:
    """Every line of the table."""
    rows: list[Speed] = []

    def row(work: str, done: Callable[[], Any], messages: int) -> None:
        speed = rate(done, messages)
        rows.append(Speed(work, speed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        print(f"{work:<52}{speed:>14,.0f}{rows[-1].megabytes:>10.0f}", flush=True)

    print(f"{'capture':<52}{'messages/s':>14}{'peak MB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for per_record, name in ((PER_DUMP, "dumps"), (1, "one message each")):
            given = list(records(per_record, min(count, 9600 * per_record)))
            repeat = max(1, count // (len(given) * per_record))
            total = repeat * len(given) * per_record
            for suffix in (".pcapng", ".pcap"):
                path = Path(folder) / f"{per_record}{suffix}"
                row(f"nlwire writes {suffix}, {name}", partial(writing, path, given, repeat), total)
                for peer, reading in READERS.items():
                    assert reading(path) == total, peer
                    row(f"{peer} reads {suffix}, {name}", partial(reading, path), total)
        some = streams.uniform(960) * (min(count, PEER_COUNT) // 960 or 1)
        row("pyroute2 decodes, lazily", lambda: peers.lazy(some), len(some))
    return rows


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
