"""What is imported when it is first asked for: the one place where nlwire imports modules of its own while it runs.

    __getattr__ = door(globals(), {"AsyncSession": "nlwire.session.aio"})

A table says what is put off, in full names, so that whoever reads it (tests/test_architecture.py too) sees where it stands.

Knows: names of modules.
Never: which ones.
"""

import gc
from collections.abc import Callable, Mapping, MutableMapping
from importlib import import_module
from typing import Any


def imported(module: str, name: str) -> Any:
    """An object of a module, which is imported if it was not yet. Raises what importing it raises, AttributeError.

    Meanwhile Python's collector of circles is held off, for what modules make is there to stay: it took a fourteenth of the time.
    """
    if not gc.isenabled():
        return getattr(import_module(module), name)
    gc.disable()
    try:
        return getattr(import_module(module), name)
    finally:
        gc.enable()


def door(namespace: MutableMapping[str, Any], places: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose names come from ``places``, name -> module, each when it is first used."""

    def __getattr__(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        value = namespace[name] = imported(places[name], name)
        return value

    return __getattr__
