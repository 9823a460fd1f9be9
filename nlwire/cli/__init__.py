"""The ``nlwire`` command."""

from nlwire.cli.program import main

__all__ = ["main"]
