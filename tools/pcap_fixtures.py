"""``python -m tools.pcap_fixtures``: fixtures/pcap/, made from the messages that ``make capture`` recorded.

    snapshot.pcapng   ``nlwire snapshot`` of a rich namespace: recorded here and now, with --snapshot (root)
    topology.pcapng   the dumps of streams/, cut anew into datagrams of at most 8 KiB
    monitor.pcapng    every notification of the .nl files, with its multicast group
    errors.pcapng     the requests that a kernel refused, and its answers

The messages are a kernel's; the .nl files do not keep times, so here a millisecond passes between two.

Knows: which messages go where.
Never: the network.
"""

import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nlwire.capture.entry import PACKET_TYPES, Direction, Record
from nlwire.capture.files import write
from tools.capture import fixture
from tools.capture.netns import Apart
from tools.capture.scenarios.topology import RICH

ROOT = Path(__file__).parent.parent / "fixtures"
START = 1_795_478_400 * 10**9
MILLISECOND = 10**6
DATAGRAM = 8192
SETTLED = 3.0
"""Seconds until no address is tentative any more."""


def samples(root: Path, *patterns: str) -> Iterator[fixture.Sample]:
    """The recorded messages of some files that have this machine's byte order."""
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        made = fixture.read(path)
        yield from made.samples if made.byteorder == sys.byteorder else []


def record(data: bytes, protocol: int, direction: Direction, group: int = 0, comment: str = "") -> Record:
    """One datagram, its time still to come."""
    kind = PACKET_TYPES[direction]
    return Record(0, data, protocol, direction, kind, group=group, comment=comment, interface="fixtures")


def of_sample(sample: fixture.Sample) -> Record:
    """A recorded message as a datagram, with the command that caused it."""
    direction = Direction.OUT if sample.direction == "request" else Direction.IN
    said = sample.command.partition("\n")[0]
    return record(sample.message.data, sample.message.protocol, direction, sample.group, said)


def datagrams(data: bytes) -> Iterator[bytes]:
    """A stream of messages in pieces of at most 8 KiB."""
    begin = at = 0
    while at < len(data):
        (size,) = struct.unpack_from("=I", data, at)
        if at - begin + size > DATAGRAM and at > begin:
            yield data[begin:at]
            begin = at
        at += size + 3 & ~3
    yield data[begin:]


def captures(root: Path = ROOT) -> dict[str, list[Record]]:
    """Name -> records."""
    streams = sorted((root / "streams").glob("*.bin"))
    topology = [
        record(piece, 0, Direction.IN, comment=path.stem) for path in streams for piece in datagrams(path.read_bytes())
    ]
    monitor = [of_sample(one) for one in samples(root, "*/*.nl") if one.direction == "notification"]
    errors = [of_sample(one) for one in samples(root, "control/errors.nl", "control/acks.nl")]
    found = {"topology.pcapng": topology, "monitor.pcapng": monitor, "errors.pcapng": errors}
    return {
        name: [one._replace(time=START + at * MILLISECOND) for at, one in enumerate(all_)]
        for name, all_ in found.items()
    }


def record_snapshot(path: Path) -> None:
    """Make a rich namespace and dump all of it."""
    with Apart():
        subprocess.run(["sh", "-e", "-c", RICH], check=True)
        time.sleep(SETTLED)
        subprocess.run([sys.executable, "-m", "nlwire", "snapshot", str(path)], check=True)


def main() -> None:
    """Write all of them."""
    if "--snapshot" in sys.argv[1:]:
        record_snapshot(ROOT / "pcap" / "snapshot.pcapng")
    for name, records in captures().items():
        write(ROOT / "pcap" / name, records, byteorder="little")
        print(f"pcap/{name}: {len(records)} records")


if __name__ == "__main__":
    main()
