"""capture/files.py: names, compressions, full disks."""

import io
import runpy
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nlwire.capture import files
from nlwire.capture.entry import Direction, Entry, Event, Record
from nlwire.capture.pcap import PcapWriter
from nlwire.capture.pcapng_write import PcapngWriter
from nlwire.errors import BuildError, CaptureError
from tests.unit.capture.captures import MESSAGE, until_error

GIVEN: list[Entry] = [
    Record(1_000_000_001, MESSAGE, 16, Direction.OUT, 7, portid=5, comment="first"),
    Event(1_000_000_002, "overrun", 16, 5, {"why": "ENOBUFS"}),
    Record(1_000_000_003, MESSAGE, 16, Direction.IN, 6, group=1),
]
PLAIN = [one._replace(portid=0, comment="", group=0) for one in GIVEN if isinstance(one, Record)]


@pytest.mark.parametrize("end", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_formats_and_compressions_by_name(tmp_path: Path, end: str) -> None:
    assert files.write(tmp_path / f"x.pcapng{end}", GIVEN) == 0
    assert files.write(tmp_path / f"x.pcap{end}", GIVEN) == 1
    assert list(files.read(tmp_path / f"x.pcapng{end}")) == GIVEN
    assert list(files.read(str(tmp_path / f"x.pcap{end}"))) == PLAIN
    assert files.is_capture((tmp_path / f"x.pcap{end}").read_bytes()[:8])


@pytest.mark.parametrize("end", [".gz", ".bz2", ".xz", ".zst"])
def test_a_compressed_file_cut_short(tmp_path: Path, end: str) -> None:
    path = tmp_path / f"x.pcapng{end}"
    files.write(path, [Record(i, MESSAGE + i.to_bytes(4, "big") * (i % 99)) for i in range(9000)])
    path.write_bytes(path.read_bytes()[:-20])
    read, error = until_error(files.read(path))
    assert str(error).startswith(f"{path}: ")
    assert error.records == len(read)


def test_damage_in_the_middle_of_a_compressed_file(tmp_path: Path) -> None:
    for name in ("x.pcap.gz", "x.pcapng.gz"):
        path = tmp_path / name
        files.write(path, [Record(i, Random(i).randbytes(99)) for i in range(9000)])
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        read, error = until_error(files.read(path))
        assert error.records == len(read) > 1000


def test_a_compressed_file_with_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng.bz2"
    files.write(path, GIVEN)
    data = bytearray(path.read_bytes())
    data[30:60] = bytes(30)
    with pytest.raises(CaptureError, match=r"the compressed file \(.bz2\) is damaged"):
        list(files.read(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "is empty"), (b"GIF89a", "is neither"), (b"\n\r\r\n", "a block is cut")]
)
def test_what_is_no_capture(data: bytes, reason: str) -> None:
    with pytest.raises(CaptureError) as caught:
        list(files.read(io.BytesIO(data)))
    assert caught.value.reason.startswith(reason)


def test_an_error_says_which_file_and_how_much_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    files.write(path, GIVEN)
    path.write_bytes(path.read_bytes() + b"more")
    read, error = until_error(files.read(path))
    assert read == PLAIN
    assert (
        str(error) == f"{path}: a record is cut short (need 16 bytes, have 4) at offset 128; 2 whole records before it"
    )


