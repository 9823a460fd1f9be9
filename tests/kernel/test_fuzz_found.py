"""What ``nlwire fuzz --target kernel`` has found and was mended: the mock says what Linux said, and Linux says it still."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nlwire.fuzz.linux.evidence import load_duel, on_both, on_mock
from nlwire.fuzz.linux.outside import Outside
from tests.conftest import require_or_skip
from tests.kernel.transcripts.recordings import KERNEL, release

FOUND = sorted((Path(__file__).parents[2] / "fixtures" / "found").glob("*.pcapng"))


def test_there_are_some() -> None:
    assert len(FOUND) >= 2


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_the_mock_says_what_linux_said(path: Path) -> None:
    found = load_duel(path)
    assert found is not None
    parted = on_mock(found)
    assert parted is None, f"{found.signature}\nLinux {parted.linux}\nmock {parted.mock}"


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    try:
        made = Outside()
    except OSError as failure:
        require_or_skip(str(failure))
    yield made
    made.close()


@pytest.mark.kernel
@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_both_say_the_same_when_asked_again(path: Path, outside: Outside) -> None:
    found = load_duel(path)
    assert found is not None
    parted = on_both(found, outside)
    if parted is not None and release() != KERNEL.read_text(encoding="utf-8").strip():
        pytest.xfail("this kernel is not the one it was found on")
    assert parted is None, f"{found.signature}\nLinux {parted.linux}\nmock {parted.mock}"
