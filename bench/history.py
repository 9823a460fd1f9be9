"""Results: lines as they are printed, the file they are kept in, what became slower since, and a picture.

Compared is with the last run here (bench/results), else with the one that was kept (bench/kept: ``python -m bench.history``).

Knows: rates and ratios.
Never: what was measured.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
KEPT = Path(__file__).parent / "kept"
SLOWER = 1.3
"""How many times as long as in the last run something may take, or as much memory, before it is told."""
WIDTH, LINE = 900, 22


@dataclass
class Row:
    """One work of one program: items, seconds for all of them, the most memory in MB (0: not measured)."""

    work: str
    who: str
    count: int
    seconds: float
    memory: float = 0.0

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.count / self.seconds if self.seconds else 0.0

    @property
    def key(self) -> str:
        """What the same row of another run is found by."""
        return f"{self.work} / {self.who} / {self.count}"


def run(path: Path, title: str, rows: Iterable[Row]) -> list[str]:
    """Measure, which is to take the rows, and print each as it comes; then compare and keep them."""
    made: list[Row] = []
    for row in rows:
        made.append(row)
        show(row, made)
    return keep(path, title, made)


def show(row: Row, made: list[Row]) -> None:
    """Print one row, beside nlwire's of the same work."""
    ours = next((one for one in made if one.work == row.work and one.who == "nlwire"), None)
    ratio = "" if ours is None or ours is row or not row.seconds else f"nlwire: {ours.rate / row.rate:.2f}x"
    rate = f"{row.rate:>14,.{0 if row.rate >= 100 else 1}f}/s" if row.seconds else " " * 16
    memory = f"{row.memory:8.1f} MB" if row.memory else ""
    print(f"{row.work:<48}{row.who:<22}{rate} {ratio:<18}{memory}", flush=True)


def keep(path: Path, title: str, rows: list[Row]) -> list[str]:
    """Compare with the last results of this name, print what is slower, write the new ones and their picture."""
    path.parent.mkdir(exist_ok=True)
    file = path.with_suffix(".json")
    slower = regressions(file if file.exists() else KEPT / file.name, rows)
    for line in slower:
        print(line)
    written = [{**asdict(row), "rate": row.rate} for row in rows]
    file.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".svg").write_text(picture(title, [row for row in rows if row.seconds]), encoding="utf-8")
    return slower


def regressions(file: Path, rows: list[Row]) -> list[str]:
    """What nlwire does slower, or with more memory, than in the results of ``file``.

    Machines differ and are shared: where peers of the same run became slower too, by as much, it was the machine.
    """
    if not file.exists():
        return []
    before = {}
    for one in json.loads(file.read_text(encoding="utf-8")):
        row = Row(*(one[name] for name in ("work", "who", "count", "seconds", "memory")))
        before[row.key] = row
    known = [(row, before[row.key]) for row in rows if row.key in before]
    weather = [row.seconds / old.seconds for row, old in known if row.who != "nlwire" and old.seconds]
    usual = max(1.0, sorted(weather)[len(weather) // 2]) if weather else 1.0
    ours = [(row, old) for row, old in known if row.who == "nlwire"]
    return [
        *(
            f"SLOWER: {row.work}: {row.rate:,.0f}/s, was {old.rate:,.0f}/s"
            for row, old in ours
            if row.seconds > old.seconds * SLOWER * usual
        ),
        *(
            f"MORE MEMORY: {row.work}: {row.memory:,.1f} MB, was {old.memory:,.1f} MB"
            for row, old in ours
            if row.memory > old.memory * SLOWER and old.memory
        ),
    ]


def picture(title: str, rows: list[Row]) -> str:
    """Bars of rates, on a scale of tens, as SVG."""
    most = max((row.rate for row in rows), default=1.0)
    least = min((row.rate for row in rows if row.rate), default=1.0)
    height = LINE * (len(rows) + 2)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" font-size="12">'
    ]
    out.append(f'<rect width="100%" height="100%" fill="white"/><text x="8" y="16">{escape(title)}</text>')
    for at, row in enumerate(rows, 1):
        share = decades(row.rate, least / 2) / decades(most, least / 2) if row.rate else 0.0
        colour = "#2a6f97" if row.who == "nlwire" else "#b8b8b8"
        y = LINE * at + 4
        out.append(f'<rect x="500" y="{y}" width="{share * 280:.0f}" height="{LINE - 6}" fill="{colour}"/>')
        out.append(f'<text x="8" y="{y + 12}">{escape(f"{row.work}, {row.who}"[:66])}</text>')
        out.append(f'<text x="790" y="{y + 12}">{row.rate:,.0f}/s</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def decades(value: float, least: float) -> float:
    """How many tens a value is above the least."""
    found = 0.0
    while value >= least * 10:
        value, found = value / 10, found + 1
    return found + (value - least) / (least * 9)


def main() -> None:
    """Keep the last results as what is compared with where there are none."""
    KEPT.mkdir(exist_ok=True)
    for file in sorted(RESULTS.iterdir()):
        shutil.copyfile(file, KEPT / file.name)
        print(f"kept {file.name}")


if __name__ == "__main__":
    main()