class Trickle(io.RawIOBase):
    """A file that gives a byte or two at a time, as pipes may."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, 3)
        taken, self.data = self.data[:size], self.data[size:]
        return taken


@pytest.mark.parametrize("name", ["x.pcapng", "x.pcapng.gz", "x.pcapng.xz"])
def test_short_reads(tmp_path: Path, name: str) -> None:
    files.write(tmp_path / name, GIVEN)
    assert list(files.read(Trickle((tmp_path / name).read_bytes()))) == GIVEN


def test_reading_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        list(files.read(tmp_path))

    class Broken:
        first = b"\x1f\x8b\x08\0\0\0\0\0"

        def read(self, size: int, /) -> bytes:
            if not self.first:
                raise OSError(5, "Input/output error")
            taken, self.first = self.first, b""
            return taken

    with pytest.raises(OSError, match="Input/output error"):
        list(files.read(Broken()))


class Disk:
    """A file on a disk with room for so many bytes, written to in pieces as raw files may."""

    def __init__(self, room: int, *, seekable: bool = True) -> None:
        self.data = bytearray()
        self.room = room
        self.seekable = lambda: seekable
        self.closed = False

    def write(self, data: memoryview) -> int:
        free = self.room - len(self.data)
        if not free:
            raise OSError(28, "No space left on device")
        taken = bytes(data[: min(free, 50)])
        self.data += taken
        return len(taken)

    def truncate(self, size: int) -> None:
        del self.data[size:]

    def seek(self, at: int) -> None:
        assert at == len(self.data)


def test_a_full_disk_leaves_whole_records() -> None:
    disk = Disk(300)
    writer = PcapngWriter(files.Guarded(disk, raw=True))

    def fill() -> None:
        for one in GIVEN * 20:
            writer.write(one)
            writer.flush()

    with pytest.raises(OSError, match="No space left"):
        fill()
    read = list(files.read(io.BytesIO(disk.data)))
    assert read == GIVEN[: len(read)]
    assert read


def test_a_full_pipe_is_left_alone() -> None:
    disk = Disk(30, seekable=False)
    with pytest.raises(OSError, match="No space left"):
        files.Guarded(disk, raw=True).write(bytes(31))
    assert len(disk.data) == 30


def test_closing_twice_and_flushing(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    out = files.create(path, byteorder="big", snaplen=0)
    out.write(GIVEN[0])
    out.flush()
    assert list(files.read(path)) == GIVEN[:1]
    out.close()
    out.close()


def test_zstd_without_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "zstandard", None)
    with pytest.raises(BuildError, match="needs the package zstandard"):
        files.create(tmp_path / "x.pcapng.zst")
    with pytest.raises(BuildError, match="needs the package zstandard"):
        list(files.read(io.BytesIO(b"\x28\xb5\x2f\xfdabcd")))


def test_importing_without_zstd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    fresh = runpy.run_path(files.__file__)
    assert fresh["zstandard"] is None
    assert len(fresh["COMPRESSIONS"]) == 4


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("make", [PcapngWriter, PcapWriter])
def test_a_disk_that_fills_up_in_one_go_keeps_what_fits(make: Any, order: str) -> None:
    given = [one for one in GIVEN if isinstance(one, Record)] * 20
    for room in range(0, 1200, 7):
        disk = Disk(room)
        writer = make(files.Guarded(disk, raw=True), byteorder=order)
        for one in given:
            writer.write(one)
        with pytest.raises(OSError, match="No space left"):
            writer.flush()
        found = [one.data for one in files.read(io.BytesIO(disk.data)) if isinstance(one, Record)] if disk.data else []
        assert found == [one.data for one in given[: len(found)]]
        assert room < 600 or found


def test_what_was_unpacked_before_the_damage_is_read(tmp_path: Path) -> None:
    random = Random(1)
    for suffix in (".gz", ".bz2", ".xz", ".zst"):
        path = tmp_path / f"x.pcapng{suffix}"
        with files.create(path) as out:
            for at in range(20_000):
                out.write(Record(at, random.randbytes(64)))
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 9 // 10])
        found: list[Any] = []
        with pytest.raises(CaptureError, match=r"damaged or cut short|is cut short"):
            found.extend(files.read(path))
        assert len(found) > 1000, suffix


class Moody(Disk):
    """Full once, then with room again."""

    def write(self, data: memoryview) -> int:
        room, self.room = self.room, 1 << 20
        if not room:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("make", [PcapngWriter, PcapWriter])
def test_room_that_comes_back_loses_nothing(make: Any) -> None:
    disk = Moody(0)
    writer = make(files.Guarded(disk, raw=True))
    for one in PLAIN:
        writer.write(one)
    writer.flush()
    assert [one.data for one in files.read(io.BytesIO(disk.data)) if isinstance(one, Record)] == [MESSAGE] * 2
    disk.room = 0
    writer.write(PLAIN[0])
    writer.flush()
    assert len(list(files.read(io.BytesIO(disk.data)))) == 3


def test_a_disk_that_is_full_when_a_compressed_file_ends_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = files.create(tmp_path / "x.pcapng.gz")
    out.write(GIVEN[0])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(out._file, "flush", full)
    with pytest.raises(OSError, match=r"x\.pcapng\.gz"):
        out.flush()
    monkeypatch.undo()
    out.close()


@pytest.mark.parametrize(
    ("name", "told"),
    [("x.pcap", True), ("x.pcapng.gz", True), ("x.txt", False), ("x.gz", False), ("x", False)],
)
def test_a_name_says_its_format(name: str, told: bool) -> None:
    assert files.has_format(name) == told
