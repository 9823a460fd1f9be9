"""iproute2 reads what we write: ``ip monitor file`` on the recorded routes, encoded again by us, beside our own line of text.

It asks the kernel before it prints (a probe, the names of links), so it stands with the tests that need one.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import nlwire
from nlwire.codec.message import Message
from nlwire.codec.text import text_line
from nlwire.uapi.rtnetlink import AF, RTM_F
from tools.capture.fixture import read

pytestmark = pytest.mark.kernel

ROUTES = sorted((Path(__file__).parents[2] / "fixtures" / "route").glob("*.nl"))
FACTS = ("via", "from", "src", "metric", "weight", "scope", "tos", "advmss", "hoplimit", "initcwnd")
"""Words that both use alike; what follows each must be the same."""


def routes() -> Iterator[Message]:
    """Announced routes, but no copies made by lookups, which ``ip`` leaves out."""
    for path in ROUTES:
        for sample in read(path).samples:
            (message,) = nlwire.decode(sample.message.data)
            if sample.direction == "request" or message.type.name not in ("RTM_NEWROUTE", "RTM_DELROUTE"):
                continue
            if message.rtm_family in (AF.INET, AF.INET6) and not message.rtm_flags & RTM_F.CLONED:
                yield message


def facts(line: str) -> list[tuple[str, str]]:
    """The destination, and each known word with the one after it; ``metric 0`` is nothing said, locks are said elsewhere."""
    words = [str(int(word, 16)) if word.startswith("0x") else word for word in line.replace("\\", " ").split()]
    words = [word for word in words if word != "lock"]
    destination = next(word for word in words if re.match(r"default$|[0-9a-f]*[.:]", word))
    pairs = [(word, after) for word, after in zip(words, [*words[1:], ""], strict=True) if word in FACTS]
    return [("to", destination), *(sorted(pair for pair in pairs if pair != ("metric", "0")))]


def test_ip_reads_our_routes(tmp_path: Path) -> None:
    ours = list(routes())
    (tmp_path / "routes.mon").write_bytes(nlwire.encode(ours))
    command = ["ip", "-o", "monitor", "file", str(tmp_path / "routes.mon")]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(ours) > 200
    assert len(theirs) == len(ours)
    unlike = [
        (text_line(our), their)
        for our, their in zip(ours, theirs, strict=True)
        if facts(text_line(our)) != facts(their)
    ]
    assert unlike == []
