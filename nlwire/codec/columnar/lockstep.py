"""Runs of attributes of many rows, walked in lockstep: the first attribute of every row, then the second of every row that has one.

Knows: struct nlattr, alignment; where attributes end.
Never: which attributes they are.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from nlwire.codec.columnar.block import Array, Block

Put = tuple[Array, Array, Array]
"""Some payloads: the rows, where each begins, how long it is."""
NONE = np.empty(0, np.int64)


def attributes(
    block: Block, at: Array, end: Array, aligned: bool, rest: list[Array]
) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Step by step (rows, places, nla_len, nla_type) of the runs between ``at`` and ``end``.

    ``rest`` is given the rows whose runs end in bytes that are no attribute.
    """
    live, cur, stop = np.arange(len(at)), at, end
    while True:
        go = stop - cur >= 4
        if not go.all():
            rest.append(live[~go & (cur < stop)])
            live, cur, stop = live[go], cur[go], stop[go]
        if not len(live):
            return
        size, types = block.headers(cur, aligned)
        good = (size >= 4) & (size <= stop - cur)
        if not good.all():
            rest.append(live[~good])
            live, cur, stop, size, types = live[good], cur[good], stop[good], size[good], types[good]
        yield live, cur, size, types
        cur = np.minimum(cur + (size + 3 & ~3), stop)


def joined(parts: Sequence[Array]) -> Array:
    """Arrays end to end; of none an empty one."""
    return np.concatenate(parts) if parts else NONE


def last_of(steps: list[Put], count: int) -> tuple[Put, Put | None]:
    """Of payloads that were met step by step in ``count`` rows the last of each row, and those before the last, if any.

    No step has a row twice.
    """
    if len(steps) == 1:
        return steps[0], None
    rows, at, size = (np.concatenate([step[part] for step in steps]) for part in range(3))
    where = np.full(count, -1, np.int64)
    begin = 0
    for step in steps:
        where[step[0]] = np.arange(begin, begin + len(step[0]))
        begin += len(step[0])
    last = where[where >= 0]
    if len(last) == len(rows):
        return (rows, at, size), None
    before = np.ones(len(rows), bool)
    before[last] = False
    return (rows[last], at[last], size[last]), (rows[before], at[before], size[before])
