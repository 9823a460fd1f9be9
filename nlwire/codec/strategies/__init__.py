"""Hypothesis strategies for messages and all that is in them, made from the declarations.

    @given(messages(nlwire.route))
    @given(messages(nlwire.route, odd=True))
    @given(attr_runs(RTA))

What they give is what decoding gives: a generated message, encoded and decoded, is the same message. ``odd=True`` adds what the
wire can carry and nobody sends on purpose: unknown, repeated and empty attributes, flag bits, non-zero padding, payloads that
do not fit, bytes that are no attribute, headers cut short. Values shrink towards few attributes with small numbers.

``declarations()`` gives families nobody wrote, to test machines on.
"""

from nlwire.codec.strategies.declared import attr_sets, declarations, struct_types
from nlwire.codec.strategies.leaves import structs
from nlwire.codec.strategies.messages import messages, streams
from nlwire.codec.strategies.runs import attr_runs, values

__all__ = ["attr_runs", "attr_sets", "declarations", "messages", "streams", "struct_types", "structs", "values"]
