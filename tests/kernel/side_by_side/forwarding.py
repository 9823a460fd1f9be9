"""Random requests about what bridges and vxlans keep: who listens to which groups, which address is where.

An MTU of 1000 keeps IPv6 off the links, so that nobody joins a group but who is told to. What nobody listens to any more goes
with the next tick of the clock: after a deletion one passes.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from nlwire.uapi.if_bridge.mdb import MDBE_ATTR, mdb
from nlwire.uapi.if_link import IFLA, IFLA_VXLAN
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.side_by_side.machine import ECHOES, FLAGS, Both, pick, some
from tests.kernel.transcripts.play import MDB, Wait
from tests.kernel.transcripts.scripts import forwarding_vxlan, groups
from tests.kernel.transcripts.scripts.groups import BR, VC, VD, group, ungroup
from tests.kernel.transcripts.scripts.kinds import port
from tests.kernel.transcripts.words import VA, VB, down, dump, mac, newlink, setlink, up, veth

VX = 7
TICK = Wait(0.02)
PORTS = pick([VA, VA, VC, VC, BR, VB])
GROUPS = pick(
    ["239.1.1.1", "239.1.1.1", "239.1.1.2", "ff0e::1", "ff0e::1", "01:00:5e:01:02:03", "224.0.0.1", "10.0.0.1"]
)
SOURCES = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2", "224.1.1.1", "0.0.0.0")
ONE_SOURCE = st.builds(lambda one: {MDBE_ATTR.SOURCE: one}, pick(SOURCES))
SOURCE_LISTS = st.builds(
    lambda mode, sources: {MDBE_ATTR.GROUP_MODE: mode, **groups.sources(*sources)},
    pick([0, 1]),
    st.lists(pick(SOURCES[:3]), max_size=3) | st.lists(pick(SOURCES[3:5]), max_size=3),
)
PROTOCOLS = some({MDBE_ATTR.RTPROT: pick([3, 4, 186])})
ATTRS = st.one_of(
    st.none(),
    st.none(),
    st.builds(lambda a, b: {**a, **b}, ONE_SOURCE, PROTOCOLS),
    st.builds(lambda a, b: {**a, **b}, SOURCE_LISTS, PROTOCOLS),
)
NO_LISTS = st.none() | st.builds(lambda a, b: {**a, **b}, ONE_SOURCE, PROTOCOLS)
"""What a vxlan's groups are asked with: a list that takes in a source which had an entry before is what takes the machine down.

