"""The house holds: floors, walls and room sizes of nlwire/, read from its syntax trees.

ARCHITECTURE.md shows the same floors and says why. Every rule is a function from modules to complaints, run on the real
package, where it must find nothing, and on planted violations, where it must find each one.
"""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = """
F0  errors later printable
F1  schema.enums <- schema.kinds <- schema.addresses schema.fields <- schema.layout schema.attrs schema.mpls schema.sockets
    <- schema.nests <- schema.family <- schema
F2  uapi.netlink <- uapi.* <- uapi.rtnetlink uapi.sock_diag uapi.nfnetlink <- uapi.mroute
    <- uapi.fib_rules uapi.genetlink uapi.if_addr uapi.if_addrlabel uapi.if_link uapi.neighbour uapi.net_namespace
       uapi.netconf uapi.nexthop uapi.tc uapi.inet_diag uapi.netlink_diag uapi.packet_diag uapi.unix_diag
       uapi.nfnetlink_conntrack uapi.nf_tables_compat
    <- uapi.nfnetlink_log uapi.nfnetlink_queue uapi.nf_tables
    <- uapi
F3  wire.skb wire.scope <- wire.nlmsg <- wire.nlattr <- wire.nlattr_put wire.policy
    <- wire.extack <- wire.validate wire.resolve <- wire
F4  codec.frames codec.values codec.headers <- codec.build <- codec.message
    <- codec.reference codec.fast codec.columnar codec.text codec.strategies
    <- codec
F5  dialog capture.entry capture.window capture.pcapng <- capture.cooked capture.annex
    <- capture.pcap capture.pcapng_read capture.pcapng_write capture.stream capture.strace <- capture.scan <- capture.files
    <- capture.columns
F6  endpoint.base capture.match <- endpoint.socket endpoint.netns endpoint.trace endpoint.fault capture.record capture.replay
    <- endpoint capture
    <- kernel.netns kernel.nlfill <- kernel.net <- kernel.timer <- kernel.af_netlink
    <- kernel.rtnetlink kernel.genetlink kernel.socket kernel.sysctl
    <- kernel.core <- kernel.link kernel.sched kernel.diag <- kernel.ipv4
    <- kernel.drivers kernel.ipv6 kernel.front <- kernel.bridge <- kernel
F7  session supervise <- ground
F8  nlwire <- fuzz <- pytest_plugin <- cli <- __main__
"""
"""A module imports floors below its own, and on its own floor only what stands to the left of an arrow.

A name stands for a module and all below it (a room), unless modules below it are listed themselves; ``uapi.*`` is the room
of those that are not: headers that give words and declare no family. Rooms between the same two arrows are siblings and
never import each other. ``nlwire`` is the door.
"""

WALLS = {
    "construct": ["codec.reference"],
    "numpy": ["codec.columnar"],
    "pyarrow": ["codec.columnar"],
    "pandas": ["codec.columnar"],
    "polars": ["codec.columnar"],
    "dask": [],
    "hypothesis": ["codec.strategies", "fuzz", "pytest_plugin"],
    "pytest": ["codec.strategies", "fuzz", "pytest_plugin"],
    "atheris": ["fuzz"],
    "click": ["cli"],
    "rich": ["cli"],
    "zstandard": ["capture.files"],
}
"""What is not of the standard library, and the only rooms that may import it."""

STRANGERS = {
    "wire": ("uapi", {"uapi.netlink"}),
    "codec": ("uapi", {"uapi", "uapi.netlink"}),
    "kernel": ("codec", set[str]()),
}
"""Rooms that know nothing of another although it stands below, and what they may import of it all the same.

Neither wire nor the codec's machines name a family; struct nlmsghdr and the registry belong to all of them. The mock kernel
and its clients agree through bytes alone, else their errors are the same errors.
"""

HIDDEN_IMPORTS = {
    "later:imported": "what is asked for by name: nlwire's own doors, commands, large headers, numpy's room",
    "codec.columnar.onward:library": "Arrow, pandas and polars belong to whoever asks for them",
    "fuzz.targets:named": "the user names a callable of his own",
    "fuzz.targets:exception": "the user names an exception of his own",
}
"""module:function that imports while it runs, and why."""

