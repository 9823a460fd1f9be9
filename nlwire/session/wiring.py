"""What both kinds of session are made of: an endpoint, a dialog, requests made from what users give.

Knows: which flags a request needs, how a filter becomes part of a dump request.
Never: waiting.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from errno import ENOBUFS
from socket import MSG_TRUNC
from struct import Struct
from typing import TYPE_CHECKING, Any

from nlwire.codec.build import RunLike
from nlwire.codec.fast import encode
from nlwire.codec.frames import NLMSG_HDRLEN, framing_error
from nlwire.codec.message import Message, build
from nlwire.dialog import Dialog, Request
from nlwire.endpoint.base import SOL_NETLINK, Datagram, Endpoint, Receiver, add_membership, drop_membership
from nlwire.endpoint.socket import Netns, open_socket, switch_on
from nlwire.errors import DialogError
from nlwire.schema.family import Family
from nlwire.schema.layout import HOST
from nlwire.session.columns import collector, dump_columns
from nlwire.session.filters import Filter, split_filter
from nlwire.session.flows import RETRIES, Chunks, Flow, Vet, Waitable, dump
from nlwire.session.generic import GenericFamily, vet
from nlwire.session.preflight import preflight
from nlwire.session.switchboard import MAILBOX_LIMIT, Exchange, Mailbox, Pile, Switchboard
from nlwire.session.table import Table
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLM_F

if TYPE_CHECKING:
    from nlwire.codec.columnar import Columns

GROUPS_IN_ADDRESS = 32
"""Only groups up to here show in a sender's address; for others the control message nl_pktinfo is asked for."""
_LENGTH = Struct("=I")
_FLAGS = Struct("=H")
_FLAGS_AT = 6
_REQUEST = int(NLM_F.REQUEST)
_TRUNC = int(MSG_TRUNC)


class Idle:
    """Waits until no dump is under way."""

    def __init__(self, board: Switchboard) -> None:
        self.board = board

    def ready(self) -> bool:
        """Whether a dump may begin."""
        return not self.board.dumping()


