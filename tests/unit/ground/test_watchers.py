"""What --report says."""

from errno import EADDRINUSE, EAGAIN, ENOPROTOOPT

from nlwire.ground.tap import Where
from nlwire.ground.watchers import Reporter
from nlwire.uapi.netlink import NETLINK


def test_a_refusal_is_not_an_absence() -> None:
    reporter, where = Reporter(), Where(1, NETLINK.ROUTE, 4711)
    reporter.called(where, None, "bind", {}, EADDRINUSE)
    reporter.called(where, None, "recv", {}, EAGAIN)
    reporter.called(where, None, "setsockopt", {"option": 99}, ENOPROTOOPT)
    assert [line for line in reporter.lines() if line.startswith(("errors", "not here"))] == [
        "errors: 1 EADDRINUSE",
        "not here: setsockopt 99 (NETLINK_ROUTE), 1 time",
    ]
