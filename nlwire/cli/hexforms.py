r"""Text that stands for bytes: hex in its many looks, dumps, strace's strings, C arrays.

    3c 00 00 00    3c:00:00:00    0x3c 0x00    3c000000          hex; # and // and ; begin a comment, --- ends the text
    00000000  3c 00 00 00 18 00 05 06  …  |<.......|             hexdump -C, xxd, tshark -x, tcpdump -x
    sendto(3, "\x3c\x00\x00\x00", 60, 0, …)                  strace -x, -xx
    unsigned char data[] = { 0x3c, 0x00, 0x00, 0x00 };           C

Comments may say the protocol of the message below them, which then stands for itself, and the byte order of all; fixture
files do.

Knows: notations.
Never: what the bytes mean.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from nlwire.schema.kinds import ByteOrder


class NotBytes(Exception):
    """Text that stands for no bytes: what is wrong, in which line (from 1; 0 for all of it), and what to try."""

    def __init__(self, reason: str, line: int = 0, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.hint = hint


@dataclass
class Parsed:
    """The bytes of a text, in parts of one protocol each; protocol by name (``NETLINK_ROUTE``), empty where nothing says it."""

    parts: list[tuple[str, bytearray]] = field(default_factory=list)
    byteorder: ByteOrder | None = None
    fresh: bool = True

    def add(self, data: bytes, protocol: str = "") -> None:
        """Append bytes."""
        if self.fresh or self.parts[-1][0] != protocol:
            self.parts.append((protocol, bytearray()))
        self.fresh = False
        self.parts[-1][1].extend(data)


COMMENT = re.compile(r"(#|//|;)(.*)")
OFFSET = re.compile(r"\s*(?:0x)?([0-9a-fA-F]+):(?:\s+|$)(.*)|\s*(?:0x)?([0-9a-fA-F]{4,})(?:\s{2,}|\s*$)(.*)")
ORDER = re.compile(r"\b(little|big)-endian\b")
PROTOCOL = re.compile(r"\b(NETLINK_[A-Z0-9_]+)\b")


def parse_hex(text: str) -> Parsed:
    """Hex digits, line by line, with or without offsets in front and characters behind."""
    made = Parsed()
    if re.match(r"0000000(\s+[0-9a-fA-F]{4}){2}", text.strip()):
        raise NotBytes("hexdump without -C swaps bytes", 1, "use hexdump -C or xxd")
    protocol, offsets, row, base, skipped = "", has_offsets(text), b"", 0, False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() == "---":
            break
        comment = comment_in(line)
        if comment is not None:
            line = line[: comment.start()]
            said = PROTOCOL.findall(comment[2])
            protocol = said[0] if said else protocol
            made.fresh |= bool(said)
            order = ORDER.findall(comment[2])
            made.byteorder = order[0] if order else made.byteorder
        if not line.strip():
            base = 0 if comment is None else base
            continue
        if line.strip() == "*":
            skipped = True
            continue
        offset, digits = split_offset(line, number) if offsets else (None, line)
        if skipped and offset is not None and row:
            missing = offset - base
            made.add((row * (missing // len(row) + 1))[:missing] if 0 < missing <= 1 << 28 else b"", protocol)
        skipped = False
        row = hex_digits(digits, number)
        base = (base if offset is None else offset) + len(row)
        made.add(row, protocol)
    return made


def comment_in(line: str) -> re.Match[str] | None:
    """The remark in a line of hex; what hexdump -C prints between bars is none."""
    return COMMENT.search(line) if "|" not in line or line.lstrip().startswith("#") else None


def has_offsets(text: str) -> bool:
    """Whether lines begin with offsets: the first line of hex begins with one, of 0."""
    for line in text.splitlines():
        comment = comment_in(line)
        stripped = line if comment is None else line[: comment.start()]
        if stripped.strip():
            found = OFFSET.match(stripped)
            return found is not None and int(found[1] or found[3], 16) == 0
    return False


def split_offset(line: str, number: int) -> tuple[int | None, str]:
    """A dump's line: its offset and its hex digits, without the characters some print beside them."""
    found = OFFSET.match(line)
    if found is None:
        return None, line
    digits = found[2] if found[1] else found[4]
    if "|" in digits:
        digits = digits.partition("|")[0]
    else:
        first, *more = re.split(r"\s{2,}", digits.strip())
        second_half = more and len(first.split()) == 8 and re.fullmatch(r"([0-9a-fA-F]{2}\s?)+", more[0])
        digits = f"{first} {more[0]}" if second_half else first
    return int(found[1] or found[3], 16), digits


