"""Errors: structure first, and the words made of it."""

import errno
import os

import pytest

from nlwire.errors import (
    BufferFull,
    BuildError,
    DeclarationError,
    DialogError,
    DumpInterrupted,
    NetlinkError,
    NlwireError,
    Overrun,
    PolicyError,
    WireError,
    format_path,
    hex_window,
    os_error_name,
)


def test_everything_is_an_nlwire_error() -> None:
    for one in (
        BuildError,
        BufferFull,
        DeclarationError,
        DialogError,
        DumpInterrupted,
        NetlinkError,
        Overrun,
        PolicyError,
        WireError,
    ):
        assert issubclass(one, NlwireError)
    assert issubclass(WireError, ValueError)
    assert issubclass(BuildError, ValueError)
    assert issubclass(PolicyError, WireError)
    assert issubclass(NetlinkError, OSError)
    assert issubclass(DumpInterrupted, DialogError)


def test_format_path() -> None:
    assert format_path(("rtmsg", "RTA_METRICS", "RTAX_MTU")) == "rtmsg/RTA_METRICS/RTAX_MTU"
    assert format_path(()) == ""


@pytest.mark.parametrize(
    ("size", "offset", "window"),
    [
        (4, 0, "0000:>00 01 02 03"),
        (4, 2, "0000: 00 01>02 03"),
        (4, 4, "0000: 00 01 02 03>(end)"),
        (4, 9, "0000: 00 01 02 03>(end)"),
        (0, 0, "0000:>(end)"),
        (
            40,
            20,
            "0004: 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13>14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23",
        ),
    ],
)
def test_hex_window(size: int, offset: int, window: str) -> None:
    assert hex_window(bytes(range(size)), offset) == window


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (WireError("broken"), "broken at offset 0"),
        (WireError("short", offset=16, need=8, have=3), "short (need 8 bytes, have 3) at offset 16"),
        (WireError("short", path=("rtmsg", "RTA_DST"), offset=20), "short (rtmsg/RTA_DST at offset 20)"),
        (WireError("short", path=("rtmsg",), need=12, have=4), "short (need 12 bytes, have 4) (rtmsg at offset 0)"),
        (BuildError("300 does not fit u8"), "300 does not fit u8"),
        (BuildError("300 does not fit u8", path=("rtmsg", "rtm_tos"), value=300), "rtmsg/rtm_tos: 300 does not fit u8"),
        (BufferFull(8, 3), "EMSGSIZE: 8 bytes to put, 3 bytes of tailroom"),
        (BufferFull(8, 3, path=("RTA_DST",)), "RTA_DST: EMSGSIZE: 8 bytes to put, 3 bytes of tailroom"),
        (PolicyError(errno.EINVAL, "Unknown attribute type", offset=36), "EINVAL: Unknown attribute type at offset 36"),
        (
            PolicyError(errno.ERANGE, None, path=("RTA_OIF",)),
            f"ERANGE: {os.strerror(errno.ERANGE)} (RTA_OIF at offset 0)",
        ),
        (NetlinkError(101), f"ENETUNREACH: {os.strerror(101)}"),
        (
            NetlinkError(22, "Nexthop has invalid gateway", path=("rtmsg", "RTA_GATEWAY"), offset=36, value="10.0.0.1"),
            "EINVAL: Nexthop has invalid gateway (rtmsg/RTA_GATEWAY at offset 36, value 10.0.0.1)",
        ),
        (NetlinkError(22, "No", offset=20), "EINVAL: No (request at offset 20)"),
        (NetlinkError(22, "No", missing="RTA_OIF"), "EINVAL: No (missing RTA_OIF)"),
        (NetlinkError(34, "No", policy={"type": "U8", "max": 9}), "ERANGE: No (policy type U8, max 9)"),
        (
            DumpInterrupted([1, 2], 3),
            "the dump was interrupted by changes in each of 3 tries; 2 objects in the last",
        ),
    ],
)
def test_words(error: NlwireError, words: str) -> None:
    assert str(error) == words


def test_structure() -> None:
    wire = WireError("broken", path=("a",), offset=4, need=8, have=2, data=b"\0\1\2\3\4", partial=[1])
    assert (wire.reason, wire.path, wire.offset, wire.need, wire.have, wire.partial) == ("broken", ("a",), 4, 8, 2, [1])
    assert wire.picture() == "0000: 00 01 02 03>04"
    assert WireError("broken").picture() == ""
    full = BufferFull(8, 3)
    assert (full.errno, full.need, full.have) == (errno.EMSGSIZE, 8, 3)
    build = BuildError("no", path=("x",), value=5)
    assert (build.reason, build.path, build.value) == ("no", ("x",), 5)
    policy = PolicyError(errno.EINVAL, None, bad_attr=20, policy={"type": "U8"}, missing="RTA_OIF")
    assert (policy.errno, policy.message, policy.bad_attr, policy.policy, policy.missing) == (
        22,
        None,
        20,
        {"type": "U8"},
        "RTA_OIF",
    )
    no = NetlinkError(17, "File exists", request=b"\0" * 16)
    assert (no.errno, no.strerror, no.message, no.request, no.path, no.offset) == (
        17,
        "File exists",
        "File exists",
        b"\0" * 16,
        (),
        None,
    )
    interrupted = DumpInterrupted([1], 2)
    assert (interrupted.partial, interrupted.tries) == ([1], 2)


def test_os_error_name() -> None:
    assert os_error_name(101) == "ENETUNREACH"
    assert os_error_name(9999) == "9999"
