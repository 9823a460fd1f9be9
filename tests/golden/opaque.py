"""Which bytes of the fixtures stay opaque, and why they must.

A path names the attribute as to_dict does: family, then attribute names (a number where nobody declared one).
"""

from collections.abc import Iterator
from typing import Any

EXPECTED: dict[str, str] = {}
"""Path -> the reason why its payload is no typed value. A path that no fixture has is an error too."""


def opaque_paths(shown: dict[str, Any]) -> Iterator[str]:
    """The paths of everything opaque in a message's to_dict."""
    name = str(shown["nlmsg_type"])
    yield from _in_run(name, shown["attrs"])
    if "request" in shown:
        yield from (f"{name}/{path}" for path in opaque_paths(shown["request"]))


def _in_run(path: str, run: Any) -> Iterator[str]:
    for one in run if isinstance(run, list) else ():
        if not isinstance(one, dict):
            continue
        if "rest" in one:
            yield f"{path}/rest"
        elif "opaque" in one:
            yield f"{path}/{one['nla_type']}"
        elif "nla_type" in one:
            yield from _in_run(f"{path}/{one['nla_type']}", one["value"])
        elif "attrs" in one:
            yield from _in_run(path, one["attrs"])
    if isinstance(run, dict):
        yield from _in_run(path, run.get("tail"))
