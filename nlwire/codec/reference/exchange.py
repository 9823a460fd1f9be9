"""The reference machine's door: a byte stream to messages and back, by way of containers.

Knows: messages laid end to end.
Never: the fast machine.
"""

import io
from collections.abc import Iterable
from typing import Any

import construct

from nlwire.codec.message import Message
from nlwire.codec.reference.layout import container_of, instance_of
from nlwire.codec.reference.message import NetlinkMessage, leaf_values
from nlwire.codec.reference.raws import items_of, run_of
from nlwire.errors import BuildError, WireError
from nlwire.schema.family import MessageType, Registry
from nlwire.schema.kinds import ByteOrder
from nlwire.schema.layout import HOST
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK


def decode(
    data: bytes | bytearray | memoryview,
    protocol: int = NETLINK.ROUTE,
    *,
    byteorder: ByteOrder = HOST,
    registry: Registry = FAMILIES,
) -> list[Message]:
    """The messages of a byte stream, as ``nlwire.decode`` gives them. Raises the same WireError."""
    buffer = bytes(data)
    stream = io.BytesIO(buffer)
    definition = NetlinkMessage(int(protocol), registry, byteorder)
    messages: list[Message] = []
    while stream.tell() < len(buffer):
        try:
            found = definition.parse_stream(stream)
        except WireError as error:
            error.data, error.partial = buffer, messages
            raise
        messages.append(_message_of(found["_type"], found.nlmsghdr, found))
    return messages


def _message_of(type: MessageType, nlmsghdr: Any, found: Any) -> Message:
    header = instance_of(type.family.header, found.header)
    quoted = None
    if "request" in found:
        quoted = _message_of(found.request["_type"], found.header[type.family.quotes], found.request)
    return Message(
        type,
        nlmsghdr.nlmsg_flags,
        nlmsghdr.nlmsg_seq,
        nlmsghdr.nlmsg_pid,
        header.__class__,
        tuple(leaf_values(header).values()),
        items_of(found.attrs),
        quoted,
        found.get("pad"),
    )


def encode(messages: Iterable[Message] | Message, *, byteorder: ByteOrder = HOST) -> bytes:
    """The bytes of messages laid end to end, as ``nlwire.encode`` gives them. Raises BuildError."""
    given = (messages,) if isinstance(messages, Message) else messages
    return b"".join(_encode_one(message, byteorder) for message in given)


def _encode_one(message: Message, order: ByteOrder) -> bytes:
    definition = NetlinkMessage(message.protocol, FAMILIES, order)
    try:
        built: bytes = definition.build(_container_of(message))
    except (construct.ConstructError, ValueError, TypeError) as error:
        raise BuildError(str(error), path=(message.type.name,), value=message) from None
    return built


def _container_of(message: Message) -> Any:
    numbers = construct.Container(
        nlmsg_type=message.nlmsg_type,
        nlmsg_flags=message.nlmsg_flags,
        nlmsg_seq=message.nlmsg_seq,
        nlmsg_pid=message.nlmsg_pid,
    )
    found = construct.Container(nlmsghdr=numbers, header=container_of(message.header), attrs=run_of(message.items))
    found["_type"] = message.type
    if message.quoted is not None:
        found["request"] = _container_of(message.quoted)
    if message.pad is not None:
        found["pad"] = message.pad
    return found
