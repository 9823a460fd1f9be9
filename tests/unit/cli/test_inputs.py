import io
import sys
from pathlib import Path

import pytest

from nlwire.cli import inputs
from nlwire.cli.complaints import BadInput
from nlwire.cli.hexforms import form_of
from nlwire.cli.inputs import interpret, read, read_or_hex

WANTED = bytes.fromhex("1400000012000103010000000000000011")
ROWS = WANTED + bytes(47)


def got(text: str, form: str = "auto") -> bytes:
    return b"".join(part.data for part in interpret(text.encode(), "x", form).parts)


def dumped(data: bytes) -> str:
    rows = [(at, data[at : at + 16]) for at in range(0, len(data), 16)]
    lines = [f"{at:08x}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  |{'ab'.ljust(16, '.')}|" for at, row in rows]
    return "\n".join([*lines, f"{len(data):08x}"])


@pytest.mark.parametrize(
    "text",
    [
        WANTED.hex(),
        WANTED.hex(" "),
        WANTED.hex(":"),
        "0x" + WANTED.hex(),
        " ".join(f"0x{one:02x}" for one in WANTED),
        ", ".join(f"0x{one:x}" for one in WANTED),
        "# x '(a|b) { 7 }'\n" + WANTED.hex(" ") + "\n",
        WANTED[:8].hex(" ") + "  # a header\n\n// more\n" + WANTED[8:].hex(" ") + " ; the end\n---\nno hex",
        f"0000  {WANTED[:16].hex(' ')}\n0010  {WANTED[16:].hex(' ')}\n",
        f"0000  {WANTED[:16].hex(' ')}   .....ab..\n0010  {WANTED[16:].hex(' ')}   .\n",
        f"00000000: {WANTED[:16].hex(' ', 2)}  ab..............\n00000010: 11                                       .\n",
        f"\t0x0000:  {WANTED[:16].hex(' ', 2)}  ................\n\t0x0010:  11  .\n",
        dumped(WANTED),
        "{ " + ", ".join(f"0x{one:02x}" for one in WANTED) + " }",
        "unsigned char x[] = { /* len */ " + ",\n".join(str(one) for one in WANTED) + " }; // the end",
        '"' + "".join(f"\\x{one:02x}" for one in WANTED) + '"',
        'sendto(3, "'
        + "".join(f"\\{one:o}" if one < 8 else f"\\x{one:02x}" for one in WANTED).replace("\\0\\x", "\\0\\x")
        + '", 17, 0)',
        'openat(3, "\\x2f")\nrecvmsg(3, {msg_name={"\\x01"}, msg_iov=[{iov_base="'
        + "".join(f"\\x{one:02x}" for one in WANTED)
        + '", iov_len=17}]}, MSG_TRUNC) = 17\nrecvmsg(3, {iov_base="\\x14"}, MSG_PEEK|MSG_TRUNC) = 17',
    ],
)
def test_one_message_in_many_looks(text: str) -> None:
    assert got(text) == WANTED


def test_hexdump_leaves_out_what_repeats() -> None:
    lines = dumped(WANTED + bytes(63)).splitlines()
    assert got("\n".join([lines[0], lines[1], lines[2], "*", lines[-1]])) == WANTED + bytes(63)
    assert got("00 11\n*\n22") == b"\0\x11\x22"


def test_letters_in_strings() -> None:
    assert got(r'"\x14\n\t\"\\a\q"') == b'\x14\n\t"\\aq'


def test_a_fixture_says_protocols_and_byte_order() -> None:
    read = interpret(
        b"# big-endian\n\n# 1 request NETLINK_ROUTE\n00\n\n# 2 NETLINK_GENERIC\n01\n# NETLINK_NEW\n02\n", "x"
    )
    assert [(part.protocol, part.data, part.base) for part in read.parts] == [
        (0, b"\0", 0),
        (16, b"\1", 1),
        (None, b"\2", 2),
    ]
    assert read.byteorder == "big"


def test_binary_is_raw() -> None:
    assert interpret(WANTED, "x").parts[0].data == WANTED
    assert interpret(b"3c00", "x", "raw").parts[0].data == b"3c00"
    assert interpret(b"\xff\xfe", "x").parts[0].data == b"\xff\xfe"


@pytest.mark.parametrize(
    ("data", "form", "reason", "hint"),
    [
        (b"", "auto", "is empty", ""),
        (b" \n", "auto", "holds nothing but blanks", ""),
        (b"hello world", "auto", "line 1: 'hello' is no hex", "reads it as hex"),
        (b"00\n123", "auto", "line 2: '123' is an odd number of hex digits", "--input-format"),
        (b'{"nlmsg_type": 1}', "auto", "is no hex", "looks like JSON"),
        (b"<html></html>", "auto", "is no hex", "XML"),
        (b"\xff\xff", "hex", "is no text", "--input-format raw"),
        (b"# nothing", "auto", "holds no bytes, read as hex", "--input-format"),
        (b"char x[] = { 1, 300 };", "auto", "line 1: 300 is no byte", "arrays of bytes"),
        (b"char x[] = { 1,\nnot };", "auto", "line 2: 'not' is no number", ""),
        (b'write(3, "\\x3c"..., 60)', "auto", "line 1: strace cut this string short", "strace -s 65535"),
        (b"0000000 0014 0000 0012\n0000006\n", "auto", "hexdump without -C swaps bytes", "hexdump -C"),
        (
            b"0000  00 11\nthis-is-no-hex-and-it-is-rather-long",
            "auto",
            "line 2: 'this-is-no-hex-and-it...' is no hex",
            "",
        ),
    ],
)
def test_what_cannot_be_read(data: bytes, form: str, reason: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        interpret(data, "there", form)
    assert reason in caught.value.reason
    assert hint in caught.value.hint
    assert caught.value.where == "there"


def test_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "message"
    path.write_bytes(WANTED)
    assert read(str(path)).parts[0].data == WANTED
    assert read_or_hex(str(path)).where == str(path)
    assert read_or_hex("3c:00").parts[0].data == b"\x3c\0"
    assert read_or_hex("3c00", "hex").where == "the command line"
    stdin = io.TextIOWrapper(io.BytesIO(WANTED))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert read_or_hex("-").where == "standard input"
    for source, reason in ((str(tmp_path), "is a directory"), (str(tmp_path / "no"), "no such file"), ("a\0b", "null")):
        with pytest.raises(BadInput, match=reason):
            read(source)


def test_a_terminal_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"00"))
    monkeypatch.setattr(stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert read("-").parts[0].data == b"\0"
    assert "Ctrl-D" in capsys.readouterr().err


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"1")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BadInput, match="Permission denied"):
        read(str(path))


@pytest.mark.parametrize(("magic", "what"), [(magic, what) for magic, what, _ in inputs.SIGNATURES])
def test_signatures(magic: bytes, what: str) -> None:
    assert inputs.looks_like(magic + bytes(20))[0] == what


def test_forms() -> None:
    assert form_of("# nft add map t m '{ 22 : accept }' \"\\x00\" or { 7 }\n00 01") == "hex"
    assert [form_of(text) for text in ("00 01", '"\\x00"', "{ 0x00, 1 }", '{"a": 1}')] == ["hex", "strace", "c", "hex"]
