"""The benchmark itself: what it compares with, that one part's failure leaves the others, that its programs tell their own cost."""

import shutil
import sys
from pathlib import Path

import pytest

import bench.__main__ as program
from bench import history, native
from bench.history import Row

WORK = "columns"


def rows(ours: float, theirs: float, memory: float = 10.0) -> list[Row]:
    return [Row(WORK, "nlwire", 100, ours, memory), Row(WORK, "libmnl, C", 100, theirs)]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(history, "KEPT", tmp_path / "kept")
    return tmp_path / "results" / "columns"


def test_what_became_slower_is_told(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert history.keep(path, "title", rows(1.0, 1.0)) == []
    assert history.keep(path, "title", rows(1.2, 1.0)) == []
    assert history.keep(path, "title", rows(2.4, 1.0)) == ["SLOWER: columns: 42/s, was 83/s"]
    assert "SLOWER: columns" in capsys.readouterr().out
    assert history.keep(path, "title", rows(4.8, 2.0)) == []  # the machine: the peer took twice as long too
    assert history.keep(path, "title", rows(4.8, 2.0, 20.0)) == ["MORE MEMORY: columns: 20.0 MB, was 10.0 MB"]


def test_kept_results_stand_in_for_the_last(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.keep(path, "title", rows(1.0, 1.0))
    monkeypatch.setattr(history, "RESULTS", path.parent)
    history.main()
    shutil.rmtree(path.parent)
    assert len(history.keep(path, "title", rows(3.0, 1.0))) == 1


def test_rows_are_printed_and_drawn(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history.run(path, "a <title>", [*rows(1.0, 4.0), Row("memory", "nlwire", 1, 0.0, 5.0)])
    printed = capsys.readouterr().out.splitlines()
    assert "100/s" in printed[0]
    assert "nlwire: 4.00x" in printed[1]
    assert printed[2].rstrip().endswith("5.0 MB")
    drawn = path.with_suffix(".svg").read_text(encoding="utf-8")
    assert "a &lt;title&gt;" in drawn
    assert drawn.count("<rect") == 3


def test_a_part_that_fails_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    parts = {"first": lambda: 1 // 0, "second": lambda: done.append("second"), "third": lambda: 3}
    monkeypatch.setattr(program, "PARTS", parts)
    monkeypatch.setattr(sys, "argv", ["bench", "--quick"])
    assert program.main() == 1
    assert done == ["second"]
    assert "FAILED: first, third" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["bench", "second"])
    assert program.main() == 0
    monkeypatch.setattr(sys, "argv", ["bench", "fourth"])
    assert program.main() == 2


def test_a_program_has_its_own_peak_and_not_its_parents() -> None:
    made = native.ran(sys.executable, "-c", "print(7)")
    assert made.printed == "7\n"
    assert native.program("peak") is None or 1 < made.memory < 40  # this process has more
    assert made.seconds < 5
