"""Enumerators print, parse and survive numbers nobody named."""

import pytest

from nlwire.schema import UapiEnum, UapiFlags
from nlwire.schema.enums import c_name, enum_name, enum_value, flag_names, flag_value


class RTN(UapiEnum):
    """As in rtnetlink.h."""

    UNSPEC = 0
    UNICAST = 1
    LOCAL = 2
    HOST = 2
    _8021Q = 3


class OPER(UapiEnum, prefix="IF_OPER_"):
    """Another prefix than the class's name."""

    UP = 6


class NLM_F(UapiFlags):
    """As in netlink.h."""

    REQUEST = 0x01
    MULTI = 0x02
    ROOT = 0x100
    MATCH = 0x200
    DUMP = 0x300


class BARE(UapiFlags, prefix=""):
    """Members that carry their own prefix."""

    REL_END = 0
    RTNH_F_DEAD = 1


@pytest.mark.parametrize(
    ("prefix", "name", "whole"),
    [
        ("RTN_", "UNICAST", "RTN_UNICAST"),
        ("ETH_P_", "_8021Q", "ETH_P_8021Q"),
        ("X_", "_", "X__"),
        ("X_", "_pad", "X__pad"),
        ("", "RTNH_F_DEAD", "RTNH_F_DEAD"),
    ],
)
def test_c_name(prefix: str, name: str, whole: str) -> None:
    assert c_name(prefix, name) == whole


def test_an_enumerator_prints_as_in_c() -> None:
    assert str(RTN.UNICAST) == repr(RTN.UNICAST) == RTN.UNICAST.c_name == "RTN_UNICAST"
    assert f"{RTN._8021Q}" == "RTN_8021Q"
    assert str(OPER.UP) == "IF_OPER_UP"
    assert str(RTN.HOST) == "RTN_LOCAL", "a second name is not printed"


def test_flags_print_as_in_c() -> None:
    assert str(NLM_F.REQUEST | NLM_F.MULTI) == repr(NLM_F(3)) == "NLM_F_REQUEST|NLM_F_MULTI"
    assert str(NLM_F(0)) == "0"
    assert str(NLM_F(0x8001)) == "NLM_F_REQUEST|0x8000"
    assert str(BARE.RTNH_F_DEAD) == "RTNH_F_DEAD"


def test_flag_names_are_single_bits_lowest_first() -> None:
    assert flag_names(NLM_F, 0x301) == ["NLM_F_REQUEST", "NLM_F_ROOT", "NLM_F_MATCH"]
    assert flag_names(NLM_F, 0) == []
    assert flag_names(NLM_F, 0x30) == ["0x30"]


@pytest.mark.parametrize("value", [0, 1, 3, 0x301, 0x8001, 0xFFFFFFFF])
def test_flags_as_text_and_back(value: int) -> None:
    assert flag_value(NLM_F, str(NLM_F(value))) == value
    assert enum_value(NLM_F, str(NLM_F(value))) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NLM_F_REQUEST", 1),
        ("REQUEST", 1),
        (" REQUEST | MULTI ", 3),
        ("NLM_F_DUMP", 0x300),
        ("REQUEST|0x40", 0x41),
        ("", 0),
        ("|", 0),
    ],
)
def test_flag_value(text: str, value: int) -> None:
    assert flag_value(NLM_F, text) == value


def test_a_name_of_value_zero_is_a_name() -> None:
    assert enum_value(BARE, "REL_END") == 0
    assert enum_value(RTN, "RTN_UNSPEC") == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("RTN_UNICAST", 1),
        ("UNICAST", 1),
        ("HOST", 2),
        ("RTN_8021Q", 3),
        ("8021Q", 3),
        ("7", 7),
        ("0x10", 16),
        ("-1", -1),
    ],
)
def test_enum_value(text: str, value: int) -> None:
    assert enum_value(RTN, text) == value


@pytest.mark.parametrize(("enumeration", "text"), [(RTN, "RTN_NOPE"), (RTN, "UNICAST|LOCAL"), (NLM_F, "REQUEST|NOPE")])
def test_an_unknown_name_is_refused(enumeration: type[UapiEnum] | type[UapiFlags], text: str) -> None:
    with pytest.raises(ValueError, match="is no enumerator of"):
        enum_value(enumeration, text)


def test_enum_name() -> None:
    assert enum_name(RTN, 1) == "RTN_UNICAST"
    assert enum_name(RTN, 99) is None
    assert enum_name(NLM_F, 3) == "NLM_F_REQUEST|NLM_F_MULTI"
    assert enum_name(NLM_F, 0) is None
