"""``python -m tools.pictures``: draw docs/*.svg anew.

docs/explain.svg is what ``nlwire explain`` prints for one recorded route that has metrics and two nexthops.

Knows: where pictures go.
Never: what they show; that is the program's own output.
"""

from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from nlwire.cli.sample import SAMPLE
from nlwire.cli.screen import coloured
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message
from nlwire.codec.text import explain, rows, text_line
from nlwire.uapi.rtnetlink import RTA

DOCS = Path(__file__).parent.parent / "docs"
WIDTH = 112


def richest_route() -> Message:
    """A recorded route with metrics and nexthops; the interface indexes are the recording machine's."""
    routes = decode(SAMPLE["route"], byteorder="little")
    return next(one for one in routes if RTA.MULTIPATH in one and RTA.METRICS in one)


def draw(path: Path) -> None:
    """Write the picture."""
    route = richest_route()
    console = Console(
        highlight=False, record=True, width=WIDTH, force_terminal=True, color_system="truecolor", file=path.open("w")
    )
    console.print(
        f"[bold]$[/] nlwire decode route.bin\n{text_line(route)}\n\n[bold]$[/] nlwire explain route.bin",
    )
    for row in rows(explain(encode(route, byteorder="little"), byteorder="little")):
        console.print(coloured(row), soft_wrap=True)
    console.file.close()
    console.save_svg(str(path), title="nlwire explain", theme=MONOKAI, unique_id="explain")


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    draw(DOCS / "explain.svg")
