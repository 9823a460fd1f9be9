"""Dumps into columns: the dialog's rules hold as for any dump, and a table that is not whole is never given."""

import asyncio
import errno
import subprocess
import sys
from collections.abc import Iterator

import pytest

from nlwire.endpoint.fault import Fault
from nlwire.errors import BuildError, DumpInterrupted, NetlinkError, Overrun
from nlwire.session import AsyncSession, Session
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTA, route
from tests.unit.dialog.kernel_says import ack
from tests.unit.endpoint.scripted import Scripted
from tests.unit.session.routes import Routes


@pytest.fixture
def kernel() -> Routes:
    return Routes(300)


@pytest.fixture
def fault(kernel: Routes) -> Fault:
    return Fault(kernel)


@pytest.fixture
def nl(fault: Fault) -> Iterator[Session]:
    with Session(fault, timeout=5) as made:
        yield made


def test_a_dump_becomes_a_table(nl: Session) -> None:
    table = nl.dump_columns(route, [RTA.DST, "rtm_dst_len"])
    assert [int(one) & 0xFFFF for one in table[RTA.DST].tolist()] == list(range(300))
    assert len(table.aside) == 0
    assert len(nl.dump_columns(route)) == 300


def test_an_interrupted_dump_is_begun_again(nl: Session, kernel: Routes, fault: Fault) -> None:
    fault.interrupt(dumps=2)
    assert len(nl.dump_columns(route, [RTA.DST])) == 300
    assert kernel.dumps == 3


def test_a_dump_that_stays_interrupted_gives_its_last_try(nl: Session, kernel: Routes) -> None:
    kernel.end_flags = NLM_F.DUMP_INTR
    with pytest.raises(DumpInterrupted, match="300 objects in the last") as caught:
        nl.dump_columns(route, [RTA.DST], retries=2)
    assert (len(caught.value.partial), caught.value.tries, kernel.dumps) == (300, 3, 3)
    kernel.end_flags = 0
    assert len(nl.dump_columns(route, [RTA.DST])) == 300


def test_wrong_fields_are_found_before_anything_is_sent(nl: Session, kernel: Routes) -> None:
    with pytest.raises(BuildError, match="has no field 'typo'"):
        nl.dump_columns(route, ["typo"])
    assert kernel.dumps == 0


def test_a_refused_dump_raises() -> None:
    refusing = Scripted(lambda request: [ack(request, -errno.EACCES)])
    with Session(refusing, timeout=5) as nl, pytest.raises(NetlinkError, match="EACCES"):
        nl.dump_columns(route, [RTA.DST])


def test_a_dump_that_an_overrun_cut_raises(nl: Session, fault: Fault) -> None:
    fault.overrun(lose=1000)
    with pytest.raises(Overrun):
        nl.dump_columns(route, [RTA.DST])


def test_two_dumps_of_asyncio_wait_for_each_other(kernel: Routes) -> None:
    async def both() -> list[int]:
        async with AsyncSession(kernel) as nl:
            tables = await asyncio.gather(nl.dump_columns(route, [RTA.DST]), nl.dump_columns(route, [RTA.DST]))
        return [len(one) for one in tables]

    assert asyncio.run(both()) == [300, 300]


def test_sessions_do_without_numpy_until_columns_are_asked_for() -> None:
    code = """
import sys
sys.modules["numpy"] = None
from nlwire.session import Session
from nlwire.uapi.rtnetlink import route
from tests.unit.dialog.kernel_says import ack
from tests.unit.endpoint.scripted import Scripted
from tests.unit.session.routes import Routes
with Session(Routes(3), timeout=5) as nl:
    assert len(list(nl.dump(route))) == 3
    try:
        nl.dump_columns(route)
    except ImportError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "columns need numpy: pip install 'nlwire[columns]'"
