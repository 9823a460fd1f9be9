"""Differences that are known, each with the reason why it stays: what the mock does not model, by choice.

Knows: differences.
Never: how they came about.
"""

from collections.abc import Callable
from typing import NamedTuple

from nlwire.fuzz.linux.verdict import Difference


class Known(NamedTuple):
    """A difference that is by design."""

    name: str
    why: str
    covers: Callable[[Difference, bytes], bool]
    """… of a request."""


KNOWN: tuple[Known, ...] = ()


def known(found: Difference, request: bytes) -> Known | None:
    """What a difference is known as; None for news."""
    return next((one for one in KNOWN if one.covers(found, request)), None)