MAX_LINES = 400
LONG_FILES: dict[str, tuple[int, str]] = {}
"""Files over 400 lines: their ceiling, and why they do one thing all the same."""

MAX_FUNCTION = 40
LONG_FUNCTIONS: dict[str, str] = {}
"""module:function of more than 40 lines, and why it is not two."""

DRAWERS = {"common", "helper", "helpers", "misc", "util", "utils"}
"""Names that say nothing of what is inside."""


@dataclass(frozen=True)
class Import:
    """One imported module, with the line and, if it hides in one, the function it stands in."""

    target: str
    line: int
    function: str | None


@dataclass(frozen=True)
class Module:
    """A module's name below nlwire (``codec.fast``; ``nlwire`` for the door) and its source."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""

    @cached_property
    def functions(self) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        return [(n.name, n) for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


House = Mapping[str, Module]
Rule = Callable[[House], Iterator[str]]


def read_house(package: Path) -> dict[str, Module]:
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts) or "nlwire"
        modules[name] = Module(name, path.read_text(encoding="utf-8"), is_package)
    return modules


def imports(module: Module, house: House) -> Iterator[Import]:
    """Every import of a module, wherever it stands; targets inside the package are named as the house names them."""

    def visit(node: ast.AST, function: str | None) -> Iterator[Import]:
        for target in _targets(node, house):
            yield Import(target, getattr(node, "lineno", 0), function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            function = getattr(node, "name", "<lambda>")
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function)

    return visit(module.tree, None)


def _targets(node: ast.AST, house: House) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (_short(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _short("." * node.level + (node.module or ""))
        prefix = "" if base == "nlwire" else base + "."
        yield from dict.fromkeys(prefix + a.name if prefix + a.name in house else base for a in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
        "__import__",
        "import_module",
        "importlib.import_module",
    ):
        named = node.args[0] if node.args else None
        yield _short(named.value) if isinstance(named, ast.Constant) and isinstance(named.value, str) else "?"


def _short(name: str) -> str:
    """``nlwire.codec.fast`` -> ``codec.fast``; a module of the world outside keeps its name behind a colon."""
    top, _, rest = name.partition(".")
    return (rest or "nlwire") if top == "nlwire" else f":{name}"


def rooms() -> dict[str, tuple[int, int]]:
    """The floor plan: room -> (floor, place between the arrows)."""
    plan: dict[str, tuple[int, int]] = {}
    for floor, line in enumerate(re.split(r"^F\d", FLOORS, flags=re.MULTILINE)[1:]):
        for place, tier in enumerate(line.split("<-")):
            plan.update(dict.fromkeys(tier.split(), (floor, place)))
    return plan


PLAN = rooms()


def put_off(module: Module, house: House) -> Iterator[Import]:
    """Every module that a string names in full: who is given it (``later``) imports it while it runs."""
    for node in ast.walk(module.tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and text.startswith("nlwire.") and _short(text) in house:
            yield Import(_short(text), getattr(node, "lineno", 0), None)


def room_of(name: str) -> str | None:
    """The room a module is in: its own name, the nearest listed parent without listed children, or ``parent.*``."""
    if name in PLAN:
        return name
    parent = name.rpartition(".")[0]
    if f"{parent}.*" in PLAN:
        return f"{parent}.*"
    room = room_of(parent) if parent else None
    return None if any(other.startswith(f"{room}.") for other in PLAN) else room


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def floors(house: House) -> Iterator[str]:
    """A module imports floors below its own, and its own floor only where an arrow says so."""
    for module in house.values():
        room = room_of(module.name)
        if room is None:
            yield f"{module.name} stands on no floor: give it a place in FLOORS"
            continue
        late = put_off(module, house) if module.name != "nlwire" else ()  # its door leads upstairs too
        for one in [*imports(module, house), *late]:
            other = None if one.target.startswith(":") else room_of(one.target)
            if other is None or other == room:
                continue
            (floor, place), (below, left) = PLAN[room], PLAN[other]
            if not (below < floor or (below == floor and left < place)):
                yield f"{module.name}:{one.line} imports {one.target}, which stands on F{below}, not below it"


def walls(house: House) -> Iterator[str]:
    """A library is imported only by the rooms that are there to hold it, a stranger not at all."""
    for module in house.values():
        for one in imports(module, house):
            if one.target.startswith(":"):
                top = one.target[1:].partition(".")[0]
                if top not in sys.stdlib_module_names and not any(within(module.name, at) for at in WALLS.get(top, ())):
                    yield f"{module.name}:{one.line} imports {one.target[1:] or 'relatively'}, a wall"
                continue
            for room, (unknown, needed) in STRANGERS.items():
                if within(module.name, room) and within(one.target, unknown) and one.target not in needed:
                    yield f"{module.name}:{one.line} imports {one.target}, which {room} must not know"


def cycles(house: House) -> Iterator[str]:
    """No module needs itself to be imported."""
    graph = {m.name: {one.target for one in imports(m, house) if one.target in house} for m in house.values()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield "imports run in a circle: " + " <- ".join(error.args[1])


def hidden_imports(house: House) -> Iterator[str]:
    """What a module needs is said at its top."""
    for module in house.values():
        for one in imports(module, house):
            if one.function is not None and f"{module.name}:{one.function}" not in HIDDEN_IMPORTS:
                yield f"{module.name}:{one.line} imports {one.target} inside {one.function}()"


def file_sizes(house: House) -> Iterator[str]:
    """A file is a room of at most 400 lines."""
    for module in house.values():
        lines = module.source.count("\n")
        most = LONG_FILES.get(module.name, (MAX_LINES, ""))[0]
        if lines > most:
            yield f"{module.name} has {lines} lines, more than {most}: what second thing does it do?"


def function_sizes(house: House) -> Iterator[str]:
    """A function fits on a screen."""
    for module in house.values():
        for name, node in module.functions:
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > MAX_FUNCTION and f"{module.name}:{name}" not in LONG_FUNCTIONS:
                yield f"{module.name}:{node.lineno} {name}() has {lines} lines, more than {MAX_FUNCTION}"


def names(house: House) -> Iterator[str]:
    """A module's name says what is inside."""
    for module in house.values():
        for part in DRAWERS.intersection(module.name.split(".")):
            yield f"{module.name}: {part!r} is a drawer, not a name"


