"""Ask the running kernel: one dump over AF_NETLINK.

    -> RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP
    <- RTM_NEWROUTE, NLM_F_MULTI  …  <- NLMSG_DONE

Knows: socket options, sequence numbers, where a dump ends.
Never: which family is asked for; what the answers say.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.errors import NetlinkError
from nlwire.schema.family import Family
from nlwire.uapi.netlink import NETLINK_OPT, NLM_F, NLMSG, NLMSGERR_ATTR

SOL_NETLINK = 270
TIMEOUT = 5.0


class NoNetlink(Exception):
    """This machine has no netlink, or it does not answer."""


def dump(request: Message, timeout: float = TIMEOUT) -> Iterator[bytes]:
    """The datagrams that answer a dump request, NLMSG_DONE included. Raises NetlinkError, NoNetlink."""
    with netlink_socket(request.protocol, timeout) as sock:
        try:
            sock.send(encode(request))
            while True:
                data = receive(sock)
                if data is not None:
                    yield data
                    if ends(data, request):
                        return
        except TimeoutError:
            raise NoNetlink(f"the kernel did not answer within {timeout:g} seconds") from None


def dump_request(family: Family, type: int, fields: Mapping[str, int]) -> Message:
    """What asks for all objects of a family; ``fields`` of the fixed header may narrow that."""
    return build(family, type, flags=NLM_F.REQUEST | NLM_F.DUMP, seq=1).replace(None, **fields)


def netlink_socket(protocol: int, timeout: float) -> socket.socket:
    """A socket that gives up, with the kernel's words in its errors."""
    if not hasattr(socket, "AF_NETLINK"):
        raise NoNetlink("this system has no netlink")
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    except OSError as error:
        raise NoNetlink(f"no netlink socket here: {error.strerror}") from None
    sock.settimeout(timeout)
    with suppress(OSError):  # a kernel older than 4.12 has no words
        sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    return sock


def receive(sock: socket.socket) -> bytes | None:
    """One datagram of whatever size; None for one that the kernel did not send."""
    size = sock.recv_into(bytearray(1), 1, socket.MSG_PEEK | socket.MSG_TRUNC)
    data, (pid, _groups) = sock.recvfrom(size)
    return data if pid == 0 else None


def ends(data: bytes, request: Message) -> bool:
    """Whether a datagram is the dump's last. Raises NetlinkError when it says why there is none."""
    for message in decode(data, request.protocol):
        if message.nlmsg_type in (NLMSG.ERROR, NLMSG.DONE):
            code = message.fields[0] if message.fields else 0
            if isinstance(code, int) and code < 0:
                raise NetlinkError(-code, message.get(NLMSGERR_ATTR.MSG), offset=message.get(NLMSGERR_ATTR.OFFS))
            return True
    return False
