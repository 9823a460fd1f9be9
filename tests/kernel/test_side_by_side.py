"""A real kernel and the mock side by side, asked at random (tests/kernel/side_by_side)."""

import os
import random

import pytest

from tests.conftest import require_or_skip
from tests.kernel.side_by_side.kernels import Pool
from tests.kernel.side_by_side.machine import Both
from tests.kernel.side_by_side.machines import MACHINES
from tests.kernel.side_by_side.search import search
from tests.kernel.transcripts.play import PLAIN
from tests.kernel.transcripts.recordings import other_build

pytestmark = [pytest.mark.kernel, pytest.mark.slow]
REQUESTS = {"fast": 100, "ci": 300, "nightly": 12_000}
"""Of each machine, so more than 200,000 at night."""
LESS = 3
"""Of the later machines, which hear more than IPv4, a third of it where time is short: IPv4's have been alike for longer."""
MAY_PASS = 3


def requests(machine: type[Both], profile: str) -> int:
    """About how many requests."""
    return REQUESTS[profile] // (LESS if profile == "ci" and machine.hears is not PLAIN else 1)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_mock_and_linux_do_not_part(machine: type[Both]) -> None:
    if os.geteuid() != 0:
        require_or_skip("sockets of another network namespace take root")
    profile = os.environ.get("HYPOTHESIS_PROFILE", "fast")
    found = search(machine, requests(machine, profile), 1 if profile == "ci" else random.randrange(1 << 32))
    excuse = other_build(Pool.fresh()) if found.parted else ""
    if excuse:
        pytest.xfail(excuse)
    assert found.parted is None, str(found)
    assert found.passing <= MAY_PASS
    assert found.alike >= requests(machine, profile)
