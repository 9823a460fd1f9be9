"""Columns for others: Arrow, pandas, polars and files say what the columns say, and share their memory where they can."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlwire.codec.columnar import Columns, columns
from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.errors import BuildError
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.rtnetlink import RTA, RTAX, RTM
from tests.unit.codec.every_kind import ALL, KINDS, MSG, every_kind
from tests.unit.codec.test_columnar import HOPS, MPLS, ROUTE, SIX, table

EVERYTHING = table(ROUTE, HOPS, SIX, MPLS)
LINKS = columns(
    encode(
        [
            build(
                link, RTM.NEWLINK, {IFLA.IFNAME: name, IFLA.ADDRESS: "02:00:00:00:00:01", IFLA.MTU: 1500}, ifi_index=at
            )
            for at, name in enumerate(("lo", "eth0", "\udcff"))
        ]
    ),
    link,
)


def plain(value: Any) -> Any:
    """What Arrow has of a shown value."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if hasattr(value, "packed"):
        return int(value) if len(value.packed) == 4 else value.packed
    return int(value) if isinstance(value, int) else value


@pytest.mark.parametrize("whole", [EVERYTHING, LINKS], ids=["routes", "links"])
def test_arrow_says_the_same(whole: Columns) -> None:
    arrow = whole.to_arrow()
    arrow.validate(full=True)
    assert arrow.column_names == whole.names
    assert arrow.schema.metadata[b"nlwire.family"] == whole.family.name.encode()
    for name, column in whole.columns.items():
        got = arrow[name].combine_chunks()
        assert [got[row].is_valid for row in range(len(whole))] == column.there.tolist(), name
        if name in ("rtm_dst_len", "RTA_OIF", "RTAX_MTU", "RTA_MULTIPATH/rtnh_ifindex", "IFLA_MTU"):
            assert got.to_pylist() == [plain(one) for one in column.tolist()], name


def test_numbers_are_not_copied() -> None:
    for name in ("rtm_dst_len", "RTA_OIF"):
        column = EVERYTHING[name]
        assert EVERYTHING.to_arrow()[name].chunk(0).buffers()[1].address == column.values.ctypes.data
    frame = EVERYTHING.to_pandas()
    assert np.shares_memory(frame["rtm_dst_len"].to_numpy(), EVERYTHING["rtm_dst_len"].values)


def test_addresses_and_texts_in_arrow() -> None:
    arrow = table(ROUTE, HOPS, fields=[RTA.DST, (RTA.METRICS, RTAX.MTU)]).to_arrow()
    assert arrow["RTA_DST"].to_pylist() == [0x0A010200, 0x0A090000]
    assert EVERYTHING.to_arrow()["RTA_DST"].type == pa.binary(16)
    assert EVERYTHING.to_arrow()["RTA_DST"].to_pylist()[0] == b"\0" * 10 + b"\xff\xff\x0a\1\2\0"
    assert LINKS.to_arrow()["IFLA_IFNAME"].to_pylist() == ["lo", "eth0", "�"]


def test_the_capsule_protocol() -> None:
    assert pa.table(EVERYTHING).equals(EVERYTHING.to_arrow())
    assert pl.DataFrame(EVERYTHING.select("rtm_dst_len"))["rtm_dst_len"].to_list() == [24, 16, 32, 20]


def test_pandas_and_polars() -> None:
    frame = EVERYTHING.to_pandas()
    assert frame["RTA_OIF"].to_list() == [3, pd.NA, 2, 2]
    assert [str(one) for one in frame["RTA_DST"][:3]] == ["10.1.2.0", "10.9.0.0", "2001:db8::"]
    assert LINKS.to_pandas()["IFLA_IFNAME"].to_list() == ["lo", "eth0", "\udcff"]
    assert LINKS.to_polars()["IFLA_MTU"].to_list() == [1500] * 3
    assert EVERYTHING.to_polars()["RTA_MULTIPATH/rtnh_ifindex"].to_list() == [None, [4, 5], None, None]


def test_flags_go_onward() -> None:
    messages = [
        build(every_kind, MSG.NEW, given, registry=KINDS) for given in ({ALL.FLAG: True}, {}, {ALL.ARRAY: [1, 2]})
    ]
    made = columns(encode(messages), every_kind, [ALL.FLAG, ALL.ARRAY, ALL.NUMBERED], registry=KINDS)
    assert made.to_arrow()["ALL_FLAG"].to_pylist() == made.to_pandas()["ALL_FLAG"].to_list() == [True, False, False]
    assert made.to_arrow()["ALL_ARRAY"].to_pylist() == [None, None, [1, 2]]
    assert made[ALL.FLAG].tolist() == [True, None, None]


def test_files(tmp_path: Path) -> None:
    for name in ("x.parquet", "x.arrow", "x.csv"):
        EVERYTHING.save(tmp_path / name)
    assert pq.read_table(tmp_path / "x.parquet")["rtm_dst_len"].to_pylist() == [24, 16, 32, 20]
    with pa.OSFile(str(tmp_path / "x.arrow")) as file:
        assert pa.ipc.open_file(file).read_all().equals(EVERYTHING.to_arrow())
    with (tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["RTA_DST"] for row in rows] == ["10.1.2.0", "10.9.0.0", "2001:db8::", ""]
    assert [row["RTA_OIF"] for row in rows] == ["3", "", "2", "2"]
    assert rows[0]["rtm_family"] == "AF_INET"
    with pytest.raises(BuildError, match=r"no table is written as \.xls; known are \.parquet"):
        EVERYTHING.save(tmp_path / "x.xls")


def test_without_a_library_what_to_install_is_said() -> None:
    code = """
import sys
sys.modules["pyarrow"] = sys.modules["polars"] = None
from nlwire.codec.columnar import columns
from nlwire.uapi.rtnetlink import route
for make in (columns(b"", route).to_arrow, columns(b"", route).to_polars):
    try:
        make()
    except ImportError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "this needs pyarrow: pip install 'nlwire[arrow]'",
        "this needs polars: pip install polars",
    ]