def docstrings(house: House) -> Iterator[str]:
    """A module opens with what it is; one with code of its own says what it knows and never does.

    A declaration file names the header it mirrors instead: what it knows is that header.
    """
    for module in house.values():
        if not module.docstring:
            if module.source.strip():
                yield f"{module.name} has no docstring"
        elif within(module.name, "uapi"):
            if not module.is_package and "include/" not in module.docstring:
                yield f"{module.name} does not name the header it mirrors"
        elif not module.is_package and not ("\nKnows: " in module.docstring and "\nNever: " in module.docstring):
            yield f"{module.name} does not say what it knows and never does"


RULES: list[Rule] = [floors, walls, cycles, hidden_imports, file_sizes, function_sizes, names, docstrings]


@pytest.fixture(scope="module")
def house() -> House:
    return read_house(ROOT / "nlwire")


@pytest.mark.parametrize("rule", RULES)
def test_the_house_holds(rule: Rule, house: House) -> None:
    assert list(rule(house)) == []


def test_the_house_was_read(house: House) -> None:
    assert {"nlwire", "errors", "schema", "schema.kinds", "uapi.netlink"} <= house.keys()


DOC = '"""What it is.\n\nKnows: this.\nNever: that.\n"""\n'

PLANTED: list[tuple[Rule, dict[str, str], str]] = [
    (floors, {"schema.kinds": "from nlwire.uapi.netlink import NLM_F"}, "schema.kinds:1 imports uapi.netlink"),
    (floors, {"schema.kinds": "import nlwire.session"}, "schema.kinds:1 imports session"),
    (floors, {"errors": "import nlwire"}, "errors:1 imports nlwire"),
    (floors, {"codec.fast": "from nlwire.codec import text", "codec.text": ""}, "codec.fast:1 imports codec.text"),
    (floors, {"uapi.if_link": "from nlwire.uapi.if_addr import IFA"}, "uapi.if_link:1 imports uapi.if_addr"),
    (floors, {"schema.enums": "def f():\n    import nlwire.schema.kinds"}, "schema.enums:2 imports schema.kinds"),
    (floors, {"schema.fresh": ""}, "schema.fresh stands on no floor"),
    (floors, {"codec.text": 'LATE = {"x": "nlwire.session"}', "session": ""}, "codec.text:1 imports session"),
    (floors, {"attic": ""}, "attic stands on no floor"),
    (walls, {"codec.fast": "from construct import Struct"}, "codec.fast:1 imports construct"),
    (walls, {"schema.kinds": "import numpy as np"}, "schema.kinds:1 imports numpy"),
    (walls, {"session": "import rich.table"}, "session:1 imports rich.table"),
    (walls, {"errors": "import requests"}, "errors:1 imports requests"),
    (walls, {"wire.skb": "from nlwire.uapi.rtnetlink import RTM"}, "wire.skb:1 imports uapi.rtnetlink, which wire"),
    (walls, {"codec.text": "from nlwire.uapi.if_link import IFLA"}, "codec.text:1 imports uapi.if_link, which codec"),
    (walls, {"kernel.route": "import nlwire.codec"}, "kernel.route:1 imports codec, which kernel"),
    (cycles, {"cli.a": "from nlwire.cli import b", "cli.b": "import nlwire.cli.a"}, "imports run in a circle"),
    (hidden_imports, {"session": "def dump():\n    import json"}, "session:2 imports :json inside dump()"),
    (hidden_imports, {"session": "class A:\n    def f(s):\n        __import__(s)"}, "session:3 imports ? inside f()"),
    (hidden_imports, {"cli": "f = lambda: importlib.import_module('os')"}, "cli:1 imports :os inside <lambda>()"),
    (file_sizes, {"dialog": "\n" * 401}, "dialog has 401 lines"),
    (function_sizes, {"dialog": "def f():\n" + "    1\n" * 40}, "dialog:1 f() has 41 lines"),
    (names, {"codec.utils": ""}, "codec.utils: 'utils' is a drawer"),
    (docstrings, {"dialog": "x = 1"}, "dialog has no docstring"),
    (docstrings, {"dialog": '"""A conversation."""'}, "dialog does not say what it knows"),
    (docstrings, {"uapi.netlink": '"""Netlink."""'}, "uapi.netlink does not name the header"),
]


