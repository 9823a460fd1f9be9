"""The fixture file: ``fixtures/<family>/<case>.nl``, readable by people and by programs.

    # route/metrics: every RTAX a route can carry
    # little-endian

    # 1 request NETLINK_ROUTE RTM_NEWROUTE, Linux 6.18.44
    # ip route add 198.51.100.0/24 dev v0 mtu 1400
    0000  3c 00 00 00 18 00 05 06 27 dc 04 6b 00 00 00 00
    …
    ---
    [
    {"nlmsg_type": "RTM_NEWROUTE", …},
    …
    ]

A blank line ends a message. After the line ``---`` stands a JSON list with what nlwire makes of each message
(``python -m tools.capture --expect`` writes it, people review it).

Knows: this file format.
Never: nlwire; what the bytes mean.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.capture.netlink import PROTOCOLS, Message

WIDTH = 120
HEAD = re.compile(r"# \d+ (request|reply|notification) (NETLINK_\w+) (.+), Linux (\S+)(?:, group (\d+))?")


@dataclass
class Sample:
    """One message of a fixture: its bytes and where they come from."""

    message: Message
    direction: str
    release: str
    command: str
    group: int = 0

    def head(self, number: int) -> list[str]:
        """The comment above the bytes."""
        group = f", group {self.group}" if self.group else ""
        protocol = PROTOCOLS[self.message.protocol]
        first = f"# {number} {self.direction} {protocol} {self.message.name}, Linux {self.release}{group}"
        return [first, *[f"# {line}" for line in self.command.splitlines()]]


@dataclass
class Fixture:
    """One file: a case's messages and, once nlwire has read them, what it made of them."""

    family: str
    name: str
    about: str
    byteorder: str
    samples: list[Sample] = field(default_factory=list)
    expected: list[Any] | None = None

    def path(self, root: Path) -> Path:
        """Where it lies."""
        return root / self.family / f"{self.name}.nl"

    def write(self, root: Path) -> None:
        """Write the whole file."""
        path = self.path(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text())

    def text(self) -> str:
        """The whole file."""
        lines = [f"# {self.family}/{self.name}: {self.about}", f"# {self.byteorder}-endian"]
        for number, sample in enumerate(self.samples, 1):
            lines += ["", *sample.head(number), *hex_lines(sample.message.data)]
        if self.expected is not None:
            lines += ["---", "[", ",\n".join(json_text(one) for one in self.expected), "]"]
        return "\n".join(lines) + "\n"


def read(path: Path) -> Fixture:
    """Read a fixture file. Raises ValueError for a file that is none."""
    above, _line, below = path.read_text().partition("\n---\n")
    blocks = above.split("\n\n")
    title, byteorder = blocks[0].splitlines()
    about = title.partition(": ")[2]
    fixture = Fixture(path.parent.name, path.stem, about, byteorder.removeprefix("# ").removesuffix("-endian"))
    fixture.samples = [read_sample(path, block) for block in blocks[1:]]
    fixture.expected = json.loads(below) if below else None
    return fixture


def read_sample(path: Path, block: str) -> Sample:
    """One message's comment and bytes."""
    lines = block.splitlines()
    head = HEAD.fullmatch(lines[0])
    if head is None:
        raise ValueError(f"{path}: expected '# N direction PROTOCOL TYPE, Linux RELEASE', not {lines[0]!r}")
    direction, protocol, _name, release, group = head.groups()
    number = next(number for number, name in PROTOCOLS.items() if name == protocol)
    command = "\n".join(line[2:] for line in lines[1:] if line.startswith("#"))
    data = b"".join(bytes.fromhex(line[6:]) for line in lines if not line.startswith("#"))
    return Sample(Message(number, data), direction, release, command, int(group or 0))


def hex_lines(data: bytes) -> list[str]:
    """``0010  08 00 01 00 …``: sixteen bytes a line."""
    return [f"{at:04x}  {data[at : at + 16].hex(' ')}" for at in range(0, len(data), 16)]


def json_text(value: Any, indent: int = 0, room: int = WIDTH) -> str:
    """JSON that breaks a list or object only where it does not fit on its line."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) <= room or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + 1
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: " for key in value]
        texts = [key + json_text(item, inner, room - len(key)) for key, item in zip(parts, value.values(), strict=True)]
        opening, closing = "{}"
    else:
        texts = [json_text(item, inner, room) for item in value]
        opening, closing = "[]"
    separator = ",\n" + " " * inner
    return f"{opening}\n{' ' * inner}{separator.join(texts)}\n{' ' * indent}{closing}"
