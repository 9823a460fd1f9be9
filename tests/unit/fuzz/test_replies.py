"""A session under plots: it ends with a result or with an error that says what happened, and never waits for ever."""

import pytest

from nlwire.errors import NlwireError
from nlwire.fuzz.conversation import CONTENT, TURNS, Plot
from nlwire.fuzz.replies import MutatedReplies, Play
from nlwire.session import Session
from nlwire.uapi.rtnetlink import route
from tests.unit.session.routes import Routes


def answered(*plots: Plot) -> list[object]:
    """The routes of a kernel, asked through plots."""
    with Session(MutatedReplies(Routes(), Play(plots)), timeout=0.2) as nl:
        return list(nl.dump(route))


def test_without_a_plot_nothing_changes() -> None:
    assert answered()


@pytest.mark.parametrize("fault", [*TURNS, *CONTENT])
@pytest.mark.parametrize("at", range(2))
def test_a_session_survives_every_fault(fault: str, at: int) -> None:
    whole = answered()
    for chance in range(15):
        try:
            found = answered(Plot(fault, at, chance))
        except (NlwireError, OSError):
            continue
        if fault in ("foreign", "resplit"):
            assert found == whole, chance
