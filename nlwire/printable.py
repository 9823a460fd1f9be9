"""Text that is safe to print: what came over the wire, or from the command line, may hold terminal escapes.

Knows: which characters are visible.
Never: where a text comes from.
"""


def printable(text: str) -> str:
    """``text`` with everything that is no visible character as an escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
