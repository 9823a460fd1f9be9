"""Columns at their edges: nests too deep, addresses that were kept aside, libraries that are half there."""

from pathlib import Path
from struct import pack

import numpy as np
import pytest

from nlwire.codec.columnar import columns
from nlwire.codec.columnar.onward import library
from nlwire.codec.columnar.scopes import distinct
from nlwire.codec.fast import encode
from nlwire.codec.values import Opaque
from nlwire.schema.kinds import MAX_NEST_DEPTH
from nlwire.uapi.rtnetlink import RTA
from nlwire.uapi.rtnetlink import route as routes
from tests.unit.codec.every_kind import ALL, KINDS, MSG, plain_header, plain_kind
from tests.unit.codec.test_columnar import ROUTE, SIX


def within(depth: int, attr: bytes) -> bytes:
    """A message whose attribute stands that deep in nests."""
    for _ in range(depth):
        attr = pack("=HH", 4 + len(attr), ALL.NEST.number) + attr
    body = bytes(plain_header()) + attr
    return pack("=IHHII", 16 + len(body), MSG.PLAIN, 0, 0, 0) + body


@pytest.mark.parametrize("kind", [ALL.INDEXED, ALL.RECORDS, ALL.NEST])
def test_nests_have_a_depth(kind: object) -> None:
    attr = pack("=HH", 4, kind.number)  # type: ignore[attr-defined]
    made = columns(within(MAX_NEST_DEPTH, attr) + within(2, attr), plain_kind, registry=KINDS)
    assert (len(made), [one.offset for one in made.aside]) == (1, [0])


def test_wide_addresses_that_are_all_aside_leave_narrow_ones() -> None:
    made = columns(encode([ROUTE, SIX.replace({RTA.OIF: Opaque(b"\1")})]), routes, [RTA.DST, RTA.OIF])
    assert [str(one) for one in made[RTA.DST].tolist()] == ["10.1.2.0"]
    assert len(made.aside) == 1


def test_a_table_tells_its_size() -> None:
    made = columns(encode([ROUTE] * 10), routes, [RTA.OIF, "RTA_METRICS"])
    assert made[[RTA.OIF][0]].values.nbytes == 40
    assert made.nbytes == 40 + 8 * 10 + 8 * 11
    assert np.asarray(made[RTA.OIF]).tolist() == [3] * 10


def test_a_library_that_lacks_another_says_so_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_there.py").write_text("import not_there_at_all\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="not_there_at_all"):
        library("half_there")
    with pytest.raises(ImportError, match="this needs not_there_at_all: pip install not_there_at_all"):
        library("not_there_at_all")


def test_rows_of_no_bytes_are_all_alike() -> None:
    some, which = distinct(np.empty((3, 0), np.uint8))
    assert (some.shape, which.tolist()) == ((1, 0), [0, 0, 0])


def test_a_compound_too_short_for_its_struct_is_kept_aside() -> None:
    whole, short = (within(0, pack("=HH", 4 + size, ALL.COMPOUND.number) + bytes(size)) for size in (8, 1))
    made = columns(whole + short + bytes(-len(short) & 3) + whole, plain_kind, registry=KINDS)
    assert (len(made), [one.offset for one in made.aside]) == (2, [len(whole)])
