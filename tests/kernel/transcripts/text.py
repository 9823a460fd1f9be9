"""How a transcript stands in its file: one paragraph an entry, its kind and what it says, then the bytes in hex.

    # route/replace: REPLACE of another route with the same key
    # Linux 6.18, little-endian

    > RTM_NEWROUTE NLM_F_REQUEST|NLM_F_ACK|…
    38000000 18000506 01000000 0*2 …

    < NLMSG_ERROR …                 the asking socket received it; "< group 7" as a member of a group
    * group 7 RTM_NEWROUTE …        the listener received it
    = EXT_ACK 0                     an option was set
    ~ 1.5                           seconds went by
    ! ECONNREFUSED                  a call failed

Words of four bytes; ``0*2`` are two words of zeros.

Knows: the format.
Never: what the bytes mean, but for the names of types and flags, which are for the reader's eye and not read back.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlwire.codec.message import nlm_flag_names
from nlwire.fuzz.linux.masks import Entry, Transcript
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, nlmsghdr
from nlwire.wire import nlmsg_for_each_msg

SIGNS = {"sent": ">", "got": "<", "heard": "*", "option": "=", "wait": "~", "failed": "!"}
KINDS = {sign: kind for kind, sign in SIGNS.items()}
WORDS_A_LINE = 12
NOTE = re.compile(r"(?:(?:group|from|size) \d+(?: |$))*")
"""What of an entry's first line is more than a comment, where bytes follow."""


def titles(data: bytes) -> str:
    """The types and flags of a datagram's messages; the number of those that are alike."""
    found: list[tuple[str, int]] = []
    for nlh in nlmsg_for_each_msg(data):
        title = title_of(nlh)
        if found and found[-1][0] == title:
            found[-1] = (title, found[-1][1] + 1)
        else:
            found.append((title, 1))
    return ", ".join(f"{title} × {count}" if count > 1 else title for title, count in found) or f"{len(data)} bytes"


def title_of(nlh: nlmsghdr) -> str:
    type = FAMILIES.find(NETLINK.ROUTE, nlh.nlmsg_type)
    flags = "|".join(name.removeprefix("NLM_F_") for name in nlm_flag_names(type, nlh.nlmsg_flags))
    return f"{type.name} {flags}".rstrip()


def words_of(data: bytes) -> Iterator[str]:
    """The bytes in words, zeros folded."""
    at = 0
    while at < len(data):
        zeros = 0
        while data[at + 4 * zeros : at + 4 * zeros + 4] == bytes(4):
            zeros += 1
        if zeros > 1:
            yield f"0*{zeros}"
            at += 4 * zeros
        else:
            yield data[at : at + 4].hex()
            at += 4


def bytes_of(words: Iterable[str]) -> bytes:
    """The reverse. Raises ValueError."""
    return b"".join(bytes(4 * int(word[2:])) if word.startswith("0*") else bytes.fromhex(word) for word in words)


def write(path: Path, transcript: Transcript, head: list[str]) -> None:
    """Write a transcript's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*(f"# {line}" for line in head), "", *lines_of(transcript)]), encoding="utf-8")


def lines_of(transcript: Transcript) -> Iterator[str]:
    for entry in transcript:
        note = f"{entry.note} " if entry.note and entry.data else entry.note
        yield f"{SIGNS[entry.kind]} {note}{titles(entry.data) if entry.data else ''}"
        words = list(words_of(entry.data))
        for at in range(0, len(words), WORDS_A_LINE):
            yield " ".join(words[at : at + WORDS_A_LINE])
        yield ""


def read(path: Path) -> Transcript:
    """Read it again. Raises OSError, ValueError."""
    paragraphs = path.read_text(encoding="utf-8").split("\n\n")
    found = []
    for paragraph in paragraphs:
        first, *rest = [line for line in paragraph.splitlines() if not line.startswith("#")] or [""]
        if not first:
            continue
        data = bytes_of(word for line in rest for word in line.split())
        note = first[2:]
        if data:
            matched = NOTE.match(note)
            note = matched[0].strip() if matched else ""
        found.append(Entry(KINDS[first[0]], data, note))
    return found
