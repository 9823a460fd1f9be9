"""The common work in one line each: ``nl.route.add("10.0.0.0/8", via="192.0.2.1")``.

    link       add change replace delete get flush
    address    add change replace delete get flush
    route      add change replace delete get flush
    neighbour  add change replace delete get flush
    nexthop    add change replace delete get flush
    rule       add                delete get flush

Devices are given by name or number, networks and addresses as text or as ``ipaddress`` objects. What a verb builds is
validated before it is sent. In an AsyncSession each verb is to be awaited. ``specs.py`` says how arguments become messages.

Knows: which flags a verb needs; that ``flush`` deletes what a dump shows.
Never: a header's fields.
"""

from collections.abc import Callable
from errno import EADDRNOTAVAIL, ENODEV, ENOENT, ESRCH
from typing import Any, Generic, Protocol, TypeVar, Unpack

from nlwire.codec.message import Message
from nlwire.errors import DialogError, NetlinkError
from nlwire.schema.family import Family
from nlwire.session import specs
from nlwire.session.batch import batch
from nlwire.session.filters import Filter
from nlwire.session.flows import Answer, Flow, Line, collect, request
from nlwire.uapi import FAMILIES
from nlwire.uapi.fib_rules import rule
from nlwire.uapi.if_addr import address
from nlwire.uapi.if_link import link
from nlwire.uapi.neighbour import neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import nexthop
from nlwire.uapi.rtnetlink import route

A = TypeVar("A")
"""What a change gives: Answer, or an awaitable of one."""
M = TypeVar("M")
"""What ``get`` gives: Message, or an awaitable of one."""
N = TypeVar("N")
"""What ``flush`` gives: how many objects were deleted, or an awaitable of it."""

ADD = NLM_F.CREATE | NLM_F.EXCL
CHANGE = NLM_F.REPLACE
REPLACE = NLM_F.CREATE | NLM_F.REPLACE
GONE = {EADDRNOTAVAIL, ENODEV, ENOENT, ESRCH}
"""Errors of a flush that mean somebody was quicker (or that a primary address took its secondaries along)."""
ROOM = 64
"""Deletions in one datagram of a flush."""


class Runner(Line, Protocol):
    """What verbs need of a session."""

    retries: int

    def _run(self, flow: Flow[Any]) -> Any:
        """Drive a flow to its result."""

    def _request(self, message: Message | bytes, flags: int, check: bool | None) -> bytes:
        """The bytes of a request."""

    def _dump_request(
        self, what: Family | Message, attrs: Any, filter: Filter | None, fields: Any
    ) -> tuple[bytes, Callable[[Message], bool] | None]:
        """The bytes of a dump request."""


class _Verbs(Generic[A, M, N]):
    """What all families share."""

    family: Family

    def __init__(self, session: Runner) -> None:
        self._session = session

    def _change(self, flags: int, message: Flow[Message]) -> A:
        return self._session._run(self._changing(flags, message))  # type: ignore[no-any-return]

    def _changing(self, flags: int, message: Flow[Message]) -> Flow[Answer]:
        made = yield from message
        return (yield from request(self._session, self._session._request(made, NLM_F.ACK | flags, True)))

    def _get(self, message: Flow[Message]) -> M:
        return self._session._run(self._getting(message))  # type: ignore[no-any-return]

    def _getting(self, message: Flow[Message]) -> Flow[Message]:
        answer = yield from self._changing(0, message)
        return _first(answer, self.family)

    def _find(self, filter: Filter) -> M:
        """For families whose objects the kernel does not look up one by one."""
        return self._session._run(self._finding(filter))  # type: ignore[no-any-return]

    def _finding(self, filter: Filter) -> Flow[Message]:
        return _first((yield from self._dumped(filter)), self.family)

    def _dumped(self, filter: Filter) -> Flow[list[Message]]:
        data, keep = self._session._dump_request(self.family, (), filter, {})
        found = yield from collect(self._session, data, self._session.retries, keep)
        return [message for message in found if message.family is self.family]

    def _doomed(self, filter: Filter) -> Flow[list[Message]]:
        """What a flush is to delete; in a table that does not exist, nothing."""
        try:
            return (yield from self._dumped(filter))
        except NetlinkError as error:
            if error.errno != ENOENT:
                raise
            return []

    def flush(self, filter: Filter) -> N:
        """Delete every object that a filter keeps (session/filters.py); returns how many. Raises NetlinkError."""
        return self._session._run(self._flushing(filter))  # type: ignore[no-any-return]

    def _flushing(self, filter: Filter) -> Flow[int]:
        doomed = yield from self._doomed(filter)
        datas = [self._session._request(deletion(message), 0, False) for message in doomed]
        result = yield from batch(self._session, datas, ROOM)
        for error in result.errors.values():
            if error.errno not in GONE:
                raise error
        return result.sent - len(result.errors)


