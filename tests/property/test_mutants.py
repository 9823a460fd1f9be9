"""Law 2, totality, on broken bytes: mutants of everything recorded are read and come back, or are refused with a WireError."""

from random import Random

import pytest
from hypothesis import settings

from nlwire.fuzz.engine import Campaign
from nlwire.fuzz.files import CaptureReader, captures_of
from nlwire.fuzz.targets import Decoder, Engines, Target
from tests.recorded import recorded

PER_EXAMPLE = 50
"""Mutants for each example that the profile asks for: five million in a nightly run."""


@pytest.mark.parametrize(("target", "share"), [(Decoder(), 1.0), (CaptureReader(), 1.0), (Engines(), 0.02)])
def test_mutants_are_taken_as_they_should_be(target: Target, share: float) -> None:
    seeds = captures_of(recorded(), Random(1)) if isinstance(target, CaptureReader) else recorded()
    runs = int(PER_EXAMPLE * settings().max_examples * share)
    report = Campaign(target, seeds, 1).run(runs=runs)
    assert report.runs == runs
    assert report.findings == {}
