"""Programs that are not ours say on the mock what they say on the real kernel; docs/programs.md tables them."""

import os
import re
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.programs.conftest import Build, need
from tests.programs.programs import PROGRAMS, Program, natively, needs, on_the_mock

PAGE = Path(__file__).parents[2] / "docs" / "programs.md"
SUITES = Path(__file__).with_name("suites.md")
"""What test suites of others did on the mock: measured by hand, as it says."""
BUILT = ("getifaddrs", "getifaddrs-musl", "interfaces", "netlinks", "mnl", "python")


def parameters() -> list[object]:
    return [
        pytest.param(
            one, id=one.name, marks=[pytest.mark.xfail(reason=one.differs, strict=True)] if one.differs else []
        )
        for one in PROGRAMS
    ]


@pytest.mark.kernel
@pytest.mark.usefixtures("kernel_here")
@pytest.mark.parametrize("program", parameters())
def test_it_says_the_same(program: Program, built: Build) -> None:
    if not program.command.startswith("{"):
        need(needs(program))
    if os.geteuid() and program.user != "nobody":
        require_or_skip(f"only root can become {program.user}")
    paths = {name: built(name) for name in BUILT if f"{{{name}}}" in program.command}
    assert on_the_mock(program, paths) == natively(program, paths)


def test_the_page_has_a_row_for_each() -> None:
    page = PAGE.read_text(encoding="utf-8").removesuffix(SUITES.read_text(encoding="utf-8"))
    rows = re.findall(r"^\| ([^|]+?) \|", page, re.MULTILINE)
    assert [one.name for one in PROGRAMS] == [row for row in rows if row not in ("program", "---")]


def test_the_figures_of_others_add_up() -> None:
    counts = re.findall(r"^\| (.*?) \| (\d+) \| (\d+) \| (\d+) \|", SUITES.read_text(encoding="utf-8"), re.MULTILINE)
    *parts, (name, *total) = counts
    assert name == "all"
    assert [int(one) for one in total] == [sum(int(part[at]) for part in parts) for at in (1, 2, 3)]
