"""What subscribers are given: messages with where they came from, and gaps where some are missing.

Knows: the dialog's events.
Never: what a message is about.
"""

from dataclasses import dataclass

from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.dialog import Acked, Done, Event, Notification, Reply
from nlwire.session.flows import refuse


@dataclass(frozen=True)
class Occurrence:
    """One notification. ``message`` is None for a gap: the receive queue overflowed and some are missing here.

    ``group`` is the multicast group, ``nsid`` the id of the network namespace where that is another one.
    """

    message: Message | None
    group: int = 0
    nsid: int | None = None

    @property
    def lost(self) -> bool:
        """Whether this is a gap."""
        return self.message is None


def occurrences(event: Event, protocol: int) -> list[Occurrence]:
    """The messages of a notification, or the gap."""
    if isinstance(event, Notification):
        return [Occurrence(message, event.group, event.nsid) for message in decode(event.data, protocol)]
    return [Occurrence(None)]


def replies(event: Event, protocol: int) -> tuple[list[Message], bool]:
    """The messages in an answer, and whether it is complete with this. Raises NetlinkError, Overrun."""
    if isinstance(event, Reply):
        return decode(event.data, protocol), False
    refuse(event)
    return [], isinstance(event, Acked | Done)
