"""Every place of the fixtures is where the anatomy says, and every fault is taken as its verdict says."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from nlwire.codec.fast import decode, encode
from nlwire.codec.values import Attrs, Compound, Records
from nlwire.errors import WireError
from nlwire.fuzz.anatomy import Anatomy, What, path_of, read_length
from nlwire.fuzz.edit import nlattr_bytes, splice
from nlwire.fuzz.faults import FAULTS, Make, Mutant, Verdict, break_at
from nlwire.fuzz.mutator import Seed
from nlwire.schema.layout import HOST
from tests.recorded import some

ALL = [(what, make) for what, makes in FAULTS.items() for make in makes]


def test_every_length_is_where_it_stands() -> None:
    places = 0
    for one in some():
        anatomy = Anatomy(one.data, one.protocol)
        for site in anatomy.sites:
            if site.own is not None:
                places += 1
                assert read_length(one.data, site.own) == site.stop - site.offset
                assert all(outer.offset < site.offset for outer in site.outer)
    assert places > 3000


def rests(raw: Any) -> Iterator[bytes]:
    """The bytes in a value that are no attributes."""
    if isinstance(raw, Attrs):
        for item in raw.items:
            yield from [item[2]] if item[0] is None else rests(item[2])
    elif isinstance(raw, Compound):
        yield from rests(raw.tail)
    elif isinstance(raw, Records):
        yield from [raw.rest] if raw.rest else []
        for record in raw:
            yield from rests(record.attrs)


def taken(one: Seed, mutant: Mutant) -> Verdict:
    """What the decoder makes of a mutant."""
    try:
        messages = decode(mutant.data, one.protocol)
    except WireError:
        return Verdict.REFUSED
    assert encode(messages) == mutant.data
    return Verdict.REST if any(True for message in messages for _ in rests(message.attrs)) else Verdict.READ


@pytest.mark.parametrize(("what", "make"), ALL, ids=lambda one: getattr(one, "__name__", getattr(one, "value", "")))
def test_a_fault_is_taken_as_its_verdict_says(what: What, make: Make) -> None:
    random, made = Random(1), 0
    for one in some()[::3]:
        anatomy = Anatomy(one.data, one.protocol)
        for site in [site for site in anatomy.sites if site.what is what][:12]:
            mutant = break_at(anatomy, site, make, random)
            if mutant is None:
                continue
            made += 1
            verdict = taken(one, mutant)
            assert (verdict is Verdict.REFUSED) == (mutant.verdict is Verdict.REFUSED), (mutant.fault, site)
            assert mutant.verdict is not Verdict.REST or verdict is Verdict.REST, (mutant.fault, site)
    assert made > 0


def test_a_payload_that_does_not_fit_is_opaque() -> None:
    random = Random(3)
    make = next(one for one in FAULTS[What.LEAF] if one.__name__ == "payload_cut")
    opaque = 0
    for one in some()[::5]:
        anatomy = Anatomy(one.data, one.protocol)
        for site in anatomy.sites:
            if site.what is not What.LEAF or site.depth or site.kind is None:
                continue
            mutant = break_at(anatomy, site, make, random)
            if mutant is not None and mutant.verdict is Verdict.OPAQUE:
                opaque += 1
                (item,) = [
                    item
                    for message in decode(mutant.data, one.protocol)
                    for item, place in zip(message.items, anatomy.runs[site.run], strict=False)
                    if place == site
                ]
                assert item[1] is None
    assert opaque > 50


def test_what_is_put_in_is_counted_by_every_length_around_it() -> None:
    inner = nlattr_bytes(2, b"\1\2\3\4")
    nest = nlattr_bytes(8, inner)
    data = (16 + 12 + len(nest)).to_bytes(4, HOST) + (24).to_bytes(2, HOST) + bytes(10) + bytes(12) + nest
    anatomy = Anatomy(data)
    leaf = anatomy.sites[-1]
    assert path_of(anatomy, leaf) == "RTM_NEWROUTE/RTA_METRICS/RTAX_MTU"
    grown = splice(data, leaf.next, leaf.next, nlattr_bytes(10, b"\7\0\0\0"), leaf.outer)
    assert [read_length(grown, one) for one in leaf.outer] == [len(nest) + 8, len(data) + 8]
    assert len(decode(grown)[0].items) == 1
