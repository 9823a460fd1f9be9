"""Every recorded message decodes to values, and the values alone give its bytes back."""

import json
import sys
from functools import cache
from pathlib import Path

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.message import Message
from tests.golden.opaque import EXPECTED, excuse, opaque_paths
from tools.capture import fixture
from tools.capture.fixture import Fixture, Sample

ROOT = Path(__file__).parents[2] / "fixtures"
PATHS = [path for path in sorted(ROOT.glob("*/*.nl")) if fixture.read(path).byteorder == sys.byteorder]


@cache
def read(path: Path) -> Fixture:
    """A fixture file, read once."""
    return fixture.read(path)


@cache
def decoded(path: Path) -> list[Message]:
    """Its messages."""
    return [message_of(sample) for sample in read(path).samples]


def message_of(sample: Sample) -> Message:
    """The one message of a sample."""
    (message,) = decode(sample.message.data, sample.message.protocol)
    return message


def name(path: Path) -> str:
    """``route/metrics``."""
    return f"{path.parent.name}/{path.stem}"


each_file = pytest.mark.parametrize("path", PATHS, ids=name)


def test_there_are_enough() -> None:
    samples = [sample for path in PATHS for sample in read(path).samples]
    assert len({sample.message.data for sample in samples}) >= 300
    assert {sample.direction for sample in samples} == {"request", "reply", "notification"}


@each_file
def test_bytes_come_back_from_values(path: Path) -> None:
    for number, (sample, message) in enumerate(zip(read(path).samples, decoded(path), strict=True), 1):
        assert encode([message]) == sample.message.data, f"message {number}: {sample.command}"


@each_file
def test_bytes_come_back_from_json(path: Path) -> None:
    for number, (sample, message) in enumerate(zip(read(path).samples, decoded(path), strict=True), 1):
        again = Message.from_dict(json.loads(json.dumps(message.to_dict())))
        assert again == message, f"message {number}: {sample.command}"
        assert encode([again]) == sample.message.data, f"message {number}: {sample.command}"


@each_file
def test_values_are_as_reviewed(path: Path) -> None:
    expected = read(path).expected
    assert expected is not None, "python -m tools.capture --expect writes what is to be reviewed"
    assert [json.loads(json.dumps(message.to_dict())) for message in decoded(path)] == expected


@each_file
def test_only_what_must_stays_opaque(path: Path) -> None:
    found = {one for message in decoded(path) for one in opaque_paths(message.to_dict())}
    assert not [one for one in found if excuse(one) is None]


def test_every_exception_is_needed() -> None:
    found = {one for path in PATHS for message in decoded(path) for one in opaque_paths(message.to_dict())}
    assert not EXPECTED.keys() - {excuse(one) for one in found}


@each_file
def test_recorded_lengths_are_the_messages_own(path: Path) -> None:
    for sample in read(path).samples:
        assert int.from_bytes(sample.message.data[:4], sys.byteorder) == len(sample.message.data)
