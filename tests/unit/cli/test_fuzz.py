"""nlwire fuzz, as it is typed."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlwire.cli.program import main

FIXTURES = Path(__file__).parents[3] / "fixtures"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["fuzz", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def fragile(data: bytes) -> int:
    """A parser with a mistake."""
    return data[28] + [0][len(data) % 4]


def test_nothing_found_ends_with_0(tmp_path: Path) -> None:
    result = run(
        "decode", "--runs", "200", "--seed", "1", "--corpus", str(FIXTURES / "route"), "--findings", str(tmp_path)
    )
    assert result.exit_code == 0
    assert "decode, seed 1: 200 runs" in result.stdout
    assert not list(tmp_path.iterdir())


def test_findings_end_with_1_and_can_be_tried_again(tmp_path: Path) -> None:
    target = f"python:{__name__}.fragile"
    result = run(target, "--runs", "500", "--seed", "1", "--family", "route", "--findings", str(tmp_path))
    assert result.exit_code == 1
    assert "IndexError at test_fuzz.py:fragile" in result.stdout
    path = next(tmp_path.glob("*.pcapng"))
    for option in ("--reproduce", "--minimise"):
        again = run(option, str(path))
        assert again.exit_code == 1
        assert "IndexError at test_fuzz.py:fragile" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name a target"),
        (("nonsense",), "python:module.function"),
        (("python:nowhere.f",), "no such module"),
        (("python:json.loads", "--allow", "json.nothing"), "is no exception"),
        (("decode", "--family", "rout"), "no family is called 'rout'"),
        (("--reproduce", str(FIXTURES / "pcap" / "README.md")), "pcap"),
    ],
)
def test_wrong_usage_says_so(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert words in result.stderr
