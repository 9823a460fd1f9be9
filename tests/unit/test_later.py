"""What is imported when it is first asked for."""

import gc
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from nlwire.later import door, imported

ROOT = Path(__file__).parents[2]


def test_an_object_by_its_module_and_name() -> None:
    assert imported("nlwire.later", "door") is door
    with pytest.raises(AttributeError, match="nothing"):
        imported("nlwire.later", "nothing")
    with pytest.raises(ModuleNotFoundError, match=r"nlwire\.nowhere"):
        imported("nlwire.nowhere", "door")


def test_the_collector_goes_on_afterwards_if_it_was_on_before() -> None:
    assert gc.isenabled()
    imported("nlwire.later", "door")
    assert gc.isenabled()
    with pytest.raises(ModuleNotFoundError):
        imported("nlwire.nowhere", "door")
    assert gc.isenabled()
    gc.disable()
    try:
        imported("nlwire.later", "door")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_door_asks_once() -> None:
    package = ModuleType("a.package")
    asked = door(vars(package), {"imported": "nlwire.later", "gone": "nlwire.nowhere"})
    assert asked("imported") is imported
    assert vars(package)["imported"] is imported
    with pytest.raises(AttributeError, match=r"^module 'a\.package' has no attribute 'other'$"):
        asked("other")
    with pytest.raises(ModuleNotFoundError, match=r"nlwire\.nowhere"):
        asked("gone")


@pytest.mark.parametrize(
    ("package", "name", "module"),
    [
        ("nlwire.session", "AsyncSession", "nlwire.session.aio"),
        ("nlwire.ground", "Recording", "nlwire.ground.recording"),
        ("nlwire.ground", "Mock", "nlwire.kernel"),
        ("nlwire", "Kernel", "nlwire.kernel"),
    ],
)
def test_our_doors_open_when_somebody_knocks(package: str, name: str, module: str) -> None:
    code = (
        f"import sys, {package} as it; before = {module!r} in sys.modules; it.{name}; print(before, {module!r} in sys.modules);"
        f"print(*(set(it.__all__) - {{one for one in it.__all__ if hasattr(it, one)}}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
