"""Names of interfaces, learnt from the link messages that pass by.

Knows: where a link's index and name stand.
Never: who asked for them.
"""

from collections.abc import Iterable
from contextlib import suppress

from nlwire.codec.message import Message
from nlwire.errors import WireError
from nlwire.uapi.if_link import IFLA, link


def link_names(messages: Iterable[Message]) -> dict[int, str]:
    """Index -> name of the links among some messages."""
    named = {}
    for message in messages:
        if message.family is link and IFLA.IFNAME in message:
            with suppress(WireError, AttributeError):  # a name that is no text, a header cut short
                named[int(message.ifi_index)] = message[IFLA.IFNAME]
    return named
