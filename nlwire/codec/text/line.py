"""One message, one line: in the look of ip(8) where its family has one (words.py), from the declaration alone elsewhere.

    10.20.0.0/16 via 10.0.0.1 dev 2 proto static metric 100
    addrlabel family inet6 prefixlen 96 address ::ffff:0.0.0.0 label 4

Whatever a family's phrases did not say follows in generic words, so that a line hides nothing but what its family calls
quiet; ``details`` shows that too.

Knows: Message.
Never: families by name; the wire.
"""

import json
from collections.abc import Mapping

from nlwire.codec.message import Message
from nlwire.codec.text.reader import Reader
from nlwire.codec.text.values import protocol_name
from nlwire.codec.text.words import ACKNOWLEDGEMENTS, LOOKS, acknowledgement
from nlwire.uapi.netlink import NLM_F

Names = Mapping[int, str]
"""Interface index -> name."""

_VERBS = {"new": "add", "delete": "delete", "get": "get", "set": "set"}


def json_line(message: Message) -> str:
    """The message as JSON on one line; ``Message.from_dict(json.loads(line))`` is the message again."""
    return json.dumps(message.to_dict())


def text_line(message: Message, names: Names | None = None, *, details: bool = False) -> str:
    """The message for people. ``names`` gives interfaces their names; without, they are numbers."""
    family = message.type.family.name
    reader = Reader.of_message(message, names or {})
    if family in ACKNOWLEDGEMENTS:
        return acknowledgement(message, reader)
    if family == "unknown":
        payload = b"".join(item[2] for item in message.items)
        return f"type {message.type.number} of {protocol_name(message.protocol)}" + (
            f": 0x{payload.hex()}" if payload else ""
        )
    look, request = LOOKS.get(family), bool(message.nlmsg_flags & NLM_F.REQUEST)
    verb = _verb(message) if message.type.verb else message.type.name
    if look is None or (request and not (look.requests and message.type.verb in ("new", "delete"))):
        return " ".join(filter(None, [verb, family, *reader.rest()]))
    said = [phrase(reader) for phrase in look.phrases]
    return " ".join(filter(None, [verb, family if request else "", *said, *reader.rest(() if details else look.quiet)]))


def _verb(message: Message) -> str:
    """What a request wants, or that something is gone; nothing for what is simply there."""
    verb = message.type.verb
    if not message.nlmsg_flags & NLM_F.REQUEST:
        return "deleted" if verb == "delete" else ""
    if verb == "get" and message.nlmsg_flags & NLM_F.DUMP == NLM_F.DUMP:
        return "dump"
    return _VERBS.get(verb, "")
