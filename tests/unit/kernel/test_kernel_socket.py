"""The front: descriptors, threads, timeouts, several kernels."""

import asyncio
import select
import socket
import threading
import time
from errno import EBADF

import pytest

import nlwire
from nlwire.endpoint.base import Endpoint
from nlwire.kernel import Kernel, task
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire import nlmsg_new, nlmsg_put

USERSOCK = int(NETLINK.USERSOCK)


def noop(seq: int = 1) -> bytes:
    skb = nlmsg_new(0)
    nlmsg_put(skb, 0, seq, NLMSG.NOOP, 0, NLM_F.REQUEST | NLM_F.ACK)
    return bytes(skb)


def test_the_door_knows_it() -> None:
    assert nlwire.Kernel is Kernel


def test_it_is_an_endpoint() -> None:
    sock = Kernel().socket()
    assert isinstance(sock, Endpoint)


def test_two_kernels_share_nothing() -> None:
    one, other = Kernel().socket(USERSOCK), Kernel().socket(USERSOCK)
    one.bind((77, 2))
    other.bind((77, 2))
    sender = Kernel().socket(USERSOCK)
    with pytest.raises(ConnectionRefusedError):
        sender.sendto(b"x", (77, 2))


def test_its_descriptor_is_readable_while_something_is_there() -> None:
    sock = Kernel().socket()
    poller = select.poll()
    poller.register(sock.fileno(), select.POLLIN)
    assert poller.poll(0) == []
    sock.send(noop(1) + noop(2))
    for _ in range(2):
        assert poller.poll(0)
        sock.recv(100)
    assert poller.poll(0) == []


def test_a_descriptor_asked_for_late_tells_the_truth() -> None:
    sock = Kernel().socket()
    sock.send(noop())
    assert select.select([sock], [], [], 0)[0]
    number = sock.fileno()
    sock.close()
    sock.close()
    assert sock.fileno() == -1
    with pytest.raises(OSError):  # noqa: PT011
        select.select([number], [], [], 0)


def test_an_error_makes_it_readable() -> None:
    kernel = Kernel()
    sender, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    receiver.bind((77, 2))
    for _ in range(4):
        with pytest.raises(ConnectionRefusedError):
            sender.sendto(b"x", (0, 2))
    assert receiver.recv(10, socket.MSG_PEEK) if not receiver.poll() & 8 else True
    assert select.select([receiver], [], [], 0)[0]
    assert receiver.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 105


def test_asyncio_can_wait_for_it() -> None:
    sock = Kernel().socket()

    async def wait() -> bytes:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(sock.fileno(), ready.set)
        loop.call_later(0.01, sock.send, noop())
        await asyncio.wait_for(ready.wait(), 10)
        loop.remove_reader(sock.fileno())
        return sock.recv(100)

    assert len(asyncio.run(wait())) == 36


def test_a_receiver_is_woken_by_another_thread() -> None:
    kernel = Kernel()
    sender, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.bind((77, 0))
    thread = threading.Timer(0.05, sender.sendto, (b"late", (77, 0)))
    thread.start()
    assert receiver.recv(10) == b"late"
    thread.join()


def test_a_sender_waits_until_there_is_room() -> None:
    kernel = Kernel()
    sender, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    receiver.bind((77, 0))
    heard: list[bytes] = []

    def read() -> None:
        while len(heard) < 50:
            time.sleep(0.001)
            heard.append(receiver.recv(100))

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(50):
        sender.sendto(bytes([number]), (77, 0))
    thread.join()
    assert heard == [bytes([number]) for number in range(50)]


def test_a_timeout_for_senders() -> None:
    kernel = Kernel()
    sender, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    receiver.bind((77, 0))
    sender.sendto(bytes(3000), (77, 0))
    sender.settimeout(0.02)
    with pytest.raises(TimeoutError):
        sender.sendto(b"x", (77, 0))
    sender.setblocking(False)
    with pytest.raises(BlockingIOError):
        sender.sendto(b"x", (77, 0))


def test_many_threads_ask_at_once() -> None:
    kernel = Kernel()
    answers: list[int] = []

    def ask() -> None:
        with kernel.socket() as sock:
            sock.settimeout(20)
            for number in range(100):
                sock.send(noop(number))
                answers.append(int.from_bytes(sock.recv(100)[8:12], "little"))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == sorted(list(range(100)) * 5)


def test_close_wakes_who_waits() -> None:
    sock = Kernel().socket()
    threading.Timer(0.05, sock.close).start()
    with pytest.raises(OSError) as info:  # noqa: PT011
        sock.recv(100)
    assert info.value.errno == EBADF


@pytest.mark.parametrize("call", ["getsockname", "getpeername", "poll"])
def test_a_closed_socket_is_closed(call: str) -> None:
    sock = Kernel().socket()
    sock.close()
    with pytest.raises(OSError) as info:  # noqa: PT011
        getattr(sock, call)()
    assert info.value.errno == EBADF


def test_a_task_of_one_s_own() -> None:
    kernel = Kernel()
    sock, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.bind((77, 0))
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    with kernel.run_as(task(tgid=4711, uid=1000, gid=100, caps=frozenset())):
        sock.sendto(b"x", (77, 0))
    assert sock.getsockname() == (4711, 0)
    _, ((_, _, creds),), _, _ = receiver.recvmsg(10, 100)
    assert memoryview(creds).cast("i").tolist() == [4711, 1000, 100]


def test_receiving_into_buffers() -> None:
    kernel = Kernel()
    sender, receiver = kernel.socket(USERSOCK), kernel.socket(USERSOCK)
    receiver.bind((77, 0))
    for _ in range(3):
        sender.sendto(b"abcdef", (77, 0))
    one, two = bytearray(2), bytearray(10)
    assert receiver.recvmsg_into([one, two])[0] == 6
    assert (bytes(one), bytes(two[:4])) == (b"ab", b"cdef")
    assert receiver.recvfrom_into(two, 3) == (3, sender.getsockname())
    assert receiver.recv_into(two) == 6
    with pytest.raises(ValueError, match="negative"):
        receiver.recv(-1)


def test_the_clock_is_the_caller_s() -> None:
    kernel = Kernel(clock=lambda: 0.0)
    assert kernel.clock() == 0.0


def test_a_socket_that_nobody_holds_is_closed() -> None:
    kernel = Kernel()
    for _ in range(3):
        kernel.socket(USERSOCK).bind((77, 0))
    with pytest.raises(OSError, match="not supported"):
        kernel.socket(31)
