"""Netfilter's messages that need what the recording kernel has not: made by us, read by tshark, the same in every field.

Knows: values that tell one place of a message from another.
Never: what a kernel would make of them.
"""

from pathlib import Path

import pytest

from nlwire.capture.entry import Direction, Record
from nlwire.capture.files import write
from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message, build
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.nfnetlink_conntrack import (
    CTA,
    CTA_EXPECT,
    IPCTNL_MSG_CT,
    IPCTNL_MSG_EXP,
    connections,
    conntrack,
    expectation,
    expectations,
)
from nlwire.uapi.nfnetlink_log import NFULNL_MSG, log, nflog_config, nflog_packet
from nlwire.uapi.nfnetlink_queue import NFQA, NFQA_CFG, NFQNL_MSG, nfqueue_config, nfqueue_packet, queue
from tests.oracle.test_tshark_capture import _programs, run, said_by_tshark
from tests.oracle.test_tshark_fields import plain
from tests.oracle.tshark_meanings import BUILT, RECORDED

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures(_programs.__name__)]

ADDRESSES = {"IP": {"V4_SRC": "192.0.2.1", "V4_DST": "192.0.2.2"}}
PORTS = {"PROTO": {"NUM": 6, "SRC_PORT": 1000, "DST_PORT": 2000}}
PACKET = {
    NFQA.PACKET_HDR: {"packet_id": 0x01020304, "hw_protocol": "ETH_P_IPV6", "hook": 3},
    NFQA.MARK: 0x05060708,
    NFQA.IFINDEX_INDEV: 1,
    NFQA.IFINDEX_OUTDEV: 2,
    NFQA.IFINDEX_PHYSINDEV: 3,
    NFQA.IFINDEX_PHYSOUTDEV: 4,
    NFQA.HWADDR: {"hw_addrlen": 6, "hw_addr": bytes.fromhex("0200000000010000")},
    NFQA.CT_INFO: 2,
    NFQA.CAP_LEN: 1500,
    NFQA.UID: 1000,
    NFQA.GID: 100,
}


def made() -> list[Message]:
    """Messages with everything that tshark has a name for."""
    tracked = {
        CTA.TUPLE_ORIG: {**ADDRESSES, **PORTS, "ZONE": 7},
        CTA.HELP: {"NAME": "ftp"},
        CTA.SEQ_ADJ_ORIG: {"CORRECTION_POS": 100000, "OFFSET_BEFORE": -5, "OFFSET_AFTER": 6},
        CTA.SEQ_ADJ_REPLY: {"CORRECTION_POS": 1, "OFFSET_BEFORE": 2, "OFFSET_AFTER": -3},
    }
    expected = {
        CTA_EXPECT.MASTER: {**ADDRESSES, **PORTS},
        CTA_EXPECT.TUPLE: {**ADDRESSES, **PORTS},
        CTA_EXPECT.MASK: {**ADDRESSES, **PORTS},
        CTA_EXPECT.TIMEOUT: 60,
        CTA_EXPECT.ID: 0x01020304,
        CTA_EXPECT.ZONE: 9,
        CTA_EXPECT.FLAGS: 5,
        CTA_EXPECT.CLASS: 3,
        CTA_EXPECT.NAT: {"DIR": 1, "TUPLE": {**ADDRESSES, **PORTS}},
        CTA_EXPECT.FN: "nat-follow-master",
    }
    settings = {
        NFQA_CFG.CMD: {"command": "NFQNL_CFG_CMD_BIND", "pf": 2},
        NFQA_CFG.PARAMS: {"copy_range": 0xFFFF, "copy_mode": "NFQNL_COPY_PACKET"},
        NFQA_CFG.QUEUE_MAXLEN: 1024,
        NFQA_CFG.MASK: 0x1F,
        NFQA_CFG.FLAGS: 0x11,
    }
    verdict = {NFQA.VERDICT_HDR: {"verdict": 1, "id": 0x01020304}, NFQA.MARK: 9}
    return [
        build(conntrack, connections + IPCTNL_MSG_CT.NEW, tracked, nfgen_family=2),
        build(expectation, expectations + IPCTNL_MSG_EXP.NEW, expected, nfgen_family=2),
        build(nfqueue_config, queue + NFQNL_MSG.CONFIG, settings, flags=NLM_F.REQUEST, res_id=4),
        build(nfqueue_packet, queue + NFQNL_MSG.PACKET, PACKET, nfgen_family=2, res_id=4),
        build(nfqueue_packet, queue + NFQNL_MSG.VERDICT, verdict, flags=NLM_F.REQUEST, res_id=4),
        build(nflog_packet, log + NFULNL_MSG.PACKET, nfgen_family=2, res_id=3),
        build(nflog_config, log + NFULNL_MSG.CONFIG, flags=NLM_F.REQUEST, res_id=3),
    ]


def test_tshark_says_the_same_of_what_we_made(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    write(path, [Record(at, encode(one), NETLINK.NETFILTER, Direction.IN) for at, one in enumerate(made())])
    meanings = {**BUILT, **{name: say for name, say in RECORDED.items() if name.startswith("netlink-netfilter.")}}
    compared, differences = dict.fromkeys(meanings, 0), []
    for one, theirs in zip(made(), said_by_tshark(path, tuple(meanings)), strict=True):
        (message,) = decode(encode(one), NETLINK.NETFILTER)
        for name, values in theirs.items():
            compared[name] += 1
            mine, said = meanings[name](message), [plain(value) for value in values]
            if mine != said:
                differences.append((name, message.type.name, mine, said))
    assert differences == []
    assert [name for name in BUILT if not compared[name]] == []
    assert run("tshark", "-n", "-r", path, "-Y", "_ws.malformed or _ws.expert.severity >= 0x00400000") == ""