@pytest.mark.parametrize(("rule", "planted", "complaint"), PLANTED)
def test_a_rule_finds_its_violation(rule: Rule, planted: dict[str, str], complaint: str) -> None:
    found = list(rule({name: Module(name, source) for name, source in planted.items()}))
    assert any(one.startswith(complaint) for one in found), found


ALLOWED = {
    "session": DOC + "import json\n\nfrom nlwire.errors import WireError\nfrom nlwire import dialog\n",
    "codec.fast.emit": DOC + "from nlwire.codec.fast import plan\nfrom nlwire.codec.message import Message\n",
    "codec.fast.plan": DOC + "from nlwire.schema import Attr\nfrom nlwire.uapi import FAMILIES\n",
    "codec.reference": DOC + "import construct\n",
    "uapi.if_link": '"""include/uapi/linux/if_link.h"""\nfrom nlwire.uapi.rtnetlink import RTM\n',
    "uapi.in_": '"""include/uapi/linux/in.h"""\nfrom nlwire.uapi.socket import AF\n',
    "wire.skb": DOC + "from nlwire.uapi.netlink import nlmsghdr\n",
    "dialog": "",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_lets_pass_what_is_allowed(rule: Rule) -> None:
    assert list(rule({name: Module(name, source) for name, source in ALLOWED.items()})) == []


def test_no_exception_outlives_its_need(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    excused = [*HIDDEN_IMPORTS, *LONG_FILES, *LONG_FUNCTIONS]
    for table in ("HIDDEN_IMPORTS", "LONG_FILES", "LONG_FUNCTIONS"):
        monkeypatch.setitem(globals(), table, {})
    found = [one for rule in (hidden_imports, file_sizes, function_sizes) for one in rule(house)]
    for one in excused:
        module, _, function = one.partition(":")
        start, part = (f"{module}:", f" {function}()") if function else (f"{module} has", "lines")
        assert any(text.startswith(start) and part in text for text in found), f"{one} needs no exception any more"


def test_the_floor_plan_is_the_one_people_read() -> None:
    assert FLOORS.strip() in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_importing_nlwire_loads_no_library() -> None:
    code = "import sys, nlwire; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "nlwire" in loaded
    assert not loaded & WALLS.keys()
