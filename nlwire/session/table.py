"""A table of objects that is kept as the kernel's is: which message is about which object, and what a message changes.

Knows: by what the kernel tells objects of each family apart; which changes it does not announce.
Never: where messages come from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlwire.codec.message import Message
from nlwire.schema.family import Family
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import link
from nlwire.uapi.neighbour import NDA, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA
from nlwire.uapi.rtnetlink import AF, RTA, RTM_F, route

Key = tuple[Any, ...]


class News:
    """What a watch gives: a Change or a Resync."""


@dataclass(frozen=True)
class Change(News):
    """What happened to one object: ``old`` is None when it is new, ``new`` when it is gone."""

    key: Key
    old: Message | None
    new: Message | None

    @property
    def what(self) -> str:
        """``new``, ``change`` or ``delete``."""
        return "new" if self.old is None else "delete" if self.new is None else "change"


class Table:
    """Objects by key, of which the header has ``fields``.

    ``stale`` says why the table can no longer be what the kernel's is; None while it can.
    """

    def __init__(self, family: Family, fields: Mapping[str, Any] | None = None) -> None:
        self.family = family
        self.fields = dict(fields or {})
        self.key = KEYS.get(family.name, _whole)
        self.objects: dict[Key, Message] = {}
        self._alike: dict[Key, dict[Key, None]] = {}
        self.stale: str | None = None

    @property
    def groups(self) -> tuple[int, ...]:
        """What must be heard to keep it."""
        return tuple(
            dict.fromkeys(
                [*self.family.groups, *(group for one in WITNESSES.get(self.family.name, ()) for group in one.groups)]
            )
        )

    def __len__(self) -> int:
        return len(self.objects)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.objects.values())

    def __getitem__(self, key: Key) -> Message:
        return self.objects[key]

    def __contains__(self, key: object) -> bool:
        return key in self.objects

    def apply(self, message: Message) -> list[Change]:
        """Take in a notification."""
        if message.family is not self.family:
            self.stale = self.stale or _unannounced(self.family, message)
            return []
        if not self.concerns(message):
            return []
        if message.type.verb == "delete":
            return self._delete(message)
        return self._put(message)

    def concerns(self, message: Message) -> bool:
        """Whether the message shows an object of this table."""
        if message.family is not self.family or any(message.field(name) != one for name, one in self.fields.items()):
            return False
        if message.family is neighbour and not self.fields.get("ndm_family"):
            return bool(message.ndm_family != AF.BRIDGE)
        return _is_object(message)

    def _put(self, message: Message) -> list[Change]:
        key = self.key(message)
        if self.family is route and message.nlmsg_flags & NLM_F.REPLACE:
            replaced = next(iter(self._alike.get(key[:PREFIX], ())), None)
            if replaced is not None and replaced != key:
                return [Change(key, self._take(replaced), self._set(key, message))]
        old = self.objects.get(key)
        self._set(key, message)
        return [] if old is not None and same(old, message) else [Change(key, old, message)]

    def _set(self, key: Key, message: Message) -> Message:
        self.objects[key] = message
        self._alike.setdefault(key[:PREFIX], {})[key] = None
        return message

    def _take(self, key: Key) -> Message | None:
        """Remove an object; None where there is none."""
        old = self.objects.pop(key, None)
        if old is not None:
            alike = self._alike[key[:PREFIX]]
            del alike[key]
            if not alike:
                del self._alike[key[:PREFIX]]
        return old

    def _delete(self, message: Message) -> list[Change]:
        key = self.key(message)
        old = self._take(key)
        if old is not None:
            return [Change(key, old, None)]
        if self.family is route:
            self.stale = self.stale or "a route was deleted that is none of the table's, or a part of one"
        return []

    def reconcile(self, messages: Iterable[Message]) -> list[Change]:
        """Become what a dump shows; what that changes is what had been missed."""
        now = {self.key(message): message for message in messages if self.concerns(message)}
        gone = [Change(key, old, None) for key, old in self.objects.items() if key not in now]
        come = [Change(key, self.objects.get(key), new) for key, new in now.items()]
        self.objects = now
        self._alike = {}
        for key in now:
            self._alike.setdefault(key[:PREFIX], {})[key] = None
        self.stale = None
        return gone + [one for one in come if one.old is None or not same(one.old, message_of(one))]


def message_of(change: Change) -> Message:
    """The message that shows the object as it is, or as it last was."""
    found = change.new or change.old
    assert found is not None
    return found


def same(one: Message, other: Message) -> bool:
    """Whether two messages say the same of an object; flags, sequence numbers and ports of the messages do not count."""
    return one.layout is other.layout and one.fields == other.fields and one.items == other.items


# --- what tells objects apart ----------------------------------------------------------------------------------------


def _whole(message: Message) -> Key:
    return message.fields, repr(message.items)


def _prefix(message: Message) -> Key:
    """What fib_table_insert and fib6_add_rt1 look a route up by."""
    table = message.get(RTA.TABLE, message.rtm_table)
    where = (message.rtm_dst_len, message.get(RTA.DST), message.rtm_src_len, message.get(RTA.SRC))
    return (int(message.rtm_family), int(table), *where, message.rtm_tos, message.get(RTA.PRIORITY, 0))


PREFIX = 8
"""As many parts of a route's key are its prefix; by them the one is found that another replaces."""


