"""The asyncio session on a kernel in memory."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from nlwire.endpoint.base import Datagram
from nlwire.endpoint.fault import Fault
from nlwire.errors import BuildError, DialogError, NetlinkError, Overrun
from nlwire.session import AsyncSession, Resync
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTA, RTM, route
from tests.unit.dialog.kernel_says import a_route, ack, done
from tests.unit.endpoint.scripted import Scripted
from tests.unit.session.routes import GROUP, Routes, add, number_of

Body = Callable[[AsyncSession, Routes, Fault], Awaitable[None]]


def run(body: Body) -> None:
    """Run a test's body with a session, and see that it leaves no task behind."""

    async def main() -> None:
        kernel = Routes()
        fault = Fault(kernel)
        async with AsyncSession(fault) as nl, asyncio.timeout(10):
            await body(nl, kernel, fault)
            assert not nl._waiters
            assert not nl.board.exchanges
        assert kernel.closed == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


async def numbers(nl: AsyncSession) -> list[int]:
    return [number_of(message) async for message in nl.dump(route)]


def test_talking() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        await nl.request(add(9))
        assert await numbers(nl) == [0, 1, 2, 3, 4, 9]
        assert [number_of(m) async for m in nl.dump(route, filter={RTA.DST: "10.0.0.3"})] == [3]
        assert number_of(await nl.get(route, {RTA.DST: "10.0.0.3"}, rtm_family=AF.INET)) == 3
        with pytest.raises(NetlinkError):
            await nl.get(route, {RTA.DST: "10.0.0.99"}, rtm_family=AF.INET)
        kernel.refuse.add(3)
        result = await nl.batch(add(number) for number in range(6))
        assert (result.sent, list(result.errors)) == (6, [3])

    run(body)


def test_views_and_messages_as_they_are() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        assert [str(view.get(RTA.DST)) async for view in nl.views(route)] == [f"10.0.0.{n}" for n in range(5)]
        asked = a_route(1, type=RTM.GETROUTE, flags=NLM_F.REQUEST | NLM_F.ACK)
        assert [number_of(one) async for one in nl.send(asked, check=True)] == [1]
        with pytest.raises(NetlinkError):
            [one async for one in nl.send(a_route(99, type=RTM.GETROUTE, flags=NLM_F.REQUEST))]
        sent = len(kernel.sent)
        wrong = asked[:-8] + b"\x05\0\4\0\1\0\0\0"
        with pytest.raises(NetlinkError, match="RTA_OIF"):
            [one async for one in nl.send(wrong, check=True)]
        assert len(kernel.sent) == sent

    run(body)


def test_a_request_that_cannot_be_built_is_refused_at_once() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        for ask in (nl.dump, nl.views):
            with pytest.raises(BuildError, match="RTA_DST"):
                ask(route, {RTA.DST: "no address"})

    run(body)


def test_bad_times() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        fault.interrupt()
        assert await numbers(nl) == [0, 1, 2, 3, 4]
        fault.overrun()
        assert await numbers(nl) == [0, 1, 2, 3, 4]
        fault.overrun(lose=1)
        with pytest.raises(Overrun):
            await nl.request(add(9))

    run(body)


def test_an_acknowledged_question_without_an_answer() -> None:
    async def main() -> None:
        async with AsyncSession(Scripted(lambda request: [ack(request)])) as nl:
            with pytest.raises(DialogError, match="did not answer"):
                await nl.get(route)
            nl.close()

    asyncio.run(main())


def test_answers_that_come_later() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        asked: list[bytes] = []

        def hear(request: bytes) -> list[Datagram]:
            asked.append(request)
            return []

        kernel.answer = hear
        dump = asyncio.create_task(numbers(nl))
        change = asyncio.create_task(nl.request(add(9)))
        second = asyncio.create_task(numbers(nl))
        await asyncio.sleep(0.01)
        assert len(asked) == 2
        kernel.push(ack(asked[1]))
        assert await change == []
        seq = int.from_bytes(asked[0][8:12], "little")
        kernel.push(a_route(1, seq=seq, flags=NLM_F.MULTI), done(asked[0]))
        assert await dump == [1]
        await asyncio.sleep(0.01)
        kernel.push(done(asked[2]))
        assert await second == []

    run(body)


def test_cancelling_gives_the_request_up() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        serve = kernel.answer
        kernel.answer = lambda request: ()
        task = asyncio.create_task(nl.request(add(9)))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        kernel.answer = serve
        assert await numbers(nl) == [0, 1, 2, 3, 4]

    run(body)


def test_subscriptions() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        async with nl.subscribe(GROUP) as news:
            asyncio.get_running_loop().call_later(0.01, kernel.happen, 7)
            occurrence = await anext(aiter(news))
            assert occurrence.message is not None
            assert number_of(occurrence.message) == 7
        assert kernel.groups == []

    run(body)


def test_watching() -> None:
    async def body(nl: AsyncSession, kernel: Routes, fault: Fault) -> None:
        async with nl.watch(route) as watch:
            first = await anext(aiter(watch))
            assert isinstance(first, Resync)
            assert len(first.missed) == 5
            kernel.happen(7)
            await anext(watch)
            kernel.happen(7, RTM.DELROUTE)
            await anext(watch)
            assert len(watch.table) == 5

    run(body)


def test_closing_wakes_who_waits() -> None:
    async def main() -> None:
        nl = AsyncSession(Routes())
        task = asyncio.create_task(anext(nl.subscribe(GROUP)))
        await asyncio.sleep(0.01)
        nl.close()
        with pytest.raises(DialogError, match="closed"):
            await task

    asyncio.run(main())
