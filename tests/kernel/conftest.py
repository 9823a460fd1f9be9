"""Where this machine's kernel is out of reach the tier runs in a virtual machine, as one test: test_in_vm.py."""

import pytest

from tests.kernel_probe import kernel_unusable


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture could ask a kernel that never answers."""
    if item.get_closest_marker("kernel") and (reason := kernel_unusable()):
        pytest.skip(f"{reason}; tests/kernel/test_in_vm.py stands in")
