"""nlwire: every byte of a netlink conversation, declared, built, parsed.

The door only: names are imported when first used.

* ``decode``, ``encode``, ``views``, ``Message``, ``build``, ``Template``: bytes and values (nlwire.codec)
* ``columns``, ``Columns``, ``concat``, ``build_columns``, …: many messages as numpy columns (nlwire.codec.columnar; extra ``columns``)
* ``construct_of``: a family's layout as a construct definition (nlwire.codec.reference)
* ``Kernel``: the mock kernel (nlwire.kernel)
* ``route``, ``link``, ``address``, …: the families (nlwire.uapi)
* ``Session``, ``AsyncSession``: conversations with the kernel (nlwire.session)
* ``run``: any program on a kernel of one's choice (nlwire.ground, nlwire.supervise)
* ``record``, ``replay``: conversations into captures and out of them (nlwire.capture)
* ``fuzz_replies``: a client's own tests under replies that go wrong (nlwire.fuzz, which attacks much else)
* ``NlwireError`` and its tree (nlwire.errors)
"""

from typing import TYPE_CHECKING, Any

from nlwire.errors import (
    BufferFull,
    BuildError,
    DeclarationError,
    DialogError,
    NetlinkError,
    NlwireError,
    WireError,
)
from nlwire.later import door

if TYPE_CHECKING:
    from nlwire.capture.columns import capture_columns, iter_batches
    from nlwire.capture.record import record
    from nlwire.capture.replay import replay
    from nlwire.codec.columnar import Columns, build_columns, columns, concat
    from nlwire.codec.fast import Template, View, decode, encode, views
    from nlwire.codec.message import Message, build
    from nlwire.codec.reference import construct_of
    from nlwire.codec.values import Attrs, Opaque
    from nlwire.ground.running import run
    from nlwire.kernel import Kernel
    from nlwire.session import AsyncSession, Session
    from nlwire.uapi import FAMILIES
    from nlwire.uapi.fib_rules import rule
    from nlwire.uapi.if_addr import address
    from nlwire.uapi.if_link import link
    from nlwire.uapi.neighbour import neighbour
    from nlwire.uapi.nexthop import nexthop
    from nlwire.uapi.rtnetlink import route

__version__ = "0.1.0"

_WHERE = {
    "decode": "nlwire.codec.fast",
    "encode": "nlwire.codec.fast",
    "views": "nlwire.codec.fast",
    "fuzz_replies": "nlwire.fuzz.marks",
    "record": "nlwire.capture.record",
    "replay": "nlwire.capture.replay",
    "Template": "nlwire.codec.fast",
    "View": "nlwire.codec.fast",
    "Message": "nlwire.codec.message",
    "build": "nlwire.codec.message",
    "Attrs": "nlwire.codec.values",
    "Opaque": "nlwire.codec.values",
    "Columns": "nlwire.codec.columnar",
    "build_columns": "nlwire.codec.columnar",
    "capture_columns": "nlwire.capture.columns",
    "columns": "nlwire.codec.columnar",
    "concat": "nlwire.codec.columnar",
    "construct_of": "nlwire.codec.reference",
    "iter_batches": "nlwire.capture.columns",
    "Kernel": "nlwire.kernel",
    "run": "nlwire.ground.running",
    "AsyncSession": "nlwire.session",
    "Session": "nlwire.session",
    "FAMILIES": "nlwire.uapi",
    "address": "nlwire.uapi.if_addr",
    "link": "nlwire.uapi.if_link",
    "neighbour": "nlwire.uapi.neighbour",
    "nexthop": "nlwire.uapi.nexthop",
    "route": "nlwire.uapi.rtnetlink",
    "rule": "nlwire.uapi.fib_rules",
}

__all__ = [
    "FAMILIES",
    "AsyncSession",
    "Attrs",
    "BufferFull",
    "BuildError",
    "Columns",
    "DeclarationError",
    "DialogError",
    "Kernel",
    "Message",
    "NetlinkError",
    "NlwireError",
    "Opaque",
    "Session",
    "Template",
    "View",
    "WireError",
    "__version__",
    "address",
    "build",
    "build_columns",
    "capture_columns",
    "columns",
    "concat",
    "construct_of",
    "decode",
    "encode",
    "iter_batches",
    "fuzz_replies",
    "link",
    "neighbour",
    "nexthop",
    "record",
    "replay",
    "route",
    "rule",
    "run",
    "views",
]


_asked = door(globals(), _WHERE)


def __getattr__(name: str) -> Any:
    try:
        return _asked(name)
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ImportError(f"nlwire.{name} needs numpy: pip install 'nlwire[columns]'") from None


def __dir__() -> list[str]:
    return __all__
