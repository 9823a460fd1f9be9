"""Filling a message, with C's ``nla_put_failure: nlmsg_cancel(skb, nlh)`` as the end of a with block.

    with nlmsg_filling(skb, portid, seq, RTM.NEWADDR, header, flags):
        nla_put_u32(skb, IFA.FLAGS, flags)

Knows: that a message is put whole or not at all.
Never: what it says.
"""

from types import TracebackType

from nlwire.schema.layout import UapiStruct
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire import nlmsg_cancel, nlmsg_end, nlmsg_put, sk_buff


class nlmsg_filling:
    """nlmsg_put(), what the block puts, nlmsg_end(). Raises BufferFull where it does not fit; the skb is then as it was."""

    __slots__ = ("nlh", "skb")

    def __init__(
        self,
        skb: sk_buff,
        portid: int,
        seq: int,
        type: int,
        header: type[UapiStruct] | UapiStruct,
        flags: int = 0,
    ) -> None:
        self.skb = skb
        self.nlh = nlmsg_put(skb, portid, seq, type, header, flags)

    def __enter__(self) -> nlmsghdr:
        return self.nlh

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            nlmsg_end(self.skb, self.nlh)
        else:
            nlmsg_cancel(self.skb, self.nlh)
