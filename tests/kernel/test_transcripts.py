"""Every script on the mock and on the kernel at hand, beside what was recorded (python -m tests.kernel.transcripts)."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import require_or_skip
from tests.kernel.transcripts.difference import difference
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.recordings import RECORDED, holds, not_yet, on_mock, other_build, recording
from tests.kernel.transcripts.scripts import SCRIPTS
from tests.kernel.transcripts.stages import Real
from tests.kernel.transcripts.text import bytes_of, words_of

NOT_YET = not_yet()


def of_the_mock() -> list[Any]:
    found = []
    for script in SCRIPTS:
        why = NOT_YET.get(script.name)
        marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
        found.append(pytest.param(script, id=script.name, marks=marks))
    return found


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    if os.geteuid() != 0:
        require_or_skip("sockets of another network namespace take root")
    one = Real()
    yield one
    one.close()


@pytest.fixture(scope="module")
def excuse(real: Real) -> str:
    return other_build(real)


@pytest.mark.parametrize("script", of_the_mock())
def test_the_mock_says_what_linux_said(script: Script) -> None:
    found = list(difference(recording(script), on_mock(script)))
    assert not found, "\n".join(["", *found])


@pytest.mark.kernel
@pytest.mark.parametrize("script", [pytest.param(one, id=one.name) for one in SCRIPTS])
def test_linux_still_says_it(script: Script, real: Real, excuse: str) -> None:
    same, said = holds(script, real)
    if excuse and not same:
        pytest.xfail(excuse)
    assert same, "\n".join(["", *difference(recording(script), said)])


def test_every_recording_is_of_its_script() -> None:
    recorded = {str(path.relative_to(RECORDED).with_suffix("")) for path in RECORDED.rglob("*.txt")}
    assert recorded == {one.name for one in SCRIPTS}
    assert set(NOT_YET) <= recorded
    assert len(SCRIPTS) == len(recorded), "two scripts have one name"
    for script in SCRIPTS:
        asked = [entry.data for entry in recording(script) if entry.kind == "sent"]
        assert asked == [step.data for step in script.steps if isinstance(step, Ask)], f"{script.name}: record it anew"


@pytest.mark.parametrize("data", [b"", b"\0", bytes(4), bytes(9), bytes(8) + b"abcde", b"abcd" * 3 + bytes(12)])
def test_words(data: bytes) -> None:
    assert bytes_of(words_of(data)) == data
