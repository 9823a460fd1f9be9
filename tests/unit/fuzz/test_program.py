"""Programs under plays, on the planted clients: mistakes are found, told apart, made small, written down, tried again."""

import re
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nlwire.cli.program import main
from nlwire.endpoint.base import Datagram
from nlwire.fuzz import rehearsal
from nlwire.fuzz.anatomy import Anatomy
from nlwire.fuzz.conversation import Plot
from nlwire.fuzz.mutator import Case
from nlwire.fuzz.program import Ending, Program, file_of, kind_of, sanitized
from nlwire.fuzz.rehearsal import PlayFinding, Rehearsal
from nlwire.fuzz.replies import Play, Words
from nlwire.fuzz.rest import state_of
from nlwire.fuzz.scenery import Scenery
from nlwire.fuzz.script import load_play, replayed, save_play
from nlwire.ground.recording import Recording
from tests.planted.build import CLIENTS, build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("planted")
    return {one.name: build(one, directory) for one in CLIENTS if one.in_c}


def attacked(path: Path, runs: int) -> tuple[Program, list[PlayFinding]]:
    program = Program([str(path)], Scenery())
    report = Rehearsal(program, 1).run(runs=runs, first_only=True)
    return program, [one for one in report.findings.values() if isinstance(one, PlayFinding)]


def test_every_client_is_well_when_nothing_goes_wrong(built: dict[str, Path]) -> None:
    for path in built.values():
        sound = Program([str(path)], Scenery()).sound
        assert (sound.status, sound.how) == (0, "exit"), path.name
        assert sound.play.arrived


def test_a_crash_is_found_made_small_and_replayed_from_its_file(built: dict[str, Path], tmp_path: Path) -> None:
    program, (finding,) = attacked(built["absent"], 3000)
    assert finding.failure.signature.startswith("SIGSEGV after type 16")
    path = save_play(tmp_path, program, finding)
    again = replayed(program.command, path)
    assert again is not None
    assert again.signature == finding.failure.signature
    run = subprocess.run([sys.executable, "-m", "nlwire", "run", "--on", path, "--", *program.command], check=False)
    assert run.returncode == -signal.SIGSEGV
    text = path.with_suffix(".txt").read_text()
    assert "changed:" in text
    assert f"nlwire run --on {path.name}" in text
    module = next(tmp_path.glob("test_*.py"))
    test = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", module.name], cwd=tmp_path, check=False, capture_output=True
    )
    assert test.returncode == 1


