"""Two kernels that are asked the same.

Knows: fresh namespaces on both, the masks of the transcripts.
Never: what is asked.
"""

import atexit

from nlwire.fuzz.linux.masks import Transcript, masked
from tests.kernel.transcripts.difference import difference
from tests.kernel.transcripts.play import PLAIN, Ask, Cast, Heard, Step
from tests.kernel.transcripts.stages import Mock, Real

QUIET = 0.012
"""Seconds of silence after which links count as settled."""
PATIENCE = 0.3


class Pool:
    """The one real stage: its thread goes from namespace to namespace."""

    real: Real | None = None

    @classmethod
    def fresh(cls) -> Real:
        """A new namespace."""
        if cls.real is None:
            cls.real = Real(QUIET)
            atexit.register(cls.real.close)
        return cls.real.fresh()


class Parted(AssertionError):
    """The kernels have said different things. ``asked`` is everything that led to it, ``hears`` what was heard."""

    def __init__(self, words: str, asked: list[Step], hears: Heard = PLAIN) -> None:
        super().__init__(words)
        self.asked = asked
        self.hears = hears


class Kernels:
    """A real kernel and the mock, each with a fresh namespace, an asking and a listening socket.

    ``hears`` is what the listener hears: what IPv6 says where everything is done for it to be silent of itself.
    """

    steps = 0
    """How many requests were answered alike, since the program began."""

    last: Parted | None = None
    """How they last parted."""

    def __init__(self, hears: Heard = PLAIN) -> None:
        self.real, self.mock = Pool.fresh(), Mock()
        self.casts = Cast(self.real, hears), Cast(self.mock, hears)
        self.hears = hears
        self.asked: list[Step] = []
        self.parted = False

    def close(self) -> None:
        for cast in self.casts:
            cast.close()
        self.mock.close()

    def ask(self, one: Step) -> None:
        """Ask both. Raises Parted."""
        self.asked.append(one)
        seq = len(self.asked).to_bytes(4, "little")
        step = one._replace(data=one.data[:8] + seq + one.data[12:]) if isinstance(one, Ask) else one
        said: list[Transcript] = [list(cast.perform(step)) for cast in self.casts]
        if len(said[0]) < len(said[1]):
            self.wait_for_more(said)
        linux, mock = (masked(one)[0] for one in said)
        if linux != mock:
            self.parted = True
            Kernels.last = Parted("\n".join(["", *difference(linux, mock)]), self.asked, self.hears)
            raise Kernels.last
        Kernels.steps += 1

    def wait_for_more(self, said: list[Transcript]) -> None:
        """On a busy machine the workqueue that tells of carriers may be late."""
        quiet, self.real.quiet = self.real.quiet, PATIENCE
        self.real.settle()
        self.real.quiet = quiet
        for cast, entries in zip(self.casts, said, strict=True):
            entries += cast.heard()
