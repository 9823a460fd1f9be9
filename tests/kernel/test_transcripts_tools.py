"""What compares transcripts, put to the test itself: the format, the masks, the words for differences."""

from pathlib import Path

import pytest

import nlwire
from nlwire import encode
from nlwire.codec.message import build
from nlwire.fuzz.linux.masks import Entry, masked
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts import text
from tests.kernel.transcripts.difference import difference, first_difference
from tests.kernel.transcripts.play import Ask, when_it_pleases
from tests.kernel.transcripts.recordings import RECORDED
from tests.kernel.transcripts.words import addr, mac, route, script, together, up

FILES = sorted(RECORDED.rglob("*.txt"))


def a_link(address: str, packets: int = 0, mtu: int = 1500) -> Entry:
    stats = {"rx_packets": packets}
    attrs = {IFLA.IFNAME: "va", IFLA.ADDRESS: address, IFLA.MTU: mtu, IFLA.STATS64: stats}
    return Entry("heard", encode(build(link, RTM.NEWLINK, attrs, ifi_index=3)), "group 1")


def a_neighbour(host: str, family: int = AF.INET, state: int = NUD.PERMANENT, type: int = 1) -> Entry:
    made = build(neighbour, RTM.NEWNEIGH, {NDA.DST: host}, ndm_family=family, ndm_state=state, ndm_type=type)
    return Entry("heard", encode(made), "group 3")


@pytest.mark.parametrize("path", FILES[::20], ids=lambda path: path.stem)
def test_a_file_is_written_as_it_was_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n\n", 1)[1]
    assert "\n".join(text.lines_of(text.read(path))) == lines


@pytest.mark.parametrize("path", FILES[::20], ids=lambda path: path.stem)
def test_what_is_recorded_is_masked(path: Path) -> None:
    transcript = text.read(path)
    assert masked(transcript)[0] == transcript


def test_statistics_are_masked_and_nothing_else() -> None:
    one, other = masked([a_link(mac(1), 5)]), masked([a_link(mac(1), 6)])
    assert one == other
    assert one[1] == ["statistics"]
    assert one[0] != masked([a_link(mac(1), 5, mtu=1400)])[0]
    assert one[0] != masked([a_link(mac(2), 5)])[0]


def test_addresses_drawn_by_lot_are_numbered() -> None:
    drawn = ["7a:00:00:00:00:01", "7a:00:00:00:00:02"]
    first, second = masked([a_link(one) for one in drawn])[0]
    assert first != second
    assert [first, second] == masked([a_link(one) for one in reversed(drawn)])[0]
    assert [first, second] != masked([a_link(drawn[0])] * 2)[0]


def test_neighbours_are_sorted() -> None:
    one, other, link_between = a_neighbour("10.0.0.1"), a_neighbour("10.0.0.2"), a_link(mac(1))
    assert masked([one, other])[0] == masked([other, one])[0]
    assert masked([one, link_between, other])[0] != masked([other, link_between, one])[0]


def test_what_comes_when_it_pleases() -> None:
    assert when_it_pleases(a_neighbour("fe80::1", AF.INET6).data)
    assert when_it_pleases(a_neighbour("224.0.0.22", state=NUD.NOARP, type=5).data)
    assert not when_it_pleases(a_neighbour("224.0.0.22", state=NUD.PERMANENT, type=5).data)
    assert not when_it_pleases(a_link(mac(1)).data)


def test_a_difference_is_named() -> None:
    step = Entry("sent", up(3).data)
    linux, mock = [step, a_link(mac(1), mtu=1500)], [step, a_link(mac(1), mtu=1400)]
    assert first_difference(linux, linux) == ""
    assert list(difference(linux, linux)) == []
    assert "IFLA_MTU 1400, Linux IFLA_MTU 1500" in first_difference(linux, mock)
    assert any("1500" in line and "1400" in line and "|" in line for line in difference(linux, mock))
    assert first_difference(linux, [step]).endswith("nothing, Linux heard RTM_NEWLINK")


def test_messages_are_numbered_through() -> None:
    made = script("a/b", "", up(1), [up(2), (together(addr("10.0.0.1/24", 1), route("10.1.0.0/16", oif=1)),)], up(3))
    numbers = [
        message.nlmsg_seq for step in made.steps if isinstance(step, Ask) for message in nlwire.decode(step.data)
    ]
    assert numbers == [1, 2, 3, 4, 5]
