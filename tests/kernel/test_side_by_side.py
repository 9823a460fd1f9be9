"""A real kernel and the mock side by side, asked at random (tests/kernel/side_by_side)."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import require_or_skip
from tests.kernel.side_by_side.machine import Addresses, Both, Links, Routes
from tests.kernel.side_by_side.more import Bridges, Neighbours, Nexthops, Rules

pytestmark = pytest.mark.kernel
STEPS = 50
EXAMPLES = {"fast": 2, "ci": 8, "nightly": 300}
"""Of STEPS steps each, on each machine: seven times 15,000 steps at night, some 3000 where a minute is all there is."""


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Links, Addresses, Routes, Rules, Neighbours, Nexthops, Bridges])
def test_the_mock_and_linux_do_not_part(machine: type[Both]) -> None:
    if os.geteuid() != 0:
        require_or_skip("sockets of another network namespace take root")
    profile = os.environ.get("HYPOTHESIS_PROFILE", "fast")
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[profile],
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=profile == "ci",
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
