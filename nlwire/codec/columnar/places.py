"""Where in the tree of what is wanted something stands, and the columns to be.

Knows: names on the way, what is repeated around.
Never: kinds.
"""

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from nlwire.codec.columnar.column import Column
from nlwire.codec.columnar.levels import Level
from nlwire.codec.columnar.repeats import Repeated
from nlwire.codec.columnar.stores import Keeper

K = TypeVar("K", bound=Keeper)


@dataclass(frozen=True)
class Place:
    """Where in the tree: the rows, the names on the way, how deep, whether headers are aligned, what is repeated around it."""

    level: Level
    names: tuple[str, ...]
    depth: int = 0
    aligned: bool = True
    owners: tuple[Repeated, ...] = ()

    def inside(self, name: str) -> "Place":
        """One name further."""
        return replace(self, names=(*self.names, name))

    def variant(self, name: str) -> "Place":
        """Beside a field: a column of its own for some of what it has (``RTA_DST:mpls_labels``)."""
        return replace(self, names=(*self.names[:-1], f"{self.names[-1]}:{name}"))

    @property
    def name(self) -> str:
        """The name of the column here."""
        return "/".join(self.names)

    def deeper(self) -> "Place":
        """Within a nest."""
        return replace(self, depth=self.depth + 1)

    def among(self, repeated: Repeated) -> "Place":
        """Within the elements of something repeated."""
        return replace(self, level=repeated.inner, owners=(*self.owners, repeated))


@dataclass
class Entry(Generic[K]):
    """A column to be: its store and what is repeated around it."""

    store: K
    owners: tuple[Repeated, ...]
    code: int

    def column(self) -> Column:
        """The column, as lists within lists where it is repeated."""
        made = self.store.column()
        for owner in reversed(self.owners):
            made = owner.column(made)
        return made
