"""Capture files by name: which format a file is in, compressed or not; which one a name asks for.

    nlwire.capture.files.read("x.pcapng.gz")     every entry, lazily, in constant memory
    with create("x.pcapng") as out: out.write(record)

gzip, bzip2 and xz are Python's own; zstd needs the package ``zstandard`` (extra ``zstd``).

Knows: names, first bytes, compression.
Never: what is in a capture.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from nlwire.capture.entry import Entry
from nlwire.capture.pcap import MAGICS, PcapWriter, read_pcap
from nlwire.capture.pcapng import SHB_BYTES
from nlwire.capture.pcapng_read import read_pcapng
from nlwire.capture.pcapng_write import PcapngWriter
from nlwire.capture.scan import Head, scan_pcap, scan_pcapng
from nlwire.capture.window import Readable
from nlwire.errors import BuildError, CaptureError

try:
    import zstandard
except ImportError:  # an extra; reading zstd says so
    zstandard = None  # type: ignore[assignment]

Name = str | PathLike[str]
T = TypeVar("T")

_DAMAGED: tuple[type[Exception], ...] = (EOFError, OSError, zlib.error, lzma.LZMAError)
if zstandard is not None:
    _DAMAGED += (zstandard.ZstdError,)


def _open_zstd(file: Any, mode: str) -> Any:
    if zstandard is None:
        raise BuildError("zstd needs the package zstandard: pip install 'nlwire[zstd]'")
    return zstandard.open(file, mode)


_Opener = Callable[[Any, str], Any]
COMPRESSIONS: dict[bytes, tuple[str, _Opener]] = {
    b"\x1f\x8b": (".gz", gzip.open),
    b"BZh": (".bz2", bz2.open),
    b"\xfd7zXZ\x00": (".xz", lzma.open),
    b"\x28\xb5\x2f\xfd": (".zst", _open_zstd),
}
"""First bytes -> the end of a name, how to open it."""

FORMATS = {".pcapng": "pcapng", ".ntar": "pcapng", ".pcap": "pcap", ".cap": "pcap", ".dmp": "pcap"}


class Unpacked:
    """A compressed file, read; damage is a CaptureError."""

    def __init__(self, file: Any, suffix: str) -> None:
        self._file = file
        self._suffix = suffix
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Less than ``size`` where that is at hand: what came out before the damage must not be lost with it."""
        try:
            data: bytes = self._file.read1(size)
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            reason = f"the compressed file ({self._suffix}) is damaged or cut short: {error}"
            raise CaptureError(reason, offset=self._at) from None
        self._at += len(data)
        return data


class Ahead:
    """A file of which the first bytes have been looked at already."""

    def __init__(self, first: bytes, file: Readable) -> None:
        self._first = first
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if not self._first:
            return self._file.read(size)
        size = len(self._first) if size < 0 else size
        taken, self._first = self._first[:size], self._first[size:]
        return taken


def read(source: Name | Readable, *, keep: bool = False) -> Iterator[Entry]:
    """The entries of a capture: a file's name or a binary file object; format and compression by its first bytes.

    ``keep`` keeps pcapng blocks nobody here understands. Raises CaptureError, after every whole entry before the damage;
    OSError as reading does.
    """
    return _named(source, partial(read_pcapng, keep=keep), read_pcap)


def heads(source: Name | Readable) -> Iterator[Head]:
    """Every message of a capture by its header, several times as fast as ``read`` and decoding. Raises as ``read``."""
    return _named(source, scan_pcapng, scan_pcap)


Reader = Callable[[Readable, bytes], Iterator[T]]


def _named(source: Name | Readable, pcapng: Reader[T], pcap: Reader[T]) -> Iterator[T]:
    if not isinstance(source, str | PathLike):
        yield from _read(source, pcapng, pcap)
        return
    with open(source, "rb") as file:
        try:
            yield from _read(file, pcapng, pcap)
        except CaptureError as error:
            error.name = str(source)
            raise


def _read(file: Readable, pcapng: Reader[T], pcap: Reader[T]) -> Iterator[T]:
    start = _at_least(file, 8)
    if not start:
        raise CaptureError("is empty")
    for magic, (suffix, opener) in COMPRESSIONS.items():
        if start.startswith(magic):
            inner = Unpacked(opener(Ahead(start, file), "rb"), suffix)
            start, file = _at_least(inner, 8), inner
            break
    if start[:4] == SHB_BYTES:
        yield from pcapng(file, start)
    elif start[:4] in MAGICS:
        yield from pcap(file, start)
    else:
        raise CaptureError("is neither pcap nor pcapng", data=start)


def _at_least(file: Readable, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = file.read(size - len(data))
        if not more:
            break
        data += more
    return data


def is_capture(start: bytes) -> bool:
    """Whether a file that begins like this is a capture, or compressed and may be one."""
    return start[:4] == SHB_BYTES or start[:4] in MAGICS or any(start.startswith(magic) for magic in COMPRESSIONS)


class Guarded:
    """A file being written that is cut back to its last whole write when one fails, as on a full disk."""

    def __init__(self, file: Any, raw: bool, name: str | None = None) -> None:
        self._file = file
        self._name = name
        self._raw = raw
        self._whole = 0

    def write(self, data: bytes, /) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            error.filename = self._name
            if self._raw and self._file.seekable():
                self._file.truncate(self._whole)
                self._file.seek(self._whole)
            raise
        self._whole += len(data)


class Capture:
    """A capture file being written: what was flushed stays readable whatever happens.

    The format is by name: .pcap, else pcapng; .gz, .bz2, .xz or .zst compress.
    """

    def __init__(self, name: Name, **options: Any) -> None:
        self._path = path = Path(name)
        opener = next((opener for suffix, opener in COMPRESSIONS.values() if suffix == path.suffix), None)
        plain = path if opener is None else path.with_suffix("")
        self._file: Any = path.open("wb", buffering=0) if opener is None else opener(path, "wb")
        make = PcapWriter if FORMATS.get(plain.suffix) == "pcap" else PcapngWriter
        self.writer: PcapWriter | PcapngWriter = make(Guarded(self._file, opener is None, str(path)), **options)

    def write(self, entry: Entry) -> None:
        """Append one entry. Raises BuildError, OSError."""
        self.writer.write(entry)

    def flush(self) -> None:
        """Hand all that was written to the system. Raises OSError."""
        self.writer.flush()
        with self._named():
            self._file.flush()

    def close(self) -> None:
        """Flush and close; does nothing the second time. Raises OSError."""
        if not self._file.closed:
            try:
                self.writer.flush()
            finally:
                with self._named():
                    self._file.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors say of which file they are."""
        try:
            yield
        except OSError as error:
            error.filename = error.filename or str(self._path)
            raise

    def __enter__(self) -> "Capture":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def has_format(name: Name) -> bool:
    """Whether a name says which format it wants: ``x.pcap``, ``x.pcapng.gz``."""
    path = Path(name)
    packed = path.suffix in [suffix for suffix, _ in COMPRESSIONS.values()]
    return (path.with_suffix("") if packed else path).suffix in FORMATS


def create(name: Name, **options: Any) -> Capture:
    """A new capture file; options are the format's (byteorder, snaplen, linktype; nanoseconds for pcap)."""
    return Capture(name, **options)


def write(name: Name, entries: Iterable[Entry], **options: Any) -> int:
    """Write a whole capture; returns how many entries the format had no place for."""
    with create(name, **options) as out:
        for entry in entries:
            out.write(entry)
    return out.writer.lost
