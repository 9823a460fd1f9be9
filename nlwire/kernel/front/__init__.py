"""What a test may do to a mock kernel, and no program to a real one: look at every event, and let things go wrong.

events.py     what the kernel told its groups
faults.py     what goes wrong, and when; messages handed over one by one
preload.py    a kernel filled by requests

Knows: messages on their way.
Never: what is in a message beyond its header.
"""
