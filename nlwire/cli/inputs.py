"""Where bytes come from: a file, standard input, the command line; binary or any text of hexforms.py, told apart by looking.

Knows: files, what other formats look like.
Never: what messages mean.
"""

import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from nlwire.cli.complaints import BadInput
from nlwire.cli.hexforms import FORMS, NotBytes, Parsed, form_of
from nlwire.schema.kinds import ByteOrder
from nlwire.uapi.netlink import NETLINK

FORMATS = ("auto", "raw", *FORMS)

SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"\xd4\xc3\xb2\xa1", "a pcap capture", "nlwire decode and nlwire convert read captures"),
    (b"\xa1\xb2\xc3\xd4", "a pcap capture", "nlwire decode and nlwire convert read captures"),
    (b"\x4d\x3c\xb2\xa1", "a pcap capture", "nlwire decode and nlwire convert read captures"),
    (b"\xa1\xb2\x3c\x4d", "a pcap capture", "nlwire decode and nlwire convert read captures"),
    (b"\n\r\r\n", "a pcapng capture", "nlwire decode and nlwire convert read captures"),
    (b"\x1f\x8b", "gzip", "unpack it first: gzip -dc FILE | nlwire … -"),
    (b"\xfd7zXZ", "xz", "unpack it first: xz -dc FILE | nlwire … -"),
    (b"(\xb5/\xfd", "zstd", "unpack it first: zstd -dc FILE | nlwire … -"),
    (b"BZh", "bzip2", "unpack it first: bzip2 -dc FILE | nlwire … -"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"\x7fELF", "an ELF program", ""),
    (b"%PDF", "a PDF document", ""),
)


@dataclass(frozen=True)
class Part:
    """Bytes of one protocol (None where the input does not say it), ``base`` bytes from the start of the input."""

    data: bytes
    protocol: int | None
    base: int


@dataclass(frozen=True)
class Input:
    """What was read: its name, its parts, the byte order where the input says it."""

    where: str
    parts: list[Part]
    byteorder: ByteOrder | None


def read(source: str, form: str = "auto") -> Input:
    """The bytes of a file, or of standard input for ``-``. Raises BadInput."""
    where = "standard input" if source == "-" else source
    return interpret(read_bytes(source), where, form)


def read_or_hex(source: str, form: str = "auto") -> Input:
    """The same, or ``source`` itself if there is no such file and it is hex. Raises BadInput."""
    if source != "-" and not Path(source[:4096]).exists() and looks_like_hex(source):
        return interpret(source.encode(), "the command line", "hex" if form == "auto" else form)
    return read(source, form)


def looks_like_hex(text: str) -> bool:
    """Whether a text from the command line was meant as bytes."""
    return bool(re.fullmatch(r"\s*(0x)?[0-9a-fA-F]{2}([0-9a-fA-F]|[\s:,]|0x|\\x)*\s*", text))


def read_bytes(source: str) -> bytes:
    """All of a file. Raises BadInput."""
    try:
        if source == "-":
            if sys.stdin.isatty():
                print("nlwire: reading from the terminal, end with Ctrl-D", file=sys.stderr)
            return sys.stdin.buffer.read()
        if stat.S_ISDIR(Path(source).stat().st_mode):
            raise BadInput(source, "is a directory", f"name a file in it, or: cat {source.rstrip('/')}/* | nlwire … -")
        return Path(source).read_bytes()
    except FileNotFoundError:
        raise BadInput(source, "no such file", "use - for standard input") from None
    except (OSError, ValueError) as error:
        raise BadInput(source, getattr(error, "strerror", None) or str(error)) from None


def interpret(data: bytes, where: str, form: str = "auto") -> Input:
    """Bytes as they were read -> the bytes they stand for. Raises BadInput."""
    if not data.strip():
        raise BadInput(where, "is empty" if not data else "holds nothing but blanks", "")
    text = None if form == "raw" else as_text(data)
    if form == "raw" or (form == "auto" and text is None):
        return Input(where, [Part(data, None, 0)], None)
    if text is None:
        raise BadInput(where, "is no text", "--input-format raw reads binary")
    kind = form_of(text) if form == "auto" else form
    try:
        parsed = FORMS[kind](text)
    except NotBytes as error:
        at = f" line {error.line}:" if error.line else ""
        hint = error.hint or text_hint(text) or f"nlwire reads it as {kind}; --input-format says another"
        raise BadInput(where, f"{at} {error.reason}".strip(), hint) from None
    if not parsed.parts:
        raise BadInput(where, f"holds no bytes, read as {kind}", "--input-format says how to read it")
    return Input(where, parts_of(parsed), parsed.byteorder)


def as_text(data: bytes) -> str | None:
    """The text that bytes are, if they are text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(one.isprintable() or one in "\n\r\t\f" for one in text) else None


def parts_of(parsed: Parsed) -> list[Part]:
    """The parts with protocols as numbers."""
    parts, base = [], 0
    for name, data in parsed.parts:
        number = NETLINK.__members__.get(name.removeprefix("NETLINK_"))
        parts.append(Part(bytes(data), None if number is None else int(number), base))
        base += len(data)
    return parts


def text_hint(text: str) -> str:
    """What a text that is no hex may be."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return "it looks like JSON; nlwire decode reads bytes"
    if start == "<":
        return "it looks like XML or HTML"
    return ""


def looks_like(data: bytes) -> tuple[str, str]:
    """(what the bytes look like, what to try); empty when they look like nothing in particular."""
    for magic, what, hint in SIGNATURES:
        if data.startswith(magic):
            return what, hint
    return "", ""
