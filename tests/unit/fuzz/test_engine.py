"""Campaigns: deterministic, findings told apart and made small, inputs worth more kept."""

import itertools
import signal
import struct
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nlwire.codec import fast, reference
from nlwire.codec.fast import decode, encode
from nlwire.fuzz import attack, havoc
from nlwire.fuzz.conversation import Plot
from nlwire.fuzz.corpus import Shared, SharedPlays, seeds_in
from nlwire.fuzz.engine import Campaign
from nlwire.fuzz.faults import Verdict
from nlwire.fuzz.finding import load, save
from nlwire.fuzz.generate import seeds_of
from nlwire.fuzz.guided import available
from nlwire.fuzz.jobs import work_together
from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Case, Mutator, Seed, Style
from nlwire.fuzz.outcome import Failure, Hang, Outcome, failure_of
from nlwire.fuzz.plan import Plan, reproduce, seeds_for, target_of
from nlwire.fuzz.targets import Call, Decoder, Engines, Watch, named
from nlwire.uapi import FAMILIES
from nlwire.uapi.rtnetlink import RTA
from tests.conftest import require_or_skip
from tests.recorded import FIXTURES, some

ROUTES = [one for one in some() if one.protocol == 0 and one.data[4:6] == b"\x18\0"]


def picky(data: bytes) -> Any:
    """A client that trusts RTA_OIF to be there, and to have four bytes."""
    at = 28
    while at + 4 <= len(data):
        size, type = struct.unpack_from("=HH", data, at)
        if type & 0x3FFF == RTA.OIF.number:
            return struct.unpack("=I", data[at + 4 : at + size])
        at += max(4, (size + 3) & ~3)
    raise KeyError("RTA_OIF")


def looping(data: bytes) -> None:
    """A client that hangs on nla_len 0."""
    at = 28
    while at + 4 <= len(data):
        at += (int.from_bytes(data[at : at + 2], "little") + 3) & ~3


def stubborn(data: bytes) -> None:
    """One that hangs and lets nobody tell it."""
    try:
        looping(data)
    except BaseException:  # noqa: BLE001 - as some do
        return


def test_the_same_seed_gives_the_same_mutants() -> None:
    first = list(itertools.islice(Mutator(ROUTES, 3), 300))
    assert first == list(itertools.islice(Mutator(ROUTES, 3), 300))
    assert first != list(itertools.islice(Mutator(ROUTES, 4), 300))
    assert len({one.data for one in first}) > 200


@pytest.mark.parametrize("style", ["damage", "blind"])
def test_plain_damage_knows_no_faults(style: Style) -> None:
    assert {one.trail for one in itertools.islice(Mutator(ROUTES, 3, style), 300)} == {("bytes changed at random",)}


def test_without_seeds_there_is_nothing_to_mutate() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        Mutator([])


def test_mistakes_are_found_told_apart_and_made_small() -> None:
    reports = [Campaign(Call(picky), ROUTES, 5).run(runs=3000) for _ in range(2)]
    assert list(reports[0].findings) == list(reports[1].findings)
    kinds = {signature.split()[0] for signature in reports[0].findings}
    assert kinds >= {"KeyError", "error"}
    for finding in reports[0].findings.values():
        assert len(finding.case.data) <= 48
        assert Call(picky)(finding.case).failure == finding.failure


def test_allowed_exceptions_are_no_findings() -> None:
    report = Campaign(Call(picky, (KeyError, struct.error)), ROUTES, 5).run(runs=500)
    assert report.findings == {}
    assert report.corpus > len(ROUTES)


@pytest.mark.parametrize("client", [looping, stubborn])
def test_a_hang_is_found(client: Any) -> None:
    report = Campaign(Call(client), ROUTES, 5, patience=0.05).run(runs=200)
    assert any(signature.startswith("Hang") for signature in report.findings)


@pytest.mark.parametrize("broken", ["decode", "encode"])
def test_a_decoder_that_fails_is_found(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def otherwise(*_: object) -> bytes:
        if broken == "decode":
            raise KeyError("nla_type")
        return b"other"

    monkeypatch.setattr(fast, broken, otherwise)
    outcome = Decoder()(Case(0, ROUTES[0].data, ROUTES[0].data))
    assert outcome.failure is not None


def test_a_verdict_that_is_not_kept_is_found() -> None:
    sound, broken = ROUTES[0].data, ROUTES[0].data + b"\0"
    assert Decoder()(Case(0, sound, sound, verdict=Verdict.REFUSED)).failure is not None
    assert Decoder()(Case(0, broken, sound, verdict=Verdict.READ)).failure is not None
    assert Decoder()(Case(0, broken, sound, verdict=Verdict.REFUSED)).failure is None


def test_nothing_is_expected_of_what_was_broken_before() -> None:
    broken = [one._replace(data=one.data + bytes(6)) for one in ROUTES]
    assert not Campaign(Decoder(), broken).run(runs=2_000).findings


def test_engines_that_differ_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "decode", lambda *_: [])
    failure = Engines()(Case(0, ROUTES[0].data, ROUTES[0].data)).failure
    assert failure is not None
    assert failure.signature.startswith("engines differ")


def test_made_seeds_are_sound_and_of_every_type() -> None:
    made = seeds_of(FAMILIES, Random(1), each=2)
    for one in made:
        assert encode(decode(one.data, one.protocol)) == one.data
    types = {(one.protocol, int.from_bytes(one.data[4:6], "little")) for one in made}
    declared = {(one.protocol, int(type)) for one in FAMILIES if one.quotes is None for type in one.types}
    assert len(types) >= len(declared) * 0.9


