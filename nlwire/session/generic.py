"""Generic netlink before it is sent: requests judged by the kernel's own policies, which its controller describes.

A family is asked about once for each session: the size of its header, its commands, what each command's requests obey
(CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY). Kernels before 5.10 describe no policies; then the declarations must do.

Knows: the order in which genl_family_rcv_msg() checks: header, command, attributes.
Never: privileges.
"""

from collections.abc import Mapping
from errno import EINVAL, ENODATA, ENOENT, EOPNOTSUPP
from typing import NamedTuple

from nlwire.codec.fast import encode
from nlwire.codec.frames import frames
from nlwire.codec.message import build
from nlwire.errors import NetlinkError, PolicyError
from nlwire.schema.layout import HOST
from nlwire.session.described import Policies, policies_from
from nlwire.session.flows import Flow, Line, dump, request
from nlwire.session.preflight import LEVEL, preflight, refusal
from nlwire.uapi import FAMILIES
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_OP, CTRL_CMD, GENL_HDRLEN, GENL_ID, genl_ctrl, genlmsghdr
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.wire import NL_VALIDATE, nlmsg_hdr, nlmsg_validate
from nlwire.wire.nlmsg import NLMSG_HDRLEN

_DUMP = int(NLM_F.DUMP)
UNDESCRIBED = {ENODATA, EOPNOTSUPP}
"""What the controller says when there are no policies, or when it is older than CTRL_CMD_GETPOLICY."""


# fmt: off
LIBERAL = {
    "802.15.4 MAC", "DRBD", "HSR", "IOAM6", "IPVS", "MAC80211_HWSIM", "MAC802154_HWSIM", "NCSI", "NET_DM",
    "NLBL_CALIPSO", "NLBL_CIPSOv4", "NLBL_MGMT", "NLBL_UNLBL", "SEG6", "SMC_PNETID", "TASKSTATS", "TIPC", "TIPCv2",
    "VFS_DQUOT", "batadv", "cifs", "devlink", "fou", "gtp", "ila", "l2tp", "macsec", "mptcp_pm", "nbd", "nfc",
    "nl80211", "nl802154", "nlctrl", "ovs_ct_limit", "ovs_datapath", "ovs_flow", "ovs_meter", "ovs_packet",
    "ovs_vport", "psample", "tcp_metrics", "team", "thermal", "vdpa",
}
# fmt: on
"""Families older than strict validation (their operations say GENL_DONT_VALIDATE_STRICT); no description tells them apart."""


class GenericFamily(NamedTuple):
    """What the controller says of a family. ``hdrsize``: bytes of its own header after genlmsghdr; ``level``: how it validates."""

    hdrsize: int
    level: NL_VALIDATE
    commands: frozenset[int]
    policies: Mapping[int, Policies]


def vet(line: Line, data: bytes) -> Flow[None]:
    """Raise what the kernel would answer to requests of generic netlink. Raises NetlinkError, WireError (no message at all)."""
    for start, stop, _ in list(frames(data, HOST)):
        message = data[start:stop]
        number = nlmsg_hdr(message).nlmsg_type
        if number < NLMSG.MIN_TYPE:
            continue
        if number not in line.families:
            try:
                line.families[number] = yield from _ask(line, number)
            except NetlinkError as error:
                raise NetlinkError(error.errno, request=message) if error.errno == ENOENT else error from None
        _judge(line.families[number], message)


def _ask(line: Line, number: int) -> Flow[GenericFamily]:
    """Ask the controller about a family. Raises NetlinkError (ENOENT)."""
    (told,) = yield from request(line, _question(CTRL_CMD.GETFAMILY, number, NLM_F.REQUEST | NLM_F.ACK))
    commands = [one[CTRL_ATTR_OP.ID] for _, one in told.get(CTRL_ATTR.OPS, ())]
    chunks = []
    try:
        for step in dump(line, _question(CTRL_CMD.GETPOLICY, number, NLM_F.REQUEST | NLM_F.DUMP), None, line.retries):
            if isinstance(step, bytes):
                chunks.append(step)
            else:
                yield step
    except NetlinkError as error:
        if error.errno not in UNDESCRIBED:
            raise
    policies = policies_from(chunks)
    for one in (policy for both in policies.values() for policy in both if policy is not None):
        one.maxtype = max(one.maxtype, told.get(CTRL_ATTR.MAXATTR, 0))  # types without a policy are not described
    level = LEVEL if told.get(CTRL_ATTR.FAMILY_NAME, "") in LIBERAL else NL_VALIDATE.STRICT
    return GenericFamily(told.get(CTRL_ATTR.HDRSIZE, 0), level, frozenset(commands), policies)


def _question(cmd: CTRL_CMD, number: int, flags: int) -> bytes:
    return encode(build(genl_ctrl, GENL_ID.CTRL, {CTRL_ATTR.FAMILY_ID: number}, flags=flags, cmd=cmd, version=2))


def _judge(family: GenericFamily, message: bytes) -> None:
    nlh = nlmsg_hdr(message)
    declared = FAMILIES.find(NETLINK.GENERIC, nlh.nlmsg_type).family
    header = declared.header if declared.name != "unknown" else genlmsghdr
    if len(message) < NLMSG_HDRLEN + GENL_HDRLEN + family.hdrsize:
        raise NetlinkError(EINVAL, request=message)
    try:
        cmd = message[NLMSG_HDRLEN]
        if cmd not in family.commands:
            raise NetlinkError(EOPNOTSUPP, request=message)
        both = family.policies.get(cmd)
        policy = both and (both.dump if nlh.nlmsg_flags & _DUMP == _DUMP else both.do)
        if policy is not None:
            nlmsg_validate(nlh, GENL_HDRLEN + family.hdrsize, policy, family.level)
        elif not family.policies:
            preflight(message, NETLINK.GENERIC)
    except PolicyError as error:
        raise refusal(error, message, header, declared.attrs, family.hdrsize) from None
