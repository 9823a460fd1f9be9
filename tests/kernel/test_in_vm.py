"""The whole tier on a kernel of its own, for a machine whose kernel is out of reach (tools/vm.py)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.kernel_probe import kernel_unusable
from tools import vm

MINUTES = 50
"""The guest's processor is emulated; the tier takes some twenty minutes there."""

HERE = Path(__file__).parent
MUCH = ("test_side_by_side.py", "test_fuzz_kernel.py", "test_storms.py")
"""What asks at random, and much: an emulated processor is too slow for it, and a kernel that is built otherwise parts anyway."""
LEFT_OUT = [f"--ignore={HERE / name}" for name in (Path(__file__).name, *MUCH)]
TIER = ["python", "-m", "pytest", "-p", "no:cacheprovider", "-m", "kernel", *LEFT_OUT, str(HERE)]
"""What asks a kernel; the rest asks the mock, which needs no other machine."""


@pytest.mark.slow
def test_the_tier_passes_in_a_virtual_machine() -> None:
    reason = kernel_unusable()
    if reason is None:
        pytest.skip("the kernel at hand does: the tier's other tests ran on it")
    try:
        vm.check_programs()
        kernel = vm.find_kernel()
    except vm.Missing as missing:
        require_or_skip(f"{reason}; and no virtual machine to stand in: {missing}")
    done = subprocess.run(
        [sys.executable, "-m", "tools.vm", "--kernel", str(kernel), "--timeout", str(60 * MINUTES), "--", *TIER],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, done.stderr)
    summary = re.search(r"^=+ (.*passed.*) =+$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, f"in the virtual machine ({kernel.name}): status {done.returncode}"
    assert summary is not None
    assert "skipped" not in summary[1]