def hex_digits(text: str, number: int) -> bytes:
    """``3c:00``, ``3c 00``, ``0x3c, 0x00``, ``3c00`` -> bytes."""
    out = bytearray()
    for token in re.split(r"[\s:,]+", text.strip(" \t,:")):
        digits = token.removeprefix("0x").removeprefix("0X").strip("{}();")
        try:
            out += bytes.fromhex(digits.zfill(2) if len(digits) == 1 and token != digits else digits)
        except ValueError:
            odd = "an odd number of hex digits" if re.fullmatch("[0-9a-fA-F]+", digits) else "no hex"
            raise NotBytes(f"{shorten(token)!r} is {odd}", number) from None
    return bytes(out)


def shorten(text: str) -> str:
    """As much of a text as fits in a sentence."""
    return text if len(text) <= 24 else text[:21] + "..."


STRING = re.compile(r'"((?:\\.|[^"\\])*)"(\.\.\.)?')
ESCAPE = re.compile(r"\\x([0-9a-fA-F]{1,2})|\\([0-7]{1,3})|\\(.)|([^\\]+)", re.DOTALL)
LETTERS = {"n": 10, "t": 9, "r": 13, "v": 11, "f": 12, "a": 7, "b": 8}
CALL = re.compile(r"\b(send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg|recvmmsg|write|writev|read|readv)\(")


def parse_strace(text: str) -> Parsed:
    """Strings of strace -x or -xx, or of C; of a trace only what sockets send and receive, and that once."""
    made = Parsed()
    trace = CALL.search(text) is not None
    for number, line in enumerate(text.splitlines(), 1):
        if trace and (CALL.search(line) is None or "MSG_PEEK" in line):
            continue
        rest = line[line.find("iov_base=") :] if "iov_base=" in line else line
        found = list(STRING.finditer(rest))
        for one in found if not trace or "iov_base=" in line else found[:1]:
            if one[2]:
                raise NotBytes("strace cut this string short", number, "trace again with strace -s 65535")
            made.add(unescape(one[1]))
    return made


def unescape(text: str) -> bytes:
    """The bytes of a C string's inside."""
    out = bytearray()
    for digits, octal, letter, plain in ESCAPE.findall(text):
        if digits:
            out.append(int(digits, 16))
        elif octal:
            out.append(int(octal, 8) & 0xFF)
        elif letter:
            out += bytes([LETTERS[letter]]) if letter in LETTERS else letter.encode()
        else:
            out += plain.encode()
    return bytes(out)


NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|\d+|[^\s,]+")
C_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def parse_c(text: str) -> Parsed:
    """The elements of a C array of bytes, in braces or bare."""
    made = Parsed()
    plain = C_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    inside = [(found.start(1), found[1]) for found in re.finditer(r"\{([^{}]*)\}", plain)] or [(0, plain)]
    for start, body in inside:
        for found in NUMBER.finditer(body):
            line = plain.count("\n", 0, start + found.start()) + 1
            try:
                value = int(found[0], 0)
            except ValueError:
                raise NotBytes(f"{shorten(found[0])!r} is no number", line) from None
            if value > 0xFF:
                raise NotBytes(f"{found[0]} is no byte", line, "only arrays of bytes are read")
            made.add(bytes([value]))
    return made


FORMS: dict[str, Callable[[str], Parsed]] = {"hex": parse_hex, "strace": parse_strace, "c": parse_c}


def form_of(text: str) -> str:
    """Which of FORMS a text is in; lines that begin with # do not say: they are remarks, or C's preprocessor's."""
    text = re.sub(r"^[ \t]*#.*$", "", text, flags=re.MULTILINE)
    if re.search(r'"(?:[^"\\]|\\.)*\\(x[0-9a-fA-F]|[0-7])', text):
        return "strace"
    if "{" in text and re.search(r"\{\s*(/\*.*?\*/\s*)*(0[xX][0-9a-fA-F]+|\d+)\s*[,}]", text, re.DOTALL):
        return "c"
    return "hex"
