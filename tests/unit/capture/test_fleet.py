"""The recipe of docs/columns.md as it stands there: many captures, one Parquet data set."""

import re
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest

import nlwire
from nlwire.capture.entry import Record
from nlwire.capture.files import write
from nlwire.codec.fast import encode
from nlwire.uapi.netlink import NETLINK
from tests.unit.codec.test_columnar import HOPS, ROUTE

PAGE = (Path(__file__).parents[3] / "docs" / "columns.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_recipe_makes_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()
    for number in range(5):
        datagram = encode([ROUTE] * (number + 1) + [HOPS])
        write(captures / f"{number}.pcapng", [Record(number * 1000, datagram, NETLINK.ROUTE)])
    monkeypatch.chdir(tmp_path)
    recipe, use = (block for block in BLOCKS if "fleet(" in block)
    scope: dict[str, Any] = {}
    exec(recipe + use, scope)
    whole = pyarrow.dataset.dataset(str(tmp_path / "routes")).to_table()
    assert whole.num_rows == 1 + 2 + 3 + 4 + 5 + 5
    assert whole.column_names == ["nlmsg_type", "rtm_dst_len", "RTA_DST", "RTA_OIF", "time"]
    one = nlwire.capture_columns(captures / "2.pcapng", nlwire.route, scope["FIELDS"])
    again = pyarrow.dataset.dataset(str(tmp_path / "routes" / "2.parquet")).to_table()
    assert again.to_pylist() == one.to_arrow().to_pylist()


def test_the_first_lines_of_the_page_run() -> None:
    scope: dict[str, Any] = {"data": encode([ROUTE, HOPS])}
    exec(BLOCKS[0], scope)
    assert len(scope["routes"]) == 2
