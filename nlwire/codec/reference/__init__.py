"""The reference machine: construct definitions made from the declarations; slow, obvious, the referee of the others.

``construct_of`` gives the definition of a family's whole message, of a struct, of a run of attributes or of one payload, to be
parsed, built and embedded like any construct. ``decode`` and ``encode`` give what the fast machine gives, found in another way.
"""

from nlwire.codec.reference.exchange import decode, encode
from nlwire.codec.reference.message import NetlinkMessage, construct_of
from nlwire.codec.reference.run import AttrRun

__all__ = ["AttrRun", "NetlinkMessage", "construct_of", "decode", "encode"]
