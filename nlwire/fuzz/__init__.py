"""The fuzzing harness: structure-aware, made from the declarations, reproducible from a seed.

report = nlwire.fuzz.attack(my_parser, family=nlwire.route, runs=10_000)        # any callable that takes a datagram

anatomy faults             one known mistake at one known place of a datagram, with what a right reader makes of it
conversation replies       the right bytes at the wrong time, from the wrong sender, never; a wrapper for any endpoint
havoc mutator generate     chance: plain damage, mutants of seeds, sound messages from the declarations alone
targets files program      what is attacked: nlwire's readers, callables, programs
engine rehearsal guided    the loops; minimise finding script: what becomes of a finding; corpus jobs plan: how it is run
strategies marks           for Hypothesis; for a client's own tests (``@nlwire.fuzz_replies``)
"""

from nlwire.fuzz.attack import attack
from nlwire.fuzz.engine import Finding, Report
from nlwire.fuzz.mutator import Case, Seed
from nlwire.fuzz.outcome import Failure

__all__ = ["Case", "Failure", "Finding", "Report", "Seed", "attack"]
