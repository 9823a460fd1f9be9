"""The fuzzer's strategies: every family's broken messages are taken as they should be, and a failure shrinks to its cause."""

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from nlwire.codec.fast import decode, encode
from nlwire.errors import WireError
from nlwire.fuzz.anatomy import Anatomy, What
from nlwire.fuzz.conversation import CONTENT, TURNS
from nlwire.fuzz.faults import Verdict
from nlwire.fuzz.strategies import broken, faulty, plots
from nlwire.schema.family import Family
from nlwire.uapi import FAMILIES
from tests.property.laws import PER_FAMILY
from tests.recorded import recorded

WITH_TYPES = [one for one in FAMILIES if one.types and one.quotes is None]


@pytest.mark.parametrize("family", WITH_TYPES, ids=lambda one: one.name)
def test_a_faulty_message_is_read_or_refused_as_its_verdict_says(family: Family) -> None:
    @PER_FAMILY
    @given(st.data())
    def judged(data: st.DataObject) -> None:
        mutant = data.draw(faulty(family))
        try:
            assert encode(decode(mutant.data, int(family.protocol))) == mutant.data
        except WireError:
            assert mutant.verdict is Verdict.REFUSED
        else:
            assert mutant.verdict is not Verdict.REFUSED

    judged()


def test_a_failure_shrinks_to_its_cause() -> None:
    data = next(one.data for one in recorded() if one.protocol == 0 and 100 < len(one.data) < 140)
    found = find(
        broken(data), lambda one: one.fault == "nla_len 0", settings=settings(max_examples=2000, deadline=None)
    )
    first = next(one for one in Anatomy(data).sites if one.what in (What.LEAF, What.NEST))
    assert found.offset == first.offset
    assert found.verdict is Verdict.REST


@given(st.data())
def test_recorded_datagrams_can_be_broken_too(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(recorded()))
    assert data.draw(broken(one.data, one.protocol)).fault


@given(plots())
def test_a_plot_names_a_fault(plot: object) -> None:
    assert getattr(plot, "fault", "") in {*CONTENT, *TURNS}
