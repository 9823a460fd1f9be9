"""Memory for columns, used again when nobody holds the columns it was lent to: fresh pages cost more than what is read into them.

Knows: who still holds what (reference counts).
Never: more than KEPT bytes for later.
"""

import math
import sys
from threading import Lock
from typing import Any

import numpy as np

from nlwire.codec.columnar.block import Array

KEPT = 64 << 20
"""Bytes that are kept for later, at most."""
LEAST = 1 << 18
"""Less than this is not worth keeping."""
_FREE = 3
"""References to memory that is not lent: the list's, the loop's, getrefcount's own."""
_lock = Lock()
_owners: list[Array] = []


def lend(dtype: Any, shape: tuple[int, ...]) -> Array:
    """An array of this shape, not filled. Every view of it holds its memory; when the last is gone it is lent again."""
    size = np.dtype(dtype).itemsize * math.prod(shape)
    if size < LEAST:
        return np.empty(shape, dtype)
    with _lock:
        owner = _free(size)
        if owner is None:
            owner = np.empty(size, np.uint8)
            _keep(owner)
        return owner[:size].view(dtype).reshape(shape)


def _free(size: int) -> Array | None:
    """Memory that nobody holds and that is not much too large."""
    for owner in _owners:
        if size <= owner.nbytes <= 2 * size and sys.getrefcount(owner) <= _FREE:
            return owner
    return None


def _keep(owner: Array) -> None:
    """Remember new memory; what is longest known goes first when it is too much."""
    if owner.nbytes <= KEPT:
        _owners.append(owner)
        while sum(one.nbytes for one in _owners) > KEPT:
            del _owners[0]