vxlan_mdb_flush() of Linux up to 6.18.44, and so the end of the device or of its namespace, goes on at an entry that has gone with
the one before it: an Oops in cleanup_net() with the RTNL held. Lists are asked for in transcripts, in an order that it stands.
"""
MACS = pick(["00:00:00:00:00:00", mac(0x10), mac(0x11), "01:00:5e:01:02:03"])
REMOTES = pick(["10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.4", "2001:db8::2", None])
PLACE = some(
    {NDA.PORT: pick([4789, 4790]), NDA.VNI: pick([42, 7]), NDA.IFINDEX: pick([VA, 77]), NDA.SRC_VNI: pick([42, 9])}
)
GROUP_PLACE = some(
    {MDBE_ATTR.DST_PORT: pick([4789, 4790]), MDBE_ATTR.VNI: pick([42, 7]), MDBE_ATTR.IFINDEX: pick([VA, 77])}
)
STATES = pick([NUD.PERMANENT, NUD.PERMANENT, NUD.REACHABLE, NUD.NOARP, NUD.STALE, NUD.REACHABLE | NUD.PERMANENT])
MARKS = pick([NTF.SELF, NTF.SELF, NTF.SELF, NTF.SELF | NTF.EXT_LEARNED, NTF.SELF | NTF.ROUTER, NTF.SELF | NTF.USE])


class Forwarding(Both):
    """A bridge with two ports, all up, and a vxlan."""

    hears = MDB
    igmp_version, mld_version = 2, 1

    @initialize()
    def begin(self) -> None:
        """Instead of a pair of links."""
        small = {IFLA.MTU: 1000}
        self.ask(veth("va", "vb", 1, small, small))
        self.ask(veth("vc", "vd", 2, small, small))
        self.ask(groups.bridge(MCAST_IGMP_VERSION=self.igmp_version, MCAST_MLD_VERSION=self.mld_version))
        self.ask(setlink(BR, small))
        self.ask(newlink("vxlan", "vx", {IFLA_VXLAN.ID: 42, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(7), **small}))
        for index in (VA, VC):
            self.ask(setlink(index, {IFLA.MASTER: BR}))
        for index in (VA, VB, VC, VD, BR, VX):
            self.ask(up(index))

    def look_at_all(self) -> None:
        super().look_at_all()
        self.dump_groups()
        self.dump_entries()

    @rule(where=PORTS, grp=GROUPS, flags=FLAGS, state=pick([0, 1, 1]), attrs=ATTRS, vid=pick([0, 0, 0, 5]))
    def add_group(self, where: int, grp: str, flags: int, state: int, attrs: Any, vid: int) -> None:
        self.ask(group(where, grp, flags, state, attrs, vid=vid))
        self.ask(TICK)

    @rule(where=pick([VA, VC]), grp=pick(["239.1.1.1", "239.1.1.2"]), flags=FLAGS, attrs=SOURCE_LISTS | st.none())
    def add_good_group(self, where: int, grp: str, flags: int, attrs: Any) -> None:
        self.ask(group(where, grp, flags, 1, attrs))
        self.ask(TICK)

    @rule(where=PORTS, grp=GROUPS, source=st.none() | ONE_SOURCE, vid=pick([0, 0, 0, 5]))
    def delete_group(self, where: int, grp: str, source: Any, vid: int) -> None:
        self.ask(ungroup(where, grp, source, vid=vid))
        self.ask(TICK)

    @rule(grp=GROUPS, source=st.none() | ONE_SOURCE)
    def get_group(self, grp: str, source: Any) -> None:
        self.ask(groups.get(grp, source))

    @rule(index=pick([VA, VC, BR]), entry=some({"state": pick([0, 1]), "vid": pick([5])}), attrs=PROTOCOLS)
    def flush_groups(self, index: int, entry: dict[str, Any], attrs: dict[Any, Any]) -> None:
        """Of one port: the order of several is that of their addresses in memory."""
        self.ask(groups.flush(attrs or None, ifindex=index, **entry))
        self.ask(TICK)

    @rule()
    def dump_groups(self) -> None:
        self.ask(dump(mdb, family=AF.BRIDGE))

    @rule(index=pick([VA, VC]), router=pick([0, 1, 2, 3]))
    def set_router(self, index: int, router: int) -> None:
        self.ask(port(index, MULTICAST_ROUTER=router))

    @rule(index=pick([VA, VC]), most=pick([0, 0, 1, 3]))
    def set_limit(self, index: int, most: int) -> None:
        self.ask(port(index, MCAST_MAX_GROUPS=most))

    @rule(index=pick([VA, VC, BR, VX]), stop=st.booleans())
    def change_link(self, index: int, stop: bool) -> None:
        self.ask(down(index) if stop else up(index))
        self.ask(TICK)

    @rule(index=pick([VA, VC]), master=pick([0, BR, BR]))
    def set_master(self, index: int, master: int) -> None:
        self.ask(setlink(index, {IFLA.MASTER: master}))
        self.ask(TICK)

    @rule(lladdr=MACS, dst=REMOTES, attrs=PLACE, flags=FLAGS, state=STATES, ntf=MARKS, echo=ECHOES)
    def add_entry(
        self, lladdr: str, dst: str | None, attrs: dict[Any, Any], flags: int, state: int, ntf: int, echo: int
    ) -> None:
        self.ask(forwarding_vxlan.entry(lladdr, dst, flags | echo, attrs, state, ntf=ntf, dev=VX))

    @rule(lladdr=MACS, dst=REMOTES, attrs=PLACE)
    def delete_entry(self, lladdr: str, dst: str | None, attrs: dict[Any, Any]) -> None:
        self.ask(forwarding_vxlan.entry(lladdr, dst, 0, attrs, type=RTM.DELNEIGH, dev=VX))

    @rule()
    def dump_entries(self) -> None:
        self.ask(dump(neighbour, ndm_family=AF.BRIDGE))

    @rule(
        grp=GROUPS | pick(["0.0.0.0", "::"]),
        dst=REMOTES,
        flags=FLAGS,
        attrs=NO_LISTS,
        place=GROUP_PLACE,
        remove=pick([0, 0, 1]),
    )
    def change_remote_group(
        self, grp: str, dst: str | None, flags: int, attrs: Any, place: dict[Any, Any], remove: int
    ) -> None:
        given = {**({MDBE_ATTR.DST: dst} if dst else {}), **(attrs or {}), **place}
        self.ask(ungroup(VX, grp, given, br=VX) if remove else group(VX, grp, flags, 1, given, br=VX))


class Sources(Forwarding):
    """The same where the protocols' versions have sources."""

    igmp_version, mld_version = 3, 2