class Wiring:
    """The half of a session that never waits. ``ignored`` counts what was not believed, by reason.

    ``endpoint`` is any endpoint and belongs to the session from then on: one that is bound as it is, another bound and with
    extended acknowledgements and strict checking switched on. Without one an AF_NETLINK socket is opened, in ``netns`` if
    given. ``retries``: how often an interrupted dump is begun again. ``check``: whether requests are validated before they are
    sent (by the declarations, and for generic netlink by the kernel's own policies), where a call does not say; what verbs
    build always is.
    """

    def __init__(
        self,
        endpoint: Endpoint | None = None,
        *,
        protocol: int = NETLINK.ROUTE,
        netns: Netns | None = None,
        retries: int = RETRIES,
        check: bool = False,
        wrap: Callable[[Endpoint], Endpoint] | None = None,
    ) -> None:
        opened: Endpoint = open_socket(protocol, netns=netns) if endpoint is None else endpoint
        self.endpoint = opened if wrap is None else wrap(opened)
        self.protocol = int(protocol)
        self.retries = retries
        self.check = check
        self.families: dict[int, GenericFamily] = {}
        self.board = Switchboard(Dialog(protocol, self._bind()))
        self.idle: Waitable = Idle(self.board)
        self.closed = False
        self._lock: AbstractContextManager[Any] = nullcontext()
        self._receiver = Receiver()
        self._members: dict[int, int] = {}

    def _bind(self) -> int:
        portid = self.endpoint.getsockname()[0]
        if not portid:  # a socket that nobody has set up
            switch_on(self.endpoint)
            self.endpoint.bind((0, 0))
            portid = self.endpoint.getsockname()[0]
        return int(portid)

    @property
    def portid(self) -> int:
        """The port the kernel answers to."""
        return self.board.dialog.portid

    @property
    def counts(self) -> Mapping[str, int]:
        """What the dialog did not believe, and how many overruns there were."""
        return self.board.dialog.counts

    # --- the line that flows talk on ---------------------------------------------------------------------------------

    def start(self, data: bytes) -> list[Exchange]:
        """Send requests in one datagram. Raises OSError, DialogError."""
        with self._lock:
            self._open_only()
            made = self.board.open(data)
            self._send([one.request for one in made])
            return made

    def start_pile(self, data: bytes) -> Pile:
        """Send requests in one datagram whose answers are read together. Raises OSError, DialogError."""
        with self._lock:
            self._open_only()
            made = self.board.open_pile(data)
            self._send(made.requests)
            return made

    def start_dump(self, data: bytes) -> Exchange | None:
        """Send a dump request, unless a dump is under way."""
        with self._lock:
            if self.board.dumping():
                return None
            (made,) = self.start(data)
            return made

    def finish(self, *requests: Request) -> None:
        """Nobody reads their answers any more."""
        with self._lock:
            self.board.close(*requests)

    def _send(self, requests: list[Request]) -> None:
        try:
            self.endpoint.send(b"".join([one.data for one in requests]))
        except BaseException:
            self.board.close(*requests)
            for one in requests:
                self.board.dialog.pending.pop(one.seq, None)
            raise

    def _open_only(self) -> None:
        if self.closed:
            raise DialogError("the session is closed")

    # --- receiving ---------------------------------------------------------------------------------------------------

    def _receive(self) -> Datagram | None:
        """The next datagram; None for an overrun, which comes instead of one. Raises BlockingIOError, TimeoutError, OSError."""
        try:
            return self._receiver.receive(self.endpoint)
        except OSError as error:
            if error.errno != ENOBUFS:
                raise
            return None

    def _deliver(self, received: Datagram | None) -> None:
        """Bring what was received to whom it concerns. Raises DialogError."""
        if received is None:
            self.board.overrun()
        elif received.flags & _TRUNC:
            raise DialogError(f"a datagram was longer than {len(received.data)} bytes; its rest is lost")
        else:
            self.board.deliver(received)

    # --- subscriptions -----------------------------------------------------------------------------------------------

    def _join(self, groups: tuple[int, ...], limit: int = MAILBOX_LIMIT) -> Mailbox:
        """A mailbox for these groups, each joined while somebody listens. Raises OSError."""
        mailbox = Mailbox(groups, limit)
        with self._lock:
            self._open_only()
            joined: list[int] = []
            try:
                for group in sorted(mailbox.groups):
                    if group > GROUPS_IN_ADDRESS:
                        self.endpoint.setsockopt(SOL_NETLINK, NETLINK_OPT.PKTINFO, 1)
                    if not self._members.get(group):
                        add_membership(self.endpoint, group)
                    self._members[group] = self._members.get(group, 0) + 1
                    joined.append(group)
            except OSError:
                self._part(joined)
                raise
            self.board.mailboxes.append(mailbox)
        return mailbox

    def _leave(self, mailbox: Mailbox) -> None:
        with self._lock:
            if mailbox in self.board.mailboxes:
                self.board.mailboxes.remove(mailbox)
                self._part(sorted(mailbox.groups))

    def _part(self, groups: list[int]) -> None:
        for group in groups:
            self._members[group] -= 1
            if not self._members[group] and not self.closed:
                drop_membership(self.endpoint, group)

    # --- requests ----------------------------------------------------------------------------------------------------

    def _request(self, message: Message | bytes, flags: int, check: bool | None) -> bytes:
        """The bytes of one request with NLM_F_REQUEST and ``flags``. Raises BuildError, WireError, NetlinkError."""
        raw = encode(message) if isinstance(message, Message) else message
        if len(raw) < NLMSG_HDRLEN:
            raise framing_error(raw, 0, HOST)
        if isinstance(message, Message) and message.layout.sizeof & 3 and not message.items:
            raw = _LENGTH.pack(len(raw)) + raw[4:]  # inet_valid_dump_netconf() insists on the header's padding
        (given,) = _FLAGS.unpack_from(raw, _FLAGS_AT)
        wanted = given | _REQUEST | flags
        if wanted != given:
            raw = raw[:_FLAGS_AT] + _FLAGS.pack(wanted) + raw[_FLAGS_AT + 2 :]
        if (self.check if check is None else check) and self.protocol != NETLINK.GENERIC:
            preflight(raw, self.protocol)
        return raw

    def _vet(self, check: bool | None) -> Vet | None:
        """What further judges requests before they are sent: for generic netlink, the kernel's own policies."""
        wanted = self.check if check is None else check
        return vet if wanted and self.protocol == NETLINK.GENERIC else None

    def _checking(self, data: bytes) -> Flow[None]:
        """Validates requests that are to be sent as they are. Raises NetlinkError, WireError."""
        further = self._vet(True)
        if further is None:
            preflight(data, self.protocol)
        else:
            yield from further(self, data)

    def _parts(self, data: bytes, window: int | None, retries: int | None, heard: Family | None = None) -> Chunks:
        """The parts of a dump; with ``heard`` while listening to what happens to that family. Raises as flows.dump, OSError."""
        tries = self.retries if retries is None else retries
        if heard is None:
            yield from dump(self, data, window, tries, self._vet(None))
            return
        groups = Table(heard).groups
        if not groups:
            raise DialogError(f"changes of {heard.name} are not announced")
        mailbox = self._join(groups, limit=1)
        try:
            yield from dump(self, data, window, tries, self._vet(None), mailbox)
        finally:
            self._leave(mailbox)

    def _get_request(self, family: Family, attrs: RunLike, fields: Mapping[str, Any]) -> bytes:
        if family.get is None:
            raise DialogError(f"{family.name} cannot be asked for")
        return self._request(build(family, family.get, attrs, **fields), 0, None)

    def _dump_request(
        self, what: Family | Message, attrs: RunLike, filter: Filter | None, fields: Mapping[str, Any]
    ) -> tuple[bytes, Callable[[Message], bool] | None]:
        """The request, and what is still to be sorted out here. Raises BuildError."""
        if isinstance(what, Message):
            asked, told, keep = split_filter(what.family.answers or what.family, filter or {})
            message = what.replace(told, **asked)
        else:
            if what.get is None:
                raise DialogError(f"{what.name} cannot be dumped")
            asked, told, keep = split_filter(what.answers or what, filter or {})
            message = build(what, what.get, [*pairs(attrs), *told.items()], **{**asked, **fields})
        return self._request(message, NLM_F.DUMP, None), keep

    def _columns(
        self,
        what: Family | Message,
        fields: Iterable[Any] | None,
        attrs: RunLike,
        header: Mapping[str, Any],
        retries: int | None,
    ) -> "Flow[Columns]":
        """The flow that dumps into columns. Raises BuildError, ImportError."""
        data, _ = self._dump_request(what, attrs, None, header)
        family = what.family if isinstance(what, Message) else what
        family = family.answers or family
        wanted = None if fields is None else list(fields)
        collector(family, wanted)  # what is wrong with the fields is said before anything is sent
        tries = self.retries if retries is None else retries
        return dump_columns(self, data, lambda: collector(family, wanted), tries, self._vet(None))


def pairs(attrs: RunLike) -> list[Any]:
    """Attributes as given, as a list."""
    return list(attrs.items()) if isinstance(attrs, Mapping) else list(attrs)
