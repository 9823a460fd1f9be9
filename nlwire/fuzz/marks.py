"""``@nlwire.fuzz_replies(n=200)``: a client's own test, again and again, each time with one thing wrong in what it is told.

    @nlwire.fuzz_replies(n=200)
    def test_my_client(nl_endpoint):
        MyClient(nl_endpoint()).list_routes()

The test passes as long as the client ends, by returning or by an error a user can understand: NlwireError, OSError, or one of
``allow``. What the test asserts may well not hold any more, so an AssertionError is no failure either.

Knows: pytest's parameters and marks.
Never: what goes wrong (conversation.py).
"""

from collections.abc import Generator
from random import Random

import pytest

from nlwire.errors import NlwireError
from nlwire.fuzz.conversation import CONTENT, TURNS, Plot
from nlwire.fuzz.rehearsal import BLIND
from nlwire.fuzz.replies import Play

NAME = "fuzz_replies"
ALLOWED: tuple[type[BaseException], ...] = (NlwireError, OSError, AssertionError)
DATAGRAMS = 6
"""How far into a conversation something goes wrong, where nothing is said."""


def fuzz_replies(
    n: int = 200, *, seed: int = 0, datagrams: int = DATAGRAMS, allow: tuple[type[BaseException], ...] = ()
) -> pytest.MarkDecorator:
    """Run a test that takes ``nl_endpoint``, ``nl_cassette`` or ``nl_run`` with ``n`` plays; the same again for a ``seed``.

    Something goes wrong with one of the first ``datagrams`` datagrams; ``allow`` are exceptions that are no mistake.
    """
    return getattr(pytest.mark, NAME)(n=n, seed=seed, datagrams=datagrams, allow=allow)  # type: ignore[no-any-return]


def plots(n: int, seed: int, datagrams: int) -> list[Plot]:
    """What goes wrong in each of ``n`` runs: every fault in turn."""
    random = Random(f"{seed}")
    faults = [*(one for one in CONTENT if one != BLIND), *TURNS]
    random.shuffle(faults)
    return [Plot(faults[at % len(faults)], random.randrange(datagrams), random.randrange(1 << 30)) for at in range(n)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test of each plot."""
    mark = metafunc.definition.get_closest_marker(NAME)
    if mark is None:
        return
    if "nl_plot" not in metafunc.fixturenames:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: fuzz_replies needs nl_endpoint, nl_cassette or nl_run")
    chosen = plots(mark.kwargs["n"], mark.kwargs["seed"], mark.kwargs["datagrams"])
    names = [f"{at}-{one.fault}-{one.at}-{one.chance}" for at, one in enumerate(chosen)]
    metafunc.parametrize("nl_plot", chosen, indirect=True, ids=names)


@pytest.fixture
def nl_plot(request: pytest.FixtureRequest) -> Play | None:
    """What goes wrong with this test's replies; None without the mark."""
    plot: Plot | None = getattr(request, "param", None)
    return None if plot is None else Play([plot])


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A client may refuse what it is told."""
    mark = pyfuncitem.get_closest_marker(NAME)
    allowed: tuple[type[BaseException], ...] = () if mark is None else (*ALLOWED, *mark.kwargs["allow"])
    try:
        return (yield)
    except allowed:
        return True
