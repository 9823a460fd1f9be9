"""The target ``kernel``: the kernel this machine runs on, in a namespace of its own, beside the mock, which is asked the same.

danger              what is never sent, by name, with the reason; the last thing that looks at a request
newborn inside      a namespace as the mock's is born; the process that lives in it
outside log         its other end, which does not wait for ever; what the kernel writes of its own mishaps
errands             a small world to begin with, and sound requests to break
verdict masks       what two answers are compared by, and what may differ
pair known duel     both kernels; differences that are known, with reasons; the loop
evidence            a finding on disk

Only what is asked for gets here: ``nlwire fuzz --target kernel``.
"""
