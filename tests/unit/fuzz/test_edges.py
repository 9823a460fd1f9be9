"""Edges of programs that tell them, by our own few lines under gcc and by what AFL++ builds: they lead to what is deep."""

import shutil
from pathlib import Path

import pytest

from nlwire.fuzz.conversation import Plot
from nlwire.fuzz.edges import CLASSES, Edges, tells
from nlwire.fuzz.program import Program, file_of
from nlwire.fuzz.rehearsal import Rehearsal
from nlwire.fuzz.replies import Play
from nlwire.fuzz.scenery import Scenery
from tests.conftest import require_or_skip
from tests.planted.build import deep

RUNS = 1500
SEEDS = (5, 1, 3, 4)


def attacked(path: Path, seed: int, runs: int) -> Rehearsal:
    rehearsal = Rehearsal(Program([str(path)], Scenery()), seed)
    rehearsal.run(runs, first_only=True)
    rehearsal.program.close()
    return rehearsal


def test_counts_are_told_apart_as_afl_does() -> None:
    told = [CLASSES[count] for count in (0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 127, 128, 255)]
    assert told == [0, 1, 2, 4, 8, 8, 16, 16, 32, 32, 64, 64, 128, 128]


def test_a_map_is_empty_until_somebody_writes() -> None:
    edges = Edges()
    edges.clear()
    assert edges.taken() == 0
    edges.close()
    edges.close()


def test_only_a_program_that_was_built_so_tells(tmp_path: Path) -> None:
    assert tells(file_of(str(deep(tmp_path, told=True))))
    plain = Program([str(deep(tmp_path, told=False))], Scenery())
    assert not plain.tells
    assert plain.sound.edges == 0


@pytest.mark.parametrize("compiler", ["cc", "afl-gcc"])
def test_the_same_run_takes_the_same_edges_and_another_takes_others(tmp_path: Path, compiler: str) -> None:
    if shutil.which(compiler) is None:
        require_or_skip(f"{compiler} is not here (Debian: afl++)")
    program = Program([str(deep(tmp_path, told=True, compiler=compiler))], Scenery())
    sound = program.sound.edges
    assert sound.bit_count() > 10
    assert program.perform(Play()).edges == sound
    assert program.perform(Play([Plot("payload_grown", 0, 1)])).edges != sound
    program.close()


def test_edges_lead_to_what_is_deep(tmp_path: Path) -> None:
    told, plain = deep(tmp_path, told=True), deep(tmp_path, told=False)
    for seed in SEEDS:
        led = attacked(told, seed, RUNS)
        if led.report.findings:
            break
    assert [one.partition(" ")[0] for one in led.report.findings] == ["SIGABRT"]
    assert not attacked(plain, seed, led.report.runs).report.findings
