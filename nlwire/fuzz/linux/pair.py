"""Both kernels, born alike, asked the same.

Knows: the two ends, the world both begin with.
Never: what is asked beyond that; which of the two is right.
"""

from collections.abc import Iterable
from typing import Any

from nlwire.errors import NlwireError
from nlwire.fuzz.linux.errands import world
from nlwire.fuzz.linux.inside import exchange, moves_links, set_up
from nlwire.fuzz.linux.newborn import look_at_links
from nlwire.fuzz.linux.outside import Outside
from nlwire.fuzz.linux.verdict import Difference, difference
from nlwire.fuzz.targets import Watch
from nlwire.kernel import Kernel
from nlwire.kernel.timer import run_timers

MOCKS_TIME = 1000.0
"""The mock's clock stands still: nothing that is asked takes long enough on the real kernel for a timer to matter."""


class Unequal(NlwireError):
    """The two do not even begin alike."""


class MockSide:
    """The mock, with the socket that asks."""

    def __init__(self, strict: bool) -> None:
        self.kernel = Kernel(clock=lambda: MOCKS_TIME)
        self.asker: Any = set_up(self.kernel.socket(), strict)
        self.looker = self.kernel.socket()

    def ask(self, data: bytes) -> list[bytes]:
        """What it answers to a datagram."""
        answers = exchange(self.asker, data)
        run_timers(self.kernel)
        if moves_links(data):
            look_at_links(self.looker)
        return answers


class Pair:
    """A fresh namespace on both, with ``beginning`` in it, about which they must agree, and what ``before`` asks for.

    Raises Unanswered, Gone, Unequal.
    """

    def __init__(
        self,
        outside: Outside,
        watch: Watch,
        *,
        strict: bool,
        before: Iterable[bytes] = (),
        beginning: Iterable[bytes] | None = None,
    ) -> None:
        outside.fresh(strict=strict)
        self.outside, self.watch = outside, watch
        self.linux: list[bytes] = []
        """What the real kernel answered last."""
        self.mock = MockSide(strict)
        for request in world() if beginning is None else beginning:
            found = self.ask(request)
            if found is not None:
                raise Unequal(
                    f"the world is not the same on both: {found.asked}: Linux {found.linux}, mock {found.mock}"
                )
        for request in before:
            self.ask(request)

    def ask(self, data: bytes) -> Difference | None:
        """Ask both; how they part. Raises Refused, Unanswered, Gone, and whatever the mock makes a mistake by, Hang among it."""
        self.linux = self.outside.ask(data)
        self.watch.beat()
        try:
            mock = self.mock.ask(data)
        finally:
            self.watch.rest()
        return difference(data, self.linux, mock)
