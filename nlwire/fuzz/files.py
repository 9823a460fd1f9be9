"""Target: the readers of capture files. Any bytes at all end in records or in one CaptureError, soon and in little memory.

Knows: how small captures are made of seeds.
Never: what is in a datagram.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from random import Random
from typing import Any

from nlwire.capture.entry import Direction, Record
from nlwire.capture.files import read
from nlwire.capture.pcap import PcapWriter
from nlwire.capture.pcapng_write import PcapngWriter
from nlwire.errors import CaptureError
from nlwire.fuzz.mutator import Case, Seed
from nlwire.fuzz.outcome import Hang, Outcome, failure_of

DIGITS = re.compile(r"[0-9a-f]*[0-9][0-9a-f]*")
SIZE = 6
"""Records in a capture at most: many small files are worth more than one large one."""


class CaptureReader:
    """Reads a whole file of any bytes."""

    def __call__(self, case: Case, /) -> Outcome:
        count = 0
        try:
            for _ in read(BytesIO(case.data), keep=True):
                count += 1
        except CaptureError as error:
            return Outcome(trace=(DIGITS.sub("#", error.reason), min(count, SIZE)))
        except (Exception, Hang) as error:  # noqa: BLE001 - whatever it is, it is the finding
            return Outcome(failure_of(error))
        return Outcome(trace=count)


def captures_of(seeds: Sequence[Seed], random: Random, number: int = 200) -> list[Seed]:
    """Small captures in every format and byte order, of some of these datagrams."""
    makers: list[tuple[Any, dict[str, Any]]] = [
        (PcapWriter, {}),
        (PcapWriter, {"byteorder": "big"}),
        (PcapWriter, {"nanoseconds": False}),
        (PcapngWriter, {}),
        (PcapngWriter, {"byteorder": "big"}),
        (PcapngWriter, {"snaplen": 40}),
    ]
    made = []
    for _ in range(number):
        make, options = random.choice(makers)
        out = BytesIO()
        writer = make(out, **options)
        for one in random.choices(seeds, k=random.randrange(1, SIZE)):
            direction = random.choice((Direction.IN, Direction.OUT, Direction.UNKNOWN))
            time = random.randrange(1 << 60)
            writer.write(
                Record(time, one.data, one.protocol, direction, portid=random.randrange(9), group=random.randrange(9))
            )
        writer.flush()
        made.append(Seed(0, out.getvalue()))
    return made