def typed(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["fuzz", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_finding_is_made_smaller_from_its_file(built: dict[str, Path], tmp_path: Path) -> None:
    program = Program([str(built["absent"])], Scenery())
    protocol, sound = program.sound.play.arrived[0]
    broken = bytearray(sound)
    for site in Anatomy(sound, protocol).sites:
        if site.name == "IFLA_MTU":
            broken[site.offset + 2] = 199
        elif site.name in ("IFLA_TXQLEN", "IFLA_IFNAME"):
            broken[site.payload] ^= 0x55
    case = Case(protocol, bytes(broken), sound, ("by hand",))
    words = {0: Words(case.data, sound)}
    failure = program.failure(program.perform(Play(words=words)))
    assert failure is not None
    path = save_play(tmp_path, program, PlayFinding(case, failure, 1, 0.0, words=words))
    assert typed("--reproduce", str(path)).exit_code == 1
    assert "not any more" in typed("--reproduce", str(path), "--", str(built["short"])).stdout
    again = typed("--minimise", str(path))
    assert again.exit_code == 1
    assert re.search(r"\d+ bytes, changed in \d+ places -> 32 bytes", again.stdout), again.stdout
    saved = load_play(path)
    assert saved is not None
    assert len(saved.case.data) == 32, "the header, and no attribute"
    assert replayed(program.command, path) == failure
    assert typed("--minimise", str(path)).exit_code == 1, "again, from the smaller one"


def test_words_answer_the_request_of_the_run_they_are_said_in() -> None:
    origin = struct.pack("=IHHII", 20, 3, 2, 7, 99) + b"\0\0\0\0"
    now = struct.pack("=IHHII", 20, 3, 2, 8, 100) + b"\0\0\0\0"
    lies = b"\xff\xff\0\0" + origin[4:]
    twice = origin + lies
    assert Words(origin, origin).addressed(now) == now
    assert Words(twice, origin).addressed(now) == now + lies[:4] + now[4:]
    other = origin[:8] + b"AAAA" + origin[12:]
    assert Words(other, origin).addressed(now) == now[:8] + b"AAAA" + now[12:]
    assert Words(b"\1\2", origin).addressed(now) == b"\1\2"


def test_a_stranger_who_is_believed_is_found(built: dict[str, Path]) -> None:
    program = Program([str(built["spoof"])], Scenery())
    failures = [program.failure(program.perform(Play([Plot("foreign", 0, chance)]))) for chance in range(6)]
    assert {one.signature for one in failures if one is not None} == {"foreign datagrams are believed"}


def test_a_stranger_who_is_not_believed_is_none(built: dict[str, Path]) -> None:
    program = Program([str(built["absent"])], Scenery())
    for chance in range(10):
        assert program.failure(program.perform(Play([Plot("foreign", 0, chance)]))) is None


def test_a_hang_is_told_from_waiting(built: dict[str, Path]) -> None:
    program = Program([str(built["endless"])], Scenery(), patience=0.5)
    sound = program.sound.play.arrived[0][1]
    data = bytearray(sound)
    data[28:30] = b"\0\0"
    ending = program.perform(Play(words={0: Words(bytes(data), sound)}))
    assert ending.how == "hang"
    assert (program.failure(ending) or ending).signature.startswith("hang")  # type: ignore[union-attr]
    waits = program.perform(Play([Plot("to_another_request", 1, 3)]))
    assert waits.how in ("wait", "exit")
    assert program.failure(waits) is None


def test_a_panic_of_go_is_told_by_where_it_was() -> None:
    said = (
        "panic: runtime error: slice bounds out of range [:4] with capacity 0\n\ngoroutine 1 [running]:\n"
        "example/netlink.parse({0xc0, 0x0})\n\t/usr/share/gocode/src/example/netlink/link_linux.go:7 +0x5\n"
        "main.main()\n\t/tmp/x/main.go:9 +0x1d\nexit status 2\n"
    )
    ending = Ending(2, "exit", b"", said.encode(), Play())
    failure = Program(["true"], Scenery()).failure(ending)
    assert failure is not None
    assert failure.signature == "panic in netlink/link_linux.go:7 < x/main.go:9"


def test_runaway_output_is_found(tmp_path: Path) -> None:
    program = Program(["sh", "-c", "ip link >/dev/null; exec yes"], Scenery())
    failure = program.failure(program.perform(Play()))
    assert failure is not None
    assert failure.signature.startswith("runaway output")


def test_a_program_that_fails_with_nothing_wrong_is_a_finding() -> None:
    report = Rehearsal(Program(["sh", "-c", "ip link >/dev/null; kill -SEGV $$"], Scenery()), 1).run(runs=50)
    assert [(one.run, one.case.trail) for one in report.findings.values()] == [(0, ("nothing is wrong",))]


def test_what_was_new_to_one_is_tried_by_the_others(built: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "SHARE", 0.0)
    command, told = [str(built["enumerator"])], list[tuple[Plot, ...]]()

    def tell(kept: list[tuple[Plot, ...]]) -> list[tuple[Plot, ...]]:
        told.extend(kept)
        return []

    assert Rehearsal(Program(command, Scenery()), 1, exchange=tell).run(runs=60).corpus == 1 + len(told) > 2
    ready = iter([told])
    other = Rehearsal(Program(command, Scenery()), 2, exchange=lambda _: next(ready, []))
    other.run(runs=1 + len(told))
    assert {*told} & {*other._corpus}


def test_a_command_is_fuzzed_from_the_command_line(built: dict[str, Path], tmp_path: Path) -> None:
    arguments = ["fuzz", "--runs", "60", "--seed", "1", "--findings", str(tmp_path), "--", str(built["enumerator"])]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code in (0, 1), result.output
    assert "runs in" in result.stdout


def test_words_for_datagrams_and_programs() -> None:
    assert kind_of(Datagram(b"")) == "a short datagram"
    assert kind_of(Datagram(bytes(4) + b"\x10\0")) == "type 16"
    assert state_of(2**30) == ""
    assert not sanitized(file_of("sh"))
    assert file_of("no-such-program") == b""


def test_a_strangers_datagram_is_in_the_recording_too(built: dict[str, Path], tmp_path: Path) -> None:
    program = Program([str(built["spoof"])], Scenery())
    for chance in range(6):
        play = (Plot("foreign", 0, chance),)
        ending = program.perform(Play(play))
        failure = program.failure(ending)
        if failure is not None:
            finding = PlayFinding(Case(0, b"", b""), failure, 1, 0.0, plots=play)
            path = save_play(tmp_path, program, finding)
            again = Program(program.command, lambda: Recording(path, print)).perform(Play())  # noqa: B023
            assert (again.status, again.output) == (ending.status, ending.output)
            assert again.output != program.sound.output
            return
    pytest.fail("nothing was believed")
