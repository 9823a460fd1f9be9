"""docs/conformance.md speaks of every statement, and has a verdict on those that have a test."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests" / "kernel" / "conformance"


def marked() -> set[int]:
    """The statements that tests carry."""
    calls = [
        node
        for path in TESTS.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "statement"
    ]
    return {int(ast.unparse(one)) for call in calls for one in call.args}


def rows() -> dict[int, list[str]]:
    """The page: verdicts on mock and Linux by statement."""
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in page.splitlines()]
    return {int(row[1]): row[3:5] for row in cells if len(row) == 6 and row[1].isdigit()}


def test_every_statement_is_on_the_page() -> None:
    listed = re.findall(r"^(\d+)\. ", (TESTS / "statements.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows()) == sorted(int(number) for number in listed) == list(range(1, 119))


def test_what_has_a_test_has_a_verdict() -> None:
    assert {number for number, verdicts in rows().items() if any(verdicts)} == marked()


def test_nothing_fails() -> None:
    assert not {number for number, verdicts in rows().items() if "**no**" in verdicts}
