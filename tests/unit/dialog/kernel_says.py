"""What a kernel would answer: datagrams built with wire/, for tests of the dialog and of all that stand on it."""

from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTA, RTM, route
from nlwire.wire import nlmsg_hdr
from nlwire.wire.extack import build_ack, netlink_ext_ack, put_done
from nlwire.wire.nlmsg import nlmsg_new

PORT = 4711


def get_route(flags: int = NLM_F.REQUEST | NLM_F.ACK) -> Message:
    return build(route, RTM.GETROUTE, {RTA.DST: "10.0.0.1"}, flags=flags, rtm_family=AF.INET, rtm_dst_len=32)


def dump_routes() -> Message:
    return build(route, RTM.GETROUTE, flags=NLM_F.REQUEST | NLM_F.DUMP, rtm_family=AF.INET)


def a_route(last: int, *, seq: int = 0, pid: int = PORT, flags: int = 0, type: int = RTM.NEWROUTE) -> bytes:
    attrs = {RTA.DST: f"10.0.{last >> 8}.{last & 255}", RTA.OIF: 2}
    return encode(build(route, type, attrs, flags=flags, seq=seq, pid=pid, rtm_family=AF.INET, rtm_dst_len=32))


def part(request: bytes, last: int, flags: int = 0) -> bytes:
    return a_route(last, seq=nlmsg_hdr(request).nlmsg_seq, flags=NLM_F.MULTI | flags)


def ack(request: bytes, error: int = 0, extack: netlink_ext_ack | None = None, *, cap_ack: bool = False) -> bytes:
    return bytes(build_ack(request, error, extack, portid=PORT, cap_ack=cap_ack))


def done(request: bytes, error: int = 0, extack: netlink_ext_ack | None = None, flags: int = 0) -> bytes:
    skb = nlmsg_new(256)
    put_done(skb, request, error, extack, portid=PORT, flags=flags)
    return bytes(skb)
