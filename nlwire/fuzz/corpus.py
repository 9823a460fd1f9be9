"""Seeds from files, and a corpus that several workers share: each appends to a file of its own, and reads the others'.

Read are captures (pcap, pcapng, compressed or not), nlwire's fixtures (.nl) and files of raw messages (.bin).

Knows: files, directories.
Never: what is done with the seeds.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import time_ns

from nlwire.capture.entry import Entry, Record
from nlwire.capture.files import Capture, create, read
from nlwire.errors import CaptureError, NlwireError
from nlwire.fuzz.conversation import Plot
from nlwire.fuzz.mutator import Seed
from nlwire.uapi.netlink import NETLINK

CAPTURES = re.compile(r"\.(pcapng|ntar|pcap|cap|dmp)(\.(gz|bz2|xz|zst))?$")
SAMPLE = re.compile(r"# \d+ \w+ NETLINK_(\w+) ")


def seeds_in(path: Path) -> list[Seed]:
    """Every datagram in a file, or in all files below a directory that are of a known kind. Raises OSError, NlwireError."""
    if path.is_dir():
        return [one for file in sorted(path.rglob("*")) if known(file) for one in seeds_in(file)]
    if CAPTURES.search(path.name):
        return list(dict.fromkeys(datagrams(read(path))))
    if path.suffix == ".nl":
        return list(fixture(path))
    if path.suffix == ".bin":
        return [Seed(NETLINK.ROUTE, path.read_bytes())]
    raise NlwireError(f"{path} is no capture (.pcapng, .pcap), fixture (.nl) or file of raw messages (.bin)")


def known(path: Path) -> bool:
    """Whether ``seeds_in`` can read the file."""
    return path.is_file() and (bool(CAPTURES.search(path.name)) or path.suffix in (".nl", ".bin"))


def datagrams(entries: Iterable[Entry]) -> Iterator[Seed]:
    """The datagrams that were kept whole."""
    return (
        Seed(one.protocol, one.data) for one in entries if isinstance(one, Record) and one.data and not one.truncated
    )


def fixture(path: Path) -> Iterator[Seed]:
    """The messages of a fixture file, where they have this machine's byte order: comments, then lines of an offset and hex."""
    above, _, _ = path.read_text(encoding="utf-8").partition("\n---\n")
    if f"# {sys.byteorder}-endian" not in above.splitlines()[:2]:
        return
    for block in above.split("\n\n"):
        said = SAMPLE.match(block)
        if said is not None:
            lines = [line[6:] for line in block.splitlines() if not line.startswith("#")]
            yield Seed(int(NETLINK[said[1]]), bytes.fromhex("".join(lines)))


class Shared:
    """One worker's part of a directory of captures; ``news`` are the seeds that others have found since it last looked."""

    def __init__(self, directory: Path, worker: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.own = directory / f"found-{worker}.pcapng"
        self._out: Capture | None = None
        self._seen: dict[Path, int] = {}

    def add(self, seed: Seed) -> None:
        """Let the others have this one."""
        if self._out is None:
            self._out = create(self.own)
        self._out.write(Record(time_ns(), seed.data, seed.protocol))
        self._out.flush()

    def news(self) -> list[Seed]:
        """What the others have added."""
        found = []
        for path in sorted(self.directory.glob("found-*.pcapng")):
            if path == self.own:
                continue
            seeds = list(readable(path))
            found += seeds[self._seen.get(path, 0) :]
            self._seen[path] = len(seeds)
        return found

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            self._out.close()


class SharedPlays:
    """The same of plays: a line of JSON each."""

    def __init__(self, directory: Path, worker: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.own = directory / f"plays-{worker}.jsonl"
        self._read: dict[Path, int] = {}

    def exchange(self, kept: Iterable[tuple[Plot, ...]]) -> list[tuple[Plot, ...]]:
        """Let the others have these; returns what they have added. A line that is being written is for the next time."""
        with self.own.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(plots)}\n" for plots in kept)
        found = []
        for path in sorted(self.directory.glob("plays-*.jsonl")):
            if path == self.own:
                continue
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                whole, line, _ = file.read().rpartition(b"\n")
            self._read[path] = self._read.get(path, 0) + len(whole) + len(line)
            found += [tuple(Plot(*plot) for plot in json.loads(one)) for one in whole.splitlines()]
        return found


def readable(path: Path) -> Iterator[Seed]:
    """The seeds of a capture that somebody may be writing still."""
    try:
        yield from datagrams(read(path))
    except CaptureError:
        return
