"""A real kernel and the mock side by side, asked at random (tests/kernel/side_by_side)."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.conftest import require_or_skip
from tests.kernel.side_by_side.machine import Addresses, Links, Routes

pytestmark = pytest.mark.kernel
STEPS = 50
EXAMPLES = {"fast": 5, "ci": 40, "nightly": 2000}
"""Of STEPS steps each, on each machine."""


@pytest.mark.parametrize("machine", [Links, Addresses, Routes])
def test_the_mock_and_linux_do_not_part(machine: type[RuleBasedStateMachine]) -> None:
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