def _route(message: Message) -> Key:
    """Routes of IPv4 to one prefix may differ in their nexthops alone (NLM_F_APPEND)."""
    ways = [item for item in message.items if item[0] is not None and item[0] & 0x3FFF in _WAYS]
    return (*_prefix(message), int(message.rtm_type), repr(sorted(ways, key=lambda item: item[0] & 0x3FFF)))


_WAYS = {attr.number for attr in (RTA.OIF, RTA.GATEWAY, RTA.VIA, RTA.MULTIPATH, RTA.NH_ID, RTA.ENCAP, RTA.PREFSRC)}

KEYS: dict[str, Callable[[Message], Key]] = {
    "link": lambda message: (message.ifi_index,),
    "address": lambda message: (
        int(message.ifa_family),
        message.ifa_index,
        message.ifa_prefixlen,
        message.get(IFA.LOCAL) or message.get(IFA.ADDRESS),
        message.get(IFA.ADDRESS),
    ),
    "neighbour": lambda message: (
        int(message.ndm_family),
        message.ndm_ifindex,
        message.get(NDA.DST),
        message.get(NDA.LLADDR) if message.ndm_family == AF.BRIDGE else None,
        message.get(NDA.VLAN),
        int(message.ndm_flags) & 0x08,
    ),
    "nexthop": lambda message: (message.get(NHA.ID),),
    "route": _route,
}
"""By family; of others (rules) the whole message is the key, for the kernel gives their deletion whole."""

# --- what is not announced -------------------------------------------------------------------------------------------

WITNESSES = {"route": (link, address), "address": (link,), "neighbour": (link,)}
"""Families whose news tell of changes that this family's own groups do not."""


def _is_object(message: Message) -> bool:
    """Bridges announce their ports under the link's types (and the deletion of a port that lives on); a cached route is none."""
    if message.family is link:
        return bool(message.ifi_family != AF.BRIDGE)
    return not (message.family is route and int(message.rtm_flags) & RTM_F.CLONED)


def _unannounced(family: Family, message: Message) -> str | None:
    """Why the table may be wrong after this news of another family: IPv4 routes vanish without a word when their link goes
    down or their source address is removed (fib_sync_down_dev, fib_sync_down_addr).
    """
    if message.family is link:
        if not _is_object(message):
            return None
        if message.type.verb == "delete" or not int(message.ifi_flags) & IFF.UP:
            return f"link {message.ifi_index} is down or gone"
    elif message.family is address and family is route and message.type.verb == "delete":
        return f"an address of link {message.ifa_index} is gone"
    return None
