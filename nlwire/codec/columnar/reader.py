"""Blocks of messages into columns: find the messages, group those of one shape, read the others in lockstep, keep some aside.

Knows: nlmsghdr, where the attributes begin, struct nlmsgerr.
Never: where bytes come from.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nlwire.codec.columnar.aside import Aside
from nlwire.codec.columnar.block import Array, Block
from nlwire.codec.columnar.fields import Tree
from nlwire.codec.columnar.growing import Rows
from nlwire.codec.columnar.levels import OTHER, REST, SHORT
from nlwire.codec.columnar.naming import FieldLike
from nlwire.codec.columnar.scopes import Scope, Selector, of_struct
from nlwire.codec.columnar.shapes import NLMSG_HDRLEN, Learner, Shape
from nlwire.codec.columnar.starts import Found, Run, messages
from nlwire.schema.family import Family, Registry
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.nests import REQUEST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NLM_F, nlmsghdr

BLOCK = 1 << 21
"""Bytes read at a time: what stays in a cache."""
MOST_SHAPES = 16
"""Shapes of one length that are remembered."""
FEW = 64
"""Messages that are not worth a shape."""
PATIENCE = 16
"""Blocks without it after which a shape is forgotten."""
SHARE = 16
"""A new shape that not even this part of the messages has is a sign that there are too many."""


class Reader:
    """Reads blocks into the columns of one family. ``room``: rows to make room for."""

    def __init__(
        self,
        family: Family,
        fields: Iterable[FieldLike] | None = None,
        *,
        byteorder: ByteOrder,
        registry: Registry = FAMILIES,
        room: int = 0,
    ) -> None:
        self.family = family
        self.registry = registry
        self.order = byteorder
        self.prefix = "<" if byteorder == "little" else ">"
        self.tree = Tree(family, fields, byteorder, room)
        self.offsets: list[Array | Run] = []
        self.aside = Aside(family.protocol, registry)
        self._ours: dict[int, bool] = {int(one): True for one in family.types}
        self._types = [registry.find(family.protocol, int(one)) for one in family.types]
        self.shares = any(one.shared for one in self._types)
        self._shapes: dict[int, list[Shape]] = {}
        self._luckless: dict[int, int] = {}
        self._learner: Learner | None = None
        self.bytes = 0

    @property
    def rows(self) -> int:
        """Rows so far."""
        return self.tree.level.rows

    def close(self) -> None:
        """Let go of everything: what refers to itself would keep the columns' memory until somebody looks for garbage."""
        self._shapes.clear()
        self._learner = None
        self.tree.close()

    def ours(self, type: int) -> bool:
        """Whether messages of this type are of the family."""
        known = self._ours.get(type)
        if known is None:
            known = self._ours[type] = self.registry.find(self.family.protocol, type).family is self.family
        return known

    def _are_ours(self, block: Block, places: Array, lengths: Array) -> Array:
        """Which messages are of the family: by their types, and by flags and first bytes where it shares a type."""
        types = block.halves[(places >> 1) + 2].astype(np.int64)
        if not self.shares:
            seen, which = np.unique(types, return_inverse=True)
            return np.array([self.ours(one) for one in seen.tolist()])[which]
        bits = block.halves[(places >> 1) + 3].astype(np.int64) & 1
        empty = lengths <= NLMSG_HDRLEN
        firsts = np.where(empty, 256, block.pieces(places + np.where(empty, 0, NLMSG_HDRLEN), 1)[:, 0])
        seen, which = np.unique(types << 10 | bits << 9 | firsts, return_inverse=True)
        return np.array([self._is_ours(*divmod(one, 1 << 10)) for one in seen.tolist()])[which]

    def _is_ours(self, type: int, mark: int) -> bool:
        """The same of one sort of message: ``mark`` is NLM_F_REQUEST << 9 | the first byte, 256 for none."""
        bit, first = divmod(mark, 1 << 9)
        found = self.registry.find(self.family.protocol, type).of(bit, b"" if first == 256 else bytes([first]))
        return found.family is self.family if found.shared else self.ours(type)

    def read(self, block: Block, at: int, limit: int, base: int) -> int:
        """The messages of a block that begin from ``at`` up to ``limit``; returns where the next begins, or none does.

        ``base``: offset of the block in the whole input.
        """
        found, end = messages(block, at, limit)
        if found:
            self._take(block, found, base)
        return end

    def whole(self, block: Block, starts: Array, base: int) -> bool:
        """Read a whole block, if messages lie in it end to end and one begins at each of ``starts``; else nothing of it."""
        found, end = messages(block, 0, block.size)
        if end < block.size or not begins(found, starts):
            return False
        self._take(block, found, base)
        return True

    def _take(self, block: Block, found: list[Found], base: int) -> None:
        level = self.tree.level
        counts = [one.count if isinstance(one, Run) else len(one.places) for one in found]
        level.begin(sum(counts))
        self._learner = self._learner or self._new_learner()
        left: list[tuple[Array, Array, Array]] = []
        first = 0
        for one, count in zip(found, counts, strict=True):
            if isinstance(one, Run):
                self._of_length(block, slice(first, first + count), one, one.length, left)
            else:
                self._of_lengths(block, first, one.places, one.lengths, left)
            first += count
        if left:
            self._in_lockstep(block, *(np.concatenate([part[place] for part in left]) for place in range(3)))
        level.settle(block)
        self._keep(block, found, base)

    def _new_learner(self) -> Learner:
        return Learner(self.tree, self.ours, not self.shares)

    # --- by shape ----------------------------------------------------------------------------------------------------

    def _of_lengths(self, block: Block, first: int, places: Array, lengths: Array, left: list[Any]) -> None:
        """Messages of several lengths."""
        apart = np.ones(len(places), bool)
        if lengths.max(initial=0) < 1 << 16:
            for length in np.flatnonzero(np.bincount(lengths) >= FEW).tolist():
                some = np.flatnonzero(lengths == length)
                self._of_length(block, some + first, places[some], length, left)
                apart[some] = False
        some = np.flatnonzero(apart)
        if len(some):
            left.append((some + first, places[some], lengths[some]))

    def _of_length(self, block: Block, rows: Rows, where: Run | Array, length: int, left: list[Any]) -> None:
        """Messages of one length: those of known shapes, those of shapes worth knowing, and those that are left."""
        learner = self._learner
        assert learner is not None
        count = where.count if isinstance(where, Run) else len(where)
        if learner.able and count >= FEW:
            known = self._shapes.setdefault(length, [])
            group: _Group | None = _Group(rows, where, _lines(block, where, length))
            for shape in tuple(known):
                group = group and self._strip(block, known, shape, group)
            while group is not None and len(group.lines) >= FEW and len(known) < MOST_SHAPES and self._hope(length):
                shape = learner.learn(group.lines[0].tobytes(), length, block)
                same = shape.matches(group.lines, self.prefix)
                if int(same.sum()) < max(FEW, len(same) // SHARE):
                    self._luckless[length] = self._luckless.get(length, 0) + 1
                    break
                known.append(shape)
                group = self._strip(block, known, shape, group)
            if group is None:
                return
            rows, where = group.rows, group.where
        places = where.places if isinstance(where, Run) else where
        left.append((_numbers(rows), places, np.full(len(places), length)))

    def _hope(self, length: int) -> bool:
        """Whether messages of this length may be worth a new shape: the oftener none was, the rarer one is tried."""
        failed = self._luckless.get(length, 0)
        if failed & (failed + 1):  # not of the form 2**n - 1
            self._luckless[length] = failed + 1
            return False
        return True

    def _strip(self, block: Block, known: list[Shape], shape: Shape, group: "_Group") -> "_Group | None":
        """Take the messages of one shape; what is left of the group."""
        same = shape.matches(group.lines, self.prefix)
        if same.all():
            shape.take(self.tree, block, group.rows, group.lines, group)
            shape.idle = 0
            return None
        some = np.flatnonzero(same)
        if len(some) < FEW:
            shape.idle += 1
            if shape.idle > PATIENCE:
                known.remove(shape)
            return group
        shape.idle = 0
        part = group.part(some)
        shape.take(self.tree, block, part.rows, part.lines, part)
        return group.part(np.flatnonzero(~same))

    # --- in lockstep -------------------------------------------------------------------------------------------------

    def _in_lockstep(self, block: Block, rows: Array, places: Array, lengths: Array) -> None:
        """Messages that share no shape: step by step, all at once."""
        level, header = self.tree.level, self.family.header
        ours = self._are_ours(block, places, lengths)
        level.marks.mark(rows[~ours], OTHER)
        whole = lengths >= NLMSG_HDRLEN + header.sizeof
        level.marks.mark(rows[ours & ~whole], SHORT)
        good = np.flatnonzero(ours & whole)
        rows, places, lengths = rows[good], places[good], lengths[good]
        if not len(rows):
            return
        self.tree.nlmsghdr.put(block, rows, places, np.full(len(rows), nlmsghdr.sizeof), {})
        self.tree.header.put(block, rows, places + NLMSG_HDRLEN, np.full(len(rows), header.sizeof), {})
        scope = of_struct(block, header, places + NLMSG_HDRLEN, leaves=True) if self.tree.needed else {}
        if REQUEST in self.tree.needed:
            flags = block.halves[(places >> 1) + 3].astype(np.int64)
            asked = [self.family.asked(bit).get(REQUEST) for bit in (0, 1)]
            scope[REQUEST] = Selector(flags & 1, asked)
        ends = places + lengths
        if self.family.quotes is not None:
            rows, starts, ends = self._after_request(block, rows, places, ends)
            scope = {}
        else:
            rows, starts, ends, scope = self._after_header(block, rows, places, ends, scope)
        self.tree.run.read(block, rows, starts, ends, scope)

    def _after_header(self, block: Block, rows: Array, places: Array, ends: Array, scope: Scope) -> Any:
        """Where the attributes begin: after NLMSG_ALIGN of the header, whose gap is zeros unless no attribute follows."""
        size = self.family.header.sizeof
        starts = places + NLMSG_HDRLEN + (size + 3 & ~3)
        gap = -size % 4
        if not gap:
            return rows, starts, ends, scope
        bare = ends == starts - gap
        sound = np.minimum(starts, ends) == starts
        sound[sound] &= ~block.pieces(starts[sound] - gap, gap).any(axis=1)
        room = sound & (ends - starts >= 4)
        lengths = block.headers(starts[room])[0]
        sound &= room
        sound[room] &= (lengths >= 4) & (lengths <= (ends - starts)[room])
        self.tree.level.marks.mark(rows[~sound & ~bare], REST)
        good = np.flatnonzero(sound)
        return rows[good], starts[good], ends[good], {name: one.take(good) for name, one in scope.items()}

    def _after_request(self, block: Block, rows: Array, places: Array, ends: Array) -> tuple[Array, Array, Array]:
        """Where the attributes of an acknowledgement begin: after the request it quotes, if its flags say so at all."""
        header = self.family.header
        flags = block.halves[(places >> 1) + 3].astype(np.int64)
        starts = places + NLMSG_HDRLEN + header.sizeof
        leaf = next(one for one in header.leaves if one.name == f"{self.family.quotes}.nlmsg_len")
        sizes = block.words[places + NLMSG_HDRLEN + leaf.offset >> 2].astype(np.int64)
        quoted = (sizes >= NLMSG_HDRLEN) & ((flags & NLM_F.CAPPED) == 0) & (starts < ends)
        after = np.minimum(starts + sizes - NLMSG_HDRLEN, ends)
        starts = np.where(quoted, np.minimum(after + (-sizes & 3), ends), starts)
        tlvs = (flags & NLM_F.ACK_TLVS) != 0
        self.tree.level.marks.mark(rows[~tlvs & (starts < ends)], REST)
        return rows[tlvs], starts[tlvs], ends[tlvs]

    # --- what is kept ------------------------------------------------------------------------------------------------

    def _keep(self, block: Block, found: list[Found], base: int) -> None:
        """Keep the rows that are fine, and note the others aside."""
        level = self.tree.level
        ok = level.marks.ok
        if ok is not None and ok.all():
            ok = None
        if ok is None:
            for one in found:
                self.offsets.append(one.moved(base) if isinstance(one, Run) else one.places + base)
        else:
            places = np.concatenate([one.places for one in found])
            lengths = np.concatenate(
                [np.full(one.count, one.length) if isinstance(one, Run) else one.lengths for one in found]
            )
            self.offsets.append(places[ok] + base)
            bad = ~ok
            assert level.marks.codes is not None
            self.aside.add(block, places[bad], lengths[bad], level.marks.codes[bad], base, self.tree.misfits())
        level.end(ok)


def begins(found: list[Found], starts: Array) -> bool:
    """Whether one of the messages begins at each of ``starts``."""
    if len(found) == 1 and isinstance(found[0], Run):
        return not ((starts - found[0].start) % found[0].step).any()
    places = np.concatenate([one.places for one in found])
    return bool((places[np.searchsorted(places, starts).clip(max=len(places) - 1)] == starts).all())


class _Group:
    """Messages of one length that lie as ``lines``, or were laid so."""

    def __init__(self, rows: Rows, where: Run | Array, lines: Array) -> None:
        self.rows = rows
        self.where = where
        self.lines = lines

    @property
    def places(self) -> Array:
        """The byte offset of each."""
        return self.where.places if isinstance(self.where, Run) else self.where

    def part(self, some: Array) -> "_Group":
        """Some of them, by number."""
        width = self.lines.shape[1]
        whole = self.lines.view(f"V{width}")[:, 0]
        return _Group(_numbers(self.rows)[some], self.places[some], whole[some].view(np.uint8).reshape(-1, width))


def _lines(block: Block, where: Run | Array, length: int) -> Array:
    """Messages of one length, a row of bytes each: in place where they lie at one distance, else copied."""
    step = (length + 3) & ~3
    if isinstance(where, Run):
        return block.octets[where.start : where.start + where.count * step].reshape(where.count, step)
    whole: Array = np.ndarray((len(block.octets) - step >> 2) + 1, f"V{step}", block.octets, 0, (4,))
    return whole[where >> 2].view(np.uint8).reshape(len(where), step)


def _numbers(rows: Rows) -> Array:
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