def _first(found: list[Message], family: Family) -> Message:
    if not found:
        raise DialogError(f"there is no such {family.name}")
    return found[0]


def deletion(message: Message) -> Message:
    """The request that deletes what ``message`` shows."""
    family = message.family
    assert family.delete is not None
    type = FAMILIES.find(family.protocol, family.delete)
    return Message(type, 0, 0, 0, message.layout, message.fields, message.items)


class LinkVerbs(_Verbs[A, M, N]):
    """ip link."""

    family = link

    def add(self, name: str, **spec: Unpack[specs.LinkSpec]) -> A:
        """Make a device: ``add("d0", kind="dummy", mtu=1400, up=True)``."""
        return self._change(ADD, specs.new_link(self._session, name, spec))

    def change(self, dev: specs.Device, **spec: Unpack[specs.LinkSpec]) -> A:
        """Change a device: ``change("d0", up=False)``; ``rename`` gives it another name."""
        return self._change(0, specs.change_link(self._session, dev, spec))

    def replace(self, name: str, **spec: Unpack[specs.LinkSpec]) -> A:
        """Make a device, or change it where one of this name is (the kernel takes no NLM_F_REPLACE for links)."""
        return self._change(NLM_F.CREATE, specs.new_link(self._session, name, spec))

    def delete(self, dev: specs.Device) -> A:
        """Remove a device."""
        return self._change(0, specs.which_link(self._session, dev, link.delete))

    def get(self, dev: specs.Device) -> M:
        """One device."""
        return self._get(specs.which_link(self._session, dev, link.get))

    def _flushing(self, filter: Filter) -> Flow[int]:
        """Devices are deleted by number: what a dump says of them is too much for a request."""
        count = 0
        for message in (yield from self._dumped(filter)):
            yield from self._changing(0, specs.which_link(self._session, message.ifi_index, link.delete))
            count += 1
        return count


class AddressVerbs(_Verbs[A, M, N]):
    """ip address."""

    family = address

    def add(self, local: specs.Interface, dev: specs.Device, **spec: Unpack[specs.AddressSpec]) -> A:
        """``add("192.0.2.1/24", "d0")``."""
        return self._change(ADD, specs.an_address(self._session, address.new, local, dev, spec))

    def change(self, local: specs.Interface, dev: specs.Device, **spec: Unpack[specs.AddressSpec]) -> A:
        """Change lifetimes or flags of an address."""
        return self._change(CHANGE, specs.an_address(self._session, address.new, local, dev, spec))

    def replace(self, local: specs.Interface, dev: specs.Device, **spec: Unpack[specs.AddressSpec]) -> A:
        """Add an address, or change it where it is."""
        return self._change(REPLACE, specs.an_address(self._session, address.new, local, dev, spec))

    def delete(self, local: specs.Interface, dev: specs.Device, **spec: Unpack[specs.AddressSpec]) -> A:
        """Remove an address."""
        return self._change(0, specs.an_address(self._session, address.delete, local, dev, spec))

    def get(self, local: specs.Interface) -> M:
        """One address, on whatever device."""
        return self._find(specs.address_filter(local))


class RouteVerbs(_Verbs[A, M, N]):
    """ip route."""

    family = route

    def add(self, dst: specs.Network, **spec: Unpack[specs.RouteSpec]) -> A:
        """``add("10.0.0.0/8", via="192.0.2.1", dev="d0", table=100)``; ``dst`` may be "default"."""
        return self._change(ADD, specs.a_route(self._session, route.new, dst, spec))

    def change(self, dst: specs.Network, **spec: Unpack[specs.RouteSpec]) -> A:
        """Put another route in the place of one that is there."""
        return self._change(CHANGE, specs.a_route(self._session, route.new, dst, spec))

    def replace(self, dst: specs.Network, **spec: Unpack[specs.RouteSpec]) -> A:
        """Add a route, or put it in the place of one that is there."""
        return self._change(REPLACE, specs.a_route(self._session, route.new, dst, spec))

    def delete(self, dst: specs.Network, **spec: Unpack[specs.RouteSpec]) -> A:
        """Remove a route; what is not said of it may be anything."""
        return self._change(0, specs.a_route(self._session, route.delete, dst, spec))

    def get(self, dst: specs.Address, **spec: Unpack[specs.RouteSpec]) -> M:
        """The route that a packet to ``dst`` takes."""
        return self._get(specs.route_lookup(self._session, dst, spec))


