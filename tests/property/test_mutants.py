"""Law 2, totality, on broken bytes: mutants of the fixtures are read and come back, or are refused with a WireError."""

import itertools
import struct
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from nlwire.errors import WireError
from tests import mutate

ROUTE = struct.pack("=IHHII8BI", 36, 24, 0, 1, 0, 2, 16, 0, 0, 254, 4, 0, 1, 0) + struct.pack("=HHI", 8, 4, 3)
SEEDS = [(0, ROUTE), (0, ROUTE + ROUTE)]
PER_EXAMPLE = 50
"""Mutants for each example that the profile asks for: five million in a nightly run."""


def test_mutants_of_fixtures_are_read_or_refused() -> None:
    count = PER_EXAMPLE * settings().max_examples
    seeds = mutate.recorded()
    assert seeds, "no fixtures"
    found = [one for one in mutate.findings(seeds, seed=1, numbers=iter(range(count))) if one is not None]
    assert found == []


@pytest.mark.parametrize("failure", [KeyError("nla_type"), RecursionError("too deep"), struct.error("unpack")])
def test_any_other_exception_is_a_finding(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    monkeypatch.setattr(mutate, "decode", _raiser(failure))
    (found,) = mutate.findings(SEEDS, seed=1, numbers=iter([7]))
    assert found is not None
    assert found.what.startswith(type(failure).__name__)
    assert (found.protocol, found.data) == mutate.mutant(SEEDS, 1, 7)


def test_a_refusal_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "decode", _raiser(WireError("no message")))
    assert mutate.complaint(0, ROUTE) is None


def test_other_bytes_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "encode", lambda messages: b"\1\2")
    assert mutate.complaint(0, ROUTE) == "came back as 0102"


def test_a_hang_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutate, "SLOW", 0.05)
    monkeypatch.setattr(mutate, "decode", lambda data, protocol: [one for one in itertools.repeat(0) if one])
    assert mutate.complaint(0, ROUTE) == "TimeoutError: not done after 0.05 s"


def test_mutants_follow_from_seed_and_number() -> None:
    first = [mutate.mutant(SEEDS, 3, number) for number in range(50)]
    assert first == [mutate.mutant(SEEDS, 3, number) for number in range(50)]
    assert first != [mutate.mutant(SEEDS, 4, number) for number in range(50)]


@pytest.mark.parametrize("mutation", [*dict.fromkeys(mutate.MUTATIONS), mutate.mend])
def test_each_mutation_takes_any_bytes(mutation: Any) -> None:
    for size, number in itertools.product((1, 2, 3, 4, 5, 40), range(20)):
        mutation(Random(number), bytearray(size), ROUTE)


def _raiser(failure: Exception) -> Any:
    def decode(data: bytes, protocol: int) -> Any:
        raise failure

    return decode
