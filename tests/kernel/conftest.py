"""Where this machine's kernel is out of reach the tier runs in a virtual machine, as one test: test_in_vm.py."""

from collections.abc import Iterator

import pytest

from tests.conftest import require_or_skip
from tests.kernel.relay import Relay, Unavailable
from tests.kernel_probe import kernel_unusable


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture could ask a kernel that never answers."""
    if item.get_closest_marker("kernel") and (reason := kernel_unusable()):
        pytest.skip(f"{reason}; tests/kernel/test_in_vm.py stands in")


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    """A kernel to ask, in a namespace of its own."""
    try:
        one = Relay()
    except Unavailable as reason:
        require_or_skip(str(reason))
    yield one
    one.close()
