"""The witnesses themselves: they answer what is asked, say so when they do not know, and are not easily agreed with."""

import pytest

from tests.conftest import require_or_skip
from tests.oracle.compiler import Witness, evaluate, padding, read_headers, witnesses

pytestmark = pytest.mark.oracle

HEADERS = ("linux/rtnetlink.h", "linux/tc_act/tc_connmark.h")
FOUND = witnesses()


@pytest.fixture(params=range(max(1, len(FOUND))), ids=lambda at: FOUND[at].name if FOUND else "no compiler")
def witness(request: pytest.FixtureRequest) -> Witness:
    if not FOUND:
        require_or_skip("no C compiler with Linux headers here: install ziglang")
    at: int = request.param
    return FOUND[at]


def test_answers(witness: Witness) -> None:
    asked = ["RTM_NEWROUTE", "sizeof(struct rtmsg)", "no_such_name", "-1", "sizeof(struct no_such)", "RTA_DST"]
    assert evaluate(witness, HEADERS, asked) == [24, 12, None, 2**64 - 1, None, 1]


def test_a_header_that_breaks_is_no_silent_none(witness: Witness) -> None:
    """When it is not the expressions that are wrong the compiler's own words come out."""
    with pytest.raises(RuntimeError, match="cannot compile"):
        evaluate(witness, ("stddef.h>\n#endif\n#error broken\n#if 0 //",), ["1"])


def test_header_contents(witness: Witness) -> None:
    header = read_headers(witness, HEADERS)["linux/rtnetlink.h"]
    assert {"RTM_NEWROUTE", "RTA_DST", "RTN_UNICAST"} <= header.enumerators.keys()
    assert {"RTPROT_BIRD", "RTM_F_CLONED"} <= header.macros.keys()
    assert "RTM_FAM" not in header.macros, "it takes an argument"
    assert {"rtmsg", "rtnexthop", "tcmsg"} <= set(header.structs)
    assert "NLM_F_REQUEST" not in header.macros, "another header's"


@pytest.mark.parametrize("witness", [one for one in FOUND if one.clang], ids=lambda one: one.name)
def test_padding(witness: Witness) -> None:
    """Asked of clang only: gcc does not name the struct it pads."""
    found = padding(witness, HEADERS, ["tc_connmark", "rtmsg"])
    assert found["tc_connmark"] == 2
    assert "rtmsg" not in found
