"""The fuzzing harness: structure-aware, made from the declarations, reproducible from a seed.

anatomy   where everything stands in a datagram
faults    one fault at one place, with what a right reader makes of it
…
"""
