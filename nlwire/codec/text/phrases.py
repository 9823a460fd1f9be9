"""Phrases: what a family's look is made of. Each takes fields and attributes by their C names and gives words, or nothing.

Knows: how one thing is said.
Never: which family says it; bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nlwire.codec.text.reader import Reader, item_words, words_of
from nlwire.codec.text.values import flag_words, word
from nlwire.codec.values import Attrs, Compound
from nlwire.schema.kinds import Int
from nlwire.schema.layout import UapiStruct

Phrase = Callable[[Reader], str]


@dataclass(frozen=True)
class Look:
    """The phrases of one family, and the names it does not mention; ``requests``: whether they suit requests too."""

    phrases: tuple[Phrase, ...]
    quiet: frozenset[str] = frozenset()
    requests: bool = True


def says(label: str, *names: str, unless: tuple[str, ...] = ()) -> Phrase:
    """``label value`` of the first name that is there and not zero; the others are the same thing said in less room."""

    def phrase(reader: Reader) -> str:
        found = [(reader.peek(name), reader.say(name)) for name in names]
        for value, text in found:
            if value is not None and value[1] not in (0, "") and text:
                return "" if text in unless else f"{label} {text}".strip()
        return ""

    return phrase


def device(label: str, *names: str) -> Phrase:
    """``dev eth0``."""

    def phrase(reader: Reader) -> str:
        found = next(filter(None, [reader.device(name) for name in names]), "")
        return f"{label} {found}".strip() if found else ""

    return phrase


def prefix(label: str, address: str, length: str, none: str = "", always: bool = False) -> Phrase:
    """``10.0.0.0/8``; a host's address without its length unless ``always``; ``none`` where there is no address."""

    def phrase(reader: Reader) -> str:
        found, bits = reader.peek(address), reader.number(length)
        text = reader.say(address)
        if found is None:
            text = none if not bits else f"?/{bits}"
        elif always or not isinstance(found[1], bytes) or bits != 8 * len(found[1]):
            text += f"/{bits}" if isinstance(found[1], bytes) else ""
        return f"{label} {text}".strip() if text else ""

    return phrase


def bits(*names: str, without: tuple[str, ...] = (), upper: bool = False) -> Phrase:
    """The flags that are set, of the first name that is there."""

    def phrase(reader: Reader) -> str:
        found = [value for value in [reader.take(name) for name in names] if value is not None]
        said = flag_words(found[0][0], found[0][1]) if found and isinstance(found[0][0], Int) else []
        shown = " ".join(one for one in said if one not in without)
        return shown.upper() if upper else shown

    return phrase


def inner(name: str, label: str = "") -> Phrase:
    """The attributes inside a nest, without its braces."""

    def phrase(reader: Reader) -> str:
        found = reader.peek(name)
        if found is None or not isinstance(found[1], Attrs):
            return ""
        run = reader.take(name)[1]  # type: ignore[index]
        return " ".join([label] * bool(label) + [item_words(run.set, item) for item in run.items])

    return phrase


def silent(*names: str) -> Phrase:
    """What the other words imply."""

    def phrase(reader: Reader) -> str:
        for name in names:
            reader.take(name)
        return ""

    return phrase


def via(name: str) -> Phrase:
    """A gateway of another family: ``via inet6 fe80::1``."""

    def phrase(reader: Reader) -> str:
        found = reader.peek(name)
        if found is None or not isinstance(found[1], Compound):
            return ""
        compound = reader.take(name)[1]  # type: ignore[index]
        head = [words_of(one.kind, compound.head.raw(one)) for one in compound.head.fields]
        return " ".join(["via", *head, words_of(compound.kind, compound.tail)])

    return phrase


def encap(type_name: str, name: str) -> Phrase:
    """``encap mpls dst 100``."""

    def phrase(reader: Reader) -> str:
        kind = reader.say(type_name)
        return f"encap {kind} {inner(name)(reader)}".strip() if kind else ""

    return phrase


def between(label: str, name: str) -> Phrase:
    """A range: ``sport 1000-2000``."""

    def phrase(reader: Reader) -> str:
        found = reader.peek(name)
        if found is None or not isinstance(found[1], UapiStruct):
            return ""
        struct = reader.take(name)[1]  # type: ignore[index]
        return f"{label} " + "-".join(dict.fromkeys(word(one.kind, struct.raw(one)) for one in struct.fields))

    return phrase