class NeighbourVerbs(_Verbs[A, M, N]):
    """ip neighbour."""

    family = neighbour

    def add(self, dst: specs.Address, dev: specs.Device, **spec: Unpack[specs.NeighbourSpec]) -> A:
        """``add("192.0.2.2", "d0", lladdr="02:00:00:00:00:01")``."""
        return self._change(ADD, specs.a_neighbour(self._session, neighbour.new, dst, dev, spec))

    def change(self, dst: specs.Address, dev: specs.Device, **spec: Unpack[specs.NeighbourSpec]) -> A:
        """Change an entry that is there."""
        return self._change(CHANGE, specs.a_neighbour(self._session, neighbour.new, dst, dev, spec))

    def replace(self, dst: specs.Address, dev: specs.Device, **spec: Unpack[specs.NeighbourSpec]) -> A:
        """Add an entry, or change it where it is."""
        return self._change(REPLACE, specs.a_neighbour(self._session, neighbour.new, dst, dev, spec))

    def delete(self, dst: specs.Address, dev: specs.Device) -> A:
        """Remove an entry."""
        return self._change(0, specs.a_neighbour(self._session, neighbour.delete, dst, dev, {}))

    def get(self, dst: specs.Address, dev: specs.Device) -> M:
        """One entry."""
        return self._get(specs.a_neighbour(self._session, neighbour.get, dst, dev, {}))


class NexthopVerbs(_Verbs[A, M, N]):
    """ip nexthop."""

    family = nexthop

    def add(self, id: int, **spec: Unpack[specs.NexthopSpec]) -> A:
        """``add(1, via="192.0.2.1", dev="d0")``, ``add(9, group=[1, 2])``; id 0 lets the kernel choose."""
        return self._change(ADD, specs.a_nexthop(self._session, nexthop.new, id, spec))

    def change(self, id: int, **spec: Unpack[specs.NexthopSpec]) -> A:
        """Put another nexthop in the place of one that is there."""
        return self._change(CHANGE, specs.a_nexthop(self._session, nexthop.new, id, spec))

    def replace(self, id: int, **spec: Unpack[specs.NexthopSpec]) -> A:
        """Add a nexthop, or put it in the place of one that is there."""
        return self._change(REPLACE, specs.a_nexthop(self._session, nexthop.new, id, spec))

    def delete(self, id: int) -> A:
        """Remove a nexthop and what stands on it."""
        return self._change(0, specs.a_nexthop(self._session, nexthop.delete, id, {}))

    def get(self, id: int) -> M:
        """One nexthop."""
        return self._get(specs.a_nexthop(self._session, nexthop.get, id, {}))

    def _flushing(self, filter: Filter) -> Flow[int]:
        """Nexthops are deleted by number alone."""
        found = yield from self._dumped(filter)
        numbers = [specs.nexthop_id(message) for message in found]
        datas = []
        for number in numbers:
            message = yield from specs.a_nexthop(self._session, nexthop.delete, number, {})
            datas.append(self._session._request(message, 0, False))
        result = yield from batch(self._session, datas, ROOM)
        for error in result.errors.values():
            if error.errno not in GONE:
                raise error
        return result.sent - len(result.errors)


class RuleVerbs(_Verbs[A, M, N]):
    """ip rule. The kernel knows no change of a rule."""

    family = rule

    def add(self, **spec: Unpack[specs.RuleSpec]) -> A:
        """``add(priority=100, src="10.0.0.0/8", table=100)``."""
        return self._change(ADD, specs.a_rule(self._session, rule.new, spec))

    def delete(self, **spec: Unpack[specs.RuleSpec]) -> A:
        """Remove the first rule that is like this."""
        return self._change(0, specs.a_rule(self._session, rule.delete, spec))

    def get(self, priority: int, family: int = specs.INET) -> M:
        """The first rule of this priority."""
        return self._find(specs.rule_filter(priority, family))


class AllVerbs(Generic[A, M, N]):
    """The verbs of every family, as a session has them."""

    def _add_verbs(self, session: Runner) -> None:
        self.link: LinkVerbs[A, M, N] = LinkVerbs(session)
        self.address: AddressVerbs[A, M, N] = AddressVerbs(session)
        self.route: RouteVerbs[A, M, N] = RouteVerbs(session)
        self.neighbour: NeighbourVerbs[A, M, N] = NeighbourVerbs(session)
        self.nexthop: NexthopVerbs[A, M, N] = NexthopVerbs(session)
        self.rule: RuleVerbs[A, M, N] = RuleVerbs(session)
