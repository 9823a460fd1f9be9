"""Captures of a million messages, written and read beside dpkt and scapy: a datagram for each message, and as dumps come.

Every reader splits the records and decodes every nlmsghdr; ``nlwire.heads`` is nlwire.capture.files.heads(), ``nlwire.read`` makes
whole Records first.

Knows: how each reader is used by its users.
Never: what the messages say.
"""

import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import history, peers, streams
from bench.history import RESULTS, Row
from nlwire.capture.entry import PACKET_USER, Direction, Record
from nlwire.capture.files import create, heads, read

dpkt, scapy = peers.found("dpkt"), peers.found("scapy.utils")

COUNT = 1_000_000
PER_DUMP = 48
"""Routes of 68 bytes in a datagram, as a kernel fills one of its pages with them."""
HEAD = struct.Struct("=IHHII").unpack_from


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


def best(work: Callable[[], Any]) -> float:
    """Seconds of processor time, the better of two: other work on the machine does not count."""
    found = float("inf")
    for _ in range(2):
        begin = time.process_time()
        work()
        found = min(found, time.process_time() - begin)
    return found


def rows(count: int) -> Iterator[Row]:
    """Every line."""
    with tempfile.TemporaryDirectory() as folder:
        for per_record, name in ((PER_DUMP, "dumps"), (1, "one message each")):
            given = list(records(per_record, min(count, 9600 * per_record)))
            repeat = max(1, count // (len(given) * per_record))
            total = repeat * len(given) * per_record
            for suffix in (".pcapng", ".pcap"):
                path = Path(folder) / f"{per_record}{suffix}"
                spent = best(partial(writing, path, given, repeat))
                yield Row(f"write {suffix}, {name}", "nlwire", total, spent)
                for reader, reading in READERS.items():
                    assert reading(path) == total, reader
                    ours, _, way = reader.partition(".")
                    work = f"read {suffix}, {name}"
                    yield Row(
                        f"{work}, as Records" if way == "read" else work, ours, total, best(partial(reading, path))
                    )


def main() -> None:
    """Measure, print, compare with the last run, write bench/results/capture.json and a picture."""
    count = COUNT // 10 if "--quick" in sys.argv else COUNT
    history.run(RESULTS / "capture", "Messages a second in captures", rows(count))


if __name__ == "__main__":
    main()