def test_minimising_puts_back_and_leaves_out() -> None:
    origin = next(one.data for one in ROUTES if len(one.data) > 100)
    data = bytearray(origin)
    data[20:24] = b"\xff\xff\xff\xff"
    small = minimise(Case(0, bytes(data), origin), lambda one: one.data[22:23] == b"\xff")
    assert len(small.data) <= 28
    assert small.data[23:24] != b"\xff" or origin[23:24] == b"\xff"


def test_a_finding_is_tried_again_from_its_file_alone(tmp_path: Path) -> None:
    case = Case(0, ROUTES[0].data[:30], ROUTES[0].data, ("RTM_NEWROUTE: cut",))
    failure = Failure("KeyError at here", "KeyError: x")
    target = f"python:{__name__}.picky"
    path = save(tmp_path, target, case, failure)
    saved = load(path)
    assert (saved.target, saved.signature, saved.case) == (target, failure.signature, case)
    again = reproduce(target, saved.case.data)
    assert again is not None
    assert again.signature.startswith("KeyError")
    text = path.with_suffix(".txt").read_text()
    assert "RTM_NEWROUTE: cut" in text
    assert " -> (nothing)" in text
    (module,) = tmp_path.glob("test_*.py")
    namespace: dict[str, Any] = {}
    exec(compile(module.read_text(), str(module), "exec"), namespace)
    (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
    with pytest.raises(AssertionError):
        test()


def test_several_processes_share_one_corpus(tmp_path: Path) -> None:
    plan = Plan(f"python:{__name__}.picky", corpus=(str(FIXTURES / "route"),), seed=5, runs=1200, shared=str(tmp_path))
    report = work_together(plan, 2)
    assert report.runs == 1200
    assert {signature.split()[0] for signature in report.findings} >= {"KeyError"}
    assert list(tmp_path.glob("found-*.pcapng"))


def test_workers_hear_of_each_other(tmp_path: Path) -> None:
    first, second = Shared(tmp_path, 0), Shared(tmp_path, 1)
    first.add(ROUTES[0])
    assert second.news() == [ROUTES[0]]
    assert second.news() == []
    first.add(ROUTES[1])
    assert second.news() == [ROUTES[1]]
    assert first.news() == []
    first.close()
    second.close()
    assert seeds_in(tmp_path) == ROUTES[:2]


def test_workers_hear_of_each_others_plays(tmp_path: Path) -> None:
    first, second = SharedPlays(tmp_path, 0), SharedPlays(tmp_path, 1)
    plays = [(Plot("late", 0, 7),), (Plot("nla_len_0", 1, 8), Plot("twice", 2))]
    assert first.exchange(plays[:1]) == []
    with first.own.open("a", encoding="utf-8") as file:
        file.write('[["half a')
    assert second.exchange([]) == plays[:1]
    assert second.exchange(plays[1:]) == []
    assert first.exchange([]) == plays[1:]
    assert first.exchange([]) == []


def test_seeds_of_one_family() -> None:
    assert {one.data[4] for one in seeds_for(Plan("decode", family="route"))} <= {24, 25, 26}
    with pytest.raises(ValueError, match="no family is called"):
        seeds_for(Plan("decode", family="rout"))


@pytest.mark.parametrize("name", ["decoder", "python:nowhere.at.all", "python:json.lods", "python:json.decoder.NaN"])
def test_a_target_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        target_of(name)


def test_a_method_is_a_target_too() -> None:
    assert named("json.decoder.JSONDecoder.decode").__name__ == "decode"


@pytest.mark.parametrize("damage", dict.fromkeys(havoc.ALL + havoc.BYTES))
def test_damage_takes_any_bytes(damage: havoc.Damage) -> None:
    for size, number in itertools.product((1, 2, 3, 4, 5, 40), range(20)):
        damage(Random(number), bytearray(size), ROUTES[0].data)


def test_nothing_is_left_of_what_is_cut_to_nothing() -> None:
    assert havoc.mended(b"") == b""
    assert Seed(0, b"")


def test_coverage_guides() -> None:
    if not available():
        require_or_skip("atheris is not installed (extra fuzz)")
    plan = Plan(f"python:{__name__}.picky", corpus=(str(FIXTURES / "route"),), seed=5, runs=400, guided=True)
    report = work_together(plan, 1)
    assert report.runs == 400
    assert {signature.split()[0] for signature in report.findings} >= {"KeyError"}


def test_a_callable_is_attacked_from_python() -> None:
    report = attack(picky, family=FAMILIES.families["route"], runs=300)
    assert report.runs == 300
    assert any(one.startswith("KeyError") for one in report.findings)
    assert attack(picky, seeds=ROUTES, allow=(KeyError, struct.error), runs=300).findings == {}


def test_a_second_ring_while_the_first_is_told_of_is_no_end() -> None:
    def slow(case: Case) -> Outcome:
        try:
            while True:
                pass
        except Hang:
            time.sleep(1.0)
        return Outcome()

    with Watch(0.1) as watch:
        failure = watch.outcome(slow, Case(0, b"", b"")).failure
    assert failure is not None
    assert failure.signature.startswith("Hang")


@pytest.mark.parametrize(("rings", "hangs"), [([True, False], False), ([True, True], True), ([False], False)])
def test_who_was_only_stopped_for_a_while_does_not_hang(rings: list[bool], hangs: bool) -> None:
    left = iter(rings)

    def target(case: Case) -> Outcome:
        try:
            if next(left):
                signal.raise_signal(signal.SIGALRM)  # as after SIGSTOP and SIGCONT, or when the machine has slept
        except Hang as error:
            return Outcome(failure_of(error))
        return Outcome()

    with Watch() as watch:
        assert (watch.outcome(target, Case(0, b"", b"")).failure is not None) == hangs
