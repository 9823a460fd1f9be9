"""Hypothesis strategies of the fuzzer: broken datagrams and broken conversations that shrink to one fault at one place.

    @given(faulty(nlwire.route))
    def test_my_parser(mutant): …           # mutant.data, mutant.fault, mutant.verdict

Knows: how a choice is drawn so that it shrinks.
Never: what a fault is.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

from nlwire.codec.fast import encode
from nlwire.codec.strategies import messages
from nlwire.fuzz.anatomy import Anatomy
from nlwire.fuzz.conversation import CONTENT, TURNS, Plot
from nlwire.fuzz.faults import FAULTS, Mutant, break_at
from nlwire.schema.family import Family

Draw = Any


@st.composite
def faulty(draw: Draw, family: Family) -> Mutant:
    """One message of a family with one fault: ``data``, the fault in words, the place, the verdict of a right reader."""
    data = encode(draw(messages(family)))
    return draw(broken(data, int(family.protocol)))  # type: ignore[no-any-return]


@st.composite
def broken(draw: Draw, data: bytes, protocol: int = 0) -> Mutant:
    """One fault in a sound datagram of one's own."""
    anatomy = Anatomy(data, protocol)
    site = draw(st.sampled_from(anatomy.sites))
    made = None
    while made is None:
        fault = draw(st.sampled_from(FAULTS[site.what]))
        made = break_at(anatomy, site, fault, Random(draw(st.integers(0, 255))))
    return made


def plots(datagrams: int = 8) -> st.SearchStrategy[Plot]:
    """One fault of a conversation, at one of its first ``datagrams`` datagrams (replies.MutatedReplies carries it out)."""
    return st.builds(Plot, st.sampled_from([*CONTENT, *TURNS]), st.integers(0, datagrams - 1), st.integers(0, 255))
