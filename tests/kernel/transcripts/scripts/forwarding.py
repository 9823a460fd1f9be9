"""A bridge's forwarding database: many entries deleted at once (net/bridge/br_fdb.c: br_fdb_delete_bulk)."""

from typing import Any

from nlwire.uapi.if_link import IFLA
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.words import VA, VB, ask, dump, mac, neigh, newlink, quiet, script, setlink, veth

BR, OTHER = 4, 5
ALL = dump(neighbour, ndm_family=AF.BRIDGE)


def entry(port: int, number: int, state: NUD, flags: int = 0) -> Ask:
    return neigh(None, port, mac(number), state, ndm_family=AF.BRIDGE, ndm_flags=NTF.MASTER | flags)


PREPARED = quiet(
    veth(),
    newlink("bridge", "br", attrs={IFLA.ADDRESS: mac(0xB0)}),
    newlink("bridge", "other", attrs={IFLA.ADDRESS: mac(0xB1)}),
    setlink(VA, {IFLA.MASTER: BR}),
    setlink(VB, {IFLA.MASTER: BR}),
    *(
        entry(port, number + port, state, flags)
        for port in (VA, VB)
        for number, state, flags in (
            (0x10, NUD.PERMANENT, 0),
            (0x20, NUD.NOARP, 0),
            (0x30, NUD.REACHABLE, 0),
            (0x40, NUD.REACHABLE, NTF.EXT_LEARNED),
            (0x50, NUD.NOARP, NTF.STICKY),
        )
    ),
)


def flush(dev: int, attrs: dict[Any, Any] | None = None, flags: int = NTF.MASTER, state: int = 0) -> Ask:
    return ask(
        neighbour,
        RTM.DELNEIGH,
        attrs or {},
        NLM_F.BULK,
        ndm_family=AF.BRIDGE,
        ndm_ifindex=dev,
        ndm_flags=flags,
        ndm_state=state,
    )


SCRIPTS: list[Script] = [
    script("bridge/flush", "everything", *PREPARED, flush(BR, flags=NTF.SELF), ALL),
    script("bridge/flush_port", "all that is behind a port", *PREPARED, flush(VA), ALL),
    script(
        "bridge/flush_kinds",
        "entries of some kinds",
        *PREPARED,
        flush(BR, {NDA.NDM_STATE_MASK: NUD.PERMANENT}, NTF.SELF, NUD.PERMANENT),
        ALL,
        flush(BR, {NDA.NDM_STATE_MASK: NUD.NOARP | NUD.PERMANENT, NDA.NDM_FLAGS_MASK: NTF.STICKY}, NTF.SELF, NUD.NOARP),
        ALL,
        flush(BR, {NDA.NDM_FLAGS_MASK: NTF.EXT_LEARNED}, NTF.SELF | NTF.EXT_LEARNED),
        ALL,
        flush(BR, {NDA.IFINDEX: VB}, NTF.SELF),
        ALL,
    ),
    script(
        "bridge/flush_wrong",
        "what cannot be flushed",
        *PREPARED,
        flush(0),
        flush(99),
        flush(1),
        flush(1, flags=NTF.SELF),
        flush(VA, flags=NTF.SELF),
        flush(OTHER, flags=NTF.SELF),
        flush(BR, {NDA.IFINDEX: 99}, NTF.SELF),
        flush(BR, {NDA.IFINDEX: 1}, NTF.SELF),
        flush(BR, {NDA.IFINDEX: OTHER}, NTF.SELF),
        flush(OTHER, {NDA.IFINDEX: VA}, NTF.SELF),
        flush(BR, {NDA.VLAN: 5}, NTF.SELF),
        flush(BR, {NDA.VLAN: 0}, NTF.SELF),
        flush(BR, {NDA.VLAN: 4095}, NTF.SELF),
        flush(BR, {NDA.LLADDR: mac(0x12)}, NTF.SELF),
        flush(BR, flags=NTF.SELF | NTF.ROUTER),
        flush(BR, flags=NTF.SELF, state=NUD.STALE),
        ALL,
    ),
]
