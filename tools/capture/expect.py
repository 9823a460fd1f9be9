"""What nlwire makes of the fixtures: rewrites the JSON part of every file and nothing else.

The result is reviewed as a diff: it is an opinion until somebody has read it.

Knows: nlwire's decode and to_dict, fixture files.
Never: how the bytes were recorded.
"""

from pathlib import Path
from typing import Any

import nlwire
from tools.capture import fixture
from tools.capture.fixture import Sample


def expect(root: Path) -> int:
    """Rewrite the JSON parts below ``root``; the number of files that changed."""
    changed = 0
    for path in sorted(root.glob("*/*.nl")):
        read = fixture.read(path)
        read.expected = [expected(sample) for sample in read.samples]
        text = read.text()
        if text != path.read_text():
            path.write_text(text)
            changed += 1
    return changed


def expected(sample: Sample) -> dict[str, Any]:
    """One message as nlwire's to_dict has it."""
    (message,) = nlwire.decode(sample.message.data, protocol=sample.message.protocol)
    return message.to_dict()
