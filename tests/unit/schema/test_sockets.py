"""Socket addresses: what an address in sixteen bytes shows, and names in and out of file systems."""

from ipaddress import ip_address

import pytest

from nlwire.schema.layout import HOST
from nlwire.schema.sockets import SunPath, in16_addr

SUN = SunPath()


@pytest.mark.parametrize("text", ["10.0.0.1", "2001:db8::1", "::"])
def test_addresses_in_sixteen_bytes(text: str) -> None:
    raw = in16_addr.accept(text)
    assert len(raw) == 16
    assert in16_addr.show(raw) == ip_address(text)
    assert in16_addr.accept(raw) == raw


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"/run/x\0", "/run/x"), (b"\0abstract", "@abstract"), (b"\0", "@"), (b"/run/\xff\0", "/run/\udcff")],
)
def test_names(raw: bytes, shown: str) -> None:
    assert (SUN.show(raw), SUN.text(raw), SUN.accept(shown)) == (shown, shown, raw)
    assert SUN.pack(SUN.unpack(raw, HOST), HOST) == raw
    assert SUN.to_json(raw) == shown


def test_a_name_without_its_nul_is_told_as_bytes() -> None:
    told = SUN.to_json(b"/run/x")
    assert told == {"bytes": b"/run/x".hex()}
    assert SUN.accept(told) == b"/run/x"
    assert SUN.accept(b"/run/x") == b"/run/x"
