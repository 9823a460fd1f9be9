"""net/ipv4/metrics.c, rtnetlink_put_metrics() of net/core/rtnetlink.c, congestion control names of net/ipv4/tcp_cong.c.

    RTA_METRICS = run of RTAX_*    ->    (lock, mtu, window, …)    by number less one, 0 where not said

Knows: which metrics there are, their limits, which congestion control a kernel has.
Never: what a metric is for.
"""

from errno import EINVAL
from struct import Struct
from typing import NoReturn

from nlwire.kernel.ipv4.ip_fib import Payload
from nlwire.kernel.net import error, net
from nlwire.uapi.rtnetlink import RTA, RTAX, RTAX_FEATURE
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack
from nlwire.wire.extack import NL_SET_ERR_MSG_ATTR
from nlwire.wire.nlattr import nlattr_ptr

RTAX_MAX = max(attr.number for attr in RTAX)
MTU, ADVMSS, HOPLIMIT, FEATURES, CC_ALGO = (
    one.number for one in (RTAX.MTU, RTAX.ADVMSS, RTAX.HOPLIMIT, RTAX.FEATURES, RTAX.CC_ALGO)
)
RTAX_FEATURE_MASK = sum(int(one) for one in RTAX_FEATURE)
LIMITS = {ADVMSS: 65535 - 40, MTU: 65535 - 15, HOPLIMIT: 255}
"""The greatest value of a metric; more counts as this."""
TCP_CA_NAME_MAX = 16
TCP_CONG = ("reno", "cubic", "bbr")
"""Congestion control that is there without a module."""

Metric = int | str
Metrics = tuple[Metric, ...]
"""Of RTAX_CC_ALGO the name, where C has a hash of it."""

_HEADER = Struct("=HH")
_U32 = Struct("=I")


def metrics_run(mx: Payload) -> "list[tuple[int, int, int]]":
    """(type, offset of the attribute, bytes of payload) of every attribute, as far as they are whole."""
    found = []
    at, end = mx.offset, mx.offset + mx.length
    while end - at >= _HEADER.size:
        size, type = _HEADER.unpack_from(mx.memory, at)
        if not _HEADER.size <= size <= end - at:
            break
        found.append((type & 0x3FFF, at, size - _HEADER.size))
        at += size + 3 & ~3
    return found


def nla_strscpy(mx: Payload, at: int, length: int) -> str:
    """The name in an attribute, cut to TCP_CA_NAME_MAX less the NUL."""
    text = bytes(mx.memory[at + 4 : at + 4 + length]).rstrip(b"\0")[: TCP_CA_NAME_MAX - 1]
    return text.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def tcp_ca_known(home: net, name: str) -> bool:
    """Whether there is a congestion control of that name (tcp_ca_get_key_by_name())."""
    return name in home.machine.subsystems.get("tcp_cong", TCP_CONG)


def ip_fib_metrics_init(home: net, mx: Payload | None, extack: netlink_ext_ack | None) -> Metrics:
    """Metrics from a request; empty where it sets none, which is what metrics of 0 are like. Raises OSError (EINVAL)."""
    if mx is None:
        return ()
    metrics: list[Metric] = [0] * RTAX_MAX
    for type, at, length in metrics_run(mx):
        if not type:
            continue
        if type > RTAX_MAX:
            refuse(extack, "Invalid metric type")
        metrics[type - 1] = one_metric(home, mx, type, at, length, extack)
    return tuple(metrics) if any(metrics) else ()


def one_metric(home: net, mx: Payload, type: int, at: int, length: int, extack: netlink_ext_ack | None) -> Metric:
    """One metric's value, cut to its limit (the loop of ip_metrics_convert())."""
    if type == CC_ALGO:
        name = nla_strscpy(mx, at, length)
        if not tcp_ca_known(home, name):
            refuse(extack, "Unknown tcp congestion algorithm")
        return name
    if length != _U32.size:
        NL_SET_ERR_MSG_ATTR(extack, nlattr_ptr(mx.memory, at), "Invalid attribute in metrics")
        raise error(EINVAL)
    value: int = _U32.unpack_from(mx.memory, at + 4)[0]
    if type == FEATURES and value & ~RTAX_FEATURE_MASK:
        refuse(extack, "Unknown flag set in feature mask in metrics attribute")
    return min(value, LIMITS.get(type, value))


def refuse(extack: netlink_ext_ack | None, message: str) -> NoReturn:
    """Say why not, and EINVAL."""
    NL_SET_ERR_MSG(extack, message)
    raise error(EINVAL)


def fib_metrics_match(home: net, mx: Payload | None, metrics: Metrics) -> bool:
    """Whether a route has the metrics a deletion names."""
    if mx is None:
        return True
    for type, at, length in metrics_run(mx):
        if not type:
            continue
        if type > RTAX_MAX:
            return False
        have: Metric = metrics[type - 1] if metrics else 0
        if type == CC_ALGO:
            name = nla_strscpy(mx, at, length)
            if have != (name if tcp_ca_known(home, name) else 0):
                return False
        elif length != _U32.size or have != _U32.unpack_from(mx.memory, at + 4)[0]:
            return False
    return True


def rtnetlink_put_metrics(metrics: Metrics) -> bytes:
    """The attribute RTA_METRICS, whose nest is not marked as one; nothing where no metric is set."""
    run = b"".join(metric_attr(number, value) for number, value in enumerate(metrics, 1) if value)
    return _HEADER.pack(4 + len(run), RTA.METRICS.number) + run if run else b""


def metric_attr(number: int, value: Metric) -> bytes:
    """One metric as an attribute."""
    if isinstance(value, str):
        name = value.encode("utf-8", "surrogateescape") + b"\0"
        return _HEADER.pack(4 + len(name), number) + name.ljust(len(name) + 3 & ~3, b"\0")
    return _HEADER.pack(8, number) + _U32.pack(value)
