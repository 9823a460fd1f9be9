"""Generic netlink's controller as Linux 6.18 answers: families, operations, policies by number and type."""

from typing import Any

from nlwire.codec.fast import decode, encode
from nlwire.uapi import FAMILIES
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, GENL_ID, genl_ctrl, genlmsghdr
from nlwire.uapi.netlink import NETLINK

# recorded: CTRL_CMD_GETFAMILY's answer about VFS_DQUOT, and three parts of CTRL_CMD_GETPOLICY's about nlctrl itself
VFS_DQUOT = """
    60000000 10000200 01000000 45610000 01020000 0e000200 5646535f 4451554f 54000000 06000100 11000000 08000300 01000000
    08000400 00000000 08000500 07000000 1c000700 18000100 08000200 11000000 0b000100 6576656e 74730000
"""
OP_POLICY = "34000000 10000200 01000000 45610000 0a020000 06000100 10000000 18000980 14000380 08000100 00000000 08000200 00000000"
OP_POLICY_OF_A_DUMP = (
    "2c000000 10000200 01000000 45610000 0a020000 06000100 10000000 10000980 0c000080 08000200 01000000"
)
POLICY = """
    48000000 10000200 01000000 45610000 0a020000 06000100 10000000 2c000880 28000080 24000180
    0c000400 00000000 00000000 0c000500 ffff0000 00000000 08000100 03000000
"""


def read(text: str) -> Any:
    """The one message in ``text``; it goes back to the same bytes."""
    data = bytes.fromhex(text)
    (message,) = decode(data, protocol=NETLINK.GENERIC)
    assert encode([message]) == data
    return message


def test_a_family() -> None:
    message = read(VFS_DQUOT)
    assert message.type.family is genl_ctrl
    assert (message.header.cmd, message.header.version) == (CTRL_CMD.NEWFAMILY, 2)
    assert message[CTRL_ATTR.FAMILY_NAME] == "VFS_DQUOT"
    assert message[CTRL_ATTR.FAMILY_ID] == GENL_ID.VFS_DQUOT
    assert message[CTRL_ATTR.MAXATTR] == 7
    groups = message.to_dict()["attrs"][-1]["value"]
    assert groups == [
        {
            "nla_type": "1",
            "value": [
                {"nla_type": "CTRL_ATTR_MCAST_GRP_ID", "value": 17},
                {"nla_type": "CTRL_ATTR_MCAST_GRP_NAME", "value": "events"},
            ],
        }
    ]


def test_the_policy_of_a_command() -> None:
    (by_command,) = read(OP_POLICY).to_dict()["attrs"][-1]["value"]
    assert by_command["nla_type"] == str(CTRL_CMD.GETFAMILY.value)
    assert by_command["value"] == [
        {"nla_type": "CTRL_ATTR_POLICY_DO", "value": 0},
        {"nla_type": "CTRL_ATTR_POLICY_DUMP", "value": 0},
    ]


def test_a_command_that_can_only_dump_stands_under_0() -> None:
    """net/netlink/genetlink.c: ctrl_dumppolicy_put_op() names the nest after the command's doit, which GETPOLICY has not."""
    (by_command,) = read(OP_POLICY_OF_A_DUMP).to_dict()["attrs"][-1]["value"]
    assert by_command["nla_type"] == "0"
    assert by_command["value"] == [{"nla_type": "CTRL_ATTR_POLICY_DUMP", "value": 1}]


def test_a_policy() -> None:
    (policy,) = read(POLICY).to_dict()["attrs"][-1]["value"]
    (attribute,) = policy["value"]
    assert (policy["nla_type"], attribute["nla_type"]) == ("0", "1")
    assert attribute["value"] == [
        {"nla_type": "NL_POLICY_TYPE_ATTR_MIN_VALUE_U", "value": 0},
        {"nla_type": "NL_POLICY_TYPE_ATTR_MAX_VALUE_U", "value": 65535},
        {"nla_type": "NL_POLICY_TYPE_ATTR_TYPE", "value": "NL_ATTR_TYPE_U16"},
    ]


def test_the_controller_is_registered() -> None:
    assert FAMILIES.find(NETLINK.GENERIC, GENL_ID.CTRL).family is genl_ctrl
    assert FAMILIES.find(NETLINK.ROUTE, GENL_ID.CTRL).family is not genl_ctrl, "16 is RTM_NEWLINK there"
    assert genlmsghdr.sizeof == 4
